/* Asking beacon providers for light-client objects: single requests and the event stream. */
#include "node/l1/sync_fetch.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/l1/sync_verify.h"
#include "node/net/provider_http.h"

#define ANSWER_TIMEOUT_MS 10000
#define STREAM_SILENCE_SLOTS 4
#define STREAM_RETRY_MS 3000
#define STREAM_RETRY_LATER_MS (3 * 60 * 1000) /* where a stream is no use: polling does */
#define STREAM_EVENTS_PER_SLOT 64U            /* far more than honest chains make */

static void forget_job(struct ht_sync *sync, struct ht_sync_job *job) {
    ht_sync_job_free(job);
    ht_timer_set(sync->host.loop, &sync->step_timer, 100, sync->step_timer.fire);
}

/* Hands an answer to the worker; without room there, the question is asked again soon. */
static void submit(struct ht_sync *sync, struct ht_sync_job *job) {
    job->owner = sync;
    job->store = sync->store;
    job->network = sync->network;
    job->trusted_block_root = sync->anchor.root;
    job->current_slot = ht_sync_slot_now(sync);
    job->wants_objects = sync->host.kept != NULL;
    job->work.work = ht_sync_job_run;
    job->work.done = ht_sync_job_done;
    sync->job = job;
    if (ht_pool_submit(sync->host.pool, &job->work) == HT_OK) return;
    sync->job = NULL;
    forget_job(sync, job);
}

static void status_error(struct ht_why *why, const struct ht_http_answer *answer) {
    if (answer->status == 404) {
        (void)ht_fail(why, HT_ENOTFOUND, "not_available", "does not have it");
    } else if (answer->status == 429) {
        (void)ht_fail(why, HT_EAGAIN, "rate_limited", "asks us to come back later");
    } else if (answer->status >= 300 && answer->status < 400) {
        (void)ht_fail(why, HT_ENET, "redirect", "sends us elsewhere, which is not followed");
    } else {
        (void)ht_fail(why, HT_ENET, "http_status", "answered with status %ld", answer->status);
    }
}

static void fault_of_answer(struct ht_sync *sync, struct ht_provider *provider,
                            enum ht_lc_kind kind, const struct ht_http_answer *answer) {
    struct ht_provider_fault fault = {.at_ms = ht_wall_ms(sync->host.clock),
                                      .why = answer->why,
                                      .answer_bytes = answer->received};
    (void)snprintf(fault.asked, sizeof fault.asked, "%s", ht_lc_kind_name(kind));
    ht_provider_faulted(&sync->providers, provider, &fault, false);
}

/* Whether what a provider does not have may be missing everywhere: no failure then, nor a reason to
 * put off the rest. It is asked for again later, of another one if there is one. */
static bool note_missing(struct ht_sync *sync, struct ht_provider *provider) {
    bool is_finality = sync->fetch.kind == HT_LC_FINALITY_UPDATE;
    bool is_newest = sync->fetch.kind == HT_LC_UPDATE && ht_sync_step(sync) != HT_SYNC_COMMITTEES;
    if (is_finality) sync->finality_due = false;
    if (is_newest) ht_sync_rest_updates(sync);
    if (is_finality || is_newest) {
        ht_provider_lagged(&sync->providers, provider,
                           HT_SYNC_BEHIND_SLOTS * (int64_t)sync->network->slot_duration_ms);
    }
    return is_finality || is_newest;
}

static void on_answer(void *user, const struct ht_http_answer *answer) {
    struct ht_sync *sync = user;
    size_t index = sync->fetch.provider;
    struct ht_provider *provider = &sync->providers.list[index];
    sync->fetch.is_active = false;
    sync->fetch.request = NULL;
    if (answer->err == HT_OK && answer->status == 200) {
        struct ht_sync_job *job = ht_sync_job_new(sync->fetch.kind, answer->body);
        if (job == NULL) {
            ht_timer_set(sync->host.loop, &sync->step_timer, 1000, sync->step_timer.fire);
            return;
        }
        ht_sync_job_set_answer(job, answer);
        job->provider = index;
        submit(sync, job);
        return;
    }
    struct ht_why why = answer->why;
    if (answer->err == HT_OK) status_error(&why, answer);
    bool is_missing = answer->err == HT_OK && answer->status == 404;
    if (is_missing && note_missing(sync, provider)) {
        ht_log(HT_LOG_DEBUG, "sync", "%s has no %s", provider->name,
               ht_lc_kind_name(sync->fetch.kind));
    } else if (answer->err == HT_ELIMIT) {
        fault_of_answer(sync, provider, sync->fetch.kind, answer);
    } else {
        ht_provider_failed(&sync->providers, provider, &why, answer->retry_after_ms);
    }
    ht_sync_tell(sync, "l1.providers");
    ht_sync_advance(sync);
}

