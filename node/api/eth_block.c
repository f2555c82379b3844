/* Blocks, and what is in them. */
#include "node/api/eth_block.h"

#include <stdlib.h>

#include "node/api/eth_params.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/body_json.h"

struct block_call {
    struct ht_block_read read;
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
    /* The result, perhaps null. */
    enum ht_err (*make)(const struct block_call *waiting, json_t **out, struct ht_why *why);
    bool is_full;
    uint64_t index;
};

/* Which block is meant, and what is asked of it. */
struct block_question {
    bool by_hash;
    bool takes_hash; /* as well as a number or tag */
    bool has_full;   /* a second parameter: true or false */
    bool has_index;  /* a second parameter: a QUANTITY */
    bool wants_body;
    bool wants_receipts;
    enum ht_err (*make)(const struct block_call *waiting, json_t **out, struct ht_why *why);
};

/* --- results ---------------------------------------------------------------------------------- */

static enum ht_err done(json_t **out, json_t *made, struct ht_why *why) {
    if (made == NULL) return ht_eth_no_memory(why);
    *out = made;
    return HT_OK;
}

static enum ht_err make_block(const struct block_call *waiting, json_t **out, struct ht_why *why) {
    const struct ht_block_read *read = &waiting->read;
    return ht_block_to_json(out, &read->header, read->body, waiting->is_full, why);
}

static enum ht_err make_receipts(const struct block_call *waiting, json_t **out,
                                 struct ht_why *why) {
    const struct ht_block_read *read = &waiting->read;
    ht_u256 blob_price;
    ht_blocks_blob_price(&blob_price, waiting->eth->blocks, &read->header);
    enum ht_err err =
        ht_block_receipts_to_json(out, &read->header, read->body, read->receipts, &blob_price);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "the receipts cannot be written");
}

static enum ht_err make_count(const struct block_call *waiting, json_t **out, struct ht_why *why) {
    return done(out, ht_eth_quantity(waiting->read.body->count), why);
}

/* Only headers from before the Merge have uncles, and how many is not in the header. */
static enum ht_err make_uncle_count(const struct block_call *waiting, json_t **out,
                                    struct ht_why *why) {
    static const uint8_t empty_list[] = {0xc0};
    ht_hash32 none;
    ht_keccak256(&none, HT_BYTES(empty_list));
    if (!ht_hash32_equal(&none, &waiting->read.header.header.ommers_hash)) {
        return ht_fail(why, HT_EDENIED, HT_RPC_NOT_PROVEN,
                       "the block is from before the Merge and has uncles, which are not proven");
    }
    return done(out, ht_eth_quantity(0), why);
}

static enum ht_err make_transaction(const struct block_call *waiting, json_t **out,
                                    struct ht_why *why) {
    const struct ht_block_read *read = &waiting->read;
    if (waiting->index >= read->body->count) return done(out, json_null(), why);
    return ht_block_transaction_to_json(out, &read->header, read->body, (size_t)waiting->index,
                                        why);
}

static void on_read(struct ht_block_read *read) {
    struct block_call *waiting = (struct block_call *)read;
    json_t *result = NULL;
    enum ht_err err = read->err;
    if (ht_eth_is_null(err, &read->why)) {
        ht_eth_finish_null(waiting->eth, waiting->call, &read->why);
    } else {
        if (err == HT_OK) err = ht_eth_check_read(waiting->eth, read->is_final, &read->why);
        if (err == HT_OK) err = waiting->make(waiting, &result, &read->why);
        if (err == HT_OK) {
            const struct ht_eth_place place = {&read->header, read->is_final, read->source};
            ht_eth_finish(waiting->eth, waiting->call, result, &place);
        } else {
            ht_rpc_refuse(waiting->call, err, &read->why);
        }
    }
    ht_block_read_fini(read);
    free(waiting);
}

/* --- questions -------------------------------------------------------------------------------- */

static enum ht_err read_question(struct block_call *waiting, const struct block_question *question,
                                 const json_t *params, struct ht_why *why) {
    struct ht_block_read *read = &waiting->read;
    size_t count = question->has_full || question->has_index ? 2 : 1;
    enum ht_err err = ht_eth_take_params(params, count, count, why);
    if (err == HT_OK && question->by_hash) {
        read->id.kind = HT_BLOCK_HASH;
        err = ht_eth_read_hash(&read->id.hash, params, 0, why);
    } else if (err == HT_OK) {
        err = ht_eth_read_block(&read->id, params, 0, question->takes_hash, why);
    }
    if (err == HT_OK && question->has_full) {
        err = ht_eth_read_bool(&waiting->is_full, params, 1, why);
    }
    if (err == HT_OK && question->has_index) {
        err = ht_eth_read_quantity(&waiting->index, params, 1, why);
    }
    read->wants_body = question->wants_body;
    read->wants_receipts = question->wants_receipts;
    return err;
}

