/* SSZ values from JSON, by the same type tables as the binary form. */
#include "node/codec/ssz_json.h"

#include "node/base/hex.h"

/* A decimal number below 2^256 into 32 bytes, little-endian. */
static enum ht_err read_uint256(uint8_t out[static 32], const json_t *json, struct ht_why *why) {
    const char *text;
    enum ht_err err = ht_json_text(&text, json, "", why);
    if (err != HT_OK) return err;
    size_t n = strlen(text);
    bool is_canonical = n > 0 && n <= 78 && (n == 1 || text[0] != '0');
    uint8_t number[32] = {0};
    unsigned overflow = 0;
    for (size_t i = 0; is_canonical && i < n; i++) {
        if (text[i] < '0' || text[i] > '9') is_canonical = false;
        unsigned carry = (unsigned)(text[i] - '0');
        for (int byte = 0; byte < 32; byte++) {
            carry += number[byte] * 10U;
            number[byte] = (uint8_t)carry;
            carry >>= 8;
        }
        overflow |= carry;
    }
    if (!is_canonical || overflow != 0) {
        return ht_fail(why, HT_EINPUT, "json_value", "not a decimal number below 2^256");
    }
    memcpy(out, number, sizeof number);
    return HT_OK;
}

static enum ht_err read_bits(uint8_t *out, size_t bits, const json_t *json, struct ht_why *why) {
    enum ht_err err = ht_json_hex(out, (bits + 7) / 8, json, "", why);
    if (err == HT_OK && bits % 8 != 0 && out[bits / 8] >> (bits % 8) != 0) {
        return ht_fail(why, HT_EINPUT, "json_value", "bits behind the end are set");
    }
    return err;
}

static enum ht_err read_byte_list(void *out, size_t max, const json_t *json, struct ht_why *why) {
    struct ht_ssz_byte_list *list = out;
    ht_bytes text;
    enum ht_err err = ht_json_str(&text, json, "", why);
    if (err != HT_OK) return err;
    if (text.n < 2 || text.n % 2 != 0 || (text.n - 2) / 2 > max) {
        return ht_fail(why, HT_EINPUT, "json_value", "not a list of at most %zu bytes in hex", max);
    }
    err = ht_json_hex(list->b, (text.n - 2) / 2, json, "", why);
    if (err == HT_OK) list->n = (text.n - 2) / 2;
    return err;
}

static enum ht_err read_vector(uint8_t *out, const struct ht_ssz_type *type, const json_t *json,
                               struct ht_why *why) {
    const json_t *array;
    enum ht_err err = ht_json_array(&array, json, "", why);
    if (err != HT_OK) return err;
    if (json_array_size(array) != type->length) {
        return ht_fail(why, HT_EINPUT, "json_value", "%zu elements where %zu belong",
                       json_array_size(array), type->length);
    }
    size_t size = ht_ssz_fixed_size(type->element);
    for (size_t i = 0; i < type->length; i++) {
        err = ht_ssz_from_json(out + i * size, type->element, json_array_get(array, i), why);
        if (err != HT_OK) {
            ht_why_context(why, "[%zu]", i);
            return err;
        }
    }
    return HT_OK;
}

static enum ht_err read_container(uint8_t *out, const struct ht_ssz_type *type, const json_t *json,
                                  struct ht_why *why) {
    for (size_t i = 0; i < type->field_count; i++) {
        const struct ht_ssz_field *field = &type->fields[i];
        const json_t *member;
        enum ht_err err = ht_json_get(&member, json, field->name, why);
        if (err != HT_OK) return err;
        err = ht_ssz_from_json(out + field->offset, field->type, member, why);
        if (err != HT_OK) {
            ht_why_context(why, "%s", field->name);
            return err;
        }
    }
    return HT_OK;
}

