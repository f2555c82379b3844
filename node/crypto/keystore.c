/* Keystore files of version 3: reading with every bound checked first, unlocking, writing. */
#include "node/crypto/keystore.h"

#include <stdio.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/crypto/keccak.h"
#include "node/crypto/secp256k1.h"

#define VERSION 3U
#define DERIVED_SIZE 32U
#define CIPHER "aes-128-ctr"
#define WRITTEN_N 131072U
#define WRITTEN_R 8U
#define WRITTEN_P 1U

/* --- reading ----------------------------------------------------------------------------------*/

static enum ht_err bad_params(struct ht_why *why, const char *name) {
    return ht_fail(why, HT_EINPUT, "keystore_params", "%s is not as version 3 has it", name);
}

/* Hex of exactly n bytes, with or without "0x". */
static enum ht_err read_hex(uint8_t *out, size_t n, const json_t *root, const char *path,
                            struct ht_why *why) {
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, root, path, why);
    if (err != HT_OK) return err;
    return ht_hex_read(out, n, text) == HT_OK ? HT_OK : bad_params(why, path);
}

static enum ht_err read_salt(struct ht_keystore *out, const json_t *params, struct ht_why *why) {
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, params, "salt", why);
    if (err != HT_OK) return err;
    bool has_mark = text.n >= 2 && text.p[0] == '0' && (text.p[1] == 'x' || text.p[1] == 'X');
    size_t n = (text.n - (has_mark ? 2 : 0)) / 2;
    if (n > sizeof out->salt || ht_hex_read(out->salt, n, text) != HT_OK) {
        return bad_params(why, "salt");
    }
    out->salt_n = n;
    return HT_OK;
}

static enum ht_err too_costly(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_ELIMIT, "keystore_cost", "it asks for more %s than is granted", what);
}

static enum ht_err read_scrypt(struct ht_keystore *out, const json_t *params, struct ht_why *why) {
    struct ht_scrypt *cost = &out->scrypt;
    enum ht_err err = ht_json_u64(&cost->n, params, "n", why);
    if (err == HT_OK) err = ht_json_u64(&cost->r, params, "r", why);
    if (err == HT_OK) err = ht_json_u64(&cost->p, params, "p", why);
    if (err != HT_OK) return err;
    if (ht_scrypt_memory(cost) > HT_KEYSTORE_MEMORY_MAX) return too_costly(why, "memory");
    if (ht_scrypt_work(cost) > HT_KEYSTORE_WORK_MAX) return too_costly(why, "work");
    if (!ht_scrypt_is_valid(cost)) return bad_params(why, "scrypt's n, r or p");
    out->is_scrypt = true;
    return HT_OK;
}

static enum ht_err read_pbkdf2(struct ht_keystore *out, const json_t *params, struct ht_why *why) {
    const char *prf = NULL;
    uint64_t rounds = 0;
    enum ht_err err = ht_json_text(&prf, params, "prf", why);
    if (err == HT_OK) err = ht_json_u64(&rounds, params, "c", why);
    if (err != HT_OK) return err;
    if (strcmp(prf, "hmac-sha256") != 0) return bad_params(why, "prf");
    if (rounds == 0) return bad_params(why, "c");
    if (rounds > HT_KEYSTORE_WORK_MAX) return too_costly(why, "work");
    out->rounds = (uint32_t)rounds;
    return HT_OK;
}

static enum ht_err read_kdf(struct ht_keystore *out, const json_t *crypto, struct ht_why *why) {
    const char *kdf = NULL;
    const json_t *params = NULL;
    uint64_t size = 0;
    enum ht_err err = ht_json_text(&kdf, crypto, "kdf", why);
    if (err == HT_OK) err = ht_json_get(&params, crypto, "kdfparams", why);
    if (err == HT_OK) err = ht_json_u64(&size, params, "dklen", why);
    if (err == HT_OK) err = read_salt(out, params, why);
    if (err != HT_OK) return err;
    if (size != DERIVED_SIZE) return bad_params(why, "dklen");
    if (strcmp(kdf, "scrypt") == 0) return read_scrypt(out, params, why);
    if (strcmp(kdf, "pbkdf2") == 0) return read_pbkdf2(out, params, why);
    return ht_fail(why, HT_EINPUT, "keystore_kdf", "its kdf is neither scrypt nor pbkdf2");
}

static enum ht_err read_crypto(struct ht_keystore *out, const json_t *crypto, struct ht_why *why) {
    const char *cipher = NULL;
    enum ht_err err = ht_json_text(&cipher, crypto, "cipher", why);
    if (err != HT_OK) return err;
    if (strcmp(cipher, CIPHER) != 0) {
        return ht_fail(why, HT_EINPUT, "keystore_cipher", "its cipher is not " CIPHER);
    }
    err = read_hex(out->iv, sizeof out->iv, crypto, "cipherparams.iv", why);
    if (err == HT_OK) {
        err = read_hex(out->ciphertext, sizeof out->ciphertext, crypto, "ciphertext", why);
    }
    if (err == HT_OK) err = read_hex(out->mac, sizeof out->mac, crypto, "mac", why);
    if (err == HT_OK) err = read_kdf(out, crypto, why);
    return err;
}

