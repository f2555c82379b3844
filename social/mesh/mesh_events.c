/* Events between peers and our own relay: what comes goes through its policy, what is new there is
 * told to the mesh, what is wanted is read from the store. */
#include "social/mesh/mesh_events.h"

#include <stdlib.h>

#include "social/mesh/mesh_inbox.h"
#include "social/mesh/mesh_links.h"

#define READ_MAX ((size_t)8 << 20) /* bytes of events that are read at once */
#define SEEN_S (INT64_C(14) * 86400)

/* --- what comes ------------------------------------------------------------------------------- */

struct taking {
    struct ht_relay_publish publish; /* first */
    struct ht_mesh_service *service;
    bool is_gossip;
    uint64_t serial, conn;
    ht_hash32 id;
};

static enum ht_gossip_verdict refused(enum ht_err err, const struct ht_why *why) {
    bool is_rate = why->code != NULL && strcmp(why->code, "rate-limited") == 0;
    switch (err) {
    case HT_EUNVERIFIED:
    case HT_EINPUT:
    case HT_ELIMIT: return HT_GOSSIP_BAD;
    case HT_EDENIED: return is_rate ? HT_GOSSIP_PUT_OFF : HT_GOSSIP_UNWANTED;
    case HT_OK:
    case HT_ENOTFOUND:
    case HT_ESTALE:
    case HT_EAGAIN:
    case HT_ENET:
    case HT_ESTORE:
    case HT_ENOMEM:
    case HT_EBUG: break;
    }
    return HT_GOSSIP_PUT_OFF;
}

static enum ht_gossip_verdict verdict_of(enum ht_err err, enum ht_put put,
                                         const struct ht_why *why) {
    if (err != HT_OK) return refused(err, why);
    switch (put) {
    case HT_PUT_STORED: return HT_GOSSIP_NEW;
    case HT_PUT_QUOTA: return HT_GOSSIP_UNWANTED;
    case HT_PUT_DUPLICATE:
    case HT_PUT_REPLACED:
    case HT_PUT_DELETED:
    case HT_PUT_EXPIRED: break;
    }
    return HT_GOSSIP_KNOWN;
}

/* What is new is told to listeners next, with the event itself: see arrived. */
static void taken(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                  const struct ht_why *why) {
    struct taking *taking = (struct taking *)publish;
    struct ht_mesh_service *service = taking->service;
    static const struct ht_why none = {.code = ""};
    enum ht_gossip_verdict verdict = verdict_of(err, put, why != NULL ? why : &none);
    service->taking_count--;
    if (verdict == HT_GOSSIP_NEW) {
        service->fresh = (struct ht_mesh_fresh){.is_there = true,
                                                .is_gossip = taking->is_gossip,
                                                .id = taking->id,
                                                .serial = taking->serial,
                                                .conn = taking->conn};
    } else if (taking->is_gossip && service->is_running) {
        ht_gossip_taken(ht_mesh_gossip(service->mesh), taking->serial, verdict, NULL);
        ht_mesh_wake(service);
    }
    free(taking);
}

static bool take(struct ht_mesh_service *service, const struct taking *like, ht_bytes json) {
    if (service->taking_count >= HT_MESH_TAKING_MAX || service->social->is_stopped) return false;
    struct taking *taking = malloc(sizeof *taking);
    if (taking == NULL) return false;
    *taking = *like;
    taking->service = service;
    taking->publish = (struct ht_relay_publish){.done = taken, .json = json};
    service->taking_count++;
    ht_relay_publish(service->social->relay, &taking->publish);
    return true;
}

void ht_mesh_events_take_gossip(struct ht_mesh_service *service, uint64_t serial,
                                const struct ht_event *event) {
    const struct taking like = {.is_gossip = true, .serial = serial, .id = event->id};
    if (take(service, &like, event->json)) return;
    ht_gossip_taken(ht_mesh_gossip(service->mesh), serial, HT_GOSSIP_PUT_OFF, NULL);
}

void ht_mesh_events_take(struct ht_mesh_conn *conn, ht_bytes json) {
    struct ht_event event;
    struct ht_arena arena;
    ht_arena_init(&arena, HT_EVENT_ARENA(json.n));
    if (ht_event_read(&event, &arena, json, NULL) == HT_OK) {
        const struct taking like = {.conn = conn->serial, .id = event.id};
        /* What finds no room now is asked for again with the next round. */
        (void)take(conn->service, &like, event.json);
    }
    ht_arena_fini(&arena);
}

/* --- what is new here ------------------------------------------------------------------------- */

static struct ht_gossip_peer *source_of(struct ht_mesh_service *service, uint64_t serial) {
    const struct ht_mesh_conn *conn = serial != 0 ? ht_mesh_conn_find(service, serial) : NULL;
    return conn != NULL && ht_mesh_conn_is_up(conn) ? ht_mesh_link_gossip(conn->link) : NULL;
}

