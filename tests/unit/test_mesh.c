#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/mesh_world.h"

static struct ht_mesh_peer *known(struct world *world, size_t who, size_t of) {
    return ht_mesh_find(meshes_at(world, who)->mesh, &meshes_at(world, of)->node);
}

/* a is linked to b by an invitation of b's. */
static struct wire *linked(struct world *world, size_t a, size_t b) {
    meshes_invite(world, b, a, NULL);
    struct wire *wire = meshes_dial(world, a, b);
    meshes_run(world, 500);
    assert_true(meshes_is_up(world, a, b));
    assert_true(meshes_is_up(world, b, a));
    return wire;
}

/* --- who is let in ---------------------------------------------------------------------------- */

static void an_invitation_makes_two_nodes_peers(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    struct wire *wire = linked(world, 0, 1);
    assert_string_equal(known(world, 1, 0)->label, "a friend");
    assert_string_equal(known(world, 0, 1)->label, "who invited");
    assert_int_equal(known(world, 1, 0)->origin, HT_MESH_INVITED);
    assert_int_equal(known(world, 0, 1)->origin, HT_MESH_ADDED);
    assert_true(ht_mesh_link_serves(wire->ends[0].link, "chain"));
    assert_false(ht_mesh_link_serves(wire->ends[0].link, "blobs"));
    assert_null(ht_mesh_invitations(meshes_at(world, 1)->mesh));
    assert_true(meshes_at(world, 1)->kept_invites >= 2);
    assert_int_equal(meshes_at(world, 0)->ups, 1);
    meshes_free(world);
}

static void an_invitation_is_good_for_one_node_only(void **state) {
    (void)state;
    struct world *world = meshes_new(3);
    char secret[HT_INVITE_SECRET_SIZE];
    meshes_invite(world, 0, 1, secret);
    (void)meshes_dial(world, 1, 0);
    meshes_run(world, 500);
    struct ht_invite stolen = {.record = known(world, 1, 0)->record};
    struct ht_mesh_peer *peer;
    memcpy(stolen.secret, secret, sizeof secret);
    assert_int_equal(ht_mesh_add(&peer, meshes_at(world, 2)->mesh, &stolen, NULL, NULL), HT_OK);
    struct wire *second = meshes_dial(world, 2, 0);
    meshes_run(world, 500);
    assert_true(meshes_is_up(world, 1, 0));
    assert_false(meshes_is_up(world, 2, 0));
    assert_null(known(world, 0, 2));
    assert_string_equal(second->ends[0].code, "not_accepted");
    assert_string_equal(known(world, 2, 0)->last_end.code, "not_accepted");
    meshes_free(world);
}

static void an_invitation_that_has_expired_or_was_revoked_lets_nobody_in(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    char secret[HT_INVITE_SECRET_SIZE];
    meshes_invite(world, 0, 1, NULL);
    meshes_run(world, 3601 * 1000);
    assert_null(ht_mesh_invitations(meshes_at(world, 0)->mesh));
    (void)meshes_dial(world, 1, 0);
    meshes_run(world, 500);
    assert_false(meshes_is_up(world, 1, 0));
    meshes_invite(world, 0, 1, secret);
    assert_true(ht_mesh_revoke(meshes_at(world, 0)->mesh, secret));
    assert_false(ht_mesh_revoke(meshes_at(world, 0)->mesh, secret));
    (void)meshes_dial(world, 1, 0);
    meshes_run(world, 500);
    assert_false(meshes_is_up(world, 1, 0));
    meshes_free(world);
}

static void who_is_not_accepted_remains_a_nostr_client(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    struct wire *wire = meshes_wire(world, meshes_at(world, 0), meshes_at(world, 1),
                                    &meshes_at(world, 1)->node, WORLD_CHANNEL, WORLD_CHANNEL);
    ht_mesh_set_policy(meshes_at(world, 0)->mesh, true, false);
    meshes_run(world, 500);
    assert_false(meshes_is_up(world, 0, 1));
    assert_null(known(world, 1, 0));
    assert_false(wire->ends[1].is_hung_up);
    assert_string_equal(wire->ends[0].code, "not_accepted");
    meshes_free(world);
}

static void a_client_that_says_nothing_of_peers_costs_nothing_and_passes(void **state) {
    (void)state;
    struct world *world = meshes_new(1);
    struct wire *wire =
        meshes_wire(world, NULL, meshes_at(world, 0), NULL, WORLD_CHANNEL, WORLD_CHANNEL);
    meshes_say(&wire->ends[0], "[\"REQ\",\"a\",{}]");
    meshes_say(&wire->ends[0], "[\"AUTH\",{\"kind\":22242,\"tags\":[[\"challenge\",\"x\"]]}]");
    meshes_say(&wire->ends[0], "[\"PUSH\",{}]");
    meshes_say(&wire->ends[0], "[\"STATE\",{}]");
    assert_int_equal(wire->ends[1].nostr, 4);
    assert_int_equal(ht_mesh_due(meshes_at(world, 0)->mesh), -1);
    meshes_free(world);
}

