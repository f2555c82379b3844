/* The handshake of a link, and what comes of it: a peer's link, one that has to give a reason, or
 * nobody's. Only with the first PEER does a connection cost something. */
#include "node/p2p/mesh_shake.h"

#include <stdlib.h>

#include "node/p2p/mesh_link.h"
#include "node/p2p/mesh_state.h"

/* The handshake is over: who is it? */
static void proven(struct ht_mesh_link *link) {
    struct ht_mesh *mesh = link->mesh;
    link->node = link->handshake->peer;
    free(link->handshake);
    link->handshake = NULL;
    ht_mesh_link_enter(link, HT_LINK_ASKING);
    struct ht_mesh_peer *peer = ht_mesh_find(mesh, &link->node);
    if (peer != NULL && peer->is_banned) {
        ht_mesh_link_refuse(link, "banned", "the owner of this node does not want this peer");
    } else if (peer != NULL && !ht_peer_score_may_come(&peer->score, ht_wall_ms(mesh->clock))) {
        ht_mesh_link_refuse(link, "resting", "dropped for faults; later it may come again");
    } else if (peer != NULL && peer->is_accepted) {
        (void)ht_mesh_link_bind(link, peer);
    } else if (link->is_dialler && !mesh->is_open) {
        ht_mesh_link_refuse(link, "not_accepted", "dialled, but no peer of ours any more");
    } else if (link->is_dialler) {
        ht_mesh_state_stranger(link);
    }
}

void ht_mesh_shake_heard(struct ht_mesh_link *link, const struct ht_peer_link_message *message) {
    struct ht_buf out, ends;
    struct ht_why why = {.code = ""};
    ht_buf_init(&out, HT_PEER_LINK_MESSAGE_MAX);
    ht_buf_init(&ends, 16 * sizeof(size_t));
    enum ht_err err = ht_handshake_said(&out, &ends, link->handshake, message, &why);
    size_t from = 0;
    bool is_sent = true;
    for (size_t i = 0; err == HT_OK && i < ends.n / sizeof(size_t); i++) {
        size_t end;
        memcpy(&end, ends.p + i * sizeof end, sizeof end);
        is_sent = ht_mesh_link_send(link, ht_bytes_of(out.p + from, end - from)) && is_sent;
        from = end;
    }
    ht_buf_fini(&out);
    ht_buf_fini(&ends);
    if (err != HT_OK) {
        ht_mesh_link_end(link, why.code, why.text);
    } else if (!is_sent) {
        ht_mesh_link_end(link, "busy", "the connection takes no more");
    } else if (link->handshake->step == HT_HANDSHAKE_DONE) {
        proven(link);
    }
}

enum ht_err ht_mesh_shake_begin(struct ht_mesh_link *link) {
    link->handshake = calloc(1, sizeof *link->handshake);
    if (link->handshake == NULL) return HT_ENOMEM;
    ht_handshake_init(link->handshake, &link->mesh->self, link->is_dialler,
                      link->has_expected ? &link->expected : NULL, link->channel);
    ht_mesh_link_enter(link, HT_LINK_SHAKING);
    ht_mesh_link_list(link);
    return HT_OK;
}

/* Room for one more on the way: the oldest of those that others dialled and that have not come to
 * an end goes, so that who begins and never finishes keeps nobody out. */
static bool make_room(struct ht_mesh *mesh) {
    struct ht_mesh_link *oldest = NULL;
    if (mesh->link_count < HT_MESH_LINKS_MAX) return true;
    for (struct ht_mesh_link *link = mesh->links; link != NULL; link = link->next) {
        bool is_going = link->stage == HT_LINK_SHAKING || link->stage == HT_LINK_ASKING;
        if (is_going && !link->is_dialler) oldest = link; /* the newest are in front */
    }
    if (oldest == NULL) return false;
    ht_mesh_link_refuse(oldest, "busy", "too many begin a handshake");
    return true;
}

/* A plain connection says PEER: only here it begins to cost something. */
bool ht_mesh_shake_offered(struct ht_mesh_link *link, const struct ht_peer_link_message *message) {
    if (link->is_dialler || message->verb != HT_PEER_VERB_PEER) return false;
    if (!make_room(link->mesh)) {
        ht_mesh_link_refuse(link, "full", "as many peers as we take");
    } else if (ht_mesh_shake_begin(link) == HT_OK) {
        ht_mesh_shake_heard(link, message);
    }
    return true;
}
