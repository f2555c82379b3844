/* Recorded execution blocks and receipts: hashes, senders and rebuilt roots. */
#include "tests/vectors/light_blocks.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "node/codec/rlp.h"
#include "node/codec/transaction_rules.h"
#include "node/l1/execution/header.h"
#include "node/l1/execution/receipt_json.h"
#include "node/l1/execution/rpc_json.h"
#include "node/l1/execution/transaction_json.h"
#include "node/l1/execution/trie_build.h"

#define FILE_MAX ((size_t)64 << 20)
#define ARENA_MAX ((size_t)256 << 20)
#define BLOCKS_MAX 256U
#define ITEMS_MAX 4096U
/* From receipts_root to block_hash in the fixed part of an ExecutionPayload (Bellatrix to Fulu):
 * receipts_root, logs_bloom, prev_randao, 4 numbers, an offset, base_fee_per_gas. */
#define ROOT_TO_HASH (32U + 256U + 32U + 4U * 8U + 4U + 32U)

struct block {
    ht_hash32 hash;
    ht_hash32 receipts_root;
};

struct run {
    struct ht_vec_report *report;
    const char *dir;
    struct block blocks[BLOCKS_MAX];
    size_t block_count;
    size_t headers, transactions, transaction_lists, receipts, rootless;
    bool is_second_pass; /* receipts need all headers first */
    /* Of a search in beacon blocks. */
    ht_hash32 wanted;
    ht_hash32 found_root;
    bool is_found;
};

/* Encodings one behind the other, and where each ends. */
struct list {
    struct ht_buf bytes;
    size_t ends[ITEMS_MAX];
    size_t count;
};

