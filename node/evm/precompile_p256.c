/* P256VERIFY: ECDSA over secp256r1, by OpenSSL. Whatever is wrong with the input, the answer is
 * nothing and not a failure. */
#include "node/evm/precompile_p256.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "node/evm/precompile_impl.h"

#define INPUT_SIZE 160U
#define DER_MAX 72U /* two numbers of 33 bytes with their tags, and a sequence around them */

/* A key from x and y, 32 bytes each; NULL for a point that is not on the curve. */
static EVP_PKEY *read_key(const uint8_t point[static 64]) {
    uint8_t encoded[65] = {0x04};
    char group[] = "prime256v1";
    EVP_PKEY *key = NULL;
    memcpy(encoded + 1, point, 64);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded, sizeof encoded),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    return key;
}

/* r and s in the form that the library takes; 0 when there is no memory. */
static size_t encode_signature(uint8_t out[static DER_MAX], const uint8_t r_s[static 64]) {
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(r_s, 32, NULL);
    BIGNUM *s = BN_bin2bn(r_s + 32, 32, NULL);
    int length = 0;
    if (signature != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(signature, r, s) == 1) {
        /* They are the signature's now. */
        r = NULL;
        s = NULL;
        length = i2d_ECDSA_SIG(signature, &out);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return length > 0 ? (size_t)length : 0;
}

static bool is_valid(const uint8_t input[static INPUT_SIZE]) {
    uint8_t signature[DER_MAX];
    size_t length = encode_signature(signature, input + 32);
    EVP_PKEY *key = read_key(input + 96);
    EVP_PKEY_CTX *context = key == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool is_good = length > 0 && context != NULL && EVP_PKEY_verify_init(context) == 1 &&
                   EVP_PKEY_verify(context, signature, length, input, 32) == 1;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    return is_good;
}

enum ht_err ht_precompile_p256verify(struct ht_buf *output, ht_bytes input, struct ht_why *why) {
    ht_buf_clear(output);
    if (input.n != INPUT_SIZE || !is_valid(input.p)) return HT_OK;
    uint8_t one[32] = {[31] = 1};
    return ht_precompile_answer(output, HT_BYTES(one), why);
}
