/* Scopes: what they have, what they say of themselves, what they refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdlib.h>

#include "node/codec/json.h"
#include "node/p2p/scope.h"

static struct ht_scope *scope;
static struct ht_why why;

static int setup(void **state) {
    (void)state;
    why = (struct ht_why){.code = NULL};
    return ht_scope_new(&scope) == HT_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    ht_scope_free(scope);
    scope = NULL;
    return 0;
}

static ht_hash32 key_of(uint32_t number) {
    ht_hash32 key = {.b = {0}};
    ht_write_u32_le(key.b, number);
    return key;
}

static enum ht_err add_author(uint32_t number) {
    ht_hash32 key = key_of(number);
    return ht_scope_add_author(scope, &key);
}

static enum ht_err add_inbox(uint32_t number) {
    ht_hash32 key = key_of(number);
    return ht_scope_add_inbox(scope, &key);
}

static bool has_author(uint32_t number) {
    ht_hash32 key = key_of(number);
    return ht_scope_has_author(scope, &key);
}

/* An event with one tag of two items; name NULL: none. */
static bool has_event(uint32_t author, const char *name, const char *value) {
    const ht_bytes items[] = {ht_bytes_str(name == NULL ? "" : name),
                              ht_bytes_str(value == NULL ? "" : value)};
    const struct ht_event_tag tag = {items, 2};
    struct ht_event event = {.pubkey = key_of(author), .kind = 1};
    if (name != NULL) event.tags = &tag, event.tag_count = 1;
    return ht_scope_has(scope, &event);
}

static enum ht_err read(struct ht_scope **out, const char *text) {
    json_t *json = NULL;
    assert_int_equal(ht_json_parse(&json, ht_bytes_str(text), 1 << 20, NULL), HT_OK);
    enum ht_err err = ht_scope_read(out, json, &why);
    json_decref(json);
    return err;
}

static void refused(enum ht_err err, const char *code, const char *text) {
    struct ht_scope *out = NULL;
    assert_int_equal(read(&out, text), err);
    assert_null(out);
    assert_string_equal(why.code, code);
}

#define KEY7   \
    "07000000" \
    "00000000" \
    "00000000" \
    "00000000" \
    "00000000" \
    "00000000" \
    "00000000" \
    "00000000"

static void an_empty_scope_has_nothing(void **state) {
    (void)state;
    assert_false(has_event(1, NULL, NULL));
    assert_false(has_event(1, "p", KEY7));
    assert_false(has_event(1, "t", "hearth"));
}

static void an_event_is_had_by_its_author_its_inbox_or_its_topic(void **state) {
    (void)state;
    assert_int_equal(add_author(1), HT_OK);
    assert_int_equal(add_inbox(7), HT_OK);
    assert_int_equal(ht_scope_add_tag(scope, "hearth"), HT_OK);
    assert_true(has_event(1, NULL, NULL));
    assert_false(has_event(2, NULL, NULL));
    assert_true(has_event(2, "p", KEY7));
    assert_false(has_event(2, "e", KEY7));
    assert_false(has_event(2, "p", "hearth"));
    assert_true(has_event(2, "t", "hearth"));
    assert_false(has_event(2, "t", "heart"));
    assert_false(has_event(2, "t", "hearths"));
}

static void all_has_every_author_but_no_inbox_of_its_own(void **state) {
    (void)state;
    ht_scope_set_all(scope, true);
    ht_hash32 key = key_of(7);
    assert_true(has_event(2, NULL, NULL));
    assert_false(ht_scope_has_inbox(scope, &key));
    assert_int_equal(add_inbox(7), HT_OK);
    assert_true(ht_scope_has_inbox(scope, &key));
}

static void twice_the_same_is_once_and_too_many_are_refused(void **state) {
    (void)state;
    for (uint32_t i = 0; i < HT_SCOPE_AUTHORS_MAX; i++) assert_int_equal(add_author(i), HT_OK);
    assert_int_equal(add_author(5), HT_OK);
    assert_int_equal(add_author(HT_SCOPE_AUTHORS_MAX), HT_ELIMIT);
    for (uint32_t i = 0; i < HT_SCOPE_AUTHORS_MAX; i++) assert_true(has_author(i));
    assert_false(has_author(HT_SCOPE_AUTHORS_MAX));
    for (uint32_t i = 0; i < HT_SCOPE_INBOX_MAX; i++) assert_int_equal(add_inbox(i), HT_OK);
    assert_int_equal(add_inbox(HT_SCOPE_INBOX_MAX), HT_ELIMIT);
    for (uint32_t i = 0; i < HT_SCOPE_TAGS_MAX; i++) {
        const char tag[] = {(char)('0' + i), 0};
        assert_int_equal(ht_scope_add_tag(scope, tag), HT_OK);
    }
    assert_int_equal(ht_scope_add_tag(scope, "more"), HT_ELIMIT);
}

static void a_tag_that_does_not_fit_is_refused(void **state) {
    (void)state;
    char text[HT_SCOPE_TAG_SIZE + 1];
    memset(text, 'a', sizeof text);
    text[HT_SCOPE_TAG_SIZE] = 0;
    assert_int_equal(ht_scope_add_tag(scope, text), HT_EINPUT);
    assert_int_equal(ht_scope_add_tag(scope, ""), HT_EINPUT);
    text[HT_SCOPE_TAG_SIZE - 1] = 0;
    assert_int_equal(ht_scope_add_tag(scope, text), HT_OK);
    assert_true(has_event(2, "t", text));
}

