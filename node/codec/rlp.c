/* RLP: strict reading without allocation, and writing with list headers put in afterwards.
 *
 * What the items mean (how many fields, which of them optional) is the business of those who
 * define them. */
#include "node/codec/rlp.h"

#define STRING_BASE 0x80U
#define LIST_BASE 0xc0U
/* Payloads up to here have their length in the first byte. */
#define SHORT_MAX 55U

static enum ht_err truncated(uint64_t want, size_t have, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "rlp_truncated", "an item of %llu bytes, but %zu are left",
                   (unsigned long long)want, have);
}

static enum ht_err non_canonical(const char *what, struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "rlp_non_canonical", "%s is not in its shortest form", what);
}

/* A length of `width` big-endian bytes at the start of `digits`. */
static enum ht_err read_long_length(uint64_t *out, ht_bytes digits, size_t width,
                                    struct ht_why *why) {
    if (width > digits.n) return truncated(width, digits.n, why);
    if (digits.p[0] == 0) return non_canonical("a length", why);
    uint64_t length = 0;
    for (size_t i = 0; i < width; i++) length = length << 8 | digits.p[i];
    if (length <= SHORT_MAX) return non_canonical("a length", why);
    *out = length;
    return HT_OK;
}

enum ht_err ht_rlp_read_item(struct ht_rlp_item *out, ht_bytes *rest, struct ht_why *why) {
    if (rest->n == 0) {
        return ht_fail(why, HT_EINPUT, "rlp_missing", "an item is missing at the end");
    }
    const uint8_t first = rest->p[0];
    const bool is_list = first >= LIST_BASE;
    const unsigned base = is_list ? LIST_BASE : STRING_BASE;
    size_t header = 1;
    uint64_t length = 1;
    if (first < STRING_BASE) {
        header = 0;
    } else if (first - base <= SHORT_MAX) {
        length = first - base;
    } else {
        size_t width = first - base - SHORT_MAX;
        enum ht_err err =
            read_long_length(&length, ht_bytes_of(rest->p + 1, rest->n - 1), width, why);
        if (err != HT_OK) return err;
        header += width;
    }
    if (length > rest->n - header) return truncated(length, rest->n - header, why);
    ht_bytes payload = ht_bytes_of(rest->p + header, (size_t)length);
    if (first == STRING_BASE + 1 && payload.p[0] < STRING_BASE) {
        return non_canonical("a single byte", why);
    }
    size_t taken = header + payload.n;
    *out = (struct ht_rlp_item){
        .is_list = is_list, .payload = payload, .whole = ht_bytes_of(rest->p, taken)};
    *rest = ht_bytes_of(rest->p + taken, rest->n - taken);
    return HT_OK;
}

static enum ht_err read_kind(ht_bytes *payload, ht_bytes *after, bool want_list,
                             struct ht_why *why) {
    struct ht_rlp_item item;
    enum ht_err err = ht_rlp_read_item(&item, after, why);
    if (err != HT_OK) return err;
    if (item.is_list != want_list) {
        return ht_fail(why, HT_EINPUT, "rlp_wrong_kind", "expected a %s, found a %s",
                       want_list ? "list" : "string", want_list ? "string" : "list");
    }
    *payload = item.payload;
    return HT_OK;
}

enum ht_err ht_rlp_read_list(ht_bytes *items, ht_bytes *rest, struct ht_why *why) {
    ht_bytes after = *rest;
    enum ht_err err = read_kind(items, &after, true, why);
    if (err == HT_OK) *rest = after;
    return err;
}

enum ht_err ht_rlp_read_bytes(ht_bytes *out, ht_bytes *rest, size_t max, struct ht_why *why) {
    ht_bytes after = *rest;
    ht_bytes payload = {0};
    enum ht_err err = read_kind(&payload, &after, false, why);
    if (err != HT_OK) return err;
    if (payload.n > max) {
        return ht_fail(why, HT_ELIMIT, "rlp_too_long", "a string of %zu bytes, at most %zu fit",
                       payload.n, max);
    }
    *out = payload;
    *rest = after;
    return HT_OK;
}

enum ht_err ht_rlp_read_fixed(uint8_t *out, size_t n, ht_bytes *rest, struct ht_why *why) {
    ht_bytes after = *rest;
    ht_bytes payload = {0};
    enum ht_err err = read_kind(&payload, &after, false, why);
    if (err != HT_OK) return err;
    if (payload.n != n) {
        return ht_fail(why, HT_EINPUT, "rlp_wrong_length", "a string of %zu bytes, expected %zu",
                       payload.n, n);
    }
    if (n > 0) memcpy(out, payload.p, n);
    *rest = after;
    return HT_OK;
}

enum ht_err ht_rlp_read_hash32(ht_hash32 *out, ht_bytes *rest, struct ht_why *why) {
    return ht_rlp_read_fixed(out->b, sizeof out->b, rest, why);
}

enum ht_err ht_rlp_read_addr20(ht_addr20 *out, ht_bytes *rest, struct ht_why *why) {
    return ht_rlp_read_fixed(out->b, sizeof out->b, rest, why);
}

/* The bytes of an integer of at most `width` bytes. */
static enum ht_err read_uint(ht_bytes *digits, ht_bytes *rest, size_t width, struct ht_why *why) {
    ht_bytes after = *rest;
    ht_bytes payload = {0};
    enum ht_err err = read_kind(&payload, &after, false, why);
    if (err != HT_OK) return err;
    if (payload.n > 0 && payload.p[0] == 0) {
        return ht_fail(why, HT_EINPUT, "rlp_leading_zero", "an integer starts with a zero byte");
    }
    if (payload.n > width) {
        return ht_fail(why, HT_EINPUT, "rlp_too_long", "an integer of %zu bytes, at most %zu fit",
                       payload.n, width);
    }
    *digits = payload;
    *rest = after;
    return HT_OK;
}

