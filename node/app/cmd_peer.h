/* hearth peer: other nodes that this one links to (social/mesh/mesh_service.h says what the node
 * answers). */
#ifndef HT_APP_CMD_PEER_H
#define HT_APP_CMD_PEER_H

#include "node/app/cmd.h"

extern const struct ht_cmd ht_cmd_peer;

#endif
