/* The table of known peers: who comes in and how, what is known of each, and who is let go. */
#include "node/p2p/mesh_peers.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/p2p/mesh_dial.h"
#include "node/p2p/mesh_link.h"
#include "node/p2p/mesh_token.h"

struct ht_mesh_peer *ht_mesh_first(struct ht_mesh *mesh) {
    return mesh->peers;
}

struct ht_mesh_peer *ht_mesh_find(struct ht_mesh *mesh, const ht_hash32 *node) {
    for (struct ht_mesh_peer *peer = mesh->peers; peer != NULL; peer = peer->next) {
        if (ht_hash32_equal(&peer->node, node)) return peer;
    }
    return NULL;
}

bool ht_mesh_accepts(struct ht_mesh *mesh, const struct ht_node_record *record) {
    return record->has_user && mesh->io.accepts_user != NULL &&
           mesh->io.accepts_user(mesh->io.user, &record->user);
}

/* The owner's own choice, which no record and no policy takes back. */
static bool is_owners(const struct ht_mesh_peer *peer) {
    return peer->origin == HT_MESH_ADDED || peer->origin == HT_MESH_INVITED;
}

void ht_mesh_peer_drop(struct ht_mesh *mesh, struct ht_mesh_peer *peer) {
    struct ht_mesh_peer **at = &mesh->peers;
    while (*at != peer) at = &(*at)->next;
    *at = peer->next;
    mesh->peer_count--;
    ht_mesh_token_wipe(peer);
    sodium_memzero(peer->invite, sizeof peer->invite);
    free(peer->record_json);
    free(ht_mesh_box_of(peer));
}

/* Room in a full table: a stranger that is gone, or who came by policy and whose record is over. */
static bool make_room(struct ht_mesh *mesh) {
    struct ht_mesh_peer *worst = NULL;
    int64_t now_s = ht_mesh_now_s(mesh);
    for (struct ht_mesh_peer *peer = mesh->peers; peer != NULL; peer = peer->next) {
        bool is_stranger = peer->origin == HT_MESH_STRANGER;
        bool is_over = !is_owners(peer) && peer->record.expires_at <= now_s;
        bool is_needed = peer->link != NULL || peer->is_banned ||
                         ht_mesh_box_of(peer)->dialling_ms != 0 || !(is_stranger || is_over);
        if (!is_needed && (worst == NULL || peer->seen_s < worst->seen_s)) worst = peer;
    }
    if (worst != NULL) ht_mesh_forget(mesh, worst);
    return worst != NULL;
}

