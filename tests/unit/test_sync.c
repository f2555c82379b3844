/* The sync driver from nothing to the head, and what providers may do to it on the way. */
#include "tests/unit/sync_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW 360U /* in period 5; the checkpoint is in period 0 */

static void publish_all(struct ht_bench *bench, uint64_t slot) {
    ht_bench_set_slot(bench, slot);
    for (size_t i = 0; i < HT_BENCH_BEACONS; i++) ht_bench_publish(bench, i, slot);
}

/* The user's own root: no sources are asked, so beacon 0 is the first to be asked for anything. */
static void trust_root(struct ht_bench *bench) {
    bench->options.has_checkpoint = true;
    bench->options.checkpoint = bench->checkpoint_root;
}

static unsigned count(struct ht_bench *bench, size_t beacon, enum ht_beacon_route route) {
    return ht_beacon_requests(&bench->beacons[beacon], route);
}

static unsigned count_all(struct ht_bench *bench, enum ht_beacon_route route) {
    unsigned sum = 0;
    for (size_t i = 0; i < HT_BENCH_BEACONS; i++) sum += count(bench, i, route);
    return sum;
}

static void expect_error(struct ht_bench *bench, const char *code) {
    struct ht_why why = {.code = ""};
    UNTIL(bench, ht_bench_is_error);
    assert_int_equal(ht_bench_state(bench, &why), HT_SYNC_ERROR);
    if (strcmp(why.code, code) != 0) fail_msg("%s, not %s: %s", why.code, code, why.text);
}

static void expect_head(struct ht_bench *bench, uint64_t slot) {
    assert_int_equal(ht_bench_head(bench), slot);
}

/* The fault of the first beacon. */
static void expect_fault(struct ht_bench *bench, const char *code, bool is_lie) {
    const struct ht_provider *liar = ht_bench_provider(bench, 0);
    assert_true(liar->fault_count > 0);
    const struct ht_provider_fault *fault = &liar->faults[0];
    if (strcmp(fault->why.code, code) != 0) {
        fail_msg("%s, not %s: %s", fault->why.code, code, fault->why.text);
    }
    assert_int_equal(liar->has_lied, is_lie);
    assert_true(fault->asked[0] != '\0');
}

/* --- the way up ------------------------------------------------------------------------------- */

static void goes_from_an_agreed_checkpoint_through_all_periods_to_the_head(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench, NOW);
    ht_bench_start(bench);
    assert_int_equal(ht_bench_state(bench, NULL), HT_SYNC_STARTING);
    UNTIL(bench, ht_bench_is_live);
    const struct ht_sync_view *view = ht_sync_view(bench->sync);
    expect_head(bench, NOW - 1);
    assert_true(view->has_next_committee);
    assert_memory_equal(&view->anchor.root, &bench->checkpoint_root, 32);
    assert_string_equal(view->anchor.origin, "sources");
    assert_int_equal(view->anchor.slot, 8);
    assert_in_range(view->anchor.agreed, 2, 3);
    assert_int_equal(view->anchor.asked, 3);
    assert_int_equal(count_all(bench, HT_BEACON_BOOTSTRAP), 1);
    assert_int_equal(count_all(bench, HT_BEACON_UPDATES), 1); /* six periods at once */
    assert_int_equal(ht_sync_step(bench->sync), HT_SYNC_DONE);
}

static bool is_finality_at_344(struct ht_bench *bench) {
    return ht_sync_view(bench->sync)->finalized.beacon.slot == 344;
}

static void finality_follows_the_head(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench, NOW);
    ht_bench_start(bench);
    UNTIL(bench, is_finality_at_344);
}

static void a_hole_in_the_updates_is_filled_by_another_provider(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    publish_all(bench, NOW);
    ht_beacon_give_update(&bench->beacons[0], 3, bench->chain, NULL); /* a hole */
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    /* Up to the hole from the first beacon; what it could not prove any more came elsewhere. */
    expect_head(bench, NOW - 1);
    assert_true(count(bench, 1, HT_BEACON_UPDATES) >= 1);
    assert_false(ht_bench_provider(bench, 0)->has_lied);
}

