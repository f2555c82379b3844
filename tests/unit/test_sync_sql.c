/* What the light client keeps on disk. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/l1/sync_sql.h"

struct disk {
    char dir[64];
    char path[96];
    sqlite3 *db;
};

static void reopen(struct disk *d) {
    struct ht_why why = {.code = ""};
    if (d->db != NULL) ht_db_close(d->db);
    if (ht_db_open(&d->db, d->path, ht_sync_migrations, ht_sync_migration_count, &why) != HT_OK) {
        fail_msg("%s: %s", why.code, why.text);
    }
}

static int open_disk(void **state) {
    struct disk *d = calloc(1, sizeof *d);
    assert_non_null(d);
    (void)snprintf(d->dir, sizeof d->dir, "/tmp/ht_sync_sql.XXXXXX");
    assert_non_null(mkdtemp(d->dir));
    (void)snprintf(d->path, sizeof d->path, "%s/hearth.db", d->dir);
    reopen(d);
    *state = d;
    return 0;
}

static int close_disk(void **state) {
    struct disk *d = *state;
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    ht_db_close(d->db);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", d->path, ends[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(d->dir), 0);
    free(d);
    return 0;
}

static int64_t ask_number(const struct disk *d, const char *sql) {
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(d->db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return number;
}

static void save_store(const struct disk *d, const char *content, uint8_t root) {
    struct ht_sync_anchor anchor = {.root = {{root, 2}},
                                    .slot = 77,
                                    .origin = "sources",
                                    .agreed = 2,
                                    .asked = 3,
                                    .started_ms = 123456};
    assert_int_equal(ht_sync_sql_save_store(d->db, ht_bytes_str(content), &anchor, 999, NULL),
                     HT_OK);
}

static void expect_store(const struct disk *d, const char *content, uint8_t root) {
    struct ht_buf bytes;
    struct ht_sync_anchor anchor;
    ht_buf_init(&bytes, 1000);
    assert_int_equal(ht_sync_sql_load_store(d->db, &bytes, &anchor, NULL), HT_OK);
    assert_int_equal(bytes.n, strlen(content));
    assert_memory_equal(bytes.p, content, bytes.n);
    assert_int_equal(anchor.root.b[0], root);
    assert_int_equal(anchor.slot, 77);
    assert_string_equal(anchor.origin, "sources");
    assert_int_equal(anchor.agreed, 2);
    assert_int_equal(anchor.asked, 3);
    assert_int_equal(anchor.started_ms, 123456);
    ht_buf_fini(&bytes);
}

static struct ht_header_verified make_header(uint64_t slot, uint8_t n) {
    struct ht_header_verified header;
    memset(&header, 0, sizeof header);
    header.beacon.slot = slot;
    header.beacon.parent_root.b[0] = (uint8_t)(n + 1);
    header.root.b[0] = n;
    header.participants = 30;
    return header;
}

static void save_header(const struct disk *d, uint64_t slot, uint8_t n) {
    struct ht_header_verified header = make_header(slot, n);
    assert_int_equal(ht_sync_sql_save_header(d->db, &header, NULL), HT_OK);
}

struct seen {
    uint64_t slots[10];
    uint8_t roots[10];
    uint8_t parents[10];
    size_t count;
};

static void see(void *user, uint64_t slot, const ht_hash32 *root, const ht_hash32 *parent_root) {
    struct seen *seen = user;
    assert_true(seen->count < 10);
    seen->slots[seen->count] = slot;
    seen->roots[seen->count] = root->b[0];
    seen->parents[seen->count++] = parent_root->b[0];
}

static struct seen recent(const struct disk *d, size_t limit) {
    struct seen seen = {.count = 0};
    assert_int_equal(ht_sync_sql_recent_headers(d->db, limit, see, &seen, NULL), HT_OK);
    return seen;
}

static void an_empty_file_is_brought_to_the_newest_schema(void **state) {
    const struct disk *d = *state;
    assert_int_equal(ask_number(d, "SELECT count(*) FROM light_client_store"), 0);
    assert_int_equal(ask_number(d, "SELECT count(*) FROM sync_committee"), 0);
    assert_int_equal(ask_number(d, "SELECT count(*) FROM beacon_header"), 0);
    assert_int_equal(ask_number(d, "PRAGMA user_version"), (int64_t)ht_sync_migration_count);
}

static void opening_again_migrates_nothing_and_loses_nothing(void **state) {
    struct disk *d = *state;
    save_store(d, "kept", 9);
    save_header(d, 50, 1);
    reopen(d);
    assert_int_equal(ask_number(d, "PRAGMA user_version"), (int64_t)ht_sync_migration_count);
    expect_store(d, "kept", 9);
    assert_int_equal(recent(d, 10).count, 1);
}

static void nothing_kept_is_not_found(void **state) {
    const struct disk *d = *state;
    struct ht_buf bytes;
    struct ht_sync_anchor anchor;
    struct ht_why why = {.code = ""};
    ht_buf_init(&bytes, 1000);
    assert_int_equal(ht_sync_sql_load_store(d->db, &bytes, &anchor, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_kept_store");
    ht_buf_fini(&bytes);
}

static void a_store_that_is_saved_again_replaces_the_first(void **state) {
    const struct disk *d = *state;
    save_store(d, "first", 1);
    expect_store(d, "first", 1);
    save_store(d, "second", 2);
    expect_store(d, "second", 2);
    assert_int_equal(ask_number(d, "SELECT count(*) FROM light_client_store"), 1);
}

static void a_kept_store_that_does_not_fit_is_a_limit_with_a_reason(void **state) {
    const struct disk *d = *state;
    struct ht_buf bytes;
    struct ht_sync_anchor anchor;
    struct ht_why why = {.code = ""};
    save_store(d, "too long for it", 1);
    ht_buf_init(&bytes, 4);
    assert_int_equal(ht_sync_sql_load_store(d->db, &bytes, &anchor, &why), HT_ELIMIT);
    assert_string_equal(why.code, "kept_store_too_long");
    ht_buf_fini(&bytes);
}

static void committees_are_kept_by_period(void **state) {
    const struct disk *d = *state;
    uint8_t keys[4 * 48] = {5}, aggregate[48] = {6};
    ht_hash32 root = {{7}};
    for (int round = 0; round < 2; round++) { /* the same again is no error */
        assert_int_equal(
            ht_sync_sql_save_committee(d->db, 12, &root, HT_BYTES(keys), HT_BYTES(aggregate), NULL),
            HT_OK);
    }
    assert_int_equal(ask_number(d, "SELECT count(*) FROM sync_committee"), 1);
    assert_int_equal(ask_number(d, "SELECT length(pubkeys) FROM sync_committee WHERE period = 12"),
                     sizeof keys);
}

