/* The Range header: one range, and what is ignored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "node/p2p/http_range.h"

static struct ht_http_range range;

static enum ht_err read_of(uint64_t size, const char *text) {
    return ht_http_range_read(&range, ht_bytes_str(text), size);
}

static void one_range_is_read_and_cut_to_the_file(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t size, first, count;
    } cases[] = {
        {"bytes=0-0", 10, 0, 1},
        {"bytes=0-9", 10, 0, 10},
        {"bytes=3-100", 10, 3, 7},
        {"bytes=9-", 10, 9, 1},
        {"BYTES=-3", 10, 7, 3},
        {"bytes=-30", 10, 0, 10},
        {"bytes=1-1844674407370955160", 10, 1, 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(read_of(cases[i].size, cases[i].text), HT_OK);
        assert_int_equal(range.first, cases[i].first);
        assert_int_equal(range.count, cases[i].count);
    }
}

static void what_is_no_single_range_is_ignored(void **state) {
    (void)state;
    static const char *const cases[] = {
        "",          "bytes=",    "bytes=-",    "bytes=a-b", "bytes=0-1,3-4",
        "items=0-1", "bytes=5-3", "bytes=0-1 ", "bytes 0-1", "bytes=99999999999999999999-",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(read_of(10, cases[i]), HT_ENOTFOUND);
}

static void a_range_outside_the_file_is_over_a_limit(void **state) {
    (void)state;
    assert_int_equal(read_of(10, "bytes=10-"), HT_ELIMIT);
    assert_int_equal(read_of(10, "bytes=10-20"), HT_ELIMIT);
    assert_int_equal(read_of(10, "bytes=-0"), HT_ELIMIT);
    assert_int_equal(read_of(0, "bytes=0-"), HT_ELIMIT);
    assert_int_equal(read_of(0, "bytes=-1"), HT_ELIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_range_is_read_and_cut_to_the_file),
        cmocka_unit_test(what_is_no_single_range_is_ignored),
        cmocka_unit_test(a_range_outside_the_file_is_over_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
