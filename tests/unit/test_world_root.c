/* Roots of known states, alone and with a world's changes over them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/base/hex.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/trie.h"
#include "node/l1/execution/world_root.h"

#define ROOMY ((size_t)16 << 20)

static const uint8_t CODE[] = {0x60, 0x01, 0x5b, 0x00};

static ht_addr20 address_of(uint64_t number) {
    ht_addr20 address = {{0}};
    for (size_t i = 0; i < 8; i++) address.b[19 - i] = (uint8_t)(number >> (8 * i));
    return address;
}

static ht_hash32 root_of(const struct ht_known_state *state, struct ht_evm_world *world) {
    ht_hash32 root;
    assert_int_equal(ht_world_root(&root, state, world, NULL), HT_OK);
    return root;
}

static void assert_root(const ht_hash32 *root, const char *want) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(root->b));
    assert_string_equal(text, want);
}

/* Four accounts, out of order: an empty one, one with code and storage, and two with wei. */
struct sample {
    struct ht_known_slot slots[4];
    struct ht_known_account accounts[4];
    struct ht_known_state state;
};

static void sample_init(struct sample *sample) {
    *sample = (struct sample){
        .slots = {{ht_u256_of(3), {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}}},
                  {ht_u256_of(2), ht_u256_of(0x80)},
                  {ht_u256_of(9), ht_u256_of(0)}, /* no entry */
                  {ht_u256_of(1), ht_u256_of(0x7f)}},
        .accounts = {{.address = address_of(0x1234)},
                     {.address = address_of(2),
                      .nonce = 7,
                      .balance = ht_u256_of(1000000000000000000U),
                      .code = HT_BYTES(CODE),
                      .slots = sample->slots,
                      .slot_count = 4},
                     {.address = address_of(1), .balance = ht_u256_of(5)},
                     {.address = address_of(3), .balance = ht_u256_of(6)}},
    };
    sample->state = (struct ht_known_state){.accounts = sample->accounts, .count = 4};
    assert_int_equal(ht_known_state_prepare(&sample->state, NULL), HT_OK);
}

static struct ht_evm_world *world_over(struct ht_known_state *state) {
    struct ht_evm_source source;
    struct ht_evm_world *world = NULL;
    ht_known_state_source(&source, state);
    assert_int_equal(ht_evm_world_new(&world, &source, ROOMY), HT_OK);
    ht_evm_world_begin(world);
    return world;
}

static struct ht_evm_object *find(struct ht_evm_world *world, uint64_t number) {
    struct ht_evm_object *object = NULL;
    ht_addr20 address = address_of(number);
    assert_int_equal(ht_evm_world_find(&object, world, &address, NULL), HT_OK);
    return object;
}

static struct ht_evm_slot *slot_of(struct ht_evm_world *world, struct ht_evm_object *object,
                                   uint64_t key) {
    struct ht_evm_slot *slot = NULL;
    ht_u256 word = ht_u256_of(key);
    assert_int_equal(ht_evm_world_slot(&slot, world, object, &word, NULL), HT_OK);
    return slot;
}

static void set_slot(struct ht_evm_world *world, uint64_t number, uint64_t key, uint64_t value) {
    struct ht_evm_object *object = find(world, number);
    ht_u256 word = ht_u256_of(value);
    assert_int_equal(ht_evm_world_set_slot(world, object, slot_of(world, object, key), &word),
                     HT_OK);
}

static void set_wei(struct ht_evm_world *world, uint64_t number, uint64_t wei) {
    ht_u256 value = ht_u256_of(wei);
    assert_int_equal(ht_evm_world_set_balance(world, find(world, number), &value), HT_OK);
}

static void known_state_has_the_root_that_others_compute(void **state) {
    (void)state;
    struct sample sample;
    sample_init(&sample);
    struct ht_known_state none = {.count = 0};
    ht_hash32 root = root_of(&none, NULL);
    assert_true(ht_hash32_equal(&root, &ht_trie_empty_root));
    /* Computed of the same entries by @ethereumjs/statemanager. */
    root = root_of(&sample.state, NULL);
    assert_root(&root, "0x7ecbe43a6ff33b8c06611c8d4dfe55a5e54bd350eb15f76835d435249b55d8db");
}

static void looking_at_accounts_does_not_change_the_root(void **state) {
    (void)state;
    struct sample sample;
    sample_init(&sample);
    struct ht_evm_world *world = world_over(&sample.state);
    ht_hash32 before = root_of(&sample.state, NULL);
    for (uint64_t i = 0; i < 5; i++) (void)slot_of(world, find(world, i), 1);
    (void)find(world, 0x1234);
    set_slot(world, 2, 1, 0x7f);
    ht_hash32 after = root_of(&sample.state, world);
    assert_true(ht_hash32_equal(&before, &after));
    ht_evm_world_free(world);
}