static void an_open_mesh_takes_strangers_but_tells_them_no_record(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    ht_mesh_set_policy(meshes_at(world, 0)->mesh, true, true);
    ht_mesh_set_policy(meshes_at(world, 1)->mesh, true, true);
    meshes_set_record(world, 0, true);
    (void)meshes_dial(world, 0, 1);
    meshes_run(world, 500);
    assert_true(meshes_is_up(world, 1, 0));
    assert_int_equal(known(world, 1, 0)->origin, HT_MESH_STRANGER);
    assert_false(known(world, 1, 0)->is_accepted);
    assert_null(known(world, 1, 0)->record_json);
    assert_int_equal(meshes_at(world, 1)->kept, 0);
    ht_mesh_accept(meshes_at(world, 0)->mesh, known(world, 0, 1), true);
    ht_mesh_accept(meshes_at(world, 1)->mesh, known(world, 1, 0), true);
    meshes_run(world, 10000);
    assert_non_null(known(world, 1, 0)->record_json);
    meshes_free(world);
}

static void a_mutual_follow_is_let_in_by_its_record(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    meshes_at(world, 0)->follows[1] = meshes_at(world, 1)->follows[0] = true;
    meshes_set_record(world, 0, false);
    meshes_set_record(world, 1, false);
    struct ht_event event;
    struct ht_arena arena;
    ht_arena_init(&arena, HT_EVENT_ARENA(4096));
    const char *record = meshes_record(world, 1, meshes_now_ms(world) / 1000, false);
    assert_int_equal(ht_event_read(&event, &arena, ht_bytes_str(record), NULL), HT_OK);
    assert_int_equal(ht_mesh_learn(meshes_at(world, 0)->mesh, &event, HT_MESH_FOLLOWED, NULL),
                     HT_OK);
    ht_arena_fini(&arena);
    meshes_at(world, 0)->dials = true;
    meshes_run(world, 3000);
    assert_true(meshes_is_up(world, 1, 0));
    assert_int_equal(known(world, 1, 0)->origin, HT_MESH_FOLLOWED);
    meshes_at(world, 1)->follows[0] = false;
    ht_mesh_review(meshes_at(world, 1)->mesh);
    meshes_run(world, 100);
    assert_false(meshes_is_up(world, 0, 1));
    assert_string_equal(known(world, 0, 1)->last_end.code, "not_accepted");
    meshes_free(world);
}

/* --- who is who ------------------------------------------------------------------------------- */

static void an_impostor_with_another_key_is_hung_up(void **state) {
    (void)state;
    struct world *world = meshes_new(3);
    meshes_invite(world, 1, 0, NULL);
    struct wire *wire = meshes_wire(world, meshes_at(world, 0), meshes_at(world, 2),
                                    &meshes_at(world, 1)->node, WORLD_CHANNEL, WORLD_CHANNEL);
    meshes_run(world, 500);
    assert_true(wire->ends[0].is_hung_up);
    assert_string_equal(wire->ends[0].code, "peer_identity");
    assert_string_equal(known(world, 0, 1)->last_end.code, "peer_identity");
    /* Whose place it took is not to blame. */
    assert_int_equal(known(world, 0, 1)->score.fault_count, 0);
    assert_int_equal(known(world, 0, 1)->failures, 1);
    assert_string_not_equal(known(world, 0, 1)->invite, "");
    meshes_free(world);
}

static void a_node_in_the_middle_that_relays_the_handshake_is_found_out(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    meshes_invite(world, 1, 0, NULL);
    struct wire *wire =
        meshes_wire(world, meshes_at(world, 0), meshes_at(world, 1), &meshes_at(world, 1)->node,
                    "1111111111111111111111111111111111111111111111111111111111111111",
                    "2222222222222222222222222222222222222222222222222222222222222222");
    meshes_run(world, 500);
    assert_true(wire->ends[1].is_hung_up);
    assert_string_equal(wire->ends[1].code, "peer_channel");
    assert_null(known(world, 1, 0));
    assert_non_null(ht_mesh_invitations(meshes_at(world, 1)->mesh));
    meshes_free(world);
}

