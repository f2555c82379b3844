/* Begins bundles of attestations, see bundle_claims.h. */
#ifndef HT_IDENTITY_PROOF_BUNDLE_CLAIMS_EAS_H
#define HT_IDENTITY_PROOF_BUNDLE_CLAIMS_EAS_H

#include "identity/proof/bundle_claims.h"

enum ht_err ht_making_claim_onchain(struct ht_making *making, const json_t *params,
                                    struct ht_why *why) HT_MUST_USE;
enum ht_err ht_making_claim_offchain(struct ht_making *making, const json_t *params,
                                     struct ht_why *why) HT_MUST_USE;

#endif
