/* First use of all cryptography, with answers that are known. The keys here are nobody's. */
#include "node/crypto/warm_up.h"

#include <sodium.h>

#include "node/crypto/bip32.h"
#include "node/crypto/bip39.h"
#include "node/crypto/hpke.h"
#include "node/crypto/keystore.h"
#include "node/crypto/nip49.h"
#include "node/crypto/secp256k1.h"
#include "node/crypto/sha256.h"

static void warm_seed(void) {
    /* The first 8 bytes of the seed of all-zero entropy with the passphrase "ä". */
    static const uint8_t right[] = {0xa4, 0xe6, 0xc2, 0x89, 0x23, 0x1e, 0x61, 0xa9};
    static const uint8_t entropy[16];
    uint8_t seed[HT_BIP39_SEED_SIZE];
    struct ht_bip32_path path;
    struct ht_bip32_key key;
    ht_assert(ht_bip39_seed(seed, HT_BYTES(entropy), ht_bytes_str("\xc3\xa4"), NULL) == HT_OK);
    ht_assert(memcmp(seed, right, sizeof right) == 0);
    ht_assert(ht_bip32_path_read(&path, "m/44'/0", NULL) == HT_OK);
    ht_assert(ht_bip32_derive(&key, HT_BYTES(seed), &path, NULL) == HT_OK);
}

static void warm_keystore(void) {
    static const char text[] =
        "{\"version\":3,\"address\":\"19e7e376e7c213b7e7e7e46cc70a5dd086daff2a\",\"crypto\":{"
        "\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":\"33333333333333333333333333333333\"},"
        "\"ciphertext\":\"a69d97e9199a88cbd8b4d8c4d6d77239170abca77c45956a08a6eda55dbd3cb9\","
        "\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":32,\"n\":2,\"p\":1,\"r\":1,\"salt\":"
        "\"2222222222222222222222222222222222222222222222222222222222222222\"},"
        "\"mac\":\"5b8fc73bb7522eb1e2a4249de2812876dd553c4a8264b013230f34a8e715d7c5\"}}";
    uint8_t key[32];
    struct ht_keystore keystore;
    ht_assert(ht_keystore_open(key, ht_bytes_str(text), ht_bytes_str("warm"), NULL) == HT_OK);
    ht_assert(key[0] == 0x11 && key[31] == 0x11);
    /* The other way to derive the key has another MAC. */
    ht_assert(ht_keystore_read(&keystore, ht_bytes_str(text), NULL) == HT_OK);
    keystore.is_scrypt = false;
    keystore.rounds = 1;
    ht_assert(ht_keystore_unlock(key, &keystore, ht_bytes_str("warm"), NULL) == HT_EDENIED);
}

static void warm_nip49(void) {
    static const struct ht_nip49 sealed = {.log_n = 1};
    uint8_t key[32];
    ht_assert(ht_nip49_unlock(key, &sealed, ht_bytes_str("\xc3\xa4"), NULL) == HT_EDENIED);
}

static void warm_hpke(void) {
    struct ht_hpke_pair pair;
    struct ht_hpke_pair ephemeral;
    struct ht_buf sealed;
    uint8_t plain[4];
    size_t n = 0;
    ht_bytes text = ht_bytes_str("warm");
    ht_buf_init(&sealed, 256);
    ht_assert(ht_hpke_generate(&pair, &ht_system_random, NULL) == HT_OK);
    ht_assert(ht_hpke_generate(&ephemeral, &ht_system_random, NULL) == HT_OK);
    ht_assert(ht_hpke_seal(&sealed, pair.public, &ephemeral, text, text, text, NULL) == HT_OK);
    ht_assert(ht_hpke_open(plain, &n, &pair, text, text, ht_buf_view(&sealed), NULL) == HT_OK);
    ht_assert(ht_bytes_equal(ht_bytes_of(plain, n), text));
    /* OpenSSL loads the texts of its errors when there is a first one. */
    sealed.p[sealed.n - 1] ^= 1;
    ht_assert(ht_hpke_open(plain, &n, &pair, text, text, ht_buf_view(&sealed), NULL) ==
              HT_EUNVERIFIED);
    sodium_memzero(&pair, sizeof pair);
    sodium_memzero(&ephemeral, sizeof ephemeral);
    ht_buf_fini(&sealed);
}

static void warm_signing(void) {
    static const uint8_t key[32] = {[31] = 1};
    static const ht_hash32 digest = {{1}};
    struct ht_ecdsa_signature signature;
    uint8_t schnorr[HT_SCHNORR_SIZE];
    ht_hash32 hash;
    ht_sha256(&hash, HT_BYTES(digest.b));
    ht_assert(ht_ecdsa_sign(&signature, &hash, key, NULL) == HT_OK);
    ht_assert(ht_schnorr_sign(schnorr, &hash, key, NULL, NULL) == HT_OK);
}

void ht_crypto_warm_up(void) {
    ht_assert(sodium_init() >= 0);
    warm_seed();
    warm_keystore();
    warm_nip49();
    warm_hpke();
    warm_signing();
}
