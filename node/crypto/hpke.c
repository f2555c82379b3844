/* HPKE (RFC 9180) for one suite: P-256 and AES-256-GCM of OpenSSL, HKDF-SHA256 built on libsodium's
 * HMAC. One message for each encapsulated key, so the sequence number is always 0. */
#include "node/crypto/hpke.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

#define KEY_SIZE 32U
#define NONCE_SIZE 12U
#define TAG_SIZE 16U
#define HASH_SIZE crypto_auth_hmacsha256_BYTES

/* DHKEM(P-256, HKDF-SHA256) 0x0010, HKDF-SHA256 0x0001, AES-256-GCM 0x0002. */
static const uint8_t KEM_SUITE[] = {'K', 'E', 'M', 0x00, 0x10};
static const uint8_t HPKE_SUITE[] = {'H', 'P', 'K', 'E', 0x00, 0x10, 0x00, 0x01, 0x00, 0x02};
static const uint8_t HPKE_VERSION[] = {'H', 'P', 'K', 'E', '-', 'v', '1'};

/* --- HKDF -------------------------------------------------------------------------------------*/

static void update(crypto_auth_hmacsha256_state *state, ht_bytes more) {
    if (more.n > 0) (void)crypto_auth_hmacsha256_update(state, more.p, more.n);
}

/* LabeledExtract of §4. */
static void extract(uint8_t out[static HASH_SIZE], ht_bytes salt, ht_bytes suite, const char *label,
                    ht_bytes secret) {
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, salt.n > 0 ? salt.p : (const uint8_t *)"", salt.n);
    update(&state, HT_BYTES(HPKE_VERSION));
    update(&state, suite);
    update(&state, ht_bytes_str(label));
    update(&state, secret);
    (void)crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

/* LabeledExpand of §4, for outputs that one block of HKDF holds. */
static void expand(uint8_t *out, size_t n, const uint8_t prk[static HASH_SIZE], ht_bytes suite,
                   const char *label, ht_bytes info) {
    crypto_auth_hmacsha256_state state;
    uint8_t block[HASH_SIZE];
    uint8_t size[2] = {(uint8_t)(n >> 8), (uint8_t)n};
    static const uint8_t counter[] = {1};
    ht_assert(n <= sizeof block);
    (void)crypto_auth_hmacsha256_init(&state, prk, HASH_SIZE);
    update(&state, HT_BYTES(size));
    update(&state, HT_BYTES(HPKE_VERSION));
    update(&state, suite);
    update(&state, ht_bytes_str(label));
    update(&state, info);
    update(&state, HT_BYTES(counter));
    (void)crypto_auth_hmacsha256_final(&state, block);
    memcpy(out, block, n);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(block, sizeof block);
}

/* --- P-256 ------------------------------------------------------------------------------------*/

/* What one multiplication needs; all of it is freed, and wiped where it holds a secret. */
struct curve {
    EC_GROUP *group;
    BN_CTX *context;
    BIGNUM *number;
    EC_POINT *point, *result;
};

static void curve_fini(struct curve *curve) {
    EC_POINT_clear_free(curve->result);
    EC_POINT_free(curve->point);
    BN_clear_free(curve->number);
    BN_CTX_free(curve->context);
    EC_GROUP_free(curve->group);
    ERR_clear_error();
}

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for HPKE");
}

static enum ht_err bad_key(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "hpke_key", "it is no key of P-256");
}

/* Loads a secret key: HT_EINPUT unless 0 < secret < order. */
static enum ht_err curve_init(struct curve *out, const uint8_t secret[static HT_HPKE_SECRET_SIZE],
                              struct ht_why *why) {
    *out = (struct curve){.group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1),
                          .context = BN_CTX_new(),
                          .number = BN_new()};
    if (out->group == NULL || out->context == NULL || out->number == NULL) return no_memory(why);
    out->point = EC_POINT_new(out->group);
    out->result = EC_POINT_new(out->group);
    if (out->point == NULL || out->result == NULL) return no_memory(why);
    BN_set_flags(out->number, BN_FLG_CONSTTIME);
    if (BN_bin2bn(secret, HT_HPKE_SECRET_SIZE, out->number) == NULL) return no_memory(why);
    bool is_inside =
        !BN_is_zero(out->number) && BN_cmp(out->number, EC_GROUP_get0_order(out->group)) < 0;
    return is_inside ? HT_OK : bad_key(why);
}

static enum ht_err public_of(uint8_t out[static HT_HPKE_PUBLIC_SIZE],
                             const uint8_t secret[static HT_HPKE_SECRET_SIZE], struct ht_why *why) {
    struct curve curve;
    enum ht_err err = curve_init(&curve, secret, why);
    if (err == HT_OK &&
        (EC_POINT_mul(curve.group, curve.result, curve.number, NULL, NULL, curve.context) != 1 ||
         EC_POINT_point2oct(curve.group, curve.result, POINT_CONVERSION_UNCOMPRESSED, out,
                            HT_HPKE_PUBLIC_SIZE, curve.context) != HT_HPKE_PUBLIC_SIZE)) {
        err = no_memory(why);
    }
    curve_fini(&curve);
    return err;
}

