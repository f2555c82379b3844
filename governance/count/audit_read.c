/* The blocks of a bundle: headers that hash and link, receipts that give their roots. */
#include "governance/count/audit_read.h"

#include <inttypes.h>
#include <stdlib.h>

#include "node/codec/base64.h"
#include "node/crypto/keccak.h"

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- headers ---------------------------------------------------------------------------------- */

static enum ht_err read_base64(struct ht_buf *out, ht_bytes text, struct ht_why *why) {
    enum ht_err err = ht_base64_read(out, HT_BASE64_STD, text);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "json_base64", "a header is not base64");
}

static enum ht_err header_of_rlp(struct ht_exec_header_claimed *out, const json_t *json,
                                 struct ht_why *why) {
    struct ht_buf rlp;
    ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
    const ht_bytes text = ht_bytes_of(json_string_value(json), json_string_length(json));
    const bool is_hex = text.n >= 2 && memcmp(text.p, "0x", 2) == 0;
    enum ht_err err = is_hex ? ht_json_hex_buf(&rlp, json, "", why) : read_base64(&rlp, text, why);
    if (err == HT_OK) err = ht_exec_header_decode(out, ht_buf_view(&rlp), why);
    ht_buf_fini(&rlp);
    return err;
}

enum ht_err ht_gov_audit_header(struct ht_exec_header_claimed *out, const json_t *json,
                                struct ht_why *why) {
    struct ht_why found = {.code = ""};
    const bool is_rlp = json_is_string(json);
    if (!is_rlp && ht_json_member(json, "hash") == NULL) {
        return ht_fail(why, HT_EUNVERIFIED, "header_hash", "a header does not say its hash");
    }
    enum ht_err err =
        is_rlp ? header_of_rlp(out, json, &found) : ht_exec_header_from_json(out, json, &found);
    if (err == HT_EUNVERIFIED) {
        return ht_fail(why, err, "header_hash", "a header does not hash to what it says");
    }
    if (err != HT_OK && why != NULL) *why = found;
    return err;
}

static enum ht_err check_link(const struct ht_gov_audit_block *before,
                              const struct ht_exec_header_claimed *header, struct ht_why *why) {
    if (ht_hash32_equal(&before->hash, &header->header.parent_hash) &&
        before->number < UINT64_MAX && before->number + 1 == header->header.number) {
        return HT_OK;
    }
    return ht_fail(why, HT_EUNVERIFIED, "header_chain", "block %" PRIu64 " is not the next one",
                   header->header.number);
}

static enum ht_err check_anchor(struct ht_gov_audit_run *run, const json_t *anchor,
                                struct ht_why *why) {
    ht_hash32 hash;
    uint64_t number = 0;
    const struct ht_gov_audit_block *last =
        run->block_count > 0 ? &run->blocks[run->block_count - 1] : NULL;
    enum ht_err err = ht_json_hex(hash.b, sizeof hash.b, anchor, "blockHash", why);
    if (err == HT_OK && ht_json_member(anchor, "blockNumber") != NULL) {
        err = ht_json_u64(&number, anchor, "blockNumber", why);
    } else if (last != NULL) {
        number = last->number;
    }
    if (err != HT_OK) return err;
    if (last == NULL || !ht_hash32_equal(&hash, &last->hash) || number != last->number) {
        return ht_fail(why, HT_EUNVERIFIED, "anchor", "the headers do not lead to the anchor");
    }
    run->out->anchor_hash = hash;
    run->out->anchor_number = last->number;
    run->out->anchor_time_s = last->time_s;
    return HT_OK;
}

enum ht_err ht_gov_audit_headers(struct ht_gov_audit_run *run, const json_t *anchor,
                                 struct ht_why *why) {
    const json_t *list = NULL;
    void *room = NULL;
    enum ht_err err = ht_json_array(&list, run->provided, "headers", why);
    const size_t count = json_array_size(list);
    if (err == HT_OK && count > HT_GOV_AUDIT_HEADERS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_headers", "more than %u headers",
                       HT_GOV_AUDIT_HEADERS_MAX);
    }
    if (err == HT_OK) {
        err = ht_arena_array(&room, &run->arena, count, sizeof *run->blocks, why);
    }
    run->blocks = room;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        struct ht_exec_header_claimed header;
        struct ht_gov_audit_block *block = &run->blocks[i];
        err = ht_gov_audit_header(&header, json_array_get(list, i), why);
        if (err == HT_OK && i > 0) err = check_link(block - 1, &header, why);
        if (err != HT_OK) {
            ht_why_context(why, "header %zu", i);
            return err;
        }
        *block = (struct ht_gov_audit_block){.number = header.header.number,
                                             .time_s = header.header.timestamp,
                                             .hash = header.hash,
                                             .receipts_root = header.header.receipts_root};
        memcpy(block->bloom, header.header.logs_bloom, sizeof block->bloom);
        run->state_root = header.header.state_root;
        run->block_count = i + 1;
    }
    return err == HT_OK ? check_anchor(run, anchor, why) : err;
}

