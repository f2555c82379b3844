/* Private messages from wraps to answers and from a text to wraps: a keeper of keys who may be
 * busy, slow or closed, a store, a relay, and the methods as they are called. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/crypto/nip44.h"
#include "social/kinds.h"
#include "social/messages/gift_wrap.h"
#include "social/messages/messages.h"
#include "social/messages/messages_open.h"
#include "social/messages/messages_sql.h"
#include "tests/unit/peers_bench.h"

#define BOB 3U
#define SECOND 8U /* another key of the wallet's */
#define NOBODYS "ws://127.0.0.1:9"

/* --- the keeper of keys ------------------------------------------------------------------------
 */

struct asked {
    struct ht_job job;
    struct asked *next;
    enum ht_gift_need need;
    ht_hash32 peer;
    struct ht_buf data;
    ht_nostr_done done;
    void *user;
};

static struct {
    uint8_t owner;
    unsigned busy, asked, most, now; /* busy: so many are to be turned away */
    bool is_held;
    struct asked *held;
    struct ht_rpc *rpc;
    struct ht_buf reply;
    struct ht_relay_listener listener;
    unsigned topics;
} keeper;

static void answer_one(struct ht_job *job) {
    struct asked *asked = (struct asked *)job;
    struct ht_nostr_answer answer = {.err = HT_OK};
    struct ht_buf out;
    uint8_t key[32], conversation[32], nonce[32];
    maker_key(key, keeper.owner);
    ht_buf_init(&out, HT_NIP44_ENCRYPT_ROOM);
    if (keeper.is_held) {
        asked->next = keeper.held;
        keeper.held = asked;
        return;
    }
    keeper.now--;
    if (!world.is_open) {
        answer.err = ht_fail(&answer.why, HT_EDENIED, "vault_locked", "closed");
    } else if (keeper.busy > 0) {
        keeper.busy--;
        answer.err = ht_fail(&answer.why, HT_EAGAIN, "signer_busy", "busy");
    } else if (asked->need == HT_GIFT_SIGN) {
        ht_hash32 id;
        memcpy(id.b, asked->data.p, sizeof id.b);
        assert_int_equal(ht_schnorr_sign(answer.signature, &id, key, NULL, NULL), HT_OK);
    } else {
        answer.err = ht_nip44_conversation_key(conversation, key, asked->peer.b, &answer.why);
        ht_random_fill(&ht_system_random, nonce, sizeof nonce);
        ht_bytes data = ht_buf_view(&asked->data);
        if (answer.err == HT_OK && asked->need == HT_GIFT_ENCRYPT) {
            answer.err = ht_nip44_encrypt(&out, conversation, nonce, data, &answer.why);
        } else if (answer.err == HT_OK &&
                   ht_nip44_decrypt(&out, conversation, data, &answer.why) != HT_OK) {
            answer.err = HT_EUNVERIFIED;
        }
        answer.text = ht_buf_view(&out);
    }
    asked->done(asked->user, &answer);
    ht_buf_fini(&out);
    ht_buf_fini(&asked->data);
    free(asked);
}

static void ask(enum ht_gift_need need, const ht_hash32 *peer, ht_bytes data, ht_nostr_done done,
                void *user) {
    struct asked *asked = calloc(1, sizeof *asked);
    assert_non_null(asked);
    *asked = (struct asked){.need = need, .done = done, .user = user};
    if (peer != NULL) asked->peer = *peer;
    ht_buf_init(&asked->data, HT_NIP44_ENCRYPT_ROOM);
    assert_int_equal(ht_buf_add(&asked->data, data), HT_OK);
    keeper.asked++;
    if (++keeper.now > keeper.most) keeper.most = keeper.now;
    asked->job.run = answer_one;
    ht_loop_answer(bench.loop, &asked->job);
}

static void let_go(void) {
    keeper.is_held = false;
    while (keeper.held != NULL) {
        struct asked *asked = keeper.held;
        keeper.held = asked->next;
        answer_one(&asked->job);
    }
}

static size_t list_keys(void *self, struct ht_nostr_key *out, size_t max, bool *is_open) {
    (void)self;
    *is_open = world.is_open;
    if (max > 0) out[0].pubkey = maker_pubkey(keeper.owner);
    if (max > 1) out[1].pubkey = maker_pubkey(SECOND);
    return 2;
}

