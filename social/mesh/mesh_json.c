/* What the owner is told of peers. */
#include "social/mesh/mesh_json.h"

#include <stdlib.h>

#include "node/codec/json.h"
#include "node/nostr/entity.h"
#include "social/mesh/mesh_catchup.h"
#include "social/mesh/mesh_links.h"
#include "social/mesh/mesh_reach.h"

#define NPUB_SIZE 128U

static void put(json_t *object, const char *name, json_t *value) {
    /* A text that is no UTF-8 is shown as none. */
    (void)json_object_set_new(object, name, value != NULL ? value : json_null());
}

static json_t *number(uint64_t value) {
    return json_integer((json_int_t)value);
}

static json_t *when(int64_t seconds) {
    return seconds > 0 ? json_integer(seconds) : json_null();
}

static json_t *npub_json(const ht_hash32 *user) {
    char text[NPUB_SIZE];
    const struct ht_entity entity = {.kind = HT_ENTITY_NPUB, .key = *user};
    return ht_entity_write(text, sizeof text, &entity) == HT_OK ? json_string(text) : NULL;
}

/* --- one peer --------------------------------------------------------------------------------- */

static const char *state_of(const struct ht_mesh_service *service, const struct ht_mesh_peer *peer,
                            const struct ht_mesh_conn *conn) {
    int64_t wall_ms = ht_wall_ms(service->social->host->clock);
    if (peer->is_banned) return "banned";
    if (conn != NULL && ht_mesh_conn_is_up(conn)) return "connected";
    /* One that was just dropped may have a connection that is ending. */
    if (!ht_peer_score_may_come(&peer->score, wall_ms)) return "resting";
    if (conn != NULL) return "connecting";
    return peer->record.address_count == 0 ? "asleep" : "waiting";
}

static void put_link(json_t *out, const struct ht_mesh_conn *conn, bool is_up) {
    put(out, "how", conn != NULL ? json_string(ht_mesh_conn_how(conn)) : NULL);
    put(out, "direction", conn == NULL ? NULL : json_string(conn->is_dialled ? "out" : "in"));
    put(out, "address",
        conn == NULL ? NULL : json_string(conn->is_dialled ? conn->url : conn->address));
    put(out, "since_s", is_up ? when(ht_mesh_link_since_s(conn->link)) : NULL);
    json_t *serves = json_array();
    static const char *const WHAT[] = {"gossip", "chain", "blobs"};
    for (size_t i = 0; is_up && i < sizeof WHAT / sizeof *WHAT; i++) {
        if (!ht_mesh_link_serves(conn->link, WHAT[i])) continue;
        (void)json_array_append_new(serves, json_string(WHAT[i]));
    }
    put(out, "serves", serves);
    put(out, "catchup", ht_mesh_catchup_json(conn));
}

static void put_scope(json_t *out, const struct ht_mesh_service *service,
                      const struct ht_mesh_conn *conn, bool is_up) {
    const struct ht_scope *theirs = is_up ? ht_mesh_link_scope(conn->link) : NULL;
    json_t *scope = theirs != NULL ? ht_scope_json(theirs) : json_object();
    json_t *tags = json_object_get(scope, "tags");
    size_t shared = 0, authors = json_string_length(json_object_get(scope, "authors")) / 16;
    for (size_t i = 0; theirs != NULL && i < service->author_count; i++) {
        if (ht_scope_has_author(theirs, &service->authors[i])) shared++;
    }
    put(out, "scope",
        json_pack("{s:b, s:I, s:I, s:o}", "all",
                  json_is_true(json_object_get(scope, "all")) ? 1 : 0, "authors",
                  (json_int_t)authors, "inbox",
                  (json_int_t)json_array_size(json_object_get(scope, "inbox")), "tags",
                  tags != NULL ? json_incref(tags) : json_array()));
    put(out, "shared_authors", number(shared));
    json_decref(scope);
}

static json_t *faults_json(const struct ht_peer_score *score) {
    json_t *list = json_array();
    for (size_t i = 0; i < score->fault_count; i++) {
        const struct ht_peer_fault *fault = &score->faults[i];
        json_t *one = json_pack("{s:s, s:I, s:I}", "kind", ht_peer_fault_name(fault->kind), "count",
                                (json_int_t)fault->count, "at_ms", (json_int_t)fault->at_ms);
        put(one, "what", json_string(fault->what));
        (void)json_array_append_new(list, one);
    }
    return list;
}

static void put_known(json_t *out, const struct ht_mesh_peer *peer) {
    static const char *const ORIGINS[] = {"added",     "invited", "followed",
                                          "exchanged", "lan",     "stranger"};
    const struct ht_node_record *record = &peer->record;
    json_t *addresses = json_array();
    for (size_t i = 0; i < record->address_count; i++) {
        (void)json_array_append_new(addresses, json_string(record->addresses[i]));
    }
    put(out, "node", ht_task_hex_json(&peer->node));
    put(out, "user", record->has_user ? ht_task_hex_json(&record->user) : NULL);
    put(out, "npub", record->has_user ? npub_json(&record->user) : NULL);
    put(out, "name", NULL);
    put(out, "label", json_string(peer->label));
    put(out, "device", json_string(record->name));
    put(out, "addresses", addresses);
    put(out, "origin", json_string(ORIGINS[peer->origin]));
    put(out, "is_accepted", json_boolean(peer->is_accepted));
    put(out, "is_courier", json_boolean(peer->is_courier));
    put(out, "seen_s", when(peer->seen_s));
}

