/* The bench for the identity module's parts. */
#include "tests/unit/identity_bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/store/db_sql.h"

struct ht_ib ht_ib_now;

void ht_ib_add(struct ht_ib_thing thing) {
    assert_true(ht_ib_now.waiting_count < HT_IB_WAITING);
    ht_ib_now.waiting[ht_ib_now.waiting_count++] = thing;
}

/* Zeroed when it is none. */
static struct ht_ib_contract ht_ib_contract(const ht_addr20 *address) {
    for (size_t i = 0; i < ht_ib_now.contract_count; i++) {
        if (memcmp(ht_ib_now.contracts[i].address.b, address->b, 20) == 0)
            return ht_ib_now.contracts[i];
    }
    return (struct ht_ib_contract){0};
}

static int64_t ht_ib_wall(void *self) {
    (void)self;
    return ht_ib_now.wall_ms;
}

static int64_t ht_ib_mono(void *self) {
    (void)self;
    return ht_ib_now.mono_ms;
}

static void ht_ib_publish(const struct ht_host *host, const char *topic) {
    (void)host;
    ht_ib_now.status_count += strcmp(topic, "wallet.status") == 0;
}

static void ht_ib_wait(void *self, int ms) {
    (void)self;
    (void)ms;
    ht_ib_now.waits++;
}

/* --- what is under way ------------------------------------------------------------------------ */

static void ht_ib_write(struct ht_write *write) {
    write->why = (struct ht_why){0};
    assert_int_equal(ht_db_sql_begin(ht_ib_now.db), SQLITE_OK);
    write->err = write->write(write, ht_ib_now.db, &write->why);
    if (ht_ib_now.writes_fail) {
        write->err = ht_fail(&write->why, HT_ESTORE, "disk_full", "the disk is full");
    }
    assert_int_equal(write->err == HT_OK ? ht_db_sql_commit(ht_ib_now.db)
                                         : ht_db_sql_rollback(ht_ib_now.db),
                     SQLITE_OK);
    write->done(write);
}

static void ht_ib_answer(struct ht_signer_call *call) {
    struct ht_signer_message message;
    struct ht_signer_reply reply;
    struct ht_buf sent = call->sent;
    call->why = (struct ht_why){0};
    ht_signer_reply_init(&reply);
    if (ht_ib_now.signer_is_gone) {
        call->err = ht_fail(&call->why, HT_EAGAIN, "signer_gone", "the signer process has ended");
    } else {
        assert_int_equal(ht_signer_message_read(&message, ht_buf_view(&sent), NULL), HT_OK);
        ht_signer_answer(&reply, ht_ib_now.keeper, &message);
        call->reply = reply.message;
        call->err = (enum ht_err)reply.message.type;
    }
    char code[64] = "";
    if (call->err != HT_OK && !ht_ib_now.signer_is_gone) {
        /* As signer.c does: codes are literals for whoever compares them. */
        ht_bytes reason = ht_signer_field(&reply.message, HT_SIGNER_TAG_REASON);
        (void)snprintf(code, sizeof code, "%s", (const char *)reason.p);
        (void)ht_fail(&call->why, call->err, "", "refused");
        call->why.code = code;
    }
    call->done(call);
    ht_buf_fini(&sent);
    ht_signer_reply_fini(&reply);
}

static void ht_ib_read_state(struct ht_state_read *read) {
    const struct ht_ib_contract contract = ht_ib_contract(&read->address);
    bool by_hash = read->block.kind == HT_BLOCK_HASH;
    read->why = (struct ht_why){0};
    read->err = by_hash ? ht_ib_now.state_err : HT_OK;
    if (read->err != HT_OK) (void)ht_fail(&read->why, read->err, "no_provider", "nobody answers");
    ht_account_init_empty(&read->account);
    read->account.balance[31] = 7;
    if (contract.count > 0) read->account.code_hash.b[0] ^= 1;
    read->header.header.number = 55;
    read->header.hash.b[0] = 0x55;
    if (by_hash) assert_int_equal(read->block.hash.b[0], 0x55);
    (void)snprintf(read->source, sizeof read->source, "prover");
    read->values = calloc(read->slot_count + 1, sizeof *read->values);
    for (size_t i = 0; i < read->slot_count * contract.count; i++) {
        size_t slot = i / contract.count, j = i % contract.count;
        if (!ht_hash32_equal(&read->slots[slot], &contract.slots[j])) continue;
        memcpy(read->values[slot], contract.values[j], 32);
    }
    read->done(read);
}

