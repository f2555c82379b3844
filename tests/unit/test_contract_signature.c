/* Signatures of contract accounts: a contract says yes in one way and no in many. */
#include "tests/unit/simulate_world.h"

#include <stdlib.h>

#include "node/codec/abi.h"
#include "node/crypto/secp256k1.h"
#include "node/l1/contract_signature.h"
#include "tests/unit/simulate_contracts_vec.h"

static const uint8_t key[32] = {[31] = 7}, other_key[32] = {[31] = 8};
static const ht_hash32 digest = {.b = {1, 2, 3}};
static ht_addr20 owner;
static struct ht_signature_check check;
static unsigned done_count;
static uint8_t signature[65]; /* the owner's */
static struct ht_buf wrapped;

static void done(struct ht_signature_check *one) {
    (void)one;
    done_count++;
}

static void sign(uint8_t out[static 65], const uint8_t by[static 32]) {
    struct ht_ecdsa_signature parts;
    assert_int_equal(ht_ecdsa_sign(&parts, &digest, by, NULL), HT_OK);
    memcpy(out, parts.r, 32);
    memcpy(out + 32, parts.s, 32);
    out[64] = (uint8_t)(27 + parts.y_parity);
}

static int set_up(void **state) {
    uint8_t pubkey[HT_SECP256K1_PUBKEY_SIZE];
    (void)sim_set_up(state);
    assert_int_equal(ht_secp256k1_public_key(pubkey, key, NULL), HT_OK);
    ht_secp256k1_address(&owner, pubkey);
    sign(signature, key);
    sim_put(sim_address(9), 0, FACTORY);
    ht_buf_init(&wrapped, 1 << 17);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_buf_fini(&wrapped);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void check_as(ht_addr20 signer, ht_bytes bytes) {
    check = (struct ht_signature_check){
        .signer = signer, .digest = digest, .signature = bytes, .done = done};
    done_count = 0;
    ht_signature_check(NULL, &check);
    assert_int_equal(done_count, 1);
    ht_signature_check_fini(&check);
}

static void is_valid(enum ht_signature_kind kind) {
    if (check.err != HT_OK) fail_msg("%s: %s", check.why.code, check.why.text);
    assert_int_equal(check.kind, kind);
    assert_int_equal(check.header.header.number, 100);
}

/* A part of the reason, so that each is refused for its own. */
static void is_bad(const char *part) {
    assert_int_equal(check.err, HT_EUNVERIFIED);
    assert_string_equal(check.why.code, "bad_signature");
    if (strstr(check.why.text, part) == NULL) fail_msg("want %s, got %s", part, check.why.text);
}

static json_t *hex(ht_bytes bytes) {
    char *text = malloc(HT_HEX_SIZE(bytes.n));
    assert_non_null(text);
    ht_hex_write(text, bytes);
    json_t *value = json_string(text);
    free(text);
    return value;
}

/* Appends; values is taken over. */
static void encode(struct ht_buf *out, const char *types, json_t *values) {
    struct ht_abi_type type;
    struct ht_arena arena;
    struct ht_why why = {0};
    ht_arena_init(&arena, 1 << 16);
    assert_int_equal(ht_abi_type_read(&type, &arena, ht_bytes_str(types), NULL), HT_OK);
    enum ht_err err = ht_abi_encode(out, &type, values, &why);
    if (err != HT_OK) fail_msg("%s: %s", why.code, why.text);
    json_decref(values);
    ht_arena_fini(&arena);
}

/* A call of the factory: the function's signature and one or two arguments. */
static void write_call(struct ht_buf *out, const char *function, json_t *values) {
    uint8_t selector[4];
    ht_abi_selector(selector, function);
    assert_int_equal(ht_buf_add(out, HT_BYTES(selector)), HT_OK);
    encode(out, strchr(function, '('), values);
}

/* ERC-6492 around a signature, into wrapped. */
static void wrap(const char *function, json_t *values, ht_bytes inner) {
    uint8_t magic[32];
    struct ht_buf call;
    ht_addr20 factory = sim_address(9);
    ht_buf_init(&call, 1 << 12);
    write_call(&call, function, values);
    ht_buf_clear(&wrapped);
    encode(&wrapped, "(address,bytes,bytes)",
           json_pack("[o,o,o]", hex(HT_BYTES(factory.b)), hex(ht_buf_view(&call)), hex(inner)));
    for (size_t i = 0; i < 32; i++) magic[i] = i % 2 == 0 ? 0x64 : 0x92;
    assert_int_equal(ht_buf_add(&wrapped, HT_BYTES(magic)), HT_OK);
    ht_buf_fini(&call);
}

static json_t *deploys(bool is_ready) {
    return json_pack("[o,b]", hex(HT_BYTES(owner.b)), is_ready);
}

/* Where the factory puts the owner's wallet. */
static ht_addr20 wallet_address(bool is_ready) {
    struct ht_buf init;
    ht_addr20 wallet, factory = sim_address(9);
    ht_hash32 hash;
    const ht_hash32 salt = {{0}};
    size_t n = (sizeof WALLET_INIT - 1) / 2;
    ht_buf_init(&init, 1 << 16);
    uint8_t *room = ht_buf_reserve(&init, n);
    assert_int_equal(ht_hex_read(room, n, ht_bytes_str(WALLET_INIT)), HT_OK);
    init.n += n;
    encode(&init, "(address,bool)", deploys(is_ready));
    ht_keccak256(&hash, ht_buf_view(&init));
    ht_evm_create2_address(&wallet, &factory, &salt, &hash);
    ht_buf_fini(&init);
    return wallet;
}

/* The wallet as it stands once it is deployed. */
static ht_addr20 put_wallet(bool is_ready) {
    ht_addr20 wallet = wallet_address(is_ready);
    uint8_t word[32] = {[11] = is_ready};
    sim_put(wallet, 0, WALLET);
    memcpy(word + 12, owner.b, sizeof owner.b);
    sim.slots[sim.slot_count].address = wallet;
    sim.slots[sim.slot_count].slot = ht_u256_of(0);
    sim.slots[sim.slot_count++].value = ht_u256_from_be32(word);
    return wallet;
}

/* --- keys ------------------------------------------------------------------------------------- */

static void a_key_signs_for_its_account(void **state) {
    (void)state;
    check_as(owner, HT_BYTES(signature));
    is_valid(HT_SIGNATURE_ECDSA);
}

static void another_key_does_not_sign_for_an_account(void **state) {
    (void)state;
    sign(signature, other_key);
    check_as(owner, HT_BYTES(signature));
    is_bad("another key");
}

static void a_recovery_id_that_is_not_27_or_28_is_refused(void **state) {
    (void)state;
    signature[64] = (uint8_t)(signature[64] - 27);
    check_as(owner, HT_BYTES(signature));
    is_bad("no signature of any key");
}

static void a_signature_of_another_length_is_no_keys(void **state) {
    (void)state;
    check_as(owner, ht_bytes_of(signature, 64));
    is_bad("no code");
    check_as(owner, (ht_bytes){0});
    is_bad("no code");
}

/* --- ERC-1271 --------------------------------------------------------------------------------- */

static void a_contract_accepts_its_owners_signature(void **state) {
    (void)state;
    check_as(put_wallet(true), HT_BYTES(signature));
    is_valid(HT_SIGNATURE_ERC1271);
}

static void a_contract_refuses_anothers_signature(void **state) {
    (void)state;
    sign(signature, other_key);
    check_as(put_wallet(true), HT_BYTES(signature));
    is_bad("contract does not accept");
}

static void a_contract_that_reverts_does_not_accept(void **state) {
    (void)state;
    check_as(put_wallet(false), HT_BYTES(signature));
    is_bad("contract does not accept");
}

static void a_key_does_not_sign_for_an_account_with_code(void **state) {
    (void)state;
    sim_put(owner, 0, "00");
    check_as(owner, HT_BYTES(signature));
    is_bad("contract does not accept");
}

/* PUSH4 1626ba7e, shifted to the left, returned: exactly, a byte short, with a bit behind it. */
static void only_the_exact_word_is_a_yes(void **state) {
    (void)state;
    sim_put(sim_address(1), 0, "631626ba7e60e01b5f5260205ff3");
    sim_put(sim_address(2), 0, "631626ba7e60e01b5f52601f5ff3");
    sim_put(sim_address(3), 0, "631626ba7e60e01b6001175f5260205ff3");
    sim_put(sim_address(4), 0, "60015f5260205ff3");
    check_as(sim_address(1), HT_BYTES(signature));
    is_valid(HT_SIGNATURE_ERC1271);
    for (uint8_t i = 2; i <= 4; i++) {
        check_as(sim_address(i), HT_BYTES(signature));
        is_bad("contract does not accept");
    }
}

/* SSTORE before the answer: the call is static. */
static void a_contract_that_writes_does_not_accept(void **state) {
    (void)state;
    sim_put(sim_address(1), 0, "60015f55631626ba7e60e01b5f5260205ff3");
    check_as(sim_address(1), HT_BYTES(signature));
    is_bad("contract does not accept");
}

/* --- ERC-6492 --------------------------------------------------------------------------------- */

static void a_wallet_that_is_not_deployed_is_deployed_and_asked(void **state) {
    (void)state;
    wrap("deploy(address,bool)", deploys(true), HT_BYTES(signature));
    check_as(wallet_address(true), ht_buf_view(&wrapped));
    is_valid(HT_SIGNATURE_ERC6492);
}

static void a_wallet_that_is_not_deployed_refuses_anothers_signature(void **state) {
    (void)state;
    sign(signature, other_key);
    wrap("deploy(address,bool)", deploys(true), HT_BYTES(signature));
    check_as(wallet_address(true), ht_buf_view(&wrapped));
    is_bad("contract does not accept");
}

static void a_factory_that_deploys_something_else_is_no_yes(void **state) {
    (void)state;
    wrap("deploy(address,bool)", deploys(true), HT_BYTES(signature));
    check_as(sim_address(0x77), ht_buf_view(&wrapped));
    is_bad("contract does not accept");
}

static void a_factory_that_fails_is_a_no(void **state) {
    (void)state;
    wrap("refuse()", json_array(), HT_BYTES(signature));
    check_as(wallet_address(true), ht_buf_view(&wrapped));
    is_bad("factory");
}

static void a_wallet_that_is_deployed_already_is_asked_as_it_is(void **state) {
    (void)state;
    wrap("refuse()", json_array(), HT_BYTES(signature));
    check_as(put_wallet(true), ht_buf_view(&wrapped));
    is_valid(HT_SIGNATURE_ERC6492);
}

static void a_deployed_wallet_that_says_no_is_prepared_and_asked_again(void **state) {
    (void)state;
    ht_addr20 wallet = put_wallet(false);
    wrap("prepare(address)", json_pack("[o]", hex(HT_BYTES(wallet.b))), HT_BYTES(signature));
    check_as(wallet, ht_buf_view(&wrapped));
    is_valid(HT_SIGNATURE_ERC6492);
}

static void a_deployed_wallet_that_says_no_twice_is_a_no(void **state) {
    (void)state;
    ht_addr20 wallet = put_wallet(false);
    sign(signature, other_key);
    wrap("prepare(address)", json_pack("[o]", hex(HT_BYTES(wallet.b))), HT_BYTES(signature));
    check_as(wallet, ht_buf_view(&wrapped));
    is_bad("contract does not accept");
}

static void a_wrapper_that_cannot_be_read_is_a_no(void **state) {
    (void)state;
    wrap("deploy(address,bool)", deploys(true), HT_BYTES(signature));
    check_as(wallet_address(true), ht_bytes_of(wrapped.p + 32, wrapped.n - 32));
    is_bad("cannot be read");
    check_as(wallet_address(true), ht_bytes_of(wrapped.p + wrapped.n - 32, 32));
    is_bad("cannot be read");
}

/* --- bounds ----------------------------------------------------------------------------------- */

static void a_signature_over_the_bound_is_not_looked_at(void **state) {
    (void)state;
    uint8_t *long_one = calloc(1, HT_CONTRACT_SIGNATURE_MAX + 1);
    check_as(owner, ht_bytes_of(long_one, HT_CONTRACT_SIGNATURE_MAX + 1));
    free(long_one);
    assert_int_equal(check.err, HT_ELIMIT);
    assert_string_equal(check.why.code, "signature_too_long");
    assert_int_equal(sim.rounds, 0);
}

static void what_cannot_be_proven_is_neither_yes_nor_no(void **state) {
    (void)state;
    sim.refuses = HT_ENET;
    check_as(owner, HT_BYTES(signature));
    assert_int_equal(check.err, HT_ENET);
    assert_string_equal(check.why.code, "state_pruned");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_key_signs_for_its_account),
        TEST(another_key_does_not_sign_for_an_account),
        TEST(a_recovery_id_that_is_not_27_or_28_is_refused),
        TEST(a_signature_of_another_length_is_no_keys),
        TEST(a_contract_accepts_its_owners_signature),
        TEST(a_contract_refuses_anothers_signature),
        TEST(a_contract_that_reverts_does_not_accept),
        TEST(a_key_does_not_sign_for_an_account_with_code),
        TEST(only_the_exact_word_is_a_yes),
        TEST(a_contract_that_writes_does_not_accept),
        TEST(a_wallet_that_is_not_deployed_is_deployed_and_asked),
        TEST(a_wallet_that_is_not_deployed_refuses_anothers_signature),
        TEST(a_factory_that_deploys_something_else_is_no_yes),
        TEST(a_factory_that_fails_is_a_no),
        TEST(a_wallet_that_is_deployed_already_is_asked_as_it_is),
        TEST(a_deployed_wallet_that_says_no_is_prepared_and_asked_again),
        TEST(a_deployed_wallet_that_says_no_twice_is_a_no),
        TEST(a_wrapper_that_cannot_be_read_is_a_no),
        TEST(a_signature_over_the_bound_is_not_looked_at),
        TEST(what_cannot_be_proven_is_neither_yes_nor_no),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
