/* STATE, out. For the files mesh*.c only; the source says more. */
#ifndef HT_P2P_MESH_TELL_H
#define HT_P2P_MESH_TELL_H

#include "node/p2p/mesh_impl.h"

/* Are there records that it could be told? */
bool ht_mesh_state_may_exchange(const struct ht_mesh_link *link);
/* Says what is to be told, as far as it is time. */
void ht_mesh_state_tell(struct ht_mesh_link *link);
/* Marks it for all peers. */
void ht_mesh_state_mark(struct ht_mesh *mesh, unsigned what);

#endif
