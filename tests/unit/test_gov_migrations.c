/* Databases of older versions of the module: they open, and their rows are there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
/* cmocka wants four of those above */
#include <cmocka.h>

#include "governance/community/community_sql.h"
#include "governance/community/notices_sql.h"
#include "governance/governance_sql.h"

static sqlite3 *db;
static char folder[64], path[96];

static void open_at(uint32_t version) {
    struct ht_migration list[HT_GOVERNANCE_MIGRATIONS];
    struct ht_why why;
    for (uint32_t i = 0; i < version; i++) {
        list[i] = ht_governance_migrations[i];
        list[i].part = "governance";
    }
    if (ht_db_open(&db, path, list, version, &why) != HT_OK) fail_msg("%s", why.text);
}

static int start(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/ht_gov_XXXXXX");
    if (mkdtemp(folder) == NULL) return -1;
    (void)snprintf(path, sizeof path, "%s/node.db", folder);
    return 0;
}

static int end(void **state) {
    (void)state;
    ht_db_close(db);
    return unlink(path) == 0 && rmdir(folder) == 0 ? 0 : -1;
}

/* By a program of today. */
static void reopen(void) {
    ht_db_close(db);
    open_at(HT_GOVERNANCE_MIGRATIONS);
}

static void run(const char *sql) {
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) fail_msg("%s: %s", sql, error);
}

static int64_t number(const char *sql) {
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

/* Rows of the first version, as it wrote them. */
static const char FIRST[] =
    "INSERT INTO dao VALUES (zeroblob(20), 'ours', 'Garden', 'SEED', 5, 2, NULL, 3, 9, 1, 0, 12);"
    "INSERT INTO dao_proposal VALUES (zeroblob(20), zeroblob(32), NULL, 1, 7, 8, NULL, 33, NULL);";
static const char NOTICE[] = "INSERT INTO dao_notice (kind, text, dao, proposal, at_ms, is_read)"
                             " VALUES ('delegate_voted', 'Your delegate voted for on it.',"
                             " zeroblob(20), zeroblob(32), 44, 1);";
static const char TOLD[] =
    "INSERT INTO dao_told_vote VALUES (zeroblob(20), zeroblob(32), zeroblob(20));";

static enum ht_err one_community(void *user, const struct ht_community_row *row) {
    unsigned *count = user;
    ++*count;
    assert_string_equal(row->label, "ours");
    assert_string_equal(row->name, "Garden");
    return HT_OK;
}

static void a_database_of_the_first_version_keeps_its_communities(void **state) {
    struct ht_why why;
    unsigned count = 0;
    (void)state;
    open_at(1);
    run(FIRST);
    reopen();
    assert_int_equal(ht_community_sql_load(db, one_community, &count, &why), HT_OK);
    assert_int_equal(count, 1);
    assert_int_equal(number("SELECT told FROM dao_proposal"), 33);
    assert_int_equal(number("SELECT count(*) FROM dao_notice"), 0);
}

static const struct ht_gov_notice_row VOTE = {
    .kind = "delegate_voted", .text = "new", .has_proposal = true, .is_vote = true};

static enum ht_err one_notice(void *user, const struct ht_gov_notice_row *row) {
    unsigned *count = user;
    ++*count;
    assert_string_equal(row->text, "Your delegate voted for on it.");
    assert_int_equal(row->at_ms, 44);
    assert_true(row->is_read);
    return HT_OK;
}

static void notices_of_before_the_last_migration_stay_and_are_not_told_again(void **state) {
    struct ht_why why;
    unsigned count = 0;
    int64_t id = 7;
    bool is_new = true;
    struct ht_gov_notice_row row = VOTE;
    (void)state;
    open_at(HT_GOVERNANCE_MIGRATIONS - 1);
    run(FIRST);
    run(NOTICE);
    run(TOLD);
    reopen();
    /* What the older one told was said with how it was cast. */
    assert_int_equal(number("SELECT is_whole FROM dao_told_vote"), 1);
    assert_int_equal(number("SELECT notice IS NULL FROM dao_told_vote"), 1);
    assert_int_equal(ht_gov_notice_sql_add(db, &id, &is_new, &row, &why), HT_OK);
    assert_int_equal(id, 0);
    assert_false(is_new);
    row.is_whole = true;
    assert_int_equal(ht_gov_notice_sql_add(db, &id, &is_new, &row, &why), HT_OK);
    assert_int_equal(id, 0);
    assert_int_equal(ht_gov_notice_sql_load(db, one_notice, &count, &why), HT_OK);
    assert_int_equal(count, 1);
}

static void a_new_vote_is_told_in_a_migrated_database(void **state) {
    struct ht_why why;
    int64_t id = 0, first;
    bool is_new = false;
    struct ht_gov_notice_row row = VOTE;
    (void)state;
    open_at(HT_GOVERNANCE_MIGRATIONS - 1);
    run(TOLD);
    reopen();
    row.voter.b[0] = 9;
    assert_int_equal(ht_gov_notice_sql_add(db, &id, &is_new, &row, &why), HT_OK);
    assert_true(is_new && id > 0);
    first = id;
    row.is_whole = true;
    row.text = "how";
    assert_int_equal(ht_gov_notice_sql_add(db, &id, &is_new, &row, &why), HT_OK);
    assert_int_equal(id, first);
    assert_false(is_new);
    assert_int_equal(number("SELECT text = 'how' FROM dao_notice"), 1);
}

static void a_database_of_a_newer_version_is_left_alone(void **state) {
    struct ht_migration older = ht_governance_migrations[0];
    struct ht_why why;
    sqlite3 *again = NULL;
    (void)state;
    open_at(HT_GOVERNANCE_MIGRATIONS);
    run(FIRST);
    ht_db_close(db);
    older.part = "governance";
    assert_int_equal(ht_db_open(&again, path, &older, 1, &why), HT_ESTORE);
    assert_string_equal(why.code, "database_newer");
    open_at(HT_GOVERNANCE_MIGRATIONS);
    assert_int_equal(number("SELECT count(*) FROM dao"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_database_of_the_first_version_keeps_its_communities),
        TEST(notices_of_before_the_last_migration_stay_and_are_not_told_again),
        TEST(a_new_vote_is_told_in_a_migrated_database),
        TEST(a_database_of_a_newer_version_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
