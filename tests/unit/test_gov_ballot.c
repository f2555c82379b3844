/* Signed ballots: digests against the documents that wallets hash, signatures and what is wrong
 * with them, JSON both ways, and our own governor in our own machine as the other side. */
#include "governance/ballots/ballot.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/act/act_calls.h"
#include "governance/ballots/ballot_json.h"
#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/codec/eip712.h"
#include "node/crypto/secp256k1.h"
#include "tests/unit/gov_contracts.h"

#define ARENA ((size_t)1 << 18)

static const uint8_t KEY[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
static const enum ht_gov_ballot_form ALL[] = {
    HT_GOV_BALLOT5,      HT_GOV_BALLOT5_EXTENDED,    HT_GOV_BALLOT4,   HT_GOV_BALLOT4_EXTENDED,
    HT_GOV_BALLOT_BRAVO, HT_GOV_BALLOT_BRAVO_REASON, HT_GOV_DELEGATION};
#define FORMS (sizeof ALL / sizeof *ALL)

static ht_addr20 signer(void) {
    uint8_t pubkey[64];
    ht_addr20 address;
    assert_int_equal(ht_secp256k1_public_key(pubkey, KEY, NULL), HT_OK);
    ht_secp256k1_address(&address, pubkey);
    return address;
}

static void sign(struct ht_gov_ballot *ballot) {
    struct ht_ecdsa_signature signature;
    ht_hash32 digest;
    assert_int_equal(ht_gov_ballot_digest(&digest, ballot), HT_OK);
    assert_int_equal(ht_ecdsa_sign(&signature, &digest, KEY, NULL), HT_OK);
    memcpy(ballot->signature, signature.r, 32);
    memcpy(ballot->signature + 32, signature.s, 32);
    ballot->signature[64] = (uint8_t)(27 + signature.y_parity);
    ballot->signature_n = 65;
}

static struct ht_gov_ballot a_ballot(enum ht_gov_ballot_form form) {
    static const uint8_t params[] = {1, 2, 3};
    struct ht_gov_ballot ballot = {.form = form,
                                   .domain = {.name = "Garden",
                                              .version = "1",
                                              .has_version = true,
                                              .chain_id = 31337,
                                              .contract = {{0x60}}},
                                   .proposal = {{7, 8, 9, 10}},
                                   .support = 1,
                                   .voter = signer(),
                                   .nonce = {{3}},
                                   .expiry = {{1700000000}},
                                   .delegatee = {{0xde}}};
    if (form == HT_GOV_BALLOT_BRAVO || form == HT_GOV_BALLOT_BRAVO_REASON)
        ballot.domain.has_version = false;
    if (ht_gov_ballot_has_reason(form)) ballot.reason = ht_bytes_str("for the “trees”\n");
    if (ht_gov_ballot_has_params(form)) ballot.params = HT_BYTES(params);
    sign(&ballot);
    return ballot;
}

static void refuses(const struct ht_gov_ballot *ballot, const char *code) {
    struct ht_why why = {.code = "", .text = ""};
    assert_int_equal(ht_gov_ballot_check(ballot, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, code);
}

/* --- digests ---------------------------------------------------------------------------------- */

static void every_form_hashes_as_its_document_does(void **state) {
    (void)state;
    for (size_t i = 0; i < FORMS; i++) {
        struct ht_gov_ballot ballot = a_ballot(ALL[i]);
        struct ht_arena arena;
        struct ht_eip712 typed;
        ht_hash32 domain, hash, digest, ours;
        ht_arena_init(&arena, ARENA);
        json_t *document = ht_gov_ballot_typed(&ballot);
        assert_int_equal(ht_eip712_read(&typed, &arena, document, NULL), HT_OK);
        assert_int_equal(ht_eip712_domain_separator(&domain, &typed, NULL), HT_OK);
        assert_int_equal(ht_eip712_struct_hash(&hash, &typed, NULL), HT_OK);
        ht_eip712_digest(&digest, &domain, &hash);
        assert_int_equal(ht_gov_ballot_digest(&ours, &ballot), HT_OK);
        assert_memory_equal(digest.b, ours.b, sizeof ours.b);
        ht_gov_domain_separator(&ours, &ballot.domain);
        assert_memory_equal(domain.b, ours.b, sizeof ours.b);
        json_decref(document);
        ht_arena_fini(&arena);
    }
}

static void no_two_forms_share_a_digest(void **state) {
    (void)state;
    ht_hash32 digests[FORMS];
    for (size_t i = 0; i < FORMS; i++) {
        struct ht_gov_ballot ballot = a_ballot(ALL[i]);
        assert_int_equal(ht_gov_ballot_digest(&digests[i], &ballot), HT_OK);
        for (size_t k = 0; k < i; k++) assert_false(ht_hash32_equal(&digests[i], &digests[k]));
    }
}

/* --- signatures ------------------------------------------------------------------------------- */

static void a_good_ballot_of_every_form_is_taken(void **state) {
    (void)state;
    for (size_t i = 0; i < FORMS; i++) {
        struct ht_gov_ballot ballot = a_ballot(ALL[i]);
        assert_int_equal(ht_gov_ballot_check(&ballot, NULL), HT_OK);
    }
}

static void a_ballot_for_another_chain_is_somebody_elses(void **state) {
    (void)state;
    struct ht_gov_ballot ballot = a_ballot(HT_GOV_BALLOT5);
    ballot.domain.chain_id = 1;
    refuses(&ballot, "bad_signature");
}

static void a_ballot_for_another_governor_is_somebody_elses(void **state) {
    (void)state;
    struct ht_gov_ballot ballot = a_ballot(HT_GOV_BALLOT_BRAVO);
    ballot.domain.contract.b[5] ^= 1;
    refuses(&ballot, "bad_signature");
}

static void a_changed_reason_breaks_the_signature(void **state) {
    (void)state;
    struct ht_gov_ballot ballot = a_ballot(HT_GOV_BALLOT5_EXTENDED);
    ballot.reason = ht_bytes_str("for the money");
    refuses(&ballot, "bad_signature");
}

static void a_high_s_is_refused(void **state) {
    (void)state;
    static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
                                      0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b,
                                      0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
    struct ht_gov_ballot ballot = a_ballot(HT_GOV_BALLOT_BRAVO);
    ht_u256 n = ht_u256_from_be32(order), s = ht_u256_from_be32(ballot.signature + 32);
    ht_u256_sub(&s, &n, &s);
    ht_u256_to_be(ballot.signature + 32, &s);
    ballot.signature[64] ^= 27 ^ 28;
    refuses(&ballot, "bad_signature");
}

static void a_v_of_zero_or_one_is_refused(void **state) {
    (void)state;
    struct ht_gov_ballot ballot = a_ballot(HT_GOV_BALLOT5);
    ballot.signature[64] = (uint8_t)(ballot.signature[64] - 27);
    refuses(&ballot, "bad_signature");
}

static void a_short_signature_is_refused(void **state) {
    (void)state;
    struct ht_gov_ballot ballot = a_ballot(HT_GOV_BALLOT5);
    ballot.signature_n = 64;
    refuses(&ballot, "bad_signature");
}

static void a_support_of_three_is_no_choice(void **state) {
    (void)state;
    struct ht_gov_ballot ballot = a_ballot(HT_GOV_BALLOT5);
    ballot.support = 3;
    sign(&ballot);
    refuses(&ballot, "bad_support");
}

static void a_split_vote_needs_its_forty_eight_bytes(void **state) {
    (void)state;
    const ht_u256 parts[3] = {{{1}}, {{2}}, {{3}}};
    uint8_t params[HT_GOV_SPLIT_SIZE];
    struct ht_gov_ballot ballot = a_ballot(HT_GOV_BALLOT5_EXTENDED);
    ballot.support = HT_GOV_SUPPORT_SPLIT;
    sign(&ballot);
    refuses(&ballot, "bad_support");
    assert_int_equal(ht_gov_split_params(params, parts, NULL), HT_OK);
    assert_int_equal(params[15], 1);
    assert_int_equal(params[31], 2);
    assert_int_equal(params[47], 3);
    ballot.params = HT_BYTES(params);
    sign(&ballot);
    assert_int_equal(ht_gov_ballot_check(&ballot, NULL), HT_OK);
}

static void a_part_of_a_split_vote_over_128_bits_is_refused(void **state) {
    (void)state;
    const ht_u256 parts[3] = {{{0, 0, 1, 0}}, {{0}}, {{0}}};
    uint8_t params[HT_GOV_SPLIT_SIZE];
    struct ht_why why = {.code = "", .text = ""};
    assert_int_equal(ht_gov_split_params(params, parts, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_split");
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void every_form_comes_back_from_json_as_it_was(void **state) {
    (void)state;
    for (size_t i = 0; i < FORMS; i++) {
        struct ht_gov_ballot ballot = a_ballot(ALL[i]), back;
        struct ht_arena arena;
        ht_arena_init(&arena, ARENA);
        json_t *json = ht_gov_ballot_json(&ballot);
        assert_int_equal(ht_gov_ballot_read(&back, json, &arena, NULL), HT_OK);
        assert_int_equal(back.form, ballot.form);
        assert_true(ht_gov_domain_equal(&back.domain, &ballot.domain));
        assert_int_equal(ht_gov_ballot_check(&back, NULL), HT_OK);
        json_t *again = ht_gov_ballot_json(&back);
        assert_true(json_equal(json, again));
        json_decref(json);
        json_decref(again);
        ht_arena_fini(&arena);
    }
}

static void refuses_json(const char *member, json_t *value, enum ht_err wanted, const char *code) {
    struct ht_gov_ballot ballot = a_ballot(HT_GOV_BALLOT5_EXTENDED), back;
    struct ht_arena arena;
    struct ht_why why = {.code = "", .text = ""};
    ht_arena_init(&arena, ARENA);
    json_t *json = ht_gov_ballot_json(&ballot);
    if (value != NULL) {
        assert_int_equal(json_object_set_new(json, member, value), 0);
    } else {
        assert_int_equal(json_object_del(json, member), 0);
    }
    assert_int_equal(ht_gov_ballot_read(&back, json, &arena, &why), wanted);
    assert_string_equal(why.code, code);
    json_decref(json);
    ht_arena_fini(&arena);
}

static void a_ballot_without_one_of_its_members_is_none(void **state) {
    (void)state;
    static const char *const MEMBERS[] = {"form",    "domain", "voter",  "nonce",    "proposal",
                                          "support", "reason", "params", "signature"};
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++)
        refuses_json(MEMBERS[i], NULL, HT_EINPUT, "bad_ballot");
}

static void a_form_that_nobody_knows_is_refused(void **state) {
    (void)state;
    refuses_json("form", json_string("6"), HT_EINPUT, "bad_ballot");
}

static void a_support_over_eight_bits_is_refused(void **state) {
    (void)state;
    refuses_json("support", json_integer(256), HT_EINPUT, "bad_ballot");
}

static void a_reason_that_is_too_long_is_refused_by_its_length(void **state) {
    (void)state;
    static char text[HT_GOV_BALLOT_REASON_MAX + 2];
    memset(text, 'a', sizeof text - 1);
    refuses_json("reason", json_string(text), HT_ELIMIT, "ballot_too_large");
}

static void a_signature_that_is_too_long_is_refused_by_its_length(void **state) {
    (void)state;
    static char text[2 + 2 * 1025 + 1];
    memset(text, '0', sizeof text - 1);
    text[1] = 'x';
    refuses_json("signature", json_string(text), HT_ELIMIT, "ballot_too_large");
}

static void the_tag_names_chain_governor_proposal_and_voter(void **state) {
    (void)state;
    char tag[HT_GOV_BALLOT_TAG_SIZE];
    struct ht_gov_ballot ballot = a_ballot(HT_GOV_BALLOT5);
    ballot.proposal = ht_u256_of(12);
    memset(ballot.voter.b, 0xab, sizeof ballot.voter.b);
    ht_gov_ballot_tag(tag, &ballot);
    assert_string_equal(tag, "hearth:ballot:31337:0x6000000000000000000000000000000000000000:12:"
                             "0xabababababababababababababababababababab");
    assert_true(ht_gov_ballot_is_tag(ht_bytes_str(tag)));
    assert_false(ht_gov_ballot_is_tag(ht_bytes_str("hearth:poll:1")));
}

/* --- our own governor ------------------------------------------------------------------------- */

struct village {
    struct evm_bench bench;
    struct ht_gov_made made;
    ht_u256 proposal;
};

static enum ht_evm_status call(struct village *v, const struct ht_buf *data) {
    struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                     .sender = signer(),
                                     .to = v->made.governor,
                                     .code = v->made.governor,
                                     .gas = 10000000,
                                     .input = ht_buf_view(data)};
    assert_int_equal(evm_send(&v->bench, &message), HT_OK);
    return v->bench.result.status;
}

static void propose(struct village *v) {
    struct ht_gov_proposal *proposal = calloc(1, sizeof *proposal);
    struct ht_buf data;
    ht_buf_init(&data, 65536);
    proposal->action_count = 1;
    proposal->actions[0].target = v->made.governor;
    proposal->description = ht_bytes_str("# Trees");
    ht_keccak256(&proposal->description_hash, proposal->description);
    assert_int_equal(ht_gov_proposal_hash(&v->proposal, proposal), HT_OK);
    assert_int_equal(ht_gov_call_propose(&data, proposal, false, NULL), HT_OK);
    assert_int_equal(call(v, &data), HT_EVM_SUCCESS);
    ht_u256 id = ht_u256_from_be32(v->bench.result.output.p);
    assert_true(ht_u256_equal(&id, &v->proposal));
    ht_buf_fini(&data);
    free(proposal);
}

static void at_block(struct village *v, uint64_t number) {
    v->bench.block.number = number;
    evm_bench_set(&v->bench);
}

static int set_up(void **state) {
    static struct village village;
    uint64_t gas;
    char wishes[2048], holder[HT_HEX_SIZE(20)];
    ht_addr20 voter = signer();
    ht_hex_write(holder, HT_BYTES(voter.b));
    (void)snprintf(wishes, sizeof wishes,
                   "{\"name\": \"Garden\", \"kind\": \"token\", " GOV_SPANS
                   ", \"token\": {\"name\": \"Seed\", \"symbol\": \"SEED\", \"holders\": "
                   "[{\"address\": \"%s\", \"amount\": \"600\"}]}}",
                   holder);
    memset(&village, 0, sizeof village);
    evm_bench_init(&village.bench, HT_EVM_OSAKA);
    at_block(&village, 10);
    struct ht_gov_wishes read = gov_wishes(wishes);
    village.made = gov_make(&village.bench, &gas, &read);
    at_block(&village, 20);
    propose(&village);
    at_block(&village, 25);
    *state = &village;
    return 0;
}

static int tear_down(void **state) {
    struct village *village = *state;
    evm_bench_fini(&village->bench);
    return 0;
}

static struct ht_gov_ballot for_village(const struct village *v, enum ht_gov_ballot_form form) {
    struct ht_gov_ballot ballot = {
        .form = form,
        .domain = {.name = "Garden", .version = "1", .has_version = true},
        .proposal = v->proposal,
        .support = 1,
        .voter = signer()};
    ballot.domain.chain_id = v->bench.block.chain_id;
    ballot.domain.contract = v->made.governor;
    return ballot;
}

static enum ht_evm_status cast(struct village *v, const struct ht_gov_ballot *ballot) {
    struct ht_buf data;
    ht_buf_init(&data, 65536);
    assert_int_equal(ht_gov_ballot_calldata(&data, ballot), HT_OK);
    enum ht_evm_status status = call(v, &data);
    ht_buf_fini(&data);
    return status;
}

/* Whole: the key in front of the sequence. */
static ht_u256 keyed_nonce(const ht_u256 *proposal) {
    ht_u256 nonce;
    ht_u256_shift_left(&nonce, proposal, 64);
    return nonce;
}

static void our_governor_takes_a_ballot_with_the_plain_nonce(void **state) {
    struct village *v = *state;
    struct ht_gov_ballot ballot = for_village(v, HT_GOV_BALLOT5);
    sign(&ballot);
    assert_int_equal(cast(v, &ballot), HT_EVM_SUCCESS);
    assert_int_equal(v->bench.result.output.p[30] * 256 + v->bench.result.output.p[31], 600);
    assert_int_equal(cast(v, &ballot), HT_EVM_REVERT);
}

static void our_governor_takes_a_ballot_with_the_proposals_nonce_and_a_reason(void **state) {
    struct village *v = *state;
    struct ht_gov_ballot ballot = for_village(v, HT_GOV_BALLOT5_EXTENDED);
    ballot.nonce = keyed_nonce(&v->proposal);
    ballot.reason = ht_bytes_str("because");
    sign(&ballot);
    assert_int_equal(cast(v, &ballot), HT_EVM_SUCCESS);
}

static void our_governor_takes_a_split_ballot(void **state) {
    struct village *v = *state;
    const ht_u256 parts[3] = {{{100}}, {{200}}, {{300}}};
    uint8_t params[HT_GOV_SPLIT_SIZE];
    struct ht_gov_ballot ballot = for_village(v, HT_GOV_BALLOT5_EXTENDED);
    assert_int_equal(ht_gov_split_params(params, parts, NULL), HT_OK);
    ballot.support = HT_GOV_SUPPORT_SPLIT;
    ballot.params = HT_BYTES(params);
    sign(&ballot);
    assert_int_equal(cast(v, &ballot), HT_EVM_SUCCESS);
}

static void our_governor_refuses_what_the_check_refuses(void **state) {
    struct village *v = *state;
    struct ht_gov_ballot ballot = for_village(v, HT_GOV_BALLOT5);
    sign(&ballot);
    ballot.signature[10] ^= 1;
    refuses(&ballot, "bad_signature");
    assert_int_equal(cast(v, &ballot), HT_EVM_REVERT);
    ballot.support = 3;
    sign(&ballot);
    refuses(&ballot, "bad_support");
    assert_int_equal(cast(v, &ballot), HT_EVM_REVERT);
}

static void our_governor_refuses_a_ballot_out_of_order(void **state) {
    struct village *v = *state;
    struct ht_gov_ballot ballot = for_village(v, HT_GOV_BALLOT5);
    ballot.nonce = ht_u256_of(1);
    sign(&ballot);
    assert_int_equal(ht_gov_ballot_check(&ballot, NULL), HT_OK);
    assert_int_equal(cast(v, &ballot), HT_EVM_REVERT);
}

static void our_governor_takes_votes_of_every_kind_by_call(void **state) {
    struct village *v = *state;
    struct ht_buf data;
    ht_buf_init(&data, 65536);
    assert_int_equal(ht_gov_call_vote(&data, &v->proposal, 0, (ht_bytes){0}, (ht_bytes){0}, NULL),
                     HT_OK);
    assert_int_equal(call(v, &data), HT_EVM_SUCCESS);
    ht_buf_fini(&data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_hashes_as_its_document_does),
        cmocka_unit_test(no_two_forms_share_a_digest),
        cmocka_unit_test(a_good_ballot_of_every_form_is_taken),
        cmocka_unit_test(a_ballot_for_another_chain_is_somebody_elses),
        cmocka_unit_test(a_ballot_for_another_governor_is_somebody_elses),
        cmocka_unit_test(a_changed_reason_breaks_the_signature),
        cmocka_unit_test(a_high_s_is_refused),
        cmocka_unit_test(a_v_of_zero_or_one_is_refused),
        cmocka_unit_test(a_short_signature_is_refused),
        cmocka_unit_test(a_support_of_three_is_no_choice),
        cmocka_unit_test(a_split_vote_needs_its_forty_eight_bytes),
        cmocka_unit_test(a_part_of_a_split_vote_over_128_bits_is_refused),
        cmocka_unit_test(every_form_comes_back_from_json_as_it_was),
        cmocka_unit_test(a_ballot_without_one_of_its_members_is_none),
        cmocka_unit_test(a_form_that_nobody_knows_is_refused),
        cmocka_unit_test(a_support_over_eight_bits_is_refused),
        cmocka_unit_test(a_reason_that_is_too_long_is_refused_by_its_length),
        cmocka_unit_test(a_signature_that_is_too_long_is_refused_by_its_length),
        cmocka_unit_test(the_tag_names_chain_governor_proposal_and_voter),
        cmocka_unit_test_setup_teardown(our_governor_takes_a_ballot_with_the_plain_nonce, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            our_governor_takes_a_ballot_with_the_proposals_nonce_and_a_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(our_governor_takes_a_split_ballot, set_up, tear_down),
        cmocka_unit_test_setup_teardown(our_governor_refuses_what_the_check_refuses, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(our_governor_refuses_a_ballot_out_of_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(our_governor_takes_votes_of_every_kind_by_call, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
