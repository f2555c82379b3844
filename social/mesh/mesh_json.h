/* What the owner is told of peers. Only files of this folder include it. */
#ifndef HT_SOCIAL_MESH_JSON_H
#define HT_SOCIAL_MESH_JSON_H

#include "social/mesh/mesh_impl.h"

/* As peers.list, but with "name" null: a new reference, NULL without memory. */
json_t *ht_mesh_list_json(struct ht_mesh_service *service);
/* The link of an invitation of ours. HT_ELIMIT, HT_EINPUT as of ht_invite_write. */
enum ht_err ht_mesh_invite_link(char out[static HT_INVITE_SIZE],
                                const struct ht_mesh_service *service,
                                const struct ht_mesh_invitation *invitation,
                                struct ht_why *why) HT_MUST_USE;

#endif
