/* Catch-up with the owner's relays: the filters that are subscribed to, one after the other. */
#include "social/links/peers_catchup.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "node/nostr/event_read.h"
#include "node/p2p/catchup.h"
#include "node/p2p/scope.h"
#include "social/feed/look.h"
#include "social/links/peers_live.h"
#include "social/links/peers_live_set.h"
#include "social/links/peers_take.h"
#include "social/mesh/neg_trees.h"

#define FIRST_MS 1000 /* after the connection: what is new comes first */
#define TICK_MS 250
#define WAIT_MS 3000 /* for trees that are all in use */
#define RETRY_MS 120000
#define OFFERS_MAX 100U /* that are read at once */
#define QUEUE_MAX 100U  /* a relay that is slow to take is not given more */
#define FILTER_ARENA HT_FILTER_ARENA((size_t)40000) /* of HT_LIVE_CHUNK authors */

enum state { IDLE, COMPARING, FETCHING, DONE, FAILED };
static const char *const STATES[] = {"idle", "comparing", "fetching", "done", "failed"};

struct ht_peer_catching {
    struct ht_peer *peer;
    struct ht_timer timer;
    struct ht_neg_ask ask; /* while is_asking */
    struct ht_neg_tree *held;
    struct ht_catchup *core;
    struct ht_arena arena; /* of the filter, while json is there */
    struct ht_filter filter;
    json_t *json;
    bool is_asking, is_again, offers, is_lost;
    unsigned next; /* of the filters */
    int64_t begun_s, at_s;
    enum state state;
    const char *code; /* of a failure; a literal */
    struct ht_catchup_counts counts;
    ht_hash32 wanted[OFFERS_MAX];
    size_t wanted_count;
};

static void tick(struct ht_timer *timer);

static void set_timer(struct ht_peer_catching *catching, int64_t ms) {
    ht_timer_set(catching->peer->peers->social->host->loop, &catching->timer, ms, tick);
}

/* --- what the relay lacks --------------------------------------------------------------------- */

struct offering {
    uint64_t serial; /* of the relay */
    ht_hash32 ids[OFFERS_MAX];
    size_t count;
    json_t *texts;
};

static void end_offering(void *user) {
    struct offering *offering = user;
    json_decref(offering->texts);
    free(offering);
}

static void add_text(json_t *texts, const json_t *one, int64_t now_s) {
    struct ht_arena arena;
    struct ht_event event;
    struct ht_buf text;
    ht_buf_init(&text, HT_EVENT_SIZE_MAX);
    if (ht_json_dump_compact(&text, one) == HT_OK) {
        ht_arena_init(&arena, HT_EVENT_ARENA(text.n));
        bool may_go = ht_event_read(&event, &arena, ht_buf_view(&text), NULL) == HT_OK &&
                      ht_scope_is_gossiped(&event, now_s);
        if (may_go) (void)json_array_append_new(texts, json_stringn((char *)text.p, text.n));
        ht_arena_fini(&arena);
    }
    ht_buf_fini(&text);
}

static enum ht_err read_offers(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct offering *offering = task->user;
    const struct ht_look look = {
        .ids = offering->ids, .id_count = offering->count, .has_ids = true, .limit = OFFERS_MAX};
    json_t *list = NULL, *one;
    size_t i;
    (void)db;
    offering->texts = json_array();
    enum ht_err err = ht_look_events(&list, NULL, task, &look, why);
    if (err != HT_OK) return err;
    json_array_foreach(list, i, one) add_text(offering->texts, one, task->now_s);
    json_decref(list);
    return HT_OK;
}

static void told(void *user, json_t *sent) {
    (void)user, (void)sent;
}

