/* Web3 Secret Storage version 3: a private key under a password, as geth and ethers write it.
 *
 * The cost that a file asks for is judged before anything is allocated: at most
 * HT_KEYSTORE_MEMORY_MAX bytes of scrypt and HT_KEYSTORE_WORK_MAX of work. Secret; memory is wiped.
 *
 * Reasons: those of node/codec/json.h, HT_EINPUT "keystore_version", "keystore_cipher",
 * "keystore_kdf", "keystore_params"; HT_ELIMIT "keystore_cost", "too_long" (the password);
 * HT_EDENIED "wrong_password" (the MAC differs); HT_EUNVERIFIED "keystore_address" (the key is not
 * that of the address it names), "bad_key" (what was inside is no key of the curve); HT_ENOMEM
 * "no_memory". */
#ifndef HT_CRYPTO_KEYSTORE_H
#define HT_CRYPTO_KEYSTORE_H

#include "node/base/bytes.h"
#include "node/base/clock.h"
#include "node/crypto/scrypt.h"

#define HT_KEYSTORE_SIZE_MAX 65536U
/* N = 2^18, r = 8, geth's standard, is 256 MiB; a little more is for what comes with it. */
#define HT_KEYSTORE_MEMORY_MAX ((UINT64_C(256) << 20) + (UINT64_C(1) << 20))
#define HT_KEYSTORE_WORK_MAX (UINT64_C(1) << 24) /* N * r * p of scrypt; rounds of PBKDF2 */
#define HT_KEYSTORE_SALT_MAX 128U
#define HT_KEYSTORE_PASSWORD_MAX 4096U
#define HT_KEYSTORE_TEXT_MAX 1024U /* of what ht_keystore_write makes */

/* What a file says; nothing in it is secret. */
struct ht_keystore {
    bool is_scrypt; /* or else PBKDF2-HMAC-SHA256 */
    struct ht_scrypt scrypt;
    uint32_t rounds;
    uint8_t salt[HT_KEYSTORE_SALT_MAX];
    size_t salt_n;
    uint8_t iv[16];
    uint8_t ciphertext[32];
    uint8_t mac[32];
    bool has_address;
    ht_addr20 address;
};

/* Reads a file and judges its cost; takes microseconds. Either spelling of "crypto" is read. */
enum ht_err ht_keystore_read(struct ht_keystore *out, ht_bytes json,
                             struct ht_why *why) HT_MUST_USE;

/* The key in it: as slow as the file asks for, up to some seconds. password: bytes as given. */
enum ht_err ht_keystore_unlock(uint8_t key[static 32], const struct ht_keystore *keystore,
                               ht_bytes password, struct ht_why *why) HT_MUST_USE;

/* Both of the above. */
enum ht_err ht_keystore_open(uint8_t key[static 32], ht_bytes json, ht_bytes password,
                             struct ht_why *why) HT_MUST_USE;

/* Writes a file with scrypt N = 2^17, r = 8, p = 1 (128 MiB) and AES-128-CTR, with the key's
 * address. Appends to out: HT_ELIMIT "no_room" past its maximum. */
enum ht_err ht_keystore_write(struct ht_buf *out, const uint8_t key[static 32], ht_bytes password,
                              const struct ht_random *random, struct ht_why *why) HT_MUST_USE;

#endif
