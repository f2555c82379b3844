/* Opened messages in memory: whose conversation they are, in which order, how many are unread, what
 * gives way. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/codec/json.h"
#include "social/messages/messages_index_json.h"
#include "tests/unit/event_maker.h"

#define OWNER 1
#define BOB 2
#define CAROL 3
#define NOW MAKER_TIME

static struct ht_message_index *messages;
static uint64_t serial;

static int set_up(void **state) {
    ht_hash32 owner = maker_pubkey(OWNER);
    (void)state;
    serial = 0;
    return ht_message_index_new(&messages, &owner, &ht_system_random) == HT_OK ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    ht_message_index_free(messages);
    return 0;
}

/* --- rumors ------------------------------------------------------------------------------------
 */

struct rumor {
    uint8_t from;
    const char *text;
    int64_t at;
    uint32_t kind;        /* 0: 14 */
    const char *extra[2]; /* a tag */
    const uint8_t *named; /* p tags; NULL: the owner's */
    size_t named_count;
    int64_t wrap_at, expires; /* of the wrap; 0: at, never */
    uint64_t wrap;            /* its number; 0: the next */
};

static char hexes[40][65];

static const char *hex_of(size_t i, const ht_hash32 *key) {
    for (size_t k = 0; k < 32; k++) (void)snprintf(hexes[i] + 2 * k, 3, "%02x", key->b[k]);
    return hexes[i];
}

static ht_hash32 id_of(uint64_t number) {
    ht_hash32 id = {{0}};
    memcpy(id.b, &number, sizeof number);
    return id;
}

static enum ht_message_put put_as(const struct rumor *r, uint64_t number) {
    ht_bytes items[40][2];
    struct ht_event_tag tags[40];
    size_t n = 0;
    const uint8_t owner = OWNER;
    const uint8_t *named = r->named != NULL ? r->named : &owner;
    size_t count = r->named != NULL ? r->named_count : 1;
    for (size_t i = 0; i < count; i++, n++) {
        ht_hash32 key = maker_pubkey(named[i]);
        items[n][0] = ht_bytes_str("p");
        items[n][1] = ht_bytes_str(hex_of(n, &key));
        tags[n] = (struct ht_event_tag){.items = items[n], .count = 2};
    }
    if (r->extra[0] != NULL) {
        items[n][0] = ht_bytes_str(r->extra[0]);
        items[n][1] = ht_bytes_str(r->extra[1]);
        tags[n] = (struct ht_event_tag){.items = items[n], .count = 2};
        n++;
    }
    const struct ht_event event = {.id = id_of(number),
                                   .pubkey = maker_pubkey(r->from),
                                   .created_at = r->at,
                                   .kind = r->kind != 0 ? r->kind : 14,
                                   .tags = tags,
                                   .tag_count = n,
                                   .content = ht_bytes_str(r->text)};
    const struct ht_message_wrap wrap = {.id = id_of(r->wrap != 0 ? r->wrap : 1000000 + number),
                                         .created_at = r->wrap_at != 0 ? r->wrap_at : r->at,
                                         .expires = r->expires != 0 ? r->expires : INT64_MAX};
    enum ht_message_put put = HT_MESSAGE_BAD;
    assert_int_equal(ht_message_index_add(&put, messages, &event, &wrap, NOW), HT_OK);
    return put;
}

static enum ht_message_put put(const struct rumor *r) {
    return put_as(r, ++serial);
}

static void say(uint8_t from, const char *text, int64_t at) {
    const struct rumor r = {.from = from, .text = text, .at = at};
    assert_int_equal(put(&r), HT_MESSAGE_ADDED);
}

/* What a conversation says, joined, newest first. */
static const char *texts(const struct ht_parties *parties, int64_t until, size_t limit) {
    static char joined[400];
    ht_hash32 owner = maker_pubkey(OWNER);
    ht_hash32 key = ht_parties_key(parties, &owner);
    bool is_complete;
    json_t *list = ht_message_index_messages(&is_complete, messages, &key, until, limit), *one;
    size_t i;
    assert_non_null(list);
    joined[0] = '\0';
    json_array_foreach(list, i, one) {
        size_t n = strlen(joined);
        (void)snprintf(joined + n, sizeof joined - n, "%s%s", i > 0 ? " " : "",
                       json_string_value(json_object_get(one, "content")));
    }
    size_t n = strlen(joined);
    if (!is_complete) (void)snprintf(joined + n, sizeof joined - n, " …");
    json_decref(list);
    return joined;
}

static struct ht_parties with(uint8_t who, uint8_t other) {
    struct ht_parties parties = {.count = 0};
    const ht_hash32 owner = maker_pubkey(OWNER), a = maker_pubkey(who);
    assert_int_equal(ht_parties_add(&parties, &a, &owner), HT_OK);
    if (other == 0) return parties;
    const ht_hash32 b = maker_pubkey(other);
    assert_int_equal(ht_parties_add(&parties, &b, &owner), HT_OK);
    return parties;
}

