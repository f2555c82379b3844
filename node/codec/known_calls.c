/* Known functions: finding them, their arguments as values, and the tree of these with names. The
 * table is known_calls_table.c.
 *
 * The functions that call themselves go down the types of a signature of the table: "recurses"
 * means no deeper than its parentheses and brackets, a handful. Calls within calls are for
 * explain_call.c. */
#include "node/codec/known_calls.h"

#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/codec/address.h"
#include "node/codec/safe_text.h"

#define ARENA_MAX 65536U
#define SELECTOR 4U

const struct ht_known_call *ht_known_call_find(ht_bytes data) {
    if (data.n < 4) return NULL;
    uint32_t selector = (uint32_t)data.p[0] << 24 | (uint32_t)data.p[1] << 16 |
                        (uint32_t)data.p[2] << 8 | data.p[3];
    for (size_t i = 0; i < ht_known_call_count; i++) {
        if (ht_known_calls[i].selector == selector) return &ht_known_calls[i];
    }
    return NULL;
}

void ht_known_call_canonical(char out[static HT_KNOWN_SIGNATURE_SIZE],
                             const struct ht_known_call *call) {
    size_t n = 0;
    bool is_name = false;
    for (const char *p = call->signature; *p != '\0'; p++) {
        is_name = (is_name || *p == ' ') && *p != ',' && *p != ')';
        ht_assert(n + 1 < HT_KNOWN_SIGNATURE_SIZE);
        if (!is_name) out[n++] = *p;
    }
    out[n] = '\0';
}

/* --- arguments --------------------------------------------------------------------------------*/

/* One argument in a signature: "(address to,uint256 value)[] calls". */
struct part {
    ht_bytes inner; /* between the parentheses of a tuple */
    bool is_tuple;
    ht_bytes type; /* "uint256[2][]", of a tuple its brackets only */
    ht_bytes name;
};

static size_t end_of_type(ht_bytes text, size_t at) {
    while (at < text.n && text.p[at] != ' ' && text.p[at] != ',') at++;
    return at;
}

/* Takes the next argument off a list of them. */
static bool take_part(struct part *out, ht_bytes *rest) {
    size_t at = 0;
    if (rest->n == 0) return false;
    *out = (struct part){.is_tuple = rest->p[0] == '('};
    if (out->is_tuple) {
        size_t open = 0;
        do {
            if (rest->p[at] == '(') open++;
            if (rest->p[at] == ')') open--;
            at++;
        } while (open > 0 && at < rest->n);
        out->inner = ht_bytes_of(rest->p + 1, at - 2);
    }
    size_t end = end_of_type(*rest, at);
    out->type = ht_bytes_of(rest->p + at, end - at);
    size_t name = end < rest->n && rest->p[end] == ' ' ? end + 1 : end;
    end = end_of_type(*rest, name);
    out->name = ht_bytes_of(rest->p + name, end - name);
    size_t taken = end < rest->n ? end + 1 : end;
    *rest = ht_bytes_of(rest->p + taken, rest->n - taken);
    return true;
}

static json_t *leaf_value(const struct part *part, json_t *value) {
    ht_addr20 address;
    const char *text = json_string_value(value);
    ht_bytes bytes = ht_bytes_of(text, json_string_length(value));
    if (text != NULL && ht_bytes_equal(part->type, ht_bytes_str("string"))) {
        return ht_explain_safe_text(bytes);
    }
    if (text != NULL && ht_bytes_equal(part->type, ht_bytes_str("address")) &&
        ht_hex_read(address.b, sizeof address.b, bytes) == HT_OK) {
        return ht_address_json(&address);
    }
    return json_incref(value);
}

static json_t *node_of(const struct part *part, json_t *value);

static json_t *elements_of(const struct part *part, const json_t *list) {
    json_t *children = json_array();
    struct part element = *part;
    while (element.type.n > 0 && element.type.p[element.type.n - 1] != '[') element.type.n--;
    if (element.type.n > 0) element.type.n--;
    size_t index = 0;
    json_t *value = NULL;
    json_array_foreach((json_t *)(uintptr_t)list, index, value) {
        char name[24];
        (void)snprintf(name, sizeof name, "%zu", index);
        element.name = ht_bytes_str(name);
        (void)json_array_append_new(children, node_of(&element, value));
    }
    return children;
}

