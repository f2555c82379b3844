/* The sync driver's decisions: what to do next, when to poll, and what state that is. */
#include "node/l1/sync.h"

#include <stdlib.h>

#include "node/base/log.h"
#include "node/l1/consensus/light_client_keep.h"
#include "node/l1/sync_backfill.h"
#include "node/l1/sync_checkpoint.h"
#include "node/l1/sync_fetch.h"
#include "node/l1/sync_share.h"
#include "node/l1/sync_verify.h"

#define UPDATES_AT_ONCE 32U /* fewer than the Beacon API's 128, so that progress shows */
#define MISSED_SLOTS_MAX 4U /* in a row, before an unchanged head counts as old */

uint64_t ht_sync_slot_now(const struct ht_sync *sync) {
    return ht_slot_at_ms(sync->network, ht_wall_ms(sync->host.clock));
}

uint64_t ht_sync_fresh_slot(const struct ht_sync *sync) {
    uint64_t latest = sync->view.optimistic.beacon.slot + 1 + MISSED_SLOTS_MAX;
    return sync->view.signature_slot < latest ? sync->view.signature_slot : latest;
}

void ht_sync_rest_updates(struct ht_sync *sync) {
    uint64_t slots = sync->network->preset->slots_per_epoch / 2 + 1;
    sync->no_update_until_ms =
        ht_mono_ms(sync->host.clock) + (int64_t)(slots * sync->network->slot_duration_ms);
}

void ht_sync_tell(struct ht_sync *sync, const char *topic) {
    sync->host.on_change(sync->host.user, topic);
}

void ht_sync_set_error(struct ht_sync *sync, const struct ht_why *why) {
    if (!sync->has_error || strcmp(sync->error.text, why->text) != 0) {
        ht_log(HT_LOG_ERROR, "sync", "%s", why->text);
    }
    sync->has_error = true;
    sync->error = *why;
    ht_sync_tell(sync, "l1.status");
}

/* --- state ------------------------------------------------------------------------------------ */

enum ht_sync_step ht_sync_step(const struct ht_sync *sync) {
    if (!sync->view.has_store) {
        return sync->has_trusted_root ? HT_SYNC_BOOTSTRAP : HT_SYNC_CHECKPOINT;
    }
    if (sync->is_ready) return HT_SYNC_DONE;
    uint64_t period = ht_period_at_slot(sync->network, sync->view.finalized.beacon.slot);
    uint64_t current = ht_period_at_slot(sync->network, ht_sync_slot_now(sync));
    return period + 1 < current ? HT_SYNC_COMMITTEES : HT_SYNC_HEAD;
}

/* Whether the head should have moved by now. A slot's signature is due a third into that slot; the
 * head is late when the slot after the last signed one has passed too. With nobody answering it is
 * late as soon as it is due. */
static bool is_head_late(const struct ht_sync *sync, bool all_down) {
    uint64_t late_slot = ht_sync_fresh_slot(sync) + (all_down ? 1 : 2);
    int64_t late_ms =
        ht_slot_start_ms(sync->network, late_slot) + (int64_t)sync->network->slot_duration_ms / 3;
    return ht_wall_ms(sync->host.clock) >= late_ms;
}

static enum ht_sync_state late_state(const struct ht_sync *sync, bool all_down,
                                     struct ht_why *why) {
    uint64_t behind = ht_sync_slot_now(sync) - sync->view.optimistic.beacon.slot;
    if (!all_down) {
        (void)ht_fail(why, HT_ESTALE, "head_late",
                      "no newer head has come for %llu slots; the providers answer, but have none",
                      (unsigned long long)behind);
        return HT_SYNC_STALE;
    }
    (void)ht_fail(why, HT_ENET, "no_provider", "no beacon provider answers");
    return behind > sync->network->preset->slots_per_epoch ? HT_SYNC_OFFLINE : HT_SYNC_STALE;
}

