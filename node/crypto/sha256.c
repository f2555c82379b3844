/* SHA-256 over blst. */
#include "node/crypto/sha256.h"

#include <blst.h>
#include <blst_aux.h>

void ht_sha256(ht_hash32 *out, ht_bytes data) {
    blst_sha256(out->b, data.p, data.n);
}

void ht_sha256_pair(ht_hash32 *out, const ht_hash32 *left, const ht_hash32 *right) {
    uint8_t both[64];
    memcpy(both, left->b, 32);
    memcpy(both + 32, right->b, 32);
    blst_sha256(out->b, both, sizeof both);
}