static void a_recorded_session_played_again_is_nobodys(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    meshes_invite(world, 1, 0, NULL);
    struct wire *tap = meshes_wire(world, meshes_at(world, 0), NULL, &meshes_at(world, 1)->node,
                                   WORLD_CHANNEL, WORLD_CHANNEL);
    struct wire *real =
        meshes_wire(world, NULL, meshes_at(world, 1), NULL, WORLD_CHANNEL, WORLD_CHANNEL);
    size_t to_real = 0, to_tap = 0;
    for (int i = 0; i < 20; i++) {
        meshes_run(world, 20);
        for (; to_real < tap->ends[1].log_count; to_real++) {
            meshes_say(&real->ends[0], tap->ends[1].log[to_real]);
        }
        for (; to_tap < real->ends[0].log_count; to_tap++) {
            meshes_say(&tap->ends[1], real->ends[0].log[to_tap]);
        }
    }
    assert_true(meshes_is_up(world, 1, 0)); /* a mere wire */
    assert_true(tap->ends[1].log_count >= 3);
    struct wire *replay =
        meshes_wire(world, NULL, meshes_at(world, 1), NULL, WORLD_CHANNEL, WORLD_CHANNEL);
    for (size_t i = 0; i < tap->ends[1].log_count; i++) {
        meshes_say(&replay->ends[0], tap->ends[1].log[i]);
    }
    meshes_run(world, 100);
    assert_true(replay->ends[1].is_hung_up);
    assert_string_equal(replay->ends[1].code, "peer_challenge");
    assert_true(meshes_is_up(world, 1, 0));
    meshes_free(world);
}

static void a_node_never_links_to_itself(void **state) {
    (void)state;
    struct world *world = meshes_new(1);
    struct ht_invite invite = {.record = {.node = meshes_at(world, 0)->node}, .secret = "x"};
    struct ht_mesh_peer *peer;
    struct ht_why why;
    assert_int_equal(ht_mesh_add(&peer, meshes_at(world, 0)->mesh, &invite, NULL, &why), HT_EINPUT);
    assert_string_equal(why.code, "own_node");
    ht_mesh_set_policy(meshes_at(world, 0)->mesh, true, false);
    struct wire *wire = meshes_dial(world, 0, 0);
    meshes_run(world, 500);
    assert_true(wire->ends[0].is_hung_up || wire->ends[1].is_hung_up);
    assert_null(ht_mesh_first(meshes_at(world, 0)->mesh));
    meshes_free(world);
}

static void of_two_links_the_one_dialled_by_the_smaller_key_stays(void **state) {
    (void)state;
    for (int order = 0; order < 2; order++) {
        struct world *world = meshes_new(2);
        (void)linked(world, 0, 1);
        meshes_cut(meshes_between(world, 0, 1));
        struct wire *first = meshes_dial(world, order == 0 ? 0 : 1, order == 0 ? 1 : 0);
        if (order == 1) meshes_run(world, 500);
        struct wire *second = meshes_dial(world, order == 0 ? 1 : 0, order == 0 ? 0 : 1);
        meshes_run(world, 1000);
        assert_int_equal(meshes_wires(world), 1);
        struct wire *stays = first->is_cut ? second : first;
        bool is_first_smaller =
            memcmp(meshes_at(world, 0)->node.b, meshes_at(world, 1)->node.b, 32) < 0;
        size_t smaller = is_first_smaller ? 0 : 1;
        assert_ptr_equal(stays->ends[0].node, meshes_at(world, smaller));
        assert_true(meshes_is_up(world, 0, 1) && meshes_is_up(world, 1, 0));
        assert_string_not_equal(known(world, 0, 1)->last_end.code, "duplicate");
        meshes_free(world);
    }
}

static void a_second_link_by_the_same_dialler_replaces_a_dead_one(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    struct wire *old = linked(world, 0, 1);
    /* The dialler has lost it, the listener does not know yet. */
    struct ht_mesh_link *link = old->ends[0].link;
    old->ends[0].link = NULL;
    ht_mesh_link_closed(link);
    struct wire *fresh = meshes_dial(world, 0, 1);
    meshes_run(world, 500);
    assert_ptr_equal(known(world, 1, 0)->link, fresh->ends[1].link);
    assert_true(old->is_cut);
    meshes_free(world);
}

/* --- what they tell each other ---------------------------------------------------------------- */

static void a_scope_that_changes_is_told_but_not_all_the_time(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    struct wire *wire = linked(world, 0, 1);
    struct ht_scope *scopes[20];
    const ht_hash32 author = maker_pubkey(77), last = maker_pubkey(78);
    assert_true(ht_scope_has_author(ht_mesh_link_scope(wire->ends[0].link), &author));
    uint64_t before = known(world, 0, 1)->bytes_in;
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(ht_scope_new(&scopes[i]), HT_OK);
        assert_int_equal(ht_scope_add_author(scopes[i], i < 19 ? &author : &last), HT_OK);
        ht_mesh_set_scope(meshes_at(world, 1)->mesh, scopes[i]);
        meshes_run(world, 50);
    }
    meshes_run(world, 6000);
    const struct ht_scope *told = ht_mesh_link_scope(wire->ends[0].link);
    assert_true(ht_scope_has_author(told, &last));
    assert_false(ht_scope_has_author(told, &author));
    assert_true(known(world, 0, 1)->bytes_in - before < 400);
    ht_mesh_set_scope(meshes_at(world, 1)->mesh, meshes_at(world, 1)->scope);
    for (size_t i = 0; i < 20; i++) ht_scope_free(scopes[i]);
    meshes_free(world);
}

