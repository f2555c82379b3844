/* Merkle roots against trees put together by hand from single hashes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/ssz_merkle.h"
#include "node/crypto/sha256.h"

static ht_hash32 chunk(uint8_t first) {
    return (ht_hash32){{first}};
}

static ht_hash32 pair(ht_hash32 left, ht_hash32 right) {
    ht_hash32 out;
    ht_sha256_pair(&out, &left, &right);
    return out;
}

static ht_hash32 root_of(const struct ht_ssz_type *type, const void *value) {
    ht_hash32 out;
    ht_ssz_hash_tree_root(&out, type, value);
    return out;
}

static void assert_hash(ht_hash32 got, ht_hash32 expected) {
    assert_memory_equal(got.b, expected.b, 32);
}

static void assert_hex(ht_hash32 got, const char *expected) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(got.b));
    assert_string_equal(text, expected);
}

static ht_hash32 merkle_root(size_t chunks, uint64_t limit) {
    struct ht_merkle merkle = {.count = 0};
    ht_hash32 out;
    for (size_t i = 0; i < chunks; i++) {
        ht_hash32 next = chunk((uint8_t)(i + 1));
        ht_merkle_add(&merkle, &next);
    }
    ht_merkle_root(&out, &merkle, limit);
    return out;
}

/* SHA-256 of 64 zero bytes, and of that twice: published with the deposit contract. */
static void zero_subtrees_have_their_well_known_roots(void **state) {
    (void)state;
    assert_hash(merkle_root(0, 1), chunk(0));
    assert_hex(merkle_root(0, 2),
               "0xf5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b");
    assert_hex(merkle_root(0, 4),
               "0xdb56114e00fdd4c1f85c892bf35ac9a89289aaecb1ebd0a96cde606a748b5d71");
    assert_hash(merkle_root(0, 3), merkle_root(0, 4));
}

static void single_chunk_is_its_own_root(void **state) {
    (void)state;
    assert_hash(merkle_root(1, 1), chunk(1));
    assert_hash(merkle_root(1, 2), pair(chunk(1), chunk(0)));
}

static void chunks_are_padded_with_zero_chunks_to_a_power_of_two(void **state) {
    (void)state;
    ht_hash32 zeros = pair(chunk(0), chunk(0));
    ht_hash32 first = pair(chunk(1), chunk(2));
    assert_hash(merkle_root(2, 2), first);
    assert_hash(merkle_root(2, 3), pair(first, zeros));
    assert_hash(merkle_root(3, 3), pair(first, pair(chunk(3), chunk(0))));
    assert_hash(merkle_root(3, 8), pair(pair(first, pair(chunk(3), chunk(0))), pair(zeros, zeros)));
    ht_hash32 four = pair(first, pair(chunk(3), chunk(4)));
    assert_hash(merkle_root(4, 4), four);
    assert_hash(merkle_root(5, 5), pair(four, pair(pair(chunk(5), chunk(0)), zeros)));
}

static void number_is_its_little_endian_bytes(void **state) {
    (void)state;
    uint64_t number = 0x0102;
    assert_hash(root_of(&ht_ssz_uint64, &number), (ht_hash32){{2, 1}});
    uint8_t big[32] = {[31] = 5};
    assert_hash(root_of(&ht_ssz_uint256, big), (ht_hash32){{[31] = 5}});
}

static void bytes_fill_chunks_from_the_left(void **state) {
    (void)state;
    uint8_t bytes[48] = {[0] = 1, [32] = 2};
    assert_hash(root_of(&ht_ssz_bytes20, bytes), chunk(1));
    assert_hash(root_of(&ht_ssz_bytes32, bytes), chunk(1));
    assert_hash(root_of(&ht_ssz_bytes48, bytes), pair(chunk(1), chunk(2)));
    uint8_t three[96] = {[0] = 1, [32] = 2, [64] = 3};
    assert_hash(root_of(&ht_ssz_bytes96, three),
                pair(pair(chunk(1), chunk(2)), pair(chunk(3), chunk(0))));
}

static void bitvector_is_its_bytes(void **state) {
    (void)state;
    static const struct ht_ssz_type bits512 = {.kind = HT_SSZ_BITVECTOR, .length = 512};
    static const struct ht_ssz_type bits5 = {.kind = HT_SSZ_BITVECTOR, .length = 5};
    uint8_t bits[64] = {[0] = 3, [32] = 4};
    assert_hash(root_of(&bits512, bits), pair(chunk(3), chunk(4)));
    assert_hash(root_of(&bits5, bits), chunk(3));
}