static void a_majority_of_sources_outvotes_one(void **state) {
    struct ht_bench *bench = *state;
    ht_hash32 other = {{1}};
    publish_all(bench, NOW);
    ht_beacon_give_checkpoint(&bench->beacons[0], 1, &other);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(ht_sync_view(bench->sync)->anchor.agreed, 2);
}

static void sources_that_know_no_head_are_asked_for_the_finalized_state(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench, NOW);
    bench->options.beacon_count = 1;
    bench->options.checkpoint_quorum = 1;
    ht_beacon_answer(&bench->beacons[0], HT_BEACON_CHECKPOINT, 404, "", (ht_bytes){NULL, 0});
    ht_bench_start(bench);
    ht_bench_ticks(bench, 10);
    assert_int_equal(count(bench, 0, HT_BEACON_CHECKPOINT), 2);
}

static void disagreement_is_an_error_and_nothing_is_fetched(void **state) {
    struct ht_bench *bench = *state;
    ht_hash32 other = {{1}};
    publish_all(bench, NOW);
    bench->options.beacon_count = 2;
    ht_beacon_give_checkpoint(&bench->beacons[1], 1, &other);
    ht_bench_start(bench);
    expect_error(bench, "checkpoint_disagreement");
    ht_bench_ticks(bench, 10);
    assert_int_equal(count_all(bench, HT_BEACON_BOOTSTRAP), 0);
    assert_int_equal(count_all(bench, HT_BEACON_CHECKPOINT), 2); /* the next round comes later */
}

static void sources_that_agree_later_mend_a_disagreement(void **state) {
    struct ht_bench *bench = *state;
    ht_hash32 other = {{1}};
    publish_all(bench, NOW);
    bench->options.beacon_count = 2;
    ht_beacon_give_checkpoint(&bench->beacons[1], 1, &other);
    ht_bench_start(bench);
    expect_error(bench, "checkpoint_disagreement");
    bench->checkpoint_slot = 16;
    struct ht_lc_object *bootstrap = ht_lcb_bootstrap(bench->chain, 16);
    ht_lcb_root(&bench->checkpoint_root, &bootstrap->bootstrap.header);
    free(bootstrap);
    publish_all(bench, NOW);
    bench->mono_ms += 5000;
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(ht_sync_view(bench->sync)->anchor.slot, 16);
}

static void fewer_sources_than_the_quorum_are_an_error(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench, NOW);
    bench->options.checkpoint_quorum = 4;
    ht_bench_start(bench);
    expect_error(bench, "no_checkpoint");
    assert_int_equal(count_all(bench, HT_BEACON_CHECKPOINT), 0);
}

static void one_answer_that_nobody_confirms_ends_in_an_error(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench, NOW);
    for (size_t i = 1; i < HT_BENCH_BEACONS; i++) {
        ht_beacon_answer_all(&bench->beacons[i], 500, "");
    }
    ht_bench_start(bench);
    for (unsigned round = 1; round <= 4; round++) {
        struct ht_why why;
        ht_bench_ticks(bench, 10);
        if (round < 4) assert_int_not_equal(ht_bench_state(bench, &why), HT_SYNC_ERROR);
        bench->mono_ms += 4000;
    }
    expect_error(bench, "no_checkpoint");
}

static void an_epoch_at_the_end_of_numbers_does_no_harm(void **state) {
    struct ht_bench *bench = *state;
    ht_hash32 other = {{1}};
    publish_all(bench, NOW);
    bench->options.beacon_count = 2;
    for (size_t i = 0; i < 2; i++) {
        ht_beacon_give_checkpoint(&bench->beacons[i], UINT64_MAX - i, &other);
    }
    ht_bench_start(bench);
    ht_bench_ticks(bench, 5);
    ht_beacon_give_checkpoint(&bench->beacons[1], UINT64_MAX, &other); /* both say so */
    bench->mono_ms += 5000;
    ht_bench_ticks(bench, 10);
    assert_false(ht_sync_view(bench->sync)->has_store);
}

