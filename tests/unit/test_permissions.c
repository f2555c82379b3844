/* Permissions: each origin its own, until they run out or are taken back. */
#include "tests/unit/wallet_world.h"

#define ADDRESS (&bench.accounts[0].address)

static struct ask asked;
static enum ht_err told;
static struct ht_why told_why;
static unsigned told_count;

static void on_told(void *user, enum ht_err err, const struct ht_why *why) {
    (void)user;
    told = err;
    told_why = *why;
    told_count++;
}

static const struct ht_permission_change tell = {on_told, NULL};

static int begin(void **state) {
    told_count = 0;
    return world_start(state);
}

static void reopen(void) {
    ht_permissions_free(&bench.identity);
    assert_int_equal(ht_permissions_new(&bench.identity, bench.db, NULL), HT_OK);
}

static enum ht_err admit(const char *origin, const char *method, struct ht_why *why) {
    return ht_permissions_admit(&bench.identity, origin, method, why);
}

static enum ht_err count_row(void *user, const struct ht_permission_row *row) {
    (void)row;
    ++*(size_t *)user;
    return HT_OK;
}

static void permissions_hold_after_the_commit_and_not_before(void **state) {
    (void)state;
    ht_permission_grant(&bench.identity, PAGE, ADDRESS, 1, &tell);
    assert_false(ht_permission_has(&bench.identity, PAGE));
    assert_int_equal(told_count, 0);
    bench_commit();
    assert_int_equal(told, HT_OK);
    assert_true(ht_permission_has_account(&bench.identity, PAGE, ADDRESS));
    assert_string_equal(bench.audit[0], "granted " PAGE);
}

static void permissions_are_there_after_a_restart(void **state) {
    (void)state;
    grant(PAGE);
    reopen();
    assert_true(ht_permission_has_account(&bench.identity, PAGE, ADDRESS));
    assert_int_equal(ht_permission_granted_ms(&bench.identity, PAGE), bench.wall_ms);
}

static void permissions_are_of_one_exact_origin(void **state) {
    (void)state;
    grant(PAGE);
    assert_false(ht_permission_has(&bench.identity, OTHER_PAGE));
    assert_false(ht_permission_has(&bench.identity, PAGE ":8443"));
    assert_false(ht_permission_has(&bench.identity, PAGE "."));
    assert_false(ht_permission_has(&bench.identity, "https://APP.example"));
    assert_false(ht_permission_has(&bench.identity, ""));
}

static void permissions_are_of_the_accounts_that_were_chosen(void **state) {
    (void)state;
    grant(PAGE);
    assert_false(ht_permission_has_account(&bench.identity, PAGE, &bench.accounts[1].address));
    json_t *list = ht_permission_accounts_json(&bench.identity, PAGE);
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
}

static void permissions_show_no_account_that_was_removed(void **state) {
    (void)state;
    grant(PAGE);
    const ht_addr20 removed = *ADDRESS;
    bench.account_count = 0;
    assert_false(ht_permission_has_account(&bench.identity, PAGE, &removed));
    json_t *list = ht_permission_accounts_json(&bench.identity, PAGE);
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
}

static void permissions_replace_an_older_one(void **state) {
    (void)state;
    grant(PAGE);
    ht_permission_grant(&bench.identity, PAGE, &bench.accounts[1].address, 1, &tell);
    bench_commit();
    reopen();
    assert_false(ht_permission_has_account(&bench.identity, PAGE, ADDRESS));
    assert_true(ht_permission_has_account(&bench.identity, PAGE, &bench.accounts[1].address));
}

static void permissions_run_out(void **state) {
    (void)state;
    grant(PAGE);
    bench.wall_ms += HT_PERMISSION_MS - 1;
    assert_true(ht_permission_has(&bench.identity, PAGE));
    bench.wall_ms++;
    assert_false(ht_permission_has(&bench.identity, PAGE));
    reopen();
    assert_false(ht_permission_has(&bench.identity, PAGE));
}

static void permissions_taken_back_are_gone_at_once_and_for_good(void **state) {
    (void)state;
    grant(PAGE);
    ask_owner(&asked, "wallet.revoke", "{\"origin\":\"" PAGE "\"}");
    assert_false(ht_permission_has(&bench.identity, PAGE));
    assert_null(asked.reply);
    bench_commit();
    assert_string_equal(result_of(&asked), "{\"revoked\":1}");
    reopen();
    assert_false(ht_permission_has(&bench.identity, PAGE));
}

static void permissions_taken_back_before_the_commit_are_not_given(void **state) {
    (void)state;
    ht_permission_grant(&bench.identity, PAGE, ADDRESS, 1, &tell);
    ht_permission_revoke(&bench.identity, PAGE, NULL);
    bench_commit();
    assert_int_equal(told, HT_EDENIED);
    assert_string_equal(told_why.code, "revoked");
    assert_false(ht_permission_has(&bench.identity, PAGE));
    reopen();
    assert_false(ht_permission_has(&bench.identity, PAGE));
}

