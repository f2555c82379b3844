/* STATE, in: who has proven itself is taken for a peer or not, and says what it carries, serves and
 * knows. What goes out is mesh_tell.c's. */
#include "node/p2p/mesh_state.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "node/p2p/mesh_invite.h"
#include "node/p2p/mesh_link.h"
#include "node/p2p/mesh_peers.h"
#include "node/p2p/peer_message.h"

#define HEARD_MS (HT_MESH_EXCHANGE_MS * 3 / 4) /* an honest peer's clock may run fast */

/* --- in: what a peer says of itself ----------------------------------------------------------- */

/* Verifies a record that a peer said of itself, and keeps it when it is newer. HT_OK also for one
 * that is passed over; else the link is the worse for it. */
static enum ht_err hear_own(struct ht_mesh_link *link, const struct ht_event *event,
                            struct ht_why *why) {
    ht_hash32 node;
    if (!ht_event_hex32(&node, ht_event_d(event)) || !ht_hash32_equal(&node, &link->node)) {
        return ht_fail(why, HT_EDENIED, "other_node", "a record of another node as its own");
    }
    enum ht_err err = ht_mesh_learn(link->mesh, event, link->peer->origin, why);
    return err == HT_ESTALE ? HT_OK : err;
}

static void judge_own(struct ht_mesh_link *link, enum ht_err err, const struct ht_why *why) {
    if (err == HT_EDENIED) {
        (void)ht_mesh_link_blame(link, HT_FAULT_IDENTITY, why->text);
    } else if (err == HT_EUNVERIFIED) {
        (void)ht_mesh_link_blame(link, HT_FAULT_SIGNATURE, "its node record");
    } else if (err == HT_EINPUT) {
        (void)ht_mesh_link_blame(link, HT_FAULT_MALFORMED, "its node record");
    }
}

/* An event from a JSON value; everything is the arena's. */
static enum ht_err event_of(struct ht_event *out, struct ht_arena *arena, const json_t *value,
                            struct ht_why *why) {
    struct ht_buf text;
    ht_buf_init(&text, HT_NODE_RECORD_SIZE);
    enum ht_err err = ht_json_dump_compact(&text, value);
    const char *copy = err == HT_OK ? ht_arena_copy_str(arena, ht_buf_view(&text)) : NULL;
    if (err == HT_ELIMIT) err = ht_fail(why, HT_EINPUT, "bad_record", "the record is too long");
    if (err == HT_OK && copy == NULL) err = HT_ENOMEM;
    if (err == HT_OK) err = ht_event_read(out, arena, ht_bytes_of(copy, text.n), why);
    ht_buf_fini(&text);
    return err;
}

static void hear_record(struct ht_mesh_link *link, const json_t *value) {
    struct ht_arena arena;
    struct ht_event event;
    struct ht_why why = {.code = ""};
    if (!json_is_object(value) || link->is_stranger) return;
    ht_arena_init(&arena, HT_EVENT_ARENA(HT_NODE_RECORD_SIZE) + HT_NODE_RECORD_SIZE);
    enum ht_err err = event_of(&event, &arena, value, &why);
    if (err == HT_OK) err = hear_own(link, &event, &why);
    ht_arena_fini(&arena);
    judge_own(link, err, &why);
}

static void hear_scope(struct ht_mesh_link *link, const json_t *value) {
    struct ht_scope *scope = NULL;
    struct ht_why why = {.code = ""};
    enum ht_err err = ht_scope_read(&scope, value, &why);
    if (err != HT_OK) {
        (void)ht_mesh_link_blame(link, HT_FAULT_MALFORMED, why.code);
        return;
    }
    if (link->gossip != NULL) ht_gossip_set_peer_scope(link->gossip, scope);
    ht_scope_free(link->scope);
    link->scope = scope;
}

static void hear_token(struct ht_mesh_link *link, const json_t *value) {
    ht_hash32 token;
    const char *text = json_string_value(value);
    if (text == NULL || !ht_event_hex32(&token, ht_bytes_of(text, json_string_length(value)))) {
        return;
    }
    (void)snprintf(link->token, sizeof link->token, "%s", text);
    sodium_memzero(&token, sizeof token);
}

static void hear_serves(struct ht_mesh_link *link, const json_t *value) {
    if (!json_is_array(value)) return;
    link->serves_count = 0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *name = json_string_value(json_array_get(value, i));
        if (name == NULL || strlen(name) >= sizeof link->serves[0]) continue;
        if (link->serves_count == sizeof link->serves / sizeof link->serves[0]) return;
        (void)snprintf(link->serves[link->serves_count++], sizeof link->serves[0], "%s", name);
    }
}

/* Records of others. It should have verified them; a wrong signature is its own fault. */
static enum ht_err hear_other(struct ht_mesh_link *link, const json_t *value) {
    struct ht_arena arena;
    struct ht_event event;
    ht_arena_init(&arena, HT_EVENT_ARENA(HT_NODE_RECORD_SIZE) + HT_NODE_RECORD_SIZE);
    enum ht_err err = event_of(&event, &arena, value, NULL);
    const struct ht_event_tag *pass = err == HT_OK ? ht_event_find_tag(&event, "pass") : NULL;
    if (pass != NULL) err = ht_mesh_learn(link->mesh, &event, HT_MESH_EXCHANGED, NULL);
    ht_arena_fini(&arena);
    return err;
}