static void arrived(struct ht_relay_listener *listener, const struct ht_event *event) {
    struct ht_mesh_service *service =
        (struct ht_mesh_service *)(void *)((char *)listener -
                                           offsetof(struct ht_mesh_service, listener));
    struct ht_mesh_fresh fresh = service->fresh;
    service->fresh.is_there = false;
    if (!service->is_running) return;
    struct ht_gossip *gossip = ht_mesh_gossip(service->mesh);
    bool is_ours = fresh.is_there && ht_hash32_equal(&fresh.id, &event->id);
    if (is_ours && fresh.is_gossip) {
        ht_gossip_taken(gossip, fresh.serial, HT_GOSSIP_NEW, event);
    } else if (ht_scope_is_gossiped(event, ht_social_now_s(service->social))) {
        ht_gossip_publish(gossip, source_of(service, is_ours ? fresh.conn : 0), event);
    } else {
        ht_mesh_inbox_arrived(service, event, is_ours ? fresh.conn : 0);
    }
    if (event->kind == HT_NODE_RECORD_KIND) {
        /* Strangers' and older ones are nothing to us. */
        (void)!ht_mesh_learn(service->mesh, event, HT_MESH_FOLLOWED, NULL);
    }
    ht_mesh_wake(service);
}

/* --- what is wanted --------------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
    return memcmp(((const ht_hash32 *)a)->b, ((const ht_hash32 *)b)->b, 32);
}

struct visiting {
    struct ht_mesh_reading *reading;
    int64_t now_s;
    ht_hash32 found[HT_GOSSIP_IDS_MAX];
};

static bool may_go(ht_bytes json, int64_t now_s) {
    struct ht_event event;
    struct ht_arena arena;
    ht_arena_init(&arena, HT_EVENT_ARENA(json.n));
    bool may =
        ht_event_read(&event, &arena, json, NULL) == HT_OK && ht_scope_is_gossiped(&event, now_s);
    ht_arena_fini(&arena);
    return may;
}

static bool visit(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                  int64_t created_at, ht_bytes json) {
    struct visiting *visiting = user;
    struct ht_mesh_reading *reading = visiting->reading;
    (void)pubkey, (void)created_at;
    if (ht_policy_is_private_kind(kind) || !may_go(json, visiting->now_s)) return true;
    if (reading->found_count == HT_GOSSIP_IDS_MAX || ht_buf_add(&reading->all, json) != HT_OK) {
        return false;
    }
    ht_bytes end = ht_bytes_of(&reading->all.n, sizeof reading->all.n);
    if (ht_buf_add(&reading->ends, end) != HT_OK) return false;
    visiting->found[reading->found_count++] = *id;
    return true;
}

static enum ht_err read_events(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct ht_mesh_reading *reading = task->user;
    struct visiting visiting = {.reading = reading, .now_s = task->now_s};
    const struct ht_filter filter = {.has_ids = true,
                                     .ids = reading->ids,
                                     .id_count = reading->id_count,
                                     .since = INT64_MIN,
                                     .until = INT64_MAX};
    const struct ht_store_limits limits = {.now_s = task->now_s};
    const struct ht_store_visit visit_each = {.event = visit, .user = &visiting};
    bool is_complete;
    (void)db;
    enum ht_err err =
        ht_store_query(&is_complete, task->store, &filter, 1, &limits, 0, &visit_each, why);
    /* The ids that were not found stay behind those that were. */
    ht_hash32 missing[HT_GOSSIP_IDS_MAX];
    size_t missing_count = 0;
    for (size_t i = 0; i < reading->id_count; i++) {
        bool is_found = false;
        for (size_t k = 0; k < reading->found_count && !is_found; k++) {
            is_found = ht_hash32_equal(&reading->ids[i], &visiting.found[k]);
        }
        if (!is_found) missing[missing_count++] = reading->ids[i];
    }
    memcpy(reading->ids, visiting.found, reading->found_count * sizeof *missing);
    memcpy(reading->ids + reading->found_count, missing, missing_count * sizeof *missing);
    return err;
}

static void end_reading(void *user) {
    struct ht_mesh_reading *reading = user;
    ht_buf_fini(&reading->all);
    ht_buf_fini(&reading->ends);
    free(reading);
}

static void was_read(struct ht_task *task, enum ht_err err, const struct ht_why *why) {
    struct ht_mesh_reading *reading = task->user;
    (void)why;
    if (err != HT_OK) reading->found_count = 0;
    if (!reading->service->social->is_stopped) reading->found(reading);
}

static void end_task(struct ht_task *task) {
    ht_task_end(task, HT_OK, NULL);
}

