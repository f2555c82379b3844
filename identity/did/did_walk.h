/* The complete history of an identity of did:ethr, from its newest change back to the first.
 *
 * Each block that the registry names is visited: its header and all its receipts are proven by the
 * node (blocks.h; what was proven once comes from the disk), the identity's events in it name the
 * block before. Since one block tells only of the next, a provider is asked beside it where there
 * may be more (eth_getLogs); what it says is believed of nothing but which receipts to fetch ahead,
 * HT_DID_WALK_AT_ONCE blocks at a time. A hint that leads nowhere ends the fetching ahead; without
 * any the walk goes on one by one. Loop thread. */
#ifndef HT_IDENTITY_DID_DID_WALK_H
#define HT_IDENTITY_DID_DID_WALK_H

#include "identity/did/did_ethr.h"
#include "node/module.h"

#define HT_DID_WALK_AT_ONCE 8U
#define HT_DID_WALK_BLOCKS_MAX 4096U
#define HT_DID_WALK_BYTES_MAX ((size_t)32 << 20) /* of events */

struct ht_did_walk_work;

/* Zeroed but for what is asked and done. */
struct ht_did_walk {
    struct ht_blocks *blocks;
    struct ht_asker *asker; /* of hints */
    ht_addr20 registry, identity;
    uint64_t changed; /* the registry's word for the newest, proven; 0: none */
    void (*done)(struct ht_did_walk *walk); /* once, perhaps before ht_did_walk returns */

    /* HT_OK, and these are all events, oldest first, linked (ht_did_events_check). Otherwise the
     * reasons of did_ethr.h and of ht_blocks_read: `missing` is then the youngest block that could
     * not be had; from there back nothing is known. */
    enum ht_err err;
    struct ht_why why;
    struct ht_did_event *events; /* in the arena */
    size_t count;
    size_t block_count; /* visited, of the chain */
    uint64_t missing;
    struct ht_arena arena;

    struct ht_did_walk_work *work; /* its own */
};

void ht_did_walk(struct ht_did_walk *walk);
/* Gives up one under way: `done` does not come. */
void ht_did_walk_cancel(struct ht_did_walk *walk);
void ht_did_walk_fini(struct ht_did_walk *walk);

#endif
