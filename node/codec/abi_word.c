/* Elementary types: names, ranges, and words in both directions. How words are put together into
 * tuples and arrays is for abi.c, how they are hashed for eip712.c. */
#include "node/codec/abi_word.h"

#include <stdlib.h>

#include "node/base/hex.h"
#include "node/base/u256.h"

#define ADDRESS_SIZE 20U
#define FUNCTION_SIZE 24U

static const struct {
    const char *name;
    struct ht_abi_type type;
} NAMED[] = {
    {"address", {.kind = HT_ABI_ADDRESS, .head = HT_ABI_WORD}},
    {"bool", {.kind = HT_ABI_BOOL, .head = HT_ABI_WORD}},
    {"bytes", {.kind = HT_ABI_BYTES, .head = HT_ABI_WORD, .is_dynamic = true}},
    {"string", {.kind = HT_ABI_STRING, .head = HT_ABI_WORD, .is_dynamic = true}},
    {"function", {.kind = HT_ABI_FUNCTION, .size = FUNCTION_SIZE, .head = HT_ABI_WORD}},
};

/* The number behind `prefix`, without leading zeros; 0 when this is something else. */
static unsigned width_behind(ht_bytes name, const char *prefix) {
    size_t n = strlen(prefix);
    if (name.n <= n || name.n > n + 3 || memcmp(name.p, prefix, n) != 0) return 0;
    if (name.p[n] == '0') return 0;
    unsigned width = 0;
    for (size_t i = n; i < name.n; i++) {
        if (name.p[i] < '0' || name.p[i] > '9') return 0;
        width = 10 * width + (unsigned)(name.p[i] - '0');
    }
    return width;
}

bool ht_abi_elementary_read(struct ht_abi_type *out, ht_bytes name) {
    for (size_t i = 0; i < sizeof NAMED / sizeof *NAMED; i++) {
        if (!ht_bytes_equal(name, ht_bytes_str(NAMED[i].name))) continue;
        *out = NAMED[i].type;
        return true;
    }
    unsigned bits = width_behind(name, "uint");
    enum ht_abi_kind kind = HT_ABI_UINT;
    if (bits == 0) {
        bits = width_behind(name, "int");
        kind = HT_ABI_INT;
    }
    if (bits > 0) {
        if (bits > 256 || bits % 8 != 0) return false;
        *out = (struct ht_abi_type){.kind = kind, .bits = bits, .head = HT_ABI_WORD};
        return true;
    }
    unsigned size = width_behind(name, "bytes");
    if (size == 0 || size > HT_ABI_WORD) return false;
    *out = (struct ht_abi_type){.kind = HT_ABI_FIXED_BYTES, .size = size, .head = HT_ABI_WORD};
    return true;
}

bool ht_abi_is_word(const struct ht_abi_type *type) {
    return type->kind <= HT_ABI_FIXED_BYTES || type->kind == HT_ABI_FUNCTION;
}

static enum ht_err bad_value(const char *wanted, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "abi_value", "a value is not %s", wanted);
}

/* --- from JSON --------------------------------------------------------------------------------*/

static bool read_magnitude(ht_u256 *out, ht_bytes text) {
    bool is_hex = text.n > 2 && text.p[0] == '0' && (text.p[1] == 'x' || text.p[1] == 'X');
    /* "010" is ten to some readers and eight to others. */
    enum ht_err err = is_hex ? ht_u256_from_text(out, text) : ht_u256_from_decimal(out, text);
    return err == HT_OK;
}