static void ht_ib_answer_question(struct ht_question *question) {
    const char *to = NULL, *data = NULL;
    ht_addr20 address;
    assert_int_equal(ht_json_text(&to, question->params[0], "[0].to", NULL), HT_OK);
    assert_int_equal(ht_json_text(&data, question->params[0], "[0].data", NULL), HT_OK);
    assert_int_equal(ht_hex_read(address.b, 20, ht_bytes_str(to)), HT_OK);
    const struct ht_ib_contract contract = ht_ib_contract(&address);
    const char *text = strncmp(data, "0x95d89b41", 10) == 0   ? contract.symbol
                       : strncmp(data, "0x313ce567", 10) == 0 ? contract.decimals
                       : strncmp(data, "0x70a08231", 10) == 0 ? contract.balance
                                                              : NULL;
    json_decref(question->params[0]);
    struct ht_jsonrpc_answer answer = {.result = text != NULL ? json_string(text) : NULL};
    question->why = (struct ht_why){0};
    if (text != NULL) {
        question->err = question->prove(question, &answer, &question->why);
    } else {
        question->err = ht_fail(&question->why, HT_EDENIED, "refused", "execution reverted");
    }
    (void)snprintf(question->source, sizeof question->source, "gossip");
    json_decref(answer.result);
    question->done(question);
}

/* Does the oldest; false when there is nothing that may be done. */
bool ht_ib_step(void) {
    size_t i = 0;
    while (i < ht_ib_now.waiting_count && ht_ib_now.holds_signer &&
           ht_ib_now.waiting[i].call != NULL)
        i++;
    if (i == ht_ib_now.waiting_count) return false;
    struct ht_ib_thing thing = ht_ib_now.waiting[i];
    ht_ib_now.waiting_count--;
    memmove(ht_ib_now.waiting + i, ht_ib_now.waiting + i + 1,
            (ht_ib_now.waiting_count - i) * sizeof *ht_ib_now.waiting);
    if (thing.write != NULL) {
        ht_ib_write(thing.write);
    } else if (thing.call != NULL) {
        ht_ib_answer(thing.call);
    } else if (thing.state != NULL) {
        ht_ib_read_state(thing.state);
    } else if (thing.question != NULL) {
        ht_ib_answer_question(thing.question);
    } else {
        thing.read->why = (struct ht_why){0};
        thing.read->err = thing.read->read(thing.read, ht_ib_now.db, &thing.read->why);
        thing.read->done(thing.read);
    }
    return true;
}

void ht_ib_settle(void) {
    while (ht_ib_step()) continue;
}

/* Time goes on; the timer fires each time that it is due. */
void ht_ib_pass(int64_t ms) {
    int64_t end_ms = ht_ib_now.mono_ms + ms;
    int64_t wall_offset = ht_ib_now.wall_ms - ht_ib_now.mono_ms;
    while (ht_ib_now.timer != NULL && ht_ib_now.timer_ms <= end_ms) {
        struct ht_timer *timer = ht_ib_now.timer;
        ht_ib_now.mono_ms = ht_ib_now.timer_ms;
        ht_ib_now.wall_ms = ht_ib_now.mono_ms + wall_offset;
        ht_ib_now.timer = NULL;
        timer->fire(timer);
        ht_ib_settle();
    }
    ht_ib_now.mono_ms = end_ms;
    ht_ib_now.wall_ms = end_ms + wall_offset;
}

/* --- calls ------------------------------------------------------------------------------------ */

static void ht_ib_on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    if (err != HT_OK) return; /* abandoned when a test has failed */
    json_decref(ht_ib_now.reply);
    assert_int_equal(ht_json_parse(&ht_ib_now.reply, ht_buf_view(text), HT_RPC_REPLY_MAX, NULL),
                     HT_OK);
}

/* Sends a call; params is taken over. The reply comes to ht_ib_now.reply. */
void ht_ib_send(const char *method, json_t *params) {
    const struct ht_rpc_asker asker = {.may_wait = true, .on_reply = ht_ib_on_reply};
    struct ht_buf text;
    ht_buf_init(&text, HT_RPC_REQUEST_MAX);
    json_t *message = json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", 1, "method", method,
                                "params", params != NULL ? params : json_object());
    assert_int_equal(ht_json_dump_compact(&text, message), HT_OK);
    json_decref(message);
    json_decref(ht_ib_now.reply);
    ht_ib_now.reply = NULL;
    (void)!ht_rpc_handle(ht_ib_now.rpc, &asker, ht_buf_view(&text));
    ht_buf_fini(&text);
}

