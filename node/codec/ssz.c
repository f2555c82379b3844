/* SSZ decoding and encoding by type tables. Merkleization is in ssz_merkle.c. */
#include "node/codec/ssz.h"

#define OFFSET_SIZE 4U

const struct ht_ssz_type ht_ssz_uint64 = {.kind = HT_SSZ_UINT64};
const struct ht_ssz_type ht_ssz_uint256 = {.kind = HT_SSZ_UINT256};
const struct ht_ssz_type ht_ssz_bytes4 = {.kind = HT_SSZ_BYTES, .length = 4};
const struct ht_ssz_type ht_ssz_bytes20 = {.kind = HT_SSZ_BYTES, .length = 20};
const struct ht_ssz_type ht_ssz_bytes32 = {.kind = HT_SSZ_BYTES, .length = 32};
const struct ht_ssz_type ht_ssz_bytes48 = {.kind = HT_SSZ_BYTES, .length = 48};
const struct ht_ssz_type ht_ssz_bytes96 = {.kind = HT_SSZ_BYTES, .length = 96};

/* Recurses as deep as the table of types is nested, whatever the input. */
size_t ht_ssz_fixed_size(const struct ht_ssz_type *type) {
    switch (type->kind) {
    case HT_SSZ_UINT64: return 8;
    case HT_SSZ_UINT256: return 32;
    case HT_SSZ_BYTES: return type->length;
    case HT_SSZ_BITVECTOR: return (type->length + 7) / 8;
    case HT_SSZ_VECTOR: return type->length * ht_ssz_fixed_size(type->element);
    case HT_SSZ_BYTE_LIST: return 0;
    case HT_SSZ_CONTAINER: break;
    }
    size_t total = 0;
    for (size_t i = 0; i < type->field_count; i++) {
        size_t size = ht_ssz_fixed_size(type->fields[i].type);
        if (size == 0) return 0;
        total += size;
    }
    return total;
}

static enum ht_err check_size(const struct ht_ssz_type *type, ht_bytes bytes, struct ht_why *why) {
    size_t size = ht_ssz_fixed_size(type);
    if (size == 0 || size == bytes.n) return HT_OK;
    if (bytes.n < size) {
        return ht_fail(why, HT_EINPUT, "ssz_truncated", "ends after %zu of %zu bytes", bytes.n,
                       size);
    }
    return ht_fail(why, HT_EINPUT, "ssz_oversized", "%zu bytes where %zu belong", bytes.n, size);
}

static enum ht_err decode_bits(uint8_t *value, size_t bits, ht_bytes bytes, struct ht_why *why) {
    if (bits % 8 != 0 && bytes.p[bytes.n - 1] >> (bits % 8) != 0) {
        return ht_fail(why, HT_EINPUT, "ssz_bad_bits",
                       "bits behind the end of a bitvector are set");
    }
    memcpy(value, bytes.p, bytes.n);
    return HT_OK;
}

