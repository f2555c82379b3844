/* Calls in calls, in words: each form is taken apart to the last call, what is found inside rises
 * to the top with its place, and what lies past a bound is told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "identity/wallet/explain_call.h"
#include "identity/wallet/unsigned_tx.h"
#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/codec/abi_word.h"
#include "node/codec/json.h"

#define ME "0x1111111111111111111111111111111111111111"
#define BOB "0x2222222222222222222222222222222222222222"
#define SAFE "0x3333333333333333333333333333333333333333"
#define TOKEN "0x4444444444444444444444444444444444444444"
#define ZERO "0x0000000000000000000000000000000000000000"
#define ZERO32 "0x0000000000000000000000000000000000000000000000000000000000000000"
#define ALL "115792089237316195423570985008687907853269984665640564039457584007913129639935"

/* --- making call data: hex, to be freed
 * ---------------------------------------------------------*/

static char *text_of_bytes(const struct ht_buf *bytes) {
    json_t *hex = ht_abi_hex(ht_buf_view(bytes));
    char *text = strdup(json_string_value(hex));
    json_decref(hex);
    assert_non_null(text);
    return text;
}

/* The call of a function; values, an array, is taken over. */
static char *call(const char *signature, json_t *values) {
    struct ht_arena arena;
    struct ht_abi_type type;
    struct ht_buf out;
    struct ht_why why = {.code = "", .text = ""};
    uint8_t selector[4];
    ht_arena_init(&arena, 1 << 20);
    ht_buf_init(&out, 1 << 20);
    ht_abi_selector(selector, signature);
    assert_int_equal(ht_buf_add(&out, HT_BYTES(selector)), HT_OK);
    ht_bytes types = ht_bytes_str(strchr(signature, '('));
    assert_int_equal(ht_abi_type_read(&type, &arena, types, NULL), HT_OK);
    assert_non_null(values);
    if (ht_abi_encode(&out, &type, values, &why) != HT_OK) fail_msg("%s: %s", signature, why.text);
    char *text = text_of_bytes(&out);
    json_decref(values);
    ht_buf_fini(&out);
    ht_arena_fini(&arena);
    return text;
}

/* A JSON string of the text, which is freed. */
static json_t *taken(char *text) {
    json_t *value = json_string(text);
    free(text);
    return value;
}

static json_t *approve_all(void) {
    return taken(call("approve(address,uint256)", json_pack("[ss]", BOB, ALL)));
}

static json_t *pay(const char *amount) {
    return taken(call("transfer(address,uint256)", json_pack("[ss]", BOB, amount)));
}

/* One entry of MultiSend: operation, target, value, length, data. */
static void pack(struct ht_buf *out, const char *operation, const char *to, uint64_t value,
                 const char *data) {
    char words[129];
    size_t n = (strlen(data) - 2) / 2;
    (void)snprintf(words, sizeof words, "%064llx%064zx", (unsigned long long)value, n);
    const char *const parts[] = {operation, to + 2, words, data + 2};
    for (size_t i = 0; i < 4; i++) {
        char prefixed[4096];
        (void)snprintf(prefixed, sizeof prefixed, "0x%s", parts[i]);
        assert_int_equal(ht_hex_read_buf(out, ht_bytes_str(prefixed)), HT_OK);
    }
}

/* --- explaining
 * ----------------------------------------------------------------------------------*/

static void read_address(ht_addr20 *out, const char *text) {
    assert_int_equal(ht_hex_read(out->b, sizeof out->b, ht_bytes_str(text)), HT_OK);
}

