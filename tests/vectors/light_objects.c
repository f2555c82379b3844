/* Cases of pooled objects: each verifies on its own against the committee that signed it, and each
 * bootstrap starts a chain through all updates that follow it. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/l1/consensus/decode.h"
#include "tests/vectors/light_kinds.h"
#include "tests/vectors/light_store.h"

#define HEX_PREFIX_MIN 16U

struct run {
    const struct ht_lv_tree *tree;
    const struct ht_lv_pool *pool;
    struct ht_vec_report *report;
    struct ht_lc_store *store;
    struct ht_sync_committee strange;
};

/* --- bootstraps ------------------------------------------------------------------------------- */

/* Whether a run of hex digits in the file's name, if there is a long one, begins the root. */
static bool name_fits_root(const char *name, const ht_hash32 *root) {
    char hex[HT_HEX_SIZE(32)];
    ht_hex_write(hex, HT_BYTES(root->b));
    while (*name != '\0') {
        size_t n = 0;
        while (isxdigit((unsigned char)name[n])) n++;
        if (n >= HEX_PREFIX_MIN) {
            return n <= 64 && strncasecmp(name, hex + 2, n) == 0;
        }
        name += n > 0 ? n : 1;
    }
    return true;
}

static void run_bootstrap(struct run *run, const struct ht_lv_object *pooled, const char *name) {
    ht_hash32 root;
    struct ht_why why;
    ht_lv_header_root(&root, &pooled->object->bootstrap.header.beacon);
    if (!name_fits_root(pooled->file->name, &root)) {
        ht_vec_fail(run->report, name, "its name is of another block root");
    } else if (ht_lc_store_init(run->store, &pooled->at->network, &root, pooled->object, &why) !=
               HT_OK) {
        ht_vec_fail(run->report, name, "%s: %s", why.code, why.text);
    } else {
        ht_vec_pass(run->report, name);
    }
}

/* --- updates ---------------------------------------------------------------------------------- */

static enum ht_err process_with(struct run *run, const struct ht_lv_object *pooled,
                                const struct ht_sync_committee *committee, struct ht_why *why) {
    const struct ht_lc_update *update = &pooled->object->update;
    ht_lv_store_of_committee(run->store, &pooled->at->network, committee,
                             update->attested_header.beacon.slot, update->signature_slot);
    return ht_lc_process(run->store, NULL, pooled->object, update->signature_slot, why);
}

/* Without the committee that signed it, everything but the signature has to hold. */
static void run_without_committee(struct run *run, const struct ht_lv_object *pooled,
                                  const char *name) {
    struct ht_why why = {.code = "accepted", .text = "accepted with a committee of other keys"};
    enum ht_err err = process_with(run, pooled, &run->strange, &why);
    if (err != HT_EUNVERIFIED || strcmp(why.code, "bad_signature") != 0) {
        ht_vec_fail(run->report, name, "with no committee, expected bad_signature, got %s: %s",
                    why.code, why.text);
        return;
    }
    ht_vec_pass(run->report, name);
    ht_vec_note("%s: no file has the committee of period %llu; all but the signature holds", name,
                (unsigned long long)ht_period_at_slot(&pooled->at->network,
                                                      pooled->object->update.signature_slot));
}

static void run_update(struct run *run, const struct ht_lv_object *pooled, const char *name) {
    uint64_t period =
        ht_period_at_slot(&pooled->at->network, pooled->object->update.signature_slot);
    struct ht_why why = {.code = NULL};
    size_t cursor = 0;
    const struct ht_sync_committee *committee;
    while ((committee = ht_lv_committee(run->pool, pooled->at, period, &cursor)) != NULL) {
        if (process_with(run, pooled, committee, &why) == HT_OK) {
            ht_vec_pass(run->report, name);
            return;
        }
    }
    if (why.code == NULL) {
        run_without_committee(run, pooled, name);
    } else {
        ht_vec_fail(run->report, name, "%s: %s", why.code, why.text);
    }
}

/* --- chains ----------------------------------------------------------------------------------- */

struct chain {
    struct run *run;
    const struct ht_lv_network_at *at;
    const char *name;
    size_t accepted;
    uint64_t finalized_slot; /* that the updates so far must have led to */
};

