/* Other relays: what they are asked and sent. */
#include "social/peers.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "social/event_read.h"
#include "social/peers_impl.h"
#include "social/peers_json.h"

#define STORING_MS 2000 /* for what came to be stored, after all have answered */
#define STORING_STEP_MS 10

static const struct ht_link_handler HANDLER;

/* --- relays ----------------------------------------------------------------------------------- */

static struct ht_peer *find(struct ht_peers *peers, const char *url) {
    for (struct ht_peer *peer = peers->first; peer != NULL; peer = peer->next) {
        if (strcmp(ht_link_name(peer->link), url) == 0) return peer;
    }
    return NULL;
}

/* Of those that only others named, the oldest that nobody waits for makes room. */
static void make_room(struct ht_peers *peers) {
    if (ht_links_count(peers->social->host->links) < HT_LINKS_MAX) return;
    for (struct ht_peer **at = &peers->first; *at != NULL; at = &(*at)->next) {
        struct ht_peer *peer = *at;
        if (peer->is_own || peer->waiting > 0) continue;
        *at = peer->next;
        ht_link_close(peer->link);
        free(peer);
        return;
    }
}

static enum ht_err open_peer(struct ht_peer **out, struct ht_peers *peers, const char *text,
                             bool is_own, struct ht_why *why) {
    char url[HT_LINK_URL_SIZE];
    enum ht_err err = ht_link_url(url, text, why);
    if (err != HT_OK) return err;
    *out = find(peers, url);
    if (*out != NULL) return HT_OK;
    struct ht_peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL) return ht_task_no_memory(why);
    *peer = (struct ht_peer){.peers = peers, .is_own = is_own};
    make_room(peers);
    struct ht_link_options options = {
        .url = url, .is_named = is_own, .handler = &HANDLER, .user = peer};
    err = ht_link_open(&peer->link, peers->social->host->links, &options, why);
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

static void changed(struct ht_peers *peers) {
    const struct ht_host *host = peers->social->host;
    if (!peers->social->is_stopped) host->publish(host, "social.relays");
}

/* --- questions -------------------------------------------------------------------------------- */

static void free_question(struct ht_question_out *question) {
    ht_arena_fini(&question->arena);
    free(question);
}

static void finish(struct ht_question_out *question) {
    struct ht_peers *peers = question->peers;
    struct ht_question_out **at = &peers->questions;
    while (*at != question) at = &(*at)->next;
    *at = question->next;
    ht_timer_cancel(&question->timer);
    json_t *source = ht_peers_source(question);
    for (size_t i = 0; i < question->count; i++) {
        struct ht_asked *asked = &question->asked[i];
        if (asked->peer == NULL) continue;
        asked->peer->waiting--;
        char text[64];
        int n = snprintf(text, sizeof text, "[\"CLOSE\",\"q%llu\"]",
                         (unsigned long long)question->number);
        if (asked->was_sent && ht_link_state(asked->peer->link) == HT_LINK_OPEN) {
            (void)!ht_link_send(asked->peer->link, ht_bytes_of(text, (size_t)n));
        }
    }
    question->done(question->user, source);
    json_decref(source);
    free_question(question);
    changed(peers);
}

/* What came is looked for in the store afterwards, so it has to be there. */
static void ran_out(struct ht_timer *timer) {
    struct ht_question_out *question =
        (struct ht_question_out *)(void *)((char *)timer - offsetof(struct ht_question_out, timer));
    const struct ht_host *host = question->peers->social->host;
    bool has_time = ht_mono_ms(host->clock) < question->begun_ms + HT_CLIENT_ASK_MS + STORING_MS;
    if (question->peers->taking_count > 0 && has_time) {
        ht_timer_set(host->loop, &question->timer, STORING_STEP_MS, ran_out);
        return;
    }
    finish(question);
}

