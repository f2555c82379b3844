/* What a signature of a message, a sign-in or typed data would do, in words: each warning for its
 * own reason. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "identity/wallet/explain.h"
#include "node/codec/json.h"

#define ME "1111111111111111111111111111111111111111"
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

static json_t *explain_text(const char *text) {
    struct ht_explain_context context = context_of();
    json_t *out = NULL;
    assert_int_equal(ht_explain_message(&out, &context, ht_bytes_str(text), 1772366400000, NULL),
                     HT_OK);
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

/* --- messages ---------------------------------------------------------------------------------*/

#define SIGN_IN(domain, address)                                                       \
    domain " wants you to sign in with your Ethereum account:\n" address               \
           "\n\n\nURI: https://app.example/\nVersion: 1\nChain ID: 1\nNonce: 12345678" \
           "\nIssued At: 2026-03-01T11:59:00Z"
#define MY_ADDRESS "0x" ME

static void explain_holds_a_sign_in_against_the_origin(void **state) {
    (void)state;
    json_t *out = explain_text(SIGN_IN("app.example", MY_ADDRESS));
    expect_text(out, "kind", "sign_in");
    assert_int_equal(json_array_size(json_object_get(out, "warnings")), 0);
    json_decref(out);
    out = explain_text(SIGN_IN("bank.example", MY_ADDRESS));
    expect(out, "sign_in_domain", "danger");
    json_decref(out);
    out = explain_text(SIGN_IN("http://app.example", MY_ADDRESS));
    expect(out, "sign_in_domain", "danger");
    json_decref(out);
    out = explain_text(SIGN_IN("app.example", "0x2222222222222222222222222222222222222222"));
    expect(out, "sign_in_account", "danger");
    json_decref(out);
}

static void explain_holds_a_sign_in_against_chain_and_time(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    json_t *out = NULL;
    context.chain_id = 5;
    const char *text = SIGN_IN("app.example", MY_ADDRESS) "\nExpiration Time: 2026-03-01T11:59:30Z";
    assert_int_equal(ht_explain_message(&out, &context, ht_bytes_str(text), 1772366400000, NULL),
                     HT_OK);
    expect(out, "sign_in_chain", "warn");
    expect(out, "sign_in_time", "warn");
    json_decref(out);
}

static void explain_warns_of_a_sign_in_that_is_malformed(void **state) {
    (void)state;
    json_t *out = explain_text(SIGN_IN("app.example", MY_ADDRESS) "\n");
    expect_text(out, "kind", "message");
    expect(out, "sign_in_malformed", "danger");
    json_decref(out);
    out = explain_text("hello");
    expect(out, "sign_in_malformed", "none");
    json_decref(out);
}

static void explain_warns_of_messages_that_may_be_hashes(void **state) {
    (void)state;
    json_t *out = explain_text("0x" ALL);
    expect(out, "maybe_hash", "danger");
    json_decref(out);
    out = explain_text(ALL);
    expect(out, "maybe_hash", "danger");
    json_decref(out);
    out = explain_text("\x01\x02\x03\x04\x05\x06\x07\x08\x01\x02\x03\x04\x05\x06\x07\x08"
                       "\x01\x02\x03\x04\x05\x06\x07\x08\x01\x02\x03\x04\x05\x06\x07\x08");
    expect(out, "maybe_hash", "danger");
    json_decref(out);
    out = explain_text("a plain text of 32 characters ok");
    expect(out, "maybe_hash", "none");
    json_decref(out);
}

static void explain_writes_out_what_deceives_the_eye(void **state) {
    (void)state;
    json_t *out = explain_text("pay \xe2\x80\xae"
                               "evil\xe2\x80\x8b\x07\xff");
    expect(out, "bidi_text", "danger");
    expect(out, "hidden_text", "warn");
    expect(out, "not_text", "warn");
    expect_text(out, "rows[1].value", "pay \\u202eevil\\u200b\\u0007\\xff");
    json_decref(out);
    out = explain_text("na\xc3\xafve \xf0\x9f\x9a\x80\nline");
    assert_int_equal(json_array_size(json_object_get(out, "warnings")), 0);
    json_decref(out);
}

/* --- typed data -------------------------------------------------------------------------------*/

