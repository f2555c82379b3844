/* Dialling peers: which address, by which way. Only mesh_links.c and mesh_dial.c include this. */
#ifndef HT_SOCIAL_MESH_DIAL_H
#define HT_SOCIAL_MESH_DIAL_H

#include "social/mesh/mesh_impl.h"

extern const struct ht_peers_tap ht_mesh_tap; /* its user: a struct ht_mesh_conn */

/* Among the service's; NULL without memory. */
struct ht_mesh_conn *ht_mesh_conn_new(struct ht_mesh_service *service);
void ht_mesh_conn_free(struct ht_mesh_conn *conn);

#endif
