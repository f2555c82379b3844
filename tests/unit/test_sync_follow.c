/* The sync driver at the head: streams, polling, old and frozen heads, restarts, clocks, disks. */
#include "tests/unit/sync_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW 360U /* in period 5 */

/* Live at NOW, with beacon 0 the one that is used, and a stream where it has one. */
static void go_live(struct ht_bench *bench, size_t beacons, bool has_stream) {
    bench->options.has_checkpoint = true;
    bench->options.checkpoint = bench->checkpoint_root;
    bench->options.beacon_count = beacons;
    ht_bench_set_slot(bench, NOW);
    for (size_t i = 0; i < beacons; i++) ht_bench_publish(bench, i, NOW);
    if (has_stream) {
        ht_beacon_answer(&bench->beacons[0], HT_BEACON_EVENTS, 200, "", (ht_bytes){NULL, 0});
    }
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    if (has_stream) UNTIL(bench, ht_bench_is_streaming);
}

static unsigned count(struct ht_bench *bench, size_t beacon, enum ht_beacon_route route) {
    return ht_beacon_requests(&bench->beacons[beacon], route);
}

static void send_head(struct ht_bench *bench, uint64_t slot) {
    struct ht_lc_object *head = ht_bench_latest(bench, HT_LC_OPTIMISTIC_UPDATE, slot);
    ht_beacon_send_event(&bench->beacons[0], bench->chain, head);
    free(head);
}

static bool is_head_there(struct ht_bench *bench) {
    return ht_bench_head(bench) == bench->number;
}

static void until_head(struct ht_bench *bench, unsigned slot) {
    bench->number = slot;
    UNTIL(bench, is_head_there);
}

static void ask_disk(struct ht_bench *bench, const char *sql) {
    sqlite3 *db;
    char *error = NULL;
    assert_int_equal(sqlite3_open(bench->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_busy_timeout(db, 20000), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) fail_msg("%s", error);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static bool is_final_at_344(struct ht_bench *bench) {
    return ht_sync_view(bench->sync)->finalized.beacon.slot == 344;
}

/* --- streams ---------------------------------------------------------------------------------- */

static void a_stream_delivers_heads_and_spares_the_polling(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, true);
    send_head(bench, NOW + 1);
    ht_bench_set_slot(bench, NOW + 1);
    until_head(bench, NOW);
    unsigned polls = count(bench, 0, HT_BEACON_OPTIMISTIC);
    for (unsigned slot = NOW + 2; slot < NOW + 6; slot++) {
        ht_bench_set_slot(bench, slot);
        send_head(bench, slot);
        until_head(bench, slot - 1);
        assert_true(ht_bench_is_live(bench));
    }
    assert_int_equal(count(bench, 0, HT_BEACON_OPTIMISTIC), polls);
    assert_int_equal(count(bench, 0, HT_BEACON_EVENTS), 1);
}

static bool is_final_there(struct ht_bench *bench) {
    return ht_sync_view(bench->sync)->finalized.beacon.slot == bench->number;
}

static void a_stream_delivers_finality(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, true);
    ht_bench_set_slot(bench, NOW + 9);
    struct ht_lc_object *update = ht_bench_latest(bench, HT_LC_FINALITY_UPDATE, NOW + 9);
    ht_beacon_send_event(&bench->beacons[0], bench->chain, update);
    free(update);
    bench->number = NOW;
    UNTIL(bench, is_final_there);
    assert_string_equal(ht_sync_view(bench->sync)->finalized_source, bench->beacons[0].name);
}

static void other_events_and_comments_are_passed_over(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, true);
    ht_beacon_send_text(&bench->beacons[0],
                        ":\n\nevent: head\ndata: {\"slot\":\"1\"}\n\ndata: x\n\n");
    ht_bench_set_slot(bench, NOW + 1);
    send_head(bench, NOW + 1);
    until_head(bench, NOW);
    assert_int_equal(ht_bench_provider(bench, 0)->fault_count, 0);
}

static bool is_stream_closed(struct ht_bench *bench) {
    return ht_beacon_streams(&bench->beacons[0]) == 0;
}