static void sign(void *self, const ht_hash32 *pubkey, const ht_hash32 *id, const char *what,
                 bool by_owner, ht_nostr_done done, void *user) {
    (void)by_owner;
    (void)self, (void)pubkey;
    if (what != NULL) (void)snprintf(world.what, sizeof world.what, "%s", what);
    if (what != NULL) world.signed_count++;
    ask(HT_GIFT_SIGN, NULL, HT_BYTES(id->b), done, user);
}

static void encrypt(void *self, const ht_hash32 *pubkey, const ht_hash32 *theirs, ht_bytes text,
                    ht_nostr_done done, void *user) {
    (void)self, (void)pubkey;
    ask(HT_GIFT_ENCRYPT, theirs, text, done, user);
}

static void decrypt(void *self, const ht_hash32 *pubkey, const ht_hash32 *theirs, ht_bytes text,
                    ht_nostr_done done, void *user) {
    (void)self, (void)pubkey;
    ask(HT_GIFT_DECRYPT, theirs, text, done, user);
}

/* --- the world ---------------------------------------------------------------------------------
 */

static const struct ht_rpc_method METHODS[] = {
    {.name = "conversations", .start = ht_conversations_start},
    {.name = "messages", .start = ht_messages_start, .is_patient = true},
    {.name = "read", .start = ht_message_read_start},
    {.name = "send", .start = ht_message_send_start, .is_patient = true},
};

static void heard(struct ht_relay_listener *listener, const struct ht_event *event) {
    (void)listener;
    if (event->kind == HT_KIND_WRAP) ht_messages_arrived(&world.social, event);
}

static void published(const struct ht_host *host, const char *topic) {
    (void)host;
    if (strcmp(topic, "social.new") == 0) keeper.topics++;
}

static int start(void **state) {
    sqlite3 *db = NULL;
    memset(&keeper, 0, sizeof keeper);
    if (world_start(state) != 0) return -1;
    assert_int_equal(
        ht_db_open(&db, bench.path, ht_messages_migrations, ht_messages_migration_count, NULL),
        HT_OK);
    ht_db_close(db);
    keeper.owner = OWNER;
    world.keys = (struct ht_nostr_keys){
        .list = list_keys, .sign = sign, .encrypt = encrypt, .decrypt = decrypt};
    world.is_open = false;
    bench.host.publish = published;
    assert_int_equal(ht_messages_new(&world.social, NULL), HT_OK);
    keeper.listener.event = heard;
    ht_relay_listen(bench.relay, &keeper.listener);
    ht_buf_init(&keeper.reply, HT_RPC_REPLY_MAX + 1);
    assert_int_equal(ht_rpc_new(&keeper.rpc, HT_RPC_OWN), HT_OK);
    assert_int_equal(ht_rpc_add_methods(keeper.rpc, METHODS, 4, &world.social), HT_OK);
    return 0;
}

/* The host sees to it that what was asked is answered before the module is freed. */
static bool nothing_is_asked(void) {
    return keeper.now == 0;
}

static int end(void **state) {
    ht_messages_stop(&world.social);
    let_go();
    bench_until(nothing_is_asked);
    int rc = world_end(state);
    ht_messages_free(&world.social);
    ht_rpc_free(keeper.rpc);
    ht_buf_fini(&keeper.reply);
    return rc;
}

static bool has_replied(void) {
    return keeper.reply.n > 0;
}

static void on_reply(void *user, enum ht_err err, struct ht_buf *text) {
    (void)user;
    assert_int_equal(err, HT_OK);
    assert_int_equal(ht_buf_add(&keeper.reply, ht_buf_view(text)), HT_OK);
}

/* The whole reply: a new reference. */
static json_t *call(const char *method, json_t *params) {
    struct ht_rpc_asker asker = {.may_wait = true, .on_reply = on_reply};
    json_t *request = json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", 1, "method", method,
                                "params", params);
    struct ht_buf text;
    json_t *reply = NULL;
    assert_non_null(request);
    ht_buf_init(&text, HT_RPC_REQUEST_MAX);
    assert_int_equal(ht_json_dump_compact(&text, request), HT_OK);
    ht_buf_clear(&keeper.reply);
    (void)!ht_rpc_handle(keeper.rpc, &asker, ht_buf_view(&text));
    bench_until(has_replied);
    assert_int_equal(ht_json_parse(&reply, ht_buf_view(&keeper.reply), SIZE_MAX, NULL), HT_OK);
    ht_buf_fini(&text);
    json_decref(request);
    return reply;
}

