/* Attestations on chain for other modules: members of struct ht_trust. Loop thread. */
#ifndef HT_IDENTITY_TRUST_TRUST_ATTESTED_H
#define HT_IDENTITY_TRUST_TRUST_ATTESTED_H

#include "identity/identity.h"

/* Fills in attestation and attested; self is the struct ht_identity. */
void ht_trust_attested_set(struct ht_trust *trust);

#endif
