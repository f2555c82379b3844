/* Clock and randomness: the system's answers are sane and both can be replaced. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/clock.h"

static int64_t fake_ms(void *self) {
    return *(int64_t *)self;
}

static void fake_fill(void *self, uint8_t *out, size_t n) {
    memset(out, *(uint8_t *)self, n);
}

static void clock_can_be_replaced(void **state) {
    (void)state;
    int64_t now = 1234;
    const struct ht_clock clock = {.wall_ms = fake_ms, .mono_ms = fake_ms, .self = &now};
    assert_true(ht_wall_ms(&clock) == 1234);
    now = -5;
    assert_true(ht_mono_ms(&clock) == -5);
}

static void system_wall_time_is_milliseconds_since_1970(void **state) {
    (void)state;
    int64_t now = ht_wall_ms(&ht_system_clock);
    assert_true(now > 1700000000000);
    assert_true(now < 10000000000000);
}

static void system_monotonic_time_does_not_go_back(void **state) {
    (void)state;
    int64_t last = ht_mono_ms(&ht_system_clock);
    for (int i = 0; i < 1000; i++) {
        int64_t now = ht_mono_ms(&ht_system_clock);
        assert_true(now >= last);
        last = now;
    }
}

static void random_below_stays_below(void **state) {
    (void)state;
    for (uint64_t bound = 1; bound < 100; bound++) {
        assert_true(ht_random_below(&ht_system_random, bound) < bound);
    }
    uint8_t byte = 0xff;
    const struct ht_random most = {.fill = fake_fill, .self = &byte};
    assert_true(ht_random_below(&most, 10) == UINT64_MAX % 10);
    assert_true(ht_random_below(&most, 1) == 0);
}

static void system_random_fills_all_and_differs(void **state) {
    (void)state;
    uint8_t one[300] = {0};
    uint8_t other[300] = {0};
    ht_random_fill(&ht_system_random, one, sizeof one);
    ht_random_fill(&ht_system_random, other, sizeof other);
    assert_memory_not_equal(one, other, sizeof one);
    const uint8_t zero[32] = {0};
    assert_memory_not_equal(one + sizeof one - 32, zero, 32);
    ht_random_fill(&ht_system_random, one, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_can_be_replaced),
        cmocka_unit_test(system_wall_time_is_milliseconds_since_1970),
        cmocka_unit_test(system_monotonic_time_does_not_go_back),
        cmocka_unit_test(random_below_stays_below),
        cmocka_unit_test(system_random_fills_all_and_differs),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