/* Offers every pooled update of a period. At least one has to be accepted; others may be older than
 * that one. Returns whether the chain goes on. */
static bool run_period(struct chain *chain, uint64_t period, bool *has_failed) {
    const struct ht_lv_pool *pool = chain->run->pool;
    struct ht_lc_store *store = chain->run->store;
    size_t accepted_before = chain->accepted, offered = 0;
    struct ht_why why = {.code = NULL};
    for (size_t i = 0; i < pool->count && !*has_failed; i++) {
        const struct ht_lc_object *object = pool->objects[i].object;
        if (pool->objects[i].at != chain->at || object->kind != HT_LC_UPDATE ||
            ht_period_at_slot(&chain->at->network, ht_lc_object_slot(object)) != period) {
            continue;
        }
        struct ht_lc_outcome outcome;
        offered++;
        enum ht_err err =
            ht_lc_process(store, &outcome, object, object->update.signature_slot, &why);
        *has_failed = err != HT_OK && err != HT_ESTALE;
        if (err != HT_OK) continue;
        chain->accepted++;
        uint64_t finalized_slot = object->update.finalized_header.beacon.slot;
        if (!outcome.is_below_threshold && finalized_slot > chain->finalized_slot) {
            chain->finalized_slot = finalized_slot;
        }
    }
    if (offered > 0 && chain->accepted == accepted_before) *has_failed = true;
    if (*has_failed) {
        ht_vec_fail(chain->run->report, chain->name, "period %llu: %s", (unsigned long long)period,
                    why.text);
        return false;
    }
    return offered > 0;
}

static void run_chain(struct run *run, const struct ht_lv_object *pooled, const char *name) {
    const struct ht_network *net = &pooled->at->network;
    ht_hash32 root;
    ht_lv_header_root(&root, &pooled->object->bootstrap.header.beacon);
    if (ht_lc_store_init(run->store, net, &root, pooled->object, NULL) != HT_OK) {
        ht_vec_fail(run->report, name, "its bootstrap does not hold");
        return;
    }
    struct chain chain = {.run = run,
                          .at = pooled->at,
                          .name = name,
                          .finalized_slot = run->store->finalized.beacon.slot};
    uint64_t first = ht_lc_store_period(run->store), period = first;
    bool has_failed = false, goes_on = true;
    while (goes_on && !has_failed) {
        goes_on = run_period(&chain, period, &has_failed);
        period++;
        /* An update that finalizes nothing in its period leaves the store where it is; the
         * specification goes on from there only by a forced update. */
        if (ht_lc_store_period(run->store) + 1 < period || !run->store->has_next_committee) break;
    }
    if (has_failed) return;
    const struct ht_lc_store *store = run->store;
    if (store->finalized.beacon.slot != chain.finalized_slot) {
        ht_vec_fail(run->report, name, "ends at slot %llu, not at %llu",
                    (unsigned long long)store->finalized.beacon.slot,
                    (unsigned long long)chain.finalized_slot);
        return;
    }
    ht_vec_pass(run->report, name);
    if (ht_lc_store_period(store) > first) {
        ht_vec_note("%s: %zu update objects, periods %llu to %llu, finalized slot %llu", name,
                    chain.accepted, (unsigned long long)first,
                    (unsigned long long)ht_lc_store_period(store),
                    (unsigned long long)store->finalized.beacon.slot);
    }
}

void ht_lv_run_objects(struct ht_lv_tree *tree, struct ht_lv_pool *pool,
                       struct ht_vec_report *report) {
    struct run *run = calloc(1, sizeof *run);
    ht_assert(run != NULL);
    run->tree = tree;
    run->pool = pool;
    run->report = report;
    run->store = ht_lv_new_store();
    ht_lv_strange_committee(&run->strange);
    for (size_t i = 0; i < pool->count; i++) {
        const struct ht_lv_object *pooled = &pool->objects[i];
        char name[HT_LV_NAME_MAX + 8];
        ht_lv_object_name(name, tree, pooled);
        if (pooled->object->kind != HT_LC_BOOTSTRAP) {
            run_update(run, pooled, name);
            continue;
        }
        run_bootstrap(run, pooled, name);
        (void)strncat(name, " chain", sizeof name - strlen(name) - 1);
        run_chain(run, pooled, name);
    }
    free(run->store);
    free(run);
}
