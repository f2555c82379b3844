/* Hex reading and writing. */
#include "node/base/hex.h"

static const char DIGITS[] = "0123456789abcdef";

static int digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static ht_bytes without_prefix(ht_bytes text) {
    if (text.n >= 2 && text.p[0] == '0' && (text.p[1] == 'x' || text.p[1] == 'X')) {
        return ht_bytes_of(text.p + 2, text.n - 2);
    }
    return text;
}

static bool all_digits(ht_bytes text) {
    for (size_t i = 0; i < text.n; i++) {
        if (digit(text.p[i]) < 0) return false;
    }
    return true;
}

static void read_digits(uint8_t *out, ht_bytes text) {
    for (size_t i = 0; i < text.n / 2; i++) {
        out[i] = (uint8_t)(digit(text.p[2 * i]) << 4 | digit(text.p[2 * i + 1]));
    }
}

void ht_hex_write(char *out, ht_bytes bytes) {
    *out++ = '0';
    *out++ = 'x';
    for (size_t i = 0; i < bytes.n; i++) {
        *out++ = DIGITS[bytes.p[i] >> 4];
        *out++ = DIGITS[bytes.p[i] & 15];
    }
    *out = '\0';
}

enum ht_err ht_hex_read(uint8_t *out, size_t n, ht_bytes text) {
    text = without_prefix(text);
    if (text.n != 2 * n || !all_digits(text)) return HT_EINPUT;
    read_digits(out, text);
    return HT_OK;
}

enum ht_err ht_hex_read_buf(struct ht_buf *out, ht_bytes text) {
    text = without_prefix(text);
    if (text.n % 2 != 0 || !all_digits(text)) return HT_EINPUT;
    if (text.n / 2 > out->max - out->n) return HT_ELIMIT;
    uint8_t *room = ht_buf_reserve(out, text.n / 2);
    if (text.n > 0 && room == NULL) return HT_ENOMEM;
    if (text.n > 0) read_digits(room, text);
    out->n += text.n / 2;
    return HT_OK;
}
