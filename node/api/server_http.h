/* HTTP of both doors: routes, checks and bodies. */
#ifndef HT_API_SERVER_HTTP_H
#define HT_API_SERVER_HTTP_H

#include "node/api/server_core.h"

/* Protocol 0 of both vhosts: connections, HTTP requests and websocket upgrades up to the
 * handshake. */
int ht_api_http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                         size_t len);

/* Answers the POST that this connection has waited with; text is taken over. Errors as
 * ht_rpc_asker. */
void ht_api_http_reply(struct ht_api_conn *conn, enum ht_err err, struct ht_buf *text);

#endif