static const char *said_with(uint8_t who) {
    struct ht_parties parties = with(who, 0);
    return texts(&parties, INT64_MAX, 100);
}

static ht_hash32 key_of(uint8_t who) {
    return maker_pubkey(who);
}

/* --- order -------------------------------------------------------------------------------------
 */

static void messages_stand_newest_first_however_they_came(void **state) {
    (void)state;
    say(BOB, "two", NOW - 20);
    say(BOB, "three", NOW - 10);
    say(BOB, "one", NOW - 30);
    say(CAROL, "other", NOW - 15);
    assert_string_equal(said_with(BOB), "three two one");
    assert_string_equal(said_with(CAROL), "other");
    assert_string_equal(said_with(9), "");
}

static void a_page_ends_at_its_limit_and_begins_at_until(void **state) {
    struct ht_parties bob = with(BOB, 0);
    (void)state;
    for (int64_t i = 1; i <= 5; i++) {
        char text[8];
        (void)snprintf(text, sizeof text, "m%d", (int)i);
        say(BOB, text, NOW - 10 * i);
    }
    assert_string_equal(texts(&bob, INT64_MAX, 2), "m1 m2 …");
    assert_string_equal(texts(&bob, NOW - 30, 2), "m3 m4 …");
    assert_string_equal(texts(&bob, NOW - 31, 2), "m4 m5");
    assert_string_equal(texts(&bob, 0, 2), "");
}

static void a_time_ahead_counts_as_when_it_came(void **state) {
    const struct rumor ahead = {.from = BOB, .text = "ahead", .at = NOW + 9999, .wrap_at = NOW - 5};
    const struct rumor older = {
        .from = BOB, .text = "older", .at = NOW + 5000, .wrap_at = NOW - 3 * 86400};
    (void)state;
    assert_int_equal(put(&ahead), HT_MESSAGE_ADDED);
    say(BOB, "before", NOW - 1);
    assert_int_equal(put(&older), HT_MESSAGE_ADDED);
    say(BOB, "soon", NOW + HT_MESSAGE_AHEAD_S);
    assert_string_equal(said_with(BOB), "soon ahead before older");
    ht_hash32 bob = key_of(BOB), carol = key_of(CAROL);
    assert_int_equal(ht_message_index_newest(messages, &bob), NOW + HT_MESSAGE_AHEAD_S);
    assert_int_equal(ht_message_index_newest(messages, &carol), INT64_MIN);
}

static void long_messages_make_a_short_page(void **state) {
    struct ht_parties bob = with(BOB, 0);
    ht_hash32 key = key_of(BOB);
    bool is_complete = true;
    static char text[100001];
    (void)state;
    (void)bob;
    memset(text, '\n', sizeof text - 1);
    for (int64_t i = 0; i < 4; i++) say(BOB, text, NOW - i);
    json_t *list = ht_message_index_messages(&is_complete, messages, &key, INT64_MAX, 100);
    assert_int_equal(json_array_size(list), 1);
    assert_false(is_complete);
    json_decref(list);
}

/* --- whose conversation ------------------------------------------------------------------------
 */

static void what_the_owner_wrote_is_with_whom_it_names(void **state) {
    const uint8_t bob[] = {BOB};
    const struct rumor own = {
        .from = OWNER, .text = "mine", .at = NOW, .named = bob, .named_count = 1};
    (void)state;
    assert_int_equal(put(&own), HT_MESSAGE_ADDED);
    say(BOB, "theirs", NOW - 1);
    assert_string_equal(said_with(BOB), "mine theirs");
    assert_int_equal(ht_message_index_unread(messages), 1);
}

static void what_names_others_is_not_of_two_people(void **state) {
    const uint8_t both[] = {OWNER, CAROL, CAROL, BOB}, only_carol[] = {CAROL};
    const struct rumor group = {
        .from = BOB, .text = "group", .at = NOW, .named = both, .named_count = 4};
    const struct rumor forwarded = {
        .from = BOB, .text = "forwarded", .at = NOW - 1, .named = only_carol, .named_count = 1};
    (void)state;
    assert_int_equal(put(&group), HT_MESSAGE_ADDED);
    assert_int_equal(put(&forwarded), HT_MESSAGE_ADDED);
    say(BOB, "direct", NOW - 2);
    struct ht_parties parties = with(CAROL, BOB);
    assert_string_equal(texts(&parties, INT64_MAX, 10), "group forwarded");
    assert_string_equal(said_with(BOB), "direct");
    assert_string_equal(said_with(CAROL), "");
    bool is_complete = false;
    json_t *list = ht_message_index_conversations(&is_complete, messages);
    const json_t *row = json_array_get(list, 0);
    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(json_array_size(json_object_get(row, "others")), 1);
    assert_string_equal(json_string_value(json_object_get(row, "with")),
                        hex_of(0, &parties.list[0]));
    assert_true(is_complete);
    json_decref(list);
}

