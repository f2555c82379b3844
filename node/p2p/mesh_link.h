/* Links: their stages, faults and ends. For the files mesh*.c only; the source says more. */
#ifndef HT_P2P_MESH_LINK_H
#define HT_P2P_MESH_LINK_H

#include "node/p2p/mesh_impl.h"

/* Sends; counts it for the peer. false: not taken, or the link is over. */
bool ht_mesh_link_send(struct ht_mesh_link *link, ht_bytes text);
/* Says BYE, takes the link from its peer and from gossip, and hangs up. code: a literal. */
void ht_mesh_link_end(struct ht_mesh_link *link, const char *code, const char *text);
/* Says BYE; the connection lives on for Nostr unless we dialled it. */
void ht_mesh_link_refuse(struct ht_mesh_link *link, const char *code, const char *text);
/* The other side has said BYE, or will have: as refuse, without saying anything. */
void ht_mesh_link_left(struct ht_mesh_link *link, const char *code, const char *text);
/* The peer that a link is or was dialled for; NULL: none that is known. */
struct ht_mesh_peer *ht_mesh_link_meant(struct ht_mesh_link *link);
/* Makes the link that peer's, unless another one stays; true: it is bound. */
bool ht_mesh_link_bind(struct ht_mesh_link *link, struct ht_mesh_peer *peer);
/* It has said STATE. */
void ht_mesh_link_rise(struct ht_mesh_link *link);
/* A fault of the link's peer: counted, and the link ends when it was too much (true). */
bool ht_mesh_link_blame(struct ht_mesh_link *link, enum ht_peer_fault_kind kind, const char *what);
/* Whether its peer is accepted is another. */
void ht_mesh_link_reconsider(struct ht_mesh_link *link);
/* Ends those that are to end. */
void ht_mesh_sweep(struct ht_mesh *mesh);
int64_t ht_mesh_link_due(const struct ht_mesh_link *link); /* monotonic; INT64_MAX: never */
void ht_mesh_link_tick(struct ht_mesh_link *link);

/* Another stage, from now on. */
void ht_mesh_link_enter(struct ht_mesh_link *link, enum ht_mesh_stage stage);
/* Puts it on the mesh's list: it is not plain any more. */
void ht_mesh_link_list(struct ht_mesh_link *link);

#endif
