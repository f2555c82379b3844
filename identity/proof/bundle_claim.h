/* What a bundle claims, whatever its kind: which slots it rests on, and whether they bear it out.
 * Reasons: those that bundle.h lists. Internal to identity/proof. */
#ifndef HT_IDENTITY_PROOF_BUNDLE_CLAIM_H
#define HT_IDENTITY_PROOF_BUNDLE_CLAIM_H

#include "identity/proof/bundle_run.h"

/* Fills run->parts from the claim and, where lengths decide, from values that are not proven yet:
 * lies there fail at the proofs. */
enum ht_err ht_bundle_claim_parts(struct ht_bundle_run *run, struct ht_why *why) HT_MUST_USE;
/* The claim against the proven values. */
enum ht_err ht_bundle_claim_check(struct ht_bundle_run *run, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_bundle_disclosure_check(struct ht_bundle_run *run, struct ht_why *why) HT_MUST_USE;

/* Values of slots one behind the other; the arena's. */
enum ht_err ht_bundle_values(const uint8_t (**out)[32], struct ht_arena *arena,
                             const struct ht_get_proof *proof, struct ht_why *why) HT_MUST_USE;

#endif
