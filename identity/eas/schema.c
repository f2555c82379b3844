/* Schemas of attestations: their text, and data by them. The ABI itself is node/codec/abi.h's.
 *
 * The functions that call themselves go down a type, which reading bounds to HT_SCHEMA_DEPTH_MAX
 * tuples and HT_ABI_DEPTH_MAX types, never down the data: "recurses" below means no more than
 * that. */
#include "identity/eas/schema.h"

#include "node/codec/abi_word.h"

#define NODES_MAX (HT_SCHEMA_FIELDS_MAX + 1U) /* the tuple of all of them is the first */

/* --- reading the text ------------------------------------------------------------------------- */

struct node {
    size_t parent;
    size_t start, end; /* of its type in the canonical text */
    ht_bytes name;     /* in the schema's text */
    size_t part_count;
};

/* The types are written again without names and spaces as they are read. */
struct reader {
    ht_bytes rest;
    struct ht_why *why;
    char text[HT_ABI_TYPE_MAX];
    size_t n;
    struct node nodes[NODES_MAX];
    size_t count;
    size_t open; /* the tuple whose parts are being read */
    unsigned depth;
};

static enum ht_err bad_syntax(struct reader *reader, const char *what) {
    return ht_fail(reader->why, HT_EINPUT, "schema_syntax", "%s", what);
}

static enum ht_err too_large(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_ELIMIT, "schema_too_large", "%s", what);
}

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static void advance(struct reader *reader, size_t n) {
    reader->rest = ht_bytes_of(reader->rest.p + n, reader->rest.n - n);
}

static void skip_spaces(struct reader *reader) {
    while (reader->rest.n > 0 && memchr(" \t\r\n", reader->rest.p[0], 4) != NULL) {
        advance(reader, 1);
    }
}

static bool next_is(const struct reader *reader, char c) {
    return reader->rest.n > 0 && reader->rest.p[0] == (uint8_t)c;
}

static ht_bytes take_word(struct reader *reader) {
    size_t n = 0;
    while (n < reader->rest.n && (is_letter(reader->rest.p[n]) || is_digit(reader->rest.p[n]))) n++;
    ht_bytes word = ht_bytes_of(reader->rest.p, n);
    advance(reader, n);
    return word;
}

static enum ht_err emit(struct reader *reader, ht_bytes text) {
    if (text.n > sizeof reader->text - reader->n) {
        return too_large(reader->why, "the schema's types are too long");
    }
    memcpy(reader->text + reader->n, text.p, text.n);
    reader->n += text.n;
    return HT_OK;
}

static enum ht_err emit_str(struct reader *reader, const char *text) {
    return emit(reader, ht_bytes_str(text));
}

static enum ht_err add_node(struct reader *reader) {
    if (reader->count == NODES_MAX) {
        return too_large(reader->why, "the schema has too many fields");
    }
    reader->nodes[reader->count++] = (struct node){.parent = reader->open, .start = reader->n};
    reader->nodes[reader->open].part_count++;
    return HT_OK;
}

/* The array brackets behind a type, which the ABI's reader judges. */
static enum ht_err read_arrays(struct reader *reader) {
    while (next_is(reader, '[')) {
        size_t n = 1;
        while (n < reader->rest.n && is_digit(reader->rest.p[n])) n++;
        if (n >= reader->rest.n || reader->rest.p[n] != ']') {
            return bad_syntax(reader, "a bracket is not closed behind a number");
        }
        enum ht_err err = emit(reader, ht_bytes_of(reader->rest.p, n + 1));
        if (err != HT_OK) return err;
        advance(reader, n + 1);
    }
    return HT_OK;
}

