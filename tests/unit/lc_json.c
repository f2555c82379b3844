/* Writing SSZ values as JSON by their type tables. Recurses as deep as the tables go. */
#include "tests/unit/lc_json.h"

#include <stdio.h>

#include "node/base/hex.h"

static json_t *hex_of(const void *p, size_t n) {
    char text[HT_HEX_SIZE(256)];
    ht_assert(n <= 256);
    ht_hex_write(text, ht_bytes_of(p, n));
    return json_string(text);
}

static json_t *value_of(const struct ht_ssz_type *type, const void *value);

static json_t *container_of(const struct ht_ssz_type *type, const uint8_t *value) {
    json_t *object = json_object();
    for (size_t i = 0; i < type->field_count; i++) {
        const struct ht_ssz_field *field = &type->fields[i];
        json_t *member = value_of(field->type, value + field->offset);
        ht_assert(json_object_set_new(object, field->name, member) == 0);
    }
    return object;
}

static json_t *vector_of(const struct ht_ssz_type *type, const uint8_t *value) {
    json_t *array = json_array();
    size_t size = ht_ssz_fixed_size(type->element);
    for (size_t i = 0; i < type->length; i++) {
        ht_assert(json_array_append_new(array, value_of(type->element, value + i * size)) == 0);
    }
    return array;
}

static json_t *value_of(const struct ht_ssz_type *type, const void *value) {
    size_t n;
    uint64_t number;
    char text[24];
    switch (type->kind) {
    case HT_SSZ_UINT64:
    case HT_SSZ_UINT256: /* the builder's are small */
        memcpy(&number, value, sizeof number);
        (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
        return json_string(text);
    case HT_SSZ_BYTES:
    case HT_SSZ_BITVECTOR: return hex_of(value, ht_ssz_fixed_size(type));
    case HT_SSZ_BYTE_LIST:
        memcpy(&n, value, sizeof n);
        return hex_of((const uint8_t *)value + sizeof n, n);
    case HT_SSZ_VECTOR: return vector_of(type, value);
    case HT_SSZ_CONTAINER: return container_of(type, value);
    }
    return NULL;
}

json_t *ht_lcb_json(const struct ht_lcb *builder, const struct ht_lc_object *object) {
    const void *value = object->kind == HT_LC_BOOTSTRAP ? (const void *)&object->bootstrap
                                                        : (const void *)&object->update;
    return value_of(ht_lc_type(builder->network.preset, object->fork, object->kind), value);
}

json_t *ht_lcb_json_versioned(const struct ht_lcb *builder, const struct ht_lc_object *object) {
    return json_pack("{s:s, s:o}", "version", ht_fork_specs[object->fork].name, "data",
                     ht_lcb_json(builder, object));
}

void ht_lcb_dump(struct ht_buf *out, json_t *value) {
    ht_assert(ht_json_dump_compact(out, value) == HT_OK);
    json_decref(value);
}
