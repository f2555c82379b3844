/* What verified objects change, and what those that failed say about who sent them. */
#include "node/l1/sync_verify.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/log.h"
#include "node/l1/consensus/light_client_keep.h"
#include "node/l1/sync_fetch.h"

#define STALE_SLOTS 2 /* a provider may be that much behind what is proven already */

void ht_sync_take_view(struct ht_sync *sync) {
    sync->view.has_store = true;
    sync->view.finalized = sync->store->finalized;
    sync->view.optimistic = sync->store->optimistic;
    sync->view.has_next_committee = sync->store->has_next_committee;
    sync->view.has_anchor = true;
    sync->view.anchor = sync->anchor;
}

/* --- keeping ---------------------------------------------------------------------------------- */

struct keep {
    struct ht_write write;
    struct ht_sync *sync;
    struct ht_header_verified head;
    struct ht_sync_anchor anchor;
    int64_t now_ms;
    struct ht_buf store;         /* empty: only the header is kept */
    struct ht_finality finality; /* empty: as it was */
    uint64_t period;
    size_t key_count;
    struct ht_sync_committee committees[2]; /* of period and the next */
    ht_hash32 roots[2];
    size_t committee_count;
};

static enum ht_err write_kept(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct keep *keep = (struct keep *)write;
    enum ht_err err = ht_sync_sql_save_header(db, &keep->head, why);
    if (err != HT_OK || keep->store.n == 0) return err;
    for (size_t i = 0; err == HT_OK && i < keep->committee_count; i++) {
        const struct ht_sync_committee *committee = &keep->committees[i];
        err = ht_sync_sql_save_committee(
            db, keep->period + i, &keep->roots[i],
            ht_bytes_of(committee->pubkeys, keep->key_count * HT_BLS_PUBKEY_SIZE),
            HT_BYTES(committee->aggregate_pubkey), why);
    }
    if (err == HT_OK && keep->finality.ssz.n > 0) {
        err = ht_sync_sql_save_finality(db, &keep->finality, why);
    }
    if (err != HT_OK) return err;
    return ht_sync_sql_save_store(db, ht_buf_view(&keep->store), &keep->anchor, keep->now_ms, why);
}

static void free_keep(struct keep *keep) {
    ht_finality_fini(&keep->finality);
    ht_buf_fini(&keep->store);
    free(keep);
}

static void kept(struct ht_write *write) {
    struct keep *keep = (struct keep *)write;
    struct ht_sync_view *view = &keep->sync->view;
    bool has_failed = write->err != HT_OK;
    if (has_failed) ht_log(HT_LOG_ERROR, "store", "%s", write->why.text);
    if (has_failed) view->storage_error = write->why;
    if (has_failed != view->has_storage_error) {
        view->has_storage_error = has_failed;
        ht_sync_tell(keep->sync, "l1.status");
    }
    free_keep(keep);
}

static void add_committee(struct keep *keep, const struct ht_network *network,
                          const struct ht_bls_committee *from) {
    struct ht_sync_committee *to = &keep->committees[keep->committee_count];
    memcpy(to->pubkeys, from->pubkeys, from->count * HT_BLS_PUBKEY_SIZE);
    memcpy(to->aggregate_pubkey, from->aggregate_pubkey, HT_BLS_PUBKEY_SIZE);
    ht_ssz_hash_tree_root(&keep->roots[keep->committee_count],
                          ht_sync_committee_type(network->preset), to);
    keep->key_count = from->count;
    keep->committee_count++;
}

