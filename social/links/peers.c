/* Other relays: which there are, their links, and who is told what came from them. Questions are in
 * peers_ask.c, what is sent in peers_send.c, signing in in peers_auth.c, what relays tell by
 * themselves in peers_live.c. */
#include "social/links/peers.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "social/links/peers_ask.h"
#include "social/links/peers_auth.h"
#include "social/links/peers_catchup.h"
#include "social/links/peers_live.h"
#include "social/links/peers_send.h"
#include "social/links/peers_want.h"

#define TELL_MS 100 /* many changes are told once */
#define MINUTE_MS 60000

static const struct ht_link_handler HANDLER;

int64_t ht_peers_mono_ms(const struct ht_peers *peers) {
    return ht_mono_ms(peers->social->host->clock);
}

bool ht_peer_is_open(const struct ht_peer *peer) {
    return ht_link_state(peer->link) == HT_LINK_OPEN;
}

bool ht_peers_begins(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

void ht_peer_reason(struct ht_peer *peer, const char *reason) {
    ht_peer_text_cut(peer->reason, sizeof peer->reason, reason);
}

static void tell(struct ht_timer *timer) {
    struct ht_peers *peers =
        (struct ht_peers *)(void *)((char *)timer - offsetof(struct ht_peers, telling));
    const struct ht_host *host = peers->social->host;
    peers->is_telling = false;
    if (!peers->social->is_stopped) host->publish(host, "social.relays");
}

void ht_peers_changed(struct ht_peers *peers) {
    if (peers->is_telling || peers->is_stopped) return;
    peers->is_telling = true;
    ht_timer_set(peers->social->host->loop, &peers->telling, TELL_MS, tell);
}

/* --- our own door ----------------------------------------------------------------------------- */

struct place {
    ht_bytes host, port;
};

/* Of a URL as ht_link_url spells it. */
static struct place read_place(const char *url) {
    const char *at = strstr(url, "://");
    if (at == NULL) return (struct place){0};
    at += 3;
    size_t n = strcspn(at, "/?");
    size_t host_n = at[0] == '[' ? strcspn(at, "]") + 1 : strcspn(at, ":/?");
    if (host_n > n) host_n = n;
    struct place place = {.host = ht_bytes_of(at, host_n)};
    place.port = host_n < n ? ht_bytes_of(at + host_n + 1, n - host_n - 1)
                            : ht_bytes_str(ht_peers_begins(url, "wss:") ? "443" : "80");
    return place;
}

static bool is_loopback(ht_bytes host) {
    static const char *const NAMES[] = {"localhost", "[::1]", "[::]", "0.0.0.0"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (ht_bytes_equal(host, ht_bytes_str(NAMES[i]))) return true;
    }
    return host.n > 4 && memcmp(host.p, "127.", 4) == 0;
}

static bool is_own_door(const struct ht_peers *peers, const char *url) {
    const struct ht_door *door = peers->social->host->door;
    char ours[HT_LINK_URL_SIZE];
    if (door == NULL || ht_link_url(ours, ht_door_url(door), NULL) != HT_OK) return false;
    if (strcmp(ours, url) == 0) return true;
    struct place own = read_place(ours), theirs = read_place(url);
    return ht_bytes_equal(own.port, theirs.port) && is_loopback(theirs.host);
}

bool ht_peers_is_door(const struct ht_social *social, const char *url) {
    char name[HT_LINK_URL_SIZE];
    return ht_link_url(name, url, NULL) == HT_OK && is_own_door(social->relays, name);
}

/* --- relays ----------------------------------------------------------------------------------- */

static struct ht_peer *find(struct ht_peers *peers, const char *url) {
    for (struct ht_peer *peer = peers->first; peer != NULL; peer = peer->next) {
        if (strcmp(ht_link_name(peer->link), url) == 0) return peer;
    }
    return NULL;
}

/* What belonged to the connection. */
static void lose(struct ht_peer *peer, bool is_unknown_name) {
    ht_peers_catchup_lost(peer);
    ht_peers_live_lost(peer);
    ht_peers_want_lost(peer);
    ht_peers_ask_lost(peer, is_unknown_name);
    ht_peers_send_lost(peer);
    peer->auth = HT_PEER_AUTH_NONE;
    peer->challenge[0] = peer->early[0] = '\0';
    peer->auth_count = 0;
}

static void tell_tap(struct ht_peer *peer, enum ht_err err, const struct ht_why *why) {
    peer->is_proven = false;
    if (peer->tap == NULL) return;
    peer->is_own = false;
    peer->tap->closed(peer->tap_user, err, why);
}

void ht_peers_remove(struct ht_peer *peer) {
    struct ht_peer **at = &peer->peers->first;
    while (*at != peer) at = &(*at)->next;
    *at = peer->next;
    ht_peers_catchup_lost(peer);
    ht_peers_ask_forget(peer);
    ht_peers_send_forget(peer);
    if (peer->link != NULL) ht_link_close(peer->link);
    if (peer->tap != NULL) peer->tap->gone(peer->tap_user);
    free(peer);
}

/* Of those that only others named, the oldest that nobody waits for makes room; one for which
 * something is kept only when there is no other. */
static void make_room(struct ht_peers *peers) {
    struct ht_peer *best = NULL;
    if (ht_links_count(peers->social->host->links) < HT_LINKS_MAX) return;
    for (struct ht_peer *peer = peers->first; peer != NULL; peer = peer->next) {
        if (peer->is_own || peer->tap != NULL || peer->waiting > 0) continue;
        if (best == NULL || (best->queue_count > 0 && peer->queue_count == 0)) best = peer;
    }
    if (best != NULL) ht_peers_remove(best);
}

static enum ht_err open_link(struct ht_peer *peer, const char *url, struct ht_why *why) {
    struct ht_link_options options = {.url = url,
                                      .is_named = peer->is_own || peer->is_tap_named,
                                      .is_kept = peer->is_kept && !peer->is_flooding,
                                      .pin = peer->has_pin ? &peer->pin : NULL,
                                      .socks = peer->socks[0] != '\0' ? peer->socks : NULL,
                                      .handler = &HANDLER,
                                      .user = peer};
    return ht_link_open(&peer->link, peer->peers->social->host->links, &options, why);
}

/* Its link is made anew, by what the relay is now. */
static void relink(struct ht_peer *peer) {
    char url[HT_LINK_URL_SIZE];
    memcpy(url, ht_link_name(peer->link), strlen(ht_link_name(peer->link)) + 1);
    lose(peer, false);
    tell_tap(peer, HT_OK, NULL);
    ht_link_close(peer->link);
    peer->link = NULL;
    if (open_link(peer, url, NULL) != HT_OK) ht_peers_remove(peer);
}

/* With its link, at the end of the list. */
static enum ht_err add_peer(struct ht_peer **out, const struct ht_peer *like, const char *url,
                            struct ht_why *why) {
    struct ht_peers *peers = like->peers;
    struct ht_peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL) return ht_task_no_memory(why);
    *peer = *like;
    peer->serial = ++peers->number;
    peer->last = &peer->first;
    make_room(peers);
    enum ht_err err = open_link(peer, url, why);
    if (err != HT_OK) {
        free(peer);
        return err;
    }
    struct ht_peer **last = &peers->first;
    while (*last != NULL) last = &(*last)->next;
    *last = peer;
    *out = peer;
    return HT_OK;
}

