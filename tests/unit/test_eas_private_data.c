/* Private data: the tree's root, disclosures and what is refused of them. The roots and hashes are
 * from an implementation of its own over ethers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "identity/eas/private_data.h"
#include "tests/unit/eas_sample.h"

#define ROOT_5 "0x382c299fc0e08eb320c70677911f57a937e94832fa14fabe9468d336702cfcbe"
#define SALT(two) "\"salt\":\"0x" two two two two two two two two "\"}"
#define ONES "01010101"
#define TWOS "02020202"
#define THREES "03030303"
#define FOURS "04040404"
#define FIVES "05050505"
#define NAME "{\"type\":\"string\",\"name\":\"name\",\"value\":\"Hestia\"," SALT(ONES)
#define AGE "{\"type\":\"uint256\",\"name\":\"age\",\"value\":\"34\"," SALT(TWOS)
#define MEMBER "{\"type\":\"bool\",\"name\":\"member\",\"value\":true," SALT(THREES)
#define WALLET                                                                                   \
    "{\"type\":\"address\",\"name\":\"wallet\",\"value\":\"0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1" \
    "a1a1a1\"," SALT(FOURS)
#define BLOB "{\"type\":\"bytes\",\"name\":\"blob\",\"value\":\"0x0102\"," SALT(FIVES)
#define ALL "[" NAME "," AGE "," MEMBER "," WALLET "," BLOB "]"

struct world {
    json_t *json;
    struct ht_arena arena;
    struct ht_private_leaf *leaves;
    size_t count;
    ht_hash32 root;
};

static json_t *parse(const char *text) {
    json_t *out = NULL;
    assert_int_equal(ht_json_parse(&out, ht_bytes_str(text), 1 << 20, NULL), HT_OK);
    return out;
}

static void set_up(struct world *world, const char *list) {
    world->json = parse(list);
    ht_arena_init(&world->arena, 1 << 20);
    assert_int_equal(
        ht_private_leaves_read(&world->leaves, &world->count, &world->arena, world->json, NULL),
        HT_OK);
    assert_int_equal(ht_private_root(&world->root, world->leaves, world->count, NULL), HT_OK);
}

static void tear_down(struct world *world) {
    json_decref(world->json);
    ht_arena_fini(&world->arena);
}

static json_t *disclose(const struct world *world, const size_t *chosen, size_t count) {
    json_t *out = NULL;
    assert_int_equal(ht_private_disclose(&out, world->leaves, world->count, chosen, count, NULL),
                     HT_OK);
    return out;
}

static void judge(const json_t *disclosure, const ht_hash32 *root, enum ht_err kind,
                  const char *code) {
    struct ht_why why = {.code = "ok", .text = ""};
    enum ht_err err = ht_private_verify(disclosure, root, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(err, kind);
}

static void root_is_the_one_of_the_standard_tree(void **state) {
    (void)state;
    static const struct {
        const char *list, *root;
    } CASES[] = {
        {ALL, ROOT_5},
        {"[" NAME "]", "0x3e358841dbd8ad1d51e575fc301044572f7a5e3b8748cf116871b5d5a1992993"},
        {"[" NAME "," AGE "]",
         "0x797e55872450c50642866eb8fc5c70b7621f3a1b151e69d7912aacbdcb10184e"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct world world;
        ht_hash32 want = eas_hash(CASES[i].root);
        set_up(&world, CASES[i].list);
        assert_memory_equal(world.root.b, want.b, sizeof want.b);
        tear_down(&world);
    }
}

static void root_does_not_depend_on_the_order_of_the_leaves(void **state) {
    (void)state;
    struct world world;
    ht_hash32 want = eas_hash(ROOT_5);
    set_up(&world, "[" BLOB "," WALLET "," NAME "," MEMBER "," AGE "]");
    assert_memory_equal(world.root.b, want.b, sizeof want.b);
    tear_down(&world);
}

static void disclosure_of_one_leaf_is_the_standard_multiproof(void **state) {
    (void)state;
    struct world world;
    const size_t chosen[] = {1};
    set_up(&world, ALL);
    json_t *out = disclose(&world, chosen, 1);
    /* Leaf 1 is node 6; beside it 5, then 1. */
    json_t *want =
        parse("{\"leaves\":[" AGE "],"
              "\"proof\":[\"0xa8ee776f5f549bc2c88faae5d295efbf5805d417cc5f8dab857335b316d78290\","
              "\"0x5f5009f0e27fa8a7110013e2abccff2e577725d78cc075a90eb8f49b3128af82\"],"
              "\"proofFlags\":[false,false]}");
    assert_true(json_equal(out, want));
    json_decref(want);
    json_decref(out);
    tear_down(&world);
}