static void a_checkpoint_that_is_too_old_is_an_error(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench, NOW);
    bench->chain->network.weak_subjectivity_ms = 100 * 3000;
    ht_bench_start(bench);
    expect_error(bench, "checkpoint_too_old");
    assert_int_equal(count_all(bench, HT_BEACON_BOOTSTRAP), 0);
}

static void an_old_checkpoint_is_taken_when_the_user_accepts_it(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench, NOW);
    bench->chain->network.weak_subjectivity_ms = 100 * 3000;
    bench->options.accept_old_checkpoint = true;
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
}

static void the_user_s_own_root_is_started_from_without_asking(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    publish_all(bench, NOW);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(count_all(bench, HT_BEACON_CHECKPOINT), 0);
    assert_string_equal(ht_sync_view(bench->sync)->anchor.origin, "user");
}

static void the_user_s_own_root_can_be_too_old(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    publish_all(bench, NOW);
    bench->chain->network.weak_subjectivity_ms = 100 * 3000;
    ht_bench_start(bench);
    expect_error(bench, "checkpoint_too_old");
    ht_bench_ticks(bench, 10);
    assert_int_equal(count_all(bench, HT_BEACON_BOOTSTRAP), 1);
    assert_false(ht_sync_view(bench->sync)->has_store);
}

static void with_nobody_there_it_is_offline_until_somebody_is(void **state) {
    struct ht_bench *bench = *state;
    ht_bench_set_slot(bench, NOW);
    for (size_t i = 0; i < HT_BENCH_BEACONS; i++) {
        ht_beacon_answer_all(&bench->beacons[i], HT_BEACON_HANG_UP, "");
    }
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_offline);
    for (int round = 0; round < 6; round++) { /* and stays it */
        bench->mono_ms += 31000;
        ht_bench_ticks(bench, 10);
        assert_true(ht_bench_is_offline(bench));
    }
    publish_all(bench, NOW);
    bench->mono_ms += 31000;
    UNTIL(bench, ht_bench_is_live);
}

/* --- those who lie ---------------------------------------------------------------------------- */

static void a_forged_update_drops_its_provider_and_the_next_is_asked(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    publish_all(bench, NOW);
    struct ht_lcb_plan plan = {.kind = HT_LC_UPDATE,
                               .attested_slot = 50,
                               .finalized_slot = 40,
                               .has_finality = true,
                               .has_next_committee = true,
                               .signed_by_period = 7};
    struct ht_lc_object *forged = ht_lcb_update(bench->chain, &plan);
    ht_beacon_give_update(&bench->beacons[0], 0, bench->chain, forged);
    free(forged);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    expect_fault(bench, "bad_signature", true);
    assert_string_equal(ht_bench_provider(bench, 0)->faults[0].asked, "LightClientUpdate");
    assert_int_equal(ht_bench_provider(bench, 0)->faults[0].slot, 50);
    unsigned before = ht_beacon_all_requests(&bench->beacons[0]);
    bench->mono_ms += 3600000;
    ht_bench_set_slot(bench, NOW + 2); /* everybody else is asked again and again */
    ht_bench_ticks(bench, 20);
    assert_int_equal(ht_beacon_all_requests(&bench->beacons[0]), before);
}

static void a_bootstrap_of_another_block_drops_its_provider(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    publish_all(bench, NOW);
    struct ht_lc_object *other = ht_lcb_bootstrap(bench->chain, 16);
    ht_beacon_give(&bench->beacons[0], HT_BEACON_BOOTSTRAP, bench->chain, other);
    free(other);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    expect_fault(bench, "wrong_trusted_root", true);
}

