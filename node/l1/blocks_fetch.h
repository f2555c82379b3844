/* Getting bodies and receipts. Inside of the block service. */
#ifndef HT_L1_BLOCKS_FETCH_H
#define HT_L1_BLOCKS_FETCH_H

#include "node/l1/blocks_impl.h"

/* Joins those who wait for the block's body or receipts, and asks if the read is the first;
 * ht_blocks_got comes for each, perhaps before this returns. */
void ht_blocks_fetch(struct ht_block_read *read, bool is_receipts);

#endif
