/* From what is to be signed to its digest, refusing what is not what it is said to be. What it
 * means for a person is not known here: the node shows that. */
#include "node/signer/signer_payload.h"

#include <stdio.h>

#include "node/codec/base64.h"
#include "node/codec/json.h"
#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/crypto/sha256.h"

/* The kinds of fields, one letter each. */
#define WORD 'w'           /* an integer below 2^256 */
#define NUMBER 'n'         /* below 2^64 */
#define POSITIVE 'p'       /* the same, and not 0 */
#define ZERO '0'           /* 0 */
#define ADDRESS 'a'        /* 20 bytes */
#define RECIPIENT 'r'      /* 20 bytes or none */
#define DATA 'd'           /* any bytes */
#define ACCESS_LIST 'l'    /* of [address, [key]] */
#define AUTHORIZATIONS 's' /* at least one of [chain_id, address, nonce, y_parity, r, s] */

static const char legacy_fields[] = "nwnrwd";
static const char protected_fields[] = "nwnrwdp00";
static const char access_list_fields[] = "pnwnrwdl";
static const char fee_market_fields[] = "pnwwnrwdl";
static const char set_code_fields[] = "pnwwnawdls";
static const char authorization_fields[] = "wan";
static const char signed_authorization_fields[] = "wannww";

#define LEGACY_COUNT (sizeof legacy_fields - 1)

static enum ht_err check_access_list(ht_bytes entries) {
    enum ht_err err = HT_OK;
    while (err == HT_OK && entries.n > 0) {
        ht_bytes entry;
        ht_bytes keys = {NULL, 0};
        ht_addr20 address;
        err = ht_rlp_read_list(&entry, &entries, NULL);
        if (err == HT_OK) err = ht_rlp_read_addr20(&address, &entry, NULL);
        if (err == HT_OK) err = ht_rlp_read_list(&keys, &entry, NULL);
        if (err == HT_OK) err = ht_rlp_end(entry, NULL);
        while (err == HT_OK && keys.n > 0) {
            ht_hash32 key;
            err = ht_rlp_read_hash32(&key, &keys, NULL);
        }
    }
    return err;
}

static enum ht_err check_number(ht_bytes *rest, char kind) {
    uint64_t number = 0;
    enum ht_err err = ht_rlp_read_u64(&number, rest, NULL);
    if (err != HT_OK) return err;
    bool is_allowed = kind == NUMBER || (kind == ZERO) == (number == 0);
    return is_allowed ? HT_OK : HT_EINPUT;
}

/* A field that holds no list. */
static enum ht_err check_field(ht_bytes *rest, char kind) {
    uint8_t word[32];
    ht_bytes bytes = {NULL, 0};
    ht_addr20 address;
    switch (kind) {
    case WORD: return ht_rlp_read_u256(word, rest, NULL);
    case ADDRESS: return ht_rlp_read_addr20(&address, rest, NULL);
    case DATA: return ht_rlp_read_bytes(&bytes, rest, HT_SIGNER_MESSAGE_MAX, NULL);
    case RECIPIENT: {
        enum ht_err err = ht_rlp_read_bytes(&bytes, rest, 20, NULL);
        return err == HT_OK && bytes.n != 0 && bytes.n != 20 ? HT_EINPUT : err;
    }
    default: return check_number(rest, kind);
    }
}

static enum ht_err check_plain_fields(ht_bytes fields, const char *kinds) {
    enum ht_err err = HT_OK;
    for (; err == HT_OK && *kinds != '\0'; kinds++) err = check_field(&fields, *kinds);
    return err == HT_OK ? ht_rlp_end(fields, NULL) : err;
}

static enum ht_err check_authorizations(ht_bytes list) {
    if (list.n == 0) return HT_EINPUT;
    enum ht_err err = HT_OK;
    while (err == HT_OK && list.n > 0) {
        ht_bytes one;
        err = ht_rlp_read_list(&one, &list, NULL);
        if (err == HT_OK) err = check_plain_fields(one, signed_authorization_fields);
    }
    return err;
}

/* One list with exactly these fields and nothing behind. */
static enum ht_err check_list(ht_bytes document, const char *kinds) {
    ht_bytes fields;
    ht_bytes list = {NULL, 0};
    enum ht_err err = ht_rlp_read_list(&fields, &document, NULL);
    if (err == HT_OK) err = ht_rlp_end(document, NULL);
    for (; err == HT_OK && *kinds != '\0'; kinds++) {
        bool is_list = *kinds == ACCESS_LIST || *kinds == AUTHORIZATIONS;
        err = is_list ? ht_rlp_read_list(&list, &fields, NULL) : check_field(&fields, *kinds);
        if (err == HT_OK && *kinds == ACCESS_LIST) err = check_access_list(list);
        if (err == HT_OK && *kinds == AUTHORIZATIONS) err = check_authorizations(list);
    }
    return err == HT_OK ? ht_rlp_end(fields, NULL) : err;
}

static const char *legacy_kinds(ht_bytes document) {
    ht_bytes fields;
    size_t count = 0;
    bool is_short = ht_rlp_read_list(&fields, &document, NULL) == HT_OK &&
                    ht_rlp_count(&count, fields, LEGACY_COUNT, NULL) == HT_OK;
    return is_short ? legacy_fields : protected_fields;
}