static void a_transport_that_takes_no_more_hears_the_state_later(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    struct wire *wire = linked(world, 0, 1);
    static const char *const serves[] = {"blobs", NULL};
    meshes_run(world, 10000);
    meshes_at(world, 1)->is_full = true;
    ht_mesh_set_serves(meshes_at(world, 1)->mesh, serves);
    meshes_run(world, 3000);
    assert_false(ht_mesh_link_serves(wire->ends[0].link, "blobs"));
    meshes_at(world, 1)->is_full = false;
    meshes_run(world, 3000);
    assert_true(ht_mesh_link_serves(wire->ends[0].link, "blobs"));
    meshes_free(world);
}

static void a_token_is_good_while_linked_and_ten_minutes_more(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    struct wire *wire = linked(world, 0, 1);
    struct ht_mesh *issuer = meshes_at(world, 1)->mesh;
    char token[HT_MESH_TOKEN_SIZE];
    memcpy(token, ht_mesh_link_token(wire->ends[0].link), sizeof token);
    assert_int_equal(strlen(token), 64);
    assert_ptr_equal(ht_mesh_token_peer(issuer, ht_bytes_str(token)), known(world, 1, 0));
    assert_null(ht_mesh_token_peer(meshes_at(world, 0)->mesh, ht_bytes_str(token)));
    meshes_run(world, 20 * 60 * 1000);
    assert_non_null(ht_mesh_token_peer(issuer, ht_bytes_str(token)));
    meshes_cut(wire);
    meshes_run(world, 9 * 60 * 1000);
    assert_non_null(ht_mesh_token_peer(issuer, ht_bytes_str(token)));
    meshes_run(world, 2 * 60 * 1000);
    assert_null(ht_mesh_token_peer(issuer, ht_bytes_str(token)));
    assert_null(ht_mesh_token_peer(issuer, ht_bytes_str("")));
    meshes_free(world);
}

static void the_token_before_stays_good_after_a_new_link(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    struct wire *wire = linked(world, 0, 1);
    struct ht_mesh *issuer = meshes_at(world, 1)->mesh;
    char token[HT_MESH_TOKEN_SIZE];
    memcpy(token, ht_mesh_link_token(wire->ends[0].link), sizeof token);
    meshes_cut(wire);
    wire = meshes_dial(world, 0, 1);
    meshes_run(world, 500);
    assert_string_not_equal(ht_mesh_link_token(wire->ends[0].link), token);
    assert_non_null(ht_mesh_token_peer(issuer, ht_bytes_str(token)));
    assert_non_null(
        ht_mesh_token_peer(issuer, ht_bytes_str(ht_mesh_link_token(wire->ends[0].link))));
    ht_mesh_ban(issuer, known(world, 1, 0), true);
    assert_null(ht_mesh_token_peer(issuer, ht_bytes_str(token)));
    meshes_free(world);
}

static void the_secret_of_an_invitation_is_dropped_once_the_link_has_settled(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    (void)linked(world, 0, 1);
    assert_string_not_equal(known(world, 0, 1)->invite, "");
    meshes_run(world, HT_MESH_SETTLED_MS);
    assert_string_equal(known(world, 0, 1)->invite, "");
    meshes_free(world);
}

/* --- records ---------------------------------------------------------------------------------- */

static enum ht_err learn(struct world *world, size_t who, const char *record, struct ht_why *why) {
    struct ht_arena arena;
    struct ht_event event;
    ht_arena_init(&arena, HT_EVENT_ARENA(4096));
    assert_int_equal(ht_event_read(&event, &arena, ht_bytes_str(record), NULL), HT_OK);
    enum ht_err err = ht_mesh_learn(meshes_at(world, who)->mesh, &event, HT_MESH_EXCHANGED, why);
    ht_arena_fini(&arena);
    return err;
}

