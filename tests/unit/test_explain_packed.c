/* Packed calls: what is taken off, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/codec/packed_calls.h"

#define HEAD 85U /* operation, target, value, length */

/* Two entries: a call with the data "abc" and 5 wei, a delegate call without data. */
static ht_bytes two_calls(void) {
    static uint8_t bytes[2 * HEAD + 3];
    memset(bytes, 0, sizeof bytes);
    memset(bytes + 1, 0x22, 20);
    bytes[52] = 5;
    bytes[84] = 3;
    memcpy(bytes + HEAD, "abc", 3);
    bytes[HEAD + 3] = 1;
    memset(bytes + HEAD + 4, 0x33, 20);
    return HT_BYTES(bytes);
}

static void assert_refused(ht_bytes bytes, const char *code) {
    struct ht_packed_call call;
    struct ht_why why = {.code = ""};
    const uint8_t *before = bytes.p;
    assert_int_equal(ht_packed_take_multisend(&call, &bytes, &why), HT_EINPUT);
    assert_string_equal(why.code, code);
    assert_ptr_equal(bytes.p, before);
}

static void calls_are_taken_off_one_by_one(void **state) {
    (void)state;
    struct ht_packed_call call;
    ht_bytes rest = two_calls();
    assert_int_equal(ht_packed_take_multisend(&call, &rest, NULL), HT_OK);
    assert_int_equal(call.operation, 0);
    assert_int_equal(call.target.b[19], 0x22);
    assert_int_equal(call.value.limb[0], 5);
    assert_int_equal(call.data.n, 3);
    assert_memory_equal(call.data.p, "abc", 3);
    assert_int_equal(ht_packed_take_multisend(&call, &rest, NULL), HT_OK);
    assert_int_equal(call.operation, 1);
    assert_int_equal(call.target.b[0], 0x33);
    assert_int_equal(call.data.n, 0);
    assert_int_equal(rest.n, 0);
}

static void a_call_that_is_cut_is_refused_wherever_it_is_cut(void **state) {
    (void)state;
    ht_bytes whole = two_calls();
    for (size_t n = 0; n < HEAD + 3; n++) assert_refused(ht_bytes_of(whole.p, n), "packed_short");
}

static void a_length_past_the_data_is_refused(void **state) {
    (void)state;
    /* Each byte of the length, so that none is cut off before it is compared. */
    for (size_t i = 53; i < 85; i++) {
        uint8_t bytes[HEAD + 3];
        memcpy(bytes, two_calls().p, sizeof bytes);
        bytes[i] = (uint8_t)(bytes[i] + 4);
        assert_refused(HT_BYTES(bytes), "packed_short");
    }
}

static void an_operation_that_is_none_is_refused(void **state) {
    (void)state;
    uint8_t bytes[HEAD + 3];
    memcpy(bytes, two_calls().p, sizeof bytes);
    bytes[0] = 2;
    assert_refused(HT_BYTES(bytes), "packed_operation");
}

static void single_executions_are_read_to_their_end(void **state) {
    (void)state;
    struct ht_packed_call call;
    struct ht_why why = {.code = ""};
    ht_bytes bytes = ht_bytes_of(two_calls().p + 1, 55);
    assert_int_equal(ht_packed_read_single(&call, bytes, false, NULL), HT_OK);
    assert_int_equal(call.operation, 0);
    assert_int_equal(call.value.limb[0], 5);
    assert_int_equal(call.data.n, 3);
    assert_int_equal(ht_packed_read_single(&call, bytes, true, NULL), HT_OK);
    assert_int_equal(call.operation, 1);
    assert_int_equal(call.value.limb[0], 0);
    assert_int_equal(call.data.n, 35);
    assert_int_equal(ht_packed_read_single(&call, ht_bytes_of(bytes.p, 51), false, &why),
                     HT_EINPUT);
    assert_string_equal(why.code, "packed_short");
    assert_int_equal(ht_packed_read_single(&call, ht_bytes_of(bytes.p, 19), true, &why), HT_EINPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_taken_off_one_by_one),
        cmocka_unit_test(a_call_that_is_cut_is_refused_wherever_it_is_cut),
        cmocka_unit_test(a_length_past_the_data_is_refused),
        cmocka_unit_test(an_operation_that_is_none_is_refused),
        cmocka_unit_test(single_executions_are_read_to_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