enum ht_err ht_peers_open(struct ht_peer **out, struct ht_peers *peers, const char *text,
                          bool is_own, struct ht_why *why) {
    char url[HT_LINK_URL_SIZE];
    enum ht_err err = ht_link_url(url, text, why);
    if (err != HT_OK) return err;
    if (is_own_door(peers, url)) return ht_fail(why, HT_EDENIED, "own_door", "that is this node");
    *out = find(peers, url);
    if (*out != NULL) return HT_OK;
    const struct ht_peer like = {.peers = peers, .is_own = is_own};
    return add_peer(out, &like, url, why);
}

enum ht_err ht_peers_open_tapped(struct ht_peer **out, struct ht_peers *peers,
                                 const struct ht_peers_joining *joining, struct ht_why *why) {
    char url[HT_LINK_URL_SIZE];
    enum ht_err err = ht_link_url(url, joining->url, why);
    if (err != HT_OK) return err;
    if (is_own_door(peers, url)) return ht_fail(why, HT_EDENIED, "own_door", "that is this node");
    struct ht_peer like = {.peers = peers,
                           .is_kept = true,
                           .tap = joining->tap,
                           .tap_user = joining->user,
                           .is_tap_named = joining->is_named,
                           .has_pin = joining->pin != NULL};
    if (joining->pin != NULL) like.pin = *joining->pin;
    if (joining->socks != NULL) {
        (void)snprintf(like.socks, sizeof like.socks, "%s", joining->socks);
    }
    return add_peer(out, &like, url, why);
}

/* --- what comes ------------------------------------------------------------------------------- */

