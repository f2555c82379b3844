/* NIP-49 (ncryptsec1…: a Nostr key under a password) and NIP-19's plain nsec1… and npub1….
 *
 * Secret; memory is wiped. Whether 32 bytes are a key of the curve is for the caller to check
 * (secp256k1.h). Reasons: those of node/codec/bech32.h and node/crypto/normalize.h; HT_EINPUT
 * "nip49_version", "nip49_length", "nip19_length"; "nip49_cost", HT_ELIMIT when log_n is above
 * HT_NIP49_LOG_N_MAX, HT_EINPUT when it is 0; HT_EDENIED "wrong_password"; HT_ENOMEM "no_memory".
 */
#ifndef HT_CRYPTO_NIP49_H
#define HT_CRYPTO_NIP49_H

#include "node/base/bytes.h"
#include "node/base/clock.h"

#define HT_NIP49_LOG_N_MAX 20U /* that is 1 GiB of scrypt; HT_ENOMEM where there is less */
#define HT_NIP49_LOG_N 16U     /* what is written: 64 MiB */
#define HT_NIP49_TEXT_SIZE 200U

/* What a text says; nothing in it is secret. */
struct ht_nip49 {
    uint8_t log_n; /* N of scrypt is 2^log_n, r 8, p 1 */
    uint8_t salt[16];
    uint8_t nonce[24];
    uint8_t security; /* NIP-49 key security byte, which the key is bound to */
    uint8_t box[48];
};

/* Reads a text and judges its cost. */
enum ht_err ht_nip49_read(struct ht_nip49 *out, ht_bytes text, struct ht_why *why) HT_MUST_USE;
/* The key in it: as slow as log_n asks for. password: UTF-8, taken in NFKC. */
enum ht_err ht_nip49_unlock(uint8_t key[static 32], const struct ht_nip49 *from, ht_bytes password,
                            struct ht_why *why) HT_MUST_USE;
/* Both of the above. */
enum ht_err ht_nip49_open(uint8_t key[static 32], ht_bytes text, ht_bytes password,
                          struct ht_why *why) HT_MUST_USE;

/* Writes a text with HT_NIP49_LOG_N and the security byte 2 (it is not known how the key was kept
 * before). */
enum ht_err ht_nip49_write(char out[static HT_NIP49_TEXT_SIZE], const uint8_t key[static 32],
                           ht_bytes password, const struct ht_random *random,
                           struct ht_why *why) HT_MUST_USE;

/* "nsec" or "npub" and 32 bytes. */
enum ht_err ht_nip19_read(uint8_t out[static 32], const char *prefix, ht_bytes text,
                          struct ht_why *why) HT_MUST_USE;
enum ht_err ht_nip19_write(char out[static HT_NIP49_TEXT_SIZE], const char *prefix,
                           const uint8_t bytes[static 32]) HT_MUST_USE;

#endif
