/* Inside the websocket client: where a URL leads. */
#ifndef HT_NET_WEBSOCKET_URL_H
#define HT_NET_WEBSOCKET_URL_H

#include "node/net/websocket_impl.h"

/* Takes a ws or wss URL apart; false when it is none. */
bool ht_websocket_read_url(struct ht_websocket *ws, const char *text);

#endif
