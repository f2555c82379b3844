/* Light-client objects on disk: the best update of a period stays, old periods go. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/l1/light_kept_sql.h"
#include "tests/unit/lc_builder.h"

static struct ht_lcb *chain;
static sqlite3 *db;
static char dir[64], path[96];

static int start(void **state) {
    (void)state;
    chain = ht_lcb_new(1);
    struct ht_why why = {.text = ""};
    (void)snprintf(dir, sizeof dir, "/tmp/ht_near_kept.XXXXXX");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/hearth.db", dir);
    if (ht_db_open(&db, path, ht_light_kept_migrations, ht_light_kept_migration_count, &why) !=
        HT_OK)
        fail_msg("%s", why.text);
    return 0;
}

static int end(void **state) {
    (void)state;
    ht_db_close(db);
    (void)unlink(path);
    (void)rmdir(dir);
    ht_lcb_free(chain);
    return 0;
}

static struct ht_light_object *make(const struct ht_lcb_plan *plan) {
    struct ht_lc_object *object = ht_lcb_update(chain, plan);
    struct ht_light_object *made = ht_light_object_new(&chain->network, object);
    free(object);
    assert_non_null(made);
    return made;
}

static void save(const struct ht_light_object *object) {
    struct ht_why why = {.text = ""};
    if (ht_light_sql_save(db, object, &why) != HT_OK) fail_msg("%s", why.text);
}

static void expect_kept(const struct ht_light_object *wanted) {
    struct ht_light_object *list = NULL;
    assert_int_equal(ht_light_sql_updates(&list, db, wanted->period, 1, NULL), HT_OK);
    assert_non_null(list);
    assert_null(list->next);
    assert_int_equal(list->ssz.n, wanted->ssz.n);
    assert_memory_equal(list->ssz.p, wanted->ssz.p, wanted->ssz.n);
    ht_light_object_free(list);
}

/* Whatever comes first, the better one stays. */
static void expect_better(const struct ht_lcb_plan *good, const struct ht_lcb_plan *bad) {
    struct ht_light_object *best = make(good), *other = make(bad);
    assert_int_equal(best->period, other->period);
    assert_true(best->rank > other->rank);
    save(other);
    save(best);
    expect_kept(best);
    save(other);
    expect_kept(best);
    ht_light_object_free(best);
    ht_light_object_free(other);
}

static const struct ht_lcb_plan plain = {.kind = HT_LC_UPDATE,
                                         .attested_slot = 90,
                                         .finalized_slot = 72,
                                         .has_finality = true,
                                         .has_next_committee = true};

static void two_thirds_are_better_than_fewer_with_finality(void **state) {
    (void)state;
    struct ht_lcb_plan many = plain, few = plain;
    many.has_finality = false;
    many.participants = 22;
    few.participants = 21;
    expect_better(&many, &few);
}

static void an_update_with_finality_is_better_than_one_without(void **state) {
    (void)state;
    struct ht_lcb_plan without = plain, with = plain;
    without.has_finality = false;
    with.participants = 24;
    expect_better(&with, &without);
}

static void finality_in_the_same_period_is_better(void **state) {
    (void)state;
    struct ht_lcb_plan before = plain, here = plain;
    before.finalized_slot = 56;
    here.participants = 24;
    expect_better(&here, &before);
}

static void more_signatures_are_better_and_then_an_older_header(void **state) {
    (void)state;
    struct ht_lcb_plan fewer = plain, older = plain;
    fewer.participants = 30;
    expect_better(&plain, &fewer);
    older.attested_slot = 84;
    expect_better(&older, &plain);
}

static void periods_that_are_long_past_are_forgotten(void **state) {
    (void)state;
    struct ht_light_object *object = make(&plain), *list = NULL;
    save(object);
    object->period += HT_LIGHT_PERIODS - 1;
    save(object);
    assert_int_equal(ht_light_sql_updates(&list, db, 1, 1, NULL), HT_OK);
    assert_non_null(list);
    ht_light_object_free(list);
    object->period++;
    save(object);
    assert_int_equal(ht_light_sql_updates(&list, db, 1, 1, NULL), HT_OK);
    assert_null(list);
    ht_light_object_free(object);
}

static void a_bootstrap_is_found_by_its_block_alone(void **state) {
    (void)state;
    struct ht_why why = {.code = ""};
    struct ht_lc_object *object = ht_lcb_bootstrap(chain, 72);
    struct ht_light_object *made = ht_light_object_new(&chain->network, object), *found = NULL;
    free(object);
    save(made);
    save(made);
    assert_int_equal(ht_light_sql_bootstrap(&found, db, &made->root, NULL), HT_OK);
    assert_int_equal(found->fork, made->fork);
    assert_memory_equal(found->ssz.p, made->ssz.p, made->ssz.n);
    ht_light_object_free(found);
    made->root.b[0] ^= 1;
    assert_int_equal(ht_light_sql_bootstrap(&found, db, &made->root, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "not_kept");
    ht_light_object_free(made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_thirds_are_better_than_fewer_with_finality, start, end),
        cmocka_unit_test_setup_teardown(an_update_with_finality_is_better_than_one_without, start,
                                        end),
        cmocka_unit_test_setup_teardown(finality_in_the_same_period_is_better, start, end),
        cmocka_unit_test_setup_teardown(more_signatures_are_better_and_then_an_older_header, start,
                                        end),
        cmocka_unit_test_setup_teardown(periods_that_are_long_past_are_forgotten, start, end),
        cmocka_unit_test_setup_teardown(a_bootstrap_is_found_by_its_block_alone, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
