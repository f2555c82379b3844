/* Parameters in, proven facts out, each with its provenance. */
#include "node/app/proven_api.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/l1/blocks_transaction.h"
#include "node/l1/execution/body_json.h"
#include "node/l1/state_json.h"
#include "node/l1/status.h"

#define SUMMARY_MAX 500U /* transactions told of one block */

/* Ends a call with what came of it; takes over result. */
static void end_call(struct ht_rpc_call *call, enum ht_err err, const struct ht_why *why,
                     json_t *result) {
    if (err == HT_OK) {
        ht_rpc_finish(call, result);
    } else {
        ht_rpc_refuse(call, err, why);
    }
}

static void no_memory(struct ht_rpc_call *call) {
    struct ht_why why;
    end_call(call, ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory"), &why, NULL);
}

/* "block": "latest", "safe", "finalized", a number or a hash; absent: latest. */
static enum ht_err read_block_id(struct ht_block_id *out, const json_t *params,
                                 struct ht_why *why) {
    const json_t *block = ht_json_member(params, "block");
    *out = (struct ht_block_id){.kind = HT_BLOCK_LATEST};
    if (block == NULL) return HT_OK;
    if (json_is_integer(block)) {
        out->kind = HT_BLOCK_NUMBER;
        return ht_json_u64(&out->number, params, "block", why);
    }
    const char *text;
    enum ht_err err = ht_json_text(&text, params, "block", why);
    if (err != HT_OK || strcmp(text, "latest") == 0) return err;
    out->kind = strcmp(text, "safe") == 0 ? HT_BLOCK_SAFE : HT_BLOCK_FINALIZED;
    if (strcmp(text, "safe") == 0 || strcmp(text, "finalized") == 0) return HT_OK;
    out->kind = HT_BLOCK_HASH;
    if (ht_hex_read(out->hash.b, 32, ht_bytes_str(text)) == HT_OK) return HT_OK;
    return ht_fail(why, HT_EINPUT, "json_value",
                   "block is latest, safe, finalized, a number, or a hash of 32 bytes");
}

/* --- accounts --------------------------------------------------------------------------------- */

struct account_call {
    struct ht_state_read read;
    struct ht_rpc_call *call;
    ht_hash32 slots[HT_STATE_SLOTS_MAX];
};

static void got_account(struct ht_state_read *read) {
    struct account_call *waiting = (struct account_call *)read;
    json_t *result = NULL;
    enum ht_err err = read->err;
    if (err == HT_OK) err = ht_state_account_json(&result, read, &read->why);
    end_call(waiting->call, err, &read->why, result);
    ht_state_read_fini(read);
    free(waiting);
}

static enum ht_err read_slots(struct account_call *waiting, const json_t *params,
                              struct ht_why *why) {
    const json_t *slots;
    if (ht_json_member(params, "slots") == NULL) return HT_OK;
    enum ht_err err = ht_json_array(&slots, params, "slots", why);
    if (err == HT_OK && json_array_size(slots) > HT_STATE_SLOTS_MAX) {
        err = ht_fail(why, HT_ELIMIT, "too_many_slots", "at most %u slots", HT_STATE_SLOTS_MAX);
    }
    for (size_t i = 0; err == HT_OK && i < json_array_size(slots); i++) {
        err = ht_json_hex(waiting->slots[i].b, 32, json_array_get(slots, i), "", why);
        waiting->read.slot_count++;
    }
    waiting->read.slots = waiting->slots;
    return err;
}

static void l1_account(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_proven *proven = self;
    struct ht_why why = {0};
    struct account_call *waiting = calloc(1, sizeof *waiting);
    if (waiting == NULL) {
        no_memory(call);
        return;
    }
    struct ht_state_read *read = &waiting->read;
    enum ht_err err = ht_json_hex(read->address.b, sizeof read->address.b, params, "address", &why);
    if (err == HT_OK) err = read_block_id(&read->block, params, &why);
    if (err == HT_OK && ht_json_member(params, "code") != NULL) {
        err = ht_json_bool(&read->wants_code, params, "code", &why);
    }
    if (err == HT_OK) err = read_slots(waiting, params, &why);
    if (err != HT_OK) {
        end_call(call, err, &why, NULL);
        free(waiting);
        return;
    }
    waiting->call = call;
    read->done = got_account;
    ht_state_read(proven->state, read);
}

/* --- blocks ----------------------------------------------------------------------------------- */

struct block_call {
    struct ht_block_read read;
    struct ht_rpc_call *call;
    struct ht_proven *proven;
};

static json_t *hex_json(ht_bytes bytes) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, bytes);
    return json_string(text);
}

