/* The data directory's lock, and opening databases: new, migrated, foreign, newer, damaged, full.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/store/db.h"
#include "node/store/db_sql.h"

static const struct ht_migration schema[] = {
    {.name = "notes",
     .sql = "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;"
            "INSERT INTO note (text) VALUES ('first')"},
    {.name = "note times", .sql = "ALTER TABLE note ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 7"},
};

struct place {
    char dir[64];
    char db[96];
    char wal[104];
};

static int make_place(void **state) {
    struct place *at = calloc(1, sizeof *at);
    if (at == NULL) return -1;
    (void)snprintf(at->dir, sizeof at->dir, "/tmp/hearth-db-XXXXXX");
    if (mkdtemp(at->dir) == NULL) return -1;
    (void)snprintf(at->db, sizeof at->db, "%s/node.db", at->dir);
    (void)snprintf(at->wal, sizeof at->wal, "%s-wal", at->db);
    *state = at;
    return 0;
}

static int remove_place(void **state) {
    struct place *at = *state;
    const char *const names[] = {"node.db", "node.db-wal", "node.db-shm", "node.db-journal",
                                 "lock",    "a/b/lock",    "a/b",         "a",
                                 "file"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", at->dir, names[i]);
        (void)remove(path);
    }
    int failed = rmdir(at->dir);
    free(at);
    return failed;
}

static void expect(enum ht_err got, const struct ht_why *why, enum ht_err err, const char *code) {
    if (got != err || why->code == NULL)
        fail_msg("expected %s, got %s: %s", ht_err_name(err), ht_err_name(got), why->text);
    assert_string_equal(why->code, code);
}

static sqlite3 *open_ok(const char *path, size_t count) {
    struct ht_why why = {0};
    sqlite3 *db = NULL;
    if (ht_db_open(&db, path, schema, count, &why) != HT_OK) fail_msg("%s", why.text);
    return db;
}

static int64_t ask_number(sqlite3 *db, const char *sql) {
    sqlite3_stmt *stmt = NULL;
    if (ht_db_prepare(&stmt, db, sql, NULL) != HT_OK || sqlite3_step(stmt) != SQLITE_ROW)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    int64_t number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return number;
}

/* Runs a test's part in a process of its own; its exit code. */
static int in_child(int (*part)(const struct place *), const struct place *at) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) _exit(part(at));
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void datadir_is_created_for_its_owner_alone(void **state) {
    const struct place *at = *state;
    char path[96];
    struct ht_datadir *dir = NULL;
    struct ht_why why = {0};
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/a/b", at->dir);
    if (ht_datadir_open(&dir, path, &why) != HT_OK) fail_msg("%s", why.text);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    ht_datadir_close(dir);
}

static int try_lock(const struct place *at) {
    struct ht_datadir *dir = NULL;
    struct ht_why why = {0};
    char pid[32];
    (void)snprintf(pid, sizeof pid, "process %ld", (long)getppid());
    if (ht_datadir_open(&dir, at->dir, &why) == HT_EDENIED &&
        strcmp(why.code, "data_dir_in_use") == 0 && strstr(why.text, pid) != NULL)
        return 1;
    ht_datadir_close(dir);
    return dir != NULL ? 0 : 2;
}

static void datadir_is_held_by_one_process_which_is_named(void **state) {
    const struct place *at = *state;
    struct ht_datadir *dir = NULL;
    assert_int_equal(ht_datadir_open(&dir, at->dir, NULL), HT_OK);
    assert_int_equal(in_child(try_lock, at), 1);
    ht_datadir_close(dir);
    assert_int_equal(in_child(try_lock, at), 0);
}

static void datadir_is_free_again_after_its_holder_was_killed(void **state) {
    const struct place *at = *state;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct ht_datadir *dir = NULL;
        char ok = ht_datadir_open(&dir, at->dir, NULL) == HT_OK;
        if (write(ready[1], &ok, 1) == 1)
            for (;;) pause();
        _exit(1);
    }
    char ok = 0;
    assert_int_equal(read(ready[0], &ok, 1), 1);
    assert_int_equal(ok, 1);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    struct ht_datadir *dir = NULL;
    assert_int_equal(ht_datadir_open(&dir, at->dir, NULL), HT_OK);
    ht_datadir_close(dir);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