static void an_older_record_never_replaces_a_newer_one(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    struct ht_why why = {.code = ""};
    int64_t now_s = meshes_now_ms(world) / 1000;
    meshes_at(world, 0)->follows[1] = true;
    assert_int_equal(learn(world, 0, meshes_record(world, 1, now_s, false), &why), HT_OK);
    assert_int_equal(learn(world, 0, meshes_record(world, 1, now_s, false), &why), HT_OK);
    assert_int_equal(learn(world, 0, meshes_record(world, 1, now_s - 1, false), &why), HT_ESTALE);
    assert_string_equal(why.code, "record_older");
    assert_int_equal(known(world, 0, 1)->record.created_at, now_s);
    assert_int_equal(learn(world, 0, meshes_record(world, 1, now_s + 1, false), &why), HT_OK);
    assert_int_equal(known(world, 0, 1)->record.created_at, now_s + 1);
    meshes_free(world);
}

static void records_of_strangers_and_of_ourselves_are_not_kept(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    struct ht_why why = {.code = ""};
    int64_t now_s = meshes_now_ms(world) / 1000;
    assert_int_equal(learn(world, 0, meshes_record(world, 1, now_s, false), &why), HT_ENOTFOUND);
    assert_string_equal(why.code, "stranger");
    meshes_at(world, 0)->follows[0] = true;
    assert_int_equal(learn(world, 0, meshes_record(world, 0, now_s, false), &why), HT_EINPUT);
    assert_string_equal(why.code, "own_node");
    assert_null(ht_mesh_first(meshes_at(world, 0)->mesh));
    meshes_free(world);
}

static void a_record_with_a_wrong_signature_is_not_kept(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    struct ht_why why = {.code = ""};
    meshes_at(world, 0)->follows[1] = true;
    char record[HT_NODE_RECORD_SIZE];
    (void)snprintf(record, sizeof record, "%s",
                   meshes_record(world, 1, meshes_now_ms(world) / 1000, false));
    char *address = strstr(record, "10.0.0.2");
    assert_non_null(address);
    address[7] = '9';
    assert_int_equal(learn(world, 0, record, &why), HT_EUNVERIFIED);
    assert_string_equal(why.code, "event_signature");
    assert_null(ht_mesh_first(meshes_at(world, 0)->mesh));
    meshes_free(world);
}

static void who_shows_another_nodes_record_as_its_own_is_banned(void **state) {
    (void)state;
    struct world *world = meshes_new(3);
    (void)linked(world, 0, 1);
    char state_text[HT_NODE_RECORD_SIZE + 64];
    (void)snprintf(state_text, sizeof state_text, "[\"STATE\",{\"record\":%s}]",
                   meshes_record(world, 2, meshes_now_ms(world) / 1000, false));
    struct wire *wire = meshes_between(world, 0, 1);
    meshes_say(&wire->ends[1], state_text);
    meshes_run(world, 100);
    assert_false(meshes_is_up(world, 0, 1));
    assert_int_equal(known(world, 0, 1)->score.faults[0].kind, HT_FAULT_IDENTITY);
    assert_string_equal(known(world, 0, 1)->last_end.code, "identity");
    struct wire *again = meshes_dial(world, 1, 0);
    meshes_run(world, 100);
    assert_string_equal(again->ends[0].code, "resting");
    assert_false(again->ends[1].is_hung_up);
    meshes_free(world);
}

static void peers_tell_records_of_peers_that_let_them(void **state) {
    (void)state;
    struct world *world = meshes_new(4);
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < 4; k++) meshes_at(world, i)->follows[k] = i != k;
        meshes_set_record(world, i, i != 3);
    }
    (void)linked(world, 1, 0);
    (void)linked(world, 2, 0);
    (void)linked(world, 3, 0);
    meshes_run(world, 3 * HT_MESH_EXCHANGE_MS);
    assert_non_null(known(world, 1, 2));
    assert_int_equal(known(world, 1, 2)->origin, HT_MESH_EXCHANGED);
    assert_non_null(known(world, 3, 1));
    assert_null(known(world, 1, 3)); /* did not say that it may be told */
    meshes_free(world);
}

static void records_that_come_more_often_than_they_may_are_passed_over(void **state) {
    (void)state;
    struct world *world = meshes_new(4);
    for (size_t k = 0; k < 4; k++) meshes_at(world, 0)->follows[k] = k != 0;
    (void)linked(world, 0, 1);
    struct wire *wire = meshes_between(world, 0, 1);
    char text[HT_NODE_RECORD_SIZE + 64];
    for (size_t i = 2; i < 4; i++) {
        (void)snprintf(text, sizeof text, "[\"STATE\",{\"peers\":[%s]}]",
                       meshes_record(world, i, meshes_now_ms(world) / 1000, true));
        meshes_say(&wire->ends[1], text);
    }
    assert_non_null(known(world, 0, 2));
    assert_null(known(world, 0, 3));
    meshes_free(world);
}

