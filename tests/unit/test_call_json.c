/* Call objects and overrides: what is read, what is refused and why, and what a world makes of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "node/l1/execution/call_json.h"

#define A "\"0xa100000000000000000000000000000000000000\""
#define B "\"0xb000000000000000000000000000000000000000\""
#define WORD "0x00000000000000000000000000000000000000000000000000000000000000"
#define HASH "\"" WORD "11\""

static struct ht_arena arena;
static struct ht_call call;
static struct ht_overrides overrides;
static struct ht_block_override block;
static struct ht_why why;

static int set_up(void **state) {
    (void)state;
    ht_arena_init(&arena, 1 << 20);
    why = (struct ht_why){0};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_arena_fini(&arena);
    return 0;
}

static json_t *parse(const char *text) {
    json_t *value = NULL;
    if (ht_json_parse(&value, ht_bytes_str(text), 65536, &why) != HT_OK) {
        fail_msg("%s: %s", why.text, text);
    }
    return value;
}

static enum ht_err read_call(const char *text) {
    json_t *object = parse(text);
    enum ht_err err = ht_call_read(&call, &arena, object, &why);
    json_decref(object);
    return err;
}

static enum ht_err read_overrides(const char *text) {
    json_t *object = parse(text);
    enum ht_err err = ht_overrides_read(&overrides, &arena, object, &why);
    json_decref(object);
    return err;
}

static enum ht_err read_block(const char *text) {
    json_t *object = parse(text);
    enum ht_err err = ht_block_override_read(&block, object, &why);
    json_decref(object);
    return err;
}

static void expect(enum ht_err err, enum ht_err wanted, const char *code) {
    if (err != wanted || why.code == NULL || strcmp(why.code, code) != 0) {
        fail_msg("wanted %s, got %s: %s", code, why.code != NULL ? why.code : "(none)", why.text);
    }
    why = (struct ht_why){0};
}

/* --- calls ------------------------------------------------------------------------------------ */

static void an_empty_call_creates_nothing_from_nobody(void **state) {
    (void)state;
    assert_int_equal(read_call("{}"), HT_OK);
    assert_int_equal(call.tx.type, HT_TX_FEE_MARKET);
    assert_true(call.tx.is_creation);
    assert_false(call.has_type || call.has_from || call.has_gas || call.has_nonce || call.has_fee ||
                 call.has_chain_id || call.has_blob_fee);
    assert_int_equal(call.tx.data.n, 0);
    assert_false(call.tx.has_chain_id);
}

static void all_members_of_a_call_are_read(void **state) {
    (void)state;
    assert_int_equal(
        read_call(
            "{\"from\":" A ",\"to\":" B ",\"gas\":\"0x5208\",\"nonce\":\"0x3\","
            "\"value\":\"0xde0b6b3a7640000\",\"data\":\"0x0102\",\"input\":\"0x0102\","
            "\"chainId\":\"0x7a69\",\"maxFeePerGas\":\"0x9\",\"maxPriorityFeePerGas\":\"0x2\","
            "\"accessList\":[{\"address\":" A ",\"storageKeys\":[" HASH "]}],"
            "\"type\":\"0x2\",\"something\":\"else\",\"gasPrice\":null}"),
        HT_OK);
    assert_true(call.has_type && call.has_from && call.has_gas && call.has_nonce && call.has_fee &&
                call.has_chain_id);
    assert_int_equal(call.from.b[0], 0xa1);
    assert_int_equal(call.tx.to.b[0], 0xb0);
    assert_int_equal(call.tx.gas_limit, 21000);
    assert_int_equal(call.tx.nonce, 3);
    assert_int_equal(call.tx.value.limb[0], 1000000000000000000);
    assert_int_equal(call.tx.data.n, 2);
    assert_int_equal(call.tx.chain_id, 31337);
    assert_int_equal(call.tx.max_fee_per_gas.limb[0], 9);
    assert_int_equal(call.tx.max_priority_fee_per_gas.limb[0], 2);
    assert_int_equal(call.tx.access_count, 1);
    assert_int_equal(call.tx.access_list[0].storage_keys[0].b[31], 0x11);
}