static void a_committee_of_broken_keys_is_refused_by_the_schema(void **state) {
    const struct disk *d = *state;
    uint8_t keys[47] = {5}, aggregate[48] = {6};
    ht_hash32 root = {{7}};
    struct ht_why why = {.code = ""};
    assert_int_equal(
        ht_sync_sql_save_committee(d->db, 12, &root, HT_BYTES(keys), HT_BYTES(aggregate), &why),
        HT_ESTORE);
    assert_string_equal(why.code, "database_failed");
}

static void headers_come_back_newest_first(void **state) {
    const struct disk *d = *state;
    save_header(d, 50, 1);
    save_header(d, 52, 3);
    save_header(d, 51, 2);
    struct seen seen = recent(d, 2);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.slots[0], 52);
    assert_int_equal(seen.roots[0], 3);
    assert_int_equal(seen.parents[0], 4);
    assert_int_equal(seen.slots[1], 51);
}

static void another_header_of_a_slot_replaces_the_first(void **state) {
    const struct disk *d = *state;
    save_header(d, 50, 1);
    save_header(d, 50, 8);
    struct seen seen = recent(d, 10);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.roots[0], 8);
}

static void old_headers_are_forgotten(void **state) {
    const struct disk *d = *state;
    save_header(d, 10, 1);
    save_header(d, 11, 2);
    save_header(d, 10 + HT_SYNC_HEADERS_KEPT, 3);
    assert_int_equal(recent(d, 10).count, 3); /* exactly that far back is kept */
    save_header(d, 11 + HT_SYNC_HEADERS_KEPT, 4);
    struct seen seen = recent(d, 10);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.slots[2], 11);
}

static void what_a_header_does_not_have_is_null(void **state) {
    const struct disk *d = *state;
    save_header(d, 50, 1);
    struct ht_header_verified header = make_header(51, 2);
    header.has_execution = header.has_block_number = true;
    header.block_number = 4711;
    assert_int_equal(ht_sync_sql_save_header(d->db, &header, NULL), HT_OK);
    assert_int_equal(ask_number(d, "SELECT block_number IS NULL AND execution_block_hash IS NULL"
                                   " FROM beacon_header WHERE slot = 50"),
                     1);
    assert_int_equal(ask_number(d, "SELECT block_number FROM beacon_header WHERE slot = 51"), 4711);
    assert_int_equal(
        ask_number(d, "SELECT length(execution_block_hash) FROM beacon_header WHERE slot = 51"),
        32);
}

static void a_lost_table_is_a_storage_error(void **state) {
    const struct disk *d = *state;
    struct ht_header_verified header = make_header(50, 1);
    struct ht_why why = {.code = ""};
    assert_int_equal(sqlite3_exec(d->db, "DROP TABLE beacon_header", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ht_sync_sql_save_header(d->db, &header, &why), HT_ESTORE);
    assert_string_equal(why.code, "database_failed");
    struct seen seen = {.count = 0};
    assert_int_equal(ht_sync_sql_recent_headers(d->db, 5, see, &seen, &why), HT_ESTORE);
    assert_int_equal(seen.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_disk, close_disk)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_empty_file_is_brought_to_the_newest_schema),
        TEST(opening_again_migrates_nothing_and_loses_nothing),
        TEST(nothing_kept_is_not_found),
        TEST(a_store_that_is_saved_again_replaces_the_first),
        TEST(a_kept_store_that_does_not_fit_is_a_limit_with_a_reason),
        TEST(committees_are_kept_by_period),
        TEST(a_committee_of_broken_keys_is_refused_by_the_schema),
        TEST(headers_come_back_newest_first),
        TEST(another_header_of_a_slot_replaces_the_first),
        TEST(old_headers_are_forgotten),
        TEST(what_a_header_does_not_have_is_null),
        TEST(a_lost_table_is_a_storage_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
