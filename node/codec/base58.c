/* Base58 by limbs of 58^5, and multibase and multicodec over it. */
#include "node/codec/base58.h"

static const char LETTERS[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* Five letters at a time, so that long texts do not take the square of their letters. */
#define LIMB UINT32_C(656356768) /* 58^5 */
#define LIMB_LETTERS 5U
#define LIMBS_MAX (HT_BASE58_TEXT_MAX / LIMB_LETTERS + 1U)

static int value_of(uint8_t c) {
    const char *at = c != 0 ? strchr(LETTERS, c) : NULL;
    return at != NULL ? (int)(at - LETTERS) : -1;
}

static size_t leading(ht_bytes bytes, uint8_t what) {
    size_t n = 0;
    while (n < bytes.n && bytes.p[n] == what) n++;
    return n;
}

/* Without its first n; a view of nothing may point nowhere. */
static ht_bytes behind(ht_bytes bytes, size_t n) {
    return n > 0 ? ht_bytes_of(bytes.p + n, bytes.n - n) : bytes;
}

/* limbs * by + more, the lowest first, each below `base`. */
static size_t multiply_add(uint32_t *limbs, size_t count, uint64_t base, uint32_t by,
                           uint32_t more) {
    uint64_t carry = more;
    for (size_t i = 0; i < count; i++) {
        carry += (uint64_t)limbs[i] * by;
        limbs[i] = (uint32_t)(carry % base);
        carry /= base;
    }
    for (; carry > 0; carry /= base) limbs[count++] = (uint32_t)(carry % base);
    return count;
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum ht_err check_text(ht_bytes text, struct ht_why *why) {
    if (text.n > HT_BASE58_TEXT_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_long", "the text is over %u characters",
                       HT_BASE58_TEXT_MAX);
    }
    for (size_t i = 0; i < text.n; i++) {
        if (value_of(text.p[i]) >= 0) continue;
        return ht_fail(why, HT_EINPUT, "base58_text", "character %zu is none of base58's", i + 1);
    }
    return HT_OK;
}

static size_t read_words(uint32_t *words, ht_bytes text) {
    size_t count = 0;
    for (size_t at = 0; at < text.n;) {
        uint32_t by = 1;
        uint32_t more = 0;
        for (size_t i = 0; i < LIMB_LETTERS && at < text.n; i++, at++) {
            more = more * 58 + (uint32_t)value_of(text.p[at]);
            by *= 58;
        }
        count = multiply_add(words, count, UINT64_C(1) << 32, by, more);
    }
    return count;
}

enum ht_err ht_base58_read(struct ht_buf *out, ht_bytes text, struct ht_why *why) {
    /* Ones alone are more bytes than letters of other texts. */
    uint32_t words[HT_BASE58_TEXT_MAX / 5U + 2U] = {0};
    enum ht_err err = check_text(text, why);
    if (err != HT_OK) return err;
    size_t zeros = leading(text, '1');
    size_t count = read_words(words, behind(text, zeros));
    size_t n = 4 * count;
    for (; n > 0 && (words[(n - 1) / 4] >> (8 * ((n - 1) % 4)) & 0xffU) == 0;) n--;
    size_t all = zeros + n;
    if (all == 0) return HT_OK;
    if (all > HT_BASE58_BYTES_MAX || all > out->max - out->n) {
        return ht_fail(why, HT_ELIMIT, "too_long", "it holds %zu bytes, more than expected", all);
    }
    uint8_t *to = ht_buf_reserve(out, all);
    if (to == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    memset(to, 0, zeros);
    for (size_t i = 0; i < n; i++) to[all - 1 - i] = (uint8_t)(words[i / 4] >> (8 * (i % 4)));
    out->n += all;
    return HT_OK;
}

/* --- writing ---------------------------------------------------------------------------------- */

static size_t write_limbs(uint32_t *limbs, ht_bytes bytes) {
    size_t count = 0;
    /* 65536 times a limb and a carry stay below 2^64 by far; three bytes keep `by` in 32 bits. */
    for (size_t at = 0; at < bytes.n;) {
        uint32_t by = 1;
        uint32_t more = 0;
        for (size_t i = 0; i < 3 && at < bytes.n; i++, at++) {
            more = more << 8 | bytes.p[at];
            by <<= 8;
        }
        count = multiply_add(limbs, count, LIMB, by, more);
    }
    return count;
}

enum ht_err ht_base58_write(struct ht_buf *out, ht_bytes bytes) {
    uint32_t limbs[LIMBS_MAX] = {0};
    char letters[LIMBS_MAX * LIMB_LETTERS];
    if (bytes.n > HT_BASE58_BYTES_MAX) return HT_ELIMIT;
    size_t zeros = leading(bytes, 0);
    size_t count = write_limbs(limbs, behind(bytes, zeros));
    size_t n = count * LIMB_LETTERS;
    for (size_t i = 0; i < count; i++) {
        uint32_t limb = limbs[i];
        for (size_t j = 0; j < LIMB_LETTERS; j++, limb /= 58) {
            letters[n - 1 - i * LIMB_LETTERS - j] = LETTERS[limb % 58];
        }
    }
    size_t skip = leading(ht_bytes_of(letters, n), '1');
    size_t all = zeros + n - skip;
    if (all == 0) return HT_OK;
    uint8_t *to = ht_buf_reserve(out, all);
    if (to == NULL) return all > out->max - out->n ? HT_ELIMIT : HT_ENOMEM;
    memset(to, '1', zeros);
    memcpy(to + zeros, letters + skip, n - skip);
    out->n += all;
    return HT_OK;
}

/* --- multikeys -------------------------------------------------------------------------------- */

/* Unsigned varint of multiformats: at most nine bytes, the shortest form. */
static size_t read_varint(uint64_t *out, ht_bytes bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.n && i < 9; i++) {
        value |= (uint64_t)(bytes.p[i] & 0x7fU) << (7 * i);
        if ((bytes.p[i] & 0x80U) != 0) continue;
        if (i > 0 && bytes.p[i] == 0) return 0;
        *out = value;
        return i + 1;
    }
    return 0;
}

static size_t write_varint(uint8_t out[static 10], uint64_t value) {
    size_t n = 0;
    for (; value > 0x7f; value >>= 7) out[n++] = (uint8_t)(value | 0x80U);
    out[n++] = (uint8_t)value;
    return n;
}

enum ht_err ht_multikey_read(struct ht_buf *out, uint64_t *codec, ht_bytes text,
                             struct ht_why *why) {
    uint64_t value = 0;
    struct ht_buf all;
    if (text.n == 0 || text.p[0] != 'z') {
        return ht_fail(why, HT_EINPUT, "multibase", "it is not in base58btc, which begins with z");
    }
    ht_buf_init(&all, HT_BASE58_BYTES_MAX);
    enum ht_err err = ht_base58_read(&all, ht_bytes_of(text.p + 1, text.n - 1), why);
    size_t n = err == HT_OK ? read_varint(&value, ht_buf_view(&all)) : 0;
    if (err == HT_OK && n == 0) {
        err = ht_fail(why, HT_EINPUT, "multicodec", "it does not begin with a multicodec");
    }
    if (err == HT_OK) {
        err = ht_buf_add(out, ht_bytes_of(all.p + n, all.n - n));
        if (err != HT_OK) err = ht_fail(why, err, "too_long", "the key is longer than expected");
    }
    if (err == HT_OK) *codec = value;
    ht_buf_fini(&all);
    return err;
}

enum ht_err ht_multikey_write(struct ht_buf *out, uint64_t codec, ht_bytes key) {
    uint8_t all[HT_BASE58_BYTES_MAX];
    uint8_t varint[10];
    size_t n = write_varint(varint, codec);
    size_t before = out->n;
    if (key.n > sizeof all - n) return HT_ELIMIT;
    memcpy(all, varint, n);
    if (key.n > 0) memcpy(all + n, key.p, key.n);
    enum ht_err err = ht_buf_add_str(out, "z");
    if (err == HT_OK) err = ht_base58_write(out, ht_bytes_of(all, n + key.n));
    if (err != HT_OK) out->n = before;
    return err;
}
