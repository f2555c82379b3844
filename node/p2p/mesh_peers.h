/* The table of peers. For the files mesh*.c only; the source says more. */
#ifndef HT_P2P_MESH_PEERS_H
#define HT_P2P_MESH_PEERS_H

#include "node/p2p/mesh_impl.h"

/* HT_ELIMIT "too_many_peers", HT_ENOMEM. Its node only is set. */
enum ht_err ht_mesh_peer_new(struct ht_mesh_peer **out, struct ht_mesh *mesh, const ht_hash32 *node,
                             struct ht_why *why) HT_MUST_USE;
void ht_mesh_peer_drop(struct ht_mesh *mesh,
                       struct ht_mesh_peer *peer); /* no link is its any more */
/* A verified, newer record. HT_ENOMEM. */
enum ht_err ht_mesh_peer_adopt(struct ht_mesh *mesh, struct ht_mesh_peer *peer,
                               const struct ht_node_record *record, ht_bytes json) HT_MUST_USE;
bool ht_mesh_accepts(struct ht_mesh *mesh, const struct ht_node_record *record);

#endif