static void settle(struct ht_question_out *question, struct ht_asked *asked,
                   enum ht_asked_state state) {
    if (asked->state != HT_ASKED_WAITING) return;
    asked->state = state;
    asked->ms = ht_mono_ms(question->peers->social->host->clock) - question->begun_ms;
    ht_timer_set(question->peers->social->host->loop, &question->timer, 0, ran_out);
    for (size_t i = 0; i < question->count; i++) {
        if (question->asked[i].state != HT_ASKED_WAITING) continue;
        int64_t left = question->begun_ms + HT_CLIENT_ASK_MS -
                       ht_mono_ms(question->peers->social->host->clock);
        ht_timer_set(question->peers->social->host->loop, &question->timer, left > 0 ? left : 0,
                     ran_out);
        return;
    }
}

static void ask_one(struct ht_question_out *question, struct ht_asked *asked) {
    struct ht_buf text;
    char head[64];
    ht_buf_init(&text, HT_RELAY_MESSAGE_MAX);
    (void)snprintf(head, sizeof head, "[\"REQ\",\"q%llu\",", (unsigned long long)question->number);
    enum ht_err err = ht_buf_add_str(&text, head);
    if (err == HT_OK) err = ht_buf_add(&text, question->filter_json);
    if (err == HT_OK) err = ht_buf_add_str(&text, "]");
    if (err == HT_OK) err = ht_link_send(asked->peer->link, ht_buf_view(&text));
    ht_buf_fini(&text);
    asked->was_sent = err == HT_OK;
    if (err != HT_OK) settle(question, asked, HT_ASKED_NO_ANSWER);
}

static void add_asked(struct ht_question_out *question, const char *url, bool is_own) {
    char name[HT_LINK_URL_SIZE];
    if (question->count == HT_CLIENT_RELAYS_MAX || ht_link_url(name, url, NULL) != HT_OK) return;
    for (size_t i = 0; i < question->count; i++) {
        if (strcmp(question->asked[i].url, name) == 0) return;
    }
    struct ht_asked *asked = &question->asked[question->count++];
    memcpy(asked->url, name, sizeof asked->url);
    if (open_peer(&asked->peer, question->peers, name, is_own, NULL) != HT_OK) {
        asked->state = HT_ASKED_REFUSED;
        return;
    }
    asked->peer->waiting++;
}

static enum ht_err read_filter(struct ht_question_out *question, const json_t *filter) {
    struct ht_buf text;
    ht_buf_init(&text, HT_RELAY_MESSAGE_MAX / 2);
    enum ht_err err = ht_json_dump_compact(&text, filter);
    if (err == HT_OK) {
        ht_arena_init(&question->arena, HT_FILTER_ARENA(text.n) + text.n + 64);
        char *copy = ht_arena_copy_str(&question->arena, ht_buf_view(&text));
        err = copy != NULL ? HT_OK : HT_ENOMEM;
        question->filter_json = ht_bytes_of(copy, copy != NULL ? text.n : 0);
    }
    if (err == HT_OK) err = ht_filter_read(&question->filter, &question->arena, filter, NULL);
    ht_buf_fini(&text);
    return err;
}

void ht_peers_ask(struct ht_social *social, const json_t *filter, const json_t *more,
                  void (*done)(void *user, json_t *source), void *user) {
    struct ht_peers *peers = social->relays;
    struct ht_question_out *question = calloc(1, sizeof *question);
    if (question == NULL || peers->is_stopped || read_filter(question, filter) != HT_OK) {
        json_t *nobody = ht_peers_nobody();
        if (question != NULL) free_question(question);
        done(user, nobody);
        json_decref(nobody);
        return;
    }
    question->peers = peers;
    question->number = ++peers->number;
    question->done = done;
    question->user = user;
    question->begun_ms = ht_mono_ms(social->host->clock);
    question->next = peers->questions;
    peers->questions = question;
    size_t i;
    json_t *one;
    json_array_foreach(peers->own, i, one) {
        const char *url = json_string_value(ht_json_member(one, "url"));
        if (url != NULL && json_is_true(ht_json_member(one, "read"))) {
            add_asked(question, url, true);
        }
    }
    json_array_foreach(more, i, one) {
        if (json_is_string(one)) add_asked(question, json_string_value(one), false);
    }
    ht_timer_set(social->host->loop, &question->timer, question->count > 0 ? HT_CLIENT_ASK_MS : 0,
                 ran_out);
    for (i = 0; i < question->count; i++) {
        if (question->asked[i].peer != NULL) ask_one(question, &question->asked[i]);
    }
}

