/* Bodies and receipts out of claims: read into an arena, encoded as the tries hold them, and kept
 * only when the root is the header's. */
#include "node/l1/execution/body.h"

#include <stdlib.h>

#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/receipt_json.h"
#include "node/l1/execution/rpc_json.h"
#include "node/l1/execution/transaction_json.h"
#include "node/l1/execution/trie_build.h"

/* keccak256 of an empty RLP list: ommers_hash of a block without uncles. */
static const ht_hash32 NO_OMMERS = {{0x1d, 0xcc, 0x4d, 0xe8, 0xde, 0xc7, 0x5d, 0x7a,
                                     0xab, 0x85, 0xb5, 0x67, 0xb6, 0xcc, 0xd4, 0x1a,
                                     0xd3, 0x12, 0x45, 0x1b, 0x94, 0x8a, 0x74, 0x13,
                                     0xf0, 0xa1, 0x42, 0xfd, 0x40, 0xd4, 0x93, 0x47}};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a block's body");
}

static enum ht_err too_large(size_t max_bytes, struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "body_too_large", "it takes more than %zu bytes", max_bytes);
}

/* What lower levels call no_room is the bound given here. */
static enum ht_err name_limit(enum ht_err err, size_t max_bytes, const struct ht_why *found,
                              struct ht_why *why) {
    if (err == HT_ELIMIT && strcmp(found->code, "no_room") == 0) return too_large(max_bytes, why);
    if (err != HT_OK && why != NULL) *why = *found;
    return err;
}

/* --- encoded items ----------------------------------------------------------------------------*/

/* The values of a trie over a list, one behind the other. */
struct items {
    struct ht_buf bytes;
    size_t *ends;
    ht_bytes *views;
    size_t count;
};

static bool items_init(struct items *items, size_t count, size_t max_bytes) {
    *items = (struct items){.count = 0};
    ht_buf_init(&items->bytes, max_bytes);
    items->ends = calloc(count + 1, sizeof *items->ends);
    items->views = calloc(count + 1, sizeof *items->views);
    return items->ends != NULL && items->views != NULL;
}

static void items_fini(struct items *items) {
    ht_buf_fini(&items->bytes);
    free(items->ends);
    free(items->views);
}

/* Takes what was appended to the bytes since the last call as one item. */
static void items_end_one(struct items *items) {
    items->ends[items->count++] = items->bytes.n;
}

/* When the bytes do not move any more. */
static void items_make_views(struct items *items) {
    for (size_t i = 0; i < items->count; i++) {
        size_t from = i > 0 ? items->ends[i - 1] : 0;
        items->views[i] = ht_bytes_of(items->bytes.p + from, items->ends[i] - from);
    }
}

static enum ht_err appended(struct items *items, enum ht_err err, struct ht_why *why) {
    if (err == HT_OK) items_end_one(items);
    if (err == HT_ELIMIT) return too_large(items->bytes.max, why);
    return err == HT_ENOMEM ? no_memory(why) : err;
}

static enum ht_err check_root(const ht_bytes *values, size_t count, const ht_hash32 *root,
                              const char *code, const char *what, struct ht_why *why) {
    ht_hash32 built;
    enum ht_err err = ht_trie_list_root(&built, values, count, NULL, why);
    if (err != HT_OK || ht_hash32_equal(&built, root)) return err;
    return ht_fail(why, HT_EUNVERIFIED, code, "the %s do not give the root in the header", what);
}

/* Bytes of a list with so much in it. */
static size_t list_size(size_t payload) {
    uint8_t header[HT_RLP_HEADER_MAX];
    return ht_rlp_header(header, true, payload) + payload;
}

/* --- transactions -----------------------------------------------------------------------------*/

static enum ht_err read_transactions(struct ht_body *body, struct items *items, const json_t *array,
                                     struct ht_why *why) {
    struct ht_transaction *list = NULL;
    void *room = NULL;
    const size_t count = json_array_size(array);
    enum ht_err err = ht_arena_array(&room, &body->arena, count, sizeof *list, why);
    list = room;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = ht_tx_from_json(&list[i], &body->arena, json_array_get(array, i), why);
        if (err == HT_OK && !list[i].is_signed) {
            err = ht_fail(why, HT_EINPUT, "tx_unsigned", "it has no signature");
        }
        if (err == HT_OK) err = appended(items, ht_tx_encode(&items->bytes, &list[i]), why);
        if (err != HT_OK) ht_why_context(why, "transaction %zu", i);
    }
    body->transactions = list;
    body->count = count;
    return err;
}

