/* Making bundles: what a claim rests on is read with its proofs at the newest final block, and
 * written down with the update that made it final.
 *
 * bundle.make takes
 *     {"kind": "eas_onchain", "uid", "disclosure"?}; of an attestation that is not there, the
 * bundle proves just that
 *     {"kind": "eas_offchain", "package": object or any text the EAS SDK gives, "disclosure"?}
 *     {"kind": "did_ethr_owner", "did"}
 *     {"kind": "storage", "address", "slots": [32 bytes each, 1 to HT_BUNDLE_VALUES_MAX]}
 * Refused are, besides what json.h and reads refuse: HT_EAGAIN "no_finality" (nothing is final
 * yet), HT_EINPUT "bundle_kind", "claim_form", HT_ENOTFOUND "no_contract" (none of EAS or no
 * registry is known on this network), "no_schema", HT_EUNVERIFIED those of offchain.h, storage.h
 * and private_data.h, "owner_unclear", "disclosure_schema", HT_ELIMIT "bundle_too_large". Loop
 * thread. */
#ifndef HT_IDENTITY_PROOF_BUNDLE_MAKE_H
#define HT_IDENTITY_PROOF_BUNDLE_MAKE_H

#include "identity/identity.h"

void ht_bundle_make(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