static void a_broken_stream_falls_back_to_polling_and_is_opened_again(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, true);
    send_head(bench, NOW + 1);
    ht_bench_set_slot(bench, NOW + 1);
    until_head(bench, NOW);
    ht_bench_publish_head(bench, 0, NOW + 2);
    ht_bench_set_slot(bench, NOW + 2);
    ht_beacon_cut_streams(&bench->beacons[0]);
    until_head(bench, NOW + 1); /* polled */
    assert_true(is_stream_closed(bench));
    bench->mono_ms += 3000;
    UNTIL(bench, ht_bench_is_streaming);
    assert_int_equal(count(bench, 0, HT_BEACON_EVENTS), 2);
    assert_int_equal(ht_bench_provider(bench, 0)->failures, 0);
}

static void a_stream_that_has_gone_silent_is_polled_behind(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, true);
    send_head(bench, NOW + 1);
    ht_bench_set_slot(bench, NOW + 1);
    until_head(bench, NOW);
    ht_bench_publish_head(bench, 0, NOW + 3);
    ht_bench_set_slot(bench, NOW + 3);
    until_head(bench, NOW + 2);
    assert_false(is_stream_closed(bench));
}

static void without_a_stream_it_polls_and_tries_it_again_much_later(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, false);
    for (unsigned slot = NOW + 1; slot < NOW + 5; slot++) {
        ht_bench_publish_head(bench, 0, slot);
        ht_bench_set_slot(bench, slot);
        until_head(bench, slot - 1);
        bench->mono_ms += 3000;
    }
    assert_int_equal(count(bench, 0, HT_BEACON_EVENTS), 1);
    assert_int_equal(ht_bench_provider(bench, 0)->failures, 0);
}

static bool has_first_lied(struct ht_bench *bench) {
    return ht_bench_provider(bench, 0)->has_lied;
}

static bool has_fault(struct ht_bench *bench) {
    return ht_bench_provider(bench, 0)->fault_count > 0;
}

static void a_forged_event_drops_its_provider_with_all_it_has_sent(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 2, true);
    struct ht_lcb_plan plan = {
        .kind = HT_LC_OPTIMISTIC_UPDATE, .attested_slot = NOW, .signed_by_period = 4};
    ht_bench_publish_head(bench, 1, NOW + 1);
    struct ht_lc_object *forged = ht_lcb_update(bench->chain, &plan);
    for (int i = 0; i < 5; i++) ht_beacon_send_event(&bench->beacons[0], bench->chain, forged);
    free(forged);
    ht_bench_set_slot(bench, NOW + 1);
    UNTIL(bench, has_first_lied);
    UNTIL(bench, is_stream_closed);
    assert_int_equal(ht_bench_provider(bench, 0)->fault_count, 1);
    assert_string_equal(ht_bench_provider(bench, 0)->faults[0].why.code, "bad_signature");
    until_head(bench, NOW);
}

static void garbage_in_a_stream_is_a_fault_and_closes_it(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, true);
    ht_beacon_send_text(&bench->beacons[0], "event: light_client_finality_update\ndata: {\n\n");
    UNTIL(bench, has_fault);
    UNTIL(bench, is_stream_closed);
    assert_false(ht_bench_provider(bench, 0)->has_lied);
    assert_string_equal(ht_bench_provider(bench, 0)->faults[0].asked, "LightClientFinalityUpdate");
}

static void a_flood_of_events_is_a_fault_and_closes_the_stream(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, true);
    for (int i = 0; i < 70; i++) send_head(bench, NOW);
    UNTIL(bench, has_fault);
    UNTIL(bench, is_stream_closed);
    assert_string_equal(ht_bench_provider(bench, 0)->faults[0].why.code, "too_many_events");
    bench->mono_ms += 10000;
    ht_bench_ticks(bench, 10);
    assert_int_equal(count(bench, 0, HT_BEACON_EVENTS), 1);
}

/* --- late heads ------------------------------------------------------------------------------- */

static void one_slot_late_is_live_and_two_are_stale(void **state) {
    struct ht_bench *bench = *state;
    struct ht_why why;
    go_live(bench, 1, false);
    ht_bench_set_slot(bench, NOW + 2); /* just before its news are due */
    ht_bench_ticks(bench, 5);
    assert_true(ht_bench_is_live(bench));
    bench->wall_ms += 20;
    assert_int_equal(ht_bench_state(bench, &why), HT_SYNC_STALE);
    assert_string_equal(why.code, "head_late");
    ht_bench_set_slot(bench, NOW + 3);
    ht_bench_publish_head(bench, 0, NOW + 3);
    UNTIL(bench, ht_bench_is_live);
}