static enum ht_err fill_hashes_and_senders(struct ht_body *body, const struct items *items,
                                           struct ht_why *why) {
    void *hash_room = NULL;
    void *sender_room = NULL;
    enum ht_err err = ht_arena_array(&hash_room, &body->arena, body->count, sizeof(ht_hash32), why);
    if (err == HT_OK) {
        err = ht_arena_array(&sender_room, &body->arena, body->count, sizeof(ht_addr20), why);
    }
    ht_hash32 *hashes = hash_room;
    ht_addr20 *senders = sender_room;
    for (size_t i = 0; i < body->count && err == HT_OK; i++) {
        ht_keccak256(&hashes[i], items->views[i]);
        err = ht_tx_sender(&senders[i], &body->transactions[i], HT_ECDSA_ANY_S, why);
        if (err != HT_OK) ht_why_context(why, "transaction %zu", i);
    }
    body->hashes = hashes;
    body->senders = senders;
    return err;
}

/* A typed transaction stands in a block as a string. */
static size_t transactions_size(const struct items *items) {
    uint8_t header[HT_RLP_HEADER_MAX];
    size_t payload = items->bytes.n;
    for (size_t i = 0; i < items->count; i++) {
        bool is_typed = items->views[i].p[0] < 0xc0;
        if (is_typed) payload += ht_rlp_header(header, false, items->views[i].n);
    }
    return list_size(payload);
}

static enum ht_err take_transactions(struct ht_body *body, const struct ht_exec_header *header,
                                     const json_t *block, struct ht_why *why) {
    const json_t *array = NULL;
    struct items items;
    enum ht_err err = ht_json_array(&array, block, "transactions", why);
    if (err != HT_OK) return err;
    const size_t count = json_array_size(array);
    if (count > HT_TRIE_LIST_MAX) return too_large(body->arena.max, why);
    if (items_init(&items, count, body->arena.max)) {
        err = read_transactions(body, &items, array, why);
    } else {
        err = no_memory(why);
    }
    if (err == HT_OK) {
        items_make_views(&items);
        err = check_root(items.views, items.count, &header->transactions_root, "body_transactions",
                         "transactions", why);
    }
    if (err == HT_OK) err = fill_hashes_and_senders(body, &items, why);
    if (err == HT_OK) body->size += transactions_size(&items);
    items_fini(&items);
    return err;
}

/* --- withdrawals and uncles -------------------------------------------------------------------*/

static enum ht_err read_withdrawal(struct ht_withdrawal *out, const json_t *object,
                                   struct ht_why *why) {
    enum ht_err err = ht_rpc_read_u64(&out->index, object, "index", why);
    if (err == HT_OK) {
        err = ht_rpc_read_u64(&out->validator_index, object, "validatorIndex", why);
    }
    if (err == HT_OK) {
        err = ht_json_hex(out->address.b, sizeof out->address.b, object, "address", why);
    }
    if (err == HT_OK) err = ht_rpc_read_u64(&out->amount, object, "amount", why);
    return err;
}

static enum ht_err encode_withdrawal(struct ht_buf *out, const struct ht_withdrawal *withdrawal) {
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, out);
    size_t begin = ht_rlp_list_begin(&writer);
    ht_rlp_write_u64(&writer, withdrawal->index);
    ht_rlp_write_u64(&writer, withdrawal->validator_index);
    ht_rlp_write_bytes(&writer, HT_BYTES(withdrawal->address.b));
    ht_rlp_write_u64(&writer, withdrawal->amount);
    ht_rlp_list_end(&writer, begin);
    return ht_rlp_finish(&writer);
}

static enum ht_err read_withdrawals(struct ht_body *body, struct items *items, const json_t *array,
                                    struct ht_why *why) {
    struct ht_withdrawal *list = NULL;
    void *room = NULL;
    const size_t count = json_array_size(array);
    enum ht_err err = ht_arena_array(&room, &body->arena, count, sizeof *list, why);
    list = room;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = read_withdrawal(&list[i], json_array_get(array, i), why);
        if (err == HT_OK) err = appended(items, encode_withdrawal(&items->bytes, &list[i]), why);
        if (err != HT_OK) ht_why_context(why, "withdrawal %zu", i);
    }
    body->withdrawals = list;
    body->withdrawal_count = count;
    return err;
}

