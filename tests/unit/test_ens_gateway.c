/* Names whose records are off the chain: when gateways are asked, which, and what becomes of their
 * answers. */
#include "tests/unit/ens_world.h"

#include "node/codec/abi.h"

#define CALLBACK 0xaabbccddU

/* The revert of a resolver at OTHER that names gateways. */
static const char *lookup(const char *sender, json_t *urls) {
    static char hex[4096];
    struct ht_abi_type type;
    struct ht_arena arena;
    struct ht_buf out;
    ht_arena_init(&arena, 1 << 16);
    ht_buf_init(&out, 2000);
    uint8_t selector[4];
    ht_abi_selector(selector, "OffchainLookup(address,string[],bytes,bytes4,bytes)");
    assert_int_equal(ht_buf_add(&out, HT_BYTES(selector)), HT_OK);
    assert_int_equal(ht_abi_type_read(&type, &arena,
                                      ht_bytes_str("(address,string[],bytes,bytes4,bytes)"), NULL),
                     HT_OK);
    json_t *values = json_pack("[s, o, s, s, s]", sender, urls, "0x1234", "0xaabbccdd", "0x99");
    assert_int_equal(ht_abi_encode(&out, &type, values, NULL), HT_OK);
    json_decref(values);
    ht_hex_write(hex, ht_buf_view(&out));
    ht_buf_fini(&out);
    ht_arena_fini(&arena);
    return hex + 2;
}

static void put_offchain(const char *revert) {
    const struct answer answers[] = {
        {SUPPORTS, false, WORD_0}, {CALLBACK, false, WORD_ALICE}, {0, true, revert}};
    register_name("alice.eth", OTHER);
    put_resolver(OTHER, answers, 3);
    er.status = 200;
    er.answer = "{\"data\":\"0x5678\"}";
}

#define GATEWAY "https://gate.example/{sender}/{data}.json"

static void gateways_are_not_asked_unless_the_owner_says_so(void **state) {
    (void)state;
    put_offchain(lookup("0x" OTHER, json_pack("[s]", GATEWAY)));
    resolve("alice.eth");
    is_refused("ens_offchain");
    assert_int_equal(er.gets, 0);
}

static void what_a_gateway_says_is_unproven_and_not_kept(void **state) {
    (void)state;
    er.has_head = true;
    put_offchain(lookup("0x" OTHER, json_pack("[s]", GATEWAY)));
    resolve_offchain("alice.eth");
    assert_string_equal(er.url, "https://gate.example/0x" OTHER "/0x1234.json");
    answer_http();
    is_text("result.address", "0x00000000000000000000000000000000000A11cE");
    is_text("result.how", "offchain");
    is_text("result.provenance.verdict", "unproven");
    is_text("result.provenance.sources[0]", "gate.example");
    resolve_offchain("alice.eth");
    assert_int_equal(er.gets, 2);
    answer_http();
}

static void gateway_without_a_place_for_data_is_posted_to(void **state) {
    (void)state;
    put_offchain(lookup("0x" OTHER, json_pack("[s]", "https://me@gate.example:8443/x")));
    resolve_offchain("alice.eth");
    assert_string_equal(er.body, "{\"data\":\"0x1234\",\"sender\":\"0x" OTHER "\"}");
    answer_http();
    is_text("result.provenance.sources[0]", "gate.example:8443");
}

static void next_gateway_is_asked_when_one_fails_and_none_after_a_refusal(void **state) {
    (void)state;
    put_offchain(
        lookup("0x" OTHER, json_pack("[s, s, s]", "http://plain.example/{data}",
                                     "https://a.example/{data}", "https://b.example/{data}")));
    er.status = 500;
    resolve_offchain("alice.eth");
    assert_string_equal(er.url, "https://a.example/0x1234");
    answer_http();
    assert_string_equal(er.url, "https://b.example/0x1234");
    er.status = 404;
    answer_http();
    is_refused("ens_gateway");
    assert_int_equal(er.gets, 2);
}

static void answers_that_are_no_data_are_refused(void **state) {
    (void)state;
    put_offchain(lookup("0x" OTHER, json_pack("[s]", GATEWAY)));
    er.answer = "{\"data\":5}";
    resolve_offchain("alice.eth");
    answer_http();
    is_refused("ens_gateway");
}

static void lookup_of_another_contract_is_refused(void **state) {
    (void)state;
    put_offchain(lookup(ALICE, json_pack("[s]", GATEWAY)));
    resolve_offchain("alice.eth");
    is_refused("ens_lookup");
    assert_int_equal(er.gets, 0);
}

static void lookups_without_end_are_ended(void **state) {
    (void)state;
    const char *revert = lookup("0x" OTHER, json_pack("[s]", GATEWAY));
    const struct answer answers[] = {{SUPPORTS, false, WORD_0}, {0, true, revert}};
    register_name("alice.eth", OTHER);
    put_resolver(OTHER, answers, 2);
    er.status = 200;
    er.answer = "{\"data\":\"0x5678\"}";
    resolve_offchain("alice.eth");
    for (unsigned i = 0; i < 2 * HT_ENS_LOOKUPS_MAX; i++) answer_http();
    is_refused("ens_lookups");
    assert_int_equal(er.gets, HT_ENS_LOOKUPS_MAX);
}

static void stop_refuses_what_waits_for_a_gateway(void **state) {
    (void)state;
    put_offchain(lookup("0x" OTHER, json_pack("[s]", GATEWAY)));
    resolve_offchain("alice.eth");
    ht_names_free(er.identity.names);
    er.identity.names = NULL;
    assert_int_equal(er.cancelled, 1);
    is_refused("stopping");
}

static void no_more_are_resolved_at_once_than_there_is_room_for(void **state) {
    (void)state;
    put_offchain(lookup("0x" OTHER, json_pack("[s]", GATEWAY)));
    for (unsigned i = 0; i < HT_ENS_UNDER_WAY_MAX; i++) resolve_offchain("alice.eth");
    assert_null(er.reply);
    resolve_offchain("alice.eth");
    is_refused("ens_busy");
}

static void name_that_fails_to_lead_anywhere_is_not_given(void **state) {
    (void)state;
    claim_name("alice.eth");
    put_offchain(lookup("0x" OTHER, json_pack("[s]", GATEWAY)));
    reverse();
    is_null("result.name");
    is_text("result.why.code", "ens_offchain");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(gateways_are_not_asked_unless_the_owner_says_so),
        TEST(what_a_gateway_says_is_unproven_and_not_kept),
        TEST(gateway_without_a_place_for_data_is_posted_to),
        TEST(next_gateway_is_asked_when_one_fails_and_none_after_a_refusal),
        TEST(answers_that_are_no_data_are_refused),
        TEST(lookup_of_another_contract_is_refused),
        TEST(lookups_without_end_are_ended),
        TEST(stop_refuses_what_waits_for_a_gateway),
        TEST(no_more_are_resolved_at_once_than_there_is_room_for),
        TEST(name_that_fails_to_lead_anywhere_is_not_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
