/* Blocks of a count: receipts, and the headers of the whole window. Only recount*.c include this.
 */
#ifndef HT_GOVERNANCE_RECOUNT_RECOUNT_BLOCKS_H
#define HT_GOVERNANCE_RECOUNT_RECOUNT_BLOCKS_H

#include "governance/recount/recount_impl.h"

/* Reads the blocks in the list from block_at on, counts them, goes on with recount_compare. */
void ht_gov_recount_read_blocks(struct ht_gov_recounting *recounting);
/* Adds a block to the list, unless it is there. */
bool ht_gov_recount_add_block(struct ht_gov_recounting *recounting, uint64_t number);
/* Goes through the headers of the window, then on with recount_listed. */
void ht_gov_recount_list(struct ht_gov_recounting *recounting);

#endif