/* Nothing that is asked for comes so fast; the link is closed, and tried again later. */
static bool is_flood(struct ht_peer *peer) {
    int64_t now_ms = ht_peers_mono_ms(peer->peers);
    if (now_ms - peer->minute_ms >= MINUTE_MS) {
        peer->minute_ms = now_ms;
        peer->frames = 0;
    }
    if (++peer->frames <= HT_PEER_FRAMES_A_MINUTE) return false;
    peer->is_flooding = true;
    peer->flood_until_ms = now_ms + HT_PEER_FLOOD_MS;
    peer->frames = 0;
    ht_peer_reason(peer, "flood: it sent far more than it was asked for");
    ht_peers_changed(peer->peers);
    relink(peer);
    return true;
}

static void take_ok(struct ht_peer *peer, const struct ht_peer_message *message) {
    bool is_taken = message->is_taken;
    if (!ht_peers_auth_ok(peer, &message->id, is_taken, message->text)) {
        ht_peers_send_ok(peer, &message->id, is_taken, message->text);
    }
    ht_peers_changed(peer->peers);
}

static void received(void *user, struct ht_link *link, ht_bytes text) {
    struct ht_peer *peer = user;
    struct ht_peer_message message;
    (void)link;
    if (!peer->is_proven && is_flood(peer)) return;
    if (peer->tap != NULL && peer->tap->received(peer->tap_user, text)) return;
    if (ht_peers_catchup_received(peer, text)) {
        /* Asked for, and as much as it takes: no flood. */
        if (peer->frames > 0) peer->frames--;
        return;
    }
    ht_peer_message_read(&message, text);
    const char *subscription = message.subscription;
    switch (message.said) {
    case HT_PEER_SAID_OTHER: break;
    case HT_PEER_SAID_EVENT:
        ht_peers_ask_event(peer, subscription, message.event);
        ht_peers_live_event(peer, subscription, message.event);
        ht_peers_want_event(peer, subscription, message.event);
        break;
    case HT_PEER_SAID_EOSE:
        ht_peers_ask_eose(peer, subscription);
        ht_peers_live_eose(peer, subscription);
        break;
    case HT_PEER_SAID_CLOSED:
        ht_peers_ask_closed(peer, subscription, message.text);
        ht_peers_live_closed(peer, subscription, message.text);
        ht_peers_want_closed(peer, subscription, message.text);
        break;
    case HT_PEER_SAID_OK: take_ok(peer, &message); break;
    case HT_PEER_SAID_AUTH: ht_peers_auth_challenge(peer, message.text); break;
    }
}

static void closed(void *user, struct ht_link *link, enum ht_err err, const struct ht_why *why) {
    struct ht_peer *peer = user;
    (void)link;
    bool is_unknown = err != HT_OK && why != NULL && why->code != NULL &&
                      strcmp(why->code, "name_not_found") == 0;
    lose(peer, is_unknown);
    tell_tap(peer, err, why);
    ht_peers_changed(peer->peers);
}

static void opened(void *user, struct ht_link *link) {
    struct ht_peer *peer = user;
    peer->connection++;
    ht_peers_changed(peer->peers);
    if (peer->tap != NULL) {
        peer->tap->opened(peer->tap_user, link);
        return;
    }
    ht_peers_live_opened(peer);
    ht_peers_want_opened(peer);
    ht_peers_catchup_opened(peer);
    ht_peers_send_flush(peer);
}

static const struct ht_link_handler HANDLER = {
    .opened = opened, .received = received, .closed = closed};

/* --- the owner's
 * ------------------------------------------------------------------------------------ */

/* Whether the owner named it, and whether for reading. */
static bool is_named(const struct ht_peers *peers, const char *name, bool *is_read) {
    size_t i;
    json_t *one;
    json_array_foreach(peers->own, i, one) {
        char url[HT_LINK_URL_SIZE];
        const char *text = json_string_value(ht_json_member(one, "url"));
        if (text == NULL || ht_link_url(url, text, NULL) != HT_OK || strcmp(url, name) != 0)
            continue;
        *is_read = json_is_true(ht_json_member(one, "read"));
        return true;
    }
    *is_read = false;
    return false;
}

static void fit(struct ht_peer *peer, bool is_other_owner, bool had_owner) {
    bool is_read;
    if (peer->tap != NULL) {
        /* Where nobody was told of, as when the node starts, there is nothing to be parted. */
        if (is_other_owner && had_owner && peer->is_proven) relink(peer);
        return;
    }
    bool is_own = is_named(peer->peers, ht_link_name(peer->link), &is_read);
    bool was_own = peer->is_own, was_kept = peer->is_kept;
    peer->is_own = is_own;
    peer->is_kept = is_read;
    if (was_own && !is_own) {
        ht_peers_remove(peer);
    } else if (was_own != is_own || was_kept != is_read || (is_own && is_other_owner)) {
        /* Another owner is not to be told from the same connection. */
        relink(peer);
    }
}

