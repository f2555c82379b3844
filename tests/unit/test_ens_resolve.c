/* Names resolved: by storage, and by code over a state that the test makes; what is kept; names of
 * addresses. */
#include "tests/unit/ens_world.h"

/* --- storage ---------------------------------------------------------------------------------- */

static void address_is_read_from_the_known_resolvers_storage(void **state) {
    (void)state;
    register_name("alice.eth", KNOWN);
    keep_address("alice.eth", ALICE);
    resolve("Alice.eth");
    is_text("result.name", "alice.eth");
    is_text("result.address", "0x00000000000000000000000000000000000A11cE");
    is_text("result.how", "storage");
    is_text("result.provenance.verdict", "proven");
    is_text("result.provenance.source", "prover");
    assert_int_equal(sim.rounds, 0);
}

static void absence_of_a_record_is_an_answer(void **state) {
    (void)state;
    register_name("alice.eth", KNOWN);
    resolve("alice.eth");
    is_null("result.address");
    is_text("result.resolver", "0x231b0Ee14048e9dCcD1d247744d114a4EB5E8E63");
    is_text("result.provenance.verdict", "proven");
}

static void records_of_a_later_version_are_read_under_it(void **state) {
    (void)state;
    ht_hash32 node = node_of("alice.eth"), slot;
    ht_addr20 resolver = address(KNOWN), bob = address(BOB);
    const uint8_t two[32] = {[31] = 2};
    register_name("alice.eth", KNOWN);
    keep_address("alice.eth", ALICE);
    ht_ens_version_slot(&slot, &node);
    set(&resolver, &slot, two);
    ht_ens_address_slot(&slot, &node, 2, HT_ENS_COIN_ETH);
    keep_bytes(&slot, HT_BYTES(bob.b));
    resolve("alice.eth");
    is_text("result.address", "0x0000000000000000000000000000000000000B0b");
}

static void long_texts_are_read_from_further_slots(void **state) {
    (void)state;
    static const char text[] = "a text that is longer than the thirty-one bytes of one slot";
    ht_hash32 node = node_of("alice.eth"), slot;
    register_name("alice.eth", KNOWN);
    ht_ens_text_slot(&slot, &node, 0, ht_bytes_str("url"));
    keep_bytes(&slot, ht_bytes_str(text));
    call("ens.text", json_pack("{s:s, s:s}", "name", "alice.eth", "key", "url"));
    is_text("result.value", text);
    is_text("result.key", "url");
    is_text("result.how", "storage");
    call("ens.text", json_pack("{s:s, s:s}", "name", "alice.eth", "key", "email"));
    is_null("result.value");
}

static void layout_that_solidity_never_writes_is_refused(void **state) {
    (void)state;
    ht_hash32 node = node_of("alice.eth"), slot;
    ht_addr20 resolver = address(KNOWN);
    const uint8_t odd[32] = {[0] = 9, [31] = 0};
    register_name("alice.eth", KNOWN);
    ht_ens_address_slot(&slot, &node, 0, HT_ENS_COIN_ETH);
    set(&resolver, &slot, odd);
    resolve("alice.eth");
    is_refused("ens_layout");
}

static void known_address_counts_only_on_its_chains(void **state) {
    (void)state;
    ht_addr20 known = address(KNOWN), other = address(OTHER);
    assert_true(ht_ens_is_known_resolver(1, &known));
    assert_false(ht_ens_is_known_resolver(11155111, &known));
    assert_false(ht_ens_is_known_resolver(1, &other));
}

static void network_without_the_registry_has_no_ens(void **state) {
    (void)state;
    sim.count = 0;
    resolve("alice.eth");
    is_refused("ens_not_here");
}

static void parameters_that_are_none_are_refused(void **state) {
    (void)state;
    resolve("");
    is_refused("ens_empty");
    resolve("a_b.eth");
    is_refused("ens_mixture");
    call("ens.resolve", json_object());
    is_refused("json_missing");
    call("ens.resolve", json_pack("{s:s, s:s}", "name", "a.eth", "offchain", "yes"));
    is_refused("json_type");
    call("ens.text", json_pack("{s:s, s:s}", "name", "a.eth", "key", ""));
    is_refused("ens_key");
    call("ens.reverse", json_pack("{s:s}", "address", "0x12"));
    assert_non_null(ht_json_member(er.reply, "error"));
    assert_int_equal(er.reads, 0);
}

/* --- code ------------------------------------------------------------------------------------- */

static void other_resolvers_are_run(void **state) {
    (void)state;
    const struct answer answers[] = {{SUPPORTS, false, WORD_0}, {0, false, WORD_ALICE}};
    register_name("alice.eth", OTHER);
    put_resolver(OTHER, answers, 2);
    sim.missing = 1; /* two rounds: the first leaves nothing behind */
    resolve("alice.eth");
    is_text("result.address", "0x00000000000000000000000000000000000A11cE");
    is_text("result.how", "call");
    is_text("result.provenance.verdict", "proven");
    assert_int_equal(sim.rounds, 2);
}

