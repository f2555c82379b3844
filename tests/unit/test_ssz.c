/* SSZ decoding and encoding by type tables: what is refused and why, and that what is accepted
 * encodes to the same bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/codec/ssz.h"

struct list4 {
    size_t n;
    uint8_t b[4];
};

struct inner {
    uint64_t number;
    struct list4 tail;
};

struct outer {
    uint64_t number;
    struct list4 list;
    uint8_t roots[3][32];
    uint8_t bits[2];
    struct inner inner;
    uint8_t big[32];
};

static const struct ht_ssz_type list4 = {.kind = HT_SSZ_BYTE_LIST, .length = 4};
static const struct ht_ssz_type roots = {
    .kind = HT_SSZ_VECTOR, .length = 3, .element = &ht_ssz_bytes32};
static const struct ht_ssz_type bits12 = {.kind = HT_SSZ_BITVECTOR, .length = 12};
static const struct ht_ssz_field inner_fields[] = {
    {"number", &ht_ssz_uint64, offsetof(struct inner, number)},
    {"tail", &list4, offsetof(struct inner, tail)},
};
static const struct ht_ssz_type inner = HT_SSZ_CONTAINER_OF(inner_fields);
static const struct ht_ssz_field outer_fields[] = {
    {"number", &ht_ssz_uint64, offsetof(struct outer, number)},
    {"list", &list4, offsetof(struct outer, list)},
    {"roots", &roots, offsetof(struct outer, roots)},
    {"bits", &bits12, offsetof(struct outer, bits)},
    {"inner", &inner, offsetof(struct outer, inner)},
    {"big", &ht_ssz_uint256, offsetof(struct outer, big)},
};
static const struct ht_ssz_type outer = HT_SSZ_CONTAINER_OF(outer_fields);

/* Offsets in the outer container's fixed part. */
enum { LIST = 8, ROOTS = 12, BITS = 108, INNER = 110, BIG = 114, FIXED = 146 };

/* The bytes of an outer with list = 0a 0b and inner = {5, 0c}. */
#define SIZE (FIXED + 2 + 13)
static void fill(uint8_t out[static SIZE]) {
    memset(out, 0, SIZE);
    out[0] = 1;
    out[LIST] = FIXED;
    out[ROOTS + 33] = 0x77;
    out[BITS] = 0xff;
    out[BITS + 1] = 0x0f;
    out[INNER] = FIXED + 2;
    out[BIG + 31] = 9;
    out[FIXED] = 0x0a;
    out[FIXED + 1] = 0x0b;
    out[FIXED + 2] = 5;
    out[FIXED + 10] = 12; /* the offset of tail in inner */
    out[FIXED + 14] = 0x0c;
}

static void expect_refused(const struct ht_ssz_type *type, ht_bytes bytes, const char *code) {
    static uint8_t value[4096];
    struct ht_why why = {.code = "accepted"};
    enum ht_err err = ht_ssz_decode(value, type, bytes, &why);
    assert_int_equal(err, HT_EINPUT);
    assert_string_equal(why.code, code);
    assert_int_equal(ht_ssz_decode(value, type, bytes, NULL), HT_EINPUT);
}

static void expect_round_trip(const struct ht_ssz_type *type, void *value, ht_bytes bytes) {
    struct ht_buf out;
    ht_buf_init(&out, 4096);
    assert_int_equal(ht_ssz_decode(value, type, bytes, NULL), HT_OK);
    assert_int_equal(ht_ssz_encode(&out, type, value), HT_OK);
    assert_int_equal(out.n, bytes.n);
    assert_memory_equal(out.p, bytes.p, bytes.n);
    ht_buf_fini(&out);
}

