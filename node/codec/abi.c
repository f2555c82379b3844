/* Contract ABI: type texts, encoding and strict decoding of tuples.
 *
 * The functions that call themselves go down a type, which the reader bounds to HT_ABI_DEPTH_MAX
 * levels, never down the data: "recurses" below means no more than that. Single words are for
 * abi_word.c. */
#include "node/codec/abi.h"

#include "node/base/hex.h"
#include "node/base/u256.h"
#include "node/codec/abi_word.h"
#include "node/crypto/keccak.h"

static enum ht_err bad_type(const char *what, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "abi_type", "%s", what);
}

static enum ht_err too_large(const char *what, struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "abi_too_large", "%s", what);
}

/* --- types ------------------------------------------------------------------------------------*/

struct type_reader {
    struct ht_arena *arena;
    ht_bytes rest;
    struct ht_why *why;
};

static bool skip(struct type_reader *reader, char c) {
    if (reader->rest.n == 0 || reader->rest.p[0] != (uint8_t)c) return false;
    reader->rest = ht_bytes_of(reader->rest.p + 1, reader->rest.n - 1);
    return true;
}

static enum ht_err read_type(struct type_reader *reader, struct ht_abi_type *out, unsigned depth);

/* How many parts stand between here and the parenthesis that closes this tuple. */
static size_t count_fields(ht_bytes rest) {
    size_t count = 1;
    size_t open = 1;
    for (size_t i = 0; i < rest.n && open > 0; i++) {
        if (rest.p[i] == '(') open++;
        if (rest.p[i] == ')') open--;
        if (rest.p[i] == ',' && open == 1) count++;
    }
    return count;
}

/* The rest of "(a,b)" behind its opening parenthesis. */
static enum ht_err read_tuple(struct type_reader *reader, struct ht_abi_type *out, unsigned depth) {
    size_t count = count_fields(reader->rest);
    struct ht_abi_type *inner = ht_arena_alloc(reader->arena, count * sizeof(struct ht_abi_type));
    if (inner == NULL) return too_large("a type has too many parts", reader->why);
    *out = (struct ht_abi_type){.kind = HT_ABI_TUPLE, .inner = inner};
    if (depth == 0 && skip(reader, ')')) return HT_OK;
    do {
        ht_assert(out->count < count);
        struct ht_abi_type *field = &inner[out->count++];
        enum ht_err err = read_type(reader, field, depth + 1);
        if (err != HT_OK) return err;
        out->head += field->head;
        out->is_dynamic = out->is_dynamic || field->is_dynamic;
    } while (skip(reader, ','));
    if (!skip(reader, ')')) return bad_type("a tuple is not closed", reader->why);
    if (out->head > HT_ABI_VALUES_MAX * HT_ABI_WORD) {
        return too_large("a type is too large", reader->why);
    }
    return HT_OK;
}

static enum ht_err read_elementary(struct type_reader *reader, struct ht_abi_type *out) {
    size_t n = 0;
    while (n < reader->rest.n && memchr("[](),", reader->rest.p[n], 5) == NULL) n++;
    ht_bytes name = ht_bytes_of(reader->rest.p, n);
    reader->rest = ht_bytes_of(reader->rest.p + n, reader->rest.n - n);
    if (ht_bytes_equal(name, ht_bytes_str("uint"))) name = ht_bytes_str("uint256");
    if (ht_bytes_equal(name, ht_bytes_str("int"))) name = ht_bytes_str("int256");
    if (ht_abi_elementary_read(out, name)) return HT_OK;
    return bad_type("a type's name is not one of the ABI's", reader->why);
}

