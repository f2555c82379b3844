/* The feeds as other modules use them: what they publish is stored, found and told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "social/feed/feed_service.h"
#include "social/feed/trust_mark.h"
#include "social/kinds.h"
#include "tests/unit/peers_bench.h"

static struct {
    const struct ht_feed *feed; /* as offered */
    unsigned done;
    enum ht_err err;
    char code[32];
    ht_hash32 id;
    json_t *events;
    struct ht_feed_listener apps, notes;
    unsigned heard_apps, heard_notes;
    char heard[64], d[64];
    ht_hash32 heard_id;
} seen;

static void offer(const struct ht_host *host, const struct ht_feed *feed) {
    (void)host;
    seen.feed = feed;
}

static bool has_done(void) {
    return seen.done == 1;
}

static void note(enum ht_err err, const struct ht_why *why) {
    seen.done++;
    seen.err = err;
    (void)snprintf(seen.code, sizeof seen.code, "%s", err != HT_OK ? why->code : "");
}

static void published(void *user, enum ht_err err, const struct ht_why *why, const ht_hash32 *id) {
    assert_ptr_equal(user, &seen);
    note(err, why);
    assert_int_equal(id != NULL, err == HT_OK);
    if (id != NULL) seen.id = *id;
}

static void found(void *user, enum ht_err err, const struct ht_why *why, const json_t *events) {
    assert_ptr_equal(user, &seen);
    note(err, why);
    json_decref(seen.events);
    seen.events = events != NULL ? json_deep_copy(events) : NULL;
}

static void heard(struct ht_feed_listener *listener, const struct ht_feed_event *event) {
    if (listener == &seen.notes) {
        seen.heard_notes++;
        return;
    }
    seen.heard_apps++;
    seen.heard_id = event->id;
    (void)snprintf(seen.heard, sizeof seen.heard, "%.*s", (int)event->content.n,
                   (const char *)event->content.p);
    const char *d = json_string_value(json_array_get(json_array_get(event->tags, 0), 1));
    (void)snprintf(seen.d, sizeof seen.d, "%s", d != NULL ? d : "");
}

static int begin(void **state) {
    memset(&seen, 0, sizeof seen);
    if (world_start(state) != 0) return -1;
    bench.host.offer_feed = offer;
    if (ht_feed_service_new(&world.social, NULL) != HT_OK) return -1;
    seen.apps = (struct ht_feed_listener){.kind = HT_KIND_APP, .event = heard};
    seen.notes = (struct ht_feed_listener){.kind = HT_KIND_NOTE, .event = heard};
    seen.feed->listen(seen.feed->self, &seen.apps);
    seen.feed->listen(seen.feed->self, &seen.notes);
    return 0;
}

static int end(void **state) {
    ht_feed_service_stop(&world.social);
    assert_null(seen.feed);
    json_decref(seen.events);
    int rc = world_end(state);
    ht_feed_service_free(&world.social);
    return rc;
}

static void publish(const char *d, const char *content) {
    seen.done = 0;
    seen.feed->publish(seen.feed->self, HT_KIND_APP, content, json_pack("[[s,s]]", "d", d),
                       "a test", published, &seen);
    bench_until(has_done);
}

static size_t query(const char *filter) {
    json_t *value = json_loads(filter, 0, NULL);
    assert_non_null(value);
    seen.done = 0;
    seen.feed->query(seen.feed->self, value, found, &seen);
    json_decref(value);
    bench_until(has_done);
    return json_array_size(seen.events);
}

static void what_is_published_is_signed_stored_and_told(void **state) {
    (void)state;
    publish("one", "hello");
    assert_int_equal(seen.err, HT_OK);
    assert_string_equal(world.what, "a test");
    assert_int_equal(seen.heard_apps, 1);
    assert_int_equal(seen.heard_notes, 0);
    assert_string_equal(seen.heard, "hello");
    assert_string_equal(seen.d, "one");
    assert_true(ht_hash32_equal(&seen.id, &seen.heard_id));
    assert_int_equal(query("{\"kinds\":[30078],\"#d\":[\"one\"]}"), 1);
    assert_int_equal(query("{\"kinds\":[30078],\"#d\":[\"two\"]}"), 0);
}