/* What stands behind a type, or behind the parenthesis that closes a tuple: arrays and a name. */
static enum ht_err finish_field(struct reader *reader, struct node *node) {
    enum ht_err err = read_arrays(reader);
    if (err != HT_OK) return err;
    node->end = reader->n;
    skip_spaces(reader);
    if (reader->rest.n == 0 || next_is(reader, ',') || next_is(reader, ')')) return HT_OK;
    if (!is_letter(reader->rest.p[0])) {
        return ht_fail(reader->why, HT_EINPUT, "schema_name", "a field's name is no identifier");
    }
    node->name = take_word(reader);
    if (node->name.n > HT_SCHEMA_NAME_MAX) return too_large(reader->why, "a name is too long");
    skip_spaces(reader);
    return HT_OK;
}

/* The ABI's name of a type as schemas have it; empty for none. */
static ht_bytes abi_name(ht_bytes word) {
    static const char *const ALIASES[][2] = {
        {"uint", "uint256"}, {"int", "int256"}, {"ipfsHash", "bytes32"}};
    struct ht_abi_type type;
    for (size_t i = 0; i < sizeof ALIASES / sizeof *ALIASES; i++) {
        if (ht_bytes_equal(word, ht_bytes_str(ALIASES[i][0]))) return ht_bytes_str(ALIASES[i][1]);
    }
    return ht_abi_elementary_read(&type, word) ? word : ht_bytes_of(NULL, 0);
}

static enum ht_err open_tuple(struct reader *reader) {
    advance(reader, 1);
    if (++reader->depth > HT_SCHEMA_DEPTH_MAX) {
        return too_large(reader->why, "the schema's tuples are nested too deeply");
    }
    reader->open = reader->count - 1;
    return emit_str(reader, "(");
}

/* The beginning of a field: a whole one, or a tuple's opening parenthesis. */
static enum ht_err read_field(struct reader *reader, bool *is_open) {
    skip_spaces(reader);
    enum ht_err err = add_node(reader);
    if (err != HT_OK) return err;
    struct node *node = &reader->nodes[reader->count - 1];
    ht_bytes word = take_word(reader);
    *is_open = next_is(reader, '(') && (word.n == 0 || ht_bytes_equal(word, ht_bytes_str("tuple")));
    if (*is_open) return open_tuple(reader);
    if (word.n == 0) return bad_syntax(reader, "a type is missing");
    ht_bytes name = abi_name(word);
    if (name.n == 0) {
        return ht_fail(reader->why, HT_EINPUT, "schema_type", "a type's name is not the ABI's");
    }
    err = emit(reader, name);
    return err == HT_OK ? finish_field(reader, node) : err;
}

/* Closes tuples until a comma or the end; *is_more then tells which. */
static enum ht_err read_separator(struct reader *reader, bool *is_more) {
    while (next_is(reader, ')') && reader->open != 0) {
        struct node *node = &reader->nodes[reader->open];
        advance(reader, 1);
        reader->open = node->parent;
        reader->depth--;
        enum ht_err err = emit_str(reader, ")");
        if (err == HT_OK) err = finish_field(reader, node);
        if (err != HT_OK) return err;
    }
    *is_more = next_is(reader, ',');
    if (*is_more) {
        advance(reader, 1);
        return emit_str(reader, ",");
    }
    if (reader->rest.n > 0) return bad_syntax(reader, "something stands behind a field");
    return reader->open == 0 ? HT_OK : bad_syntax(reader, "a tuple is not closed");
}

static enum ht_err read_all(struct reader *reader) {
    enum ht_err err = emit_str(reader, "(");
    reader->nodes[0] = (struct node){.parent = 0};
    reader->count = 1;
    skip_spaces(reader);
    bool is_more = reader->rest.n > 0;
    while (err == HT_OK && is_more) {
        bool is_open = false;
        err = read_field(reader, &is_open);
        if (err == HT_OK && !is_open) err = read_separator(reader, &is_more);
    }
    return err == HT_OK ? emit_str(reader, ")") : err;
}

/* --- from the reader to the schema ------------------------------------------------------------ */

static enum ht_err no_room(struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "no_room", "the schema needs more memory than is allowed");
}

static const char *copy(struct ht_arena *arena, ht_bytes text) {
    return ht_arena_copy_str(arena, text);
}