static enum ht_err take_withdrawals(struct ht_body *body, const struct ht_exec_header *header,
                                    const json_t *block, struct ht_why *why) {
    const json_t *array = NULL;
    struct items items;
    /* No root, so nothing that is said about them could be proven. */
    if (header->layout < HT_EXEC_LAYOUT_SHANGHAI) return HT_OK;
    enum ht_err err = ht_json_array(&array, block, "withdrawals", why);
    if (err != HT_OK) return err;
    const size_t count = json_array_size(array);
    if (count > HT_TRIE_LIST_MAX) return too_large(body->arena.max, why);
    if (items_init(&items, count, body->arena.max)) {
        err = read_withdrawals(body, &items, array, why);
    } else {
        err = no_memory(why);
    }
    if (err == HT_OK) {
        items_make_views(&items);
        err = check_root(items.views, items.count, &header->withdrawals_root, "body_withdrawals",
                         "withdrawals", why);
    }
    if (err == HT_OK) body->size += list_size(items.bytes.n);
    items_fini(&items);
    return err;
}

/* Where the header has some, what the block object says of them proves nothing and is not taken. */
static enum ht_err check_uncles(struct ht_body *body, const struct ht_exec_header *header,
                                const json_t *block, struct ht_why *why) {
    const json_t *uncles = NULL;
    body->has_uncles = !ht_hash32_equal(&header->ommers_hash, &NO_OMMERS);
    if (body->has_uncles) return HT_OK;
    if (!ht_rpc_has(block, "uncles")) return HT_OK;
    enum ht_err err = ht_json_array(&uncles, block, "uncles", why);
    if (err != HT_OK || json_array_size(uncles) == 0) return err;
    return ht_fail(why, HT_EUNVERIFIED, "body_uncles", "%zu uncles, but the header says none",
                   json_array_size(uncles));
}

/* --- the body ---------------------------------------------------------------------------------*/

static enum ht_err add_header_size(struct ht_body *body, const struct ht_exec_header *header,
                                   struct ht_why *why) {
    struct ht_buf rlp;
    ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
    enum ht_err err = ht_exec_header_encode(&rlp, header);
    body->size += rlp.n + list_size(0); /* the empty list of uncles */
    ht_buf_fini(&rlp);
    return err == HT_OK ? HT_OK : no_memory(why);
}

enum ht_err ht_body_from_json(struct ht_body **out, const struct ht_exec_header_verified *header,
                              const json_t *block, size_t max_bytes, struct ht_why *why) {
    struct ht_why found = {.code = ""};
    struct ht_body *body = calloc(1, sizeof *body);
    if (body == NULL) return no_memory(why);
    body->refs = 1;
    ht_arena_init(&body->arena, max_bytes);
    enum ht_err err = check_uncles(body, &header->header, block, &found);
    if (err == HT_OK) err = add_header_size(body, &header->header, &found);
    if (err == HT_OK) err = take_withdrawals(body, &header->header, block, &found);
    if (err == HT_OK) err = take_transactions(body, &header->header, block, &found);
    if (err == HT_OK) {
        body->size = body->has_uncles ? 0 : list_size(body->size);
        *out = body;
        return HT_OK;
    }
    ht_body_unref(body);
    return name_limit(err, max_bytes, &found, why);
}

struct ht_body *ht_body_ref(struct ht_body *body) {
    body->refs++;
    return body;
}

void ht_body_unref(struct ht_body *body) {
    if (body == NULL || --body->refs > 0) return;
    ht_arena_fini(&body->arena);
    free(body);
}

size_t ht_body_weight(const struct ht_body *body) {
    return sizeof *body + body->arena.used;
}

/* --- receipts ---------------------------------------------------------------------------------*/

static enum ht_err prove_receipts(const struct ht_receipts *receipts,
                                  const struct ht_exec_header *header, struct ht_why *why) {
    struct items items;
    enum ht_err err = HT_OK;
    if (!items_init(&items, receipts->count, receipts->arena.max)) err = no_memory(why);
    for (size_t i = 0; i < receipts->count && err == HT_OK; i++) {
        err = appended(&items, ht_receipt_encode(&items.bytes, &receipts->list[i]), why);
    }
    if (err == HT_OK) {
        items_make_views(&items);
        err = check_root(items.views, items.count, &header->receipts_root, "body_receipts",
                         "receipts", why);
    }
    items_fini(&items);
    return err;
}

enum ht_err ht_receipts_prove_json(struct ht_receipts **out,
                                   const struct ht_exec_header_verified *header,
                                   const json_t *array, size_t max_bytes, struct ht_why *why) {
    struct ht_why found = {.code = ""};
    struct ht_receipts *receipts = calloc(1, sizeof *receipts);
    if (receipts == NULL) return no_memory(why);
    receipts->refs = 1;
    ht_arena_init(&receipts->arena, max_bytes);
    enum ht_err err = ht_receipts_from_json(&receipts->list, &receipts->count, &receipts->arena,
                                            array, HT_TRIE_LIST_MAX, &header->hash, &found);
    if (err == HT_OK) err = prove_receipts(receipts, &header->header, &found);
    if (err == HT_OK) {
        *out = receipts;
        return HT_OK;
    }
    ht_receipts_unref(receipts);
    return name_limit(err, max_bytes, &found, why);
}

