/* Invitations of ours. For the files mesh*.c only; the source says more. */
#ifndef HT_P2P_MESH_INVITE_H
#define HT_P2P_MESH_INVITE_H

#include "node/p2p/mesh_impl.h"

/* The label of an invitation of ours with that secret, which is gone then. */
bool ht_mesh_invite_use(char label[static HT_NODE_NAME_SIZE], struct ht_mesh *mesh,
                        const json_t *secret);
bool ht_mesh_invite_has(struct ht_mesh *mesh, const json_t *secret);
int64_t ht_mesh_invite_due_s(const struct ht_mesh *mesh); /* wall; INT64_MAX: never */
void ht_mesh_invite_tick(struct ht_mesh *mesh);
void ht_mesh_invite_free(struct ht_mesh *mesh);

#endif
