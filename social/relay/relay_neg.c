/* Sessions of negentropy: their items, and one message at a time.
 *
 * What all may see is in a warm tree (neg_trees.h), and what of private kinds this asker may see is
 * listed for the session; where there is no such tree, all is listed. */
#include "social/relay/relay_neg.h"

#include "node/base/hex.h"
#include "node/nostr/event_write.h"
#include "social/relay/relay_peer.h"
#include "social/relay/relay_query.h"
#include "social/relay/relay_request.h"

#define SLICE_ITEMS 2000U
#define NEGS_MAX 64U /* of all connections */
#define VERSION 0x61U

/* --- listing, on the worker -------------------------------------------------------------------*/

struct listing {
    struct ht_relay_request *request;
    const struct ht_store_visit *visit;
    size_t first; /* items that were there before */
    size_t added;
};

static const struct ht_neg_item *item_at(const struct ht_relay_request *request, size_t i) {
    return (const struct ht_neg_item *)(const void *)request->items.p + i;
}

static size_t item_count(const struct ht_relay_request *request) {
    return request->items.n / sizeof(struct ht_neg_item);
}

/* Slices meet in one second: what the last one had of it comes again. */
static bool is_there(const struct listing *listing, const struct ht_neg_item *item) {
    for (size_t i = listing->first; i > 0; i--) {
        const struct ht_neg_item *old = item_at(listing->request, i - 1);
        if (old->created_at != item->created_at) return false;
        if (ht_hash32_equal(&old->id, &item->id)) return true;
    }
    return false;
}

static bool add_item(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                     int64_t created_at, ht_bytes json) {
    struct listing *listing = user;
    struct ht_relay_request *request = listing->request;
    struct ht_neg_item item = {.created_at = (uint64_t)created_at, .id = *id};
    (void)pubkey;
    (void)kind;
    (void)json;
    if (is_there(listing, &item)) return true;
    request->err = ht_buf_add(&request->items, ht_bytes_of(&item, sizeof item));
    listing->added++;
    request->is_full = listing->added >= request->slice_max;
    return request->err == HT_OK && !request->is_full;
}

static bool may(void *user, const ht_hash32 *pubkey, uint32_t kind, ht_bytes json) {
    const struct listing *listing = user;
    return listing->visit->may(listing->visit->user, pubkey, kind, json);
}

static bool asks(void *user, uint32_t kind) {
    const struct listing *listing = user;
    return listing->visit->asks(listing->visit->user, kind);
}

void ht_relay_neg_list(struct ht_relay_request *request, struct ht_store *store,
                       const struct ht_store_limits *limits, const struct ht_store_visit *visit) {
    struct listing listing = {.request = request, .visit = visit, .first = item_count(request)};
    const struct ht_store_visit own = {
        .event = add_item, .may = may, .asks = asks, .user = &listing};
    enum ht_err err = ht_store_ids(store, &request->rest, limits, &own, &request->why);
    if (request->err == HT_OK) request->err = err;
    if (request->err == HT_OK && request->is_full) {
        int64_t last = (int64_t)item_at(request, item_count(request) - 1)->created_at;
        /* A second with more than a slice of events takes a larger one. */
        if (last == request->rest.until) request->slice_max *= 2;
        request->rest.until = last;
    }
}

/* --- messages ---------------------------------------------------------------------------------*/

static void refuse(struct ht_relay_peer *peer, ht_bytes id, const char *prefix, const char *text) {
    ht_relay_tell(peer, "NEG-ERR", id, prefix, text);
}

static void end_with(struct ht_relay_request *request, const char *prefix, const char *text) {
    refuse(request->peer, request->id, prefix, text);
    ht_relay_request_close(request);
}

static bool read_message(struct ht_relay_request *request, ht_bytes hex) {
    ht_buf_clear(&request->message);
    bool has_prefix = hex.n >= 2 && hex.p[1] == 'x';
    return hex.n > 0 && !has_prefix && ht_hex_read_buf(&request->message, hex) == HT_OK;
}