/* x of secret * public. */
static enum ht_err diffie_hellman(uint8_t out[static 32],
                                  const uint8_t secret[static HT_HPKE_SECRET_SIZE],
                                  const uint8_t public[static HT_HPKE_PUBLIC_SIZE],
                                  struct ht_why *why) {
    struct curve curve;
    uint8_t text[HT_HPKE_PUBLIC_SIZE];
    enum ht_err err = curve_init(&curve, secret, why);
    /* It checks that the point is on the curve; the form is the only one of this length. */
    if (err == HT_OK &&
        (public[0] != 4 || EC_POINT_oct2point(curve.group, curve.point, public, HT_HPKE_PUBLIC_SIZE,
                                              curve.context) != 1)) {
        err = bad_key(why);
    }
    if (err == HT_OK &&
        (EC_POINT_mul(curve.group, curve.result, NULL, curve.point, curve.number, curve.context) !=
             1 ||
         EC_POINT_point2oct(curve.group, curve.result, POINT_CONVERSION_UNCOMPRESSED, text,
                            sizeof text, curve.context) != sizeof text)) {
        err = no_memory(why);
    }
    if (err == HT_OK) memcpy(out, text + 1, 32);
    sodium_memzero(text, sizeof text);
    curve_fini(&curve);
    return err;
}

/* --- keys -------------------------------------------------------------------------------------*/

/* DeriveKeyPair of §7.1.3. */
enum ht_err ht_hpke_derive(struct ht_hpke_pair *out, ht_bytes ikm, struct ht_why *why) {
    struct ht_hpke_pair pair;
    uint8_t prk[HASH_SIZE];
    extract(prk, ht_bytes_of(NULL, 0), HT_BYTES(KEM_SUITE), "dkp_prk", ikm);
    enum ht_err err = HT_EINPUT;
    for (unsigned i = 0; i < 256 && err == HT_EINPUT; i++) {
        uint8_t counter[] = {(uint8_t)i};
        expand(pair.secret, sizeof pair.secret, prk, HT_BYTES(KEM_SUITE), "candidate",
               HT_BYTES(counter));
        err = public_of(pair.public, pair.secret, why);
    }
    if (err == HT_OK) *out = pair;
    sodium_memzero(prk, sizeof prk);
    sodium_memzero(&pair, sizeof pair);
    return err;
}

enum ht_err ht_hpke_generate(struct ht_hpke_pair *out, const struct ht_random *random,
                             struct ht_why *why) {
    uint8_t ikm[HT_HPKE_SECRET_SIZE];
    ht_random_fill(random, ikm, sizeof ikm);
    enum ht_err err = ht_hpke_derive(out, HT_BYTES(ikm), why);
    sodium_memzero(ikm, sizeof ikm);
    return err;
}

/* --- sealing ----------------------------------------------------------------------------------*/

struct box {
    uint8_t key[KEY_SIZE];
    uint8_t nonce[NONCE_SIZE];
};

/* The key schedule of §5.1 in base mode, from the shared point of §4.1. */
static void schedule(struct box *out, const uint8_t dh[static 32], const uint8_t *enc,
                     const uint8_t *public, ht_bytes info) {
    uint8_t prk[HASH_SIZE];
    uint8_t shared[HASH_SIZE];
    uint8_t both[2 * HT_HPKE_PUBLIC_SIZE];
    uint8_t context[1 + 2 * HASH_SIZE] = {0}; /* mode_base */
    const ht_bytes none = {NULL, 0};
    memcpy(both, enc, HT_HPKE_PUBLIC_SIZE);
    memcpy(both + HT_HPKE_PUBLIC_SIZE, public, HT_HPKE_PUBLIC_SIZE);
    extract(prk, none, HT_BYTES(KEM_SUITE), "eae_prk", ht_bytes_of(dh, 32));
    expand(shared, sizeof shared, prk, HT_BYTES(KEM_SUITE), "shared_secret", HT_BYTES(both));
    extract(context + 1, none, HT_BYTES(HPKE_SUITE), "psk_id_hash", none);
    extract(context + 1 + HASH_SIZE, none, HT_BYTES(HPKE_SUITE), "info_hash", info);
    extract(prk, HT_BYTES(shared), HT_BYTES(HPKE_SUITE), "secret", none);
    expand(out->key, sizeof out->key, prk, HT_BYTES(HPKE_SUITE), "key", HT_BYTES(context));
    expand(out->nonce, sizeof out->nonce, prk, HT_BYTES(HPKE_SUITE), "base_nonce",
           HT_BYTES(context));
    sodium_memzero(prk, sizeof prk);
    sodium_memzero(shared, sizeof shared);
}

