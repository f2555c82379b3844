/* Roots from entries: canonical whatever the order, and every key provable under them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "node/crypto/keccak.h"
#include "node/l1/execution/trie.h"
#include "tests/unit/trie_maker.h"

static const uint8_t ONE[] = {1};

static void trie_without_keys_has_the_empty_root(void **state) {
    (void)state;
    struct ht_trie trie;
    ht_hash32 root;
    ht_trie_init(&trie, 10);
    assert_int_equal(ht_trie_root(&root, &trie, NULL, NULL), HT_OK);
    assert_true(ht_hash32_equal(&root, &ht_trie_empty_root));
    assert_int_equal(ht_trie_put(&trie, ht_bytes_str("a"), HT_BYTES(ONE), NULL), HT_OK);
    assert_int_equal(ht_trie_put(&trie, ht_bytes_str("a"), (ht_bytes){0}, NULL), HT_OK);
    assert_int_equal(ht_trie_put(&trie, ht_bytes_str("b"), (ht_bytes){0}, NULL), HT_OK);
    assert_int_equal(ht_trie_root(&root, &trie, NULL, NULL), HT_OK);
    assert_true(ht_hash32_equal(&root, &ht_trie_empty_root));
    assert_int_equal(trie.count, 0);
    assert_int_equal(ht_trie_list_root(&root, NULL, 0, NULL, NULL), HT_OK);
    assert_true(ht_hash32_equal(&root, &ht_trie_empty_root));
    ht_trie_fini(&trie);
}

static void single_key_is_one_leaf(void **state) {
    (void)state;
    struct ht_trie trie;
    ht_hash32 root, want;
    /* rlp([hex-prefix of nibbles 6 1, "b"]) */
    const uint8_t leaf[] = {0xc4, 0x82, 0x20, 0x61, 0x62};
    ht_keccak256(&want, HT_BYTES(leaf));
    ht_trie_init(&trie, 10);
    assert_int_equal(ht_trie_put(&trie, ht_bytes_str("a"), ht_bytes_str("b"), NULL), HT_OK);
    assert_int_equal(ht_trie_root(&root, &trie, NULL, NULL), HT_OK);
    assert_memory_equal(root.b, want.b, 32);
    ht_trie_fini(&trie);
}

static void nodes_below_32_bytes_lie_inside_their_parent(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    ht_tm_init(&maker);
    ht_tm_put_str(&maker, "aa", "1");
    ht_tm_put_str(&maker, "ab", "2");
    ht_tm_finish(&maker);
    /* Extension 6 1 6 to a branch with leaves at 1 and 2, all in one node. */
    const uint8_t want[] = {0xd9, 0x82, 0x16, 0x16, 0xd5, 0x80, 0xc2, 0x20, 0x31,
                            0xc2, 0x20, 0x32, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                            0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80};
    ht_hash32 root;
    ht_keccak256(&root, HT_BYTES(want));
    assert_memory_equal(maker.root.b, root.b, 32);
    assert_int_equal(maker.witness.count, 1);
    ht_tm_fini(&maker);
}

static size_t random_key(uint8_t *key, uint64_t *seed, size_t most, uint8_t mask) {
    size_t n = ht_tm_random(seed) % (most + 1);
    ht_tm_random_fill(key, n, seed);
    for (size_t i = 0; i < n; i++) key[i] &= mask;
    return n;
}

/* Puts, overwrites and deletions at random, beside a plain list of what must be there. */
struct model {
    uint8_t keys[300][4];
    size_t key_n[300];
    uint8_t values[300][40];
    size_t value_n[300]; /* 0 when deleted */
    size_t count;
};

static void model_put(struct model *model, ht_bytes key, ht_bytes value) {
    size_t i = 0;
    while (i < model->count && !ht_bytes_equal(ht_bytes_of(model->keys[i], model->key_n[i]), key)) {
        i++;
    }
    if (i == model->count) model->count++;
    memcpy(model->keys[i], key.p, key.n);
    model->key_n[i] = key.n;
    memcpy(model->values[i], value.p, value.n);
    model->value_n[i] = value.n;
}

