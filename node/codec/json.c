/* JSON glue: bounds before jansson sees the text, getters by path, compact writing.
 *
 * jansson itself allows 2048 levels and has no option for less, so a scan that only understands
 * strings and brackets runs first. It judges nothing else: text that is not JSON passes it and
 * fails in jansson, which also finds duplicate keys and bytes behind the value. */
#include "node/codec/json.h"

#include "node/base/hex.h"
#include "node/codec/json_fast.h"

/* jansson spends up to about 250 bytes on an empty object, which is 2 bytes of text. */
#define PARTS_FREE 1024U
#define TEXT_PER_PART 16U

/* Where the string that starts at `at` (an opening quote) ends: behind its closing quote. */
static size_t skip_string(ht_bytes text, size_t at) {
    size_t end = 0;
    for (at++; at < text.n;) {
        /* Looked for again only when it was escaped: text full of escapes is gone through once. */
        if (end < at) {
            const uint8_t *quote = memchr(text.p + at, '"', text.n - at);
            end = quote != NULL ? (size_t)(quote - text.p) : text.n;
        }
        const uint8_t *slash = memchr(text.p + at, '\\', end - at);
        if (slash == NULL) return end < text.n ? end + 1 : text.n;
        at = (size_t)(slash - text.p) + 2;
    }
    return text.n;
}

static enum ht_err check_bounds(ht_bytes text, struct ht_why *why) {
    size_t depth = 0;
    size_t parts = 0;
    for (size_t i = 0; i < text.n;) {
        uint8_t c = text.p[i];
        if (c == '"') {
            i = skip_string(text, i);
            continue;
        }
        i++;
        if (c == '[' || c == '{') {
            depth++;
            parts++;
        }
        if ((c == ']' || c == '}') && depth > 0) depth--;
        if (depth > HT_JSON_DEPTH_MAX) {
            return ht_fail(why, HT_ELIMIT, "json_too_deep", "nested deeper than %u levels",
                           HT_JSON_DEPTH_MAX);
        }
    }
    if (parts > PARTS_FREE + text.n / TEXT_PER_PART) {
        return ht_fail(why, HT_ELIMIT, "json_too_many_parts",
                       "%zu arrays and objects in %zu bytes are too many", parts, text.n);
    }
    return HT_OK;
}

/* jansson's message without its " near '…'", which quotes the text. */
static enum ht_err explain(json_error_t *error, struct ht_why *why) {
    enum json_error_code code = json_error_code(error);
    char *quote = strstr(error->text, " near '");
    if (quote != NULL) *quote = '\0';
    if (code == json_error_out_of_memory) {
        return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory while reading JSON");
    }
    const char *word = code == json_error_duplicate_key ? "json_duplicate_key" : "json_syntax";
    return ht_fail(why, HT_EINPUT, word, "line %d, column %d: %s", error->line, error->column,
                   error->text);
}

enum ht_err ht_json_parse(json_t **out, ht_bytes text, size_t max_bytes, struct ht_why *why) {
    if (text.n > max_bytes) {
        return ht_fail(why, HT_ELIMIT, "json_too_large", "%zu bytes, at most %zu are accepted",
                       text.n, max_bytes);
    }
    enum ht_err err = check_bounds(text, why);
    if (err != HT_OK) return err;
    const char *p = text.n > 0 ? (const char *)text.p : "";
    json_error_t error = {0};
    json_t *value = ht_json_fast(text);
    if (value != NULL) {
        *out = value;
        return HT_OK;
    }
    value =
        json_loadb(p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (value == NULL) return explain(&error, why);
    *out = value;
    return HT_OK;
}

const json_t *ht_json_member(const json_t *obj, const char *key) {
    return json_object_get(obj, key);
}

/* One step of a path: "[3]" or a key up to the next dot or bracket. Moves *path behind it. */
static const json_t *step(const json_t *at, const char **path) {
    const char *p = *path;
    if (*p == '[') {
        size_t index = 0;
        for (p++; *p >= '0' && *p <= '9'; p++) index = index * 10 + (size_t)(*p - '0');
        ht_assert(*p == ']');
        *path = p + 1;
        return json_array_get(at, index);
    }
    char key[64];
    size_t n = strcspn(p, ".[");
    ht_assert(n > 0 && n < sizeof key);
    memcpy(key, p, n);
    key[n] = '\0';
    *path = p + n;
    return json_object_get(at, key);
}

enum ht_err ht_json_get(const json_t **out, const json_t *root, const char *path,
                        struct ht_why *why) {
    const json_t *at = root;
    const char *rest = path;
    while (at != NULL && *rest != '\0') {
        at = step(at, &rest);
        if (*rest == '.') rest++;
    }
    if (at == NULL) {
        size_t n = (size_t)(rest - path);
        if (n > 0 && path[n - 1] == '.') n--;
        return ht_fail(why, HT_EINPUT, "json_missing", "%.*s is missing", n > 0 ? (int)n : 5,
                       n > 0 ? path : "value");
    }
    *out = at;
    return HT_OK;
}

static const char *name_of(const char *path) {
    return *path != '\0' ? path : "value";
}

static enum ht_err wrong_type(const char *path, const char *wanted, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "json_type", "%s is not %s", name_of(path), wanted);
}

static enum ht_err wrong_value(const char *path, const char *wanted, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "json_value", "%s is not %s", name_of(path), wanted);
}

