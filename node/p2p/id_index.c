/* Linear probing at most half full; what is removed closes its gap, so that nothing is left over
 * that would have to be swept. */
#include "node/p2p/id_index.h"

#include <stdlib.h>

enum ht_err ht_id_index_init(struct ht_id_index *index, size_t most, size_t size,
                             const struct ht_random *random) {
    ht_assert(most > 0 && most < ((size_t)1 << 30) && size >= sizeof(ht_hash32));
    unsigned bits = 2;
    while (((size_t)1 << bits) < 2 * most) bits++;
    *index = (struct ht_id_index){
        .mask = ((uint32_t)1 << bits) - 1,
        .shift = 64 - bits,
        .size = size,
        .slots = calloc((size_t)1 << bits, sizeof *index->slots),
    };
    if (index->slots == NULL) return HT_ENOMEM;
    uint8_t raw[sizeof index->key];
    ht_random_fill(random, raw, sizeof raw);
    for (size_t i = 0; i < 4; i++) index->key[i] = ht_read_u64_le(raw + 8 * i) | 1;
    return HT_OK;
}

void ht_id_index_fini(struct ht_id_index *index) {
    free(index->slots);
    index->slots = NULL;
}

static const ht_hash32 *id_at(const struct ht_id_index *index, const void *records, uint32_t slot) {
    uint32_t number = index->slots[slot] - 1;
    return (const ht_hash32 *)((const uint8_t *)records + number * index->size);
}

/* Multilinear over the whole id: ids that are announced are anybody's choice, and the key is not
 * known to them. */
static uint32_t home_of(const struct ht_id_index *index, const ht_hash32 *id) {
    uint64_t sum = 0;
    for (size_t i = 0; i < 4; i++) {
        uint64_t word = ht_read_u64_le(id->b + 8 * i);
        sum += (word ^ word >> 32) * index->key[i];
    }
    return (uint32_t)(sum >> index->shift);
}

/* The slot of the id, or the empty one where it would be. */
static uint32_t slot_of(const struct ht_id_index *index, const void *records, const ht_hash32 *id) {
    uint32_t slot = home_of(index, id);
    while (index->slots[slot] != 0 && !ht_hash32_equal(id_at(index, records, slot), id)) {
        slot = (slot + 1) & index->mask;
    }
    return slot;
}

uint32_t ht_id_index_find(const struct ht_id_index *index, const void *records,
                          const ht_hash32 *id) {
    uint32_t slot = slot_of(index, records, id);
    return index->slots[slot] == 0 ? HT_ID_NONE : index->slots[slot] - 1;
}

void ht_id_index_add(struct ht_id_index *index, const void *records, uint32_t number) {
    const ht_hash32 *id = (const ht_hash32 *)((const uint8_t *)records + number * index->size);
    uint32_t slot = slot_of(index, records, id);
    ht_assert(index->slots[slot] == 0);
    index->slots[slot] = number + 1;
}

void ht_id_index_remove(struct ht_id_index *index, const void *records, uint32_t number) {
    const ht_hash32 *id = (const ht_hash32 *)((const uint8_t *)records + number * index->size);
    uint32_t gap = slot_of(index, records, id);
    if (index->slots[gap] != number + 1) return;
    for (uint32_t slot = (gap + 1) & index->mask; index->slots[slot] != 0;
         slot = (slot + 1) & index->mask) {
        uint32_t home = home_of(index, id_at(index, records, slot));
        /* Moves back only what does not come to stand before its home. */
        if (((slot - home) & index->mask) < ((slot - gap) & index->mask)) continue;
        index->slots[gap] = index->slots[slot];
        gap = slot;
    }
    index->slots[gap] = 0;
}
