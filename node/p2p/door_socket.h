/* Websockets of the door: messages in and out, with their bounds. */
#ifndef HT_P2P_DOOR_SOCKET_H
#define HT_P2P_DOOR_SOCKET_H

#include "node/p2p/door_core.h"

/* The handshake is done: asks the module. Returns what the lws callback must. */
int ht_door_socket_open(struct ht_door_conn *conn, const struct ht_door_caller *caller);
/* Forgets what waits and tells the module closed; nothing for what is no websocket. */
void ht_door_socket_drop(struct ht_door_conn *conn);

#endif
