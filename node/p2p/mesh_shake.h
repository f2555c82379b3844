/* From PEER to who it is. For the files mesh*.c only; the source says more. */
#ifndef HT_P2P_MESH_SHAKE_H
#define HT_P2P_MESH_SHAKE_H

#include "node/p2p/mesh_impl.h"
#include "node/p2p/peer_message.h"

/* HT_ENOMEM. */
enum ht_err ht_mesh_shake_begin(struct ht_mesh_link *link) HT_MUST_USE;
/* A plain connection says something; true: it was an offer. */
bool ht_mesh_shake_offered(struct ht_mesh_link *link, const struct ht_peer_link_message *message);
/* PEER or AUTH of a link that is SHAKING. */
void ht_mesh_shake_heard(struct ht_mesh_link *link, const struct ht_peer_link_message *message);

#endif
