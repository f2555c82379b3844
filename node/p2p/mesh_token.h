/* Tokens for HTTP. For the files mesh*.c only; the source says more. */
#ifndef HT_P2P_MESH_TOKEN_H
#define HT_P2P_MESH_TOKEN_H

#include "node/p2p/mesh_impl.h"

void ht_mesh_token_new(struct ht_mesh *mesh, struct ht_mesh_peer *peer);
void ht_mesh_token_rest(struct ht_mesh *mesh, struct ht_mesh_peer *peer); /* the link is gone */
void ht_mesh_token_wipe(struct ht_mesh_peer *peer);

#endif