static void the_type_is_the_one_that_the_members_ask_for(void **state) {
    static const struct {
        const char *text;
        enum ht_tx_type type;
    } cases[] = {
        {"{\"gasPrice\":\"0x1\"}", HT_TX_LEGACY},
        {"{\"gasPrice\":\"0x1\",\"accessList\":[]}", HT_TX_ACCESS_LIST},
        {"{\"accessList\":[]}", HT_TX_FEE_MARKET},
        {"{\"maxPriorityFeePerGas\":\"0x1\"}", HT_TX_FEE_MARKET},
        {"{\"to\":" A ",\"blobVersionedHashes\":[" HASH "]}", HT_TX_BLOB},
        {"{\"to\":" A ",\"maxFeePerBlobGas\":\"0x1\"}", HT_TX_BLOB},
        {"{\"to\":" A ",\"authorizationList\":[]}", HT_TX_SET_CODE},
        {"{\"type\":\"0x0\"}", HT_TX_LEGACY},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(read_call(cases[i].text), HT_OK);
        assert_int_equal(call.tx.type, cases[i].type);
    }
}

static void a_gas_price_is_both_fees_of_a_type_that_has_two(void **state) {
    (void)state;
    assert_int_equal(read_call("{\"type\":\"0x2\",\"gasPrice\":\"0x7\"}"), HT_OK);
    assert_int_equal(call.tx.max_fee_per_gas.limb[0], 7);
    assert_int_equal(call.tx.max_priority_fee_per_gas.limb[0], 7);
    assert_true(ht_u256_is_zero(&call.tx.gas_price));
}

static void authorizations_are_read(void **state) {
    (void)state;
    assert_int_equal(
        read_call("{\"to\":" A ",\"authorizationList\":[{\"chainId\":\"0x1\",\"address\":" B
                  ",\"nonce\":\"0x5\",\"yParity\":\"0x1\",\"r\":\"0x2\",\"s\":\"0x3\"}]}"),
        HT_OK);
    assert_int_equal(call.tx.authorization_count, 1);
    assert_int_equal(call.tx.authorization_list[0].nonce, 5);
    assert_int_equal(call.tx.authorization_list[0].y_parity, 1);
}

