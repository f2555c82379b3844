/* Headers in a row: asking for many at once, proving each by the one above it. */
#include "node/l1/chain_span.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/l1/chain_impl.h"
#include "node/l1/execution/history.h"

#define ANSWER_MAX ((size_t)8 << 20)  /* the hashes of all transactions come with each header */
#define PROOF_ARENA_MAX (128U * 1024) /* of one account and one slot */

static struct ht_chain_span *span_of(struct ht_question *question) {
    return (struct ht_chain_span *)((char *)question - offsetof(struct ht_chain_span, question));
}

void ht_chain_span_fini(struct ht_chain_span *span) {
    free(span->found);
    span->found = NULL;
    span->found_count = 0;
}

json_t *ht_chain_hash_json(const ht_hash32 *hash) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(hash->b));
    return json_string(text);
}

json_t *ht_chain_number_json(uint64_t number) {
    char text[24];
    (void)snprintf(text, sizeof text, "0x%" PRIx64, number);
    return json_string(text);
}

/* The hash that the next header must have. */
static enum ht_err next_hash(struct ht_exec_hash_proven *out, const struct ht_chain_span *span,
                             const struct ht_jsonrpc_answer *answers, struct ht_why *why) {
    if (span->found_count > 0) {
        return ht_exec_hash_of_parent(out, &span->found[span->found_count - 1], why);
    }
    if (!span->by_history) return ht_exec_hash_of_parent(out, &span->at, why);
    struct ht_get_proof proof;
    struct ht_arena arena;
    if (json_is_null(answers[0].result)) {
        return ht_fail(why, HT_ENOTFOUND, "state_pruned", "does not have that state");
    }
    ht_arena_init(&arena, PROOF_ARENA_MAX);
    enum ht_err err = ht_get_proof_read(&proof, &arena, answers[0].result, why);
    if (err == HT_OK) err = ht_exec_hash_of_history(out, &span->at, span->top, &proof, why);
    ht_arena_fini(&arena);
    return err;
}

/* On a worker. What was found by an earlier question of the span stays. */
static enum ht_err prove(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                         struct ht_why *why) {
    struct ht_chain_span *span = span_of(question);
    size_t before = span->found_count;
    size_t first = before == 0 && span->by_history ? 1 : 0;
    enum ht_err err = HT_OK;
    for (size_t i = first; err == HT_OK && i < question->count; i++) {
        struct ht_exec_header_claimed claimed;
        struct ht_exec_hash_proven hash;
        uint64_t number = span->top - span->found_count;
        err = next_hash(&hash, span, answers, why);
        if (err == HT_OK && json_is_null(answers[i].result)) {
            err = ht_fail(why, HT_ENOTFOUND, "block_not_found", "does not have block %llu",
                          (unsigned long long)number);
        }
        if (err == HT_OK) err = ht_exec_header_from_json(&claimed, answers[i].result, why);
        if (err == HT_OK && !span->is_final && !ht_hash32_equal(&claimed.hash, &hash.hash)) {
            /* Above finality an honest server may still be on another branch. */
            err = ht_fail(why, HT_ENOTFOUND, "other_branch", "has another block %llu",
                          (unsigned long long)number);
        }
        if (err == HT_OK) {
            err = ht_exec_header_verify(&span->found[span->found_count], &claimed, &hash, why);
        }
        if (err == HT_OK) span->found_count++;
    }
    if (err != HT_OK) span->found_count = before;
    return err;
}

static bool may_shrink(const struct ht_chain_span *span) {
    const char *code = span->question.why.code;
    return span->batch > 1 && code != NULL &&
           (strcmp(code, "refused") == 0 || strcmp(code, "too_much") == 0 ||
            strcmp(code, "too_large") == 0);
}

static void done(struct ht_question *question) {
    struct ht_chain_span *span = span_of(question);
    bool is_ok = question->err == HT_OK;
    if (!is_ok && may_shrink(span)) {
        span->batch = span->batch > 4 ? span->batch / 4 : 1;
        ht_chain_span_ask(span);
    } else if (is_ok && span->found_count < span->count) {
        ht_chain_span_ask(span);
    } else {
        span->done(span);
    }
}

static enum ht_err add_history(struct ht_chain_span *span) {
    char address[HT_HEX_SIZE(20)];
    ht_hash32 slot;
    ht_hex_write(address, HT_BYTES(ht_history_address.b));
    ht_history_slot(&slot, span->top);
    json_t *params = json_pack("[s, [o], {s:o}]", address, ht_chain_hash_json(&slot), "blockHash",
                               ht_chain_hash_json(&span->at.hash));
    return ht_question_add(&span->question, "eth_getProof", params);
}

void ht_chain_span_ask(struct ht_chain_span *span) {
    struct ht_question *question = &span->question;
    ht_assert(span->count > 0 && span->count <= HT_CHAIN_BATCH);
    if (span->found == NULL) {
        span->batch = span->count;
        span->found = calloc(span->count, sizeof *span->found);
        ht_assert(span->found != NULL);
    }
    *question = (struct ht_question){
        .max_bytes = ANSWER_MAX, .header = &span->at.header, .prove = prove, .done = done};
    uint64_t top = span->top - span->found_count;
    size_t left = span->count - span->found_count;
    size_t now = left < span->batch ? left : span->batch;
    (void)snprintf(question->about, sizeof question->about, "headers of blocks %llu to %llu%s",
                   (unsigned long long)(top - now + 1), (unsigned long long)top,
                   span->by_history ? ", and how the first is proven" : "");
    enum ht_err err = HT_OK;
    if (span->by_history && span->found_count == 0) err = add_history(span);
    for (size_t i = 0; err == HT_OK && i < now; i++) {
        json_t *params = json_pack("[o, b]", ht_chain_number_json(top - i), 0);
        err = ht_question_add(question, "eth_getBlockByNumber", params);
    }
    ht_assert(err == HT_OK);
    ht_ask(span->chain->options.asker, question);
}