static void fetch(struct ht_sync *sync, enum ht_lc_kind kind, const char *path, size_t max_bytes) {
    int64_t wait_ms;
    struct ht_provider *provider =
        ht_providers_pick(&sync->providers, HT_PROVIDER_BEACON, NULL, &wait_ms);
    if (provider == NULL) {
        if (wait_ms >= 0) {
            ht_timer_set(sync->host.loop, &sync->step_timer, wait_ms + 1, sync->step_timer.fire);
        }
        return;
    }
    char url[800];
    (void)snprintf(url, sizeof url, "%s/eth/v1/beacon/light_client/%s", provider->url, path);
    struct ht_http_options options = {
        .url = url,
        .accept = HT_SYNC_ACCEPT_OBJECTS,
        .max_bytes = max_bytes,
        .timeout_ms = ANSWER_TIMEOUT_MS,
    };
    ht_provider_fill(&options, provider);
    sync->fetch.provider = (size_t)(provider - sync->providers.list);
    sync->fetch.kind = kind;
    sync->fetch.is_active = ht_http_start(&sync->fetch.request, sync->host.http, &options,
                                          on_answer, NULL, sync) == HT_OK;
    if (!sync->fetch.is_active) {
        ht_timer_set(sync->host.loop, &sync->step_timer, 1000, sync->step_timer.fire);
    }
}

void ht_sync_fetch_bootstrap(struct ht_sync *sync) {
    char root[HT_HEX_SIZE(32)], path[100];
    ht_hex_write(root, HT_BYTES(sync->anchor.root.b));
    (void)snprintf(path, sizeof path, "bootstrap/%s", root);
    fetch(sync, HT_LC_BOOTSTRAP, path, HT_LC_JSON_MAX);
}

void ht_sync_fetch_updates(struct ht_sync *sync, uint64_t start_period, uint64_t count) {
    char path[100];
    (void)snprintf(path, sizeof path, "updates?start_period=%llu&count=%llu",
                   (unsigned long long)start_period, (unsigned long long)count);
    fetch(sync, HT_LC_UPDATE, path, (size_t)count * HT_LC_JSON_MAX);
}

void ht_sync_fetch_latest(struct ht_sync *sync, enum ht_lc_kind kind) {
    fetch(sync, kind, kind == HT_LC_FINALITY_UPDATE ? "finality_update" : "optimistic_update",
          HT_LC_JSON_MAX);
}

/* --- stream ----------------------------------------------------------------------------------- */

void ht_sync_drop_events(struct ht_sync *sync, size_t provider) {
    size_t kept = 0;
    for (size_t i = 0; i < sync->event_count; i++) {
        if (sync->events[i]->provider == provider) {
            ht_sync_job_free(sync->events[i]);
        } else {
            sync->events[kept++] = sync->events[i];
        }
    }
    sync->event_count = kept;
}

bool ht_sync_submit_event(struct ht_sync *sync) {
    if (sync->event_count == 0) return false;
    struct ht_sync_job *job = sync->events[0];
    sync->event_count--;
    memmove(sync->events, sync->events + 1, sync->event_count * sizeof *sync->events);
    submit(sync, job);
    return true;
}

static enum ht_err on_event(void *user, ht_bytes name, ht_bytes data) {
    struct ht_sync *sync = user;
    enum ht_lc_kind kind;
    if (ht_bytes_equal(name, ht_bytes_str("light_client_optimistic_update"))) {
        kind = HT_LC_OPTIMISTIC_UPDATE;
    } else if (ht_bytes_equal(name, ht_bytes_str("light_client_finality_update"))) {
        kind = HT_LC_FINALITY_UPDATE;
    } else {
        return HT_OK;
    }
    uint64_t now = ht_sync_slot_now(sync);
    if (now != sync->stream.events_slot) sync->stream.slot_events = 0;
    sync->stream.events_slot = now;
    if (sync->stream.slot_events++ == STREAM_EVENTS_PER_SLOT) return HT_ELIMIT;
    if (sync->event_count == HT_SYNC_EVENTS_MAX) { /* what is older is superseded */
        ht_sync_job_free(sync->events[0]);
        sync->event_count--;
        memmove(sync->events, sync->events + 1, sync->event_count * sizeof *sync->events);
    }
    struct ht_sync_job *job = ht_sync_job_new(kind, data);
    if (job == NULL) return HT_ENOMEM;
    job->provider = sync->stream.provider;
    sync->events[sync->event_count++] = job;
    sync->stream.has_delivered = true;
    return HT_OK;
}