static void calls_that_contradict_themselves_are_refused(void **state) {
    static const struct {
        const char *text, *code;
    } cases[] = {
        {"[]", "json_type"},
        {"{\"data\":\"0x01\",\"input\":\"0x02\"}", "call_both_data"},
        {"{\"gasPrice\":\"0x1\",\"maxFeePerGas\":\"0x1\"}", "call_fees"},
        {"{\"gasPrice\":\"0x1\",\"maxPriorityFeePerGas\":\"0x1\"}", "call_fees"},
        {"{\"type\":\"0x0\",\"maxFeePerGas\":\"0x1\"}", "call_type"},
        {"{\"type\":\"0x1\",\"maxPriorityFeePerGas\":\"0x1\"}", "call_type"},
        {"{\"type\":\"0x0\",\"accessList\":[{\"address\":" A ",\"storageKeys\":[]}]}", "call_type"},
        {"{\"type\":\"0x2\",\"blobVersionedHashes\":[" HASH "]}", "call_type"},
        {"{\"type\":\"0x2\",\"maxFeePerBlobGas\":\"0x1\"}", "call_type"},
        {"{\"to\":" A ",\"type\":\"0x3\",\"authorizationList\":[]}", "call_type"},
        {"{\"type\":\"0x3\"}", "call_type"},
        {"{\"authorizationList\":[]}", "call_type"},
        {"{\"type\":\"0x5\"}", "tx_type"},
        {"{\"from\":\"0xa1\"}", "json_value"},
        {"{\"to\":7}", "json_type"},
        {"{\"gas\":\"0x10000000000000000\"}", "json_value"},
        {"{\"value\":\"1\"}", "json_value"},
        {"{\"input\":\"0x1\"}", "json_value"},
        {"{\"accessList\":[{\"address\":" A "}]}", "json_missing"},
        {"{\"accessList\":{}}", "json_type"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect(read_call(cases[i].text), HT_EINPUT, cases[i].code);
    }
}

static void a_call_over_its_room_is_refused(void **state) {
    (void)state;
    ht_arena_init(&arena, 16);
    expect(read_call("{\"input\":" HASH "}"), HT_ELIMIT, "no_room");
    expect(read_call("{\"accessList\":[{\"address\":" A ",\"storageKeys\":[]}]}"), HT_ELIMIT,
           "no_room");
}

static void a_call_comes_back_from_its_own_object(void **state) {
    static const char *const texts[] = {
        "{}",
        "{\"from\":" A ",\"to\":" B ",\"gas\":\"0x9\",\"gasPrice\":\"0x1\",\"input\":\"0xab\"}",
        "{\"to\":" B ",\"nonce\":\"0x1\",\"maxFeePerGas\":\"0x5\",\"value\":\"0x4\"}",
        "{\"to\":" B ",\"blobVersionedHashes\":[" HASH "],\"maxFeePerBlobGas\":\"0x1\"}",
        "{\"to\":" B ",\"type\":\"0x4\",\"authorizationList\":[{\"chainId\":\"0x1\",\"address\":" B
        ",\"nonce\":\"0x5\",\"yParity\":\"0x1\",\"r\":\"0x2\",\"s\":\"0x3\"}]}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(read_call(texts[i]), HT_OK);
        json_t *object = ht_call_to_json(&call);
        struct ht_call back;
        assert_int_equal(ht_call_read(&back, &arena, object, &why), HT_OK);
        json_t *again = ht_call_to_json(&back);
        assert_true(json_equal(object, again));
        assert_int_equal(back.tx.type, call.tx.type);
        assert_int_equal(back.has_fee, call.has_fee);
        json_decref(object);
        json_decref(again);
    }
}

/* --- overrides of accounts -------------------------------------------------------------------- */

static void no_overrides_are_none(void **state) {
    (void)state;
    assert_int_equal(ht_overrides_read(&overrides, &arena, NULL, &why), HT_OK);
    assert_int_equal(overrides.count, 0);
    assert_int_equal(read_overrides("null"), HT_OK);
    assert_int_equal(overrides.count, 0);
}

static void all_that_can_be_overridden_is_read(void **state) {
    (void)state;
    assert_int_equal(read_overrides("{" A ":{\"nonce\":\"0x7\",\"balance\":\"0x9\",\"code\":"
                                    "\"0x6001\",\"stateDiff\":{" HASH ":" HASH "}},"
                                    "\"0x0000000000000000000000000000000000000001\":"
                                    "{\"movePrecompileToAddress\":" B ",\"state\":{}}}"),
                     HT_OK);
    assert_int_equal(overrides.count, 2);
    const struct ht_account_override *one = &overrides.accounts[0];
    assert_true(one->has_nonce && one->has_balance && one->has_code && one->has_state_diff);
    assert_false(one->has_state || one->has_move);
    assert_int_equal(one->slots[0].key.limb[0], 0x11);
    assert_int_equal(one->slots[0].value.limb[0], 0x11);
    assert_true(overrides.accounts[1].has_move && overrides.accounts[1].has_state);
}

static void overrides_that_mean_nothing_are_refused(void **state) {
    static const struct {
        const char *text, *code;
    } cases[] = {
        {"[]", "json_type"},
        {"{\"0xa1\":{}}", "json_value"},
        {"{\"a100000000000000000000000000000000000000\":{}}", "json_value"},
        {"{" A ":7}", "json_type"},
        {"{" A ":{\"storage\":{}}}", "override_unknown"},
        {"{" A ":{\"state\":{},\"stateDiff\":{}}}", "override_state"},
        {"{" A ":{\"state\":[]}}", "json_type"},
        {"{" A ":{\"state\":{" HASH ":7}}}", "json_type"},
        {"{" A ":{\"state\":{\"11\":" HASH "}}}", "json_value"},
        {"{" A ":{\"nonce\":\"0x10000000000000000\"}}", "json_value"},
        {"{" A ":{\"movePrecompileToAddress\":\"0x1\"}}", "json_value"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect(read_overrides(cases[i].text), HT_EINPUT, cases[i].code);
    }
}

static void more_accounts_than_the_bound_are_refused(void **state) {
    (void)state;
    json_t *object = json_object();
    for (unsigned i = 0; i <= HT_OVERRIDE_ACCOUNTS_MAX; i++) {
        char key[43];
        (void)snprintf(key, sizeof key, "0x%040x", i);
        json_object_set_new(object, key, json_object());
    }
    expect(ht_overrides_read(&overrides, &arena, object, &why), HT_ELIMIT, "no_room");
    json_decref(object);
}

static enum ht_err no_account(void *user, struct ht_evm_account *out, const ht_addr20 *address,
                              struct ht_why *reason) {
    (void)user, (void)address, (void)reason;
    *out = (struct ht_evm_account){.nonce = 1,
                                   .code_hash = ht_evm_no_code_hash,
                                   .balance = {{5}},
                                   .exists = true,
                                   .has_storage = true};
    return HT_OK;
}

/* Each slot holds 99. */
static enum ht_err some_slot(void *user, ht_u256 *out, const ht_addr20 *address,
                             const ht_u256 *slot, struct ht_why *reason) {
    (void)user, (void)address, (void)slot, (void)reason;
    *out = ht_u256_of(99);
    return HT_OK;
}

static uint64_t slot_of(struct ht_evm_world *world, struct ht_evm_object *object, uint64_t key) {
    struct ht_evm_slot *slot = NULL;
    const ht_u256 word = ht_u256_of(key);
    assert_int_equal(ht_evm_world_slot(&slot, world, object, &word, NULL), HT_OK);
    return slot->value.limb[0];
}

static void a_world_is_as_the_overrides_say(void **state) {
    (void)state;
    const struct ht_evm_source source = {.account = no_account, .slot = some_slot};
    const ht_addr20 a = {{0xa1}}, b = {{0xb0}};
    struct ht_evm_world *world = NULL;
    struct ht_evm_object *object = NULL;
    assert_int_equal(ht_evm_world_new(&world, &source, 1 << 20), HT_OK);
    assert_int_equal(read_overrides("{" A ":{\"nonce\":\"0x7\",\"balance\":\"0x9\",\"code\":"
                                    "\"0x6001\",\"state\":{" HASH ":" HASH "}}," B
                                    ":{\"stateDiff\":{" HASH ":" HASH "}}}"),
                     HT_OK);
    assert_int_equal(ht_overrides_apply(world, &overrides, &why), HT_OK);
    assert_int_equal(ht_evm_world_find(&object, world, &a, NULL), HT_OK);
    assert_int_equal(object->account.nonce, 7);
    assert_int_equal(object->account.balance.limb[0], 9);
    assert_true(ht_evm_object_has_code(object));
    assert_int_equal(slot_of(world, object, 0x11), 0x11);
    assert_int_equal(slot_of(world, object, 0x12), 0);
    assert_int_equal(ht_evm_world_find(&object, world, &b, NULL), HT_OK);
    assert_int_equal(object->account.nonce, 1);
    assert_int_equal(object->account.balance.limb[0], 5);
    assert_int_equal(slot_of(world, object, 0x11), 0x11);
    assert_int_equal(slot_of(world, object, 0x12), 99);
    ht_evm_world_free(world);
}

/* --- precompiles ------------------------------------------------------------------------------ */

#define SHA "\"0x0000000000000000000000000000000000000002\""

static enum ht_err places_of(const char *text, const struct ht_evm_precompile_place **places,
                             size_t *count) {
    assert_int_equal(read_overrides(text), HT_OK);
    return ht_overrides_precompiles(places, count, &arena, &overrides,
                                    ht_evm_rules_of(HT_EVM_OSAKA), &why);
}

static void a_moved_precompile_stands_there_and_no_longer_here(void **state) {
    (void)state;
    const struct ht_evm_precompile_place *places = NULL;
    size_t count = 0;
    assert_int_equal(places_of("{" SHA ":{\"movePrecompileToAddress\":" B "}}", &places, &count),
                     HT_OK);
    assert_int_equal(count, 2);
    assert_int_equal(places[0].address.b[0], 0xb0);
    assert_int_equal(places[0].number, 2);
    assert_int_equal(places[1].address.b[19], 2);
    assert_int_equal(places[1].number, 0);
}

static void an_overridden_precompile_runs_no_more(void **state) {
    (void)state;
    const struct ht_evm_precompile_place *places = NULL;
    size_t count = 0;
    assert_int_equal(places_of("{" SHA ":{\"code\":\"0x00\"}," A ":{}}", &places, &count), HT_OK);
    assert_int_equal(count, 1);
    assert_int_equal(places[0].number, 0);
}

static void moves_that_cannot_be_are_refused(void **state) {
    (void)state;
    const struct ht_evm_precompile_place *places = NULL;
    size_t count = 0;
    expect(places_of("{" A ":{\"movePrecompileToAddress\":" B "}}", &places, &count), HT_EINPUT,
           "override_not_precompile");
    expect(places_of("{" SHA ":{\"movePrecompileToAddress\":" B "}," B ":{\"nonce\":\"0x1\"}}",
                     &places, &count),
           HT_EINPUT, "override_twice");
    expect(places_of("{" SHA ":{\"movePrecompileToAddress\":" SHA "}}", &places, &count), HT_EINPUT,
           "override_twice");
}

/* As common clients have it; execution-apis has a case of it. */
static void of_two_precompiles_moved_to_one_address_the_first_counts(void **state) {
    (void)state;
    const struct ht_evm_precompile_place *places = NULL;
    size_t count = 0;
    assert_int_equal(places_of("{" SHA ":{\"movePrecompileToAddress\":" B
                               "},\"0x0000000000000000000000000000000000000003\":"
                               "{\"movePrecompileToAddress\":" B "}}",
                               &places, &count),
                     HT_OK);
    assert_int_equal(count, 4);
    assert_int_equal(places[0].number, 2);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static void a_blocks_fields_are_overridden_under_both_names(void **state) {
    (void)state;
    struct ht_evm_block evm = {.number = 1, .gas_limit = 2, .base_fee = {{3}}};
    assert_int_equal(read_block("null"), HT_OK);
    assert_int_equal(read_block("{\"number\":\"0x10\",\"time\":\"0x20\",\"gasLimit\":\"0x30\","
                                "\"feeRecipient\":" A ",\"prevRandao\":" HASH
                                ",\"baseFeePerGas\":\"0x40\",\"blobBaseFee\":\"0x50\"}"),
                     HT_OK);
    ht_block_override_apply(&evm, &block);
    assert_int_equal(evm.number, 0x10);
    assert_int_equal(evm.timestamp, 0x20);
    assert_int_equal(evm.gas_limit, 0x30);
    assert_int_equal(evm.coinbase.b[0], 0xa1);
    assert_int_equal(evm.prev_randao.b[31], 0x11);
    assert_int_equal(evm.base_fee.limb[0], 0x40);
    assert_int_equal(evm.blob_base_fee.limb[0], 0x50);
    assert_int_equal(read_block("{\"coinbase\":" B ",\"random\":" HASH ",\"baseFee\":\"0x41\"}"),
                     HT_OK);
    ht_block_override_apply(&evm, &block);
    assert_int_equal(evm.number, 0x10);
    assert_int_equal(evm.coinbase.b[0], 0xb0);
    assert_int_equal(evm.base_fee.limb[0], 0x41);
}

static void a_blocks_fields_that_would_be_ignored_are_refused(void **state) {
    (void)state;
    expect(read_block("{\"withdrawals\":[]}"), HT_EINPUT, "override_unknown");
    expect(read_block("{\"beaconRoot\":" HASH "}"), HT_EINPUT, "override_unknown");
    expect(read_block("{\"number\":7}"), HT_EINPUT, "json_type");
    expect(read_block("[]"), HT_EINPUT, "json_type");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_empty_call_creates_nothing_from_nobody),
        TEST(all_members_of_a_call_are_read),
        TEST(the_type_is_the_one_that_the_members_ask_for),
        TEST(a_gas_price_is_both_fees_of_a_type_that_has_two),
        TEST(authorizations_are_read),
        TEST(calls_that_contradict_themselves_are_refused),
        TEST(a_call_over_its_room_is_refused),
        TEST(a_call_comes_back_from_its_own_object),
        TEST(no_overrides_are_none),
        TEST(all_that_can_be_overridden_is_read),
        TEST(overrides_that_mean_nothing_are_refused),
        TEST(more_accounts_than_the_bound_are_refused),
        TEST(a_world_is_as_the_overrides_say),
        TEST(a_moved_precompile_stands_there_and_no_longer_here),
        TEST(an_overridden_precompile_runs_no_more),
        TEST(moves_that_cannot_be_are_refused),
        TEST(of_two_precompiles_moved_to_one_address_the_first_counts),
        TEST(a_blocks_fields_are_overridden_under_both_names),
        TEST(a_blocks_fields_that_would_be_ignored_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
