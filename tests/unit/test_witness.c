/* A witness: many keys, many roots, each node once. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "node/l1/execution/trie.h"
#include "tests/unit/trie_maker.h"

#define KEYS 500U

static void make_numbers(struct ht_trie_maker *maker, uint64_t seed) {
    ht_tm_init(maker);
    for (size_t i = 0; i < KEYS; i++) {
        uint8_t key[32], value[40];
        ht_tm_random_fill(key, sizeof key, &seed);
        ht_tm_random_fill(value, sizeof value, &seed);
        ht_tm_put(maker, HT_BYTES(key), HT_BYTES(value));
    }
    ht_tm_finish(maker);
}

static ht_bytes key_at(const struct ht_trie_maker *maker, size_t i) {
    return ht_bytes_of(maker->trie.entries[i].key, maker->trie.entries[i].key_n);
}

static void add_proof(struct ht_witness *witness, struct ht_trie_maker *maker, ht_bytes key) {
    struct ht_tm_proof proof;
    ht_tm_proof(&proof, maker, key);
    for (size_t i = 0; i < proof.count; i++) {
        assert_int_equal(ht_witness_add(witness, proof.nodes[i], NULL), HT_OK);
    }
}

static void witness_proves_many_keys_under_several_roots(void **state) {
    (void)state;
    struct ht_trie_maker makers[2];
    struct ht_witness witness;
    make_numbers(&makers[0], 1);
    make_numbers(&makers[1], 2);
    ht_witness_init(&witness, 10000, 1 << 20);
    for (size_t i = 0; i < KEYS; i++)
        add_proof(&witness, &makers[i % 2], key_at(&makers[i % 2], i));
    for (size_t i = 0; i < KEYS; i++) {
        struct ht_trie_maker *maker = &makers[i % 2];
        ht_bytes value;
        assert_int_equal(ht_witness_prove(&value, &witness, &maker->root, key_at(maker, i), NULL),
                         HT_OK);
        assert_true(ht_bytes_equal(value, maker->trie.entries[i].value));
    }
    ht_witness_fini(&witness);
    ht_tm_fini(&makers[0]);
    ht_tm_fini(&makers[1]);
}

static void shared_nodes_are_kept_and_hashed_once(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    struct ht_witness witness;
    make_numbers(&maker, 1);
    ht_witness_init(&witness, 10000, 1 << 20);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < KEYS; i++) add_proof(&witness, &maker, key_at(&maker, i));
        assert_int_equal(witness.count, maker.witness.count);
        assert_int_equal(witness.hash_count, witness.count);
    }
    ht_witness_fini(&witness);
    ht_tm_fini(&maker);
}

static void missing_node_is_no_absence(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    struct ht_witness witness;
    struct ht_why why = {.code = ""};
    ht_bytes value = {(const uint8_t *)"kept", 4};
    make_numbers(&maker, 1);
    ht_witness_init(&witness, 10000, 1 << 20);
    assert_int_equal(ht_witness_prove(&value, &witness, &maker.root, key_at(&maker, 0), &why),
                     HT_EUNVERIFIED);
    assert_string_equal(why.code, "proof_missing_node");
    add_proof(&witness, &maker, key_at(&maker, 0));
    assert_int_equal(
        ht_witness_prove(&value, &witness, &maker.root, key_at(&maker, KEYS - 1), &why),
        HT_EUNVERIFIED);
    assert_string_equal(why.code, "proof_missing_node");
    assert_int_equal(value.n, 4);
    ht_witness_fini(&witness);
    ht_tm_fini(&maker);
}

static void empty_root_needs_no_nodes(void **state) {
    (void)state;
    struct ht_witness witness;
    ht_bytes value = {(const uint8_t *)"kept", 4};
    ht_witness_init(&witness, 10, 100);
    assert_int_equal(
        ht_witness_prove(&value, &witness, &ht_trie_empty_root, ht_bytes_str("a"), NULL), HT_OK);
    assert_null(value.p);
    ht_witness_fini(&witness);
}

static void path_is_a_proof_and_bounded(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    ht_bytes value, nodes[70];
    size_t count = 0;
    struct ht_why why = {.code = ""};
    make_numbers(&maker, 1);
    ht_bytes key = key_at(&maker, 7);
    assert_int_equal(
        ht_witness_path(&value, nodes, &count, 1, &maker.witness, &maker.root, key, &why),
        HT_ELIMIT);
    assert_string_equal(why.code, "proof_too_long");
    assert_int_equal(
        ht_witness_path(&value, nodes, &count, 70, &maker.witness, &maker.root, key, NULL), HT_OK);
    assert_int_equal(ht_trie_prove(&value, &maker.root, key, nodes, count, NULL), HT_OK);
    assert_true(ht_bytes_equal(value, maker.trie.entries[7].value));
    ht_tm_fini(&maker);
}

static void unused_nodes_are_told(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    struct ht_witness witness;
    struct ht_why why = {.code = ""};
    ht_bytes value;
    make_numbers(&maker, 1);
    ht_witness_init(&witness, 10000, 1 << 20);
    assert_int_equal(ht_witness_check_used(&witness, NULL), HT_OK);
    add_proof(&witness, &maker, key_at(&maker, 0));
    assert_int_equal(ht_witness_check_used(&witness, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "proof_extra_nodes");
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(ht_witness_prove(&value, &witness, &maker.root, key_at(&maker, 0), NULL),
                         HT_OK);
        assert_int_equal(ht_witness_check_used(&witness, NULL), HT_OK);
    }
    ht_witness_fini(&witness);
    ht_tm_fini(&maker);
}

static void witness_keeps_to_its_bounds(void **state) {
    (void)state;
    struct ht_witness witness;
    struct ht_why why = {.code = ""};
    uint8_t node[60] = {1};
    ht_witness_init(&witness, 2, 150);
    assert_int_equal(ht_witness_add(&witness, HT_BYTES(node), NULL), HT_OK);
    assert_int_equal(ht_witness_add(&witness, HT_BYTES(node), NULL), HT_OK);
    assert_int_equal(witness.count, 1);
    node[0] = 2;
    assert_int_equal(ht_witness_add(&witness, HT_BYTES(node), NULL), HT_OK);
    node[0] = 3;
    assert_int_equal(ht_witness_add(&witness, HT_BYTES(node), &why), HT_ELIMIT);
    assert_string_equal(why.code, "witness_too_large");
    ht_witness_fini(&witness);
    ht_witness_init(&witness, 20, 100);
    assert_int_equal(ht_witness_add(&witness, HT_BYTES(node), NULL), HT_OK);
    node[0] = 4;
    assert_int_equal(ht_witness_add(&witness, HT_BYTES(node), &why), HT_ELIMIT);
    assert_string_equal(why.code, "witness_too_large");
    assert_int_equal(ht_witness_add(&witness, ht_bytes_of(node, 40), NULL), HT_OK);
    ht_witness_fini(&witness);
}

static void nodes_that_differ_in_two_bytes_are_told_apart(void **state) {
    (void)state;
    struct ht_witness witness;
    uint8_t node[100] = {0};
    ht_witness_init(&witness, 5000, 1 << 20);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < 1000; i++) {
            node[90] = (uint8_t)i;
            node[91] = (uint8_t)(i >> 8);
            assert_int_equal(ht_witness_add(&witness, HT_BYTES(node), NULL), HT_OK);
        }
        assert_int_equal(witness.count, 1000);
    }
    for (size_t n = 0; n < 20; n++) {
        assert_int_equal(ht_witness_add(&witness, ht_bytes_of(node, n), NULL), HT_OK);
    }
    assert_int_equal(witness.count, 1020);
    ht_witness_fini(&witness);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(witness_proves_many_keys_under_several_roots),
        cmocka_unit_test(shared_nodes_are_kept_and_hashed_once),
        cmocka_unit_test(missing_node_is_no_absence),
        cmocka_unit_test(empty_root_needs_no_nodes),
        cmocka_unit_test(path_is_a_proof_and_bounded),
        cmocka_unit_test(unused_nodes_are_told),
        cmocka_unit_test(witness_keeps_to_its_bounds),
        cmocka_unit_test(nodes_that_differ_in_two_bytes_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
