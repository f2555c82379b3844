/* EIP-712, the values: hashStruct, domain separator, digest; and EIP-191.
 *
 * Structs and arrays hash each other, so two functions call each other in turn: they go down the
 * types, which hold no circles and are bounded (eip712_types.c), and count how deep they are
 * besides. Nothing is copied or allocated: each value is hashed as it is met. */
#include "node/codec/eip712.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/abi_word.h"
#include "node/codec/eip712_types.h"
#include "node/crypto/keccak.h"

#define HEX_CHUNK 512U

struct hasher {
    const struct ht_eip712 *data;
    unsigned depth;
    struct ht_why *why;
};

static enum ht_err bad_value(const char *what, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "eip712_value", "%s", what);
}

/* The hash of bytes given in hex, without a copy of them all. */
static enum ht_err hash_hex(ht_hash32 *out, const json_t *value, struct ht_why *why) {
    uint8_t bytes[HEX_CHUNK];
    const char *text = json_string_value(value);
    size_t n = json_string_length(value);
    if (text == NULL || n < 2 || n % 2 != 0 || text[0] != '0' || text[1] != 'x') {
        return bad_value("a value is not bytes in hex", why);
    }
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    for (size_t at = 2; at < n; at += 2 * HEX_CHUNK) {
        size_t digits = n - at < 2 * HEX_CHUNK ? n - at : 2 * HEX_CHUNK;
        bool has_prefix = text[at] == '0' && (text[at + 1] | 0x20) == 'x';
        if (has_prefix || ht_hex_read(bytes, digits / 2, ht_bytes_of(text + at, digits)) != HT_OK) {
            return bad_value("a value is not bytes in hex", why);
        }
        ht_keccak256_update(&hash, ht_bytes_of(bytes, digits / 2));
    }
    ht_keccak256_final(out, &hash);
    return HT_OK;
}

static enum ht_err encode_elementary(ht_hash32 *out, const struct ht_abi_type *type,
                                     const json_t *value, struct ht_why *why) {
    if (type->kind == HT_ABI_BYTES) return hash_hex(out, value, why);
    if (type->kind == HT_ABI_STRING) {
        if (!json_is_string(value)) return bad_value("a value is not text", why);
        ht_keccak256(out, ht_bytes_of(json_string_value(value), json_string_length(value)));
        return HT_OK;
    }
    struct ht_why reason = {.code = "", .text = ""};
    enum ht_err err = ht_abi_word_write(out->b, type, value, &reason);
    return err == HT_EINPUT ? bad_value(reason.text, why) : err;
}

static enum ht_err hash_struct(struct hasher *hasher, ht_hash32 *out,
                               const struct ht_eip712_type *type, const json_t *value);

static enum ht_err hash_array(struct hasher *hasher, ht_hash32 *out, ht_bytes element,
                              const json_t *list);

/* encodeData of one value: itself when it is a word, else its hash. */
static enum ht_err encode_value(struct hasher *hasher, ht_hash32 *out, ht_bytes type,
                                const json_t *value) {
    struct ht_abi_type elementary;
    ht_bytes element = {0};
    bool is_fixed = false;
    size_t count = 0;
    if (ht_eip712_element(&element, &is_fixed, &count, type)) {
        if (!json_is_array(value)) return bad_value("a value is not a list", hasher->why);
        if (is_fixed && json_array_size(value) != count) {
            return bad_value("a list has another length than its type", hasher->why);
        }
        return hash_array(hasher, out, element, value);
    }
    const struct ht_eip712_type *found = ht_eip712_find_bytes(hasher->data, type);
    if (found != NULL) return hash_struct(hasher, out, found, value);
    if (!ht_abi_elementary_read(&elementary, type)) {
        return ht_fail(hasher->why, HT_EINPUT, "eip712_types", "there is no such type");
    }
    return encode_elementary(out, &elementary, value, hasher->why);
}

static enum ht_err go_down(struct hasher *hasher) {
    if (hasher->depth++ < HT_EIP712_DEPTH_MAX) return HT_OK;
    return ht_fail(hasher->why, HT_ELIMIT, "eip712_too_large", "values are nested too deeply");
}

static enum ht_err hash_array(struct hasher *hasher, ht_hash32 *out, ht_bytes element,
                              const json_t *list) {
    struct ht_keccak256 hash;
    enum ht_err err = go_down(hasher);
    ht_keccak256_init(&hash);
    for (size_t i = 0; err == HT_OK && i < json_array_size(list); i++) {
        ht_hash32 word;
        err = encode_value(hasher, &word, element, json_array_get(list, i));
        if (err == HT_OK) ht_keccak256_update(&hash, HT_BYTES(word.b));
    }
    hasher->depth--;
    if (err == HT_OK) ht_keccak256_final(out, &hash);
    return err;
}

