/* One check of a bundle, as its steps share it. Internal to identity/proof. */
#ifndef HT_IDENTITY_PROOF_BUNDLE_RUN_H
#define HT_IDENTITY_PROOF_BUNDLE_RUN_H

#include "identity/eas/offchain.h"
#include "identity/proof/bundle_read.h"

/* Which contracts and slots a claim rests on. */
struct ht_bundle_parts {
    ht_addr20 address;
    ht_hash32 *slots;
    size_t count;
    bool wants_schema;
    ht_addr20 registry;
    ht_hash32 *schema_slots;
    size_t schema_count;
    bool takes_attester; /* its account may come too */
    ht_addr20 attester;
};

struct ht_bundle_run {
    const struct ht_bundle_judge *judge;
    struct ht_arena *arena;
    struct ht_bundle bundle;
    struct ht_bundle_parts parts;
    struct ht_lc_object *update;
    bool has_form, has_period, has_header;
    uint64_t period;
    struct ht_header_verified final;
    struct ht_exec_header_verified header;
    bool has_attestation, has_schema; /* proven to be there */
    struct ht_attestation attestation;
    struct ht_eas_schema_record schema;
    struct ht_eas_offchain *package; /* of eas_offchain, once it was read */
    bool attester_has_code;          /* proven */
    json_t *shown;                   /* the claim as it is proven; owned */
    char said[200]; /* what the step found, in words; empty: it had nothing to do */
};

/* A step: HT_OK, or what it failed at. */
typedef enum ht_err ht_bundle_step(struct ht_bundle_run *run, struct ht_why *why);

#endif
