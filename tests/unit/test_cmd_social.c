/* What strangers wrote, on its way to a terminal; numbers of options. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "node/app/cmd_social.h"

static void puts_as(const char *text, const char *indent, const char *expected) {
    char *got = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&got, &n);
    assert_non_null(to);
    ht_cmd_social_put(to, text, indent);
    assert_int_equal(fclose(to), 0);
    if (n != strlen(expected) || strcmp(got, expected) != 0)
        fail_msg("expected \"%s\", got \"%s\"", expected, got);
    free(got);
}

static void cmd_social_shows_what_a_terminal_would_obey_as_question_marks(void **state) {
    (void)state;
    puts_as("a\x1b[31mb\x07"
            "c\rd\x7f"
            "e",
            NULL, "a?[31mb?c?d?e");
    puts_as("c1 \xc2\x9b"
            "2J \xc2\x80 \xc2\x9f",
            NULL, "c1 ?2J ? ?");
    puts_as("\xe2\x80\xae"
            "a\xe2\x80\xa8"
            "b\xe2\x81\xa6"
            "c\xe2\x81\xa9"
            "d\xd8\x9c",
            NULL, "?a?b?c?d?");
}

static void cmd_social_leaves_other_text_as_it_is(void **state) {
    const char *text =
        "\xc2\xa0 \xc3\xbc \xe2\x80\x93 \xe2\x82\xac \xe2\x81\xa0 \xd8\x9b \xf0\x9f\xa4\x94";
    (void)state;
    puts_as(text, NULL, text);
    puts_as("", NULL, "");
}

static void cmd_social_indents_lines_or_joins_them(void **state) {
    (void)state;
    puts_as("one\ntwo\tthree\n", "  ", "one\n  two three\n  ");
    puts_as("one\ntwo\tthree", NULL, "one two three");
}

static void cmd_social_does_not_read_past_text_that_is_cut(void **state) {
    static const char *const cut[] = {"a\xe2", "a\xe2\x80", "a\xc2", "a\xd8", "a\xe2\x81"};
    (void)state;
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        /* In memory that ends there. */
        char *text = strdup(cut[i]);
        assert_non_null(text);
        puts_as(text, NULL, cut[i]);
        free(text);
    }
}

static void cmd_social_reads_whole_numbers_from_one_on(void **state) {
    static const char *const bad[] = {
        "", "0", "-1", "+1", "1.5", " 1", "1x", "0x10", "1234567890123456"};
    json_int_t number = 0;
    (void)state;
    assert_true(ht_cmd_social_number(&number, "100"));
    assert_int_equal(number, 100);
    assert_true(ht_cmd_social_number(&number, "123456789012345"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (ht_cmd_social_number(&number, bad[i])) fail_msg("took \"%s\"", bad[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cmd_social_shows_what_a_terminal_would_obey_as_question_marks),
        cmocka_unit_test(cmd_social_leaves_other_text_as_it_is),
        cmocka_unit_test(cmd_social_indents_lines_or_joins_them),
        cmocka_unit_test(cmd_social_does_not_read_past_text_that_is_cut),
        cmocka_unit_test(cmd_social_reads_whole_numbers_from_one_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
