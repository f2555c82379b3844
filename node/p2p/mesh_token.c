/* Tokens: by which a peer's HTTP requests are known for its. A new one with each link; the one
 * before stays good for a while, since requests may be under way. */
#include "node/p2p/mesh_token.h"

#include <sodium.h>

void ht_mesh_token_rest(struct ht_mesh *mesh, struct ht_mesh_peer *peer) {
    struct ht_mesh_box *box = ht_mesh_box_of(peer);
    if (box->token_ms == INT64_MAX) box->token_ms = ht_mesh_mono(mesh) + HT_MESH_TOKEN_MS;
}

void ht_mesh_token_new(struct ht_mesh *mesh, struct ht_mesh_peer *peer) {
    struct ht_mesh_box *box = ht_mesh_box_of(peer);
    uint8_t bytes[(HT_MESH_TOKEN_SIZE - 1) / 2];
    ht_mesh_token_rest(mesh, peer);
    memcpy(box->token_before, box->token, sizeof box->token);
    box->token_before_ms = box->token_ms;
    ht_random_fill(mesh->random, bytes, sizeof bytes);
    (void)sodium_bin2hex(box->token, sizeof box->token, bytes, sizeof bytes);
    box->token_ms = INT64_MAX;
    sodium_memzero(bytes, sizeof bytes);
}

void ht_mesh_token_wipe(struct ht_mesh_peer *peer) {
    struct ht_mesh_box *box = ht_mesh_box_of(peer);
    sodium_memzero(box->token, sizeof box->token);
    sodium_memzero(box->token_before, sizeof box->token_before);
    box->token_ms = box->token_before_ms = 0;
}

struct ht_mesh_peer *ht_mesh_token_peer(struct ht_mesh *mesh, ht_bytes token) {
    if (token.n != HT_MESH_TOKEN_SIZE - 1) return NULL;
    int64_t now = ht_mesh_mono(mesh);
    struct ht_mesh_peer *found = NULL;
    for (struct ht_mesh_peer *peer = mesh->peers; peer != NULL; peer = peer->next) {
        const struct ht_mesh_box *box = ht_mesh_box_of(peer);
        bool is_now = box->token[0] != '\0' && box->token_ms > now &&
                      sodium_memcmp(box->token, token.p, token.n) == 0;
        bool is_before = box->token_before[0] != '\0' && box->token_before_ms > now &&
                         sodium_memcmp(box->token_before, token.p, token.n) == 0;
        if (is_now || is_before) found = peer;
    }
    return found != NULL && !found->is_banned ? found : NULL;
}
