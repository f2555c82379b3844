/* What is wanted of strangers: the subscriptions, on which connections they are said, what comes.
 */
#include "social/links/peers_want.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "social/links/peers_auth.h"
#include "social/links/peers_live.h"
#include "social/links/peers_take.h"

#define TEXT_MAX (HT_RELAY_MESSAGE_MAX / 2) /* of all filters together */
#define PREFIX "want"
#define MINUTE_MS 60000

struct ht_want {
    json_t *filters; /* as they are said */
    struct ht_arena arena;
    struct ht_filter parsed[HT_FEED_FILTERS_MAX];
    size_t count;
};

/* --- reading ---------------------------------------------------------------------------------- */

static enum ht_err too_wide(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "filter_too_wide", "a question to others %s", what);
}

static enum ht_err read_one(struct ht_filter *out, struct ht_arena *arena, const json_t *filter,
                            struct ht_why *why) {
    enum ht_err err = ht_filter_read(out, arena, filter, why);
    if (err != HT_OK) return err;
    if (!out->has_kinds || out->kind_count == 0 || out->kind_count > HT_FEED_KINDS_MAX)
        return too_wide(why, "names a few kinds");
    if (!out->has_ids && !out->has_authors && out->tag_count == 0)
        return too_wide(why, "names ids, authors or a tag");
    bool is_bounded = out->has_limit || out->since != INT64_MIN || out->until != INT64_MAX;
    if (is_bounded || out->search.n > 0)
        return too_wide(why, "has no search and no bounds of its own");
    return HT_OK;
}

size_t ht_want_arena(const json_t *filters) {
    struct ht_buf text;
    ht_buf_init(&text, TEXT_MAX);
    enum ht_err err = ht_json_dump_compact(&text, filters);
    size_t n = text.n;
    ht_buf_fini(&text);
    return err == HT_OK ? HT_FEED_FILTERS_MAX * HT_FILTER_ARENA(n) : 0;
}

enum ht_err ht_want_read(struct ht_filter out[static HT_FEED_FILTERS_MAX], size_t *count,
                         struct ht_arena *arena, const json_t *filters, struct ht_why *why) {
    size_t n = json_array_size(filters);
    if (n == 0 || n > HT_FEED_FILTERS_MAX) return too_wide(why, "has one to four filters");
    for (size_t i = 0; i < n; i++) {
        enum ht_err err = read_one(&out[i], arena, json_array_get(filters, i), why);
        if (err != HT_OK) return err;
    }
    *count = n;
    return HT_OK;
}

/* --- saying ----------------------------------------------------------------------------------- */

static bool is_asked(const struct ht_peer *peer) {
    bool is_its = peer->tap != NULL ? peer->is_proven : peer->is_own && peer->is_kept;
    return is_its && !peer->is_flooding && ht_peer_is_open(peer);
}

static enum ht_err add_filter(struct ht_buf *text, const json_t *filter) {
    json_t *object = json_copy((json_t *)filter);
    enum ht_err err = HT_ENOMEM;
    if (json_object_set_new(object, "limit", json_integer(HT_LIVE_LIMIT)) == 0)
        err = ht_buf_add_str(text, ",");
    if (err == HT_OK) err = ht_json_dump_compact(text, object);
    json_decref(object);
    return err;
}

static void say(struct ht_peer *peer, unsigned i) {
    const struct ht_want *want = peer->peers->wants[i];
    const unsigned bit = 1U << i;
    struct ht_buf text;
    char head[32];
    ht_buf_init(&text, HT_RELAY_MESSAGE_MAX);
    (void)snprintf(head, sizeof head, "[\"REQ\",\"" PREFIX "%u\"", i);
    enum ht_err err = ht_buf_add_str(&text, head);
    for (size_t k = 0; err == HT_OK && k < want->count; k++)
        err = add_filter(&text, json_array_get(want->filters, k));
    if (err == HT_OK) err = ht_buf_add_str(&text, "]");
    if (err == HT_OK) err = ht_link_send(peer->link, ht_buf_view(&text));
    ht_buf_fini(&text);
    peer->wants.wanting_auth &= ~bit;
    if (err == HT_OK) {
        peer->wants.said |= bit;
        peer->wants.again &= ~bit;
    } else {
        peer->wants.again |= bit;
    }
}

static void say_close(struct ht_peer *peer, unsigned i) {
    char text[32];
    int n = snprintf(text, sizeof text, "[\"CLOSE\",\"" PREFIX "%u\"]", i);
    if (ht_peer_is_open(peer)) (void)!ht_link_send(peer->link, ht_bytes_of(text, (size_t)n));
    peer->wants.said &= ~(1U << i);
    peer->wants.again &= ~(1U << i);
}

void ht_peers_want_opened(struct ht_peer *peer) {
    for (unsigned i = 0; i < HT_FEED_WANTS_MAX && is_asked(peer); i++) {
        if (peer->peers->wants[i] != NULL) say(peer, i);
    }
}

void ht_peers_want_again(struct ht_peer *peer, bool is_all) {
    for (unsigned i = 0; i < HT_FEED_WANTS_MAX && is_asked(peer); i++) {
        bool is_due = is_all || (peer->wants.again & 1U << i) != 0;
        if (peer->peers->wants[i] != NULL && is_due) say(peer, i);
    }
}

void ht_peers_want_authed(struct ht_peer *peer) {
    for (unsigned i = 0; i < HT_FEED_WANTS_MAX && is_asked(peer); i++) {
        const unsigned bit = 1U << i;
        if ((peer->wants.wanting_auth & bit) == 0 || peer->peers->wants[i] == NULL) continue;
        peer->wants.repeated |= bit;
        say(peer, i);
    }
}