enum ht_sync_state ht_sync_state(const struct ht_sync *sync, struct ht_why *why) {
    if (sync->has_error) {
        if (why != NULL) *why = sync->error;
        return HT_SYNC_ERROR;
    }
    bool all_down = ht_providers_all_down(&sync->providers, HT_PROVIDER_BEACON);
    if (sync->has_trusted_root && !sync->is_ready &&
        ht_providers_count(&sync->providers, HT_PROVIDER_BEACON) == 0) {
        (void)ht_fail(why, HT_ENET, "waiting_for_peers",
                      "waiting for peers: there is no provider of one's own");
        return HT_SYNC_OFFLINE;
    }
    if (!sync->has_trusted_root && sync->ask_count > 0) {
        all_down = ht_providers_all_down(&sync->providers,
                                         sync->providers.list[sync->asks[0].provider].kind);
    }
    if (sync->is_ready) {
        return is_head_late(sync, all_down) ? late_state(sync, all_down, why) : HT_SYNC_LIVE;
    }
    if (all_down) {
        (void)ht_fail(why, HT_ENET, "no_provider", "no %s answers",
                      sync->has_trusted_root ? "beacon provider" : "source for the starting point");
        return HT_SYNC_OFFLINE;
    }
    switch (ht_sync_step(sync)) {
    case HT_SYNC_CHECKPOINT:
        (void)ht_fail(why, HT_EAGAIN, "checkpoint", "asking %zu sources where to start",
                      sync->ask_count);
        break;
    case HT_SYNC_BOOTSTRAP:
        (void)ht_fail(why, HT_EAGAIN, "bootstrap", "fetching the starting point");
        break;
    case HT_SYNC_COMMITTEES:
        (void)ht_fail(why, HT_EAGAIN, "committees", "verifying one sync committee after another");
        break;
    case HT_SYNC_HEAD:
    case HT_SYNC_DONE: (void)ht_fail(why, HT_EAGAIN, "head", "fetching the newest head"); break;
    }
    bool is_waiting = !sync->view.has_store && sync->poll_rounds == 0;
    return is_waiting ? HT_SYNC_STARTING : HT_SYNC_SYNCING;
}

static void tell_if_state_changed(struct ht_sync *sync) {
    struct ht_why why = {.code = "", .text = ""};
    enum ht_sync_state state = ht_sync_state(sync, &why);
    if (state == sync->told_state) return;
    bool is_worse = state == HT_SYNC_STALE || state == HT_SYNC_OFFLINE;
    if (state == HT_SYNC_LIVE) {
        ht_log(HT_LOG_INFO, "sync", "live: head at slot %llu, finalized %llu",
               (unsigned long long)sync->view.optimistic.beacon.slot,
               (unsigned long long)sync->view.finalized.beacon.slot);
    } else {
        ht_log(is_worse ? HT_LOG_WARN : HT_LOG_INFO, "sync", "%s", why.text);
    }
    sync->told_state = state;
    ht_sync_tell(sync, "l1.status");
}

/* --- what to do next -------------------------------------------------------------------------- */

/* light-client/light-client §sync process: whether updates by range are needed, and from where. */
static bool needs_updates(const struct ht_sync *sync, uint64_t *start, uint64_t *count) {
    const struct ht_network *net = sync->network;
    if (ht_mono_ms(sync->host.clock) < sync->no_update_until_ms) return false;
    uint64_t finalized = ht_period_at_slot(net, sync->view.finalized.beacon.slot);
    uint64_t optimistic = ht_period_at_slot(net, sync->view.optimistic.beacon.slot);
    uint64_t current = ht_period_at_slot(net, ht_sync_slot_now(sync));
    bool needs_committee = !sync->view.has_next_committee && optimistic == finalized;
    if (!needs_committee && finalized + 1 >= current) return false;
    *start = sync->view.has_next_committee ? finalized + 1 : finalized;
    uint64_t left = current > *start ? current - *start + 1 : 1;
    *count = left < UPDATES_AT_ONCE ? left : UPDATES_AT_ONCE;
    return true;
}

/* After a day without finality the specification lets a client go on with the best it has seen. The
 * store counts how far it is behind, which says nothing while it catches up or after this computer
 * slept: one dishonest signer would do then. So nothing may have moved for that long while we ran
 * and were answered, too. */
