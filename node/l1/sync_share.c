/* Bootstraps for others, and peers as providers.
 *
 * An update proves the next committee, never the one of its own period: so what others start from
 * has to be fetched, once a period, although this node does not need it itself. */
#include "node/l1/sync_share.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/l1/sync_fetch.h"
#include "node/net/provider_http.h"

#define ANSWER_TIMEOUT_MS 10000

/* Providers have bootstraps of the newest checkpoints: with the next one it may go better. */
static void rest(struct ht_sync *sync) {
    uint64_t slots = sync->network->preset->slots_per_epoch;
    sync->share.again_ms =
        ht_mono_ms(sync->host.clock) + (int64_t)(slots * sync->network->slot_duration_ms);
}

static void record_lie(struct ht_sync *sync, const struct ht_sync_job *job) {
    struct ht_provider *provider = &sync->providers.list[job->provider];
    struct ht_provider_fault fault = {.at_ms = ht_wall_ms(sync->host.clock),
                                      .why = job->why,
                                      .has_slot = job->has_slot,
                                      .slot = job->slot,
                                      .answer_bytes = job->len};
    (void)snprintf(fault.asked, sizeof fault.asked, "%s", ht_lc_kind_name(job->kind));
    ht_provider_faulted(&sync->providers, provider, &fault, job->err == HT_EUNVERIFIED);
    ht_log(HT_LOG_WARN, "sync", "%s sent a %s for others that cannot be used: %s (%s)",
           provider->name, fault.asked, job->why.text, job->why.code);
    ht_sync_tell(sync, "l1.providers");
}

static void checked(struct ht_work *work) {
    struct ht_sync_job *job = (struct ht_sync_job *)work;
    struct ht_sync *sync = job->owner;
    sync->share.job = NULL;
    if (job->err == HT_OK && job->objects != NULL) {
        ht_light_kept_take(sync->host.kept, job->objects);
        job->objects = NULL;
    } else if (job->err != HT_OK && job->err != HT_ENOMEM) {
        record_lie(sync, job);
    }
    free(job->store);
    ht_sync_job_free(job);
}

/* The store it is tried on is thrown away: it only shows that one can start from it. */
static void check(struct ht_sync *sync, const struct ht_http_answer *answer,
                  const ht_hash32 *root) {
    struct ht_sync_job *job = ht_sync_job_new(HT_LC_BOOTSTRAP, answer->body);
    struct ht_lc_store *store = calloc(1, sizeof *store);
    if (job != NULL && store != NULL) {
        ht_sync_job_set_answer(job, answer);
        job->owner = sync;
        job->store = store;
        job->network = sync->network;
        job->trusted_block_root = *root;
        job->provider = sync->share.provider;
        job->wants_objects = true;
        job->work.work = ht_sync_job_run;
        job->work.done = checked;
        sync->share.job = job;
        if (ht_pool_submit(sync->host.pool, &job->work) == HT_OK) return;
    }
    sync->share.job = NULL;
    ht_sync_job_free(job);
    free(store);
}

static void on_answer(void *user, const struct ht_http_answer *answer) {
    struct ht_sync *sync = user;
    sync->share.request = NULL;
    if (answer->err != HT_OK || answer->status != 200) {
        ht_log(HT_LOG_DEBUG, "sync", "no bootstrap for others from %s",
               sync->providers.list[sync->share.provider].name);
        return;
    }
    check(sync, answer, &sync->share.root);
}

void ht_sync_share(struct ht_sync *sync) {
    int64_t wait_ms;
    struct ht_sync_share *share = &sync->share;
    uint64_t period = ht_period_at_slot(sync->network, sync->view.finalized.beacon.slot);
    if (sync->host.kept == NULL || sync->is_stopping || !sync->is_ready || share->request != NULL ||
        share->job != NULL || ht_mono_ms(sync->host.clock) < share->again_ms ||
        ht_light_kept_has_bootstrap(sync->host.kept, period)) {
        return;
    }
    const struct ht_provider *provider =
        ht_providers_pick(&sync->providers, HT_PROVIDER_BEACON, NULL, &wait_ms);
    if (provider == NULL) return;
    char root[HT_HEX_SIZE(32)], url[800];
    share->root = sync->view.finalized.root;
    share->provider = (size_t)(provider - sync->providers.list);
    ht_hex_write(root, HT_BYTES(share->root.b));
    (void)snprintf(url, sizeof url, "%s/eth/v1/beacon/light_client/bootstrap/%s", provider->url,
                   root);
    struct ht_http_options options = {
        .url = url,
        .accept = HT_SYNC_ACCEPT_OBJECTS,
        .max_bytes = HT_LC_JSON_MAX,
        .timeout_ms = ANSWER_TIMEOUT_MS,
    };
    ht_provider_fill(&options, provider);
    rest(sync);
    if (ht_http_start(&share->request, sync->host.http, &options, on_answer, NULL, sync) != HT_OK) {
        share->request = NULL;
    }
}

void ht_sync_cancel_share(struct ht_sync *sync) {
    if (sync->share.request != NULL) ht_http_cancel(sync->share.request);
    sync->share.request = NULL;
}

/* --- peers ------------------------------------------------------------------------------------ */

/* Later, since this may come from within an answer's judgement. */
static void go_on(struct ht_sync *sync) {
    if (!sync->is_stopping && sync->step_timer.fire != NULL) {
        ht_timer_set(sync->host.loop, &sync->step_timer, 0, sync->step_timer.fire);
    }
    ht_sync_tell(sync, "l1.providers");
}

enum ht_err ht_sync_add_peer(struct ht_sync *sync, const char *base,
                             const struct ht_provider_peer *peer, struct ht_why *why) {
    char url[sizeof sync->providers.list[0].url];
    int n = snprintf(url, sizeof url, "%s/eth/execution", base);
    if (n < 0 || (size_t)n >= sizeof url) {
        return ht_fail(why, HT_EINPUT, "bad_url", "the peer's address is too long");
    }
    enum ht_err err = ht_providers_add_peer(&sync->providers, HT_PROVIDER_BEACON, base, peer, why);
    if (err == HT_OK) {
        err = ht_providers_add_peer(&sync->providers, HT_PROVIDER_EXECUTION, url, peer, why);
    }
    if (err != HT_OK) ht_providers_remove_peer(&sync->providers, &peer->node);
    go_on(sync);
    return err;
}

void ht_sync_remove_peer(struct ht_sync *sync, const ht_hash32 *node) {
    ht_providers_remove_peer(&sync->providers, node);
    go_on(sync);
}