static enum ht_err decode_vector(uint8_t *value, const struct ht_ssz_type *type, ht_bytes bytes,
                                 struct ht_why *why) {
    size_t size = ht_ssz_fixed_size(type->element);
    if (type->element->kind == HT_SSZ_BYTES) { /* same layout on the wire and in memory */
        memcpy(value, bytes.p, bytes.n);
        return HT_OK;
    }
    for (size_t i = 0; i < type->length; i++) {
        enum ht_err err = ht_ssz_decode(value + i * size, type->element,
                                        ht_bytes_of(bytes.p + i * size, size), why);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

/* Bytes that a container's fixed part takes: offsets stand in for variable fields. */
static size_t fixed_part_size(const struct ht_ssz_type *type) {
    size_t total = 0;
    for (size_t i = 0; i < type->field_count; i++) {
        size_t size = ht_ssz_fixed_size(type->fields[i].type);
        total += size == 0 ? OFFSET_SIZE : size;
    }
    return total;
}

/* Where the variable field that starts at `start` ends: at the next offset, or the end of all. */
static size_t end_of_variable(const struct ht_ssz_type *type, ht_bytes bytes, size_t field,
                              size_t position) {
    for (size_t i = field + 1; i < type->field_count; i++) {
        size_t size = ht_ssz_fixed_size(type->fields[i].type);
        if (size == 0) return ht_read_u32_le(bytes.p + position);
        position += size;
    }
    return bytes.n;
}

static enum ht_err decode_container(uint8_t *value, const struct ht_ssz_type *type, ht_bytes bytes,
                                    struct ht_why *why) {
    size_t fixed = fixed_part_size(type);
    if (bytes.n < fixed) {
        return ht_fail(why, HT_EINPUT, "ssz_truncated", "ends after %zu bytes, at least %zu belong",
                       bytes.n, fixed);
    }
    size_t position = 0;
    size_t expected = fixed; /* offsets must tile the variable part without gap or overlap */
    for (size_t i = 0; i < type->field_count; i++) {
        const struct ht_ssz_field *field = &type->fields[i];
        size_t size = ht_ssz_fixed_size(field->type);
        ht_bytes part = ht_bytes_of(bytes.p + position, size);
        position += size == 0 ? OFFSET_SIZE : size;
        if (size == 0) {
            size_t start = ht_read_u32_le(part.p);
            size_t end = end_of_variable(type, bytes, i, position);
            if (start != expected || end < start || end > bytes.n) {
                return ht_fail(why, HT_EINPUT, "ssz_bad_offset", "the offset of %s is wrong",
                               field->name);
            }
            part = ht_bytes_of(bytes.p + start, end - start);
            expected = end;
        }
        enum ht_err err = ht_ssz_decode(value + field->offset, field->type, part, why);
        if (err != HT_OK) {
            ht_why_context(why, "%s", field->name);
            return err;
        }
    }
    if (expected != bytes.n) {
        return ht_fail(why, HT_EINPUT, "ssz_oversized", "%zu bytes where %zu belong", bytes.n,
                       expected);
    }
    return HT_OK;
}

/* Recurses as deep as the table of types is nested, whatever the input. */
enum ht_err ht_ssz_decode(void *value, const struct ht_ssz_type *type, ht_bytes bytes,
                          struct ht_why *why) {
    enum ht_err err = check_size(type, bytes, why);
    if (err != HT_OK) return err;
    switch (type->kind) {
    case HT_SSZ_UINT64: {
        uint64_t number = ht_read_u64_le(bytes.p);
        memcpy(value, &number, sizeof number);
        return HT_OK;
    }
    case HT_SSZ_UINT256:
    case HT_SSZ_BYTES: memcpy(value, bytes.p, bytes.n); return HT_OK;
    case HT_SSZ_BITVECTOR: return decode_bits(value, type->length, bytes, why);
    case HT_SSZ_VECTOR: return decode_vector(value, type, bytes, why);
    case HT_SSZ_CONTAINER: return decode_container(value, type, bytes, why);
    case HT_SSZ_BYTE_LIST: break;
    }
    if (bytes.n > type->length) {
        return ht_fail(why, HT_EINPUT, "ssz_list_too_long", "a list of %zu bytes where %zu may be",
                       bytes.n, type->length);
    }
    struct ht_ssz_byte_list *list = value;
    list->n = bytes.n;
    if (bytes.n > 0) memcpy(list->b, bytes.p, bytes.n);
    return HT_OK;
}

static enum ht_err encode_container(struct ht_buf *out, const struct ht_ssz_type *type,
                                    const uint8_t *value) {
    size_t start = out->n;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct ht_ssz_field *field = &type->fields[i];
        static const uint8_t no_offset_yet[OFFSET_SIZE];
        enum ht_err err = ht_ssz_fixed_size(field->type) == 0
                              ? ht_buf_add(out, HT_BYTES(no_offset_yet))
                              : ht_ssz_encode(out, field->type, value + field->offset);
        if (err != HT_OK) return err;
    }
    size_t position = start;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct ht_ssz_field *field = &type->fields[i];
        size_t size = ht_ssz_fixed_size(field->type);
        position += size == 0 ? OFFSET_SIZE : size;
        if (size != 0) continue;
        ht_write_u32_le(out->p + position - OFFSET_SIZE, (uint32_t)(out->n - start));
        enum ht_err err = ht_ssz_encode(out, field->type, value + field->offset);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

/* Recurses as deep as the table of types is nested. */
enum ht_err ht_ssz_encode(struct ht_buf *out, const struct ht_ssz_type *type, const void *value) {
    switch (type->kind) {
    case HT_SSZ_UINT64: {
        uint64_t number;
        memcpy(&number, value, sizeof number);
        uint8_t raw[8];
        ht_write_u64_le(raw, number);
        return ht_buf_add(out, HT_BYTES(raw));
    }
    case HT_SSZ_UINT256:
    case HT_SSZ_BYTES:
    case HT_SSZ_BITVECTOR: return ht_buf_add(out, ht_bytes_of(value, ht_ssz_fixed_size(type)));
    case HT_SSZ_BYTE_LIST: {
        const struct ht_ssz_byte_list *list = value;
        return ht_buf_add(out, ht_bytes_of(list->b, list->n));
    }
    case HT_SSZ_CONTAINER: return encode_container(out, type, value);
    case HT_SSZ_VECTOR: break;
    }
    size_t size = ht_ssz_fixed_size(type->element);
    for (size_t i = 0; i < type->length; i++) {
        enum ht_err err = ht_ssz_encode(out, type->element, (const uint8_t *)value + i * size);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}
