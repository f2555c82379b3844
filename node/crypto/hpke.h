/* Sealing to a public key: RFC 9180 (HPKE), base mode, single shot, with the suite
 * DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM - what browsers can do with WebCrypto.
 *
 * Used between the owner's page or command line and the signer process, so that passphrases and
 * seed words pass through the node unread. Over OpenSSL; secrets are wiped.
 *
 * Reasons: HT_EINPUT "hpke_key" (no point of the curve, no secret key), "hpke_short"; HT_ELIMIT
 * "hpke_long" (over HT_HPKE_PLAIN_MAX); HT_EUNVERIFIED "hpke_open" (not sealed to this key, for
 * this use, or changed); HT_ENOMEM "no_memory". */
#ifndef HT_CRYPTO_HPKE_H
#define HT_CRYPTO_HPKE_H

#include "node/base/bytes.h"
#include "node/base/clock.h"

#define HT_HPKE_PUBLIC_SIZE 65U /* uncompressed point */
#define HT_HPKE_SECRET_SIZE 32U
#define HT_HPKE_OVERHEAD (HT_HPKE_PUBLIC_SIZE + 16U) /* enc in front, tag behind */
#define HT_HPKE_PLAIN_MAX ((size_t)16 << 20)

struct ht_hpke_pair {
    uint8_t secret[HT_HPKE_SECRET_SIZE];
    uint8_t public[HT_HPKE_PUBLIC_SIZE];
};

/* A fresh pair. */
enum ht_err ht_hpke_generate(struct ht_hpke_pair *out, const struct ht_random *random,
                             struct ht_why *why) HT_MUST_USE;
/* DeriveKeyPair, for test vectors and for known seeds. */
enum ht_err ht_hpke_derive(struct ht_hpke_pair *out, ht_bytes ikm, struct ht_why *why) HT_MUST_USE;

/* Appends enc || ciphertext to out; HT_ELIMIT "no_room" past its maximum. ephemeral: a fresh pair
 * of the caller's, used for this one message only. */
enum ht_err ht_hpke_seal(struct ht_buf *out, const uint8_t public[static HT_HPKE_PUBLIC_SIZE],
                         const struct ht_hpke_pair *ephemeral, ht_bytes info, ht_bytes aad,
                         ht_bytes plain, struct ht_why *why) HT_MUST_USE;

/* Opens enc || ciphertext into out, which must have room for sealed.n - HT_HPKE_OVERHEAD bytes;
 * that room is wiped when it does not open. */
enum ht_err ht_hpke_open(uint8_t *out, size_t *n, const struct ht_hpke_pair *pair, ht_bytes info,
                         ht_bytes aad, ht_bytes sealed, struct ht_why *why) HT_MUST_USE;

#endif