bool ht_mesh_events_read(struct ht_mesh_conn *conn, const ht_hash32 *ids, size_t count,
                         void (*found)(struct ht_mesh_reading *reading)) {
    if (count > HT_GOSSIP_IDS_MAX) count = HT_GOSSIP_IDS_MAX;
    if (count == 0 || conn->service->social->is_stopped) return false;
    struct ht_mesh_reading *reading = calloc(1, sizeof *reading);
    struct ht_task *task = reading != NULL ? ht_task_new(conn->service->social, NULL, NULL) : NULL;
    if (task == NULL) {
        free(reading);
        return false;
    }
    reading->service = conn->service;
    reading->conn = conn->serial;
    reading->found = found;
    ht_buf_init(&reading->all, READ_MAX);
    ht_buf_init(&reading->ends, HT_GOSSIP_IDS_MAX * sizeof(size_t));
    memcpy(reading->ids, ids, count * sizeof *ids);
    qsort(reading->ids, count, sizeof *reading->ids, compare);
    for (size_t i = 0; i < count; i++) {
        bool is_again = i > 0 && compare(&reading->ids[i], &reading->ids[i - 1]) == 0;
        if (!is_again) reading->ids[reading->id_count++] = reading->ids[i];
    }
    task->user = reading;
    task->free_user = end_reading;
    task->ended = was_read;
    ht_task_look(task, read_events, end_task);
    return true;
}

static void give_found(struct ht_mesh_reading *reading) {
    const struct ht_mesh_conn *conn = ht_mesh_conn_find(reading->service, reading->conn);
    size_t from = 0, n = 0;
    if (conn == NULL || !ht_mesh_conn_is_up(conn)) return;
    for (size_t i = 0; i < reading->found_count; i++) {
        memcpy(&n, reading->ends.p + i * sizeof n, sizeof n);
        if (!ht_mesh_give(conn->link, ht_bytes_of(reading->all.p + from, n - from))) break;
        from = n;
    }
    size_t missing = reading->id_count - reading->found_count;
    if (missing > 0) (void)ht_mesh_gone(conn->link, reading->ids + reading->found_count, missing);
    ht_mesh_wake(reading->service);
}

void ht_mesh_events_give(struct ht_mesh_conn *conn, const ht_hash32 *ids, size_t count) {
    /* The peer asks others, or again. */
    (void)ht_mesh_events_read(conn, ids, count, give_found);
}

/* --- what is here already --------------------------------------------------------------------- */

struct seen {
    struct ht_mesh_service *service;
    struct ht_buf ids; /* newest first */
};

static bool note(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                 int64_t created_at, ht_bytes json) {
    struct seen *seen = user;
    (void)pubkey, (void)created_at, (void)json;
    if (ht_policy_is_private_kind(kind)) return true;
    return ht_buf_add(&seen->ids, HT_BYTES(id->b)) == HT_OK;
}

static enum ht_err read_seen(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    struct seen *seen = task->user;
    const struct ht_filter filter = {.since = task->now_s - SEEN_S, .until = INT64_MAX};
    const struct ht_store_limits limits = {.now_s = task->now_s};
    const struct ht_store_visit visit_each = {.event = note, .user = seen};
    (void)db;
    return ht_store_ids(task->store, &filter, &limits, &visit_each, why);
}

static void got_seen(struct ht_task *task) {
    const struct seen *seen = task->user;
    ht_hash32 *ids = (ht_hash32 *)(void *)seen->ids.p;
    size_t count = seen->ids.n / sizeof *ids;
    for (size_t i = 0; i < count / 2; i++) {
        ht_hash32 other = ids[i];
        ids[i] = ids[count - 1 - i];
        ids[count - 1 - i] = other;
    }
    if (count > 0 && seen->service->is_running) {
        ht_gossip_seen(ht_mesh_gossip(seen->service->mesh), ids, count);
    }
    ht_task_end(task, HT_OK, NULL);
}

static void end_seen(void *user) {
    struct seen *seen = user;
    ht_buf_fini(&seen->ids);
    free(seen);
}

void ht_mesh_events_begin(struct ht_mesh_service *service) {
    struct seen *seen = calloc(1, sizeof *seen);
    struct ht_task *task = seen != NULL ? ht_task_new(service->social, NULL, NULL) : NULL;
    service->listener.event = arrived;
    ht_relay_listen(service->social->relay, &service->listener);
    if (task == NULL) {
        free(seen);
        return;
    }
    seen->service = service;
    ht_buf_init(&seen->ids, HT_GOSSIP_SEEN_MAX * sizeof(ht_hash32));
    task->user = seen;
    task->free_user = end_seen;
    ht_task_look(task, read_seen, got_seen);
}
