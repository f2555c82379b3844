/* Talk: what it is about, and its events both ways. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "governance/feed_event.h"
#include "governance/talk/talk_event.h"

static const struct ht_talk_about ABOUT = {
    .chain_id = 1, .governor = {{0xAB, [19] = 1}}, .has_proposal = true, .proposal = {{77}}};
static const char THING[] = "ethereum:1:0xab00000000000000000000000000000000000001:77";

static void a_thing_is_written_and_read_the_same(void **state) {
    char thing[HT_TALK_THING_SIZE];
    struct ht_talk_about about;
    (void)state;
    ht_talk_thing(thing, &ABOUT);
    assert_string_equal(thing, THING);
    assert_true(ht_talk_about_of(&about, ht_bytes_str(thing)));
    assert_true(about.has_proposal && ht_u256_equal(&about.proposal, &ABOUT.proposal));
    struct ht_talk_about community = ABOUT;
    community.has_proposal = false;
    ht_talk_thing(thing, &community);
    assert_true(ht_talk_about_of(&about, ht_bytes_str(thing)));
    assert_false(about.has_proposal);
}

static void the_largest_id_fits_into_a_thing(void **state) {
    char thing[HT_TALK_THING_SIZE];
    struct ht_talk_about about = ABOUT, again;
    (void)state;
    about.chain_id = UINT64_MAX;
    memset(&about.proposal, 0xff, sizeof about.proposal);
    ht_talk_thing(thing, &about);
    assert_true(ht_talk_about_of(&again, ht_bytes_str(thing)));
    assert_true(ht_u256_equal(&about.proposal, &again.proposal));
}

static void a_thing_has_one_text_only(void **state) {
    static const char *const BAD[] = {
        "",
        "ethereum",
        "bitcoin:1:0xab00000000000000000000000000000000000001:77",
        "ethereum:01:0xab00000000000000000000000000000000000001:77",
        "ethereum:1:0xAB00000000000000000000000000000000000001:77",
        "ethereum:1:ab00000000000000000000000000000000000001:77",
        "ethereum:1:0xab00000000000000000000000000000000000001:077",
        "ethereum:1:0xab00000000000000000000000000000000000001:",
        "ethereum:1:0xab00000000000000000000000000000000000001:77:1",
        "ethereum:1:0xab:77",
    };
    struct ht_talk_about about;
    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_false(ht_talk_about_of(&about, ht_bytes_str(BAD[i])));
}

/* tags is taken over. */
static enum ht_err read_back(struct ht_talk_item *item, int kind, json_t *tags, const char *text,
                             struct ht_why *why) {
    static const char ID[] = "abababababababababababababababababababababababababababababababab";
    struct ht_arena arena;
    struct ht_event event;
    char sig[129];
    memset(sig, 'c', 128);
    sig[128] = '\0';
    json_t *object =
        json_pack("{s:s, s:s, s:i, s:i, s:o, s:s, s:s}", "id", ID, "pubkey", ID, "created_at", 5,
                  "kind", kind, "tags", tags, "content", text, "sig", sig);
    ht_arena_init(&arena, 1 << 22);
    assert_int_equal(ht_gov_event_read(&event, &arena, object, why), HT_OK);
    enum ht_err err = ht_talk_read(item, &event, why);
    ht_arena_fini(&arena);
    json_decref(object);
    return err;
}

static void each_kind_is_read_as_it_was_written(void **state) {
    struct ht_talk_item item;
    struct ht_why why;
    (void)state;
    for (int i = 0; i < 3; i++) {
        enum ht_talk_kind kind = (enum ht_talk_kind)i;
        struct ht_talk_about about = ABOUT;
        about.has_proposal = kind != HT_TALK_STATEMENT;
        json_t *tags = ht_talk_tags(&about, kind);
        int event_kind = (int)(about.has_proposal ? HT_TALK_KIND : HT_TALK_STATEMENT_KIND);
        assert_int_equal(read_back(&item, event_kind, tags, "text", &why), HT_OK);
        assert_int_equal(item.kind, kind);
        assert_int_equal(item.about.has_proposal, about.has_proposal);
    }
}

static void a_comment_without_our_label_is_a_comment(void **state) {
    struct ht_talk_item item;
    struct ht_why why;
    (void)state;
    json_t *tags = json_pack("[[ss], [ss]]", "I", THING, "K", HT_TALK_K);
    assert_int_equal(read_back(&item, 1111, tags, "text", &why), HT_OK);
    assert_int_equal(item.kind, HT_TALK_COMMENT);
}

static void expect_no_talk(int kind, json_t *tags, const char *text) {
    struct ht_talk_item item;
    struct ht_why why;
    assert_int_equal(read_back(&item, kind, tags, text, &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "not_talk");
}

static void what_is_not_bound_to_a_thing_is_no_talk(void **state) {
    struct ht_talk_about community = ABOUT;
    (void)state;
    community.has_proposal = false;
    expect_no_talk(1, ht_talk_tags(&ABOUT, HT_TALK_COMMENT), "text");
    expect_no_talk(1111, json_pack("[[ss]]", "I", "https://example.org"), "text");
    expect_no_talk(1111, ht_talk_tags(&ABOUT, HT_TALK_COMMENT), "");
    expect_no_talk(1111, ht_talk_tags(&community, HT_TALK_COMMENT), "text");
    /* A d tag of another governor than the i tag's would replace what it is not. */
    json_t *tags = ht_talk_tags(&community, HT_TALK_STATEMENT);
    json_array_set_new(tags, 0, json_pack("[ss]", "d", "hearth:statement:1:0xother"));
    expect_no_talk(30078, tags, "text");
}

static void talk_that_is_too_long_is_refused(void **state) {
    struct ht_talk_item item;
    struct ht_why why;
    (void)state;
    char *text = malloc(HT_TALK_TEXT_MAX + 2);
    assert_non_null(text);
    memset(text, 'a', HT_TALK_TEXT_MAX + 1);
    text[HT_TALK_TEXT_MAX + 1] = '\0';
    json_t *tags = ht_talk_tags(&ABOUT, HT_TALK_COMMENT);
    assert_int_equal(read_back(&item, 1111, tags, text, &why), HT_ELIMIT);
    assert_string_equal(why.code, "talk_too_long");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thing_is_written_and_read_the_same),
        cmocka_unit_test(the_largest_id_fits_into_a_thing),
        cmocka_unit_test(a_thing_has_one_text_only),
        cmocka_unit_test(each_kind_is_read_as_it_was_written),
        cmocka_unit_test(a_comment_without_our_label_is_a_comment),
        cmocka_unit_test(what_is_not_bound_to_a_thing_is_no_talk),
        cmocka_unit_test(talk_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