static json_t *result_of(const char *method, json_t *params) {
    json_t *reply = call(method, params);
    json_t *result = json_incref(json_object_get(reply, "result"));
    if (result == NULL) fail_msg("refused: %s", (const char *)keeper.reply.p);
    json_decref(reply);
    return result;
}

static void expect_refusal(const char *method, json_t *params, const char *code) {
    json_t *reply = call(method, params);
    const json_t *data = json_object_get(json_object_get(reply, "error"), "data");
    const char *got = json_string_value(json_object_get(data, "code"));
    assert_non_null(got);
    assert_string_equal(got, code);
    json_decref(reply);
}

static json_t *with(uint8_t who) {
    char hex[65];
    world_hex(hex, who);
    return json_pack("{s:s}", "with", hex);
}

static json_t *saying(uint8_t who, const char *content) {
    char hex[65];
    world_hex(hex, who);
    return json_pack("{s:s, s:s}", "with", hex, "content", content);
}

static size_t count_with(uint8_t who) {
    json_t *result = result_of("messages", with(who));
    size_t count = json_array_size(json_object_get(result, "messages"));
    json_decref(result);
    return count;
}

/* --- wraps -------------------------------------------------------------------------------------
 */

/* From BOB to the owner. */
static void write_wrap(struct ht_buf *out, const char *text, uint8_t to, int64_t at) {
    static const ht_bytes P = {(const uint8_t *)"p", 1};
    char hex[65];
    world_hex(hex, to);
    const ht_bytes items[] = {P, ht_bytes_str(hex)};
    const struct ht_event_tag tag = {.items = items, .count = 2};
    struct ht_event rumor = {.pubkey = maker_pubkey(BOB),
                             .created_at = at,
                             .kind = HT_KIND_CHAT,
                             .tags = &tag,
                             .tag_count = 1,
                             .content = ht_bytes_str(text)};
    const struct ht_gift_terms terms = {.recipient = maker_pubkey(to),
                                        .kind = HT_GIFT_WRAP,
                                        .now_s = MAKER_TIME,
                                        .random = &ht_system_random};
    struct ht_gift_wrapping *wrapping = NULL;
    struct ht_gift_ask wanted;
    struct ht_buf answer;
    uint8_t key[32], conversation[32], nonce[32], signature[64];
    maker_key(key, BOB);
    ht_buf_init(&answer, HT_NIP44_ENCRYPT_ROOM);
    assert_int_equal(ht_gift_wrapping_new(&wrapping, &wanted, &rumor, &terms, NULL), HT_OK);
    assert_int_equal(ht_nip44_conversation_key(conversation, key, wanted.peer.b, NULL), HT_OK);
    ht_random_fill(&ht_system_random, nonce, sizeof nonce);
    assert_int_equal(ht_nip44_encrypt(&answer, conversation, nonce, wanted.data, NULL), HT_OK);
    assert_int_equal(ht_gift_wrapping_next(&wanted, wrapping, ht_buf_view(&answer), NULL), HT_OK);
    ht_hash32 id;
    memcpy(id.b, wanted.data.p, sizeof id.b);
    assert_int_equal(ht_schnorr_sign(signature, &id, key, NULL, NULL), HT_OK);
    assert_int_equal(ht_gift_wrapping_next(&wanted, wrapping, HT_BYTES(signature), NULL), HT_OK);
    assert_int_equal(ht_buf_add(out, wanted.data), HT_OK);
    ht_gift_wrapping_free(wrapping);
    ht_buf_fini(&answer);
}

static void put_wrap_at(const char *text, uint8_t to, int64_t at) {
    static struct bench_event event;
    struct ht_buf json;
    ht_buf_init(&json, sizeof event.json - 1);
    write_wrap(&json, text, to, at);
    memset(&event, 0, sizeof event);
    memcpy(event.json, json.p, json.n);
    ht_buf_fini(&json);
    world_store(&event);
}

static void put_wrap(const char *text, uint8_t to) {
    put_wrap_at(text, to, MAKER_TIME - 10);
}