static void fixed_size_is_zero_for_types_of_variable_size(void **state) {
    (void)state;
    assert_int_equal(ht_ssz_fixed_size(&ht_ssz_uint64), 8);
    assert_int_equal(ht_ssz_fixed_size(&ht_ssz_uint256), 32);
    assert_int_equal(ht_ssz_fixed_size(&ht_ssz_bytes96), 96);
    assert_int_equal(ht_ssz_fixed_size(&bits12), 2);
    assert_int_equal(ht_ssz_fixed_size(&roots), 96);
    assert_int_equal(ht_ssz_fixed_size(&list4), 0);
    assert_int_equal(ht_ssz_fixed_size(&inner), 0);
}

static void numbers_are_little_endian(void **state) {
    (void)state;
    const uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 0x88};
    uint64_t number = 0;
    expect_round_trip(&ht_ssz_uint64, &number, HT_BYTES(bytes));
    assert_true(number == 0x8807060504030201);
}

static void container_decodes_into_its_struct_and_back(void **state) {
    (void)state;
    uint8_t bytes[SIZE];
    struct outer value = {0};
    fill(bytes);
    expect_round_trip(&outer, &value, HT_BYTES(bytes));
    assert_int_equal(value.number, 1);
    assert_int_equal(value.list.n, 2);
    assert_int_equal(value.list.b[1], 0x0b);
    assert_int_equal(value.roots[1][1], 0x77);
    assert_int_equal(value.inner.number, 5);
    assert_int_equal(value.inner.tail.n, 1);
    assert_int_equal(value.inner.tail.b[0], 0x0c);
    assert_int_equal(value.big[31], 9);
}

static void empty_list_is_a_value(void **state) {
    (void)state;
    struct list4 list = {.n = 3};
    expect_round_trip(&list4, &list, ht_bytes_of("", 0));
    assert_int_equal(list.n, 0);
}

static void input_cut_short_is_refused_up_to_the_last_list(void **state) {
    (void)state;
    uint8_t bytes[SIZE];
    struct outer value;
    fill(bytes);
    for (size_t n = 0; n < FIXED; n++) {
        expect_refused(&outer, ht_bytes_of(bytes, n), "ssz_truncated");
    }
    for (size_t n = FIXED; n < SIZE; n++) {
        /* Cut inside of the last list, which just becomes shorter. */
        enum ht_err expected = n >= FIXED + 2 + 12 ? HT_OK : HT_EINPUT;
        assert_int_equal(ht_ssz_decode(&value, &outer, ht_bytes_of(bytes, n), NULL), expected);
    }
}

static void bytes_left_over_are_oversized(void **state) {
    (void)state;
    const uint8_t bytes[97] = {0};
    expect_refused(&ht_ssz_uint64, ht_bytes_of(bytes, 9), "ssz_oversized");
    expect_refused(&ht_ssz_bytes96, ht_bytes_of(bytes, 97), "ssz_oversized");
    expect_refused(&roots, ht_bytes_of(bytes, 97), "ssz_oversized");
    expect_refused(&bits12, ht_bytes_of(bytes, 3), "ssz_oversized");
}

static void missing_bytes_are_truncated(void **state) {
    (void)state;
    const uint8_t bytes[95] = {0};
    expect_refused(&ht_ssz_uint64, ht_bytes_of(bytes, 7), "ssz_truncated");
    expect_refused(&ht_ssz_uint64, ht_bytes_of(bytes, 0), "ssz_truncated");
    expect_refused(&roots, ht_bytes_of(bytes, 95), "ssz_truncated");
}

static void first_offset_has_to_be_the_end_of_the_fixed_part(void **state) {
    (void)state;
    uint8_t bytes[SIZE];
    for (int delta = -1; delta <= 1; delta += 2) {
        fill(bytes);
        bytes[LIST] = (uint8_t)(FIXED + delta);
        expect_refused(&outer, HT_BYTES(bytes), "ssz_bad_offset");
    }
}

static void offsets_may_not_go_back(void **state) {
    (void)state;
    uint8_t bytes[SIZE];
    fill(bytes);
    bytes[INNER] = FIXED - 1;
    expect_refused(&outer, HT_BYTES(bytes), "ssz_bad_offset");
}