/* The rest of "[]" or "[3]" behind its opening bracket, which makes *out an array of itself. */
static enum ht_err read_array(struct type_reader *reader, struct ht_abi_type *out) {
    struct ht_abi_type *inner = ht_arena_alloc(reader->arena, sizeof *inner);
    if (inner == NULL) return too_large("a type has too many parts", reader->why);
    *inner = *out;
    if (inner->is_dynamic) inner->head = HT_ABI_WORD;
    *out = (struct ht_abi_type){
        .kind = HT_ABI_ARRAY, .inner = inner, .head = HT_ABI_WORD, .is_dynamic = true};
    if (skip(reader, ']')) return HT_OK;
    out->is_fixed = true;
    if (reader->rest.n > 0 && reader->rest.p[0] == '0') {
        return bad_type("an array's length starts with 0", reader->why);
    }
    while (reader->rest.n > 0 && reader->rest.p[0] >= '0' && reader->rest.p[0] <= '9') {
        out->count = 10 * out->count + (size_t)(reader->rest.p[0] - '0');
        reader->rest = ht_bytes_of(reader->rest.p + 1, reader->rest.n - 1);
        if (out->count > HT_ABI_VALUES_MAX) return too_large("an array is too long", reader->why);
    }
    if (out->count == 0 || !skip(reader, ']')) {
        return bad_type("an array's length is not a number", reader->why);
    }
    out->is_dynamic = inner->is_dynamic;
    if (!out->is_dynamic) out->head = out->count * inner->head;
    if (out->head > HT_ABI_VALUES_MAX * HT_ABI_WORD) {
        return too_large("a type is too large", reader->why);
    }
    return HT_OK;
}

/* One type with its arrays. A tuple recurses into its parts, at most HT_ABI_DEPTH_MAX deep. */
static enum ht_err read_type(struct type_reader *reader, struct ht_abi_type *out, unsigned depth) {
    if (depth > HT_ABI_DEPTH_MAX) return too_large("a type is nested too deeply", reader->why);
    enum ht_err err =
        skip(reader, '(') ? read_tuple(reader, out, depth) : read_elementary(reader, out);
    for (; err == HT_OK && skip(reader, '['); depth++) {
        if (out->kind == HT_ABI_TUPLE && out->count == 0) {
            return bad_type("an array of nothing", reader->why);
        }
        if (depth >= HT_ABI_DEPTH_MAX) return too_large("a type is nested too deeply", reader->why);
        err = read_array(reader, out);
    }
    if (err == HT_OK && out->is_dynamic) out->head = HT_ABI_WORD;
    return err;
}

/* Levels of types in the type itself, which arrays around tuples add up. Recurses down them. */
static unsigned depth_of(const struct ht_abi_type *type) {
    unsigned deepest = 0;
    size_t count = type->kind == HT_ABI_TUPLE ? type->count : type->kind == HT_ABI_ARRAY;
    for (size_t i = 0; i < count; i++) {
        unsigned depth = depth_of(&type->inner[i]);
        if (depth > deepest) deepest = depth;
    }
    return deepest + 1;
}

enum ht_err ht_abi_type_read(struct ht_abi_type *out, struct ht_arena *arena, ht_bytes text,
                             struct ht_why *why) {
    struct type_reader reader = {.arena = arena, .rest = text, .why = why};
    struct ht_abi_type type = {.kind = HT_ABI_UINT};
    if (text.n > HT_ABI_TYPE_MAX) return too_large("a type's text is too long", why);
    enum ht_err err = read_type(&reader, &type, 0);
    if (err != HT_OK) return err;
    if (reader.rest.n > 0) return bad_type("text is left behind a type", why);
    if (depth_of(&type) > HT_ABI_DEPTH_MAX + 1) {
        return too_large("a type is nested too deeply", why);
    }
    *out = type;
    return HT_OK;
}

/* --- decoding ---------------------------------------------------------------------------------*/

struct decoder {
    enum ht_abi_trailing trailing;
    size_t values; /* made so far */
    struct ht_why *why;
};

/* Where offsets count from, and up to where values have been read. */
struct frame {
    ht_bytes data;
    size_t at;   /* in the head */
    size_t tail; /* first byte that no value has taken */
};

static enum ht_err too_short(struct decoder *decoder) {
    return ht_fail(decoder->why, HT_EINPUT, "abi_short", "the data ends within a value");
}

static enum ht_err take_word(struct decoder *decoder, const uint8_t **out, ht_bytes data,
                             size_t at) {
    if (at > data.n || data.n - at < HT_ABI_WORD) return too_short(decoder);
    *out = data.p + at;
    return HT_OK;
}

