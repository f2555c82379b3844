/* Bloom filter bits. */
#include "node/l1/execution/bloom.h"

#include "node/crypto/keccak.h"

void ht_bloom_bits_of(struct ht_bloom_bits *out, ht_bytes value) {
    ht_hash32 hash;
    ht_keccak256(&hash, value);
    for (size_t i = 0; i < 3; i++) {
        out->at[i] = (uint16_t)((hash.b[2 * i] << 8 | hash.b[2 * i + 1]) & 2047);
    }
}

void ht_bloom_bits_of_address(struct ht_bloom_bits *out, const ht_addr20 *address) {
    ht_bloom_bits_of(out, HT_BYTES(address->b));
}

void ht_bloom_bits_of_topic(struct ht_bloom_bits *out, const ht_hash32 *topic) {
    ht_bloom_bits_of(out, HT_BYTES(topic->b));
}

void ht_bloom_set(uint8_t bloom[static HT_BLOOM_SIZE], const struct ht_bloom_bits *bits) {
    for (size_t i = 0; i < 3; i++) {
        uint8_t *byte = &bloom[HT_BLOOM_SIZE - 1 - bits->at[i] / 8];
        *byte = (uint8_t)(*byte | 1U << (bits->at[i] % 8));
    }
}

bool ht_bloom_has(const uint8_t bloom[static HT_BLOOM_SIZE], const struct ht_bloom_bits *bits) {
    for (size_t i = 0; i < 3; i++) {
        if ((bloom[HT_BLOOM_SIZE - 1 - bits->at[i] / 8] >> (bits->at[i] % 8) & 1) == 0) {
            return false;
        }
    }
    return true;
}

void ht_bloom_join(uint8_t bloom[static HT_BLOOM_SIZE], const uint8_t more[static HT_BLOOM_SIZE]) {
    for (size_t i = 0; i < HT_BLOOM_SIZE; i++) bloom[i] |= more[i];
}
