/* Arena: alignment, zeroed memory, the maximum, and freeing at once (seen by the leak checker). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/arena.h"

static void arena_memory_is_zeroed_and_aligned(void **state) {
    (void)state;
    struct ht_arena arena;
    ht_arena_init(&arena, 100000);
    for (size_t n = 1; n < 100; n++) {
        uint8_t *p = ht_arena_alloc(&arena, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < n; i++) assert_int_equal(p[i], 0);
        memset(p, 0xff, n);
    }
    ht_arena_fini(&arena);
}

static void arena_pieces_do_not_overlap(void **state) {
    (void)state;
    struct ht_arena arena;
    ht_arena_init(&arena, 1 << 20);
    uint8_t *pieces[300];
    for (size_t i = 0; i < 300; i++) {
        pieces[i] = ht_arena_alloc(&arena, 37);
        assert_non_null(pieces[i]);
        memset(pieces[i], (int)(i % 256), 37);
    }
    for (size_t i = 0; i < 300; i++) {
        for (size_t k = 0; k < 37; k++) assert_int_equal(pieces[i][k], i % 256);
    }
    ht_arena_fini(&arena);
}

static void arena_hands_out_exactly_its_maximum(void **state) {
    (void)state;
    struct ht_arena arena;
    ht_arena_init(&arena, 100);
    assert_non_null(ht_arena_alloc(&arena, 60));
    assert_null(ht_arena_alloc(&arena, 41));
    assert_non_null(ht_arena_alloc(&arena, 40));
    assert_null(ht_arena_alloc(&arena, 1));
    assert_int_equal(arena.used, 100);
    ht_arena_fini(&arena);
}

static void arena_refuses_lengths_that_would_overflow(void **state) {
    (void)state;
    struct ht_arena arena;
    ht_arena_init(&arena, SIZE_MAX);
    assert_null(ht_arena_alloc(&arena, SIZE_MAX));
    assert_null(ht_arena_alloc(&arena, SIZE_MAX - 5));
    assert_non_null(ht_arena_alloc(&arena, 1));
    ht_arena_fini(&arena);
}

static void arena_takes_pieces_larger_than_a_block(void **state) {
    (void)state;
    struct ht_arena arena;
    ht_arena_init(&arena, 1 << 20);
    uint8_t *p = ht_arena_alloc(&arena, 100000);
    assert_non_null(p);
    memset(p, 1, 100000);
    assert_non_null(ht_arena_alloc(&arena, 10));
    ht_arena_fini(&arena);
}

static void arena_is_usable_again_after_fini(void **state) {
    (void)state;
    struct ht_arena arena;
    ht_arena_init(&arena, 10);
    assert_non_null(ht_arena_alloc(&arena, 10));
    ht_arena_fini(&arena);
    assert_int_equal(arena.used, 0);
    assert_non_null(ht_arena_alloc(&arena, 10));
    ht_arena_fini(&arena);
}

static void arena_copies_text_with_a_zero_behind_it(void **state) {
    (void)state;
    struct ht_arena arena;
    ht_arena_init(&arena, 10);
    char *copy = ht_arena_copy_str(&arena, ht_bytes_of("abcdef", 3));
    assert_string_equal(copy, "abc");
    assert_string_equal(ht_arena_copy_str(&arena, (ht_bytes){0}), "");
    assert_null(ht_arena_copy_str(&arena, ht_bytes_str("12345")));
    assert_string_equal(ht_arena_copy_str(&arena, ht_bytes_str("1234")), "1234");
    ht_arena_fini(&arena);
}

static void a_small_arena_takes_one_block_of_what_it_needs_and_others_after_it(void **state) {
    (void)state;
    struct ht_arena arena;
    ht_arena_init_small(&arena, 20000, 200);
    for (size_t round = 0; round < 2; round++) {
        uint8_t *first = ht_arena_alloc(&arena, 100);
        uint8_t *second = ht_arena_alloc(&arena, 80);
        assert_non_null(first);
        assert_ptr_equal(second, first + 112); /* the same block, aligned */
        uint8_t *third = ht_arena_alloc(&arena, 100);
        uint8_t *large = ht_arena_alloc(&arena, 10000);
        assert_non_null(third);
        assert_non_null(large);
        memset(third, 1, 100);
        memset(large, 2, 10000);
        assert_int_equal(second[79], 0);
        assert_null(ht_arena_alloc(&arena, 10000));
        ht_arena_fini(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_memory_is_zeroed_and_aligned),
        cmocka_unit_test(arena_pieces_do_not_overlap),
        cmocka_unit_test(arena_hands_out_exactly_its_maximum),
        cmocka_unit_test(arena_refuses_lengths_that_would_overflow),
        cmocka_unit_test(arena_takes_pieces_larger_than_a_block),
        cmocka_unit_test(arena_is_usable_again_after_fini),
        cmocka_unit_test(arena_copies_text_with_a_zero_behind_it),
        cmocka_unit_test(a_small_arena_takes_one_block_of_what_it_needs_and_others_after_it),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
