/* A bundle's form: read from JSON with bounds, and the parts of it written. Nothing is proven here.
 *
 * Reasons: HT_EINPUT "bundle_form", "bundle_version", "bundle_member" (one that is not known),
 * "claim_form", those of json.h, rlp.h, header.h; HT_ELIMIT those of eth_get_proof.h; HT_ENOMEM. */
#ifndef HT_IDENTITY_PROOF_BUNDLE_READ_H
#define HT_IDENTITY_PROOF_BUNDLE_READ_H

#include "identity/proof/bundle.h"

struct ht_bundle {
    const json_t *json; /* borrowed, and all below */
    const json_t *claim, *finality;
    enum ht_bundle_kind kind;
    const char *network_name;
    uint64_t chain_id;
    ht_hash32 genesis_validators_root;
    uint64_t made_s;
    struct ht_exec_header_claimed header;
    struct ht_get_proof contract; /* account and storage */
    bool has_schema, has_attester;
    struct ht_get_proof schema;   /* of the registry */
    struct ht_get_proof attester; /* no slots */
};

/* All but the claim's members and finality, which need more than form. Memory is the arena's. */
enum ht_err ht_bundle_read(struct ht_bundle *out, struct ht_arena *arena, const json_t *json,
                           struct ht_why *why) HT_MUST_USE;
/* Whether an object has no members but those; names ends with NULL. HT_EINPUT "bundle_member". */
enum ht_err ht_bundle_only(const json_t *object, const char *const *names,
                           struct ht_why *why) HT_MUST_USE;

/* New references; NULL without memory. */
json_t *ht_bundle_account_json(const struct ht_get_proof *proof);
json_t *ht_bundle_slot_json(const struct ht_slot_claim *slot);
json_t *ht_bundle_network_json(const struct ht_network *network);
/* {"uid", "schema", "refUID", "time", "expirationTime", "revocationTime", "recipient", "attester",
 * "revocable", "data"}; times as decimal text. */
json_t *ht_bundle_attestation_json(const struct ht_attestation *attestation);

#endif
