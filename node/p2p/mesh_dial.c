/* Whom to dial, and when again. */
#include "node/p2p/mesh_dial.h"

#include "node/p2p/mesh_end.h"

void ht_mesh_wait_for(struct ht_mesh *mesh, struct ht_mesh_peer *peer, int64_t ms) {
    struct ht_mesh_box *box = ht_mesh_box_of(peer);
    box->dialling_ms = 0;
    box->dial_ms = ht_mesh_mono(mesh) + ms;
}

void ht_mesh_wait(struct ht_mesh *mesh, struct ht_mesh_peer *peer, bool is_failure) {
    int64_t wait = HT_MESH_AGAIN_MS;
    if (is_failure) {
        unsigned doublings = peer->failures < 10 ? peer->failures : 10;
        peer->failures++;
        wait = (int64_t)HT_MESH_WAIT_MIN_MS << doublings;
    }
    if (wait > HT_MESH_WAIT_MAX_MS) wait = HT_MESH_WAIT_MAX_MS;
    /* Half by chance: who lost each other at once shall not come back at once. */
    wait = wait / 2 + (int64_t)ht_random_below(mesh->random, (uint64_t)(wait / 2 + 1));
    ht_mesh_wait_for(mesh, peer, wait);
}

void ht_mesh_dial_failed(struct ht_mesh *mesh, struct ht_mesh_peer *peer,
                         const struct ht_why *why) {
    bool is_said = why != NULL && why->code != NULL;
    ht_mesh_ended(peer, is_said ? why->code : "connect_failed",
                  is_said ? why->text : "it could not be reached");
    ht_mesh_wait(mesh, peer, true);
    ht_mesh_keep(mesh, peer);
}

/* Couriers and who has invited us are dialled whatever else is linked. */
static bool is_due_always(const struct ht_mesh_peer *peer) {
    return peer->is_courier || peer->invite[0] != '\0';
}

static bool may_dial(struct ht_mesh *mesh, struct ht_mesh_peer *peer) {
    int64_t now = ht_mesh_mono(mesh);
    const struct ht_mesh_box *box = ht_mesh_box_of(peer);
    return peer->is_accepted && !peer->is_banned && peer->link == NULL &&
           peer->record.address_count > 0 && box->dialling_ms <= now && box->dial_ms <= now &&
           ht_peer_score_may_come(&peer->score, ht_wall_ms(mesh->clock));
}

/* Links that are there or on the way. */
static size_t count_links(struct ht_mesh *mesh) {
    size_t count = 0;
    int64_t now = ht_mesh_mono(mesh);
    for (struct ht_mesh_peer *peer = mesh->peers; peer != NULL; peer = peer->next) {
        bool is_linked = peer->link != NULL && peer->is_accepted;
        if (is_linked || ht_mesh_box_of(peer)->dialling_ms > now) count++;
    }
    return count;
}

struct choice {
    struct ht_mesh_peer *peer;
    bool is_first;
    int score;
    uint64_t chance;
};

static bool is_before(const struct choice *a, const struct choice *b) {
    if (a->is_first != b->is_first) return a->is_first;
    if (a->score != b->score) return a->score > b->score;
    return a->chance < b->chance;
}

size_t ht_mesh_to_dial(struct ht_mesh *mesh, struct ht_mesh_peer **out, size_t max) {
    struct choice best[HT_GOSSIP_PEERS_MAX];
    size_t count = 0;
    size_t links = count_links(mesh);
    size_t room = max < HT_GOSSIP_PEERS_MAX ? max : HT_GOSSIP_PEERS_MAX;
    for (struct ht_mesh_peer *peer = mesh->peers; peer != NULL && room > 0; peer = peer->next) {
        struct choice choice = {peer, is_due_always(peer), peer->score.score, 0};
        if (!may_dial(mesh, peer) || (!choice.is_first && links >= HT_GOSSIP_LINKS)) continue;
        choice.chance = ht_random_below(mesh->random, UINT32_MAX);
        size_t at = count;
        while (at > 0 && is_before(&choice, &best[at - 1])) at--;
        if (at == room) continue;
        if (count < room) count++;
        memmove(&best[at + 1], &best[at], (count - 1 - at) * sizeof best[0]);
        best[at] = choice;
    }
    size_t given = 0;
    while (given < count && (best[given].is_first || links < HT_GOSSIP_LINKS)) {
        struct ht_mesh_box *box = ht_mesh_box_of(best[given].peer);
        box->dialling_ms = ht_mesh_mono(mesh) + HT_MESH_DIAL_MS;
        out[given] = best[given].peer;
        given++;
        links++;
    }
    return given;
}
