/* Settings, drafts and blocked keys on the disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "social/client_sql.h"

static sqlite3 *open_db(void) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    for (size_t i = 0; i < ht_client_migration_count; i++) {
        assert_int_equal(sqlite3_exec(db, ht_client_migrations[i].sql, NULL, NULL, NULL),
                         SQLITE_OK);
    }
    return db;
}

static void client_sql_keeps_a_setting_and_replaces_it(void **state) {
    sqlite3 *db = open_db();
    json_t *value = NULL, *first = json_pack("{s:i}", "n", 1), *second = json_pack("{s:i}", "n", 2);
    (void)state;
    assert_int_equal(ht_client_sql_get(&value, db, "x", NULL), HT_OK);
    assert_null(value);
    assert_int_equal(ht_client_sql_set(db, "x", first, NULL), HT_OK);
    assert_int_equal(ht_client_sql_set(db, "x", second, NULL), HT_OK);
    assert_int_equal(ht_client_sql_get(&value, db, "x", NULL), HT_OK);
    assert_true(json_equal(value, second));
    json_decref(value);
    json_decref(first);
    json_decref(second);
    ht_db_close(db);
}

static void client_sql_changes_only_drafts_that_are_there(void **state) {
    sqlite3 *db = open_db();
    struct ht_why why = {0};
    json_t *list = NULL;
    int64_t id = 0;
    (void)state;
    assert_int_equal(ht_client_sql_draft_put(&id, db, 0, "a", NULL, 1, NULL), HT_OK);
    assert_int_equal(ht_client_sql_draft_put(&id, db, id, "b", NULL, 2, NULL), HT_OK);
    assert_int_equal(ht_client_sql_draft_put(&id, db, 77, "c", NULL, 3, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_draft");
    assert_int_equal(ht_client_sql_drafts(&list, db, NULL), HT_OK);
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "content")),
                        "b");
    json_decref(list);
    assert_int_equal(ht_client_sql_draft_delete(db, id, NULL), HT_OK);
    assert_int_equal(ht_client_sql_draft_delete(db, id, &why), HT_ENOTFOUND);
    ht_db_close(db);
}

static void client_sql_blocks_and_lets_go_of_a_key(void **state) {
    sqlite3 *db = open_db();
    const ht_hash32 key = {{7}};
    ht_hash32 found[2];
    size_t count = 0;
    (void)state;
    assert_int_equal(ht_client_sql_block(db, &key, true, NULL), HT_OK);
    assert_int_equal(ht_client_sql_block(db, &key, true, NULL), HT_OK);
    assert_int_equal(ht_client_sql_blocked(found, &count, 2, db, NULL), HT_OK);
    assert_int_equal(count, 1);
    assert_memory_equal(found[0].b, key.b, sizeof key.b);
    assert_int_equal(ht_client_sql_block(db, &key, false, NULL), HT_OK);
    assert_int_equal(ht_client_sql_blocked(found, &count, 2, db, NULL), HT_OK);
    assert_int_equal(count, 0);
    ht_db_close(db);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_sql_keeps_a_setting_and_replaces_it),
        cmocka_unit_test(client_sql_changes_only_drafts_that_are_there),
        cmocka_unit_test(client_sql_blocks_and_lets_go_of_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