static json_t *summary_of(const struct ht_block_read *read, size_t i) {
    const struct ht_body *body = read->body;
    const struct ht_transaction *tx = &body->transactions[i];
    const struct ht_receipt *receipt = &read->receipts->list[i];
    uint64_t before = i > 0 ? read->receipts->list[i - 1].cumulative_gas_used : 0;
    char value[HT_U256_DECIMAL_SIZE];
    (void)ht_u256_to_decimal(value, &tx->value);
    return json_pack(
        "{s:o, s:o, s:o, s:s, s:i, s:I, s:o}", "hash", hex_json(HT_BYTES(body->hashes[i].b)),
        "from", hex_json(HT_BYTES(body->senders[i].b)), "to",
        tx->is_creation ? json_null() : hex_json(HT_BYTES(tx->to.b)), "value", value, "type",
        (int)tx->type, "gas_used", (json_int_t)(receipt->cumulative_gas_used - before), "succeeded",
        receipt->has_state_root ? json_null() : json_boolean(receipt->is_success));
}

static enum ht_err make_block(json_t **out, const struct block_call *waiting, struct ht_why *why) {
    const struct ht_block_read *read = &waiting->read;
    json_t *block = NULL, *summaries = json_array();
    enum ht_err err = ht_block_to_json(&block, &read->header, read->body, false, why);
    size_t count = read->body->count < SUMMARY_MAX ? read->body->count : SUMMARY_MAX;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        json_array_append_new(summaries, summary_of(read, i));
    }
    if (err != HT_OK) {
        json_decref(summaries);
        return err;
    }
    *out = json_pack("{s:o, s:o, s:I, s:o}", "block", block, "transactions", summaries, "more",
                     (json_int_t)(read->body->count - count), "provenance",
                     ht_chain_provenance_json(waiting->proven->chain, &read->header, read->is_final,
                                              read->source));
    return *out != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static void got_block(struct ht_block_read *read) {
    struct block_call *waiting = (struct block_call *)read;
    json_t *result = NULL;
    enum ht_err err = read->err;
    if (err == HT_OK) err = make_block(&result, waiting, &read->why);
    end_call(waiting->call, err, &read->why, result);
    ht_block_read_fini(read);
    free(waiting);
}

static void l1_block(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_proven *proven = self;
    struct ht_why why = {0};
    struct block_call *waiting = calloc(1, sizeof *waiting);
    if (waiting == NULL) {
        no_memory(call);
        return;
    }
    enum ht_err err = read_block_id(&waiting->read.id, params, &why);
    if (err != HT_OK) {
        end_call(call, err, &why, NULL);
        free(waiting);
        return;
    }
    waiting->call = call;
    waiting->proven = proven;
    waiting->read.wants_body = true;
    waiting->read.wants_receipts = true;
    waiting->read.done = got_block;
    ht_blocks_read(proven->blocks, &waiting->read);
}

/* --- transactions ----------------------------------------------------------------------------- */

struct transaction_call {
    struct ht_transaction_read read;
    struct ht_rpc_call *call;
    struct ht_proven *proven;
};

