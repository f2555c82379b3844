/* Nostr keys as text: plain (NIP-19) and under a password (NIP-49). */
#include "node/crypto/nip49.h"

#include <sodium.h>

#include "node/codec/bech32.h"
#include "node/crypto/normalize.h"
#include "node/crypto/scrypt.h"

#define PREFIX "ncryptsec"
#define VERSION 2U
#define PAYLOAD_SIZE 91U /* version, log_n, salt, nonce, security byte, box */
#define SECURITY_UNKNOWN 2U
/* Room for what is no such payload, so that its version or length can be named. */
#define PAYLOAD_ROOM 256U

enum ht_err ht_nip49_read(struct ht_nip49 *out, ht_bytes text, struct ht_why *why) {
    uint8_t payload[PAYLOAD_ROOM];
    size_t n = 0;
    enum ht_err err = ht_bech32_decode(payload, &n, sizeof payload, PREFIX, text, why);
    if (err != HT_OK) return err;
    if (n > 0 && payload[0] != VERSION) {
        return ht_fail(why, HT_EINPUT, "nip49_version", "it is of version %u, not %u", payload[0],
                       VERSION);
    }
    if (n != PAYLOAD_SIZE) {
        return ht_fail(why, HT_EINPUT, "nip49_length", "it holds %zu bytes, not %u", n,
                       PAYLOAD_SIZE);
    }
    if (payload[1] > HT_NIP49_LOG_N_MAX) {
        return ht_fail(why, HT_ELIMIT, "nip49_cost", "it asks for 2^%u rounds, at most 2^%u",
                       payload[1], HT_NIP49_LOG_N_MAX);
    }
    if (payload[1] == 0) {
        return ht_fail(why, HT_EINPUT, "nip49_cost", "it asks for no round of scrypt");
    }
    out->log_n = payload[1];
    memcpy(out->salt, payload + 2, sizeof out->salt);
    memcpy(out->nonce, payload + 18, sizeof out->nonce);
    out->security = payload[42];
    memcpy(out->box, payload + 43, sizeof out->box);
    return HT_OK;
}

static enum ht_err derive(uint8_t out[static 32], const struct ht_nip49 *from, ht_bytes password,
                          struct ht_why *why) {
    uint8_t normal[HT_NORMAL_MAX];
    size_t n = 0;
    struct ht_scrypt cost = {.n = UINT64_C(1) << from->log_n, .r = 8, .p = 1};
    enum ht_err err = ht_normalize(normal, &n, HT_NFKC, password, why);
    if (err == HT_OK) {
        err = ht_scrypt(out, 32, ht_bytes_of(normal, n), HT_BYTES(from->salt), &cost, why);
    }
    sodium_memzero(normal, sizeof normal);
    return err;
}

enum ht_err ht_nip49_unlock(uint8_t key[static 32], const struct ht_nip49 *from, ht_bytes password,
                            struct ht_why *why) {
    uint8_t wrap[32];
    uint8_t plain[32];
    ht_assert(from->log_n > 0 && from->log_n <= HT_NIP49_LOG_N_MAX);
    enum ht_err err = derive(wrap, from, password, why);
    if (err == HT_OK &&
        crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, from->box, sizeof from->box,
                                                   &from->security, 1, from->nonce, wrap) != 0) {
        err = ht_fail(why, HT_EDENIED, "wrong_password",
                      "the password is wrong, or the text was changed");
    }
    if (err == HT_OK) memcpy(key, plain, sizeof plain);
    sodium_memzero(wrap, sizeof wrap);
    sodium_memzero(plain, sizeof plain);
    return err;
}

enum ht_err ht_nip49_open(uint8_t key[static 32], ht_bytes text, ht_bytes password,
                          struct ht_why *why) {
    struct ht_nip49 from;
    enum ht_err err = ht_nip49_read(&from, text, why);
    if (err == HT_OK) err = ht_nip49_unlock(key, &from, password, why);
    return err;
}

enum ht_err ht_nip49_write(char out[static HT_NIP49_TEXT_SIZE], const uint8_t key[static 32],
                           ht_bytes password, const struct ht_random *random, struct ht_why *why) {
    struct ht_nip49 to = {.log_n = HT_NIP49_LOG_N, .security = SECURITY_UNKNOWN};
    uint8_t payload[PAYLOAD_SIZE] = {VERSION, HT_NIP49_LOG_N};
    uint8_t wrap[32];
    ht_random_fill(random, to.salt, sizeof to.salt);
    ht_random_fill(random, to.nonce, sizeof to.nonce);
    enum ht_err err = derive(wrap, &to, password, why);
    if (err != HT_OK) return err;
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(to.box, NULL, key, 32, &to.security, 1, NULL,
                                                     to.nonce, wrap);
    sodium_memzero(wrap, sizeof wrap);
    memcpy(payload + 2, to.salt, sizeof to.salt);
    memcpy(payload + 18, to.nonce, sizeof to.nonce);
    payload[42] = to.security;
    memcpy(payload + 43, to.box, sizeof to.box);
    return ht_bech32_encode(out, HT_NIP49_TEXT_SIZE, PREFIX, HT_BYTES(payload));
}

enum ht_err ht_nip19_read(uint8_t out[static 32], const char *prefix, ht_bytes text,
                          struct ht_why *why) {
    uint8_t bytes[PAYLOAD_ROOM];
    size_t n = 0;
    enum ht_err err = ht_bech32_decode(bytes, &n, sizeof bytes, prefix, text, why);
    if (err == HT_OK && n != 32) {
        err = ht_fail(why, HT_EINPUT, "nip19_length", "it holds %zu bytes, not 32", n);
    }
    if (err == HT_OK) memcpy(out, bytes, 32);
    sodium_memzero(bytes, sizeof bytes);
    return err;
}

enum ht_err ht_nip19_write(char out[static HT_NIP49_TEXT_SIZE], const char *prefix,
                           const uint8_t bytes[static 32]) {
    return ht_bech32_encode(out, HT_NIP49_TEXT_SIZE, prefix, ht_bytes_of(bytes, 32));
}