static void source_answers_what_stands_in_the_state(void **state) {
    (void)state;
    struct sample sample;
    sample_init(&sample);
    struct ht_evm_source source;
    struct ht_evm_account account;
    struct ht_why why = {.code = ""};
    ht_u256 key = ht_u256_of(2), value;
    ht_hash32 hash;
    ht_bytes code;
    ht_addr20 two = address_of(2), nobody = address_of(77);
    ht_known_state_source(&source, &sample.state);
    assert_int_equal(source.account(source.user, &account, &two, &why), HT_OK);
    assert_true(account.exists && account.has_storage);
    assert_int_equal(account.nonce, 7);
    assert_int_equal(source.code(source.user, &code, &two, &account.code_hash, &why), HT_OK);
    assert_true(ht_bytes_equal(code, HT_BYTES(CODE)));
    assert_int_equal(source.slot(source.user, &value, &two, &key, &why), HT_OK);
    assert_int_equal(value.limb[0], 0x80);
    assert_int_equal(source.account(source.user, &account, &nobody, &why), HT_OK);
    assert_false(account.exists || account.has_storage);
    assert_int_equal(source.slot(source.user, &value, &nobody, &key, &why), HT_OK);
    assert_true(ht_u256_is_zero(&value));
    assert_int_equal(source.code(source.user, &code, &nobody, &account.code_hash, &why), HT_EBUG);
    assert_int_equal(source.block_hash(source.user, &hash, 1, &why), HT_EAGAIN);
    assert_string_equal(why.code, "missing");
}

static void changes_give_the_root_of_the_state_that_has_them(void **state) {
    (void)state;
    struct sample sample, changed;
    const uint8_t other[] = {0x00};
    sample_init(&sample);
    sample_init(&changed);
    struct ht_evm_world *world = world_over(&sample.state);
    set_wei(world, 1, 500);
    set_slot(world, 2, 1, 0);
    set_slot(world, 2, 2, 0x1234);
    set_slot(world, 2, 9, 1);
    assert_int_equal(ht_evm_world_set_nonce(world, find(world, 3), 9), HT_OK);
    assert_int_equal(ht_evm_world_set_code(world, find(world, 3), HT_BYTES(other)), HT_OK);
    assert_int_equal(ht_evm_world_end(world), HT_OK);
    /* In order of addresses and keys now: 1, 2, 3, 0x1234 and 1, 2, 3, 9. */
    changed.accounts[0].balance = ht_u256_of(500);
    changed.slots[0].value = ht_u256_of(0);
    changed.slots[1].value = ht_u256_of(0x1234);
    changed.slots[3].value = ht_u256_of(1);
    changed.accounts[2].nonce = 9;
    changed.accounts[2].code = HT_BYTES(other);
    assert_int_equal(ht_known_state_prepare(&changed.state, NULL), HT_OK);
    ht_hash32 root = root_of(&sample.state, world), want = root_of(&changed.state, NULL);
    assert_memory_equal(root.b, want.b, 32);
    ht_evm_world_free(world);
}

static void new_and_deleted_accounts_count_over_several_transactions(void **state) {
    (void)state;
    struct sample sample, changed;
    sample_init(&sample);
    sample_init(&changed);
    struct ht_evm_world *world = world_over(&sample.state);
    set_wei(world, 50, 5);
    assert_int_equal(ht_evm_world_destroy(world, find(world, 2)), HT_OK);
    assert_int_equal(ht_evm_world_touch(world, find(world, 0x1234)), HT_OK);
    assert_int_equal(ht_evm_world_end(world), HT_OK);
    ht_evm_world_begin(world);
    /* Account 2 is made anew: nothing of its storage comes back. */
    assert_int_equal(ht_evm_world_create(world, find(world, 2)), HT_OK);
    assert_int_equal(ht_evm_world_set_nonce(world, find(world, 2), 1), HT_OK);
    set_slot(world, 2, 3, 8);
    set_wei(world, 1, 0);
    assert_int_equal(ht_evm_world_end(world), HT_OK);
    struct ht_known_slot slots[] = {{ht_u256_of(3), ht_u256_of(8)}};
    changed.accounts[3] =
        (struct ht_known_account){.address = address_of(50), .balance = ht_u256_of(5)};
    changed.accounts[1] = (struct ht_known_account){
        .address = address_of(2), .nonce = 1, .slots = slots, .slot_count = 1};
    changed.accounts[0] = changed.accounts[2];
    changed.accounts[2] = changed.accounts[3];
    changed.state.count = 3;
    assert_int_equal(ht_known_state_prepare(&changed.state, NULL), HT_OK);
    ht_hash32 root = root_of(&sample.state, world), want = root_of(&changed.state, NULL);
    assert_memory_equal(root.b, want.b, 32);
    ht_evm_world_free(world);
}

static void what_stands_in_a_state_twice_is_refused(void **state) {
    (void)state;
    struct sample sample;
    struct ht_why why = {.code = ""};
    sample_init(&sample);
    sample.slots[0].key = sample.slots[2].key;
    assert_int_equal(ht_known_state_prepare(&sample.state, &why), HT_EINPUT);
    assert_string_equal(why.code, "state_twice");
    sample_init(&sample);
    why.code = "";
    sample.accounts[0].address = sample.accounts[2].address;
    assert_int_equal(ht_known_state_prepare(&sample.state, &why), HT_EINPUT);
    assert_string_equal(why.code, "state_twice");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_state_has_the_root_that_others_compute),
        cmocka_unit_test(looking_at_accounts_does_not_change_the_root),
        cmocka_unit_test(source_answers_what_stands_in_the_state),
        cmocka_unit_test(changes_give_the_root_of_the_state_that_has_them),
        cmocka_unit_test(new_and_deleted_accounts_count_over_several_transactions),
        cmocka_unit_test(what_stands_in_a_state_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
