/* Receipts of types 0 to 4 and their logs.
 *
 * Sources: Yellow Paper 4.3.1, EIP-658 (status instead of the state root), EIP-2718. What is
 * accepted encodes back to the same bytes. A receipt in a rebuilt and proven trie needs no further
 * check; one from anywhere else is a claim.
 *
 * Reasons, HT_EINPUT if not said otherwise: those of node/codec/rlp.h, and
 *     receipt_type           a type that is not 0 to 4, or no bytes
 *     receipt_status         neither a status of 0 or 1 nor a 32-byte state root
 *     receipt_topics         a log with more than 4 topics
 *     receipt_bloom_differs  HT_EUNVERIFIED: the bloom is not the one of the logs
 *     no_room                HT_ELIMIT: more logs than the arena allows */
#ifndef HT_L1_EXECUTION_RECEIPT_H
#define HT_L1_EXECUTION_RECEIPT_H

#include "node/base/arena.h"
#include "node/codec/transaction.h"
#include "node/l1/execution/bloom.h"

#define HT_LOG_TOPICS_MAX 4U
/* The longest receipt that is encoded. */
#define HT_RECEIPT_SIZE_MAX ((size_t)64 << 20)

struct ht_log {
    ht_addr20 address;
    size_t topic_count;
    ht_hash32 topics[HT_LOG_TOPICS_MAX];
    ht_bytes data;
};

struct ht_receipt {
    enum ht_tx_type type;
    bool has_state_root; /* before Byzantium; else status */
    ht_hash32 state_root;
    bool is_success; /* status 1 */
    uint64_t cumulative_gas_used;
    uint8_t logs_bloom[HT_BLOOM_SIZE];
    const struct ht_log *logs; /* the arena's */
    size_t log_count;
};

/* Decodes exactly one receipt as EIP-2718 writes it. *out borrows from `encoded` and the arena. */
enum ht_err ht_receipt_decode(struct ht_receipt *out, struct ht_arena *arena, ht_bytes encoded,
                              struct ht_why *why) HT_MUST_USE;

/* Appends it: what the receipts trie is made of. HT_ELIMIT, HT_ENOMEM. */
enum ht_err ht_receipt_encode(struct ht_buf *out, const struct ht_receipt *receipt) HT_MUST_USE;

/* The bloom of the receipt's logs. */
void ht_receipt_bloom(uint8_t out[static HT_BLOOM_SIZE], const struct ht_receipt *receipt);

/* Whether logs_bloom is that. HT_EUNVERIFIED receipt_bloom_differs. */
enum ht_err ht_receipt_check_bloom(const struct ht_receipt *receipt,
                                   struct ht_why *why) HT_MUST_USE;

#endif
