/* Answers to eth_getProof: what is read, what is proven, and which lies are found out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/eth_get_proof.h"
#include "node/l1/execution/trie.h"
#include "tests/unit/trie_maker.h"

#define SLOTS 3U
#define VALUE "0xabcd"

/* A state with one contract among others, and the answer about it. */
struct scene {
    struct ht_trie_maker state, storage;
    ht_addr20 address;
    struct ht_account account;
    ht_hash32 slots[SLOTS]; /* the last one is not set */
    json_t *answer;
    struct ht_arena arena;
};

static void put_account(struct ht_trie_maker *maker, const ht_addr20 *address,
                        const struct ht_account *account) {
    uint8_t rlp[HT_ACCOUNT_RLP_MAX];
    ht_hash32 key;
    ht_keccak256(&key, HT_BYTES(address->b));
    ht_tm_put(maker, HT_BYTES(key.b), ht_bytes_of(rlp, ht_account_encode(rlp, account)));
}

static json_t *hex_of(ht_bytes bytes) {
    char *text = malloc(HT_HEX_SIZE(bytes.n));
    assert_non_null(text);
    ht_hex_write(text, bytes);
    json_t *value = json_string(text);
    free(text);
    return value;
}

static json_t *proof_of(struct ht_trie_maker *maker, ht_bytes preimage) {
    struct ht_tm_proof proof;
    ht_hash32 key;
    json_t *list = json_array();
    ht_keccak256(&key, preimage);
    ht_tm_proof(&proof, maker, HT_BYTES(key.b));
    for (size_t i = 0; i < proof.count; i++) json_array_append_new(list, hex_of(proof.nodes[i]));
    return list;
}

static void make_storage(struct scene *scene) {
    uint64_t seed = 11;
    ht_tm_init(&scene->storage);
    const uint8_t rlp[] = {0x82, 0xab, 0xcd};
    for (size_t i = 0; i < 200; i++) {
        ht_hash32 slot, key;
        ht_tm_random_fill(slot.b, sizeof slot.b, &seed);
        ht_keccak256(&key, HT_BYTES(slot.b));
        if (i < SLOTS) scene->slots[i] = slot;
        if (i != SLOTS - 1) ht_tm_put(&scene->storage, HT_BYTES(key.b), HT_BYTES(rlp));
    }
    ht_tm_finish(&scene->storage);
}

static json_t *storage_answer(struct scene *scene) {
    json_t *list = json_array();
    for (size_t i = 0; i < SLOTS; i++) {
        json_t *one = json_object();
        ht_bytes slot = HT_BYTES(scene->slots[i].b);
        json_object_set_new(one, "key", hex_of(slot));
        json_object_set_new(one, "value", json_string(i < SLOTS - 1 ? VALUE : "0x0"));
        json_object_set_new(one, "proof", proof_of(&scene->storage, slot));
        json_array_append_new(list, one);
    }
    return list;
}

static void make_scene(struct scene *scene) {
    uint64_t seed = 5;
    make_storage(scene);
    ht_account_init_empty(&scene->account);
    scene->account.nonce = 3;
    scene->account.balance[30] = 0x12;
    scene->account.storage_root = scene->storage.root;
    scene->account.code_hash.b[0] = 1;
    ht_tm_init(&scene->state);
    for (size_t i = 0; i < 300; i++) {
        struct ht_account other = scene->account;
        other.nonce += i;
        ht_tm_random_fill(scene->address.b, sizeof scene->address.b, &seed);
        put_account(&scene->state, &scene->address, &other);
    }
    put_account(&scene->state, &scene->address, &scene->account);
    ht_tm_finish(&scene->state);
    json_t *answer = scene->answer = json_object();
    json_object_set_new(answer, "address", hex_of(HT_BYTES(scene->address.b)));
    json_object_set_new(answer, "nonce", json_string("0x3"));
    json_object_set_new(answer, "balance", json_string("0x1200"));
    json_object_set_new(answer, "storageHash", hex_of(HT_BYTES(scene->storage.root.b)));
    json_object_set_new(answer, "codeHash", hex_of(HT_BYTES(scene->account.code_hash.b)));
    json_object_set_new(answer, "accountProof",
                        proof_of(&scene->state, HT_BYTES(scene->address.b)));
    json_object_set_new(answer, "storageProof", storage_answer(scene));
    ht_arena_init(&scene->arena, 1 << 20);
}

