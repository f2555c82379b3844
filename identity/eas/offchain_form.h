/* The types of off-chain attestations that the EAS SDK has ever signed: one form of the versions 1
 * and 2, three of version 0. Pure; any thread. Source: eas-sdk, OFFCHAIN_ATTESTATION_TYPES. */
#ifndef HT_IDENTITY_EAS_OFFCHAIN_FORM_H
#define HT_IDENTITY_EAS_OFFCHAIN_FORM_H

#include <jansson.h>

#include "identity/eas/attestation.h"

struct ht_eas_form {
    enum ht_eas_version version;
    const char *primary_type;
    const char *type_name; /* the key of "types", and so the name that is hashed */
};

/* The form of a package with that primaryType and those types, NULL when it is none of them: other
 * members, another order, anything besides. */
const struct ht_eas_form *ht_eas_form_find(enum ht_eas_version version, const char *primary_type,
                                           const json_t *types);
/* The form that the SDK gives to what it unpacks from a compact array. */
const struct ht_eas_form *ht_eas_form_compact(enum ht_eas_version version);

/* {"Attest": [{"name", "type"}, …]}; a new reference, NULL without memory. */
json_t *ht_eas_form_types(enum ht_eas_version version, const char *type_name);
/* keccak256("Attest(uint16 version,…)"). */
void ht_eas_form_type_hash(ht_hash32 *out, enum ht_eas_version version, const char *type_name);

#endif
