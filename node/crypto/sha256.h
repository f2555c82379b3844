/* SHA-256, as SSZ Merkle trees and fork digests use it; blst's implementation (SHA-NI when there).
 */
#ifndef HT_CRYPTO_SHA256_H
#define HT_CRYPTO_SHA256_H

#include "node/base/bytes.h"

/* Hash of any bytes. */
void ht_sha256(ht_hash32 *out, ht_bytes data);

/* Hash of left || right, the node of a Merkle tree. out may be left or right. */
void ht_sha256_pair(ht_hash32 *out, const ht_hash32 *left, const ht_hash32 *right);

#endif
