/* Gift wraps on peer links. */
#include "social/mesh/mesh_inbox.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "node/nostr/event_read.h"
#include "social/kinds.h"
#include "social/mesh/mesh_keep.h"
#include "social/mesh/mesh_links.h"
#include "social/relay/policy.h"

#define WRAPS_AT_ONCE 500U
#define READ_MAX ((size_t)16 << 20)
/* created_at of a wrap is up to two days in the past (NIP-59), and clocks differ. */
#define WRAP_BACK_S (INT64_C(3) * 86400)

static const char EVENT_HEAD[] = "[\"EVENT\",{";

static bool is_wrap(uint32_t kind) {
    return ht_policy_is_private_kind(kind) && kind != 4;
}

static bool next_party(ht_hash32 *out, const struct ht_event *event, size_t *i) {
    for (; *i < event->tag_count; (*i)++) {
        const struct ht_event_tag *tag = &event->tags[*i];
        if (tag->count < 2 || !ht_bytes_equal(tag->items[0], ht_bytes_str("p"))) continue;
        if (!ht_event_hex32(out, tag->items[1])) continue;
        (*i)++;
        return true;
    }
    return false;
}

bool ht_mesh_keeps_for(const struct ht_mesh_peer *peer) {
    return peer->is_courier && peer->is_accepted && !peer->is_banned && peer->record.has_user;
}

static bool is_owner(const struct ht_mesh_service *service, const ht_hash32 *party) {
    return ht_policy_rank_of(service->social->policy, party) == HT_RANK_OWNER;
}

/* --- to peers --------------------------------------------------------------------------------- */

/* May what is for that key be left with the peer? */
static bool may_have(const struct ht_mesh_conn *conn, const ht_hash32 *party) {
    const struct ht_mesh_peer *peer = ht_mesh_link_peer(conn->link);
    if (!peer->is_accepted || !ht_scope_has_inbox(ht_mesh_link_scope(conn->link), party)) {
        return false;
    }
    bool is_theirs = peer->record.has_user && ht_hash32_equal(&peer->record.user, party);
    /* What is for us is here: it goes to nobody but our own other nodes. */
    if (is_owner(conn->service, party)) return is_theirs;
    return is_theirs || peer->is_courier || peer->origin == HT_MESH_ADDED ||
           peer->origin == HT_MESH_INVITED;
}

bool ht_mesh_reaches(const struct ht_social *social, const ht_hash32 *pubkey) {
    struct ht_mesh_service *service = social->mesh;
    if (service == NULL || !service->is_running) return false;
    for (const struct ht_mesh_conn *conn = service->conns; conn != NULL; conn = conn->next) {
        if (ht_mesh_conn_is_up(conn) && may_have(conn, pubkey)) return true;
    }
    const struct ht_mesh_peer *peer = ht_mesh_first(service->mesh);
    for (; peer != NULL; peer = peer->next) {
        bool is_theirs = peer->record.has_user && ht_hash32_equal(&peer->record.user, pubkey);
        if (is_theirs && peer->is_accepted && !peer->is_banned) return true;
    }
    return false;
}

/* Who has signed in at our relay is told by their subscription. */
static bool has_signed_in(const struct ht_mesh_conn *conn, const ht_hash32 *party) {
    if (conn->relay == NULL) return false;
    return ht_relay_has_authed(conn->relay, party);
}

static bool tell(struct ht_mesh_conn *conn, ht_bytes json) {
    struct ht_buf text;
    ht_buf_init(&text, HT_EVENT_SIZE_MAX + 64);
    enum ht_err err = ht_buf_add_str(&text, "[\"EVENT\",");
    if (err == HT_OK) err = ht_buf_add(&text, json);
    if (err == HT_OK) err = ht_buf_add_str(&text, "]");
    bool is_told = err == HT_OK && ht_mesh_send(conn->service, conn, ht_buf_view(&text));
    if (is_told) ht_mesh_link_sent(conn->link, text.n);
    ht_buf_fini(&text);
    return is_told;
}