/* --- what comes back -------------------------------------------------------------------------- */

struct taking {
    struct ht_relay_publish publish; /* first */
    struct ht_peers *peers;
};

static void taken(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                  const struct ht_why *why) {
    struct taking *taking = (struct taking *)publish;
    (void)why;
    taking->peers->taking_count--;
    if (err == HT_OK && put == HT_PUT_STORED) taking->peers->new_count++;
    free(taking);
}

/* Only what was asked for is taken; whether it is signed, our relay looks. */
static void take_event(struct ht_question_out *question, struct ht_asked *asked, ht_bytes text) {
    struct ht_event event;
    struct ht_arena arena;
    size_t used;
    if (asked->event_count == HT_PEERS_EVENTS_MAX || text.n > HT_RELAY_MESSAGE_MAX) return;
    ht_arena_init(&arena, HT_EVENT_ARENA(text.n));
    bool is_wanted = ht_event_read_front(&event, &used, &arena, text, NULL) == HT_OK &&
                     ht_filter_matches(&question->filter, &event);
    struct taking *taking = is_wanted ? calloc(1, sizeof *taking) : NULL;
    if (taking != NULL) {
        asked->event_count++;
        asked->peer->event_count++;
        taking->peers = question->peers;
        taking->peers->taking_count++;
        taking->publish =
            (struct ht_relay_publish){.done = taken, .json = event.json, .is_trusted_source = true};
        ht_relay_publish(question->peers->social->relay, &taking->publish);
    }
    ht_arena_fini(&arena);
}

static struct ht_question_out *find_question(struct ht_peer *peer, const char *id,
                                             struct ht_asked **asked) {
    char *end = NULL;
    if (id == NULL || id[0] != 'q') return NULL;
    unsigned long long number = strtoull(id + 1, &end, 10);
    struct ht_question_out *question = peer->peers->questions;
    while (question != NULL && question->number != number) question = question->next;
    for (size_t i = 0; question != NULL && i < question->count; i++) {
        *asked = &question->asked[i];
        if ((*asked)->peer == peer) return question;
    }
    return NULL;
}

static bool begins(const char *text, const char *with) {
    size_t n = strlen(with);
    return strlen(text) >= n && memcmp(text, with, n) == 0;
}

static const char *element(const json_t *message, size_t i) {
    const char *text = json_string_value(json_array_get(message, i));
    return text != NULL ? text : "";
}

static void closed_by_peer(struct ht_question_out *question, struct ht_asked *asked,
                           const char *reason) {
    bool wants_auth = begins(reason, "auth-required");
    bool is_refused = begins(reason, "restricted") || begins(reason, "blocked");
    settle(question, asked,
           wants_auth || is_refused ? (wants_auth ? HT_ASKED_AUTH : HT_ASKED_REFUSED)
                                    : HT_ASKED_NO_ANSWER);
}

/* The event itself is read from the text, so that its bytes stay as they were signed. */
static ht_bytes behind_id(ht_bytes message) {
    size_t commas = 0, at = 0;
    bool is_text = false;
    for (; at < message.n && commas < 2; at++) {
        if (message.p[at] == '"' && (at == 0 || message.p[at - 1] != '\\')) is_text = !is_text;
        if (message.p[at] == ',' && !is_text) commas++;
    }
    while (at < message.n && (message.p[at] == ' ' || message.p[at] == '\n')) at++;
    return ht_bytes_of(message.p + at, message.n - at);
}

