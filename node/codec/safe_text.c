/* What could deceive the eye. The ranges are Unicode's format, control and blank-looking
 * characters; letters that merely look alike cannot be listed, so whole scripts are named. */
#include "node/codec/safe_text.h"

#include <stdio.h>

#define SAFE_MAX ((size_t)4 << 20)

struct range {
    uint32_t first, last;
    unsigned marks;
};

static const struct range RANGES[] = {
    {0x00, 0x08, HT_TEXT_HIDDEN},        {0x0b, 0x1f, HT_TEXT_HIDDEN},
    {0x7f, 0x9f, HT_TEXT_HIDDEN},        {0xad, 0xad, HT_TEXT_HIDDEN},
    {0x250, 0x2af, HT_TEXT_FOREIGN},     {0x34f, 0x34f, HT_TEXT_HIDDEN},
    {0x370, 0x3ff, HT_TEXT_FOREIGN},     {0x400, 0x52f, HT_TEXT_FOREIGN},
    {0x530, 0x58f, HT_TEXT_FOREIGN},     {0x61c, 0x61c, HT_TEXT_BIDI},
    {0x115f, 0x1160, HT_TEXT_HIDDEN},    {0x13a0, 0x13ff, HT_TEXT_FOREIGN},
    {0x17b4, 0x17b5, HT_TEXT_HIDDEN},    {0x180b, 0x180f, HT_TEXT_HIDDEN},
    {0x1d00, 0x1dbf, HT_TEXT_FOREIGN},   {0x200b, 0x200d, HT_TEXT_HIDDEN},
    {0x200e, 0x200f, HT_TEXT_BIDI},      {0x2028, 0x2029, HT_TEXT_HIDDEN},
    {0x202a, 0x202e, HT_TEXT_BIDI},      {0x2060, 0x2065, HT_TEXT_HIDDEN},
    {0x2066, 0x2069, HT_TEXT_BIDI},      {0x206a, 0x206f, HT_TEXT_HIDDEN},
    {0x2100, 0x214f, HT_TEXT_FOREIGN},   {0x2800, 0x2800, HT_TEXT_HIDDEN},
    {0x2c80, 0x2cff, HT_TEXT_FOREIGN},   {0x2de0, 0x2dff, HT_TEXT_FOREIGN},
    {0x3164, 0x3164, HT_TEXT_HIDDEN},    {0xa640, 0xa69f, HT_TEXT_FOREIGN},
    {0xab30, 0xab6f, HT_TEXT_FOREIGN},   {0xfe00, 0xfe0d, HT_TEXT_HIDDEN},
    {0xfeff, 0xfeff, HT_TEXT_HIDDEN},    {0xff01, 0xff5e, HT_TEXT_FOREIGN},
    {0xffa0, 0xffa0, HT_TEXT_HIDDEN},    {0xfff0, 0xfffb, HT_TEXT_HIDDEN},
    {0x1bca0, 0x1bca3, HT_TEXT_HIDDEN},  {0x1d173, 0x1d17a, HT_TEXT_HIDDEN},
    {0x1d400, 0x1d7ff, HT_TEXT_FOREIGN}, {0xe0000, 0xe0fff, HT_TEXT_HIDDEN},
};

static unsigned marks_of(uint32_t c) {
    for (size_t i = 0; i < sizeof RANGES / sizeof *RANGES && RANGES[i].first <= c; i++) {
        if (c <= RANGES[i].last) return RANGES[i].marks;
    }
    return 0;
}

/* Reads one character of UTF-8, never overlong, a surrogate or over U+10FFFF; its length, or 0 when
 * the next byte is none of a character. */
static size_t read_character(uint32_t *out, ht_bytes text) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = text.p[0];
    size_t n = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (n == 0 || first > 0xf4 || n > text.n) return 0;
    uint32_t c = n == 1 ? first : first & (0xffU >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((text.p[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (text.p[i] & 0x3fU);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return 0;
    *out = c;
    return n;
}

unsigned ht_text_marks(ht_bytes text) {
    unsigned marks = 0;
    for (size_t at = 0; at < text.n;) {
        uint32_t c = 0;
        size_t n = read_character(&c, ht_bytes_of(text.p + at, text.n - at));
        marks |= n > 0 ? marks_of(c) : (unsigned)HT_TEXT_NOT_UTF8;
        at += n > 0 ? n : 1;
    }
    return marks;
}

static enum ht_err add_safe(struct ht_buf *out, ht_bytes *rest) {
    char escaped[16];
    uint32_t c = 0;
    size_t n = read_character(&c, *rest);
    size_t taken = n > 0 ? n : 1;
    ht_bytes as_is = ht_bytes_of(rest->p, taken);
    bool is_hidden = n > 0 && (marks_of(c) & (HT_TEXT_HIDDEN | HT_TEXT_BIDI)) != 0;
    if (n == 0)
        (void)snprintf(escaped, sizeof escaped, "\\x%02x", rest->p[0]);
    else
        (void)snprintf(escaped, sizeof escaped, c > 0xffff ? "\\u{%x}" : "\\u%04x", (unsigned)c);
    *rest = ht_bytes_of(rest->p + taken, rest->n - taken);
    return ht_buf_add(out, n == 0 || is_hidden ? ht_bytes_str(escaped) : as_is);
}

json_t *ht_explain_safe_text(ht_bytes text) {
    struct ht_buf safe;
    enum ht_err err = HT_OK;
    ht_buf_init(&safe, SAFE_MAX);
    while (err == HT_OK && text.n > 0) err = add_safe(&safe, &text);
    json_t *value = err == HT_OK ? json_stringn((const char *)safe.p, safe.n) : NULL;
    /* Without a byte there is no buffer, and an empty text is one all the same. */
    if (err == HT_OK && safe.n == 0) value = json_string("");
    ht_buf_fini(&safe);
    return value;
}
