/* Finality that somebody else can check (consensus/light_client_finality.h): the light-client
 * update in which the sync committee signed it, as bytes. JSON: {"fork": "electra", "kind":
 * "LightClientFinalityUpdate", "ssz": hex}. Pure; any thread.
 *
 * Reasons: HT_EINPUT "finality_form" and those of decode.h; HT_EUNVERIFIED: those of
 * light_client.h, "below_threshold" (fewer than two thirds signed), "not_final" (it finalizes
 * nothing, or no block with an execution payload); HT_ENOMEM. */
#ifndef HT_L1_FINALITY_H
#define HT_L1_FINALITY_H

#include "node/l1/consensus/decode.h"

struct ht_finality {
    enum ht_lc_kind kind; /* HT_LC_FINALITY_UPDATE or HT_LC_UPDATE */
    enum ht_fork fork;
    uint64_t signature_slot;
    uint64_t finalized_slot;
    ht_hash32 block_hash; /* of the finalized execution block; zero before Capella */
    struct ht_buf ssz;    /* at most HT_LC_SSZ_MAX */
};

/* Takes the bytes of an update that was verified; replaces what *finality held, which is zeroed or
 * was set before. HT_ENOMEM, HT_ELIMIT; it is empty then. */
enum ht_err ht_finality_set(struct ht_finality *finality, const struct ht_network *network,
                            const struct ht_lc_object *object,
                            const ht_hash32 *block_hash) HT_MUST_USE;
/* *out is zeroed before; an empty one is copied as such. HT_ENOMEM. */
enum ht_err ht_finality_copy(struct ht_finality *out, const struct ht_finality *from) HT_MUST_USE;
/* NULL and zeroed ones are fine. */
void ht_finality_fini(struct ht_finality *finality);

/* A new reference; NULL without memory. */
json_t *ht_finality_json(const struct ht_finality *finality);
enum ht_err ht_finality_read(struct ht_lc_object *out, const struct ht_network *network,
                             const json_t *json, struct ht_why *why) HT_MUST_USE;

#endif