/* Takes the data over; the signer is ME. */
static json_t *explain(const char *to, uint64_t wei, char *data) {
    struct ht_explain_context context = {.chain_id = 1,
                                         .network = "mainnet",
                                         .origin = "https://app.example",
                                         .has_recipient = true,
                                         .recipient_exists = true,
                                         .recipient_has_code = true};
    struct ht_transaction tx = {.type = HT_TX_FEE_MARKET,
                                .has_chain_id = true,
                                .chain_id = 1,
                                .gas_limit = 21000,
                                .value = {{wei, 0, 0, 0}}};
    struct ht_buf bytes;
    struct ht_buf encoded;
    json_t *out = NULL;
    struct ht_why why = {.code = "", .text = ""};
    ht_buf_init(&bytes, 1 << 20);
    ht_buf_init(&encoded, 1 << 20);
    read_address(&context.account, ME);
    read_address(&tx.to, to);
    assert_int_equal(ht_hex_read_buf(&bytes, ht_bytes_str(data)), HT_OK);
    tx.data = ht_buf_view(&bytes);
    assert_int_equal(ht_tx_encode_unsigned(&encoded, &tx), HT_OK);
    enum ht_err err = ht_explain_transaction(&out, &context, ht_buf_view(&encoded), &why);
    if (err != HT_OK) fail_msg("%s: %s", why.code, why.text);
    ht_buf_fini(&bytes);
    ht_buf_fini(&encoded);
    free(data);
    return out;
}

static const json_t *warning_of(const json_t *out, const char *code) {
    size_t index = 0;
    json_t *warning = NULL;
    json_array_foreach(json_object_get(out, "warnings"), index, warning) {
        if (strcmp(json_string_value(json_object_get(warning, "code")), code) == 0) return warning;
    }
    return NULL;
}

/* The warning is there and says this. */
static void expect_warning(const json_t *out, const char *code, const char *level,
                           const char *words) {
    const json_t *warning = warning_of(out, code);
    if (warning == NULL) fail_msg("no %s: %s", code, json_dumps(out, JSON_INDENT(1)));
    assert_string_equal(json_string_value(json_object_get(warning, "level")), level);
    const char *text = json_string_value(json_object_get(warning, "text"));
    if (strstr(text, words) == NULL) fail_msg("%s says: %s", code, text);
}

static void expect_none(const json_t *out, const char *code) {
    if (warning_of(out, code) != NULL) fail_msg("%s: %s", code, json_dumps(out, JSON_INDENT(1)));
}

static void expect_text(const json_t *out, const char *path, const char *want) {
    const char *got = NULL;
    struct ht_why why = {.code = "", .text = ""};
    if (ht_json_text(&got, out, path, &why) != HT_OK) {
        fail_msg("%s: %s\n%s", path, why.text, json_dumps(out, JSON_INDENT(1)));
    }
    assert_string_equal(got, want);
}

static void expect_leaves(const json_t *out, size_t count) {
    assert_int_equal(json_array_size(json_object_get(out, "leaves")), count);
}

static void expect_red(const json_t *out, bool want) {
    assert_int_equal(json_is_true(json_object_get(out, "is_red")), want);
}

/* --- a Safe
 * --------------------------------------------------------------------------------------*/

static char *safe_transaction(const char *to, const char *value, json_t *data,
                              const char *operation) {
    return call(
        "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,"
        "address,bytes)",
        json_pack("[ssosssssss]", to, value, data, operation, "0", "0", "0", ZERO, ZERO, "0x"));
}

static void safes_transaction_is_taken_apart(void **state) {
    (void)state;
    json_t *out = explain(SAFE, 0, safe_transaction(TOKEN, "7", approve_all(), "0"));
    expect_text(out, "tree.name", "execTransaction");
    expect_text(out, "tree.calls[0].name", "approve");
    expect_text(out, "tree.calls[0].contract", TOKEN);
    expect_text(out, "tree.calls[0].value", "7");
    expect_warning(out, "approval_unlimited", "danger", "In call 1, approve of " TOKEN ": " BOB);
    expect_warning(out, "approval_unlimited", "danger", "from the contract that makes this call");
    expect_none(out, "delegate_call");
    expect_text(out, "rows[0].label", "Amount of an inner call");
    expect_text(out, "rows[0].value", "0.000000000000000007 ETH to " TOKEN " (call 1)");
    expect_leaves(out, 0);
    expect_red(out, true);
    json_decref(out);
}

static void safes_harmless_transaction_is_not_red(void **state) {
    (void)state;
    json_t *out = explain(SAFE, 0, safe_transaction(TOKEN, "0", pay("5"), "0"));
    assert_int_equal(json_array_size(json_object_get(out, "warnings")), 0);
    expect_red(out, false);
    expect_leaves(out, 0);
    json_decref(out);
}

