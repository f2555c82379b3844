/* Connections that the mesh speaks over: made and ended by it, kept among the relays. */
#include "social/links/peers_tap.h"

#include <stdlib.h>

#include "social/links/peers_auth.h"
#include "social/links/peers_impl.h"
#include "social/links/peers_live.h"
#include "social/links/peers_send.h"
#include "social/links/peers_want.h"

static bool is_there(const struct ht_peers *peers, const char *text) {
    char url[HT_LINK_URL_SIZE];
    if (ht_link_url(url, text, NULL) != HT_OK) return false;
    return ht_link_find(peers->social->host->links, url) != NULL;
}

enum ht_err ht_peers_join(struct ht_peer **out, struct ht_social *social,
                          const struct ht_peers_joining *joining, struct ht_why *why) {
    struct ht_peers *peers = social->relays;
    if (peers->is_stopped) return ht_fail(why, HT_EAGAIN, "stopping", "the node is stopping");
    if (is_there(peers, joining->url)) {
        return ht_fail(why, HT_EAGAIN, "in_use", "there is a connection to that address already");
    }
    return ht_peers_open_tapped(out, peers, joining, why);
}

void ht_peers_prove(struct ht_peer *peer) {
    char challenge[HT_PEER_CHALLENGE_SIZE];
    if (peer->is_proven || !ht_peer_is_open(peer)) return;
    peer->is_proven = peer->is_own = true;
    memcpy(challenge, peer->early, sizeof challenge);
    peer->early[0] = '\0';
    ht_peers_live_opened(peer);
    ht_peers_want_opened(peer);
    ht_peers_send_flush(peer);
    if (challenge[0] != '\0') ht_peers_auth_challenge(peer, challenge);
    ht_peers_changed(peer->peers);
}

void ht_peers_part(struct ht_peer *peer) {
    peer->tap = NULL;
    ht_peers_remove(peer);
}