static void drop_scene(struct scene *scene) {
    ht_tm_fini(&scene->state);
    ht_tm_fini(&scene->storage);
    ht_arena_fini(&scene->arena);
    json_decref(scene->answer);
}

/* Reads and checks the scene's answer. */
static enum ht_err judge(struct scene *scene, struct ht_why *why) {
    struct ht_get_proof answer;
    struct ht_account account = {.nonce = 77};
    bool exists = false;
    ht_arena_fini(&scene->arena);
    *why = (struct ht_why){.code = "ok", .text = ""};
    enum ht_err err = ht_get_proof_read(&answer, &scene->arena, scene->answer, why);
    if (err == HT_OK) {
        err = ht_get_proof_check(&account, &exists, &answer, &scene->state.root, &scene->address,
                                 scene->slots, SLOTS, why);
    }
    assert_true(account.nonce == (err == HT_OK ? scene->account.nonce : 77));
    return err;
}

static void refuses(struct scene *scene, enum ht_err err, const char *code) {
    struct ht_why why;
    enum ht_err got = judge(scene, &why);
    if (got != err || strcmp(why.code, code) != 0) {
        fail_msg("expected %s, got %s %s: %s", code, ht_err_name(got), why.code, why.text);
    }
}

static void accepts(struct scene *scene) {
    refuses(scene, HT_OK, "ok");
}

/* Runs with one member of the answer replaced. */
static void refuses_with(const char *key, json_t *value, enum ht_err err, const char *code) {
    struct scene scene;
    make_scene(&scene);
    json_object_set_new(scene.answer, key, value);
    refuses(&scene, err, code);
    drop_scene(&scene);
}

static json_t *slot_at(struct scene *scene, size_t i) {
    return json_array_get(json_object_get(scene->answer, "storageProof"), i);
}

static void honest_answer_is_proven(void **state) {
    (void)state;
    struct scene scene;
    struct ht_get_proof answer;
    struct ht_account account;
    bool exists = false;
    make_scene(&scene);
    assert_int_equal(ht_get_proof_read(&answer, &scene.arena, scene.answer, NULL), HT_OK);
    assert_int_equal(ht_get_proof_check(&account, &exists, &answer, &scene.state.root,
                                        &scene.address, scene.slots, SLOTS, NULL),
                     HT_OK);
    assert_true(exists);
    assert_memory_equal(&account, &scene.account, sizeof account);
    assert_int_equal(answer.slots[0].value[30], 0xab);
    assert_int_equal(answer.slots[2].value[31], 0);
    drop_scene(&scene);
}

static void numbers_may_have_leading_zeros_or_none(void **state) {
    (void)state;
    const char *nonces[] = {"0x3", "0x03", "0x0000000000000003",
                            "0x0000000000000000000000000000000000000000000000000000000000000003"};
    struct scene scene;
    make_scene(&scene);
    for (size_t i = 0; i < sizeof nonces / sizeof *nonces; i++) {
        json_object_set_new(scene.answer, "nonce", json_string(nonces[i]));
        accepts(&scene);
    }
    const char *zeros[] = {"0x", "0x0", "0x00"};
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++) {
        json_object_set_new(slot_at(&scene, 2), "value", json_string(zeros[i]));
        accepts(&scene);
    }
    drop_scene(&scene);
}

static void claim_that_its_proof_does_not_bear_out_is_refused(void **state) {
    (void)state;
    const char *hash = "0x0000000000000000000000000000000000000000000000000000000000000000";
    refuses_with("balance", json_string("0x1201"), HT_EUNVERIFIED, "claim_differs");
    refuses_with("nonce", json_string("0x4"), HT_EUNVERIFIED, "claim_differs");
    refuses_with("nonce", json_string("0x10000000000000003"), HT_EUNVERIFIED, "claim_differs");
    refuses_with("codeHash", json_string(hash), HT_EUNVERIFIED, "claim_differs");
    refuses_with("storageHash", json_string(hash), HT_EUNVERIFIED, "claim_differs");
    struct scene scene;
    make_scene(&scene);
    json_object_set_new(slot_at(&scene, 0), "value", json_string("0xabce"));
    refuses(&scene, HT_EUNVERIFIED, "claim_differs");
    json_object_set_new(slot_at(&scene, 0), "value", json_string(VALUE));
    json_object_set_new(slot_at(&scene, 2), "value", json_string("0x1"));
    refuses(&scene, HT_EUNVERIFIED, "claim_differs");
    drop_scene(&scene);
}