static void datadir_that_is_a_file_is_unusable(void **state) {
    const struct place *at = *state;
    char path[96];
    struct ht_datadir *dir = NULL;
    struct ht_why why = {0};
    (void)snprintf(path, sizeof path, "%s/file", at->dir);
    assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
    expect(ht_datadir_open(&dir, path, &why), &why, HT_ESTORE, "data_dir_unusable");
}

/* The superuser may write anywhere, so this becomes somebody else. */
static int try_read_only_dir(const struct place *at) {
    struct ht_datadir *dir = NULL;
    struct ht_why why = {0};
    if (chmod(at->dir, 0555) != 0) return 2;
    if (geteuid() == 0 && setuid(65534) != 0) return 2;
    return ht_datadir_open(&dir, at->dir, &why) == HT_ESTORE &&
                   strcmp(why.code, "data_dir_read_only") == 0
               ? 1
               : 0;
}

static void datadir_that_is_read_only_is_named_so(void **state) {
    const struct place *at = *state;
    assert_int_equal(in_child(try_read_only_dir, at), 1);
    assert_int_equal(chmod(at->dir, 0700), 0);
}

static int try_read_only_db(const struct place *at) {
    sqlite3 *db = NULL;
    struct ht_why why = {0};
    if (chmod(at->db, 0444) != 0 || chmod(at->dir, 0755) != 0) return 2;
    if (geteuid() == 0 && setuid(65534) != 0) return 2;
    return ht_db_open(&db, at->db, schema, 2, &why) == HT_ESTORE &&
                   strcmp(why.code, "read_only") == 0
               ? 1
               : 0;
}

static void db_that_is_read_only_is_named_so(void **state) {
    const struct place *at = *state;
    ht_db_close(open_ok(at->db, 2));
    assert_int_equal(in_child(try_read_only_db, at), 1);
    assert_int_equal(chmod(at->dir, 0700), 0);
}