static void a_scope_comes_back_from_its_json(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 1000; i++) assert_int_equal(add_author(i), HT_OK);
    assert_int_equal(add_inbox(7), HT_OK);
    assert_int_equal(ht_scope_add_tag(scope, "größe"), HT_OK);
    json_t *json = ht_scope_json(scope), *again = NULL;
    assert_non_null(json);
    ht_scope_free(scope);
    scope = NULL;
    assert_int_equal(ht_scope_read(&scope, json, &why), HT_OK);
    again = ht_scope_json(scope);
    assert_true(json_equal(json, again));
    assert_true(has_author(999) && !has_author(1000));
    json_decref(json);
    json_decref(again);
}

static void what_is_no_scope_is_refused(void **state) {
    (void)state;
    refused(HT_EINPUT, "bad_scope", "[]");
    refused(HT_EINPUT, "bad_scope", "{\"all\":1}");
    refused(HT_EINPUT, "bad_scope", "{\"authors\":[]}");
    refused(HT_EINPUT, "bad_scope", "{\"authors\":\"00112233445566\"}");
    refused(HT_EINPUT, "bad_scope", "{\"authors\":\"00112233445566AA\"}");
    refused(HT_EINPUT, "bad_scope", "{\"inbox\":\"" KEY7 "\"}");
    refused(HT_EINPUT, "bad_scope", "{\"inbox\":[\"" KEY7 "00\"]}");
    refused(HT_EINPUT, "bad_scope", "{\"tags\":{}}");
    refused(HT_EINPUT, "bad_scope", "{\"tags\":[\"\"]}");
    refused(HT_EINPUT, "bad_scope", "{\"tags\":[7]}");
}

static void a_scope_with_too_much_is_refused(void **state) {
    (void)state;
    size_t n = (HT_SCOPE_AUTHORS_MAX + 1) * 16;
    char *hex = malloc(n);
    assert_non_null(hex);
    memset(hex, '0', n);
    json_t *json = json_pack("{s:s%}", "authors", hex, n);
    struct ht_scope *out = NULL;
    assert_int_equal(ht_scope_read(&out, json, &why), HT_ELIMIT);
    assert_string_equal(why.code, "scope_full");
    json_decref(json);
    free(hex);
    json_t *inbox = json_array(), *tags = json_array();
    for (unsigned i = 0; i <= HT_SCOPE_INBOX_MAX; i++) {
        json_array_append_new(inbox, json_string(KEY7));
        json_array_append_new(tags, json_string("a"));
    }
    json = json_pack("{s:o}", "inbox", inbox);
    assert_int_equal(ht_scope_read(&out, json, &why), HT_ELIMIT);
    json_decref(json);
    json = json_pack("{s:o}", "tags", tags);
    assert_int_equal(ht_scope_read(&out, json, &why), HT_ELIMIT);
    json_decref(json);
}

static void authors_may_repeat_and_unknown_members_are_passed_over(void **state) {
    (void)state;
    struct ht_scope *out = NULL;
    assert_int_equal(read(&out, "{\"authors\":\"ffffffffffffffff0011223344556677"
                                "ffffffffffffffff\",\"new\":[1]}"),
                     HT_OK);
    json_t *json = ht_scope_json(out);
    const char *authors = json_string_value(json_object_get(json, "authors"));
    assert_string_equal(authors, "0011223344556677ffffffffffffffff");
    json_decref(json);
    ht_scope_free(out);
}

static void private_protected_and_expired_events_are_not_gossiped(void **state) {
    (void)state;
    static const uint32_t kinds[] = {4, 13, 14, 15, 1059, 1060, 21059, 22242, 24133, 27235};
    struct ht_event event = {.kind = 1};
    assert_true(ht_scope_is_gossiped(&event, 1000));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        event.kind = kinds[i];
        assert_false(ht_scope_is_gossiped(&event, 1000));
    }
    event.kind = 1;
    const ht_bytes protected[] = {ht_bytes_str("-")};
    const ht_bytes expiring[] = {ht_bytes_str("expiration"), ht_bytes_str("1500")};
    const struct ht_event_tag tags[] = {{expiring, 2}, {protected, 1}};
    event.tags = tags;
    event.tag_count = 1;
    assert_true(ht_scope_is_gossiped(&event, 1499));
    assert_false(ht_scope_is_gossiped(&event, 1500));
    event.tag_count = 2;
    assert_false(ht_scope_is_gossiped(&event, 1499));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_scope_has_nothing),
        TEST(an_event_is_had_by_its_author_its_inbox_or_its_topic),
        TEST(all_has_every_author_but_no_inbox_of_its_own),
        TEST(twice_the_same_is_once_and_too_many_are_refused),
        TEST(a_tag_that_does_not_fit_is_refused),
        TEST(a_scope_comes_back_from_its_json),
        TEST(what_is_no_scope_is_refused),
        TEST(a_scope_with_too_much_is_refused),
        TEST(authors_may_repeat_and_unknown_members_are_passed_over),
        TEST(private_protected_and_expired_events_are_not_gossiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