static bool on_piece(void *user, ht_bytes piece) {
    struct ht_sync *sync = user;
    struct ht_why why = {0};
    enum ht_err err = ht_sse_feed(&sync->stream.sse, piece, &why);
    if (err == HT_ELIMIT) {
        if (sync->stream.slot_events > STREAM_EVENTS_PER_SLOT) {
            (void)ht_fail(&why, err, "too_many_events", "more than %u events in a slot",
                          STREAM_EVENTS_PER_SLOT);
        }
        sync->stream.pause_ms = STREAM_RETRY_LATER_MS;
        struct ht_http_answer answer = {.why = why, .received = piece.n};
        fault_of_answer(sync, &sync->providers.list[sync->stream.provider], HT_LC_OPTIMISTIC_UPDATE,
                        &answer);
    }
    ht_sync_advance(sync);
    return err == HT_OK;
}

static void end_stream(struct ht_sync *sync) {
    if (!sync->stream.is_open) return;
    /* Poll at once where there is no polling yet: it tells whether anybody is there. */
    if (sync->stream.has_delivered) sync->head_due = true;
    sync->stream.is_open = false;
    sync->stream.request = NULL;
    sync->stream.has_delivered = false;
    ht_sse_fini(&sync->stream.sse);
    sync->stream.retry_at_ms = ht_mono_ms(sync->host.clock) + sync->stream.pause_ms;
}

static void on_stream_end(void *user, const struct ht_http_answer *answer) {
    struct ht_sync *sync = user;
    bool has_delivered = sync->stream.has_delivered;
    struct ht_provider *provider = &sync->providers.list[sync->stream.provider];
    bool is_refused = answer->err == HT_OK && answer->status != 200;
    bool is_silent = answer->status == 200 && answer->err == HT_ENET && !has_delivered;
    if (is_refused || is_silent) sync->stream.pause_ms = STREAM_RETRY_LATER_MS;
    end_stream(sync);
    if (answer->err == HT_ENET && !has_delivered && !is_silent) {
        ht_provider_failed(&sync->providers, provider, &answer->why, answer->retry_after_ms);
    }
    ht_sync_tell(sync, "l1.providers");
    ht_sync_advance(sync);
}

/* Peers offer no streams: their doors give one answer to a connection. */
static bool is_own(const void *user, const struct ht_provider *provider) {
    (void)user;
    return !provider->is_peer;
}

void ht_sync_open_stream(struct ht_sync *sync) {
    int64_t wait_ms;
    if (sync->stream.is_open || ht_mono_ms(sync->host.clock) < sync->stream.retry_at_ms) return;
    const struct ht_provider *provider =
        ht_providers_pick_where(&sync->providers, HT_PROVIDER_BEACON, is_own, NULL, &wait_ms);
    if (provider == NULL) return;
    char url[800];
    (void)snprintf(url, sizeof url,
                   "%s/eth/v1/events?topics=light_client_finality_update,"
                   "light_client_optimistic_update",
                   provider->url);
    struct ht_http_options options = {
        .url = url,
        .accept = "text/event-stream",
        .max_bytes = 4 * HT_LC_JSON_MAX,
        .timeout_ms = STREAM_SILENCE_SLOTS * (int64_t)sync->network->slot_duration_ms,
        .is_stream = true,
    };
    sync->stream.provider = (size_t)(provider - sync->providers.list);
    sync->stream.pause_ms = STREAM_RETRY_MS;
    sync->stream.slot_events = 0;
    if (ht_http_start(&sync->stream.request, sync->host.http, &options, on_stream_end, on_piece,
                      sync) != HT_OK) {
        return;
    }
    ht_sse_init(&sync->stream.sse, HT_LC_JSON_MAX, HT_LC_JSON_MAX, on_event, sync);
    sync->stream.is_open = true;
}

void ht_sync_close_stream(struct ht_sync *sync) {
    if (!sync->stream.is_open) return;
    ht_http_cancel(sync->stream.request);
    end_stream(sync);
}
