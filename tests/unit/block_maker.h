/* Blocks for tests: a header whose roots fit, its transactions, receipts and withdrawals, and the
 * JSON that an honest provider would give. Everything fails the running test on error. */
#ifndef HT_TESTS_UNIT_BLOCK_MAKER_H
#define HT_TESTS_UNIT_BLOCK_MAKER_H

#include "node/l1/execution/body.h"

#define HT_BM_TRANSACTIONS_MAX 8U
#define HT_BM_WITHDRAWALS_MAX 2U
#define HT_BM_BYTES_MAX ((size_t)1 << 20)

struct ht_block_maker {
    /* What is in the block; may be changed before ht_bm_finish. */
    struct ht_exec_header header;
    struct ht_transaction transactions[HT_BM_TRANSACTIONS_MAX];
    struct ht_receipt receipts[HT_BM_TRANSACTIONS_MAX];
    size_t count;
    struct ht_withdrawal withdrawals[HT_BM_WITHDRAWALS_MAX];
    size_t withdrawal_count;

    /* Made by ht_bm_finish. */
    struct ht_exec_header_verified verified;
    json_t *block;         /* as eth_getBlockByHash with true */
    json_t *receipts_json; /* as eth_getBlockReceipts */
};

/* A block of that layout, number 100, base fee 1000 from London on: a transaction of each type that
 * the layout knows, each paying i + 1 wei more than the base fee and using 21000 * (i + 1) gas,
 * each but the first with two logs; from Shanghai on two withdrawals. */
void ht_bm_init(struct ht_block_maker *maker, enum ht_exec_layout layout);
/* Signs, computes blooms, roots and hash, and writes the JSON. May be called again. */
void ht_bm_finish(struct ht_block_maker *maker);
void ht_bm_fini(struct ht_block_maker *maker);

/* The proven body and receipts; one reference, the caller's. */
struct ht_body *ht_bm_body(const struct ht_block_maker *maker);
struct ht_receipts *ht_bm_receipts(const struct ht_block_maker *maker);

/* A header as if a proof had named it. */
void ht_bm_verify(struct ht_exec_header_verified *out, const struct ht_exec_header *header);

#endif
