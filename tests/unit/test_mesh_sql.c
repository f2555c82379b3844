/* Tables of the mesh: what is kept of peers, invitations and marks comes back as it was. */
#include "social/mesh/mesh_sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
    char folder[64], path[96];
    sqlite3 *db;
    struct ht_why why;
    struct ht_mesh_peer got;
    char record[64];
    char code[32];
    size_t count;
    struct ht_mesh_invitation invitations[4];
} t;

static int begin(void **state) {
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/ht_mesh_XXXXXX");
    assert_non_null(mkdtemp(t.folder));
    (void)snprintf(t.path, sizeof t.path, "%s/social.db", t.folder);
    assert_int_equal(ht_db_open(&t.db, t.path, ht_mesh_migrations, ht_mesh_migration_count, &t.why),
                     HT_OK);
    return 0;
}

static int end(void **state) {
    (void)state;
    ht_db_close(t.db);
    assert_int_equal(unlink(t.path), 0);
    return rmdir(t.folder);
}

static enum ht_err note(void *user, const struct ht_mesh_peer *peer) {
    (void)user;
    t.got = *peer;
    (void)snprintf(t.record, sizeof t.record, "%s",
                   peer->record_json != NULL ? peer->record_json : "-");
    (void)snprintf(t.code, sizeof t.code, "%s", peer->last_end.code);
    t.count++;
    return HT_OK;
}

static struct ht_mesh_peer a_peer(void) {
    static char record[] = "{\"signed\": true}";
    struct ht_mesh_peer peer = {.record_json = record,
                                .origin = HT_MESH_INVITED,
                                .is_accepted = true,
                                .is_courier = true,
                                .label = "at home",
                                .invite = "00112233445566778899aabbccddeeff",
                                .added_s = 5,
                                .seen_s = 6,
                                .failures = 7,
                                .bytes_in = 8,
                                .bytes_out = 9};
    memset(peer.node.b, 0xaa, 32);
    peer.record = (struct ht_node_record){.has_user = true,
                                          .has_pin = true,
                                          .addresses = {"wss://a.example:1", "ws://b.onion"},
                                          .address_count = 2,
                                          .name = "desk",
                                          .may_pass = true,
                                          .created_at = 10,
                                          .expires_at = 11};
    memset(peer.record.user.b, 0xbb, 32);
    memset(peer.record.pin.b, 0xcc, 32);
    peer.score.score = -30;
    peer.score.until_ms = 12;
    peer.score.first = 13;
    peer.score.duplicates = 14;
    peer.score.fault_count = 1;
    peer.score.faults[0] =
        (struct ht_peer_fault){.kind = HT_FAULT_FLOOD, .at_ms = 15, .count = 2, .what = "too much"};
    peer.last_end = (struct ht_why){.code = "flood", .text = "it was too much"};
    (void)snprintf(peer.last_end_text, sizeof peer.last_end_text, "bye");
    return peer;
}

static void a_peer_comes_back_as_it_was(void **state) {
    struct ht_mesh_peer peer = a_peer();
    size_t bad = 9;
    (void)state;
    assert_int_equal(ht_mesh_sql_put(t.db, &peer, &t.why), HT_OK);
    assert_int_equal(ht_mesh_sql_load(&bad, t.db, note, NULL, &t.why), HT_OK);
    assert_int_equal(bad, 0);
    assert_int_equal(t.count, 1);
    assert_memory_equal(&t.got.node, &peer.node, 32);
    assert_memory_equal(&t.got.record.user, &peer.record.user, 32);
    assert_memory_equal(&t.got.record.pin, &peer.record.pin, 32);
    assert_true(t.got.record.has_user && t.got.record.has_pin && t.got.record.may_pass);
    assert_int_equal(t.got.record.address_count, 2);
    assert_string_equal(t.got.record.addresses[1], "ws://b.onion");
    assert_string_equal(t.got.record.name, "desk");
    assert_string_equal(t.got.label, "at home");
    assert_string_equal(t.got.invite, "00112233445566778899aabbccddeeff");
    assert_string_equal(t.record, "{\"signed\": true}");
    assert_string_equal(t.code, "flood");
    assert_string_equal(t.got.last_end.text, "it was too much");
    assert_string_equal(t.got.last_end_text, "bye");
    assert_true(t.got.is_accepted && t.got.is_courier && !t.got.is_banned);
    assert_int_equal(t.got.origin, HT_MESH_INVITED);
    assert_int_equal(t.got.failures, 7);
    assert_int_equal(t.got.bytes_out, 9);
    assert_int_equal(t.got.score.score, -30);
    assert_int_equal(t.got.score.fault_count, 1);
    assert_int_equal(t.got.score.faults[0].kind, HT_FAULT_FLOOD);
    assert_string_equal(t.got.score.faults[0].what, "too much");
}

