/* The reader of events: what it takes, what it refuses and why, and its bounds. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/nostr/event_read.h"
#include "tests/unit/event_maker.h"

static struct ht_arena arena;

static int set_up(void **state) {
    (void)state;
    ht_arena_init(&arena, 8 * HT_EVENT_ARENA(HT_EVENT_SIZE_MAX));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    ht_arena_fini(&arena);
    return 0;
}

static struct ht_event reads(ht_bytes text) {
    struct ht_event event;
    struct ht_why why = {.code = ""};
    if (ht_event_read(&event, &arena, text, &why) != HT_OK) {
        fail_msg("%.*s: %s", (int)text.n, (const char *)text.p, why.text);
    }
    return event;
}

static struct ht_event reads_text(const char *text) {
    return reads(ht_bytes_str(text));
}

static void refuses_bytes(ht_bytes text, enum ht_err err, const char *code, const char *word) {
    struct ht_event event = {.kind = 77};
    struct ht_why why = {.code = "accepted", .text = ""};
    enum ht_err got = ht_event_read(&event, &arena, text, &why);
    if (strcmp(why.code, code) != 0 || strstr(why.text, word) == NULL) {
        fail_msg("%.*s: expected %s \"%s\", got %s \"%s\"", (int)(text.n < 700 ? text.n : 700),
                 (const char *)text.p, code, word, why.code, why.text);
    }
    assert_int_equal(got, err);
    assert_int_equal(event.kind, 77);
    assert_int_equal(ht_event_read(&event, &arena, text, NULL), err);
}

static void refuses(const char *text, const char *code, const char *word) {
    refuses_bytes(ht_bytes_str(text), HT_EINPUT, code, word);
}

static void equals(ht_bytes got, const char *want) {
    assert_int_equal(got.n, strlen(want));
    assert_memory_equal(got.p, want, got.n);
}

static void event_reads_every_member(void **state) {
    (void)state;
    static const char text[] =
        HEAD "\"created_at\":1780000000,\"kind\":30023,\"tags\":[[\"d\",\"x\",\"\"],[\"-\"]],"
             "\"content\":\"hello\"" TAIL;
    struct ht_event event = reads_text(text);
    assert_int_equal(event.id.b[0], 0x01);
    assert_int_equal(event.pubkey.b[31], 0xef);
    assert_int_equal(event.sig[63], 0xef);
    assert_int_equal(event.created_at, 1780000000);
    assert_int_equal(event.kind, 30023);
    assert_int_equal(event.tag_count, 2);
    assert_int_equal(event.tags[0].count, 3);
    equals(event.tags[0].items[0], "d");
    equals(event.tags[0].items[1], "x");
    equals(event.tags[0].items[2], "");
    equals(event.tags[1].items[0], "-");
    equals(event.content, "hello");
    assert_ptr_equal(event.json.p, text);
    assert_int_equal(event.json.n, sizeof text - 1);
}

static void event_takes_members_in_any_order(void **state) {
    (void)state;
    struct ht_event event = reads_text("{" SIG ",\"content\":\"c\",\"tags\":[],\"kind\":7,"
                                       "\"created_at\":5," PUBKEY "," ID "}");
    assert_int_equal(event.kind, 7);
    assert_int_equal(event.created_at, 5);
}

static void event_decodes_escapes_in_texts_and_names(void **state) {
    (void)state;
    struct ht_event event = reads_text(
        WITH_CONTENT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\ude00z\""));
    equals(event.content, "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
    event = reads_text(WITH_CONTENT("\"a\\u0000b\""));
    assert_int_equal(event.content.n, 3);
    assert_memory_equal(event.content.p, "a\0b", 3);
    event = reads_text(HEAD "\"created_at\":1,\"k\\u0069nd\":9,\"tags\":[[\"\\t\",\"b\\n\"]],"
                            "\"content\":\"\\\\\"" TAIL);
    assert_int_equal(event.kind, 9);
    equals(event.tags[0].items[0], "\t");
    equals(event.tags[0].items[1], "b\n");
    equals(event.content, "\\");
}

static void event_takes_every_character_that_unicode_has(void **state) {
    (void)state;
    static const char *const texts[] = {
        "\x7f",         "\xc2\x80",     "\xdf\xbf",         "\xe0\xa0\x80",     "\xed\x9f\xbf",
        "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "0123456\xc3\xa9"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[700];
        (void)snprintf(text, sizeof text, WITH_CONTENT("\"%s\""), texts[i]);
        equals(reads_text(text).content, texts[i]);
    }
}

static void event_refuses_bytes_that_are_not_utf_8(void **state) {
    (void)state;
    static const char *const texts[] = {"\x80",
                                        "\xc0\x80",
                                        "\xc1\xbf",
                                        "\xc3",
                                        "\xc3(",
                                        "\xe0\x9f\xbf",
                                        "\xe2\x82",
                                        "\xed\xa0\x80",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xf0\x9f\x98",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xff",
                                        "0123456\xfe"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[700];
        (void)snprintf(text, sizeof text, WITH_CONTENT("\"%s\""), texts[i]);
        refuses(text, "event_malformed", "UTF-8");
        (void)snprintf(text, sizeof text, WITH_CONTENT("\"\\n%s\""), texts[i]);
        refuses(text, "event_malformed", "UTF-8");
    }
}

static void event_refuses_lone_surrogates_and_bad_escapes(void **state) {
    (void)state;
    static const char *const lone[] = {"\\ud800",       "\\udc00",        "\\ud800x",
                                       "\\ud800\\n",    "\\ud800\\ud800", "\\udfff\\ud800",
                                       "\\ud83d\\u0041"};
    char text[700];
    for (size_t i = 0; i < sizeof lone / sizeof *lone; i++) {
        (void)snprintf(text, sizeof text, WITH_CONTENT("\"%s\""), lone[i]);
        refuses(text, "event_malformed", "lone surrogate");
    }
    refuses(WITH_CONTENT("\"\\x\""), "event_malformed", "an escape that there is not");
    refuses(WITH_CONTENT("\"\\U0041\""), "event_malformed", "an escape that there is not");
    refuses(WITH_CONTENT("\"\\u00g1\""), "event_malformed", "four hex digits");
    refuses(WITH_CONTENT("\"\\ud83d\\ude0\""), "event_malformed", "four hex digits");
}

static void event_refuses_control_characters_in_texts(void **state) {
    (void)state;
    for (char c = 1; c < 0x20; c++) {
        char text[700];
        (void)snprintf(text, sizeof text, WITH_CONTENT("\"12345678%c\""), c);
        refuses(text, "event_malformed", "control character");
    }
    static const char zero[] = WITH_CONTENT("\"a\0b\"");
    refuses_bytes(ht_bytes_of(zero, sizeof zero - 1), HT_EINPUT, "event_malformed",
                  "control character");
}

static void event_refuses_a_member_that_is_there_twice(void **state) {
    (void)state;
    refuses(WITH_MORE("\"kind\":1"), "event_malformed", "twice");
    refuses(WITH_MORE("\"\\u0069d\":\"" HEX64 "\""), "event_malformed", "twice");
    refuses(WITH_MORE("\"x\":1,\"y\":2,\"\\u0078\":3"), "event_malformed", "twice");
}

static void event_names_the_member_that_is_missing(void **state) {
    (void)state;
    refuses("{}", "event_field", "id is missing");
    refuses("{" PUBKEY "}", "event_field", "id is missing");
    refuses("{" ID "}", "event_field", "pubkey is missing");
    refuses(HEAD "\"created_at\":1,\"kind\":1,\"tags\":[],\"content\":\"\"}", "event_field",
            "sig is missing");
    refuses(HEAD "\"created_at\":1,\"kind\":1,\"content\":\"\"" TAIL, "event_field",
            "tags is missing");
}

static void event_refuses_hex_that_is_not_lowercase_or_not_as_long(void **state) {
    (void)state;
    refuses("{\"id\":\"" HEX16 HEX16 HEX16 "0123456789ABCDEF\"}", "event_field", "id is not 64");
    refuses("{\"id\":\"" HEX16 HEX16 HEX16 "0123456789abcdeg\"}", "event_field", "id is not 64");
    refuses("{\"id\":\"" HEX64 "0\"}", "event_field", "id is not 64");
    refuses("{\"pubkey\":\"\"}", "event_field", "pubkey is not 64");
    refuses("{\"sig\":\"" HEX64 "\"}", "event_field", "sig is not 128");
    refuses("{\"id\":null}", "event_field", "id is no text");
    refuses("{\"sig\":5}", "event_field", "sig is no text");
    refuses("{\"content\":{}}", "event_field", "content is no text");
}

static void event_takes_numbers_up_to_their_bounds(void **state) {
    (void)state;
    assert_int_equal(reads_text(WITH_KIND("0")).kind, 0);
    assert_int_equal(reads_text(WITH_KIND("65535")).kind, 65535);
    assert_int_equal(reads_text(WITH_TIME("0")).created_at, 0);
    assert_int_equal(reads_text(WITH_TIME("9007199254740991")).created_at, HT_EVENT_TIME_MAX);
    refuses(WITH_KIND("65536"), "event_field", "kind is too large");
    refuses(WITH_KIND("18446744073709551617"), "event_field", "kind is too large");
    refuses(WITH_TIME("9007199254740992"), "event_field", "created_at is too large");
    refuses(WITH_TIME("99999999999999999999999999"), "event_field", "created_at is too large");
}

static void event_refuses_numbers_that_are_not_whole_or_not_written_so(void **state) {
    (void)state;
    static const char *const texts[] = {"1.0", "1e3", "1E0", "-0", "-1", "\"1\"", "null", "true"};
    char text[700];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        (void)snprintf(text, sizeof text, WITH_KIND("%s"), texts[i]);
        refuses(text, "event_field", "kind is no whole number");
        (void)snprintf(text, sizeof text, WITH_TIME("%s"), texts[i]);
        refuses(text, "event_field", "created_at is no whole number");
    }
    refuses(WITH_KIND("01"), "event_malformed", "begins with 0");
    refuses(WITH_KIND("00"), "event_malformed", "begins with 0");
    refuses(WITH_KIND("+1"), "event_malformed", "no value");
    refuses(WITH_KIND("1x"), "event_malformed", "between members");
}

static void event_refuses_tags_of_other_shapes(void **state) {
    (void)state;
    refuses(WITH_TAGS("{}"), "event_field", "tags is no array");
    refuses(WITH_TAGS("\"x\""), "event_field", "tags is no array");
    refuses(WITH_TAGS("[\"t\"]"), "event_field", "tags holds what is no array");
    refuses(WITH_TAGS("[[]]"), "event_field", "tags holds an empty tag");
    refuses(WITH_TAGS("[[\"t\",1]]"), "event_field", "no text");
    refuses(WITH_TAGS("[[\"t\",null]]"), "event_field", "no text");
    refuses(WITH_TAGS("[[\"t\",[\"x\"]]]"), "event_field", "no text");
    refuses(WITH_TAGS("[[\"t\"],]"), "event_malformed", "no value");
    refuses(WITH_TAGS("[[\"t\",]]"), "event_malformed", "no value");
    refuses(WITH_TAGS("[[\"t\" \"x\"]]"), "event_malformed", "between items");
    refuses(WITH_TAGS("[[\"t\"][\"x\"]]"), "event_malformed", "between tags");
}

static void event_refuses_what_is_no_json_object(void **state) {
    (void)state;
    refuses("[]", "event_field", "object");
    refuses("null", "event_field", "object");
    refuses("", "event_malformed", "object");
    refuses("x", "event_malformed", "object");
    refuses_bytes(ht_bytes_of(NULL, 0), HT_EINPUT, "event_malformed", "object");
    refuses("{", "event_malformed", "a text was expected");
    refuses("{,}", "event_malformed", "a text was expected");
    refuses("{'id':1}", "event_malformed", "a text was expected");
    refuses("{\"id\"}", "event_malformed", "\":\"");
    refuses("{\"id\":}", "event_malformed", "no value");
    refuses(WITH_MORE("\"x\":1,"), "event_malformed", "a text was expected");
    refuses(WITH_CONTENT("\"\"") "x", "event_malformed", "more behind");
    refuses(WITH_CONTENT("\"\"") "{}", "event_malformed", "more behind");
    /* Cut off anywhere, it is malformed. */
    static const char whole[] = WITH_TAGS("[[\"t\",\"\\u00e9\"]]");
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        struct ht_event event;
        struct ht_why why = {.code = ""};
        assert_int_equal(ht_event_read(&event, &arena, ht_bytes_of(whole, n), &why), HT_EINPUT);
        assert_string_equal(why.code, "event_malformed");
    }
}