static enum ht_err expect_root(const struct list *list, const ht_hash32 *want, const char *what,
                               struct ht_why *why) {
    static ht_bytes values[ITEMS_MAX];
    ht_hash32 root;
    size_t begin = 0;
    for (size_t i = 0; i < list->count; i++) {
        values[i] = ht_bytes_of(list->bytes.p + begin, list->ends[i] - begin);
        begin = list->ends[i];
    }
    enum ht_err err = ht_trie_list_root(&root, values, list->count, NULL, why);
    if (err != HT_OK || ht_hash32_equal(&root, want)) return err;
    return ht_fail(why, HT_EBUG, "case", "%s: another root", what);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static enum ht_err check_header(struct ht_exec_header_claimed *claimed, const json_t *block,
                                struct ht_why *why) {
    struct ht_exec_header_claimed again;
    struct ht_buf rlp;
    json_t *object = NULL;
    ht_buf_init(&rlp, HT_EXEC_HEADER_RLP_MAX);
    enum ht_err err = ht_exec_header_from_json(claimed, block, why);
    if (err == HT_OK) err = ht_exec_header_encode(&rlp, &claimed->header);
    if (err == HT_OK) err = ht_exec_header_decode(&again, ht_buf_view(&rlp), why);
    if (err == HT_OK && !ht_hash32_equal(&again.hash, &claimed->hash)) {
        err = ht_fail(why, HT_EBUG, "case", "decodes to another hash");
    }
    if (err == HT_OK) err = ht_exec_header_to_json(&object, &again.header, &again.hash);
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(object, key, value) {
        if (err != HT_OK || json_equal(value, json_object_get(block, key))) continue;
        err = ht_fail(why, HT_EBUG, "case", "%s is written differently", key);
    }
    json_decref(object);
    ht_buf_fini(&rlp);
    return err;
}

static enum ht_err check_price(const struct ht_transaction *tx, const json_t *object,
                               const struct ht_exec_header *header, struct ht_why *why) {
    ht_u256 paid;
    ht_u256 said;
    ht_tx_effective_gas_price(&paid, tx, &header->base_fee_per_gas);
    enum ht_err err = ht_rpc_read_u256(&said, object, "gasPrice", why);
    if (err != HT_OK || ht_u256_equal(&paid, &said)) return err;
    return ht_fail(why, HT_EBUG, "case", "another price is paid");
}

static enum ht_err check_transaction(struct list *list, struct ht_arena *arena,
                                     const json_t *object, const struct ht_exec_header *header,
                                     struct ht_why *why) {
    struct ht_transaction tx;
    struct ht_transaction decoded;
    ht_addr20 from;
    ht_addr20 sender;
    size_t begin = list->bytes.n;
    enum ht_err err = ht_tx_from_json(&tx, arena, object, why);
    if (err == HT_OK) err = ht_tx_encode(&list->bytes, &tx);
    if (err != HT_OK) return err;
    ht_bytes one = ht_bytes_of(list->bytes.p + begin, list->bytes.n - begin);
    list->ends[list->count++] = list->bytes.n;
    err = ht_tx_decode(&decoded, arena, one, HT_TX_NETWORK_FORM_REFUSE, why);
    if (err == HT_OK) err = ht_json_hex(from.b, sizeof from.b, object, "from", why);
    if (err == HT_OK) err = ht_tx_sender(&sender, &decoded, HT_ECDSA_ANY_S, why);
    if (err == HT_OK && memcmp(from.b, sender.b, sizeof from.b) != 0) {
        err = ht_fail(why, HT_EBUG, "case", "signed by somebody else");
    }
    return err != HT_OK ? err : check_price(&tx, object, header, why);
}

static enum ht_err check_transactions(struct run *run, struct list *list, const json_t *block,
                                      const struct ht_exec_header *header, struct ht_why *why) {
    struct ht_arena arena;
    const json_t *array = json_object_get(block, "transactions");
    const json_t *one = NULL;
    size_t i = 0;
    enum ht_err err = HT_OK;
    /* Hashes only: nothing to rebuild the root from. */
    if (!json_is_array(array) || json_is_string(json_array_get(array, 0))) return HT_OK;
    if (json_array_size(array) > ITEMS_MAX) return ht_fail(why, HT_ELIMIT, "case", "too many");
    ht_arena_init(&arena, ARENA_MAX);
    json_array_foreach(array, i, one) {
        err = check_transaction(list, &arena, one, header, why);
        if (err != HT_OK) break;
    }
    if (err != HT_OK) ht_why_context(why, "transaction %zu", i);
    if (err == HT_OK) err = expect_root(list, &header->transactions_root, "transactions", why);
    run->transactions += list->count;
    run->transaction_lists++;
    ht_arena_fini(&arena);
    return err;
}

/* EIP-4895: index, validator_index, address, amount in Gwei. */
static enum ht_err add_withdrawal(struct list *list, const json_t *object, struct ht_why *why) {
    uint64_t numbers[3] = {0};
    ht_addr20 address;
    enum ht_err err = ht_rpc_read_u64(&numbers[0], object, "index", why);
    if (err == HT_OK) err = ht_rpc_read_u64(&numbers[1], object, "validatorIndex", why);
    if (err == HT_OK) err = ht_rpc_read_u64(&numbers[2], object, "amount", why);
    if (err == HT_OK) err = ht_json_hex(address.b, sizeof address.b, object, "address", why);
    if (err != HT_OK) return err;
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, &list->bytes);
    size_t begin = ht_rlp_list_begin(&writer);
    ht_rlp_write_u64(&writer, numbers[0]);
    ht_rlp_write_u64(&writer, numbers[1]);
    ht_rlp_write_bytes(&writer, HT_BYTES(address.b));
    ht_rlp_write_u64(&writer, numbers[2]);
    ht_rlp_list_end(&writer, begin);
    err = ht_rlp_finish(&writer);
    list->ends[list->count++] = list->bytes.n;
    return err;
}

static enum ht_err check_withdrawals(struct list *list, const json_t *block,
                                     const struct ht_exec_header *header, struct ht_why *why) {
    const json_t *array = json_object_get(block, "withdrawals");
    const json_t *one = NULL;
    size_t i = 0;
    enum ht_err err = HT_OK;
    if (header->layout < HT_EXEC_LAYOUT_SHANGHAI || array == NULL) return HT_OK;
    if (json_array_size(array) > ITEMS_MAX) return ht_fail(why, HT_ELIMIT, "case", "too many");
    list->count = 0;
    ht_buf_clear(&list->bytes);
    json_array_foreach(array, i, one) {
        if (err == HT_OK) err = add_withdrawal(list, one, why);
    }
    return err != HT_OK ? err : expect_root(list, &header->withdrawals_root, "withdrawals", why);
}