static void hear_peers(struct ht_mesh_link *link, const json_t *value) {
    struct ht_mesh *mesh = link->mesh;
    int64_t now = ht_mesh_mono(mesh);
    if (!json_is_array(value) || !mesh->exchanges || link->is_stranger) return;
    if (link->has_heard && now - link->heard_ms < HEARD_MS) return;
    link->has_heard = true;
    link->heard_ms = now;
    for (size_t i = 0; i < json_array_size(value) && i < HT_MESH_RECORDS_MAX; i++) {
        enum ht_err err = hear_other(link, json_array_get(value, i));
        if (err == HT_EUNVERIFIED) {
            (void)ht_mesh_link_blame(link, HT_FAULT_SIGNATURE, "a node record of another");
        } else if (err == HT_EINPUT) {
            (void)ht_mesh_link_blame(link, HT_FAULT_MALFORMED, "a node record of another");
        }
        if (link->peer == NULL) return;
    }
}

static void hear(struct ht_mesh_link *link, const json_t *state) {
    const json_t *record = ht_json_member(state, "record");
    const json_t *scope = ht_json_member(state, "scope");
    const json_t *token = ht_json_member(state, "token");
    const json_t *serves = ht_json_member(state, "serves");
    const json_t *peers = ht_json_member(state, "peers");
    if (token != NULL) hear_token(link, token);
    if (serves != NULL) hear_serves(link, serves);
    if (scope != NULL) hear_scope(link, scope);
    if (record != NULL && link->peer != NULL) hear_record(link, record);
    if (link->stage == HT_LINK_BOUND) ht_mesh_link_rise(link);
    if (peers != NULL && link->peer != NULL) hear_peers(link, peers);
}

/* --- in: is it a peer? ------------------------------------------------------------------------ */

/* By an invitation of ours, which is used up by it. */
static struct ht_mesh_peer *invited(struct ht_mesh_link *link, const json_t *state) {
    struct ht_mesh *mesh = link->mesh;
    struct ht_mesh_peer *peer = ht_mesh_find(mesh, &link->node);
    const json_t *secret = ht_json_member(state, "invite");
    char label[HT_NODE_NAME_SIZE];
    bool is_owners = peer != NULL && peer->is_accepted && peer->origin <= HT_MESH_INVITED;
    if (!json_is_string(secret) || link->is_dialler || is_owners) return NULL;
    if (!ht_mesh_invite_has(mesh, secret)) return NULL;
    if (peer == NULL && ht_mesh_peer_new(&peer, mesh, &link->node, NULL) != HT_OK) return NULL;
    if (!ht_mesh_invite_use(label, mesh, secret)) return NULL;
    peer->origin = HT_MESH_INVITED;
    peer->is_accepted = true;
    if (peer->label[0] == '\0') memcpy(peer->label, label, sizeof label);
    ht_mesh_keep(mesh, peer);
    ht_mesh_keep(mesh, NULL);
    return peer;
}

/* By its record: a node of a user whom the policy names. */
static struct ht_mesh_peer *followed(struct ht_mesh_link *link, const json_t *state) {
    struct ht_mesh *mesh = link->mesh;
    struct ht_arena arena;
    struct ht_event event;
    ht_hash32 node;
    const json_t *record = ht_json_member(state, "record");
    if (!json_is_object(record)) return NULL;
    ht_arena_init(&arena, HT_EVENT_ARENA(HT_NODE_RECORD_SIZE) + HT_NODE_RECORD_SIZE);
    enum ht_err err = event_of(&event, &arena, record, NULL);
    bool is_own = err == HT_OK && ht_event_hex32(&node, ht_event_d(&event)) &&
                  ht_hash32_equal(&node, &link->node);
    if (is_own) err = ht_mesh_learn(mesh, &event, HT_MESH_FOLLOWED, NULL);
    ht_arena_fini(&arena);
    struct ht_mesh_peer *peer = is_own ? ht_mesh_find(mesh, &link->node) : NULL;
    return peer != NULL && peer->is_accepted ? peer : NULL;
}

void ht_mesh_state_stranger(struct ht_mesh_link *link) {
    struct ht_mesh *mesh = link->mesh;
    struct ht_mesh_peer *peer = ht_mesh_find(mesh, &link->node);
    bool has_room = mesh->stranger_count < HT_MESH_STRANGERS_MAX;
    bool is_there = peer != NULL;
    if (!is_there && has_room) {
        is_there = ht_mesh_peer_new(&peer, mesh, &link->node, NULL) == HT_OK;
    }
    if (!has_room || !is_there) {
        ht_mesh_link_refuse(link, "full", "as many strangers as we take");
    } else {
        (void)ht_mesh_link_bind(link, peer);
    }
}

static void ask(struct ht_mesh_link *link, const json_t *state) {
    struct ht_mesh_peer *peer = invited(link, state);
    if (peer == NULL) peer = followed(link, state);
    if (peer != NULL) {
        (void)ht_mesh_link_bind(link, peer);
    } else if (link->mesh->is_open) {
        ht_mesh_state_stranger(link);
    } else {
        ht_mesh_link_refuse(link, "not_accepted",
                            "neither invited nor a node of somebody whose nodes are taken");
    }
}

void ht_mesh_state_heard(struct ht_mesh_link *link, ht_bytes text) {
    json_t *state = NULL;
    enum ht_err err = ht_json_parse(&state, text, HT_PEER_LINK_MESSAGE_MAX, NULL);
    if (err == HT_OK && !json_is_object(state)) err = HT_EINPUT;
    if (err == HT_OK && link->stage == HT_LINK_ASKING) {
        ask(link, state);
    } else if (err == HT_OK) {
        (void)invited(link, state);
    }
    if (err != HT_OK && link->peer != NULL) {
        (void)ht_mesh_link_blame(link, HT_FAULT_MALFORMED, "STATE");
    } else if (err != HT_OK) {
        ht_mesh_link_end(link, "peer_malformed", "STATE is none");
    } else if (link->peer != NULL) {
        hear(link, state);
    }
    json_decref(state);
}