/* Sends and settles; the result, borrowed until the next. Fails the test when it was refused. */
const json_t *ht_ib_call(const char *method, json_t *params) {
    ht_ib_send(method, params);
    ht_ib_settle();
    const json_t *result = ht_json_member(ht_ib_now.reply, "result");
    if (result == NULL) {
        char *text = json_dumps(ht_ib_now.reply, 0);
        fail_msg("%s: %s", method, text);
    }
    return result;
}

const char *ht_ib_code(void) {
    const char *code = NULL;
    assert_non_null(ht_ib_now.reply);
    if (ht_json_text(&code, ht_ib_now.reply, "error.data.code", NULL) != HT_OK) return "";
    return code;
}

void ht_ib_refused(const char *method, json_t *params, const char *code) {
    ht_ib_send(method, params);
    ht_ib_settle();
    assert_string_equal(ht_ib_code(), code);
}

const char *ht_ib_text(const json_t *from, const char *path) {
    const char *text = NULL;
    struct ht_why why = {0};
    if (ht_json_text(&text, from, path, &why) != HT_OK) fail_msg("%s", why.text);
    return text;
}

/* Parts sealed to the signer for that request, as hex: what the page does. second may be NULL. */
const char *ht_ib_seal(enum ht_signer_request request, const char *first, const char *second) {
    static char hex[8192];
    uint8_t plain[4096];
    size_t n = 0;
    ht_bytes parts[2] = {ht_bytes_str(first), ht_bytes_str(second != NULL ? second : "")};
    struct ht_hpke_pair ephemeral;
    struct ht_buf sealed;
    ht_buf_init(&sealed, 4096);
    assert_int_equal(ht_signer_parts_write(plain, &n, sizeof plain, parts, second != NULL ? 2 : 1),
                     HT_OK);
    assert_int_equal(ht_hpke_generate(&ephemeral, &ht_system_random, NULL), HT_OK);
    uint8_t aad[HT_SIGNER_AAD_MAX];
    bool has_reply = request == HT_SIGNER_EXPORT;
    size_t aad_n = ht_signer_aad(
        aad, request, has_reply ? HT_BYTES(ht_ib_now.pair.public) : ht_bytes_of(NULL, 0));
    assert_int_equal(ht_hpke_seal(&sealed, ht_ib_now.keeper->pair.public, &ephemeral,
                                  ht_bytes_str(HT_SIGNER_INFO), ht_bytes_of(aad, aad_n),
                                  ht_bytes_of(plain, n), NULL),
                     HT_OK);
    assert_true(HT_HEX_SIZE(sealed.n) <= sizeof hex);
    ht_hex_write(hex, ht_buf_view(&sealed));
    ht_buf_fini(&sealed);
    return hex;
}

const char *ht_ib_reply_key(void) {
    static char hex[HT_HEX_SIZE(HT_HPKE_PUBLIC_SIZE)];
    ht_hex_write(hex, HT_BYTES(ht_ib_now.pair.public));
    return hex;
}

/* What the signer sealed to the reply key; out has room for 4096. */
void ht_ib_open(char *out, enum ht_signer_request request, const char *hex) {
    uint8_t plain[4096];
    size_t n = 0, count = 0;
    ht_bytes parts[HT_SIGNER_PARTS_MAX];
    struct ht_buf sealed;
    ht_buf_init(&sealed, sizeof plain);
    assert_int_equal(ht_hex_read_buf(&sealed, ht_bytes_str(hex)), HT_OK);
    assert_int_equal(ht_hpke_open(plain, &n, &ht_ib_now.pair, ht_bytes_str(HT_SIGNER_INFO),
                                  ht_bytes_str(ht_signer_request_name(request)),
                                  ht_buf_view(&sealed), NULL),
                     HT_OK);
    assert_int_equal(ht_signer_parts_read(parts, &count, ht_bytes_of(plain, n), NULL), HT_OK);
    (void)snprintf(out, 4096, "%.*s", (int)parts[0].n, (const char *)parts[0].p);
    ht_buf_fini(&sealed);
}

json_t *ht_ib_sealed(enum ht_signer_request request, const char *first, const char *second) {
    return json_pack("{s:s}", "sealed", ht_ib_seal(request, first, second));
}

void ht_ib_create(void) {
    (void)ht_ib_call("wallet.create", ht_ib_sealed(HT_SIGNER_CREATE, PASSPHRASE, NULL));
}