static void event_does_not_keep_other_members_and_space(void **state) {
    (void)state;
    static const char plain[] = WITH_CONTENT("\"\"");
    struct ht_event event = reads_text(" \t\r\n" WITH_CONTENT("\"\"") "\n ");
    assert_int_equal(event.json.n, sizeof plain - 1);
    assert_memory_equal(event.json.p, plain, event.json.n);
    event = reads_text(WITH_MORE("\"x\":{\"a\":[1,-2.5e+3,true,null,\"\\u00e9\",{},[]],\"b\":0}"));
    assert_int_equal(event.json.n, sizeof plain - 1);
    assert_memory_equal(event.json.p, plain, event.json.n);
    event = reads_text(HEAD "\"created_at\" : 1,\n\"kind\":1,\"tags\":[ ],\"content\":\"\"" TAIL);
    equals(event.json, plain);
}

static void event_refuses_other_members_that_are_no_json(void **state) {
    (void)state;
    refuses(WITH_MORE("\"x\":01"), "event_malformed", "no number");
    refuses(WITH_MORE("\"x\":1."), "event_malformed", "no number");
    refuses(WITH_MORE("\"x\":-"), "event_malformed", "no number");
    refuses(WITH_MORE("\"x\":1e"), "event_malformed", "no number");
    refuses(WITH_MORE("\"x\":nul"), "event_malformed", "no value");
    refuses(WITH_MORE("\"x\":[1,]"), "event_malformed", "no value");
    refuses(WITH_MORE("\"x\":{\"a\"}"), "event_malformed", "\":\"");
    refuses(WITH_MORE("\"x\":{\"a\":1,}"), "event_malformed", "a text was expected");
    refuses(WITH_MORE("\"x\":[1}"), "event_malformed", "between values");
    refuses(WITH_MORE("\"x\":\"\\ud800\""), "event_malformed", "lone surrogate");
}

