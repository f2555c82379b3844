/* Reads of proven state: header first, proof after. */
#include "node/l1/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/base/u256.h"
#include "node/l1/execution/eth_get_proof.h"
#include "node/l1/status.h"

#define HEADERS_KEPT 16U
#define ACCOUNTS_KEPT 1024U
#define AHEAD_FOR_MS (5 * 60 * 1000)         /* after the last read */
#define HEADER_ANSWER_MAX (2U * 1024 * 1024) /* the hashes of all transactions come with it */
#define PROOF_ANSWER_MAX (512U * 1024)
#define PROOF_ARENA_MAX (512U * 1024)

/* A proven account, found by where its address and state root hash to; a later one takes the place.
 */
struct kept_account {
    bool is_set;
    bool exists;
    ht_hash32 state_root;
    ht_addr20 address;
    struct ht_account account;
    char source[128];
};

struct ht_state {
    struct ht_sync *sync;
    struct ht_asker *asker;
    struct ht_exec_header_verified headers[HEADERS_KEPT]; /* a ring */
    size_t header_count;
    struct kept_account accounts[ACCOUNTS_KEPT];
    int64_t last_read_ms;         /* monotonic */
    struct ht_account_read ahead; /* fetches the header of a new head */
    bool is_ahead_under_way;
};

enum ht_err ht_state_new(struct ht_state **out, struct ht_sync *sync, struct ht_asker *asker) {
    struct ht_state *state = calloc(1, sizeof *state);
    if (state == NULL) return HT_ENOMEM;
    state->sync = sync;
    state->asker = asker;
    *out = state;
    return HT_OK;
}

void ht_state_free(struct ht_state *state) {
    free(state);
}

static struct ht_account_read *read_of(struct ht_question *question) {
    return (struct ht_account_read *)((char *)question -
                                      offsetof(struct ht_account_read, question));
}

static void end(struct ht_account_read *read, enum ht_err err) {
    read->err = err;
    read->done(read);
}

static json_t *hash_json(const ht_hash32 *hash) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(hash->b));
    return json_string(text);
}

/* --- the proof -------------------------------------------------------------------------------- */

static enum ht_err prove_account(struct ht_question *question,
                                 const struct ht_jsonrpc_answer *answers, struct ht_why *why) {
    struct ht_account_read *read = read_of(question);
    struct ht_get_proof answer;
    struct ht_arena arena;
    if (json_is_null(answers[0].result)) {
        return ht_fail(why, HT_ENOTFOUND, "state_pruned", "does not have that state");
    }
    ht_arena_init(&arena, PROOF_ARENA_MAX);
    enum ht_err err = ht_get_proof_read(&answer, &arena, answers[0].result, why);
    if (err == HT_OK) {
        err = ht_get_proof_check(&read->account, &read->exists, &answer,
                                 &read->header.header.state_root, &read->address, read->slots,
                                 read->slot_count, why);
    }
    for (size_t i = 0; err == HT_OK && i < read->slot_count; i++) {
        memcpy(read->values[i], answer.slots[i].value, sizeof read->values[i]);
    }
    ht_arena_fini(&arena);
    return err;
}

static struct kept_account *place_of(struct ht_state *state, const struct ht_account_read *read) {
    uint64_t root = ht_read_u64_le(read->header.header.state_root.b);
    uint64_t address = ht_read_u64_le(read->address.b + 12);
    return &state->accounts[(root ^ address * 0x9e3779b97f4a7c15U) % ACCOUNTS_KEPT];
}

static bool find_account(struct ht_account_read *read) {
    const struct kept_account *kept = place_of(read->state, read);
    if (!kept->is_set || !ht_hash32_equal(&kept->state_root, &read->header.header.state_root) ||
        memcmp(kept->address.b, read->address.b, sizeof kept->address.b) != 0) {
        return false;
    }
    read->account = kept->account;
    read->exists = kept->exists;
    memcpy(read->source, kept->source, sizeof read->source);
    return true;
}

static void keep_account(const struct ht_account_read *read) {
    struct kept_account *place = place_of(read->state, read);
    *place = (struct kept_account){.is_set = true,
                                   .exists = read->exists,
                                   .state_root = read->header.header.state_root,
                                   .address = read->address,
                                   .account = read->account};
    memcpy(place->source, read->source, sizeof place->source);
}

/* --- the code --------------------------------------------------------------------------------- */

