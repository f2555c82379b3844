/* Requests of a connection, from their filters to their end. Live events are relay_live.c's. */
#include "social/relay/relay_request.h"

#include <stdlib.h>

#include "social/relay/relay_peer.h"

#define REQUEST_BYTES_MAX ((size_t)2 << 20) /* of messages whose requests are open */
#define SLICE_BYTES_MAX ((size_t)1 << 20)
#define IDS_MAX ((size_t)1 << 20)

void ht_relay_request_hold(struct ht_relay_request *request) {
    request->refs++;
}

static void drop_pending(struct ht_relay_request *request) {
    for (size_t i = 0; i < request->pending_count; i++) {
        if (--request->pending[i]->refs == 0) free(request->pending[i]);
    }
    free(request->pending);
    request->pending = NULL;
    request->pending_count = request->pending_cap = request->pending_bytes = 0;
}

void ht_relay_request_release(struct ht_relay_request *request) {
    if (--request->refs > 0) return;
    drop_pending(request);
    ht_buf_fini(&request->told);
    ht_buf_fini(&request->out);
    ht_buf_fini(&request->ends);
    ht_buf_fini(&request->ids);
    ht_buf_fini(&request->items);
    ht_buf_fini(&request->message);
    ht_buf_fini(&request->answer);
    ht_neg_free(request->neg);
    ht_neg_tree_release(request->tree);
    ht_arena_fini(&request->arena);
    ht_relay_peer_release(request->peer);
    free(request);
}

/* --- making -----------------------------------------------------------------------------------*/

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static bool asks_private_only(const struct ht_filter *filter) {
    if (!filter->has_kinds || filter->kind_count == 0) return false;
    for (size_t i = 0; i < filter->kind_count; i++) {
        if (!ht_policy_is_private_kind(filter->kinds[i])) return false;
    }
    return true;
}

/* Who asks for private kinds alone is told that AUTH is what is missing (NIP-42). */
static enum ht_err check_policy(const struct ht_relay_request *request, struct ht_why *why) {
    const struct ht_relay_peer *peer = request->peer;
    struct ht_policy_asker asker = ht_relay_peer_asker(peer);
    enum ht_err err = ht_policy_read(peer->relay->options.policy, &asker, why);
    if (err != HT_OK || asker.authed_count > 0 || asker.is_own) return err;
    for (size_t i = 0; i < request->filter_count; i++) {
        if (asks_private_only(&request->filters[i]))
            return ht_fail(why, HT_EDENIED, "auth-required",
                           "private events are for those whom they name");
    }
    return HT_OK;
}

static enum ht_err read_filters(struct ht_relay_request *request, const json_t *message,
                                size_t first, size_t end, struct ht_why *why) {
    void *room = NULL;
    if (end <= first) return ht_fail(why, HT_EINPUT, "no_filter", "a filter is missing");
    if (end - first > HT_FILTERS_MAX)
        return ht_fail(why, HT_ELIMIT, "too_many_filters", "more than %u filters", HT_FILTERS_MAX);
    enum ht_err err =
        ht_arena_array(&room, &request->arena, end - first, sizeof *request->filters, why);
    if (err != HT_OK) return no_memory(why);
    request->filters = room;
    for (size_t i = first; err == HT_OK && i < end; i++) {
        err = ht_filter_read(&request->filters[request->filter_count], &request->arena,
                             json_array_get(message, i), why);
        request->filter_count++;
    }
    return err == HT_OK ? check_policy(request, why) : err;
}

enum ht_err ht_relay_request_new(struct ht_relay_request **out, struct ht_relay_peer *peer,
                                 enum ht_relay_request_kind kind, ht_bytes id,
                                 const json_t *message, size_t first, size_t end, size_t size,
                                 struct ht_why *why) {
    if (peer->request_bytes + size > REQUEST_BYTES_MAX)
        return ht_fail(why, HT_EDENIED, "rate-limited", "too much is subscribed to already");
    struct ht_relay_request *request = calloc(1, sizeof *request);
    if (request == NULL) return no_memory(why);
    request->kind = kind;
    request->peer = peer;
    request->refs = 1;
    request->size = size;
    ht_relay_peer_hold(peer);
    ht_arena_init(&request->arena, HT_FILTER_ARENA(size) + HT_FILTERS_MAX * 16384);
    ht_buf_init(&request->told, IDS_MAX);
    ht_buf_init(&request->out, SLICE_BYTES_MAX);
    ht_buf_init(&request->ends, IDS_MAX);
    ht_buf_init(&request->ids, IDS_MAX);
    ht_buf_init(&request->items, HT_NEG_ITEMS_MAX * sizeof(struct ht_neg_item));
    ht_buf_init(&request->message, HT_RELAY_MESSAGE_MAX);
    ht_buf_init(&request->answer, HT_NEG_MESSAGE_MAX);
    const char *copy = ht_arena_copy_str(&request->arena, id);
    request->id = ht_bytes_of(copy, id.n);
    enum ht_err err =
        copy != NULL ? read_filters(request, message, first, end, why) : no_memory(why);
    if (err != HT_OK) {
        ht_relay_request_release(request);
        return err;
    }
    *out = request;
    return HT_OK;
}

/* --- the peer's list --------------------------------------------------------------------------*/

static size_t *count_of(struct ht_relay_request *request) {
    return request->kind == HT_REQUEST_NEG ? &request->peer->neg_count
                                           : &request->peer->subscription_count;
}

static uint64_t *now_of(struct ht_relay_request *request) {
    struct ht_relay_counts *counts = &request->peer->relay->counts;
    return request->kind == HT_REQUEST_NEG ? &counts->negs_now : &counts->subscriptions_now;
}

void ht_relay_request_add(struct ht_relay_request *request) {
    struct ht_relay_peer *peer = request->peer;
    request->next = peer->requests;
    request->link = &peer->requests;
    if (request->next != NULL) request->next->link = &request->next;
    peer->requests = request;
    peer->request_bytes += request->size;
    (*count_of(request))++;
    (*now_of(request))++;
}

/* Out of those that wait for the reader. */
static void unqueue(struct ht_relay_request *request) {
    struct ht_relay_peer *peer = request->peer;
    struct ht_relay_request **at = &peer->first_query;
    if (!request->is_queued) return;
    while (*at != request) at = &(*at)->queue_next;
    *at = request->queue_next;
    if (*at == NULL) peer->last_query = at;
    request->is_queued = false;
    ht_relay_request_release(request);
}

void ht_relay_request_close(struct ht_relay_request *request) {
    struct ht_relay_peer *peer = request->peer;
    if (request->is_closed) return;
    request->is_closed = true;
    *request->link = request->next;
    if (request->next != NULL) request->next->link = request->link;
    peer->request_bytes -= request->size;
    (*count_of(request))--;
    (*now_of(request))--;
    ht_index_remove(&peer->relay->index, &request->place);
    unqueue(request);
    ht_relay_request_release(request);
}

struct ht_relay_request *ht_relay_request_find(const struct ht_relay_peer *peer,
                                               enum ht_relay_request_kind kind, ht_bytes id) {
    struct ht_relay_request *request = peer->requests;
    while (request != NULL && (request->kind != kind || !ht_bytes_equal(request->id, id)))
        request = request->next;
    return request;
}

void ht_relay_requests_end(struct ht_relay_peer *peer) {
    while (peer->requests != NULL) ht_relay_request_close(peer->requests);
}
