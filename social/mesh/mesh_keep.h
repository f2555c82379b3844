/* Peers, invitations and marks on disk. Only files of this folder include it. */
#ifndef HT_SOCIAL_MESH_KEEP_H
#define HT_SOCIAL_MESH_KEEP_H

#include "social/mesh/mesh_impl.h"

/* Into the core, at the start. Rows that cannot be read are left out, and logged. */
enum ht_err ht_mesh_keep_load(struct ht_mesh_service *service, sqlite3 *db,
                              struct ht_why *why) HT_MUST_USE;
/* As of struct ht_mesh_io: written within a second. */
void ht_mesh_keep(struct ht_mesh_service *service, const struct ht_mesh_peer *peer);
void ht_mesh_keep_mark(struct ht_mesh_service *service, const struct ht_mesh_mark *mark);
/* Writes what is to be kept now, and then answers the call with the result, taken over. */
void ht_mesh_keep_answer(struct ht_mesh_service *service, struct ht_rpc_call *call, json_t *result);
/* Gives what is left to the writer. */
void ht_mesh_keep_stop(struct ht_mesh_service *service);

#endif
