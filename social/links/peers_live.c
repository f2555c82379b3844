/* What the owner's relays tell by themselves: subscriptions, said on each connection, from a little
 * before what came last. */
#include "social/links/peers_live.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "social/links/peers_auth.h"
#include "social/links/peers_catchup.h"
#include "social/links/peers_live_set.h"
#include "social/links/peers_take.h"

#define MESSAGE_MAX HT_RELAY_MESSAGE_MAX

/* --- saying them ------------------------------------------------------------------------------ */

/* 0: all that there are. */
static int64_t since_of(const struct ht_peer *peer, enum ht_live_since since, bool is_wide) {
    const struct ht_live *live = peer->peers->live;
    int64_t now_s = ht_social_now_s(peer->peers->social);
    bool has_any = peer->live.seen_s > 0 || live->newest_s > 0;
    int64_t from_s = peer->live.seen_s > 0 ? peer->live.seen_s - HT_LIVE_MARGIN_S
                                           : live->newest_s - HT_LIVE_FIRST_S;
    if (!has_any || (is_wide && from_s > now_s - HT_LIVE_NEW_S)) from_s = now_s - HT_LIVE_NEW_S;
    switch (since) {
    case HT_LIVE_SINCE_SEEN: break;
    case HT_LIVE_SINCE_WRAPS: return has_any ? from_s - HT_LIVE_WRAP_S : 0;
    case HT_LIVE_SINCE_NOW: return now_s - HT_LIVE_NOW_S;
    }
    return from_s;
}

static enum ht_err add_filter(struct ht_buf *text, const struct ht_peer *peer,
                              const struct ht_live_filter *filter, bool is_wide) {
    json_t *object = json_copy(filter->object);
    int64_t since_s = since_of(peer, filter->since, is_wide);
    int failed = json_object_set_new(object, "limit", json_integer(HT_LIVE_LIMIT));
    if (since_s > 0) failed |= json_object_set_new(object, "since", json_integer(since_s));
    enum ht_err err = failed == 0 ? ht_buf_add_str(text, ",") : HT_ENOMEM;
    if (err == HT_OK) err = ht_json_dump_compact(text, object);
    json_decref(object);
    return err;
}

static void say(struct ht_peer *peer, unsigned i, bool is_wide) {
    const struct ht_live_sub *sub = &peer->peers->live->subs[i];
    const unsigned bit = 1U << i;
    struct ht_buf text;
    char head[32];
    ht_buf_init(&text, MESSAGE_MAX);
    (void)snprintf(head, sizeof head, "[\"REQ\",\"live%u\"", i);
    enum ht_err err = ht_buf_add_str(&text, head);
    for (size_t k = 0; err == HT_OK && k < sub->count; k++) {
        err = add_filter(&text, peer, &sub->filters[k], is_wide);
    }
    if (err == HT_OK) err = ht_buf_add_str(&text, "]");
    if (err == HT_OK) err = ht_link_send(peer->link, ht_buf_view(&text));
    ht_buf_fini(&text);
    peer->live.ended &= ~bit;
    peer->live.wanting_auth &= ~bit;
    if (err == HT_OK) {
        peer->live.said |= bit;
        peer->live.again &= ~bit;
    } else {
        peer->live.again |= bit;
    }
}

static void say_close(struct ht_peer *peer, unsigned i) {
    char text[32];
    int n = snprintf(text, sizeof text, "[\"CLOSE\",\"live%u\"]", i);
    (void)!ht_link_send(peer->link, ht_bytes_of(text, (size_t)n));
    peer->live.said &= ~(1U << i);
}

static bool is_wanted(const struct ht_peer *peer) {
    bool is_known = peer->tap == NULL || peer->is_proven;
    return is_known && peer->is_kept && !peer->is_flooding && peer->peers->live != NULL &&
           ht_peer_is_open(peer);
}

static unsigned sub_count(const struct ht_peers *peers) {
    return peers->live != NULL ? peers->live->sub_count : 0;
}

/* The rest comes from a node by gossip and catch-up. */
static bool is_asked_for(const struct ht_peer *peer, unsigned i) {
    return i < sub_count(peer->peers) && (peer->tap == NULL || i == HT_LIVE_WRAPS);
}

static void say_all(struct ht_peer *peer, bool is_wide) {
    if (!ht_peer_is_open(peer)) return;
    for (unsigned i = 0; i < HT_LIVE_SUBS; i++) {
        bool was_said = (peer->live.said & 1U << i) != 0;
        if (is_wanted(peer) && is_asked_for(peer, i)) {
            say(peer, i, is_wide);
        } else if (was_said) {
            say_close(peer, i);
        }
    }
}

void ht_peers_live_opened(struct ht_peer *peer) {
    say_all(peer, false);
}

void ht_peers_live_again(struct ht_peer *peer, bool is_all) {
    if (!is_wanted(peer)) return;
    for (unsigned i = 0; i < sub_count(peer->peers); i++) {
        bool is_due = is_all || (peer->live.again & 1U << i) != 0;
        if (is_due && is_asked_for(peer, i)) say(peer, i, false);
    }
}