static void tell_answer(struct ht_relay_request *request) {
    struct ht_buf *out = &request->peer->relay->scratch;
    ht_buf_clear(out);
    enum ht_err err = ht_buf_add_str(out, "[\"NEG-MSG\",");
    if (err == HT_OK) err = ht_buf_add(out, request->id);
    if (err == HT_OK) err = ht_buf_add_str(out, ",\"");
    if (err == HT_OK) err = ht_event_write_hex(out, ht_buf_view(&request->answer));
    if (err == HT_OK) err = ht_buf_add_str(out, "\"]");
    if (err == HT_OK)
        ht_relay_send(request->peer, ht_buf_view(out));
    else
        end_with(request, "error", "the answer is too long");
}

static enum ht_err new_over_tree(struct ht_relay_request *request) {
    const struct ht_filter *filter = &request->filters[0];
    struct ht_neg_item *extra = (void *)request->items.p;
    ht_neg_items_sort(extra, item_count(request));
    request->view = (struct ht_fp_view)HT_FP_VIEW_ALL(ht_neg_tree_of(request->tree));
    if (filter->since > 0) request->view.since = (uint64_t)filter->since;
    if (filter->until != INT64_MAX)
        request->view.until = filter->until > 0 ? (uint64_t)filter->until : 0;
    request->view.extra = extra;
    request->view.extra_count = item_count(request);
    return ht_neg_new_tree(&request->neg, &request->view, HT_RELAY_NEG_FRAME, &request->why);
}

/* On a worker. */
static void work(struct ht_work *w) {
    struct ht_relay_request *request =
        (struct ht_relay_request *)((char *)w - offsetof(struct ht_relay_request, work));
    request->err = HT_OK;
    if (request->neg == NULL && request->tree != NULL) {
        request->err = new_over_tree(request);
    } else if (request->neg == NULL) {
        request->err = ht_neg_new(&request->neg, (const void *)request->items.p,
                                  item_count(request), HT_RELAY_NEG_FRAME, &request->why);
        ht_buf_fini(&request->items);
    }
    ht_buf_clear(&request->answer);
    if (request->err == HT_OK)
        request->err = ht_neg_reconcile(&request->answer, NULL, request->neg,
                                        ht_buf_view(&request->message), &request->why);
}

static void worked(struct ht_work *w) {
    struct ht_relay_request *request =
        (struct ht_relay_request *)((char *)w - offsetof(struct ht_relay_request, work));
    struct ht_relay *relay = request->peer->relay;
    relay->works--;
    request->is_working = false;
    if (request->tree != NULL) ht_neg_tree_read_end(request->tree);
    const char *code = request->err != HT_OK && request->why.code != NULL ? request->why.code : "";
    if (strcmp(code, "neg_version") == 0) {
        static const uint8_t version[] = {VERSION};
        ht_buf_clear(&request->answer);
        request->err = ht_buf_add(&request->answer, HT_BYTES(version));
    }
    if (request->is_closed) {
        /* Nobody waits for it. */
    } else if (request->err == HT_OK) {
        tell_answer(request);
    } else {
        end_with(request, ht_relay_prefix(request->err, &request->why), request->why.text);
    }
    ht_relay_request_release(request);
}

static void submit(struct ht_relay_request *request) {
    struct ht_relay *relay = request->peer->relay;
    request->work.work = work;
    request->work.done = worked;
    request->why = (struct ht_why){.code = NULL};
    bool is_taken =
        !relay->is_stopped && ht_pool_submit(relay->options.host->pool, &request->work) == HT_OK;
    if (!is_taken) {
        end_with(request, "error", "too busy, try again");
        return;
    }
    relay->works++;
    request->is_working = true;
    if (request->tree != NULL) ht_neg_tree_read(request->tree);
    ht_relay_request_hold(request);
}

