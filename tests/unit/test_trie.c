/* Proofs of single keys: what they prove, what they do not, and with which reason. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/trie.h"
#include "tests/unit/trie_maker.h"

static const char LONG[] = "a value that makes its leaf too long to lie inside of its parent";

/* Keys that part at every kind of place: a branch with a value, extensions, inside nodes. */
static void make_words(struct ht_trie_maker *maker) {
    ht_tm_init(maker);
    ht_tm_put_str(maker, "do", "verb");
    ht_tm_put_str(maker, "dog", "puppy");
    ht_tm_put_str(maker, "doge", LONG);
    ht_tm_put_str(maker, "dogs", "s");
    ht_tm_put_str(maker, "horse", "stallion");
    ht_tm_put_str(maker, "house", LONG);
    ht_tm_finish(maker);
}

static void refuses(const ht_hash32 *root, ht_bytes key, const ht_bytes *nodes, size_t count,
                    enum ht_err err, const char *code) {
    ht_bytes value = {(const uint8_t *)"kept", 4};
    struct ht_why why = {.code = "ok", .text = "accepted"};
    enum ht_err got = ht_trie_prove(&value, root, key, nodes, count, &why);
    if (got != err || strcmp(why.code, code) != 0) {
        fail_msg("expected %s, got %s %s: %s", code, ht_err_name(got), why.code, why.text);
    }
    assert_int_equal(value.n, 4);
    assert_int_equal(ht_trie_prove(&value, root, key, nodes, count, NULL), err);
}

static void proves(const ht_hash32 *root, ht_bytes key, const struct ht_tm_proof *proof,
                   ht_bytes want) {
    ht_bytes value = {(const uint8_t *)"kept", 4};
    struct ht_why why = {.code = "", .text = ""};
    enum ht_err err = ht_trie_prove(&value, root, key, proof->nodes, proof->count, &why);
    if (err != HT_OK) fail_msg("%s: %s", why.code, why.text);
    assert_true(ht_bytes_equal(value, want));
    assert_true((value.p == NULL) == (want.n == 0));
}

static void proof_of_each_key_gives_its_value(void **state) {
    (void)state;
    const char *pairs[][2] = {{"do", "verb"}, {"dog", "puppy"},      {"doge", LONG},
                              {"dogs", "s"},  {"horse", "stallion"}, {"house", LONG}};
    struct ht_trie_maker maker;
    make_words(&maker);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct ht_tm_proof proof;
        ht_tm_proof(&proof, &maker, ht_bytes_str(pairs[i][0]));
        proves(&maker.root, ht_bytes_str(pairs[i][0]), &proof, ht_bytes_str(pairs[i][1]));
    }
    ht_tm_fini(&maker);
}

static void absence_is_proven_by_what_is_there_instead(void **state) {
    (void)state;
    const char *keys[] = {
        "",       /* ends in the root's path */
        "d",      /* ends in an extension */
        "ho",     /* ends at a branch without a value */
        "dogx",   /* an empty slot */
        "dogee",  /* behind a leaf */
        "dogt",   /* an empty slot beside a leaf inside */
        "hound",  /* another leaf */
        "h\x0fy", /* leaves an extension half way */
        "cat",    "zebra",
    };
    struct ht_trie_maker maker;
    make_words(&maker);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct ht_tm_proof proof;
        ht_tm_proof(&proof, &maker, ht_bytes_str(keys[i]));
        proves(&maker.root, ht_bytes_str(keys[i]), &proof, (ht_bytes){0});
    }
    ht_tm_fini(&maker);
}

static void single_leaf_proves_every_other_key_absent(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    struct ht_tm_proof proof;
    ht_tm_init(&maker);
    ht_tm_put_str(&maker, "a", "b");
    ht_tm_finish(&maker);
    ht_tm_proof(&proof, &maker, ht_bytes_str("a"));
    assert_int_equal(proof.count, 1);
    proves(&maker.root, ht_bytes_str("a"), &proof, ht_bytes_str("b"));
    proves(&maker.root, ht_bytes_str("b"), &proof, (ht_bytes){0});
    proves(&maker.root, ht_bytes_str("ab"), &proof, (ht_bytes){0});
    proves(&maker.root, ht_bytes_str(""), &proof, (ht_bytes){0});
    ht_tm_fini(&maker);
}

