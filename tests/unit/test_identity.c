/* The identity module as the node sees it: complete, and put together from its parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "identity/identity.h"
#include "node/store/db_sql.h"

static struct ht_host host = {.clock = &ht_system_clock, .random = &ht_system_random};
static sqlite3 *db;
static void *self;

static int start(void **state) {
    (void)state;
    struct ht_why why = {0};
    const struct ht_module *module = &ht_identity_module;
    host.network = ht_network_find("mainnet");
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return -1;
    for (uint32_t i = 0; i < module->migration_count; i++) {
        const char *sql = module->migrations[i].sql;
        if (ht_db_sql_migrate(db, sql, module->name, i + 1, i + 1) != SQLITE_OK) return -1;
    }
    return module->start(&self, &host, db, &why) == HT_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    ht_identity_module.stop(self);
    ht_db_close(db);
    return 0;
}

static void check_methods(enum ht_rpc_dialect dialect, const struct ht_rpc_method *methods,
                          size_t count) {
    struct ht_rpc *rpc = NULL;
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(methods[i].name);
        assert_true((methods[i].fn != NULL) != (methods[i].start != NULL));
    }
    assert_int_equal(ht_rpc_new(&rpc, dialect), HT_OK);
    assert_int_equal(ht_rpc_add_methods(rpc, methods, count, self), HT_OK); /* no name is twice */
    ht_rpc_free(rpc);
}

static void identity_has_every_method_of_its_parts_once(void **state) {
    (void)state;
    const struct ht_module *module = &ht_identity_module;
    check_methods(HT_RPC_OWN, module->methods, module->method_count);
    check_methods(HT_RPC_ETHEREUM, module->ethereum, module->ethereum_count);
}

static void identity_topics_of_an_empty_wallet_can_be_read(void **state) {
    (void)state;
    const struct ht_module *module = &ht_identity_module;
    for (size_t i = 0; i < module->topic_count; i++) {
        json_t *value = NULL;
        struct ht_why why = {0};
        /* What was sent is the outbox's, which this host does not have. */
        if (strcmp(module->topics[i].name, "wallet.activity") == 0) continue;
        assert_int_equal(module->topics[i].getter(self, &value, &why), HT_OK);
        assert_true(json_is_object(value));
        json_decref(value);
    }
}

static void identity_does_not_start_without_its_tables(void **state) {
    (void)state;
    struct ht_why why = {0};
    sqlite3 *empty = NULL;
    void *other = NULL;
    assert_int_equal(sqlite3_open(":memory:", &empty), SQLITE_OK);
    assert_int_equal(ht_identity_module.start(&other, &host, empty, &why), HT_ESTORE);
    assert_string_equal(why.code, "database_failed");
    assert_null(other);
    ht_db_close(empty);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(identity_has_every_method_of_its_parts_once),
        TEST(identity_topics_of_an_empty_wallet_can_be_read),
        TEST(identity_does_not_start_without_its_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