static json_t *multisend(const struct ht_buf *packed) {
    return taken(call("multiSend(bytes)", json_pack("[o]", taken(text_of_bytes(packed)))));
}

static void multisend_is_taken_apart_and_its_delegate_calls_are_a_danger(void **state) {
    (void)state;
    struct ht_buf packed;
    json_t *approve = approve_all();
    ht_buf_init(&packed, 4096);
    pack(&packed, "00", BOB, 9, "0x");
    pack(&packed, "00", TOKEN, 0, json_string_value(approve));
    pack(&packed, "01", TOKEN, 0, "0x");
    json_t *out = explain(SAFE, 0, safe_transaction(BOB, "0", multisend(&packed), "1"));
    expect_text(out, "tree.calls[0].name", "multiSend");
    expect_text(out, "tree.calls[0].calls[0].value", "9");
    expect_text(out, "tree.calls[0].calls[1].name", "approve");
    expect_warning(out, "delegate_call", "danger", "In call 1, multiSend of " BOB);
    expect_warning(out, "approval_unlimited", "danger", "In call 1.2, approve of " TOKEN);
    bool is_third = false;
    size_t index = 0;
    json_t *warning = NULL;
    json_array_foreach(json_object_get(out, "warnings"), index, warning) {
        const char *text = json_string_value(json_object_get(warning, "text"));
        is_third = is_third || strstr(text, "In call 1.3, an unknown function of") != NULL;
    }
    assert_true(is_third);
    expect_none(out, "packed");
    json_decref(out);
    json_decref(approve);
    ht_buf_fini(&packed);
}