static void a_peer_without_a_record_or_a_key_of_tls_comes_back_so(void **state) {
    struct ht_mesh_peer peer = a_peer();
    size_t bad;
    (void)state;
    peer.record_json = NULL;
    peer.record.has_user = peer.record.has_pin = false;
    peer.last_end = (struct ht_why){0};
    assert_int_equal(ht_mesh_sql_put(t.db, &peer, &t.why), HT_OK);
    assert_int_equal(ht_mesh_sql_load(&bad, t.db, note, NULL, &t.why), HT_OK);
    assert_string_equal(t.record, "-");
    assert_string_equal(t.code, "");
    assert_false(t.got.record.has_user || t.got.record.has_pin);
}

static void a_peer_put_again_is_there_once_and_one_deleted_is_not(void **state) {
    struct ht_mesh_peer peer = a_peer();
    const struct ht_mesh_mark mark = {.node = peer.node, .inbox_s = 5};
    struct ht_mesh_mark got;
    size_t bad;
    (void)state;
    assert_int_equal(ht_mesh_sql_put(t.db, &peer, &t.why), HT_OK);
    peer.is_banned = true;
    assert_int_equal(ht_mesh_sql_put(t.db, &peer, &t.why), HT_OK);
    assert_int_equal(ht_mesh_sql_put_mark(t.db, &mark, &t.why), HT_OK);
    assert_int_equal(ht_mesh_sql_load(&bad, t.db, note, NULL, &t.why), HT_OK);
    assert_int_equal(t.count, 1);
    assert_true(t.got.is_banned);
    assert_int_equal(ht_mesh_sql_delete(t.db, &peer.node, &t.why), HT_OK);
    assert_int_equal(ht_mesh_sql_load(&bad, t.db, note, NULL, &t.why), HT_OK);
    assert_int_equal(t.count, 1);
    assert_int_equal(ht_mesh_sql_mark(&got, t.db, &peer.node, &t.why), HT_OK);
    assert_int_equal(got.inbox_s, 0);
}

static void a_row_that_cannot_be_read_is_counted_and_left_out(void **state) {
    struct ht_mesh_peer peer = a_peer();
    size_t bad = 0;
    (void)state;
    assert_int_equal(ht_mesh_sql_put(t.db, &peer, &t.why), HT_OK);
    assert_int_equal(sqlite3_exec(t.db, "UPDATE mesh_peer SET value = '[1]'", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(ht_mesh_sql_load(&bad, t.db, note, NULL, &t.why), HT_OK);
    assert_int_equal(bad, 1);
    assert_int_equal(t.count, 0);
}

static enum ht_err note_invitation(void *user, const struct ht_mesh_invitation *one) {
    (void)user;
    t.invitations[t.count++] = *one;
    return HT_OK;
}

static void invitations_are_replaced_as_a_whole(void **state) {
    const struct ht_mesh_invitation list[] = {
        {.secret = "00000000000000000000000000000001", .label = "one", .expires_s = 20},
        {.secret = "00000000000000000000000000000002", .label = "two", .expires_s = 10}};
    (void)state;
    assert_int_equal(ht_mesh_sql_put_invitations(t.db, list, 1, &t.why), HT_OK);
    assert_int_equal(ht_mesh_sql_put_invitations(t.db, list, 2, &t.why), HT_OK);
    assert_int_equal(ht_mesh_sql_load_invitations(t.db, note_invitation, NULL, &t.why), HT_OK);
    assert_int_equal(t.count, 2);
    assert_string_equal(t.invitations[0].label, "two");
    assert_string_equal(t.invitations[1].secret, list[0].secret);
    assert_int_equal(ht_mesh_sql_put_invitations(t.db, list, 0, &t.why), HT_OK);
    t.count = 0;
    assert_int_equal(ht_mesh_sql_load_invitations(t.db, note_invitation, NULL, &t.why), HT_OK);
    assert_int_equal(t.count, 0);
}

static void a_mark_comes_back_and_one_that_is_not_there_is_zero(void **state) {
    struct ht_mesh_mark mark = {
        .catchup = {.window = 2, .until_s = 3}, .catchup_s = 4, .inbox_s = 5};
    struct ht_mesh_mark got;
    ht_hash32 other;
    (void)state;
    memset(&mark.node, 7, 32);
    memset(&other, 8, 32);
    assert_int_equal(ht_mesh_sql_put_mark(t.db, &mark, &t.why), HT_OK);
    assert_int_equal(ht_mesh_sql_mark(&got, t.db, &mark.node, &t.why), HT_OK);
    assert_int_equal(got.catchup.window, 2);
    assert_int_equal(got.catchup.until_s, 3);
    assert_int_equal(got.catchup_s, 4);
    assert_int_equal(got.inbox_s, 5);
    assert_int_equal(ht_mesh_sql_mark(&got, t.db, &other, &t.why), HT_OK);
    assert_memory_equal(&got.node, &other, 32);
    assert_int_equal(got.catchup_s + got.inbox_s + got.catchup.until_s, 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_peer_comes_back_as_it_was),
        TEST(a_peer_without_a_record_or_a_key_of_tls_comes_back_so),
        TEST(a_peer_put_again_is_there_once_and_one_deleted_is_not),
        TEST(a_row_that_cannot_be_read_is_counted_and_left_out),
        TEST(invitations_are_replaced_as_a_whole),
        TEST(a_mark_comes_back_and_one_that_is_not_there_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