/* --- receipts --------------------------------------------------------------------------------- */

/* A receipt, its transaction's index, and the index of its first log within the block. */
struct placed {
    struct ht_receipt receipt;
    uint64_t transaction, log;
};

/* The trie's values one behind the other in one buffer. */
static enum ht_err root_of(ht_hash32 *out, const struct placed *placed, size_t count,
                           struct ht_why *why) {
    struct ht_buf bytes;
    ht_buf_init(&bytes, HT_RECEIPT_SIZE_MAX);
    size_t *ends = calloc(count + 1, sizeof *ends);
    ht_bytes *views = calloc(count + 1, sizeof *views);
    enum ht_err err = ends != NULL && views != NULL ? HT_OK : no_memory(why);
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = ht_receipt_encode(&bytes, &placed[i].receipt);
        ends[i] = bytes.n;
        if (err != HT_OK) (void)ht_fail(why, err, "receipts_too_large", "too many receipts");
    }
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        const size_t from = i > 0 ? ends[i - 1] : 0;
        views[i] = ht_bytes_of(bytes.p + from, ends[i] - from);
    }
    if (err == HT_OK) err = ht_trie_list_root(out, views, count, NULL, why);
    free(ends);
    free(views);
    ht_buf_fini(&bytes);
    return err;
}

static enum ht_err list_logs(struct ht_gov_audit_run *run, struct ht_gov_audit_block *block,
                             const struct placed *placed, size_t count, struct ht_why *why) {
    void *room = NULL;
    size_t n = 0, at = 0;
    for (size_t i = 0; i < count; i++) n += placed[i].receipt.log_count;
    enum ht_err err = ht_arena_array(&room, &run->arena, n, sizeof(struct ht_gov_log), why);
    if (err != HT_OK) return err;
    struct ht_gov_log *logs = room;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < placed[i].receipt.log_count; k++) {
            const struct ht_log *log = &placed[i].receipt.logs[k];
            logs[at++] = (struct ht_gov_log){.address = log->address,
                                             .topics = log->topics,
                                             .topic_count = log->topic_count,
                                             .data = log->data,
                                             .transaction = (uint32_t)placed[i].transaction,
                                             .log = (uint32_t)(placed[i].log + k)};
        }
    }
    block->logs = logs;
    block->log_count = n;
    block->has_receipts = true;
    return HT_OK;
}

static enum ht_err not_the_root(const struct ht_gov_audit_block *block, struct ht_why *why) {
    return ht_fail(why, HT_EUNVERIFIED, "receipts_root",
                   "the receipts of block %" PRIu64 " do not give its header's root",
                   block->number);
}

/* Only what the root covers is read: order and content are right when it is. */
static enum ht_err read_whole(struct ht_gov_audit_run *run, struct ht_gov_audit_block *block,
                              const json_t *list, struct ht_why *why) {
    ht_hash32 root;
    void *room = NULL;
    size_t logs = 0;
    const size_t count = json_array_size(list);
    enum ht_err err = ht_arena_array(&room, &run->arena, count, sizeof(struct placed), why);
    struct placed *placed = room;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        placed[i].transaction = i;
        placed[i].log = logs;
        err = ht_receipt_from_json(&placed[i].receipt, &run->arena, json_array_get(list, i), why);
        logs += placed[i].receipt.log_count;
    }
    if (err == HT_OK) err = root_of(&root, placed, count, why);
    if (err != HT_OK) return err;
    if (!ht_hash32_equal(&root, &block->receipts_root)) return not_the_root(block, why);
    return list_logs(run, block, placed, count, why);
}

static enum ht_err read_nodes(struct ht_witness *witness, const json_t *list, struct ht_why *why) {
    struct ht_buf node;
    enum ht_err err = HT_OK;
    ht_buf_init(&node, HT_TRIE_NODE_MAX);
    for (size_t i = 0; err == HT_OK && i < json_array_size(list); i++) {
        ht_buf_clear(&node);
        err = ht_json_hex_buf(&node, json_array_get(list, i), "", why);
        if (err == HT_OK) err = ht_witness_add(witness, ht_buf_view(&node), why);
    }
    ht_buf_fini(&node);
    return err;
}

