/* Blobs and their keepers in the tables. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/codec/json.h"
#include "social/media/media_sql.h"

static sqlite3 *db;
static const ht_hash32 OWNER = {{1}}, FRIEND = {{2}};

static int set_up(void **state) {
    (void)state;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
    for (size_t i = 0; i < ht_media_migration_count; i++) {
        if (sqlite3_exec(db, ht_media_migrations[i].sql, NULL, NULL, NULL) != SQLITE_OK) return 1;
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_db_close(db);
    return 0;
}

static struct ht_media_entry entry_of(uint8_t n, uint64_t size, const ht_hash32 *keeper) {
    return (struct ht_media_entry){
        .blob = {.sha256 = {{n, n}}, .size = size, .at_ms = n * 1000, .type = "image/png"},
        .keeper = *keeper,
    };
}

static bool add(uint8_t n, uint64_t size, const ht_hash32 *keeper) {
    bool is_new = false;
    struct ht_media_entry entry = entry_of(n, size, keeper);
    assert_int_equal(ht_media_sql_add(&is_new, db, &entry, NULL), HT_OK);
    return is_new;
}

static void uses(const ht_hash32 *key, uint64_t of_key, uint64_t of_all) {
    uint64_t got_key = 1, got_all = 1;
    assert_int_equal(ht_media_sql_usage(&got_key, &got_all, db, key, NULL), HT_OK);
    assert_int_equal(got_key, of_key);
    assert_int_equal(got_all, of_all);
}

static void media_sql_counts_whole_blocks_of_each_key_and_of_all(void **state) {
    (void)state;
    uses(&OWNER, 0, 0);
    assert_true(add(1, 0, &OWNER));
    uses(&OWNER, 4096, 4096);
    assert_true(add(2, 4097, &OWNER));
    uses(&OWNER, 12288, 12288);
    assert_false(add(2, 4097, &FRIEND));
    assert_false(add(2, 4097, &FRIEND));
    uses(&FRIEND, 8192, 12288);
}

static void media_sql_lets_a_blob_go_with_its_last_keeper(void **state) {
    const ht_hash32 sha256 = {{3, 3}};
    struct ht_media_blob blob;
    bool was_keeper = true, is_gone = true, is_there = true;
    (void)state;
    (void)add(3, 10, &OWNER);
    (void)add(3, 10, &FRIEND);
    assert_int_equal(ht_media_sql_leave(&was_keeper, &is_gone, db, &FRIEND, &sha256, NULL), HT_OK);
    assert_true(was_keeper);
    assert_false(is_gone);
    uses(&FRIEND, 0, 4096);
    assert_int_equal(ht_media_sql_leave(&was_keeper, &is_gone, db, &FRIEND, &sha256, NULL), HT_OK);
    assert_false(was_keeper);
    assert_int_equal(ht_media_sql_leave(&was_keeper, &is_gone, db, &OWNER, &sha256, NULL), HT_OK);
    assert_true(was_keeper);
    assert_true(is_gone);
    uses(&OWNER, 0, 0);
    assert_int_equal(ht_media_sql_find(&is_there, &blob, db, &sha256, NULL), HT_OK);
    assert_false(is_there);
}

static void media_sql_bounds_a_key(void **state) {
    struct ht_media_entry entry = entry_of(4, 5000, &FRIEND);
    struct ht_why why = {.code = ""};
    bool is_new = false;
    (void)state;
    entry.key_quota = 8191;
    assert_int_equal(ht_media_sql_add(&is_new, db, &entry, &why), HT_ELIMIT);
    assert_string_equal(why.code, "quota");
}

static void media_sql_bounds_all_but_what_is_here(void **state) {
    struct ht_media_entry entry = entry_of(5, 5000, &FRIEND);
    struct ht_why why = {.code = ""};
    bool is_new = true;
    (void)state;
    (void)add(5, 5000, &OWNER);
    entry.quota = 8191;
    assert_int_equal(ht_media_sql_add(&is_new, db, &entry, &why), HT_OK);
    assert_false(is_new);
    entry = entry_of(6, 1, &FRIEND);
    entry.quota = 8192;
    assert_int_equal(ht_media_sql_add(&is_new, db, &entry, &why), HT_ELIMIT);
    assert_string_equal(why.code, "full");
}

static void media_sql_tells_what_was_fetched_from_what_was_uploaded(void **state) {
    struct ht_media_entry entry = entry_of(7, 1, &OWNER);
    struct ht_media_blob blob;
    ht_hash32 found;
    bool flag = false;
    (void)state;
    entry.is_fetched = true;
    entry.url = "https://a.example/cat.png";
    assert_int_equal(ht_media_sql_add(&flag, db, &entry, NULL), HT_OK);
    assert_int_equal(ht_media_sql_find(&flag, &blob, db, &entry.blob.sha256, NULL), HT_OK);
    assert_true(flag);
    assert_false(blob.is_shared);
    assert_int_equal(ht_media_sql_by_url(&flag, &found, db, entry.url, NULL), HT_OK);
    assert_true(flag);
    assert_true(ht_hash32_equal(&found, &entry.blob.sha256));
    (void)add(7, 1, &OWNER);
    assert_int_equal(ht_media_sql_find(&flag, &blob, db, &entry.blob.sha256, NULL), HT_OK);
    assert_true(blob.is_shared);
    assert_int_equal(ht_media_sql_remove(&flag, db, &entry.blob.sha256, NULL), HT_OK);
    assert_true(flag);
    assert_int_equal(ht_media_sql_by_url(&flag, &found, db, entry.url, NULL), HT_OK);
    assert_false(flag);
}

static void media_sql_lists_what_a_key_uploaded_in_pages(void **state) {
    struct ht_media_blob blobs[3];
    struct ht_media_entry fetched = entry_of(19, 1, &FRIEND);
    struct ht_media_list list = {.pubkey = FRIEND, .since_s = 11, .until_s = 14, .limit = 3};
    size_t count = 0;
    bool is_new;
    (void)state;
    for (uint8_t n = 10; n <= 15; n++) (void)add(n, 1, &FRIEND);
    fetched.is_fetched = true;
    fetched.blob.at_ms = 12500;
    assert_int_equal(ht_media_sql_add(&is_new, db, &fetched, NULL), HT_OK);
    assert_int_equal(ht_media_sql_list(blobs, &count, db, &list, NULL), HT_OK);
    assert_int_equal(count, 3);
    assert_int_equal(blobs[0].sha256.b[0], 14);
    assert_int_equal(blobs[2].sha256.b[0], 12);
    list.has_cursor = true;
    list.cursor = blobs[2].sha256;
    assert_int_equal(ht_media_sql_list(blobs, &count, db, &list, NULL), HT_OK);
    assert_int_equal(count, 1);
    assert_int_equal(blobs[0].sha256.b[0], 11);
}

static void media_sql_shows_the_owner_all(void **state) {
    json_t *list = NULL;
    const char *text = NULL;
    uint64_t number = 0;
    (void)state;
    (void)add(20, 5, &OWNER);
    (void)add(21, 6, &FRIEND);
    assert_int_equal(ht_media_sql_all(&list, db, &OWNER, 20999, 10, "http://h", NULL), HT_OK);
    assert_int_equal(json_array_size(list), 1);
    assert_int_equal(ht_json_text(&text, list, "[0].from", NULL), HT_OK);
    assert_string_equal(text, "mine");
    assert_int_equal(ht_json_u64(&number, list, "[0].size", NULL), HT_OK);
    assert_int_equal(number, 5);
    json_decref(list);
    assert_int_equal(ht_media_sql_all(&list, db, &OWNER, INT64_MAX, 10, NULL, NULL), HT_OK);
    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(ht_json_text(&text, list, "[0].from", NULL), HT_OK);
    assert_string_equal(text, "uploaded");
    assert_true(json_is_null(json_object_get(json_array_get(list, 0), "url")));
    json_decref(list);
}

static void media_sql_walks_the_hashes_of_a_folder(void **state) {
    ht_hash32 hashes[2];
    size_t count = 0;
    (void)state;
    (void)add(30, 1, &OWNER);
    (void)add(31, 1, &OWNER);
    (void)add(255, 1, &OWNER);
    assert_int_equal(ht_media_sql_hashes(hashes, &count, 2, db, 30, NULL, NULL), HT_OK);
    assert_int_equal(count, 1);
    assert_int_equal(ht_media_sql_hashes(&hashes[1], &count, 1, db, 30, &hashes[0], NULL), HT_OK);
    assert_int_equal(count, 0);
    assert_int_equal(ht_media_sql_hashes(hashes, &count, 2, db, 255, NULL, NULL), HT_OK);
    assert_int_equal(count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(media_sql_counts_whole_blocks_of_each_key_and_of_all),
        TEST(media_sql_lets_a_blob_go_with_its_last_keeper),
        TEST(media_sql_bounds_a_key),
        TEST(media_sql_bounds_all_but_what_is_here),
        TEST(media_sql_tells_what_was_fetched_from_what_was_uploaded),
        TEST(media_sql_lists_what_a_key_uploaded_in_pages),
        TEST(media_sql_shows_the_owner_all),
        TEST(media_sql_walks_the_hashes_of_a_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