static enum ht_err hash_struct(struct hasher *hasher, ht_hash32 *out,
                               const struct ht_eip712_type *type, const json_t *value) {
    struct ht_keccak256 hash;
    if (!json_is_object(value)) return bad_value("a value is not an object", hasher->why);
    enum ht_err err = go_down(hasher);
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, HT_BYTES(type->type_hash.b));
    for (size_t i = 0; err == HT_OK && i < type->count; i++) {
        ht_hash32 word;
        const char *name = type->members[i].name;
        const json_t *member = ht_json_member(value, name);
        if (member == NULL || json_is_null(member)) {
            err = ht_fail(hasher->why, HT_EINPUT, "eip712_missing", "%.40s has no value", name);
        } else {
            err = encode_value(hasher, &word, ht_bytes_str(type->members[i].type), member);
            if (err != HT_OK) ht_why_context(hasher->why, "%.40s", name);
        }
        if (err == HT_OK) ht_keccak256_update(&hash, HT_BYTES(word.b));
    }
    hasher->depth--;
    if (err != HT_OK) return err;
    /* Every member was found, and names are different: a larger object has others. */
    if (json_object_size(value) != type->count) {
        return ht_fail(hasher->why, HT_EINPUT, "eip712_extra",
                       "%.40s has a value that no type names", type->name);
    }
    ht_keccak256_final(out, &hash);
    return HT_OK;
}

enum ht_err ht_eip712_value_hash(ht_hash32 *out, const struct ht_eip712 *data, const char *type,
                                 const json_t *value, struct ht_why *why) {
    struct hasher hasher = {.data = data, .why = why};
    return encode_value(&hasher, out, ht_bytes_str(type), value);
}

enum ht_err ht_eip712_domain_separator(ht_hash32 *out, const struct ht_eip712 *data,
                                       struct ht_why *why) {
    return ht_eip712_value_hash(out, data, HT_EIP712_DOMAIN, data->domain, why);
}

enum ht_err ht_eip712_struct_hash(ht_hash32 *out, const struct ht_eip712 *data,
                                  struct ht_why *why) {
    return ht_eip712_value_hash(out, data, data->primary_type, data->message, why);
}

void ht_eip712_digest(ht_hash32 *out, const ht_hash32 *domain_separator,
                      const ht_hash32 *struct_hash) {
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, ht_bytes_of("\x19\x01", 2));
    ht_keccak256_update(&hash, HT_BYTES(domain_separator->b));
    ht_keccak256_update(&hash, HT_BYTES(struct_hash->b));
    ht_keccak256_final(out, &hash);
}

void ht_eip191_digest(ht_hash32 *out, ht_bytes message) {
    char prefix[64];
    struct ht_keccak256 hash;
    int n = snprintf(prefix, sizeof prefix,
                     "\x19"
                     "Ethereum Signed Message:\n%zu",
                     message.n);
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, ht_bytes_of(prefix, (size_t)n));
    ht_keccak256_update(&hash, message);
    ht_keccak256_final(out, &hash);
}

/* --- documents --------------------------------------------------------------------------------*/

/* The fields of the domain that are looked at besides being hashed; they have been checked. */
static void read_domain(struct ht_eip712 *data) {
    uint8_t word[HT_ABI_WORD];
    const struct ht_abi_type number = {.kind = HT_ABI_UINT, .bits = 256};
    const struct ht_abi_type address = {.kind = HT_ABI_ADDRESS};
    const json_t *chain_id = ht_json_member(data->domain, "chainId");
    if (chain_id != NULL && ht_abi_word_write(word, &number, chain_id, NULL) == HT_OK) {
        data->has_chain_id = true;
        data->chain_id = ht_u256_from_be32(word);
    }
    const json_t *contract = ht_json_member(data->domain, "verifyingContract");
    if (contract != NULL && ht_abi_word_write(word, &address, contract, NULL) == HT_OK) {
        data->has_verifying_contract = true;
        memcpy(data->verifying_contract.b, word + 12, sizeof data->verifying_contract.b);
    }
}

static enum ht_err get_object(const json_t **out, const json_t *document, const char *name,
                              struct ht_why *why) {
    enum ht_err err = ht_json_get(out, document, name, why);
    if (err != HT_OK || json_is_object(*out)) return err;
    return ht_fail(why, HT_EINPUT, "json_type", "%s is not an object", name);
}

enum ht_err ht_eip712_read(struct ht_eip712 *out, struct ht_arena *arena, const json_t *document,
                           struct ht_why *why) {
    struct ht_eip712 data = {.type_count = 0};
    const json_t *types = NULL;
    ht_hash32 hash;
    enum ht_err err = get_object(&types, document, "types", why);
    if (err == HT_OK) err = get_object(&data.domain, document, "domain", why);
    if (err == HT_OK) err = get_object(&data.message, document, "message", why);
    if (err == HT_OK) err = ht_json_text(&data.primary_type, document, "primaryType", why);
    if (err == HT_OK) err = ht_eip712_read_types(&data, arena, types, why);
    if (err != HT_OK) return err;
    const struct ht_eip712_type *primary = ht_eip712_find(&data, data.primary_type);
    bool is_whole = primary != NULL && strcmp(primary->name, data.primary_type) == 0;
    if (!is_whole || strcmp(data.primary_type, HT_EIP712_DOMAIN) == 0) {
        return ht_fail(why, HT_EINPUT, "eip712_types", "the primary type is not one of the types");
    }
    err = ht_eip712_domain_separator(&hash, &data, why);
    if (err != HT_OK) {
        ht_why_context(why, "domain");
        return err;
    }
    err = ht_eip712_struct_hash(&hash, &data, why);
    if (err != HT_OK) return err;
    read_domain(&data);
    *out = data;
    return HT_OK;
}
