/* When peers are dialled again. For the files mesh*.c only; the source says more. */
#ifndef HT_P2P_MESH_DIAL_H
#define HT_P2P_MESH_DIAL_H

#include "node/p2p/mesh_impl.h"

/* The next dial comes after a wait that grows with its failures. */
void ht_mesh_wait(struct ht_mesh *mesh, struct ht_mesh_peer *peer, bool is_failure);
void ht_mesh_wait_for(struct ht_mesh *mesh, struct ht_mesh_peer *peer, int64_t ms);

#endif
