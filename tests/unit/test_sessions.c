/* The table of sessions, and what is kept of a User-Agent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdio.h>

#include "node/api/sessions.h"

static uint8_t next_fill; /* the first byte of the next fill; the rest count up */

static void count_up(void *self, uint8_t *out, size_t n) {
    (void)self;
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)(next_fill + i);
    next_fill += 16;
}

static const struct ht_random counting = {.fill = count_up};
static struct ht_sessions sessions;

static int set_up(void **state) {
    (void)state;
    next_fill = 0x10;
    sessions = (struct ht_sessions){0};
    return 0;
}

static struct ht_session *add(const char *secret, int64_t now_ms) {
    return ht_sessions_add(&sessions, &counting, ht_bytes_str(secret), ht_bytes_str("Agent"),
                           now_ms);
}

static void a_session_has_an_id_of_its_own_and_is_found_by_it(void **state) {
    (void)state;
    const struct ht_session *one = add("one", 5);
    const struct ht_session *two = add("two", 6);
    assert_string_equal(one->id, "1011121314151617");
    assert_string_equal(two->id, "2021222324252627");
    assert_ptr_equal(ht_sessions_find_id(&sessions, two->id), two);
    assert_ptr_equal(ht_sessions_find(&sessions, one->number), one);
    assert_ptr_equal(ht_sessions_find_secret(&sessions, ht_bytes_str("two")), two);
    assert_int_equal(ht_sessions_count(&sessions), 2);
    assert_int_equal(two->created_ms, 6);
    assert_int_equal(two->used_ms, 6);
}

static void what_is_no_session_is_not_found(void **state) {
    (void)state;
    const struct ht_session *one = add("one", 5);
    assert_null(ht_sessions_find_id(&sessions, ""));
    assert_null(ht_sessions_find_id(&sessions, "101112131415161"));
    assert_null(ht_sessions_find_secret(&sessions, ht_bytes_str("")));
    assert_null(ht_sessions_find_secret(&sessions, ht_bytes_str(one->id)));
    assert_null(ht_sessions_find(&sessions, 0));
    assert_null(ht_sessions_find(&sessions, one->number + 1));
}

static void an_ended_session_is_gone_and_its_number_is_not_given_again(void **state) {
    (void)state;
    struct ht_session *one = add("one", 5);
    uint64_t number = one->number;
    ht_session_end(one);
    assert_null(ht_sessions_find_secret(&sessions, ht_bytes_str("one")));
    assert_null(ht_sessions_find_id(&sessions, "1011121314151617"));
    assert_int_equal(ht_sessions_count(&sessions), 0);
    const struct ht_session *two = add("two", 6);
    assert_int_not_equal(two->number, number);
    assert_null(ht_sessions_find(&sessions, number));
}

static void the_one_unused_for_longest_makes_room_though_the_clock_was_set_back(void **state) {
    (void)state;
    char secret[8];
    uint64_t numbers[HT_SESSIONS_MAX];
    for (unsigned i = 0; i < HT_SESSIONS_MAX; i++) {
        (void)snprintf(secret, sizeof secret, "%u", i);
        numbers[i] = add(secret, 1000 - (int64_t)i)->number;
    }
    ht_session_use(&sessions, ht_sessions_find(&sessions, numbers[0]), 1);
    (void)add("more", 0);
    assert_int_equal(ht_sessions_count(&sessions), HT_SESSIONS_MAX);
    assert_null(ht_sessions_find(&sessions, numbers[1]));
    assert_non_null(ht_sessions_find(&sessions, numbers[0]));
    assert_non_null(ht_sessions_find(&sessions, numbers[2]));
}

static const char *agent(const char *header) {
    static char out[HT_SESSION_AGENT_MAX + 1];
    memset(out, 'z', sizeof out);
    ht_session_read_agent(out, ht_bytes_str(header));
    return out;
}

static void a_user_agent_is_kept_as_it_is(void **state) {
    (void)state;
    static const char *const good[] = {
        "", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "<b>\"&amp;'</b>", "Gr\xc3\xb6\xc3\x9f\x65 \xe7\x8b\x90 \xf0\x9f\xa6\x8a"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_string_equal(agent(good[i]), good[i]);
}

static void what_deceives_the_eye_is_a_question_mark(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"a\x1b[31mb\r\nc\x7f", "a?[31mb??c?"},
        {"a\xe2\x80\xae"
         "b",
         "a?b"}, /* U+202E */
        {"a\xe2\x80\x8b"
         "b",
         "a?b"},
        {"a\xe2\x80\xa8"
         "b",
         "a?b"}, /* U+200B, 2028 */
        {"\xc2\x85\xef\xbb\xbf", "??"},
        {"\xee\x80\x80", "?"}, /* U+85, FEFF, E000 */
        {"a\xff\xc0\x80"
         "b",
         "a???b"},
        {"\xed\xa0\x80", "???"}, /* a surrogate */
        {"\xe7\x8b", "??"},
        {"\xf4\x90\x80\x80", "????"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(agent(cases[i][0]), cases[i][1]) != 0)
            fail_msg("case %zu: want %s, got %s", i, cases[i][1], agent(cases[i][0]));
    }
    char out[HT_SESSION_AGENT_MAX + 1];
    ht_session_read_agent(out, ht_bytes_of("a\0b", 3));
    assert_string_equal(out, "a?b");
}

static void a_user_agent_is_cut_between_characters_at_200_bytes(void **state) {
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(strlen(agent(text)), 200);
    memcpy(text + 198, "\xe7\x8b\x90", 3);
    assert_int_equal(strlen(agent(text)), 198);
    memcpy(text + 197, "\xe7\x8b\x90", 3);
    assert_int_equal(strlen(agent(text)), 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_session_has_an_id_of_its_own_and_is_found_by_it, set_up),
        cmocka_unit_test_setup(what_is_no_session_is_not_found, set_up),
        cmocka_unit_test_setup(an_ended_session_is_gone_and_its_number_is_not_given_again, set_up),
        cmocka_unit_test_setup(the_one_unused_for_longest_makes_room_though_the_clock_was_set_back,
                               set_up),
        cmocka_unit_test(a_user_agent_is_kept_as_it_is),
        cmocka_unit_test(what_deceives_the_eye_is_a_question_mark),
        cmocka_unit_test(a_user_agent_is_cut_between_characters_at_200_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