static void answer_about_something_else_is_refused(void **state) {
    (void)state;
    struct scene scene;
    refuses_with("address", json_string("0x0000000000000000000000000000000000000001"),
                 HT_EUNVERIFIED, "wrong_address");
    refuses_with("storageProof", json_array(), HT_EUNVERIFIED, "wrong_slot");
    make_scene(&scene);
    json_object_set(slot_at(&scene, 0), "key", json_object_get(slot_at(&scene, 1), "key"));
    refuses(&scene, HT_EUNVERIFIED, "wrong_slot");
    drop_scene(&scene);
    make_scene(&scene);
    scene.state.root.b[0] ^= 1;
    refuses(&scene, HT_EUNVERIFIED, "proof_wrong_node");
    drop_scene(&scene);
}

static void slots_with_proofs_swapped_are_refused(void **state) {
    (void)state;
    struct scene scene;
    make_scene(&scene);
    json_object_set(slot_at(&scene, 0), "proof", json_object_get(slot_at(&scene, 1), "proof"));
    refuses(&scene, HT_EUNVERIFIED, "proof_wrong_node");
    drop_scene(&scene);
}

static void truncated_proof_passed_off_as_absence_is_refused(void **state) {
    (void)state;
    struct scene scene;
    make_scene(&scene);
    json_t *proof = json_object_get(slot_at(&scene, 0), "proof");
    json_object_set_new(slot_at(&scene, 0), "value", json_string("0x0"));
    while (json_array_size(proof) > 0) {
        json_array_remove(proof, json_array_size(proof) - 1);
        refuses(&scene, HT_EUNVERIFIED, "proof_missing_node");
    }
    drop_scene(&scene);
}

static void account_that_is_not_there_may_have_either_empty_hash(void **state) {
    (void)state;
    const char *zero = "0x0000000000000000000000000000000000000000000000000000000000000000";
    struct scene scene;
    struct ht_why why;
    make_scene(&scene);
    scene.address.b[0] ^= 1;
    ht_account_init_empty(&scene.account);
    json_object_set_new(scene.answer, "address", hex_of(HT_BYTES(scene.address.b)));
    json_object_set_new(scene.answer, "nonce", json_string("0x0"));
    json_object_set_new(scene.answer, "balance", json_string("0x0"));
    json_object_set_new(scene.answer, "accountProof",
                        proof_of(&scene.state, HT_BYTES(scene.address.b)));
    for (size_t i = 0; i < SLOTS; i++) {
        json_object_set_new(slot_at(&scene, i), "value", json_string("0x0"));
        json_object_set_new(slot_at(&scene, i), "proof", json_array());
    }
    json_object_set_new(scene.answer, "codeHash", json_string(zero));
    json_object_set_new(scene.answer, "storageHash", json_string(zero));
    assert_int_equal(judge(&scene, &why), HT_OK);
    json_object_set_new(scene.answer, "codeHash", hex_of(HT_BYTES(ht_account_empty_code_hash.b)));
    json_object_set_new(scene.answer, "storageHash", hex_of(HT_BYTES(ht_trie_empty_root.b)));
    assert_int_equal(judge(&scene, &why), HT_OK);
    json_object_set_new(scene.answer, "codeHash", hex_of(HT_BYTES(ht_trie_empty_root.b)));
    refuses(&scene, HT_EUNVERIFIED, "claim_differs");
    drop_scene(&scene);
}

static void every_missing_member_is_malformed(void **state) {
    (void)state;
    const char *members[] = {"address",     "nonce",        "balance",     "codeHash",
                             "storageHash", "accountProof", "storageProof"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        struct scene scene;
        make_scene(&scene);
        json_object_del(scene.answer, members[i]);
        refuses(&scene, HT_EINPUT, "json_missing");
        drop_scene(&scene);
    }
}

