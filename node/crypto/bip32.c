/* BIP-32: the master key, private children, and paths as people write them. */
#include "node/crypto/bip32.h"

#include <sodium.h>

#include "node/crypto/secp256k1.h"

static enum ht_err bad_path(struct ht_why *why, size_t at) {
    return ht_fail(why, HT_EINPUT, "bad_path", "the path is wrong at character %zu", at + 1);
}

/* One number with its mark, at *at. */
static bool read_step(uint32_t *out, const char *text, size_t *at) {
    uint32_t value = 0;
    size_t from = *at;
    while (text[*at] >= '0' && text[*at] <= '9') {
        if (value > (HT_BIP32_HARDENED - 1) / 10) return false;
        value = value * 10 + (uint32_t)(text[*at] - '0');
        if (value >= HT_BIP32_HARDENED) return false;
        ++*at;
    }
    bool has_leading_zero = *at - from > 1 && text[from] == '0';
    if (*at == from || has_leading_zero) return false;
    if (text[*at] == '\'' || text[*at] == 'h' || text[*at] == 'H') {
        value |= HT_BIP32_HARDENED;
        ++*at;
    }
    *out = value;
    return true;
}

enum ht_err ht_bip32_path_read(struct ht_bip32_path *out, const char *text, struct ht_why *why) {
    struct ht_bip32_path path = {.depth = 0};
    if (text[0] != 'm') return bad_path(why, 0);
    size_t at = 1;
    while (text[at] == '/') {
        if (path.depth == HT_BIP32_DEPTH_MAX) {
            return ht_fail(why, HT_EINPUT, "bad_path", "the path has over %u steps",
                           HT_BIP32_DEPTH_MAX);
        }
        at++;
        if (!read_step(&path.steps[path.depth], text, &at)) return bad_path(why, at);
        path.depth++;
    }
    if (text[at] != '\0') return bad_path(why, at);
    *out = path;
    return HT_OK;
}

static void hmac(uint8_t out[static 64], ht_bytes key, ht_bytes data) {
    crypto_auth_hmacsha512_state state;
    (void)crypto_auth_hmacsha512_init(&state, key.p, key.n);
    (void)crypto_auth_hmacsha512_update(&state, data.p, data.n);
    (void)crypto_auth_hmacsha512_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

enum ht_err ht_bip32_master(struct ht_bip32_key *out, ht_bytes seed, struct ht_why *why) {
    static const uint8_t salt[] = {'B', 'i', 't', 'c', 'o', 'i', 'n', ' ', 's', 'e', 'e', 'd'};
    uint8_t hash[64];
    if (seed.n < 16 || seed.n > 64) {
        return ht_fail(why, HT_EINPUT, "seed_size", "a seed has 16 to 64 bytes, not %zu", seed.n);
    }
    hmac(hash, HT_BYTES(salt), seed);
    enum ht_err err = HT_OK;
    if (ht_secp256k1_check_key(hash, NULL) == HT_OK) {
        memcpy(out->key, hash, 32);
        memcpy(out->chain_code, hash + 32, 32);
    } else {
        err = ht_fail(why, HT_EUNVERIFIED, "bad_seed", "BIP-32 has no key for this seed");
    }
    sodium_memzero(hash, sizeof hash);
    return err;
}

enum ht_err ht_bip32_child(struct ht_bip32_key *out, const struct ht_bip32_key *parent,
                           uint32_t index, struct ht_why *why) {
    uint8_t data[37] = {0};
    uint8_t hash[64];
    uint8_t key[32];
    enum ht_err err = HT_OK;
    if ((index & HT_BIP32_HARDENED) != 0)
        memcpy(data + 1, parent->key, 32);
    else
        err = ht_secp256k1_public_key_short(data, parent->key, why);
    if (err == HT_OK) {
        for (unsigned i = 0; i < 4; i++) data[33 + i] = (uint8_t)(index >> (24 - 8 * i));
        hmac(hash, HT_BYTES(parent->chain_code), HT_BYTES(data));
        err = ht_secp256k1_add_keys(key, parent->key, hash, NULL);
        if (err != HT_OK) {
            err = ht_fail(why, HT_EUNVERIFIED, "bad_child", "BIP-32 has no key for this index");
        }
    }
    if (err == HT_OK) {
        memcpy(out->key, key, 32);
        memcpy(out->chain_code, hash + 32, 32);
    }
    sodium_memzero(data, sizeof data);
    sodium_memzero(hash, sizeof hash);
    sodium_memzero(key, sizeof key);
    return err;
}

enum ht_err ht_bip32_derive(struct ht_bip32_key *out, ht_bytes seed,
                            const struct ht_bip32_path *path, struct ht_why *why) {
    struct ht_bip32_key key;
    ht_assert(path->depth <= HT_BIP32_DEPTH_MAX);
    enum ht_err err = ht_bip32_master(&key, seed, why);
    for (size_t i = 0; err == HT_OK && i < path->depth; i++) {
        err = ht_bip32_child(&key, &key, path->steps[i], why);
    }
    if (err == HT_OK) *out = key;
    sodium_memzero(&key, sizeof key);
    return err;
}
