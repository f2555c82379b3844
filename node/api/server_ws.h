/* Websockets of the UI and of wallets: messages in, replies and topic pushes out. */
#ifndef HT_API_SERVER_WS_H
#define HT_API_SERVER_WS_H

#include "node/api/server_core.h"

/* Protocol 1 of the TCP vhost, `hearth`; protocol 0 passes on what comes without a subprotocol. */
int ht_api_ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                       size_t len);

/* Marks a topic as changed for a connection, if that has subscribed to it. */
void ht_api_ws_mark(struct ht_api_conn *conn, unsigned topic);

/* Sends a notification to an open websocket, whatever it may ask for; params is taken over. Errors
 * as ht_rpc_notify. */
enum ht_err ht_api_ws_notify(struct ht_api_conn *conn, const char *method,
                             json_t *params) HT_MUST_USE;

/* Sends the reply to a message of this websocket; text is taken over. Errors as ht_rpc_asker. */
void ht_api_ws_reply(struct ht_api_conn *conn, enum ht_err err, struct ht_buf *text);

/* Frees what a websocket holds; it may be called twice, and for a connection that is none. */
void ht_api_ws_close(struct ht_api_conn *conn);

#endif
