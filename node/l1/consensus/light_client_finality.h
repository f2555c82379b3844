/* The check of an update that makes a block final, against the sync committee of its period and
 * nothing else: no store, no network. Who keeps committees can check what others kept, years later.
 *
 * Reasons, HT_EUNVERIFIED: those of light_client.h, "below_threshold" (fewer than two thirds
 * signed), "not_final" (it finalizes nothing, or no block with an execution payload); HT_ENOMEM.
 * Pure; one thread at a time per committee. */
#ifndef HT_L1_CONSENSUS_LIGHT_CLIENT_FINALITY_H
#define HT_L1_CONSENSUS_LIGHT_CLIENT_FINALITY_H

#include "node/l1/consensus/light_client.h"

/* The sync-committee period whose committee signed. */
uint64_t ht_finality_period(const struct ht_network *network, const struct ht_lc_object *object);
/* Checks an update against the committee of that period; *out is the header it finalizes.
 * committee keeps what it decompresses. current_slot: by the clock of whoever checks. About 1.5 ms.
 */
enum ht_err ht_finality_verify(struct ht_header_verified *out, const struct ht_network *network,
                               struct ht_bls_committee *committee,
                               const struct ht_lc_object *object, uint64_t current_slot,
                               struct ht_why *why) HT_MUST_USE;

#endif