void ht_ib_lock(void) {
    (void)ht_ib_call("wallet.lock", NULL);
}

void ht_ib_unlock(void) {
    (void)ht_ib_call("wallet.unlock", ht_ib_sealed(HT_SIGNER_UNLOCK, PASSPHRASE, NULL));
}

/* --- life ------------------------------------------------------------------------------------- */

static void ht_ib_start_parts(void) {
    struct ht_why why = {0};
    ht_ib_now.identity = (struct ht_identity){.host = &ht_ib_now.host};
    assert_int_equal(ht_audit_new(&ht_ib_now.identity, ht_ib_now.db, &why), HT_OK);
    assert_int_equal(ht_vault_keeper_new(&ht_ib_now.identity, ht_ib_now.db, &why), HT_OK);
    assert_int_equal(ht_accounts_new(&ht_ib_now.identity, ht_ib_now.db, &why), HT_OK);
    assert_int_equal(ht_tokens_new(&ht_ib_now.identity, ht_ib_now.db, &why), HT_OK);
}

static void ht_ib_stop_parts(void) {
    ht_tokens_free(&ht_ib_now.identity);
    ht_accounts_free(&ht_ib_now.identity);
    ht_vault_keeper_free(&ht_ib_now.identity);
    ht_audit_free(&ht_ib_now.identity);
}

static void ht_ib_start_signer(void) {
    assert_int_equal(
        ht_signer_keeper_new(&ht_ib_now.keeper, &ht_system_random, &ht_vault_cost_least), HT_OK);
    ht_ib_now.keeper->wait = ht_ib_wait;
    ht_ib_now.hello = (struct ht_signer_hello){.pid = 4711, .confined = HT_CONFINED_SYSCALLS};
    memcpy(ht_ib_now.hello.public_key, ht_ib_now.keeper->pair.public,
           sizeof ht_ib_now.hello.public_key);
}

/* As a restart of the node: the disk is what is left. */
void ht_ib_restart(void) {
    ht_ib_stop_parts();
    ht_signer_keeper_free(ht_ib_now.keeper);
    ht_ib_start_signer();
    ht_ib_start_parts();
}

int ht_ib_set_up(void **state) {
    (void)state;
    memset(&ht_ib_now, 0, sizeof ht_ib_now);
    ht_log_set_level(HT_LOG_ERROR);
    ht_ib_now.wall_ms = INT64_C(1760000000000);
    ht_ib_now.mono_ms = 1000000;
    ht_ib_now.clock = (struct ht_clock){.wall_ms = ht_ib_wall, .mono_ms = ht_ib_mono};
    ht_ib_now.host =
        (struct ht_host){.clock = &ht_ib_now.clock,
                         .random = &ht_system_random,
                         .signer = (struct ht_signer *)&ht_ib_now, /* never looked into */
                         .state = (struct ht_state *)&ht_ib_now,
                         .publish = ht_ib_publish};
    bool is_wal;
    if (sqlite3_open(":memory:", &ht_ib_now.db) != SQLITE_OK) return 1;
    if (ht_db_sql_configure_writer(&is_wal, ht_ib_now.db) != SQLITE_OK) return 1;
    for (uint32_t i = 0; i < HT_IDENTITY_MIGRATIONS; i++) {
        if (ht_db_sql_migrate(ht_ib_now.db, ht_identity_migrations[i].sql, "identity", i + 1,
                              i + 1) != SQLITE_OK)
            return 1;
    }
    if (ht_hpke_generate(&ht_ib_now.pair, &ht_system_random, NULL) != HT_OK) return 1;
    ht_ib_start_signer();
    ht_ib_start_parts();
    const struct ht_identity_methods *parts[] = {&ht_vault_methods, &ht_account_methods,
                                                 &ht_audit_methods, &ht_token_methods};
    if (ht_rpc_new(&ht_ib_now.rpc, HT_RPC_OWN) != HT_OK) return 1;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (ht_rpc_add_methods(ht_ib_now.rpc, parts[i]->list, parts[i]->count,
                               &ht_ib_now.identity) != HT_OK) {
            return 1;
        }
    }
    return 0;
}

int ht_ib_tear_down(void **state) {
    (void)state;
    ht_ib_now.holds_signer = false;
    ht_ib_settle();
    ht_ib_stop_parts();
    ht_rpc_free(ht_ib_now.rpc);
    ht_signer_keeper_free(ht_ib_now.keeper);
    ht_db_close(ht_ib_now.db);
    json_decref(ht_ib_now.reply);
    return 0;
}
