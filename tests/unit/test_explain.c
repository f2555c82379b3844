/* What a transaction would do, in words: each kind, and each warning for its own reason. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "identity/wallet/explain.h"
#include "identity/wallet/unsigned_tx.h"
#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/codec/json.h"
#include "node/codec/known_calls.h"

#define OTHER                  \
    "000000000000000000000000" \
    "2222222222222222222222222222222222222222"
#define W1 "0000000000000000000000000000000000000000000000000000000000000001"
#define WORD(digits) "00000000000000000000000000000000000000000000000000000000000000" digits
#define ALL "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static struct ht_explain_context context_of(void) {
    struct ht_explain_context context = {.chain_id = 1,
                                         .network = "mainnet",
                                         .origin = "https://app.example",
                                         .has_recipient = true,
                                         .recipient_exists = true,
                                         .recipient_has_code = true};
    memset(context.account.b, 0x11, sizeof context.account.b);
    return context;
}

static struct ht_transaction tx_of(uint8_t to, uint64_t value) {
    struct ht_transaction tx = {.type = HT_TX_FEE_MARKET,
                                .has_chain_id = true,
                                .chain_id = 1,
                                .gas_limit = 21000,
                                .max_fee_per_gas = {{1000000000, 0, 0, 0}},
                                .value = {{value, 0, 0, 0}}};
    memset(tx.to.b, to, sizeof tx.to.b);
    return tx;
}

static json_t *explain_tx(const struct ht_explain_context *context,
                          const struct ht_transaction *tx) {
    struct ht_buf bytes;
    json_t *out = NULL;
    struct ht_why why = {.code = "", .text = ""};
    ht_buf_init(&bytes, 1 << 20);
    assert_int_equal(ht_tx_encode_unsigned(&bytes, tx), HT_OK);
    if (ht_explain_transaction(&out, context, ht_buf_view(&bytes), &why) != HT_OK) {
        fail_msg("%s: %s", why.code, why.text);
    }
    ht_buf_fini(&bytes);
    return out;
}

/* Call data in hex to the contract 0x3333…, which is seen as a token of 18 decimals. */
static json_t *explain_data(const char *hex) {
    struct ht_explain_context context = context_of();
    struct ht_transaction tx = tx_of(0x33, 0);
    struct ht_buf data;
    ht_buf_init(&data, 1 << 20);
    context.token_symbol = "DAI";
    context.token_decimals = 18;
    assert_int_equal(ht_hex_read_buf(&data, ht_bytes_str(hex)), HT_OK);
    tx.data = ht_buf_view(&data);
    json_t *out = explain_tx(&context, &tx);
    ht_buf_fini(&data);
    return out;
}

static const char *level_of(const json_t *out, const char *code) {
    size_t index = 0;
    json_t *warning = NULL;
    json_array_foreach(json_object_get(out, "warnings"), index, warning) {
        if (strcmp(json_string_value(json_object_get(warning, "code")), code) == 0) {
            return json_string_value(json_object_get(warning, "level"));
        }
    }
    return "none";
}

static void expect(json_t *out, const char *code, const char *level) {
    if (strcmp(level_of(out, code), level) != 0) {
        fail_msg("%s is %s: %s", code, level_of(out, code), json_dumps(out, JSON_INDENT(1)));
    }
}

static void expect_text(const json_t *out, const char *path, const char *want) {
    const char *got = NULL;
    assert_int_equal(ht_json_text(&got, out, path, NULL), HT_OK);
    assert_string_equal(got, want);
}

/* --- transactions -----------------------------------------------------------------------------*/

static void explain_says_who_gets_how_much(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    struct ht_transaction tx = tx_of(0x22, 1500000000000000000);
    json_t *out = explain_tx(&context, &tx);
    expect_text(out, "kind", "transfer");
    expect_text(out, "sentence", "Sends 1.5 ETH to 0x2222222222222222222222222222222222222222.");
    expect_text(out, "leaves[0].amount", "1.5");
    expect_text(out, "leaves[0].raw", "1500000000000000000");
    assert_true(json_is_false(json_object_get(out, "is_red")));
    expect(out, "contract_recipient", "note");
    json_decref(out);
}

static void explain_warns_of_unusual_recipients(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    struct ht_transaction tx = tx_of(0x22, 5);
    context.recipient_has_code = context.recipient_exists = false;
    json_t *out = explain_tx(&context, &tx);
    expect(out, "no_history", "warn");
    expect(out, "own_address", "none");
    json_decref(out);
    context.recipient_exists = context.recipient_is_ours = true;
    out = explain_tx(&context, &tx);
    expect(out, "no_history", "none");
    expect(out, "own_address", "note");
    json_decref(out);
    tx.data = ht_bytes_of("\x01\x02\x03\x04", 4);
    out = explain_tx(&context, &tx);
    expect(out, "no_code", "danger");
    json_decref(out);
}

