/* Finding headers that are not in memory. Inside of the header service. */
#ifndef HT_L1_CHAIN_WALK_H
#define HT_L1_CHAIN_WALK_H

#include "node/l1/chain_impl.h"

/* Goes on with a read that memory could not answer, by the disk and by asking, and ends it. */
void ht_chain_walk(struct ht_header_read *read);

#endif
