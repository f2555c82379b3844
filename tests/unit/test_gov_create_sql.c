/* Creations of communities on disk. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "governance/create/create_sql.h"

static sqlite3 *db;
static struct ht_why why;

struct loaded {
    struct ht_gov_creation_row rows[HT_GOV_CREATIONS_MAX + 1];
    char params[32], why[32]; /* of the last one */
    size_t count;
};

static int start(void **state) {
    (void)state;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return -1;
    return sqlite3_exec(db, ht_gov_creation_schema_sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    ht_db_close(db);
    return 0;
}

static enum ht_err take(void *user, const struct ht_gov_creation_row *row) {
    struct loaded *loaded = user;
    assert_true(loaded->count < HT_GOV_CREATIONS_MAX + 1);
    loaded->rows[loaded->count++] = *row;
    assert_true(strlen(row->params) < sizeof loaded->params && strlen(row->why) < 32);
    memcpy(loaded->params, row->params, strlen(row->params) + 1);
    memcpy(loaded->why, row->why, strlen(row->why) + 1);
    return HT_OK;
}

static int64_t add(uint8_t n) {
    int64_t id = 0;
    struct ht_gov_creation_row row = {
        .params = "{\"name\":\"a\"}", .hash = {{n}}, .sender = {{0x5e, n}}, .at_ms = n, .why = ""};
    assert_int_equal(ht_gov_creation_sql_add(db, &id, &row, &why), HT_OK);
    return id;
}

static void a_creation_is_loaded_as_it_was_kept(void **state) {
    (void)state;
    static struct loaded loaded;
    int64_t id = add(7);
    assert_int_equal(ht_gov_creation_sql_load(db, take, &loaded, &why), HT_OK);
    assert_int_equal(loaded.count, 1);
    assert_int_equal(loaded.rows[0].id, id);
    assert_int_equal(loaded.rows[0].hash.b[0], 7);
    assert_int_equal(loaded.rows[0].sender.b[1], 7);
    assert_int_equal(loaded.rows[0].at_ms, 7);
    assert_false(loaded.rows[0].has_maker);
    assert_string_equal(loaded.params, "{\"name\":\"a\"}");
}

static void its_state_maker_and_reason_are_kept_later(void **state) {
    (void)state;
    static struct loaded loaded;
    struct ht_gov_creation_row row = {
        .id = add(7), .state = 3, .has_maker = true, .maker = {{0x3a}}, .why = "it failed"};
    assert_int_equal(ht_gov_creation_sql_update(db, &row, &why), HT_OK);
    assert_int_equal(ht_gov_creation_sql_load(db, take, &loaded, &why), HT_OK);
    assert_int_equal(loaded.rows[0].state, 3);
    assert_true(loaded.rows[0].has_maker);
    assert_int_equal(loaded.rows[0].maker.b[0], 0x3a);
    assert_string_equal(loaded.why, "it failed");
    assert_int_equal(loaded.rows[0].hash.b[0], 7);
}

static void the_oldest_go_above_the_maximum(void **state) {
    (void)state;
    static struct loaded loaded;
    for (uint8_t i = 0; i < HT_GOV_CREATIONS_MAX + 3; i++) (void)add(i);
    assert_int_equal(ht_gov_creation_sql_load(db, take, &loaded, &why), HT_OK);
    assert_int_equal(loaded.count, HT_GOV_CREATIONS_MAX);
    assert_int_equal(loaded.rows[0].hash.b[0], 3);
}

static void a_hash_of_another_length_is_refused_by_the_table(void **state) {
    (void)state;
    assert_int_equal(sqlite3_exec(db,
                                  "INSERT INTO dao_creation (params, hash, sender, state, at_ms, "
                                  "why) VALUES ('', x'00', zeroblob(20), 0, 0, '')",
                                  NULL, NULL, NULL),
                     SQLITE_CONSTRAINT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_creation_is_loaded_as_it_was_kept),
        TEST(its_state_maker_and_reason_are_kept_later),
        TEST(the_oldest_go_above_the_maximum),
        TEST(a_hash_of_another_length_is_refused_by_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