void ht_mesh_inbox_arrived(struct ht_mesh_service *service, const struct ht_event *event,
                           uint64_t from) {
    if (!is_wrap(event->kind)) return;
    for (struct ht_mesh_conn *conn = service->conns; conn != NULL; conn = conn->next) {
        ht_hash32 party;
        bool is_due = false;
        if (conn->serial == from || !ht_mesh_conn_is_up(conn)) continue;
        for (size_t i = 0; !is_due && next_party(&party, event, &i);) {
            is_due = may_have(conn, &party) && !has_signed_in(conn, &party);
        }
        if (is_due) (void)tell(conn, event->json);
    }
}

/* --- when a peer comes ------------------------------------------------------------------------ */

struct offering {
    struct ht_mesh_service *service;
    uint64_t conn;
    ht_hash32 parties[HT_SCOPE_INBOX_MAX];
    size_t party_count;
    struct ht_mesh_mark mark;
    struct ht_buf all, ends;
};

static void end_offering(void *user) {
    struct offering *offering = user;
    ht_buf_fini(&offering->all);
    ht_buf_fini(&offering->ends);
    free(offering);
}

static bool collect(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                    int64_t created_at, ht_bytes json) {
    struct offering *offering = user;
    (void)id, (void)pubkey, (void)kind, (void)created_at;
    if (ht_buf_add(&offering->all, json) != HT_OK) return false;
    ht_bytes end = ht_bytes_of(&offering->all.n, sizeof offering->all.n);
    return ht_buf_add(&offering->ends, end) == HT_OK;
}

static enum ht_err read_wraps(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    static const uint32_t KINDS[] = {HT_KIND_WRAP};
    struct offering *offering = task->user;
    char hex[HT_SCOPE_INBOX_MAX][HT_HEX_SIZE(32)];
    ht_bytes values[HT_SCOPE_INBOX_MAX];
    const struct ht_filter_tag tag = {
        .name = 'p', .values = values, .count = offering->party_count};
    bool is_complete;
    enum ht_err err = ht_mesh_sql_mark(&offering->mark, db, &offering->mark.node, why);
    for (size_t i = 0; i < offering->party_count; i++) {
        ht_hex_write(hex[i], HT_BYTES(offering->parties[i].b));
        values[i] = ht_bytes_of(hex[i] + 2, 64);
    }
    int64_t from_s = offering->mark.inbox_s > 0 ? offering->mark.inbox_s - WRAP_BACK_S : INT64_MIN;
    const struct ht_filter filter = {.has_kinds = true,
                                     .kinds = KINDS,
                                     .kind_count = 1,
                                     .tags = &tag,
                                     .tag_count = 1,
                                     .has_limit = true,
                                     .limit = WRAPS_AT_ONCE,
                                     .since = from_s,
                                     .until = INT64_MAX};
    const struct ht_store_limits limits = {.now_s = task->now_s};
    const struct ht_store_visit visit = {.event = collect, .user = offering};
    if (err != HT_OK || offering->party_count == 0) return err;
    return ht_store_query(&is_complete, task->store, &filter, 1, &limits, 0, &visit, why);
}

static void got_wraps(struct ht_task *task) {
    const struct offering *offering = task->user;
    struct ht_mesh_conn *conn = ht_mesh_conn_find(offering->service, offering->conn);
    bool is_whole = conn != NULL && ht_mesh_conn_is_up(conn);
    size_t from = 0, n = 0;
    for (size_t i = 0; is_whole && i < offering->ends.n / sizeof n; i++) {
        memcpy(&n, offering->ends.p + i * sizeof n, sizeof n);
        is_whole = tell(conn, ht_bytes_of(offering->all.p + from, n - from));
        from = n;
    }
    if (is_whole) {
        /* What is being fetched meanwhile has its own part of the mark. */
        if (!conn->has_mark) conn->mark = offering->mark;
        conn->has_mark = true;
        conn->mark.inbox_s = task->now_s;
        ht_mesh_keep_mark(offering->service, &conn->mark);
    }
    ht_task_end(task, HT_OK, NULL);
}

/* The inboxes of the peer for which it may have what we hold. */
static size_t find_parties(ht_hash32 out[static HT_SCOPE_INBOX_MAX],
                           const struct ht_mesh_conn *conn) {
    json_t *scope = ht_scope_json(ht_mesh_link_scope(conn->link)), *one;
    size_t count = 0, i;
    json_array_foreach(json_object_get(scope, "inbox"), i, one) {
        const char *hex = json_string_value(one);
        if (hex == NULL || count == HT_SCOPE_INBOX_MAX) continue;
        if (!ht_event_hex32(&out[count], ht_bytes_str(hex))) continue;
        if (may_have(conn, &out[count])) count++;
    }
    json_decref(scope);
    return count;
}

