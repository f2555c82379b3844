/* STATE, in. For the files mesh*.c only; the source says more. */
#ifndef HT_P2P_MESH_STATE_H
#define HT_P2P_MESH_STATE_H

#include "node/p2p/mesh_impl.h"

void ht_mesh_state_heard(struct ht_mesh_link *link, ht_bytes json);
/* Takes a proven link as a stranger's, as an open mesh does, or refuses it. */
void ht_mesh_state_stranger(struct ht_mesh_link *link);

#endif
