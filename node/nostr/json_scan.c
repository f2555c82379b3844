/* The strict JSON reader: texts eight bytes at a time where they are plain ASCII, UTF-8 checked on
 * the way, escapes decoded into one stretch of the arena. What the values mean is for the caller.
 */
#include "node/nostr/json_scan.h"

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS (ONES * 0x80U)

void ht_json_scan_init(struct ht_json_scan *scan, struct ht_arena *arena, ht_bytes text) {
    static const uint8_t nothing[1];
    const uint8_t *p = text.n > 0 ? text.p : nothing;
    *scan = (struct ht_json_scan){.p = p, .end = p + text.n, .arena = arena};
}

static enum ht_err malformed(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "scan_malformed", "%s", what);
}

static bool is_space(uint8_t c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

uint8_t ht_json_scan_peek(struct ht_json_scan *scan) {
    while (scan->p < scan->end && is_space(*scan->p)) {
        scan->had_space = true;
        scan->p++;
    }
    return scan->p < scan->end ? *scan->p : 0;
}

bool ht_json_scan_is(struct ht_json_scan *scan, char c) {
    /* At the end the peek is 0, which no caller asks for. */
    if (ht_json_scan_peek(scan) != (uint8_t)c) return false;
    scan->p++;
    return true;
}

/* --- texts ------------------------------------------------------------------------------------*/

/* The high bit of each byte that is zero; bytes above the first one may be marked wrongly. */
static uint64_t zeros(uint64_t word) {
    return (word - ONES) & ~word & HIGHS;
}

/* Steps over ASCII that stands for itself. */
static const uint8_t *skip_plain(const uint8_t *p, const uint8_t *end) {
    while (end - p >= 8) {
        uint64_t word = ht_read_u64_le(p);
        uint64_t special = (word & HIGHS) | ((word - ONES * 0x20U) & ~word & HIGHS) |
                           zeros(word ^ ONES * '"') | zeros(word ^ ONES * '\\');
        if (special != 0) return p + __builtin_ctzll(special) / 8;
        p += 8;
    }
    while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\') p++;
    return p;
}

static bool is_tail(uint8_t c) {
    return (c & 0xc0) == 0x80;
}

/* Bytes of the character of several bytes at p; 0 when it is none (RFC 3629). */
static size_t wide_length(const uint8_t *p, const uint8_t *end) {
    size_t left = (size_t)(end - p);
    uint8_t c = p[0];
    if (c < 0xc2 || c > 0xf4 || left < 2 || !is_tail(p[1])) return 0;
    if (c < 0xe0) return 2;
    if (left < 3 || !is_tail(p[2])) return 0;
    if (c < 0xf0) {
        bool is_overlong = c == 0xe0 && p[1] < 0xa0;
        bool is_surrogate = c == 0xed && p[1] > 0x9f;
        return is_overlong || is_surrogate ? 0 : 3;
    }
    if (left < 4 || !is_tail(p[3])) return 0;
    bool is_overlong = c == 0xf0 && p[1] < 0x90;
    bool is_beyond = c == 0xf4 && p[1] > 0x8f;
    return is_overlong || is_beyond ? 0 : 4;
}

/* To the first byte that ends a text, begins an escape or may not be there. */
static const uint8_t *skip_run(const uint8_t *p, const uint8_t *end) {
    for (;;) {
        p = skip_plain(p, end);
        size_t n = p < end && *p >= 0x80 ? wide_length(p, end) : 0;
        if (n == 0) return p;
        p += n;
        /* Scripts that are not Latin come in runs. */
        while (p < end && *p >= 0x80 && (n = wide_length(p, end)) != 0) p += n;
    }
}

static enum ht_err refuse_byte(const struct ht_json_scan *scan, struct ht_why *why) {
    if (scan->p >= scan->end) return malformed(why, "a text does not end");
    if (*scan->p < 0x20) return malformed(why, "a control character stands in a text unescaped");
    return malformed(why, "a text is not UTF-8");
}

static bool read_hex4(uint32_t *out, struct ht_json_scan *scan) {
    if (scan->end - scan->p < 4) return false;
    uint32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        uint8_t c = scan->p[i];
        uint8_t low = c | 0x20;
        if (c >= '0' && c <= '9')
            value = value << 4 | (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            value = value << 4 | (uint32_t)(low - 'a' + 10);
        else
            return false;
    }
    scan->p += 4;
    *out = value;
    return true;
}

static uint8_t *write_utf8(uint8_t *to, uint32_t code) {
    if (code < 0x80) {
        *to++ = (uint8_t)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (uint8_t)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *to++ = (uint8_t)(0xe0 | code >> 12);
        } else {
            *to++ = (uint8_t)(0xf0 | code >> 18);
            *to++ = (uint8_t)(0x80 | (code >> 12 & 0x3f));
        }
        *to++ = (uint8_t)(0x80 | (code >> 6 & 0x3f));
    }
    *to++ = (uint8_t)(0x80 | (code & 0x3f));
    return to;
}