static void disclosure_of_two_leaves_shares_what_lies_above_them(void **state) {
    (void)state;
    struct world world;
    const size_t chosen[] = {0, 3};
    set_up(&world, ALL);
    json_t *out = disclose(&world, chosen, 2);
    /* Nodes 8 and 4: 7 makes 3, then 3 and 4 make 1, then 2. */
    json_t *want =
        parse("{\"leaves\":[" NAME "," WALLET "],"
              "\"proof\":[\"0x4f8edb28b2cff26481ac7a18646b393f6c762cdd9e25b13ddb21751d8f118f12\","
              "\"0x4ce090d5c2143221a28a32fa68e02ed298ec06a29ef4d13cbde7edbb3cfd1d2d\"],"
              "\"proofFlags\":[false,true,false]}");
    assert_true(json_equal(out, want));
    json_decref(want);
    json_decref(out);
    tear_down(&world);
}

static void disclosure_of_any_choice_is_under_the_root_and_under_no_other(void **state) {
    (void)state;
    struct world world;
    ht_hash32 other = eas_hash_of(7);
    set_up(&world, ALL);
    for (size_t choice = 1; choice < 32; choice++) {
        size_t chosen[5];
        size_t count = 0;
        for (size_t i = 0; i < 5; i++) {
            if ((choice >> i & 1) != 0) chosen[count++] = i;
        }
        json_t *out = disclose(&world, chosen, count);
        assert_int_equal(json_array_size(json_object_get(out, "leaves")), count);
        judge(out, &world.root, HT_OK, "ok");
        judge(out, &other, HT_EUNVERIFIED, "private_root");
        json_decref(out);
    }
    tear_down(&world);
}

static void disclosure_with_another_value_name_type_or_salt_is_unverified(void **state) {
    (void)state;
    static const char *const OTHERS[] = {
        "{\"type\":\"uint256\",\"name\":\"age\",\"value\":\"35\"," SALT(TWOS),
        "{\"type\":\"uint256\",\"name\":\"aged\",\"value\":\"34\"," SALT(TWOS),
        "{\"type\":\"uint128\",\"name\":\"age\",\"value\":\"34\"," SALT(TWOS),
        "{\"type\":\"uint256\",\"name\":\"age\",\"value\":\"34\"," SALT(ONES),
    };
    struct world world;
    const size_t chosen[] = {1};
    set_up(&world, ALL);
    json_t *out = disclose(&world, chosen, 1);
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++) {
        json_t *leaf = parse(OTHERS[i]);
        json_array_set_new(json_object_get(out, "leaves"), 0, leaf);
        judge(out, &world.root, HT_EUNVERIFIED, "private_root");
    }
    json_decref(out);
    tear_down(&world);
}

static void disclosure_whose_parts_do_not_fit_together_is_malformed(void **state) {
    (void)state;
    struct world world;
    const size_t chosen[] = {0, 3};
    set_up(&world, ALL);
    json_t *good = disclose(&world, chosen, 2);
    json_t *proof = json_object_get(good, "proof");
    json_t *flags = json_object_get(good, "proofFlags");

    json_t *last = json_incref(json_array_get(proof, 1));
    json_array_remove(proof, 1); /* too little */
    judge(good, &world.root, HT_EINPUT, "private_proof");
    json_array_append(proof, last);
    json_array_append(proof, last); /* left over */
    judge(good, &world.root, HT_EINPUT, "private_proof");
    json_array_remove(proof, 2);
    json_array_append_new(flags, json_false()); /* a step too many */
    judge(good, &world.root, HT_EINPUT, "private_proof");
    json_array_remove(flags, 3);
    judge(good, &world.root, HT_OK, "ok");
    /* The numbers fit, yet a step finds nothing to take. */
    json_array_set_new(flags, 1, json_false());
    judge(good, &world.root, HT_EINPUT, "private_proof");
    json_array_set_new(flags, 1, json_integer(1));
    judge(good, &world.root, HT_EINPUT, "private_proof");
    json_decref(last);
    json_decref(good);
    tear_down(&world);
}