static void who_plays_a_handshake_behind_the_handshake_is_banned(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    struct wire *wire = linked(world, 0, 1);
    meshes_say(&wire->ends[1], "[\"PEER\",{\"v\":1,\"node\":\"" HEX64 "\",\"challenge\":\"x\"}]");
    meshes_run(world, 100);
    assert_true(wire->ends[0].is_hung_up);
    assert_string_equal(known(world, 0, 1)->last_end.code, "identity");
    assert_true(known(world, 0, 1)->score.until_ms > meshes_now_ms(world));
    meshes_free(world);
}

/* --- faults and the owner's word -------------------------------------------------------------- */

static void a_ban_ends_the_link_and_tells_the_next_one(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    (void)linked(world, 0, 1);
    ht_mesh_ban(meshes_at(world, 1)->mesh, known(world, 1, 0), true);
    meshes_run(world, 100);
    assert_false(meshes_is_up(world, 0, 1));
    assert_string_equal(known(world, 0, 1)->last_end.code, "banned");
    struct wire *wire = meshes_dial(world, 0, 1);
    meshes_run(world, 100);
    assert_string_equal(wire->ends[0].code, "banned");
    assert_false(wire->ends[1].is_hung_up);
    ht_mesh_ban(meshes_at(world, 1)->mesh, known(world, 1, 0), false);
    (void)meshes_dial(world, 0, 1);
    meshes_run(world, 500);
    assert_true(meshes_is_up(world, 0, 1));
    meshes_free(world);
}

static void who_pushes_a_bad_signature_is_dropped_and_named(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    (void)linked(world, 0, 1);
    struct wire *wire = meshes_between(world, 0, 1);
    meshes_say(&wire->ends[1], "[\"PUSH\"," WITH_CONTENT("\"x\"") "]");
    meshes_run(world, 100);
    assert_false(meshes_is_up(world, 0, 1));
    assert_int_equal(known(world, 0, 1)->score.faults[0].kind, HT_FAULT_SIGNATURE);
    assert_string_equal(known(world, 0, 1)->last_end.code, "bad_signature");
    meshes_free(world);
}

static void who_floods_is_dropped_and_rests(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    (void)linked(world, 0, 1);
    struct wire *wire = meshes_between(world, 0, 1);
    char *big = malloc(200001);
    assert_non_null(big);
    int n = snprintf(big, 200001, "[\"STATE\",{\"x\":\"");
    memset(big + n, 'a', (size_t)(200000 - n));
    memcpy(big + 199997, "\"}]", 4);
    for (int i = 0; i < 200 && meshes_is_up(world, 0, 1); i++) {
        meshes_say(&wire->ends[1], big);
        meshes_run(world, 100);
    }
    free(big);
    meshes_run(world, 100);
    assert_false(meshes_is_up(world, 0, 1));
    assert_string_equal(known(world, 0, 1)->last_end.code, "flood");
    struct ht_mesh_peer *out[4];
    assert_int_equal(ht_mesh_to_dial(meshes_at(world, 0)->mesh, out, 4), 0);
    ht_mesh_forgive(meshes_at(world, 0)->mesh, known(world, 0, 1));
    assert_int_equal(ht_mesh_to_dial(meshes_at(world, 0)->mesh, out, 4), 1);
    meshes_free(world);
}

static void gossip_before_state_ends_the_link(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    meshes_invite(world, 1, 0, NULL);
    struct wire *wire = meshes_dial(world, 0, 1);
    for (int i = 0; i < 4; i++) {
        meshes_run(world, 5);
        if (i == 2) meshes_say(&wire->ends[1], "[\"HAVE\",\"" HEX64 "\"]");
    }
    meshes_run(world, 100);
    assert_true(wire->ends[0].is_hung_up);
    assert_string_equal(wire->ends[0].code, "peer_order");
    meshes_free(world);
}

static void a_node_that_does_not_finish_the_handshake_is_let_go(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    meshes_invite(world, 1, 0, NULL);
    struct wire *wire = meshes_wire(world, meshes_at(world, 0), NULL, &meshes_at(world, 1)->node,
                                    WORLD_CHANNEL, WORLD_CHANNEL);
    meshes_run(world, HT_HANDSHAKE_MS + 100);
    assert_true(wire->ends[0].is_hung_up);
    assert_string_equal(wire->ends[0].code, "peer_silent");
    assert_int_equal(known(world, 0, 1)->failures, 1);
    meshes_free(world);
}

static void who_begins_and_never_finishes_keeps_nobody_out(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    for (int i = 0; i < 300; i++) {
        struct wire *wire =
            meshes_wire(world, NULL, meshes_at(world, 1), NULL, WORLD_CHANNEL, WORLD_CHANNEL);
        meshes_say(&wire->ends[0],
                   "[\"PEER\",{\"v\":1,\"node\":\"" HEX64 "\",\"challenge\":\"" HEX64 "\"}]");
    }
    (void)linked(world, 0, 1);
    meshes_free(world);
}

