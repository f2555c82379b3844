/* Hashes out of the history contract: which state remembers which blocks, and what proves it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/crypto/keccak.h"
#include "node/l1/execution/history.h"
#include "tests/unit/block_maker.h"
#include "tests/unit/trie_maker.h"

#define AT 1000000U

/* A state with the history contract, whose storage holds a hash of every seventh block. */
struct scene {
    struct ht_trie_maker state, storage;
    struct ht_account account;
    struct ht_exec_header_verified at;
    struct ht_tm_proof account_proof, slot_proof;
    struct ht_slot_claim slot;
    struct ht_get_proof answer;
};

static struct scene scene;

static void hash_of_number(ht_hash32 *out, uint64_t number) {
    uint8_t bytes[8];
    ht_write_u64_le(bytes, number);
    ht_keccak256(out, HT_BYTES(bytes));
    out->b[0] |= 1; /* so that the value has 32 bytes */
}

static void put_hash(uint64_t number) {
    uint8_t rlp[33] = {0xa0};
    ht_hash32 hash;
    ht_hash32 slot;
    ht_hash32 key;
    hash_of_number(&hash, number);
    memcpy(rlp + 1, hash.b, 32);
    ht_history_slot(&slot, number);
    ht_keccak256(&key, HT_BYTES(slot.b));
    ht_tm_put(&scene.storage, HT_BYTES(key.b), HT_BYTES(rlp));
}

static void make_state(enum ht_exec_layout layout) {
    uint8_t rlp[HT_ACCOUNT_RLP_MAX];
    ht_hash32 key;
    struct ht_exec_header header = {.layout = layout, .number = AT};
    ht_tm_init(&scene.state);
    ht_account_init_empty(&scene.account);
    scene.account.nonce = 1;
    scene.account.storage_root = scene.storage.root;
    for (uint8_t i = 0; i < 50; i++) {
        const ht_addr20 other = {{i, 1}};
        ht_keccak256(&key, HT_BYTES(other.b));
        ht_tm_put(&scene.state, HT_BYTES(key.b),
                  ht_bytes_of(rlp, ht_account_encode(rlp, &scene.account)));
    }
    ht_keccak256(&key, HT_BYTES(ht_history_address.b));
    ht_tm_put(&scene.state, HT_BYTES(key.b),
              ht_bytes_of(rlp, ht_account_encode(rlp, &scene.account)));
    ht_tm_finish(&scene.state);
    header.state_root = scene.state.root;
    ht_bm_verify(&scene.at, &header);
}

/* The answer of an honest provider about one number. */
static void answer_about(uint64_t number) {
    ht_hash32 key;
    struct ht_get_proof *answer = &scene.answer;
    *answer = (struct ht_get_proof){.address = ht_history_address};
    answer->nonce[31] = (uint8_t)scene.account.nonce;
    answer->storage_root = scene.account.storage_root;
    answer->code_hash = scene.account.code_hash;
    ht_keccak256(&key, HT_BYTES(ht_history_address.b));
    ht_tm_proof(&scene.account_proof, &scene.state, HT_BYTES(key.b));
    answer->proof = (struct ht_proof_nodes){scene.account_proof.nodes, scene.account_proof.count};
    scene.slot = (struct ht_slot_claim){.proof = {.count = 0}};
    ht_history_slot(&scene.slot.slot, number);
    ht_keccak256(&key, HT_BYTES(scene.slot.slot.b));
    ht_tm_proof(&scene.slot_proof, &scene.storage, HT_BYTES(key.b));
    scene.slot.proof = (struct ht_proof_nodes){scene.slot_proof.nodes, scene.slot_proof.count};
    if (scene.slot_proof.value.n == 33) memcpy(scene.slot.value, scene.slot_proof.value.p + 1, 32);
    answer->slots = &scene.slot;
    answer->slot_count = 1;
}

static int setup(void **state) {
    (void)state;
    scene = (struct scene){.answer = {.slot_count = 0}};
    ht_tm_init(&scene.storage);
    for (uint64_t number = AT - HT_HISTORY_WINDOW; number < AT; number += 7) put_hash(number);
    put_hash(AT - 1);
    ht_tm_finish(&scene.storage);
    make_state(HT_EXEC_LAYOUT_PRAGUE);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    ht_tm_fini(&scene.state);
    ht_tm_fini(&scene.storage);
    return 0;
}