void ht_sync_keep(struct ht_sync *sync, bool with_store) {
    struct keep *keep = calloc(1, sizeof *keep);
    if (keep == NULL) return;
    keep->sync = sync;
    keep->write.write = write_kept;
    keep->write.done = kept;
    keep->head = sync->view.optimistic;
    keep->anchor = sync->anchor;
    keep->now_ms = ht_wall_ms(sync->host.clock);
    ht_buf_init(&keep->store, HT_LC_KEEP_MAX);
    enum ht_err err = HT_OK;
    if (with_store) {
        err = ht_lc_store_encode(&keep->store, sync->store);
        keep->period = ht_lc_store_period(sync->store);
        if (err == HT_OK) err = ht_finality_copy(&keep->finality, &sync->finality);
        add_committee(keep, sync->network, &sync->store->current_committee);
        if (sync->store->has_next_committee) {
            add_committee(keep, sync->network, &sync->store->next_committee);
        }
    }
    if (err == HT_OK) err = ht_writer_submit(sync->host.writer, &keep->write);
    if (err == HT_OK) return;
    /* Nothing was promised to anyone: the next head or epoch keeps it. */
    ht_log(HT_LOG_WARN, "store", "the disk is behind: a head was not kept");
    free_keep(keep);
}

/* --- what held -------------------------------------------------------------------------------- */

static void start_store(struct ht_sync *sync) {
    struct ht_why why;
    uint64_t slot = sync->store->finalized.beacon.slot;
    if (!sync->accept_old_checkpoint &&
        ht_lc_check_age(sync->network, slot, ht_wall_ms(sync->host.clock), &why) != HT_OK) {
        ht_sync_set_error(sync, &why);
        return;
    }
    sync->anchor.slot = slot;
    sync->anchor.started_ms = ht_wall_ms(sync->host.clock);
    ht_sync_take_view(sync);
    sync->view.first_period = ht_period_at_slot(sync->network, slot);
    sync->view.committees_since_ms = ht_mono_ms(sync->host.clock);
    sync->moved_ms = ht_mono_ms(sync->host.clock);
    sync->view.signature_slot = slot + 1;
    ht_log(HT_LOG_INFO, "sync", "started from slot %llu, period %llu", (unsigned long long)slot,
           (unsigned long long)sync->view.first_period);
}

static void note_head(struct ht_sync *sync, const struct ht_provider *provider) {
    const struct ht_header_verified *head = &sync->view.optimistic;
    int64_t now_ms = ht_wall_ms(sync->host.clock);
    ht_view_add_block(&sync->chain, &head->beacon, &head->root);
    (void)snprintf(sync->view.head_source, sizeof sync->view.head_source, "%s", provider->name);
    if (sync->is_ready) {
        ht_view_add_delay(&sync->chain, now_ms,
                          now_ms - ht_slot_start_ms(sync->network, head->beacon.slot));
        ht_sync_tell(sync, "l1.head_ages");
    }
    ht_sync_tell(sync, "l1.slots");
}

static void take(struct ht_sync *sync, struct ht_sync_job *job, struct ht_provider *provider) {
    if (job->kind == HT_LC_BOOTSTRAP) {
        start_store(sync);
        if (!sync->view.has_store) return;
    }
    ht_sync_take_view(sync);
    if (sync->host.kept != NULL) {
        const struct ht_header_verified *final = &sync->view.finalized;
        ht_light_kept_take(sync->host.kept, job->objects);
        ht_light_kept_add_header(sync->host.kept, &final->beacon, &final->root);
        job->objects = NULL;
    }
    if (job->signature_slot > sync->view.signature_slot) {
        sync->view.signature_slot = job->signature_slot;
    }
    if (job->did.optimistic_advanced || job->kind == HT_LC_BOOTSTRAP) note_head(sync, provider);
    if (job->did.finalized_advanced || job->did.next_committee_learned) {
        sync->moved_ms = ht_mono_ms(sync->host.clock);
    }
    if (job->finality.ssz.n > 0) {
        ht_finality_fini(&sync->finality);
        sync->finality = job->finality;
        job->finality = (struct ht_finality){0};
    }
    if (job->did.finalized_advanced || job->kind == HT_LC_BOOTSTRAP) {
        const struct ht_header_verified *finalized = &sync->view.finalized;
        ht_view_add_block(&sync->chain, &finalized->beacon, &finalized->root);
        (void)snprintf(sync->view.finalized_source, sizeof sync->view.finalized_source, "%s",
                       provider->name);
    }
    provider->has_head_slot = true;
    if (sync->view.optimistic.beacon.slot > provider->head_slot) {
        provider->head_slot = sync->view.optimistic.beacon.slot;
    }
    bool with_store = job->kind == HT_LC_BOOTSTRAP || job->did.finalized_advanced ||
                      job->did.next_committee_learned;
    if (with_store || job->did.optimistic_advanced) ht_sync_keep(sync, with_store);
}

