/* Nodes near us, coming and going as providers. */
#include "node/app/near_peers.h"

#include <stdio.h>

#include "node/base/log.h"
#include "node/l1/evidence.h"

static void on_node(struct ht_near_listener *listener, const struct ht_near_node *node,
                    bool is_up) {
    struct ht_near_peers *peers =
        (struct ht_near_peers *)((char *)listener - offsetof(struct ht_near_peers, listener));
    struct ht_why why;
    if (peers->nodes == NULL) return;
    if (!is_up || !node->has_chain) {
        ht_sync_remove_peer(peers->sync, &node->node);
        return;
    }
    struct ht_provider_peer peer = {.node = node->node, .pin = node->pin, .has_pin = node->has_pin};
    memcpy(peer.token, node->token, sizeof peer.token);
    memcpy(peer.socks, node->socks, sizeof peer.socks);
    if (ht_sync_add_peer(peers->sync, node->base, &peer, &why) != HT_OK) {
        ht_log(HT_LOG_WARN, "near", "a peer is not asked for chain data: %s", why.text);
        return;
    }
    ht_evidence_recall(peers->evidence, &node->node);
}

static void on_lie(void *user, const struct ht_provider *provider,
                   const struct ht_provider_fault *fault) {
    const struct ht_near_peers *peers = user;
    char what[sizeof fault->asked + sizeof fault->why.text + 8];
    if (peers->nodes == NULL) return;
    (void)snprintf(what, sizeof what, "%s: %s", fault->asked, fault->why.text);
    peers->nodes->blame(peers->nodes->self, &provider->peer.node, what);
}

void ht_near_peers_start(struct ht_near_peers *peers, struct ht_sync *sync,
                         struct ht_evidence *evidence, const struct ht_near *nodes) {
    struct ht_providers *providers = ht_sync_providers(sync);
    peers->sync = sync;
    peers->evidence = evidence;
    peers->nodes = nodes;
    peers->listener.changed = on_node;
    if (nodes == NULL) return;
    providers->on_lie = on_lie;
    providers->user = peers;
    nodes->listen(nodes->self, &peers->listener);
}

void ht_near_peers_stop(struct ht_near_peers *peers) {
    if (peers->nodes != NULL) ht_sync_providers(peers->sync)->on_lie = NULL;
    peers->nodes = NULL;
}