static void random_round(uint64_t *seed) {
    struct ht_trie_maker maker, again;
    struct model *model = calloc(1, sizeof *model);
    assert_non_null(model);
    ht_tm_init(&maker);
    ht_tm_init(&again);
    const size_t most = 1 + ht_tm_random(seed) % 4;
    const uint8_t mask = ht_tm_random(seed) % 2 == 0 ? 0x11 : 0xff;
    for (size_t puts = ht_tm_random(seed) % 300; puts > 0; puts--) {
        uint8_t key[4], value[40];
        size_t key_n = random_key(key, seed, most, mask);
        size_t value_n = ht_tm_random(seed) % 4 == 0 ? 0 : 1 + ht_tm_random(seed) % 39;
        ht_tm_random_fill(value, value_n, seed);
        ht_tm_put(&maker, ht_bytes_of(key, key_n), ht_bytes_of(value, value_n));
        model_put(model, ht_bytes_of(key, key_n), ht_bytes_of(value, value_n));
        /* A root in between changes nothing. */
        if (ht_tm_random(seed) % 64 == 0) ht_tm_finish(&maker);
    }
    ht_tm_finish(&maker);
    for (size_t i = model->count; i > 0; i--) {
        ht_bytes key = ht_bytes_of(model->keys[i - 1], model->key_n[i - 1]);
        ht_bytes value = ht_bytes_of(model->values[i - 1], model->value_n[i - 1]);
        if (value.n > 0) ht_tm_put(&again, key, value);
        struct ht_tm_proof proof;
        ht_bytes got;
        ht_tm_proof(&proof, &maker, key);
        assert_int_equal(ht_trie_prove(&got, &maker.root, key, proof.nodes, proof.count, NULL),
                         HT_OK);
        assert_true(ht_bytes_equal(got, value));
    }
    ht_tm_finish(&again);
    assert_memory_equal(maker.root.b, again.root.b, 32);
    assert_int_equal(ht_witness_check_used(&maker.witness, NULL), HT_OK);
    ht_tm_fini(&maker);
    ht_tm_fini(&again);
    free(model);
}

static void random_tries_prove_what_was_put_last_in_any_order(void **state) {
    (void)state;
    uint64_t seed = 7;
    for (size_t round = 0; round < 200; round++) random_round(&seed);
}

static void keys_that_begin_other_keys_get_branch_values(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    ht_tm_init(&maker);
    uint8_t key[HT_TRIE_KEY_MAX] = {0};
    for (size_t n = 0; n <= sizeof key; n++) {
        uint8_t value[] = {(uint8_t)(n + 1)};
        ht_tm_put(&maker, ht_bytes_of(key, n), HT_BYTES(value));
        key[n < sizeof key ? n : 0] = 0;
    }
    ht_tm_finish(&maker);
    for (size_t n = 0; n <= sizeof key; n++) {
        struct ht_tm_proof proof;
        ht_tm_proof(&proof, &maker, ht_bytes_of(key, n));
        assert_int_equal(proof.value.n, 1);
        assert_int_equal(proof.value.p[0], n + 1);
    }
    ht_tm_fini(&maker);
}

static void each_index_of_a_list_is_proven_under_its_root(void **state) {
    (void)state;
    const size_t counts[] = {1, 2, 16, 17, 127, 128, 129, 130, 256, 257, 300};
    static uint8_t bytes[300][64];
    ht_bytes values[300];
    uint64_t seed = 3;
    for (size_t i = 0; i < 300; i++) {
        size_t n = 1 + ht_tm_random(&seed) % 64;
        ht_tm_random_fill(bytes[i], n, &seed);
        values[i] = ht_bytes_of(bytes[i], n);
    }
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        struct ht_witness witness;
        const struct ht_trie_visitor visitor = {ht_tm_keep_node, &witness};
        ht_hash32 root;
        ht_witness_init(&witness, 1000, 1000000);
        assert_int_equal(ht_trie_list_root(&root, values, counts[c], &visitor, NULL), HT_OK);
        for (size_t i = 0; i <= counts[c]; i++) {
            uint8_t key[HT_TRIE_INDEX_KEY_MAX];
            size_t n = ht_trie_index_key(key, i);
            ht_bytes value;
            assert_int_equal(ht_witness_prove(&value, &witness, &root, ht_bytes_of(key, n), NULL),
                             HT_OK);
            assert_true(ht_bytes_equal(value, i < counts[c] ? values[i] : (ht_bytes){0}));
        }
        assert_int_equal(ht_witness_check_used(&witness, NULL), HT_OK);
        ht_witness_fini(&witness);
    }
}

static void list_with_an_item_changed_moved_or_missing_has_another_root(void **state) {
    (void)state;
    ht_bytes values[] = {ht_bytes_str("a"), ht_bytes_str("b"), ht_bytes_str("c")};
    const ht_bytes moved[] = {values[1], values[0], values[2]};
    ht_hash32 root, other;
    assert_int_equal(ht_trie_list_root(&root, values, 3, NULL, NULL), HT_OK);
    assert_int_equal(ht_trie_list_root(&other, values, 2, NULL, NULL), HT_OK);
    assert_false(ht_hash32_equal(&root, &other));
    assert_int_equal(ht_trie_list_root(&other, moved, 3, NULL, NULL), HT_OK);
    assert_false(ht_hash32_equal(&root, &other));
    values[2] = ht_bytes_str("d");
    assert_int_equal(ht_trie_list_root(&other, values, 3, NULL, NULL), HT_OK);
    assert_false(ht_hash32_equal(&root, &other));
}