static void permissions_refuse_to_take_back_what_is_not_there(void **state) {
    (void)state;
    ask_owner(&asked, "wallet.revoke", "{\"origin\":\"" OTHER_PAGE "\"}");
    is_refused(&asked, -32001, "no_permission");
}

static void permissions_are_all_taken_back_at_once(void **state) {
    (void)state;
    grant(PAGE);
    grant(OTHER_PAGE);
    ask_owner(&asked, "wallet.revoke_all", "{}");
    assert_false(ht_permission_has(&bench.identity, PAGE));
    assert_false(ht_permission_has(&bench.identity, OTHER_PAGE));
    bench_commit();
    assert_string_equal(result_of(&asked), "{\"revoked\":2}");
    reopen();
    assert_false(ht_permission_has(&bench.identity, PAGE));
}

static void permissions_tell_pages_what_they_may_see(void **state) {
    (void)state;
    ht_permission_grant(&bench.identity, PAGE, ADDRESS, 1, NULL);
    assert_int_equal(world_told_count, 0);
    bench_commit();
    assert_string_equal(world_told, PAGE " accountsChanged [\"" OURS "\"]");
    ht_permission_revoke(&bench.identity, PAGE, NULL);
    assert_string_equal(world_told, PAGE " accountsChanged []");
    bench_commit();
    assert_int_equal(world_told_count, 2);
}

static void permissions_tell_all_pages_when_all_are_taken_back(void **state) {
    (void)state;
    grant(PAGE);
    grant(OTHER_PAGE);
    world_told_count = 0;
    ask_owner(&asked, "wallet.revoke_all", "{}");
    assert_int_equal(world_told_count, 2);
    assert_string_equal(world_told, OTHER_PAGE " accountsChanged []");
    bench_commit();
    (void)result_of(&asked);
}

/* The first account is not in the wallet any more: the one that is left comes to its place. */
static void remove_first_account(void) {
    const ht_addr20 removed = *ADDRESS;
    assert_int_equal(ht_account_sql_delete(bench.db, bench.accounts[0].id, NULL), HT_OK);
    bench.accounts[0] = bench.accounts[1];
    bench.account_count = 1;
    ht_permissions_on_accounts(&bench.identity);
    assert_false(ht_permission_has_account(&bench.identity, PAGE, &removed));
}

static void permissions_tell_pages_of_an_account_that_was_removed(void **state) {
    (void)state;
    const ht_addr20 both[] = {bench.accounts[0].address, bench.accounts[1].address};
    ht_permission_grant(&bench.identity, PAGE, both, 2, NULL);
    ht_permission_grant(&bench.identity, OTHER_PAGE, both + 1, 1, NULL);
    bench_commit();
    world_told_count = 0;
    remove_first_account();
    assert_int_equal(world_told_count, 1); /* the other page sees what it saw */
    assert_string_equal(world_told, PAGE " accountsChanged [\"" WATCHED "\"]");
    assert_true(ht_permission_has(&bench.identity, PAGE));
}

static void permissions_do_not_come_back_with_an_account_that_was_removed(void **state) {
    (void)state;
    const ht_addr20 both[] = {bench.accounts[0].address, bench.accounts[1].address};
    const struct ht_account_info first = bench.accounts[0];
    ht_permission_grant(&bench.identity, PAGE, both, 2, NULL);
    bench_commit();
    remove_first_account();
    bench.accounts[bench.account_count++] = first;
    ht_permissions_on_accounts(&bench.identity);
    assert_false(ht_permission_has_account(&bench.identity, PAGE, &first.address));
    bench_commit();
    reopen();
    assert_true(ht_permission_has_account(&bench.identity, PAGE, &both[1]));
    assert_false(ht_permission_has_account(&bench.identity, PAGE, &first.address));
}

static void permissions_without_an_account_left_are_gone(void **state) {
    (void)state;
    json_t *topic = NULL;
    grant(PAGE);
    ask_page(&asked, "personal_sign", "[\"0x00\",\"" OURS "\"]");
    world_told_count = 0;
    remove_first_account();
    assert_false(ht_permission_has(&bench.identity, PAGE));
    assert_int_equal(world_told_count, 1);
    assert_string_equal(world_told, PAGE " accountsChanged []");
    is_refused(&asked, 4100, "revoked");
    assert_string_equal(bench.audit[1], "revoked " PAGE);
    assert_int_equal(ht_permissions_json(&bench.identity, &topic, NULL), HT_OK);
    assert_int_equal(json_array_size(json_object_get(topic, "permissions")), 0);
    json_decref(topic);
    bench_commit();
    size_t rows = 0;
    assert_int_equal(ht_permission_sql_load(bench.db, count_row, &rows, NULL), HT_OK);
    assert_int_equal(rows, 0);
}

