/* The audit log: it keeps order, survives restarts, and shows when it was tampered with. */
#include "tests/unit/identity_fakes.h"

static void add(const char *event, const char *detail) {
    ht_audit_add(&ht_ib_now.identity, event, NULL, NULL, detail);
    ht_ib_settle();
}

static bool is_whole(void) {
    const json_t *result = ht_ib_call("wallet.audit", NULL);
    return json_is_true(ht_json_member(result, "is_whole"));
}

static void tamper(const char *sql) {
    assert_int_equal(sqlite3_exec(ht_ib_now.db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_changes(ht_ib_now.db), 1);
}

static void audit_tells_the_newest_first(void **state) {
    (void)state;
    const ht_addr20 account = {{0xab}};
    add("unlocked", "");
    ht_ib_now.wall_ms += 5;
    ht_audit_add(&ht_ib_now.identity, "signed", "https://app.example", &account, "a message");
    ht_ib_settle();
    const json_t *result = ht_ib_call("wallet.audit", NULL);
    assert_string_equal(ht_ib_text(result, "entries[0].event"), "signed");
    assert_string_equal(ht_ib_text(result, "entries[0].origin"), "https://app.example");
    assert_string_equal(ht_ib_text(result, "entries[0].account"),
                        "0xab00000000000000000000000000000000000000");
    assert_string_equal(ht_ib_text(result, "entries[1].event"), "unlocked");
    const json_t *older;
    assert_int_equal(ht_json_get(&older, result, "entries[1]", NULL), HT_OK);
    assert_true(json_is_null(ht_json_member(older, "origin")));
    assert_true(json_is_null(ht_json_member(older, "account")));
    uint64_t at_ms = 0;
    assert_int_equal(ht_json_u64(&at_ms, result, "entries[0].at_ms", NULL), HT_OK);
    assert_int_equal(at_ms, (uint64_t)ht_ib_now.wall_ms);
}

static void audit_tells_the_owner_from_a_program_without_an_origin(void **state) {
    (void)state;
    ht_audit_add(&ht_ib_now.identity, "signed", "", NULL, "");
    ht_ib_settle();
    assert_string_equal(ht_ib_text(ht_ib_call("wallet.audit", NULL), "entries[0].origin"), "");
    assert_true(is_whole());
}

static void audit_pages_backwards(void **state) {
    (void)state;
    for (size_t i = 0; i < 7; i++) add("signed", "");
    const json_t *result =
        ht_ib_call("wallet.audit", json_pack("{s:i, s:i}", "before", 5, "limit", 3));
    const json_t *entries = ht_json_member(result, "entries");
    uint64_t id = 0;
    assert_int_equal(json_array_size(entries), 3);
    assert_int_equal(ht_json_u64(&id, entries, "[0].id", NULL), HT_OK);
    assert_int_equal(id, 4);
    ht_ib_refused("wallet.audit", json_pack("{s:i}", "limit", 201), "json_value");
    ht_ib_refused("wallet.audit", json_pack("{s:i}", "limit", 0), "json_value");
}

static void audit_tail_is_the_newest_50_and_the_same_after_a_restart(void **state) {
    (void)state;
    for (int i = 1; i <= 53; i++) {
        char detail[16];
        (void)snprintf(detail, sizeof detail, "%d", i);
        add("signed", detail);
    }
    for (int round = 0; round < 2; round++) {
        json_t *tail = NULL;
        assert_int_equal(ht_audit_json(&ht_ib_now.identity, &tail, NULL), HT_OK);
        assert_int_equal(json_array_size(ht_json_member(tail, "entries")), 50);
        assert_string_equal(ht_ib_text(tail, "entries[0].detail"), "53");
        assert_string_equal(ht_ib_text(tail, "entries[49].detail"), "4");
        json_decref(tail);
        ht_ib_restart();
    }
    add("signed", "54");
    json_t *tail = NULL;
    assert_int_equal(ht_audit_json(&ht_ib_now.identity, &tail, NULL), HT_OK);
    assert_string_equal(ht_ib_text(tail, "entries[0].detail"), "54");
    json_decref(tail);
}

static void audit_is_whole_across_a_restart(void **state) {
    (void)state;
    assert_true(is_whole());
    add("unlocked", "");
    ht_ib_restart();
    add("locked", "");
    assert_true(is_whole());
}

static void audit_notices_a_changed_row(void **state) {
    (void)state;
    add("signed", "one");
    add("signed", "two");
    tamper("UPDATE audit SET detail = 'won' WHERE id = 1");
    assert_false(is_whole());
}

static void audit_notices_a_changed_origin(void **state) {
    (void)state;
    add("signed", "one");
    tamper("UPDATE audit SET origin = '' WHERE id = 1");
    assert_false(is_whole());
}

static void audit_notices_a_row_that_was_taken_out(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) add("signed", "");
    tamper("DELETE FROM audit WHERE id = 2");
    assert_false(is_whole());
}

static void audit_notices_an_end_that_was_cut_off(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) add("signed", "");
    tamper("DELETE FROM audit WHERE id = 3");
    assert_false(is_whole());
}

static void audit_that_could_not_be_written_leaves_the_chain_whole(void **state) {
    (void)state;
    add("signed", "one");
    ht_log_set_level(HT_LOG_ERROR);
    ht_ib_now.writes_fail = true;
    add("signed", "two");
    ht_ib_now.writes_fail = false;
    ht_ib_now.writer_is_full = true;
    add("signed", "three");
    ht_ib_now.writer_is_full = false;
    add("signed", "four");
    const json_t *result = ht_ib_call("wallet.audit", NULL);
    assert_int_equal(json_array_size(ht_json_member(result, "entries")), 2);
    assert_true(is_whole());
}

static void audit_cuts_long_texts_between_characters(void **state) {
    (void)state;
    char detail[400];
    detail[0] = 'a';
    for (size_t i = 1; i + 2 < sizeof detail; i += 2) memcpy(detail + i, "\xc3\xa9", 2);
    detail[sizeof detail - 1] = '\0';
    add("signed", detail);
    const char *text = ht_ib_text(ht_ib_call("wallet.audit", NULL), "entries[0].detail");
    assert_int_equal(strlen(text), 199);
    assert_memory_equal(text, detail, 199);
    assert_true(is_whole());
}

static void audit_keeps_what_is_no_text_as_something_that_can_be_told(void **state) {
    (void)state;
    add("signed", "caf\xe9 \xff");
    assert_string_equal(ht_ib_text(ht_ib_call("wallet.audit", NULL), "entries[0].detail"),
                        "caf? ?");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(audit_tells_the_newest_first),
        TEST(audit_tells_the_owner_from_a_program_without_an_origin),
        TEST(audit_pages_backwards),
        TEST(audit_tail_is_the_newest_50_and_the_same_after_a_restart),
        TEST(audit_is_whole_across_a_restart),
        TEST(audit_notices_a_changed_row),
        TEST(audit_notices_a_changed_origin),
        TEST(audit_notices_a_row_that_was_taken_out),
        TEST(audit_notices_an_end_that_was_cut_off),
        TEST(audit_that_could_not_be_written_leaves_the_chain_whole),
        TEST(audit_cuts_long_texts_between_characters),
        TEST(audit_keeps_what_is_no_text_as_something_that_can_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