static json_t *peer_json(struct ht_mesh_service *service, const struct ht_mesh_peer *peer) {
    const struct ht_mesh_conn *conn = ht_mesh_conn_of(service, peer);
    const struct ht_peer_score *score = &peer->score;
    bool is_up = conn != NULL && ht_mesh_conn_is_up(conn);
    const char *code = peer->last_end.code;
    json_t *out = json_object();
    put_known(out, peer);
    put(out, "state", json_string(state_of(service, peer, conn)));
    put_link(out, conn, is_up);
    put_scope(out, service, conn, is_up);
    put(out, "score", json_integer(score->score));
    put(out, "first", number(score->first));
    put(out, "duplicates", number(score->duplicates));
    put(out, "bytes_in", number(peer->bytes_in));
    put(out, "bytes_out", number(peer->bytes_out));
    put(out, "faults", faults_json(score));
    bool has_ended = code != NULL && code[0] != '\0';
    const char *text = peer->last_end_text[0] != '\0' ? peer->last_end_text : peer->last_end.text;
    put(out, "last_end", has_ended ? json_pack("{s:s, s:s}", "code", code, "text", text) : NULL);
    return out;
}

/* --- all of them ------------------------------------------------------------------------------ */

static json_t *gossip_json(const struct ht_mesh_service *service) {
    struct ht_gossip_counts counts = ht_gossip_counts(ht_mesh_gossip(service->mesh));
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "pushed",
                     (json_int_t)counts.pushed, "gave", (json_int_t)counts.gave, "announced",
                     (json_int_t)counts.announced, "asked", (json_int_t)counts.asked, "received",
                     (json_int_t)counts.received, "duplicates", (json_int_t)counts.duplicates,
                     "fresh", (json_int_t)counts.fresh, "bad", (json_int_t)counts.bad);
}

enum ht_err ht_mesh_invite_link(char out[static HT_INVITE_SIZE],
                                const struct ht_mesh_service *service,
                                const struct ht_mesh_invitation *invitation, struct ht_why *why) {
    struct ht_invite invite = {0};
    ht_mesh_own_record(&invite.record, service, true);
    invite.record.expires_at = invitation->expires_s;
    memcpy(invite.secret, invitation->secret, sizeof invite.secret);
    return ht_invite_write(out, &invite, why);
}

static json_t *invitations_json(struct ht_mesh_service *service) {
    json_t *list = json_array();
    const struct ht_mesh_invitation *one = ht_mesh_invitations(service->mesh);
    for (; one != NULL; one = one->next) {
        char link[HT_INVITE_SIZE];
        if (one->expires_s <= ht_social_now_s(service->social)) continue;
        if (ht_mesh_invite_link(link, service, one, NULL) != HT_OK) continue;
        json_t *item =
            json_pack("{s:I, s:s}", "expires_s", (json_int_t)one->expires_s, "link", link);
        put(item, "label", json_string(one->label));
        (void)json_array_append_new(list, item);
    }
    return list;
}

json_t *ht_mesh_list_json(struct ht_mesh_service *service) {
    json_t *out = json_object(), *peers = json_array();
    size_t links = 0;
    for (const struct ht_mesh_peer *peer = ht_mesh_first(service->mesh); peer != NULL;
         peer = peer->next) {
        if (peer->link != NULL && ht_mesh_link_is_up(peer->link)) links++;
        (void)json_array_append_new(peers, peer_json(service, peer));
    }
    put(out, "node", ht_task_hex_json(&service->key.pubkey));
    put(out, "pin", ht_task_hex_json(&service->key.pin));
    put(out, "links", number(links));
    put(out, "wanted_links", number(HT_GOSSIP_LINKS));
    put(out, "gossip", gossip_json(service));
    put(out, "peers", peers);
    put(out, "invitations", invitations_json(service));
    put(out, "reach", ht_mesh_reach_json(service));
    return out;
}

enum ht_err ht_mesh_changed_json(void *self, json_t **out, struct ht_why *why) {
    const struct ht_social *social = self;
    size_t links = 0, peers = 0;
    struct ht_mesh_peer *peer = social->mesh != NULL ? ht_mesh_first(social->mesh->mesh) : NULL;
    for (; peer != NULL; peer = peer->next) {
        peers++;
        if (peer->link != NULL && ht_mesh_link_is_up(peer->link)) links++;
    }
    *out = json_pack("{s:I, s:I}", "links", (json_int_t)links, "peers", (json_int_t)peers);
    return *out != NULL ? HT_OK : ht_task_no_memory(why);
}