/* One to which another part of the node has a link just now comes later. */
static void open_own(struct ht_peers *peers) {
    size_t i;
    json_t *one;
    json_array_foreach(peers->own, i, one) {
        const char *url = json_string_value(ht_json_member(one, "url"));
        struct ht_peer *peer = NULL;
        if (url == NULL || ht_peers_open(&peer, peers, url, true, NULL) != HT_OK) continue;
        fit(peer, false, false);
    }
}

/* --- from time to time ------------------------------------------------------------------------ */

static void look_after(struct ht_peer *peer, bool has_missed) {
    bool is_over = peer->is_flooding && ht_peers_mono_ms(peer->peers) >= peer->flood_until_ms;
    if (is_over) {
        peer->is_flooding = false;
        relink(peer);
        return;
    }
    if (peer->is_flooding) return;
    if (ht_peer_is_open(peer)) {
        ht_peers_auth_retry(peer);
        ht_peers_live_again(peer, has_missed);
        ht_peers_want_again(peer, has_missed);
        ht_peers_send_flush(peer);
    }
    /* One that waits is tried by its link, with its own patience. */
    if (peer->queue_count > 0 && ht_link_state(peer->link) == HT_LINK_ASLEEP) {
        ht_link_wake(peer->link);
    }
}

static void tick(struct ht_timer *timer) {
    struct ht_peers *peers =
        (struct ht_peers *)(void *)((char *)timer - offsetof(struct ht_peers, tick));
    bool has_missed = peers->has_missed && peers->taking_count < HT_PEERS_TAKING_MAX / 2;
    if (has_missed) peers->has_missed = false;
    for (struct ht_peer *peer = peers->first, *next; peer != NULL; peer = next) {
        next = peer->next;
        look_after(peer, has_missed);
    }
    open_own(peers);
    if (peers->look_done != peers->look_wanted) ht_peers_live_look(peers);
    ht_timer_set(peers->social->host->loop, &peers->tick, HT_PEERS_TICK_MS, tick);
}

/* --- the whole -------------------------------------------------------------------------------- */

enum ht_err ht_peers_new(struct ht_social *social, struct ht_why *why) {
    struct ht_peers *peers = calloc(1, sizeof *peers);
    if (peers != NULL) peers->own = json_array();
    if (peers == NULL || peers->own == NULL) {
        free(peers);
        return ht_task_no_memory(why);
    }
    peers->social = social;
    social->relays = peers;
    ht_timer_set(social->host->loop, &peers->tick, HT_PEERS_TICK_MS, tick);
    return HT_OK;
}

void ht_peers_stop(struct ht_social *social) {
    struct ht_peers *peers = social->relays;
    if (peers == NULL || peers->is_stopped) return;
    peers->is_stopped = true;
    ht_timer_cancel(&peers->tick);
    ht_timer_cancel(&peers->telling);
    ht_peers_ask_stop(peers);
    ht_peers_send_stop(peers);
    while (peers->first != NULL) ht_peers_remove(peers->first);
}

void ht_peers_free(struct ht_social *social) {
    if (social->relays == NULL) return;
    ht_peers_stop(social);
    ht_peers_live_free(social->relays->live);
    ht_peers_want_free(social->relays);
    json_decref(social->relays->own);
    free(social->relays);
    social->relays = NULL;
}

void ht_peers_set_own(struct ht_social *social, const json_t *relays) {
    struct ht_peers *peers = social->relays;
    ht_hash32 owner = {{0}};
    if (peers->is_stopped) return;
    bool has_owner = ht_social_owner(social, &owner), had_owner = peers->has_owner;
    bool is_other = has_owner != peers->has_owner || !ht_hash32_equal(&owner, &peers->owner);
    peers->has_owner = has_owner;
    peers->owner = owner;
    if (!json_equal(peers->own, relays)) {
        json_t *copy = json_deep_copy(relays);
        if (copy == NULL) return;
        json_decref(peers->own);
        peers->own = copy;
    }
    open_own(peers);
    for (struct ht_peer *peer = peers->first, *next; peer != NULL; peer = next) {
        next = peer->next;
        fit(peer, is_other, had_owner);
    }
    for (struct ht_peer *peer = peers->first; peer != NULL; peer = peer->next) {
        ht_peers_auth_retry(peer);
    }
    ht_peers_live_look(peers);
    ht_peers_changed(peers);
}

json_t *ht_peers_own(const struct ht_social *social) {
    return json_incref(social->relays->own);
}
