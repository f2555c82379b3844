/* Catch-up with the relays of peers. */
#include "social/mesh/mesh_catchup.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "social/mesh/mesh_events.h"
#include "social/mesh/mesh_keep.h"
#include "social/mesh/mesh_links.h"
#include "social/mesh/neg_trees.h"
#include "social/relay/sets.h"

#define TICK_MS 250
#define FIRST_MS 300    /* after a link came up */
#define HURRY_MS 1500   /* after the scope has changed */
#define RETRY_MS 120000 /* after a failure */
#define AUTHORS_MAX 1000U
#define OWNERS_MAX 64U
#define OFFERS_A_SECOND 100U
#define OFFERS_MAX 128U /* that are read at once */

enum state { IDLE, COMPARING, FETCHING, DONE, FAILED };
static const char *const STATES[] = {"idle", "comparing", "fetching", "done", "failed"};

struct ht_mesh_catching {
    struct ht_mesh_conn *conn;
    struct ht_neg_ask ask; /* while is_asking */
    struct ht_neg_tree *held;
    struct ht_catchup *core;
    json_t *filter;
    bool is_asking, is_marked;
    size_t from, next; /* of the authors: this round's, and where the next begins */
    int64_t due_ms;    /* monotonic */
    int64_t at_s;      /* when the last one ended; 0: none has */
    enum state state;
    const char *code; /* of a failure; a literal */
    struct ht_catchup_counts counts;
    const struct ht_scope *theirs; /* as it was; only compared */
    ht_hash32 offers[OFFERS_MAX];
    size_t offer_count;
};

/* --- offering --------------------------------------------------------------------------------- */

static void offer_found(struct ht_mesh_reading *reading) {
    struct ht_mesh_conn *conn = ht_mesh_conn_find(reading->service, reading->conn);
    size_t from = 0, n = 0;
    if (conn == NULL || !ht_mesh_conn_is_up(conn)) return;
    for (size_t i = 0; i < reading->found_count; i++) {
        struct ht_buf text;
        memcpy(&n, reading->ends.p + i * sizeof n, sizeof n);
        ht_buf_init(&text, HT_EVENT_SIZE_MAX + 64);
        enum ht_err err = ht_buf_add_str(&text, "[\"EVENT\",");
        if (err == HT_OK) {
            err = ht_buf_add(&text, ht_bytes_of(reading->all.p + from, n - from));
        }
        if (err == HT_OK) err = ht_buf_add_str(&text, "]");
        bool is_sent = err == HT_OK && ht_mesh_send(reading->service, conn, ht_buf_view(&text));
        if (is_sent) ht_mesh_link_sent(conn->link, text.n);
        ht_buf_fini(&text);
        /* The rest is found again with the next round. */
        if (!is_sent) return;
        from = n;
    }
}

static void flush(struct ht_mesh_catching *catching) {
    if (catching->offer_count == 0) return;
    (void)ht_mesh_events_read(catching->conn, catching->offers, catching->offer_count, offer_found);
    catching->offer_count = 0;
}

static void offer(void *user, const ht_hash32 *id) {
    struct ht_mesh_catching *catching = user;
    const struct ht_mesh_conn *conn = catching->conn;
    /* By gossip, meanwhile. */
    if (!ht_mesh_conn_is_up(conn)) return;
    if (ht_gossip_peer_knows(ht_mesh_link_gossip(conn->link), id)) return;
    catching->offers[catching->offer_count++] = *id;
    if (catching->offer_count == OFFERS_MAX) flush(catching);
}

/* --- a round ---------------------------------------------------------------------------------- */

static bool send_text(void *user, ht_bytes text) {
    const struct ht_mesh_catching *catching = user;
    struct ht_mesh_conn *conn = catching->conn;
    bool is_sent = ht_mesh_send(conn->service, conn, text);
    if (is_sent && conn->link != NULL) ht_mesh_link_sent(conn->link, text.n);
    return is_sent;
}

static void take(void *user, ht_bytes json) {
    struct ht_mesh_catching *catching = user;
    catching->state = FETCHING;
    ht_mesh_events_take(catching->conn, json);
}

static void let_go(struct ht_mesh_catching *catching) {
    if (catching->is_asking) {
        struct ht_social *social = catching->conn->service->social;
        ht_neg_trees_forget(ht_relay_neg_trees(social->relay), &catching->ask);
    }
    catching->is_asking = false;
    if (catching->core != NULL) catching->counts = ht_catchup_counts(catching->core);
    ht_catchup_free(catching->core);
    catching->core = NULL;
    if (catching->held != NULL) ht_neg_tree_release(catching->held);
    catching->held = NULL;
    json_decref(catching->filter);
    catching->filter = NULL;
}

static int64_t next_ms(const struct ht_mesh_service *service) {
    const int64_t third = HT_CATCHUP_EVERY_MS / 3;
    const struct ht_random *random = service->social->host->random;
    return HT_CATCHUP_EVERY_MS - third / 2 + (int64_t)ht_random_below(random, (uint64_t)third);
}