void ht_mesh_inbox_up(struct ht_mesh_conn *conn) {
    struct ht_mesh_service *service = conn->service;
    struct offering *offering = calloc(1, sizeof *offering);
    struct ht_task *task = offering != NULL ? ht_task_new(service->social, NULL, NULL) : NULL;
    if (task == NULL) {
        free(offering);
        return;
    }
    offering->service = service;
    offering->conn = conn->serial;
    offering->mark.node = conn->node;
    offering->party_count = find_parties(offering->parties, conn);
    ht_buf_init(&offering->all, READ_MAX);
    ht_buf_init(&offering->ends, WRAPS_AT_ONCE * sizeof(size_t));
    task->user = offering;
    task->free_user = end_offering;
    ht_task_look(task, read_wraps, got_wraps);
}

/* --- from peers ------------------------------------------------------------------------------- */

struct keeping {
    struct ht_relay_publish publish; /* first */
    struct ht_mesh_service *service;
    uint64_t conn;
    ht_hash32 id;
    size_t size; /* of what is kept for others; 0: for the owner */
};

static void answer(struct ht_mesh_conn *conn, const ht_hash32 *id, bool is_taken,
                   const char *reason) {
    char hex[HT_HEX_SIZE(32)], text[256];
    ht_hex_write(hex, HT_BYTES(id->b));
    int n = snprintf(text, sizeof text, "[\"OK\",\"%s\",%s,\"%s\"]", hex + 2,
                     is_taken ? "true" : "false", reason);
    /* Only who dialled speaks as a client does. */
    if (n > 0 && conn->door != NULL) {
        (void)ht_mesh_send(conn->service, conn, ht_bytes_of(text, (size_t)n));
    }
}

static void kept(struct ht_relay_publish *publish, enum ht_err err, enum ht_put put,
                 const struct ht_why *why) {
    struct keeping *keeping = (struct keeping *)publish;
    struct ht_mesh_service *service = keeping->service;
    struct ht_mesh_conn *conn = ht_mesh_conn_find(service, keeping->conn);
    bool is_new = err == HT_OK && put == HT_PUT_STORED;
    (void)why;
    service->taking_count--;
    if (is_new) {
        service->courier_bytes += keeping->size;
        service->fresh =
            (struct ht_mesh_fresh){.is_there = true, .id = keeping->id, .conn = keeping->conn};
    }
    if (conn != NULL && service->is_running) {
        bool is_here = is_new || (err == HT_OK && put == HT_PUT_DUPLICATE);
        answer(conn, &keeping->id, is_here,
               is_new         ? ""
               : is_here      ? "duplicate: it is here already"
               : err == HT_OK ? "blocked: it is not kept here"
                              : "error: it cannot be kept now");
    }
    free(keeping);
}

/* For whom it is kept: the owner, or somebody whose courier we are. */
static bool is_kept(const struct ht_mesh_service *service, const struct ht_event *event,
                    bool *is_for_owner) {
    ht_hash32 party;
    bool is_it = false;
    *is_for_owner = false;
    for (size_t i = 0; next_party(&party, event, &i);) {
        if (is_owner(service, &party)) {
            *is_for_owner = true;
            return true;
        }
        const struct ht_mesh_peer *peer =
            service->settings.couriers ? ht_mesh_first(service->mesh) : NULL;
        for (; peer != NULL && !is_it; peer = peer->next) {
            is_it = ht_mesh_keeps_for(peer) && ht_hash32_equal(&peer->record.user, &party);
        }
    }
    return is_it;
}