static void offsets_may_not_pass_the_end(void **state) {
    (void)state;
    uint8_t bytes[SIZE];
    fill(bytes);
    ht_write_u32_le(bytes + INNER, SIZE + 1);
    expect_refused(&outer, HT_BYTES(bytes), "ssz_bad_offset");
    ht_write_u32_le(bytes + INNER, UINT32_MAX);
    expect_refused(&outer, HT_BYTES(bytes), "ssz_bad_offset");
}

static void list_over_its_maximum_is_too_long(void **state) {
    (void)state;
    const uint8_t bytes[5] = {0};
    expect_refused(&list4, HT_BYTES(bytes), "ssz_list_too_long");
}

static void bits_behind_the_end_of_a_bitvector_are_bad(void **state) {
    (void)state;
    for (unsigned bit = 4; bit < 8; bit++) {
        const uint8_t bytes[2] = {0, (uint8_t)(1U << bit)};
        expect_refused(&bits12, HT_BYTES(bytes), "ssz_bad_bits");
    }
}

static void reason_names_the_way_to_the_field(void **state) {
    (void)state;
    uint8_t bytes[SIZE];
    struct outer value;
    struct ht_why why;
    fill(bytes);
    bytes[FIXED + 10] = 11;
    assert_int_equal(ht_ssz_decode(&value, &outer, HT_BYTES(bytes), &why), HT_EINPUT);
    assert_string_equal(why.code, "ssz_bad_offset");
    assert_non_null(strstr(why.text, "inner"));
    assert_non_null(strstr(why.text, "tail"));
}

static void encoding_past_the_maximum_of_the_buffer_is_refused(void **state) {
    (void)state;
    struct outer value = {.list = {.n = 1}};
    struct ht_buf out;
    for (size_t max = 0; max < FIXED + 13; max += 7) {
        ht_buf_init(&out, max);
        assert_int_equal(ht_ssz_encode(&out, &outer, &value), HT_ELIMIT);
        ht_buf_fini(&out);
    }
    ht_buf_init(&out, FIXED + 13);
    assert_int_equal(ht_ssz_encode(&out, &outer, &value), HT_OK);
    ht_buf_fini(&out);
}

static void encoding_appends_with_offsets_of_its_own(void **state) {
    (void)state;
    uint8_t bytes[SIZE];
    struct outer value = {0};
    struct ht_buf out;
    fill(bytes);
    assert_int_equal(ht_ssz_decode(&value, &outer, HT_BYTES(bytes), NULL), HT_OK);
    ht_buf_init(&out, 4096);
    assert_int_equal(ht_buf_add_str(&out, "in front"), HT_OK);
    assert_int_equal(ht_ssz_encode(&out, &outer, &value), HT_OK);
    assert_int_equal(out.n, 8 + SIZE);
    assert_memory_equal(out.p + 8, bytes, SIZE);
    ht_buf_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_size_is_zero_for_types_of_variable_size),
        cmocka_unit_test(numbers_are_little_endian),
        cmocka_unit_test(container_decodes_into_its_struct_and_back),
        cmocka_unit_test(empty_list_is_a_value),
        cmocka_unit_test(input_cut_short_is_refused_up_to_the_last_list),
        cmocka_unit_test(bytes_left_over_are_oversized),
        cmocka_unit_test(missing_bytes_are_truncated),
        cmocka_unit_test(first_offset_has_to_be_the_end_of_the_fixed_part),
        cmocka_unit_test(offsets_may_not_go_back),
        cmocka_unit_test(offsets_may_not_pass_the_end),
        cmocka_unit_test(list_over_its_maximum_is_too_long),
        cmocka_unit_test(bits_behind_the_end_of_a_bitvector_are_bad),
        cmocka_unit_test(reason_names_the_way_to_the_field),
        cmocka_unit_test(encoding_past_the_maximum_of_the_buffer_is_refused),
        cmocka_unit_test(encoding_appends_with_offsets_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
