/* Devices on the disk. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "social/bunker/bunker_sql.h"

static sqlite3 *open_db(void) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    for (size_t i = 0; i < ht_bunker_migration_count; i++) {
        assert_int_equal(sqlite3_exec(db, ht_bunker_migrations[i].sql, NULL, NULL, NULL),
                         SQLITE_OK);
    }
    return db;
}

struct loaded {
    struct ht_bunker_row rows[4];
    size_t count;
};

static enum ht_err load(void *user, const struct ht_bunker_row *row) {
    struct loaded *loaded = user;
    assert_true(loaded->count < 4);
    loaded->rows[loaded->count++] = *row;
    return HT_OK;
}

static struct ht_bunker_row make(uint8_t key) {
    struct ht_bunker_row row = {.relay_count = 2,
                                .kinds = {1, 30023},
                                .kind_count = 2,
                                .may_decrypt = true,
                                .added_ms = 1000 + key,
                                .count = 7};
    memset(row.device.b, key, sizeof row.device.b);
    memset(row.owner.b, 9, sizeof row.owner.b);
    (void)snprintf(row.name, sizeof row.name, "Phone \"%u\"", key);
    (void)snprintf(row.relays[0], sizeof *row.relays, "wss://a.example");
    (void)snprintf(row.relays[1], sizeof *row.relays, "wss://b.example");
    return row;
}

static void bunker_sql_gives_back_what_it_was_given(void **state) {
    sqlite3 *db = open_db();
    struct ht_bunker_row b = make(2), a = make(1);
    struct loaded loaded = {.count = 0};
    (void)state;
    assert_int_equal(ht_bunker_sql_put(db, &b, NULL), HT_OK);
    assert_int_equal(ht_bunker_sql_put(db, &a, NULL), HT_OK);
    assert_int_equal(ht_bunker_sql_load(db, load, &loaded, NULL), HT_OK);
    assert_int_equal(loaded.count, 2);
    assert_memory_equal(&loaded.rows[0], &a, sizeof a);
    assert_memory_equal(&loaded.rows[1], &b, sizeof b);
    ht_db_close(db);
}

static void bunker_sql_puts_a_device_in_the_place_of_itself(void **state) {
    sqlite3 *db = open_db();
    struct ht_bunker_row row = make(1);
    struct loaded loaded = {.count = 0};
    (void)state;
    assert_int_equal(ht_bunker_sql_put(db, &row, NULL), HT_OK);
    row.kind_count = 0;
    row.kinds[0] = row.kinds[1] = 0;
    row.used_ms = 5;
    assert_int_equal(ht_bunker_sql_put(db, &row, NULL), HT_OK);
    assert_int_equal(ht_bunker_sql_load(db, load, &loaded, NULL), HT_OK);
    assert_int_equal(loaded.count, 1);
    assert_memory_equal(&loaded.rows[0], &row, sizeof row);
    ht_db_close(db);
}

static void bunker_sql_ends_a_device_and_does_not_mind_one_that_is_gone(void **state) {
    sqlite3 *db = open_db();
    struct ht_bunker_row row = make(1);
    struct loaded loaded = {.count = 0};
    (void)state;
    assert_int_equal(ht_bunker_sql_put(db, &row, NULL), HT_OK);
    assert_int_equal(ht_bunker_sql_delete(db, &row.device, NULL), HT_OK);
    assert_int_equal(ht_bunker_sql_delete(db, &row.device, NULL), HT_OK);
    assert_int_equal(ht_bunker_sql_load(db, load, &loaded, NULL), HT_OK);
    assert_int_equal(loaded.count, 0);
    ht_db_close(db);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bunker_sql_gives_back_what_it_was_given),
        cmocka_unit_test(bunker_sql_puts_a_device_in_the_place_of_itself),
        cmocka_unit_test(bunker_sql_ends_a_device_and_does_not_mind_one_that_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
