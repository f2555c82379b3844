/* Recent slots and head delays, for people to look at. */
#include "node/l1/chain_view.h"

static void remove_blocks(struct ht_chain_view *view, size_t from, size_t to) {
    memmove(view->blocks + from, view->blocks + to,
            (view->block_count - to) * sizeof *view->blocks);
    view->block_count -= to - from;
}

/* What lies between a block and its parent is of another chain. */
static void drop_orphans(struct ht_chain_view *view, size_t at) {
    for (size_t i = at + 1; i < view->block_count; i++) {
        if (!ht_hash32_equal(&view->blocks[i].parent_root, &view->blocks[at].root)) continue;
        remove_blocks(view, at + 1, i);
        break;
    }
    for (size_t i = at; i > 0; i--) {
        if (!ht_hash32_equal(&view->blocks[i - 1].root, &view->blocks[at].parent_root)) continue;
        remove_blocks(view, i, at);
        return;
    }
}

void ht_view_add_block(struct ht_chain_view *view, const struct ht_beacon_block_header *beacon,
                       const ht_hash32 *root) {
    size_t at = view->block_count;
    while (at > 0 && view->blocks[at - 1].slot >= beacon->slot) at--;
    bool is_known = at < view->block_count && view->blocks[at].slot == beacon->slot;
    if (is_known && ht_hash32_equal(&view->blocks[at].root, root)) return;
    if (is_known) view->block_count = at; /* another chain: what followed is gone */
    if (view->block_count == HT_VIEW_SLOTS) {
        if (at == 0) return; /* older than all that is kept */
        remove_blocks(view, 0, 1);
        at--;
    }
    memmove(view->blocks + at + 1, view->blocks + at,
            (view->block_count - at) * sizeof *view->blocks);
    view->blocks[at] = (struct ht_view_block){beacon->slot, *root, beacon->parent_root};
    view->block_count++;
    drop_orphans(view, at);
}

void ht_view_add_delay(struct ht_chain_view *view, int64_t at_ms, int64_t delay_ms) {
    if (view->delay_count == HT_VIEW_DELAYS) {
        memmove(view->delays, view->delays + 1, (HT_VIEW_DELAYS - 1) * sizeof *view->delays);
        view->delay_count--;
    }
    view->delays[view->delay_count++] = (struct ht_view_delay){at_ms, delay_ms};
}

bool ht_view_missing_parent(ht_hash32 *out, const struct ht_chain_view *view,
                            uint64_t oldest_slot) {
    for (size_t i = view->block_count; i > 0; i--) {
        const struct ht_view_block *block = &view->blocks[i - 1];
        if (block->slot <= oldest_slot) return false;
        if (i > 1 && ht_hash32_equal(&block->parent_root, &block[-1].root)) continue;
        *out = block->parent_root;
        return true;
    }
    return false;
}

/* Sets the letter of a slot, if it is among those shown. */
static void mark(char *out, size_t count, uint64_t first, uint64_t slot, char letter) {
    if (slot >= first && slot - first < count) out[slot - first] = letter;
}

uint64_t ht_view_slots(char out[static HT_VIEW_SLOTS + 1], const struct ht_chain_view *view,
                       uint64_t last_slot, uint64_t finalized_slot) {
    uint64_t first = last_slot < HT_VIEW_SLOTS - 1 ? 0 : last_slot - (HT_VIEW_SLOTS - 1);
    size_t count = (size_t)(last_slot - first) + 1;
    memset(out, '?', count);
    out[count] = '\0';
    for (size_t i = 0; i < view->block_count; i++) {
        const struct ht_view_block *block = &view->blocks[i];
        mark(out, count, first, block->slot, block->slot <= finalized_slot ? 'f' : 's');
        const struct ht_view_block *parent = i > 0 ? block - 1 : NULL;
        if (parent == NULL || !ht_hash32_equal(&block->parent_root, &parent->root)) continue;
        uint64_t slot = parent->slot + 1 > first ? parent->slot + 1 : first;
        for (; slot < block->slot; slot++) mark(out, count, first, slot, 'm');
    }
    return first;
}
