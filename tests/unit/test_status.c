/* The light client's topics as JSON: every field of the contract with its type, in every state. */
#include "tests/unit/sync_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW 360U
#define LARGEST ((json_int_t)((UINT64_C(1) << 53) - 1))

/* --- shapes ----------------------------------------------------------------------------------- */

/* A shape is a list of "name:types", types of: i integer, t text, b boolean, o object, a array, n
 * null. All are there and no others. */
static bool is_type(const json_t *value, char type) {
    switch (type) {
    case 'i': return json_is_integer(value);
    case 't': return json_is_string(value);
    case 'b': return json_is_boolean(value);
    case 'o': return json_is_object(value);
    case 'a': return json_is_array(value);
    case 'n': return json_is_null(value);
    default: return false;
    }
}

static void expect_shape(const json_t *object, const char *shape, const char *what) {
    size_t count = 0;
    assert_true(json_is_object(object));
    for (const char *at = shape; *at != '\0'; count++) {
        char name[40] = "";
        size_t n = strcspn(at, ":");
        assert_true(n < sizeof name);
        memcpy(name, at, n);
        const json_t *value = json_object_get(object, name);
        if (value == NULL) fail_msg("%s has no %s", what, name);
        size_t types = strcspn(at + n + 1, " ");
        bool is_good = false;
        for (size_t i = 0; i < types; i++) is_good |= is_type(value, at[n + 1 + i]);
        if (!is_good) fail_msg("%s.%s is of type %d", what, name, (int)json_typeof(value));
        at += n + 1 + types;
        at += strspn(at, " ");
    }
    if (json_object_size(object) != count) {
        fail_msg("%s has %zu members, not %zu", what, json_object_size(object), count);
    }
}

/* All numbers are exact in a browser. Recurses as deep as our own JSON goes, five levels. */
static void expect_small_numbers(const json_t *value) {
    const char *key;
    json_t *member;
    size_t i;
    if (json_is_integer(value)) {
        assert_in_range(llabs(json_integer_value(value)), 0, LARGEST);
    }
    assert_false(json_is_real(value));
    json_object_foreach((json_t *)(uintptr_t)value, key, member) expect_small_numbers(member);
    json_array_foreach(value, i, member) expect_small_numbers(member);
}

static const json_t *get(const json_t *object, const char *key) {
    return json_object_get(object, key);
}

