/* Blocks for a count, straight from what the node has proven of them. Any thread. */
#ifndef HT_GOVERNANCE_COUNT_COUNT_RECEIPTS_H
#define HT_GOVERNANCE_COUNT_COUNT_RECEIPTS_H

#include "governance/count/count.h"
#include "node/module.h"

/* All receipts of a block whose root they gave; borrowed for the call. Errors of
 * ht_gov_count_block. */
enum ht_err ht_gov_count_receipts(struct ht_gov_count *count, const struct ht_exec_header *header,
                                  const struct ht_receipt *receipts, size_t receipt_count,
                                  struct ht_why *why) HT_MUST_USE;
/* A block of which only the proven header is there. */
enum ht_err ht_gov_count_header(struct ht_gov_count *count, const struct ht_exec_header *header,
                                struct ht_why *why) HT_MUST_USE;

#endif