/* Fields are read in the order of their text, so a part comes behind its tuple. */
static enum ht_err build_fields(struct ht_schema *out, struct ht_arena *arena,
                                const struct reader *reader, struct ht_why *why) {
    struct ht_schema_field *parts[NODES_MAX] = {NULL}; /* of each node */
    size_t filled[NODES_MAX] = {0};
    for (size_t i = 0; i < reader->count; i++) {
        const struct node *node = &reader->nodes[i];
        if (node->part_count > 0) {
            parts[i] = ht_arena_alloc(arena, node->part_count * sizeof *parts[i]);
            if (parts[i] == NULL) return no_room(why);
        }
        if (i == 0) continue;
        struct ht_schema_field *field = &parts[node->parent][filled[node->parent]++];
        *field = (struct ht_schema_field){
            .name = copy(arena, node->name),
            .type = copy(arena, ht_bytes_of(reader->text + node->start, node->end - node->start)),
            .parts = parts[i],
            .part_count = node->part_count};
        if (field->name == NULL || field->type == NULL) return no_room(why);
    }
    out->fields = parts[0];
    out->count = reader->nodes[0].part_count;
    return HT_OK;
}

static enum ht_err read_abi_type(struct ht_schema *out, struct ht_arena *arena,
                                 const struct reader *reader, struct ht_why *why) {
    struct ht_why inner = {.code = ""};
    enum ht_err err =
        ht_abi_type_read(&out->type, arena, ht_bytes_of(reader->text, reader->n), &inner);
    if (err == HT_OK) return HT_OK;
    const char *code = err == HT_ELIMIT ? "schema_too_large" : "schema_type";
    return ht_fail(why, err, err == HT_ENOMEM ? "no_memory" : code, "%s", inner.text);
}

enum ht_err ht_schema_read(struct ht_schema *out, struct ht_arena *arena, ht_bytes text,
                           struct ht_why *why) {
    if (text.n > HT_SCHEMA_TEXT_MAX) return too_large(why, "the schema's text is too long");
    struct reader reader = {.rest = text, .why = why};
    struct ht_schema schema = {.fields = NULL};
    enum ht_err err = read_all(&reader);
    if (err == HT_OK) err = build_fields(&schema, arena, &reader, why);
    if (err == HT_OK) err = read_abi_type(&schema, arena, &reader, why);
    if (err == HT_OK) *out = schema;
    return err;
}

/* --- data ------------------------------------------------------------------------------------- */

/* Recurses down the schema's tuples. */
static json_t *describe(const struct ht_schema_field *fields, size_t count) {
    json_t *list = json_array();
    bool is_whole = list != NULL;
    for (size_t i = 0; i < count && is_whole; i++) {
        const struct ht_schema_field *field = &fields[i];
        json_t *one = json_pack("{s:s, s:s}", "name", field->name, "type", field->type);
        if (field->part_count > 0 &&
            json_object_set_new(one, "parts", describe(field->parts, field->part_count)) != 0) {
            is_whole = false;
        }
        if (json_array_append_new(list, one) != 0) is_whole = false;
    }
    if (is_whole) return list;
    json_decref(list);
    return NULL;
}

json_t *ht_schema_json(const struct ht_schema *schema) {
    return describe(schema->fields, schema->count);
}

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

enum ht_err ht_schema_decode(json_t **out, const struct ht_schema *schema, ht_bytes data,
                             struct ht_why *why) {
    json_t *values = NULL;
    enum ht_err err = ht_abi_decode(&values, &schema->type, data, HT_ABI_EXACT, why);
    if (err != HT_OK) return err;
    json_t *list = ht_schema_json(schema);
    int failed = list == NULL;
    for (size_t i = 0; i < schema->count && failed == 0; i++) {
        failed = json_object_set(json_array_get(list, i), "value", json_array_get(values, i));
    }
    json_decref(values);
    if (failed == 0) {
        *out = list;
        return HT_OK;
    }
    json_decref(list);
    return no_memory(why);
}

static enum ht_err arrange(json_t **out, const struct ht_abi_type *type,
                           const struct ht_schema_field *parts, size_t count, json_t *value,
                           struct ht_why *why);

