/* Reads of proven state: header first, proof after. */
#include "node/l1/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/base/u256.h"
#include "node/l1/execution/eth_get_proof.h"
#include "node/l1/status.h"

#define HEADERS_KEPT 16U
#define HEADER_ANSWER_MAX (2U * 1024 * 1024) /* the hashes of all transactions come with it */
#define PROOF_ANSWER_MAX (512U * 1024)
#define PROOF_ARENA_MAX (512U * 1024)

struct ht_state {
    struct ht_sync *sync;
    struct ht_asker *asker;
    struct ht_exec_header_verified headers[HEADERS_KEPT]; /* a ring */
    size_t header_count;
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

static void fail(struct ht_account_read *read, enum ht_err err) {
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
                                 &read->header.header.state_root, &read->address, NULL, 0, why);
    }
    ht_arena_fini(&arena);
    return err;
}

static void account_done(struct ht_question *question) {
    struct ht_account_read *read = read_of(question);
    read->why = question->why;
    memcpy(read->source, question->source, sizeof read->source);
    fail(read, question->err);
}

/* By hash (EIP-1898), since a number means another block after a reorganisation. */
static void ask_proof(struct ht_account_read *read) {
    char address[HT_HEX_SIZE(20)];
    ht_hex_write(address, HT_BYTES(read->address.b));
    struct ht_question *question = &read->question;
    *question = (struct ht_question){
        .max_bytes = PROOF_ANSWER_MAX, .prove = prove_account, .done = account_done};
    (void)snprintf(question->about, sizeof question->about, "account %s, block %llu", address,
                   (unsigned long long)read->header.header.number);
    json_t *params = json_pack("[s, [], {s:o}]", address, "blockHash", hash_json(&read->hash.hash));
    if (ht_question_add(question, "eth_getProof", params) != HT_OK) {
        fail(read, ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory"));
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

static void header_done(struct ht_question *question) {
    struct ht_account_read *read = read_of(question);
    struct ht_state *state = read->state;
    if (question->err != HT_OK) {
        read->why = question->why;
        fail(read, question->err);
        return;
    }
    state->headers[state->header_count++ % HEADERS_KEPT] = read->header;
    ask_proof(read);
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
        fail(read, ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory"));
        return;
    }
    ht_ask(read->state->asker, question);
}

void ht_state_read_account(struct ht_state *state, struct ht_account_read *read) {
    const struct ht_sync_view *view = ht_sync_view(state->sync);
    read->state = state;
    read->why = (struct ht_why){0};
    if (!view->has_store) {
        fail(read, ht_fail(&read->why, HT_EAGAIN, "no_head", "no head is verified yet"));
        return;
    }
    read->beacon = read->tag == HT_TAG_FINALIZED ? view->finalized : view->optimistic;
    enum ht_err err = ht_exec_hash_of_beacon(&read->hash, &read->beacon, &read->why);
    if (err != HT_OK) {
        fail(read, err);
    } else if (find_header(read)) {
        ask_proof(read);
    } else {
        ask_header(read);
    }
}

/* --- json ------------------------------------------------------------------------------------- */

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
    return *out != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}
