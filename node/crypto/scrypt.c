/* scrypt over libsodium. OpenSSL's is no choice: it refuses N >= 2^(16 r), as RFC 7914 does, and so
 * the example that the keystore's own definition gives. */
#include "node/crypto/scrypt.h"

#include <sodium.h>

bool ht_scrypt_is_valid(const struct ht_scrypt *cost) {
    if (cost->n < 2 || (cost->n & (cost->n - 1)) != 0 || cost->n > UINT32_MAX) return false;
    return cost->r != 0 && cost->p != 0 && cost->p <= ((UINT64_C(1) << 30) - 1) / cost->r;
}

static uint64_t times(uint64_t a, uint64_t b) {
    return a != 0 && b > UINT64_MAX / a ? UINT64_MAX : a * b;
}

uint64_t ht_scrypt_memory(const struct ht_scrypt *cost) {
    uint64_t blocks = 0;
    if (__builtin_add_overflow(cost->n, cost->p, &blocks) ||
        __builtin_add_overflow(blocks, 2U, &blocks)) {
        return UINT64_MAX;
    }
    return times(times(128, cost->r), blocks);
}

uint64_t ht_scrypt_work(const struct ht_scrypt *cost) {
    return times(times(cost->n, cost->r), cost->p);
}

enum ht_err ht_scrypt(uint8_t *out, size_t n, ht_bytes password, ht_bytes salt,
                      const struct ht_scrypt *cost, struct ht_why *why) {
    ht_assert(ht_scrypt_is_valid(cost));
    int failed = crypto_pwhash_scryptsalsa208sha256_ll(
        password.n > 0 ? password.p : (const uint8_t *)"", password.n,
        salt.n > 0 ? salt.p : (const uint8_t *)"", salt.n, cost->n, (uint32_t)cost->r,
        (uint32_t)cost->p, out, n);
    if (failed == 0) return HT_OK;
    return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for scrypt");
}
