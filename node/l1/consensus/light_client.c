/* The store's state machine: what an update that was validated changes, and when.
 *
 * Validation is in light_client_validate.c. Functions keep the names and the order of
 * consensus-specs altair/light-client/sync-protocol. */
#include "node/l1/consensus/light_client.h"

#include "node/l1/consensus/light_client_validate.h"

static void set_committee(struct ht_bls_committee *out, const struct ht_network *network,
                          const struct ht_sync_committee *committee) {
    ht_bls_committee_init(out, committee->pubkeys[0], network->preset->sync_committee_size,
                          committee->aggregate_pubkey);
}

enum ht_err ht_lc_store_init(struct ht_lc_store *store, const struct ht_network *network,
                             const ht_hash32 *trusted_block_root,
                             const struct ht_lc_object *bootstrap, struct ht_why *why) {
    ht_assert(bootstrap->kind == HT_LC_BOOTSTRAP);
    memset(store, 0, sizeof *store);
    store->network = network;
    enum ht_err err =
        ht_lc_validate_bootstrap(&store->finalized, network, trusted_block_root, bootstrap, why);
    if (err != HT_OK) return err;
    store->optimistic = store->finalized;
    set_committee(&store->current_committee, network, &bootstrap->bootstrap.current_sync_committee);
    return HT_OK;
}

/* get_safety_threshold */
static size_t safety_threshold(const struct ht_lc_store *store) {
    size_t previous = store->previous_max_active_participants;
    size_t current = store->current_max_active_participants;
    return (previous > current ? previous : current) / 2;
}

/* The ranks of is_better_update, best first; equal ranks are decided by the next one. */
struct rank {
    bool has_supermajority;
    size_t minority; /* participants, only while there is no supermajority */
    bool has_relevant_committee;
    bool has_finality;
    bool has_committee_finality;
    size_t participants;
};

static struct rank rank_of(const struct ht_lc_store *store, const struct ht_lc_validated *update) {
    const struct ht_network *net = store->network;
    uint64_t attested_period = ht_period_at_slot(net, update->attested.beacon.slot);
    bool has_supermajority = update->participants * 3 >= net->preset->sync_committee_size * 2;
    return (struct rank){
        .has_supermajority = has_supermajority,
        .minority = has_supermajority ? 0 : update->participants,
        .has_relevant_committee = update->has_next_committee &&
                                  attested_period == ht_period_at_slot(net, update->signature_slot),
        .has_finality = update->has_finality,
        .has_committee_finality =
            update->has_finality &&
            ht_period_at_slot(net, update->finalized.beacon.slot) == attested_period,
        .participants = update->participants,
    };
}

/* is_better_update */
static bool is_better(const struct ht_lc_store *store, const struct ht_lc_validated *new_update,
                      const struct ht_lc_validated *old_update) {
    struct rank a = rank_of(store, new_update);
    struct rank b = rank_of(store, old_update);
    if (a.has_supermajority != b.has_supermajority) return a.has_supermajority;
    if (a.minority != b.minority) return a.minority > b.minority;
    if (a.has_relevant_committee != b.has_relevant_committee) return a.has_relevant_committee;
    if (a.has_finality != b.has_finality) return a.has_finality;
    if (a.has_committee_finality != b.has_committee_finality) return a.has_committee_finality;
    if (a.participants != b.participants) return a.participants > b.participants;
    if (new_update->attested.beacon.slot != old_update->attested.beacon.slot) {
        return new_update->attested.beacon.slot < old_update->attested.beacon.slot;
    }
    return new_update->signature_slot < old_update->signature_slot;
}

