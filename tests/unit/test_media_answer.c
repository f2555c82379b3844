/* Whom the door of media lets see what, and the words it answers with. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "social/media/media_answer.h"

static struct ht_host host;
static struct ht_social social;
static struct ht_media media;

static const struct ht_nostr_keys *no_keys(const struct ht_host *of) {
    (void)of;
    return NULL;
}

static int set_up(void **state) {
    (void)state;
    host = (struct ht_host){.clock = &ht_system_clock, .nostr_keys = no_keys};
    social = (struct ht_social){.host = &host};
    media = (struct ht_media){.social = &social};
    return ht_policy_new(&social.policy) == HT_OK ? 0 : 1;
}

static int tear_down(void **state) {
    (void)state;
    ht_policy_free(social.policy);
    return 0;
}

static bool sees(bool is_local, const char *site, const char *origin) {
    const struct ht_door_request request = {
        .is_local = is_local, .fetch_site = ht_bytes_str(site), .origin = ht_bytes_str(origin)};
    struct ht_why why = {.code = ""};
    bool out = !is_local;
    enum ht_err err = ht_media_may_read(&out, &media, &request, "get", NULL, &why);
    if (err != HT_OK) fail_msg("%s", why.code);
    return out;
}

static void media_answer_shows_what_was_fetched_to_this_computer_alone(void **state) {
    (void)state;
    assert_true(sees(true, "", ""));
    assert_true(sees(true, "same-site", "http://127.0.0.1:8420"));
    assert_true(sees(true, "none", ""));
    assert_true(sees(true, "", "http://127.0.0.1:8420"));
    assert_false(sees(false, "", ""));
    assert_false(sees(false, "same-site", ""));
}

static void media_answer_shows_what_was_fetched_to_no_page_of_the_web(void **state) {
    (void)state;
    assert_false(sees(true, "cross-site", ""));
    assert_false(sees(true, "cross-site", "http://127.0.0.1:8420"));
    assert_false(sees(true, "", "https://evil.example"));
    assert_false(sees(true, "", "http://127.0.0.1.evil.example"));
    assert_false(sees(true, "", "null"));
}

static void media_answer_asks_readers_for_their_key_when_not_everybody_reads(void **state) {
    const struct ht_door_request request = {.is_local = true};
    struct ht_why why = {.code = ""};
    bool out = false;
    (void)state;
    ht_policy_settings(social.policy)->read = HT_RANK_FOLLOWED;
    assert_int_equal(ht_media_may_read(&out, &media, &request, "get", NULL, &why), HT_EDENIED);
    assert_string_equal(why.code, "auth_missing");
}

static void media_answer_lets_nobody_write_below_the_rank_that_is_set(void **state) {
    const ht_hash32 key = {{1}};
    struct ht_why why = {.code = ""};
    (void)state;
    assert_int_equal(ht_media_may_write(&media, &key, &why), HT_EDENIED);
    assert_string_equal(why.code, "not_a_writer");
    assert_int_equal(ht_policy_set(social.policy, HT_RANK_FOLLOWED, &key, 1), HT_OK);
    assert_int_equal(ht_media_may_write(&media, &key, &why), HT_OK);
    assert_int_equal(ht_policy_set(social.policy, HT_RANK_BLOCKED, &key, 1), HT_OK);
    assert_int_equal(ht_media_may_write(&media, &key, &why), HT_EDENIED);
}

static void base_is(const char *name, const char *want) {
    const struct ht_door_request request = {.host = ht_bytes_str(name)};
    char out[160];
    ht_media_asked_base(out, &media, &request);
    assert_string_equal(out, want);
}

static void media_answer_names_itself_as_it_was_asked(void **state) {
    (void)state;
    base_is("127.0.0.1:8421", "http://127.0.0.1:8421");
    base_is("[::1]:8421", "http://[::1]:8421");
    base_is("media.example", "https://media.example");
    base_is("abcdef.onion", "http://abcdef.onion");
    base_is("", "");
    base_is("a/b", "");
    base_is("a\"><script>", "");
}

static void media_answer_has_a_status_for_each_reason(void **state) {
    (void)state;
    assert_int_equal(ht_media_status(HT_ESTORE, "disk_full"), 507);
    assert_int_equal(ht_media_status(HT_ELIMIT, "full"), 507);
    assert_int_equal(ht_media_status(HT_ELIMIT, "quota"), 429);
    assert_int_equal(ht_media_status(HT_ELIMIT, "too_large"), 413);
    assert_int_equal(ht_media_status(HT_EUNVERIFIED, "other_hash"), 409);
    assert_int_equal(ht_media_status(HT_EUNVERIFIED, "event_signature"), 401);
    assert_int_equal(ht_media_status(HT_EDENIED, "auth_hash"), 403);
    assert_int_equal(ht_media_status(HT_EDENIED, "private_address"), 403);
    assert_int_equal(ht_media_status(HT_ENET, "timeout"), 502);
    assert_int_equal(ht_media_status(HT_EAGAIN, "busy"), 503);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(media_answer_shows_what_was_fetched_to_this_computer_alone),
        TEST(media_answer_shows_what_was_fetched_to_no_page_of_the_web),
        TEST(media_answer_asks_readers_for_their_key_when_not_everybody_reads),
        TEST(media_answer_lets_nobody_write_below_the_rank_that_is_set),
        TEST(media_answer_names_itself_as_it_was_asked),
        TEST(media_answer_has_a_status_for_each_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
