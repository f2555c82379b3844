/* Events on their way to other relays: one queue for each relay, kept until its OK, and those who
 * wait to hear how far an event came. */
#include "social/links/peers_send.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/links/peers_auth.h"

#define TRIES_MAX 5U /* of what is put off */
#define PUT_OFF_MS 60000

/* --- those who wait --------------------------------------------------------------------------- */

static void finish(struct ht_delivery *delivery) {
    struct ht_peers *peers = delivery->peers;
    struct ht_delivery **at = &peers->deliveries;
    while (*at != delivery) at = &(*at)->next;
    *at = delivery->next;
    ht_timer_cancel(&delivery->timer);
    for (struct ht_peer *peer = peers->first; peer != NULL; peer = peer->next) {
        for (struct ht_sending *one = peer->first; one != NULL; one = one->next) {
            if (one->delivery == delivery) one->delivery = NULL;
        }
    }
    json_t *sent = json_array();
    for (size_t i = 0; i < delivery->count; i++) {
        const struct ht_delivered *to = &delivery->to[i];
        (void)json_array_append_new(sent,
                                    json_pack("{s:s, s:s}", "url", to->url, "state", to->state));
    }
    delivery->done(delivery->user, sent);
    json_decref(sent);
    free(delivery);
}

static void ran_out(struct ht_timer *timer) {
    finish((struct ht_delivery *)(void *)((char *)timer - offsetof(struct ht_delivery, timer)));
}

/* Told from a timer, so that nobody is called back from within a link's callback. */
static void settle(struct ht_sending *sending, const char *state) {
    struct ht_delivery *delivery = sending->delivery;
    if (delivery == NULL || delivery->to[sending->place].is_settled) return;
    delivery->to[sending->place].state = state;
    delivery->to[sending->place].is_settled = true;
    for (size_t i = 0; i < delivery->count; i++) {
        if (!delivery->to[i].is_settled) return;
    }
    ht_timer_set(delivery->peers->social->host->loop, &delivery->timer, 0, ran_out);
}

static void note(struct ht_sending *sending, const char *state) {
    struct ht_delivery *delivery = sending->delivery;
    if (delivery == NULL || delivery->to[sending->place].is_settled) return;
    delivery->to[sending->place].state = state;
}

/* --- queues ----------------------------------------------------------------------------------- */

static void drop_text(struct ht_sending_text *text) {
    if (--text->uses == 0) free(text);
}

/* Takes the entry at that place out and frees it. */
static void take_out(struct ht_peer *peer, struct ht_sending **at) {
    struct ht_sending *sending = *at;
    *at = sending->next;
    if (sending->next == NULL) peer->last = at;
    peer->queue_count--;
    peer->queue_bytes -= sending->text->n;
    drop_text(sending->text);
    free(sending);
}

static void say(struct ht_peer *peer, struct ht_sending *sending) {
    ht_bytes text = ht_bytes_of(sending->text->text, sending->text->n);
    sending->is_said = ht_link_send(peer->link, text) == HT_OK;
    if (!sending->is_said) return;
    peer->sent_count++;
    note(sending, "sent");
}

void ht_peers_send_flush(struct ht_peer *peer) {
    int64_t now_ms = ht_peers_mono_ms(peer->peers);
    if (!ht_peer_is_open(peer)) return;
    for (struct ht_sending *one = peer->first; one != NULL; one = one->next) {
        if (!one->is_said && !one->wants_auth && now_ms >= one->not_before_ms) say(peer, one);
    }
}

static void make_room(struct ht_peer *peer, size_t n) {
    while (peer->first != NULL && (peer->queue_count >= HT_PEERS_QUEUE_MAX ||
                                   peer->queue_bytes + n > HT_PEERS_QUEUE_BYTES_MAX)) {
        settle(peer->first, "no_answer");
        peer->dropped_count++;
        take_out(peer, &peer->first);
    }
}

/* Says it now when the relay is there, or else when it is. */
static void enqueue(struct ht_peer *peer, struct ht_sending *sending) {
    make_room(peer, sending->text->n);
    *peer->last = sending;
    peer->last = &sending->next;
    peer->queue_count++;
    peer->queue_bytes += sending->text->n;
    enum ht_link_state state = ht_link_state(peer->link);
    if (state == HT_LINK_OPEN) {
        say(peer, sending);
    } else if (peer->is_flooding || (state == HT_LINK_WAITING && !peer->is_own)) {
        /* Those of others are tried with their links' patience. */
        settle(sending, "no_answer");
    } else if (state != HT_LINK_CONNECTING) {
        ht_link_wake(peer->link);
        if (ht_link_state(peer->link) == HT_LINK_WAITING) settle(sending, "no_answer");
    }
}

