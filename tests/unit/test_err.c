/* Errors: reasons are filled, prefixed and cut; kinds have names and exit codes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/err.h"

#include <string.h>

static void fail_returns_its_kind_and_fills_the_reason(void **state) {
    (void)state;
    struct ht_why why = {.code = NULL};
    assert_int_equal(ht_fail(&why, HT_ESTALE, "too_old", "%d days", 15), HT_ESTALE);
    assert_string_equal(why.code, "too_old");
    assert_string_equal(why.text, "15 days");
}

static void fail_works_without_a_reason(void **state) {
    (void)state;
    assert_int_equal(ht_fail(NULL, HT_ENET, "closed", "%s", "x"), HT_ENET);
    ht_why_context(NULL, "%s", "x");
}

static void fail_cuts_long_text_and_terminates_it(void **state) {
    (void)state;
    char text[400];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct ht_why why;
    memset(&why, 0x55, sizeof why);
    (void)ht_fail(&why, HT_EINPUT, "long", "%s", text);
    assert_int_equal(strlen(why.text), sizeof why.text - 1);
}

static void context_goes_in_front_and_keeps_the_code(void **state) {
    (void)state;
    struct ht_why why = {.code = NULL};
    (void)ht_fail(&why, HT_EUNVERIFIED, "bad_signature", "signature does not hold");
    ht_why_context(&why, "period %d", 1402);
    ht_why_context(&why, "provider %s", "a");
    assert_string_equal(why.code, "bad_signature");
    assert_string_equal(why.text, "provider a: period 1402: signature does not hold");
}

static void context_that_does_not_fit_cuts_the_end(void **state) {
    (void)state;
    char text[300];
    memset(text, 'b', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct ht_why why = {.code = NULL};
    (void)ht_fail(&why, HT_EINPUT, "long", "%s", text);
    ht_why_context(&why, "front");
    assert_int_equal(strlen(why.text), sizeof why.text - 1);
    assert_memory_equal(why.text, "front: bbb", 10);
    ht_why_context(&why, "%s", text);
    assert_int_equal(strlen(why.text), sizeof why.text - 1);
    assert_int_equal(why.text[0], 'b');
}

static void every_kind_has_its_own_name_and_an_exit_code(void **state) {
    (void)state;
    for (int i = HT_OK; i <= (int)HT_EBUG; i++) {
        const char *name = ht_err_name((enum ht_err)i);
        assert_string_not_equal(name, "unknown");
        for (int k = HT_OK; k < i; k++) assert_string_not_equal(name, ht_err_name((enum ht_err)k));
        int code = ht_err_exit_code((enum ht_err)i);
        assert_in_range(code, 0, 4);
        assert_int_equal(code == 0, i == HT_OK);
    }
}

static void exit_codes_tell_refused_unverified_and_unavailable_apart(void **state) {
    (void)state;
    assert_int_equal(ht_err_exit_code(HT_EINPUT), 1);
    assert_int_equal(ht_err_exit_code(HT_ENOTFOUND), 1);
    assert_int_equal(ht_err_exit_code(HT_EUNVERIFIED), 3);
    assert_int_equal(ht_err_exit_code(HT_ENET), 4);
    assert_int_equal(ht_err_exit_code(HT_ESTALE), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail_returns_its_kind_and_fills_the_reason),
        cmocka_unit_test(fail_works_without_a_reason),
        cmocka_unit_test(fail_cuts_long_text_and_terminates_it),
        cmocka_unit_test(context_goes_in_front_and_keeps_the_code),
        cmocka_unit_test(context_that_does_not_fit_cuts_the_end),
        cmocka_unit_test(every_kind_has_its_own_name_and_an_exit_code),
        cmocka_unit_test(exit_codes_tell_refused_unverified_and_unavailable_apart),
    };
    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