static void a_forged_head_drops_its_provider(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    publish_all(bench, NOW);
    struct ht_lcb_plan plan = {
        .kind = HT_LC_OPTIMISTIC_UPDATE, .attested_slot = NOW - 1, .signed_by_period = 4};
    struct ht_lc_object *forged = ht_lcb_update(bench->chain, &plan);
    ht_beacon_give(&bench->beacons[0], HT_BEACON_OPTIMISTIC, bench->chain, forged);
    free(forged);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    expect_head(bench, NOW - 1);
    expect_fault(bench, "bad_signature", true);
}

static bool is_first_asked_again(struct ht_bench *bench) {
    return ht_beacon_all_requests(&bench->beacons[0]) > bench->number;
}

static void one_that_lied_is_asked_again_once_the_user_trusts_it(void **state) {
    struct ht_bench *bench = *state;
    struct ht_why why = {.code = ""};
    trust_root(bench);
    publish_all(bench, NOW);
    bench->options.beacon_count = 1;
    struct ht_lc_object *other = ht_lcb_bootstrap(bench->chain, 16);
    ht_beacon_give(&bench->beacons[0], HT_BEACON_BOOTSTRAP, bench->chain, other);
    free(other);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_offline);
    ht_bench_publish(bench, 0, NOW);
    bench->number = ht_beacon_all_requests(&bench->beacons[0]);
    assert_int_equal(ht_sync_trust_again(bench->sync, "beacon-9", &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "no_such_provider");
    assert_int_equal(ht_sync_trust_again(bench->sync, "beacon-1", &why), HT_OK);
    UNTIL(bench, is_first_asked_again);
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(ht_bench_provider(bench, 0)->fault_count, 1);
}

static void garbage_is_a_fault_but_no_lie(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    publish_all(bench, NOW);
    ht_beacon_answer(&bench->beacons[0], HT_BEACON_BOOTSTRAP, 200,
                     "Content-Type: application/json\r\n", ht_bytes_str("<html>404</html>"));
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    expect_fault(bench, "unknown_object", false);
}

static void an_answer_without_end_is_a_fault(void **state) {
    struct ht_bench *bench = *state;
    static uint8_t zeros[400000];
    trust_root(bench);
    publish_all(bench, NOW);
    ht_beacon_answer(&bench->beacons[0], HT_BEACON_BOOTSTRAP, 200, "", HT_BYTES(zeros));
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    expect_fault(bench, "too_large", false);
}

static void an_object_of_another_kind_is_a_fault(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    publish_all(bench, NOW);
    struct ht_lc_object *head = ht_bench_latest(bench, HT_LC_OPTIMISTIC_UPDATE, NOW);
    struct ht_buf bytes;
    ht_buf_init(&bytes, 100000);
    ht_lcb_encode(&bytes, bench->chain, head);
    ht_beacon_answer(&bench->beacons[0], HT_BEACON_BOOTSTRAP, 200, "", ht_buf_view(&bytes));
    ht_buf_fini(&bytes);
    free(head);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    expect_fault(bench, "wrong_object", false);
}

static bool has_first_failed(struct ht_bench *bench) {
    return ht_bench_provider(bench, 0)->failures > 0;
}

static void what_is_from_the_future_is_no_lie_for_our_clock_may_be_slow(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    bench->options.beacon_count = 1;
    publish_all(bench, NOW);
    ht_bench_set_slot(bench, NOW - 10); /* of our clock */
    ht_bench_start(bench);
    UNTIL(bench, has_first_failed);
    expect_fault(bench, "future", false);
    ht_bench_set_slot(bench, NOW);
    bench->mono_ms += 1000;
    UNTIL(bench, ht_bench_is_live);
}

static bool has_asked_twice(struct ht_bench *bench) {
    return ht_beacon_requests(&bench->beacons[0], HT_BEACON_UPDATES) >= 2;
}

