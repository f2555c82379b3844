/* Catch-up over links that we dialled: with the relay at the other end, both ways. Only files of
 * this folder include it.
 *
 * Begins when a link comes up, goes on where one was cut, and comes again after
 * HT_CATCHUP_EVERY_MS with jitter, or when what we carry has changed. What is compared are the
 * events of the authors that both carry; private kinds never are. */
#ifndef HT_SOCIAL_MESH_CATCHUP_H
#define HT_SOCIAL_MESH_CATCHUP_H

#include "social/mesh/mesh_impl.h"

void ht_mesh_catchup_begin(struct ht_mesh_service *service);
/* What is under way is cut, and where it was is kept. */
void ht_mesh_catchup_stop(struct ht_mesh_service *service);
/* A round with everybody, soon. */
void ht_mesh_catchup_hurry(struct ht_mesh_service *service);
/* A message of the other side's relay: true when it was for catch-up. */
bool ht_mesh_catchup_received(struct ht_mesh_conn *conn, ht_bytes text);
/* The link is gone; also when nothing was begun. */
void ht_mesh_catchup_down(struct ht_mesh_conn *conn);
/* As "catchup" of peers.list; conn may be NULL. A new reference. */
json_t *ht_mesh_catchup_json(const struct ht_mesh_conn *conn);

#endif