/* The value of a field: of the object by its name, of the array by its place. */
static enum ht_err pick(json_t **out, const struct ht_schema_field *fields, size_t i,
                        const json_t *value, struct ht_why *why) {
    if (json_is_array(value)) {
        *out = json_array_get(value, i);
        return HT_OK;
    }
    for (size_t other = 0; other < i; other++) {
        if (strcmp(fields[other].name, fields[i].name) == 0) {
            return ht_fail(why, HT_EINPUT, "schema_name", "two fields of the schema have one name");
        }
    }
    *out = fields[i].name[0] != '\0' ? json_object_get(value, fields[i].name) : NULL;
    if (*out != NULL) return HT_OK;
    return ht_fail(why, HT_EINPUT, "schema_name", "there is no value for field %zu, %s", i,
                   fields[i].name[0] != '\0' ? fields[i].name : "which has no name");
}

static enum ht_err arrange_tuple(json_t *out, const struct ht_abi_type *type,
                                 const struct ht_schema_field *fields, size_t count,
                                 const json_t *value, struct ht_why *why) {
    size_t given = json_is_array(value) ? json_array_size(value) : json_object_size(value);
    if (!json_is_array(value) && !json_is_object(value)) {
        return ht_fail(why, HT_EINPUT, "abi_value", "the values of a tuple are no list");
    }
    if (json_is_array(value) && given != count) {
        return ht_fail(why, HT_EINPUT, "abi_value", "%zu values for %zu fields", given, count);
    }
    for (size_t i = 0; i < count; i++) {
        json_t *one = NULL, *arranged = NULL;
        enum ht_err err = pick(&one, fields, i, value, why);
        if (err == HT_OK) {
            err = arrange(&arranged, &type->inner[i], fields[i].parts, fields[i].part_count, one,
                          why);
        }
        if (err != HT_OK) return err;
        if (json_array_append_new(out, arranged) != 0) return no_memory(why);
    }
    if (given == count) return HT_OK;
    return ht_fail(why, HT_EINPUT, "schema_name", "there is a value that no field names");
}

static enum ht_err arrange_array(json_t *out, const struct ht_abi_type *type,
                                 const struct ht_schema_field *parts, size_t count,
                                 const json_t *value, struct ht_why *why) {
    if (!json_is_array(value)) {
        return ht_fail(why, HT_EINPUT, "abi_value", "the values of an array are no list");
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        json_t *arranged = NULL;
        enum ht_err err =
            arrange(&arranged, type->inner, parts, count, json_array_get(value, i), why);
        if (err != HT_OK) return err;
        if (json_array_append_new(out, arranged) != 0) return no_memory(why);
    }
    return HT_OK;
}

/* Values with names as the ABI has them, in arrays; what holds no tuple stays as it is. A new
 * reference. Goes down the type together with the two functions above. */
static enum ht_err arrange(json_t **out, const struct ht_abi_type *type,
                           const struct ht_schema_field *parts, size_t count, json_t *value,
                           struct ht_why *why) {
    if (count == 0) {
        *out = json_incref(value);
        return HT_OK;
    }
    json_t *list = json_array();
    if (list == NULL) return no_memory(why);
    enum ht_err err = type->kind == HT_ABI_TUPLE
                          ? arrange_tuple(list, type, parts, count, value, why)
                          : arrange_array(list, type, parts, count, value, why);
    if (err == HT_OK) {
        *out = list;
        return HT_OK;
    }
    json_decref(list);
    return err;
}

enum ht_err ht_schema_encode(struct ht_buf *out, const struct ht_schema *schema,
                             const json_t *values, struct ht_why *why) {
    json_t *list = json_array();
    if (list == NULL) return no_memory(why);
    enum ht_err err =
        arrange_tuple(list, &schema->type, schema->fields, schema->count, values, why);
    if (err == HT_OK) err = ht_abi_encode(out, &schema->type, list, why);
    json_decref(list);
    return err;
}