static void empty_trie_is_proven_by_no_node_or_by_the_empty_one(void **state) {
    (void)state;
    const uint8_t empty[] = {0x80};
    struct ht_tm_proof proof = {.count = 0};
    ht_hash32 hash;
    ht_keccak256(&hash, HT_BYTES(empty));
    assert_true(ht_hash32_equal(&hash, &ht_trie_empty_root));
    proves(&ht_trie_empty_root, ht_bytes_str("any"), &proof, (ht_bytes){0});
    proof = (struct ht_tm_proof){.nodes = {HT_BYTES(empty)}, .count = 1};
    proves(&ht_trie_empty_root, ht_bytes_str("any"), &proof, (ht_bytes){0});
    proof = (struct ht_tm_proof){.nodes = {HT_BYTES(empty), HT_BYTES(empty)}, .count = 2};
    refuses(&ht_trie_empty_root, ht_bytes_str("any"), proof.nodes, 2, HT_EUNVERIFIED,
            "proof_extra_nodes");
}

static void truncated_proof_is_never_absence(void **state) {
    (void)state;
    const char *keys[] = {"do", "doge", "dogs", "horse", "house", "dogx", "hound"};
    struct ht_trie_maker maker;
    make_words(&maker);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct ht_tm_proof proof;
        ht_tm_proof(&proof, &maker, ht_bytes_str(keys[i]));
        for (size_t n = 0; n < proof.count; n++) {
            refuses(&maker.root, ht_bytes_str(keys[i]), proof.nodes, n, HT_EUNVERIFIED,
                    "proof_missing_node");
        }
    }
    ht_tm_fini(&maker);
}

static void further_nodes_are_refused(void **state) {
    (void)state;
    const char *keys[] = {"do", "doge", "hound", "cat"};
    struct ht_trie_maker maker;
    make_words(&maker);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct ht_tm_proof proof;
        ht_tm_proof(&proof, &maker, ht_bytes_str(keys[i]));
        proof.nodes[proof.count] = proof.nodes[0];
        refuses(&maker.root, ht_bytes_str(keys[i]), proof.nodes, proof.count + 1, HT_EUNVERIFIED,
                "proof_extra_nodes");
    }
    ht_tm_fini(&maker);
}

static void nodes_out_of_order_or_of_another_trie_are_refused(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    struct ht_tm_proof proof, other;
    const ht_bytes key = ht_bytes_str("doge");
    make_words(&maker);
    ht_tm_proof(&proof, &maker, key);
    ht_tm_proof(&other, &maker, ht_bytes_str("house"));
    assert_true(proof.count >= 3);
    ht_bytes swapped[] = {proof.nodes[1], proof.nodes[0]};
    refuses(&maker.root, key, swapped, 2, HT_EUNVERIFIED, "proof_wrong_node");
    refuses(&maker.root, key, other.nodes, other.count, HT_EUNVERIFIED, "proof_wrong_node");
    refuses(&ht_trie_empty_root, key, proof.nodes, proof.count, HT_EUNVERIFIED, "proof_wrong_node");
    refuses(&maker.root, key, (ht_bytes[]){{NULL, 0}}, 1, HT_EUNVERIFIED, "proof_wrong_node");
    ht_tm_fini(&maker);
}

