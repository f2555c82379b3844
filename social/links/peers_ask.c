/* Questions to other relays: who is asked, what they answer, and when that is told. */
#include "social/links/peers_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "social/links/peers_auth.h"
#include "social/links/peers_json.h"
#include "social/links/peers_take.h"

#define STORING_MS 2000 /* for what came to be stored, after all have answered */
#define STORING_STEP_MS 10

static void free_question(struct ht_question_out *question) {
    ht_arena_fini(&question->arena);
    free(question);
}

static void say_close(const struct ht_question_out *question, const struct ht_asked *asked) {
    char text[64];
    int n =
        snprintf(text, sizeof text, "[\"CLOSE\",\"q%llu\"]", (unsigned long long)question->number);
    if (!asked->was_sent || !ht_peer_is_open(asked->peer)) return;
    (void)!ht_link_send(asked->peer->link, ht_bytes_of(text, (size_t)n));
}

static struct ht_peers_page page_of(const struct ht_question_out *question) {
    struct ht_peers_page page = {.is_full = false};
    for (size_t i = 0; i < question->count; i++) {
        const struct ht_asked *asked = &question->asked[i];
        if (asked->event_count < HT_PEERS_PAGE) continue;
        if (!page.is_full || asked->oldest_s > page.until_s) page.until_s = asked->oldest_s;
        page.is_full = true;
    }
    return page;
}

static void tell(const struct ht_question_out *question, json_t *source) {
    const struct ht_peers_page page = page_of(question);
    if (question->paged != NULL) {
        question->paged(question->user, source, &page);
    } else {
        question->done(question->user, source);
    }
}

static void finish(struct ht_question_out *question) {
    struct ht_peers *peers = question->peers;
    struct ht_question_out **at = &peers->questions;
    while (*at != question) at = &(*at)->next;
    *at = question->next;
    ht_timer_cancel(&question->timer);
    for (size_t i = 0; i < question->count; i++) {
        struct ht_asked *asked = &question->asked[i];
        if (asked->state == HT_ASKED_WAITING && asked->wants_auth) asked->state = HT_ASKED_AUTH;
        if (asked->peer == NULL) continue;
        asked->peer->waiting--;
        say_close(question, asked);
    }
    json_t *source = ht_peers_source(question);
    tell(question, source);
    json_decref(source);
    free_question(question);
    ht_peers_changed(peers);
}

/* What came is looked for in the store afterwards, so it has to be there. */
static void ran_out(struct ht_timer *timer) {
    struct ht_question_out *question =
        (struct ht_question_out *)(void *)((char *)timer - offsetof(struct ht_question_out, timer));
    const struct ht_peers *peers = question->peers;
    bool has_time = ht_peers_mono_ms(peers) < question->begun_ms + HT_CLIENT_ASK_MS + STORING_MS;
    if (peers->taking_count > 0 && has_time) {
        ht_timer_set(peers->social->host->loop, &question->timer, STORING_STEP_MS, ran_out);
        return;
    }
    finish(question);
}