static enum ht_err read_document(struct ht_keystore *out, const json_t *document,
                                 struct ht_why *why) {
    uint64_t version = 0;
    const json_t *crypto = NULL;
    enum ht_err err = ht_json_u64(&version, document, "version", why);
    if (err != HT_OK) return err;
    if (version != VERSION) {
        return ht_fail(why, HT_EINPUT, "keystore_version", "it is a keystore of version %llu",
                       (unsigned long long)version);
    }
    /* geth's first files, and ethers to this day, write it with a capital. */
    bool is_capital = ht_json_member(document, "Crypto") != NULL;
    if (is_capital && ht_json_member(document, "crypto") != NULL) return bad_params(why, "crypto");
    err = ht_json_get(&crypto, document, is_capital ? "Crypto" : "crypto", why);
    if (err == HT_OK) err = read_crypto(out, crypto, why);
    if (err != HT_OK) return err;
    const json_t *address = ht_json_member(document, "address");
    if (address == NULL || json_is_null(address)) return HT_OK;
    out->has_address = true;
    return read_hex(out->address.b, sizeof out->address.b, document, "address", why);
}

enum ht_err ht_keystore_read(struct ht_keystore *out, ht_bytes json, struct ht_why *why) {
    struct ht_keystore keystore = {.is_scrypt = false};
    json_t *document = NULL;
    enum ht_err err = ht_json_parse(&document, json, HT_KEYSTORE_SIZE_MAX, why);
    if (err != HT_OK) return err;
    err = read_document(&keystore, document, why);
    json_decref(document);
    if (err == HT_OK) *out = keystore;
    return err;
}

/* --- the key ----------------------------------------------------------------------------------*/

static enum ht_err derive(uint8_t out[static DERIVED_SIZE], const struct ht_keystore *keystore,
                          ht_bytes password, struct ht_why *why) {
    ht_bytes salt = ht_bytes_of(keystore->salt, keystore->salt_n);
    if (password.n > HT_KEYSTORE_PASSWORD_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_long", "the password is over %u bytes",
                       HT_KEYSTORE_PASSWORD_MAX);
    }
    if (keystore->is_scrypt) {
        return ht_scrypt(out, DERIVED_SIZE, password, salt, &keystore->scrypt, why);
    }
    const char *text = password.n > 0 ? (const char *)password.p : "";
    if (PKCS5_PBKDF2_HMAC(text, (int)password.n, salt.p, (int)salt.n, (int)keystore->rounds,
                          EVP_sha256(), DERIVED_SIZE, out) == 1) {
        return HT_OK;
    }
    ERR_clear_error();
    return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for PBKDF2");
}

/* Over the second half of the derived key and the ciphertext. */
static void mac_of(ht_hash32 *out, const uint8_t derived[static DERIVED_SIZE],
                   const uint8_t ciphertext[static 32]) {
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, ht_bytes_of(derived + 16, 16));
    ht_keccak256_update(&hash, ht_bytes_of(ciphertext, 32));
    ht_keccak256_final(out, &hash);
    sodium_memzero(&hash, sizeof hash);
}

/* AES-128-CTR, which is its own reverse, under the first half of the derived key. */
static enum ht_err cross(uint8_t out[static 32], const uint8_t in[static 32],
                         const uint8_t derived[static DERIVED_SIZE], const uint8_t iv[static 16],
                         struct ht_why *why) {
    int n = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool is_good = context != NULL &&
                   EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), NULL, derived, iv) == 1 &&
                   EVP_EncryptUpdate(context, out, &n, in, 32) == 1 && n == 32;
    EVP_CIPHER_CTX_free(context);
    if (is_good) return HT_OK;
    ERR_clear_error();
    return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for AES");
}

static enum ht_err check_key(const uint8_t key[static 32], const struct ht_keystore *keystore,
                             struct ht_why *why) {
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    ht_addr20 address;
    if (ht_secp256k1_public_key(pubkey, key, NULL) != HT_OK) {
        return ht_fail(why, HT_EUNVERIFIED, "bad_key", "what it holds is no secp256k1 key");
    }
    ht_secp256k1_address(&address, pubkey);
    if (!keystore->has_address || memcmp(address.b, keystore->address.b, 20) == 0) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "keystore_address",
                   "its key is not that of the address it names");
}