static void a_few_signatures_do_not_finalize_while_catching_up(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    bench->options.beacon_count = 1;
    publish_all(bench, NOW);
    struct ht_lcb_plan plan = {.kind = HT_LC_UPDATE,
                               .attested_slot = 64 + 50,
                               .finalized_slot = 64 + 40,
                               .has_finality = true,
                               .has_next_committee = true,
                               .participants = 1};
    struct ht_lc_object *few = ht_lcb_update(bench->chain, &plan);
    ht_beacon_give_update(&bench->beacons[0], 1, bench->chain, few);
    free(few);
    ht_bench_start(bench);
    UNTIL(bench, has_asked_twice);
    bench->mono_ms += 20000;
    ht_bench_ticks(bench, 20);
    assert_int_equal(ht_sync_view(bench->sync)->finalized.beacon.slot, 40);
    ht_bench_publish(bench, 0, NOW);
    bench->mono_ms += 20000;
    UNTIL(bench, ht_bench_is_live);
    expect_head(bench, NOW - 1);
}

/* --- those who fail --------------------------------------------------------------------------- */

static bool has_failed_often(struct ht_bench *bench) {
    return ht_bench_provider(bench, 0)->failures >= bench->number;
}

static void until_failed(struct ht_bench *bench, unsigned times) {
    bench->number = times;
    UNTIL(bench, has_failed_often);
}

static void expect_not_asked_again(struct ht_bench *bench, unsigned times) {
    ht_bench_ticks(bench, 5);
    assert_int_equal(count(bench, 0, HT_BEACON_BOOTSTRAP), times);
}

/* The only beacon fails in this way: it is asked again after pauses that grow. */
static void expect_growing_pauses(struct ht_bench *bench, int status, const char *text) {
    trust_root(bench);
    bench->options.beacon_count = 1;
    ht_bench_set_slot(bench, NOW);
    ht_beacon_answer_all(&bench->beacons[0], status, "");
    ht_bench_start(bench);
    until_failed(bench, 1);
    expect_not_asked_again(bench, 1);
    assert_int_equal(ht_bench_provider(bench, 0)->failures, 1);
    if (strstr(ht_bench_provider(bench, 0)->last_error.text, text) == NULL) {
        fail_msg("%s", ht_bench_provider(bench, 0)->last_error.text);
    }
    /* With nobody else to ask, no pause is longer than a slot. */
    static const int64_t pauses_ms[] = {375, 750, 1500, 3000, 3000, 3000};
    for (unsigned asked = 2; asked < 8; asked++) {
        bench->mono_ms += pauses_ms[asked - 2] - 1;
        expect_not_asked_again(bench, asked - 1);
        bench->mono_ms += 1;
        until_failed(bench, asked);
        ht_bench_ticks(bench, 5);
    }
    assert_int_equal(ht_bench_provider(bench, 0)->fault_count, 0);
    ht_bench_publish(bench, 0, NOW);
    bench->mono_ms += 300000;
    UNTIL(bench, ht_bench_is_live);
}

static void status_404_is_asked_again_after_growing_pauses(void **state) {
    expect_growing_pauses(*state, 404, "does not have it");
}

static void status_500_is_asked_again_after_growing_pauses(void **state) {
    expect_growing_pauses(*state, 500, "status 500");
}

static void a_hung_up_connection_is_asked_again_after_growing_pauses(void **state) {
    expect_growing_pauses(*state, HT_BEACON_HANG_UP, "127.0.0.1");
}

static void a_redirect_is_not_followed(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    publish_all(bench, NOW);
    char where[100];
    (void)snprintf(where, sizeof where, "Location: %s/elsewhere\r\n", bench->urls[2]);
    ht_beacon_answer_all(&bench->beacons[0], 302, where);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(count_all(bench, HT_BEACON_ELSE), 0);
    assert_true(ht_bench_provider(bench, 0)->failures > 0);
}

