/* Keccak-256 as Ethereum uses it: the Keccak submission's padding (0x01), not SHA-3's (0x06).
 *
 * Yellow Paper, "KEC"; The Keccak reference 3.0. Does not allocate and cannot fail. Not for
 * secrets: the state is not wiped. */
#ifndef HT_CRYPTO_KECCAK_H
#define HT_CRYPTO_KECCAK_H

#include "node/base/bytes.h"

/* Bytes absorbed per permutation. */
#define HT_KECCAK256_RATE 136U

/* A hash under way; caller's storage, nothing to free. Copying it forks the hash. */
struct ht_keccak256 {
    uint64_t lanes[25];
    size_t at; /* bytes absorbed since the last permutation, below the rate */
};

/* The hash of the whole data. */
void ht_keccak256(ht_hash32 *out, ht_bytes data);

/* The same in pieces: init, any number of updates, final. After final only init is allowed. */
void ht_keccak256_init(struct ht_keccak256 *hash);
void ht_keccak256_update(struct ht_keccak256 *hash, ht_bytes more);
void ht_keccak256_final(ht_hash32 *out, struct ht_keccak256 *hash);

#endif
