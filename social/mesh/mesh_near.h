/* What peers serve besides events: chain data and blobs. Only files of this folder, and web.c,
 * include it. */
#ifndef HT_SOCIAL_MESH_NEAR_H
#define HT_SOCIAL_MESH_NEAR_H

#include "social/mesh/mesh_service.h"

/* Offers struct ht_near to the node, and takes it back. */
void ht_mesh_near_begin(struct ht_mesh_service *service);
void ht_mesh_near_stop(struct ht_mesh_service *service);
/* A link has come up, or is gone: whoever listens is told when the peer can be asked. */
void ht_mesh_near_up(struct ht_mesh_conn *conn);
void ht_mesh_near_down(struct ht_mesh_conn *conn);

/* A request at a door: by a peer, with its token, or for what everybody may have of the chain.
 * false: it is somebody else's. */
bool ht_mesh_http(struct ht_social *social, struct ht_door_http *http);

#endif
