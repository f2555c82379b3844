/* Wycheproof's ECDSA tests, as far as a precompile can be asked what they ask.
 *
 * secp256r1 with signatures as r and s in 64 bytes: P256VERIFY. secp256k1: the address of the
 * public key must come out of ECRECOVER for one of the two v, and s be low where the tests want
 * Bitcoin's rules. Signatures are taken apart by libcrypto there; one that is no DER asks nothing
 * of a precompile and is skipped. */
#include "tests/vectors/suite_precompiles.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "node/base/hex.h"
#include "node/crypto/secp256k1.h"
#include "node/evm/precompile.h"

#define TEXT_MAX ((size_t)1 << 20)

struct group {
    struct ht_vec_report *report;
    bool is_r1, is_k1, is_p1363, is_bitcoin;
    const EVP_MD *hash;
    struct ht_buf key; /* 0x04, x, y */
};

static enum ht_err read_hex(struct ht_buf *out, const json_t *object, const char *name) {
    const json_t *text = json_object_get(object, name);
    if (!json_is_string(text)) return HT_ENOTFOUND;
    return ht_hex_read_buf(out, ht_bytes_of(json_string_value(text), json_string_length(text)));
}

/* The left 32 bytes of the hash, or fewer behind zeros. */
static bool hash_message(uint8_t out[static 32], const struct group *group, const json_t *test) {
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    struct ht_buf message;
    ht_buf_init(&message, TEXT_MAX);
    bool is_good = read_hex(&message, test, "msg") == HT_OK &&
                   EVP_Digest(message.p, message.n, digest, &n, group->hash, NULL) == 1;
    ht_buf_fini(&message);
    memset(out, 0, 32);
    if (is_good && n >= 32) memcpy(out, digest, 32);
    if (is_good && n < 32) memcpy(out + 32 - n, digest, n);
    return is_good;
}

/* Whether the precompile answers at all; *output gets the answer. */
static bool call(struct ht_buf *output, unsigned number, ht_bytes input) {
    return ht_precompile_run(output, ht_evm_rules_of(HT_EVM_OSAKA), number, input, NULL) == HT_OK &&
           output->n == 32;
}

static bool verify_r1(const uint8_t digest[static 32], ht_bytes signature, ht_bytes key) {
    struct ht_buf input;
    struct ht_buf output;
    ht_buf_init(&input, TEXT_MAX);
    ht_buf_init(&output, TEXT_MAX);
    bool is_good = ht_buf_add(&input, ht_bytes_of(digest, 32)) == HT_OK &&
                   ht_buf_add(&input, signature) == HT_OK &&
                   ht_buf_add(&input, ht_bytes_of(key.p + 1, 64)) == HT_OK &&
                   call(&output, 0x100, ht_buf_view(&input)) && output.p[31] == 1;
    ht_buf_fini(&input);
    ht_buf_fini(&output);
    return is_good;
}

static bool recovers(const uint8_t digest[static 32], const struct ht_ecdsa_signature *signature,
                     ht_bytes key) {
    uint8_t input[128] = {0};
    struct ht_buf output;
    ht_addr20 address;
    bool is_found = false;
    ht_buf_init(&output, 64);
    ht_secp256k1_address(&address, key.p + 1);
    memcpy(input, digest, 32);
    memcpy(input + 64, signature->r, 32);
    memcpy(input + 96, signature->s, 32);
    for (uint8_t v = 27; v <= 28; v++) {
        input[63] = v;
        if (call(&output, 0x01, HT_BYTES(input)) && memcmp(output.p + 12, address.b, 20) == 0) {
            is_found = true;
        }
    }
    ht_buf_fini(&output);
    return is_found;
}

/* Whether r may stand for an x above the group's order, which the two v of ECRECOVER cannot say: it
 * is below the difference of prime and order then, of 129 bits. */
static bool is_ambiguous(const struct ht_ecdsa_signature *signature) {
    static const uint8_t zeros[15];
    return memcmp(signature->r, zeros, sizeof zeros) == 0;
}

/* r and s out of strict DER; false when it is none or they are not numbers of 32 bytes. */
static bool take_apart(struct ht_ecdsa_signature *out, ht_bytes der) {
    const uint8_t *p = der.p;
    uint8_t *again = NULL;
    ECDSA_SIG *signature = der.n > 0 ? d2i_ECDSA_SIG(NULL, &p, (long)der.n) : NULL;
    int n = signature == NULL ? 0 : i2d_ECDSA_SIG(signature, &again);
    bool is_good = n > 0 && ht_bytes_equal(ht_bytes_of(again, (size_t)n), der) &&
                   !BN_is_negative(ECDSA_SIG_get0_r(signature)) &&
                   !BN_is_negative(ECDSA_SIG_get0_s(signature)) &&
                   BN_bn2binpad(ECDSA_SIG_get0_r(signature), out->r, 32) == 32 &&
                   BN_bn2binpad(ECDSA_SIG_get0_s(signature), out->s, 32) == 32;
    OPENSSL_free(again);
    ECDSA_SIG_free(signature);
    out->y_parity = 0;
    return is_good;
}

