/* Roots after changes, against roots that are made from all entries. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/crypto/keccak.h"
#include "node/l1/execution/trie.h"
#include "node/l1/execution/trie_build.h"
#include "node/l1/execution/trie_update.h"

#define ENTRIES 400U
#define NODES_MAX 100000U
#define BYTES_MAX ((size_t)64 << 20)

/* Entry n of a trie: one byte, so that some nodes lie inside their parents. Keys share long fronts
 * when `close` is set. */
static ht_hash32 key_of(unsigned n, bool close) {
    ht_hash32 key;
    uint8_t name[4] = {(uint8_t)n, (uint8_t)(n >> 8), 7, 1};
    ht_keccak256(&key, HT_BYTES(name));
    if (close) memset(key.b, (int)(n % 3), 30);
    return key;
}

static const uint8_t VALUES[4][40] = {{1}, {2}, {3}, {4}};

static ht_bytes value_of(unsigned n, unsigned round) {
    return ht_bytes_of(VALUES[(n + round) % 4], n % 5 == 0 ? 40 : 1);
}

static enum ht_err keep_node(void *user, ht_bytes node, struct ht_why *why) {
    return ht_witness_add(user, node, why);
}

/* The root of the entries whose flag is set; nodes go to the witness when there is one. */
static ht_hash32 root_of(const bool *has, const unsigned *round, bool close,
                         struct ht_witness *nodes) {
    struct ht_trie trie;
    ht_hash32 root;
    const struct ht_trie_visitor visitor = {.node = keep_node, .user = nodes};
    ht_trie_init(&trie, ENTRIES);
    for (unsigned n = 0; n < ENTRIES; n++) {
        ht_hash32 key = key_of(n, close);
        if (!has[n]) continue;
        assert_int_equal(ht_trie_put(&trie, HT_BYTES(key.b), value_of(n, round[n]), NULL), HT_OK);
    }
    assert_int_equal(ht_trie_root(&root, &trie, nodes != NULL ? &visitor : NULL, NULL), HT_OK);
    ht_trie_fini(&trie);
    return root;
}

/* Every third entry is changed, put or deleted; what moves is told apart by `step`. */
static void check_changes(bool close, unsigned begin, unsigned step) {
    static bool has[ENTRIES];
    static unsigned round[ENTRIES];
    static struct ht_trie_change changes[ENTRIES];
    struct ht_witness nodes;
    struct ht_trie_gap gap;
    struct ht_why why = {0};
    size_t count = 0;
    ht_hash32 root;
    ht_witness_init(&nodes, NODES_MAX, BYTES_MAX);
    for (unsigned n = 0; n < ENTRIES; n++) {
        has[n] = n % begin != 0;
        round[n] = 0;
    }
    const ht_hash32 before = root_of(has, round, close, &nodes);
    for (unsigned n = 0; n < ENTRIES; n += step) {
        bool is_put = n % 2 == 0 || !has[n];
        has[n] = is_put;
        round[n] = 1;
        changes[count++] = (struct ht_trie_change){
            .key = key_of(n, close), .value = is_put ? value_of(n, 1) : (ht_bytes){0}};
    }
    assert_int_equal(ht_trie_update(&root, &gap, &nodes, &before, changes, count, &why), HT_OK);
    const ht_hash32 want = root_of(has, round, close, NULL);
    assert_memory_equal(root.b, want.b, sizeof root.b);
    ht_witness_fini(&nodes);
}

static void trie_update_gives_the_root_that_all_entries_give(void **state) {
    (void)state;
    check_changes(false, 2, 3);
    check_changes(false, 7, 1);
    check_changes(false, 50, 2);
}

static void trie_update_of_keys_with_long_common_fronts_gives_the_same_root(void **state) {
    (void)state;
    check_changes(true, 2, 3);
    check_changes(true, 7, 1);
}

static void trie_update_builds_from_nothing_and_takes_everything_away(void **state) {
    (void)state;
    struct ht_witness nodes;
    struct ht_trie_gap gap;
    static struct ht_trie_change changes[ENTRIES];
    static bool has[ENTRIES];
    static const unsigned round[ENTRIES];
    ht_hash32 root;
    ht_witness_init(&nodes, NODES_MAX, BYTES_MAX);
    for (unsigned n = 0; n < ENTRIES; n++) {
        changes[n] = (struct ht_trie_change){key_of(n, false), value_of(n, 0)};
        has[n] = true;
    }
    assert_int_equal(
        ht_trie_update(&root, &gap, &nodes, &ht_trie_empty_root, changes, ENTRIES, NULL), HT_OK);
    ht_hash32 full = root_of(has, round, false, &nodes);
    assert_memory_equal(root.b, full.b, sizeof root.b);
    for (unsigned n = 0; n < ENTRIES; n++) changes[n].value = (ht_bytes){0};
    assert_int_equal(ht_trie_update(&root, &gap, &nodes, &full, changes, ENTRIES, NULL), HT_OK);
    assert_memory_equal(root.b, ht_trie_empty_root.b, sizeof root.b);
    ht_witness_fini(&nodes);
}

