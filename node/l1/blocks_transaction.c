/* Transactions by hash: a provider says where one stands, the proven block shows whether it does.
 */
#include "node/l1/blocks_transaction.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/l1/blocks_impl.h"
#include "node/l1/chain_span.h"
#include "node/l1/execution/rpc_json.h"
#include "node/l1/execution/transaction_json.h"

#define ANSWER_MAX ((size_t)2 << 20)
#define ARENA_MAX ((size_t)2 << 20)

static void ask(struct ht_transaction_read *read, uint32_t avoid);

static void finish(struct ht_transaction_read *read, enum ht_err err) {
    read->err = err;
    read->done(read);
}

void ht_transaction_read_fini(struct ht_transaction_read *read) {
    ht_block_read_fini(&read->block);
    json_decref(read->pending);
    read->pending = NULL;
}

static enum ht_err read_place(struct ht_transaction_read *read, const json_t *object,
                              struct ht_why *why) {
    read->has_block = ht_rpc_has(object, "blockHash");
    if (!read->has_block) return HT_OK;
    enum ht_err err = ht_json_hex(read->block_hash.b, 32, object, "blockHash", why);
    return err == HT_OK ? ht_rpc_read_u64(&read->claimed_index, object, "transactionIndex", why)
                        : err;
}

/* On a worker. The hash covers the transaction; where it stands is a claim. */
static enum ht_err prove(struct ht_question *question, const struct ht_jsonrpc_answer *answers,
                         struct ht_why *why) {
    struct ht_transaction_read *read =
        (struct ht_transaction_read *)((char *)question -
                                       offsetof(struct ht_transaction_read, question));
    struct ht_transaction tx;
    struct ht_arena arena;
    ht_hash32 hash;
    if (json_is_null(answers[0].result)) {
        return ht_fail(why, HT_ENOTFOUND, "tx_not_found", "does not know that transaction");
    }
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_tx_from_json(&tx, &arena, answers[0].result, why);
    if (err == HT_OK) err = ht_tx_hash(&hash, &tx);
    if (err == HT_OK && !ht_hash32_equal(&hash, &read->hash)) {
        err = ht_fail(why, HT_EUNVERIFIED, "tx_hash_differs", "another transaction than asked for");
    }
    if (err == HT_OK) err = read_place(read, answers[0].result, why);
    json_t *pending = NULL;
    if (err == HT_OK) err = ht_tx_to_json(&pending, &tx, NULL, why);
    if (err == HT_OK) {
        json_decref(read->pending);
        read->pending = pending;
    }
    ht_arena_fini(&arena);
    return err;
}

/* Where it is in the body, the claimed place first; count when nowhere. */
static size_t find_in(const struct ht_body *body, const ht_hash32 *hash, uint64_t claimed) {
    if (claimed < body->count && ht_hash32_equal(&body->hashes[claimed], hash)) {
        return (size_t)claimed;
    }
    size_t i = 0;
    while (i < body->count && !ht_hash32_equal(&body->hashes[i], hash)) i++;
    return i;
}

static void end_pending(struct ht_transaction_read *read) {
    ht_block_read_fini(&read->block);
    finish(read, ht_fail(&read->why, HT_ENOTFOUND, "tx_pending",
                         "it is not in a block that is proven yet"));
}

/* Whoever showed the transaction named a block that does not hold it. */
static void blame(const struct ht_transaction_read *read) {
    struct ht_why why;
    (void)ht_fail(&why, HT_EUNVERIFIED, "tx_not_in_block",
                  "the block that it named does not hold the transaction");
    json_t *hash = ht_chain_hash_json(&read->hash);
    json_t *request =
        json_pack("{s:s, s:[O]}", "method", "eth_getTransactionByHash", "params", hash);
    json_t *answer = json_pack("{s:o, s:o, s:o}", "hash", hash, "blockHash",
                               ht_chain_hash_json(&read->block_hash), "transactionIndex",
                               ht_chain_number_json(read->claimed_index));
    char *sent = json_dumps(request, JSON_COMPACT);
    char *body = json_dumps(answer, JSON_COMPACT);
    ht_ask_blame(&read->question, HT_EUNVERIFIED, &why, ht_bytes_str(sent != NULL ? sent : ""),
                 ht_bytes_str(body != NULL ? body : ""));
    free(sent);
    free(body);
    json_decref(request);
    json_decref(answer);
}

