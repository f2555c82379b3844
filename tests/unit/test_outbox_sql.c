/* Sent transactions on disk. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/l1/outbox.h"
#include "node/l1/outbox_sql.h"

static sqlite3 *db;
static struct ht_why why;

/* What was loaded; the bytes are copied. */
struct loaded {
    struct ht_outbox_row rows[4];
    uint8_t raw[4][16];
    size_t count;
    size_t stop_at; /* fails then; 0: never */
};

static int start(void **state) {
    (void)state;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return -1;
    return sqlite3_exec(db, ht_outbox_migrations[0].sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    ht_db_close(db);
    return 0;
}

static enum ht_err take(void *user, const struct ht_outbox_row *row) {
    struct loaded *loaded = user;
    assert_true(loaded->count < 4 && row->raw.n <= 16);
    memcpy(loaded->raw[loaded->count], row->raw.p, row->raw.n);
    loaded->rows[loaded->count++] = *row;
    return loaded->count == loaded->stop_at ? HT_ENOMEM : HT_OK;
}

static void save(uint8_t id, int64_t sent_ms, bool has_block) {
    struct ht_outbox_row row = {.hash = {{id}},
                                .raw = ht_bytes_str("raw bytes"),
                                .state = HT_OUTBOX_INCLUDED,
                                .sent_ms = sent_ms,
                                .has_block = has_block,
                                .block_number = has_block ? 77 : 0,
                                .block_hash = {{0x99, id}},
                                .succeeded = has_block};
    assert_int_equal(ht_outbox_sql_save(db, &row, &why), HT_OK);
}

static void outbox_sql_loads_oldest_first_what_was_saved(void **state) {
    (void)state;
    struct loaded loaded = {0};
    save(1, 3000, false);
    save(2, 1000, true);
    assert_int_equal(ht_outbox_sql_load(db, take, &loaded, &why), HT_OK);
    assert_int_equal(loaded.count, 2);
    const struct ht_outbox_row *row = &loaded.rows[0];
    assert_int_equal(row->hash.b[0], 2);
    assert_int_equal(row->sent_ms, 1000);
    assert_int_equal(row->state, HT_OUTBOX_INCLUDED);
    assert_true(row->has_block && row->succeeded);
    assert_int_equal(row->block_number, 77);
    assert_int_equal(row->block_hash.b[0], 0x99);
    assert_int_equal(row->raw.n, 9);
    assert_memory_equal(loaded.raw[0], "raw bytes", 9);
    assert_int_equal(loaded.rows[1].hash.b[0], 1);
    assert_false(loaded.rows[1].has_block || loaded.rows[1].succeeded);
}

static void outbox_sql_replaces_a_row(void **state) {
    (void)state;
    struct loaded loaded = {0};
    save(1, 1000, true);
    save(1, 1000, false);
    assert_int_equal(ht_outbox_sql_load(db, take, &loaded, &why), HT_OK);
    assert_int_equal(loaded.count, 1);
    assert_false(loaded.rows[0].has_block);
}

static void outbox_sql_deletes_one_row(void **state) {
    (void)state;
    struct loaded loaded = {0};
    const ht_hash32 first = {{1}}, nobody = {{8}};
    save(1, 1000, true);
    save(2, 2000, true);
    assert_int_equal(ht_outbox_sql_delete(db, &first, &why), HT_OK);
    assert_int_equal(ht_outbox_sql_delete(db, &nobody, &why), HT_OK);
    assert_int_equal(ht_outbox_sql_load(db, take, &loaded, &why), HT_OK);
    assert_int_equal(loaded.count, 1);
    assert_int_equal(loaded.rows[0].hash.b[0], 2);
}

static void outbox_sql_stops_loading_when_the_caller_fails(void **state) {
    (void)state;
    struct loaded loaded = {.stop_at = 1};
    save(1, 1000, true);
    save(2, 2000, true);
    assert_int_equal(ht_outbox_sql_load(db, take, &loaded, &why), HT_ENOMEM);
    assert_int_equal(loaded.count, 1);
}

static void outbox_sql_says_when_the_table_is_not_there(void **state) {
    (void)state;
    struct loaded loaded = {0};
    const struct ht_outbox_row row = {.raw = ht_bytes_str("x")};
    assert_int_equal(sqlite3_exec(db, "DROP TABLE outbox", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ht_outbox_sql_load(db, take, &loaded, &why), HT_ESTORE);
    assert_int_equal(ht_outbox_sql_delete(db, &row.hash, &why), HT_ESTORE);
    assert_int_equal(ht_outbox_sql_save(db, &row, &why), HT_ESTORE);
    assert_string_equal(why.code, "database_failed");
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(outbox_sql_loads_oldest_first_what_was_saved),
        WITH(outbox_sql_replaces_a_row),
        WITH(outbox_sql_deletes_one_row),
        WITH(outbox_sql_stops_loading_when_the_caller_fails),
        WITH(outbox_sql_says_when_the_table_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