static void force_if_stuck(struct ht_sync *sync) {
    uint64_t timeout_ms = ht_slots_per_period(sync->network) * sync->network->slot_duration_ms;
    int64_t now_ms = ht_mono_ms(sync->host.clock);
    if (now_ms - sync->moved_ms < (int64_t)timeout_ms) return;
    if (!ht_lc_force_update(sync->store, ht_sync_slot_now(sync))) return;
    sync->moved_ms = now_ms;
    ht_sync_take_view(sync);
    ht_log(HT_LOG_WARN, "sync",
           "no finality for a whole period: went on with the best signed header, slot %llu",
           (unsigned long long)sync->view.finalized.beacon.slot);
    ht_sync_keep(sync, true);
    ht_sync_tell(sync, "l1.status");
}

static void advance_store(struct ht_sync *sync) {
    uint64_t start, count;
    force_if_stuck(sync);
    if (needs_updates(sync, &start, &count)) {
        ht_sync_fetch_updates(sync, start, count);
    } else if (sync->head_due) { /* first, so that a restart is live with one request */
        ht_sync_fetch_latest(sync, HT_LC_OPTIMISTIC_UPDATE);
    } else if (sync->finality_due) {
        ht_sync_fetch_latest(sync, HT_LC_FINALITY_UPDATE);
    } else {
        ht_sync_open_stream(sync);
        ht_sync_backfill(sync);
        ht_sync_share(sync);
    }
}

void ht_sync_advance(struct ht_sync *sync) {
    if (sync->is_stopping) return;
    bool is_busy = sync->job != NULL || sync->fetch.is_active || sync->asks_under_way > 0;
    if (!is_busy && !(sync->view.has_store && ht_sync_submit_event(sync))) {
        if (sync->view.has_store) {
            advance_store(sync);
        } else if (sync->has_trusted_root) {
            if (!sync->has_error) ht_sync_fetch_bootstrap(sync);
        } else {
            ht_sync_ask_checkpoint(sync);
        }
    }
    tell_if_state_changed(sync);
}

/* --- timers ----------------------------------------------------------------------------------- */

static void on_step_timer(struct ht_timer *timer) {
    struct ht_sync *sync = (struct ht_sync *)((char *)timer - offsetof(struct ht_sync, step_timer));
    ht_sync_advance(sync);
}

static void on_slot_timer(struct ht_timer *timer);

/* A third into the next slot, when its block should be there, and a little later by chance so that
 * many nodes do not ask at once. */
static void set_slot_timer(struct ht_sync *sync) {
    int64_t slot_ms = (int64_t)sync->network->slot_duration_ms;
    int64_t now_ms = ht_wall_ms(sync->host.clock);
    int64_t at_ms = ht_slot_start_ms(sync->network, ht_sync_slot_now(sync)) + slot_ms / 3;
    if (at_ms <= now_ms) at_ms += slot_ms;
    /* Before genesis, look again soon: a clock that is wrong now may be set right. */
    int64_t delay_ms = at_ms - now_ms < slot_ms ? at_ms - now_ms : slot_ms;
    int64_t jitter_ms = (int64_t)ht_random_below(sync->host.random, (uint64_t)slot_ms / 16 + 1);
    ht_timer_set(sync->host.loop, &sync->slot_timer, delay_ms + jitter_ms, on_slot_timer);
}

