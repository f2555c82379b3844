/* Slices of queries: which peers' turn it is, what the worker gathers, what is sent of it. */
#include "social/relay/relay_query.h"

#include "social/relay/relay_live.h"
#include "social/relay/relay_neg.h"
#include "social/relay/relay_peer.h"
#include "social/relay/relay_request.h"

#define SLICE_US 3000
#define COUNT_US 150000
#define SLICE_BYTES ((size_t)128 << 10) /* of messages, until a slice ends */
#define RETRY_MS 5
#define TAGGED_MAX 64U

/* --- a slice, on the worker -------------------------------------------------------------------*/

static bool asks(void *user, uint32_t kind) {
    const struct ht_relay_request *request = user;
    return !request->asker.is_own && ht_policy_is_private_kind(kind);
}

static bool may(void *user, const ht_hash32 *pubkey, uint32_t kind, ht_bytes json) {
    const struct ht_relay_request *request = user;
    const struct ht_policy *policy = request->peer->relay->options.policy;
    ht_hash32 tagged[TAGGED_MAX];
    struct ht_event event;
    struct ht_arena arena;
    ht_arena_init(&arena, HT_EVENT_ARENA(json.n));
    size_t count = 0;
    if (ht_event_read(&event, &arena, json, NULL) == HT_OK)
        count = ht_relay_tagged(tagged, TAGGED_MAX, &event);
    ht_arena_fini(&arena);
    return ht_policy_may_see(policy, &request->asker, pubkey, kind, tagged, count);
}

static bool gather(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                   int64_t created_at, ht_bytes json) {
    struct ht_relay_request *request = user;
    (void)pubkey;
    (void)kind;
    (void)created_at;
    request->err = ht_relay_write_event(&request->out, request->id, json);
    const size_t end = request->out.n;
    if (request->err == HT_OK)
        request->err = ht_buf_add(&request->ends, ht_bytes_of(&end, sizeof end));
    if (request->err == HT_OK) request->err = ht_buf_add(&request->ids, HT_BYTES(id->b));
    request->is_full = request->err != HT_OK || request->out.n >= SLICE_BYTES;
    return !request->is_full;
}

static void run_slice(struct ht_relay_request *request, struct ht_store *store,
                      const struct ht_store_limits *limits) {
    const struct ht_store_visit visit = {
        .event = gather, .may = may, .asks = asks, .user = request};
    request->err = HT_OK;
    request->is_full = false;
    switch (request->kind) {
    case HT_REQUEST_REQ: {
        enum ht_err err =
            ht_store_query_on(&request->is_complete, &request->mark, store, request->filters,
                              request->filter_count, limits, SLICE_US, &visit, &request->why);
        if (request->err == HT_OK) request->err = err;
        /* There is more: another slice goes on. */
        if (request->err == HT_EAGAIN) request->is_full = true;
        break;
    }
    case HT_REQUEST_COUNT:
        request->err =
            ht_store_count(&request->count, store, request->filters, request->filter_count, limits,
                           COUNT_US, &visit, &request->why);
        break;
    case HT_REQUEST_NEG: ht_relay_neg_list(request, store, limits, &visit); break;
    }
}

static enum ht_err read_slices(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct ht_relay *relay = (struct ht_relay *)((char *)read - offsetof(struct ht_relay, read));
    struct ht_store_limits limits = relay->options.limits;
    enum ht_err err = HT_OK;
    limits.now_s = relay->read_now_s;
    if (relay->reader_store == NULL) err = ht_store_new(&relay->reader_store, db, why);
    for (size_t i = 0; i < relay->read_count; i++) {
        struct ht_relay_request *request = relay->reads[i];
        request->err = err;
        if (err == HT_OK) run_slice(request, relay->reader_store, &limits);
    }
    return err;
}

/* --- turns ------------------------------------------------------------------------------------*/

static bool is_paused(const struct ht_relay_peer *peer) {
    return ht_relay_peer_waiting(peer) > HT_RELAY_WAITING_PAUSE;
}

static void join_turn(struct ht_relay_peer *peer) {
    struct ht_relay *relay = peer->relay;
    if (peer->is_asking || peer->first_query == NULL || peer->is_gone || is_paused(peer)) return;
    peer->is_asking = true;
    peer->ask_next = NULL;
    *relay->last_asking = peer;
    relay->last_asking = &peer->ask_next;
    ht_relay_peer_hold(peer);
}

