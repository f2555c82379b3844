/* The state's root after what a run's work did to its world, out of proofs alone.
 *
 * What the world has is laid over the proven state at the run's block (trie_update.h). What that
 * needs and was not proven yet becomes missing: slots that were overridden without having been
 * read, and where a deletion needs a neighbouring node, an address or a slot whose proof holds it,
 * found by trying. So the answer comes in a later round. A neighbour whose way is longer than
 * HT_RUN_ROOT_GAP_MAX nibbles cannot be found in time: large storage tries, and the state of a
 * large chain when an override empties an account.
 *
 * Source: Yellow Paper 4.1 and appendix D. */
#ifndef HT_L1_RUN_ROOT_H
#define HT_L1_RUN_ROOT_H

#include "node/l1/run.h"

#define HT_RUN_ROOT_GAP_MAX 5U

/* From work, on a worker, of a run that keeps_nodes. HT_EAGAIN "missing"; HT_ELIMIT
 * "sibling_not_proven"; errors of trie_update.h and facts.h. */
enum ht_err ht_run_root(ht_hash32 *out, struct ht_run *run, struct ht_evm_world *world,
                        struct ht_why *why) HT_MUST_USE;

#endif
