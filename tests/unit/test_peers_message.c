/* What relays say, read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "social/links/peers_message.h"

#define HEX16 "0123456789abcdef"
#define HEX64 HEX16 HEX16 HEX16 HEX16

static struct ht_peer_message message;

static enum ht_peer_said said(const char *text) {
    ht_peer_message_read(&message, ht_bytes_str(text));
    return message.said;
}

static void each_message_is_read(void **state) {
    (void)state;
    assert_int_equal(said(" [\"EVENT\" , \"q1\", {\"id\":1}]"), HT_PEER_SAID_EVENT);
    assert_string_equal(message.subscription, "q1");
    assert_memory_equal(message.event.p + message.event.n - 9, "{\"id\":1}]", 9);
    assert_int_equal(said("[\"EOSE\",\"q1\",[\"finish\"]]"), HT_PEER_SAID_EOSE);
    assert_string_equal(message.subscription, "q1");
    assert_int_equal(said("[\"CLOSED\",\"q1\",\"error: no\"]"), HT_PEER_SAID_CLOSED);
    assert_string_equal(message.text, "error: no");
    assert_int_equal(said("[\"OK\",\"" HEX64 "\",true,\"\"]"), HT_PEER_SAID_OK);
    assert_true(message.is_taken);
    assert_int_equal(message.id.b[1], 0x23);
    assert_int_equal(said("[\"OK\",\"" HEX64 "\",\"true\",7]"), HT_PEER_SAID_OK);
    assert_false(message.is_taken);
    assert_string_equal(message.text, "");
    assert_int_equal(said("[\"AUTH\",\"who\"]"), HT_PEER_SAID_AUTH);
    assert_string_equal(message.text, "who");
}

static void what_is_nothing_of_ours_is_other(void **state) {
    static const char *const bad[] = {"",
                                      "[",
                                      "{}",
                                      "7",
                                      "[7]",
                                      "[\"EVENT\"]",
                                      "[\"EVENT\",7,{}]",
                                      "[\"EVENT\",\"q1\"]",
                                      "[\"OK\",\"" HEX16 "\",true,\"\"]",
                                      "[\"OK\"]",
                                      "[\"EOSE\"]",
                                      "[\"EOSE\",\"\"]",
                                      "[\"CLOSED\",7]",
                                      "[\"NOTICE\",\"hello\"]",
                                      "[\"EOSE\",\"q1\"",
                                      "[\"EOSE\",\"" HEX64 HEX64 "\"]",
                                      "[\"EVENT\",\"" HEX64 HEX64 "\",{}]"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (said(bad[i]) != HT_PEER_SAID_OTHER)
            fail_msg("%s was read as %d", bad[i], (int)message.said);
    }
}

static void what_is_too_long_is_not_read(void **state) {
    char *text = malloc(HT_PEER_MESSAGE_MAX + 2);
    (void)state;
    assert_non_null(text);
    memset(text, ' ', HT_PEER_MESSAGE_MAX + 1);
    memcpy(text, "[\"EVENT\",\"q1\",{}]", 17);
    ht_peer_message_read(&message, ht_bytes_of(text, HT_PEER_MESSAGE_MAX));
    assert_int_equal(message.said, HT_PEER_SAID_EVENT);
    ht_peer_message_read(&message, ht_bytes_of(text, HT_PEER_MESSAGE_MAX + 1));
    assert_int_equal(message.said, HT_PEER_SAID_OTHER);
    memcpy(text, "[\"EOSE\",\"q1\"]    ", 17);
    ht_peer_message_read(&message, ht_bytes_of(text, HT_PEER_ANSWER_MAX + 1));
    assert_int_equal(message.said, HT_PEER_SAID_OTHER);
    free(text);
}

static void a_reason_is_cut_between_characters(void **state) {
    char text[8];
    (void)state;
    ht_peer_text_cut(text, 6, "abcd\u00e9\u00e9");
    assert_string_equal(text, "abcd");
    ht_peer_text_cut(text, 7, "abcd\u00e9");
    assert_string_equal(text, "abcd\u00e9");
    ht_peer_text_cut(text, 7, "abcd\u00e9\u00e9");
    assert_string_equal(text, "abcd\u00e9");
}

static void a_part_of_a_challenge_is_none(void **state) {
    static char text[HT_PEER_TEXT_SIZE + 16];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "[\"AUTH\",\"", 9);
    memcpy(text + sizeof text - 3, "\"]", 3);
    assert_int_equal(said(text), HT_PEER_SAID_AUTH);
    assert_string_equal(message.text, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_is_read),
        cmocka_unit_test(what_is_nothing_of_ours_is_other),
        cmocka_unit_test(what_is_too_long_is_not_read),
        cmocka_unit_test(a_reason_is_cut_between_characters),
        cmocka_unit_test(a_part_of_a_challenge_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