static void permissions_granted_while_their_account_goes_are_not_kept(void **state) {
    (void)state;
    ht_permission_grant(&bench.identity, PAGE, ADDRESS, 1, &tell);
    remove_first_account();
    bench_commit();
    assert_false(ht_permission_has(&bench.identity, PAGE));
    assert_string_equal(world_told, PAGE " accountsChanged []");
}

static void permissions_say_nothing_when_another_account_comes(void **state) {
    (void)state;
    grant(PAGE);
    world_told_count = 0;
    bench.accounts[bench.account_count++] = (struct ht_account_info){.id = 3, .address = {{3}}};
    ht_permissions_on_accounts(&bench.identity);
    assert_int_equal(world_told_count, 0);
    assert_int_equal(bench.write_count, 0);
}

static void permissions_tell_pages_when_they_run_out(void **state) {
    (void)state;
    grant(PAGE);
    bench.wall_ms += 1000;
    grant(OTHER_PAGE);
    ask_page(&asked, "personal_sign", "[\"0x00\",\"" OURS "\"]");
    world_told_count = 0;
    bench.wall_ms += HT_PERMISSION_MS - 1001;
    bench_fire();
    assert_int_equal(world_told_count, 0);
    bench.wall_ms++;
    bench_fire();
    assert_int_equal(world_told_count, 1);
    assert_string_equal(world_told, PAGE " accountsChanged []");
    is_refused(&asked, 4100, "revoked");
    bench.wall_ms += 1000;
    bench_fire();
    assert_int_equal(world_told_count, 2);
    assert_string_equal(world_told, OTHER_PAGE " accountsChanged []");
    bench_commit();
    size_t rows = 0;
    assert_int_equal(ht_permission_sql_load(bench.db, count_row, &rows, NULL), HT_OK);
    assert_int_equal(rows, 0);
}

static void permissions_wait_until_the_next_runs_out_and_no_longer_than_a_minute(void **state) {
    (void)state;
    assert_null(bench.timers[0]);
    grant(PAGE);
    assert_non_null(bench.timers[0]);
    assert_int_equal(bench.delays_ms[0], 60000);
    bench.wall_ms += HT_PERMISSION_MS - 1234;
    bench_fire();
    assert_int_equal(bench.delays_ms[0], 1234);
    ht_permission_revoke(&bench.identity, PAGE, NULL);
    bench_fire();
    assert_null(bench.timers[0]);
}

static void permissions_are_tidied_again_when_the_disk_was_busy(void **state) {
    (void)state;
    size_t rows = 0;
    grant(PAGE);
    bench.disk_is_full = true;
    remove_first_account();
    bench.disk_is_full = false;
    bench_fire();
    bench_commit();
    assert_int_equal(ht_permission_sql_load(bench.db, count_row, &rows, NULL), HT_OK);
    assert_int_equal(rows, 0);
}

static void permissions_taken_back_end_what_the_origin_waits_for(void **state) {
    (void)state;
    struct ask others;
    grant(PAGE);
    grant(OTHER_PAGE);
    ask_page(&asked, "personal_sign", "[\"0x00\",\"" OURS "\"]");
    put(&others, eth, OTHER_PAGE, NULL, "personal_sign", "[\"0x00\",\"" OURS "\"]");
    ht_permission_revoke(&bench.identity, PAGE, NULL);
    bench_commit();
    is_refused(&asked, 4100, "revoked");
    assert_null(others.reply);
    assert_int_equal(queue_size(), 1);
}

static void permissions_are_not_granted_to_an_origin_that_any_page_can_be(void **state) {
    (void)state;
    ht_permission_grant(&bench.identity, "null", ADDRESS, 1, &tell);
    assert_int_equal(told, HT_EINPUT);
    assert_string_equal(told_why.code, "bad_origin");
    assert_int_equal(bench.write_count, 0);
}

static void permissions_have_a_bound_and_give_back_places_that_ran_out(void **state) {
    (void)state;
    char origin[40];
    for (unsigned i = 0; i < HT_PERMISSIONS_MAX; i++) {
        (void)snprintf(origin, sizeof origin, "https://page-%u.example", i);
        grant(origin);
    }
    ht_permission_grant(&bench.identity, PAGE, ADDRESS, 1, &tell);
    assert_int_equal(told, HT_ELIMIT);
    assert_string_equal(told_why.code, "too_many_permissions");
    bench.wall_ms += HT_PERMISSION_MS;
    ht_permission_grant(&bench.identity, PAGE, ADDRESS, 1, &tell);
    bench_commit();
    assert_int_equal(told, HT_OK);
    assert_true(ht_permission_has(&bench.identity, PAGE));
}