static enum ht_err check_transaction(ht_bytes data, struct ht_why *why) {
    uint8_t first = data.n > 0 ? data.p[0] : 0;
    const char *kinds = NULL;
    if (first >= 0xc0) kinds = legacy_kinds(data);
    if (first == 1) kinds = access_list_fields;
    if (first == 2) kinds = fee_market_fields;
    if (first == 4) kinds = set_code_fields;
    if (kinds == NULL) {
        return ht_fail(why, HT_EINPUT, "tx_type",
                       "only transactions of types 0, 1, 2 and 4 are signed");
    }
    ht_bytes list = first >= 0xc0 ? data : ht_bytes_of(data.p + 1, data.n - 1);
    /* What is as long as a hash could be one. */
    bool is_good = data.n != sizeof(ht_hash32) && check_list(list, kinds) == HT_OK;
    if (is_good) return HT_OK;
    return ht_fail(why, HT_EINPUT, "tx_shape", "this is no unsigned transaction of its type");
}

static void hash_with_prefix(ht_hash32 *out, ht_bytes prefix, ht_bytes data) {
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, prefix);
    ht_keccak256_update(&hash, data);
    ht_keccak256_final(out, &hash);
}

static void hash_text(ht_hash32 *out, ht_bytes text) {
    char prefix[64];
    int n = snprintf(prefix, sizeof prefix, "\x19%s%zu", "Ethereum Signed Message:\n", text.n);
    hash_with_prefix(out, ht_bytes_of(prefix, (size_t)n), text);
}

static enum ht_err hash_fixed(ht_hash32 *out, enum ht_signer_request request, ht_bytes data,
                              struct ht_why *why) {
    static const uint8_t typed_prefix[2] = {0x19, 0x01};
    if (request == HT_SIGNER_SIGN_EVENT) {
        if (data.n != sizeof out->b)
            return ht_fail(why, HT_EINPUT, "event_size", "an event's id has 32 bytes");
        memcpy(out->b, data.p, sizeof out->b);
        return HT_OK;
    }
    if (data.n != 2 * sizeof(ht_hash32)) {
        return ht_fail(why, HT_EINPUT, "typed_size",
                       "typed data is signed as two hashes of 32 bytes");
    }
    hash_with_prefix(out, HT_BYTES(typed_prefix), data);
    return HT_OK;
}

/* --- tokens ------------------------------------------------------------------------------------*/

/* The object that a part of a token holds; NULL when it is none. */
static json_t *read_part(ht_bytes text) {
    struct ht_buf bytes;
    json_t *value = NULL;
    ht_buf_init(&bytes, HT_SIGNER_JWT_MAX);
    enum ht_err err = ht_base64_read(&bytes, HT_BASE64_URL, text);
    if (err == HT_OK) err = ht_json_parse(&value, ht_buf_view(&bytes), HT_SIGNER_JWT_MAX, NULL);
    ht_buf_fini(&bytes);
    if (err == HT_OK && json_is_object(value)) return value;
    if (err == HT_OK) json_decref(value);
    return NULL;
}

static bool is_header(const json_t *header) {
    const char *alg = NULL;
    if (ht_json_text(&alg, header, "alg", NULL) != HT_OK) return false;
    bool is_known = strcmp(alg, "ES256K") == 0 || strcmp(alg, "ES256K-R") == 0;
    return is_known && ht_json_member(header, "crit") == NULL &&
           ht_json_member(header, "b64") == NULL;
}

/* What is as long as one hash or two could be those. */
static enum ht_err check_jwt(ht_bytes data, struct ht_why *why) {
    bool is_long = data.n > 2 * sizeof(ht_hash32) && data.n <= HT_SIGNER_JWT_MAX;
    const uint8_t *point = is_long ? memchr(data.p, '.', data.n) : NULL;
    bool is_good = false;
    if (point != NULL) {
        size_t n = (size_t)(point - data.p);
        json_t *header = read_part(ht_bytes_of(data.p, n));
        json_t *payload = read_part(ht_bytes_of(point + 1, data.n - n - 1));
        is_good = payload != NULL && is_header(header);
        json_decref(header);
        json_decref(payload);
    }
    if (is_good) return HT_OK;
    return ht_fail(why, HT_EINPUT, "jwt_shape",
                   "this is no header and payload of a token of ES256K or ES256K-R");
}

enum ht_err ht_signer_digest(ht_hash32 *out, enum ht_signer_request request, ht_bytes data,
                             struct ht_why *why) {
    static const uint8_t authorization_prefix[1] = {0x05};
    enum ht_err err = HT_OK;
    if (request == HT_SIGNER_SIGN_TX) {
        err = check_transaction(data, why);
        if (err == HT_OK) ht_keccak256(out, data);
    } else if (request == HT_SIGNER_SIGN_AUTHORIZATION) {
        if (check_list(data, authorization_fields) != HT_OK) {
            return ht_fail(why, HT_EINPUT, "authorization_shape",
                           "this is no [chain_id, address, nonce]");
        }
        hash_with_prefix(out, HT_BYTES(authorization_prefix), data);
    } else if (request == HT_SIGNER_SIGN_TEXT) {
        hash_text(out, data);
    } else if (request == HT_SIGNER_SIGN_JWT) {
        err = check_jwt(data, why);
        if (err == HT_OK) ht_sha256(out, data);
    } else {
        ht_assert(request == HT_SIGNER_SIGN_TYPED || request == HT_SIGNER_SIGN_EVENT);
        err = hash_fixed(out, request, data, why);
    }
    return err;
}