static void text_that_is_no_number_is_malformed(void **state) {
    (void)state;
    const char *bad[] = {
        "",      "0",
        "3",     "x3",
        "0x0x3", "0xg",
        "0x 3",  "0X3",
        "0x-3",  "0x00000000000000000000000000000000000000000000000000000000000000003"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        refuses_with("nonce", json_string(bad[i]), HT_EINPUT, "json_value");
    }
    refuses_with("nonce", json_integer(3), HT_EINPUT, "json_type");
    const char *bad_nodes[] = {"", "0", "f8", "0xf", "0xzz", "0x0xf8"};
    for (size_t i = 0; i < sizeof bad_nodes / sizeof *bad_nodes; i++) {
        refuses_with("accountProof", json_pack("[s]", bad_nodes[i]), HT_EINPUT, "json_value");
    }
    refuses_with("accountProof", json_pack("[i]", 1), HT_EINPUT, "json_type");
}

static void more_than_a_proof_can_have_is_not_read(void **state) {
    (void)state;
    json_t *nodes = json_array();
    for (size_t i = 0; i <= HT_GET_PROOF_NODES_MAX; i++) {
        json_array_append_new(nodes, json_string("0x80"));
    }
    refuses_with("accountProof", nodes, HT_ELIMIT, "proof_too_large");
    static uint8_t zeros[HT_GET_PROOF_NODE_MAX + 1];
    nodes = json_array();
    json_array_append_new(nodes, hex_of(HT_BYTES(zeros)));
    refuses_with("accountProof", nodes, HT_ELIMIT, "proof_too_large");
    json_t *slots = json_array();
    for (size_t i = 0; i <= HT_GET_PROOF_SLOTS_MAX; i++)
        json_array_append_new(slots, json_object());
    refuses_with("storageProof", slots, HT_ELIMIT, "proof_too_large");
}

static void small_arena_is_an_answer(void **state) {
    (void)state;
    struct scene scene;
    struct ht_get_proof answer;
    struct ht_why why = {.code = "ok"};
    make_scene(&scene);
    for (size_t max = 0; max < 2000; max += 100) {
        ht_arena_fini(&scene.arena);
        ht_arena_init(&scene.arena, max);
        assert_int_equal(ht_get_proof_read(&answer, &scene.arena, scene.answer, &why), HT_ENOMEM);
        assert_string_equal(why.code, "no_memory");
    }
    drop_scene(&scene);
}

static void nodes_go_into_a_witness(void **state) {
    (void)state;
    struct scene scene;
    struct ht_get_proof answer;
    struct ht_witness witness;
    struct ht_account account;
    bool exists = false;
    uint8_t value[32];
    make_scene(&scene);
    ht_witness_init(&witness, 100, 1 << 16);
    assert_int_equal(ht_get_proof_read(&answer, &scene.arena, scene.answer, NULL), HT_OK);
    assert_int_equal(ht_get_proof_to_witness(&witness, &answer, NULL), HT_OK);
    assert_int_equal(ht_account_prove_witness(&account, &exists, &witness, &scene.state.root,
                                              &scene.address, NULL),
                     HT_OK);
    for (size_t i = 0; i < SLOTS; i++) {
        assert_int_equal(
            ht_storage_prove_witness(value, &witness, &account.storage_root, &scene.slots[i], NULL),
            HT_OK);
        assert_memory_equal(value, answer.slots[i].value, 32);
    }
    assert_int_equal(ht_witness_check_used(&witness, NULL), HT_OK);
    ht_witness_fini(&witness);
    drop_scene(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_answer_is_proven),
        cmocka_unit_test(numbers_may_have_leading_zeros_or_none),
        cmocka_unit_test(claim_that_its_proof_does_not_bear_out_is_refused),
        cmocka_unit_test(answer_about_something_else_is_refused),
        cmocka_unit_test(slots_with_proofs_swapped_are_refused),
        cmocka_unit_test(truncated_proof_passed_off_as_absence_is_refused),
        cmocka_unit_test(account_that_is_not_there_may_have_either_empty_hash),
        cmocka_unit_test(every_missing_member_is_malformed),
        cmocka_unit_test(text_that_is_no_number_is_malformed),
        cmocka_unit_test(more_than_a_proof_can_have_is_not_read),
        cmocka_unit_test(small_arena_is_an_answer),
        cmocka_unit_test(nodes_go_into_a_witness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