/* Every single bit of every node, which covers every single byte. */
static void flip_all(const struct ht_trie_maker *maker, ht_bytes key, struct ht_tm_proof *proof) {
    for (size_t i = 0; i < proof->count; i++) {
        ht_bytes good = proof->nodes[i];
        uint8_t *bad = malloc(good.n);
        assert_non_null(bad);
        memcpy(bad, good.p, good.n);
        proof->nodes[i] = ht_bytes_of(bad, good.n);
        for (size_t bit = 0; bit < 8 * good.n; bit++) {
            ht_bytes value;
            bad[bit / 8] ^= (uint8_t)(1U << bit % 8);
            enum ht_err err =
                ht_trie_prove(&value, &maker->root, key, proof->nodes, proof->count, NULL);
            assert_int_equal(err, HT_EUNVERIFIED);
            bad[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        for (size_t n = 0; n < good.n; n++) {
            ht_bytes value;
            proof->nodes[i] = ht_bytes_of(bad, n);
            enum ht_err err =
                ht_trie_prove(&value, &maker->root, key, proof->nodes, proof->count, NULL);
            assert_int_equal(err, HT_EUNVERIFIED);
        }
        proof->nodes[i] = good;
        free(bad);
    }
}

static void every_flipped_bit_of_a_good_proof_is_refused(void **state) {
    (void)state;
    struct ht_trie_maker maker;
    uint64_t seed = 1;
    ht_tm_init(&maker);
    uint8_t key[32], value[70];
    for (size_t i = 0; i < 1000; i++) {
        ht_tm_random_fill(key, sizeof key, &seed);
        ht_tm_random_fill(value, sizeof value, &seed);
        ht_tm_put(&maker, HT_BYTES(key), HT_BYTES(value));
    }
    ht_tm_finish(&maker);
    struct ht_tm_proof proof;
    ht_tm_proof(&proof, &maker, HT_BYTES(key));
    assert_true(proof.count >= 3 && proof.value.n == sizeof value);
    flip_all(&maker, HT_BYTES(key), &proof);
    key[31] ^= 1;
    ht_tm_proof(&proof, &maker, HT_BYTES(key));
    assert_int_equal(proof.value.n, 0);
    flip_all(&maker, HT_BYTES(key), &proof);
    ht_tm_fini(&maker);
}

/* --- nodes that their hash leads to, but that no canonical trie has ----------------------------
 */

#define HASH "a01111111111111111111111111111111111111111111111111111111111111111"
#define NINE "010101010101010101"
#define EIGHT "8080808080808080"

static struct ht_buf from_hex(const char *hex) {
    struct ht_buf buf;
    ht_buf_init(&buf, 1 << 12);
    assert_int_equal(ht_hex_read_buf(&buf, ht_bytes_str(hex)), HT_OK);
    return buf;
}

static void root_is_malformed(ht_bytes node, const char *hex) {
    ht_hash32 root;
    ht_bytes value;
    struct ht_why why = {.code = "ok"};
    ht_keccak256(&root, node);
    enum ht_err err = ht_trie_prove(&value, &root, ht_bytes_str("\x12\x34"), &node, 1, &why);
    if (err != HT_EINPUT) fail_msg("%s: %s", hex, ht_err_name(err));
    assert_string_equal(why.code, "proof_malformed_node");
}

static void node_that_is_no_rlp_list_is_refused_though_its_hash_is_right(void **state) {
    (void)state;
    const char *bad[] = {
        "",   "00", "8180", "81c0", "c220",       "c22001ff",   "f8022001", "f90002",
        "c1", "f8", "80ff", "f800", "c3812001ff", "c4b8012001", "c0",       "c281ff",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_buf node = from_hex(bad[i]);
        root_is_malformed(ht_buf_view(&node), bad[i]);
        ht_buf_fini(&node);
    }
}

static void list_that_is_no_canonical_node_is_refused_though_its_hash_is_right(void **state) {
    (void)state;
    /* What is inside the list. */
    const char *bad[] = {
        "20",                             /* one item */
        "200100",                         /* three items */
        "2080",                           /* a leaf without a value */
        "20c101",                         /* a leaf whose value is a list */
        "8001",                           /* no path */
        "c12001",                         /* a list for a path */
        "2101",                           /* an even path whose pad is not zero */
        "4001",                           /* flag 4 */
        "81f001",                         /* flag 15 */
        "812001",                         /* a single byte with a header */
        "00" HASH,                        /* an extension by nothing */
        "1180",                           /* an extension to nothing */
        "1101",                           /* an extension to a value */
        "119f" HASH "1111",               /* further items */
        "11c0",                           /* an extension to an empty list */
        "11c22001",                       /* an extension to a leaf */
        "11c411c22001",                   /* an extension to an extension */
        "11df9e" NINE NINE NINE "010101", /* 32 bytes inside */
        EIGHT EIGHT,                      /* 16 items */
        EIGHT EIGHT "80",                 /* a branch to nothing */
        EIGHT EIGHT "01",                 /* a branch with its value only */
        EIGHT EIGHT "0101",               /* 18 items */
        HASH EIGHT EIGHT,                 /* a single way */
        "0101808080808080" EIGHT "80",    /* values in place of children */
        HASH HASH "8080",                 /* too few ways */
        HASH "a011" EIGHT EIGHT,          /* a hash that goes past the end */
        HASH HASH EIGHT "808080808080c0", /* a list for the value */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_buf items = from_hex(bad[i]);
        uint8_t node[HT_RLP_HEADER_MAX + 200];
        size_t n = ht_rlp_header(node, true, items.n);
        assert_true(items.n <= 200);
        memcpy(node + n, items.p, items.n);
        root_is_malformed(ht_bytes_of(node, n + items.n), bad[i]);
        ht_buf_fini(&items);
    }
}

static void branch_with_two_ways_is_enough(void **state) {
    (void)state;
    /* rlp(["", [0x3234, 0x77], "" 14 times, 0x05]): hex-prefix 0x3234 is the odd leaf path 2 3 4.
     */
    struct ht_buf node = from_hex("d580c482323477" EIGHT "80808080808005");
    ht_bytes view = ht_buf_view(&node);
    ht_hash32 root;
    ht_keccak256(&root, view);
    struct ht_tm_proof proof = {.nodes = {view}, .count = 1};
    const uint8_t five[] = {5}, seven[] = {0x77};
    proves(&root, ht_bytes_str("\x12\x34"), &proof, HT_BYTES(seven));
    proves(&root, ht_bytes_str(""), &proof, HT_BYTES(five));
    proves(&root, ht_bytes_str("\x12"), &proof, (ht_bytes){0});
    proves(&root, ht_bytes_str("\x21"), &proof, (ht_bytes){0});
    ht_buf_fini(&node);
}

static void short_node_behind_a_hash_is_refused(void **state) {
    (void)state;
    /* An extension by nibble 1 to the hash of a leaf that should lie inside of it. */
    const uint8_t leaf[] = {0xc3, 0x32, 0x34, 0x77};
    uint8_t extension[35] = {0xe2, 0x11, 0xa0};
    ht_hash32 root, hash;
    ht_keccak256(&hash, HT_BYTES(leaf));
    memcpy(extension + 3, hash.b, sizeof hash.b);
    ht_keccak256(&root, HT_BYTES(extension));
    const ht_bytes nodes[] = {HT_BYTES(extension), HT_BYTES(leaf)};
    refuses(&root, ht_bytes_str("\x12\x34"), nodes, 2, HT_EINPUT, "proof_malformed_node");
}

static void index_keys_are_rlp(void **state) {
    (void)state;
    const struct {
        uint64_t index;
        const char *hex;
    } cases[] = {
        {0, "80"},     {1, "01"},       {127, "7f"},       {128, "8180"},
        {255, "81ff"}, {256, "820100"}, {65535, "82ffff"}, {UINT64_MAX, "88ffffffffffffffff"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t key[HT_TRIE_INDEX_KEY_MAX];
        size_t n = ht_trie_index_key(key, cases[i].index);
        struct ht_buf want = from_hex(cases[i].hex);
        assert_true(ht_bytes_equal(ht_bytes_of(key, n), ht_buf_view(&want)));
        ht_buf_fini(&want);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proof_of_each_key_gives_its_value),
        cmocka_unit_test(absence_is_proven_by_what_is_there_instead),
        cmocka_unit_test(single_leaf_proves_every_other_key_absent),
        cmocka_unit_test(empty_trie_is_proven_by_no_node_or_by_the_empty_one),
        cmocka_unit_test(truncated_proof_is_never_absence),
        cmocka_unit_test(further_nodes_are_refused),
        cmocka_unit_test(nodes_out_of_order_or_of_another_trie_are_refused),
        cmocka_unit_test(every_flipped_bit_of_a_good_proof_is_refused),
        cmocka_unit_test(node_that_is_no_rlp_list_is_refused_though_its_hash_is_right),
        cmocka_unit_test(list_that_is_no_canonical_node_is_refused_though_its_hash_is_right),
        cmocka_unit_test(branch_with_two_ways_is_enough),
        cmocka_unit_test(short_node_behind_a_hash_is_refused),
        cmocka_unit_test(index_keys_are_rlp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