void ht_relay_neg_listed(struct ht_relay_request *request) {
    if (request->err == HT_ELIMIT) {
        end_with(request, "blocked", "too many events match");
    } else if (request->err != HT_OK) {
        end_with(request, "error",
                 request->why.code != NULL ? request->why.text : ht_err_name(request->err));
    } else if (request->is_full) {
        ht_relay_query(request);
    } else {
        request->is_listed = true;
        submit(request);
    }
}

/* What the session lists besides its tree: private kinds, which not all may see. False when there
 * is nothing of them that this asker could see. */
static bool restrict_to_private(struct ht_relay_request *request) {
    static const uint32_t all[] = {HT_POLICY_PRIVATE_KINDS};
    const struct ht_filter *filter = &request->filters[0];
    const struct ht_policy_asker asker = ht_relay_peer_asker(request->peer);
    const size_t all_count = sizeof all / sizeof *all;
    const uint32_t *from = filter->has_kinds ? filter->kinds : all;
    const size_t count = filter->has_kinds ? filter->kind_count : all_count;
    size_t kept = 0;
    if (asker.authed_count == 0 && !asker.is_own) return false;
    uint32_t *kinds = ht_arena_alloc(&request->arena, all_count * sizeof *kinds);
    for (size_t i = 0; kinds != NULL && i < count; i++) {
        if (ht_policy_is_private_kind(from[i]) && kept < all_count) kinds[kept++] = from[i];
    }
    request->rest.has_kinds = true;
    request->rest.kinds = kinds;
    request->rest.kind_count = kept;
    return kept > 0;
}

static void got_tree(struct ht_neg_ask *ask, struct ht_neg_tree *tree, enum ht_err err,
                     const struct ht_why *why) {
    struct ht_relay_request *request =
        (struct ht_relay_request *)((char *)ask - offsetof(struct ht_relay_request, ask));
    (void)err;
    (void)why;
    request->tree = tree;
    if (request->is_closed) {
        /* Nobody waits for it. */
    } else if (tree == NULL || restrict_to_private(request)) {
        ht_relay_query(request);
    } else {
        request->is_listed = true;
        submit(request);
    }
    ht_relay_request_release(request);
}

void ht_relay_neg_open(struct ht_relay_request *request, ht_bytes hex) {
    struct ht_relay_peer *peer = request->peer;
    struct ht_relay_request *old = ht_relay_request_find(peer, HT_REQUEST_NEG, request->id);
    if (old != NULL) ht_relay_request_close(old);
    bool is_many = peer->neg_count >= HT_RELAY_NEG_MAX || peer->relay->counts.negs_now >= NEGS_MAX;
    if (is_many || !read_message(request, hex)) {
        refuse(peer, request->id, is_many ? "blocked" : "invalid",
               is_many ? "too many sessions" : "the message is not hex");
        ht_relay_request_release(request);
        return;
    }
    request->slice_max = SLICE_ITEMS;
    request->rest = request->filters[0];
    ht_relay_request_add(request);
    if (peer->relay->trees == NULL) {
        ht_relay_query(request);
        return;
    }
    ht_relay_request_hold(request);
    request->ask = (struct ht_neg_ask){.done = got_tree};
    ht_neg_trees_get(peer->relay->trees, &request->ask, &request->filters[0]);
}

void ht_relay_neg_message(struct ht_relay_peer *peer, ht_bytes id, ht_bytes hex) {
    struct ht_relay_request *request = ht_relay_request_find(peer, HT_REQUEST_NEG, id);
    if (request == NULL) {
        refuse(peer, id, "closed", "there is no such session");
        return;
    }
    if (!request->is_listed || request->is_working) {
        end_with(request, "invalid", "a message before the answer to the last");
        return;
    }
    if (!read_message(request, hex)) {
        end_with(request, "invalid", "the message is not hex");
        return;
    }
    submit(request);
}