static void disclosure_of_nothing_is_refused_though_the_root_is_its_own_proof(void **state) {
    (void)state;
    ht_hash32 root = eas_hash(ROOT_5);
    json_t *out = parse("{\"leaves\":[],\"proof\":[\"" ROOT_5 "\"],\"proofFlags\":[]}");
    judge(out, &root, HT_EINPUT, "private_json");
    json_decref(out);
    out = parse("{\"leaves\":[" NAME "],\"proof\":{},\"proofFlags\":[]}");
    judge(out, &root, HT_EINPUT, "private_json");
    json_decref(out);
    judge(NULL, &root, HT_EINPUT, "private_json");
}

static void disclosure_of_an_unknown_or_repeated_leaf_is_refused(void **state) {
    (void)state;
    struct world world;
    struct ht_why why = {.code = "ok", .text = ""};
    json_t *out = NULL;
    static const size_t CHOSEN[][2] = {{5, 0}, {2, 2}};
    set_up(&world, ALL);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(ht_private_disclose(&out, world.leaves, 5, CHOSEN[i], 2, &why), HT_EINPUT);
        assert_string_equal(why.code, "private_json");
    }
    assert_int_equal(ht_private_disclose(&out, world.leaves, 5, CHOSEN[0], 0, &why), HT_EINPUT);
    assert_null(out);
    tear_down(&world);
}

static void judge_list(const char *text, enum ht_err kind, const char *code) {
    struct ht_private_leaf *leaves = NULL;
    size_t count = 0;
    ht_hash32 root;
    struct ht_arena arena;
    struct ht_why why = {.code = "ok", .text = ""};
    json_t *list = parse(text);
    ht_arena_init(&arena, 1 << 20);
    enum ht_err err = ht_private_leaves_read(&leaves, &count, &arena, list, &why);
    if (err == HT_OK) err = ht_private_root(&root, leaves, count, &why);
    ht_arena_fini(&arena);
    json_decref(list);
    assert_string_equal(why.code, code);
    assert_int_equal(err, kind);
}

static void leaves_that_are_malformed_are_refused_each_for_its_reason(void **state) {
    (void)state;
    judge_list("[]", HT_EINPUT, "private_json");
    judge_list("{}", HT_EINPUT, "private_json");
    judge_list("[{\"type\":\"bool\",\"name\":\"a\"," SALT(ONES) "]", HT_EINPUT, "private_json");
    judge_list("[{\"name\":\"a\",\"value\":true," SALT(ONES) "]", HT_EINPUT, "json_missing");
    judge_list("[{\"type\":\"bool\",\"name\":7,\"value\":true," SALT(ONES) "]", HT_EINPUT,
               "json_type");
    judge_list("[{\"type\":\"bool\",\"name\":\"a\",\"value\":true,\"salt\":\"0x01\"}]", HT_EINPUT,
               "json_value");
    judge_list("[{\"type\":\"bool\",\"name\":\"a\",\"value\":7," SALT(ONES) "]", HT_EINPUT,
               "abi_value");
    judge_list("[{\"type\":\"uint8\",\"name\":\"a\",\"value\":\"256\"," SALT(ONES) "]", HT_EINPUT,
               "abi_value");
}

static void leaf_types_that_are_not_one_type_are_refused(void **state) {
    (void)state;
    static const char *const TYPES[] = {
        "",        "bool,bool", "bool)", "bool),(bool", "bool)[](b",
        "bool[0]", "uint7",     "()",    "(bool",       "bool[2000000000000]"};
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        ht_hash32 root;
        struct ht_why why = {.code = "ok", .text = ""};
        json_t *value = json_pack("[b, b]", 1, 1);
        struct ht_private_leaf leaf = {.type = TYPES[i], .name = "a", .value = value};
        enum ht_err err = ht_private_root(&root, &leaf, 1, &why);
        json_decref(value);
        if (err != HT_EINPUT && err != HT_ELIMIT) fail_msg("%s was taken", TYPES[i]);
        assert_true(strncmp(why.code, "abi_", 4) == 0);
    }
}

