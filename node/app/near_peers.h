/* Peers as providers: each node near us that serves chain data is asked like any other server, and
 * believed as little; who lies is named to whoever keeps the links. Loop thread. */
#ifndef HT_APP_NEAR_PEERS_H
#define HT_APP_NEAR_PEERS_H

#include "node/module.h"

struct ht_near_peers {
    struct ht_sync *sync;
    struct ht_evidence *evidence; /* knows the lies of earlier runs */
    const struct ht_near *nodes;  /* NULL: nobody offers any */
    struct ht_near_listener listener;
};

/* Zeroed before. nodes may be NULL. From now on peers come and go as providers of sync, until
 * ht_near_peers_stop. */
void ht_near_peers_start(struct ht_near_peers *peers, struct ht_sync *sync,
                         struct ht_evidence *evidence, const struct ht_near *nodes);
/* Before the module that offers the nodes stops. */
void ht_near_peers_stop(struct ht_near_peers *peers);

#endif
