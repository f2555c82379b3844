/* What is kept of messages on disk: up to when they were read, and wraps that are said again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/store/db.h"
#include "social/messages/messages_sql.h"

static struct {
    char dir[64], path[96];
    sqlite3 *db;
} place;

static int start(void **state) {
    (void)state;
    (void)snprintf(place.dir, sizeof place.dir, "/tmp/hearth-messages-XXXXXX");
    if (mkdtemp(place.dir) == NULL) return -1;
    (void)snprintf(place.path, sizeof place.path, "%s/social.db", place.dir);
    return ht_db_open(&place.db, place.path, ht_messages_migrations, ht_messages_migration_count,
                      NULL) == HT_OK
               ? 0
               : -1;
}

static int end(void **state) {
    (void)state;
    ht_db_close(place.db);
    (void)remove(place.path);
    return rmdir(place.dir);
}

static ht_hash32 key(uint8_t n) {
    return (ht_hash32){{n}};
}

static void mark(uint8_t owner, uint8_t who, int64_t at) {
    const ht_hash32 whose = key(owner);
    const struct ht_message_mark one = {.key = key(who), .at = at};
    assert_int_equal(ht_messages_sql_read(place.db, &whose, &one, NULL), HT_OK);
}

static void marks_are_of_an_owner_and_never_go_back(void **state) {
    struct ht_message_mark *marks = NULL;
    size_t count = 0;
    const ht_hash32 owner = key(1);
    (void)state;
    mark(1, 10, 100);
    mark(1, 11, 300);
    mark(2, 10, 999);
    mark(1, 10, 200);
    mark(1, 11, 50);
    assert_int_equal(ht_messages_sql_marks(&marks, &count, place.db, &owner, NULL), HT_OK);
    assert_int_equal(count, 2);
    assert_int_equal(marks[0].at, 300);
    assert_int_equal(marks[0].key.b[0], 11);
    assert_int_equal(marks[1].at, 200);
    free(marks);
}

static void put_out(uint8_t id, int64_t at) {
    const ht_hash32 whose = key(id);
    json_t *urls = json_pack("[s]", "wss://relay.example");
    assert_int_equal(
        ht_messages_sql_out_put(place.db, &whose, ht_bytes_str("{\"id\":1}"), urls, at, NULL),
        HT_OK);
    json_decref(urls);
}

/* The first bytes of the ids, in order, as hex. */
static const char *outs(int64_t after, size_t max, int64_t *last) {
    static char text[1000];
    json_t *list = NULL, *row;
    size_t i;
    text[0] = '\0';
    assert_int_equal(ht_messages_sql_out_list(&list, place.db, after, max, NULL), HT_OK);
    json_array_foreach(list, i, row) {
        size_t n = strlen(text);
        (void)snprintf(text + n, sizeof text - n, "%.2s",
                       json_string_value(json_object_get(row, "id")));
        if (last != NULL) *last = json_integer_value(json_object_get(row, "seq"));
        assert_string_equal(json_string_value(json_object_get(row, "wrap")), "{\"id\":1}");
        assert_int_equal(json_array_size(json_object_get(row, "urls")), 1);
    }
    json_decref(list);
    return text;
}

static void what_is_out_is_listed_in_order_until_it_is_deleted(void **state) {
    int64_t last = 0;
    const ht_hash32 second = key(2);
    (void)state;
    for (uint8_t i = 1; i <= 4; i++) put_out(i, 100);
    assert_string_equal(outs(0, 2, &last), "0102");
    assert_string_equal(outs(last, 2, &last), "0304");
    assert_string_equal(outs(last, 2, NULL), "");
    assert_int_equal(ht_messages_sql_out_delete(place.db, &second, NULL), HT_OK);
    assert_int_equal(ht_messages_sql_out_delete(place.db, &second, NULL), HT_OK);
    put_out(1, 100);
    assert_string_equal(outs(0, 9, NULL), "030401");
}

static void what_is_old_or_too_many_is_trimmed(void **state) {
    char expected[7];
    (void)state;
    put_out(1, 50);
    put_out(2, 100);
    assert_int_equal(ht_messages_sql_out_trim(place.db, 51, NULL), HT_OK);
    assert_string_equal(outs(0, 9, NULL), "02");
    for (unsigned i = 0; i < HT_MESSAGE_OUT_MAX; i++) {
        ht_hash32 id = key((uint8_t)i);
        id.b[1] = (uint8_t)(1 + i / 256);
        json_t *urls = json_pack("[s]", "wss://relay.example");
        assert_int_equal(
            ht_messages_sql_out_put(place.db, &id, ht_bytes_str("{\"id\":1}"), urls, 100, NULL),
            HT_OK);
        json_decref(urls);
    }
    assert_int_equal(ht_messages_sql_out_trim(place.db, 51, NULL), HT_OK);
    (void)snprintf(expected, sizeof expected, "%.6s", outs(0, 3, NULL));
    assert_string_equal(expected, "000102");
    json_t *all = NULL;
    assert_int_equal(ht_messages_sql_out_list(&all, place.db, 0, 1000, NULL), HT_OK);
    assert_int_equal(json_array_size(all), HT_MESSAGE_OUT_MAX);
    json_decref(all);
}

static void a_list_of_relays_without_end_is_refused(void **state) {
    const ht_hash32 id = key(1);
    json_t *urls = json_array();
    struct ht_why why = {.code = ""};
    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(json_array_append_new(urls, json_string("wss://relay.example.org")), 0);
    }
    assert_int_equal(ht_messages_sql_out_put(place.db, &id, ht_bytes_str("{}"), urls, 100, &why),
                     HT_ELIMIT);
    assert_string_equal(why.code, "too_long");
    json_decref(urls);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(marks_are_of_an_owner_and_never_go_back),
        TEST(what_is_out_is_listed_in_order_until_it_is_deleted),
        TEST(what_is_old_or_too_many_is_trimmed),
        TEST(a_list_of_relays_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
