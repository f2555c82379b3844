/* Schemas and data from any bytes, the text before the first zero and the data behind it: what is
 * read is inside of its bounds, what is decoded is encoded to the same bytes again. */
#include <stdlib.h>

#include "identity/eas/schema.h"

#define VALUES_MAX 4096U /* bytes of data: the ABI's own target takes longer ones */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

/* Fields in one, those of tuples as well; recurses as deep as schemas are. */
static size_t count_fields(const struct ht_schema_field *fields, size_t count, unsigned depth) {
    size_t total = count;
    must(depth <= HT_SCHEMA_DEPTH_MAX);
    for (size_t i = 0; i < count; i++) {
        must(strlen(fields[i].name) <= HT_SCHEMA_NAME_MAX && fields[i].type[0] != '\0');
        must((fields[i].part_count > 0) == (fields[i].parts != NULL));
        total += count_fields(fields[i].parts, fields[i].part_count, depth + 1);
    }
    return total;
}

static json_t *values_of(const json_t *list) {
    json_t *values = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        (void)json_array_append(values, json_object_get(json_array_get(list, i), "value"));
    }
    return values;
}

static void check_data(const struct ht_schema *schema, ht_bytes data) {
    struct ht_why why = {.code = NULL};
    json_t *list = NULL;
    struct ht_buf again;
    enum ht_err err = ht_schema_decode(&list, schema, data, &why);
    must((err == HT_OK) == (list != NULL) && (err == HT_OK || why.code != NULL));
    if (err != HT_OK) return;
    json_t *values = values_of(list);
    ht_buf_init(&again, data.n);
    must(ht_schema_encode(&again, schema, values, &why) == HT_OK);
    must(ht_bytes_equal(ht_buf_view(&again), data));
    ht_buf_fini(&again);
    json_decref(values);
    json_decref(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    const uint8_t *zero = n > 0 ? memchr(data, 0, n) : NULL;
    size_t text_n = zero != NULL ? (size_t)(zero - data) : n;
    struct ht_schema schema;
    struct ht_why why = {.code = NULL};
    struct ht_arena arena;
    ht_arena_init(&arena, HT_SCHEMA_ARENA_MAX);
    enum ht_err err = ht_schema_read(&schema, &arena, ht_bytes_of(data, text_n), &why);
    must(err == HT_OK || (why.code != NULL && strcmp(why.code, "no_room") != 0));
    if (err == HT_OK) {
        must(count_fields(schema.fields, schema.count, 0) <= HT_SCHEMA_FIELDS_MAX);
        json_t *described = ht_schema_json(&schema);
        must(json_array_size(described) == schema.count);
        json_decref(described);
    }
    if (err == HT_OK && zero != NULL && n - text_n - 1 <= VALUES_MAX) {
        check_data(&schema, ht_bytes_of(zero + 1, n - text_n - 1));
    }
    ht_arena_fini(&arena);
    return 0;
}