static void run_block(struct run *run, const char *name, const json_t *block) {
    static struct list list;
    struct ht_exec_header_claimed claimed = {.header = {.number = 0}};
    struct ht_why why = {.code = "", .text = ""};
    ht_buf_init(&list.bytes, FILE_MAX);
    list.count = 0;
    run->headers++;
    enum ht_err err = check_header(&claimed, block, &why);
    if (err == HT_OK && run->block_count < BLOCKS_MAX) {
        run->blocks[run->block_count++] =
            (struct block){claimed.hash, claimed.header.receipts_root};
    }
    if (err == HT_OK) err = check_transactions(run, &list, block, &claimed.header, &why);
    if (err == HT_OK) err = check_withdrawals(&list, block, &claimed.header, &why);
    if (err == HT_OK)
        ht_vec_pass(run->report, name);
    else
        ht_vec_fail(run->report, name, "%s", why.text);
    ht_buf_fini(&list.bytes);
}

/* --- receipts --------------------------------------------------------------------------------- */

/* Whether this is a payload's own block_hash and not the same hash as another's parent_hash: the
 * offset of extra_data before base_fee_per_gas says where the payload's fixed part ends. */
static bool is_own_hash(ht_bytes bytes, const uint8_t *at) {
    if ((size_t)(at - bytes.p) < ROOT_TO_HASH) return false;
    uint32_t offset = ht_read_u32_le(at - 36);
    return offset == 508 || offset == 512 || offset == 528;
}

static void search_beacon_block(const char *path, void *user) {
    struct run *run = user;
    struct ht_buf bytes;
    if (run->is_found) return;
    ht_buf_init(&bytes, FILE_MAX);
    bool is_read = ht_vec_read(&bytes, path) == HT_OK && bytes.n > 0;
    const uint8_t *at = is_read ? memmem(bytes.p, bytes.n, run->wanted.b, 32) : NULL;
    while (at != NULL && !is_own_hash(ht_buf_view(&bytes), at)) {
        size_t left = bytes.n - (size_t)(at - bytes.p) - 1;
        at = memmem(at + 1, left, run->wanted.b, 32);
    }
    run->is_found = at != NULL;
    if (at != NULL) memcpy(run->found_root.b, at - ROOT_TO_HASH, 32);
    ht_buf_fini(&bytes);
}

/* The receipts root of a block, from a recorded header or beacon block. */
static bool find_root(ht_hash32 *out, struct run *run, const ht_hash32 *block_hash) {
    for (size_t i = 0; i < run->block_count; i++) {
        if (!ht_hash32_equal(&run->blocks[i].hash, block_hash)) continue;
        *out = run->blocks[i].receipts_root;
        return true;
    }
    run->wanted = *block_hash;
    run->is_found = false;
    (void)ht_vec_walk(run->dir, ".ssz", search_beacon_block, run);
    *out = run->found_root;
    return run->is_found;
}

/* Our own JSON of a receipt must say what the recorded one says about what the trie covers. */
static enum ht_err compare_json(const struct ht_receipt *receipt, const json_t *recorded,
                                struct ht_why *why) {
    static const char *const same[] = {"cumulativeGasUsed", "logsBloom", "status", "root"};
    const struct ht_transaction nobody = {.type = receipt->type};
    const struct ht_receipt_place place = {.transaction = &nobody};
    json_t *object = NULL;
    enum ht_err err = ht_receipt_to_json(&object, receipt, &place);
    for (size_t i = 0; i < sizeof same / sizeof *same && err == HT_OK; i++) {
        const json_t *own = json_object_get(object, same[i]);
        if (own == NULL || json_equal(own, json_object_get(recorded, same[i]))) continue;
        err = ht_fail(why, HT_EBUG, "case", "%s is written differently", same[i]);
    }
    size_t logs = json_array_size(json_object_get(object, "logs"));
    if (err == HT_OK && logs != json_array_size(json_object_get(recorded, "logs"))) {
        err = ht_fail(why, HT_EBUG, "case", "another number of logs");
    }
    json_decref(object);
    return err;
}

static enum ht_err check_receipt(struct list *list, struct ht_arena *arena,
                                 const struct ht_receipt *receipt, const json_t *recorded,
                                 struct ht_why *why) {
    struct ht_receipt decoded;
    struct ht_buf again;
    size_t begin = list->bytes.n;
    enum ht_err err = ht_receipt_check_bloom(receipt, why);
    if (err == HT_OK) err = ht_receipt_encode(&list->bytes, receipt);
    if (err != HT_OK) return err;
    ht_bytes one = ht_bytes_of(list->bytes.p + begin, list->bytes.n - begin);
    list->ends[list->count++] = list->bytes.n;
    ht_buf_init(&again, HT_RECEIPT_SIZE_MAX);
    err = ht_receipt_decode(&decoded, arena, one, why);
    if (err == HT_OK) err = ht_receipt_encode(&again, &decoded);
    if (err == HT_OK && !ht_bytes_equal(ht_buf_view(&again), one)) {
        err = ht_fail(why, HT_EBUG, "case", "encodes to other bytes");
    }
    if (err == HT_OK) err = compare_json(&decoded, recorded, why);
    ht_buf_fini(&again);
    return err;
}

