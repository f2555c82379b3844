/* Bundles for tests and benchmarks: a made-up chain with EAS, its registry and the registry of
 * did:ethr, a block of it that a committee has signed as final, and attestations on and off it.
 * Everything fails the running test on error. */
#ifndef HT_TESTS_UNIT_BUNDLE_WORLD_H
#define HT_TESTS_UNIT_BUNDLE_WORLD_H

#include "identity/eas/offchain.h"
#include "identity/eas/private_data.h"
#include "identity/proof/bundle.h"
#include "tests/unit/chain_world.h"
#include "tests/unit/lc_builder.h"

#define BUNDLE_WORLD_LEAVES 3U
#define BUNDLE_WORLD_NOW_S 1700010000

/* What is attested. */
enum bundle_world_what {
    BUNDLE_WORLD_PLAIN,   /* "uint256 eventId,string name": 7 and "Ada"; data of 4 slots */
    BUNDLE_WORLD_PRIVATE, /* the root of three leaves */
    BUNDLE_WORLD_REVOKED,
    BUNDLE_WORLD_EXPIRED,
    BUNDLE_WORLD_EARLY,     /* from the future */
    BUNDLE_WORLD_NO_SCHEMA, /* of a schema that is not there */
    BUNDLE_WORLD_COUNT,
};

struct bundle_world {
    struct ht_lcb *builder;
    struct ht_cw chain;
    const struct ht_cw_block *block;
    struct ht_lc_object *update;
    struct ht_bls_committee committee;
    uint64_t period; /* the committee's; others are unknown */
    struct ht_bundle_judge judge;
    uint8_t secret[32];         /* the attester's */
    ht_addr20 attester, wallet; /* wallet: an account with code */
    ht_hash32 schema, private_schema;
    struct ht_attestation onchain[BUNDLE_WORLD_COUNT];
    struct ht_eas_offchain offchain[BUNDLE_WORLD_COUNT]; /* signed */
    json_t *leaves;
    json_t *disclosure; /* of the second leaf */
    uint8_t data[160];
    struct ht_arena arena;
};

/* crowd: slots of others in the storage of EAS, so that proofs get as deep as real ones. With the
 * mainnet preset the committee has 512 members. */
void bundle_world_open(struct bundle_world *world, bool is_mainnet, size_t crowd);
void bundle_world_close(struct bundle_world *world);

/* Bundles, new references. */
json_t *bundle_world_onchain(struct bundle_world *world, enum bundle_world_what what);
json_t *bundle_world_offchain(struct bundle_world *world, enum bundle_world_what what);
/* Of did:ethr of an identity whose owner slot is set (1), that was never changed (2), or whose
 * owner is zero and has a history (3). */
json_t *bundle_world_owner(struct bundle_world *world, uint8_t identity);
json_t *bundle_world_storage(struct bundle_world *world);
/* Of an attestation that is not there. */
json_t *bundle_world_absent(struct bundle_world *world);
/* A package signed by another key than the wallet's, which is a contract. */
json_t *bundle_world_wallet(struct bundle_world *world);

#endif
