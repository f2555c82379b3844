/* The owner's methods about peers: mesh_service.h says what they are. */
#ifndef HT_SOCIAL_MESH_METHODS_H
#define HT_SOCIAL_MESH_METHODS_H

#include "social/mesh/mesh_service.h"

#define HT_MESH_METHODS 13U
extern const struct ht_rpc_method ht_mesh_methods[];

#endif