/* text, then `part` repeated, then end. */
static struct ht_buf repeated(const char *begin, const char *part, size_t count, const char *end) {
    struct ht_buf text;
    ht_buf_init(&text, (size_t)16 << 20);
    assert_int_equal(ht_buf_add_str(&text, begin), HT_OK);
    for (size_t i = 0; i < count; i++) assert_int_equal(ht_buf_add_str(&text, part), HT_OK);
    assert_int_equal(ht_buf_add_str(&text, end), HT_OK);
    return text;
}

#define BEFORE_TAGS HEAD "\"created_at\":1,\"kind\":1,\"content\":\"\"," SIG ",\"tags\":["

static void event_bounds_nesting_members_and_tags(void **state) {
    (void)state;
    struct ht_buf deep = repeated(HEAD "\"x\":", "[", 100000, "");
    refuses_bytes(ht_buf_view(&deep), HT_EINPUT, "event_malformed", "nested too deep");
    struct ht_buf many = repeated(BEFORE_TAGS, "[\"t\"],", HT_EVENT_TAGS_MAX, "[\"t\"]]}");
    refuses_bytes(ht_buf_view(&many), HT_ELIMIT, "event_tags", "more than 5000 tags");
    struct ht_buf most = repeated(BEFORE_TAGS, "[\"t\"],", HT_EVENT_TAGS_MAX - 1, "[\"u\"]]}");
    struct ht_event event = reads(ht_buf_view(&most));
    assert_int_equal(event.tag_count, HT_EVENT_TAGS_MAX);
    equals(event.tags[0].items[0], "t");
    equals(event.tags[HT_EVENT_TAGS_MAX - 1].items[0], "u");
    struct ht_buf wide = repeated(BEFORE_TAGS "[", "\"\",", HT_EVENT_TAG_ITEMS_MAX, "\"\"]]}");
    refuses_bytes(ht_buf_view(&wide), HT_ELIMIT, "event_tags", "more than 256 items");
    struct ht_buf widest =
        repeated(BEFORE_TAGS "[", "\"a\",", HT_EVENT_TAG_ITEMS_MAX - 1, "\"b\"]]}");
    event = reads(ht_buf_view(&widest));
    assert_int_equal(event.tags[0].count, HT_EVENT_TAG_ITEMS_MAX);
    equals(event.tags[0].items[0], "a");
    equals(event.tags[0].items[HT_EVENT_TAG_ITEMS_MAX - 1], "b");
    struct ht_buf all[] = {deep, many, most, wide, widest};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) ht_buf_fini(&all[i]);
}