static void leaves_and_proofs_are_bounded(void **state) {
    (void)state;
    struct ht_why why = {.code = "ok", .text = ""};
    struct ht_private_leaf *leaves = NULL;
    size_t count = 0;
    ht_hash32 root = eas_hash(ROOT_5);
    struct ht_arena arena;
    json_t *list = json_array();
    for (size_t i = 0; i < HT_PRIVATE_LEAVES_MAX + 1; i++) json_array_append_new(list, parse(AGE));
    ht_arena_init(&arena, 1 << 20);
    assert_int_equal(ht_private_leaves_read(&leaves, &count, &arena, list, &why), HT_ELIMIT);
    assert_string_equal(why.code, "private_too_large");
    assert_null(leaves);
    json_array_remove(list, 0);
    assert_int_equal(ht_private_leaves_read(&leaves, &count, &arena, list, NULL), HT_OK);
    ht_arena_fini(&arena);
    json_decref(list);

    json_t *out = parse("{\"leaves\":[" NAME "],\"proof\":[],\"proofFlags\":[]}");
    for (size_t i = 0; i < 2 * HT_PRIVATE_LEAVES_MAX + 1; i++) {
        json_array_append_new(json_object_get(out, "proofFlags"), json_false());
    }
    judge(out, &root, HT_ELIMIT, "private_too_large");
    json_decref(out);
}

static void largest_tree_is_disclosed_in_part_and_whole(void **state) {
    (void)state;
    struct ht_private_leaf *leaves = calloc(HT_PRIVATE_LEAVES_MAX, sizeof *leaves);
    size_t chosen[HT_PRIVATE_LEAVES_MAX];
    ht_hash32 root;
    json_t *value = json_true();
    for (size_t i = 0; i < HT_PRIVATE_LEAVES_MAX; i++) {
        leaves[i] = (struct ht_private_leaf){.type = "bool", .name = "b", .value = value};
        leaves[i].salt.b[0] = (uint8_t)i;
        leaves[i].salt.b[1] = (uint8_t)(i >> 8);
        chosen[i] = HT_PRIVATE_LEAVES_MAX - 1 - i;
    }
    assert_int_equal(ht_private_root(&root, leaves, HT_PRIVATE_LEAVES_MAX, NULL), HT_OK);
    static const size_t COUNTS[] = {1, 500, HT_PRIVATE_LEAVES_MAX};
    for (size_t i = 0; i < 3; i++) {
        json_t *out = NULL;
        assert_int_equal(
            ht_private_disclose(&out, leaves, HT_PRIVATE_LEAVES_MAX, chosen, COUNTS[i], NULL),
            HT_OK);
        judge(out, &root, HT_OK, "ok");
        json_decref(out);
    }
    free(leaves);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_is_the_one_of_the_standard_tree),
        cmocka_unit_test(root_does_not_depend_on_the_order_of_the_leaves),
        cmocka_unit_test(disclosure_of_one_leaf_is_the_standard_multiproof),
        cmocka_unit_test(disclosure_of_two_leaves_shares_what_lies_above_them),
        cmocka_unit_test(disclosure_of_any_choice_is_under_the_root_and_under_no_other),
        cmocka_unit_test(disclosure_with_another_value_name_type_or_salt_is_unverified),
        cmocka_unit_test(disclosure_whose_parts_do_not_fit_together_is_malformed),
        cmocka_unit_test(disclosure_of_nothing_is_refused_though_the_root_is_its_own_proof),
        cmocka_unit_test(disclosure_of_an_unknown_or_repeated_leaf_is_refused),
        cmocka_unit_test(leaves_that_are_malformed_are_refused_each_for_its_reason),
        cmocka_unit_test(leaf_types_that_are_not_one_type_are_refused),
        cmocka_unit_test(leaves_and_proofs_are_bounded),
        cmocka_unit_test(largest_tree_is_disclosed_in_part_and_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