static enum ht_err prove_code(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                              struct ht_why *why) {
    struct ht_account_read *read = read_of(question);
    ht_buf_clear(&read->code);
    enum ht_err err = ht_json_hex_buf(&read->code, answers[0].result, "", why);
    return err == HT_OK ? ht_code_check(&read->account.code_hash, ht_buf_view(&read->code), why)
                        : err;
}

static void code_done(struct ht_question *question) {
    struct ht_account_read *read = read_of(question);
    read->why = question->why;
    end(read, question->err);
}

/* By hash (EIP-1898), since a number means another block after a reorganisation. */
static json_t *block_param(const struct ht_account_read *read) {
    return json_pack("{s:o}", "blockHash", hash_json(&read->hash.hash));
}

static void ask_code(struct ht_account_read *read) {
    char address[HT_HEX_SIZE(20)];
    struct ht_question *question = &read->question;
    ht_hex_write(address, HT_BYTES(read->address.b));
    ht_buf_init(&read->code, HT_STATE_CODE_MAX);
    *question = (struct ht_question){
        .max_bytes = 4 * HT_STATE_CODE_MAX, .prove = prove_code, .done = code_done};
    (void)snprintf(question->about, sizeof question->about, "code of %s", address);
    if (ht_question_add(question, "eth_getCode", json_pack("[s, o]", address, block_param(read))) !=
        HT_OK) {
        end(read, ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory"));
        return;
    }
    ht_ask(read->state->asker, question);
}

static void go_on_to_code(struct ht_account_read *read) {
    bool has_code = !ht_hash32_equal(&read->account.code_hash, &ht_account_empty_code_hash);
    if (read->wants_code && has_code) {
        ask_code(read);
    } else {
        end(read, HT_OK);
    }
}

static void account_done(struct ht_question *question) {
    struct ht_account_read *read = read_of(question);
    read->why = question->why;
    memcpy(read->source, question->source, sizeof read->source);
    if (question->err != HT_OK) {
        end(read, question->err);
        return;
    }
    keep_account(read);
    go_on_to_code(read);
}

static void ask_proof(struct ht_account_read *read) {
    char address[HT_HEX_SIZE(20)];
    ht_hex_write(address, HT_BYTES(read->address.b));
    struct ht_question *question = &read->question;
    *question = (struct ht_question){
        .max_bytes = PROOF_ANSWER_MAX, .prove = prove_account, .done = account_done};
    (void)snprintf(question->about, sizeof question->about, "account %s, block %llu", address,
                   (unsigned long long)read->header.header.number);
    json_t *slots = json_array();
    for (size_t i = 0; i < read->slot_count; i++) {
        json_array_append_new(slots, hash_json(&read->slots[i]));
    }
    json_t *params = json_pack("[s, o, o]", address, slots, block_param(read));
    if (ht_question_add(question, "eth_getProof", params) != HT_OK) {
        end(read, ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory"));
        return;
    }
    ht_ask(read->state->asker, question);
}

/* --- the header ------------------------------------------------------------------------------- */

static enum ht_err prove_header(struct ht_question *question,
                                const struct ht_jsonrpc_answer *answers, struct ht_why *why) {
    struct ht_account_read *read = read_of(question);
    struct ht_exec_header_claimed claimed;
    if (json_is_null(answers[0].result)) {
        return ht_fail(why, HT_ENOTFOUND, "block_not_found", "does not have that block");
    }
    enum ht_err err = ht_exec_header_from_json(&claimed, answers[0].result, why);
    return err == HT_OK ? ht_exec_header_verify(&read->header, &claimed, &read->hash, why) : err;
}

static void go_on_to_account(struct ht_account_read *read) {
    if (read == &read->state->ahead) {
        end(read, HT_OK); /* it wanted no more than the header */
    } else if (read->slot_count == 0 && find_account(read)) {
        go_on_to_code(read);
    } else {
        ask_proof(read);
    }
}

static void header_done(struct ht_question *question) {
    struct ht_account_read *read = read_of(question);
    struct ht_state *state = read->state;
    if (question->err != HT_OK) {
        read->why = question->why;
        end(read, question->err);
        return;
    }
    state->headers[state->header_count++ % HEADERS_KEPT] = read->header;
    go_on_to_account(read);
}

static bool find_header(struct ht_account_read *read) {
    const struct ht_state *state = read->state;
    for (size_t i = 0; i < HEADERS_KEPT && i < state->header_count; i++) {
        if (!ht_hash32_equal(&state->headers[i].hash, &read->hash.hash)) continue;
        read->header = state->headers[i];
        return true;
    }
    return false;
}

static void ask_header(struct ht_account_read *read) {
    struct ht_question *question = &read->question;
    *question = (struct ht_question){
        .max_bytes = HEADER_ANSWER_MAX, .prove = prove_header, .done = header_done};
    (void)snprintf(question->about, sizeof question->about, "header of beacon slot %llu",
                   (unsigned long long)read->beacon.beacon.slot);
    json_t *params = json_pack("[o, b]", hash_json(&read->hash.hash), 0);
    if (ht_question_add(question, "eth_getBlockByHash", params) != HT_OK) {
        end(read, ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory"));
        return;
    }
    ht_ask(read->state->asker, question);
}

static void begin(struct ht_state *state, struct ht_account_read *read) {
    const struct ht_sync_view *view = ht_sync_view(state->sync);
    read->state = state;
    read->why = (struct ht_why){0};
    ht_assert(read->slot_count <= HT_STATE_SLOTS_MAX);
    if (!view->has_store) {
        end(read, ht_fail(&read->why, HT_EAGAIN, "no_head", "no head is verified yet"));
        return;
    }
    read->beacon = read->tag == HT_TAG_FINALIZED ? view->finalized : view->optimistic;
    enum ht_err err = ht_exec_hash_of_beacon(&read->hash, &read->beacon, &read->why);
    if (err != HT_OK) {
        end(read, err);
    } else if (find_header(read)) {
        go_on_to_account(read);
    } else {
        ask_header(read);
    }
}

void ht_state_read_account(struct ht_state *state, struct ht_account_read *read) {
    state->last_read_ms = ht_mono_ms(ht_sync_clock(state->sync));
    begin(state, read);
}

static void ahead_done(struct ht_account_read *read) {
    read->state->is_ahead_under_way = false;
}

void ht_state_on_head(struct ht_state *state) {
    int64_t since_ms = ht_mono_ms(ht_sync_clock(state->sync)) - state->last_read_ms;
    if (state->is_ahead_under_way || state->last_read_ms == 0 || since_ms > AHEAD_FOR_MS) return;
    state->is_ahead_under_way = true;
    state->ahead = (struct ht_account_read){.tag = HT_TAG_LATEST, .done = ahead_done};
    begin(state, &state->ahead);
}

/* --- json ------------------------------------------------------------------------------------- */

static int add_storage(json_t *out, const struct ht_account_read *read) {
    json_t *storage = json_object();
    for (size_t i = 0; i < read->slot_count; i++) {
        char slot[HT_HEX_SIZE(32)], value[HT_HEX_SIZE(32)];
        ht_hex_write(slot, HT_BYTES(read->slots[i].b));
        ht_hex_write(value, HT_BYTES(read->values[i]));
        json_object_set_new(storage, slot, json_string(value));
    }
    return json_object_set_new(out, "storage", storage);
}

static int add_code(json_t *out, const struct ht_account_read *read) {
    char *text = malloc(HT_HEX_SIZE(read->code.n));
    if (text == NULL) return -1;
    ht_hex_write(text, ht_buf_view(&read->code));
    int failed = json_object_set_new(out, "code", json_string(text));
    free(text);
    return failed;
}

enum ht_err ht_state_account_json(json_t **out, const struct ht_account_read *read,
                                  struct ht_why *why) {
    char address[HT_HEX_SIZE(20)], balance[HT_U256_DECIMAL_SIZE];
    const struct ht_sync *sync = read->state->sync;
    ht_u256 wei = ht_u256_from_be32(read->account.balance);
    (void)ht_u256_to_decimal(balance, &wei);
    ht_hex_write(address, HT_BYTES(read->address.b));
    json_t *provenance = ht_l1_provenance_json(
        sync, &read->beacon, read->tag == HT_TAG_FINALIZED ? "finalized" : "head",
        read->header.header.number, &read->hash.hash, read->source);
    *out =
        json_pack("{s:s, s:b, s:s, s:I, s:o, s:o, s:o}", "address", address, "exists",
                  (int)read->exists, "balance", balance, "nonce", (json_int_t)read->account.nonce,
                  "code_hash", hash_json(&read->account.code_hash), "storage_root",
                  hash_json(&read->account.storage_root), "provenance", provenance);
    int failed = *out == NULL;
    if (failed == 0 && read->slot_count > 0) failed = add_storage(*out, read);
    if (failed == 0 && read->wants_code) failed = add_code(*out, read);
    if (failed == 0) return HT_OK;
    json_decref(*out);
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}
