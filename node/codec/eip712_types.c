/* EIP-712, the types: what a document may declare, and encodeType. Values are for eip712.c.
 *
 * There are at most 64 types, so that a set of them is a bit mask: references between types are
 * resolved once, and circles, depth and reach are found on masks without going down anything. */
#include "node/codec/eip712_types.h"

#include "node/codec/abi_word.h"
#include "node/crypto/keccak.h"

_Static_assert(HT_EIP712_TYPES_MAX <= 64, "a set of types is a mask of 64 bits");

static enum ht_err bad_types(const char *what, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "eip712_types", "%s", what);
}

static enum ht_err too_large(const char *what, struct ht_why *why) {
    return ht_fail(why, HT_ELIMIT, "eip712_too_large", "%s", what);
}

/* --- names ------------------------------------------------------------------------------------*/

static bool is_identifier(ht_bytes name, bool with_colon) {
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = name.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
        bool is_other = (c >= '0' && c <= '9') || (c == ':' && with_colon);
        if (!is_letter && (i == 0 || !is_other)) return false;
    }
    return name.n > 0;
}

/* "uint", "bytes33", "int7": nobody should take a struct for one of these. */
static bool looks_elementary(ht_bytes name) {
    static const char *const stems[] = {"uint", "int", "bytes", "fixed", "ufixed"};
    struct ht_abi_type type;
    if (ht_abi_elementary_read(&type, name)) return true;
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++) {
        size_t n = strlen(stems[i]);
        if (name.n < n || memcmp(name.p, stems[i], n) != 0) continue;
        while (n < name.n && name.p[n] >= '0' && name.p[n] <= '9') n++;
        if (n == name.n) return true;
    }
    return false;
}

ht_bytes ht_eip712_base(ht_bytes type) {
    const uint8_t *bracket = memchr(type.p, '[', type.n);
    return bracket != NULL ? ht_bytes_of(type.p, (size_t)(bracket - type.p)) : type;
}

bool ht_eip712_element(ht_bytes *element, bool *is_fixed, size_t *count, ht_bytes type) {
    if (type.n < 3 || type.p[type.n - 1] != ']') return false;
    size_t open = type.n - 2;
    while (open > 0 && type.p[open] >= '0' && type.p[open] <= '9') open--;
    if (open == 0 || type.p[open] != '[') return false;
    size_t digits = type.n - 2 - open;
    if (digits > 6 || (digits > 0 && type.p[open + 1] == '0')) return false;
    size_t number = 0;
    for (size_t i = open + 1; i < type.n - 1; i++) number = 10 * number + (type.p[i] - '0');
    *element = ht_bytes_of(type.p, open);
    *is_fixed = digits > 0;
    *count = number;
    return true;
}

const struct ht_eip712_type *ht_eip712_find_bytes(const struct ht_eip712 *data, ht_bytes type) {
    ht_bytes base = ht_eip712_base(type);
    for (size_t i = 0; i < data->type_count; i++) {
        if (ht_bytes_equal(base, ht_bytes_str(data->types[i].name))) return &data->types[i];
    }
    return NULL;
}

const struct ht_eip712_type *ht_eip712_find(const struct ht_eip712 *data, const char *type) {
    return ht_eip712_find_bytes(data, ht_bytes_str(type));
}

/* --- reading ----------------------------------------------------------------------------------*/

static enum ht_err read_member(struct ht_eip712_member *out, const json_t *member,
                               struct ht_why *why) {
    struct ht_eip712_member read;
    enum ht_err err = ht_json_text(&read.name, member, "name", why);
    if (err == HT_OK) err = ht_json_text(&read.type, member, "type", why);
    if (err != HT_OK) return err;
    if (json_object_size(member) != 2)
        return bad_types("a member has more than a name and type", why);
    if (!is_identifier(ht_bytes_str(read.name), false)) {
        return bad_types("a member's name is not an identifier", why);
    }
    *out = read;
    return HT_OK;
}