static void event_bounds_members_of_other_names(void **state) {
    (void)state;
    struct ht_buf text = repeated("{", "", 0, "");
    for (int i = 0; i < 17; i++) {
        char part[20];
        (void)snprintf(part, sizeof part, "\"x%d\":0,", i);
        assert_int_equal(ht_buf_add_str(&text, part), HT_OK);
    }
    refuses_bytes(ht_buf_view(&text), HT_EINPUT, "event_malformed", "too many members");
    ht_buf_fini(&text);
}

static void event_bounds_the_size_and_the_memory(void **state) {
    (void)state;
    static const char head[] = HEAD "\"created_at\":1,\"kind\":1,\"tags\":[],\"content\":\"";
    static const char tail[] = "\"" TAIL;
    size_t fill = HT_EVENT_SIZE_MAX - (sizeof head - 1) - (sizeof tail - 1);
    struct ht_buf fits = repeated(head, "x", fill, tail);
    struct ht_buf over = repeated(head, "x", fill + 1, tail);
    assert_int_equal(reads(ht_buf_view(&fits)).content.n, fill);
    refuses_bytes(ht_buf_view(&over), HT_ELIMIT, "event_too_large", "131072");
    struct ht_event event;
    struct ht_why why = {.code = ""};
    struct ht_arena small;
    size_t used = 0;
    assert_int_equal(ht_event_read_front(&event, &used, &arena, ht_buf_view(&over), &why),
                     HT_ELIMIT);
    assert_string_equal(why.code, "event_too_large");
    ht_arena_init(&small, 64);
    const char *text = WITH_TAGS("[[\"t\"]]");
    assert_int_equal(ht_event_read(&event, &small, ht_bytes_str(text), &why), HT_ENOMEM);
    assert_string_equal(why.code, "no_memory");
    ht_arena_fini(&small);
    ht_buf_fini(&fits);
    ht_buf_fini(&over);
}

