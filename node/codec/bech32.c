/* Bech32: BIP-173's text form of bytes, both ways, without temporary copies of what may be a key.
 */
#include "node/codec/bech32.h"

static const char LETTERS[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

#define CHECKSUM_SIZE 6U
#define PREFIX_MAX 83U

static uint32_t step(uint32_t state, uint8_t value) {
    static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                         0x2a1462b3};
    uint32_t top = state >> 25;
    state = (state & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; i++) state ^= (top >> i & 1) != 0 ? generator[i] : 0;
    return state;
}

/* The state after the prefix, which is in small letters. */
static uint32_t begin(const char *prefix) {
    uint32_t state = 1;
    for (const char *c = prefix; *c != '\0'; c++) state = step(state, (uint8_t)((uint8_t)*c >> 5));
    state = step(state, 0);
    for (const char *c = prefix; *c != '\0'; c++) state = step(state, *c & 31);
    return state;
}

static uint8_t lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* Which of the 32 letters it is; -1 for none. */
static int value_of(uint8_t c) {
    const char *at = c != 0 ? strchr(LETTERS, lower(c)) : NULL;
    return at != NULL ? (int)(at - LETTERS) : -1;
}

/* Characters, case, separator; *separator is where it stands. */
static enum ht_err check_text(size_t *separator, ht_bytes text, struct ht_why *why) {
    bool has_small = false;
    bool has_large = false;
    size_t at = text.n;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (c < 33 || c > 126) {
            return ht_fail(why, HT_EINPUT, "bech32_text", "character %zu cannot stand in bech32",
                           i + 1);
        }
        has_small = has_small || (c >= 'a' && c <= 'z');
        has_large = has_large || (c >= 'A' && c <= 'Z');
        if (c == '1') at = i;
    }
    if (has_small && has_large) {
        return ht_fail(why, HT_EINPUT, "bech32_text", "capitals and small letters are mixed");
    }
    if (at == 0 || at >= text.n) {
        return ht_fail(why, HT_EINPUT, "bech32_text", "there is no prefix and separator");
    }
    if (text.n - at - 1 < CHECKSUM_SIZE) {
        return ht_fail(why, HT_EINPUT, "bech32_text", "it is too short for a checksum");
    }
    *separator = at;
    return HT_OK;
}

static bool has_prefix(ht_bytes text, const char *prefix) {
    size_t n = strlen(prefix);
    if (text.n != n) return false;
    for (size_t i = 0; i < n; i++) {
        if (lower(text.p[i]) != (uint8_t)prefix[i]) return false;
    }
    return true;
}

/* Letters and checksum of what is behind the separator. */
static enum ht_err check_letters(const char *prefix, ht_bytes letters, struct ht_why *why) {
    uint32_t state = begin(prefix);
    for (size_t i = 0; i < letters.n; i++) {
        int value = value_of(letters.p[i]);
        if (value < 0) {
            return ht_fail(why, HT_EINPUT, "bech32_text",
                           "letter %zu behind the separator is none of bech32's", i + 1);
        }
        state = step(state, (uint8_t)value);
    }
    if (state != 1) return ht_fail(why, HT_EINPUT, "bech32_checksum", "the checksum is wrong");
    return HT_OK;
}

static void write_bytes(uint8_t *out, ht_bytes letters) {
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < letters.n; i++) {
        bits = (bits << 5 | (uint32_t)value_of(letters.p[i])) & 0xfff;
        count += 5;
        if (count < 8) continue;
        count -= 8;
        *out++ = (uint8_t)(bits >> count);
    }
}

enum ht_err ht_bech32_decode(uint8_t *out, size_t *n, size_t max, const char *prefix, ht_bytes text,
                             struct ht_why *why) {
    size_t separator = 0;
    if (text.n > HT_BECH32_TEXT_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_long", "the text is over %u characters",
                       HT_BECH32_TEXT_MAX);
    }
    enum ht_err err = check_text(&separator, text, why);
    if (err != HT_OK) return err;
    if (!has_prefix(ht_bytes_of(text.p, separator), prefix)) {
        return ht_fail(why, HT_EINPUT, "bech32_prefix", "it does not begin with %s1", prefix);
    }
    ht_bytes letters = ht_bytes_of(text.p + separator + 1, text.n - separator - 1);
    err = check_letters(prefix, letters, why);
    if (err != HT_OK) return err;
    letters.n -= CHECKSUM_SIZE;
    unsigned padding = (unsigned)(letters.n * 5 % 8);
    bool is_padded = padding < 5;
    if (is_padded && padding > 0) {
        is_padded = (value_of(letters.p[letters.n - 1]) & ((1 << padding) - 1)) == 0;
    }
    if (!is_padded) {
        return ht_fail(why, HT_EINPUT, "bech32_padding", "the bits behind the last byte are wrong");
    }
    if (letters.n * 5 / 8 > max) {
        return ht_fail(why, HT_ELIMIT, "too_long", "it holds %zu bytes, at most %zu are expected",
                       letters.n * 5 / 8, max);
    }
    write_bytes(out, letters);
    *n = letters.n * 5 / 8;
    return HT_OK;
}

enum ht_err ht_bech32_encode(char *out, size_t size, const char *prefix, ht_bytes bytes) {
    size_t prefix_n = strlen(prefix);
    ht_assert(prefix_n > 0 && prefix_n <= PREFIX_MAX);
    if (bytes.n > HT_BECH32_TEXT_MAX) return HT_ELIMIT;
    size_t need = prefix_n + 1 + (bytes.n * 8 + 4) / 5 + CHECKSUM_SIZE;
    if (need > HT_BECH32_TEXT_MAX || need + 1 > size) return HT_ELIMIT;
    memcpy(out, prefix, prefix_n);
    char *at = out + prefix_n;
    *at++ = '1';
    uint32_t state = begin(prefix);
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < bytes.n; i++) {
        bits = (bits << 8 | bytes.p[i]) & 0xfff;
        for (count += 8; count >= 5; count -= 5) {
            uint8_t value = bits >> (count - 5) & 31;
            state = step(state, value);
            *at++ = LETTERS[value];
        }
    }
    if (count > 0) {
        uint8_t value = (uint8_t)(bits << (5 - count) & 31);
        state = step(state, value);
        *at++ = LETTERS[value];
    }
    for (unsigned i = 0; i < CHECKSUM_SIZE; i++) state = step(state, 0);
    state ^= 1;
    for (unsigned i = 0; i < CHECKSUM_SIZE; i++) *at++ = LETTERS[state >> (5 * (5 - i)) & 31];
    *at = '\0';
    return HT_OK;
}
