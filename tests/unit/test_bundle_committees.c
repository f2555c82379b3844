/* Committees out of the database, kept while they are used, and a file checked without a node. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "identity/proof/bundle_committees.h"
#include "identity/proof/bundle_methods.h"
#include "tests/unit/bundle_world.h"

struct disk {
    struct bundle_world world;
    char dir[64], path[96];
    sqlite3 *db;
    int64_t now_ms;
    struct ht_clock clock;
};

static int64_t wall(void *self) {
    return ((struct disk *)self)->now_ms;
}

static void save(struct disk *disk, uint64_t period) {
    const struct ht_sync_committee *keys = &ht_lcb_committee(disk->world.builder, period)->keys;
    const ht_hash32 root = {{(uint8_t)period}};
    assert_int_equal(ht_sync_sql_save_committee(disk->db, period, &root,
                                                ht_bytes_of(keys->pubkeys[0], HT_LCB_SIZE * 48U),
                                                HT_BYTES(keys->aggregate_pubkey), NULL),
                     HT_OK);
}

static int open_disk(void **state) {
    struct disk *disk = calloc(1, sizeof *disk);
    assert_non_null(disk);
    bundle_world_open(&disk->world, false, 2);
    (void)snprintf(disk->dir, sizeof disk->dir, "/tmp/ht_bundle.XXXXXX");
    assert_non_null(mkdtemp(disk->dir));
    (void)snprintf(disk->path, sizeof disk->path, "%s/hearth.db", disk->dir);
    assert_int_equal(
        ht_db_open(&disk->db, disk->path, ht_sync_migrations, ht_sync_migration_count, NULL),
        HT_OK);
    disk->now_ms = disk->world.judge.now_ms;
    disk->clock = (struct ht_clock){.wall_ms = wall, .mono_ms = wall, .self = disk};
    *state = disk;
    return 0;
}

static int close_disk(void **state) {
    struct disk *disk = *state;
    static const char *const ENDS[] = {"", "-wal", "-shm", "-journal"};
    ht_db_close(disk->db);
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", disk->path, ENDS[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(disk->dir), 0);
    bundle_world_close(&disk->world);
    free(disk);
    return 0;
}

static struct ht_bls_committee *get(struct ht_bundle_committees *committees, uint64_t period) {
    struct ht_bls_committee *out = NULL;
    assert_int_equal(ht_bundle_committee(committees, &out, period, NULL), HT_OK);
    return out;
}

static void the_least_used_committee_makes_room(void **state) {
    struct disk *disk = *state;
    struct ht_bundle_committees committees = {.db = disk->db};
    struct ht_why why = {.code = ""};
    struct ht_bls_committee *none = NULL;
    for (uint64_t i = 1; i <= HT_BUNDLE_COMMITTEES + 1; i++) save(disk, i);
    struct ht_bls_committee *first = get(&committees, 1);
    assert_int_equal(first->count, HT_LCB_SIZE);
    for (uint64_t i = 2; i <= HT_BUNDLE_COMMITTEES; i++) (void)get(&committees, i);
    assert_ptr_equal(get(&committees, 1), first);
    (void)get(&committees, HT_BUNDLE_COMMITTEES + 1);
    for (size_t i = 0; i < HT_BUNDLE_COMMITTEES; i++) {
        assert_int_not_equal(committees.kept[i].period, 2);
    }
    assert_ptr_equal(get(&committees, 1), first);
    assert_int_equal(ht_bundle_committee(&committees, &none, 99, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "committee_unknown");
    assert_null(none);
    ht_bundle_committees_fini(&committees);
}

static void expect(struct disk *disk, const json_t *bundle, const char *verdict, const char *code) {
    json_t *outcome = NULL;
    assert_int_equal(ht_bundle_verify_file(&outcome, disk->world.judge.network, disk->db, bundle,
                                           &disk->clock, NULL),
                     HT_OK);
    const char *said = json_string_value(json_object_get(outcome, "code"));
    assert_string_equal(json_string_value(json_object_get(outcome, "verdict")), verdict);
    assert_string_equal(said != NULL ? said : "", code);
    json_decref(outcome);
}

static void a_file_is_checked_with_what_the_database_holds(void **state) {
    struct disk *disk = *state;
    struct ht_why why = {.code = ""};
    json_t *bundle = bundle_world_offchain(&disk->world, BUNDLE_WORLD_PLAIN), *none = NULL;
    json_t *other = json_pack("{s:i}", "hearth_audit", 1);
    expect(disk, bundle, "unverified", "committee_unknown");
    save(disk, 2);
    expect(disk, bundle, "unverified", "committee_unknown");
    save(disk, 3);
    expect(disk, bundle, "valid", "");
    assert_int_equal(ht_bundle_verify_file(&none, disk->world.judge.network, disk->db, other,
                                           &disk->clock, &why),
                     HT_ENOTFOUND);
    assert_string_equal(why.code, "unknown_file");
    json_decref(bundle);
    json_decref(other);
}

static void the_committee_of_another_period_has_not_signed(void **state) {
    struct disk *disk = *state;
    const struct ht_sync_committee *keys = &ht_lcb_committee(disk->world.builder, 2)->keys;
    const ht_hash32 root = {{2}};
    json_t *bundle = bundle_world_storage(&disk->world);
    assert_int_equal(ht_sync_sql_save_committee(disk->db, 3, &root,
                                                ht_bytes_of(keys->pubkeys[0], HT_LCB_SIZE * 48U),
                                                HT_BYTES(keys->aggregate_pubkey), NULL),
                     HT_OK);
    expect(disk, bundle, "invalid", "bad_signature");
    json_decref(bundle);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_disk, close_disk)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(the_least_used_committee_makes_room),
        CASE(a_file_is_checked_with_what_the_database_holds),
        CASE(the_committee_of_another_period_has_not_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