/* --- answers ---------------------------------------------------------------------------------- */

static void refuse(struct ht_peer *peer, struct ht_sending **at, const char *reason) {
    peer->refused_count++;
    ht_peer_reason(peer, reason);
    settle(*at, "refused");
    take_out(peer, at);
}

static bool put_off(const struct ht_peer *peer, struct ht_sending *sending, const char *reason) {
    bool may_come = ht_peers_begins(reason, "rate-limited") || ht_peers_begins(reason, "error");
    if (!may_come || ++sending->tries >= TRIES_MAX) return false;
    sending->is_said = false;
    sending->not_before_ms = ht_peers_mono_ms(peer->peers) + PUT_OFF_MS;
    return true;
}

static void not_taken(struct ht_peer *peer, struct ht_sending **at, const char *reason) {
    struct ht_sending *sending = *at;
    bool is_auth = ht_peers_begins(reason, "auth-required") && !sending->is_repeated;
    if (is_auth && peer->auth == HT_PEER_AUTH_DONE) {
        sending->is_repeated = true;
        say(peer, sending);
    } else if (is_auth && ht_peers_auth_may_come(peer)) {
        ht_peer_reason(peer, reason);
        sending->wants_auth = true;
        sending->is_said = false;
    } else if (put_off(peer, sending, reason)) {
        ht_peer_reason(peer, reason);
        settle(sending, "sent");
    } else {
        refuse(peer, at, reason);
    }
}

void ht_peers_send_ok(struct ht_peer *peer, const ht_hash32 *id, bool is_taken,
                      const char *reason) {
    struct ht_sending **at = &peer->first;
    while (*at != NULL && !(ht_hash32_equal(&(*at)->text->id, id) && (*at)->is_said)) {
        at = &(*at)->next;
    }
    if (*at == NULL) return;
    if (is_taken || ht_peers_begins(reason, "duplicate")) {
        peer->taken_count++;
        settle(*at, "ok");
        take_out(peer, at);
    } else {
        not_taken(peer, at, reason);
    }
}

void ht_peers_send_authed(struct ht_peer *peer, bool is_in) {
    struct ht_sending **at = &peer->first;
    while (*at != NULL) {
        struct ht_sending *one = *at;
        if (one->wants_auth && !is_in) {
            refuse(peer, at, "auth-required: it does not let us sign in");
            continue;
        }
        if (one->wants_auth) {
            one->wants_auth = false;
            one->is_repeated = true;
            say(peer, one);
        }
        at = &one->next;
    }
}

void ht_peers_send_lost(struct ht_peer *peer) {
    for (struct ht_sending *one = peer->first; one != NULL; one = one->next) {
        one->is_said = one->wants_auth = one->is_repeated = false;
        settle(one, "no_answer");
    }
}

void ht_peers_send_forget(struct ht_peer *peer) {
    while (peer->first != NULL) {
        settle(peer->first, "no_answer");
        take_out(peer, &peer->first);
    }
}

void ht_peers_send_stop(struct ht_peers *peers) {
    while (peers->deliveries != NULL) finish(peers->deliveries);
}

/* --- sending ---------------------------------------------------------------------------------- */

static bool read_id(ht_hash32 *out, ht_bytes json) {
    struct ht_event event;
    struct ht_arena arena;
    ht_arena_init(&arena, HT_EVENT_ARENA(json.n));
    bool is_read = ht_event_read(&event, &arena, json, NULL) == HT_OK;
    if (is_read) *out = event.id;
    ht_arena_fini(&arena);
    return is_read;
}

/* With one use, the caller's. NULL without memory, or when it is no event. */
static struct ht_sending_text *make_text(ht_bytes event) {
    static const char HEAD[] = "[\"EVENT\",";
    const size_t head_n = sizeof HEAD - 1;
    ht_hash32 id;
    if (event.n > HT_EVENT_SIZE_MAX || !read_id(&id, event)) return NULL;
    size_t n = head_n + event.n + 1;
    struct ht_sending_text *text = malloc(sizeof *text + n);
    if (text == NULL) return NULL;
    text->uses = 1;
    text->id = id;
    text->n = n;
    memcpy(text->text, HEAD, head_n);
    memcpy(text->text + head_n, event.p, event.n);
    text->text[n - 1] = ']';
    return text;
}

