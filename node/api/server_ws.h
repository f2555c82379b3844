/* Websockets of the UI: messages in, replies and topic pushes out. */
#ifndef HT_API_SERVER_WS_H
#define HT_API_SERVER_WS_H

#include "node/api/server_core.h"

/* Protocol 1 of the TCP vhost, `hearth`. */
int ht_api_ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                       size_t len);

/* Marks a topic as changed for a connection, if that has subscribed to it. */
void ht_api_ws_mark(struct ht_api_conn *conn, unsigned topic);

/* Frees what a websocket holds; it may be called twice, and for a connection that is none. */
void ht_api_ws_close(struct ht_api_conn *conn);

#endif
