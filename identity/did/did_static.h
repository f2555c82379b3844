/* Documents that need no chain: of did:key and did:pkh. Pure; any thread. */
#ifndef HT_IDENTITY_DID_DID_STATIC_H
#define HT_IDENTITY_DID_DID_STATIC_H

#include "identity/did/did.h"

/* The document of did:key or did:pkh; a new reference, NULL without memory. A key's has the suites
 * of 2018 (publicKeyBase58), as key-did-resolver writes them, and for Ed25519 the X25519 key of the
 * same point under keyAgreement; an account's is the one of the did:pkh method draft. */
json_t *ht_did_static_document(const struct ht_did *did);

/* The X25519 key of an Ed25519 key (RFC 7748 §4.1); false when that is no point of the curve's
 * large subgroup. */
bool ht_did_agreement_key(uint8_t out[static 32], const uint8_t key[static 32]);

#endif