static void db_is_created_with_its_settings(void **state) {
    const struct place *at = *state;
    sqlite3 *db = open_ok(at->db, 2);
    struct stat st;
    assert_int_equal(stat(at->db, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(ask_number(db, "PRAGMA application_id"), 0x48544831);
    assert_int_equal(ask_number(db, "PRAGMA user_version"), 2);
    assert_int_equal(ask_number(db, "PRAGMA synchronous"), 2);
    assert_int_equal(ask_number(db, "PRAGMA foreign_keys"), 1);
    assert_int_equal(ask_number(db, "PRAGMA trusted_schema"), 0);
    assert_int_equal(ask_number(db, "PRAGMA cell_size_check"), 1);
    assert_int_equal(ask_number(db, "PRAGMA journal_size_limit"), 67108864);
    assert_int_equal(access(at->wal, F_OK), 0);
    assert_int_not_equal(sqlite3_exec(db, "SELECT \"no_such_column\"", NULL, NULL, NULL),
                         SQLITE_OK);
    ht_db_close(db);
    assert_int_not_equal(access(at->wal, F_OK), 0);
}

static void db_runs_each_migration_once(void **state) {
    const struct place *at = *state;
    sqlite3 *db = open_ok(at->db, 1);
    assert_int_equal(ask_number(db, "PRAGMA user_version"), 1);
    ht_db_close(db);
    for (int i = 0; i < 2; i++) {
        db = open_ok(at->db, 2);
        assert_int_equal(ask_number(db, "PRAGMA user_version"), 2);
        assert_int_equal(ask_number(db, "SELECT count(*) FROM note"), 1);
        assert_int_equal(ask_number(db, "SELECT at_ms FROM note"), 7);
        ht_db_close(db);
    }
}

static void db_undoes_a_migration_that_fails(void **state) {
    const struct place *at = *state;
    const struct ht_migration broken[] = {
        schema[0],
        {.name = "broken", .sql = "DELETE FROM note; INSERT INTO nowhere VALUES (1)"},
    };
    struct ht_why why = {0};
    sqlite3 *db = NULL;
    expect(ht_db_open(&db, at->db, broken, 2, &why), &why, HT_ESTORE, "database_failed");
    assert_non_null(strstr(why.text, "migration 2 of main, broken"));
    assert_non_null(strstr(why.text, "nowhere"));
    db = open_ok(at->db, 1);
    assert_int_equal(ask_number(db, "SELECT count(*) FROM note"), 1);
    ht_db_close(db);
}

static uint8_t *read_file(const char *path, size_t *len) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    *len = (size_t)ftell(f);
    rewind(f);
    uint8_t *content = malloc(*len + 1);
    assert_non_null(content);
    assert_int_equal(fread(content, 1, *len, f), *len);
    fclose(f);
    return content;
}

/* The database is refused with this code, and not a byte of it changes. */
static void expect_refused_untouched(const char *path, size_t migrations, const char *code) {
    size_t before_len, after_len;
    struct ht_why why = {0};
    sqlite3 *db = NULL;
    uint8_t *before = read_file(path, &before_len);
    expect(ht_db_open(&db, path, schema, migrations, &why), &why, HT_ESTORE, code);
    uint8_t *after = read_file(path, &after_len);
    assert_int_equal(after_len, before_len);
    assert_memory_equal(after, before, before_len);
    free(before);
    free(after);
}

/* Writes rows and ends without closing, as a crash does. */
static int write_and_crash(const struct place *at) {
    sqlite3 *db = NULL;
    if (ht_db_open(&db, at->db, schema, 2, NULL) != HT_OK) return 1;
    if (sqlite3_exec(db,
                     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
                     "INSERT INTO note (text) SELECT hex(randomblob(40)) FROM n;"
                     "PRAGMA wal_checkpoint(PASSIVE);"
                     "INSERT INTO note (text) VALUES ('only in the log')",
                     NULL, NULL, NULL) != SQLITE_OK)
        return 2;
    return 0;
}

/* --- parts ------------------------------------------------------------------------------------ */

#define A1 \
    { .part = "a", .name = "a1", .sql = "CREATE TABLE a1 (x INTEGER) STRICT" }
#define A2 \
    { .part = "a", .name = "a2", .sql = "CREATE TABLE a2 (x INTEGER) STRICT" }
#define B1 \
    { .part = "b", .name = "b1", .sql = "CREATE TABLE b1 (x INTEGER) STRICT" }

static sqlite3 *open_parts(const struct place *at, const struct ht_migration *list, size_t count) {
    sqlite3 *db = NULL;
    struct ht_why why = {0};
    if (ht_db_open(&db, at->db, list, count, &why) != HT_OK) fail_msg("%s", why.text);
    return db;
}

static int64_t part_version(sqlite3 *db, const char *part) {
    int64_t version = 0;
    assert_int_equal(ht_db_sql_read_part(&version, db, part), SQLITE_OK);
    return version;
}

static void db_parts_grow_without_each_other(void **state) {
    const struct place *at = *state;
    const struct ht_migration before[] = {A1, B1}, after[] = {A1, A2, B1};
    ht_db_close(open_parts(at, before, 2));
    sqlite3 *db = open_parts(at, after, 3);
    assert_int_equal(part_version(db, "a"), 2);
    assert_int_equal(part_version(db, "b"), 1);
    assert_int_equal(ask_number(db, "SELECT count(*) FROM a2"), 0);
    ht_db_close(db);
}

static void db_keeps_the_tables_of_a_part_that_is_gone(void **state) {
    const struct place *at = *state;
    const struct ht_migration both[] = {A1, B1}, one[] = {A1, A2};
    ht_db_close(open_parts(at, both, 2));
    sqlite3 *db = open_parts(at, one, 2);
    assert_int_equal(ask_number(db, "SELECT count(*) FROM b1"), 0);
    ht_db_close(db);
    db = open_parts(at, both + 1, 1); /* and it comes back to them */
    ht_db_close(db);
}

static void db_with_a_newer_part_is_refused(void **state) {
    const struct place *at = *state;
    const struct ht_migration newer[] = {A1, A2, B1}, older[] = {A1, B1};
    struct ht_why why = {0};
    sqlite3 *db = NULL;
    ht_db_close(open_parts(at, newer, 3));
    expect(ht_db_open(&db, at->db, older, 2, &why), &why, HT_ESTORE, "database_newer");
}

static void db_from_before_parts_goes_on_where_it_was(void **state) {
    const struct place *at = *state;
    const struct ht_migration list[] = {A1, B1, A2};
    sqlite3 *db = open_parts(at, list, 2);
    assert_int_equal(sqlite3_exec(db, "DROP TABLE schema_part", NULL, NULL, NULL), SQLITE_OK);
    ht_db_close(db);
    db = open_parts(at, list, 3);
    assert_int_equal(part_version(db, "a"), 2);
    assert_int_equal(part_version(db, "b"), 1);
    ht_db_close(db);
}

static void db_of_a_newer_version_is_not_touched(void **state) {
    const struct place *at = *state;
    ht_db_close(open_ok(at->db, 2));
    expect_refused_untouched(at->db, 1, "database_newer");
}

static void db_of_a_newer_version_keeps_its_log(void **state) {
    const struct place *at = *state;
    assert_int_equal(in_child(write_and_crash, at), 0);
    expect_refused_untouched(at->db, 1, "database_newer");
    sqlite3 *db = open_ok(at->db, 2);
    assert_int_equal(ask_number(db, "SELECT count(*) FROM note"), 502);
    ht_db_close(db);
}

static void db_of_another_program_is_not_touched(void **state) {
    const struct place *at = *state;
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(at->db, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE theirs (x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    expect_refused_untouched(at->db, 2, "database_foreign");
}

static void db_that_is_no_database_is_not_touched(void **state) {
    const struct place *at = *state;
    FILE *f = fopen(at->db, "wb");
    assert_non_null(f);
    for (int i = 0; i < 500; i++) fputs("a letter to a friend, not a database\n", f);
    fclose(f);
    expect_refused_untouched(at->db, 2, "database_foreign");
}

static void db_is_whole_after_a_crash(void **state) {
    const struct place *at = *state;
    assert_int_equal(in_child(write_and_crash, at), 0);
    assert_int_equal(access(at->wal, F_OK), 0);
    sqlite3 *db = open_ok(at->db, 2);
    assert_int_equal(ask_number(db, "SELECT count(*) FROM note"), 502);
    ht_db_close(db);
}

static void db_that_a_crash_damaged_is_found_out(void **state) {
    const struct place *at = *state;
    assert_int_equal(in_child(write_and_crash, at), 0);
    assert_int_equal(truncate(at->wal, 0), 0); /* what it holds would repair the damage */
    FILE *f = fopen(at->db, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, 4096L * 4, SEEK_SET), 0);
    for (int i = 0; i < 4096; i++) fputc(0xaa, f);
    fclose(f);
    expect_refused_untouched(at->db, 2, "database_damaged");
}

static int insert_until_it_fails(sqlite3 *db) {
    int rc = SQLITE_OK;
    for (int i = 0; i < 1000 && rc == SQLITE_OK; i++)
        rc = sqlite3_exec(db, "INSERT INTO note (text) VALUES (hex(randomblob(2000)))", NULL, NULL,
                          NULL);
    return rc;
}

static ssize_t write_without_space(int fd, const void *p, size_t n, off_t at) {
    (void)fd;
    (void)p;
    (void)n;
    (void)at;
    errno = ENOSPC;
    return -1;
}

/* SQLite lets a test stand in for the system's calls. */
static int fill_the_disk(const struct place *at) {
    sqlite3 *db = NULL;
    struct ht_why why = {0};
    if (ht_db_open(&db, at->db, schema, 2, NULL) != HT_OK) return 2;
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    sqlite3_syscall_ptr fake = (sqlite3_syscall_ptr)(void (*)(void))write_without_space;
    if (vfs->xSetSystemCall(vfs, "pwrite", fake) != SQLITE_OK) return 3;
    (void)vfs->xSetSystemCall(vfs, "pwrite64", fake);
    if (insert_until_it_fails(db) == SQLITE_OK) return 4;
    if (ht_db_fail(&why, db, "cannot write") != HT_ESTORE) return 5;
    return strcmp(why.code, "disk_full") == 0 ? 1 : 6;
}

static void db_names_a_full_disk(void **state) {
    assert_int_equal(in_child(fill_the_disk, *state), 1);
}

/* A limit on file size, in the middle of a write: some bytes arrive, the rest does not. */
static int write_past_the_end(const struct place *at) {
    sqlite3 *db = NULL;
    struct rlimit limit = {.rlim_cur = 200000, .rlim_max = 200000};
    if (ht_db_open(&db, at->db, schema, 2, NULL) != HT_OK) return 2;
    if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &limit) != 0) return 3;
    if (insert_until_it_fails(db) == SQLITE_OK) return 4;
    return ht_db_fail(NULL, db, "cannot write") == HT_ESTORE ? 1 : 5;
}

