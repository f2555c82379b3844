/* Known functions: what is read is written again as the same bytes, and amounts are exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/codec/abi.h"
#include "node/codec/amount.h"
#include "node/codec/known_calls.h"

static const uint8_t PAYMENT[4 + 64] = {0xa9, 0x05, 0x9c, 0xbb, [35] = 0x55, [67] = 7};

static void every_function_has_its_selector_and_stands_once(void **state) {
    (void)state;
    for (size_t i = 0; i < ht_known_call_count; i++) {
        char signature[HT_KNOWN_SIGNATURE_SIZE];
        uint8_t selector[4];
        ht_known_call_canonical(signature, &ht_known_calls[i]);
        ht_abi_selector(selector, signature);
        if (ht_known_call_find(HT_BYTES(selector)) != &ht_known_calls[i]) fail_msg("%s", signature);
    }
}

static void what_is_read_is_written_as_the_same_bytes(void **state) {
    (void)state;
    bool has_trailing = true;
    json_t *values = NULL;
    struct ht_buf again;
    const struct ht_known_call *call = ht_known_call_find(HT_BYTES(PAYMENT));
    assert_int_equal(ht_known_call_read(&values, &has_trailing, call, HT_BYTES(PAYMENT), NULL),
                     HT_OK);
    assert_false(has_trailing);
    ht_buf_init(&again, 200);
    assert_int_equal(ht_known_call_write(&again, call, values, NULL), HT_OK);
    assert_true(ht_bytes_equal(ht_buf_view(&again), HT_BYTES(PAYMENT)));
    json_decref(values);
    ht_buf_fini(&again);
}

static void writing_past_the_buffers_end_leaves_it_as_it_was(void **state) {
    (void)state;
    bool has_trailing;
    json_t *values = NULL;
    struct ht_buf again;
    const struct ht_known_call *call = ht_known_call_find(HT_BYTES(PAYMENT));
    assert_int_equal(ht_known_call_read(&values, &has_trailing, call, HT_BYTES(PAYMENT), NULL),
                     HT_OK);
    ht_buf_init(&again, 40);
    assert_int_equal(ht_buf_add_str(&again, "x"), HT_OK);
    assert_int_equal(ht_known_call_write(&again, call, values, NULL), HT_ELIMIT);
    assert_int_equal(again.n, 1);
    json_decref(values);
    ht_buf_fini(&again);
}

static void data_that_is_too_short_is_refused(void **state) {
    (void)state;
    bool has_trailing;
    json_t *values = NULL;
    struct ht_why why = {.code = ""};
    const struct ht_known_call *call = ht_known_call_find(HT_BYTES(PAYMENT));
    for (size_t n = 0; n < sizeof PAYMENT; n += 3) {
        ht_bytes data = ht_bytes_of(PAYMENT, n);
        assert_int_equal(ht_known_call_read(&values, &has_trailing, call, data, &why), HT_EINPUT);
        assert_string_equal(why.code, "abi_short");
    }
}

static void amounts_are_exact_and_without_zeros_behind(void **state) {
    (void)state;
    static const struct {
        uint64_t amount;
        unsigned decimals;
        const char *text;
    } cases[] = {{0, 18, "0"}, {1, 18, "0.000000000000000001"}, {1500, 3, "1.5"}, {1000, 3, "1"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[HT_AMOUNT_SIZE];
        ht_u256 amount = ht_u256_of(cases[i].amount);
        ht_amount_text(text, &amount, cases[i].decimals);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_has_its_selector_and_stands_once),
        cmocka_unit_test(what_is_read_is_written_as_the_same_bytes),
        cmocka_unit_test(writing_past_the_buffers_end_leaves_it_as_it_was),
        cmocka_unit_test(data_that_is_too_short_is_refused),
        cmocka_unit_test(amounts_are_exact_and_without_zeros_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