/* apply_light_client_update. Returns whether the committees moved. */
static bool apply(struct ht_lc_store *store, const struct ht_lc_validated *update) {
    uint64_t store_period = ht_lc_store_period(store);
    uint64_t finalized_period = ht_period_at_slot(store->network, update->finalized.beacon.slot);
    bool committees_moved = false;
    if (!store->has_next_committee) {
        ht_assert(finalized_period == store_period);
        store->has_next_committee = update->has_next_committee;
        committees_moved = update->has_next_committee;
    } else if (finalized_period == store_period + 1) {
        store->current_committee = store->next_committee;
        store->has_next_committee = update->has_next_committee;
        store->previous_max_active_participants = store->current_max_active_participants;
        store->current_max_active_participants = 0;
        committees_moved = true;
    }
    if (committees_moved && update->has_next_committee) {
        set_committee(&store->next_committee, store->network, &update->next_committee);
    }
    if (update->finalized.beacon.slot > store->finalized.beacon.slot) {
        store->finalized = update->finalized;
        if (store->finalized.beacon.slot > store->optimistic.beacon.slot) {
            store->optimistic = store->finalized;
        }
    }
    return committees_moved;
}

enum ht_err ht_lc_process(struct ht_lc_store *store, struct ht_lc_outcome *outcome,
                          const struct ht_lc_object *object, uint64_t current_slot,
                          struct ht_why *why) {
    ht_assert(object->kind != HT_LC_BOOTSTRAP);
    struct ht_lc_validated *update = &store->scratch;
    enum ht_err err = ht_lc_validate_update(store, update, object, current_slot, why);
    if (err != HT_OK) return err;

    struct ht_lc_outcome did = {.participants = update->participants};
    if (!store->has_best_valid_update || is_better(store, update, &store->best_valid_update)) {
        store->best_valid_update = *update;
        store->has_best_valid_update = true;
    }
    if (update->participants > store->current_max_active_participants) {
        store->current_max_active_participants = update->participants;
    }
    bool is_safe = update->participants > safety_threshold(store);
    if (is_safe && update->attested.beacon.slot > store->optimistic.beacon.slot) {
        store->optimistic = update->attested;
        did.optimistic_advanced = true;
    }
    bool has_finalized_next_committee =
        !store->has_next_committee && update->has_next_committee && update->has_finality &&
        ht_period_at_slot(store->network, update->finalized.beacon.slot) ==
            ht_period_at_slot(store->network, update->attested.beacon.slot);
    bool has_supermajority =
        update->participants * 3 >= store->network->preset->sync_committee_size * 2;
    uint64_t finalized_before = store->finalized.beacon.slot;
    if (has_supermajority && (update->finalized.beacon.slot > store->finalized.beacon.slot ||
                              has_finalized_next_committee)) {
        did.next_committee_learned = apply(store, update);
        store->has_best_valid_update = false;
    }
    did.finalized_advanced = store->finalized.beacon.slot > finalized_before;
    did.is_below_threshold =
        object->kind == HT_LC_OPTIMISTIC_UPDATE ? !is_safe : !has_supermajority;
    if (outcome != NULL) *outcome = did;
    return HT_OK;
}

bool ht_lc_force_update(struct ht_lc_store *store, uint64_t current_slot) {
    uint64_t timeout = ht_slots_per_period(store->network); /* UPDATE_TIMEOUT */
    struct ht_lc_validated *best = &store->best_valid_update;
    if (!store->has_best_valid_update || current_slot <= store->finalized.beacon.slot + timeout) {
        return false;
    }
    if (best->finalized.beacon.slot <= store->finalized.beacon.slot) {
        best->finalized = best->attested;
    }
    (void)apply(store, best);
    store->has_best_valid_update = false;
    return true;
}

enum ht_err ht_lc_check_age(const struct ht_network *network, uint64_t slot, int64_t wall_ms,
                            struct ht_why *why) {
    int64_t age_ms = wall_ms - ht_slot_start_ms(network, slot);
    if (age_ms <= (int64_t)network->weak_subjectivity_ms) return HT_OK;
    const int64_t hour_ms = 60 * 60 * 1000;
    int64_t limit_ms = (int64_t)network->weak_subjectivity_ms;
    bool in_days = limit_ms >= 48 * hour_ms;
    int64_t unit_ms = in_days ? 24 * hour_ms : hour_ms;
    return ht_fail(why, HT_ESTALE, "checkpoint_too_old",
                   "the starting point is %lld %s old; validators who have left could forge one "
                   "older than %lld: give a newer one, or --accept-old-checkpoint",
                   (long long)(age_ms / unit_ms), in_days ? "days" : "hours",
                   (long long)(limit_ms / unit_ms));
}
