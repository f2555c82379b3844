/* The fast reader: one pass, no look at what it leaves to jansson. */
#include "node/codec/json_fast.h"

#include "node/codec/json.h"

#define EACH_BYTE UINT64_C(0x0101010101010101)
#define HIGH_BITS (EACH_BYTE * 0x80)
#define DIGITS_MAX 18U

struct fast {
    const uint8_t *p, *end;
    json_t *root;
    json_t *stack[HT_JSON_DEPTH_MAX]; /* borrowed: parts of root */
    size_t depth;
    ht_bytes key; /* of the next value, in an object */
};

static void skip_space(struct fast *in) {
    while (in->p < in->end &&
           (*in->p == ' ' || *in->p == '\n' || *in->p == '\r' || *in->p == '\t')) {
        in->p++;
    }
}

/* Whether all bytes are printable ASCII and none is a backslash. */
static bool is_plain(const uint8_t *p, size_t n) {
    uint64_t bad = 0;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t eight;
        memcpy(&eight, p, sizeof eight);
        const uint64_t slash = eight ^ EACH_BYTE * '\\';
        bad |= eight | (eight - EACH_BYTE * 0x20) | (slash - EACH_BYTE);
    }
    bool is_good = (bad & HIGH_BITS) == 0;
    for (; n > 0; p++, n--) is_good = is_good && *p >= 0x20 && *p < 0x80 && *p != '\\';
    return is_good;
}

/* At the opening quote. */
static bool read_string(ht_bytes *out, struct fast *in) {
    const uint8_t *begin = in->p + 1;
    const uint8_t *quote = begin < in->end ? memchr(begin, '"', (size_t)(in->end - begin)) : NULL;
    if (quote == NULL || !is_plain(begin, (size_t)(quote - begin))) return false;
    *out = ht_bytes_of(begin, (size_t)(quote - begin));
    in->p = quote + 1;
    return true;
}

static json_t *read_number(struct fast *in) {
    const bool is_negative = *in->p == '-';
    const uint8_t *digits = in->p + is_negative;
    const uint8_t *p = digits;
    json_int_t number = 0;
    while (p < in->end && *p >= '0' && *p <= '9' && (size_t)(p - digits) < DIGITS_MAX) {
        number = number * 10 + (*p++ - '0');
    }
    const size_t n = (size_t)(p - digits);
    /* A digit too many, a fraction or an exponent. */
    const bool is_more =
        p < in->end && ((*p >= '0' && *p <= '9') || *p == '.' || *p == 'e' || *p == 'E');
    if (n == 0 || is_more || (n > 1 && *digits == '0')) return NULL;
    if (is_negative && number == 0) return NULL;
    in->p = p;
    return json_integer(is_negative ? -number : number);
}

static bool skip_word(struct fast *in, const char *word) {
    const size_t n = strlen(word);
    if ((size_t)(in->end - in->p) < n || memcmp(in->p, word, n) != 0) return false;
    in->p += n;
    return true;
}

static json_t *read_scalar(struct fast *in) {
    ht_bytes text;
    if (*in->p == '"') {
        return read_string(&text, in) ? json_stringn_nocheck((const char *)text.p, text.n) : NULL;
    }
    if (skip_word(in, "true")) return json_true();
    if (skip_word(in, "false")) return json_false();
    if (skip_word(in, "null")) return json_null();
    return read_number(in);
}

/* Takes the value over. */
static bool put(struct fast *in, json_t *value) {
    if (value == NULL) return false;
    if (in->depth == 0) {
        in->root = value;
        return true;
    }
    json_t *top = in->stack[in->depth - 1];
    if (json_is_array(top)) return json_array_append_new(top, value) == 0;
    const size_t before = json_object_size(top);
    return json_object_setn_new_nocheck(top, (const char *)in->key.p, in->key.n, value) == 0 &&
           json_object_size(top) == before + 1;
}

/* The key of the next member and its colon. */
static bool read_key(struct fast *in) {
    skip_space(in);
    if (in->p == in->end || *in->p != '"' || !read_string(&in->key, in)) return false;
    skip_space(in);
    if (in->p == in->end || *in->p != ':') return false;
    in->p++;
    return true;
}

/* Without *is_empty a value comes next. */
static bool open_part(struct fast *in, bool *is_empty) {
    const bool is_object = *in->p++ == '{';
    if (in->depth == HT_JSON_DEPTH_MAX) return false;
    json_t *part = is_object ? json_object() : json_array();
    if (!put(in, part)) return false;
    in->stack[in->depth++] = part;
    skip_space(in);
    *is_empty = in->p < in->end && *in->p == (is_object ? '}' : ']');
    return *is_empty || !is_object || read_key(in);
}

/* Behind a value: closes what ends here. *is_done: nothing is open any more. */
static bool close_parts(struct fast *in, bool *is_done) {
    while (in->depth > 0) {
        const bool is_object = json_is_object(in->stack[in->depth - 1]);
        skip_space(in);
        if (in->p == in->end) return false;
        const uint8_t c = *in->p++;
        if (c == ',') return !is_object || read_key(in);
        if (c != (is_object ? '}' : ']')) return false;
        in->depth--;
    }
    *is_done = true;
    return true;
}

static bool read_all(struct fast *in) {
    for (bool is_done = false; !is_done;) {
        bool is_empty = true;
        skip_space(in);
        if (in->p == in->end) return false;
        const bool is_part = *in->p == '{' || *in->p == '[';
        if (is_part ? !open_part(in, &is_empty) : !put(in, read_scalar(in))) return false;
        if (is_empty && !close_parts(in, &is_done)) return false;
    }
    skip_space(in);
    return in->p == in->end;
}

json_t *ht_json_fast(ht_bytes text) {
    struct fast in = {.p = text.p, .end = text.p + text.n};
    if (text.n == 0) return NULL;
    if (read_all(&in)) return in.root;
    json_decref(in.root);
    return NULL;
}
