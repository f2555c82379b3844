/* Checking an update that finalizes a block, apart from any store. */
#include "node/l1/consensus/light_client_finality.h"

#include <stdlib.h>

#include "node/l1/consensus/light_client_validate.h"

uint64_t ht_finality_period(const struct ht_network *network, const struct ht_lc_object *object) {
    return ht_period_at_slot(network, object->update.signature_slot);
}

static enum ht_err check_final(const struct ht_lc_validated *valid,
                               const struct ht_network *network, struct ht_why *why) {
    if (!valid->has_finality || !valid->finalized.has_execution) {
        return ht_fail(why, HT_EUNVERIFIED, "not_final", "it makes no execution block final");
    }
    if (valid->participants * 3 < network->preset->sync_committee_size * 2) {
        return ht_fail(why, HT_EUNVERIFIED, "below_threshold",
                       "%zu of %zu members signed, fewer than two thirds", valid->participants,
                       network->preset->sync_committee_size);
    }
    return HT_OK;
}

enum ht_err ht_finality_verify(struct ht_header_verified *out, const struct ht_network *network,
                               struct ht_bls_committee *committee,
                               const struct ht_lc_object *object, uint64_t current_slot,
                               struct ht_why *why) {
    uint64_t period = ht_finality_period(network, object);
    /* A store in the period before, to which that committee is the next one: the rules are those of
     * any update. */
    struct ht_lc_store *store = calloc(1, sizeof *store);
    struct ht_lc_validated *valid = calloc(1, sizeof *valid);
    enum ht_err err = store != NULL && valid != NULL
                          ? HT_OK
                          : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    if (err == HT_OK) {
        store->network = network;
        store->finalized.beacon.slot = period > 0 ? (period - 1) * ht_slots_per_period(network) : 0;
        store->has_next_committee = period > 0;
        struct ht_bls_committee *signers =
            period > 0 ? &store->next_committee : &store->current_committee;
        *signers = *committee;
        err = ht_lc_validate_update(store, valid, object, current_slot, why);
        *committee = *signers;
    }
    if (err == HT_OK) err = check_final(valid, network, why);
    if (err == HT_OK) *out = valid->finalized;
    free(store);
    free(valid);
    return err;
}
