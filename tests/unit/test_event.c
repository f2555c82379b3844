/* Events: the exact text that is hashed, ids and signatures, and what the tags say. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

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

static void equals(ht_bytes got, const char *want) {
    assert_int_equal(got.n, strlen(want));
    assert_memory_equal(got.p, want, got.n);
}

/* --- writing, ids, signatures -----------------------------------------------------------------*/

static void event_is_serialised_as_nip_01_says(void **state) {
    (void)state;
    struct ht_buf out;
    ht_buf_init(&out, 4096);
    struct ht_event event = reads_text(
        HEAD "\"created_at\":12,\"kind\":34,\"tags\":[[\"a\\/b\",\"\\u00e9\"],[\"c\"]],"
             "\"content\":\"\\u0022\\u005c\\u0008\\f\\n\\r\\u0009\\u0000\\u001F\\u007f\"" TAIL);
    assert_int_equal(ht_event_serialize(&out, &event), HT_OK);
    equals(ht_buf_view(&out), "[0,\"" HEX64 "\",12,34,[[\"a/b\",\"\xc3\xa9\"],[\"c\"]],"
                              "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"]");
    ht_buf_clear(&out);
    assert_int_equal(ht_event_write(&out, &event), HT_OK);
    equals(ht_buf_view(&out),
           HEAD "\"created_at\":12,\"kind\":34,\"tags\":[[\"a/b\",\"\xc3\xa9\"],[\"c\"]],"
                "\"content\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"" TAIL);
    ht_buf_fini(&out);
}

static void event_that_does_not_fit_leaves_the_buffer_as_it_was(void **state) {
    (void)state;
    struct ht_buf out;
    struct ht_event event = reads_text(WITH_CONTENT("\"12345\""));
    ht_buf_init(&out, 60);
    assert_int_equal(ht_buf_add_str(&out, "before"), HT_OK);
    assert_int_equal(ht_event_serialize(&out, &event), HT_ELIMIT);
    equals(ht_buf_view(&out), "before");
    assert_int_equal(ht_event_write(&out, &event), HT_ELIMIT);
    equals(ht_buf_view(&out), "before");
    ht_buf_fini(&out);
}

static struct ht_event signed_event(void) {
    static const ht_bytes items[] = {{(const uint8_t *)"t", 1}, {(const uint8_t *)"x\n", 2}};
    static const struct ht_event_tag tags[] = {{items, 2}};
    struct ht_event event = {.created_at = MAKER_TIME, .kind = 1, .tags = tags, .tag_count = 1};
    event.content = ht_bytes_str("hello");
    maker_sign(&event, 3);
    return event;
}

static void expect_unverified(const struct ht_event *event, const char *code) {
    struct ht_why why = {.code = "verified", .text = ""};
    enum ht_err err = ht_event_verify(event, &why);
    assert_string_equal(why.code, code);
    assert_int_equal(err, HT_EUNVERIFIED);
}

static void event_verifies_only_with_its_own_id_and_signature(void **state) {
    (void)state;
    struct ht_event good = signed_event();
    assert_int_equal(ht_event_verify(&good, NULL), HT_OK);
    struct ht_event bad = good;
    bad.content = ht_bytes_str("hello!");
    expect_unverified(&bad, "event_id");
    bad = good;
    bad.kind = 2;
    expect_unverified(&bad, "event_id");
    bad = good;
    bad.created_at++;
    expect_unverified(&bad, "event_id");
    bad = good;
    bad.tag_count = 0;
    expect_unverified(&bad, "event_id");
    bad = good;
    bad.pubkey = maker_pubkey(4);
    expect_unverified(&bad, "event_id");
    bad = good;
    bad.sig[40] ^= 1;
    expect_unverified(&bad, "event_signature");
    bad = good;
    memset(bad.pubkey.b, 0xff, 32);
    assert_int_equal(ht_event_id(&bad.id, &bad), HT_OK);
    expect_unverified(&bad, "event_signature");
}

/* --- what it says -----------------------------------------------------------------------------*/

static void event_classes_follow_the_kind(void **state) {
    (void)state;
    static const struct {
        uint32_t kind;
        enum ht_event_class want;
    } cases[] = {
        {0, HT_EVENT_REPLACEABLE},     {1, HT_EVENT_REGULAR},         {2, HT_EVENT_REGULAR},
        {3, HT_EVENT_REPLACEABLE},     {4, HT_EVENT_REGULAR},         {9999, HT_EVENT_REGULAR},
        {10000, HT_EVENT_REPLACEABLE}, {19999, HT_EVENT_REPLACEABLE}, {20000, HT_EVENT_EPHEMERAL},
        {29999, HT_EVENT_EPHEMERAL},   {30000, HT_EVENT_ADDRESSABLE}, {39999, HT_EVENT_ADDRESSABLE},
        {40000, HT_EVENT_REGULAR},     {65535, HT_EVENT_REGULAR},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (ht_event_class_of(cases[i].kind) != cases[i].want) fail_msg("%u", cases[i].kind);
    }
}

static void event_tags_are_found_by_name(void **state) {
    (void)state;
    struct ht_event event =
        reads_text(WITH_TAGS("[[\"dd\",\"no\"],[\"d\",\"first\"],[\"d\",\"second\"],[\"e\"]]"));
    equals(ht_event_d(&event), "first");
    assert_int_equal(ht_event_tag_item(ht_event_find_tag(&event, "e"), 1).n, 0);
    assert_null(ht_event_find_tag(&event, "p"));
    assert_int_equal(ht_event_tag_item(NULL, 0).n, 0);
    event = reads_text(WITH_TAGS("[]"));
    assert_int_equal(ht_event_d(&event).n, 0);
    assert_false(ht_event_is_protected(&event));
    event = reads_text(WITH_TAGS("[[\"-\"]]"));
    assert_true(ht_event_is_protected(&event));
}

static void event_expires_when_its_tag_says_a_number(void **state) {
    (void)state;
    static const struct {
        const char *tag;
        int64_t want;
    } cases[] = {
        {"[\"expiration\",\"1600000000\"]", 1600000000},
        {"[\"expiration\",\"0\"]", 0},
        {"[\"expiration\",\"9223372036854775807\"]", INT64_MAX},
        {"[\"expiration\",\"99999999999999999999\"]", INT64_MAX},
        {"[\"expiration\",\"-1\"]", INT64_MAX},
        {"[\"expiration\",\"1x\"]", INT64_MAX},
        {"[\"expiration\",\"\"]", INT64_MAX},
        {"[\"expiration\"]", INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[700];
        (void)snprintf(text, sizeof text, WITH_TAGS("[%s]"), cases[i].tag);
        struct ht_event event = reads_text(text);
        if (ht_event_expiration(&event) != cases[i].want) fail_msg("%s", cases[i].tag);
    }
}

static void event_work_is_counted_in_leading_zero_bits(void **state) {
    (void)state;
    ht_hash32 id = {{0}};
    assert_int_equal(ht_event_difficulty(&id), 256);
    id.b[31] = 1;
    assert_int_equal(ht_event_difficulty(&id), 255);
    id.b[1] = 0x1f;
    assert_int_equal(ht_event_difficulty(&id), 11);
    id.b[0] = 0x80;
    assert_int_equal(ht_event_difficulty(&id), 0);
    struct ht_event event = reads_text(WITH_TAGS("[[\"nonce\",\"77\",\"20\"]]"));
    assert_int_equal(ht_event_difficulty_target(&event), 20);
    event = reads_text(WITH_TAGS("[[\"nonce\",\"77\",\"99999999999999999999\"]]"));
    assert_int_equal(ht_event_difficulty_target(&event), 256);
    event = reads_text(WITH_TAGS("[[\"nonce\",\"77\"]]"));
    assert_int_equal(ht_event_difficulty_target(&event), 0);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_is_serialised_as_nip_01_says),
        cmocka_unit_test(event_that_does_not_fit_leaves_the_buffer_as_it_was),
        cmocka_unit_test(event_verifies_only_with_its_own_id_and_signature),
        cmocka_unit_test(event_classes_follow_the_kind),
        cmocka_unit_test(event_tags_are_found_by_name),
        cmocka_unit_test(event_expires_when_its_tag_says_a_number),
        cmocka_unit_test(event_work_is_counted_in_leading_zero_bits),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
