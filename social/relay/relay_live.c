/* Live events: each is matched once by the index and told to each subscription that may see it; to
 * one whose query still runs, when the query is done, unless the query has told it itself. */
#include "social/relay/relay_live.h"

#include <stdlib.h>

#include "social/relay/relay_ingest.h"
#include "social/relay/relay_peer.h"
#include "social/relay/relay_request.h"

/* Of one subscription; subscriptions share the events themselves. */
#define PENDING_MAX 4096U
#define PENDING_BYTES_MAX ((size_t)8 << 20)
#define TAGGED_MAX 64U

enum ht_err ht_relay_request_watch(struct ht_relay_request *request) {
    return ht_index_add(&request->place, &request->peer->relay->index, request->filters,
                        request->filter_count, request);
}

/* --- finding ----------------------------------------------------------------------------------*/

static void found(void *user, void *owner) {
    struct ht_relay *relay = user;
    struct ht_relay_request *request = owner;
    if (request->last_event == relay->event_serial) return;
    if (relay->found_count == relay->found_cap) {
        size_t cap = relay->found_cap > 0 ? 2 * relay->found_cap : 64;
        struct ht_relay_request **list = realloc(relay->found, cap * sizeof *list);
        /* A few pointers: memory that small is there or all is lost. */
        ht_assert(list != NULL);
        relay->found = list;
        relay->found_cap = cap;
    }
    request->last_event = relay->event_serial;
    ht_relay_request_hold(request);
    relay->found[relay->found_count++] = request;
}

size_t ht_relay_tagged(ht_hash32 *out, size_t max, const struct ht_event *event) {
    size_t count = 0;
    for (size_t i = 0; i < event->tag_count && count < max; i++) {
        const struct ht_event_tag *tag = &event->tags[i];
        bool is_p = tag->count > 1 && ht_bytes_equal(tag->items[0], ht_bytes_str("p"));
        if (is_p && ht_event_hex32(&out[count], tag->items[1])) count++;
    }
    return count;
}

/* --- telling ----------------------------------------------------------------------------------*/

/* ["EVENT",id,{…}] in the relay's scratch. */
static bool write_message(struct ht_relay *relay, ht_bytes id, ht_bytes json) {
    struct ht_buf *out = &relay->scratch;
    ht_buf_clear(out);
    return ht_relay_write_event(out, id, json) == HT_OK;
}

enum ht_err ht_relay_write_event(struct ht_buf *out, ht_bytes id, ht_bytes json) {
    uint8_t *room = ht_buf_reserve(out, id.n + json.n + 11);
    if (room == NULL) return HT_ELIMIT;
    memcpy(room, "[\"EVENT\",", 9);
    memcpy(room + 9, id.p, id.n);
    room[9 + id.n] = ',';
    memcpy(room + 10 + id.n, json.p, json.n);
    room[10 + id.n + json.n] = ']';
    out->n += id.n + json.n + 11;
    return HT_OK;
}

static bool was_told(const struct ht_relay_request *request, const ht_hash32 *id) {
    for (size_t at = 0; at + sizeof *id <= request->told.n; at += sizeof *id) {
        if (memcmp(request->told.p + at, id, sizeof *id) == 0) return true;
    }
    return false;
}

static void keep(struct ht_relay_request *request, struct ht_relay_live *live) {
    if (request->pending_count == request->pending_cap) {
        size_t cap = request->pending_cap > 0 ? 2 * request->pending_cap : 16;
        struct ht_relay_live **list = realloc(request->pending, cap * sizeof *list);
        ht_assert(list != NULL);
        request->pending = list;
        request->pending_cap = cap;
    }
    request->pending[request->pending_count++] = live;
    request->pending_bytes += live->n;
    live->refs++;
}

static void end_overrun(struct ht_relay_request *request) {
    ht_relay_tell(request->peer, "CLOSED", request->id, "error",
                  "too many events came while the query ran");
    ht_relay_request_close(request);
}

struct telling {
    struct ht_relay *relay;
    const struct ht_event *event;
    uint64_t serial;
    bool is_private;
    ht_hash32 tagged[TAGGED_MAX];
    size_t tagged_count;
    struct ht_relay_live *live; /* made when a query runs */
    ht_bytes last_id;           /* what stands in the scratch */
};