/* {"transactionIndex", "logsBefore"} */
static enum ht_err read_proven(struct placed *out, struct ht_gov_audit_run *run,
                               const struct ht_gov_audit_block *block, struct ht_witness *witness,
                               const json_t *json, struct ht_why *why) {
    ht_bytes value;
    uint8_t key[HT_TRIE_INDEX_KEY_MAX];
    enum ht_err err = ht_rpc_read_u64(&out->transaction, json, "transactionIndex", why);
    if (err == HT_OK) err = ht_rpc_read_u64(&out->log, json, "logsBefore", why);
    if (err != HT_OK) return err;
    if (out->transaction > HT_TRIE_LIST_MAX || out->log > UINT32_MAX / 2) {
        return ht_fail(why, HT_ELIMIT, "receipt_too_many", "a receipt past all places");
    }
    const ht_bytes path = ht_bytes_of(key, ht_trie_index_key(key, out->transaction));
    err = ht_witness_prove(&value, witness, &block->receipts_root, path, NULL);
    if (err != HT_OK || value.n == 0) return not_the_root(block, why);
    /* Receipts borrow from what they were read from. */
    uint8_t *copy = ht_arena_alloc(&run->arena, value.n);
    if (copy == NULL) return ht_fail(why, HT_ELIMIT, "no_room", "the receipts are too long");
    memcpy(copy, value.p, value.n);
    return ht_receipt_decode(&out->receipt, &run->arena, ht_bytes_of(copy, value.n), why);
}

/* In the order of their places: no two logs may stand at the same one. */
static enum ht_err read_list(struct placed *placed, struct ht_gov_audit_run *run,
                             const struct ht_gov_audit_block *block, struct ht_witness *witness,
                             const json_t *list, struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < json_array_size(list); i++) {
        err = read_proven(&placed[i], run, block, witness, json_array_get(list, i), why);
        const struct placed *before = i > 0 ? &placed[i - 1] : NULL;
        if (err == HT_OK && before != NULL &&
            (placed[i].transaction <= before->transaction ||
             placed[i].log < before->log + before->receipt.log_count)) {
            return ht_fail(why, HT_EINPUT, "receipt_order", "receipts out of order");
        }
    }
    return err;
}

/* Some receipts, with the trie's nodes above them. Where their logs stand in the block is said, not
 * proven. */
static enum ht_err read_partial(struct ht_gov_audit_run *run, struct ht_gov_audit_block *block,
                                const json_t *json, struct ht_why *why) {
    const json_t *nodes = NULL, *list = NULL;
    struct ht_witness witness;
    void *room = NULL;
    enum ht_err err = ht_json_array(&nodes, json, "nodes", why);
    if (err == HT_OK) err = ht_json_array(&list, json, "proofs", why);
    if (err != HT_OK) return err;
    const size_t count = json_array_size(list);
    if (count > HT_TRIE_LIST_MAX || json_array_size(nodes) > 4 * HT_TRIE_LIST_MAX) {
        return ht_fail(why, HT_ELIMIT, "receipt_too_many", "too many receipts");
    }
    ht_witness_init(&witness, 4 * HT_TRIE_LIST_MAX, HT_GOV_AUDIT_MAX);
    err = ht_arena_array(&room, &run->arena, count, sizeof(struct placed), why);
    if (err == HT_OK) err = read_nodes(&witness, nodes, why);
    if (err == HT_OK) err = read_list(room, run, block, &witness, list, why);
    ht_witness_fini(&witness);
    if (err != HT_OK) return err;
    block->is_partial = true;
    return list_logs(run, block, room, count, why);
}

static enum ht_err read_receipts(struct ht_gov_audit_run *run, struct ht_gov_audit_block *block,
                                 const json_t *json, struct ht_why *why) {
    if (json_is_object(json)) return read_partial(run, block, json, why);
    if (!json_is_array(json)) {
        return ht_fail(why, HT_EINPUT, "json_type", "the receipts are not an array");
    }
    if (json_array_size(json) > HT_TRIE_LIST_MAX) {
        return ht_fail(why, HT_ELIMIT, "receipt_too_many", "too many receipts");
    }
    return read_whole(run, block, json, why);
}

/* A decimal number as a key. */
static bool number_of(uint64_t *out, const char *key) {
    ht_u256 number;
    if (ht_u256_from_decimal(&number, ht_bytes_str(key)) != HT_OK) return false;
    *out = number.limb[0];
    return ht_u256_is_u64(&number);
}

enum ht_err ht_gov_audit_receipts(struct ht_gov_audit_run *run, struct ht_why *why) {
    const json_t *all = NULL;
    const char *key;
    json_t *list;
    enum ht_err err = ht_json_get(&all, run->provided, "receipts", why);
    if (err == HT_OK && !json_is_object(all)) {
        return ht_fail(why, HT_EINPUT, "json_type", "the receipts are not an object");
    }
    if (err != HT_OK) return err;
    json_object_foreach((json_t *)all, key, list) {
        uint64_t number = 0;
        const uint64_t first = run->blocks[0].number;
        if (!number_of(&number, key) || number < first || number - first >= run->block_count) {
            return ht_fail(why, HT_EUNVERIFIED, "receipts_without_header",
                           "receipts of a block that has no header here");
        }
        struct ht_gov_audit_block *block = &run->blocks[number - first];
        err = read_receipts(run, block, list, why);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}