static void what_replaces_another_within_a_second_is_newer(void **state) {
    (void)state;
    publish("one", "first");
    const ht_hash32 first = seen.id;
    publish("one", "second");
    assert_int_equal(seen.err, HT_OK);
    assert_false(ht_hash32_equal(&first, &seen.id));
    publish("two", "other");
    assert_int_equal(query("{\"kinds\":[30078],\"#d\":[\"one\"]}"), 1);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(seen.events, 0), "content")), "second");
    assert_int_equal(query("{\"kinds\":[30078]}"), 2);
}

static void a_query_that_is_no_filter_is_refused(void **state) {
    (void)state;
    assert_int_equal(query("{\"nonsense\":1}"), 0);
    assert_int_equal(seen.err, HT_EINPUT);
    assert_string_equal(seen.code, "filter_field");
}

static void text_that_is_too_long_is_refused(void **state) {
    static char text[HT_CLIENT_POST_MAX + 2];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    publish("one", text);
    assert_int_equal(seen.err, HT_ELIMIT);
    assert_string_equal(seen.code, "too_long");
    assert_int_equal(seen.heard_apps, 0);
}

static const struct ht_nostr_keys *no_keys(const struct ht_host *host) {
    (void)host;
    return NULL;
}

static void without_a_key_nothing_is_published(void **state) {
    ht_hash32 owner;
    (void)state;
    assert_true(seen.feed->owner(seen.feed->self, &owner));
    bench.host.nostr_keys = no_keys;
    publish("one", "hello");
    assert_int_equal(seen.err, HT_EDENIED);
    assert_string_equal(seen.code, "no_nostr_key");
    assert_false(seen.feed->owner(seen.feed->self, &owner));
}

static void a_node_that_stops_publishes_nothing(void **state) {
    (void)state;
    world.social.is_stopped = true;
    publish("one", "hello");
    assert_int_equal(seen.err, HT_EAGAIN);
    assert_string_equal(seen.code, "busy");
}

/* --- trust beside posts ----------------------------------------------------------------------- */

static bool person(void *self, const ht_hash32 *pubkey, struct ht_trust_person *out) {
    (void)self;
    if (pubkey->b[0] != 0xaa) return false;
    *out = (struct ht_trust_person){.has_address = true, .distance = 1, .vouches = 3};
    return true;
}

static const struct ht_trust *trust_of(const struct ht_host *host) {
    static const struct ht_trust trust = {.person = person};
    (void)host;
    return &trust;
}

#define AA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BB "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void posts_and_what_they_embed_say_what_is_known_of_their_authors(void **state) {
    (void)state;
    json_t *result =
        json_pack("{s:[{s:s, s:{s:s}}]}", "posts", "pubkey", BB, "embedded", "pubkey", AA);
    bench.host.trust = trust_of;
    ht_trust_mark(&world.social, result);
    const json_t *post = json_array_get(json_object_get(result, "posts"), 0);
    assert_true(json_is_null(json_object_get(post, "trust")));
    const json_t *known = json_object_get(json_object_get(post, "embedded"), "trust");
    assert_int_equal(json_integer_value(json_object_get(known, "distance")), 1);
    assert_int_equal(json_integer_value(json_object_get(known, "vouches")), 3);
    assert_true(json_is_null(json_object_get(known, "name")));
    json_decref(result);
    ht_trust_mark(&world.social, NULL);
}

static void a_profile_says_so_and_nothing_else_does(void **state) {
    (void)state;
    json_t *profile = json_pack("{s:s, s:s, s:i}", "pubkey", AA, "nip05_state", "none", "posts", 3);
    json_t *other = json_pack("{s:s}", "pubkey", AA);
    ht_trust_mark(&world.social, profile);
    assert_true(json_is_null(json_object_get(profile, "trust")));
    bench.host.trust = trust_of;
    ht_trust_mark(&world.social, profile);
    ht_trust_mark(&world.social, other);
    assert_true(json_is_object(json_object_get(profile, "trust")));
    assert_null(json_object_get(other, "trust"));
    json_decref(profile);
    json_decref(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_published_is_signed_stored_and_told),
        TEST(what_replaces_another_within_a_second_is_newer),
        TEST(a_query_that_is_no_filter_is_refused),
        TEST(text_that_is_too_long_is_refused),
        TEST(without_a_key_nothing_is_published),
        TEST(a_node_that_stops_publishes_nothing),
        TEST(posts_and_what_they_embed_say_what_is_known_of_their_authors),
        TEST(a_profile_says_so_and_nothing_else_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
