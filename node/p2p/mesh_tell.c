/* STATE, out: what a peer is told of this node, when it is time. */
#include "node/p2p/mesh_tell.h"

#include <sodium.h>

#include "node/codec/json.h"
#include "node/p2p/mesh_link.h"
#include "node/p2p/mesh_peers.h"
#include "node/p2p/peer_message.h"

#define EXCHANGE_AGAIN_MS (INT64_C(10) * 60 * 1000) /* when there are more than go into one */

static json_t *parsed(const char *record_json) {
    json_t *record = NULL;
    if (record_json == NULL) return json_null();
    enum ht_err err = ht_json_parse(&record, ht_bytes_str(record_json), HT_NODE_RECORD_SIZE, NULL);
    return err == HT_OK ? record : NULL;
}

static json_t *served(const struct ht_mesh *mesh) {
    json_t *list = json_array();
    for (size_t i = 0; mesh->serves != NULL && mesh->serves[i] != NULL; i++) {
        (void)json_array_append_new(list, json_string(mesh->serves[i]));
    }
    return list;
}

static bool is_passable(struct ht_mesh *mesh, const struct ht_mesh_peer *peer) {
    const struct ht_node_record *record = &peer->record;
    return peer->record_json != NULL && peer->is_accepted && !peer->is_banned && record->may_pass &&
           record->expires_at > ht_mesh_now_s(mesh) && ht_mesh_accepts(mesh, record);
}

/* At most HT_MESH_RECORDS_MAX, each as likely as another (reservoir). *more: there were others. */
static json_t *passed(bool *more, struct ht_mesh_link *link) {
    struct ht_mesh *mesh = link->mesh;
    const struct ht_mesh_peer *chosen[HT_MESH_RECORDS_MAX];
    size_t seen = 0;
    for (const struct ht_mesh_peer *peer = mesh->peers; peer != NULL; peer = peer->next) {
        if (peer == link->peer || !is_passable(mesh, peer)) continue;
        size_t at = seen < HT_MESH_RECORDS_MAX ? seen : ht_random_below(mesh->random, seen + 1);
        if (at < HT_MESH_RECORDS_MAX) chosen[at] = peer;
        seen++;
    }
    *more = seen > HT_MESH_RECORDS_MAX;
    json_t *list = json_array();
    for (size_t i = 0; i < seen && i < HT_MESH_RECORDS_MAX; i++) {
        (void)json_array_append_new(list, parsed(chosen[i]->record_json));
    }
    return list;
}

bool ht_mesh_state_may_exchange(const struct ht_mesh_link *link) {
    return link->stage == HT_LINK_UP && link->mesh->exchanges && link->peer->is_accepted &&
           link->told_passable != link->mesh->passable;
}

static void say_peers(json_t *state, struct ht_mesh_link *link, int64_t now) {
    bool has_more;
    json_t *list = passed(&has_more, link);
    link->exchange_ms = now + (has_more ? EXCHANGE_AGAIN_MS : HT_MESH_EXCHANGE_MS);
    if (!has_more) link->told_passable = link->mesh->passable;
    if (json_array_size(list) > 0) {
        (void)json_object_set_new(state, "peers", list);
    } else {
        json_decref(list);
    }
}

static json_t *state_of(struct ht_mesh_link *link, int64_t now) {
    struct ht_mesh *mesh = link->mesh;
    unsigned what = link->to_tell;
    json_t *state = json_object();
    if ((what & HT_TELL_INVITE) != 0) {
        (void)json_object_set_new(state, "invite", json_string(link->peer->invite));
    }
    if ((what & HT_TELL_RECORD) != 0) {
        (void)json_object_set_new(state, "record", parsed(mesh->record_json));
    }
    if ((what & HT_TELL_SCOPE) != 0) {
        (void)json_object_set_new(state, "scope", ht_scope_json(mesh->scope));
    }
    if ((what & HT_TELL_TOKEN) != 0) {
        const char *token = ht_mesh_box_of(link->peer)->token;
        (void)json_object_set_new(state, "token", json_string(token));
    }
    if ((what & HT_TELL_SERVES) != 0) (void)json_object_set_new(state, "serves", served(mesh));
    if (ht_mesh_state_may_exchange(link) && now >= link->exchange_ms) say_peers(state, link, now);
    return state;
}

void ht_mesh_state_tell(struct ht_mesh_link *link) {
    int64_t now = ht_mesh_mono(link->mesh);
    bool is_bound = link->stage == HT_LINK_BOUND || link->stage == HT_LINK_UP;
    bool exchanges = ht_mesh_state_may_exchange(link) && now >= link->exchange_ms;
    if (!is_bound || now < link->tell_ms || (link->to_tell == 0 && !exchanges)) return;
    json_t *state = state_of(link, now);
    struct ht_buf text;
    ht_buf_init(&text, HT_PEER_LINK_MESSAGE_MAX);
    bool is_empty = json_object_size(state) == 0;
    bool is_sent = is_empty || (ht_peer_link_json(&text, HT_PEER_VERB_STATE, state) == HT_OK &&
                                ht_mesh_link_send(link, ht_buf_view(&text)));
    if (text.p != NULL) sodium_memzero(text.p, text.n);
    ht_buf_fini(&text);
    json_decref(state);
    if (is_sent) {
        link->to_tell = 0;
    } else if (exchanges) {
        link->told_passable = link->mesh->passable - 1;
        link->exchange_ms = now;
    }
    link->tell_ms = now + (is_sent ? is_empty ? 0 : HT_MESH_RETELL_MS : HT_MESH_RETRY_MS);
}

void ht_mesh_state_mark(struct ht_mesh *mesh, unsigned what) {
    for (struct ht_mesh_link *link = mesh->links; link != NULL; link = link->next) {
        if (link->stage != HT_LINK_BOUND && link->stage != HT_LINK_UP) continue;
        link->to_tell |= link->peer->is_accepted ? what : what & ~(unsigned)HT_TELL_RECORD;
        ht_mesh_state_tell(link);
    }
}