static json_t *explain_typed(const struct ht_explain_context *context, const char *domain,
                             const char *types, const char *primary, const char *message) {
    char text[4096];
    json_t *document = NULL;
    json_t *out = NULL;
    struct ht_why why = {.code = "", .text = ""};
    (void)snprintf(text, sizeof text,
                   "{\"types\":{%s},\"primaryType\":\"%s\",\"domain\":%s,\"message\":%s}", types,
                   primary, domain, message);
    assert_int_equal(ht_json_parse(&document, ht_bytes_str(text), sizeof text, &why), HT_OK);
    if (ht_explain_typed(&out, context, document, &why) != HT_OK) fail_msg("%s", why.text);
    json_decref(document);
    return out;
}

#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":\"" type "\"}"
#define HEX22 "\"0x2222222222222222222222222222222222222222\""
#define TOKEN "{\"name\":\"Dai\",\"chainId\":1,\"verifyingContract\":" HEX22 "}"

static void explain_names_permits(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    json_t *out =
        explain_typed(&context, TOKEN,
                      "\"Permit\":[" FIELD("spender", "address") "," FIELD("value", "uint256") "]",
                      "Permit", "{\"spender\":" HEX22 ",\"value\":\"0x" ALL "\"}");
    expect_text(out, "kind", "approval");
    expect(out, "permit", "danger");
    expect_text(out, "warnings[0].code", "approval_unlimited");
    expect_text(out, "tree[1].children[0].value", "0x2222222222222222222222222222222222222222");
    json_decref(out);
}

static void explain_names_permit2_and_its_contract(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    json_t *out = explain_typed(
        &context, "{\"name\":\"Permit2\",\"chainId\":1,\"verifyingContract\":" HEX22 "}",
        "\"D\":[" FIELD("token", "address") "," FIELD(
            "amount", "uint160") "],"
                                 "\"PermitSingle\":[" FIELD("details", "D") "," FIELD(
                                     "spender", "address") "]",
        "PermitSingle", "{\"details\":{\"token\":" HEX22 ",\"amount\":7},\"spender\":" HEX22 "}");
    expect(out, "permit", "danger");
    expect(out, "approval_unlimited", "none");
    expect(out, "other_contract", "danger");
    json_decref(out);
}

static void explain_names_orders_of_markets(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    json_t *out = explain_typed(&context,
                                "{\"name\":\"Seaport\",\"chainId\":1,\"verifyingContract\":"
                                "\"0x0000000000000068f116a894984e2db1123eb395\"}",
                                "\"OrderComponents\":[" FIELD("offerer", "address") "]",
                                "OrderComponents", "{\"offerer\":" HEX22 "}");
    expect(out, "order", "danger");
    expect(out, "other_contract", "none");
    json_decref(out);
}

static void explain_holds_a_domain_against_the_chain(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    json_t *out = explain_typed(&context, TOKEN, "\"S\":[]", "S", "{}");
    assert_int_equal(json_array_size(json_object_get(out, "warnings")), 0);
    json_decref(out);
    context.chain_id = 5;
    context.recipient_has_code = false;
    out = explain_typed(&context, TOKEN, "\"S\":[]", "S", "{}");
    expect(out, "other_chain", "danger");
    expect(out, "no_code", "danger");
    json_decref(out);
    out = explain_typed(&context, "{\"name\":\"D\xd0\xb0i\"}", "\"S\":[]", "S", "{}");
    expect(out, "no_chain", "warn");
    expect(out, "foreign_text", "warn");
    json_decref(out);
}

static void explain_refuses_typed_data_that_is_malformed(void **state) {
    (void)state;
    struct ht_explain_context context = context_of();
    struct ht_why why = {.code = "ok"};
    json_t *out = NULL;
    json_t *document = json_object();
    assert_int_equal(ht_explain_typed(&out, &context, document, &why), HT_EINPUT);
    assert_string_equal(why.code, "json_missing");
    json_decref(document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explain_holds_a_sign_in_against_the_origin),
        cmocka_unit_test(explain_holds_a_sign_in_against_chain_and_time),
        cmocka_unit_test(explain_warns_of_a_sign_in_that_is_malformed),
        cmocka_unit_test(explain_warns_of_messages_that_may_be_hashes),
        cmocka_unit_test(explain_writes_out_what_deceives_the_eye),
        cmocka_unit_test(explain_names_permits),
        cmocka_unit_test(explain_names_permit2_and_its_contract),
        cmocka_unit_test(explain_names_orders_of_markets),
        cmocka_unit_test(explain_holds_a_domain_against_the_chain),
        cmocka_unit_test(explain_refuses_typed_data_that_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