static void on_slot_timer(struct ht_timer *timer) {
    struct ht_sync *sync = (struct ht_sync *)((char *)timer - offsetof(struct ht_sync, slot_timer));
    const struct ht_network *net = sync->network;
    uint64_t now = ht_sync_slot_now(sync);
    bool is_streaming = sync->stream.is_open && sync->stream.has_delivered;
    if (ht_providers_all_down(&sync->providers, HT_PROVIDER_BEACON)) {
        ht_providers_hurry(&sync->providers, HT_PROVIDER_BEACON, (int64_t)net->slot_duration_ms);
        bool is_cut_off = ht_sync_fresh_slot(sync) + net->preset->slots_per_epoch < now;
        if (is_cut_off) sync->moved_ms = ht_mono_ms(sync->host.clock);
    }
    if (sync->is_ready) {
        /* A stream gets one slot's grace before it is doubted. */
        if (ht_sync_fresh_slot(sync) + (is_streaming ? 1 : 0) < now) sync->head_due = true;
        bool is_overdue = ht_epoch_at_slot(net, sync->view.finalized.beacon.slot) + 2 <
                          ht_epoch_at_slot(net, now);
        bool is_time = !is_streaming || now % net->preset->slots_per_epoch == 1;
        if (is_overdue && is_time) sync->finality_due = true;
    }
    set_slot_timer(sync);
    ht_sync_advance(sync);
    /* Once a slot at least, so that whoever watches can tell silence from standing still. */
    ht_sync_tell(sync, "l1.status");
    ht_sync_tell(sync, "l1.slots");
}

/* --- life ------------------------------------------------------------------------------------- */

static void see_kept_header(void *user, uint64_t slot, const ht_hash32 *root,
                            const ht_hash32 *parent_root) {
    struct ht_sync *sync = user;
    struct ht_beacon_block_header beacon = {.slot = slot, .parent_root = *parent_root};
    ht_view_add_block(&sync->chain, &beacon, root);
}

/* Takes up what was kept, unless it is too old to be trusted or the user starts elsewhere. */
static enum ht_err resume(struct ht_sync *sync, sqlite3 *db, struct ht_why *why) {
    struct ht_buf bytes;
    struct ht_sync_anchor anchor;
    struct ht_why reason = {0};
    ht_buf_init(&bytes, HT_LC_KEEP_MAX);
    enum ht_err err = ht_sync_sql_load_store(db, &bytes, &anchor, why);
    bool is_other = err == HT_OK && sync->has_trusted_root &&
                    !ht_hash32_equal(&anchor.root, &sync->anchor.root);
    if (err == HT_OK && !is_other) {
        enum ht_err usable =
            ht_lc_store_decode(sync->store, sync->network, ht_buf_view(&bytes), &reason);
        if (usable == HT_OK && !sync->accept_old_checkpoint) {
            usable = ht_lc_check_age(sync->network, sync->store->finalized.beacon.slot,
                                     ht_wall_ms(sync->host.clock), &reason);
        }
        if (usable == HT_OK) {
            sync->has_trusted_root = true;
            sync->anchor = anchor;
            ht_sync_take_view(sync);
            sync->view.signature_slot = sync->view.optimistic.beacon.slot + 1;
            err = ht_sync_sql_recent_headers(db, HT_VIEW_SLOTS, see_kept_header, sync, why);
            if (err == HT_OK) err = ht_sync_sql_load_finality(&sync->finality, db, why);
        } else {
            ht_log(HT_LOG_WARN, "sync", "starting anew: %s", reason.text);
        }
    }
    ht_buf_fini(&bytes);
    return err == HT_ENOTFOUND ? HT_OK : err;
}

static enum ht_err add_providers(struct ht_sync *sync, const struct ht_sync_options *options,
                                 struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < options->beacon_count; i++) {
        err = ht_providers_add(&sync->providers, HT_PROVIDER_BEACON, options->beacon_urls[i], why);
        if (err != HT_OK) ht_why_context(why, "beacon %zu of the list", i + 1);
    }
    for (size_t i = 0; err == HT_OK && i < options->checkpoint_count; i++) {
        err = ht_providers_add(&sync->providers, HT_PROVIDER_CHECKPOINT,
                               options->checkpoint_urls[i], why);
        if (err != HT_OK) ht_why_context(why, "checkpoint source %zu of the list", i + 1);
    }
    enum ht_provider_kind asked =
        options->checkpoint_count > 0 ? HT_PROVIDER_CHECKPOINT : HT_PROVIDER_BEACON;
    for (size_t i = 0; err == HT_OK && i < sync->providers.count; i++) {
        const struct ht_provider *provider = &sync->providers.list[i];
        if (provider->kind != asked || sync->ask_count == HT_CHECKPOINT_SOURCES_MAX) continue;
        size_t before = sync->poll.count;
        if (ht_checkpoint_add(&sync->poll, provider->name) != HT_OK) break;
        if (sync->poll.count == before) continue;
        sync->asks[sync->ask_count++] =
            (struct ht_sync_ask){.sync = sync, .provider = i, .source = before};
    }
    return err;
}