static void add(struct ht_delivery *delivery, struct ht_sending_text *text, const char *url,
                bool is_own) {
    char name[HT_LINK_URL_SIZE];
    struct ht_peer *peer = NULL;
    struct ht_why why = {.code = ""};
    if (delivery->count == HT_CLIENT_RELAYS_MAX || ht_link_url(name, url, NULL) != HT_OK) return;
    for (size_t i = 0; i < delivery->count; i++) {
        if (strcmp(delivery->to[i].url, name) == 0) return;
    }
    enum ht_err err = ht_peers_open(&peer, delivery->peers, name, is_own, &why);
    if (err != HT_OK && strcmp(why.code, "own_door") == 0) return;
    struct ht_sending *sending = err == HT_OK ? calloc(1, sizeof *sending) : NULL;
    size_t place = delivery->count++;
    delivery->to[place].state = sending != NULL ? "no_answer" : "refused";
    delivery->to[place].is_settled = sending == NULL;
    memcpy(delivery->to[place].url, name, sizeof name);
    if (sending == NULL) return;
    *sending = (struct ht_sending){.text = text, .delivery = delivery, .place = place};
    text->uses++;
    enqueue(peer, sending);
}

static bool is_own(const struct ht_peers *peers, const char *url) {
    char ours[HT_LINK_URL_SIZE], theirs[HT_LINK_URL_SIZE];
    size_t i;
    json_t *one;
    if (ht_link_url(theirs, url, NULL) != HT_OK) return false;
    json_array_foreach(peers->own, i, one) {
        const char *text = json_string_value(ht_json_member(one, "url"));
        bool is_url = text != NULL && ht_link_url(ours, text, NULL) == HT_OK;
        if (is_url && strcmp(ours, theirs) == 0) return true;
    }
    return false;
}

static void add_own(struct ht_delivery *delivery, struct ht_sending_text *text) {
    size_t i;
    json_t *one;
    json_array_foreach(delivery->peers->own, i, one) {
        const char *url = json_string_value(ht_json_member(one, "url"));
        bool is_write = json_is_true(ht_json_member(one, "write"));
        if (url != NULL && is_write) add(delivery, text, url, true);
    }
}

static void add_more(struct ht_delivery *delivery, struct ht_sending_text *text,
                     const json_t *more) {
    size_t i;
    json_t *one;
    json_array_foreach(more, i, one) {
        const char *url = json_string_value(one);
        if (url != NULL) add(delivery, text, url, is_own(delivery->peers, url));
    }
}

static void deliver(struct ht_social *social, ht_bytes event, bool to_own, const json_t *more,
                    void (*done)(void *user, json_t *sent), void *user) {
    struct ht_peers *peers = social->relays;
    struct ht_delivery *delivery = calloc(1, sizeof *delivery);
    struct ht_sending_text *text = make_text(event);
    if (delivery == NULL || text == NULL || peers->is_stopped) {
        json_t *nobody = json_array();
        free(delivery);
        if (text != NULL) drop_text(text);
        done(user, nobody);
        json_decref(nobody);
        return;
    }
    *delivery =
        (struct ht_delivery){.peers = peers, .next = peers->deliveries, .done = done, .user = user};
    peers->deliveries = delivery;
    if (to_own) add_own(delivery, text);
    add_more(delivery, text, more);
    drop_text(text);
    bool is_waiting = false;
    for (size_t i = 0; i < delivery->count; i++) {
        if (!delivery->to[i].is_settled) is_waiting = true;
    }
    /* Set anew: those that were settled at once did not know of the others. */
    ht_timer_set(social->host->loop, &delivery->timer, is_waiting ? HT_PEERS_SEND_MS : 0, ran_out);
    ht_peers_changed(peers);
}

void ht_peers_send(struct ht_social *social, ht_bytes event, const json_t *more,
                   void (*done)(void *user, json_t *sent), void *user) {
    deliver(social, event, true, more, done, user);
}

void ht_peers_send_to(struct ht_social *social, ht_bytes event, const json_t *urls,
                      void (*done)(void *user, json_t *sent), void *user) {
    deliver(social, event, false, urls, done, user);
}