static void permissions_are_not_granted_when_the_disk_is_busy(void **state) {
    (void)state;
    bench.disk_is_full = true;
    ht_permission_grant(&bench.identity, PAGE, ADDRESS, 1, &tell);
    assert_int_equal(told, HT_EAGAIN);
    assert_string_equal(told_why.code, "busy");
    assert_false(ht_permission_has(&bench.identity, PAGE));
}

static void permissions_keep_when_they_were_used_once_a_minute(void **state) {
    (void)state;
    grant(PAGE);
    ht_permission_use(&bench.identity, PAGE);
    assert_int_equal(bench.write_count, 1);
    ht_permission_use(&bench.identity, PAGE);
    assert_int_equal(bench.write_count, 1);
    bench.wall_ms += 60000;
    ht_permission_use(&bench.identity, PAGE);
    assert_int_equal(bench.write_count, 2);
    bench_commit();
    reopen();
    json_t *topic = NULL;
    assert_int_equal(ht_permissions_json(&bench.identity, &topic, NULL), HT_OK);
    const json_t *one = json_array_get(json_object_get(topic, "permissions"), 0);
    assert_int_equal(json_integer_value(json_object_get(one, "used_ms")), bench.wall_ms);
    assert_string_equal(json_string_value(json_object_get(one, "origin")), PAGE);
    json_decref(topic);
}

static void permissions_admit_a_stranger_to_asking_only(void **state) {
    (void)state;
    struct ht_why why = {0};
    assert_int_equal(admit(PAGE, "eth_requestAccounts", &why), HT_OK);
    assert_int_equal(admit(PAGE, "wallet_requestPermissions", &why), HT_OK);
    assert_int_equal(admit(PAGE, "eth_accounts", &why), HT_OK);
    assert_int_equal(admit(PAGE, "eth_chainId", &why), HT_EDENIED);
    assert_string_equal(why.code, "unauthorized");
    assert_int_equal(admit(PAGE, "eth_getBalance", &why), HT_EDENIED);
    assert_int_equal(admit(PAGE, NULL, &why), HT_EDENIED);
    grant(PAGE);
    assert_int_equal(admit(PAGE, "eth_getBalance", &why), HT_OK);
    assert_int_equal(admit(PAGE, NULL, &why), HT_OK);
    assert_int_equal(admit(OTHER_PAGE, "eth_getBalance", &why), HT_EDENIED);
}

static void permissions_never_admit_the_origin_null(void **state) {
    (void)state;
    struct ht_why why = {0};
    assert_int_equal(admit("null", "eth_requestAccounts", &why), HT_EDENIED);
    assert_string_equal(why.code, "bad_origin");
}

#undef WITH
#define WITH(test) cmocka_unit_test_setup_teardown(test, begin, world_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(permissions_hold_after_the_commit_and_not_before),
        WITH(permissions_are_there_after_a_restart),
        WITH(permissions_are_of_one_exact_origin),
        WITH(permissions_are_of_the_accounts_that_were_chosen),
        WITH(permissions_show_no_account_that_was_removed),
        WITH(permissions_replace_an_older_one),
        WITH(permissions_run_out),
        WITH(permissions_taken_back_are_gone_at_once_and_for_good),
        WITH(permissions_taken_back_before_the_commit_are_not_given),
        WITH(permissions_refuse_to_take_back_what_is_not_there),
        WITH(permissions_are_all_taken_back_at_once),
        WITH(permissions_tell_pages_what_they_may_see),
        WITH(permissions_tell_all_pages_when_all_are_taken_back),
        WITH(permissions_tell_pages_of_an_account_that_was_removed),
        WITH(permissions_do_not_come_back_with_an_account_that_was_removed),
        WITH(permissions_without_an_account_left_are_gone),
        WITH(permissions_granted_while_their_account_goes_are_not_kept),
        WITH(permissions_say_nothing_when_another_account_comes),
        WITH(permissions_tell_pages_when_they_run_out),
        WITH(permissions_wait_until_the_next_runs_out_and_no_longer_than_a_minute),
        WITH(permissions_are_tidied_again_when_the_disk_was_busy),
        WITH(permissions_taken_back_end_what_the_origin_waits_for),
        WITH(permissions_are_not_granted_to_an_origin_that_any_page_can_be),
        WITH(permissions_have_a_bound_and_give_back_places_that_ran_out),
        WITH(permissions_are_not_granted_when_the_disk_is_busy),
        WITH(permissions_keep_when_they_were_used_once_a_minute),
        WITH(permissions_admit_a_stranger_to_asking_only),
        WITH(permissions_never_admit_the_origin_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