static const char *text(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

static json_int_t number(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

static void expect_header(const json_t *header, const char *verdict, const char *level) {
    expect_shape(header,
                 "slot:i root:t participants:in committee_size:i block_number:in slot_ms:i "
                 "provenance:o",
                 "header");
    const json_t *provenance = get(header, "provenance");
    expect_shape(provenance, "verdict:t block:o level:t age_ms:i sources:a why:tn", "provenance");
    expect_shape(get(provenance, "block"), "number:in hash:tn", "block");
    assert_string_equal(text(provenance, "verdict"), verdict);
    assert_string_equal(text(provenance, "level"), level);
    assert_int_equal(json_is_null(get(provenance, "why")), strcmp(verdict, "proven") == 0);
    assert_int_equal(strlen(text(header, "root")), 66);
}

static void expect_checkpoint(const json_t *checkpoint) {
    const json_t *source;
    size_t i;
    expect_shape(checkpoint,
                 "root:tn slot:in age_ms:in max_age_ms:i origin:t agreed:i asked:i sources:a",
                 "checkpoint");
    json_array_foreach(get(checkpoint, "sources"), i, source) {
        expect_shape(source, "name:t root:tn slot:in agrees:b error:tn", "source");
    }
}

/* The status, checked for what holds in every state. The caller releases it. */
static json_t *status(struct ht_bench *bench, const char *state) {
    json_t *json = NULL;
    assert_int_equal(ht_l1_status_json(bench->sync, &json, NULL), HT_OK);
    expect_shape(json,
                 "state:t why:tn code:tn now_ms:i network:o wall_slot:i fork:t head:on "
                 "finalized:on period:on checkpoint:on sync:o storage_error:on",
                 "status");
    expect_shape(get(json, "network"),
                 "name:t chain_id:i preset:t genesis_time:i slot_duration_ms:i slots_per_epoch:i "
                 "slots_per_period:i sync_committee_size:i",
                 "network");
    expect_shape(get(json, "sync"), "step:t done:i total:i per_minute:i left_ms:in", "sync");
    if (json_is_object(get(json, "checkpoint"))) expect_checkpoint(get(json, "checkpoint"));
    if (json_is_object(get(json, "period"))) {
        expect_shape(get(json, "period"),
                     "number:i slots_done:i slots_total:i ends_ms:i next_committee_known:b",
                     "period");
    }
    expect_small_numbers(json);
    assert_string_equal(text(json, "state"), state);
    bool is_live = strcmp(state, "live") == 0;
    assert_int_equal(json_is_null(get(json, "why")), is_live);
    assert_int_equal(json_is_null(get(json, "code")), is_live);
    return json;
}

static void publish_all(struct ht_bench *bench) {
    ht_bench_set_slot(bench, NOW);
    for (size_t i = 0; i < HT_BENCH_BEACONS; i++) ht_bench_publish(bench, i, NOW);
}

/* --- l1.status -------------------------------------------------------------------------------- */

static void before_anybody_answered_it_is_starting_without_a_chain(void **state) {
    struct ht_bench *bench = *state;
    ht_bench_set_slot(bench, NOW);
    ht_bench_start(bench);
    json_t *json = status(bench, "starting");
    assert_true(json_is_null(get(json, "head")));
    assert_true(json_is_null(get(json, "finalized")));
    assert_true(json_is_null(get(json, "period")));
    assert_true(json_is_null(get(json, "checkpoint")));
    assert_string_equal(text(get(json, "sync"), "step"), "checkpoint");
    assert_string_equal(text(get(json, "network"), "name"), "builder");
    assert_string_equal(text(get(json, "network"), "preset"), "minimal");
    assert_int_equal(number(get(json, "network"), "chain_id"), 1337);
    assert_int_equal(number(get(json, "network"), "genesis_time"), 1000);
    assert_int_equal(number(get(json, "network"), "slots_per_period"), 64);
    assert_int_equal(number(json, "wall_slot"), NOW);
    assert_int_equal(number(json, "now_ms"), bench->wall_ms);
    assert_string_equal(text(json, "fork"), "electra");
    json_decref(json);
}

static bool is_final_at_344(struct ht_bench *bench) {
    return ht_sync_view(bench->sync)->finalized.beacon.slot == 344;
}

static void live_status_proves_head_and_finality(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    UNTIL(bench, is_final_at_344);
    json_t *json = status(bench, "live");
    const json_t *head = get(json, "head"), *period = get(json, "period");
    expect_header(head, "proven", "head");
    expect_header(get(json, "finalized"), "proven", "finalized");
    assert_int_equal(number(head, "slot"), NOW - 1);
    assert_int_equal(number(head, "participants"), 32);
    assert_int_equal(number(head, "committee_size"), 32);
    assert_true(json_is_integer(get(head, "block_number")));
    assert_int_equal(number(head, "slot_ms"), 1000000 + (NOW - 1) * 3000);
    assert_int_equal(number(get(head, "provenance"), "age_ms"),
                     bench->wall_ms - number(head, "slot_ms"));
    assert_int_equal(json_array_size(get(get(head, "provenance"), "sources")), 1);
    assert_int_equal(number(get(json, "finalized"), "slot"), 344);
    assert_int_equal(number(period, "number"), 5);
    assert_int_equal(number(period, "slots_done"), 40);
    assert_int_equal(number(period, "slots_total"), 64);
    assert_int_equal(number(period, "ends_ms"), 1000000 + 6 * 64 * 3000);
    assert_true(json_is_true(get(period, "next_committee_known")));
    assert_string_equal(text(get(json, "sync"), "step"), "done");
    assert_int_equal(number(get(json, "sync"), "done"), 6);
    assert_int_equal(number(get(json, "sync"), "total"), 6);
    assert_true(json_is_null(get(json, "storage_error")));
    json_decref(json);
}

static void checkpoint_says_who_agreed(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench);
    ht_hash32 other = {{1}};
    ht_beacon_give_checkpoint(&bench->beacons[1], 1, &other);
    ht_beacon_answer(&bench->beacons[2], HT_BEACON_CHECKPOINT, 500, "", (ht_bytes){NULL, 0});
    bench->options.checkpoint_quorum = 1;
    ht_bench_set_slot(bench, NOW);
    bench->options.beacon_count = 3;
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_error);
    json_t *json = status(bench, "error");
    const json_t *sources = get(get(json, "checkpoint"), "sources");
    assert_string_equal(text(json, "code"), "checkpoint_disagreement");
    assert_int_equal(json_array_size(sources), 3);
    assert_string_equal(text(json_array_get(sources, 0), "name"), bench->beacons[0].name);
    assert_int_equal(number(json_array_get(sources, 0), "slot"), 8);
    assert_true(json_is_null(get(json_array_get(sources, 0), "error")));
    assert_string_equal(text(json_array_get(sources, 2), "error"), "answered with status 500");
    assert_true(json_is_null(get(json_array_get(sources, 2), "root")));
    json_decref(json);
    ht_beacon_give_checkpoint(&bench->beacons[2], 1, &bench->checkpoint_root);
    bench->mono_ms += 5000;
    UNTIL(bench, ht_bench_is_live);
    json = status(bench, "live");
    const json_t *checkpoint = get(json, "checkpoint");
    assert_string_equal(text(checkpoint, "origin"), "sources");
    assert_int_equal(number(checkpoint, "agreed"), 2);
    assert_int_equal(number(checkpoint, "asked"), 3);
    assert_int_equal(number(checkpoint, "slot"), 8);
    assert_int_equal(number(checkpoint, "age_ms"), bench->wall_ms - 1000000 - 8 * 3000);
    assert_int_equal(number(checkpoint, "max_age_ms"), 3600000);
    assert_true(json_is_true(get(json_array_get(get(checkpoint, "sources"), 0), "agrees")));
    assert_true(json_is_false(get(json_array_get(get(checkpoint, "sources"), 1), "agrees")));
    json_decref(json);
}