enum ht_err ht_receipts_encode(struct ht_buf *out, const struct ht_receipts *receipts) {
    struct ht_rlp_writer writer;
    struct ht_buf one;
    enum ht_err err = HT_OK;
    const size_t start = out->n;
    ht_buf_init(&one, HT_RECEIPT_SIZE_MAX);
    ht_rlp_writer_init(&writer, out);
    size_t begin = ht_rlp_list_begin(&writer);
    for (size_t i = 0; i < receipts->count && err == HT_OK; i++) {
        ht_buf_clear(&one);
        err = ht_receipt_encode(&one, &receipts->list[i]);
        if (err == HT_OK) ht_rlp_write_bytes(&writer, ht_buf_view(&one));
    }
    ht_rlp_list_end(&writer, begin);
    ht_buf_fini(&one);
    enum ht_err written = ht_rlp_finish(&writer);
    if (err == HT_OK) return written;
    out->n = start;
    return err;
}

/* The views of the items of the kept list, and their root against the header's. */
static enum ht_err open_kept(ht_bytes **views, size_t *count, const struct ht_exec_header *header,
                             ht_bytes encoded, struct ht_why *why) {
    ht_bytes rest = encoded;
    ht_bytes items = {0};
    size_t n = 0;
    enum ht_err err = ht_rlp_read_list(&items, &rest, why);
    if (err == HT_OK) err = ht_rlp_end(rest, why);
    if (err == HT_OK) err = ht_rlp_count(&n, items, HT_TRIE_LIST_MAX, why);
    if (err != HT_OK) return err;
    *views = calloc(n + 1, sizeof **views);
    if (*views == NULL) return no_memory(why);
    for (size_t i = 0; i < n && err == HT_OK; i++) {
        err = ht_rlp_read_bytes(&(*views)[i], &items, items.n, why);
    }
    if (err == HT_OK) {
        err = check_root(*views, n, &header->receipts_root, "body_receipts", "receipts", why);
    }
    *count = n;
    return err;
}

/* *views is the caller's to free in any case. */
static enum ht_err decode_kept(struct ht_receipts *receipts, ht_bytes **views,
                               const struct ht_exec_header *header, ht_bytes encoded,
                               struct ht_why *why) {
    void *copy = NULL;
    void *room = NULL;
    enum ht_err err = ht_arena_array(&copy, &receipts->arena, encoded.n, 1, why);
    if (err != HT_OK) return err;
    /* The receipts point into it. */
    if (encoded.n > 0) memcpy(copy, encoded.p, encoded.n);
    err = open_kept(views, &receipts->count, header, ht_bytes_of(copy, encoded.n), why);
    if (err != HT_OK) return err;
    err = ht_arena_array(&room, &receipts->arena, receipts->count, sizeof *receipts->list, why);
    struct ht_receipt *list = room;
    for (size_t i = 0; i < receipts->count && err == HT_OK; i++) {
        err = ht_receipt_decode(&list[i], &receipts->arena, (*views)[i], why);
        if (err != HT_OK) ht_why_context(why, "receipt %zu", i);
    }
    receipts->list = list;
    return err;
}

enum ht_err ht_receipts_decode(struct ht_receipts **out,
                               const struct ht_exec_header_verified *header, ht_bytes encoded,
                               size_t max_bytes, struct ht_why *why) {
    struct ht_why found = {.code = ""};
    ht_bytes *views = NULL;
    struct ht_receipts *receipts = calloc(1, sizeof *receipts);
    if (receipts == NULL) return no_memory(why);
    receipts->refs = 1;
    ht_arena_init(&receipts->arena, max_bytes);
    enum ht_err err = decode_kept(receipts, &views, &header->header, encoded, &found);
    free(views);
    if (err == HT_OK) {
        *out = receipts;
        return HT_OK;
    }
    ht_receipts_unref(receipts);
    return name_limit(err, max_bytes, &found, why);
}

struct ht_receipts *ht_receipts_ref(struct ht_receipts *receipts) {
    receipts->refs++;
    return receipts;
}

void ht_receipts_unref(struct ht_receipts *receipts) {
    if (receipts == NULL || --receipts->refs > 0) return;
    ht_arena_fini(&receipts->arena);
    free(receipts);
}

size_t ht_receipts_weight(const struct ht_receipts *receipts) {
    return sizeof *receipts + receipts->arena.used;
}