static void missed_slots_are_not_late_while_others_are_signed(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, false);
    struct ht_lcb_plan plan = {
        .kind = HT_LC_OPTIMISTIC_UPDATE, .attested_slot = NOW - 1, .signature_slot = NOW + 3};
    struct ht_lc_object *head = ht_lcb_update(bench->chain, &plan);
    ht_beacon_give(&bench->beacons[0], HT_BEACON_OPTIMISTIC, bench->chain, head);
    free(head);
    ht_bench_set_slot(bench, NOW + 3);
    UNTIL(bench, ht_bench_is_live);
    ht_bench_ticks(bench, 5);
    assert_true(ht_bench_is_live(bench));
}

static void an_old_head_with_a_new_signature_slot_is_stale_all_the_same(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, false);
    struct ht_lcb_plan plan = {.kind = HT_LC_OPTIMISTIC_UPDATE,
                               .attested_slot = NOW - 1,
                               .signature_slot = NOW + 15}; /* nobody signs this number */
    struct ht_lc_object *head = ht_lcb_update(bench->chain, &plan);
    ht_beacon_give(&bench->beacons[0], HT_BEACON_OPTIMISTIC, bench->chain, head);
    free(head);
    ht_bench_set_slot(bench, NOW + 15);
    ht_bench_ticks(bench, 10);
    assert_true(ht_bench_is_stale(bench));
}

static void a_provider_that_stands_still_is_left_for_one_that_does_not(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 2, true);
    send_head(bench, NOW + 1);
    ht_bench_set_slot(bench, NOW + 1);
    until_head(bench, NOW);
    ht_bench_publish_head(bench, 0, NOW + 1);
    for (unsigned slot = NOW + 6; slot < NOW + 9; slot++) {
        ht_bench_publish_head(bench, 1, slot);
        ht_bench_set_slot(bench, slot);
        until_head(bench, slot - 1);
        UNTIL(bench, ht_bench_is_live);
    }
    assert_string_equal(ht_sync_view(bench->sync)->head_source, bench->beacons[1].name);
    assert_true(is_stream_closed(bench));
    assert_false(ht_bench_provider(bench, 0)->has_lied);
}

static void without_anybody_it_is_stale_first_then_offline_then_live_again(void **state) {
    struct ht_bench *bench = *state;
    struct ht_why why;
    go_live(bench, 1, true);
    ht_beacon_answer_all(&bench->beacons[0], HT_BEACON_HANG_UP, "");
    ht_bench_set_slot(bench, NOW + 2);
    UNTIL(bench, ht_bench_is_stale);
    (void)ht_bench_state(bench, &why);
    assert_string_equal(why.code, "no_provider");
    ht_bench_set_slot(bench, NOW + 9);
    UNTIL(bench, ht_bench_is_offline);
    ht_bench_publish(bench, 0, NOW + 9);
    bench->mono_ms += 300000;
    UNTIL(bench, ht_bench_is_live);
    until_head(bench, NOW + 8);
}

static void polling_does_not_go_on_for_ever_within_a_slot(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, false);
    bench->mono_ms += 1000; /* the walk back has had its pause */
    ht_bench_ticks(bench, 10);
    unsigned before = ht_beacon_all_requests(&bench->beacons[0]);
    ht_bench_ticks(bench, 30);
    assert_int_equal(ht_beacon_all_requests(&bench->beacons[0]), before);
}

/* --- the walk back ---------------------------------------------------------------------------- */

static void headers_that_are_not_there_are_not_asked_for_in_a_loop(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, false);
    ht_bench_ticks(bench, 30);
    assert_int_equal(count(bench, 0, HT_BEACON_HEADERS), 1);
    bench->mono_ms += 8 * 3000 + 1;
    ht_bench_ticks(bench, 30);
    assert_int_equal(count(bench, 0, HT_BEACON_HEADERS), 2);
}

