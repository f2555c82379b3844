/* The relay at "/" of the API server: who may open a websocket there, and handing it on. */
#ifndef HT_API_SERVER_RELAY_H
#define HT_API_SERVER_RELAY_H

#include "node/api/server_core.h"

/* For an upgrade at "/" with a good Host: 0, or the HTTP status that refuses it. Whoever may act at
 * /eth without asking: programs, extensions, the owner's own page, and pages that have a
 * permission. Pages without one may speak to the relay at its own port, if it has one. */
unsigned ht_api_check_relay(struct ht_api_conn *conn, ht_bytes host, struct ht_why *why);

/* Callbacks of such a websocket; returns what lws wants. */
int ht_api_relay_event(struct ht_api_conn *conn, enum lws_callback_reasons reason, void *in,
                       size_t len);

#endif