static void origin_is_user_for_the_user_s_root_and_kept_after_a_restart(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    ht_bench_stop(bench);
    ht_bench_start(bench);
    json_t *json = status(bench, "syncing");
    assert_string_equal(text(get(json, "checkpoint"), "origin"), "kept");
    assert_int_equal(json_array_size(get(get(json, "checkpoint"), "sources")), 0);
    expect_header(get(json, "head"), "stale", "head"); /* not looked after yet in this run */
    json_decref(json);
    ht_bench_stop(bench);
    assert_int_equal(unlink(bench->path), 0);
    bench->options.has_checkpoint = true;
    bench->options.checkpoint = bench->checkpoint_root;
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    json = status(bench, "live");
    assert_string_equal(text(get(json, "checkpoint"), "origin"), "user");
    json_decref(json);
}

static void late_heads_are_stale_with_a_reason(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    ht_bench_set_slot(bench, NOW + 6);
    UNTIL(bench, ht_bench_is_stale);
    json_t *json = status(bench, "stale");
    assert_string_equal(text(json, "code"), "head_late");
    expect_header(get(json, "head"), "stale", "head");
    expect_header(get(json, "finalized"), "stale", "finalized");
    json_decref(json);
}

static bool is_committees(struct ht_bench *bench) {
    return ht_sync_step(bench->sync) == HT_SYNC_COMMITTEES;
}

static void catching_up_shows_how_far_it_is(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench);
    for (size_t i = 0; i < HT_BENCH_BEACONS; i++) {
        ht_beacon_give_update(&bench->beacons[i], 3, bench->chain, NULL);
    }
    ht_bench_start(bench);
    UNTIL(bench, is_committees);
    json_t *json = status(bench, "syncing");
    assert_string_equal(text(json, "code"), "committees");
    assert_string_equal(text(get(json, "sync"), "step"), "committees");
    assert_int_equal(number(get(json, "sync"), "total"), 6);
    assert_in_range(number(get(json, "sync"), "done"), 0, 3);
    json_decref(json);
}

static bool has_spoken(struct ht_bench *bench) {
    return ht_sync_checkpoint_poll(bench->sync)->sources[0].count > 0;
}

static void numbers_that_a_source_makes_up_stay_exact(void **state) {
    struct ht_bench *bench = *state;
    ht_hash32 root = {{1}};
    ht_bench_set_slot(bench, NOW);
    ht_beacon_give_checkpoint(&bench->beacons[0], UINT64_MAX / 8 - 1, &root);
    ht_bench_start(bench);
    UNTIL(bench, has_spoken);
    json_t *json = status(bench, ht_sync_state_name(ht_bench_state(bench, NULL)));
    const json_t *source = json_array_get(get(get(json, "checkpoint"), "sources"), 0);
    assert_int_equal(number(source, "slot"), LARGEST);
    json_decref(json);
}

/* --- the other topics ------------------------------------------------------------------------- */

static void providers_are_shown_without_credentials(void **state) {
    struct ht_bench *bench = *state;
    json_t *json = NULL;
    char url[80];
    (void)snprintf(url, sizeof url, "http://mara:secret@%s/key", bench->beacons[0].name);
    const char *urls[] = {url};
    bench->options.beacon_urls = urls;
    bench->options.beacon_count = 1;
    bench->options.checkpoint_urls = bench->urls;
    bench->options.checkpoint_count = 2;
    publish_all(bench);
    ht_bench_start(bench);
    assert_int_equal(ht_l1_providers_json(bench->sync, &json, NULL), HT_OK);
    char *dump = json_dumps(json, 0);
    assert_non_null(dump);
    assert_null(strstr(dump, "secret"));
    assert_null(strstr(dump, "/key"));
    const json_t *list = get(json, "providers");
    assert_int_equal(json_array_size(list), 3);
    assert_string_equal(text(json_array_get(list, 0), "id"), "beacon-1");
    assert_string_equal(text(json_array_get(list, 0), "name"), bench->beacons[0].name);
    assert_string_equal(text(json_array_get(list, 0), "kind"), "beacon");
    assert_string_equal(text(json_array_get(list, 1), "kind"), "checkpoint");
    free(dump);
    json_decref(json);
}

