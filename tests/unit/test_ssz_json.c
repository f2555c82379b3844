/* SSZ values from the Beacon API's JSON: the forms it has, and those that are refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/codec/ssz_json.h"

struct list4 {
    size_t n;
    uint8_t b[4];
};

struct inner {
    uint64_t number;
    uint8_t bits[2];
};

struct outer {
    uint8_t key[4];
    struct list4 list;
    uint8_t roots[2][4];
    struct inner inner;
    uint8_t big[32];
};

static const struct ht_ssz_type list4 = {.kind = HT_SSZ_BYTE_LIST, .length = 4};
static const struct ht_ssz_type bits12 = {.kind = HT_SSZ_BITVECTOR, .length = 12};
static const struct ht_ssz_type roots = {
    .kind = HT_SSZ_VECTOR, .length = 2, .element = &ht_ssz_bytes4};
static const struct ht_ssz_field inner_fields[] = {
    {"number", &ht_ssz_uint64, offsetof(struct inner, number)},
    {"bits", &bits12, offsetof(struct inner, bits)},
};
static const struct ht_ssz_type inner = HT_SSZ_CONTAINER_OF(inner_fields);
static const struct ht_ssz_field outer_fields[] = {
    {"key", &ht_ssz_bytes4, offsetof(struct outer, key)},
    {"list", &list4, offsetof(struct outer, list)},
    {"roots", &roots, offsetof(struct outer, roots)},
    {"inner", &inner, offsetof(struct outer, inner)},
    {"big", &ht_ssz_uint256, offsetof(struct outer, big)},
};
static const struct ht_ssz_type outer = HT_SSZ_CONTAINER_OF(outer_fields);

static enum ht_err read(void *out, const struct ht_ssz_type *type, const char *text,
                        struct ht_why *why) {
    json_t *json = NULL;
    assert_int_equal(ht_json_parse(&json, ht_bytes_str(text), 4096, NULL), HT_OK);
    enum ht_err err = ht_ssz_from_json(out, type, json, why);
    json_decref(json);
    return err;
}

static void expect_refused(const struct ht_ssz_type *type, const char *text, const char *code) {
    uint8_t value[256];
    struct ht_why why = {.code = "accepted"};
    assert_int_equal(read(value, type, text, &why), HT_EINPUT);
    assert_string_equal(why.code, code);
}

#define GOOD_BIG "\"7\""
#define OUTER(key, list, roots, number, bits, big)                                         \
    "{\"key\":" key ",\"list\":" list ",\"roots\":" roots ",\"inner\":{\"number\":" number \
    ",\"bits\":" bits "},\"big\":" big ",\"unknown\":null}"

static void container_is_read_by_its_names(void **state) {
    (void)state;
    struct outer value;
    const char *text = OUTER("\"0x01020304\"", "\"0xaabb\"", "[\"0x00000001\",\"0x00000002\"]",
                             "\"18446744073709551615\"", "\"0xff0f\"", "\"256\"");
    assert_int_equal(read(&value, &outer, text, NULL), HT_OK);
    assert_int_equal(value.key[3], 4);
    assert_int_equal(value.list.n, 2);
    assert_int_equal(value.list.b[1], 0xbb);
    assert_int_equal(value.roots[1][3], 2);
    assert_true(value.inner.number == UINT64_MAX);
    assert_int_equal(value.inner.bits[1], 0x0f);
    assert_int_equal(value.big[0], 0);
    assert_int_equal(value.big[1], 1);
}

static void reason_names_the_way_to_the_value(void **state) {
    (void)state;
    struct outer value;
    struct ht_why why;
    const char *text = OUTER("\"0x01020304\"", "\"0x\"", "[\"0x00000001\",\"0x000002\"]", "\"1\"",
                             "\"0xff0f\"", GOOD_BIG);
    assert_int_equal(read(&value, &outer, text, &why), HT_EINPUT);
    assert_string_equal(why.code, "json_value");
    assert_non_null(strstr(why.text, "roots: [1]"));
}

static void missing_field_is_named(void **state) {
    (void)state;
    struct inner value;
    struct ht_why why;
    assert_int_equal(read(&value, &inner, "{\"number\":\"1\"}", &why), HT_EINPUT);
    assert_string_equal(why.code, "json_missing");
    assert_non_null(strstr(why.text, "bits"));
    expect_refused(&inner, "[]", "json_missing");
}

static void wrong_type_is_told_apart_from_wrong_value(void **state) {
    (void)state;
    expect_refused(&ht_ssz_bytes4, "4", "json_type");
    expect_refused(&roots, "{}", "json_type");
    expect_refused(&ht_ssz_uint256, "7", "json_type");
    expect_refused(&list4, "null", "json_type");
    expect_refused(&ht_ssz_bytes4, "\"0x0102030\"", "json_value");
    expect_refused(&ht_ssz_bytes4, "\"01020304\"", "json_value");
    expect_refused(&ht_ssz_bytes4, "\"0x010203zz\"", "json_value");
    expect_refused(&ht_ssz_uint64, "\"-1\"", "json_value");
    expect_refused(&ht_ssz_uint64, "\"18446744073709551616\"", "json_value");
}

static void vector_needs_exactly_its_elements(void **state) {
    (void)state;
    expect_refused(&roots, "[\"0x00000001\"]", "json_value");
    expect_refused(&roots, "[\"0x00000001\",\"0x00000001\",\"0x00000001\"]", "json_value");
}

static void byte_list_has_at_most_its_maximum(void **state) {
    (void)state;
    struct list4 value = {.n = 9};
    assert_int_equal(read(&value, &list4, "\"0x\"", NULL), HT_OK);
    assert_int_equal(value.n, 0);
    assert_int_equal(read(&value, &list4, "\"0x01020304\"", NULL), HT_OK);
    assert_int_equal(value.n, 4);
    expect_refused(&list4, "\"0x0102030405\"", "json_value");
    expect_refused(&list4, "\"0x010\"", "json_value");
    expect_refused(&list4, "\"\"", "json_value");
    expect_refused(&list4, "\"0102\"", "json_value");
}

static void bits_behind_the_end_are_refused(void **state) {
    (void)state;
    uint8_t bits[2];
    assert_int_equal(read(bits, &bits12, "\"0xff0f\"", NULL), HT_OK);
    expect_refused(&bits12, "\"0xff1f\"", "json_value");
    expect_refused(&bits12, "\"0xff\"", "json_value");
}

static void number_of_256_bits_has_exact_bounds(void **state) {
    (void)state;
    uint8_t value[32];
    const char *max =
        "\"115792089237316195423570985008687907853269984665640564039457584007913129639935\"";
    const char *over =
        "\"115792089237316195423570985008687907853269984665640564039457584007913129639936\"";
    assert_int_equal(read(value, &ht_ssz_uint256, max, NULL), HT_OK);
    for (size_t i = 0; i < 32; i++) assert_int_equal(value[i], 0xff);
    expect_refused(&ht_ssz_uint256, over, "json_value");
    assert_int_equal(read(value, &ht_ssz_uint256, "\"0\"", NULL), HT_OK);
    for (size_t i = 0; i < 32; i++) assert_int_equal(value[i], 0);
    expect_refused(&ht_ssz_uint256, "\"\"", "json_value");
    expect_refused(&ht_ssz_uint256, "\"01\"", "json_value");
    expect_refused(&ht_ssz_uint256, "\"0x1\"", "json_value");
    expect_refused(&ht_ssz_uint256, "\"1 \"", "json_value");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(container_is_read_by_its_names),
        cmocka_unit_test(reason_names_the_way_to_the_value),
        cmocka_unit_test(missing_field_is_named),
        cmocka_unit_test(wrong_type_is_told_apart_from_wrong_value),
        cmocka_unit_test(vector_needs_exactly_its_elements),
        cmocka_unit_test(byte_list_has_at_most_its_maximum),
        cmocka_unit_test(bits_behind_the_end_are_refused),
        cmocka_unit_test(number_of_256_bits_has_exact_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