/* It cannot be opened. */
static void put_garbage(int64_t at) {
    char hex[65];
    ht_bytes items[3];
    world_hex(hex, OWNER);
    struct ht_event_tag tag = world_tag(items, "p", hex, NULL);
    struct bench_event event = bench_event_of(9, HT_KIND_WRAP, at, &tag, 1, "no payload");
    world_store(&event);
}

static void open_vault(bool is_open) {
    world.is_open = is_open;
    ht_messages_owner_changed(&world.social);
}

static bool all_are_opened(void) {
    const struct ht_messages *messages = world.social.messages;
    return messages->has_read && ht_messages_opening(messages) == 0;
}

/* --- opening -----------------------------------------------------------------------------------
 */

static void what_is_in_the_store_is_opened_with_the_vault_and_forgotten_with_it(void **state) {
    (void)state;
    for (int i = 0; i < 9; i++) put_wrap(i == 0 ? "first" : "more", i == 8 ? SECOND : OWNER);
    assert_int_equal(keeper.asked, 0);
    assert_int_equal(count_with(BOB), 0);
    open_vault(true);
    bench_until(all_are_opened);
    /* The same text at the same time is the same rumor. */
    assert_int_equal(count_with(BOB), 2);
    assert_int_equal(ht_messages_unread(&world.social), 2);
    assert_int_equal(keeper.asked, 16);
    assert_in_range(keeper.most, 2, 4);
    open_vault(false);
    assert_int_equal(ht_messages_unread(&world.social), 0);
    assert_int_equal(count_with(BOB), 0);
    expect_refusal("read", json_pack("{s:s, s:i}", "with", HEX64, "at", 1), "vault_locked");
}

static void what_comes_while_it_is_open_is_opened(void **state) {
    (void)state;
    open_vault(true);
    bench_until(all_are_opened);
    put_wrap("hello", OWNER);
    bench_until(all_are_opened);
    assert_int_equal(count_with(BOB), 1);
}

static bool news_are_out(void) {
    return keeper.topics > 0;
}

static void whoever_listens_is_told(void **state) {
    (void)state;
    open_vault(true);
    bench_until(all_are_opened);
    bench_until(news_are_out);
    keeper.topics = 0;
    put_wrap("hello", OWNER);
    bench_until(news_are_out);
    assert_int_equal(ht_messages_unread(&world.social), 1);
}

static void a_busy_keeper_is_asked_again(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) put_wrap(i == 0 ? "a" : i == 1 ? "b" : "c", OWNER);
    keeper.busy = 5;
    open_vault(true);
    bench_until(all_are_opened);
    assert_int_equal(keeper.busy, 0);
    assert_int_equal(count_with(BOB), 3);
    assert_int_equal(world.social.messages->unreadable, 0);
}

static bool something_is_held(void) {
    return keeper.held != NULL;
}

static bool is_closed(void) {
    return keeper.now == 0 && !world.social.messages->is_open;
}

static void answers_that_come_after_the_vault_was_closed_are_not_kept(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) put_wrap(i == 0 ? "a" : i == 1 ? "b" : "c", OWNER);
    keeper.is_held = true;
    open_vault(true);
    bench_until(something_is_held);
    open_vault(false);
    open_vault(true);
    world.is_open = false; /* and nobody has said so yet */
    let_go();
    bench_until(is_closed);
    assert_int_equal(ht_messages_unread(&world.social), 0);
    open_vault(true);
    bench_until(all_are_opened);
    assert_int_equal(count_with(BOB), 3);
}

static void another_owner_sees_nothing_of_the_first(void **state) {
    (void)state;
    put_wrap("for the first", OWNER);
    put_wrap("for the second", SECOND);
    open_vault(true);
    bench_until(all_are_opened);
    keeper.owner = SECOND;
    ht_messages_owner_changed(&world.social);
    bench_until(all_are_opened);
    json_t *result = result_of("messages", with(BOB));
    const json_t *one = json_array_get(json_object_get(result, "messages"), 0);
    assert_int_equal(json_array_size(json_object_get(result, "messages")), 1);
    assert_string_equal(json_string_value(json_object_get(one, "content")), "for the second");
    json_decref(result);
}

