/* The same of attestations. Internal to identity/proof. */
#ifndef HT_IDENTITY_PROOF_BUNDLE_CLAIM_EAS_H
#define HT_IDENTITY_PROOF_BUNDLE_CLAIM_EAS_H

#include "identity/proof/bundle_run.h"

enum ht_err ht_bundle_eas_parts(struct ht_bundle_run *run, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_bundle_eas_check(struct ht_bundle_run *run, struct ht_why *why) HT_MUST_USE;
/* Revocation as of the block, times as of now. */
enum ht_err ht_bundle_now_check(struct ht_bundle_run *run, struct ht_why *why) HT_MUST_USE;

#endif