static void settle(struct ht_question_out *question, struct ht_asked *asked,
                   enum ht_asked_state state) {
    if (asked->state != HT_ASKED_WAITING) return;
    struct ht_loop *loop = question->peers->social->host->loop;
    int64_t passed_ms = ht_peers_mono_ms(question->peers) - question->begun_ms;
    asked->state = state;
    asked->ms = passed_ms;
    bool is_whole = true;
    for (size_t i = 0; i < question->count; i++) {
        if (question->asked[i].state == HT_ASKED_WAITING) is_whole = false;
    }
    int64_t left_ms = is_whole || passed_ms > HT_CLIENT_ASK_MS ? 0 : HT_CLIENT_ASK_MS - passed_ms;
    ht_timer_set(loop, &question->timer, left_ms, ran_out);
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
    struct ht_peer *peer = NULL;
    struct ht_why why = {.code = ""};
    if (question->count == HT_CLIENT_RELAYS_MAX || ht_link_url(name, url, NULL) != HT_OK) return;
    for (size_t i = 0; i < question->count; i++) {
        if (strcmp(question->asked[i].url, name) == 0) return;
    }
    enum ht_err err = ht_peers_open(&peer, question->peers, name, is_own, &why);
    if (err != HT_OK && strcmp(why.code, "own_door") == 0) return;
    struct ht_asked *asked = &question->asked[question->count++];
    memcpy(asked->url, name, sizeof asked->url);
    if (err != HT_OK || peer->is_flooding) {
        asked->state = HT_ASKED_REFUSED;
        return;
    }
    asked->peer = peer;
    peer->waiting++;
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

static void add_all(struct ht_question_out *question, const json_t *more) {
    size_t i;
    json_t *one;
    json_array_foreach(question->peers->own, i, one) {
        const char *url = json_string_value(ht_json_member(one, "url"));
        bool is_read = json_is_true(ht_json_member(one, "read"));
        if (url != NULL && is_read) add_asked(question, url, true);
    }
    for (struct ht_peer *peer = question->peers->first, *next; peer != NULL; peer = next) {
        next = peer->next;
        if (peer->is_proven) add_asked(question, ht_link_name(peer->link), true);
    }
    json_array_foreach(more, i, one) {
        if (json_is_string(one)) add_asked(question, json_string_value(one), false);
    }
}

/* like: whom to tell. */
static void begin(struct ht_social *social, const struct ht_question_out *like,
                  const json_t *filter, const json_t *more) {
    struct ht_peers *peers = social->relays;
    struct ht_question_out *question = malloc(sizeof *question);
    if (question != NULL) *question = *like;
    if (question == NULL || peers->is_stopped || read_filter(question, filter) != HT_OK) {
        json_t *nobody = ht_peers_nobody();
        if (question != NULL) free_question(question);
        tell(like, nobody);
        json_decref(nobody);
        return;
    }
    question->peers = peers;
    question->number = ++peers->number;
    question->begun_ms = ht_peers_mono_ms(peers);
    question->next = peers->questions;
    peers->questions = question;
    add_all(question, more);
    ht_timer_set(social->host->loop, &question->timer, question->count > 0 ? HT_CLIENT_ASK_MS : 0,
                 ran_out);
    for (size_t i = 0; i < question->count; i++) {
        if (question->asked[i].peer != NULL) ask_one(question, &question->asked[i]);
    }
}

void ht_peers_ask(struct ht_social *social, const json_t *filter, const json_t *more,
                  void (*done)(void *user, json_t *source), void *user) {
    const struct ht_question_out like = {.done = done, .user = user};
    begin(social, &like, filter, more);
}

void ht_peers_ask_page(struct ht_social *social, const json_t *filter, const json_t *more,
                       void (*done)(void *user, json_t *source, const struct ht_peers_page *page),
                       void *user) {
    const struct ht_question_out like = {.paged = done, .user = user};
    begin(social, &like, filter, more);
}

/* --- what comes back -------------------------------------------------------------------------- */

static struct ht_asked *find_in(struct ht_question_out *question, const struct ht_peer *peer) {
    for (size_t i = 0; i < question->count; i++) {
        if (question->asked[i].peer == peer) return &question->asked[i];
    }
    return NULL;
}

static struct ht_question_out *find_question(struct ht_peer *peer, const char *id,
                                             struct ht_asked **asked) {
    char *end = NULL;
    if (id[0] != 'q') return NULL;
    unsigned long long number = strtoull(id + 1, &end, 10);
    struct ht_question_out *question = peer->peers->questions;
    while (question != NULL && question->number != number) question = question->next;
    *asked = question != NULL ? find_in(question, peer) : NULL;
    return *asked != NULL ? question : NULL;
}

void ht_peers_ask_event(struct ht_peer *peer, const char *id, ht_bytes event) {
    struct ht_asked *asked = NULL;
    struct ht_question_out *question = find_question(peer, id, &asked);
    if (question == NULL || asked->event_count == HT_PEERS_EVENTS_MAX) return;
    int64_t created_at = 0;
    if (!ht_peers_take_at(&created_at, peer, event, &question->filter, 1)) return;
    if (asked->event_count == 0 || created_at < asked->oldest_s) asked->oldest_s = created_at;
    asked->event_count++;
}

void ht_peers_ask_eose(struct ht_peer *peer, const char *id) {
    struct ht_asked *asked = NULL;
    struct ht_question_out *question = find_question(peer, id, &asked);
    if (question == NULL) return;
    settle(question, asked, asked->event_count > 0 ? HT_ASKED_ANSWERED : HT_ASKED_NONE);
}

static void repeat(struct ht_question_out *question, struct ht_asked *asked) {
    asked->wants_auth = false;
    asked->is_repeated = true;
    ask_one(question, asked);
}

void ht_peers_ask_closed(struct ht_peer *peer, const char *id, const char *reason) {
    struct ht_asked *asked = NULL;
    struct ht_question_out *question = find_question(peer, id, &asked);
    if (question == NULL || asked->state != HT_ASKED_WAITING) return;
    ht_peer_reason(peer, reason);
    bool is_auth = ht_peers_begins(reason, "auth-required");
    bool is_refused = ht_peers_begins(reason, "restricted") || ht_peers_begins(reason, "blocked");
    if (is_auth && !asked->is_repeated && peer->auth == HT_PEER_AUTH_DONE) {
        repeat(question, asked);
    } else if (is_auth && !asked->is_repeated && ht_peers_auth_may_come(peer) &&
               peer->auth != HT_PEER_AUTH_LOCKED) {
        asked->wants_auth = true;
    } else if (is_auth) {
        settle(question, asked, HT_ASKED_AUTH);
    } else {
        settle(question, asked, is_refused ? HT_ASKED_REFUSED : HT_ASKED_NO_ANSWER);
    }
}

void ht_peers_ask_authed(struct ht_peer *peer, bool is_in) {
    for (struct ht_question_out *q = peer->peers->questions; q != NULL; q = q->next) {
        struct ht_asked *asked = find_in(q, peer);
        if (asked == NULL || !asked->wants_auth) continue;
        if (is_in) {
            repeat(q, asked);
        } else {
            settle(q, asked, HT_ASKED_AUTH);
        }
    }
}

void ht_peers_ask_lost(struct ht_peer *peer, bool is_unknown_name) {
    for (struct ht_question_out *q = peer->peers->questions; q != NULL; q = q->next) {
        struct ht_asked *asked = find_in(q, peer);
        if (asked == NULL) continue;
        settle(q, asked, is_unknown_name ? HT_ASKED_UNKNOWN_NAME : HT_ASKED_NO_ANSWER);
    }
}

void ht_peers_ask_forget(struct ht_peer *peer) {
    for (struct ht_question_out *q = peer->peers->questions; q != NULL; q = q->next) {
        struct ht_asked *asked = find_in(q, peer);
        if (asked == NULL) continue;
        settle(q, asked, HT_ASKED_NO_ANSWER);
        asked->peer = NULL;
    }
}

void ht_peers_ask_stop(struct ht_peers *peers) {
    while (peers->questions != NULL) finish(peers->questions);
}