/* Sign and magnitude of a number in any of the forms that are taken. */
static bool read_number(bool *is_negative, ht_u256 *magnitude, const json_t *value) {
    if (json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        *is_negative = number < 0;
        *magnitude = ht_u256_of(number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
        return true;
    }
    if (!json_is_string(value)) return false;
    ht_bytes text = ht_bytes_of(json_string_value(value), json_string_length(value));
    *is_negative = text.n > 1 && text.p[0] == '-' && text.p[1] >= '1' && text.p[1] <= '9';
    if (*is_negative) text = ht_bytes_of(text.p + 1, text.n - 1);
    return read_magnitude(magnitude, text);
}

static enum ht_err write_number(uint8_t *out, const struct ht_abi_type *type, const json_t *value,
                                struct ht_why *why) {
    static const ht_u256 zero;
    bool is_negative = false;
    ht_u256 number;
    if (!read_number(&is_negative, &number, value)) return bad_value("a number", why);
    unsigned length = ht_u256_bit_length(&number);
    bool is_fit = length <= type->bits && !is_negative;
    if (type->kind == HT_ABI_INT) {
        ht_u256 less_one;
        ht_u256_sub(&less_one, &number, &(ht_u256){{1, 0, 0, 0}});
        /* -2^(bits-1) has one more bit than the largest number, so one less is measured. */
        is_fit = (is_negative ? ht_u256_bit_length(&less_one) : length) < type->bits;
    }
    if (!is_fit) {
        return ht_fail(why, HT_EINPUT, "abi_value", "a number does not fit %sint%u",
                       type->kind == HT_ABI_INT ? "" : "u", type->bits);
    }
    if (is_negative) ht_u256_sub(&number, &zero, &number);
    ht_u256_to_be(out, &number);
    return HT_OK;
}

/* Exactly n bytes of hex, which must begin with "0x". */
static bool read_hex(uint8_t *out, size_t n, const json_t *value) {
    const char *text = json_string_value(value);
    if (text == NULL || text[0] != '0' || text[1] != 'x') return false;
    return ht_hex_read(out, n, ht_bytes_of(text, json_string_length(value))) == HT_OK;
}

enum ht_err ht_abi_word_write(uint8_t out[static HT_ABI_WORD], const struct ht_abi_type *type,
                              const json_t *value, struct ht_why *why) {
    uint8_t word[HT_ABI_WORD] = {0};
    enum ht_err err = HT_OK;
    switch (type->kind) {
    case HT_ABI_UINT:
    case HT_ABI_INT: err = write_number(word, type, value, why); break;
    case HT_ABI_ADDRESS:
        if (!read_hex(word + HT_ABI_WORD - ADDRESS_SIZE, ADDRESS_SIZE, value)) {
            err = bad_value("an address of 20 bytes in hex", why);
        }
        break;
    case HT_ABI_BOOL:
        if (!json_is_boolean(value)) err = bad_value("true or false", why);
        word[HT_ABI_WORD - 1] = json_is_true(value);
        break;
    case HT_ABI_FIXED_BYTES:
    case HT_ABI_FUNCTION:
        if (!read_hex(word, type->size, value)) {
            err =
                ht_fail(why, HT_EINPUT, "abi_value", "a value is not %zu bytes in hex", type->size);
        }
        break;
    case HT_ABI_BYTES:
    case HT_ABI_STRING:
    case HT_ABI_ARRAY:
    case HT_ABI_TUPLE: ht_assert(false); break;
    }
    if (err == HT_OK) memcpy(out, word, sizeof word);
    return err;
}

/* --- to JSON ----------------------------------------------------------------------------------*/

json_t *ht_abi_hex(ht_bytes bytes) {
    char room[HT_HEX_SIZE(256)];
    char *text = bytes.n <= 256 ? room : malloc(HT_HEX_SIZE(bytes.n));
    if (text == NULL) return NULL;
    ht_hex_write(text, bytes);
    json_t *value = json_stringn(text, 2 + 2 * bytes.n);
    if (text != room) free(text);
    return value;
}

static bool all_are(const uint8_t *p, size_t n, uint8_t byte) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] != byte) return false;
    }
    return true;
}

static enum ht_err bad_padding(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "abi_padding", "a value has bits that its type does not have");
}

static json_t *number_text(const uint8_t *word, bool is_negative) {
    static const ht_u256 zero;
    char text[1 + HT_U256_DECIMAL_SIZE] = "-";
    ht_u256 number = ht_u256_from_be32(word);
    if (is_negative) ht_u256_sub(&number, &zero, &number);
    (void)ht_u256_to_decimal(text + 1, &number);
    return json_string(is_negative ? text : text + 1);
}

enum ht_err ht_abi_word_read(json_t **out, const struct ht_abi_type *type,
                             const uint8_t word[static HT_ABI_WORD], struct ht_why *why) {
    json_t *value = NULL;
    size_t before = 0; /* bytes of padding in front of the value, and behind it */
    size_t behind = 0;
    uint8_t padding = 0;
    switch (type->kind) {
    case HT_ABI_UINT:
    case HT_ABI_INT:
        before = HT_ABI_WORD - type->bits / 8;
        if (type->kind == HT_ABI_INT && (word[before] & 0x80) != 0) padding = 0xff;
        value = number_text(word, padding != 0);
        break;
    case HT_ABI_ADDRESS:
        before = HT_ABI_WORD - ADDRESS_SIZE;
        value = ht_abi_hex(ht_bytes_of(word + before, ADDRESS_SIZE));
        break;
    case HT_ABI_BOOL:
        before = HT_ABI_WORD - 1;
        if (word[before] > 1) return bad_padding(why);
        value = json_boolean(word[before]);
        break;
    case HT_ABI_FIXED_BYTES:
    case HT_ABI_FUNCTION:
        behind = HT_ABI_WORD - type->size;
        value = ht_abi_hex(ht_bytes_of(word, type->size));
        break;
    case HT_ABI_BYTES:
    case HT_ABI_STRING:
    case HT_ABI_ARRAY:
    case HT_ABI_TUPLE: ht_assert(false); break;
    }
    if (value == NULL) return HT_ENOMEM;
    if (!all_are(word, before, padding) || !all_are(word + HT_ABI_WORD - behind, behind, 0)) {
        json_decref(value);
        return bad_padding(why);
    }
    *out = value;
    return HT_OK;
}