static bool take(struct ht_mesh_conn *conn, const struct ht_event *event) {
    struct ht_mesh_service *service = conn->service;
    int64_t now_s = ht_social_now_s(service->social);
    bool is_for_owner = false;
    if (!is_wrap(event->kind) || !is_kept(service, event, &is_for_owner)) return false;
    if (ht_event_expiration(event) <= now_s) {
        answer(conn, &event->id, false, "invalid: the event has expired");
        return true;
    }
    size_t size = is_for_owner ? 0 : event->json.n;
    if (size > 0 && service->courier_bytes + size > service->settings.courier_bytes) {
        answer(conn, &event->id, false, "restricted: no more room for what is kept for others");
        return true;
    }
    struct keeping *keeping =
        service->taking_count < HT_MESH_TAKING_MAX ? malloc(sizeof *keeping) : NULL;
    if (keeping == NULL) {
        answer(conn, &event->id, false, "rate-limited: too much at once");
        return true;
    }
    *keeping =
        (struct keeping){.publish = {.done = kept, .json = event->json, .is_trusted_source = true},
                         .service = service,
                         .conn = conn->serial,
                         .id = event->id,
                         .size = size};
    service->taking_count++;
    ht_relay_publish(service->social->relay, &keeping->publish);
    return true;
}

bool ht_mesh_inbox_take(struct ht_mesh_conn *conn, ht_bytes text) {
    const size_t head = sizeof EVENT_HEAD - 1;
    const struct ht_mesh_peer *peer = ht_mesh_link_peer(conn->link);
    struct ht_event event;
    struct ht_arena arena;
    size_t used;
    bool is_event = text.n > head && memcmp(text.p, EVENT_HEAD, head) == 0;
    if (!is_event || !peer->is_accepted || text.n > HT_RELAY_MESSAGE_MAX) return false;
    ht_bytes rest = ht_bytes_of(text.p + head - 1, text.n - head + 1);
    ht_arena_init(&arena, HT_EVENT_ARENA(rest.n));
    bool is_taken = ht_event_read_front(&event, &used, &arena, rest, NULL) == HT_OK &&
                    used + 1 == rest.n && rest.p[used] == ']' && take(conn, &event);
    ht_arena_fini(&arena);
    return is_taken;
}

/* --- how much is kept for others -------------------------------------------------------------- */

struct counting {
    struct ht_mesh_service *service;
    ht_hash32 parties[HT_SCOPE_INBOX_MAX];
    size_t party_count;
    uint64_t bytes;
};

static bool add_size(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                     int64_t created_at, ht_bytes json) {
    (void)id, (void)pubkey, (void)kind, (void)created_at;
    ((struct counting *)user)->bytes += json.n;
    return true;
}

static enum ht_err count_wraps(struct ht_task *task, sqlite3 *db, struct ht_why *why) {
    static const uint32_t KINDS[] = {HT_KIND_WRAP};
    struct counting *counting = task->user;
    char hex[HT_SCOPE_INBOX_MAX][HT_HEX_SIZE(32)];
    ht_bytes values[HT_SCOPE_INBOX_MAX];
    const struct ht_filter_tag tag = {
        .name = 'p', .values = values, .count = counting->party_count};
    const struct ht_filter filter = {.has_kinds = true,
                                     .kinds = KINDS,
                                     .kind_count = 1,
                                     .tags = &tag,
                                     .tag_count = 1,
                                     .since = INT64_MIN,
                                     .until = INT64_MAX};
    const struct ht_store_limits limits = {.now_s = task->now_s};
    const struct ht_store_visit visit = {.event = add_size, .user = counting};
    bool is_complete;
    (void)db;
    for (size_t i = 0; i < counting->party_count; i++) {
        ht_hex_write(hex[i], HT_BYTES(counting->parties[i].b));
        values[i] = ht_bytes_of(hex[i] + 2, 64);
    }
    return ht_store_query(&is_complete, task->store, &filter, 1, &limits, 0, &visit, why);
}

static void counted(struct ht_task *task) {
    const struct counting *counting = task->user;
    counting->service->courier_bytes += counting->bytes;
    ht_task_end(task, HT_OK, NULL);
}

void ht_mesh_inbox_begin(struct ht_mesh_service *service) {
    struct counting *counting = calloc(1, sizeof *counting);
    if (counting == NULL) return;
    counting->service = service;
    const struct ht_mesh_peer *peer = ht_mesh_first(service->mesh);
    for (; peer != NULL && counting->party_count < HT_SCOPE_INBOX_MAX; peer = peer->next) {
        if (ht_mesh_keeps_for(peer)) counting->parties[counting->party_count++] = peer->record.user;
    }
    struct ht_task *task =
        counting->party_count > 0 ? ht_task_new(service->social, NULL, NULL) : NULL;
    if (task == NULL) {
        free(counting);
        return;
    }
    task->user = counting;
    task->free_user = free;
    ht_task_look(task, count_wraps, counted);
}