static void got_offers(struct ht_task *task) {
    const struct offering *offering = task->user;
    struct ht_social *social = task->social;
    struct ht_peer *peer = social->is_stopped ? NULL : social->relays->first;
    while (peer != NULL && peer->serial != offering->serial) peer = peer->next;
    json_t *urls = peer != NULL ? json_pack("[s]", ht_link_name(peer->link)) : NULL, *text;
    size_t i;
    json_array_foreach(offering->texts, i, text) {
        if (urls == NULL) break;
        ht_bytes event = ht_bytes_of(json_string_value(text), json_string_length(text));
        ht_peers_send_to(social, event, urls, told, NULL);
    }
    json_decref(urls);
    ht_task_end(task, HT_OK, NULL);
}

static void flush(struct ht_peer_catching *catching) {
    struct ht_peer *peer = catching->peer;
    if (catching->wanted_count == 0 || peer->queue_count >= QUEUE_MAX) return;
    struct offering *offering = calloc(1, sizeof *offering);
    struct ht_task *task = offering != NULL ? ht_task_new(peer->peers->social, NULL, NULL) : NULL;
    if (task == NULL) {
        free(offering);
        return;
    }
    offering->serial = peer->serial;
    offering->count = catching->wanted_count;
    memcpy(offering->ids, catching->wanted, catching->wanted_count * sizeof *offering->ids);
    catching->wanted_count = 0;
    task->user = offering;
    task->free_user = end_offering;
    ht_task_look(task, read_offers, got_offers);
}

/* What finds no room is found again with the next round. */
static void offer(void *user, const ht_hash32 *id) {
    struct ht_peer_catching *catching = user;
    if (catching->wanted_count == OFFERS_MAX) flush(catching);
    if (catching->wanted_count == OFFERS_MAX) return;
    catching->wanted[catching->wanted_count++] = *id;
}

/* --- a filter --------------------------------------------------------------------------------- */

static bool send_text(void *user, ht_bytes text) {
    const struct ht_peer_catching *catching = user;
    return ht_link_send(catching->peer->link, text) == HT_OK;
}

static void take(void *user, ht_bytes json) {
    struct ht_peer_catching *catching = user;
    catching->state = FETCHING;
    (void)ht_peers_take(catching->peer, json, &catching->filter, 1);
}

static void add_counts(struct ht_peer_catching *catching) {
    if (catching->core == NULL) return;
    struct ht_catchup_counts counts = ht_catchup_counts(catching->core);
    catching->counts.needed += counts.needed;
    catching->counts.taken += counts.taken;
    catching->counts.offered += counts.offered;
    catching->counts.has_neg = catching->counts.has_neg || counts.has_neg;
}

static void let_go(struct ht_peer_catching *catching) {
    struct ht_social *social = catching->peer->peers->social;
    if (catching->is_asking) {
        ht_neg_trees_forget(ht_relay_neg_trees(social->relay), &catching->ask);
    }
    catching->is_asking = false;
    add_counts(catching);
    ht_catchup_free(catching->core);
    catching->core = NULL;
    if (catching->held != NULL) ht_neg_tree_release(catching->held);
    catching->held = NULL;
    if (catching->json == NULL) return;
    json_decref(catching->json);
    catching->json = NULL;
    ht_arena_fini(&catching->arena);
}

static int64_t next_ms(const struct ht_peer_catching *catching) {
    const int64_t third = HT_CATCHUP_EVERY_MS / 3;
    const struct ht_random *random = catching->peer->peers->social->host->random;
    return HT_CATCHUP_EVERY_MS - third / 2 + (int64_t)ht_random_below(random, (uint64_t)third);
}

static void end_round(struct ht_peer_catching *catching, enum state state, const char *code,
                      int64_t wait_ms) {
    struct ht_peer *peer = catching->peer;
    catching->state = state;
    catching->code = code;
    catching->next = 0;
    catching->at_s = ht_social_now_s(peer->peers->social);
    if (state == DONE) peer->caught_s = catching->begun_s;
    set_timer(catching, catching->is_again ? FIRST_MS : wait_ms);
    catching->is_again = false;
    ht_peers_changed(peer->peers);
}