static void a_header_of_another_block_is_not_believed(void **state) {
    struct ht_bench *bench = *state;
    static const char zero[] = "0x0000000000000000000000000000000000000000000000000000000000000000";
    char body[600];
    (void)snprintf(body, sizeof body,
                   "{\"data\":{\"header\":{\"message\":{\"slot\":\"358\",\"proposer_index\":\"0\","
                   "\"parent_root\":\"%s\",\"state_root\":\"%s\",\"body_root\":\"%s\"}}}}",
                   zero, zero, zero);
    ht_beacon_answer(&bench->beacons[0], HT_BEACON_HEADERS, 200,
                     "Content-Type: application/json\r\n", ht_bytes_str(body));
    go_live(bench, 1, false);
    ht_bench_ticks(bench, 10);
    assert_int_equal(count(bench, 0, HT_BEACON_HEADERS), 1);
    const struct ht_chain_view *view = ht_sync_chain_view(bench->sync);
    for (size_t i = 0; i < view->block_count; i++) assert_int_not_equal(view->blocks[i].slot, 358);
}

/* --- finality that does not come -------------------------------------------------------------- */

/* Live in the next period without any finality since; the head is signed by its committee. */
static void lose_finality(struct ht_bench *bench) {
    go_live(bench, 1, false);
    UNTIL(bench, is_final_at_344);
    ht_beacon_answer(&bench->beacons[0], HT_BEACON_FINALITY, 404, "", (ht_bytes){NULL, 0});
    ht_beacon_answer(&bench->beacons[0], HT_BEACON_UPDATES, 404, "", (ht_bytes){NULL, 0});
    struct ht_lc_object *head = ht_bench_latest(bench, HT_LC_OPTIMISTIC_UPDATE, NOW + 50);
    ht_beacon_give(&bench->beacons[0], HT_BEACON_OPTIMISTIC, bench->chain, head);
    free(head);
    ht_bench_set_slot(bench, NOW + 50);
    bench->mono_ms += 400;
    until_head(bench, NOW + 49);
}

static bool is_final_forced(struct ht_bench *bench) {
    return ht_sync_view(bench->sync)->finalized.beacon.slot >= NOW + 49;
}

static void after_a_period_without_finality_it_goes_on_with_the_best_head(void **state) {
    struct ht_bench *bench = *state;
    lose_finality(bench);
    struct ht_lc_object *head = ht_bench_latest(bench, HT_LC_OPTIMISTIC_UPDATE, NOW + 65);
    ht_beacon_give(&bench->beacons[0], HT_BEACON_OPTIMISTIC, bench->chain, head);
    free(head);
    ht_bench_set_slot(bench, NOW + 65);
    bench->mono_ms += 400;
    until_head(bench, NOW + 64);
    ht_bench_ticks(bench, 10); /* the wall clock alone does not do it */
    assert_true(ht_sync_view(bench->sync)->finalized.beacon.slot < NOW);
    for (int i = 0; i < 64; i++) bench->mono_ms += 3000;
    UNTIL(bench, is_final_forced);
}

static void time_with_nobody_there_does_not_count_as_without_finality(void **state) {
    struct ht_bench *bench = *state;
    lose_finality(bench);
    ht_beacon_answer_all(&bench->beacons[0], HT_BEACON_HANG_UP, "");
    ht_bench_set_slot(bench, NOW + 90);
    UNTIL(bench, ht_bench_is_offline);
    for (int i = 0; i < 5; i++) {
        bench->mono_ms += 63 * 3000;
        ht_bench_ticks(bench, 10);
    }
    assert_true(ht_sync_view(bench->sync)->finalized.beacon.slot < NOW);
}

/* --- clocks ----------------------------------------------------------------------------------- */

static void a_clock_that_jumps_back_and_forth_does_no_harm(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, true);
    ht_bench_set_slot(bench, 2);
    ht_bench_ticks(bench, 10);
    send_head(bench, NOW + 1); /* from the future, as it seems */
    UNTIL(bench, has_fault);
    assert_false(ht_bench_provider(bench, 0)->has_lied);
    bench->wall_ms = -1000;
    ht_bench_ticks(bench, 1);
    ht_bench_publish_head(bench, 0, NOW + 1);
    bench->mono_ms += 1000;
    ht_bench_set_slot(bench, NOW + 1);
    until_head(bench, NOW);
    UNTIL(bench, ht_bench_is_live);
}