static void providers_have_every_field_and_faults_too(void **state) {
    struct ht_bench *bench = *state;
    json_t *json = NULL;
    publish_all(bench);
    bench->options.has_checkpoint = true;
    bench->options.checkpoint = bench->checkpoint_root;
    struct ht_lc_object *other = ht_lcb_bootstrap(bench->chain, 16);
    ht_beacon_give(&bench->beacons[0], HT_BEACON_BOOTSTRAP, bench->chain, other);
    free(other);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(ht_l1_providers_json(bench->sync, &json, NULL), HT_OK);
    expect_small_numbers(json);
    for (size_t i = 0; i < 3; i++) {
        const json_t *one = json_array_get(get(json, "providers"), i);
        expect_shape(one,
                     "id:t name:t kind:t state:t score:i median_ms:in requests:i failures:i "
                     "head_slot:in last_error:on faults:a budget_per_s:in lacks:a methods:a "
                     "is_peer:b",
                     "provider");
        assert_in_range(number(one, "score"), 0, 100);
    }
    const json_t *liar = json_array_get(get(json, "providers"), 0);
    const json_t *fault = json_array_get(get(liar, "faults"), 0);
    assert_string_equal(text(liar, "state"), "lied");
    expect_shape(get(liar, "last_error"), "text:t at_ms:i", "last_error");
    expect_shape(fault, "at_ms:i asked:t code:t reason:t slot:in answer_bytes:i evidence:in",
                 "fault");
    assert_string_equal(text(fault, "code"), "wrong_trusted_root");
    assert_int_equal(number(fault, "at_ms"), bench->wall_ms);
    assert_int_equal(number(fault, "slot"), 16);
    assert_true(number(fault, "answer_bytes") > 1000);
    const json_t *used = json_array_get(get(json, "providers"), 1);
    assert_string_equal(text(used, "state"), "in_use");
    assert_int_equal(number(used, "head_slot"), NOW - 1);
    json_decref(json);
}

static void slots_are_letters_that_end_with_the_newest(void **state) {
    struct ht_bench *bench = *state;
    json_t *json = NULL;
    publish_all(bench);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    UNTIL(bench, is_final_at_344);
    assert_int_equal(ht_l1_slots_json(bench->sync, &json, NULL), HT_OK);
    expect_shape(json, "first:i states:t", "slots");
    const char *letters = text(json, "states");
    json_int_t first = number(json, "first");
    assert_int_equal(strlen(letters), 96);
    assert_int_equal(strspn(letters, "fsm?"), 96);
    assert_int_equal(first + 95, NOW - 1);
    assert_int_equal(letters[NOW - 1 - first], 's');
    assert_int_equal(letters[344 - first], 'f');
    json_decref(json);
}

static bool has_delay(struct ht_bench *bench) {
    return ht_sync_chain_view(bench->sync)->delay_count > 0;
}

static void head_ages_are_pairs_of_time_and_delay(void **state) {
    struct ht_bench *bench = *state;
    json_t *json = NULL;
    publish_all(bench);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    for (size_t i = 0; i < HT_BENCH_BEACONS; i++) ht_bench_publish_head(bench, i, NOW + 1);
    ht_bench_set_slot(bench, NOW + 1);
    UNTIL(bench, has_delay);
    assert_int_equal(ht_l1_head_ages_json(bench->sync, &json, NULL), HT_OK);
    expect_shape(json, "points:a", "head_ages");
    const json_t *point = json_array_get(get(json, "points"), 0);
    assert_int_equal(json_array_size(point), 2);
    assert_int_equal(json_integer_value(json_array_get(point, 0)), bench->wall_ms);
    assert_int_equal(json_integer_value(json_array_get(point, 1)), 3000 + 980);
    json_decref(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, ht_bench_new, ht_bench_free)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(before_anybody_answered_it_is_starting_without_a_chain),
        TEST(live_status_proves_head_and_finality),
        TEST(checkpoint_says_who_agreed),
        TEST(origin_is_user_for_the_user_s_root_and_kept_after_a_restart),
        TEST(late_heads_are_stale_with_a_reason),
        TEST(catching_up_shows_how_far_it_is),
        TEST(numbers_that_a_source_makes_up_stay_exact),
        TEST(providers_are_shown_without_credentials),
        TEST(providers_have_every_field_and_faults_too),
        TEST(slots_are_letters_that_end_with_the_newest),
        TEST(head_ages_are_pairs_of_time_and_delay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
