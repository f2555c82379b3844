/* A proposal that somebody claims there is: its preimage is taken from anybody, and proven.
 *
 * Of governors whose ids are hashes it certifies itself, and its core slot must be set; where ids
 * are numbers, storage has the hash beside the number, or the log must be in its block's receipts.
 * What is proven is added to the community (ht_gov_item_see). At most HT_GOV_CLAIMS_MAX wait.
 * Loop thread. */
#ifndef HT_GOVERNANCE_DISCOVERY_CLAIM_H
#define HT_GOVERNANCE_DISCOVERY_CLAIM_H

#include "governance/reads/reads.h"

#define HT_GOV_CLAIMS_MAX 256U

struct ht_gov_claim_of {
    ht_bytes data;    /* of the ProposalCreated log; copied */
    uint64_t block;   /* where it is said to be; 0: nobody said */
    bool is_in_block; /* and that is proven: by the block's receipts */
    uint64_t time_s;
    ht_hash32 tx;
};
/* HT_OK with the item; HT_EUNVERIFIED "proposal_hash", "proposal_state", "not_there" (no such
 * proposal is stored), "log_not_in_receipt", "needs_block"; HT_EAGAIN "busy"; errors of reading.
 * item NULL with an error, or when its community was forgotten. */
typedef void (*ht_gov_claim_done)(void *user, enum ht_err err, const struct ht_why *why,
                                  struct ht_gov_item *item);
/* done may come from within, and may be NULL. */
void ht_gov_claim(struct ht_community *community, const struct ht_gov_claim_of *of,
                  ht_gov_claim_done done, void *user);

#endif
