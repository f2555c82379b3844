/* The recent past as this node saw it: which slots had a signed block, and how late heads came. */
#ifndef HT_L1_CHAIN_VIEW_H
#define HT_L1_CHAIN_VIEW_H

#include "node/l1/consensus/light_client.h"

#define HT_VIEW_SLOTS 96
#define HT_VIEW_DELAYS 120

struct ht_view_block {
    uint64_t slot;
    ht_hash32 root;
    ht_hash32 parent_root;
};

struct ht_view_delay {
    int64_t at_ms;    /* wall time of verification */
    int64_t delay_ms; /* since the head's slot began */
};

struct ht_chain_view {
    struct ht_view_block blocks[HT_VIEW_SLOTS]; /* ascending slots */
    size_t block_count;
    struct ht_view_delay delays[HT_VIEW_DELAYS]; /* oldest first */
    size_t delay_count;
};

/* A verified block of the chain. One of another chain at the same slot replaces what it
 * contradicts: the blocks from that slot on. */
void ht_view_add_block(struct ht_chain_view *view, const struct ht_beacon_block_header *beacon,
                       const ht_hash32 *root);

void ht_view_add_delay(struct ht_chain_view *view, int64_t at_ms, int64_t delay_ms);

/* The parent root that the newest gap begins with: of the newest block above oldest_slot whose
 * parent is not there. False when there is no gap. */
bool ht_view_missing_parent(ht_hash32 *out, const struct ht_chain_view *view, uint64_t oldest_slot);

/* Writes a letter for each of the HT_VIEW_SLOTS slots that end with last_slot, and a zero: 'f'
 * finalized, 's' signed, 'm' missed (proven: the blocks on both sides are linked by parent_root),
 * '?' not seen. Slots before genesis are left out. Returns the first letter's slot. */
uint64_t ht_view_slots(char out[static HT_VIEW_SLOTS + 1], const struct ht_chain_view *view,
                       uint64_t last_slot, uint64_t finalized_slot);

#endif