static bool may_see(const struct telling *telling, const struct ht_relay_peer *peer) {
    struct ht_policy_asker asker = ht_relay_peer_asker(peer);
    const struct ht_event *event = telling->event;
    return !telling->is_private ||
           ht_policy_may_see(telling->relay->options.policy, &asker, &event->pubkey, event->kind,
                             telling->tagged, telling->tagged_count);
}

static void tell_later(struct telling *telling, struct ht_relay_request *request) {
    const struct ht_event *event = telling->event;
    if (telling->live == NULL) {
        telling->live = malloc(sizeof *telling->live + event->json.n);
        if (telling->live == NULL) {
            end_overrun(request);
            telling->last_id.n = 0;
            return;
        }
        *telling->live = (struct ht_relay_live){.refs = 1, .id = event->id, .n = event->json.n};
        memcpy(telling->live->json, event->json.p, event->json.n);
    }
    keep(request, telling->live);
    bool is_over =
        request->pending_count > PENDING_MAX || request->pending_bytes > PENDING_BYTES_MAX;
    if (!is_over) return;
    end_overrun(request);
    telling->last_id.n = 0;
}

static void tell(struct telling *telling, struct ht_relay_request *request) {
    struct ht_relay *relay = telling->relay;
    if (request->is_closed || !may_see(telling, request->peer)) return;
    if (request->told.n > 0) {
        if (was_told(request, &telling->event->id)) return;
        bool is_past = request->is_live && telling->serial > request->told_until;
        if (is_past) ht_buf_fini(&request->told);
    }
    if (!request->is_live) {
        tell_later(telling, request);
        return;
    }
    bool is_there = telling->last_id.n > 0 && ht_bytes_equal(telling->last_id, request->id);
    if (!is_there && !write_message(relay, request->id, telling->event->json)) return;
    telling->last_id = request->id;
    ht_relay_send(request->peer, ht_buf_view(&relay->scratch));
}

void ht_relay_fan_out(struct ht_relay *relay, const struct ht_event *event, uint64_t serial) {
    struct telling telling = {.relay = relay, .event = event, .serial = serial};
    relay->event_serial++;
    relay->found_count = 0;
    ht_index_find(&relay->index, event, found, relay);
    if (relay->found_count == 0) return;
    telling.is_private = ht_policy_is_private_kind(event->kind);
    if (telling.is_private)
        telling.tagged_count = ht_relay_tagged(telling.tagged, TAGGED_MAX, event);
    /* Telling may drop peers, and with them what was found: all of it is held. */
    for (size_t i = 0; i < relay->found_count; i++) tell(&telling, relay->found[i]);
    for (size_t i = 0; i < relay->found_count; i++) ht_relay_request_release(relay->found[i]);
    relay->found_count = 0;
    if (telling.live != NULL && --telling.live->refs == 0) free(telling.live);
}

/* --- queries and live events ------------------------------------------------------------------*/

void ht_relay_request_told(struct ht_relay_request *request, const ht_hash32 *id) {
    size_t kept = 0;
    for (size_t i = 0; i < request->pending_count; i++) {
        struct ht_relay_live *live = request->pending[i];
        if (!ht_hash32_equal(&live->id, id)) {
            request->pending[kept++] = live;
            continue;
        }
        request->pending_bytes -= live->n;
        if (--live->refs == 0) free(live);
    }
    request->pending_count = kept;
    if (!ht_relay_is_flying(request->peer->relay, id)) return;
    /* Without memory for it the event may come twice, which clients can bear. */
    (void)!ht_buf_add(&request->told, HT_BYTES(id->b));
}

void ht_relay_request_go_live(struct ht_relay_request *request) {
    struct ht_relay *relay = request->peer->relay;
    request->is_live = true;
    request->told_until = relay->batch_serial;
    for (size_t i = 0; i < request->pending_count; i++) {
        struct ht_relay_live *live = request->pending[i];
        bool is_told = request->is_closed ||
                       !write_message(relay, request->id, ht_bytes_of(live->json, live->n));
        if (!is_told) ht_relay_send(request->peer, ht_buf_view(&relay->scratch));
        if (--live->refs == 0) free(live);
    }
    free(request->pending);
    request->pending = NULL;
    request->pending_count = request->pending_cap = request->pending_bytes = 0;
}