static void begin(const struct ht_eth *eth, struct ht_rpc_call *call, const json_t *params,
                  const struct block_question *question) {
    struct ht_why why = {0};
    struct block_call *waiting = calloc(1, sizeof *waiting);
    enum ht_err err =
        waiting != NULL ? read_question(waiting, question, params, &why) : ht_eth_no_memory(&why);
    if (err == HT_OK) err = ht_eth_check_ask(eth, &waiting->read.id, &why);
    if (err == HT_OK && eth->blocks == NULL) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(waiting);
        return;
    }
    waiting->eth = eth;
    waiting->call = call;
    waiting->make = question->make;
    waiting->read.done = on_read;
    ht_blocks_read(eth->blocks, &waiting->read);
}

void ht_eth_get_block(void *self, struct ht_rpc_call *call, const json_t *params) {
    static const struct block_question question = {
        .has_full = true, .wants_body = true, .make = make_block};
    begin(self, call, params, &question);
}

void ht_eth_get_block_by_hash(void *self, struct ht_rpc_call *call, const json_t *params) {
    static const struct block_question question = {
        .by_hash = true, .has_full = true, .wants_body = true, .make = make_block};
    begin(self, call, params, &question);
}

void ht_eth_get_block_receipts(void *self, struct ht_rpc_call *call, const json_t *params) {
    static const struct block_question question = {
        .takes_hash = true, .wants_body = true, .wants_receipts = true, .make = make_receipts};
    begin(self, call, params, &question);
}

void ht_eth_get_transaction_count_of_block(void *self, struct ht_rpc_call *call,
                                           const json_t *params) {
    static const struct block_question question = {.wants_body = true, .make = make_count};
    begin(self, call, params, &question);
}

void ht_eth_get_transaction_count_by_hash(void *self, struct ht_rpc_call *call,
                                          const json_t *params) {
    static const struct block_question question = {
        .by_hash = true, .wants_body = true, .make = make_count};
    begin(self, call, params, &question);
}

void ht_eth_get_uncle_count(void *self, struct ht_rpc_call *call, const json_t *params) {
    static const struct block_question question = {.make = make_uncle_count};
    begin(self, call, params, &question);
}

void ht_eth_get_uncle_count_by_hash(void *self, struct ht_rpc_call *call, const json_t *params) {
    static const struct block_question question = {.by_hash = true, .make = make_uncle_count};
    begin(self, call, params, &question);
}

void ht_eth_get_transaction_at(void *self, struct ht_rpc_call *call, const json_t *params) {
    static const struct block_question question = {
        .has_index = true, .wants_body = true, .make = make_transaction};
    begin(self, call, params, &question);
}

void ht_eth_get_transaction_at_hash(void *self, struct ht_rpc_call *call, const json_t *params) {
    static const struct block_question question = {
        .by_hash = true, .has_index = true, .wants_body = true, .make = make_transaction};
    begin(self, call, params, &question);
}

/* --- headers ---------------------------------------------------------------------------------- */

struct header_call {
    struct ht_header_read read;
    const struct ht_eth *eth;
    struct ht_rpc_call *call;
};

static void on_header(struct ht_header_read *read) {
    struct header_call *waiting = (struct header_call *)read;
    json_t *result = NULL;
    enum ht_err err = read->err;
    if (ht_eth_is_null(err, &read->why)) {
        ht_eth_finish_null(waiting->eth, waiting->call, &read->why);
    } else {
        if (err == HT_OK) err = ht_eth_check_read(waiting->eth, read->is_final, &read->why);
        if (err == HT_OK)
            err = ht_exec_header_to_json(&result, &read->header.header, &read->header.hash);
        if (err == HT_OK) {
            const struct ht_eth_place place = {&read->header, read->is_final, read->source};
            ht_eth_finish(waiting->eth, waiting->call, result, &place);
        } else {
            ht_rpc_refuse(waiting->call, err, &read->why);
        }
    }
    ht_header_read_fini(read);
    free(waiting);
}

static void begin_header(const struct ht_eth *eth, struct ht_rpc_call *call, const json_t *params,
                         bool by_hash) {
    struct ht_why why = {0};
    struct header_call *waiting = calloc(1, sizeof *waiting);
    enum ht_err err = waiting != NULL ? HT_OK : ht_eth_no_memory(&why);
    if (err == HT_OK) err = ht_eth_take_params(params, 1, 1, &why);
    if (err == HT_OK && by_hash) {
        waiting->read.id.kind = HT_BLOCK_HASH;
        err = ht_eth_read_hash(&waiting->read.id.hash, params, 0, &why);
    } else if (err == HT_OK) {
        err = ht_eth_read_block(&waiting->read.id, params, 0, false, &why);
    }
    if (err == HT_OK) err = ht_eth_check_ask(eth, &waiting->read.id, &why);
    if (err == HT_OK && eth->chain == NULL) err = ht_eth_no_service(&why);
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, &why);
        free(waiting);
        return;
    }
    waiting->eth = eth;
    waiting->call = call;
    waiting->read.done = on_header;
    ht_chain_read(eth->chain, &waiting->read);
}

void ht_eth_get_header(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin_header(self, call, params, false);
}

void ht_eth_get_header_by_hash(void *self, struct ht_rpc_call *call, const json_t *params) {
    begin_header(self, call, params, true);
}
