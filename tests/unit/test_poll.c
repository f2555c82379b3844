/* Polls and ballots as events, and attestations as of a snapshot. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "governance/feed_event.h"
#include "governance/polls/poll_gate.h"

static void open_poll(struct ht_poll *poll, enum ht_poll_method method, size_t options) {
    *poll = (struct ht_poll){.method = method,
                             .gate = HT_POLL_ATTESTATION,
                             .question = "What next?",
                             .option_count = options,
                             .chain_id = 1337,
                             .attester_count = 1,
                             .snapshot_block = 10,
                             .closing_block = 20};
    for (size_t i = 0; i < options; i++) {
        (void)snprintf(poll->option_ids[i], 17, "%u", (unsigned)(i + 1) % 1000U);
        (void)snprintf(poll->options[i], 128, "option %zu", i);
    }
}

/* --- events ----------------------------------------------------------------------------------- */

/* tags is taken over. */
static enum ht_err read_poll(struct ht_poll *poll, json_t *tags, const char *content,
                             struct ht_why *why) {
    static const char ID[] = "abababababababababababababababababababababababababababababababab";
    struct ht_arena arena;
    struct ht_event event;
    char sig[129];
    memset(sig, 'c', 128);
    sig[128] = '\0';
    json_t *object =
        json_pack("{s:s, s:s, s:i, s:i, s:o, s:s, s:s}", "id", ID, "pubkey", ID, "created_at", 5,
                  "kind", 1068, "tags", tags, "content", content, "sig", sig);
    ht_arena_init(&arena, 1 << 20);
    assert_int_equal(ht_gov_event_read(&event, &arena, object, why), HT_OK);
    enum ht_err err = ht_poll_read(poll, &event, why);
    ht_arena_fini(&arena);
    json_decref(object);
    return err;
}

static void a_poll_is_read_as_it_was_written(void **state) {
    struct ht_poll asked;
    struct ht_poll poll;
    struct ht_why why;
    (void)state;
    open_poll(&asked, HT_POLL_WEIGHTED, 3);
    asked.contract.b[0] = 7;
    asked.schema.b[31] = 9;
    asked.attesters[0].b[5] = 3;
    assert_int_equal(read_poll(&poll, ht_poll_tags(&asked), "What next?", &why), HT_OK);
    memset(asked.id.b, 0xab, 32);
    memset(asked.author.b, 0xab, 32);
    asked.created_at = 5;
    json_t *again = ht_poll_tags(&poll), *first = ht_poll_tags(&asked);
    assert_true(json_equal(again, first));
    assert_string_equal(poll.question, "What next?");
    assert_int_equal(poll.created_at, 5);
    json_decref(again);
    json_decref(first);
}

/* Replaces the first tag of that name; value NULL: takes it out. */
static json_t *changed(const struct ht_poll *poll, const char *name, const char *value) {
    size_t i;
    json_t *tag, *tags = ht_poll_tags(poll);
    json_array_foreach(tags, i, tag) {
        if (strcmp(json_string_value(json_array_get(tag, 0)), name) != 0) continue;
        if (value != NULL)
            json_array_set_new(tag, 1, json_string(value));
        else
            json_array_remove(tags, i);
        return tags;
    }
    fail();
    return tags;
}

static void expect_bad(const struct ht_poll *poll, const char *name, const char *value,
                       enum ht_err err, const char *code) {
    struct ht_poll out;
    struct ht_why why;
    assert_int_equal(read_poll(&out, changed(poll, name, value), "?", &why), err);
    assert_string_equal(why.code, code);
}

static void relays_that_a_poll_names_are_hints(void **state) {
    static char longest[HT_POLL_RELAY_SIZE + 10] = "wss://";
    struct ht_poll asked, poll;
    struct ht_why why;
    (void)state;
    memset(longest + 6, 'a', sizeof longest - 7);
    open_poll(&asked, HT_POLL_SINGLE, 2);
    asked.relay_count = 1;
    memcpy(asked.relays[0], "wss://one.example", sizeof "wss://one.example");
    json_t *tags = ht_poll_tags(&asked);
    (void)json_array_append_new(tags, json_pack("[ss]", "relay", "https://no.example"));
    (void)json_array_append_new(tags, json_pack("[s]", "relay"));
    (void)json_array_append_new(tags, json_pack("[ss]", "relay", longest));
    for (size_t i = 0; i < HT_POLL_RELAYS_MAX; i++)
        (void)json_array_append_new(tags, json_pack("[ss]", "relay", "ws://two.onion"));
    assert_int_equal(read_poll(&poll, tags, "What next?", &why), HT_OK);
    assert_int_equal(poll.relay_count, HT_POLL_RELAYS_MAX);
    assert_string_equal(poll.relays[0], "wss://one.example");
    assert_string_equal(poll.relays[1], "ws://two.onion");
}