static void multisend_that_is_malformed_is_not_taken_apart(void **state) {
    (void)state;
    static const struct {
        const char *operation;
        size_t cut;
        const char *words;
    } cases[] = {{"00", 1, "the data ends within a call"},
                 {"00", 60, "the data ends within a call"},
                 {"02", 0, "an operation is neither 0 nor 1"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ht_buf packed;
        ht_buf_init(&packed, 4096);
        pack(&packed, "00", TOKEN, 0, "0x");
        pack(&packed, cases[i].operation, TOKEN, 0, "0x0102");
        packed.n -= cases[i].cut;
        json_t *data = multisend(&packed);
        json_t *out = explain(SAFE, 0, strdup(json_string_value(data)));
        expect_warning(out, "packed", "warn", cases[i].words);
        assert_int_equal(json_array_size(json_object_get(json_object_get(out, "tree"), "calls")),
                         0);
        json_decref(out);
        json_decref(data);
        ht_buf_fini(&packed);
    }
}

/* --- batches
 * -------------------------------------------------------------------------------------*/

static void each_form_of_a_batch_is_taken_apart(void **state) {
    (void)state;
    static const struct {
        const char *signature, *format;
    } lists[] = {{"executeBatch(address[],bytes[])", "[[ss][oo]]"},
                 {"aggregate((address,bytes)[])", "[[[so][so]]]"},
                 {"tryAggregate(bool,(address,bytes)[])", "[b[[so][so]]]"},
                 {"tryBlockAndAggregate(bool,(address,bytes)[])", "[b[[so][so]]]"},
                 {"blockAndAggregate((address,bytes)[])", "[[[so][so]]]"}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        json_t *values = i == 0 ? json_pack(lists[i].format, BOB, TOKEN, pay("1"), approve_all())
                         : i == 2 || i == 3
                             ? json_pack(lists[i].format, 1, BOB, pay("1"), TOKEN, approve_all())
                             : json_pack(lists[i].format, BOB, pay("1"), TOKEN, approve_all());
        json_t *out = explain(SAFE, 0, call(lists[i].signature, values));
        expect_text(out, "tree.calls[0].name", "transfer");
        expect_warning(out, "approval_unlimited", "danger", "In call 2, approve of " TOKEN);
        expect_leaves(out, 0);
        json_decref(out);
    }
}

static void batches_with_amounts_show_them(void **state) {
    (void)state;
    char *const datas[] = {
        call("executeBatch((address,uint256,bytes)[])",
             json_pack("[[[sss][sso]]]", BOB, "3", "0x", TOKEN, "0", approve_all())),
        call("aggregate3Value((address,bool,uint256,bytes)[])",
             json_pack("[[[sbss][sbso]]]", BOB, 1, "3", "0x", TOKEN, 1, "0", approve_all())),
        call("executeBatch(address[],uint256[],bytes[])",
             json_pack("[[ss][ss][so]]", BOB, TOKEN, "3", "0", "0x", approve_all())),
        call("scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)",
             json_pack("[[ss][ss][so]sss]", BOB, TOKEN, "3", "0", "0x", approve_all(), ZERO32,
                       ZERO32, "9")),
        call("executeBatch(address[],uint256[],bytes[],bytes32,bytes32)",
             json_pack("[[ss][ss][so]ss]", BOB, TOKEN, "3", "0", "0x", approve_all(), ZERO32,
                       ZERO32)),
        call("propose(address[],uint256[],bytes[],string)",
             json_pack("[[ss][ss][so]s]", BOB, TOKEN, "3", "0", "0x", approve_all(), "why")),
        call("queue(address[],uint256[],bytes[],bytes32)",
             json_pack("[[ss][ss][so]s]", BOB, TOKEN, "3", "0", "0x", approve_all(), ZERO32)),
        call("execute(address[],uint256[],bytes[],bytes32)",
             json_pack("[[ss][ss][so]s]", BOB, TOKEN, "3", "0", "0x", approve_all(), ZERO32)),
    };
    for (size_t i = 0; i < sizeof datas / sizeof *datas; i++) {
        json_t *out = explain(SAFE, 0, datas[i]);
        expect_text(out, "tree.calls[0].value", "3");
        expect_text(out, "rows[0].value", "0.000000000000000003 ETH to " BOB " (call 1)");
        expect_warning(out, "approval_unlimited", "danger", "In call 2, approve of " TOKEN);
        json_decref(out);
    }
}

static void calls_one_by_one_of_timelock_and_governor_are_taken_apart(void **state) {
    (void)state;
    char *const datas[] = {
        call("schedule(address,uint256,bytes,bytes32,bytes32,uint256)",
             json_pack("[ssosss]", TOKEN, "0", approve_all(), ZERO32, ZERO32, "9")),
        call("execute(address,uint256,bytes,bytes32,bytes32)",
             json_pack("[ssoss]", TOKEN, "0", approve_all(), ZERO32, ZERO32)),
        call("execute(address,uint256,bytes)", json_pack("[sso]", TOKEN, "0", approve_all())),
        call("relay(address,uint256,bytes)", json_pack("[sso]", TOKEN, "0", approve_all())),
        call("execTransactionFromModuleReturnData(address,uint256,bytes,uint8)",
             json_pack("[ssos]", TOKEN, "0", approve_all(), "0")),
    };
    for (size_t i = 0; i < sizeof datas / sizeof *datas; i++) {
        json_t *out = explain(SAFE, 0, datas[i]);
        expect_warning(out, "approval_unlimited", "danger", "In call 1, approve of " TOKEN);
        expect_none(out, "delegate_call");
        json_decref(out);
    }
}

/* Of two lists the one with targets is shorter: the missing one is not taken for the contract. */
static void target_that_is_missing_is_nobodys(void **state) {
    (void)state;
    json_t *out = explain(
        SAFE, 0,
        call("executeBatch(address[],bytes[])", json_pack("[[s][oo]]", BOB, pay("1"), pay("2"))));
    const json_t *contract = NULL;
    assert_int_equal(ht_json_get(&contract, out, "tree.calls[1].contract", NULL), HT_OK);
    assert_true(json_is_null(contract));
    expect_leaves(out, 0);
    json_decref(out);
}

static json_t *bravo(const char *signature, const char *data) {
    return explain(SAFE, 0,
                   call("propose(address[],uint256[],string[],bytes[],string)",
                        json_pack("[[s][s][s][s]s]", TOKEN, "0", signature, data, "why")));
}

static void bravos_signatures_stand_for_selectors(void **state) {
    (void)state;
    json_t *whole = approve_all();
    char arguments[512];
    (void)snprintf(arguments, sizeof arguments, "0x%s", json_string_value(whole) + 10);
    json_t *out = bravo("approve(address,uint256)", arguments);
    expect_text(out, "tree.calls[0].name", "approve");
    expect_warning(out, "approval_unlimited", "danger", "In call 1, approve of " TOKEN);
    json_decref(out);
    out = bravo("", json_string_value(whole));
    expect_warning(out, "approval_unlimited", "danger", "In call 1, approve of " TOKEN);
    json_decref(out);
    /* With a signature the data's own start is an argument. */
    out = bravo("decreaseAllowance(address,uint256)", json_string_value(whole));
    expect_none(out, "approval_unlimited");
    expect_warning(out, "blind", "warn", "Lower an allowance");
    json_decref(out);
    /* One that was escaped for the eye is not what the governor hashes. */
    out = bravo("approve(address,uint256)\u200b", arguments);
    expect_none(out, "approval_unlimited");
    expect_warning(out, "blind", "warn", "that this wallet does not know");
    json_decref(out);
    json_decref(whole);
}

static void what_is_cancelled_is_shown_without_its_warnings(void **state) {
    (void)state;
    json_t *out = explain(SAFE, 0,
                          call("cancel(address[],uint256[],bytes[],bytes32)",
                               json_pack("[[s][s][o]s]", TOKEN, "3", approve_all(), ZERO32)));
    expect_text(out, "tree.calls[0].name", "approve");
    expect_none(out, "approval_unlimited");
    expect_red(out, false);
    json_decref(out);
}

/* --- code that runs as another
 * ---------------------------------------------------------------------*/

#define MODE(byte) "0x" byte "00000000000000000000000000000000000000000000000000000000000000"

static json_t *execution(const char *mode, const char *data) {
    return explain(SAFE, 0, call("execute(bytes32,bytes)", json_pack("[ss]", mode, data)));
}

static void modular_accounts_executions_are_taken_apart(void **state) {
    (void)state;
    char packed[1024];
    char word[65];
    json_t *approve = approve_all();
    (void)snprintf(word, sizeof word, "%064x", 5);
    (void)snprintf(packed, sizeof packed, "%s%s%s", TOKEN, word, json_string_value(approve) + 2);
    json_t *out = execution(MODE("00"), packed);
    expect_text(out, "tree.calls[0].value", "5");
    expect_warning(out, "approval_unlimited", "danger", "In call 1, approve of " TOKEN);
    expect_none(out, "delegate_call");
    json_decref(out);
    (void)snprintf(packed, sizeof packed, "%s%s", TOKEN, json_string_value(approve) + 2);
    out = execution(MODE("ff"), packed);
    expect_warning(out, "delegate_call", "danger", "In call 1, approve of " TOKEN);
    json_decref(out);
    char *batch = call("batch((address,uint256,bytes)[])",
                       json_pack("[[[sss][ssO]]]", BOB, "3", "0x", TOKEN, "0", approve));
    (void)snprintf(packed, sizeof packed, "0x%s", batch + 10);
    free(batch);
    out = execution(MODE("01"), packed);
    expect_text(out, "tree.calls[0].value", "3");
    expect_warning(out, "approval_unlimited", "danger", "In call 2, approve of " TOKEN);
    json_decref(out);
    json_decref(approve);
    out = execution(MODE("02"), "0x");
    expect_warning(out, "packed", "warn", "the mode is not known");
    json_decref(out);
    out = execution(MODE("00"), BOB);
    expect_warning(out, "packed", "warn", "the data ends within a call");
    json_decref(out);
    out = execution(MODE("01"), "0x01");
    expect_warning(out, "packed", "warn", "the data ends within a value");
    json_decref(out);
}

static void upgrades_and_proxies_tell_whose_code_runs(void **state) {
    (void)state;
    json_t *out =
        explain(SAFE, 0,
                call("upgradeToAndCall(address,bytes)",
                     json_pack("[so]", BOB,
                               taken(call("transferOwnership(address)", json_pack("[s]", BOB))))));
    expect_warning(out, "control", "danger", "Replace a contract's code");
    expect_text(out, "tree.calls[0].name", "transferOwnership");
    expect_none(out, "delegate_call");
    json_decref(out);
    out = explain(SAFE, 0, call("upgradeToAndCall(address,bytes)", json_pack("[ss]", BOB, "0x")));
    assert_int_equal(json_array_size(json_object_get(json_object_get(out, "tree"), "calls")), 0);
    json_decref(out);
    out = explain(SAFE, 0, call("execute(address,bytes)", json_pack("[so]", BOB, pay("1"))));
    expect_warning(out, "delegate_call", "danger", "In call 1, transfer of " BOB);
    json_decref(out);
}

/* --- what leaves the account
 * -----------------------------------------------------------------------*/

static void calls_that_the_account_itself_makes_leave_it(void **state) {
    (void)state;
    json_t *out = explain(ME, 0,
                          call("executeBatch((address,uint256,bytes)[])",
                               json_pack("[[[sss][sso][sss]]]", BOB, "3", "0x", TOKEN, "0",
                                         pay("8"), ME, "4", "0x")));
    expect_leaves(out, 2);
    expect_text(out, "leaves[0].what", "ether");
    expect_text(out, "leaves[0].raw", "3");
    expect_text(out, "leaves[0].to", BOB);
    expect_text(out, "leaves[1].what", "token");
    expect_text(out, "leaves[1].raw", "8");
    expect_text(out, "leaves[1].token", TOKEN);
    json_decref(out);
}

static void tokens_that_an_allowance_lets_a_contract_take_leave_the_account(void **state) {
    (void)state;
    static const char *const owners[] = {ME, BOB};
    for (size_t i = 0; i < 2; i++) {
        json_t *move = taken(
            call("transferFrom(address,address,uint256)", json_pack("[sss]", owners[i], BOB, "8")));
        json_t *out = explain(
            SAFE, 0, call("aggregate((address,bytes)[])", json_pack("[[[so]]]", TOKEN, move)));
        expect_leaves(out, i == 0 ? 1 : 0);
        json_decref(out);
    }
}

static void calls_of_a_multicall_are_in_the_callers_name(void **state) {
    (void)state;
    json_t *out =
        explain(TOKEN, 0, call("multicall(bytes[])", json_pack("[[oo]]", pay("8"), approve_all())));
    expect_leaves(out, 1);
    expect_text(out, "leaves[0].raw", "8");
    expect_warning(out, "approval_unlimited", "danger", "from you");
    json_decref(out);
}

static void more_leaves_than_are_listed_are_told(void **state) {
    (void)state;
    json_t *calls = json_array();
    for (int i = 0; i < 60; i++) assert_int_equal(json_array_append_new(calls, pay("8")), 0);
    json_t *out = explain(TOKEN, 0, call("multicall(bytes[])", json_pack("[o]", calls)));
    expect_leaves(out, 48);
    expect_warning(out, "more_leaves", "warn", "than is listed here");
    json_decref(out);
}

/* --- bounds
 * ----------------------------------------------------------------------------------------*/

static void calls_past_the_count_are_told(void **state) {
    (void)state;
    json_t *calls = json_array();
    for (unsigned i = 0; i < HT_CALLS_MAX + 44; i++) {
        assert_int_equal(json_array_append_new(calls, pay("8")), 0);
    }
    json_t *out = explain(SAFE, 0, call("multicall(bytes[])", json_pack("[o]", calls)));
    uint64_t left_out = 0;
    assert_int_equal(json_array_size(json_object_get(json_object_get(out, "tree"), "calls")),
                     HT_CALLS_MAX - 1);
    assert_int_equal(ht_json_u64(&left_out, out, "tree.left_out", NULL), HT_OK);
    assert_int_equal(left_out, 45);
    expect_warning(out, "blind", "warn", "45 more calls within calls are not shown");
    json_decref(out);
}

static void amounts_of_many_calls_are_rows_up_to_a_bound(void **state) {
    (void)state;
    json_t *calls = json_array();
    for (int i = 0; i < 20; i++) {
        assert_int_equal(json_array_append_new(calls, json_pack("[sss]", BOB, "3", "0x")), 0);
    }
    json_t *out =
        explain(SAFE, 0, call("executeBatch((address,uint256,bytes)[])", json_pack("[o]", calls)));
    expect_text(out, "rows[15].label", "Amount of an inner call");
    expect_text(out, "rows[16].value", "more of them stand with the calls");
    expect_text(out, "rows[17].label", "From");
    json_decref(out);
}

static void calls_past_the_depth_are_told(void **state) {
    (void)state;
    for (unsigned levels = HT_CALL_DEPTH_MAX; levels <= HT_CALL_DEPTH_MAX + 1; levels++) {
        json_t *inner = approve_all();
        for (unsigned i = 0; i < levels; i++) {
            inner = taken(call("multicall(bytes[])", json_pack("[[o]]", inner)));
        }
        json_t *out = explain(SAFE, 0, strdup(json_string_value(inner)));
        json_decref(inner);
        if (levels == HT_CALL_DEPTH_MAX) {
            expect_warning(out, "approval_unlimited", "danger", "In call 1.1.1.1.1.1.1.1, approve");
            expect_none(out, "blind");
        } else {
            expect_none(out, "approval_unlimited");
            expect_warning(out, "blind", "warn", "1 more calls within calls are not shown");
        }
        json_decref(out);
    }
}

static void data_past_the_bytes_is_told(void **state) {
    (void)state;
    static char zeros[200001];
    memset(zeros, '0', sizeof zeros - 1);
    zeros[1] = 'x';
    json_t *inner = taken(call("multicall(bytes[])", json_pack("[[s]]", zeros)));
    for (int i = 0; i < 2; i++) {
        inner = taken(call("multicall(bytes[])", json_pack("[[o]]", inner)));
    }
    json_t *out = explain(SAFE, 0, strdup(json_string_value(inner)));
    json_decref(inner);
    expect_warning(out, "blind", "warn", "1 more calls within calls are not shown");
    json_decref(out);
}

static void red_is_shown_for_dangers_alone(void **state) {
    (void)state;
    static const struct {
        const char *signature, *value;
    } cases[] = {{"burn(uint256)", "1"}, {"transferOwnership(address)", BOB}};
    for (size_t i = 0; i < 2; i++) {
        json_t *inner = taken(call(cases[i].signature, json_pack("[s]", cases[i].value)));
        json_t *out = explain(SAFE, 0, safe_transaction(TOKEN, "0", inner, "0"));
        expect_red(out, i == 1);
        json_decref(out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(safes_transaction_is_taken_apart),
        cmocka_unit_test(safes_harmless_transaction_is_not_red),
        cmocka_unit_test(multisend_is_taken_apart_and_its_delegate_calls_are_a_danger),
        cmocka_unit_test(multisend_that_is_malformed_is_not_taken_apart),
        cmocka_unit_test(each_form_of_a_batch_is_taken_apart),
        cmocka_unit_test(batches_with_amounts_show_them),
        cmocka_unit_test(calls_one_by_one_of_timelock_and_governor_are_taken_apart),
        cmocka_unit_test(target_that_is_missing_is_nobodys),
        cmocka_unit_test(bravos_signatures_stand_for_selectors),
        cmocka_unit_test(what_is_cancelled_is_shown_without_its_warnings),
        cmocka_unit_test(modular_accounts_executions_are_taken_apart),
        cmocka_unit_test(upgrades_and_proxies_tell_whose_code_runs),
        cmocka_unit_test(calls_that_the_account_itself_makes_leave_it),
        cmocka_unit_test(tokens_that_an_allowance_lets_a_contract_take_leave_the_account),
        cmocka_unit_test(calls_of_a_multicall_are_in_the_callers_name),
        cmocka_unit_test(more_leaves_than_are_listed_are_told),
        cmocka_unit_test(calls_past_the_count_are_told),
        cmocka_unit_test(amounts_of_many_calls_are_rows_up_to_a_bound),
        cmocka_unit_test(calls_past_the_depth_are_told),
        cmocka_unit_test(data_past_the_bytes_is_told),
        cmocka_unit_test(red_is_shown_for_dangers_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
