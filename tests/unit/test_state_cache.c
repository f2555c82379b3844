/* Tables of proven state: what is put is found, tables stay within their bounds, and what was not
 * used for longest goes first. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/crypto/keccak.h"
#include "node/l1/state_cache.h"

static struct ht_state_cache *cache;

static int start(void **state) {
    (void)state;
    return ht_state_cache_new(&cache, 32, 32, 1000) == HT_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    ht_state_cache_free(cache);
    return 0;
}

static ht_hash32 hash_of(uint64_t number) {
    uint8_t bytes[8];
    ht_hash32 hash;
    ht_write_u64_le(bytes, number);
    ht_keccak256(&hash, HT_BYTES(bytes));
    return hash;
}

static ht_addr20 address_of(uint64_t number) {
    ht_addr20 address;
    ht_hash32 hash = hash_of(number);
    memcpy(address.b, hash.b, sizeof address.b);
    return address;
}

static void put_account(uint64_t root, uint64_t number, uint64_t nonce) {
    ht_hash32 state_root = hash_of(root);
    ht_addr20 address = address_of(number);
    struct ht_state_known known = {.account = {.nonce = nonce}, .exists = true, .provider = 3};
    ht_state_cache_put_account(cache, &state_root, &address, &known);
}

static const struct ht_state_known *find_account(uint64_t root, uint64_t number) {
    ht_hash32 state_root = hash_of(root);
    ht_addr20 address = address_of(number);
    return ht_state_cache_account(cache, &state_root, &address);
}

static void put_slot(uint64_t root, uint64_t number, uint8_t first) {
    ht_hash32 storage_root = hash_of(root), slot = hash_of(number);
    const uint8_t value[32] = {first};
    ht_state_cache_put_slot(cache, &storage_root, &slot, value);
}

static bool find_slot(uint64_t root, uint64_t number, uint8_t first) {
    ht_hash32 storage_root = hash_of(root), slot = hash_of(number);
    uint8_t value[32];
    return ht_state_cache_slot(value, cache, &storage_root, &slot) && value[0] == first;
}

static void put_code(uint64_t number, size_t n) {
    static const uint8_t bytes[2000] = {0xef};
    ht_hash32 hash = hash_of(number);
    ht_state_cache_put_code(cache, &hash, ht_bytes_of(bytes, n));
}

static bool find_code(uint64_t number, size_t n) {
    ht_hash32 hash = hash_of(number);
    ht_bytes code;
    return ht_state_cache_code(&code, cache, &hash) && code.n == n && code.p[0] == 0xef;
}

static void state_cache_finds_an_account_under_its_own_root_alone(void **state) {
    (void)state;
    assert_null(find_account(1, 1));
    put_account(1, 1, 77);
    assert_non_null(find_account(1, 1));
    assert_int_equal(find_account(1, 1)->account.nonce, 77);
    assert_int_equal(find_account(1, 1)->provider, 3);
    assert_null(find_account(2, 1));
    assert_null(find_account(1, 2));
    put_account(1, 1, 78);
    assert_int_equal(find_account(1, 1)->account.nonce, 78);
    assert_int_equal(ht_state_cache_counts(cache).accounts, 1);
}

static void state_cache_finds_a_slot_under_its_own_storage_root_alone(void **state) {
    (void)state;
    assert_false(find_slot(1, 1, 9));
    put_slot(1, 1, 9);
    assert_true(find_slot(1, 1, 9));
    assert_false(find_slot(2, 1, 9));
    assert_false(find_slot(1, 2, 9));
    put_slot(1, 1, 10);
    assert_true(find_slot(1, 1, 10));
    assert_int_equal(ht_state_cache_counts(cache).slots, 1);
}

static void state_cache_stays_within_its_bounds(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 500; i++) {
        put_account(i / 3, i, i);
        put_slot(i / 3, i, (uint8_t)i);
        put_code(i, 1 + i % 300);
        struct ht_state_cache_counts counts = ht_state_cache_counts(cache);
        assert_true(counts.accounts <= 32 && counts.slots <= 32 && counts.codes <= 64);
        assert_true(counts.bytes <= counts.bytes_max);
        assert_non_null(find_account(i / 3, i));
        assert_true(find_slot(i / 3, i, (uint8_t)i));
        assert_true(find_code(i, (size_t)(1 + i % 300)));
    }
    assert_true(ht_state_cache_counts(cache).accounts > 16);
}

static void state_cache_keeps_what_is_used(void **state) {
    (void)state;
    put_account(1, 1, 77);
    put_slot(1, 1, 9);
    for (uint64_t i = 100; i < 400; i++) {
        put_account(i, i, i);
        put_slot(i, i, 1);
        assert_non_null(find_account(1, 1));
        assert_true(find_slot(1, 1, 9));
    }
}

static void state_cache_drops_the_code_not_used_for_longest(void **state) {
    (void)state;
    put_code(1, 400);
    put_code(2, 400);
    assert_true(find_code(1, 400));
    put_code(3, 400);
    assert_true(find_code(1, 400));
    assert_false(find_code(2, 400));
    assert_true(find_code(3, 400));
    assert_int_equal(ht_state_cache_counts(cache).codes, 2);
}

static void state_cache_leaves_out_code_that_does_not_fit_or_is_empty(void **state) {
    (void)state;
    put_code(1, 300);
    put_code(2, 1001);
    put_code(3, 0);
    put_code(1, 300);
    assert_true(find_code(1, 300));
    assert_false(find_code(2, 1001));
    assert_int_equal(ht_state_cache_counts(cache).codes, 1);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(state_cache_finds_an_account_under_its_own_root_alone),
        WITH(state_cache_finds_a_slot_under_its_own_storage_root_alone),
        WITH(state_cache_stays_within_its_bounds),
        WITH(state_cache_keeps_what_is_used),
        WITH(state_cache_drops_the_code_not_used_for_longest),
        WITH(state_cache_leaves_out_code_that_does_not_fit_or_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
