/* The relay's management on a real file: what each call leaves there, what counts afterwards. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "node/p2p/door_core.h"
#include "social/client_sql.h"
#include "social/relay/keeper_call.h"
#include "social/relay/keeper_sql.h"
#include "tests/unit/store_world.h"

#define CALL(method, params) "{\"method\":\"" method "\",\"params\":" params "}"
#define NOW 1000000

static struct store_world world;

/* The tables of the other parts, made over a second connection. */
static void add_tables(const struct ht_migration *list, size_t count) {
    sqlite3 *db = NULL;
    struct ht_why why = {0};
    if (ht_db_open(&db, world.path, list, count, &why) != HT_OK) fail_msg("%s", why.text);
    ht_db_close(db);
}

static int start(void **state) {
    (void)state;
    store_world_open(&world);
    add_tables(ht_client_migrations, ht_client_migration_count);
    add_tables(ht_keeper_migrations, ht_keeper_migration_count);
    return 0;
}

static int end(void **state) {
    (void)state;
    store_world_close(&world);
    return 0;
}

static enum ht_err call(json_t **result, const char *body, struct ht_why *why) {
    struct ht_manage_request request;
    enum ht_err err = ht_manage_read(&request, ht_bytes_str(body), why);
    if (err != HT_OK) fail_msg("%s: %s", body, why->text);
    return ht_keeper_call(result, world.db, world.store, &request, NOW, why);
}

static void answers(const char *expected, const char *body) {
    struct ht_why why = {.code = "none"};
    json_t *result = NULL;
    if (call(&result, body, &why) != HT_OK) fail_msg("%s: %s", body, why.text);
    char *text = json_dumps(result, JSON_COMPACT | JSON_ENCODE_ANY);
    assert_non_null(text);
    if (strcmp(text, expected) != 0) fail_msg("%s: expected %s, got %s", body, expected, text);
    free(text);
    json_decref(result);
}

/* The method with a key's or an event's hex, and a reason when there is one. */
static void does(const char *method, const char *hex, const char *reason) {
    char body[400];
    (void)snprintf(body, sizeof body, "{\"method\":\"%s\",\"params\":[\"%s\",\"%s\"]}", method, hex,
                   reason);
    answers("true", body);
}

static void lists(const char *method, const char *member, const char *hex, const char *reason) {
    char body[100], expected[500] = "[]";
    (void)snprintf(body, sizeof body, "{\"method\":\"%s\",\"params\":[]}", method);
    if (hex != NULL) {
        (void)snprintf(expected, sizeof expected, "[{\"%s\":\"%s\",\"reason\":\"%s\"}]", member,
                       hex, reason);
    }
    answers(expected, body);
}

static void keeper_moves_keys_between_banned_and_allowed(void **state) {
    const char *key = store_world_key(&world, 'k');
    (void)state;
    does("banpubkey", key, "spam");
    lists("listbannedpubkeys", "pubkey", key, "spam");
    does("allowpubkey", key, "sorry");
    lists("listbannedpubkeys", "pubkey", NULL, NULL);
    lists("listallowedpubkeys", "pubkey", key, "sorry");
    does("banpubkey", key, "again");
    lists("listallowedpubkeys", "pubkey", NULL, NULL);
    does("unbanpubkey", key, "");
    lists("listbannedpubkeys", "pubkey", NULL, NULL);
    lists("listallowedpubkeys", "pubkey", NULL, NULL);
    does("allowpubkey", key, "");
    does("unallowpubkey", key, "");
    lists("listallowedpubkeys", "pubkey", NULL, NULL);
}

static void keeper_bans_in_the_owners_own_list(void **state) {
    const char *key = store_world_key(&world, 'k');
    ht_hash32 pubkey = store_world_pubkey('k'), blocked[2];
    size_t count = 0;
    (void)state;
    assert_int_equal(ht_client_sql_block(world.db, &pubkey, true, NULL), HT_OK);
    lists("listbannedpubkeys", "pubkey", key, "");
    does("unbanpubkey", key, "");
    assert_int_equal(ht_client_sql_blocked(blocked, &count, 2, world.db, NULL), HT_OK);
    assert_int_equal(count, 0);
    does("banpubkey", key, "spam");
    assert_int_equal(ht_client_sql_blocked(blocked, &count, 2, world.db, NULL), HT_OK);
    assert_int_equal(count, 1);
    assert_true(ht_hash32_equal(&blocked[0], &pubkey));
}