static void explain_takes_nothing_to_oneself_for_a_cancellation(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    struct ht_transaction tx = tx_of(0x11, 0);
    json_t *out = explain_tx(&context, &tx);
    expect_text(out, "kind", "cancel");
    expect(out, "own_address", "note");
    json_decref(out);
}

static void explain_warns_of_other_chains(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    struct ht_transaction tx = tx_of(0x22, 5);
    json_t *out = explain_tx(&context, &tx);
    expect(out, "other_chain", "none");
    json_decref(out);
    tx.chain_id = 2;
    out = explain_tx(&context, &tx);
    expect(out, "other_chain", "danger");
    json_decref(out);
    tx.type = HT_TX_LEGACY;
    tx.has_chain_id = false;
    tx.chain_id = 0;
    out = explain_tx(&context, &tx);
    expect(out, "other_chain", "danger");
    json_decref(out);
    tx.has_chain_id = true;
    tx.chain_id = 1;
    out = explain_tx(&context, &tx);
    expect(out, "other_chain", "none");
    json_decref(out);
}

static void explain_warns_of_more_than_the_balance(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    struct ht_transaction tx = tx_of(0x22, 5);
    context.has_balance = true;
    context.balance = ht_u256_of(21000000000005);
    json_t *out = explain_tx(&context, &tx);
    expect(out, "over_balance", "none");
    json_decref(out);
    context.balance = ht_u256_of(21000000000004);
    out = explain_tx(&context, &tx);
    expect(out, "over_balance", "warn");
    json_decref(out);
}

static void explain_names_the_creation_of_a_contract(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    struct ht_transaction tx = tx_of(0, 0);
    tx.is_creation = true;
    tx.data = ht_bytes_of("\x60\x00", 2);
    json_t *out = explain_tx(&context, &tx);
    expect_text(out, "kind", "create");
    expect(out, "creation", "warn");
    json_decref(out);
}

static void explain_shows_an_authorization_in_red_and_first(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    struct ht_transaction tx = tx_of(0x22, 5);
    struct ht_tx_authorization one = {.r = {{1, 0, 0, 0}}, .s = {{1, 0, 0, 0}}};
    tx.type = HT_TX_SET_CODE;
    tx.chain_id = 2;
    tx.authorization_list = &one;
    tx.authorization_count = 1;
    json_t *out = explain_tx(&context, &tx);
    expect_text(out, "kind", "authorization");
    assert_true(json_is_true(json_object_get(out, "is_red")));
    expect_text(out, "warnings[0].code", "authorization");
    expect_text(out, "warnings[1].code", "authorization_everywhere");
    expect_text(out, "warnings[2].code", "other_chain");
    json_decref(out);
}

static void explain_refuses_what_is_no_unsigned_transaction(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    static const struct {
        const char *hex, *code;
    } bad[] = {{"", "tx_empty"},
               {"0x05c0", "tx_type"},
               {"0x02c0", "rlp_missing"},
               {"0xc3010203", "rlp_missing"},
               {"0xc98080808080800180ff", "rlp_truncated"},
               {"0xc9808080808080018001", "rlp_too_long"},
               {"0xc0c0", "rlp_trailing"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_buf bytes;
        json_t *out = NULL;
        struct ht_why why = {.code = "ok", .text = ""};
        ht_buf_init(&bytes, 1024);
        assert_int_equal(ht_hex_read_buf(&bytes, ht_bytes_str(bad[i].hex)), HT_OK);
        assert_int_not_equal(ht_explain_transaction(&out, &context, ht_buf_view(&bytes), &why),
                             HT_OK);
        if (strcmp(why.code, bad[i].code) != 0) fail_msg("%s: %s", bad[i].hex, why.code);
        ht_buf_fini(&bytes);
    }
}

/* --- calls ------------------------------------------------------------------------------------*/

static void explain_knows_selectors_that_are_their_signatures_hash(void **state) {
    (void)state;
    struct ht_arena arena;
    ht_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < ht_known_call_count; i++) {
        char signature[HT_KNOWN_SIGNATURE_SIZE];
        uint8_t selector[4];
        struct ht_abi_type type;
        ht_known_call_canonical(signature, &ht_known_calls[i]);
        ht_abi_selector(selector, signature);
        if (ht_known_call_find(HT_BYTES(selector)) != &ht_known_calls[i]) fail_msg("%s", signature);
        ht_bytes types = ht_bytes_str(strchr(signature, '('));
        if (ht_abi_type_read(&type, &arena, types, NULL) != HT_OK) fail_msg("%s", signature);
    }
    ht_arena_fini(&arena);
}