static bool read_decimal(uint64_t *out, ht_bytes digits) {
    if (digits.n == 0 || (digits.n > 1 && digits.p[0] == '0')) return false;
    uint64_t value = 0;
    for (size_t i = 0; i < digits.n; i++) {
        uint8_t c = digits.p[i];
        if (c < '0' || c > '9') return false;
        if (__builtin_mul_overflow(value, (uint64_t)10, &value)) return false;
        if (__builtin_add_overflow(value, (uint64_t)(c - '0'), &value)) return false;
    }
    *out = value;
    return true;
}

static ht_bytes string_view(const json_t *value) {
    return ht_bytes_of(json_string_value(value), json_string_length(value));
}

enum ht_err ht_json_u64(uint64_t *out, const json_t *root, const char *path, struct ht_why *why) {
    const json_t *value = NULL;
    enum ht_err err = ht_json_get(&value, root, path, why);
    if (err != HT_OK) return err;
    if (json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        if (number < 0) return wrong_value(path, "a number from 0 to 2^64-1", why);
        *out = (uint64_t)number;
        return HT_OK;
    }
    if (!json_is_string(value)) return wrong_type(path, "a whole number", why);
    if (!read_decimal(out, string_view(value))) {
        return wrong_value(path, "a number from 0 to 2^64-1", why);
    }
    return HT_OK;
}

static enum ht_err get_string(ht_bytes *out, const json_t *root, const char *path,
                              const char *wanted, struct ht_why *why) {
    const json_t *value = NULL;
    enum ht_err err = ht_json_get(&value, root, path, why);
    if (err != HT_OK) return err;
    if (!json_is_string(value)) return wrong_type(path, wanted, why);
    *out = string_view(value);
    return HT_OK;
}

static bool has_prefix(ht_bytes text) {
    return text.n >= 2 && text.p[0] == '0' && text.p[1] == 'x';
}

enum ht_err ht_json_hex(uint8_t *out, size_t n, const json_t *root, const char *path,
                        struct ht_why *why) {
    ht_bytes text = {0};
    enum ht_err err = get_string(&text, root, path, "a string of hex digits", why);
    if (err != HT_OK) return err;
    if (!has_prefix(text) || ht_hex_read(out, n, text) != HT_OK) {
        return ht_fail(why, HT_EINPUT, "json_value", "%s is not %zu bytes in hex with 0x",
                       name_of(path), n);
    }
    return HT_OK;
}

enum ht_err ht_json_hex_buf(struct ht_buf *out, const json_t *root, const char *path,
                            struct ht_why *why) {
    ht_bytes text = {0};
    enum ht_err err = get_string(&text, root, path, "a string of hex digits", why);
    if (err != HT_OK) return err;
    if (!has_prefix(text)) return wrong_value(path, "bytes in hex with 0x", why);
    if (text.n == 2) return HT_OK;
    err = ht_hex_read_buf(out, text);
    if (err == HT_EINPUT) return wrong_value(path, "bytes in hex with 0x", why);
    if (err == HT_ELIMIT) {
        return ht_fail(why, err, "json_value", "%s is longer than the %zu bytes left for it",
                       name_of(path), out->max - out->n);
    }
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "%s: out of memory", name_of(path));
    return HT_OK;
}

enum ht_err ht_json_str(ht_bytes *out, const json_t *root, const char *path, struct ht_why *why) {
    return get_string(out, root, path, "a string", why);
}

enum ht_err ht_json_text(const char **out, const json_t *root, const char *path,
                         struct ht_why *why) {
    ht_bytes text = {0};
    enum ht_err err = get_string(&text, root, path, "a string", why);
    if (err != HT_OK) return err;
    if (memchr(text.p, 0, text.n) != NULL) return wrong_value(path, "text without NUL", why);
    *out = (const char *)text.p;
    return HT_OK;
}

enum ht_err ht_json_bool(bool *out, const json_t *root, const char *path, struct ht_why *why) {
    const json_t *value = NULL;
    enum ht_err err = ht_json_get(&value, root, path, why);
    if (err != HT_OK) return err;
    if (!json_is_boolean(value)) return wrong_type(path, "true or false", why);
    *out = json_is_true(value);
    return HT_OK;
}

enum ht_err ht_json_array(const json_t **out, const json_t *root, const char *path,
                          struct ht_why *why) {
    const json_t *value = NULL;
    enum ht_err err = ht_json_get(&value, root, path, why);
    if (err != HT_OK) return err;
    if (!json_is_array(value)) return wrong_type(path, "an array", why);
    *out = value;
    return HT_OK;
}

struct dump {
    struct ht_buf *out;
    enum ht_err err;
};

static int dump_chunk(const char *chunk, size_t n, void *user) {
    struct dump *dump = user;
    dump->err = ht_buf_add(dump->out, ht_bytes_of(chunk, n));
    return dump->err == HT_OK ? 0 : -1;
}

enum ht_err ht_json_dump_compact(struct ht_buf *out, const json_t *value) {
    size_t before = out->n;
    struct dump dump = {.out = out, .err = HT_OK};
    int failed = json_dump_callback(value, dump_chunk, &dump, JSON_COMPACT | JSON_ENCODE_ANY);
    if (failed == 0) return HT_OK;
    out->n = before;
    return dump.err != HT_OK ? dump.err : HT_EBUG;
}
