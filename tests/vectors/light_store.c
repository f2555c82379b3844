/* Building stores by hand, which only tests may do, and comparing them. */
#include "tests/vectors/light_store.h"

#include <stdlib.h>

struct ht_lc_object *ht_lv_new_object(void) {
    struct ht_lc_object *object = calloc(1, sizeof *object);
    ht_assert(object != NULL);
    return object;
}

struct ht_lc_store *ht_lv_new_store(void) {
    struct ht_lc_store *store = calloc(1, sizeof *store);
    ht_assert(store != NULL);
    return store;
}

void ht_lv_header_root(ht_hash32 *out, const struct ht_beacon_block_header *beacon) {
    ht_ssz_hash_tree_root(out, &ht_beacon_block_header_type, beacon);
}

void ht_lv_store_of_committee(struct ht_lc_store *store, const struct ht_network *network,
                              const struct ht_sync_committee *committee, uint64_t attested_slot,
                              uint64_t signature_slot) {
    memset(store, 0, sizeof *store);
    store->network = network;
    uint64_t start = ht_period_at_slot(network, signature_slot) * ht_slots_per_period(network);
    /* At the start of a period the attested header is still of the one before. */
    bool is_next = attested_slot <= start && start > 0;
    store->finalized.beacon.slot = is_next ? start - ht_slots_per_period(network) : start;
    store->has_next_committee = is_next;
    ht_bls_committee_init(is_next ? &store->next_committee : &store->current_committee,
                          committee->pubkeys[0], network->preset->sync_committee_size,
                          committee->aggregate_pubkey);
}

void ht_lv_strange_committee(struct ht_sync_committee *out) {
    blst_p1_affine_compress(out->aggregate_pubkey, blst_p1_affine_generator());
    for (size_t i = 0; i < HT_SYNC_COMMITTEE_MAX; i++) {
        memcpy(out->pubkeys[i], out->aggregate_pubkey, sizeof out->pubkeys[i]);
    }
}

static bool same_committee(const struct ht_bls_committee *a, const struct ht_bls_committee *b) {
    return a->count == b->count && memcmp(a->pubkeys, b->pubkeys, sizeof a->pubkeys) == 0 &&
           memcmp(a->aggregate_pubkey, b->aggregate_pubkey, sizeof a->aggregate_pubkey) == 0;
}

bool ht_lv_same_finality(const struct ht_lc_store *a, const struct ht_lc_store *b) {
    return memcmp(&a->finalized, &b->finalized, sizeof a->finalized) == 0 &&
           a->has_next_committee == b->has_next_committee &&
           same_committee(&a->current_committee, &b->current_committee) &&
           same_committee(&a->next_committee, &b->next_committee);
}

bool ht_lv_stores_equal(const struct ht_lc_store *a, const struct ht_lc_store *b) {
    return ht_lv_same_finality(a, b) && a->network == b->network &&
           memcmp(&a->optimistic, &b->optimistic, sizeof a->optimistic) == 0 &&
           a->has_best_valid_update == b->has_best_valid_update &&
           memcmp(&a->best_valid_update, &b->best_valid_update, sizeof a->best_valid_update) == 0 &&
           a->previous_max_active_participants == b->previous_max_active_participants &&
           a->current_max_active_participants == b->current_max_active_participants;
}
