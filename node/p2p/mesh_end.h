/* Why links end. For the files mesh*.c only; the source says more. */
#ifndef HT_P2P_MESH_END_H
#define HT_P2P_MESH_END_H

#include "node/p2p/mesh_impl.h"

/* Keeps why a peer's link or dial ended. */
void ht_mesh_ended(struct ht_mesh_peer *peer, const char *code, const char *text);
/* A BYE of the other side. rest: its code and text. */
void ht_mesh_end_heard(struct ht_mesh_link *link, ht_bytes rest);

#endif