/* Behind "\u". */
static enum ht_err read_code(uint32_t *out, struct ht_json_scan *scan, struct ht_why *why) {
    uint32_t code = 0;
    uint32_t low = 0;
    if (!read_hex4(&code, scan)) return malformed(why, "an escape has not four hex digits");
    if (code >= 0xdc00 && code <= 0xdfff) return malformed(why, "a lone surrogate");
    *out = code;
    if (code < 0xd800 || code > 0xdbff) return HT_OK;
    bool is_pair = scan->end - scan->p >= 6 && scan->p[0] == '\\' && scan->p[1] == 'u';
    if (!is_pair) return malformed(why, "a lone surrogate");
    scan->p += 2;
    if (!read_hex4(&low, scan)) return malformed(why, "an escape has not four hex digits");
    if (low < 0xdc00 || low > 0xdfff) return malformed(why, "a lone surrogate");
    *out = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    return HT_OK;
}

/* Behind the backslash. */
static enum ht_err read_escape(uint8_t **to, struct ht_json_scan *scan, struct ht_why *why) {
    static const char letters[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    if (scan->p >= scan->end) return malformed(why, "a text does not end");
    uint8_t c = *scan->p++;
    const char *at = c != 0 ? strchr(letters, c) : NULL;
    if (at != NULL) {
        *(*to)++ = (uint8_t)meant[at - letters];
        return HT_OK;
    }
    if (c != 'u') return malformed(why, "an escape that there is not");
    uint32_t code = 0;
    enum ht_err err = read_code(&code, scan, why);
    if (err == HT_OK) *to = write_utf8(*to, code);
    return err;
}

/* From the first escape on; start is where the text began. Decoded is never longer than written,
 * so that one stretch as long as what is left does for all texts behind it. */
static enum ht_err read_escaped(ht_bytes *out, struct ht_json_scan *scan, const uint8_t *start,
                                struct ht_why *why) {
    if (scan->room == NULL) scan->room = ht_arena_alloc(scan->arena, (size_t)(scan->end - start));
    if (scan->room == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a text");
    uint8_t *first = scan->room;
    uint8_t *to = first;
    for (;;) {
        size_t n = (size_t)(scan->p - start);
        memcpy(to, start, n);
        to += n;
        if (scan->p >= scan->end || (*scan->p != '"' && *scan->p != '\\')) {
            return refuse_byte(scan, why);
        }
        if (*scan->p++ == '"') break;
        enum ht_err err = read_escape(&to, scan, why);
        if (err != HT_OK) return err;
        start = scan->p;
        scan->p = skip_run(scan->p, scan->end);
    }
    scan->room = to;
    *out = ht_bytes_of(first, (size_t)(to - first));
    return HT_OK;
}

enum ht_err ht_json_scan_text(ht_bytes *out, struct ht_json_scan *scan, struct ht_why *why) {
    if (scan->p >= scan->end || *scan->p != '"') return malformed(why, "a text was expected");
    const uint8_t *start = ++scan->p;
    scan->p = skip_run(start, scan->end);
    if (scan->p < scan->end && *scan->p == '"') {
        *out = ht_bytes_of(start, (size_t)(scan->p++ - start));
        return HT_OK;
    }
    if (scan->p < scan->end && *scan->p == '\\') return read_escaped(out, scan, start, why);
    return refuse_byte(scan, why);
}

/* --- what is not kept -------------------------------------------------------------------------*/

static size_t skip_digits(struct ht_json_scan *scan) {
    const uint8_t *start = scan->p;
    while (scan->p < scan->end && *scan->p >= '0' && *scan->p <= '9') scan->p++;
    return (size_t)(scan->p - start);
}

static enum ht_err skip_number(struct ht_json_scan *scan, struct ht_why *why) {
    if (*scan->p == '-') scan->p++;
    const uint8_t *start = scan->p;
    size_t n = skip_digits(scan);
    if (n == 0 || (n > 1 && *start == '0')) return malformed(why, "no number as JSON has it");
    if (scan->p < scan->end && *scan->p == '.') {
        scan->p++;
        if (skip_digits(scan) == 0) return malformed(why, "no number as JSON has it");
    }
    if (scan->p < scan->end && (*scan->p | 0x20) == 'e') {
        scan->p++;
        if (scan->p < scan->end && (*scan->p == '+' || *scan->p == '-')) scan->p++;
        if (skip_digits(scan) == 0) return malformed(why, "no number as JSON has it");
    }
    return HT_OK;
}

static enum ht_err skip_word(struct ht_json_scan *scan, struct ht_why *why) {
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        bool is_it = (size_t)(scan->end - scan->p) >= n && memcmp(scan->p, words[i], n) == 0;
        if (!is_it) continue;
        scan->p += n;
        return HT_OK;
    }
    return malformed(why, "no value as JSON has it");
}

static enum ht_err skip_simple(struct ht_json_scan *scan, struct ht_why *why) {
    ht_bytes text;
    uint8_t c = ht_json_scan_peek(scan);
    if (c == '"') return ht_json_scan_text(&text, scan, why);
    if (c == '-' || (c >= '0' && c <= '9')) return skip_number(scan, why);
    return skip_word(scan, why);
}

static enum ht_err skip_name(struct ht_json_scan *scan, struct ht_why *why) {
    ht_bytes name;
    (void)ht_json_scan_peek(scan);
    enum ht_err err = ht_json_scan_text(&name, scan, why);
    if (err == HT_OK && !ht_json_scan_is(scan, ':')) err = malformed(why, "no \":\" after a name");
    return err;
}

/* What is open, outermost first: '[' or '{'. */
struct open {
    char kinds[HT_JSON_SCAN_DEPTH_MAX];
    size_t depth;
};

/* Steps into arrays and objects until a simple value, or an empty one of them, was stepped over. */
static enum ht_err skip_down(struct ht_json_scan *scan, struct open *open, struct ht_why *why) {
    for (;;) {
        uint8_t c = ht_json_scan_peek(scan);
        if (c != '[' && c != '{') return skip_simple(scan, why);
        scan->p++;
        if (ht_json_scan_is(scan, c == '[' ? ']' : '}')) return HT_OK;
        if (open->depth == HT_JSON_SCAN_DEPTH_MAX) return malformed(why, "nested too deep");
        open->kinds[open->depth++] = (char)c;
        enum ht_err err = c == '{' ? skip_name(scan, why) : HT_OK;
        if (err != HT_OK) return err;
    }
}

enum ht_err ht_json_scan_skip(struct ht_json_scan *scan, struct ht_why *why) {
    struct open open = {.depth = 0};
    enum ht_err err = skip_down(scan, &open, why);
    while (err == HT_OK && open.depth > 0) {
        bool is_object = open.kinds[open.depth - 1] == '{';
        if (ht_json_scan_is(scan, is_object ? '}' : ']')) {
            open.depth--;
            continue;
        }
        if (!ht_json_scan_is(scan, ',')) return malformed(why, "no \",\" between values");
        if (is_object) err = skip_name(scan, why);
        if (err == HT_OK) err = skip_down(scan, &open, why);
    }
    return err;
}