static void received(void *user, struct ht_link *link, ht_bytes message) {
    struct ht_peer *peer = user;
    json_t *value = NULL;
    struct ht_asked *asked = NULL;
    (void)link;
    if (ht_json_parse(&value, message, HT_RELAY_MESSAGE_MAX, NULL) != HT_OK) return;
    const char *what = element(value, 0);
    struct ht_question_out *question = find_question(peer, element(value, 1), &asked);
    if (strcmp(what, "OK") == 0) {
        bool is_taken = json_is_true(json_array_get(value, 2));
        peer->sent_state = is_taken ? "taken" : "refused";
        changed(peer->peers);
    } else if (question != NULL && strcmp(what, "EVENT") == 0) {
        take_event(question, asked, behind_id(message));
    } else if (question != NULL && strcmp(what, "EOSE") == 0) {
        settle(question, asked, asked->event_count > 0 ? HT_ASKED_ANSWERED : HT_ASKED_NONE);
    } else if (question != NULL && strcmp(what, "CLOSED") == 0) {
        closed_by_peer(question, asked, element(value, 2));
    }
    json_decref(value);
}

static void closed(void *user, struct ht_link *link, enum ht_err err, const struct ht_why *why) {
    struct ht_peer *peer = user;
    (void)link;
    bool is_unknown = err != HT_OK && why != NULL && why->code != NULL &&
                      strcmp(why->code, "name_not_found") == 0;
    for (struct ht_question_out *q = peer->peers->questions; q != NULL; q = q->next) {
        for (size_t i = 0; i < q->count; i++) {
            if (q->asked[i].peer != peer) continue;
            settle(q, &q->asked[i], is_unknown ? HT_ASKED_UNKNOWN_NAME : HT_ASKED_NO_ANSWER);
        }
    }
    changed(peer->peers);
}

static void opened(void *user, struct ht_link *link) {
    struct ht_peer *peer = user;
    (void)link;
    changed(peer->peers);
}

static const struct ht_link_handler HANDLER = {
    .opened = opened, .received = received, .closed = closed};

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
    return HT_OK;
}

void ht_peers_stop(struct ht_social *social) {
    struct ht_peers *peers = social->relays;
    if (peers == NULL || peers->is_stopped) return;
    peers->is_stopped = true;
    while (peers->questions != NULL) finish(peers->questions);
    while (peers->first != NULL) {
        struct ht_peer *peer = peers->first;
        peers->first = peer->next;
        ht_link_close(peer->link);
        free(peer);
    }
}

void ht_peers_free(struct ht_social *social) {
    if (social->relays == NULL) return;
    ht_peers_stop(social);
    json_decref(social->relays->own);
    free(social->relays);
    social->relays = NULL;
}

void ht_peers_set_own(struct ht_social *social, const json_t *relays) {
    struct ht_peers *peers = social->relays;
    if (peers->is_stopped || json_equal(peers->own, relays)) return;
    json_t *copy = json_deep_copy(relays);
    if (copy == NULL) return;
    json_decref(peers->own);
    peers->own = copy;
    changed(peers);
}

json_t *ht_peers_own(const struct ht_social *social) {
    return json_incref(social->relays->own);
}

json_t *ht_peers_send(struct ht_social *social, ht_bytes event) {
    struct ht_peers *peers = social->relays;
    json_t *sent = json_array(), *one;
    struct ht_buf text;
    ht_buf_init(&text, HT_EVENT_SIZE_MAX + 64);
    enum ht_err err = ht_buf_add_str(&text, "[\"EVENT\",");
    if (err == HT_OK) err = ht_buf_add(&text, event);
    if (err == HT_OK) err = ht_buf_add_str(&text, "]");
    size_t i;
    json_array_foreach(peers->own, i, one) {
        const char *url = json_string_value(ht_json_member(one, "url"));
        struct ht_peer *peer = NULL;
        if (url == NULL || !json_is_true(ht_json_member(one, "write"))) continue;
        enum ht_err opened_err = open_peer(&peer, peers, url, true, NULL);
        const char *state = opened_err == HT_OK ? "sent" : "refused";
        if (err == HT_OK && peer != NULL && ht_link_send(peer->link, ht_buf_view(&text)) != HT_OK) {
            state = "no_answer";
        }
        if (peer != NULL) peer->sent_state = state;
        (void)json_array_append_new(sent, json_pack("{s:s, s:s}", "url", url, "state", state));
    }
    ht_buf_fini(&text);
    return sent;
}