enum ht_err ht_rlp_read_u64(uint64_t *out, ht_bytes *rest, struct ht_why *why) {
    ht_bytes digits = {0};
    enum ht_err err = read_uint(&digits, rest, sizeof *out, why);
    if (err != HT_OK) return err;
    uint64_t value = 0;
    for (size_t i = 0; i < digits.n; i++) value = value << 8 | digits.p[i];
    *out = value;
    return HT_OK;
}

enum ht_err ht_rlp_read_u256(uint8_t out[static 32], ht_bytes *rest, struct ht_why *why) {
    ht_bytes digits = {0};
    enum ht_err err = read_uint(&digits, rest, 32, why);
    if (err != HT_OK) return err;
    memset(out, 0, 32);
    if (digits.n > 0) memcpy(out + 32 - digits.n, digits.p, digits.n);
    return HT_OK;
}

enum ht_err ht_rlp_end(ht_bytes rest, struct ht_why *why) {
    if (rest.n == 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "rlp_trailing", "%zu bytes are left behind the last item",
                   rest.n);
}

enum ht_err ht_rlp_count(size_t *out, ht_bytes items, size_t max, struct ht_why *why) {
    size_t count = 0;
    while (items.n > 0) {
        struct ht_rlp_item item;
        enum ht_err err = ht_rlp_read_item(&item, &items, why);
        if (err != HT_OK) return err;
        if (++count > max) {
            return ht_fail(why, HT_ELIMIT, "rlp_too_many", "more than %zu items in a list", max);
        }
    }
    *out = count;
    return HT_OK;
}

enum ht_err ht_rlp_check(ht_bytes document, size_t depth_max, struct ht_why *why) {
    ht_assert(depth_max <= HT_RLP_DEPTH_MAX);
    ht_bytes open[HT_RLP_DEPTH_MAX + 1]; /* what is left of the document and of each open list */
    struct ht_rlp_item item;
    enum ht_err err = ht_rlp_read_item(&item, &document, why);
    if (err == HT_OK) err = ht_rlp_end(document, why);
    if (err != HT_OK) return err;
    open[0] = item.whole;
    size_t depth = 0;
    while (depth > 0 || open[0].n > 0) {
        if (open[depth].n == 0) {
            depth--;
            continue;
        }
        err = ht_rlp_read_item(&item, &open[depth], why);
        if (err != HT_OK) return err;
        if (!item.is_list) continue;
        if (depth == depth_max) {
            return ht_fail(why, HT_ELIMIT, "rlp_too_deep", "lists nested deeper than %zu",
                           depth_max);
        }
        open[++depth] = item.payload;
    }
    return HT_OK;
}

void ht_rlp_writer_init(struct ht_rlp_writer *writer, struct ht_buf *out) {
    *writer = (struct ht_rlp_writer){.out = out, .start = out->n, .err = HT_OK};
}

void ht_rlp_write_raw(struct ht_rlp_writer *writer, ht_bytes item) {
    if (writer->err == HT_OK) writer->err = ht_buf_add(writer->out, item);
}

size_t ht_rlp_header(uint8_t out[static HT_RLP_HEADER_MAX], bool is_list, size_t n) {
    const unsigned base = is_list ? LIST_BASE : STRING_BASE;
    if (n <= SHORT_MAX) {
        out[0] = (uint8_t)(base + n);
        return 1;
    }
    size_t width = 0;
    for (uint64_t left = n; left > 0; left >>= 8) width++;
    out[0] = (uint8_t)(base + SHORT_MAX + width);
    for (size_t i = 0; i < width; i++) out[width - i] = (uint8_t)((uint64_t)n >> (8 * i));
    return 1 + width;
}

void ht_rlp_write_bytes(struct ht_rlp_writer *writer, ht_bytes string) {
    if (string.n != 1 || string.p[0] >= STRING_BASE) {
        uint8_t header[HT_RLP_HEADER_MAX];
        ht_rlp_write_raw(writer, ht_bytes_of(header, ht_rlp_header(header, false, string.n)));
    }
    ht_rlp_write_raw(writer, string);
}

void ht_rlp_write_uint(struct ht_rlp_writer *writer, ht_bytes big_endian) {
    while (big_endian.n > 0 && big_endian.p[0] == 0) {
        big_endian = ht_bytes_of(big_endian.p + 1, big_endian.n - 1);
    }
    ht_rlp_write_bytes(writer, big_endian);
}

void ht_rlp_write_u64(struct ht_rlp_writer *writer, uint64_t value) {
    uint8_t digits[8];
    for (size_t i = 0; i < sizeof digits; i++) digits[7 - i] = (uint8_t)(value >> (8 * i));
    ht_rlp_write_uint(writer, HT_BYTES(digits));
}

size_t ht_rlp_list_begin(const struct ht_rlp_writer *writer) {
    return writer->out->n;
}

void ht_rlp_list_end(struct ht_rlp_writer *writer, size_t begin) {
    if (writer->err != HT_OK) return;
    struct ht_buf *out = writer->out;
    size_t n = out->n - begin;
    uint8_t header[HT_RLP_HEADER_MAX];
    size_t header_n = ht_rlp_header(header, true, n);
    writer->err = ht_buf_add(out, ht_bytes_of(header, header_n));
    if (writer->err != HT_OK) return;
    memmove(out->p + begin + header_n, out->p + begin, n);
    memcpy(out->p + begin, header, header_n);
}

enum ht_err ht_rlp_finish(struct ht_rlp_writer *writer) {
    if (writer->err != HT_OK) writer->out->n = writer->start;
    return writer->err;
}