static json_t *fields_of(ht_bytes inner, const json_t *list) {
    json_t *children = json_array();
    struct part part;
    for (size_t i = 0; take_part(&part, &inner); i++) {
        (void)json_array_append_new(children, node_of(&part, json_array_get(list, i)));
    }
    return children;
}

/* Recurses into lists and tuples. NULL without memory, which appending then refuses. */
static json_t *node_of(const struct part *part, json_t *value) {
    bool is_array = part->type.n > 0 && part->type.p[part->type.n - 1] == ']';
    json_t *node = json_object();
    char type[64];
    (void)snprintf(type, sizeof type, "%s%.*s", part->is_tuple ? "tuple" : "", (int)part->type.n,
                   part->type.n > 0 ? (const char *)part->type.p : "");
    (void)json_object_set_new(node, "name", json_stringn((const char *)part->name.p, part->name.n));
    (void)json_object_set_new(node, "type", json_string(type));
    if (is_array)
        (void)json_object_set_new(node, "children", elements_of(part, value));
    else if (part->is_tuple)
        (void)json_object_set_new(node, "children", fields_of(part->inner, value));
    else
        (void)json_object_set_new(node, "value", leaf_value(part, value));
    return node;
}

json_t *ht_known_call_nodes(const struct ht_known_call *call, const json_t *values) {
    const char *names = strchr(call->signature, '(') + 1;
    return fields_of(ht_bytes_of(names, strlen(names) - 1), values);
}

/* --- values -----------------------------------------------------------------------------------*/

static enum ht_err type_of(struct ht_abi_type *out, struct ht_arena *arena,
                           const struct ht_known_call *call, struct ht_why *why) {
    char canonical[HT_KNOWN_SIGNATURE_SIZE];
    ht_known_call_canonical(canonical, call);
    return ht_abi_type_read(out, arena, ht_bytes_str(strchr(canonical, '(')), why);
}

enum ht_err ht_known_call_read(json_t **out, bool *has_trailing, const struct ht_known_call *call,
                               ht_bytes data, struct ht_why *why) {
    struct ht_arena arena;
    struct ht_abi_type tuple;
    struct ht_why reason = {.code = "", .text = ""};
    if (data.n < SELECTOR) return ht_fail(why, HT_EINPUT, "abi_short", "there is no selector");
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = type_of(&tuple, &arena, call, &reason);
    ht_bytes arguments = ht_bytes_of(data.p + SELECTOR, data.n - SELECTOR);
    if (err == HT_OK) err = ht_abi_decode(out, &tuple, arguments, HT_ABI_EXACT, &reason);
    bool is_loose = err == HT_EINPUT && strcmp(reason.code, "abi_trailing") == 0;
    if (is_loose) err = ht_abi_decode(out, &tuple, arguments, HT_ABI_TRAILING_ALLOWED, &reason);
    ht_arena_fini(&arena);
    if (err != HT_OK) return ht_fail(why, err, reason.code, "%s", reason.text);
    *has_trailing = is_loose;
    return HT_OK;
}

enum ht_err ht_known_call_write(struct ht_buf *out, const struct ht_known_call *call,
                                const json_t *values, struct ht_why *why) {
    struct ht_arena arena;
    struct ht_abi_type tuple;
    const size_t before = out->n;
    const uint8_t selector[SELECTOR] = {(uint8_t)(call->selector >> 24),
                                        (uint8_t)(call->selector >> 16),
                                        (uint8_t)(call->selector >> 8), (uint8_t)call->selector};
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = type_of(&tuple, &arena, call, why);
    if (err == HT_OK) err = ht_buf_add(out, HT_BYTES(selector));
    if (err == HT_OK) err = ht_abi_encode(out, &tuple, values, why);
    if (err != HT_OK) out->n = before;
    ht_arena_fini(&arena);
    return err;
}

enum ht_err ht_known_call_decode(json_t **out, bool *has_trailing, const struct ht_known_call *call,
                                 ht_bytes data, struct ht_why *why) {
    json_t *values = NULL;
    enum ht_err err = ht_known_call_read(&values, has_trailing, call, data, why);
    if (err != HT_OK) return err;
    *out = ht_known_call_nodes(call, values);
    json_decref(values);
    return *out != NULL ? HT_OK : HT_ENOMEM;
}
