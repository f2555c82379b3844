/* A door of the mesh's own: peers come in there, and what the relay's door has is there as well.
 * Only files of this folder include it. */
#ifndef HT_SOCIAL_MESH_DOOR_H
#define HT_SOCIAL_MESH_DOOR_H

#include "social/mesh/mesh_impl.h"

struct ht_mesh_door {
    struct ht_social *social;
    struct ht_door *door;          /* NULL: closed */
    char channel[HT_CHANNEL_SIZE]; /* set before it is opened: what binds a handshake to it */
};

/* Errors of ht_door_new. */
enum ht_err ht_mesh_door_open(struct ht_mesh_door *door, struct ht_social *social,
                              const struct ht_door_options *options,
                              struct ht_why *why) HT_MUST_USE;

#endif