static void clocks_that_are_nine_minutes_apart_do_not_matter(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    meshes_at(world, 0)->skew_ms = 270 * 1000;
    meshes_at(world, 1)->skew_ms = -270 * 1000;
    (void)linked(world, 0, 1);
    meshes_free(world);
}

static void a_clock_that_is_far_off_is_named(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    meshes_invite(world, 1, 0, NULL);
    meshes_at(world, 1)->skew_ms = 1200 * 1000;
    struct wire *wire = meshes_dial(world, 0, 1);
    meshes_run(world, 500);
    assert_false(meshes_is_up(world, 0, 1));
    assert_true(wire->ends[1].is_hung_up);
    assert_string_equal(wire->ends[1].code, "peer_clock");
    assert_string_equal(known(world, 0, 1)->last_end.code, "peer_clock");
    meshes_free(world);
}

/* --- dialling --------------------------------------------------------------------------------- */

static void a_peer_out_of_reach_is_dialled_ever_more_seldom(void **state) {
    (void)state;
    struct world *world = meshes_new(2);
    meshes_invite(world, 1, 0, NULL);
    meshes_at(world, 0)->dials = true;
    meshes_at(world, 1)->side = 1;
    meshes_run(world, 600 * 1000);
    unsigned first = meshes_at(world, 0)->dials_made;
    assert_true(first >= 5 && first <= 9);
    meshes_run(world, 3600 * 1000 - 600 * 1000);
    assert_true(meshes_at(world, 0)->dials_made - first <= 5);
    meshes_free(world);
}

static void couriers_come_first_then_the_better_score(void **state) {
    (void)state;
    struct world *world = meshes_new(13);
    struct ht_mesh_peer *out[16];
    struct ht_mesh *mesh = meshes_at(world, 0)->mesh;
    for (size_t i = 1; i < 13; i++) {
        meshes_invite(world, i, 0, NULL);
        known(world, 0, i)->invite[0] = '\0';
        known(world, 0, i)->score.score = (int)i;
    }
    known(world, 0, 3)->is_courier = true;
    assert_int_equal(ht_mesh_to_dial(mesh, out, 16), HT_GOSSIP_LINKS);
    assert_ptr_equal(out[0], known(world, 0, 3));
    for (size_t i = 1; i < HT_GOSSIP_LINKS; i++) {
        assert_ptr_equal(out[i], known(world, 0, 13 - i));
    }
    assert_int_equal(ht_mesh_to_dial(mesh, out, 16), 0);
    known(world, 0, 1)->is_courier = true;
    assert_int_equal(ht_mesh_to_dial(mesh, out, 16), 1);
    assert_ptr_equal(out[0], known(world, 0, 1));
    meshes_free(world);
}

static void thirty_nodes_find_each_other_and_events_reach_all(void **state) {
    (void)state;
    struct world *world = meshes_new(30);
    for (size_t i = 0; i < 30; i++) {
        for (size_t k = 0; k < 30; k++) meshes_at(world, i)->follows[k] = i != k;
        meshes_set_record(world, i, true);
        meshes_at(world, i)->dials = true;
        if (i > 0) meshes_invite(world, i / 2, i, NULL);
    }
    meshes_run(world, 3 * 60 * 1000);
    for (size_t i = 0; i < 30; i++) {
        size_t links = 0;
        for (size_t k = 0; k < 30; k++) links += meshes_is_up(world, i, k) ? 1U : 0U;
        assert_true(links >= 3);
    }
    meshes_post(world, 7, "hello");
    meshes_run(world, 3000);
    for (size_t i = 0; i < 30; i++) {
        assert_int_equal(meshes_at(world, i)->taken, i == 7 ? 0 : 1);
        for (struct ht_mesh_peer *peer = ht_mesh_first(meshes_at(world, i)->mesh); peer != NULL;
             peer = peer->next) {
            assert_int_equal(peer->score.fault_count, 0);
        }
    }
    meshes_free(world);
}

static void a_partition_that_heals_is_linked_again(void **state) {
    (void)state;
    struct world *world = meshes_new(4);
    (void)linked(world, 0, 1);
    (void)linked(world, 1, 2);
    (void)linked(world, 2, 3);
    for (size_t i = 0; i < 4; i++) meshes_at(world, i)->dials = true;
    meshes_run(world, 60000);
    meshes_at(world, 2)->side = meshes_at(world, 3)->side = 1;
    meshes_cut(meshes_between(world, 1, 2));
    meshes_run(world, 120000);
    assert_false(meshes_is_up(world, 1, 2));
    assert_true(meshes_is_up(world, 0, 1) && meshes_is_up(world, 2, 3));
    meshes_at(world, 2)->side = meshes_at(world, 3)->side = 0;
    meshes_run(world, 180000);
    assert_true(meshes_is_up(world, 1, 2) && meshes_is_up(world, 2, 1));
    meshes_free(world);
}