static void proves(uint64_t number) {
    struct ht_exec_hash_proven proven;
    struct ht_why why = {.code = "ok"};
    ht_hash32 expected;
    answer_about(number);
    if (ht_exec_hash_of_history(&proven, &scene.at, number, &scene.answer, &why) != HT_OK) {
        fail_msg("%s: %s", why.code, why.text);
    }
    hash_of_number(&expected, number);
    assert_memory_equal(proven.hash.b, expected.b, 32);
}

static void refuses(uint64_t number, enum ht_err err, const char *code) {
    struct ht_exec_hash_proven proven = {.hash = {{77}}};
    struct ht_why why = {.code = "accepted"};
    enum ht_err got = ht_exec_hash_of_history(&proven, &scene.at, number, &scene.answer, &why);
    if (got != err || strcmp(why.code, code) != 0) {
        fail_msg("expected %s, got %s %s: %s", code, ht_err_name(got), why.code, why.text);
    }
    assert_int_equal(proven.hash.b[0], 77);
}

static void history_slot_is_the_number_modulo_the_window(void **state) {
    (void)state;
    ht_hash32 slot;
    ht_history_slot(&slot, 8190);
    assert_int_equal(slot.b[30] << 8 | slot.b[31], 8190);
    ht_history_slot(&slot, 8191);
    assert_true(ht_hash32_is_zero(&slot));
    ht_history_slot(&slot, UINT64_MAX);
    assert_int_equal(slot.b[30] << 8 | slot.b[31], UINT64_MAX % 8191);
}

static void history_covers_the_window_and_nothing_else(void **state) {
    (void)state;
    assert_true(ht_history_covers(&scene.at, AT - 1));
    assert_true(ht_history_covers(&scene.at, AT - HT_HISTORY_WINDOW));
    assert_false(ht_history_covers(&scene.at, AT - HT_HISTORY_WINDOW - 1));
    assert_false(ht_history_covers(&scene.at, AT));
    assert_false(ht_history_covers(&scene.at, AT + 1));
    assert_false(ht_history_covers(&scene.at, 0));
    ht_tm_fini(&scene.state);
    make_state(HT_EXEC_LAYOUT_CANCUN);
    assert_false(ht_history_covers(&scene.at, AT - 1));
}

static void hashes_at_both_ends_of_the_window_are_proven(void **state) {
    (void)state;
    proves(AT - 1);
    proves(AT - HT_HISTORY_WINDOW);
    proves(AT - HT_HISTORY_WINDOW + 7);
}

static void number_outside_the_window_is_not_answered_by_the_slot_it_shares(void **state) {
    (void)state;
    answer_about(AT - 1);
    refuses(AT - 1 - HT_HISTORY_WINDOW, HT_ENOTFOUND, "out_of_window");
    refuses(AT, HT_ENOTFOUND, "out_of_window");
    refuses(AT - 1 + HT_HISTORY_WINDOW, HT_ENOTFOUND, "out_of_window");
}

static void slot_that_is_proven_empty_is_no_history(void **state) {
    (void)state;
    answer_about(AT - 2);
    refuses(AT - 2, HT_ENOTFOUND, "no_history");
}

static void state_from_before_prague_has_no_history(void **state) {
    (void)state;
    ht_tm_fini(&scene.state);
    make_state(HT_EXEC_LAYOUT_CANCUN);
    answer_about(AT - 1);
    refuses(AT - 1, HT_ENOTFOUND, "no_history");
}

static void answer_that_lies_is_refused(void **state) {
    (void)state;
    answer_about(AT - 1);
    scene.slot.value[5] ^= 1;
    refuses(AT - 1, HT_EUNVERIFIED, "claim_differs");
    answer_about(AT - HT_HISTORY_WINDOW);
    refuses(AT - 1, HT_EUNVERIFIED, "wrong_slot");
    answer_about(AT - 1);
    scene.answer.address.b[19] ^= 1;
    refuses(AT - 1, HT_EUNVERIFIED, "wrong_address");
    answer_about(AT - 1);
    scene.answer.slot_count = 0;
    refuses(AT - 1, HT_EUNVERIFIED, "wrong_slot");
    answer_about(AT - 1);
    scene.at.header.state_root.b[0] ^= 1;
    refuses(AT - 1, HT_EUNVERIFIED, "proof_wrong_node");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(history_slot_is_the_number_modulo_the_window),
        TEST(history_covers_the_window_and_nothing_else),
        TEST(hashes_at_both_ends_of_the_window_are_proven),
        TEST(number_outside_the_window_is_not_answered_by_the_slot_it_shares),
        TEST(slot_that_is_proven_empty_is_no_history),
        TEST(state_from_before_prague_has_no_history),
        TEST(answer_that_lies_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