/* A count or an offset. One that is no size at all fits no data either. */
static enum ht_err take_size(struct decoder *decoder, size_t *out, ht_bytes data, size_t at) {
    const uint8_t *word = NULL;
    enum ht_err err = take_word(decoder, &word, data, at);
    if (err != HT_OK) return err;
    size_t size = 0;
    for (size_t i = 0; i < HT_ABI_WORD; i++) {
        bool is_high = i < HT_ABI_WORD - 4;
        if (is_high && word[i] != 0) size = SIZE_MAX;
        if (!is_high && size != SIZE_MAX) size = size << 8 | word[i];
    }
    *out = size;
    return HT_OK;
}

static enum ht_err decode_value(struct decoder *decoder, json_t **out, size_t *used,
                                const struct ht_abi_type *type, ht_bytes data, size_t at);

/* Reads the offset in the frame's head and the value behind it. */
static enum ht_err decode_tail(struct decoder *decoder, json_t **out, struct frame *frame,
                               const struct ht_abi_type *type) {
    size_t offset = 0;
    enum ht_err err = take_size(decoder, &offset, frame->data, frame->at);
    if (err != HT_OK) return err;
    if (offset < frame->tail || offset > frame->data.n) {
        return ht_fail(decoder->why, HT_EINPUT, "abi_offset",
                       "an offset points outside of the data or into another value");
    }
    if (offset > frame->tail && decoder->trailing == HT_ABI_EXACT) {
        return ht_fail(decoder->why, HT_EINPUT, "abi_trailing",
                       "there are bytes between two values");
    }
    size_t used = 0;
    ht_bytes data = ht_bytes_of(frame->data.p + offset, frame->data.n - offset);
    err = decode_value(decoder, out, &used, type, data, 0);
    if (err == HT_OK) frame->tail = offset + used;
    return err;
}

/* The values of a tuple, or of an array whose `step` is 0: all of the same type. *used is what they
 * take, heads and tails. */
static enum ht_err decode_list(struct decoder *decoder, json_t **out, size_t *used,
                               const struct ht_abi_type *types, size_t step, size_t count,
                               ht_bytes data) {
    struct frame frame = {.data = data};
    for (size_t i = 0; step > 0 && i < count; i++) frame.tail += types[i].head;
    if (step == 0) frame.tail = count * types->head;
    if (frame.tail > data.n) return too_short(decoder);
    if (count > HT_ABI_VALUES_MAX - decoder->values) {
        return too_large("an encoding has too many values", decoder->why);
    }
    decoder->values += count;
    json_t *list = json_array();
    if (list == NULL) return HT_ENOMEM;
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        const struct ht_abi_type *type = &types[i * step];
        json_t *value = NULL;
        size_t inline_used = 0;
        err = type->is_dynamic ? decode_tail(decoder, &value, &frame, type)
                               : decode_value(decoder, &value, &inline_used, type, data, frame.at);
        frame.at += type->head;
        if (err == HT_OK && json_array_append_new(list, value) != 0) err = HT_ENOMEM;
    }
    if (err != HT_OK) {
        json_decref(list);
        return err;
    }
    *out = list;
    *used = frame.tail;
    return HT_OK;
}

static enum ht_err decode_bytes(struct decoder *decoder, json_t **out, size_t *used, bool is_text,
                                ht_bytes data) {
    size_t length = 0;
    enum ht_err err = take_size(decoder, &length, data, 0);
    if (err != HT_OK) return err;
    size_t room = data.n - HT_ABI_WORD;
    if (length > room) return too_short(decoder);
    size_t padded = (length + HT_ABI_WORD - 1) / HT_ABI_WORD * HT_ABI_WORD;
    if (padded > room) return too_short(decoder);
    const uint8_t *p = data.p + HT_ABI_WORD;
    for (size_t i = length; i < padded; i++) {
        if (p[i] == 0) continue;
        return ht_fail(decoder->why, HT_EINPUT, "abi_padding",
                       "bytes are padded with other than 0");
    }
    json_t *value =
        is_text ? json_stringn((const char *)p, length) : ht_abi_hex(ht_bytes_of(p, length));
    if (value == NULL && is_text) {
        return ht_fail(decoder->why, HT_EINPUT, "abi_value", "a text is not UTF-8");
    }
    if (value == NULL) return HT_ENOMEM;
    *out = value;
    *used = HT_ABI_WORD + padded;
    return HT_OK;
}