static void polls_that_are_malformed_are_refused(void **state) {
    struct ht_poll asked;
    (void)state;
    open_poll(&asked, HT_POLL_SINGLE, 2);
    const struct ht_poll *poll = &asked;
    expect_bad(poll, "t", "other", HT_ENOTFOUND, "not_a_poll");
    expect_bad(poll, "method", "dice", HT_EINPUT, "bad_poll");
    expect_bad(poll, "method", NULL, HT_EINPUT, "bad_poll");
    expect_bad(poll, "gate", "wall", HT_EINPUT, "bad_poll");
    expect_bad(poll, "chain", "0x1", HT_EINPUT, "bad_poll");
    expect_bad(poll, "closes", "9", HT_EINPUT, "bad_poll");
    expect_bad(poll, "closes", "020", HT_EINPUT, "bad_poll");
    expect_bad(poll, "snapshot", NULL, HT_EINPUT, "bad_poll");
    expect_bad(poll, "snapshot", "0", HT_EINPUT, "bad_poll");
    expect_bad(poll, "option", NULL, HT_EINPUT, "bad_poll");
    expect_bad(poll, "option", "2", HT_EINPUT, "bad_poll");
    expect_bad(poll, "option", "a b", HT_EINPUT, "bad_poll");
    expect_bad(poll, "option", "12345678901234567", HT_ELIMIT, "poll_too_large");
}