static enum ht_err check_receipts(struct run *run, struct list *list, struct ht_arena *arena,
                                  const json_t *array, struct ht_why *why) {
    const struct ht_receipt *receipts = NULL;
    ht_hash32 block_hash;
    ht_hash32 root;
    size_t count = 0;
    enum ht_err err = ht_receipts_from_json(&receipts, &count, arena, array, ITEMS_MAX, NULL, why);
    if (err == HT_OK) {
        err = ht_json_hex(block_hash.b, sizeof block_hash.b, array, "[0].blockHash", why);
    }
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        err = check_receipt(list, arena, &receipts[i], json_array_get(array, i), why);
        if (err != HT_OK) ht_why_context(why, "receipt %zu", i);
    }
    if (err != HT_OK) return err;
    run->receipts += count;
    if (find_root(&root, run, &block_hash)) return expect_root(list, &root, "receipts", why);
    run->rootless++;
    return HT_OK;
}

static void run_receipts(struct run *run, const char *name, const json_t *array) {
    static struct list list;
    struct ht_arena arena;
    struct ht_why why = {.code = "", .text = ""};
    ht_arena_init(&arena, ARENA_MAX);
    ht_buf_init(&list.bytes, FILE_MAX);
    list.count = 0;
    enum ht_err err = check_receipts(run, &list, &arena, array, &why);
    if (err == HT_OK)
        ht_vec_pass(run->report, name);
    else
        ht_vec_fail(run->report, name, "%s", why.text);
    ht_buf_fini(&list.bytes);
    ht_arena_fini(&arena);
}

/* --- files ------------------------------------------------------------------------------------ */

static bool is_block(const json_t *value) {
    return ht_json_member(value, "parentHash") != NULL &&
           ht_json_member(value, "sha3Uncles") != NULL && ht_json_member(value, "hash") != NULL;
}

static bool is_receipts(const json_t *value) {
    const json_t *first = json_array_get(value, 0);
    return ht_json_member(first, "cumulativeGasUsed") != NULL &&
           ht_json_member(first, "logsBloom") != NULL;
}

/* Spares the parser the many large files of other kinds. */
static bool may_hold_cases(ht_bytes text) {
    return text.n > 0 && (memmem(text.p, text.n, "\"sha3Uncles\"", 12) != NULL ||
                          memmem(text.p, text.n, "\"cumulativeGasUsed\"", 19) != NULL);
}

static void run_file(const char *path, void *user) {
    struct run *run = user;
    struct ht_buf text;
    json_t *document = NULL;
    struct ht_why why = {.code = "", .text = ""};
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    ht_buf_init(&text, FILE_MAX);
    if (ht_vec_read(&text, path) == HT_OK && may_hold_cases(ht_buf_view(&text))) {
        if (ht_json_parse(&document, ht_buf_view(&text), FILE_MAX, &why) != HT_OK &&
            !run->is_second_pass) {
            ht_vec_skip(run->report, name, why.text);
        }
    }
    const json_t *value = ht_json_member(document, "result");
    if (value == NULL) value = document;
    if (!run->is_second_pass && is_block(value)) run_block(run, name, value);
    if (run->is_second_pass && is_receipts(value)) run_receipts(run, name, value);
    json_decref(document);
    ht_buf_fini(&text);
}

void ht_lv_run_blocks(const char *dir, struct ht_vec_report *report) {
    struct run *run = calloc(1, sizeof *run);
    ht_assert(run != NULL);
    run->report = report;
    run->dir = dir;
    (void)ht_vec_walk(dir, ".json", run_file, run);
    run->is_second_pass = true;
    (void)ht_vec_walk(dir, ".json", run_file, run);
    if (run->headers + run->receipts > 0) {
        ht_vec_note("light: %zu execution headers, %zu transactions in %zu rebuilt lists, %zu "
                    "receipts; %zu lists of receipts have no recorded root",
                    run->headers, run->transactions, run->transaction_lists, run->receipts,
                    run->rootless);
    }
    free(run);
}