void ht_relay_query(struct ht_relay_request *request) {
    struct ht_relay_peer *peer = request->peer;
    ht_relay_request_hold(request);
    request->is_queued = true;
    request->queue_next = NULL;
    *peer->last_query = request;
    peer->last_query = &request->queue_next;
    join_turn(peer);
    ht_relay_query_next(peer->relay);
}

/* The first query of the next peer; NULL when nobody asks. */
static struct ht_relay_request *take_next(struct ht_relay *relay) {
    struct ht_relay_request *request = NULL;
    while (request == NULL && relay->first_asking != NULL) {
        struct ht_relay_peer *peer = relay->first_asking;
        relay->first_asking = peer->ask_next;
        if (relay->first_asking == NULL) relay->last_asking = &relay->first_asking;
        peer->is_asking = false;
        request = peer->is_gone || is_paused(peer) ? NULL : peer->first_query;
        if (request != NULL) {
            peer->first_query = request->queue_next;
            if (peer->first_query == NULL) peer->last_query = &peer->first_query;
            request->is_queued = false;
            join_turn(peer);
        }
        ht_relay_peer_release(peer);
    }
    return request;
}

/* Who may see is copied: the peer may prove more keys meanwhile. */
static void prepare(struct ht_relay_request *request) {
    const struct ht_relay_peer *peer = request->peer;
    request->asker = ht_relay_peer_asker(peer);
    memcpy(request->authed, peer->authed, sizeof request->authed);
    request->asker.authed = request->authed;
    request->why = (struct ht_why){.code = NULL};
    ht_buf_clear(&request->out);
    ht_buf_clear(&request->ends);
    ht_buf_clear(&request->ids);
}

static void finish_reads(struct ht_read *read);

static void retry(struct ht_timer *timer) {
    struct ht_relay *relay =
        (struct ht_relay *)((char *)timer - offsetof(struct ht_relay, read_timer));
    relay->is_read_waiting = false;
    ht_relay_query_next(relay);
}

/* Nobody takes the read: back to the front of who waits, but for a store that is not there. */
static void refuse_reads(struct ht_relay *relay) {
    static const struct ht_why why = {.code = "relay_busy", .text = "nothing can be read now"};
    for (size_t i = 0; i < relay->read_count; i++) {
        relay->reads[i]->err = HT_ESTORE;
        relay->reads[i]->why = why;
    }
    relay->read.err = HT_OK;
    finish_reads(&relay->read);
}

void ht_relay_query_next(struct ht_relay *relay) {
    bool is_there = relay->options.reader != NULL && !relay->is_stopped;
    if (relay->read_count > 0 || relay->is_read_waiting) return;
    while (relay->read_count < HT_RELAY_READS_MAX) {
        struct ht_relay_request *request = take_next(relay);
        if (request == NULL) break;
        prepare(request);
        relay->reads[relay->read_count++] = request;
    }
    if (relay->read_count == 0) return;
    relay->read_now_s = ht_relay_now_s(relay);
    relay->read.read = read_slices;
    relay->read.done = finish_reads;
    if (!is_there) {
        refuse_reads(relay);
        return;
    }
    if (ht_reader_submit(relay->options.reader, &relay->read) == HT_OK) return;
    size_t count = relay->read_count;
    relay->read_count = 0;
    relay->is_read_waiting = true;
    for (size_t i = 0; i < count; i++) {
        ht_relay_query(relay->reads[i]);
        ht_relay_request_release(relay->reads[i]);
    }
    ht_timer_set(relay->options.host->loop, &relay->read_timer, RETRY_MS, retry);
}

/* --- what comes of a slice --------------------------------------------------------------------*/

static void send_slice(struct ht_relay_request *request) {
    size_t start = 0;
    for (size_t i = 0; i * sizeof(size_t) < request->ends.n && !request->is_closed; i++) {
        size_t end;
        ht_hash32 id;
        memcpy(&end, request->ends.p + i * sizeof end, sizeof end);
        memcpy(&id, request->ids.p + i * sizeof id, sizeof id);
        ht_relay_request_told(request, &id);
        ht_relay_send(request->peer, ht_bytes_of(request->out.p + start, end - start));
        start = end;
    }
}

