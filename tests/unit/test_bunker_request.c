/* What devices ask for: requests and events to be signed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "social/bunker/bunker_request.h"
#include "tests/unit/event_maker.h"

static struct ht_why why;

static enum ht_err request(struct ht_bunker_request *out, const char *text) {
    memset(&why, 0, sizeof why);
    return ht_bunker_request_read(out, ht_bytes_str(text), &why);
}

static void request_is_read_with_its_texts(void **state) {
    struct ht_bunker_request got;
    (void)state;
    assert_int_equal(
        request(&got,
                "{\"id\":\"a-1\",\"method\":\"nip44_encrypt\",\"params\":[\"ab\",\"c\\u00e9\"]}"),
        HT_OK);
    assert_string_equal(got.id, "a-1");
    assert_int_equal(got.method, HT_BUNKER_ENCRYPT);
    assert_int_equal(got.count, 2);
    assert_true(ht_bytes_equal(got.params[1], ht_bytes_str("c\xc3\xa9")));
    assert_false(got.has_bad_params);
    ht_bunker_request_fini(&got);
}

static void request_without_params_has_none(void **state) {
    struct ht_bunker_request got;
    (void)state;
    assert_int_equal(request(&got, "{\"id\":\"1\",\"method\":\"ping\"}"), HT_OK);
    assert_int_equal(got.method, HT_BUNKER_PING);
    assert_int_equal(got.count, 0);
    assert_false(got.has_bad_params);
    ht_bunker_request_fini(&got);
}

static void request_of_an_unknown_method_is_read_so_that_it_can_be_refused(void **state) {
    struct ht_bunker_request got;
    (void)state;
    assert_int_equal(request(&got, "{\"id\":\"1\",\"method\":\"create_account\",\"params\":[]}"),
                     HT_OK);
    assert_int_equal(got.method, HT_BUNKER_UNKNOWN);
    ht_bunker_request_fini(&got);
    assert_int_equal(request(&got, "{\"id\":\"1\",\"method\":\"nip04_decrypt\",\"params\":[]}"),
                     HT_OK);
    assert_int_equal(got.method, HT_BUNKER_OLD_CRYPT);
    ht_bunker_request_fini(&got);
}

static void request_with_params_that_are_no_texts_has_none_of_them(void **state) {
    static const char *const bad[] = {
        "{\"id\":\"1\",\"method\":\"ping\",\"params\":[{}]}",
        "{\"id\":\"1\",\"method\":\"ping\",\"params\":{}}",
        "{\"id\":\"1\",\"method\":\"ping\",\"params\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_bunker_request got;
        assert_int_equal(request(&got, bad[i]), HT_OK);
        assert_true(got.has_bad_params);
        assert_int_equal(got.count, 0);
        ht_bunker_request_fini(&got);
    }
}

static void request_without_an_id_or_method_is_none(void **state) {
    static const char *const bad[] = {
        "{\"method\":\"ping\"}",
        "{\"id\":7,\"method\":\"ping\"}",
        "{\"id\":\"1\"}",
        "{\"id\":\"\",\"method\":\"ping\"}",
        "[]",
        "{\"id\":\"a\\u0000b\",\"method\":\"ping\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ht_bunker_request got;
        assert_int_equal(request(&got, bad[i]), HT_EINPUT);
        assert_string_equal(why.code, "bad_request");
        assert_null(got.json);
    }
}

static void request_that_is_too_long_is_not_parsed(void **state) {
    struct ht_bunker_request got;
    char *text = malloc(HT_BUNKER_TEXT_MAX + 2);
    (void)state;
    assert_non_null(text);
    memset(text, ' ', HT_BUNKER_TEXT_MAX + 1);
    text[HT_BUNKER_TEXT_MAX + 1] = '\0';
    assert_int_equal(request(&got, text), HT_ELIMIT);
    assert_string_equal(why.code, "json_too_large");
    free(text);
}

/* --- events ----------------------------------------------------------------------------------- */

static enum ht_err read_event(const char *text) {
    struct ht_event event;
    struct ht_arena arena;
    json_t *keep = NULL;
    const ht_hash32 owner = maker_pubkey(1);
    memset(&why, 0, sizeof why);
    ht_arena_init(&arena, HT_BUNKER_EVENT_ARENA);
    enum ht_err err = ht_bunker_event_read(&event, &arena, &keep, ht_bytes_str(text), &owner, &why);
    if (err != HT_OK) assert_null(keep);
    json_decref(keep);
    ht_arena_fini(&arena);
    return err;
}