static void retry_after_of_a_429_is_kept_to(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    bench->options.beacon_count = 1;
    ht_bench_set_slot(bench, NOW);
    ht_beacon_answer_all(&bench->beacons[0], 429, "Retry-After: 120\r\n");
    ht_bench_start(bench);
    until_failed(bench, 1);
    ht_bench_ticks(bench, 5);
    bench->mono_ms += 110000;
    expect_not_asked_again(bench, 1);
    bench->mono_ms += 10000;
    until_failed(bench, 2);
}

static void a_failing_provider_is_replaced_by_the_next_at_once(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    publish_all(bench, NOW);
    ht_beacon_answer_all(&bench->beacons[0], 500, "");
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(count(bench, 0, HT_BEACON_BOOTSTRAP), 1);
    assert_int_equal(count(bench, 1, HT_BEACON_BOOTSTRAP), 1);
    assert_int_equal(ht_beacon_all_requests(&bench->beacons[2]), 0);
    assert_string_equal(ht_sync_view(bench->sync)->head_source, bench->beacons[1].name);
}

static void no_updates_while_behind_are_asked_for_elsewhere_and_not_in_a_loop(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    publish_all(bench, NOW);
    for (uint64_t period = 0; period <= 5; period++) {
        ht_beacon_give_update(&bench->beacons[0], period, bench->chain, NULL);
        ht_beacon_give_update(&bench->beacons[1], period, bench->chain, NULL);
    }
    bench->options.beacon_count = 2;
    ht_bench_start(bench);
    UNTIL(bench, has_first_failed);
    ht_bench_ticks(bench, 10);
    assert_in_range(count(bench, 0, HT_BEACON_UPDATES), 1, 2);
    assert_in_range(count(bench, 1, HT_BEACON_UPDATES), 1, 2);
    assert_int_equal(ht_bench_provider(bench, 0)->fault_count, 0);
    ht_bench_publish(bench, 1, NOW);
    bench->mono_ms += 5000;
    UNTIL(bench, ht_bench_is_live);
}

static bool has_asked_for_updates(struct ht_bench *bench) {
    return ht_beacon_requests(&bench->beacons[0], HT_BEACON_UPDATES) > 0;
}

/* Now is in the checkpoint's own period, whose next committee nobody has an update for. */
static void expect_live_without_updates(struct ht_bench *bench, int status, const char *body) {
    trust_root(bench);
    bench->options.beacon_count = 1;
    publish_all(bench, 40);
    ht_beacon_answer(&bench->beacons[0], HT_BEACON_UPDATES, status,
                     "Content-Type: application/json\r\n", ht_bytes_str(body));
    ht_bench_start(bench);
    UNTIL(bench, has_asked_for_updates);
    ht_bench_ticks(bench, 5);
    bench->mono_ms += 1000; /* a pause after a 404 */
    UNTIL(bench, ht_bench_is_live);
    ht_bench_ticks(bench, 20);
    assert_int_equal(count(bench, 0, HT_BEACON_UPDATES), 1);
    assert_false(ht_sync_view(bench->sync)->has_next_committee);
    bench->mono_ms += 5 * 3000 + 1; /* half an epoch and a slot */
    ht_bench_ticks(bench, 20);
    assert_int_equal(count(bench, 0, HT_BEACON_UPDATES), 2);
    assert_int_equal(ht_bench_provider(bench, 0)->fault_count, 0);
}

static void an_empty_list_of_updates_is_not_asked_for_in_a_loop(void **state) {
    expect_live_without_updates(*state, 200, "[]");
}

static void updates_that_are_not_there_yet_do_not_keep_from_being_live(void **state) {
    expect_live_without_updates(*state, 404, "");
}

static void no_bytes_of_ssz_are_an_empty_list_too(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    bench->options.beacon_count = 1;
    publish_all(bench, 40);
    ht_beacon_give_update(&bench->beacons[0], 0, bench->chain, NULL);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(ht_bench_provider(bench, 0)->fault_count, 0);
    assert_int_equal(count(bench, 0, HT_BEACON_UPDATES), 1);
}