static void keep_mark(struct ht_mesh_catching *catching, bool is_done) {
    struct ht_mesh_conn *conn = catching->conn;
    struct ht_mesh_mark *mark = &conn->mark;
    if (!conn->has_mark) *mark = (struct ht_mesh_mark){0};
    conn->has_mark = true;
    mark->node = conn->node;
    mark->catchup = is_done || catching->core == NULL ? (struct ht_catchup_mark){0}
                                                      : ht_catchup_mark(catching->core);
    if (is_done) mark->catchup_s = catching->at_s;
    ht_mesh_keep_mark(conn->service, mark);
}

static void done(void *user, enum ht_err err, const struct ht_why *why) {
    struct ht_mesh_catching *catching = user;
    struct ht_mesh_service *service = catching->conn->service;
    int64_t now_ms = ht_mesh_now_ms(service);
    bool is_more = err == HT_OK && catching->next != 0;
    flush(catching);
    catching->at_s = ht_social_now_s(service->social);
    catching->state = err == HT_OK ? DONE : FAILED;
    catching->code = err == HT_OK ? NULL : why != NULL && why->code != NULL ? why->code : "error";
    catching->due_ms = now_ms + (is_more ? 0 : err == HT_OK ? next_ms(service) : RETRY_MS);
    keep_mark(catching, err == HT_OK && !is_more);
    let_go(catching);
    ht_mesh_changed(service);
}

static void fail(struct ht_mesh_catching *catching, enum ht_err err, const struct ht_why *why) {
    done(catching, err != HT_OK ? err : HT_ENOMEM, why);
}

static void got_tree(struct ht_neg_ask *ask, struct ht_neg_tree *held, enum ht_err err,
                     const struct ht_why *why) {
    struct ht_mesh_catching *catching =
        (struct ht_mesh_catching *)(void *)((char *)ask - offsetof(struct ht_mesh_catching, ask));
    struct ht_why reason = {0};
    catching->is_asking = false;
    if (held == NULL) {
        fail(catching, err, why);
        return;
    }
    catching->held = held;
    const struct ht_catchup_options options = {
        .clock = catching->conn->service->social->host->clock,
        .name = "mesh",
        .filter = catching->filter,
        .ours = ht_neg_tree_of(held),
        .offers = true,
        .offers_a_second = OFFERS_A_SECOND,
        .from = catching->from == 0 ? catching->conn->mark.catchup : (struct ht_catchup_mark){0},
        .io = {.send = send_text, .take = take, .offer = offer, .done = done, .user = catching}};
    err = ht_catchup_new(&catching->core, &options, &reason);
    if (err != HT_OK) {
        fail(catching, err, &reason);
        return;
    }
    ht_catchup_begin(catching->core);
}

/* Authors that both carry, from a place of our list on; 0 when there are none. */
static size_t add_authors(json_t *list, struct ht_mesh_catching *catching) {
    const struct ht_mesh_service *service = catching->conn->service;
    const struct ht_scope *theirs = ht_mesh_link_scope(catching->conn->link);
    ht_hash32 owners[OWNERS_MAX];
    size_t at = catching->from;
    size_t owner_count = at == 0 ? ht_sets_owners(service->social, owners, OWNERS_MAX) : 0;
    for (size_t i = 0; i < owner_count && i < OWNERS_MAX; i++) {
        if (ht_scope_has_author(theirs, &owners[i])) {
            (void)json_array_append_new(list, ht_task_hex_json(&owners[i]));
        }
    }
    for (; at < service->author_count && json_array_size(list) < AUTHORS_MAX; at++) {
        if (ht_scope_has_author(theirs, &service->authors[at])) {
            (void)json_array_append_new(list, ht_task_hex_json(&service->authors[at]));
        }
    }
    catching->next = at < service->author_count ? at : 0;
    return json_array_size(list);
}

static void begin_round(struct ht_mesh_catching *catching) {
    struct ht_social *social = catching->conn->service->social;
    struct ht_neg_trees *trees = ht_relay_neg_trees(social->relay);
    struct ht_arena arena;
    struct ht_filter filter;
    struct ht_why why = {.code = "no_memory"};
    catching->from = catching->next;
    catching->counts = (struct ht_catchup_counts){0};
    catching->code = NULL;
    catching->filter = json_pack("{s:[]}", "authors");
    if (catching->filter == NULL || trees == NULL ||
        add_authors(json_object_get(catching->filter, "authors"), catching) == 0) {
        done(catching, HT_OK, NULL);
        return;
    }
    ht_arena_init(&arena, HT_FILTER_ARENA((size_t)AUTHORS_MAX * 80));
    enum ht_err err = ht_filter_read(&filter, &arena, catching->filter, &why);
    if (err == HT_OK) {
        catching->state = COMPARING;
        catching->is_asking = true;
        catching->ask.done = got_tree;
        ht_neg_trees_get(trees, &catching->ask, &filter);
    }
    ht_arena_fini(&arena);
    if (err != HT_OK) fail(catching, err, &why);
}

/* --- when ------------------------------------------------------------------------------------- */

struct marking {
    struct ht_mesh_service *service;
    uint64_t conn;
    struct ht_mesh_mark mark;
};

