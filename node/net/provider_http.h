/* What a request to a provider carries besides its question: for a peer, its key and ours. */
#ifndef HT_NET_PROVIDER_HTTP_H
#define HT_NET_PROVIDER_HTTP_H

#include "node/net/http.h"
#include "node/net/provider.h"

/* options borrows from provider until it is used. */
static inline void ht_provider_fill(struct ht_http_options *options,
                                    const struct ht_provider *provider) {
    const struct ht_provider_peer *peer = &provider->peer;
    if (!provider->is_peer) return;
    if (peer->has_pin) options->pin = &peer->pin;
    if (peer->token[0] != '\0') options->bearer = peer->token;
    if (peer->socks[0] != '\0') options->socks = peer->socks;
}

#endif