static void notes_to_oneself_are_a_conversation(void **state) {
    const struct rumor own = {.from = OWNER, .text = "remember", .at = NOW};
    (void)state;
    assert_int_equal(put(&own), HT_MESSAGE_ADDED);
    struct ht_parties nobody = {.count = 0};
    assert_string_equal(texts(&nobody, INT64_MAX, 10), "remember");
}

static void a_crowd_and_a_name_that_is_no_key_are_bad(void **state) {
    uint8_t crowd[HT_MESSAGE_PARTIES_MAX + 1];
    struct rumor r = {.from = BOB, .text = "x", .at = NOW, .extra = {"p", "nobody"}};
    (void)state;
    assert_int_equal(put(&r), HT_MESSAGE_BAD);
    for (size_t i = 0; i < sizeof crowd; i++) crowd[i] = (uint8_t)(i + 10);
    r = (struct rumor){
        .from = BOB, .text = "x", .at = NOW, .named = crowd, .named_count = sizeof crowd - 1};
    assert_int_equal(put(&r), HT_MESSAGE_BAD);
    r.named_count--;
    assert_int_equal(put(&r), HT_MESSAGE_ADDED);
    assert_int_equal(ht_message_index_count(messages), 1);
}

/* --- what is not added -------------------------------------------------------------------------
 */

static void the_same_rumor_is_added_once(void **state) {
    const struct rumor r = {.from = BOB, .text = "once", .at = NOW};
    (void)state;
    assert_int_equal(put_as(&r, 7), HT_MESSAGE_ADDED);
    assert_int_equal(put_as(&r, 7), HT_MESSAGE_KNOWN);
    assert_int_equal(ht_message_index_unread(messages), 1);
}

static void other_kinds_are_ignored_and_files_are_not(void **state) {
    struct rumor r = {.from = BOB, .text = "+", .at = NOW, .kind = 7};
    (void)state;
    assert_int_equal(put(&r), HT_MESSAGE_IGNORED);
    r.kind = 15;
    r.text = "https://example.org/file";
    assert_int_equal(put(&r), HT_MESSAGE_ADDED);
    assert_string_equal(said_with(BOB), "https://example.org/file");
}

static void what_has_expired_is_not_added_and_what_expires_goes(void **state) {
    struct rumor r = {.from = BOB, .text = "gone", .at = NOW - 9, .expires = NOW};
    (void)state;
    assert_int_equal(put(&r), HT_MESSAGE_IGNORED);
    r.expires = NOW + 10;
    assert_int_equal(put(&r), HT_MESSAGE_ADDED);
    r = (struct rumor){
        .from = BOB, .text = "later", .at = NOW, .extra = {"expiration", "1780000020"}};
    assert_int_equal(put(&r), HT_MESSAGE_ADDED);
    say(CAROL, "stays", NOW);
    assert_false(ht_message_index_expire(messages, NOW + 9));
    assert_true(ht_message_index_expire(messages, NOW + 10));
    assert_string_equal(said_with(BOB), "later");
    assert_true(ht_message_index_expire(messages, NOW + 20));
    assert_string_equal(said_with(BOB), "");
    assert_int_equal(ht_message_index_unread(messages), 1);
    assert_false(ht_message_index_expire(messages, NOW + 100));
}

static void a_message_goes_with_its_wrap(void **state) {
    const struct rumor r = {.from = BOB, .text = "deleted", .at = NOW, .wrap = 77};
    const ht_hash32 gone[] = {id_of(5), id_of(77)};
    (void)state;
    assert_int_equal(put(&r), HT_MESSAGE_ADDED);
    say(BOB, "stays", NOW - 1);
    ht_message_index_drop(messages, gone, 2);
    assert_string_equal(said_with(BOB), "stays");
    assert_int_equal(ht_message_index_count(messages), 1);
}

/* --- bounds ------------------------------------------------------------------------------------
 */

static void what_is_oldest_gives_way(void **state) {
    (void)state;
    for (int64_t i = 0; i < HT_MESSAGES_MAX; i++) {
        struct rumor r = {.from = (uint8_t)(i % 200 + 20), .text = "x", .at = NOW - 100000 + i};
        assert_int_equal(put(&r), HT_MESSAGE_ADDED);
    }
    struct rumor r = {.from = BOB, .text = "too old", .at = NOW - 200000};
    assert_int_equal(put(&r), HT_MESSAGE_IGNORED);
    say(BOB, "new", NOW);
    assert_int_equal(ht_message_index_count(messages), HT_MESSAGES_MAX);
    assert_int_equal(ht_message_index_unread(messages), HT_MESSAGES_MAX);
    ht_hash32 first = key_of(20);
    size_t count = 0;
    ht_hash32 *wraps = ht_message_index_wraps_of(messages, &first, &count);
    assert_int_equal(count, HT_MESSAGES_MAX / 200 - 1);
    free(wraps);
}