static enum ht_err make_transaction(json_t **out, const struct transaction_call *waiting,
                                    struct ht_why *why) {
    const struct ht_transaction_read *read = &waiting->read;
    const struct ht_block_read *block = &read->block;
    json_t *transaction = NULL, *receipt = NULL;
    ht_u256 blob_price;
    ht_blocks_blob_price(&blob_price, waiting->proven->blocks, &block->header);
    enum ht_err err =
        ht_block_transaction_to_json(&transaction, &block->header, block->body, read->index, why);
    if (err != HT_OK) return err;
    err = ht_block_receipt_to_json(&receipt, &block->header, block->body, block->receipts,
                                   read->index, &blob_price);
    if (err != HT_OK) {
        json_decref(transaction);
        return ht_fail(why, err, "no_memory", "out of memory");
    }
    *out =
        json_pack("{s:o, s:o, s:o}", "transaction", transaction, "receipt", receipt, "provenance",
                  ht_chain_provenance_json(waiting->proven->chain, &block->header, block->is_final,
                                           block->source));
    return *out != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* A transaction that is in no proven block: its hash covers it, and nothing more is known. */
static json_t *make_pending(const struct ht_transaction_read *read) {
    return json_pack("{s:O, s:n, s:{s:s, s:{s:n, s:n}, s:s, s:i, s:[s], s:s}}", "transaction",
                     read->pending, "receipt", "provenance", "verdict", "unproven", "block",
                     "number", "hash", "level", "head", "age_ms", 0, "sources",
                     read->question.source, "why", read->why.text);
}

static void got_transaction(struct ht_transaction_read *read) {
    struct transaction_call *waiting = (struct transaction_call *)read;
    json_t *result = NULL;
    enum ht_err err = read->err;
    bool is_pending = err == HT_ENOTFOUND && read->pending != NULL;
    if (err == HT_OK) err = make_transaction(&result, waiting, &read->why);
    if (is_pending && (result = make_pending(read)) != NULL) err = HT_OK;
    end_call(waiting->call, err, &read->why, result);
    ht_transaction_read_fini(read);
    free(waiting);
}

static void l1_transaction(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_proven *proven = self;
    struct ht_why why = {0};
    struct transaction_call *waiting = calloc(1, sizeof *waiting);
    if (waiting == NULL) {
        no_memory(call);
        return;
    }
    enum ht_err err = ht_json_hex(waiting->read.hash.b, 32, params, "hash", &why);
    if (err != HT_OK) {
        end_call(call, err, &why, NULL);
        free(waiting);
        return;
    }
    waiting->call = call;
    waiting->proven = proven;
    waiting->read.wants_receipt = true;
    waiting->read.done = got_transaction;
    ht_blocks_read_transaction(proven->blocks, &waiting->read);
}

/* --- evidence --------------------------------------------------------------------------------- */

struct evidence_call {
    struct ht_evidence_read read;
    struct ht_rpc_call *call;
};

static void got_evidence(struct ht_evidence_read *read) {
    struct evidence_call *waiting = (struct evidence_call *)read;
    end_call(waiting->call, read->err, &read->why, read->json);
    free(waiting);
}

static void l1_evidence(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_proven *proven = self;
    struct ht_why why = {0};
    uint64_t id = 0;
    struct evidence_call *waiting = calloc(1, sizeof *waiting);
    enum ht_err err = ht_json_u64(&id, params, "id", &why);
    if (err == HT_OK && id > INT64_MAX) {
        err = ht_fail(&why, HT_EINPUT, "json_value", "id: no such number");
    }
    if (err == HT_OK && waiting == NULL) {
        err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    }
    if (err == HT_OK) {
        waiting->call = call;
        waiting->read.id = (int64_t)id;
        waiting->read.done = got_evidence;
        err = ht_evidence_read(proven->evidence, &waiting->read);
        if (err == HT_OK) return;
        (void)ht_fail(&why, err, "busy", "this computer is too busy now");
    }
    end_call(call, err, &why, NULL);
    free(waiting);
}

static enum ht_err l1_trust_again(void *self, json_t **result, const json_t *params,
                                  struct ht_why *why) {
    struct ht_proven *proven = self;
    struct ht_sync *sync = proven->host.sync;
    const char *id;
    enum ht_err err = ht_json_text(&id, params, "provider", why);
    if (err == HT_OK) err = ht_sync_trust_again(sync, id, why);
    if (err != HT_OK) return err;
    const struct ht_provider *provider = ht_providers_find(ht_sync_providers(sync), id);
    err = ht_evidence_forgive(proven->evidence, provider);
    if (err != HT_OK) return ht_fail(why, err, "busy", "this computer is too busy to keep that");
    return ht_l1_providers_json(sync, result, why);
}

/* --- topics ----------------------------------------------------------------------------------- */

static enum ht_err cache_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_proven *proven = self;
    struct ht_chain_counts chain = ht_chain_counts(proven->chain);
    struct ht_blocks_counts blocks = ht_blocks_counts(proven->blocks);
    struct ht_state_counts state = ht_state_counts(proven->state);
    *out = json_pack("{s:{s:I, s:I, s:I, s:I, s:I}, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I},"
                     " s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I}}",
                     "headers", "recent", (json_int_t)chain.recent, "cached",
                     (json_int_t)chain.cached, "kept", (json_int_t)chain.kept, "hits",
                     (json_int_t)chain.hits, "misses", (json_int_t)chain.misses, "blocks", "bodies",
                     (json_int_t)blocks.bodies, "receipts", (json_int_t)blocks.receipts, "bytes",
                     (json_int_t)blocks.bytes, "bytes_max", (json_int_t)HT_BLOCKS_MEMORY_MAX,
                     "kept", (json_int_t)blocks.kept, "hits", (json_int_t)blocks.hits, "misses",
                     (json_int_t)blocks.misses, "state", "accounts", (json_int_t)state.accounts,
                     "slots", (json_int_t)state.slots, "codes", (json_int_t)state.codes, "bytes",
                     (json_int_t)state.bytes, "bytes_max", (json_int_t)state.bytes_max, "hits",
                     (json_int_t)state.hits, "misses", (json_int_t)state.misses);
    return *out != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err outbox_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_proven *proven = self;
    return ht_outbox_json(proven->outbox, out, why);
}

static const struct ht_rpc_method methods[] = {
    {.name = "l1.account", .start = l1_account},
    {.name = "l1.block", .start = l1_block},
    {.name = "l1.transaction", .start = l1_transaction},
    {.name = "l1.evidence", .start = l1_evidence},
    {.name = "l1.trust_again", .fn = l1_trust_again},
};

enum ht_err ht_proven_api_add(struct ht_api *api, struct ht_proven *proven) {
    enum ht_err err = ht_api_add_methods(api, methods, sizeof methods / sizeof *methods, proven);
    if (err == HT_OK) err = ht_api_add_topic(api, "l1.cache", cache_json, proven);
    return err == HT_OK ? ht_api_add_topic(api, "l1.outbox", outbox_json, proven) : err;
}
