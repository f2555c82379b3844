/* The tables of attestations and of DIDs of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "identity/attest/attest_sql.h"
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

struct loaded {
    struct ht_attest_row rows[4];
    uint8_t data[4][8];
    char packages[4][32], codes[4][32];
    size_t count;
};

static enum ht_err take_row(void *user, const struct ht_attest_row *row) {
    struct loaded *loaded = user;
    size_t i = loaded->count++;
    assert_true(i < 4 && row->attestation.data.n <= 8 && row->package.n < 32);
    loaded->rows[i] = *row;
    ht_bytes data = row->attestation.data;
    if (data.n > 0) memcpy(loaded->data[i], data.p, data.n);
    if (row->package.n > 0) memcpy(loaded->packages[i], row->package.p, row->package.n);
    memcpy(loaded->codes[i], row->code, strlen(row->code) + 1);
    return HT_OK;
}

static struct ht_attest_row a_row(uint8_t attester, uint8_t uid) {
    static const uint8_t data[3] = {1, 2, 3};
    struct ht_attest_row row = {.is_onchain = true,
                                .standing = 1,
                                .code = "not_final",
                                .why = "it is not final",
                                .has_block = true,
                                .block = 7,
                                .added_ms = 1000 + uid};
    memset(row.attestation.attester.b, attester, 20);
    memset(row.attestation.uid.b, uid, 32);
    row.attestation.time = UINT64_MAX;
    row.attestation.expiration_time = (uint64_t)1 << 63;
    row.attestation.is_revocable = true;
    row.attestation.data = HT_BYTES(data);
    return row;
}

static struct loaded load(void) {
    struct loaded loaded = {0};
    assert_int_equal(ht_attest_sql_load(db, take_row, &loaded, &why), HT_OK);
    return loaded;
}

static void all_that_a_row_says_comes_back(void **state) {
    (void)state;
    struct ht_attest_row row = a_row(1, 2);
    row.package = ht_bytes_str("{\"sig\":1}");
    row.attestation.revocation_time = 5;
    row.is_by_contract = true;
    assert_int_equal(ht_attest_sql_save(db, &row, &why), HT_OK);
    struct loaded got = load();
    assert_int_equal(got.count, 1);
    const struct ht_attest_row *back = &got.rows[0];
    assert_memory_equal(back->attestation.attester.b, row.attestation.attester.b, 20);
    assert_memory_equal(back->attestation.uid.b, row.attestation.uid.b, 32);
    assert_true(back->attestation.time == UINT64_MAX);
    assert_true(back->attestation.expiration_time == (uint64_t)1 << 63);
    assert_int_equal(back->attestation.revocation_time, 5);
    assert_true(back->attestation.is_revocable && back->is_onchain && back->has_block);
    assert_true(back->is_by_contract);
    assert_false(back->is_final);
    assert_int_equal(back->block, 7);
    assert_int_equal(back->attestation.data.n, 3);
    assert_int_equal(got.data[0][2], 3);
    assert_string_equal(got.packages[0], "{\"sig\":1}");
    assert_string_equal(got.codes[0], "not_final");
}

static void the_same_uid_of_another_attester_is_another_one(void **state) {
    (void)state;
    struct ht_attest_row first = a_row(1, 2), second = a_row(3, 2);
    assert_int_equal(ht_attest_sql_save(db, &first, &why), HT_OK);
    assert_int_equal(ht_attest_sql_save(db, &second, &why), HT_OK);
    assert_int_equal(load().count, 2);
    first.standing = 0;
    assert_int_equal(ht_attest_sql_save(db, &first, &why), HT_OK);
    assert_int_equal(load().count, 2);
    assert_int_equal(
        ht_attest_sql_delete(db, &first.attestation.attester, &first.attestation.uid, &why), HT_OK);
    struct loaded got = load();
    assert_int_equal(got.count, 1);
    assert_int_equal(got.rows[0].attestation.attester.b[0], 3);
}

static void an_attestation_without_data_is_kept(void **state) {
    (void)state;
    struct ht_attest_row row = a_row(1, 2);
    row.attestation.data = (ht_bytes){0};
    assert_int_equal(ht_attest_sql_save(db, &row, &why), HT_OK);
    assert_int_equal(load().rows[0].attestation.data.n, 0);
}

static void how_far_logs_were_looked_through_is_one_number(void **state) {
    (void)state;
    uint64_t block = 0;
    assert_int_equal(ht_attest_sql_scanned(db, &block, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_scan");
    assert_int_equal(ht_attest_sql_set_scanned(db, 8, &why), HT_OK);
    assert_int_equal(ht_attest_sql_set_scanned(db, 9, &why), HT_OK);
    assert_int_equal(ht_attest_sql_scanned(db, &block, &why), HT_OK);
    assert_int_equal(block, 9);
}

static enum ht_err take_schema(void *user, const struct ht_eas_schema_row *row) {
    size_t *count = user;
    assert_true(row->is_revocable && row->text.n == 9);
    assert_memory_equal(row->text.p, "bool like", 9);
    ++*count;
    return HT_OK;
}

static enum ht_err take_leaves(void *user, const ht_hash32 *root, ht_bytes leaves) {
    size_t *count = user;
    assert_int_equal(root->b[31], 4);
    assert_int_equal(leaves.n, 2);
    ++*count;
    return HT_OK;
}

static void schemas_and_leaves_are_kept_once(void **state) {
    (void)state;
    struct ht_eas_schema_row schema = {.is_revocable = true, .text = ht_bytes_str("bool like")};
    ht_hash32 root = {{0}};
    root.b[31] = 4;
    size_t schemas = 0, trees = 0;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ht_eas_schema_sql_save(db, &schema, &why), HT_OK);
        assert_int_equal(ht_eas_leaves_sql_save(db, &root, ht_bytes_str("[]"), &why), HT_OK);
    }
    assert_int_equal(ht_eas_schema_sql_load(db, take_schema, &schemas, &why), HT_OK);
    assert_int_equal(ht_eas_leaves_sql_load(db, take_leaves, &trees, &why), HT_OK);
    assert_int_equal(schemas, 1);
    assert_int_equal(trees, 1);
}

static enum ht_err take_did(void *user, const struct ht_did_row *row) {
    struct ht_did_row *got = user;
    assert_string_equal(row->text, "somebody");
    *got = *row;
    return HT_OK;
}

static void an_alert_of_a_did_is_kept(void **state) {
    (void)state;
    struct ht_did_row row = {.changed = 3, .alert = 5, .alert_ms = 7, .text = "somebody"};
    struct ht_did_row got = {0};
    memset(row.identity.b, 9, 20);
    assert_int_equal(ht_did_sql_save(db, &row, &why), HT_OK);
    assert_int_equal(ht_did_sql_load(db, take_did, &got, &why), HT_OK);
    assert_int_equal(got.identity.b[19], 9);
    assert_true(got.changed == 3 && got.alert == 5 && got.alert_ms == 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_that_a_row_says_comes_back, start, end),
        cmocka_unit_test_setup_teardown(the_same_uid_of_another_attester_is_another_one, start,
                                        end),
        cmocka_unit_test_setup_teardown(an_attestation_without_data_is_kept, start, end),
        cmocka_unit_test_setup_teardown(how_far_logs_were_looked_through_is_one_number, start, end),
        cmocka_unit_test_setup_teardown(schemas_and_leaves_are_kept_once, start, end),
        cmocka_unit_test_setup_teardown(an_alert_of_a_did_is_kept, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
