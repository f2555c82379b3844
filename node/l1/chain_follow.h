/* Keeping up with the light client. Inside of the header service. */
#ifndef HT_L1_CHAIN_FOLLOW_H
#define HT_L1_CHAIN_FOLLOW_H

#include "node/l1/chain_impl.h"

/* Sees to it that the headers of the light client's head and finalized block are known, tells
 * listeners of what changed, then goes on with the reads that wait. */
void ht_chain_follow(struct ht_chain *chain);
/* Whether they are known now. */
bool ht_chain_is_current(const struct ht_chain *chain);

#endif
