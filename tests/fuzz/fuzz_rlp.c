/* RLP against a second reading that is slow and obvious, and against our own writer.
 *
 * The second reading keeps the ends of the open lists in an array, takes every length at face value
 * and then asks whether the header is the one that the definition would have produced. Both must
 * agree on every input; what is accepted must encode back to the same bytes. */
#include <stdlib.h>

#include "node/codec/rlp.h"

#define DEPTH 20U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct reading {
    size_t header, payload;
    bool is_list, is_good;
};

/* Appendix B, R_b and R_l: the header that a payload of n bytes has. */
static size_t shortest_header(uint8_t out[9], bool is_list, size_t n, const uint8_t *payload) {
    if (!is_list && n == 1 && payload[0] < 128) return 0;
    if (n < 56) {
        out[0] = (uint8_t)((is_list ? 192 : 128) + n);
        return 1;
    }
    uint8_t digits[8];
    size_t count = 0;
    for (size_t left = n; left != 0; left /= 256) digits[count++] = (uint8_t)(left % 256);
    out[0] = (uint8_t)((is_list ? 247 : 183) + count);
    for (size_t i = 0; i < count; i++) out[1 + i] = digits[count - 1 - i];
    return 1 + count;
}

static struct reading look(const uint8_t *p, size_t n) {
    struct reading bad = {0};
    if (n == 0) return bad;
    struct reading got = {.is_list = p[0] >= 192};
    size_t width = 0;
    if (p[0] < 128) {
        got.payload = 1;
    } else if (p[0] >= 248 || (p[0] >= 184 && p[0] < 192)) {
        width = p[0] >= 248 ? p[0] - 247U : p[0] - 183U;
        got.header = 1 + width;
    } else {
        got.header = 1;
        got.payload = p[0] >= 192 ? p[0] - 192U : p[0] - 128U;
    }
    if (got.header > n) return bad;
    for (size_t i = 0; i < width; i++) {
        if (got.payload >> 56 != 0) return bad;
        got.payload = got.payload * 256 + p[1 + i];
    }
    if (got.payload > n - got.header) return bad;
    uint8_t want[9];
    size_t want_n = shortest_header(want, got.is_list, got.payload, p + got.header);
    got.is_good = want_n == got.header && memcmp(want, p, want_n) == 0;
    return got.is_good ? got : bad;
}

/* Whether it is one item and all nested items are good; *too_deep when only the depth is wrong. */
static bool slow_check(const uint8_t *data, size_t n, bool *too_deep) {
    size_t ends[1000];
    size_t open = 0;
    size_t at = 0;
    struct reading first = look(data, n);
    if (!first.is_good || first.header + first.payload != n) return false;
    while (at < n) {
        while (open > 0 && ends[open - 1] == at) open--;
        struct reading item = look(data + at, (open > 0 ? ends[open - 1] : n) - at);
        if (!item.is_good) return false;
        at += item.header;
        if (!item.is_list) {
            at += item.payload;
            continue;
        }
        if (open == DEPTH) {
            *too_deep = true;
            return false;
        }
        ends[open++] = at + item.payload;
    }
    return true;
}

static void check_integer(struct ht_rlp_item item) {
    uint64_t value = 0;
    ht_bytes rest = item.whole;
    bool is_integer =
        !item.is_list && item.payload.n <= 8 && (item.payload.n == 0 || item.payload.p[0] != 0);
    if ((ht_rlp_read_u64(&value, &rest, NULL) == HT_OK) != is_integer) abort();
    if (!is_integer) return;
    struct ht_buf out;
    ht_buf_init(&out, 16);
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, &out);
    ht_rlp_write_u64(&writer, value);
    if (ht_rlp_finish(&writer) != HT_OK) abort();
    if (!ht_bytes_equal(ht_buf_view(&out), item.whole)) abort();
    ht_buf_fini(&out);
}

static void check_round_trip(ht_bytes document) {
    struct ht_buf out;
    ht_buf_init(&out, document.n + 9);
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, &out);
    ht_bytes rest[DEPTH + 1] = {document};
    size_t begin[DEPTH + 1] = {0};
    size_t depth = 0;
    for (;;) {
        if (rest[depth].n == 0) {
            if (depth == 0) break;
            ht_rlp_list_end(&writer, begin[depth--]);
            continue;
        }
        struct ht_rlp_item item;
        struct ht_why why;
        if (ht_rlp_read_item(&item, &rest[depth], &why) != HT_OK) abort();
        check_integer(item);
        if (item.is_list) {
            begin[++depth] = ht_rlp_list_begin(&writer);
            rest[depth] = item.payload;
        } else {
            ht_rlp_write_bytes(&writer, item.payload);
        }
    }
    if (ht_rlp_finish(&writer) != HT_OK) abort();
    if (!ht_bytes_equal(ht_buf_view(&out), document)) abort();
    ht_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    ht_bytes document = ht_bytes_of(data, n);
    struct ht_why why = {.code = NULL};
    bool too_deep = false;
    enum ht_err err = ht_rlp_check(document, DEPTH, &why);
    bool is_good = slow_check(data, n, &too_deep);
    if ((err == HT_OK) != is_good || (err == HT_ELIMIT) != too_deep) abort();
    if (err != HT_OK && why.code == NULL) abort();
    size_t count = 0;
    (void)!ht_rlp_count(&count, document, 1000, &why);
    if (is_good) check_round_trip(document);
    return 0;
}