static void what_was_kept_is_recalled(void **state) {
    (void)state;
    struct world *world = meshes_new(3);
    meshes_set_record(world, 1, false);
    (void)linked(world, 0, 1);
    struct ht_mesh *other = meshes_at(world, 2)->mesh;
    struct ht_mesh_peer copy = *known(world, 0, 1);
    char code[] = "flood";
    copy.last_end.code = code;
    assert_int_equal(ht_mesh_recall(other, &copy), HT_OK);
    assert_int_equal(ht_mesh_recall(other, &copy), HT_EINPUT);
    code[0] = 'x';
    struct ht_mesh_peer *peer = known(world, 2, 1);
    assert_string_equal(peer->last_end.code, "flood");
    assert_string_equal(peer->record_json, known(world, 0, 1)->record_json);
    assert_ptr_not_equal(peer->record_json, known(world, 0, 1)->record_json);
    assert_null(peer->link);
    assert_true(peer->is_accepted);
    struct ht_mesh_invitation invitation = {.secret = "0123456789abcdef0123456789abcdef",
                                            .expires_s = meshes_now_ms(world) / 1000};
    assert_int_equal(ht_mesh_recall_invitation(other, &invitation), HT_ESTALE);
    invitation.expires_s += 60;
    assert_int_equal(ht_mesh_recall_invitation(other, &invitation), HT_OK);
    ht_mesh_forget(other, peer);
    assert_null(known(world, 2, 1));
    meshes_free(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invitation_makes_two_nodes_peers),
        cmocka_unit_test(an_invitation_is_good_for_one_node_only),
        cmocka_unit_test(an_invitation_that_has_expired_or_was_revoked_lets_nobody_in),
        cmocka_unit_test(who_is_not_accepted_remains_a_nostr_client),
        cmocka_unit_test(a_client_that_says_nothing_of_peers_costs_nothing_and_passes),
        cmocka_unit_test(an_open_mesh_takes_strangers_but_tells_them_no_record),
        cmocka_unit_test(a_mutual_follow_is_let_in_by_its_record),
        cmocka_unit_test(an_impostor_with_another_key_is_hung_up),
        cmocka_unit_test(a_node_in_the_middle_that_relays_the_handshake_is_found_out),
        cmocka_unit_test(a_recorded_session_played_again_is_nobodys),
        cmocka_unit_test(a_node_never_links_to_itself),
        cmocka_unit_test(of_two_links_the_one_dialled_by_the_smaller_key_stays),
        cmocka_unit_test(a_second_link_by_the_same_dialler_replaces_a_dead_one),
        cmocka_unit_test(a_scope_that_changes_is_told_but_not_all_the_time),
        cmocka_unit_test(a_transport_that_takes_no_more_hears_the_state_later),
        cmocka_unit_test(a_token_is_good_while_linked_and_ten_minutes_more),
        cmocka_unit_test(the_token_before_stays_good_after_a_new_link),
        cmocka_unit_test(the_secret_of_an_invitation_is_dropped_once_the_link_has_settled),
        cmocka_unit_test(an_older_record_never_replaces_a_newer_one),
        cmocka_unit_test(records_of_strangers_and_of_ourselves_are_not_kept),
        cmocka_unit_test(a_record_with_a_wrong_signature_is_not_kept),
        cmocka_unit_test(who_shows_another_nodes_record_as_its_own_is_banned),
        cmocka_unit_test(who_plays_a_handshake_behind_the_handshake_is_banned),
        cmocka_unit_test(peers_tell_records_of_peers_that_let_them),
        cmocka_unit_test(records_that_come_more_often_than_they_may_are_passed_over),
        cmocka_unit_test(a_ban_ends_the_link_and_tells_the_next_one),
        cmocka_unit_test(who_pushes_a_bad_signature_is_dropped_and_named),
        cmocka_unit_test(who_floods_is_dropped_and_rests),
        cmocka_unit_test(gossip_before_state_ends_the_link),
        cmocka_unit_test(a_node_that_does_not_finish_the_handshake_is_let_go),
        cmocka_unit_test(who_begins_and_never_finishes_keeps_nobody_out),
        cmocka_unit_test(clocks_that_are_nine_minutes_apart_do_not_matter),
        cmocka_unit_test(a_clock_that_is_far_off_is_named),
        cmocka_unit_test(a_peer_out_of_reach_is_dialled_ever_more_seldom),
        cmocka_unit_test(couriers_come_first_then_the_better_score),
        cmocka_unit_test(thirty_nodes_find_each_other_and_events_reach_all),
        cmocka_unit_test(a_partition_that_heals_is_linked_again),
        cmocka_unit_test(what_was_kept_is_recalled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