static void keeper_removes_events_and_lets_them_in_again(void **state) {
    struct ht_event *event = store_world_event(&world, "bad", 'a', 1, 100, NULL);
    const char *id = store_world_id(&world, event);
    (void)state;
    assert_int_equal(store_world_put(&world, event), HT_PUT_STORED);
    does("banevent", id, "rude");
    assert_string_equal(store_world_ask(&world, "{'kinds':[1]}"), "");
    assert_int_equal(store_world_put(&world, event), HT_PUT_DELETED);
    lists("listbannedevents", "id", id, "rude");
    does("allowevent", id, "fine");
    lists("listbannedevents", "id", NULL, NULL);
    lists("listallowedevents", "id", id, "fine");
    assert_int_equal(store_world_put(&world, event), HT_PUT_STORED);
    does("unallowevent", id, "");
    lists("listallowedevents", "id", NULL, NULL);
    assert_string_equal(store_world_ask(&world, "{'kinds':[1]}"), "bad");
    does("banevent", id, "");
    does("unbanevent", id, "");
    assert_int_equal(store_world_put(&world, event), HT_PUT_STORED);
    lists("listbannedevents", "id", NULL, NULL);
}

static void keeper_bans_events_that_have_not_come_yet(void **state) {
    struct ht_event *event = store_world_event(&world, "bad", 'a', 1, 100, NULL);
    (void)state;
    does("banevent", store_world_id(&world, event), "");
    assert_int_equal(store_world_put(&world, event), HT_PUT_DELETED);
}

static void keeper_asks_about_reported_events_until_they_are_settled(void **state) {
    struct ht_event *one = store_world_event(&world, "one", 'a', 1, 100, NULL);
    struct ht_event *two = store_world_event(&world, "two", 'b', 1, 101, NULL);
    const char *first = store_world_id(&world, one), *second = store_world_id(&world, two);
    (void)state;
    assert_int_equal(store_world_put(&world, one), HT_PUT_STORED);
    assert_int_equal(store_world_put(&world, two), HT_PUT_STORED);
    lists("listeventsneedingmoderation", "id", NULL, NULL);
    struct ht_event *reports[] = {
        store_world_event(&world, "buy now", 'r', 1984, 200, "e", first, "p",
                          store_world_key(&world, 'a'), NULL),
        store_world_event(&world, "twice", 's', 1984, 150, "e", first, NULL),
        store_world_event(&world, "unknown", 's', 1984, 160, "e", store_world_key(&world, 'q'),
                          NULL),
        store_world_event(&world, "a person", 's', 1984, 170, "p", store_world_key(&world, 'a'),
                          NULL),
    };
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        assert_int_equal(store_world_put(&world, reports[i]), HT_PUT_STORED);
    }
    /* Each event once, by its newest report; what is not here needs no decision. */
    lists("listeventsneedingmoderation", "id", first, "other: buy now");
    does("allowevent", first, "");
    lists("listeventsneedingmoderation", "id", NULL, NULL);
    struct ht_event *more = store_world_event(&world, "", 'r', 1984, 300, "e", second, NULL);
    assert_int_equal(store_world_put(&world, more), HT_PUT_STORED);
    lists("listeventsneedingmoderation", "id", second, "other");
    does("banevent", second, "");
    lists("listeventsneedingmoderation", "id", NULL, NULL);
}

static void keeper_lets_what_was_done_to_kinds_be_undone(void **state) {
    (void)state;
    answers("true", CALL("disallowkind", "[7]"));
    answers("[7]", CALL("listdisallowedkinds", "[]"));
    answers("true", CALL("allowkind", "[7]"));
    answers("[]", CALL("listdisallowedkinds", "[]"));
    answers("[]", CALL("listallowedkinds", "[]"));
    answers("true", CALL("allowkind", "[30023]"));
    answers("true", CALL("allowkind", "[1]"));
    answers("[1,30023]", CALL("listallowedkinds", "[]"));
    answers("true", CALL("disallowkind", "[1]"));
    answers("[30023]", CALL("listallowedkinds", "[]"));
    answers("true", CALL("allowkind", "[1]"));
    answers("[1,30023]", CALL("listallowedkinds", "[]"));
}

static void keeper_keeps_the_relays_texts_beside_the_others(void **state) {
    json_t *profile = NULL, *before = json_pack("{s:s}", "contact", "mailto:me@example.com");
    (void)state;
    assert_int_equal(ht_client_sql_set(world.db, "profile", before, NULL), HT_OK);
    json_decref(before);
    answers("true", CALL("changerelayname", "[\"Home\"]"));
    answers("true", CALL("changerelaydescription", "[\"Ours\"]"));
    answers("true", CALL("changerelayicon", "[\"https://example.com/i.png\"]"));
    assert_int_equal(ht_client_sql_get(&profile, world.db, "profile", NULL), HT_OK);
    assert_string_equal(json_string_value(json_object_get(profile, "name")), "Home");
    assert_string_equal(json_string_value(json_object_get(profile, "description")), "Ours");
    assert_string_equal(json_string_value(json_object_get(profile, "contact")),
                        "mailto:me@example.com");
    json_decref(profile);
}

