/* The 2048-bit bloom filter of logs: Yellow Paper 4.3.1, function M3:2048.
 *
 * A bit set says "maybe", a bit clear says "surely not": a header's bloom that lacks an address or
 * a topic proves that no log of the block has it, when the header is proven. */
#ifndef HT_L1_EXECUTION_BLOOM_H
#define HT_L1_EXECUTION_BLOOM_H

#include "node/base/bytes.h"

#define HT_BLOOM_SIZE 256U

/* The three bit positions of one value; computed once for a filter, tested against many blooms. */
struct ht_bloom_bits {
    uint16_t at[3]; /* 0 … 2047, counted from the last bit of the last byte */
};

void ht_bloom_bits_of(struct ht_bloom_bits *out, ht_bytes value);
void ht_bloom_bits_of_address(struct ht_bloom_bits *out, const ht_addr20 *address);
void ht_bloom_bits_of_topic(struct ht_bloom_bits *out, const ht_hash32 *topic);

void ht_bloom_set(uint8_t bloom[static HT_BLOOM_SIZE], const struct ht_bloom_bits *bits);
/* False: surely not in it. */
bool ht_bloom_has(const uint8_t bloom[static HT_BLOOM_SIZE], const struct ht_bloom_bits *bits);

/* Adds all of `more` to the bloom. */
void ht_bloom_join(uint8_t bloom[static HT_BLOOM_SIZE], const uint8_t more[static HT_BLOOM_SIZE]);

#endif