static bool encrypt(EVP_CIPHER_CTX *context, uint8_t *out, const struct box *box, ht_bytes aad,
                    ht_bytes plain) {
    int n = 0;
    if (EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, box->key, box->nonce) != 1) {
        return false;
    }
    if (aad.n > 0 && EVP_EncryptUpdate(context, NULL, &n, aad.p, (int)aad.n) != 1) return false;
    if (plain.n > 0 && EVP_EncryptUpdate(context, out, &n, plain.p, (int)plain.n) != 1) {
        return false;
    }
    return EVP_EncryptFinal_ex(context, out + plain.n, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, out + plain.n) == 1;
}

/* text: ciphertext and tag. */
static bool decrypt(EVP_CIPHER_CTX *context, uint8_t *out, const struct box *box, ht_bytes aad,
                    ht_bytes text) {
    int n = 0;
    size_t plain_n = text.n - TAG_SIZE;
    uint8_t tag[TAG_SIZE];
    uint8_t none[1];
    memcpy(tag, text.p + plain_n, sizeof tag);
    if (EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, box->key, box->nonce) != 1) {
        return false;
    }
    if (aad.n > 0 && EVP_DecryptUpdate(context, NULL, &n, aad.p, (int)aad.n) != 1) return false;
    if (plain_n > 0 && EVP_DecryptUpdate(context, out, &n, text.p, (int)plain_n) != 1) return false;
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) == 1 &&
           EVP_DecryptFinal_ex(context, none, &n) == 1;
}

static enum ht_err check_sizes(size_t plain_n, ht_bytes info, ht_bytes aad, struct ht_why *why) {
    if (plain_n <= HT_HPKE_PLAIN_MAX && info.n <= HT_HPKE_PLAIN_MAX && aad.n <= HT_HPKE_PLAIN_MAX) {
        return HT_OK;
    }
    return ht_fail(why, HT_ELIMIT, "hpke_long", "it is over %zu bytes", HT_HPKE_PLAIN_MAX);
}

enum ht_err ht_hpke_seal(struct ht_buf *out, const uint8_t public[static HT_HPKE_PUBLIC_SIZE],
                         const struct ht_hpke_pair *ephemeral, ht_bytes info, ht_bytes aad,
                         ht_bytes plain, struct ht_why *why) {
    uint8_t dh[32];
    struct box box;
    enum ht_err err = check_sizes(plain.n, info, aad, why);
    if (err == HT_OK) err = diffie_hellman(dh, ephemeral->secret, public, why);
    if (err != HT_OK) return err;
    uint8_t *room = ht_buf_reserve(out, plain.n + HT_HPKE_OVERHEAD);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    schedule(&box, dh, ephemeral->public, public, info);
    if (room == NULL) {
        err = ht_fail(why, HT_ELIMIT, "no_room", "no room for what is sealed");
    } else if (context == NULL || !encrypt(context, room + HT_HPKE_PUBLIC_SIZE, &box, aad, plain)) {
        err = no_memory(why);
    } else {
        memcpy(room, ephemeral->public, HT_HPKE_PUBLIC_SIZE);
        out->n += plain.n + HT_HPKE_OVERHEAD;
    }
    EVP_CIPHER_CTX_free(context);
    ERR_clear_error();
    sodium_memzero(dh, sizeof dh);
    sodium_memzero(&box, sizeof box);
    return err;
}

enum ht_err ht_hpke_open(uint8_t *out, size_t *n, const struct ht_hpke_pair *pair, ht_bytes info,
                         ht_bytes aad, ht_bytes sealed, struct ht_why *why) {
    uint8_t dh[32];
    struct box box;
    if (sealed.n < HT_HPKE_OVERHEAD) {
        return ht_fail(why, HT_EINPUT, "hpke_short", "%zu bytes are too few to be sealed",
                       sealed.n);
    }
    size_t plain_n = sealed.n - HT_HPKE_OVERHEAD;
    enum ht_err err = check_sizes(plain_n, info, aad, why);
    if (err == HT_OK) err = diffie_hellman(dh, pair->secret, sealed.p, why);
    if (err != HT_OK) return err;
    schedule(&box, dh, sealed.p, pair->public, info);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    ht_bytes text = ht_bytes_of(sealed.p + HT_HPKE_PUBLIC_SIZE, sealed.n - HT_HPKE_PUBLIC_SIZE);
    if (context == NULL) {
        err = no_memory(why);
    } else if (!decrypt(context, out, &box, aad, text)) {
        if (plain_n > 0) sodium_memzero(out, plain_n);
        err = ht_fail(why, HT_EUNVERIFIED, "hpke_open",
                      "it was not sealed to this key for this use, or was changed");
    } else {
        *n = plain_n;
    }
    EVP_CIPHER_CTX_free(context);
    ERR_clear_error();
    sodium_memzero(dh, sizeof dh);
    sodium_memzero(&box, sizeof box);
    return err;
}