static void byte_list_mixes_in_its_length(void **state) {
    (void)state;
    static const struct ht_ssz_type list40 = {.kind = HT_SSZ_BYTE_LIST, .length = 40};
    static const struct ht_ssz_type list32 = {.kind = HT_SSZ_BYTE_LIST, .length = 32};
    struct {
        size_t n;
        uint8_t b[40];
    } list = {.n = 0};
    assert_hash(root_of(&list32, &list), pair(chunk(0), chunk(0)));
    assert_hash(root_of(&list40, &list), pair(pair(chunk(0), chunk(0)), chunk(0)));
    list.n = 33;
    list.b[0] = 7;
    list.b[32] = 8;
    assert_hash(root_of(&list40, &list), pair(pair(chunk(7), chunk(8)), chunk(33)));
    list.n = 1;
    assert_hash(root_of(&list32, &list), pair(chunk(7), chunk(1)));
}

static void vector_of_keys_has_a_leaf_for_each(void **state) {
    (void)state;
    static const struct ht_ssz_type keys = {
        .kind = HT_SSZ_VECTOR, .length = 3, .element = &ht_ssz_bytes48};
    uint8_t value[3][48] = {{1}, {2}, {3}};
    ht_hash32 leaves[3];
    for (uint8_t i = 0; i < 3; i++) leaves[i] = pair(chunk((uint8_t)(i + 1)), chunk(0));
    assert_hash(root_of(&keys, value), pair(pair(leaves[0], leaves[1]), pair(leaves[2], chunk(0))));
}

static void container_has_a_leaf_for_each_field(void **state) {
    (void)state;
    struct pair_of_numbers {
        uint64_t a, b;
        uint8_t root[32];
    };
    static const struct ht_ssz_field fields[] = {
        {"a", &ht_ssz_uint64, offsetof(struct pair_of_numbers, a)},
        {"b", &ht_ssz_uint64, offsetof(struct pair_of_numbers, b)},
        {"root", &ht_ssz_bytes32, offsetof(struct pair_of_numbers, root)},
    };
    static const struct ht_ssz_type type = HT_SSZ_CONTAINER_OF(fields);
    struct pair_of_numbers value = {1, 2, {3}};
    assert_hash(root_of(&type, &value), pair(pair(chunk(1), chunk(2)), pair(chunk(3), chunk(0))));
}

static void depth_is_the_floor_of_the_logarithm(void **state) {
    (void)state;
    assert_int_equal(ht_ssz_depth(1), 0);
    assert_int_equal(ht_ssz_depth(2), 1);
    assert_int_equal(ht_ssz_depth(3), 1);
    assert_int_equal(ht_ssz_depth(105), 6);
    assert_int_equal(ht_ssz_depth(2946), 11);
}

static void branch_goes_left_and_right_as_the_index_says(void **state) {
    (void)state;
    ht_hash32 leaf = chunk(1), out;
    const ht_hash32 branch[3] = {chunk(2), chunk(3), chunk(4)};
    ht_ssz_branch_root(&out, &leaf, branch, 1);
    assert_hash(out, leaf);
    ht_ssz_branch_root(&out, &leaf, branch, 2);
    assert_hash(out, pair(leaf, chunk(2)));
    ht_ssz_branch_root(&out, &leaf, branch, 3);
    assert_hash(out, pair(chunk(2), leaf));
    /* 13 = 1101: the leaf is right, then left, then right */
    ht_ssz_branch_root(&out, &leaf, branch, 13);
    assert_hash(out, pair(chunk(4), pair(pair(chunk(2), leaf), chunk(3))));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_subtrees_have_their_well_known_roots),
        cmocka_unit_test(single_chunk_is_its_own_root),
        cmocka_unit_test(chunks_are_padded_with_zero_chunks_to_a_power_of_two),
        cmocka_unit_test(number_is_its_little_endian_bytes),
        cmocka_unit_test(bytes_fill_chunks_from_the_left),
        cmocka_unit_test(bitvector_is_its_bytes),
        cmocka_unit_test(byte_list_mixes_in_its_length),
        cmocka_unit_test(vector_of_keys_has_a_leaf_for_each),
        cmocka_unit_test(container_has_a_leaf_for_each_field),
        cmocka_unit_test(depth_is_the_floor_of_the_logarithm),
        cmocka_unit_test(branch_goes_left_and_right_as_the_index_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
