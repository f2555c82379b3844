/* Storage of a governor or a token as a test makes it up: words by slot, all others zero. */
#ifndef HT_TESTS_UNIT_GOV_WORDS_H
#define HT_TESTS_UNIT_GOV_WORDS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "governance/governor/votes.h"
#include "node/base/hex.h"

#define GOV_KEPT_MAX 256U

struct gov_kept {
    ht_hash32 slot[GOV_KEPT_MAX];
    uint8_t value[GOV_KEPT_MAX][32];
    size_t count;
};

static inline ht_hash32 gov_word(uint64_t number) {
    ht_hash32 out;
    ht_u256 value = ht_u256_of(number);
    ht_u256_to_be(out.b, &value);
    return out;
}

static inline ht_hash32 gov_hash(const char *hex) {
    ht_hash32 out;
    assert_int_equal(ht_hex_read(out.b, 32, ht_bytes_str(hex)), HT_OK);
    return out;
}

static inline ht_addr20 gov_account(uint8_t last) {
    return (ht_addr20){{[0] = 0xac, [19] = last}};
}

static inline void gov_keep(struct gov_kept *kept, const ht_hash32 *slot, uint64_t n,
                            const uint8_t value[static 32]) {
    ht_hash32 at;
    ht_gov_slot_add(&at, slot, n);
    for (size_t i = 0; i < kept->count; i++) {
        if (!ht_hash32_equal(&kept->slot[i], &at)) continue;
        memcpy(kept->value[i], value, 32);
        return;
    }
    assert_true(kept->count < GOV_KEPT_MAX);
    kept->slot[kept->count] = at;
    memcpy(kept->value[kept->count++], value, 32);
}

static inline void gov_keep_u64(struct gov_kept *kept, const ht_hash32 *slot, uint64_t n,
                                uint64_t value) {
    ht_hash32 word = gov_word(value);
    gov_keep(kept, slot, n, word.b);
}

static inline void gov_look(uint8_t value[static 32], const struct gov_kept *kept,
                            const ht_hash32 *slot) {
    memset(value, 0, 32);
    for (size_t i = 0; i < kept->count; i++) {
        if (ht_hash32_equal(&kept->slot[i], slot)) memcpy(value, kept->value[i], 32);
    }
}

/* The slot of an account, or of a number, in a mapping. */
static inline ht_hash32 gov_of_account(const ht_addr20 *account, const ht_hash32 *base) {
    ht_hash32 key = {{0}};
    ht_hash32 out;
    memcpy(key.b + 12, account->b, 20);
    ht_gov_slot_map(&out, &key, base);
    return out;
}

static inline ht_hash32 gov_of_number(const ht_u256 *number, const ht_hash32 *base) {
    ht_hash32 key;
    ht_hash32 out;
    ht_u256_to_be(key.b, number);
    ht_gov_slot_map(&out, &key, base);
    return out;
}

/* A checkpoint with a key of that many bits. */
static inline ht_hash32 gov_checkpoint(uint64_t key, unsigned key_bits, uint64_t value) {
    ht_hash32 out;
    ht_u256 word = ht_u256_of(value);
    ht_u256 low = ht_u256_of(key);
    ht_u256_shift_left(&word, &word, key_bits);
    ht_u256_add(&word, &word, &low);
    ht_u256_to_be(out.b, &word);
    return out;
}

/* OpenZeppelin 5's core: proposer 160 | start 48 | duration 32 | executed 8 | canceled 8. */
static inline ht_hash32 gov_core5(const ht_addr20 *proposer, uint64_t start, uint32_t duration) {
    ht_hash32 out = {{0}};
    memcpy(out.b + 12, proposer->b, 20);
    for (size_t i = 0; i < 6; i++) out.b[6 + i] = (uint8_t)(start >> (40 - 8 * i));
    for (size_t i = 0; i < 4; i++) out.b[2 + i] = (uint8_t)(duration >> (24 - 8 * i));
    return out;
}

/* Code that only pushes. */
struct gov_code {
    uint8_t b[2048];
    size_t n;
};

static inline void gov_push(struct gov_code *code, const void *data, size_t n) {
    assert_true(code->n + n + 1 <= sizeof code->b);
    code->b[code->n++] = (uint8_t)(0x5f + n);
    memcpy(code->b + code->n, data, n);
    code->n += n;
}

static inline void gov_push_selectors(struct gov_code *code, const uint32_t *selectors,
                                      size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint8_t b[4] = {(uint8_t)(selectors[i] >> 24), (uint8_t)(selectors[i] >> 16),
                        (uint8_t)(selectors[i] >> 8), (uint8_t)selectors[i]};
        gov_push(code, b, 4);
    }
}

#endif
