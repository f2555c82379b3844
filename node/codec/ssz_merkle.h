/* Merkleization behind hash_tree_root; its functions are declared in ssz.h. */
#ifndef HT_CODEC_SSZ_MERKLE_H
#define HT_CODEC_SSZ_MERKLE_H

#include "node/codec/ssz.h"

/* Builds a Merkle root chunk by chunk without keeping the leaves: one pending node a level, as a
 * binary counter. At most 2^31 chunks. */
struct ht_merkle {
    ht_hash32 pending[32];
    uint64_t count; /* chunks added; bit i set: pending[i] is filled */
};

void ht_merkle_add(struct ht_merkle *merkle, const ht_hash32 *chunk);

/* Root over the chunks, padded with zero chunks to `limit` (rounded up to a power of two). */
void ht_merkle_root(ht_hash32 *out, const struct ht_merkle *merkle, uint64_t limit);

#endif