static void a_clock_from_before_genesis_may_be_set_right_later(void **state) {
    struct ht_bench *bench = *state;
    bench->chain->network.slot_duration_ms = 90;
    bench->options.has_checkpoint = true;
    bench->options.checkpoint = bench->checkpoint_root;
    bench->options.beacon_count = 1;
    ht_bench_publish(bench, 0, NOW);
    bench->wall_ms = 0;
    ht_bench_start(bench);
    UNTIL(bench, has_fault); /* all is from the future */
    ht_bench_set_slot(bench, NOW);
    bench->mono_ms += 1000;
    UNTIL(bench, ht_bench_is_live);
}

/* --- restarts --------------------------------------------------------------------------------- */

static unsigned count_all(struct ht_bench *bench, enum ht_beacon_route route) {
    unsigned sum = 0;
    for (size_t i = 0; i < HT_BENCH_BEACONS; i++) sum += count(bench, i, route);
    return sum;
}

static void a_restart_is_live_with_one_request(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, false);
    UNTIL(bench, is_final_at_344);
    ht_bench_stop(bench);
    bench->options.has_checkpoint = false;
    unsigned before[HT_BEACON_ROUTES];
    for (unsigned i = 0; i < HT_BEACON_ROUTES; i++) {
        before[i] = count(bench, 0, (enum ht_beacon_route)i);
    }
    ht_bench_publish_head(bench, 0, NOW + 3);
    ht_bench_set_slot(bench, NOW + 3);
    ht_bench_start(bench);
    assert_int_equal(ht_bench_head(bench), NOW - 1); /* what was kept */
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(ht_bench_head(bench), NOW + 2);
    ht_bench_ticks(bench, 5);
    assert_int_equal(count(bench, 0, HT_BEACON_OPTIMISTIC), before[HT_BEACON_OPTIMISTIC] + 1);
    assert_int_equal(count(bench, 0, HT_BEACON_CHECKPOINT), before[HT_BEACON_CHECKPOINT]);
    assert_int_equal(count(bench, 0, HT_BEACON_BOOTSTRAP), before[HT_BEACON_BOOTSTRAP]);
    assert_int_equal(count(bench, 0, HT_BEACON_UPDATES), before[HT_BEACON_UPDATES]);
    assert_string_equal(ht_sync_view(bench->sync)->anchor.origin, "user");
}

static void a_restart_long_after_goes_on_from_where_it_was(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, false);
    UNTIL(bench, is_final_at_344);
    ht_bench_stop(bench);
    ht_bench_publish(bench, 0, NOW + 4 * 64);
    ht_bench_set_slot(bench, NOW + 4 * 64);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(ht_bench_head(bench), NOW + 4 * 64 - 1);
    assert_string_equal(bench->beacons[0].last_query, "6+4"); /* its own next period is known */
    assert_int_equal(count(bench, 0, HT_BEACON_BOOTSTRAP), 1);
}

static void a_damaged_store_is_started_anew(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, false);
    ht_bench_stop(bench);
    ask_disk(bench, "UPDATE light_client_store SET state = x'00112233'");
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(count(bench, 0, HT_BEACON_BOOTSTRAP), 2);
}

static void a_store_that_is_too_old_is_started_anew(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, false);
    UNTIL(bench, is_final_at_344);
    ht_bench_stop(bench);
    bench->chain->network.weak_subjectivity_ms = 100 * 3000;
    bench->checkpoint_slot = 592;
    struct ht_lc_object *bootstrap = ht_lcb_bootstrap(bench->chain, 592);
    ht_lcb_root(&bench->checkpoint_root, &bootstrap->bootstrap.header);
    free(bootstrap);
    bench->options.has_checkpoint = false;
    bench->options.checkpoint_quorum = 1;
    ht_bench_publish(bench, 0, 600);
    ht_bench_set_slot(bench, 600);
    ht_bench_start(bench);
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(ht_sync_view(bench->sync)->anchor.slot, 592);
    assert_int_equal(count(bench, 0, HT_BEACON_CHECKPOINT), 1);
}

