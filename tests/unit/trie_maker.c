/* Tries for tests, out of the builder and a witness that keeps its nodes. */
#include "tests/unit/trie_maker.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

void ht_tm_init(struct ht_trie_maker *maker) {
    ht_trie_init(&maker->trie, 100000);
    ht_witness_init(&maker->witness, 200000, (size_t)64 << 20);
    ht_arena_init(&maker->values, (size_t)64 << 20);
    memset(&maker->root, 0, sizeof maker->root);
}

void ht_tm_fini(struct ht_trie_maker *maker) {
    ht_trie_fini(&maker->trie);
    ht_witness_fini(&maker->witness);
    ht_arena_fini(&maker->values);
}

void ht_tm_put(struct ht_trie_maker *maker, ht_bytes key, ht_bytes value) {
    uint8_t *copy = ht_arena_alloc(&maker->values, value.n + 1);
    assert_non_null(copy);
    if (value.n > 0) memcpy(copy, value.p, value.n);
    assert_int_equal(ht_trie_put(&maker->trie, key, ht_bytes_of(copy, value.n), NULL), HT_OK);
}

void ht_tm_put_str(struct ht_trie_maker *maker, const char *key, const char *value) {
    ht_tm_put(maker, ht_bytes_str(key), ht_bytes_str(value));
}

enum ht_err ht_tm_keep_node(void *user, ht_bytes node, struct ht_why *why) {
    return ht_witness_add(user, node, why);
}

void ht_tm_finish(struct ht_trie_maker *maker) {
    const struct ht_trie_visitor visitor = {ht_tm_keep_node, &maker->witness};
    ht_witness_fini(&maker->witness);
    assert_int_equal(ht_trie_root(&maker->root, &maker->trie, &visitor, NULL), HT_OK);
}

void ht_tm_proof(struct ht_tm_proof *out, struct ht_trie_maker *maker, ht_bytes key) {
    struct ht_why why = {.code = "", .text = ""};
    enum ht_err err = ht_witness_path(&out->value, out->nodes, &out->count, HT_TM_NODES_MAX,
                                      &maker->witness, &maker->root, key, &why);
    if (err != HT_OK) fail_msg("%s", why.text);
}

/* splitmix64 */
uint64_t ht_tm_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

void ht_tm_random_fill(uint8_t *out, size_t n, uint64_t *state) {
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)ht_tm_random(state);
}
