/* Error(string) and Panic(uint256), read with bounds; other errors are a contract's own. */
#include "node/l1/execution/revert.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistr.h>

#include "node/base/u256.h"

#define SELECTOR 4U
#define WORD 32U

static bool has_selector(ht_bytes output, const uint8_t selector[static SELECTOR]) {
    return output.n >= SELECTOR + WORD && memcmp(output.p, selector, SELECTOR) == 0;
}

/* A number at a place of the arguments; false when it is not below 2^32, or outside of them. */
static bool read_size(size_t *out, ht_bytes arguments, size_t at) {
    if (at > arguments.n || arguments.n - at < WORD) return false;
    ht_u256 number = ht_u256_from_be32(arguments.p + at);
    if (!ht_u256_is_u64(&number) || number.limb[0] > UINT32_MAX) return false;
    *out = (size_t)number.limb[0];
    return true;
}

/* Text as it may stand in a reply: whole characters, none of which controls a terminal. */
static size_t copy_text(char *out, ht_bytes text) {
    size_t n = 0;
    for (size_t i = 0; i < text.n;) {
        ucs4_t c;
        int length = u8_mbtoucr(&c, text.p + i, text.n - i);
        bool is_bad = length < 1 || c < 0x20 || (c >= 0x7f && c < 0xa0);
        size_t used = length < 1 ? 1 : (size_t)length;
        if (n + (is_bad ? 1 : used) > HT_REVERT_REASON_MAX) break;
        if (is_bad) {
            out[n++] = '?';
        } else {
            memcpy(out + n, text.p + i, used);
            n += used;
        }
        i += used;
    }
    out[n] = '\0';
    return n;
}

static size_t panic_words(char *out, ht_bytes arguments) {
    static const struct {
        uint64_t code;
        const char *words;
    } table[] = {
        {0x00, "generic panic"},
        {0x01, "assert(false)"},
        {0x11, "arithmetic underflow or overflow"},
        {0x12, "division or modulo by zero"},
        {0x21, "enum overflow"},
        {0x22, "invalid encoded storage byte array accessed"},
        {0x31, "out-of-bounds array access; popping on an empty array"},
        {0x32, "out-of-bounds access of an array or bytesN"},
        {0x41, "out of memory"},
        {0x51, "uninitialized function"},
    };
    char quantity[HT_U256_QUANTITY_SIZE];
    ht_u256 code = ht_u256_from_be32(arguments.p);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!ht_u256_is_u64(&code) || code.limb[0] != table[i].code) continue;
        return copy_text(out, ht_bytes_str(table[i].words));
    }
    ht_u256_to_quantity(quantity, &code);
    return (size_t)snprintf(out, HT_REVERT_REASON_MAX, "unknown panic code: %s", quantity);
}

size_t ht_revert_reason(char out[static HT_REVERT_REASON_MAX + 1], ht_bytes output) {
    static const uint8_t error[SELECTOR] = {0x08, 0xc3, 0x79, 0xa0};
    static const uint8_t panic[SELECTOR] = {0x4e, 0x48, 0x7b, 0x71};
    out[0] = '\0';
    if (has_selector(output, panic)) {
        return panic_words(out, ht_bytes_of(output.p + SELECTOR, output.n - SELECTOR));
    }
    if (!has_selector(output, error)) return 0;
    ht_bytes arguments = ht_bytes_of(output.p + SELECTOR, output.n - SELECTOR);
    size_t at, n;
    if (!read_size(&at, arguments, 0) || !read_size(&n, arguments, at)) return 0;
    if (n > arguments.n - at - WORD) return 0;
    return copy_text(out, ht_bytes_of(arguments.p + at + WORD, n));
}