static void another_root_of_the_user_s_sets_aside_what_was_kept(void **state) {
    struct ht_bench *bench = *state;
    go_live(bench, 1, false);
    ht_bench_stop(bench);
    bench->checkpoint_slot = 16;
    struct ht_lc_object *bootstrap = ht_lcb_bootstrap(bench->chain, 16);
    ht_lcb_root(&bench->options.checkpoint, &bootstrap->bootstrap.header);
    ht_beacon_give(&bench->beacons[0], HT_BEACON_BOOTSTRAP, bench->chain, bootstrap);
    free(bootstrap);
    ht_bench_start(bench);
    assert_false(ht_sync_view(bench->sync)->has_store);
    UNTIL(bench, ht_bench_is_live);
    assert_int_equal(ht_sync_view(bench->sync)->anchor.slot, 16);
    assert_int_equal(count_all(bench, HT_BEACON_CHECKPOINT), 0);
}

/* --- the disk --------------------------------------------------------------------------------- */

static bool has_storage_error(struct ht_bench *bench) {
    return ht_sync_view(bench->sync)->has_storage_error;
}

static bool has_no_storage_error(struct ht_bench *bench) {
    return !has_storage_error(bench);
}

static void a_failing_disk_is_told_and_its_recovery_too(void **state) {
    struct ht_bench *bench = *state;
    json_t *status = NULL;
    go_live(bench, 1, false);
    UNTIL(bench, is_final_at_344);
    ht_bench_ticks(bench, 10);
    ask_disk(bench, "ALTER TABLE beacon_header RENAME TO gone");
    ht_bench_publish_head(bench, 0, NOW + 1);
    ht_bench_set_slot(bench, NOW + 1);
    UNTIL(bench, has_storage_error);
    assert_true(ht_bench_is_live(bench)); /* it goes on without */
    assert_int_equal(ht_l1_status_json(bench->sync, &status, NULL), HT_OK);
    const json_t *error = json_object_get(status, "storage_error");
    assert_string_equal(json_string_value(json_object_get(error, "code")), "database_failed");
    assert_non_null(json_string_value(json_object_get(error, "text")));
    json_decref(status);
    ask_disk(bench, "ALTER TABLE gone RENAME TO beacon_header");
    ht_bench_publish_head(bench, 0, NOW + 2);
    ht_bench_set_slot(bench, NOW + 2);
    UNTIL(bench, has_no_storage_error);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, ht_bench_new, ht_bench_free)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_stream_delivers_heads_and_spares_the_polling),
        TEST(a_stream_delivers_finality),
        TEST(other_events_and_comments_are_passed_over),
        TEST(a_broken_stream_falls_back_to_polling_and_is_opened_again),
        TEST(a_stream_that_has_gone_silent_is_polled_behind),
        TEST(without_a_stream_it_polls_and_tries_it_again_much_later),
        TEST(a_forged_event_drops_its_provider_with_all_it_has_sent),
        TEST(garbage_in_a_stream_is_a_fault_and_closes_it),
        TEST(a_flood_of_events_is_a_fault_and_closes_the_stream),
        TEST(one_slot_late_is_live_and_two_are_stale),
        TEST(missed_slots_are_not_late_while_others_are_signed),
        TEST(an_old_head_with_a_new_signature_slot_is_stale_all_the_same),
        TEST(a_provider_that_stands_still_is_left_for_one_that_does_not),
        TEST(without_anybody_it_is_stale_first_then_offline_then_live_again),
        TEST(polling_does_not_go_on_for_ever_within_a_slot),
        TEST(headers_that_are_not_there_are_not_asked_for_in_a_loop),
        TEST(a_header_of_another_block_is_not_believed),
        TEST(after_a_period_without_finality_it_goes_on_with_the_best_head),
        TEST(time_with_nobody_there_does_not_count_as_without_finality),
        TEST(a_clock_that_jumps_back_and_forth_does_no_harm),
        TEST(a_clock_from_before_genesis_may_be_set_right_later),
        TEST(a_restart_is_live_with_one_request),
        TEST(a_restart_long_after_goes_on_from_where_it_was),
        TEST(a_damaged_store_is_started_anew),
        TEST(a_store_that_is_too_old_is_started_anew),
        TEST(another_root_of_the_user_s_sets_aside_what_was_kept),
        TEST(a_failing_disk_is_told_and_its_recovery_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