enum ht_err ht_sync_new(struct ht_sync **out, const struct ht_sync_host *host,
                        const struct ht_sync_options *options, sqlite3 *db, struct ht_why *why) {
    struct ht_sync *sync = calloc(1, sizeof *sync);
    struct ht_lc_store *store = calloc(1, sizeof *store);
    if (sync == NULL || store == NULL) {
        free(sync);
        free(store);
        return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    sync->host = *host;
    sync->network = options->network;
    sync->accept_old_checkpoint = options->accept_old_checkpoint;
    sync->providers.clock = host->clock;
    sync->providers.random = host->random;
    sync->poll.quorum = options->checkpoint_quorum;
    sync->store = store;
    sync->has_trusted_root = options->has_checkpoint;
    if (options->has_checkpoint) {
        sync->anchor.root = options->checkpoint;
        memcpy(sync->anchor.origin, "user", sizeof "user");
    }
    enum ht_err err = add_providers(sync, options, why);
    if (err == HT_OK) err = resume(sync, db, why);
    if (err != HT_OK) {
        free(store);
        free(sync);
        return err;
    }
    *out = sync;
    return HT_OK;
}

void ht_sync_start(struct ht_sync *sync) {
    sync->finality_due = true;
    sync->head_due = true;
    sync->view.first_period = ht_period_at_slot(sync->network, sync->view.finalized.beacon.slot);
    sync->view.committees_since_ms = ht_mono_ms(sync->host.clock);
    sync->moved_ms = ht_mono_ms(sync->host.clock);
    sync->step_timer.fire = on_step_timer;
    set_slot_timer(sync);
    ht_sync_advance(sync);
}

void ht_sync_stop(struct ht_sync *sync) {
    sync->is_stopping = true;
    ht_timer_cancel(&sync->step_timer);
    ht_timer_cancel(&sync->slot_timer);
    ht_sync_cancel_checkpoint(sync);
    ht_sync_cancel_backfill(sync);
    ht_sync_cancel_share(sync);
    ht_sync_close_stream(sync);
    if (sync->fetch.is_active) ht_http_cancel(sync->fetch.request);
    sync->fetch.is_active = false;
}

void ht_sync_free(struct ht_sync *sync) {
    if (sync == NULL) return;
    for (size_t i = 0; i < sync->event_count; i++) ht_sync_job_free(sync->events[i]);
    ht_finality_fini(&sync->finality);
    free(sync->store);
    free(sync);
}

enum ht_err ht_sync_trust_again(struct ht_sync *sync, const char *provider_id, struct ht_why *why) {
    struct ht_provider *provider = ht_providers_find(&sync->providers, provider_id);
    if (provider == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "no_such_provider", "there is no provider of that id");
    }
    ht_provider_forgive(provider);
    ht_sync_tell(sync, "l1.providers");
    ht_sync_advance(sync);
    return HT_OK;
}

const struct ht_sync_view *ht_sync_view(const struct ht_sync *sync) {
    return &sync->view;
}

const struct ht_finality *ht_sync_finality(const struct ht_sync *sync) {
    return sync->finality.ssz.n > 0 ? &sync->finality : NULL;
}

const struct ht_network *ht_sync_network(const struct ht_sync *sync) {
    return sync->network;
}

const struct ht_clock *ht_sync_clock(const struct ht_sync *sync) {
    return sync->host.clock;
}

const struct ht_chain_view *ht_sync_chain_view(const struct ht_sync *sync) {
    return &sync->chain;
}

struct ht_providers *ht_sync_providers(struct ht_sync *sync) {
    return &sync->providers;
}

const struct ht_checkpoint_poll *ht_sync_checkpoint_poll(const struct ht_sync *sync) {
    return &sync->poll;
}
