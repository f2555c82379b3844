/* Makes call data for tests of governance: functions with their arguments as JSON. A test program
 * includes this once. */
#ifndef HT_TESTS_UNIT_GOV_CALLS_MAKER_H
#define HT_TESTS_UNIT_GOV_CALLS_MAKER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "governance/calls/calls.h"
#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/codec/abi_word.h"

#define GOVERNOR "0x1111111111111111111111111111111111111111"
#define TIMELOCK "0x2222222222222222222222222222222222222222"
#define SAFE "0x3333333333333333333333333333333333333333"
#define TOKEN "0x4444444444444444444444444444444444444444"
#define BOB "0x5555555555555555555555555555555555555555"
#define THING "0x6666666666666666666666666666666666666666"
#define ZERO "0x0000000000000000000000000000000000000000"
#define ZERO32 "0x0000000000000000000000000000000000000000000000000000000000000000"
#define USDC "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
#define MULTISEND "0x40A2aCCbd92BCA938b02010E17A5b8929b49130D"
#define ALL "115792089237316195423570985008687907853269984665640564039457584007913129639935"

static struct ht_buf made; /* what is made stays until the test is over */

static inline int made_init(void **state) {
    (void)state;
    ht_buf_init(&made, (size_t)4 << 20);
    assert_non_null(ht_buf_reserve(&made, (size_t)4 << 20)); /* views into it stay good */
    return 0;
}

static inline int made_fini(void **state) {
    (void)state;
    ht_buf_fini(&made);
    return 0;
}

static inline ht_addr20 address_of(const char *hex) {
    ht_addr20 address;
    assert_int_equal(ht_hex_read(address.b, sizeof address.b, ht_bytes_str(hex)), HT_OK);
    return address;
}

/* The call of a function; values, an array, is taken over. */
static inline ht_bytes call_of(const char *signature, json_t *values) {
    struct ht_arena arena;
    struct ht_abi_type type;
    struct ht_why why = {.code = "", .text = ""};
    uint8_t selector[4];
    size_t from = made.n;
    assert_non_null(values);
    ht_arena_init(&arena, 1 << 20);
    ht_abi_selector(selector, signature);
    assert_int_equal(ht_buf_add(&made, HT_BYTES(selector)), HT_OK);
    ht_bytes types = ht_bytes_str(strchr(signature, '('));
    assert_int_equal(ht_abi_type_read(&type, &arena, types, NULL), HT_OK);
    if (ht_abi_encode(&made, &type, values, &why) != HT_OK) fail_msg("%s: %s", signature, why.text);
    json_decref(values);
    ht_arena_fini(&arena);
    return ht_bytes_of(made.p + from, made.n - from);
}

static inline json_t *hex_of(ht_bytes bytes) {
    json_t *hex = ht_abi_hex(bytes);
    assert_non_null(hex);
    return hex;
}

static inline ht_bytes transfer(const char *to, const char *amount) {
    return call_of("transfer(address,uint256)", json_pack("[ss]", to, amount));
}

/* A community with a timelock. */
static inline struct ht_gov_calls_context community(void) {
    return (struct ht_gov_calls_context){.chain_id = 1,
                                         .governor = address_of(GOVERNOR),
                                         .has_timelock = true,
                                         .timelock = address_of(TIMELOCK),
                                         .has_token = true,
                                         .token = address_of(TOKEN),
                                         .token_symbol = "HRB",
                                         .token_decimals = 18};
}

/* --- actions, taken apart ----------------------------------------------------------------------*/

static inline struct ht_gov_calls *read_in(const struct ht_gov_calls_context *context,
                                           const char *target, const char *wei,
                                           const char *signature, ht_bytes calldata) {
    struct ht_gov_calls *calls = NULL;
    struct ht_why why = {.code = "", .text = ""};
    struct ht_gov_action action = {
        .target = address_of(target), .signature = ht_bytes_str(signature), .calldata = calldata};
    assert_int_equal(ht_u256_from_decimal(&action.value, ht_bytes_str(wei)), HT_OK);
    assert_int_equal(ht_gov_calls_new(&calls, context, &action, 1, &why), HT_OK);
    return calls;
}

static inline struct ht_gov_calls *read(const char *target, const char *wei, const char *signature,
                                        ht_bytes calldata) {
    static struct ht_gov_calls_context context;
    context = community();
    return read_in(&context, target, wei, signature, calldata);
}

static inline bool has_alarm(const struct ht_gov_call *call, enum ht_gov_alarm_code code) {
    for (size_t i = 0; i < call->alarm_count; i++) {
        if (call->alarms[i].code == code) return true;
    }
    return false;
}

static inline const char *alarm_text(const struct ht_gov_call *call, enum ht_gov_alarm_code code) {
    for (size_t i = 0; i < call->alarm_count; i++) {
        if (call->alarms[i].code == code) return call->alarms[i].text;
    }
    fail_msg("no alarm %s", ht_gov_alarm_name(code));
    return "";
}

static inline void must_say(const char *text, const char *part) {
    if (strstr(text, part) == NULL) fail_msg("\"%s\" does not say \"%s\"", text, part);
}

static inline bool is_address(const ht_addr20 *address, const char *hex) {
    ht_addr20 other = address_of(hex);
    return memcmp(address->b, other.b, sizeof other.b) == 0;
}

#endif
