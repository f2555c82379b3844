/* Final headers on disk: kept once, read back in a row, the oldest forgotten. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/l1/chain.h"
#include "node/l1/chain_sql.h"
#include "tests/unit/chain_world.h"

static struct ht_cw world;
static sqlite3 *db;
static struct ht_exec_header_verified got[16];
static size_t count;
static struct ht_why why;

static int start(void **state) {
    (void)state;
    ht_cw_init(&world);
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return -1;
    return sqlite3_exec(db, ht_chain_migrations[0].sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    ht_cw_fini(&world);
    ht_db_close(db);
    return 0;
}

/* Keeps blocks 100 to 100 + n - 1; returns the last. */
static const struct ht_cw_block *keep_row(size_t n) {
    const struct ht_cw_block *base = ht_cw_add(&world, NULL, 100, NULL, 0);
    const struct ht_cw_block *last = n > 1 ? ht_cw_add_row(&world, base, n - 1, 0) : base;
    for (uint64_t i = 0; i < n; i++) {
        assert_int_equal(ht_chain_sql_save(db, &ht_cw_at(last, 100 + i)->verified, &why), HT_OK);
    }
    return last;
}

static uint64_t rows(void) {
    uint64_t n = 0;
    assert_int_equal(ht_chain_sql_count(&n, db, &why), HT_OK);
    return n;
}

static void run(const char *sql) {
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void expect_missing(uint64_t number) {
    count = 77;
    assert_int_equal(ht_chain_sql_load(got, &count, 16, db, number, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "not_kept");
    assert_int_equal(count, 77);
}

static void chain_sql_reads_back_what_was_kept_newest_first(void **state) {
    (void)state;
    const struct ht_cw_block *last = keep_row(6);
    assert_int_equal(ht_chain_sql_load(got, &count, 4, db, 104, &why), HT_OK);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct ht_cw_block *block = ht_cw_at(last, 104 - i);
        assert_memory_equal(got[i].hash.b, block->verified.hash.b, 32);
        assert_int_equal(got[i].header.number, 104 - i);
        assert_memory_equal(got[i].header.state_root.b, block->verified.header.state_root.b, 32);
    }
    assert_int_equal(ht_chain_sql_load(got, &count, 16, db, 101, &why), HT_OK);
    assert_int_equal(count, 2);
}

static void chain_sql_does_not_find_what_was_not_kept(void **state) {
    (void)state;
    uint64_t number;
    const ht_hash32 nobody = {{9}};
    expect_missing(105);
    keep_row(3);
    expect_missing(99);
    expect_missing(103);
    assert_int_equal(ht_chain_sql_find(&number, db, &nobody, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "not_kept");
}

static void chain_sql_finds_a_number_by_hash(void **state) {
    (void)state;
    uint64_t number = 0;
    const struct ht_cw_block *last = keep_row(3);
    assert_int_equal(ht_chain_sql_find(&number, db, &last->verified.hash, &why), HT_OK);
    assert_int_equal(number, 102);
}

static void chain_sql_keeps_a_header_once(void **state) {
    (void)state;
    const struct ht_cw_block *last = keep_row(3);
    assert_int_equal(ht_chain_sql_save(db, &last->verified, &why), HT_OK);
    const struct ht_cw_block *other = ht_cw_add(&world, last->parent, 0, NULL, 1);
    assert_int_equal(ht_chain_sql_save(db, &other->verified, &why), HT_OK);
    assert_int_equal(rows(), 3);
    assert_int_equal(ht_chain_sql_load(got, &count, 1, db, 102, &why), HT_OK);
    assert_memory_equal(got[0].hash.b, last->verified.hash.b, 32);
}

static void chain_sql_reads_no_further_than_a_gap(void **state) {
    (void)state;
    keep_row(6);
    run("DELETE FROM exec_header WHERE number = 102");
    assert_int_equal(ht_chain_sql_load(got, &count, 16, db, 105, &why), HT_OK);
    assert_int_equal(count, 3);
    expect_missing(102);
}

static void chain_sql_reads_no_further_than_a_header_that_is_not_the_parent(void **state) {
    (void)state;
    const struct ht_cw_block *last = keep_row(6);
    const struct ht_cw_block *other = ht_cw_add(&world, ht_cw_at(last, 102), 0, NULL, 1);
    run("DELETE FROM exec_header WHERE number = 103");
    assert_int_equal(ht_chain_sql_save(db, &other->verified, &why), HT_OK);
    assert_int_equal(ht_chain_sql_load(got, &count, 16, db, 105, &why), HT_OK);
    assert_int_equal(count, 2);
}

static void chain_sql_takes_no_row_whose_bytes_have_another_hash(void **state) {
    (void)state;
    keep_row(4);
    run("UPDATE exec_header SET rlp = (SELECT rlp FROM exec_header WHERE number = 100)"
        " WHERE number = 102");
    expect_missing(102);
    assert_int_equal(ht_chain_sql_load(got, &count, 16, db, 103, &why), HT_OK);
    assert_int_equal(count, 1);
}

static void chain_sql_forgets_those_that_were_kept_first(void **state) {
    (void)state;
    keep_row(10);
    assert_int_equal(ht_chain_sql_prune(db, 4, &why), HT_OK);
    assert_int_equal(rows(), 4);
    expect_missing(105);
    assert_int_equal(ht_chain_sql_load(got, &count, 16, db, 109, &why), HT_OK);
    assert_int_equal(count, 4);
    assert_int_equal(ht_chain_sql_prune(db, 4, &why), HT_OK);
    assert_int_equal(rows(), 4);
}

static void chain_sql_says_when_the_table_is_not_there(void **state) {
    (void)state;
    uint64_t number;
    const ht_hash32 hash = {{1}};
    run("DROP TABLE exec_header");
    assert_int_equal(ht_chain_sql_count(&number, db, &why), HT_ESTORE);
    assert_int_equal(ht_chain_sql_find(&number, db, &hash, &why), HT_ESTORE);
    assert_int_equal(ht_chain_sql_prune(db, 1, &why), HT_ESTORE);
    assert_int_equal(ht_chain_sql_load(got, &count, 1, db, 1, &why), HT_ESTORE);
    assert_string_equal(why.code, "database_failed");
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(chain_sql_reads_back_what_was_kept_newest_first),
        WITH(chain_sql_does_not_find_what_was_not_kept),
        WITH(chain_sql_finds_a_number_by_hash),
        WITH(chain_sql_keeps_a_header_once),
        WITH(chain_sql_reads_no_further_than_a_gap),
        WITH(chain_sql_reads_no_further_than_a_header_that_is_not_the_parent),
        WITH(chain_sql_takes_no_row_whose_bytes_have_another_hash),
        WITH(chain_sql_forgets_those_that_were_kept_first),
        WITH(chain_sql_says_when_the_table_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