static void done(void *user, enum ht_err err, const struct ht_why *why) {
    struct ht_peer_catching *catching = user;
    const char *code = why != NULL && why->code != NULL ? why->code : "error";
    flush(catching);
    let_go(catching);
    if (catching->is_lost) return;
    if (err == HT_OK) {
        set_timer(catching, 0);
    } else {
        /* Signing in begins it again. */
        end_round(catching, FAILED, code, err == HT_EDENIED ? next_ms(catching) : RETRY_MS);
    }
}

/* Where the relay has no NIP-77: not all that there is, every time. */
static int64_t plain_since(const struct ht_peer *peer, int64_t now_s) {
    const struct ht_live *live = peer->peers->live;
    int64_t from_s = now_s - HT_LIVE_NEW_S;
    if (live != NULL && live->newest_s > 0) from_s = live->newest_s - HT_LIVE_FIRST_S;
    if (peer->caught_s > 0) from_s = peer->caught_s - HT_LIVE_MARGIN_S;
    return from_s > now_s - HT_PEERS_PLAIN_S ? from_s : now_s - HT_PEERS_PLAIN_S;
}

static void got_tree(struct ht_neg_ask *ask, struct ht_neg_tree *held, enum ht_err err,
                     const struct ht_why *why) {
    struct ht_peer_catching *catching =
        (struct ht_peer_catching *)(void *)((char *)ask - offsetof(struct ht_peer_catching, ask));
    const struct ht_social *social = catching->peer->peers->social;
    struct ht_why reason = {.code = "error"};
    catching->is_asking = false;
    if (held == NULL) {
        const char *code = why != NULL && why->code != NULL ? why->code : "error";
        let_go(catching);
        end_round(catching, FAILED, code, err == HT_EAGAIN ? WAIT_MS : RETRY_MS);
        return;
    }
    catching->held = held;
    const struct ht_catchup_options options = {
        .clock = social->host->clock,
        .name = "catchup",
        .filter = catching->json,
        .ours = ht_neg_tree_of(held),
        .offers = catching->offers,
        .plain_since_s = plain_since(catching->peer, ht_social_now_s(social)),
        .io = {.send = send_text, .take = take, .offer = offer, .done = done, .user = catching}};
    if (ht_catchup_new(&catching->core, &options, &reason) != HT_OK) {
        let_go(catching);
        end_round(catching, FAILED, reason.code, RETRY_MS);
        return;
    }
    ht_catchup_begin(catching->core);
    if (catching->core != NULL) set_timer(catching, TICK_MS);
}

/* --- a round ---------------------------------------------------------------------------------- */

static bool is_for_writing(const struct ht_peer *peer) {
    size_t i;
    json_t *one;
    json_array_foreach(peer->peers->own, i, one) {
        char url[HT_LINK_URL_SIZE];
        const char *text = json_string_value(ht_json_member(one, "url"));
        bool is_it = text != NULL && ht_link_url(url, text, NULL) == HT_OK &&
                     strcmp(url, ht_link_name(peer->link)) == 0;
        if (is_it) return json_is_true(ht_json_member(one, "write"));
    }
    return false;
}

/* The next of the subscribed filters that are of authors. */
static const struct ht_live_filter *next_filter(struct ht_peer_catching *catching) {
    const struct ht_live *live = catching->peer->peers->live;
    for (; live != NULL && catching->next < live->sub_count * HT_LIVE_FILTERS; catching->next++) {
        const struct ht_live_sub *sub = &live->subs[catching->next / HT_LIVE_FILTERS];
        size_t k = catching->next % HT_LIVE_FILTERS;
        if (k >= sub->count || sub->filters[k].since != HT_LIVE_SINCE_SEEN) continue;
        if (!sub->filters[k].filter.has_authors) continue;
        catching->next++;
        return &sub->filters[k];
    }
    return NULL;
}