static void event_has_the_id_that_its_signer_gives_it(void **state) {
    const char *text = "{\"kind\":1,\"created_at\":1780000000,\"content\":\"h\\u0000i\\n\","
                       "\"tags\":[[\"t\",\"a\",\"\"],[\"-\"]]}";
    const ht_hash32 owner = maker_pubkey(1);
    const ht_bytes items[] = {ht_bytes_str("t"), ht_bytes_str("a"), ht_bytes_str("")};
    const ht_bytes dash[] = {ht_bytes_str("-")};
    const struct ht_event_tag tags[] = {{items, 3}, {dash, 1}};
    struct ht_event event, same = {.created_at = 1780000000,
                                   .kind = 1,
                                   .tags = tags,
                                   .tag_count = 2,
                                   .content = ht_bytes_of("h\0i\n", 4)};
    struct ht_arena arena;
    json_t *keep = NULL;
    (void)state;
    ht_arena_init(&arena, HT_BUNKER_EVENT_ARENA);
    maker_sign(&same, 1);
    assert_int_equal(ht_bunker_event_read(&event, &arena, &keep, ht_bytes_str(text), &owner, NULL),
                     HT_OK);
    assert_memory_equal(event.id.b, same.id.b, 32);
    memcpy(event.sig, same.sig, sizeof event.sig);
    assert_int_equal(ht_event_verify(&event, NULL), HT_OK);
    json_decref(keep);
    ht_arena_fini(&arena);
}

static void event_that_is_malformed_is_not_signed(void **state) {
    static const char *const bad[] = {
        "{\"created_at\":1,\"content\":\"\",\"tags\":[]}",
        "{\"kind\":65536,\"created_at\":1,\"content\":\"\",\"tags\":[]}",
        "{\"kind\":1.5,\"created_at\":1,\"content\":\"\",\"tags\":[]}",
        "{\"kind\":1,\"created_at\":-1,\"content\":\"\",\"tags\":[]}",
        "{\"kind\":1,\"created_at\":9007199254740992,\"content\":\"\",\"tags\":[]}",
        "{\"kind\":1,\"created_at\":1,\"content\":7,\"tags\":[]}",
        "{\"kind\":1,\"created_at\":1,\"content\":\"\",\"tags\":{}}",
        "{\"kind\":1,\"created_at\":1,\"content\":\"\",\"tags\":[[]]}",
        "{\"kind\":1,\"created_at\":1,\"content\":\"\",\"tags\":[[\"a\",1]]}",
        "{\"kind\":1,\"created_at\":1,\"content\":\"\"}",
        "[]",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(read_event(bad[i]), HT_EINPUT);
        assert_string_equal(why.code, "bad_event");
    }
}

static void event_of_another_author_is_not_signed(void **state) {
    (void)state;
    assert_int_equal(read_event("{\"kind\":1,\"created_at\":1,\"content\":\"\",\"tags\":[],"
                                "\"pubkey\":\"" HEX64 "\"}"),
                     HT_EINPUT);
    assert_string_equal(why.code, "not_yours");
}

static void event_that_would_answer_for_the_bunker_is_not_signed(void **state) {
    (void)state;
    assert_int_equal(read_event("{\"kind\":24133,\"created_at\":1,\"content\":\"\",\"tags\":[]}"),
                     HT_EDENIED);
    assert_string_equal(why.code, "bad_kind");
}

static void kinds_that_wipe_or_sign_in_are_careful_ones(void **state) {
    static const uint32_t careful[] = {0, 3, 5, 62, 10000, 10999, 22242, 24242, 27235};
    static const uint32_t others[] = {1, 4, 6, 7, 1059, 9999, 11000, 30023};
    (void)state;
    for (size_t i = 0; i < sizeof careful / sizeof *careful; i++) {
        assert_true(ht_bunker_is_careful(careful[i]));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(ht_bunker_is_careful(others[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_is_read_with_its_texts),
        cmocka_unit_test(request_without_params_has_none),
        cmocka_unit_test(request_of_an_unknown_method_is_read_so_that_it_can_be_refused),
        cmocka_unit_test(request_with_params_that_are_no_texts_has_none_of_them),
        cmocka_unit_test(request_without_an_id_or_method_is_none),
        cmocka_unit_test(request_that_is_too_long_is_not_parsed),
        cmocka_unit_test(event_has_the_id_that_its_signer_gives_it),
        cmocka_unit_test(event_that_is_malformed_is_not_signed),
        cmocka_unit_test(event_of_another_author_is_not_signed),
        cmocka_unit_test(event_that_would_answer_for_the_bunker_is_not_signed),
        cmocka_unit_test(kinds_that_wipe_or_sign_in_are_careful_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