static enum ht_err read_mark(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct marking *marking = task->user;
    return ht_mesh_sql_mark(&marking->mark, db, &marking->mark.node, why);
}

static void got_mark(struct ht_task *task) {
    const struct marking *marking = task->user;
    struct ht_mesh_conn *conn = ht_mesh_conn_find(marking->service, marking->conn);
    if (conn != NULL && !conn->has_mark) {
        conn->mark = marking->mark;
        conn->has_mark = true;
    }
    ht_task_end(task, HT_OK, NULL);
}

static void load_mark(const struct ht_mesh_conn *conn) {
    struct marking *marking = calloc(1, sizeof *marking);
    struct ht_task *task = marking != NULL ? ht_task_new(conn->service->social, NULL, NULL) : NULL;
    if (task == NULL) {
        free(marking);
        return;
    }
    marking->service = conn->service;
    marking->conn = conn->serial;
    marking->mark.node = conn->node;
    task->user = marking;
    task->free_user = free;
    ht_task_look(task, read_mark, got_mark);
}

/* What was written before it said that it carries its author has not gone there. */
static void look_at_scope(struct ht_mesh_catching *catching, int64_t now_ms) {
    const struct ht_scope *theirs = ht_mesh_link_scope(catching->conn->link);
    if (theirs == catching->theirs) return;
    catching->theirs = theirs;
    if (catching->due_ms > now_ms + FIRST_MS) catching->due_ms = now_ms + FIRST_MS;
}

static void look_after(struct ht_mesh_conn *conn, int64_t now_ms) {
    struct ht_mesh_catching *catching = conn->catching;
    if (catching == NULL) {
        catching = calloc(1, sizeof *catching);
        if (catching == NULL) return;
        catching->conn = conn;
        catching->due_ms = now_ms + FIRST_MS;
        conn->catching = catching;
        if (!conn->has_mark) load_mark(conn);
    }
    flush(catching);
    look_at_scope(catching, now_ms);
    if (catching->core != NULL) {
        ht_catchup_drained(catching->core);
        if (catching->core != NULL) (void)ht_catchup_tick(catching->core);
    } else if (!catching->is_asking && now_ms >= catching->due_ms) {
        begin_round(catching);
    }
}

static void tick(struct ht_timer *timer) {
    struct ht_mesh_service *service =
        (struct ht_mesh_service *)(void *)((char *)timer -
                                           offsetof(struct ht_mesh_service, catchup));
    int64_t now_ms = ht_mesh_now_ms(service);
    if (!service->is_running) return;
    for (struct ht_mesh_conn *conn = service->conns, *next; conn != NULL; conn = next) {
        next = conn->next;
        if (conn->is_dialled && conn->was_up && ht_mesh_conn_is_up(conn)) look_after(conn, now_ms);
    }
    ht_timer_set(service->social->host->loop, &service->catchup, TICK_MS, tick);
}

void ht_mesh_catchup_begin(struct ht_mesh_service *service) {
    ht_timer_set(service->social->host->loop, &service->catchup, TICK_MS, tick);
}

void ht_mesh_catchup_hurry(struct ht_mesh_service *service) {
    int64_t due_ms = ht_mesh_now_ms(service) + HURRY_MS;
    for (struct ht_mesh_conn *conn = service->conns; conn != NULL; conn = conn->next) {
        if (conn->catching == NULL) continue;
        if (conn->catching->due_ms > due_ms) conn->catching->due_ms = due_ms;
    }
}

bool ht_mesh_catchup_received(struct ht_mesh_conn *conn, ht_bytes text) {
    return conn->catching != NULL && conn->catching->core != NULL &&
           ht_catchup_received(conn->catching->core, text);
}

void ht_mesh_catchup_down(struct ht_mesh_conn *conn) {
    struct ht_mesh_catching *catching = conn->catching;
    if (catching == NULL) return;
    if (catching->core != NULL) ht_catchup_cut(catching->core);
    let_go(catching);
    conn->catching = NULL;
    free(catching);
}

void ht_mesh_catchup_stop(struct ht_mesh_service *service) {
    ht_timer_cancel(&service->catchup);
    for (struct ht_mesh_conn *conn = service->conns; conn != NULL; conn = conn->next) {
        ht_mesh_catchup_down(conn);
    }
}

json_t *ht_mesh_catchup_json(const struct ht_mesh_conn *conn) {
    const struct ht_mesh_catching *catching = conn != NULL ? conn->catching : NULL;
    struct ht_catchup_counts counts = {0};
    if (catching != NULL) {
        counts = catching->core != NULL ? ht_catchup_counts(catching->core) : catching->counts;
    }
    int64_t at_s = catching != NULL ? catching->at_s : 0;
    return json_pack("{s:s, s:I, s:I, s:I, s:o, s:s?, s:b}", "state",
                     STATES[catching != NULL ? catching->state : IDLE], "needed",
                     (json_int_t)counts.needed, "taken", (json_int_t)counts.taken, "offered",
                     (json_int_t)counts.offered, "at_s",
                     at_s > 0 ? json_integer(at_s) : json_null(), "code",
                     catching != NULL ? catching->code : NULL, "has_neg", (int)counts.has_neg);
}