static void got_block(struct ht_block_read *block) {
    struct ht_transaction_read *read =
        (struct ht_transaction_read *)((char *)block - offsetof(struct ht_transaction_read, block));
    const char *code = block->why.code != NULL ? block->why.code : "";
    bool is_elsewhere = block->err == HT_ENOTFOUND && strcmp(code, "not_in_chain") == 0;
    if (is_elsewhere && read->pending == NULL) {
        ask(read, 0); /* the body that memory has is of a branch that lost meanwhile */
        return;
    }
    /* Providers are often a block ahead of what is proven, or on a branch that lost. */
    if (block->err != HT_OK && read->pending != NULL &&
        (is_elsewhere || strcmp(code, "block_in_future") == 0)) {
        end_pending(read);
        return;
    }
    /* A block that nobody has may not even exist, which is nobody's proven fault. */
    if (block->err == HT_ENOTFOUND && read->pending != NULL &&
        strcmp(code, "block_not_found") == 0) {
        ask(read, read->question.avoid | UINT32_C(1) << read->question.provider);
        return;
    }
    if (block->err != HT_OK) {
        read->why = block->why;
        finish(read, block->err);
        return;
    }
    read->index = find_in(block->body, &read->hash, read->claimed_index);
    if (read->index < block->body->count) {
        finish(read, HT_OK);
        return;
    }
    ht_block_read_fini(block);
    blame(read);
    json_decref(read->pending);
    read->pending = NULL;
    ask(read, read->question.avoid | UINT32_C(1) << read->question.provider);
}

static void read_block(struct ht_transaction_read *read) {
    read->block = (struct ht_block_read){.id = {.kind = HT_BLOCK_HASH, .hash = read->block_hash},
                                         .wants_body = true,
                                         .wants_receipts = read->wants_receipt,
                                         .done = got_block};
    ht_blocks_read(read->blocks, &read->block);
}

static void claimed(struct ht_question *question) {
    struct ht_transaction_read *read =
        (struct ht_transaction_read *)((char *)question -
                                       offsetof(struct ht_transaction_read, question));
    if (question->err != HT_OK && read->pending != NULL) {
        end_pending(read); /* the other one does not know it at all */
    } else if (question->err != HT_OK) {
        read->why = question->why;
        bool is_unknown = strcmp(read->why.code, "tx_not_found") == 0;
        finish(read, is_unknown ? HT_ENOTFOUND : question->err);
    } else if (read->has_block) {
        read_block(read);
    } else if (question->avoid == 0) {
        /* That it is in no block yet is a claim that nothing proves: another is asked too. */
        ask(read, UINT32_C(1) << question->provider);
    } else {
        end_pending(read);
    }
}

static void ask(struct ht_transaction_read *read, uint32_t avoid) {
    struct ht_question *question = &read->question;
    *question = (struct ht_question){
        .max_bytes = ANSWER_MAX, .avoid = avoid, .prove = prove, .done = claimed};
    json_t *hash = ht_chain_hash_json(&read->hash);
    (void)snprintf(question->about, sizeof question->about, "transaction %s",
                   json_string_value(hash));
    ht_assert(ht_question_add(question, "eth_getTransactionByHash", json_pack("[o]", hash)) ==
              HT_OK);
    ht_ask(ht_chain_asker(read->blocks->options.chain), question);
}

/* Bodies in memory know where their transactions are. */
static bool find_known(struct ht_transaction_read *read) {
    const struct ht_blocks *blocks = read->blocks;
    for (size_t i = 0; i < HT_BLOCKS_ENTRIES; i++) {
        const struct ht_body *body = blocks->entries[i].body;
        if (body == NULL) continue;
        size_t index = find_in(body, &read->hash, 0);
        if (index == body->count) continue;
        read->block_hash = blocks->entries[i].hash;
        read->claimed_index = index;
        return ht_chain_find_hash(blocks->options.chain, &read->block_hash) != NULL;
    }
    return false;
}

void ht_blocks_read_transaction(struct ht_blocks *blocks, struct ht_transaction_read *read) {
    read->blocks = blocks;
    read->why = (struct ht_why){0};
    if (find_known(read)) {
        read_block(read);
    } else {
        ask(read, 0);
    }
}