static void hashed_put_is_a_put_under_the_hash(void **state) {
    (void)state;
    struct ht_trie plain, hashed;
    ht_hash32 key, one, other;
    ht_trie_init(&plain, 4);
    ht_trie_init(&hashed, 4);
    ht_keccak256(&key, ht_bytes_str("key"));
    assert_int_equal(ht_trie_put(&plain, HT_BYTES(key.b), HT_BYTES(ONE), NULL), HT_OK);
    assert_int_equal(ht_trie_put_hashed(&hashed, ht_bytes_str("key"), HT_BYTES(ONE), NULL), HT_OK);
    assert_int_equal(ht_trie_root(&one, &plain, NULL, NULL), HT_OK);
    assert_int_equal(ht_trie_root(&other, &hashed, NULL, NULL), HT_OK);
    assert_memory_equal(one.b, other.b, 32);
    ht_trie_fini(&plain);
    ht_trie_fini(&hashed);
}

static void bounds_are_kept_with_their_reasons(void **state) {
    (void)state;
    struct ht_trie trie;
    struct ht_why why = {.code = ""};
    uint8_t key[HT_TRIE_KEY_MAX + 1] = {0};
    ht_trie_init(&trie, 2);
    assert_int_equal(ht_trie_put(&trie, HT_BYTES(key), HT_BYTES(ONE), &why), HT_ELIMIT);
    assert_string_equal(why.code, "trie_key_too_long");
    assert_int_equal(ht_trie_put(&trie, ht_bytes_of(key, 32), HT_BYTES(ONE), &why), HT_OK);
    assert_int_equal(ht_trie_put(&trie, ht_bytes_of(key, 31), HT_BYTES(ONE), &why), HT_OK);
    assert_int_equal(ht_trie_put(&trie, ht_bytes_of(key, 30), HT_BYTES(ONE), &why), HT_ELIMIT);
    assert_string_equal(why.code, "trie_too_large");
    ht_trie_fini(&trie);
    ht_hash32 root;
    const ht_bytes values[] = {HT_BYTES(ONE), {0}};
    assert_int_equal(ht_trie_list_root(&root, values, 2, NULL, &why), HT_EINPUT);
    assert_string_equal(why.code, "trie_empty_value");
    uint8_t *large = calloc(1, HT_TRIE_NODE_MAX);
    assert_non_null(large);
    const ht_bytes one_large = ht_bytes_of(large, HT_TRIE_NODE_MAX);
    assert_int_equal(ht_trie_list_root(&root, &one_large, 1, NULL, &why), HT_ELIMIT);
    assert_string_equal(why.code, "trie_too_large");
    free(large);
}

static enum ht_err refuse_node(void *user, ht_bytes node, struct ht_why *why) {
    (void)node;
    size_t *left = user;
    if (*left == 0) return ht_fail(why, HT_ESTORE, "full", "no room");
    (*left)--;
    return HT_OK;
}

static void error_of_a_visitor_ends_the_work(void **state) {
    (void)state;
    static uint8_t bytes[40][40];
    ht_bytes values[40];
    for (size_t i = 0; i < 40; i++) values[i] = HT_BYTES(bytes[i]);
    for (size_t left = 0; left < 43; left++) {
        size_t room = left;
        struct ht_why why = {.code = ""};
        const struct ht_trie_visitor visitor = {refuse_node, &room};
        ht_hash32 root = {{7}};
        assert_int_equal(ht_trie_list_root(&root, values, 40, &visitor, &why), HT_ESTORE);
        assert_string_equal(why.code, "full");
        assert_int_equal(root.b[0], 7);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trie_without_keys_has_the_empty_root),
        cmocka_unit_test(single_key_is_one_leaf),
        cmocka_unit_test(nodes_below_32_bytes_lie_inside_their_parent),
        cmocka_unit_test(random_tries_prove_what_was_put_last_in_any_order),
        cmocka_unit_test(keys_that_begin_other_keys_get_branch_values),
        cmocka_unit_test(each_index_of_a_list_is_proven_under_its_root),
        cmocka_unit_test(list_with_an_item_changed_moved_or_missing_has_another_root),
        cmocka_unit_test(hashed_put_is_a_put_under_the_hash),
        cmocka_unit_test(bounds_are_kept_with_their_reasons),
        cmocka_unit_test(error_of_a_visitor_ends_the_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