static void keeper_has_all_that_counts_after_a_restart(void **state) {
    struct ht_keeper_state now = {0};
    (void)state;
    does("banpubkey", store_world_key(&world, 'b'), "");
    does("allowpubkey", store_world_key(&world, 'a'), "");
    answers("true", CALL("blockip", "[\"192.0.2.7\",\"noise\"]"));
    answers("true", CALL("blockip", "[\"2001:DB8::1\"]"));
    answers("true", CALL("unblockip", "[\"192.0.2.9\"]"));
    answers("true", CALL("allowkind", "[1]"));
    answers("true", CALL("disallowkind", "[7]"));
    store_world_reopen(&world);
    assert_int_equal(ht_keeper_sql_state(&now, world.db, NULL), HT_OK);
    assert_int_equal(now.banned_count, 1);
    assert_int_equal(now.banned[0].b[0], 'b');
    assert_int_equal(now.allowed_count, 1);
    assert_int_equal(now.allowed[0].b[0], 'a');
    assert_int_equal(now.address_count, 2);
    assert_string_equal(now.addresses[0], "192.0.2.7");
    assert_string_equal(now.addresses[1], "2001:db8::1");
    assert_int_equal(now.kind_count, 1);
    assert_int_equal(now.denied_kinds[0], 7);
    ht_keeper_state_fini(&now);
    answers("[{\"ip\":\"192.0.2.7\",\"reason\":\"noise\"},{\"ip\":\"2001:db8::1\",\"reason\":"
            "\"\"}]",
            CALL("listblockedips", "[]"));
}

static void keeper_refuses_more_than_a_list_holds(void **state) {
    struct ht_why why = {.code = "none"};
    char address[32];
    (void)state;
    assert_int_equal(sqlite3_exec(world.db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    for (unsigned i = 0; i < HT_KEEPER_LIST_MAX; i++) {
        (void)snprintf(address, sizeof address, "10.0.%u.%u", i / 256, i % 256);
        assert_int_equal(
            ht_keeper_sql_put(world.db, HT_KEEPER_ADDRESSES, ht_bytes_str(address), "", NULL),
            HT_OK);
    }
    assert_int_equal(sqlite3_exec(world.db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    json_t *result = NULL;
    assert_int_equal(call(&result, CALL("blockip", "[\"192.0.2.7\"]"), &why), HT_ELIMIT);
    assert_string_equal(why.code, "manage_full");
    /* One that is there gets another reason. */
    answers("true", CALL("blockip", "[\"10.0.0.1\",\"why\"]"));
}

static void keeper_takes_over_keys_that_an_older_file_blocked(void **state) {
    ht_hash32 pubkey = store_world_pubkey('o');
    (void)state;
    store_world_open(&world);
    add_tables(ht_client_migrations, ht_client_migration_count);
    assert_int_equal(ht_client_sql_block(world.db, &pubkey, true, NULL), HT_OK);
    add_tables(ht_keeper_migrations, ht_keeper_migration_count);
    lists("listbannedpubkeys", "pubkey", store_world_key(&world, 'o'), "");
    store_world_close(&world);
}

static void keeper_knows_its_own_host_when_anybody_may_connect(void **state) {
    static const struct ht_door door = {
        .listen_address = "0.0.0.0", .names = {"relay.example"}, .name_count = 1};
    static const struct {
        const char *host;
        bool is_ours;
    } cases[] = {
        {"127.0.0.1:8421", true},    {"localhost", true},
        {"[::1]:8421", true},        {"relay.example", true},
        {"Relay.Example:443", true}, {"evil.example", false},
        {"192.0.2.7:8421", false},   {"", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (ht_door_is_named(&door, ht_bytes_str(cases[i].host)) != cases[i].is_ours)
            fail_msg("%s", cases[i].host);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(keeper_moves_keys_between_banned_and_allowed),
        TEST(keeper_bans_in_the_owners_own_list),
        TEST(keeper_removes_events_and_lets_them_in_again),
        TEST(keeper_bans_events_that_have_not_come_yet),
        TEST(keeper_asks_about_reported_events_until_they_are_settled),
        TEST(keeper_lets_what_was_done_to_kinds_be_undone),
        TEST(keeper_keeps_the_relays_texts_beside_the_others),
        TEST(keeper_has_all_that_counts_after_a_restart),
        TEST(keeper_refuses_more_than_a_list_holds),
        cmocka_unit_test(keeper_knows_its_own_host_when_anybody_may_connect),
        cmocka_unit_test(keeper_takes_over_keys_that_an_older_file_blocked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