static void db_is_whole_after_a_write_that_was_cut_short(void **state) {
    const struct place *at = *state;
    assert_int_equal(in_child(write_past_the_end, at), 1);
    sqlite3 *db = open_ok(at->db, 2);
    assert_true(ask_number(db, "SELECT count(*) FROM note") > 1);
    ht_db_close(db);
}

static void db_names_its_own_limit_a_full_disk(void **state) {
    const struct place *at = *state;
    struct ht_why why = {0};
    sqlite3 *db = open_ok(at->db, 2);
    assert_true(ask_number(db, "PRAGMA max_page_count = 10") > 0);
    assert_int_not_equal(sqlite3_exec(db,
                                      "INSERT INTO note (text) VALUES (zeroblob(1) || "
                                      "hex(randomblob(100000)))",
                                      NULL, NULL, NULL),
                         SQLITE_OK);
    expect(ht_db_fail(&why, db, "cannot write"), &why, HT_ESTORE, "disk_full");
    ht_db_close(db);
}

static void reader_sees_commits_and_cannot_write(void **state) {
    const struct place *at = *state;
    struct ht_why why = {0};
    sqlite3 *reader = NULL;
    sqlite3 *db = open_ok(at->db, 2);
    if (ht_db_open_reader(&reader, at->db, &why) != HT_OK) fail_msg("%s", why.text);
    assert_int_equal(sqlite3_exec(db, "INSERT INTO note (text) VALUES ('x')", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(ask_number(reader, "SELECT count(*) FROM note"), 2);
    assert_int_not_equal(sqlite3_exec(reader, "DELETE FROM note", NULL, NULL, NULL), SQLITE_OK);
    expect(ht_db_fail(&why, reader, "cannot delete"), &why, HT_ESTORE, "read_only");
    ht_db_close(reader);
    ht_db_close(db);
    assert_int_not_equal(access(at->wal, F_OK), 0);
}

static void reader_needs_a_database(void **state) {
    const struct place *at = *state;
    struct ht_why why = {0};
    sqlite3 *reader = NULL;
    expect(ht_db_open_reader(&reader, at->db, &why), &why, HT_ENOTFOUND, "database_missing");
    assert_int_not_equal(access(at->db, F_OK), 0);
}

static void close_finalizes_kept_statements(void **state) {
    const struct place *at = *state;
    sqlite3_stmt *kept = NULL;
    sqlite3 *db = open_ok(at->db, 2);
    assert_int_equal(ht_db_prepare(&kept, db, "SELECT text FROM note", NULL), HT_OK);
    assert_int_equal(sqlite3_step(kept), SQLITE_ROW);
    ht_db_close(db);
    assert_int_not_equal(access(at->wal, F_OK), 0); /* nothing held the connection open */
}

static void prepare_names_what_is_wrong(void **state) {
    const struct place *at = *state;
    struct ht_why why = {0};
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = open_ok(at->db, 2);
    expect(ht_db_prepare(&stmt, db, "SELECT nothing FROM note", &why), &why, HT_ESTORE,
           "database_failed");
    assert_non_null(strstr(why.text, "nothing"));
    ht_db_close(db);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(datadir_is_created_for_its_owner_alone),
        TEST(datadir_is_held_by_one_process_which_is_named),
        TEST(datadir_is_free_again_after_its_holder_was_killed),
        TEST(datadir_that_is_a_file_is_unusable),
        TEST(datadir_that_is_read_only_is_named_so),
        TEST(db_that_is_read_only_is_named_so),
        TEST(db_is_created_with_its_settings),
        TEST(db_runs_each_migration_once),
        TEST(db_undoes_a_migration_that_fails),
        TEST(db_parts_grow_without_each_other),
        TEST(db_keeps_the_tables_of_a_part_that_is_gone),
        TEST(db_with_a_newer_part_is_refused),
        TEST(db_from_before_parts_goes_on_where_it_was),
        TEST(db_of_a_newer_version_is_not_touched),
        TEST(db_of_a_newer_version_keeps_its_log),
        TEST(db_of_another_program_is_not_touched),
        TEST(db_that_is_no_database_is_not_touched),
        TEST(db_is_whole_after_a_crash),
        TEST(db_that_a_crash_damaged_is_found_out),
        TEST(db_names_a_full_disk),
        TEST(db_is_whole_after_a_write_that_was_cut_short),
        TEST(db_names_its_own_limit_a_full_disk),
        TEST(reader_sees_commits_and_cannot_write),
        TEST(reader_needs_a_database),
        TEST(close_finalizes_kept_statements),
        TEST(prepare_names_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