/* Marks what was asked for as answered, so that it is not asked again at once. */
static void settle(struct ht_sync *sync, const struct ht_sync_job *job) {
    bool is_event = job->elapsed_ms < 0;
    if (job->kind == HT_LC_FINALITY_UPDATE && !is_event) sync->finality_due = false;
    if (job->kind == HT_LC_OPTIMISTIC_UPDATE) {
        if (!is_event) sync->head_due = false;
        sync->is_ready = true;
    }
    bool has_moved = job->did.finalized_advanced || job->did.next_committee_learned;
    if (job->kind == HT_LC_UPDATE && !has_moved) ht_sync_rest_updates(sync);
}

/* --- what did not hold ------------------------------------------------------------------------ */

/* Whether a newer head is due still after an answer. */
static bool is_behind(const struct ht_sync *sync, const struct ht_sync_job *job) {
    bool is_latest = job->kind == HT_LC_FINALITY_UPDATE || job->kind == HT_LC_OPTIMISTIC_UPDATE;
    return is_latest && ht_sync_fresh_slot(sync) + 1 < ht_sync_slot_now(sync);
}

/* Whether an update is about a head that was overtaken long ago; why is filled then. */
static bool is_stale(const struct ht_sync *sync, const struct ht_sync_job *job,
                     struct ht_why *why) {
    uint64_t proven = sync->view.optimistic.beacon.slot;
    if (job->kind != HT_LC_OPTIMISTIC_UPDATE || job->slot + STALE_SLOTS >= proven) return false;
    (void)ht_fail(why, HT_ESTALE, "stale", "about slot %llu, when slot %llu is proven already",
                  (unsigned long long)job->slot, (unsigned long long)proven);
    return true;
}

/* A newer head shows which of those without news have old heads: the chain did not stand still. */
static void note_overtaken(struct ht_sync *sync, const struct ht_sync_job *job) {
    uint64_t head_slot = sync->view.optimistic.beacon.slot;
    int64_t now_ms = ht_mono_ms(sync->host.clock);
    for (size_t i = 0; job->did.optimistic_advanced && i < sync->providers.count; i++) {
        struct ht_provider *other = &sync->providers.list[i];
        if (i == job->provider || other->behind_until_ms <= now_ms || other->has_lied ||
            other->failures_in_row > 0 || other->head_slot + STALE_SLOTS >= head_slot) {
            continue;
        }
        struct ht_why why;
        (void)ht_fail(&why, HT_ESTALE, "stale", "an old head, of slot %llu, when %llu was there",
                      (unsigned long long)other->head_slot, (unsigned long long)head_slot);
        ht_provider_failed(&sync->providers, other, &why, -1);
    }
}

/* The provider has nothing new: others are asked first, at once when there is one who may have it,
 * and until then nothing is said about the head. */
static void ask_another(struct ht_sync *sync, struct ht_provider *provider, bool was_ready) {
    int64_t wait_ms;
    ht_provider_lagged(&sync->providers, provider,
                       HT_SYNC_BEHIND_SLOTS * (int64_t)sync->network->slot_duration_ms);
    const struct ht_provider *next =
        ht_providers_pick(&sync->providers, HT_PROVIDER_BEACON, NULL, &wait_ms);
    if (next == NULL || next->behind_until_ms > ht_mono_ms(sync->host.clock)) return;
    sync->head_due = true;
    sync->is_ready = was_ready;
}

