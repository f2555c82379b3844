/* Receipts on disk: kept once, bounded in bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/l1/blocks.h"
#include "node/l1/blocks_sql.h"

static sqlite3 *db;
static struct ht_why why;

static int start(void **state) {
    (void)state;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return -1;
    return sqlite3_exec(db, ht_blocks_migrations[0].sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    ht_db_close(db);
    return 0;
}

static void keep(uint8_t block, const char *text) {
    const ht_hash32 hash = {{block, 1}};
    assert_int_equal(ht_blocks_sql_save(db, &hash, ht_bytes_str(text), &why), HT_OK);
}

static enum ht_err load(struct ht_buf *out, uint8_t block) {
    const ht_hash32 hash = {{block, 1}};
    return ht_blocks_sql_load(out, db, &hash, &why);
}

static void expect(uint8_t block, const char *text) {
    struct ht_buf out;
    ht_buf_init(&out, 100);
    enum ht_err err = load(&out, block);
    if (text == NULL) {
        assert_int_equal(err, HT_ENOTFOUND);
        assert_string_equal(why.code, "not_kept");
    } else {
        assert_int_equal(err, HT_OK);
        assert_int_equal(out.n, strlen(text));
        assert_memory_equal(out.p, text, out.n);
    }
    ht_buf_fini(&out);
}

static void blocks_sql_reads_back_what_was_kept(void **state) {
    (void)state;
    keep(1, "one");
    keep(2, "two");
    expect(1, "one");
    expect(2, "two");
    expect(3, NULL);
}

static void blocks_sql_keeps_the_first_for_a_block(void **state) {
    (void)state;
    keep(1, "one");
    keep(1, "other");
    expect(1, "one");
}

static void blocks_sql_does_not_load_more_than_the_buffer_may_hold(void **state) {
    (void)state;
    struct ht_buf out;
    keep(1, "0123456789");
    ht_buf_init(&out, 9);
    assert_int_equal(load(&out, 1), HT_ELIMIT);
    assert_string_equal(why.code, "body_too_large");
    ht_buf_fini(&out);
}

static void blocks_sql_forgets_the_oldest_until_few_enough_bytes_are_left(void **state) {
    (void)state;
    uint64_t count = 0;
    for (uint8_t i = 0; i < 40; i++) keep(i, "0123456789");
    assert_int_equal(ht_blocks_sql_prune(&count, db, 400, &why), HT_OK);
    assert_int_equal(count, 40);
    assert_int_equal(ht_blocks_sql_prune(&count, db, 399, &why), HT_OK);
    assert_true(count >= 35 && count < 40);
    expect(0, NULL);
    expect(39, "0123456789");
    assert_int_equal(ht_blocks_sql_prune(&count, db, 5, &why), HT_OK);
    assert_int_equal(count, 0);
}

static void blocks_sql_says_when_the_table_is_not_there(void **state) {
    (void)state;
    uint64_t count = 0;
    struct ht_buf out;
    const ht_hash32 hash = {{1}};
    assert_int_equal(sqlite3_exec(db, "DROP TABLE block_receipts", NULL, NULL, NULL), SQLITE_OK);
    ht_buf_init(&out, 9);
    assert_int_equal(load(&out, 1), HT_ESTORE);
    assert_int_equal(ht_blocks_sql_save(db, &hash, ht_bytes_str("x"), &why), HT_ESTORE);
    assert_int_equal(ht_blocks_sql_prune(&count, db, 1, &why), HT_ESTORE);
    assert_string_equal(why.code, "database_failed");
    ht_buf_fini(&out);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(blocks_sql_reads_back_what_was_kept),
        WITH(blocks_sql_keeps_the_first_for_a_block),
        WITH(blocks_sql_does_not_load_more_than_the_buffer_may_hold),
        WITH(blocks_sql_forgets_the_oldest_until_few_enough_bytes_are_left),
        WITH(blocks_sql_says_when_the_table_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