/* The nodes that prove one key alone. */
static void add_path(struct ht_witness *to, struct ht_witness *from, const ht_hash32 *root,
                     const ht_hash32 *key) {
    ht_bytes value, path[65];
    size_t count = 0;
    assert_int_equal(ht_witness_path(&value, path, &count, 65, from, root, HT_BYTES(key->b), NULL),
                     HT_OK);
    for (size_t i = 0; i < count; i++) assert_int_equal(ht_witness_add(to, path[i], NULL), HT_OK);
}

/* Two neighbours below one branch: deleting one moves the other up. */
static void trie_update_tells_which_neighbour_a_deletion_needs(void **state) {
    (void)state;
    static const uint8_t value[40] = {9};
    struct ht_witness all, some;
    struct ht_trie trie;
    struct ht_trie_gap gap;
    struct ht_why why = {0};
    const struct ht_trie_visitor visitor = {.node = keep_node, .user = &all};
    const uint8_t fronts[] = {0x12, 0x19, 0x50};
    ht_hash32 keys[3] = {{{0}}}, root, after, want;
    ht_witness_init(&all, NODES_MAX, BYTES_MAX);
    ht_witness_init(&some, NODES_MAX, BYTES_MAX);
    ht_trie_init(&trie, 8);
    for (size_t i = 0; i < 3; i++) {
        keys[i].b[0] = fronts[i];
        keys[i].b[31] = (uint8_t)i; /* else leaves would be the same node */
        assert_int_equal(ht_trie_put(&trie, HT_BYTES(keys[i].b), HT_BYTES(value), NULL), HT_OK);
    }
    assert_int_equal(ht_trie_root(&root, &trie, &visitor, NULL), HT_OK);
    const struct ht_trie_change gone = {.key = keys[0]};
    add_path(&some, &all, &root, &keys[0]);
    assert_int_equal(ht_trie_update(&after, &gap, &some, &root, &gone, 1, &why), HT_EAGAIN);
    assert_string_equal(why.code, "trie_sibling_missing");
    assert_int_equal(gap.nibbles, 2);
    assert_int_equal(gap.path[0], 0x19);

    add_path(&some, &all, &root, &keys[1]);
    assert_int_equal(ht_trie_update(&after, &gap, &some, &root, &gone, 1, &why), HT_OK);
    assert_int_equal(ht_trie_put(&trie, HT_BYTES(keys[0].b), (ht_bytes){0}, NULL), HT_OK);
    assert_int_equal(ht_trie_root(&want, &trie, NULL, NULL), HT_OK);
    assert_memory_equal(after.b, want.b, sizeof want.b);
    ht_trie_fini(&trie);
    ht_witness_fini(&all);
    ht_witness_fini(&some);
}

static void trie_update_refuses_a_key_whose_way_is_not_proven(void **state) {
    (void)state;
    struct ht_witness nodes;
    struct ht_trie_gap gap;
    struct ht_why why = {0};
    ht_hash32 after;
    const ht_hash32 root = {{1, 2, 3}};
    const struct ht_trie_change change = {.key = {{5}}, .value = HT_BYTES(VALUES[0])};
    ht_witness_init(&nodes, NODES_MAX, BYTES_MAX);
    assert_int_equal(ht_trie_update(&after, &gap, &nodes, &root, &change, 1, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "proof_missing_node");
    ht_witness_fini(&nodes);
}

static void trie_update_refuses_a_node_that_is_none(void **state) {
    (void)state;
    static const uint8_t nodes_bytes[][4] = {
        {0xc2, 0x20, 0x80}, /* a leaf without a value */
        {0xc1, 0x80},       /* one item */
        {0x83, 1, 2, 3},    /* no list */
    };
    static const size_t lengths[] = {3, 2, 4};
    for (size_t i = 0; i < 3; i++) {
        struct ht_witness nodes;
        struct ht_trie_gap gap;
        struct ht_why why = {0};
        ht_hash32 root, after;
        const ht_bytes node = ht_bytes_of(nodes_bytes[i], lengths[i]);
        const struct ht_trie_change change = {.key = {{5}}, .value = HT_BYTES(VALUES[0])};
        ht_witness_init(&nodes, NODES_MAX, BYTES_MAX);
        assert_int_equal(ht_witness_add(&nodes, node, NULL), HT_OK);
        ht_keccak256(&root, node);
        assert_int_equal(ht_trie_update(&after, &gap, &nodes, &root, &change, 1, &why), HT_EINPUT);
        assert_string_equal(why.code, "proof_malformed_node");
        ht_witness_fini(&nodes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trie_update_gives_the_root_that_all_entries_give),
        cmocka_unit_test(trie_update_of_keys_with_long_common_fronts_gives_the_same_root),
        cmocka_unit_test(trie_update_builds_from_nothing_and_takes_everything_away),
        cmocka_unit_test(trie_update_tells_which_neighbour_a_deletion_needs),
        cmocka_unit_test(trie_update_refuses_a_key_whose_way_is_not_proven),
        cmocka_unit_test(trie_update_refuses_a_node_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