enum ht_err ht_mesh_peer_new(struct ht_mesh_peer **out, struct ht_mesh *mesh, const ht_hash32 *node,
                             struct ht_why *why) {
    if (mesh->peer_count >= HT_MESH_PEERS_MAX && !make_room(mesh)) {
        return ht_fail(why, HT_ELIMIT, "too_many_peers", "%u peers are known, as many as may be",
                       HT_MESH_PEERS_MAX);
    }
    struct ht_mesh_box *box = calloc(1, sizeof *box);
    if (box == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    struct ht_mesh_peer *peer = &box->peer;
    peer->node = *node;
    peer->origin = HT_MESH_STRANGER;
    peer->record.node = *node;
    peer->last_end.code = "";
    peer->added_s = ht_mesh_now_s(mesh);
    ht_peer_score_init(&peer->score);
    peer->next = mesh->peers;
    mesh->peers = peer;
    mesh->peer_count++;
    *out = peer;
    return HT_OK;
}

enum ht_err ht_mesh_peer_adopt(struct ht_mesh *mesh, struct ht_mesh_peer *peer,
                               const struct ht_node_record *record, ht_bytes json) {
    char *copy = strndup((const char *)json.p, json.n);
    if (copy == NULL) return HT_ENOMEM;
    struct ht_node_record before = peer->record;
    bool was_passable = before.may_pass;
    free(peer->record_json);
    peer->record_json = copy;
    peer->record = *record;
    if (record->address_count == 0) {
        memcpy(peer->record.addresses, before.addresses, sizeof before.addresses);
        peer->record.address_count = before.address_count;
        if (!record->has_pin) peer->record.pin = before.pin, peer->record.has_pin = before.has_pin;
    }
    if (was_passable || record->may_pass) mesh->passable++;
    return HT_OK;
}

/* --- from the disk ---------------------------------------------------------------------------- */

enum ht_err ht_mesh_recall(struct ht_mesh *mesh, const struct ht_mesh_peer *from) {
    if (ht_hash32_equal(&from->node, &mesh->self.node)) return HT_EINPUT;
    if (ht_mesh_find(mesh, &from->node) != NULL) return HT_EINPUT;
    char *json = from->record_json != NULL ? strdup(from->record_json) : NULL;
    if (from->record_json != NULL && json == NULL) return HT_ENOMEM;
    struct ht_mesh_peer *peer;
    enum ht_err err = ht_mesh_peer_new(&peer, mesh, &from->node, NULL);
    if (err != HT_OK) {
        free(json);
        return err;
    }
    struct ht_mesh_peer *next = peer->next;
    *peer = *from;
    peer->next = next;
    peer->link = NULL;
    peer->record_json = json;
    peer->record.node = from->node;
    peer->last_end.code = ht_mesh_end_code(from->last_end.code);
    if (peer->record.may_pass) mesh->passable++;
    return HT_OK;
}

/* --- found ------------------------------------------------------------------------------------ */

enum ht_err ht_mesh_add(struct ht_mesh_peer **out, struct ht_mesh *mesh,
                        const struct ht_invite *invite, const char *label, struct ht_why *why) {
    const struct ht_node_record *said = &invite->record;
    if (ht_hash32_equal(&said->node, &mesh->self.node)) {
        return ht_fail(why, HT_EINPUT, "own_node", "the invitation is this node's own");
    }
    if (said->expires_at != 0 && said->expires_at <= ht_mesh_now_s(mesh)) {
        return ht_fail(why, HT_ESTALE, "invite_expired", "the invitation has expired");
    }
    struct ht_mesh_peer *peer = ht_mesh_find(mesh, &said->node);
    if (peer != NULL && peer->is_banned) {
        return ht_fail(why, HT_EDENIED, "peer_banned", "this peer is banned; allow it first");
    }
    bool is_new = peer == NULL;
    if (is_new) {
        enum ht_err err = ht_mesh_peer_new(&peer, mesh, &said->node, why);
        if (err != HT_OK) return err;
    }
    if (peer->record_json == NULL || peer->record.address_count == 0) {
        int64_t created_at = peer->record.created_at;
        int64_t expires_at = peer->record.expires_at;
        peer->record = *said;
        peer->record.created_at = created_at;
        peer->record.expires_at = expires_at;
    }
    peer->origin = HT_MESH_ADDED;
    peer->is_accepted = true;
    peer->failures = 0;
    memcpy(peer->invite, invite->secret, sizeof peer->invite);
    if (label != NULL && label[0] != '\0') {
        (void)snprintf(peer->label, sizeof peer->label, "%s", label);
    }
    ht_mesh_wait_for(mesh, peer, 0);
    if (peer->link != NULL) ht_mesh_link_reconsider(peer->link);
    ht_mesh_keep(mesh, peer);
    *out = peer;
    return HT_OK;
}

/* What costs nothing: is it news, and of anybody who matters here? */
static enum ht_err is_news(struct ht_mesh_peer **peer, struct ht_mesh *mesh,
                           const struct ht_event *event, struct ht_why *why) {
    ht_hash32 node;
    if (event->kind != HT_NODE_RECORD_KIND || !ht_event_hex32(&node, ht_event_d(event))) {
        return ht_fail(why, HT_EINPUT, "bad_record", "this is no node record");
    }
    if (ht_hash32_equal(&node, &mesh->self.node)) {
        return ht_fail(why, HT_EINPUT, "own_node", "the record is about this node");
    }
    *peer = ht_mesh_find(mesh, &node);
    if (*peer != NULL && event->created_at < (*peer)->record.created_at) {
        return ht_fail(why, HT_ESTALE, "record_older", "a newer record of that node is known");
    }
    if (*peer != NULL && (*peer)->origin != HT_MESH_STRANGER) return HT_OK;
    const struct ht_node_record of = {.user = event->pubkey, .has_user = true};
    if (ht_mesh_accepts(mesh, &of)) return HT_OK;
    return ht_fail(why, HT_ENOTFOUND, "stranger", "a node of nobody whose nodes are taken");
}

static enum ht_err verified(struct ht_node_record *out, struct ht_mesh *mesh,
                            const struct ht_event *event, struct ht_why *why) {
    if (!ht_mesh_verify(mesh, event)) {
        return ht_fail(why, HT_EUNVERIFIED, "event_signature", "the record's signature is wrong");
    }
    return ht_node_record_read(out, event, ht_mesh_now_s(mesh), why);
}

enum ht_err ht_mesh_learn(struct ht_mesh *mesh, const struct ht_event *event,
                          enum ht_mesh_origin origin, struct ht_why *why) {
    struct ht_mesh_peer *peer = NULL;
    struct ht_node_record record;
    enum ht_err err = is_news(&peer, mesh, event, why);
    bool is_known = err == HT_OK && peer != NULL && peer->record_json != NULL &&
                    event->created_at == peer->record.created_at;
    if (err != HT_OK || is_known) return err;
    err = verified(&record, mesh, event, why);
    bool is_new = peer == NULL;
    if (err == HT_OK && is_new) err = ht_mesh_peer_new(&peer, mesh, &record.node, why);
    if (err != HT_OK) return err;
    if (ht_mesh_peer_adopt(mesh, peer, &record, event->json) != HT_OK) {
        if (is_new) ht_mesh_peer_drop(mesh, peer);
        return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    if (peer->origin == HT_MESH_STRANGER || (!is_owners(peer) && !peer->is_accepted)) {
        peer->origin = origin;
    }
    if (!is_owners(peer)) peer->is_accepted = ht_mesh_accepts(mesh, &record);
    if (peer->link != NULL) ht_mesh_link_reconsider(peer->link);
    ht_mesh_keep(mesh, peer);
    return HT_OK;
}

/* --- the owner's word, and the policy's ------------------------------------------------------- */

void ht_mesh_review(struct ht_mesh *mesh) {
    for (struct ht_mesh_peer *peer = mesh->peers; peer != NULL; peer = peer->next) {
        if (is_owners(peer) || peer->origin == HT_MESH_STRANGER) continue;
        bool is_accepted = ht_mesh_accepts(mesh, &peer->record);
        if (is_accepted == peer->is_accepted) continue;
        peer->is_accepted = is_accepted;
        if (peer->record.may_pass) mesh->passable++;
        if (peer->link != NULL) ht_mesh_link_reconsider(peer->link);
        ht_mesh_keep(mesh, peer);
    }
}

void ht_mesh_accept(struct ht_mesh *mesh, struct ht_mesh_peer *peer, bool is_accepted) {
    peer->is_accepted = is_accepted;
    peer->origin = HT_MESH_ADDED;
    if (peer->link != NULL) ht_mesh_link_reconsider(peer->link);
    ht_mesh_keep(mesh, peer);
}

void ht_mesh_ban(struct ht_mesh *mesh, struct ht_mesh_peer *peer, bool is_banned) {
    peer->is_banned = is_banned;
    if (is_banned) {
        ht_mesh_token_wipe(peer);
        if (peer->origin == HT_MESH_STRANGER) peer->origin = HT_MESH_ADDED; /* kept on disk */
        if (peer->link != NULL) {
            ht_mesh_link_end(peer->link, "banned", "the owner of this node has ended it");
            ht_mesh_token_wipe(peer);
        }
    }
    ht_mesh_keep(mesh, peer);
}

void ht_mesh_forgive(struct ht_mesh *mesh, struct ht_mesh_peer *peer) {
    ht_peer_score_forgive(&peer->score);
    peer->failures = 0;
    ht_mesh_wait_for(mesh, peer, 0);
    ht_mesh_keep(mesh, peer);
}

void ht_mesh_forget(struct ht_mesh *mesh, struct ht_mesh_peer *peer) {
    if (peer->link != NULL) {
        ht_mesh_link_end(peer->link, "not_accepted", "the owner of this node has ended it");
    }
    struct ht_mesh_peer **at = &mesh->peers;
    while (*at != peer) at = &(*at)->next;
    *at = peer->next;
    ht_mesh_keep(mesh, peer);
    peer->next = mesh->peers;
    mesh->peers = peer;
    ht_mesh_peer_drop(mesh, peer);
}

void ht_mesh_blame(struct ht_mesh *mesh, struct ht_mesh_peer *peer, enum ht_peer_fault_kind kind,
                   const char *what) {
    if (peer->link != NULL) {
        (void)ht_mesh_link_blame(peer->link, kind, what);
        return;
    }
    (void)ht_peer_score_fault(&peer->score, kind, what, ht_wall_ms(mesh->clock));
    ht_mesh_keep(mesh, peer);
}
