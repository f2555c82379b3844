/* Base64 by table, four letters for three bytes. */
#include "node/codec/base64.h"

static const char LETTERS[][65] = {
    [HT_BASE64_STD] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [HT_BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};
#define NONE 64U

static uint32_t value_of(const char *letters, uint8_t c) {
    if (c >= 'A' && c <= 'Z') return c - (uint32_t)'A';
    if (c >= 'a' && c <= 'z') return c - (uint32_t)'a' + 26;
    if (c >= '0' && c <= '9') return c - (uint32_t)'0' + 52;
    if (c == (uint8_t)letters[62]) return 62;
    return c == (uint8_t)letters[63] ? 63 : NONE;
}

/* The letters without their padding; false when the padding is not as it must be. */
static bool strip(ht_bytes *text, enum ht_base64 form) {
    if (form == HT_BASE64_STD) {
        if (text->n % 4 != 0) return false;
        for (size_t i = 0; i < 2 && text->n > 0 && text->p[text->n - 1] == '='; i++) text->n--;
    }
    return text->n % 4 != 1;
}

/* The bytes of n letters, 2 to 4. */
static bool read_group(uint8_t out[static 3], const char *letters, const uint8_t *p, size_t n) {
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        uint32_t value = i < n ? value_of(letters, p[i]) : 0;
        if (value == NONE) return false;
        bits = bits << 6 | value;
    }
    out[0] = (uint8_t)(bits >> 16);
    out[1] = (uint8_t)(bits >> 8);
    out[2] = (uint8_t)bits;
    /* Otherwise several texts would stand for the same bytes. */
    return n == 4 || out[n - 1] == 0;
}

enum ht_err ht_base64_read(struct ht_buf *out, enum ht_base64 form, ht_bytes text) {
    if (!strip(&text, form)) return HT_EINPUT;
    size_t size = text.n / 4 * 3 + (text.n % 4 > 0 ? text.n % 4 - 1 : 0);
    if (size == 0) return HT_OK;
    if (size > out->max - out->n) return HT_ELIMIT;
    uint8_t *to = ht_buf_reserve(out, size);
    if (to == NULL) return HT_ENOMEM;
    for (size_t i = 0; i < text.n; i += 4) {
        uint8_t group[3];
        size_t n = text.n - i < 4 ? text.n - i : 4;
        if (!read_group(group, LETTERS[form], text.p + i, n)) return HT_EINPUT;
        memcpy(to + i / 4 * 3, group, n - 1);
    }
    out->n += size;
    return HT_OK;
}

static void write_group(uint8_t out[static 4], const char *letters, const uint8_t *p, size_t n) {
    uint32_t bits = (uint32_t)p[0] << 16;
    if (n > 1) bits |= (uint32_t)p[1] << 8;
    if (n > 2) bits |= p[2];
    for (size_t i = 0; i < 4; i++) out[i] = (uint8_t)letters[bits >> (18 - 6 * i) & 63];
}

enum ht_err ht_base64_write(struct ht_buf *out, enum ht_base64 form, ht_bytes bytes) {
    if (bytes.n == 0) return HT_OK;
    if (bytes.n > out->max) return HT_ELIMIT; /* and so the sizes below do not overflow */
    size_t rest = bytes.n % 3;
    size_t size = bytes.n / 3 * 4;
    if (rest > 0) size += form == HT_BASE64_STD ? 4 : rest + 1;
    if (size > out->max - out->n) return HT_ELIMIT;
    uint8_t *to = ht_buf_reserve(out, size);
    if (to == NULL) return HT_ENOMEM;
    for (size_t i = 0; i < bytes.n; i += 3) {
        uint8_t group[4];
        size_t n = bytes.n - i < 3 ? bytes.n - i : 3;
        write_group(group, LETTERS[form], bytes.p + i, n);
        size_t letters = n + 1;
        for (; form == HT_BASE64_STD && letters < 4; letters++) group[letters] = '=';
        memcpy(to + i / 3 * 4, group, letters);
    }
    out->n += size;
    return HT_OK;
}
