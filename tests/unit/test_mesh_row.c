/* A peer as text: what is no peer is refused, and numbers that cannot be are cut to what can. */
#include "social/mesh/mesh_row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct ht_mesh_row row;
static struct ht_why why;

static enum ht_err read_text(const char *text) {
    why = (struct ht_why){.code = ""};
    return ht_mesh_row_read(&row, ht_bytes_str(text), &why);
}

static void what_is_no_object_is_refused(void **state) {
    (void)state;
    assert_int_equal(read_text("[]"), HT_EINPUT);
    assert_string_equal(why.code, "bad_row");
}

static void an_origin_that_is_none_is_refused(void **state) {
    (void)state;
    assert_int_equal(read_text("{\"origin\": 6}"), HT_EINPUT);
    assert_string_equal(why.code, "bad_row");
}

static void what_is_no_json_is_refused(void **state) {
    (void)state;
    assert_int_equal(read_text("{\"origin\": 0"), HT_EINPUT);
    assert_string_equal(why.code, "json_syntax");
}

static void more_addresses_and_faults_than_there_is_room_for_are_left_out(void **state) {
    (void)state;
    assert_int_equal(
        read_text("{\"origin\": 1, \"addresses\": [\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\","
                  "\"a\",7], \"faults\": [{\"kind\": \"x\"}, {}"
                  ",{\"kind\":\"flood\"},{\"kind\":\"flood\"},{\"kind\":\"flood\"}"
                  ",{\"kind\":\"flood\"},{\"kind\":\"flood\"},{\"kind\":\"flood\"}"
                  ",{\"kind\":\"flood\"},{\"kind\":\"flood\"},{\"kind\":\"flood\"}]}"),
        HT_OK);
    assert_int_equal(row.peer.record.address_count, HT_NODE_ADDRESSES_MAX);
    assert_int_equal(row.peer.score.fault_count, HT_PEER_FAULTS_MAX);
    assert_int_equal(row.peer.score.faults[0].kind, HT_FAULT_FLOOD);
    assert_int_equal(row.peer.score.faults[0].count, 1);
    ht_mesh_row_fini(&row);
}

static void what_is_counted_is_never_below_nothing(void **state) {
    (void)state;
    assert_int_equal(
        read_text("{\"origin\": 0, \"bytes_in\": -1, \"bytes_out\": -5, \"first\": -2, "
                  "\"duplicates\": -3, \"faults\": [{\"kind\": \"flood\", \"count\": "
                  "4294967296}]}"),
        HT_OK);
    assert_int_equal(row.peer.bytes_in, 0);
    assert_int_equal(row.peer.bytes_out, 0);
    assert_int_equal(row.peer.score.first, 0);
    assert_int_equal(row.peer.score.duplicates, 0);
    assert_int_equal(row.peer.score.faults[0].count, 1);
    ht_mesh_row_fini(&row);
}

static void a_score_stays_within_its_bounds(void **state) {
    (void)state;
    assert_int_equal(read_text("{\"origin\": 0, \"score\": 7000, \"failures\": -1}"), HT_OK);
    assert_int_equal(row.peer.score.score, 100);
    assert_int_equal(row.peer.failures, 0);
    ht_mesh_row_fini(&row);
}

static void texts_that_are_too_long_are_cut(void **state) {
    char text[300];
    (void)state;
    (void)snprintf(text, sizeof text, "{\"origin\": 0, \"label\": \"%0200d\"}", 0);
    assert_int_equal(read_text(text), HT_OK);
    assert_int_equal(strlen(row.peer.label), HT_NODE_NAME_SIZE - 1);
    ht_mesh_row_fini(&row);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(an_origin_that_is_none_is_refused),
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(more_addresses_and_faults_than_there_is_room_for_are_left_out),
        cmocka_unit_test(what_is_counted_is_never_below_nothing),
        cmocka_unit_test(a_score_stays_within_its_bounds),
        cmocka_unit_test(texts_that_are_too_long_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
