/* The identity module's tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "identity/identity_sql.h"
#include "node/store/db_sql.h"

static sqlite3 *db;
static struct ht_why why;

static int start(void **state) {
    (void)state;
    bool is_wal;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return -1;
    if (ht_db_sql_configure_writer(&is_wal, db) != SQLITE_OK) return -1;
    for (uint32_t i = 0; i < HT_IDENTITY_MIGRATIONS; i++) {
        const char *sql = ht_identity_migrations[i].sql;
        if (ht_db_sql_migrate(db, sql, "identity", i + 1, i + 1) != SQLITE_OK) return -1;
    }
    return 0;
}

static int end(void **state) {
    (void)state;
    ht_db_close(db);
    return 0;
}

/* What was loaded; texts are copied. */
struct loaded {
    struct ht_permission_row permissions[4];
    char origins[4][32];
    size_t count;
    bool stops;
};

static enum ht_err take_permission(void *user, const struct ht_permission_row *row) {
    struct loaded *loaded = user;
    assert_true(loaded->count < 4 && strlen(row->origin) < 32);
    memcpy(loaded->origins[loaded->count], row->origin, strlen(row->origin) + 1);
    loaded->permissions[loaded->count++] = *row;
    return loaded->stops ? HT_ENOMEM : HT_OK;
}

static void save_permission(const char *origin, uint8_t account, int64_t used_ms) {
    struct ht_permission_row row = {.origin = origin,
                                    .account = {{account}},
                                    .granted_ms = 1,
                                    .expires_ms = 2,
                                    .used_ms = used_ms};
    assert_int_equal(ht_permission_sql_save(db, &row, &why), HT_OK);
}

static void identity_sql_keeps_a_row_for_each_account_of_an_origin(void **state) {
    (void)state;
    struct loaded loaded = {0};
    save_permission("https://b.example", 1, 0);
    save_permission("https://a.example", 2, 0);
    save_permission("https://a.example", 1, 0);
    save_permission("https://a.example", 1, 7); /* replaces */
    assert_int_equal(ht_permission_sql_load(db, take_permission, &loaded, &why), HT_OK);
    assert_int_equal(loaded.count, 3);
    assert_string_equal(loaded.origins[0], "https://a.example");
    assert_int_equal(loaded.permissions[0].account.b[0], 1);
    assert_int_equal(loaded.permissions[0].used_ms, 7);
    assert_int_equal(loaded.permissions[0].granted_ms, 1);
    assert_int_equal(loaded.permissions[0].expires_ms, 2);
    assert_string_equal(loaded.origins[2], "https://b.example");
}

static void identity_sql_takes_permissions_back_by_origin_or_all(void **state) {
    (void)state;
    struct loaded loaded = {0};
    save_permission("https://b.example", 1, 0);
    save_permission("", 2, 0);
    save_permission("https://a.example", 1, 0);
    assert_int_equal(ht_permission_sql_delete(db, "https://a.example", &why), HT_OK);
    assert_int_equal(ht_permission_sql_load(db, take_permission, &loaded, &why), HT_OK);
    assert_int_equal(loaded.count, 2);
    assert_int_equal(ht_permission_sql_delete(db, NULL, &why), HT_OK);
    assert_int_equal(ht_permission_sql_load(db, take_permission, &loaded, &why), HT_OK);
    assert_int_equal(loaded.count, 2);
}

static void identity_sql_ends_reading_with_the_callbacks_error(void **state) {
    (void)state;
    struct loaded loaded = {.stops = true};
    save_permission("https://b.example", 1, 0);
    save_permission("https://a.example", 1, 0);
    assert_int_equal(ht_permission_sql_load(db, take_permission, &loaded, &why), HT_ENOMEM);
    assert_int_equal(loaded.count, 1);
}

static enum ht_err count_account(void *user, const struct ht_account_row *row) {
    assert_true(row->id > 0);
    ++*(size_t *)user;
    return HT_OK;
}