/* A reason to leave the test out, or NULL and whether the signature was accepted. */
static const char *try_signature(bool *is_accepted, const struct group *group, const json_t *test,
                                 ht_bytes signature) {
    uint8_t digest[32];
    struct ht_ecdsa_signature parts;
    ht_bytes key = ht_buf_view(&group->key);
    if (group->hash == NULL || !hash_message(digest, group, test)) return "a hash we do not have";
    if (key.n != 65) return "no public key of two coordinates";
    if (group->is_r1 && group->is_p1363) {
        *is_accepted = verify_r1(digest, signature, key);
        return NULL;
    }
    if (group->is_r1) return "P256VERIFY takes no signatures in DER";
    if (!group->is_k1) return "a curve that no precompile has";
    if (group->is_p1363) {
        if (signature.n != 64) return "not 64 bytes: ECRECOVER cannot be asked";
        memcpy(parts.r, signature.p, 32);
        memcpy(parts.s, signature.p + 32, 32);
        parts.y_parity = 0;
    } else if (!take_apart(&parts, signature)) {
        return "not r and s of 32 bytes in DER: ECRECOVER cannot be asked";
    }
    bool is_low = ht_ecdsa_check(&parts, HT_ECDSA_LOW_S, NULL) == HT_OK;
    bool is_recovered = recovers(digest, &parts, key);
    const char *result = json_string_value(json_object_get(test, "result"));
    if (!is_recovered && is_ambiguous(&parts) && strcmp(result, "valid") == 0) {
        return "the point's x may be above the group's order, which ECRECOVER cannot be told";
    }
    *is_accepted = is_recovered && (is_low || !group->is_bitcoin);
    return NULL;
}

static void judge_test(const struct group *group, const char *name, const json_t *test) {
    const char *result = json_string_value(json_object_get(test, "result"));
    struct ht_buf signature;
    bool is_accepted = false;
    ht_buf_init(&signature, TEXT_MAX);
    const char *left_out = "the signature is no hex text";
    if (result != NULL && read_hex(&signature, test, "sig") == HT_OK) {
        left_out = try_signature(&is_accepted, group, test, ht_buf_view(&signature));
    }
    if (left_out != NULL) {
        ht_vec_skip(group->report, name, left_out);
    } else if (is_accepted == (strcmp(result, "invalid") != 0) ||
               strcmp(result, "acceptable") == 0) {
        ht_vec_pass(group->report, name);
    } else {
        ht_vec_fail(group->report, name, "%s, expected %s", is_accepted ? "accepted" : "refused",
                    result);
    }
    ht_buf_fini(&signature);
}

static bool has_word(const json_t *text, const char *word) {
    return json_is_string(text) && strstr(json_string_value(text), word) != NULL;
}

static const EVP_MD *find_hash(const json_t *name) {
    return json_is_string(name) ? EVP_get_digestbyname(json_string_value(name)) : NULL;
}

static size_t judge_group(struct ht_vec_report *report, const char *file, const json_t *schema,
                          const json_t *one) {
    const json_t *public_key = json_object_get(one, "publicKey");
    const json_t *tests = json_object_get(one, "tests");
    struct group group = {.report = report,
                          .is_r1 = has_word(json_object_get(public_key, "curve"), "secp256r1"),
                          .is_k1 = has_word(json_object_get(public_key, "curve"), "secp256k1"),
                          .is_p1363 = has_word(schema, "p1363"),
                          .is_bitcoin = has_word(schema, "bitcoin"),
                          .hash = find_hash(json_object_get(one, "sha"))};
    ht_buf_init(&group.key, TEXT_MAX);
    if (read_hex(&group.key, public_key, "uncompressed") != HT_OK) ht_buf_clear(&group.key);
    for (size_t i = 0; i < json_array_size(tests); i++) {
        const json_t *test = json_array_get(tests, i);
        const char *comment = json_string_value(json_object_get(test, "comment"));
        char name[512];
        (void)snprintf(name, sizeof name, "%s/%lld %s", file,
                       (long long)json_integer_value(json_object_get(test, "tcId")),
                       comment == NULL ? "" : comment);
        judge_test(&group, name, test);
    }
    ht_buf_fini(&group.key);
    return json_array_size(tests);
}

size_t ht_vec_wycheproof(struct ht_vec_report *report, const char *file, const json_t *root) {
    const json_t *schema = json_object_get(root, "schema");
    const json_t *groups = json_object_get(root, "testGroups");
    size_t count = 0;
    if (!has_word(schema, "ecdsa")) return 0;
    for (size_t i = 0; i < json_array_size(groups); i++) {
        count += judge_group(report, file, schema, json_array_get(groups, i));
    }
    return count;
}