static void finality_that_is_not_there_yet_does_not_keep_from_being_live(void **state) {
    struct ht_bench *bench = *state;
    trust_root(bench);
    bench->options.beacon_count = 1;
    publish_all(bench, NOW);
    ht_beacon_answer(&bench->beacons[0], HT_BEACON_FINALITY, 404, "", (ht_bytes){NULL, 0});
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    ht_bench_ticks(bench, 10);
    assert_true(ht_bench_is_live(bench));
    assert_int_equal(ht_bench_provider(bench, 0)->failures, 0);
}

/* --- stopping --------------------------------------------------------------------------------- */

static bool were_all_asked(struct ht_bench *bench) {
    unsigned sum = 0;
    for (size_t i = 0; i < HT_BENCH_BEACONS; i++) {
        sum += ht_beacon_all_requests(&bench->beacons[i]);
    }
    return sum >= bench->number;
}

static void it_may_be_stopped_at_any_moment(void **state) {
    struct ht_bench *bench = *state;
    publish_all(bench, NOW);
    for (unsigned requests = 0; requests < 9; requests++) {
        bench->number += requests; /* counted over all rounds */
        ht_bench_start(bench);
        UNTIL(bench, were_all_asked);
        ht_bench_stop(bench);
        (void)unlink(bench->path);
    }
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, ht_bench_new, ht_bench_free)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(goes_from_an_agreed_checkpoint_through_all_periods_to_the_head),
        TEST(finality_follows_the_head),
        TEST(a_hole_in_the_updates_is_filled_by_another_provider),
        TEST(a_majority_of_sources_outvotes_one),
        TEST(sources_that_know_no_head_are_asked_for_the_finalized_state),
        TEST(disagreement_is_an_error_and_nothing_is_fetched),
        TEST(sources_that_agree_later_mend_a_disagreement),
        TEST(fewer_sources_than_the_quorum_are_an_error),
        TEST(one_answer_that_nobody_confirms_ends_in_an_error),
        TEST(an_epoch_at_the_end_of_numbers_does_no_harm),
        TEST(a_checkpoint_that_is_too_old_is_an_error),
        TEST(an_old_checkpoint_is_taken_when_the_user_accepts_it),
        TEST(the_user_s_own_root_is_started_from_without_asking),
        TEST(the_user_s_own_root_can_be_too_old),
        TEST(with_nobody_there_it_is_offline_until_somebody_is),
        TEST(a_forged_update_drops_its_provider_and_the_next_is_asked),
        TEST(a_bootstrap_of_another_block_drops_its_provider),
        TEST(a_forged_head_drops_its_provider),
        TEST(one_that_lied_is_asked_again_once_the_user_trusts_it),
        TEST(garbage_is_a_fault_but_no_lie),
        TEST(an_answer_without_end_is_a_fault),
        TEST(an_object_of_another_kind_is_a_fault),
        TEST(what_is_from_the_future_is_no_lie_for_our_clock_may_be_slow),
        TEST(a_few_signatures_do_not_finalize_while_catching_up),
        TEST(status_404_is_asked_again_after_growing_pauses),
        TEST(status_500_is_asked_again_after_growing_pauses),
        TEST(a_hung_up_connection_is_asked_again_after_growing_pauses),
        TEST(a_redirect_is_not_followed),
        TEST(retry_after_of_a_429_is_kept_to),
        TEST(a_failing_provider_is_replaced_by_the_next_at_once),
        TEST(no_updates_while_behind_are_asked_for_elsewhere_and_not_in_a_loop),
        TEST(an_empty_list_of_updates_is_not_asked_for_in_a_loop),
        TEST(updates_that_are_not_there_yet_do_not_keep_from_being_live),
        TEST(no_bytes_of_ssz_are_an_empty_list_too),
        TEST(finality_that_is_not_there_yet_does_not_keep_from_being_live),
        TEST(it_may_be_stopped_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