static void explain_says_which_tokens_leave(void **state) {
    (void)state;
    json_t *out = explain_data("0xa9059cbb" OTHER WORD("05"));
    expect_text(out, "kind", "token");
    expect_text(out, "leaves[0].unit", "DAI");
    expect_text(out, "leaves[0].amount", "0.000000000000000005");
    expect_text(out, "leaves[0].to", "0x2222222222222222222222222222222222222222");
    expect_text(out, "tree.args[1].value", "5");
    expect(out, "token_to_itself", "none");
    json_decref(out);
    out = explain_data("0xa9059cbb000000000000000000000000"
                       "3333333333333333333333333333333333333333" WORD("05"));
    expect(out, "token_to_itself", "danger");
    json_decref(out);
}

static void explain_tells_unlimited_approvals_from_others(void **state) {
    (void)state;
    json_t *out = explain_data("0x095ea7b3" OTHER ALL);
    expect_text(out, "kind", "approval");
    expect(out, "approval_unlimited", "danger");
    json_decref(out);
    out = explain_data("0x095ea7b3" OTHER WORD("05"));
    expect(out, "approval_unlimited", "none");
    expect(out, "approval", "warn");
    json_decref(out);
    out = explain_data("0x095ea7b3" OTHER
                       "0000000000000000000000000000000000000000ffffffffffffffffffffffff");
    expect(out, "approval_unlimited", "danger");
    json_decref(out);
    out = explain_data("0x095ea7b3" OTHER WORD("00"));
    expect(out, "approval", "none");
    expect(out, "revokes", "note");
    json_decref(out);
}

static void explain_warns_of_control_over_all_tokens(void **state) {
    (void)state;
    json_t *out = explain_data("0xa22cb465" OTHER W1);
    expect(out, "approval_for_all", "danger");
    json_decref(out);
    out = explain_data("0xa22cb465" OTHER WORD("00"));
    expect(out, "approval_for_all", "none");
    json_decref(out);
}

static void explain_warns_of_data_that_it_does_not_know(void **state) {
    (void)state;
    json_t *out = explain_data("0xdeadbeef" W1);
    expect(out, "blind", "warn");
    expect_text(out, "tree.selector", "0xdeadbeef");
    json_decref(out);
    out = explain_data("0xa9059cbb" ALL W1);
    expect(out, "blind", "warn");
    assert_int_equal(json_array_size(json_object_get(out, "leaves")), 0);
    json_decref(out);
    out = explain_data("0xa9059cbb" OTHER W1 W1);
    expect(out, "blind", "none");
    expect(out, "trailing", "warn");
    json_decref(out);
}

static void explain_finds_the_approval_inside_of_a_multicall(void **state) {
    (void)state;
    /* multicall([multicall([setApprovalForAll(other, true)])]) */
    const char *inner = "0xac9650d8" WORD("20") W1 WORD("20") WORD("e4") "ac9650d8" WORD("20")
        W1 WORD("20") WORD("44") "a22cb465" OTHER W1
                                 "00000000000000000000000000000000000000000000000000000000"
                                 "00000000000000000000000000000000000000000000000000000000";
    json_t *out = explain_data(inner);
    expect_text(out, "title", "Several calls in one");
    expect(out, "approval_for_all", "danger");
    expect_text(out, "tree.calls[0].calls[0].name", "setApprovalForAll");
    json_decref(out);
}

static void explain_warns_of_a_safes_delegate_call(void **state) {
    (void)state;
    json_t *out = explain_data("0x468721a7" OTHER WORD("00") WORD("80") W1 WORD("00"));
    expect(out, "delegate_call", "danger");
    expect(out, "blind", "none");
    json_decref(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explain_says_who_gets_how_much),
        cmocka_unit_test(explain_warns_of_unusual_recipients),
        cmocka_unit_test(explain_takes_nothing_to_oneself_for_a_cancellation),
        cmocka_unit_test(explain_warns_of_other_chains),
        cmocka_unit_test(explain_warns_of_more_than_the_balance),
        cmocka_unit_test(explain_names_the_creation_of_a_contract),
        cmocka_unit_test(explain_shows_an_authorization_in_red_and_first),
        cmocka_unit_test(explain_refuses_what_is_no_unsigned_transaction),
        cmocka_unit_test(explain_knows_selectors_that_are_their_signatures_hash),
        cmocka_unit_test(explain_says_which_tokens_leave),
        cmocka_unit_test(explain_tells_unlimited_approvals_from_others),
        cmocka_unit_test(explain_warns_of_control_over_all_tokens),
        cmocka_unit_test(explain_warns_of_data_that_it_does_not_know),
        cmocka_unit_test(explain_finds_the_approval_inside_of_a_multicall),
        cmocka_unit_test(explain_warns_of_a_safes_delegate_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
