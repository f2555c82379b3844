/* Keccak-256: known answers around the block boundaries, and that pieces equal the whole. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/crypto/keccak.h"

static void expect_hash(ht_bytes data, const char *hex) {
    ht_hash32 hash;
    ht_keccak256(&hash, data);
    char got[HT_HEX_SIZE(32)];
    ht_hex_write(got, HT_BYTES(hash.b));
    assert_string_equal(got + 2, hex);
}

/* Byte i of a pattern of n bytes is 7 i + n. */
static ht_bytes pattern(uint8_t room[static 1000], size_t n) {
    for (size_t i = 0; i < n; i++) room[i] = (uint8_t)(7 * i + n);
    return ht_bytes_of(room, n);
}

static void keccak_hashes_nothing(void **state) {
    (void)state;
    expect_hash((ht_bytes){0}, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
}

static void keccak_hashes_short_texts(void **state) {
    (void)state;
    expect_hash(ht_bytes_str("abc"),
                "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    expect_hash(ht_bytes_str("Transfer(address,address,uint256)"),
                "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
}

static void keccak_is_not_sha3(void **state) {
    (void)state;
    ht_hash32 hash;
    ht_keccak256(&hash, (ht_bytes){0});
    assert_int_not_equal(hash.b[0], 0xa7);
}

static void keccak_hashes_lengths_around_lanes_and_blocks(void **state) {
    (void)state;
    const struct {
        size_t n;
        const char *hex;
    } cases[] = {
        {1, "5fe7f977e71dba2ea1a68e21057beebb9be2ac30c6410aa38d4f3fbe41dcffd2"},
        {7, "1ceda151e21262ae35aed0f8e3ad898e7ccd45ff03d25508e25e5701bc31c989"},
        {8, "66d6ac686bbe637cb6cf3e4deb8a1bb6aec0163cbbbd2c22747069455e660457"},
        {127, "360624fdc6aaf93c47d59120537140e83f396adf69a00f1f5a2d0be944be6ad0"},
        {128, "341903dfc532312b44e06a38076b6339ff973201b69d4ba6bbde1158906e8413"},
        {134, "8884d266ac61dea6a59234e679bb56fd1bf116a05634f2e8de1b7224302bc122"},
        {135, "8ab570337c9a3a773c3605160ca58e3f0546d92d217c908669cc4f35a31933bc"},
        {136, "16b30a6be318a7acbcba7a2194789f628abf68dfbbf55a4d840f22f6a4d29efd"},
        {137, "6a7e8293441d51be41bf4994995b35981f90c07866c7fd0465f405e2b7a8f8dd"},
        {143, "44155d1cbe1b42fdc2d7da57823137461f4589a7e86cfe5e429c55cb55a258ae"},
        {144, "fe052a68a78768cd738644a394394460e6bc3dfa6fbf82581c63531d1bcda736"},
        {271, "bb02bca6be57f42d131406260c6f1a81fd9922af8bd1c96d78f454b19ae10add"},
        {272, "443464c0c3ac8036d14a6f8647fc93b592d514adefbe88683cbbda3b4b2c4553"},
        {273, "73d5960773e36742ead7c872d84d535f35e75b9517ccb1023491276013f88890"},
        {1000, "5cab097db1a529f5b1a15428cc494df950671bc3824340aad89941fa68e151bc"},
    };
    uint8_t room[1000];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_hash(pattern(room, cases[i].n), cases[i].hex);
    }
}

static void keccak_in_two_pieces_equals_the_whole_at_every_split(void **state) {
    (void)state;
    uint8_t room[1000];
    const size_t sizes[] = {1, 135, 136, 137, 272, 300};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ht_bytes data = pattern(room, sizes[i]);
        ht_hash32 whole;
        ht_keccak256(&whole, data);
        for (size_t split = 0; split <= data.n; split++) {
            struct ht_keccak256 hash;
            ht_keccak256_init(&hash);
            ht_keccak256_update(&hash, ht_bytes_of(data.p, split));
            ht_keccak256_update(&hash, ht_bytes_of(data.p + split, data.n - split));
            ht_hash32 got;
            ht_keccak256_final(&got, &hash);
            assert_memory_equal(got.b, whole.b, 32);
        }
    }
}

static void keccak_byte_by_byte_equals_the_whole(void **state) {
    (void)state;
    uint8_t room[1000];
    ht_bytes data = pattern(room, 1000);
    ht_hash32 whole;
    ht_hash32 got;
    ht_keccak256(&whole, data);
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    for (size_t i = 0; i < data.n; i++) ht_keccak256_update(&hash, ht_bytes_of(data.p + i, 1));
    ht_keccak256_final(&got, &hash);
    assert_memory_equal(got.b, whole.b, 32);
}

static void keccak_does_not_care_about_alignment(void **state) {
    (void)state;
    uint8_t room[1000];
    ht_bytes data = pattern(room, 300);
    ht_hash32 want;
    ht_keccak256(&want, data);
    for (size_t shift = 1; shift < 8; shift++) {
        uint8_t moved[320];
        memcpy(moved + shift, data.p, data.n);
        ht_hash32 got;
        ht_keccak256(&got, ht_bytes_of(moved + shift, data.n));
        assert_memory_equal(got.b, want.b, 32);
    }
}

static void keccak_state_can_be_forked_by_copying(void **state) {
    (void)state;
    struct ht_keccak256 one;
    ht_keccak256_init(&one);
    ht_keccak256_update(&one, ht_bytes_str("ab"));
    struct ht_keccak256 other = one;
    ht_keccak256_update(&one, ht_bytes_str("c"));
    ht_keccak256_update(&other, ht_bytes_str("d"));
    ht_hash32 got, want;
    ht_keccak256_final(&got, &one);
    ht_keccak256(&want, ht_bytes_str("abc"));
    assert_memory_equal(got.b, want.b, 32);
    ht_keccak256_final(&got, &other);
    ht_keccak256(&want, ht_bytes_str("abd"));
    assert_memory_equal(got.b, want.b, 32);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keccak_hashes_nothing),
        cmocka_unit_test(keccak_hashes_short_texts),
        cmocka_unit_test(keccak_is_not_sha3),
        cmocka_unit_test(keccak_hashes_lengths_around_lanes_and_blocks),
        cmocka_unit_test(keccak_in_two_pieces_equals_the_whole_at_every_split),
        cmocka_unit_test(keccak_byte_by_byte_equals_the_whole),
        cmocka_unit_test(keccak_does_not_care_about_alignment),
        cmocka_unit_test(keccak_state_can_be_forked_by_copying),
    };
    return cmocka_run_group_tests_name("keccak", tests, NULL, NULL);
}