static void begin_filter(struct ht_peer_catching *catching) {
    const struct ht_peer *peer = catching->peer;
    struct ht_social *social = peer->peers->social;
    struct ht_neg_trees *trees = ht_relay_neg_trees(social->relay);
    bool is_first = catching->next == 0;
    const struct ht_live_filter *filter = next_filter(catching);
    if (is_first) {
        catching->counts = (struct ht_catchup_counts){0};
        catching->begun_s = ht_social_now_s(social);
    }
    if (filter == NULL || trees == NULL) {
        bool is_none = is_first || trees == NULL;
        end_round(catching, is_none ? IDLE : DONE, NULL, next_ms(catching));
        return;
    }
    struct ht_why why = {.code = "no_memory"};
    const ht_hash32 *owner = &peer->peers->live->owner;
    bool is_owners =
        filter->filter.author_count == 1 && ht_hash32_equal(&filter->filter.authors[0], owner);
    catching->offers = is_owners && is_for_writing(peer);
    catching->json = json_incref(filter->object);
    catching->state = COMPARING;
    catching->code = NULL;
    ht_arena_init(&catching->arena, FILTER_ARENA);
    if (ht_filter_read(&catching->filter, &catching->arena, catching->json, &why) != HT_OK) {
        let_go(catching);
        end_round(catching, FAILED, why.code, RETRY_MS);
        return;
    }
    catching->is_asking = true;
    catching->ask.done = got_tree;
    ht_neg_trees_get(trees, &catching->ask, &catching->filter);
}

static void tick(struct ht_timer *timer) {
    struct ht_peer_catching *catching =
        (struct ht_peer_catching *)(void *)((char *)timer -
                                            offsetof(struct ht_peer_catching, timer));
    flush(catching);
    if (catching->core != NULL) {
        set_timer(catching, TICK_MS);
        ht_catchup_drained(catching->core);
        if (catching->core != NULL) (void)ht_catchup_tick(catching->core);
    } else if (!catching->is_asking) {
        begin_filter(catching);
    }
}

/* --- when ------------------------------------------------------------------------------------- */

void ht_peers_catchup_opened(struct ht_peer *peer) {
    if (!peer->is_own || !peer->is_kept || peer->tap != NULL || peer->catching != NULL) return;
    struct ht_peer_catching *catching = calloc(1, sizeof *catching);
    if (catching == NULL) return;
    catching->peer = peer;
    peer->catching = catching;
    set_timer(catching, FIRST_MS);
}

void ht_peers_catchup_again(struct ht_peer *peer) {
    struct ht_peer_catching *catching = peer->catching;
    if (catching == NULL) return;
    bool is_under_way = catching->core != NULL || catching->is_asking || catching->next != 0;
    if (is_under_way) {
        catching->is_again = true;
    } else {
        set_timer(catching, FIRST_MS);
    }
}

bool ht_peers_catchup_received(struct ht_peer *peer, ht_bytes text) {
    const struct ht_peer_catching *catching = peer->catching;
    return catching != NULL && catching->core != NULL && ht_catchup_received(catching->core, text);
}

void ht_peers_catchup_lost(struct ht_peer *peer) {
    struct ht_peer_catching *catching = peer->catching;
    if (catching == NULL) return;
    ht_timer_cancel(&catching->timer);
    catching->is_lost = true;
    let_go(catching);
    peer->catching = NULL;
    free(catching);
}

json_t *ht_peers_catchup_json(const struct ht_peer *peer) {
    const struct ht_peer_catching *catching = peer->catching;
    if (catching == NULL) return json_null();
    struct ht_catchup_counts counts = catching->counts;
    return json_pack("{s:s, s:I, s:I, s:I, s:b, s:o, s:s?}", "state", STATES[catching->state],
                     "needed", (json_int_t)counts.needed, "taken", (json_int_t)counts.taken,
                     "offered", (json_int_t)counts.offered, "has_neg", (int)counts.has_neg, "at_s",
                     catching->at_s > 0 ? json_integer(catching->at_s) : json_null(), "code",
                     catching->code);
}