static void all_texts_together_are_bounded(void **state) {
    static char text[120001];
    (void)state;
    memset(text, 'a', sizeof text - 1);
    for (int64_t i = 0; i < 400; i++) say(BOB, text, NOW - 1000 + i);
    size_t most = HT_MESSAGES_BYTES_MAX / (sizeof text - 1);
    assert_in_range(ht_message_index_count(messages), most - 2, most);
}

static void no_more_conversations_are_shown_than_an_answer_holds(void **state) {
    bool is_complete = true;
    (void)state;
    for (uint8_t a = 10; a < 42; a++) {
        for (uint8_t b = 50; b < 68; b++) {
            const uint8_t named[] = {OWNER, b};
            const struct rumor r = {
                .from = a, .text = "x", .at = NOW - a, .named = named, .named_count = 2};
            assert_int_equal(put(&r), HT_MESSAGE_ADDED);
        }
    }
    json_t *list = ht_message_index_conversations(&is_complete, messages);
    assert_int_equal(json_array_size(list), HT_CONVERSATIONS_SHOWN_MAX);
    assert_false(is_complete);
    json_decref(list);
}

static void the_last_text_is_cut_between_characters(void **state) {
    char text[302];
    bool is_complete;
    (void)state;
    text[0] = 'a';
    for (size_t i = 1; i + 2 < sizeof text; i += 2) memcpy(text + i, "é", 2);
    text[301] = '\0';
    say(BOB, text, NOW);
    json_t *list = ht_message_index_conversations(&is_complete, messages);
    const json_t *last = json_object_get(json_array_get(list, 0), "last");
    assert_int_equal(json_string_length(last), 199);
    json_decref(list);
}

/* --- unread ------------------------------------------------------------------------------------
 */

static void what_was_read_is_not_counted(void **state) {
    ht_hash32 bob = key_of(BOB);
    (void)state;
    say(BOB, "one", NOW - 30);
    say(BOB, "two", NOW - 20);
    say(CAROL, "x", NOW - 25);
    assert_int_equal(ht_message_index_unread(messages), 3);
    assert_int_equal(ht_message_index_read(messages, &bob, NOW - 30), HT_OK);
    assert_int_equal(ht_message_index_unread(messages), 2);
    assert_int_equal(ht_message_index_read(messages, &bob, NOW - 40), HT_OK);
    assert_int_equal(ht_message_index_unread(messages), 2);
    say(BOB, "late", NOW - 35);
    say(BOB, "three", NOW - 10);
    assert_int_equal(ht_message_index_unread(messages), 3);
    assert_int_equal(ht_message_index_read(messages, &bob, NOW), HT_OK);
    assert_int_equal(ht_message_index_unread(messages), 1);
}

static void marks_hold_for_what_comes_before_and_after_them(void **state) {
    const struct ht_message_mark marks[] = {{key_of(CAROL), NOW - 5}, {key_of(BOB), NOW - 15}};
    (void)state;
    say(BOB, "read", NOW - 20);
    assert_int_equal(ht_message_index_marks(messages, marks, 2), HT_OK);
    assert_int_equal(ht_message_index_unread(messages), 0);
    say(CAROL, "read", NOW - 5);
    say(CAROL, "unread", NOW - 4);
    say(BOB, "unread", NOW - 14);
    assert_int_equal(ht_message_index_unread(messages), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(messages_stand_newest_first_however_they_came),
        TEST(a_page_ends_at_its_limit_and_begins_at_until),
        TEST(a_time_ahead_counts_as_when_it_came),
        TEST(long_messages_make_a_short_page),
        TEST(what_the_owner_wrote_is_with_whom_it_names),
        TEST(what_names_others_is_not_of_two_people),
        TEST(notes_to_oneself_are_a_conversation),
        TEST(a_crowd_and_a_name_that_is_no_key_are_bad),
        TEST(the_same_rumor_is_added_once),
        TEST(other_kinds_are_ignored_and_files_are_not),
        TEST(what_has_expired_is_not_added_and_what_expires_goes),
        TEST(a_message_goes_with_its_wrap),
        TEST(what_is_oldest_gives_way),
        TEST(all_texts_together_are_bounded),
        TEST(no_more_conversations_are_shown_than_an_answer_holds),
        TEST(the_last_text_is_cut_between_characters),
        TEST(what_was_read_is_not_counted),
        TEST(marks_hold_for_what_comes_before_and_after_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