static void identity_sql_forgets_a_seed_with_its_accounts_only(void **state) {
    (void)state;
    const struct ht_seed_row seed = {"seed-1", "Seed 1", 12, false};
    struct ht_account_row account = {
        .address = {{1}}, .label = "a", .key = "seed-1 m/0", .seed = "seed-1"};
    struct ht_nostr_row nostr = {.label = "n", .key = "seed-1 m/1", .seed = "seed-1"};
    int64_t id = 0;
    size_t count = 0;
    assert_int_equal(ht_seed_sql_save(db, &seed, &why), HT_OK);
    assert_int_equal(ht_account_sql_save(db, &id, &account, &why), HT_OK);
    assert_int_equal(ht_nostr_sql_save(db, &id, &nostr, &why), HT_OK);
    account = (struct ht_account_row){.address = {{2}}, .label = "b", .key = "key-1"};
    assert_int_equal(ht_account_sql_save(db, &id, &account, &why), HT_OK);
    assert_int_equal(ht_seed_sql_delete(db, "seed-1", &why), HT_OK);
    assert_int_equal(ht_account_sql_load(db, count_account, &count, &why), HT_OK);
    assert_int_equal(count, 1);
}

static enum ht_err count_permission(void *user, const struct ht_permission_row *row) {
    assert_string_equal(row->origin, "https://a.example");
    assert_int_equal(row->account.b[0], 1);
    ++*(size_t *)user;
    return HT_OK;
}

static void identity_sql_tidies_what_ran_out_and_what_has_no_account(void **state) {
    (void)state;
    const struct ht_account_row account = {.address = {{1}}, .label = "a", .key = ""};
    const struct ht_permission_row rows[] = {
        {.origin = "https://a.example", .account = {{1}}, .expires_ms = 1001},
        {.origin = "https://a.example", .account = {{2}}, .expires_ms = 1001},
        {.origin = "https://b.example", .account = {{1}}, .expires_ms = 1000},
    };
    int64_t id = 0;
    size_t count = 0;
    assert_int_equal(ht_account_sql_save(db, &id, &account, &why), HT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(ht_permission_sql_save(db, &rows[i], &why), HT_OK);
    assert_int_equal(ht_permission_sql_tidy(db, 1000, &why), HT_OK);
    assert_int_equal(ht_permission_sql_load(db, count_permission, &count, &why), HT_OK);
    assert_int_equal(count, 1);
}

static void identity_sql_gives_no_account_the_number_of_one_that_went(void **state) {
    (void)state;
    const struct ht_account_row account = {.address = {{1}}, .label = "a", .key = ""};
    int64_t first = 0, second = 0;
    assert_int_equal(ht_account_sql_save(db, &first, &account, &why), HT_OK);
    assert_int_equal(ht_account_sql_delete(db, first, &why), HT_OK);
    assert_int_equal(ht_account_sql_save(db, &second, &account, &why), HT_OK);
    assert_true(second > first);
}

static enum ht_err check_vault(void *user, const struct ht_vault_row *row) {
    assert_true(ht_bytes_equal(row->file, ht_bytes_str("new")));
    assert_int_equal(row->generation, 9);
    assert_int_equal(row->auto_lock_ms, 60000);
    ++*(size_t *)user;
    return HT_OK;
}

static void identity_sql_new_vault_file_leaves_the_time_it_locks_after(void **state) {
    (void)state;
    size_t count = 0;
    struct ht_vault_row row = {ht_bytes_str("old"), 8, 1000};
    assert_int_equal(ht_vault_sql_set_auto_lock(db, 5, &why), HT_OK); /* nothing is there */
    assert_int_equal(ht_vault_sql_load(db, check_vault, &count, &why), HT_OK);
    assert_int_equal(count, 0);
    assert_int_equal(ht_vault_sql_save(db, &row, &why), HT_OK);
    assert_int_equal(ht_vault_sql_set_auto_lock(db, 60000, &why), HT_OK);
    row = (struct ht_vault_row){ht_bytes_str("new"), 9, 1000};
    assert_int_equal(ht_vault_sql_save(db, &row, &why), HT_OK);
    assert_int_equal(ht_vault_sql_load(db, check_vault, &count, &why), HT_OK);
    assert_int_equal(count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(identity_sql_keeps_a_row_for_each_account_of_an_origin),
        TEST(identity_sql_takes_permissions_back_by_origin_or_all),
        TEST(identity_sql_ends_reading_with_the_callbacks_error),
        TEST(identity_sql_forgets_a_seed_with_its_accounts_only),
        TEST(identity_sql_tidies_what_ran_out_and_what_has_no_account),
        TEST(identity_sql_gives_no_account_the_number_of_one_that_went),
        TEST(identity_sql_new_vault_file_leaves_the_time_it_locks_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