static enum ht_err decode_array(struct decoder *decoder, json_t **out, size_t *used,
                                const struct ht_abi_type *type, ht_bytes data) {
    size_t count = type->count;
    size_t prefix = 0;
    if (!type->is_fixed) {
        enum ht_err err = take_size(decoder, &count, data, 0);
        if (err != HT_OK) return err;
        prefix = HT_ABI_WORD;
        data = ht_bytes_of(data.p + prefix, data.n - prefix);
    }
    /* Every element takes at least a word. */
    if (count > data.n / type->inner->head) return too_short(decoder);
    enum ht_err err = decode_list(decoder, out, used, type->inner, 0, count, data);
    if (err == HT_OK) *used += prefix;
    return err;
}

/* The value at `at`, which is where its own offsets count from. Recurses down the type. */
static enum ht_err decode_value(struct decoder *decoder, json_t **out, size_t *used,
                                const struct ht_abi_type *type, ht_bytes data, size_t at) {
    if (at > data.n) return too_short(decoder);
    data = ht_bytes_of(data.p + at, data.n - at);
    switch (type->kind) {
    case HT_ABI_BYTES:
    case HT_ABI_STRING: return decode_bytes(decoder, out, used, type->kind == HT_ABI_STRING, data);
    case HT_ABI_ARRAY: return decode_array(decoder, out, used, type, data);
    case HT_ABI_TUPLE: return decode_list(decoder, out, used, type->inner, 1, type->count, data);
    case HT_ABI_UINT:
    case HT_ABI_INT:
    case HT_ABI_ADDRESS:
    case HT_ABI_BOOL:
    case HT_ABI_FIXED_BYTES:
    case HT_ABI_FUNCTION: break;
    }
    const uint8_t *word = NULL;
    enum ht_err err = take_word(decoder, &word, data, 0);
    if (err == HT_OK) err = ht_abi_word_read(out, type, word, decoder->why);
    if (err == HT_OK) *used = HT_ABI_WORD;
    return err;
}

enum ht_err ht_abi_decode(json_t **out, const struct ht_abi_type *tuple, ht_bytes data,
                          enum ht_abi_trailing trailing, struct ht_why *why) {
    struct decoder decoder = {.trailing = trailing, .why = why};
    json_t *list = NULL;
    size_t used = 0;
    if (tuple->kind != HT_ABI_TUPLE) return bad_type("the type is not a tuple", why);
    enum ht_err err = decode_list(&decoder, &list, &used, tuple->inner, 1, tuple->count, data);
    if (err != HT_OK) return err;
    if (trailing == HT_ABI_EXACT && used < data.n) {
        json_decref(list);
        return ht_fail(why, HT_EINPUT, "abi_trailing", "there are bytes behind the values");
    }
    *out = list;
    return HT_OK;
}

/* --- encoding ---------------------------------------------------------------------------------*/

struct encoder {
    struct ht_buf *out;
    size_t values;
    struct ht_why *why;
};

static enum ht_err add(struct encoder *encoder, ht_bytes bytes) {
    enum ht_err err = ht_buf_add(encoder->out, bytes);
    return err == HT_ELIMIT ? too_large("an encoding is too long", encoder->why) : err;
}

static void write_size(uint8_t *out, size_t size) {
    ht_u256 number = ht_u256_of(size);
    ht_u256_to_be(out, &number);
}

static enum ht_err add_size(struct encoder *encoder, size_t size) {
    uint8_t word[HT_ABI_WORD];
    write_size(word, size);
    return add(encoder, HT_BYTES(word));
}