/* NIP-67: "finish" says that there is nothing older. */
static void end_of_stored(struct ht_relay_request *request) {
    struct ht_buf *out = &request->peer->relay->scratch;
    ht_buf_clear(out);
    enum ht_err err = ht_buf_add_str(out, "[\"EOSE\",");
    if (err == HT_OK) err = ht_buf_add(out, request->id);
    if (err == HT_OK) err = ht_buf_add_str(out, request->is_complete ? ",[\"finish\"]]" : "]");
    if (err == HT_OK) ht_relay_send(request->peer, ht_buf_view(out));
    ht_buf_fini(&request->out);
    ht_buf_fini(&request->ends);
    ht_buf_fini(&request->ids);
    ht_relay_request_go_live(request);
}

/* Nothing that is stored can be told: every filter has a limit of 0, or matches nothing. */
static bool wants_live_only(struct ht_relay_request *request) {
    request->is_complete = true;
    for (size_t i = 0; i < request->filter_count; i++) {
        const struct ht_filter *filter = &request->filters[i];
        bool is_empty = ht_filter_is_empty(filter);
        if (!is_empty && !(filter->has_limit && filter->limit == 0)) return false;
        if (!is_empty) request->is_complete = false;
    }
    return true;
}

void ht_relay_query_begin(struct ht_relay_request *request) {
    if (request->kind != HT_REQUEST_REQ || !wants_live_only(request)) {
        ht_relay_query(request);
        return;
    }
    ht_relay_request_hold(request);
    end_of_stored(request);
    ht_relay_request_release(request);
}

static void tell_count(struct ht_relay_request *request) {
    char number[48];
    int n = 0;
    struct ht_buf *out = &request->peer->relay->scratch;
    n = snprintf(number, sizeof number, ",{\"count\":%llu}]", (unsigned long long)request->count);
    ht_buf_clear(out);
    enum ht_err err = ht_buf_add_str(out, "[\"COUNT\",");
    if (err == HT_OK) err = ht_buf_add(out, request->id);
    if (err == HT_OK) err = ht_buf_add(out, ht_bytes_of(number, n > 0 ? (size_t)n : 0));
    if (err == HT_OK) ht_relay_send(request->peer, ht_buf_view(out));
}

static void close_with(struct ht_relay_request *request) {
    bool is_slow = request->err == HT_EAGAIN;
    if (is_slow) {
        ht_relay_tell(request->peer, "CLOSED", request->id, "error", "this takes too long");
    } else {
        ht_relay_tell(request->peer, "CLOSED", request->id, "error",
                      request->why.code != NULL ? request->why.text : ht_err_name(request->err));
    }
    ht_relay_request_close(request);
}

static void finish(struct ht_relay_request *request) {
    if (request->is_closed) return;
    switch (request->kind) {
    case HT_REQUEST_REQ:
        send_slice(request);
        if (request->is_closed) return;
        if (request->is_full && (request->err == HT_OK || request->err == HT_EAGAIN))
            ht_relay_query(request);
        else if (request->err != HT_OK)
            close_with(request);
        else
            end_of_stored(request);
        return;
    case HT_REQUEST_COUNT:
        if (request->err != HT_OK) {
            close_with(request);
            return;
        }
        tell_count(request);
        ht_relay_request_close(request);
        return;
    case HT_REQUEST_NEG: ht_relay_neg_listed(request); return;
    }
}

static void finish_reads(struct ht_read *read) {
    struct ht_relay *relay = (struct ht_relay *)((char *)read - offsetof(struct ht_relay, read));
    struct ht_relay_request *done[HT_RELAY_READS_MAX];
    size_t count = relay->read_count;
    memcpy(done, relay->reads, count * sizeof *done);
    for (size_t i = 0; i < count; i++) {
        if (read->err != HT_OK) done[i]->why = read->why;
    }
    relay->read_count = 0;
    /* What goes on waits until all have been told. */
    relay->is_read_waiting = true;
    for (size_t i = 0; i < count; i++) {
        finish(done[i]);
        ht_relay_request_release(done[i]);
    }
    relay->is_read_waiting = false;
    ht_relay_query_next(relay);
}

void ht_relay_query_resume(struct ht_relay_peer *peer) {
    join_turn(peer);
    ht_relay_query_next(peer->relay);
}

void ht_relay_query_fini(struct ht_relay *relay) {
    ht_timer_cancel(&relay->read_timer);
    ht_assert(relay->read_count == 0);
    while (relay->first_asking != NULL) {
        struct ht_relay_peer *peer = relay->first_asking;
        relay->first_asking = peer->ask_next;
        peer->is_asking = false;
        ht_relay_peer_release(peer);
    }
    relay->last_asking = &relay->first_asking;
}