void ht_peers_live_authed(struct ht_peer *peer) {
    if (!is_wanted(peer)) return;
    for (unsigned i = 0; i < sub_count(peer->peers); i++) {
        const unsigned bit = 1U << i;
        bool was_closed = (peer->live.wanting_auth & bit) != 0;
        /* Before, a relay may have left out the wraps without a word. */
        bool is_private = i == HT_LIVE_WRAPS && (peer->live.said & bit) != 0;
        if (was_closed) peer->live.repeated |= bit;
        if (was_closed || is_private) say(peer, i, false);
    }
}

void ht_peers_live_lost(struct ht_peer *peer) {
    peer->live = (struct ht_peer_live){.seen_s = peer->live.seen_s};
}

/* --- what comes ------------------------------------------------------------------------------- */

/* The subscription of that name that was said, or HT_LIVE_SUBS. */
static unsigned find(const struct ht_peer *peer, const char *id) {
    if (!ht_peers_begins(id, "live") || id[4] < '0' || id[4] > '9' || id[5] != '\0') {
        return HT_LIVE_SUBS;
    }
    unsigned i = (unsigned)(id[4] - '0');
    bool is_said = i < sub_count(peer->peers) && (peer->live.said & 1U << i) != 0;
    return is_said ? i : HT_LIVE_SUBS;
}

/* By our clock: what events say of their time is theirs to choose. */
static void has_seen(struct ht_peer *peer) {
    if (peer->live.said != 0 && (peer->live.said & ~peer->live.ended) == 0) {
        peer->live.seen_s = ht_social_now_s(peer->peers->social);
    }
}

void ht_peers_live_event(struct ht_peer *peer, const char *id, ht_bytes event) {
    unsigned i = find(peer, id);
    if (i == HT_LIVE_SUBS) return;
    struct ht_filter filters[HT_LIVE_FILTERS];
    const struct ht_live_sub *sub = &peer->peers->live->subs[i];
    for (size_t k = 0; k < sub->count; k++) filters[k] = sub->filters[k].filter;
    if (!ht_peers_take(peer, event, filters, sub->count)) return;
    has_seen(peer);
    ht_peers_changed(peer->peers);
}

void ht_peers_live_eose(struct ht_peer *peer, const char *id) {
    unsigned i = find(peer, id);
    if (i == HT_LIVE_SUBS) return;
    peer->live.ended |= 1U << i;
    has_seen(peer);
    ht_peers_changed(peer->peers);
}

void ht_peers_live_closed(struct ht_peer *peer, const char *id, const char *reason) {
    unsigned i = find(peer, id);
    if (i == HT_LIVE_SUBS) return;
    const unsigned bit = 1U << i;
    bool is_auth = ht_peers_begins(reason, "auth-required") && (peer->live.repeated & bit) == 0;
    peer->live.said &= ~bit;
    ht_peer_reason(peer, reason);
    if (is_auth && peer->auth == HT_PEER_AUTH_DONE) {
        peer->live.repeated |= bit;
        say(peer, i, false);
    } else if (is_auth && ht_peers_auth_may_come(peer)) {
        peer->live.wanting_auth |= bit;
    } else if (ht_peers_begins(reason, "rate-limited") || ht_peers_begins(reason, "error")) {
        peer->live.again |= bit;
    }
    ht_peers_changed(peer->peers);
}

/* --- whom the owner follows ------------------------------------------------------------------- */

struct reading {
    struct ht_peers *peers;
    struct ht_live *live; /* NULL: nothing is to be subscribed to */
    bool has_newest;
    uint64_t wanted;
};

static void end_reading(void *user) {
    struct reading *reading = user;
    reading->peers->is_looking = false;
    ht_peers_live_free(reading->live);
    free(reading);
}

static enum ht_err read_live(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct reading *reading = task->user;
    (void)db;
    if (!task->has_owner) return HT_OK;
    return ht_live_read(&reading->live, task, !reading->has_newest, why);
}

static void got_live(struct ht_task *task) {
    struct reading *reading = task->user;
    struct ht_peers *peers = reading->peers;
    bool is_same = ht_live_equal(peers->live, reading->live);
    bool was_there = peers->live != NULL;
    peers->look_done = reading->wanted;
    if (!is_same) {
        struct ht_live *old = peers->live;
        peers->live = reading->live;
        reading->live = old;
        if (was_there && peers->live != NULL) peers->live->newest_s = old->newest_s;
    }
    ht_task_end(task, HT_OK, NULL);
    for (struct ht_peer *peer = peers->first; !is_same && peer != NULL; peer = peer->next) {
        say_all(peer, was_there);
        ht_peers_catchup_again(peer);
    }
    if (peers->look_wanted != peers->look_done) ht_peers_live_look(peers);
}

void ht_peers_live_look(struct ht_peers *peers) {
    if (peers->is_stopped) return;
    if (peers->look_wanted == peers->look_done || peers->is_looking) peers->look_wanted++;
    if (peers->is_looking) return;
    struct ht_task *task = ht_task_new(peers->social, NULL, NULL);
    struct reading *reading = task != NULL ? calloc(1, sizeof *reading) : NULL;
    if (task == NULL) return;
    if (reading == NULL) {
        struct ht_why why = {0};
        ht_task_end(task, ht_task_no_memory(&why), &why);
        return;
    }
    reading->peers = peers;
    reading->has_newest = peers->live != NULL;
    reading->wanted = peers->look_wanted;
    task->user = reading;
    task->free_user = end_reading;
    peers->is_looking = true;
    ht_task_look(task, read_live, got_live);
}