static void name_that_nobody_registered_has_no_resolver(void **state) {
    (void)state;
    resolve("nobody.eth");
    is_null("result.address");
    is_null("result.resolver");
    is_text("result.how", "call");
}

static void resolver_that_reverts_gives_no_answer(void **state) {
    (void)state;
    const struct answer answers[] = {{SUPPORTS, false, WORD_0}, {0, true, "08c379a0"}};
    register_name("alice.eth", OTHER);
    put_resolver(OTHER, answers, 2);
    resolve("alice.eth");
    is_refused("ens_resolver_failed");
}

static void answer_that_is_no_address_is_none(void **state) {
    (void)state;
    const struct answer answers[] = {
        {SUPPORTS, false, WORD_0},
        {0, false,
         "01"
         "00000000000000000000000000000000000000000000000000000000000000"}};
    register_name("alice.eth", OTHER);
    put_resolver(OTHER, answers, 2);
    resolve("alice.eth");
    is_refused("ens_resolver_failed");
}

static void parents_resolver_answers_only_when_it_says_so(void **state) {
    (void)state;
    const struct answer wild[] = {{SUPPORTS, false, WORD_1},
                                  {HT_ENS_EXTENDED, false, WORD_20 WORD_20 WORD_ALICE},
                                  {0, false, WORD_1}};
    register_name("pool.eth", OTHER);
    put_resolver(OTHER, wild, 3);
    resolve("deep.down.pool.eth");
    is_text("result.address", "0x00000000000000000000000000000000000A11cE");
    is_text("result.how", "call");
    const struct answer tame[] = {{SUPPORTS, false, WORD_0}, {0, false, WORD_ALICE}};
    sim.count = 1;
    put_resolver(OTHER, tame, 2);
    resolve("deep.down.pool.eth");
    is_null("result.address");
    is_null("result.resolver");
}

/* --- what is kept ----------------------------------------------------------------------------- */

static void answers_are_kept_until_the_head_changes(void **state) {
    (void)state;
    er.has_head = true;
    register_name("alice.eth", KNOWN);
    keep_address("alice.eth", ALICE);
    resolve("alice.eth");
    unsigned reads = er.reads;
    resolve("alice.eth");
    assert_int_equal(er.reads, reads);
    is_text("result.address", "0x00000000000000000000000000000000000A11cE");
    is_text("result.provenance.verdict", "proven");
    er.head.hash.b[0] = 2;
    resolve("alice.eth");
    assert_int_equal(er.reads, 2 * reads);
}

/* --- reverse ---------------------------------------------------------------------------------- */

static void name_that_leads_back_is_given(void **state) {
    (void)state;
    claim_name("alice.eth");
    register_name("alice.eth", KNOWN);
    keep_address("alice.eth", ALICE);
    reverse();
    is_text("result.name", "alice.eth");
    is_text("result.how", "storage");
    is_text("result.address", "0x00000000000000000000000000000000000A11cE");
}

static void name_that_leads_to_another_is_not_given(void **state) {
    (void)state;
    claim_name("bob.eth");
    register_name("bob.eth", KNOWN);
    keep_address("bob.eth", BOB);
    reverse();
    is_null("result.name");
    is_text("result.why.code", "ens_other_address");
}

static void name_that_is_not_normal_is_not_given(void **state) {
    (void)state;
    claim_name("Alice.eth");
    register_name("alice.eth", KNOWN);
    keep_address("alice.eth", ALICE);
    reverse();
    is_null("result.name");
    is_text("result.why.code", "ens_not_normalized");
}

static void address_without_a_name_has_none(void **state) {
    (void)state;
    reverse();
    is_null("result.name");
    is_text("result.why.code", "ens_no_reverse");
    is_text("result.provenance.verdict", "proven");
}

static void name_led_back_by_code_says_so(void **state) {
    (void)state;
    const struct answer answers[] = {{SUPPORTS, false, WORD_0}, {0, false, WORD_ALICE}};
    claim_name("alice.eth");
    register_name("alice.eth", OTHER);
    put_resolver(OTHER, answers, 2);
    reverse();
    is_text("result.name", "alice.eth");
    is_text("result.how", "call");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(address_is_read_from_the_known_resolvers_storage),
        TEST(absence_of_a_record_is_an_answer),
        TEST(records_of_a_later_version_are_read_under_it),
        TEST(long_texts_are_read_from_further_slots),
        TEST(layout_that_solidity_never_writes_is_refused),
        TEST(known_address_counts_only_on_its_chains),
        TEST(network_without_the_registry_has_no_ens),
        TEST(parameters_that_are_none_are_refused),
        TEST(other_resolvers_are_run),
        TEST(name_that_nobody_registered_has_no_resolver),
        TEST(resolver_that_reverts_gives_no_answer),
        TEST(answer_that_is_no_address_is_none),
        TEST(parents_resolver_answers_only_when_it_says_so),
        TEST(answers_are_kept_until_the_head_changes),
        TEST(name_that_leads_back_is_given),
        TEST(name_that_leads_to_another_is_not_given),
        TEST(name_that_is_not_normal_is_not_given),
        TEST(address_without_a_name_has_none),
        TEST(name_led_back_by_code_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
