/* Reads beside the writer: on a worker, one at a time, of what was committed before. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/store/reader.h"

#define READS 16U

static const struct ht_migration schema[] = {
    {.name = "notes",
     .sql = "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;"
            "INSERT INTO note (text) VALUES ('first')"},
};

static struct {
    char dir[64], path[96];
    sqlite3 *db; /* the writing connection */
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_reader *reader;
    struct ht_timer deadline;
    unsigned done, target;
    atomic_uint inside, most_inside;
} bench;

struct count_read {
    struct ht_read read;
    int64_t notes;
    const char *sql;
};

static struct count_read reads[READS];

static void late(struct ht_timer *timer) {
    (void)timer;
    bench.done = 1000;
    ht_loop_stop(bench.loop);
}

static int start(void **state) {
    (void)state;
    memset(&bench, 0, sizeof bench);
    (void)snprintf(bench.dir, sizeof bench.dir, "/tmp/hearth-reader-XXXXXX");
    if (mkdtemp(bench.dir) == NULL) return -1;
    (void)snprintf(bench.path, sizeof bench.path, "%s/node.db", bench.dir);
    assert_int_equal(ht_db_open(&bench.db, bench.path, schema, 1, NULL), HT_OK);
    assert_int_equal(ht_loop_new(&bench.loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_pool_new(&bench.pool, bench.loop, 3, READS, NULL), HT_OK);
    assert_int_equal(ht_reader_new(&bench.reader, bench.pool, bench.path, NULL), HT_OK);
    return 0;
}

static int end(void **state) {
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    (void)state;
    if (bench.pool != NULL) ht_pool_free(bench.pool);
    ht_loop_drain(bench.loop);
    ht_reader_free(bench.reader);
    ht_loop_free(bench.loop);
    ht_db_close(bench.db);
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", bench.path, suffixes[i]);
        (void)remove(path);
    }
    return rmdir(bench.dir);
}

static void run(const char *sql) {
    assert_int_equal(sqlite3_exec(bench.db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* On a worker. */
static enum ht_err count_notes(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct count_read *count = (struct count_read *)read;
    sqlite3_stmt *stmt;
    unsigned inside = atomic_fetch_add(&bench.inside, 1) + 1;
    if (inside > atomic_load(&bench.most_inside)) atomic_store(&bench.most_inside, inside);
    enum ht_err err = ht_db_prepare(&stmt, db, count->sql, why);
    if (err == HT_OK) {
        if (sqlite3_step(stmt) == SQLITE_ROW) {
            count->notes = sqlite3_column_int64(stmt, 0);
        } else {
            err = ht_db_fail(why, db, "count notes");
        }
        sqlite3_finalize(stmt);
    }
    atomic_fetch_sub(&bench.inside, 1);
    return err;
}

static void counted(struct ht_read *read) {
    (void)read;
    if (++bench.done == bench.target) ht_loop_stop(bench.loop);
}

static enum ht_err submit(struct count_read *count, const char *sql) {
    *count = (struct count_read){.read = {.read = count_notes, .done = counted}, .sql = sql};
    return ht_reader_submit(bench.reader, &count->read);
}

static void wait_for(unsigned target) {
    bench.target = target;
    bench.done = 0;
    ht_timer_set(bench.loop, &bench.deadline, 20000, late);
    ht_loop_run(bench.loop);
    ht_timer_cancel(&bench.deadline);
    assert_int_equal(bench.done, target);
}

static const char COUNT[] = "SELECT count(*) FROM note";

static void reader_sees_what_was_committed_before(void **state) {
    (void)state;
    assert_int_equal(submit(&reads[0], COUNT), HT_OK);
    wait_for(1);
    assert_int_equal(reads[0].notes, 1);
    run("INSERT INTO note (text) VALUES ('second')");
    assert_int_equal(submit(&reads[0], COUNT), HT_OK);
    wait_for(1);
    assert_int_equal(reads[0].notes, 2);
}

static void reader_gives_its_connection_to_one_worker_at_a_time(void **state) {
    (void)state;
    for (size_t i = 0; i < READS; i++) assert_int_equal(submit(&reads[i], COUNT), HT_OK);
    wait_for(READS);
    for (size_t i = 0; i < READS; i++) assert_int_equal(reads[i].notes, 1);
    assert_int_equal(atomic_load(&bench.most_inside), 1);
}

static void reader_cannot_write(void **state) {
    (void)state;
    assert_int_equal(submit(&reads[0], "INSERT INTO note (text) VALUES ('x')"), HT_OK);
    wait_for(1);
    assert_int_equal(reads[0].read.err, HT_ESTORE);
    assert_string_equal(reads[0].read.why.code, "read_only");
}

static void reader_reports_what_failed_and_works_on(void **state) {
    (void)state;
    assert_int_equal(submit(&reads[0], "SELECT count(*) FROM nothing"), HT_OK);
    assert_int_equal(submit(&reads[1], COUNT), HT_OK);
    wait_for(2);
    assert_int_equal(reads[0].read.err, HT_ESTORE);
    assert_string_equal(reads[0].read.why.code, "database_failed");
    assert_int_equal(reads[1].read.err, HT_OK);
    assert_int_equal(reads[1].notes, 1);
}

static void reader_takes_nothing_once_it_is_told_to_stop(void **state) {
    (void)state;
    assert_int_equal(submit(&reads[0], COUNT), HT_OK);
    ht_reader_stop(bench.reader);
    ht_pool_free(bench.pool); /* which finishes what it has */
    bench.pool = NULL;
    ht_loop_drain(bench.loop);
    assert_int_equal(bench.done, 1);
    assert_int_equal(reads[0].notes, 1);
    assert_int_equal(submit(&reads[1], COUNT), HT_EAGAIN);
    ht_reader_stop(NULL);
}

static void reader_of_a_missing_file_is_not_found(void **state) {
    (void)state;
    struct ht_reader *reader = NULL;
    struct ht_why why;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/none.db", bench.dir);
    assert_int_equal(ht_reader_new(&reader, bench.pool, path, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "database_missing");
    assert_null(reader);
    ht_reader_free(NULL);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(reader_sees_what_was_committed_before),
        WITH(reader_gives_its_connection_to_one_worker_at_a_time),
        WITH(reader_cannot_write),
        WITH(reader_reports_what_failed_and_works_on),
        WITH(reader_takes_nothing_once_it_is_told_to_stop),
        WITH(reader_of_a_missing_file_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