void ht_peers_want_lost(struct ht_peer *peer) {
    peer->wants =
        (struct ht_peer_wants){.minute_ms = peer->wants.minute_ms, .events = peer->wants.events};
}

/* --- what comes ------------------------------------------------------------------------------- */

/* The one of that name that was said, or HT_FEED_WANTS_MAX. */
static unsigned find(const struct ht_peer *peer, const char *id) {
    const size_t n = sizeof PREFIX - 1;
    if (!ht_peers_begins(id, PREFIX) || id[n] < '0' || id[n] > '9' || id[n + 1] != '\0')
        return HT_FEED_WANTS_MAX;
    unsigned i = (unsigned)(id[n] - '0');
    bool is_said = i < HT_FEED_WANTS_MAX && (peer->wants.said & 1U << i) != 0;
    return is_said && peer->peers->wants[i] != NULL ? i : HT_FEED_WANTS_MAX;
}

/* Anybody may write what is wanted, with as many keys as they like. */
static bool is_too_much(struct ht_peer *peer) {
    int64_t now_ms = ht_peers_mono_ms(peer->peers);
    if (now_ms - peer->wants.minute_ms >= MINUTE_MS) {
        peer->wants.minute_ms = now_ms;
        peer->wants.events = 0;
    }
    return ++peer->wants.events > HT_WANT_A_MINUTE;
}

void ht_peers_want_event(struct ht_peer *peer, const char *id, ht_bytes event) {
    unsigned i = find(peer, id);
    if (i == HT_FEED_WANTS_MAX) return;
    if (is_too_much(peer)) {
        peer->wants.again |= 1U << i;
        return;
    }
    const struct ht_want *want = peer->peers->wants[i];
    if (ht_peers_take(peer, event, want->parsed, want->count)) ht_peers_changed(peer->peers);
}

void ht_peers_want_closed(struct ht_peer *peer, const char *id, const char *reason) {
    unsigned i = find(peer, id);
    if (i == HT_FEED_WANTS_MAX) return;
    const unsigned bit = 1U << i;
    bool is_auth = ht_peers_begins(reason, "auth-required") && (peer->wants.repeated & bit) == 0;
    peer->wants.said &= ~bit;
    ht_peer_reason(peer, reason);
    if (is_auth && peer->auth == HT_PEER_AUTH_DONE) {
        peer->wants.repeated |= bit;
        say(peer, i);
    } else if (is_auth && ht_peers_auth_may_come(peer)) {
        peer->wants.wanting_auth |= bit;
    } else if (ht_peers_begins(reason, "rate-limited") || ht_peers_begins(reason, "error")) {
        peer->wants.again |= bit;
    }
    ht_peers_changed(peer->peers);
}

/* --- wanting ---------------------------------------------------------------------------------- */

static void free_want(struct ht_want *want) {
    if (want == NULL) return;
    json_decref(want->filters);
    ht_arena_fini(&want->arena);
    free(want);
}

static enum ht_err make(struct ht_want **out, const json_t *filters, struct ht_why *why) {
    size_t room = ht_want_arena(filters);
    if (room == 0) return ht_fail(why, HT_ELIMIT, "filter_too_large", "too much is wanted at once");
    struct ht_want *want = calloc(1, sizeof *want);
    if (want == NULL) return ht_task_no_memory(why);
    ht_arena_init(&want->arena, room);
    want->filters = json_deep_copy(filters);
    enum ht_err err = want->filters != NULL ? HT_OK : ht_task_no_memory(why);
    if (err == HT_OK)
        err = ht_want_read(want->parsed, &want->count, &want->arena, want->filters, why);
    if (err != HT_OK) {
        free_want(want);
        return err;
    }
    *out = want;
    return HT_OK;
}

static void put(struct ht_peers *peers, unsigned i, struct ht_want *want) {
    free_want(peers->wants[i]);
    peers->wants[i] = want;
    for (struct ht_peer *peer = peers->first; peer != NULL; peer = peer->next) {
        peer->wants.repeated &= ~(1U << i);
        if (want != NULL && is_asked(peer)) {
            say(peer, i);
        } else if ((peer->wants.said & 1U << i) != 0) {
            say_close(peer, i);
        }
    }
}

enum ht_err ht_peers_want(struct ht_social *social, unsigned *want, const json_t *filters,
                          struct ht_why *why) {
    struct ht_peers *peers = social->relays;
    struct ht_want *made = NULL;
    unsigned i = 0;
    if (peers->is_stopped) return ht_fail(why, HT_EAGAIN, "stopping", "the node is stopping");
    ht_assert(*want <= HT_FEED_WANTS_MAX);
    bool ends = json_array_size(filters) == 0;
    if (ends && *want == 0) return HT_OK;
    if (*want > 0) {
        i = *want - 1;
    } else {
        while (i < HT_FEED_WANTS_MAX && peers->wants[i] != NULL) i++;
        if (i == HT_FEED_WANTS_MAX)
            return ht_fail(why, HT_ELIMIT, "too_many_wants", "at most %u", HT_FEED_WANTS_MAX);
    }
    enum ht_err err = ends ? HT_OK : make(&made, filters, why);
    if (err != HT_OK) return err;
    put(peers, i, made);
    *want = ends ? 0 : i + 1;
    return HT_OK;
}

void ht_peers_want_free(struct ht_peers *peers) {
    for (unsigned i = 0; i < HT_FEED_WANTS_MAX; i++) {
        free_want(peers->wants[i]);
        peers->wants[i] = NULL;
    }
}