/* A stream that is overtaken by another provider's answer is given up for a better one. */
static void leave_slow_stream(struct ht_sync *sync, const struct ht_sync_job *job) {
    bool is_overtaken = job->kind == HT_LC_OPTIMISTIC_UPDATE && job->did.optimistic_advanced &&
                        job->elapsed_ms >= 0 && sync->stream.is_open &&
                        sync->stream.has_delivered && sync->stream.provider != job->provider;
    if (is_overtaken) ht_sync_close_stream(sync);
}

/* A signature slot just ahead of us is a matter of clocks, not of lies. */
static bool is_clock_skew(const struct ht_sync *sync, const struct ht_sync_job *job) {
    return strcmp(job->why.code, "future") == 0 && job->slot <= ht_sync_slot_now(sync) + 1;
}

static void record_fault(struct ht_sync *sync, const struct ht_sync_job *job,
                         struct ht_provider *provider, const struct ht_why *why) {
    struct ht_provider_fault fault = {
        .at_ms = ht_wall_ms(sync->host.clock),
        .why = *why,
        .has_slot = job->has_slot,
        .slot = job->slot,
        .answer_bytes = job->len,
    };
    (void)snprintf(fault.asked, sizeof fault.asked, "%s", ht_lc_kind_name(job->kind));
    /* What is too new for our clock may be true all the same: the clock may be slow. */
    bool is_future = strcmp(why->code, "future") == 0;
    bool is_lie = job->err == HT_EUNVERIFIED && !is_future;
    ht_provider_faulted(&sync->providers, provider, &fault, is_lie);
    ht_log(HT_LOG_WARN, "sync", "%s sent a %s that %s: %s (%s)", provider->name, fault.asked,
           is_lie      ? "does not hold"
           : is_future ? "is from the future"
                       : "cannot be used",
           why->text, why->code);
    ht_sync_drop_events(sync, job->provider);
    if (sync->stream.is_open && sync->stream.provider == job->provider) {
        ht_sync_close_stream(sync);
    }
}

static void judge(struct ht_sync *sync, const struct ht_sync_job *job,
                  struct ht_provider *provider) {
    bool is_answer = job->elapsed_ms >= 0;
    bool is_catching_up = ht_sync_step(sync) == HT_SYNC_COMMITTEES;
    bool was_ready = sync->is_ready;
    struct ht_why why;
    if (job->err == HT_EUNVERIFIED && is_clock_skew(sync, job)) {
        if (is_answer) settle(sync, job);
    } else if (job->err == HT_EUNVERIFIED || job->err == HT_EINPUT || job->err == HT_ELIMIT ||
               (job->err == HT_ESTALE && job->kind == HT_LC_UPDATE)) {
        record_fault(sync, job, provider, &job->why);
    } else if (is_stale(sync, job, &why)) {
        record_fault(sync, job, provider, &why);
    } else if (job->kind == HT_LC_UPDATE && job->accepted == 0 && is_catching_up) {
        (void)ht_fail(&why, HT_ENOTFOUND, "no_updates", "has no updates for the periods asked for");
        ht_provider_failed(&sync->providers, provider, &why, -1);
    } else {
        settle(sync, job);
        if (is_answer) {
            ht_provider_succeeded(&sync->providers, provider, job->elapsed_ms);
            if (is_behind(sync, job)) ask_another(sync, provider, was_ready);
        } else {
            provider->failures_in_row = 0;
        }
    }
}

void ht_sync_job_done(struct ht_work *work) {
    struct ht_sync_job *job = (struct ht_sync_job *)work;
    struct ht_sync *sync = job->owner;
    struct ht_provider *provider = &sync->providers.list[job->provider];
    sync->job = NULL;
    if (job->accepted > 0) {
        take(sync, job, provider);
        note_overtaken(sync, job);
    }
    leave_slow_stream(sync, job);
    judge(sync, job, provider);
    ht_sync_job_free(job);
    ht_sync_tell(sync, "l1.status");
    ht_sync_tell(sync, "l1.providers");
    ht_sync_advance(sync);
}