static void garbage_is_counted_once_also_when_more_comes_than_is_kept_waiting(void **state) {
    const unsigned count = 1200;
    (void)state;
    open_vault(true);
    bench_until(all_are_opened);
    keeper.is_held = true;
    for (int64_t i = 0; i < count; i++) put_garbage(MAKER_TIME - i);
    assert_true(world.social.messages->must_read_again);
    let_go();
    bench_until(all_are_opened);
    assert_int_equal(world.social.messages->unreadable, count);
    assert_false(world.social.messages->must_read_again);
}

static void blocked_people_are_not_heard(void **state) {
    const ht_hash32 bob = maker_pubkey(BOB);
    (void)state;
    assert_int_equal(ht_policy_set(bench.policy, HT_RANK_BLOCKED, &bob, 1), HT_OK);
    put_wrap("spam", OWNER);
    open_vault(true);
    bench_until(all_are_opened);
    assert_int_equal(count_with(BOB), 0);
}

static void what_was_read_is_known_when_the_vault_is_opened_again(void **state) {
    char hex[65];
    (void)state;
    put_wrap("read this", OWNER);
    open_vault(true);
    bench_until(all_are_opened);
    world_hex(hex, BOB);
    json_decref(
        result_of("read", json_pack("{s:s, s:I}", "with", hex, "at", (json_int_t)MAKER_TIME - 10)));
    assert_int_equal(ht_messages_unread(&world.social), 0);
    open_vault(false);
    open_vault(true);
    bench_until(all_are_opened);
    assert_int_equal(count_with(BOB), 1);
    assert_int_equal(ht_messages_unread(&world.social), 0);
}

static void up_to_now_is_all_that_has_come(void **state) {
    char hex[65];
    (void)state;
    put_wrap_at("a second on", OWNER, MAKER_TIME + 1);
    open_vault(true);
    bench_until(all_are_opened);
    assert_int_equal(ht_messages_unread(&world.social), 1);
    world_hex(hex, BOB);
    json_decref(
        result_of("read", json_pack("{s:s, s:I}", "with", hex, "at", (json_int_t)MAKER_TIME - 1)));
    assert_int_equal(ht_messages_unread(&world.social), 1);
    json_decref(
        result_of("read", json_pack("{s:s, s:I}", "with", hex, "at", (json_int_t)MAKER_TIME)));
    assert_int_equal(ht_messages_unread(&world.social), 0);
}

/* --- sending -----------------------------------------------------------------------------------
 */

static void without_a_relay_nothing_is_written(void **state) {
    (void)state;
    open_vault(true);
    bench_until(all_are_opened);
    expect_refusal("send", saying(BOB, "hello"), "no_relay");
    assert_int_equal(keeper.asked, 0);
    assert_int_equal(count_with(BOB), 0);
}

static void a_message_is_signed_for_once_in_the_audit_log_and_kept(void **state) {
    (void)state;
    open_vault(true);
    bench_until(all_are_opened);
    json_t *result = result_of("send", saying(SECOND, "to my other self"));
    assert_int_equal(json_array_size(json_object_get(result, "sent")), 0);
    json_decref(result);
    assert_int_equal(world.signed_count, 1);
    assert_string_equal(world.what, "a private message");
    assert_int_equal(count_with(SECOND), 1);
    assert_int_equal(ht_messages_unread(&world.social), 0);
    /* The other key has it, too. */
    keeper.owner = SECOND;
    ht_messages_owner_changed(&world.social);
    bench_until(all_are_opened);
    assert_int_equal(count_with(OWNER), 1);
    assert_int_equal(ht_messages_unread(&world.social), 1);
}

static size_t count_outs(void) {
    sqlite3 *db = NULL;
    json_t *list = NULL;
    assert_int_equal(ht_db_open_reader(&db, bench.path, NULL), HT_OK);
    assert_int_equal(ht_messages_sql_out_list(&list, db, 0, 10, NULL), HT_OK);
    size_t count = json_array_size(list);
    json_decref(list);
    ht_db_close(db);
    return count;
}

static void what_is_not_delivered_is_kept_to_be_said_again(void **state) {
    (void)state;
    world_set_own(NOBODYS, false, true);
    open_vault(true);
    bench_until(all_are_opened);
    json_t *result = result_of("send", saying(BOB, "hello"));
    const json_t *sent = json_array_get(json_object_get(result, "sent"), 0);
    assert_string_equal(json_string_value(json_object_get(sent, "url")), NOBODYS);
    assert_string_not_equal(json_string_value(json_object_get(sent, "state")), "ok");
    json_decref(result);
    assert_int_equal(count_with(BOB), 1);
    assert_int_equal(count_outs(), 1);
}