static void a_poll_with_a_tag_twice_is_refused(void **state) {
    struct ht_poll asked;
    struct ht_poll poll;
    struct ht_why why;
    (void)state;
    open_poll(&asked, HT_POLL_SINGLE, 2);
    json_t *tags = ht_poll_tags(&asked);
    json_array_append_new(tags, json_pack("[ss]", "closes", "25"));
    assert_int_equal(read_poll(&poll, tags, "?", &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_poll");
}

static void an_attestation_gate_without_attesters_is_refused(void **state) {
    struct ht_poll asked;
    struct ht_poll poll;
    struct ht_why why;
    (void)state;
    open_poll(&asked, HT_POLL_SINGLE, 2);
    asked.attester_count = 0;
    assert_int_equal(read_poll(&poll, ht_poll_tags(&asked), "?", &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_poll");
}

/* tags is taken over. */
static enum ht_err read_ballot(struct ht_poll_ballot *ballot, const struct ht_poll *poll,
                               json_t *tags, struct ht_why *why) {
    static const char ID[] = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd";
    struct ht_arena arena;
    struct ht_event event;
    char sig[129];
    memset(sig, 'c', 128);
    sig[128] = '\0';
    json_t *object =
        json_pack("{s:s, s:s, s:i, s:i, s:o, s:s, s:s}", "id", ID, "pubkey", ID, "created_at", 7,
                  "kind", 1018, "tags", tags, "content", "", "sig", sig);
    ht_arena_init(&arena, 1 << 20);
    assert_int_equal(ht_gov_event_read(&event, &arena, object, why), HT_OK);
    enum ht_err err = ht_poll_ballot_read(ballot, poll, &event, why);
    ht_arena_fini(&arena);
    json_decref(object);
    return err;
}

static void a_ballot_is_read_as_it_was_written(void **state) {
    struct ht_poll asked;
    struct ht_poll_ballot ballot;
    struct ht_why why;
    (void)state;
    open_poll(&asked, HT_POLL_WEIGHTED, 4);
    const struct ht_poll_ballot first = {.choice = {3, 1},
                                         .choice_count = 2,
                                         .share = {[1] = 1, [3] = 1000000},
                                         .has_attestation = true,
                                         .attestation = {{0xee}}};
    json_t *tags = ht_poll_ballot_tags(&asked, &first);
    assert_int_equal(read_ballot(&ballot, &asked, json_incref(tags), &why), HT_OK);
    json_t *again = ht_poll_ballot_tags(&asked, &ballot);
    assert_true(json_equal(tags, again));
    assert_int_equal(ballot.choice[0], 3);
    assert_int_equal(ballot.share[3], 1000000);
    json_decref(tags);
    json_decref(again);
}

static void ballots_that_are_malformed_are_refused(void **state) {
    static const char E[] = "0000000000000000000000000000000000000000000000000000000000000000";
    static const char OTHER[] = "1000000000000000000000000000000000000000000000000000000000000000";
    struct ht_poll asked;
    struct ht_poll_ballot ballot;
    struct ht_why why;
    (void)state;
    open_poll(&asked, HT_POLL_WEIGHTED, 2);
    const struct {
        json_t *tags;
        const char *code;
    } cases[] = {
        {json_pack("[[ss], [sss]]", "e", OTHER, "response", "1", "1"), "not_this_poll"},
        {json_pack("[[ss], [ss], [sss]]", "e", E, "e", E, "response", "1", "1"), "not_this_poll"},
        {json_pack("[[ss]]", "e", E), "bad_choice"},
        {json_pack("[[ss], [sss]]", "e", E, "response", "3", "1"), "bad_choice"},
        {json_pack("[[ss], [sss]]", "e", E, "response", "1", "0"), "bad_choice"},
        {json_pack("[[ss], [sss]]", "e", E, "response", "1", "1000001"), "bad_choice"},
        {json_pack("[[ss], [ss]]", "e", E, "response", "1"), "bad_choice"},
        {json_pack("[[ss], [sss], [ss]]", "e", E, "response", "1", "1", "attestation", "0x12"),
         "bad_attestation"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(read_ballot(&ballot, &asked, cases[i].tags, &why), HT_EINPUT);
        assert_string_equal(why.code, cases[i].code);
    }
}

static void only_the_first_response_counts_in_a_single_choice(void **state) {
    static const char E[] = "0000000000000000000000000000000000000000000000000000000000000000";
    struct ht_poll asked;
    struct ht_poll_ballot ballot;
    struct ht_why why;
    (void)state;
    open_poll(&asked, HT_POLL_SINGLE, 3);
    json_t *tags = json_pack("[[ss], [ss], [ss]]", "e", E, "response", "2", "response", "1");
    assert_int_equal(read_ballot(&ballot, &asked, tags, &why), HT_OK);
    assert_int_equal(ballot.choice_count, 1);
    assert_int_equal(ballot.choice[0], 1);
    asked.method = HT_POLL_APPROVAL;
    tags = json_pack("[[ss], [ss], [ss], [ss]]", "e", E, "response", "2", "response", "1",
                     "response", "2");
    assert_int_equal(read_ballot(&ballot, &asked, tags, &why), HT_OK);
    assert_int_equal(ballot.choice_count, 2);
}

/* --- attestations ----------------------------------------------------------------------------- */

static void an_attestation_counts_as_of_the_snapshot(void **state) {
    struct ht_poll asked;
    const ht_addr20 voter = {{1}};
    (void)state;
    open_poll(&asked, HT_POLL_SINGLE, 2);
    asked.schema.b[0] = 4;
    asked.attesters[0].b[0] = 5;
    const struct ht_trust_record good = {
        .schema = asked.schema, .attester = asked.attesters[0], .recipient = voter, .time_s = 1000};
    struct ht_trust_record record = good;
    assert_null(ht_poll_attestation_fault(&asked, &voter, &record, 1000));
    assert_string_equal(ht_poll_attestation_fault(&asked, &voter, &record, 999), "made_later");
    record.revocation_s = 2000;
    assert_null(ht_poll_attestation_fault(&asked, &voter, &record, 1999));
    assert_string_equal(ht_poll_attestation_fault(&asked, &voter, &record, 2000), "revoked");
    record = good;
    record.expiration_s = 2000;
    assert_null(ht_poll_attestation_fault(&asked, &voter, &record, 1999));
    assert_string_equal(ht_poll_attestation_fault(&asked, &voter, &record, 2000), "expired");
    record = good;
    record.schema.b[1] = 1;
    assert_string_equal(ht_poll_attestation_fault(&asked, &voter, &record, 1500), "wrong_schema");
    record = good;
    record.attester.b[1] = 1;
    assert_string_equal(ht_poll_attestation_fault(&asked, &voter, &record, 1500), "wrong_attester");
    record = good;
    record.recipient.b[1] = 1;
    assert_string_equal(ht_poll_attestation_fault(&asked, &voter, &record, 1500),
                        "wrong_recipient");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_poll_is_read_as_it_was_written),
        cmocka_unit_test(relays_that_a_poll_names_are_hints),
        cmocka_unit_test(polls_that_are_malformed_are_refused),
        cmocka_unit_test(a_poll_with_a_tag_twice_is_refused),
        cmocka_unit_test(an_attestation_gate_without_attesters_is_refused),
        cmocka_unit_test(a_ballot_is_read_as_it_was_written),
        cmocka_unit_test(ballots_that_are_malformed_are_refused),
        cmocka_unit_test(only_the_first_response_counts_in_a_single_choice),
        cmocka_unit_test(an_attestation_counts_as_of_the_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
