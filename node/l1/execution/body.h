/* What is in a block: its transactions and withdrawals, and its receipts, proven by the roots in
 * its verified header.
 *
 * Both are immutable once made and may be read on any thread; references are counted on the loop
 * thread alone.
 *
 * Reasons, besides those of transaction.h (a sender's too), receipt.h, the two _json.h and
 * trie_build.h:
 *     body_transactions  HT_EUNVERIFIED: the transactions do not give transactions_root
 *     body_withdrawals   HT_EUNVERIFIED: the withdrawals do not give withdrawals_root
 *     body_uncles        HT_EUNVERIFIED: uncles where the header says there are none
 *     body_receipts      HT_EUNVERIFIED: the receipts do not give receipts_root
 *     body_too_large     HT_ELIMIT: past max_bytes, or more transactions than a trie's list has
 *     no_memory          HT_ENOMEM */
#ifndef HT_L1_EXECUTION_BODY_H
#define HT_L1_EXECUTION_BODY_H

#include "node/codec/transaction.h"
#include "node/l1/execution/header.h"
#include "node/l1/execution/receipt.h"

/* EIP-4895 */
struct ht_withdrawal {
    uint64_t index;
    uint64_t validator_index;
    ht_addr20 address;
    uint64_t amount; /* Gwei */
};

struct ht_body {
    size_t refs; /* the loop's */
    struct ht_arena arena;
    const struct ht_transaction *transactions;
    const ht_hash32 *hashes;  /* of the transactions */
    const ht_addr20 *senders; /* recovered from their signatures */
    size_t count;
    const struct ht_withdrawal *withdrawals; /* none before Shanghai */
    size_t withdrawal_count;
    bool has_uncles; /* a block from before the Merge that has some; they are not proven */
    uint64_t size;   /* bytes of the block's RLP (Yellow Paper 4.3.3: header, transactions, uncles,
                        withdrawals); 0 with uncles */
};

struct ht_receipts {
    size_t refs; /* the loop's */
    struct ht_arena arena;
    const struct ht_receipt *list; /* one for each transaction, in their order */
    size_t count;
};

/* The body in a block object with full transactions, as eth_getBlockByHash gives it with true.
 * Only transactions, withdrawals and uncles are looked at. One reference, the caller's. */
enum ht_err ht_body_from_json(struct ht_body **out, const struct ht_exec_header_verified *header,
                              const json_t *block, size_t max_bytes,
                              struct ht_why *why) HT_MUST_USE;
/* The receipts in an answer to eth_getBlockReceipts. */
enum ht_err ht_receipts_prove_json(struct ht_receipts **out,
                                   const struct ht_exec_header_verified *header,
                                   const json_t *array, size_t max_bytes,
                                   struct ht_why *why) HT_MUST_USE;

/* Receipts as they are kept: the RLP list of their EIP-2718 forms (each a byte string). Reading
 * them proves them again. HT_ELIMIT, HT_ENOMEM from writing. */
enum ht_err ht_receipts_encode(struct ht_buf *out, const struct ht_receipts *receipts) HT_MUST_USE;
enum ht_err ht_receipts_decode(struct ht_receipts **out,
                               const struct ht_exec_header_verified *header, ht_bytes encoded,
                               size_t max_bytes, struct ht_why *why) HT_MUST_USE;

/* Loop thread. Adds a reference; drops one, NULL being none, and frees with the last. */
struct ht_body *ht_body_ref(struct ht_body *body);
void ht_body_unref(struct ht_body *body);
struct ht_receipts *ht_receipts_ref(struct ht_receipts *receipts);
void ht_receipts_unref(struct ht_receipts *receipts);

/* Bytes of memory that each takes, for bounds. */
size_t ht_body_weight(const struct ht_body *body);
size_t ht_receipts_weight(const struct ht_receipts *receipts);

#endif