static enum ht_err encode_bytes(struct encoder *encoder, bool is_text, const json_t *value) {
    static const uint8_t zeros[HT_ABI_WORD];
    const char *text = json_string_value(value);
    size_t n = json_string_length(value);
    if (text == NULL || (!is_text && (n < 2 || text[0] != '0' || text[1] != 'x' || n % 2 != 0))) {
        return ht_fail(encoder->why, HT_EINPUT, "abi_value", "a value is not %s",
                       is_text ? "text" : "bytes in hex");
    }
    size_t length = is_text ? n : (n - 2) / 2;
    enum ht_err err = add_size(encoder, length);
    if (err != HT_OK) return err;
    if (is_text) {
        err = add(encoder, ht_bytes_of(text, n));
    } else {
        err = ht_hex_read_buf(encoder->out, ht_bytes_of(text, n));
    }
    if (err == HT_EINPUT) {
        return ht_fail(encoder->why, HT_EINPUT, "abi_value", "a value is not bytes in hex");
    }
    if (err == HT_ELIMIT) return too_large("an encoding is too long", encoder->why);
    if (err != HT_OK || length % HT_ABI_WORD == 0) return err;
    return add(encoder, ht_bytes_of(zeros, HT_ABI_WORD - length % HT_ABI_WORD));
}

static enum ht_err encode_value(struct encoder *encoder, const struct ht_abi_type *type,
                                const json_t *value);

/* Heads and tails of a tuple, or of an array whose `step` is 0. */
static enum ht_err encode_list(struct encoder *encoder, const struct ht_abi_type *types,
                               size_t step, size_t count, const json_t *list) {
    const size_t begin = encoder->out->n;
    size_t at = begin;
    if (!json_is_array(list) || json_array_size(list) != count) {
        return ht_fail(encoder->why, HT_EINPUT, "abi_value", "a value is not a list of %zu", count);
    }
    if (count > HT_ABI_VALUES_MAX - encoder->values) {
        return too_large("there are too many values", encoder->why);
    }
    encoder->values += count;
    /* Static values stand in the head; for the others a place is kept there for the offset. */
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        const struct ht_abi_type *type = &types[i * step];
        err = type->is_dynamic ? add_size(encoder, 0)
                               : encode_value(encoder, type, json_array_get(list, i));
    }
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        const struct ht_abi_type *type = &types[i * step];
        if (type->is_dynamic) {
            write_size(encoder->out->p + at, encoder->out->n - begin);
            err = encode_value(encoder, type, json_array_get(list, i));
        }
        at += type->head;
    }
    return err;
}

/* Recurses down the type. */
static enum ht_err encode_value(struct encoder *encoder, const struct ht_abi_type *type,
                                const json_t *value) {
    switch (type->kind) {
    case HT_ABI_BYTES:
    case HT_ABI_STRING: return encode_bytes(encoder, type->kind == HT_ABI_STRING, value);
    case HT_ABI_ARRAY: {
        size_t count = type->is_fixed ? type->count : json_array_size(value);
        enum ht_err err = type->is_fixed ? HT_OK : add_size(encoder, count);
        if (err != HT_OK) return err;
        return encode_list(encoder, type->inner, 0, count, value);
    }
    case HT_ABI_TUPLE: return encode_list(encoder, type->inner, 1, type->count, value);
    case HT_ABI_UINT:
    case HT_ABI_INT:
    case HT_ABI_ADDRESS:
    case HT_ABI_BOOL:
    case HT_ABI_FIXED_BYTES:
    case HT_ABI_FUNCTION: break;
    }
    uint8_t word[HT_ABI_WORD];
    enum ht_err err = ht_abi_word_write(word, type, value, encoder->why);
    return err == HT_OK ? add(encoder, HT_BYTES(word)) : err;
}

enum ht_err ht_abi_encode(struct ht_buf *out, const struct ht_abi_type *tuple, const json_t *values,
                          struct ht_why *why) {
    struct encoder encoder = {.out = out, .why = why};
    size_t before = out->n;
    if (tuple->kind != HT_ABI_TUPLE) return bad_type("the type is not a tuple", why);
    enum ht_err err = encode_list(&encoder, tuple->inner, 1, tuple->count, values);
    if (err != HT_OK) out->n = before;
    return err;
}

void ht_abi_selector(uint8_t out[static 4], const char *signature) {
    ht_hash32 hash;
    ht_keccak256(&hash, ht_bytes_str(signature));
    memcpy(out, hash.b, 4);
}