/* What takes the most room for its length fits in the room that the header promises. */
static void event_fits_in_the_arena_that_the_header_says(void **state) {
    (void)state;
    struct ht_buf texts[] = {
        repeated(BEFORE_TAGS, "[\"\"],", HT_EVENT_TAGS_MAX - 1, "[\"\\n\"]]  }"),
        repeated(BEFORE_TAGS, "[\"\",\"\",\"\",\"\"], ", 4500, "[\"\\n\"]]}"),
        repeated(BEFORE_TAGS "[", "\"\",", 250, "\"\\n\"] ]}"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct ht_arena room;
        struct ht_event event;
        struct ht_why why = {.code = "", .text = ""};
        ht_arena_init(&room, HT_EVENT_ARENA(texts[i].n));
        if (ht_event_read(&event, &room, ht_buf_view(&texts[i]), &why) != HT_OK) {
            fail_msg("text %zu: %s", i, why.text);
        }
        ht_arena_fini(&room);
        ht_buf_fini(&texts[i]);
    }
}

static void event_at_the_front_of_a_text_says_where_it_ends(void **state) {
    (void)state;
    static const char text[] = " " WITH_CONTENT("\"\"") "]rest";
    struct ht_event event;
    size_t used = 0;
    assert_int_equal(ht_event_read_front(&event, &used, &arena, ht_bytes_str(text), NULL), HT_OK);
    assert_string_equal(text + used, "]rest");
    assert_ptr_equal(event.json.p, text + 1);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_reads_every_member),
        cmocka_unit_test(event_takes_members_in_any_order),
        cmocka_unit_test(event_decodes_escapes_in_texts_and_names),
        cmocka_unit_test(event_takes_every_character_that_unicode_has),
        cmocka_unit_test(event_refuses_bytes_that_are_not_utf_8),
        cmocka_unit_test(event_refuses_lone_surrogates_and_bad_escapes),
        cmocka_unit_test(event_refuses_control_characters_in_texts),
        cmocka_unit_test(event_refuses_a_member_that_is_there_twice),
        cmocka_unit_test(event_names_the_member_that_is_missing),
        cmocka_unit_test(event_refuses_hex_that_is_not_lowercase_or_not_as_long),
        cmocka_unit_test(event_takes_numbers_up_to_their_bounds),
        cmocka_unit_test(event_refuses_numbers_that_are_not_whole_or_not_written_so),
        cmocka_unit_test(event_refuses_tags_of_other_shapes),
        cmocka_unit_test(event_refuses_what_is_no_json_object),
        cmocka_unit_test(event_does_not_keep_other_members_and_space),
        cmocka_unit_test(event_refuses_other_members_that_are_no_json),
        cmocka_unit_test(event_bounds_nesting_members_and_tags),
        cmocka_unit_test(event_bounds_members_of_other_names),
        cmocka_unit_test(event_bounds_the_size_and_the_memory),
        cmocka_unit_test(event_fits_in_the_arena_that_the_header_says),
        cmocka_unit_test(event_at_the_front_of_a_text_says_where_it_ends),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