static void take_all(struct ws_session *session, const char *text) {
    char answer[128];
    if (strncmp(text, "[\"EVENT\"", 8) != 0) return;
    (void)snprintf(answer, sizeof answer, "[\"OK\",\"%.64s\",true,\"\"]",
                   strstr(text, "\"id\":\"") + 6);
    ws_say(session, answer);
}

static bool nothing_is_out(void) {
    return count_outs() == 0;
}

static void what_is_delivered_is_forgotten(void **state) {
    char hex[65];
    (void)state;
    world.script = take_all;
    world_set_own(world.url, false, true);
    open_vault(true);
    bench_until(all_are_opened);
    json_t *result = result_of("send", saying(BOB, "hello"));
    const json_t *sent = json_array_get(json_object_get(result, "sent"), 0);
    assert_string_equal(json_string_value(json_object_get(sent, "state")), "ok");
    json_decref(result);
    bench_until(nothing_is_out);
    world_hex(hex, OWNER);
    assert_int_equal(world_count("[\"EVENT\""), 1);
    assert_null(strstr(world.heard[0], hex));
}

static void the_relays_for_messages_are_used_before_those_they_read(void **state) {
    ht_bytes items[2][3];
    (void)state;
    world.script = take_all;
    world_set_own(world.url, false, true);
    struct ht_event_tag read = world_tag(items[0], "r", NOBODYS, NULL);
    struct bench_event relays = bench_event_of(BOB, HT_KIND_RELAYS, MAKER_TIME, &read, 1, "");
    world_store(&relays);
    struct ht_event_tag tag = world_tag(items[1], "relay", world.url, NULL);
    struct bench_event list = bench_event_of(BOB, HT_KIND_DM_RELAYS, MAKER_TIME, &tag, 1, "");
    world_store(&list);
    open_vault(true);
    bench_until(all_are_opened);
    json_t *result = result_of("send", saying(BOB, "hello"));
    const json_t *sent = json_object_get(result, "sent");
    assert_int_equal(json_array_size(sent), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(sent, 0), "url")),
                        world.url);
    json_decref(result);
}

static void a_vault_that_closes_meanwhile_ends_the_sending(void **state) {
    (void)state;
    open_vault(true);
    bench_until(all_are_opened);
    world.is_open = false;
    expect_refusal("send", saying(SECOND, "x"), "vault_locked");
    open_vault(true);
    bench_until(all_are_opened);
    keeper.busy = 1;
    expect_refusal("send", saying(SECOND, "x"), "signer_busy");
    assert_int_equal(count_with(SECOND), 0);
    assert_int_equal(world.social.messages->sending_count, 0);
}

static void it_ends_with_wraps_half_opened(void **state) {
    (void)state;
    put_wrap("a", OWNER);
    put_wrap("b", OWNER);
    keeper.is_held = true;
    open_vault(true);
    bench_until(something_is_held);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_in_the_store_is_opened_with_the_vault_and_forgotten_with_it),
        TEST(what_comes_while_it_is_open_is_opened),
        TEST(whoever_listens_is_told),
        TEST(a_busy_keeper_is_asked_again),
        TEST(answers_that_come_after_the_vault_was_closed_are_not_kept),
        TEST(another_owner_sees_nothing_of_the_first),
        TEST(garbage_is_counted_once_also_when_more_comes_than_is_kept_waiting),
        TEST(blocked_people_are_not_heard),
        TEST(what_was_read_is_known_when_the_vault_is_opened_again),
        TEST(up_to_now_is_all_that_has_come),
        TEST(without_a_relay_nothing_is_written),
        TEST(a_message_is_signed_for_once_in_the_audit_log_and_kept),
        TEST(what_is_not_delivered_is_kept_to_be_said_again),
        TEST(what_is_delivered_is_forgotten),
        TEST(the_relays_for_messages_are_used_before_those_they_read),
        TEST(a_vault_that_closes_meanwhile_ends_the_sending),
        TEST(it_ends_with_wraps_half_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
