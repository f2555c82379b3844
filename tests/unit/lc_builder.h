/* Makes light-client objects that verify, for any fork and the minimal preset: own keys, Merkle
 * trees with random siblings around the leaves that are proven. The same seed gives the same
 * objects. Memory is the caller's to free; a test without memory ends. */
#ifndef HT_TESTS_LC_BUILDER_H
#define HT_TESTS_LC_BUILDER_H

#include "node/l1/consensus/light_client.h"

#define HT_LCB_PERIODS 16U   /* periods that have a committee */
#define HT_LCB_SIZE 32U      /* members of a committee */
#define HT_LCB_PERIOD 64U    /* slots of a period */
#define HT_LCB_SIZE_MAX 512U /* the same of the mainnet preset */

struct ht_lcb_committee {
    bool is_made;
    blst_scalar secrets[HT_LCB_SIZE_MAX];
    struct ht_sync_committee keys;
};

struct ht_lcb {
    struct ht_network network;
    uint64_t seed;
    struct ht_lcb_committee committees[HT_LCB_PERIODS];
    const ht_hash32 *block_hash; /* of the next header's payload; NULL: random */
};

/* What an update is to be; zero members take the defaults given. */
struct ht_lcb_plan {
    enum ht_lc_kind kind; /* HT_LC_UPDATE or one of those that follow it */
    uint64_t attested_slot;
    uint64_t signature_slot; /* attested_slot + 1 */
    uint64_t finalized_slot; /* 0 with has_finality: the genesis checkpoint */
    bool has_finality;
    bool has_next_committee;
    size_t participants;         /* all; the first members sign */
    uint64_t next_of_period;     /* the period after the attested one */
    uint64_t signed_by_period;   /* the period of signature_slot */
    uint64_t domain_of_slot;     /* signature_slot */
    uint64_t variant;            /* makes headers differ that are alike otherwise */
    const ht_hash32 *block_hash; /* of the finalized execution block; random */
};

/* A private network of the minimal preset where each fork from Altair on lasts one period: Altair
 * is period 0, Gloas starts with period 6. */
struct ht_lcb *ht_lcb_new(uint64_t seed);

/* One where `fork` starts at genesis, and `next`, if it is a later one, with period 1. */
struct ht_lcb *ht_lcb_new_at(uint64_t seed, enum ht_fork fork, enum ht_fork next);
/* The same with the mainnet preset: 512 members, periods of 8192 slots. */
struct ht_lcb *ht_lcb_new_mainnet(uint64_t seed, enum ht_fork fork);
void ht_lcb_free(struct ht_lcb *builder);

/* 32 bytes that look random but depend only on the seed and the two numbers. */
void ht_lcb_random(ht_hash32 *out, const struct ht_lcb *builder, uint64_t tag, uint64_t index);

/* The committee of a period below HT_LCB_PERIODS. */
const struct ht_lcb_committee *ht_lcb_committee(struct ht_lcb *builder, uint64_t period);

struct ht_lc_object *ht_lcb_bootstrap(struct ht_lcb *builder, uint64_t slot);
struct ht_lc_object *ht_lcb_update(struct ht_lcb *builder, const struct ht_lcb_plan *plan);

/* Signs again what the object says now, as its plan says. */
void ht_lcb_sign(struct ht_lcb *builder, struct ht_lc_object *object,
                 const struct ht_lcb_plan *plan);

/* A store started from the bootstrap of a slot. */
struct ht_lc_store *ht_lcb_store(struct ht_lcb *builder, uint64_t slot);

/* Block root of a header. */
void ht_lcb_root(ht_hash32 *out, const struct ht_header_claimed *header);

/* Appends the object as SSZ, as it goes over the wire. */
void ht_lcb_encode(struct ht_buf *out, const struct ht_lcb *builder,
                   const struct ht_lc_object *object);

/* Appends the object in the Beacon API's frame: length and fork digest in front. */
void ht_lcb_frame(struct ht_buf *out, const struct ht_lcb *builder,
                  const struct ht_lc_object *object);

#endif