enum ht_err ht_keystore_unlock(uint8_t key[static 32], const struct ht_keystore *keystore,
                               ht_bytes password, struct ht_why *why) {
    uint8_t derived[DERIVED_SIZE];
    uint8_t plain[32];
    ht_hash32 mac;
    enum ht_err err = derive(derived, keystore, password, why);
    if (err == HT_OK) {
        mac_of(&mac, derived, keystore->ciphertext);
        if (sodium_memcmp(mac.b, keystore->mac, sizeof mac.b) != 0) {
            err = ht_fail(why, HT_EDENIED, "wrong_password",
                          "the password is wrong, or the file was changed");
        }
    }
    if (err == HT_OK) err = cross(plain, keystore->ciphertext, derived, keystore->iv, why);
    if (err == HT_OK) err = check_key(plain, keystore, why);
    if (err == HT_OK) memcpy(key, plain, sizeof plain);
    sodium_memzero(derived, sizeof derived);
    sodium_memzero(plain, sizeof plain);
    return err;
}

enum ht_err ht_keystore_open(uint8_t key[static 32], ht_bytes json, ht_bytes password,
                             struct ht_why *why) {
    struct ht_keystore keystore;
    enum ht_err err = ht_keystore_read(&keystore, json, why);
    if (err == HT_OK) err = ht_keystore_unlock(key, &keystore, password, why);
    return err;
}

/* --- writing ----------------------------------------------------------------------------------*/

/* A random UUID (RFC 9562, version 4). */
static void write_id(char out[static 37], const struct ht_random *random) {
    uint8_t id[16];
    char hex[HT_HEX_SIZE(sizeof id)];
    ht_random_fill(random, id, sizeof id);
    id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
    id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
    ht_hex_write(hex, HT_BYTES(id));
    (void)snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex + 2, hex + 10, hex + 14, hex + 18,
                   hex + 22);
}

static enum ht_err write_text(struct ht_buf *out, const struct ht_keystore *keystore,
                              const char *id, struct ht_why *why) {
    char text[HT_KEYSTORE_TEXT_MAX];
    char address[HT_HEX_SIZE(20)];
    char iv[HT_HEX_SIZE(16)];
    char ciphertext[HT_HEX_SIZE(32)];
    char mac[HT_HEX_SIZE(32)];
    char salt[HT_HEX_SIZE(HT_KEYSTORE_SALT_MAX)];
    ht_hex_write(address, HT_BYTES(keystore->address.b));
    ht_hex_write(iv, HT_BYTES(keystore->iv));
    ht_hex_write(ciphertext, HT_BYTES(keystore->ciphertext));
    ht_hex_write(mac, HT_BYTES(keystore->mac));
    ht_hex_write(salt, ht_bytes_of(keystore->salt, keystore->salt_n));
    int n = snprintf(text, sizeof text,
                     "{\"version\":3,\"id\":\"%s\",\"address\":\"%s\",\"crypto\":{\"cipher\":"
                     "\"" CIPHER "\",\"cipherparams\":{\"iv\":\"%s\"},\"ciphertext\":\"%s\","
                     "\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":%u,\"n\":%llu,\"p\":%llu,"
                     "\"r\":%llu,\"salt\":\"%s\"},\"mac\":\"%s\"}}",
                     id, address + 2, iv + 2, ciphertext + 2, DERIVED_SIZE,
                     (unsigned long long)keystore->scrypt.n, (unsigned long long)keystore->scrypt.p,
                     (unsigned long long)keystore->scrypt.r, salt + 2, mac + 2);
    ht_assert(n > 0 && (size_t)n < sizeof text);
    if (ht_buf_add(out, ht_bytes_of(text, (size_t)n)) == HT_OK) return HT_OK;
    return ht_fail(why, HT_ELIMIT, "no_room", "no room for the keystore");
}

enum ht_err ht_keystore_write(struct ht_buf *out, const uint8_t key[static 32], ht_bytes password,
                              const struct ht_random *random, struct ht_why *why) {
    struct ht_keystore keystore = {.is_scrypt = true,
                                   .scrypt = {.n = WRITTEN_N, .r = WRITTEN_R, .p = WRITTEN_P},
                                   .salt_n = 32,
                                   .has_address = true};
    char id[37];
    uint8_t derived[DERIVED_SIZE];
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    ht_hash32 mac;
    enum ht_err err = ht_secp256k1_public_key(pubkey, key, why);
    if (err != HT_OK) return err;
    ht_secp256k1_address(&keystore.address, pubkey);
    ht_random_fill(random, keystore.salt, keystore.salt_n);
    ht_random_fill(random, keystore.iv, sizeof keystore.iv);
    write_id(id, random);
    err = derive(derived, &keystore, password, why);
    if (err == HT_OK) err = cross(keystore.ciphertext, key, derived, keystore.iv, why);
    if (err == HT_OK) {
        mac_of(&mac, derived, keystore.ciphertext);
        memcpy(keystore.mac, mac.b, sizeof keystore.mac);
        err = write_text(out, &keystore, id, why);
    }
    sodium_memzero(derived, sizeof derived);
    return err;
}
