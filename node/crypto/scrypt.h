/* scrypt (RFC 7914), with its cost judged before anything is allocated.
 *
 * Over libsodium, which maps 128 * r * (N + p + 2) bytes and gives them back to the kernel. */
#ifndef HT_CRYPTO_SCRYPT_H
#define HT_CRYPTO_SCRYPT_H

#include "node/base/bytes.h"

struct ht_scrypt {
    uint64_t n; /* a power of two, above 1 */
    uint64_t r;
    uint64_t p;
};

/* Whether scrypt can be done: N a power of two, above 1 and below 2^32, r and p not 0, r * p <
 * 2^30. RFC 7914 also has N < 2^(16 r); keystores do without. */
bool ht_scrypt_is_valid(const struct ht_scrypt *cost);

/* Bytes that it takes, and N * r * p; UINT64_MAX where that does not fit. */
uint64_t ht_scrypt_memory(const struct ht_scrypt *cost);
uint64_t ht_scrypt_work(const struct ht_scrypt *cost);

/* Fills out. cost must be valid and of a size that the caller has judged. HT_ENOMEM "no_memory". */
enum ht_err ht_scrypt(uint8_t *out, size_t n, ht_bytes password, ht_bytes salt,
                      const struct ht_scrypt *cost, struct ht_why *why) HT_MUST_USE;

#endif