static enum ht_err read_members(struct ht_eip712_type *out, struct ht_arena *arena,
                                const json_t *list, struct ht_why *why) {
    size_t count = json_array_size(list);
    if (!json_is_array(list)) return bad_types("a type is not a list of members", why);
    if (count > HT_EIP712_MEMBERS_MAX) return too_large("a type has too many members", why);
    struct ht_eip712_member *members = ht_arena_alloc(arena, (count + 1) * sizeof *members);
    if (members == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the types");
    for (size_t i = 0; i < count; i++) {
        enum ht_err err = read_member(&members[i], json_array_get(list, i), why);
        for (size_t j = 0; err == HT_OK && j < i; j++) {
            if (strcmp(members[j].name, members[i].name) != 0) continue;
            err = bad_types("a type names a member twice", why);
        }
        if (err != HT_OK) return err;
    }
    out->members = members;
    out->count = count;
    return HT_OK;
}

/* The fields of a domain, in EIP-712's order. */
static const struct ht_eip712_member DOMAIN_FIELDS[] = {{"string", "name"},
                                                        {"string", "version"},
                                                        {"uint256", "chainId"},
                                                        {"address", "verifyingContract"},
                                                        {"bytes32", "salt"}};
#define DOMAIN_FIELD_COUNT (sizeof DOMAIN_FIELDS / sizeof *DOMAIN_FIELDS)

static enum ht_err make_domain_type(struct ht_eip712_type *out, struct ht_arena *arena,
                                    const json_t *domain, struct ht_why *why) {
    struct ht_eip712_member *members = ht_arena_alloc(arena, sizeof DOMAIN_FIELDS);
    if (members == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the types");
    *out = (struct ht_eip712_type){.name = HT_EIP712_DOMAIN, .members = members};
    for (size_t i = 0; i < DOMAIN_FIELD_COUNT; i++) {
        if (ht_json_member(domain, DOMAIN_FIELDS[i].name) == NULL) continue;
        members[out->count++] = DOMAIN_FIELDS[i];
    }
    if (out->count == json_object_size(domain)) return HT_OK;
    return ht_fail(why, HT_EINPUT, "eip712_domain", "the domain has a field that is not EIP-712's");
}

static enum ht_err check_domain_type(const struct ht_eip712_type *type, struct ht_why *why) {
    size_t at = 0;
    for (size_t i = 0; i < type->count; i++) {
        while (at < DOMAIN_FIELD_COUNT &&
               strcmp(DOMAIN_FIELDS[at].name, type->members[i].name) != 0)
            at++;
        if (at == DOMAIN_FIELD_COUNT) {
            return ht_fail(why, HT_EINPUT, "eip712_domain",
                           "the domain's fields are not EIP-712's, in its order");
        }
        if (strcmp(DOMAIN_FIELDS[at++].type, type->members[i].type) != 0) {
            return ht_fail(why, HT_EINPUT, "eip712_domain",
                           "a field of the domain has another type than EIP-712 gives it");
        }
    }
    return HT_OK;
}

/* --- references -------------------------------------------------------------------------------*/

/* Judges the type of a member and adds what it refers to. */
static enum ht_err resolve(const struct ht_eip712 *data, uint64_t *refs, const char *text,
                           struct ht_why *why) {
    struct ht_abi_type elementary;
    ht_bytes type = ht_bytes_str(text);
    size_t dimensions = 0;
    size_t count = 1;
    bool is_fixed = false;
    while (ht_eip712_element(&type, &is_fixed, &count, type)) {
        dimensions++;
        if (is_fixed && count == 0) return bad_types("an array of no elements", why);
        if (dimensions > HT_EIP712_DEPTH_MAX)
            return too_large("an array is nested too deeply", why);
    }
    if (ht_abi_elementary_read(&elementary, type)) {
        if (elementary.kind != HT_ABI_FUNCTION) return HT_OK;
    }
    const struct ht_eip712_type *found = ht_eip712_find_bytes(data, type);
    if (memchr(type.p, '[', type.n) != NULL || found == NULL) {
        return bad_types("a member's type is not there", why);
    }
    *refs |= (uint64_t)1 << (found - data->types);
    return HT_OK;
}

/* Takes away types that refer to none of those left, one level each time: what cannot be taken
 * away is in a circle, and the number of levels is the depth. */
static enum ht_err check_circles(const struct ht_eip712 *data, struct ht_why *why) {
    uint64_t left = data->type_count < 64 ? ((uint64_t)1 << data->type_count) - 1 : UINT64_MAX;
    for (unsigned level = 0; left != 0; level++) {
        uint64_t leaves = 0;
        for (size_t i = 0; i < data->type_count; i++) {
            bool is_left = (left >> i & 1) != 0;
            if (is_left && (data->types[i].refs & left) == 0) leaves |= (uint64_t)1 << i;
        }
        if (leaves == 0) {
            return ht_fail(why, HT_EINPUT, "eip712_recursion", "a type holds itself");
        }
        if (level == HT_EIP712_DEPTH_MAX) return too_large("types are nested too deeply", why);
        left &= ~leaves;
    }
    return HT_OK;
}

/* --- encodeType -------------------------------------------------------------------------------*/

static uint64_t reach(const struct ht_eip712 *data, uint64_t from) {
    uint64_t done = 0;
    while ((from & ~done) != 0) {
        size_t next = (size_t)__builtin_ctzll(from & ~done);
        done |= (uint64_t)1 << next;
        from |= data->types[next].refs;
    }
    return done;
}

static enum ht_err add_definition(struct ht_buf *out, const struct ht_eip712_type *type) {
    enum ht_err err = ht_buf_add_str(out, type->name);
    for (size_t i = 0; err == HT_OK && i < type->count; i++) {
        err = ht_buf_add_str(out, i == 0 ? "(" : ",");
        if (err == HT_OK) err = ht_buf_add_str(out, type->members[i].type);
        if (err == HT_OK) err = ht_buf_add_str(out, " ");
        if (err == HT_OK) err = ht_buf_add_str(out, type->members[i].name);
    }
    if (err == HT_OK) err = ht_buf_add_str(out, type->count == 0 ? "()" : ")");
    return err;
}

/* The type in the set whose name comes first. */
static size_t first_by_name(const struct ht_eip712 *data, uint64_t set) {
    size_t first = (size_t)__builtin_ctzll(set);
    for (size_t i = first + 1; i < data->type_count; i++) {
        bool is_in = (set >> i & 1) != 0;
        if (is_in && strcmp(data->types[i].name, data->types[first].name) < 0) first = i;
    }
    return first;
}

enum ht_err ht_eip712_encode_type(struct ht_buf *out, const struct ht_eip712 *data,
                                  const char *type, struct ht_why *why) {
    const struct ht_eip712_type *primary = ht_eip712_find(data, type);
    size_t before = out->n;
    if (primary == NULL) return bad_types("there is no such type", why);
    uint64_t own = (uint64_t)1 << (primary - data->types);
    uint64_t others = reach(data, primary->refs) & ~own;
    enum ht_err err = add_definition(out, primary);
    while (err == HT_OK && others != 0) {
        size_t next = first_by_name(data, others);
        others &= ~((uint64_t)1 << next);
        err = add_definition(out, &data->types[next]);
        if (out->n - before > HT_EIP712_TYPE_TEXT_MAX) err = HT_ELIMIT;
    }
    if (err == HT_OK) return HT_OK;
    out->n = before;
    if (err == HT_ELIMIT) return too_large("the text of a type is too long", why);
    return ht_fail(why, err, "no_memory", "no memory for the types");
}

static enum ht_err hash_types(const struct ht_eip712 *data, struct ht_eip712_type *types,
                              struct ht_why *why) {
    struct ht_buf text;
    enum ht_err err = HT_OK;
    ht_buf_init(&text, HT_EIP712_TYPE_TEXT_MAX);
    for (size_t i = 0; err == HT_OK && i < data->type_count; i++) {
        ht_buf_clear(&text);
        err = ht_eip712_encode_type(&text, data, types[i].name, why);
        if (err == HT_OK) ht_keccak256(&types[i].type_hash, ht_buf_view(&text));
    }
    ht_buf_fini(&text);
    return err;
}

/* --- all together -----------------------------------------------------------------------------*/

static enum ht_err read_definitions(struct ht_eip712 *data, struct ht_eip712_type *types,
                                    struct ht_arena *arena, const json_t *object,
                                    struct ht_why *why) {
    const char *name = NULL;
    json_t *members = NULL;
    bool has_domain = false;
    json_object_foreach((json_t *)(uintptr_t)object, name, members) {
        struct ht_eip712_type *type = &types[data->type_count++];
        type->name = name;
        enum ht_err err = read_members(type, arena, members, why);
        if (err != HT_OK) return err;
        if (!is_identifier(ht_bytes_str(name), true) || looks_elementary(ht_bytes_str(name))) {
            return bad_types("a type's name is not an identifier, or means something else", why);
        }
        if (strcmp(name, HT_EIP712_DOMAIN) != 0) continue;
        has_domain = true;
        err = check_domain_type(type, why);
        if (err != HT_OK) return err;
    }
    if (has_domain) return HT_OK;
    return make_domain_type(&types[data->type_count++], arena, data->domain, why);
}

enum ht_err ht_eip712_read_types(struct ht_eip712 *data, struct ht_arena *arena,
                                 const json_t *types, struct ht_why *why) {
    if (!json_is_object(types)) return bad_types("the types are not an object", why);
    if (json_object_size(types) >= HT_EIP712_TYPES_MAX) return too_large("too many types", why);
    struct ht_eip712_type *list =
        ht_arena_alloc(arena, (json_object_size(types) + 1) * sizeof *list);
    if (list == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the types");
    data->types = list;
    data->type_count = 0;
    enum ht_err err = read_definitions(data, list, arena, types, why);
    for (size_t i = 0; err == HT_OK && i < data->type_count; i++) {
        for (size_t j = 0; err == HT_OK && j < list[i].count; j++) {
            err = resolve(data, &list[i].refs, list[i].members[j].type, why);
        }
    }
    if (err == HT_OK) err = check_circles(data, why);
    if (err == HT_OK) err = hash_types(data, list, why);
    return err;
}