enum ht_err ht_ssz_from_json(void *value, const struct ht_ssz_type *type, const json_t *json,
                             struct ht_why *why) {
    switch (type->kind) {
    case HT_SSZ_UINT64: {
        uint64_t number;
        enum ht_err err = ht_json_u64(&number, json, "", why);
        if (err == HT_OK) memcpy(value, &number, sizeof number);
        return err;
    }
    case HT_SSZ_UINT256: return read_uint256(value, json, why);
    case HT_SSZ_BYTES: return ht_json_hex(value, type->length, json, "", why);
    case HT_SSZ_BITVECTOR: return read_bits(value, type->length, json, why);
    case HT_SSZ_BYTE_LIST: return read_byte_list(value, type->length, json, why);
    case HT_SSZ_VECTOR: return read_vector(value, type, json, why);
    case HT_SSZ_CONTAINER: return read_container(value, type, json, why);
    }
    return HT_EBUG;
}

/* --- writing ---------------------------------------------------------------------------------- */

#define WRITTEN_MAX 2048U /* bytes of one string of bytes */

static json_t *write_bytes(const void *bytes, size_t n) {
    char text[HT_HEX_SIZE(WRITTEN_MAX)];
    ht_assert(n <= WRITTEN_MAX);
    ht_hex_write(text, ht_bytes_of(bytes, n));
    return json_string(text);
}

/* Out of 32 bytes, little-endian: divided by ten over and over. */
static json_t *write_uint256(const uint8_t from[static 32]) {
    uint8_t number[32];
    char text[80];
    size_t at = sizeof text - 1;
    memcpy(number, from, sizeof number);
    text[at] = '\0';
    bool is_zero = false;
    while (!is_zero) {
        unsigned rest = 0;
        is_zero = true;
        for (size_t i = sizeof number; i > 0; i--) {
            unsigned value = rest << 8 | number[i - 1];
            number[i - 1] = (uint8_t)(value / 10);
            rest = value % 10;
            is_zero = is_zero && number[i - 1] == 0;
        }
        text[--at] = (char)('0' + rest);
    }
    return json_string(text + at);
}

static json_t *write_uint64(const void *value) {
    uint64_t number;
    uint8_t wide[32] = {0};
    memcpy(&number, value, sizeof number);
    for (size_t i = 0; i < 8; i++) wide[i] = (uint8_t)(number >> (8 * i));
    return write_uint256(wide);
}

static json_t *write_vector(const struct ht_ssz_type *type, const uint8_t *value) {
    json_t *array = json_array();
    size_t size = ht_ssz_fixed_size(type->element);
    for (size_t i = 0; i < type->length && array != NULL; i++) {
        if (json_array_append_new(array, ht_ssz_to_json(type->element, value + i * size)) == 0)
            continue;
        json_decref(array);
        array = NULL;
    }
    return array;
}

static json_t *write_container(const struct ht_ssz_type *type, const uint8_t *value) {
    json_t *object = json_object();
    for (size_t i = 0; i < type->field_count && object != NULL; i++) {
        const struct ht_ssz_field *field = &type->fields[i];
        json_t *member = ht_ssz_to_json(field->type, value + field->offset);
        if (json_object_set_new(object, field->name, member) == 0) continue;
        json_decref(object);
        object = NULL;
    }
    return object;
}

json_t *ht_ssz_to_json(const struct ht_ssz_type *type, const void *value) {
    const struct ht_ssz_byte_list *list = value;
    switch (type->kind) {
    case HT_SSZ_UINT64: return write_uint64(value);
    case HT_SSZ_UINT256: return write_uint256(value);
    case HT_SSZ_BYTES: return write_bytes(value, type->length);
    case HT_SSZ_BITVECTOR: return write_bytes(value, (type->length + 7) / 8);
    case HT_SSZ_BYTE_LIST: return write_bytes(list->b, list->n);
    case HT_SSZ_VECTOR: return write_vector(type, value);
    case HT_SSZ_CONTAINER: return write_container(type, value);
    }
    return NULL;
}
