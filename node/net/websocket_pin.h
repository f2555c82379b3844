/* Inside the websocket client: certificates of servers that are known by their key. */
#ifndef HT_NET_WEBSOCKET_PIN_H
#define HT_NET_WEBSOCKET_PIN_H

#include "node/net/websocket_impl.h"

/* Has the TLS of lws' clients ask us about certificates: one of a connection with a pin is good
 * when its key is the pinned one, whatever else it says; others are checked as usual. ssl_ctx: an
 * SSL_CTX; ref lives as long. */
void ht_websocket_set_trust(void *ssl_ctx, struct ht_websockets_ref *ref);

#endif
