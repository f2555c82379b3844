/* Votes as a table and as JSON. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "governance/count/export.h"
#include "node/codec/json.h"

#define TABLE_MAX ((size_t)1 << 16)
static const char HEAD[] =
    "voter,name,support,weight,against,for,abstain,reason,is_override,block,transaction_index,"
    "log_index,weight_at_snapshot,weight_proven\r\n";

static const struct ht_gov_layout LAYOUT = {
    .kind = HT_GOV_OZ5, .has = 1U << HT_GOV_PROPOSALS | 1U << HT_GOV_PROPOSAL_VOTES};
static const char *known_name;

static const char *name_of(void *user, const ht_addr20 *voter) {
    (void)user;
    (void)voter;
    return known_name;
}

static struct ht_gov_vote vote_with(const char *reason) {
    struct ht_gov_vote vote = {.voter = {{[19] = 1}},
                               .support = 1,
                               .weight = ht_u256_of(5),
                               .reason = ht_bytes_str(reason),
                               .block = 12,
                               .transaction = 3,
                               .log = 4};
    vote.split[1] = vote.weight;
    return vote;
}

static struct ht_gov_export export_of(const struct ht_gov_vote *vote,
                                      const struct ht_gov_result *result) {
    return (struct ht_gov_export){.chain_id = 1,
                                  .id = ht_u256_of(77),
                                  .layout = &LAYOUT,
                                  .result = result,
                                  .votes = vote,
                                  .vote_count = 1,
                                  .network = "mainnet",
                                  .name = name_of};
}

static void expect_row(const struct ht_gov_vote *vote, const char *row) {
    struct ht_gov_result result = {.block = 20};
    const struct ht_gov_export of = export_of(vote, &result);
    struct ht_buf out;
    ht_buf_init(&out, TABLE_MAX);
    assert_int_equal(ht_gov_export_csv(&out, &of, NULL), HT_OK);
    assert_int_equal(ht_buf_add(&out, ht_bytes_of("", 1)), HT_OK);
    assert_true(out.n > sizeof HEAD);
    assert_memory_equal(out.p, HEAD, sizeof HEAD - 1);
    assert_string_equal((const char *)out.p + sizeof HEAD - 1, row);
    ht_buf_fini(&out);
}

static void expect_reason(const char *reason, const char *field) {
    char row[512];
    const struct ht_gov_vote vote = vote_with(reason);
    (void)snprintf(row, sizeof row,
                   "0x0000000000000000000000000000000000000001,,for,5,0,5,0,%s,false,12,3,4,,\r\n",
                   field);
    expect_row(&vote, row);
}

static void a_vote_is_one_line_of_the_table(void **state) {
    (void)state;
    known_name = NULL;
    expect_reason("good", "good");
    expect_reason("", "");
}

static void fields_with_commas_quotes_and_lines_are_quoted(void **state) {
    (void)state;
    known_name = NULL;
    expect_reason("a, b", "\"a, b\"");
    expect_reason("say \"no\"", "\"say \"\"no\"\"\"");
    expect_reason("\"", "\"\"\"\"");
    expect_reason("one\ntwo", "\"one\ntwo\"");
}

static void what_a_spreadsheet_would_compute_gets_an_apostrophe(void **state) {
    (void)state;
    known_name = NULL;
    expect_reason("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"");
    expect_reason("+1", "\"'+1\"");
    expect_reason("-1", "\"'-1\"");
    expect_reason("@SUM(A1)", "\"'@SUM(A1)\"");
    expect_reason("\t=1", "\"'\t=1\"");
    expect_reason("a=1", "a=1");
}

static void names_are_guarded_as_well(void **state) {
    (void)state;
    known_name = "=evil.eth";
    const struct ht_gov_vote vote = vote_with("");
    expect_row(&vote,
               "0x0000000000000000000000000000000000000001,\"'=evil.eth\",for,5,0,5,0,,false,"
               "12,3,4,,\r\n");
}

static void bytes_that_are_no_text_do_not_break_the_table(void **state) {
    (void)state;
    known_name = NULL;
    struct ht_gov_vote vote = vote_with("");
    vote.reason = ht_bytes_of("\xff\0x", 3);
    struct ht_gov_result result = {.block = 20};
    const struct ht_gov_export of = export_of(&vote, &result);
    struct ht_buf out;
    ht_buf_init(&out, TABLE_MAX);
    assert_int_equal(ht_gov_export_csv(&out, &of, NULL), HT_OK);
    assert_null(memchr(out.p, 0, out.n));
    assert_null(memchr(out.p, 0xff, out.n));
    ht_buf_fini(&out);
}

static void a_split_vote_is_told_as_such(void **state) {
    (void)state;
    struct ht_gov_vote vote = vote_with("");
    assert_string_equal(ht_gov_support_name(&vote), "for");
    vote.split[0] = ht_u256_of(2);
    vote.split[1] = ht_u256_of(3);
    assert_string_equal(ht_gov_support_name(&vote), "split");
    vote.support = 255;
    assert_string_equal(ht_gov_support_name(&vote), "split");
}

static bool weight_of(void *user, struct ht_gov_export_weight *out,
                      const struct ht_gov_vote *vote) {
    (void)vote;
    *out = *(const struct ht_gov_export_weight *)user;
    return true;
}

static void expect_weight(struct ht_gov_export_weight weight, const char *end,
                          const char *provenance) {
    const struct ht_gov_vote vote = vote_with("");
    struct ht_gov_result result = {.block = 20};
    struct ht_gov_export of = export_of(&vote, &result);
    const json_t *said = NULL;
    json_t *json = NULL;
    struct ht_buf out;
    known_name = NULL;
    of.weight = weight_of;
    of.user = &weight;
    ht_buf_init(&out, TABLE_MAX);
    assert_int_equal(ht_gov_export_csv(&out, &of, NULL), HT_OK);
    assert_true(out.n > strlen(end));
    assert_memory_equal(out.p + out.n - strlen(end), end, strlen(end));
    ht_buf_fini(&out);
    assert_int_equal(ht_gov_export_json(&json, &of, NULL), HT_OK);
    assert_int_equal(ht_json_get(&said, json, "votes[0].weight_provenance", NULL), HT_OK);
    assert_string_equal(json_string_value(said), provenance);
    assert_int_equal(ht_json_get(&said, json, "votes[0].weight_at_snapshot", NULL), HT_OK);
    assert_string_equal(json_string_value(said), "5");
    json_decref(json);
}

static void a_proven_weight_stands_behind_the_vote(void **state) {
    const ht_u256 five = ht_u256_of(5);
    (void)state;
    expect_weight((struct ht_gov_export_weight){five, true, true}, ",12,3,4,5,true\r\n", "proven");
    expect_weight((struct ht_gov_export_weight){five, true, false}, ",12,3,4,5,false\r\n",
                  "proven");
    expect_weight((struct ht_gov_export_weight){five, false, true}, ",12,3,4,5,\r\n", "called");
}

static void a_table_past_its_bound_is_refused(void **state) {
    (void)state;
    struct ht_gov_result result = {.block = 20};
    const struct ht_gov_vote vote = vote_with("");
    const struct ht_gov_export of = export_of(&vote, &result);
    struct ht_why why = {.code = ""};
    struct ht_buf out;
    ht_buf_init(&out, 180);
    assert_int_equal(ht_gov_export_csv(&out, &of, &why), HT_ELIMIT);
    assert_string_equal(why.code, "export_too_large");
    ht_buf_fini(&out);
}

static const json_t *at(const json_t *json, const char *path) {
    const json_t *out = NULL;
    assert_int_equal(ht_json_get(&out, json, path, NULL), HT_OK);
    return out;
}

static void json_names_the_places_of_the_proofs(void **state) {
    (void)state;
    struct ht_gov_result result = {
        .block = 20, .unchecked_count = 2, .unchecked = {15, 16}, .votes = 1};
    result.in_favour = ht_u256_of(9);
    result.missing.in_favour = ht_u256_of(4);
    const struct ht_gov_vote vote = vote_with("because");
    struct ht_gov_export of = export_of(&vote, &result);
    json_t *json = NULL;
    ht_hash32 mark;
    char text[67];
    known_name = "ada.eth";
    assert_int_equal(ht_gov_export_json(&json, &of, NULL), HT_OK);
    assert_string_equal(json_string_value(at(json, "tally.for")), "9");
    assert_string_equal(json_string_value(at(json, "missing.for")), "4");
    assert_int_equal(json_integer_value(at(json, "unchecked_blocks[1]")), 16);
    assert_string_equal(json_string_value(at(json, "votes[0].name")), "ada.eth");
    assert_string_equal(json_string_value(at(json, "votes[0].reason")), "because");
    assert_int_equal(json_integer_value(at(json, "votes[0].place.log_index")), 4);
    assert_true(json_is_null(at(json, "votes[0].split")));
    assert_true(json_array_size(at(json, "proofs.slots")) >= 5);
    ht_gov_slot_voter(&mark, &LAYOUT, &of.id, &vote.voter);
    for (size_t i = 0; i < 32; i++) (void)snprintf(text + 2 + 2 * i, 3, "%02x", mark.b[i]);
    memcpy(text, "0x", 2);
    assert_string_equal(json_string_value(at(json, "votes[0].mark_slot")), text);
    json_decref(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vote_is_one_line_of_the_table),
        cmocka_unit_test(fields_with_commas_quotes_and_lines_are_quoted),
        cmocka_unit_test(what_a_spreadsheet_would_compute_gets_an_apostrophe),
        cmocka_unit_test(names_are_guarded_as_well),
        cmocka_unit_test(bytes_that_are_no_text_do_not_break_the_table),
        cmocka_unit_test(a_split_vote_is_told_as_such),
        cmocka_unit_test(a_proven_weight_stands_behind_the_vote),
        cmocka_unit_test(a_table_past_its_bound_is_refused),
        cmocka_unit_test(json_names_the_places_of_the_proofs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
