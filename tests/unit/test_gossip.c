/* Gossip: that events get everywhere, cheaply, and that peers who do not play fair are named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <malloc.h>

#include "tests/unit/gossip_world.h"

static struct world world;

static void make(unsigned nodes, uint64_t seed) {
    world_init(&world, nodes, 256, 512, seed);
}

/* 0 in the middle of 1 … n. */
static void make_star(unsigned others) {
    make(others + 1, 7);
    for (unsigned i = 1; i <= others; i++) world_join(&world, 0, i);
}

static int teardown(void **state) {
    (void)state;
    world_fini(&world);
    return 0;
}

static const ht_hash32 *id_of(unsigned event) {
    return &world_event_of(&world, event)->id;
}

static unsigned faults(unsigned by, unsigned of, enum ht_peer_fault_kind kind) {
    return world_link_of(&world, by, of)->faults[kind];
}

static bool has(unsigned node, unsigned event) {
    return world.nodes[node].at_ms[event] >= 0;
}

static struct ht_gossip_counts counts(unsigned node) {
    return ht_gossip_counts(world.nodes[node].gossip);
}

static void no_fault_anywhere(void) {
    for (unsigned i = 0; i < world.node_count; i++) {
        const struct world_node *node = &world.nodes[i];
        for (unsigned j = 0; j < node->link_count; j++) {
            assert_int_equal(node->links[j].score.fault_count, 0);
        }
    }
}

static void fifty_nodes_converge_within_the_bytes_of_the_model(void **state) {
    (void)state;
    make(50, 1);
    world_mesh(&world, 8);
    for (unsigned i = 0; i < 20; i++) {
        world_post(&world, i, world_event(&world, (uint8_t)i, 1));
        world_run(&world, 5000);
        assert_int_equal(world_holders(&world, i), 50);
    }
    uint64_t bytes = 0;
    for (unsigned i = 0; i < 50; i++) bytes += world.nodes[i].bytes_in;
    assert_true(bytes < UINT64_C(2600) * 50 * 20);
    no_fault_anywhere();
}

static void one_seed_gives_one_course_of_things(void **state) {
    (void)state;
    uint64_t bytes[2] = {0, 0};
    for (unsigned run = 0; run < 2; run++) {
        if (run > 0) world_fini(&world);
        make(30, 99);
        world_mesh(&world, 8);
        world_post(&world, 3, world_event(&world, 1, 1));
        world_run(&world, 5000);
        for (unsigned i = 0; i < 30; i++) bytes[run] = bytes[run] * 31 + world.nodes[i].bytes_in;
    }
    assert_true(bytes[0] == bytes[1]);
}

static void many_events_at_once_are_announced_in_batches(void **state) {
    (void)state;
    make_star(8);
    for (unsigned i = 0; i < 200; i++) world_post(&world, 0, world_event(&world, 1, 1));
    world_run(&world, 10000);
    for (unsigned i = 0; i < 200; i++) assert_int_equal(world_holders(&world, i), 9);
    unsigned haves = 0;
    for (unsigned i = 1; i <= 8; i++) haves += world_link_of(&world, 0, i)->haves_out;
    assert_int_equal(haves, 8);
    assert_int_equal(counts(0).pushed, 400);
    assert_int_equal(counts(0).gave, 1200);
    no_fault_anywhere();
}

static void nothing_goes_back_to_where_it_came_from(void **state) {
    (void)state;
    make_star(5);
    world_post(&world, 1, world_event(&world, 1, 1));
    world_run(&world, 5000);
    const struct world_link *back = world_link_of(&world, 0, 1);
    assert_int_equal(back->pushes_out + back->ids_out, 0);
    assert_int_equal(world_holders(&world, 0), 6);
}

static void who_announces_it_meanwhile_is_not_told(void **state) {
    (void)state;
    make_star(3);
    unsigned event = world_event(&world, 1, 1);
    /* While the event waits in the batch for the third, all say that they have it. */
    world_post(&world, 0, event);
    for (unsigned i = 1; i <= 3; i++) {
        world_link_of(&world, i, 0)->delay_ms = 1;
        world_say(&world, i, 0, WORLD_HAVE, id_of(event), 1);
    }
    world_run(&world, 5000);
    assert_int_equal(counts(0).pushed, 2);
    assert_int_equal(counts(0).announced, 0);
}

static void a_withheld_event_is_asked_of_the_next(void **state) {
    (void)state;
    make_star(4);
    unsigned event = world_event(&world, 1, 1);
    world.nodes[1].manner = world.nodes[2].manner = WORLD_WITHHOLDS;
    world.nodes[3].manner = WORLD_GIVES;
    for (unsigned i = 1; i <= 3; i++) {
        world_link_of(&world, i, 0)->delay_ms = world_link_of(&world, 0, i)->delay_ms = (int64_t)i;
        world_say(&world, i, 0, WORLD_HAVE, id_of(event), 1);
    }
    world_run(&world, 900);
    assert_false(has(0, event));
    world_run(&world, 2200);
    assert_true(has(0, event));
    assert_true(counts(0).asked >= 2 && counts(0).asked <= 3);
    world_run(&world, 1000);
    assert_true(has(4, event));
    assert_int_equal(faults(0, 3, HT_FAULT_WITHHELD) + faults(0, 3, HT_FAULT_NOT_HAD), 0);
}

static void who_announces_what_is_overdue_is_asked_at_once(void **state) {
    (void)state;
    make_star(2);
    unsigned event = world_event(&world, 1, 1);
    world.nodes[1].manner = WORLD_WITHHOLDS;
    world.nodes[2].manner = WORLD_GIVES;
    for (unsigned i = 1; i <= 2; i++) {
        world_link_of(&world, i, 0)->delay_ms = world_link_of(&world, 0, i)->delay_ms = 1;
    }
    world_say(&world, 1, 0, WORLD_HAVE, id_of(event), 1);
    world_run(&world, 1500);
    world_say(&world, 2, 0, WORLD_HAVE, id_of(event), 1);
    world_run(&world, 3);
    assert_true(has(0, event));
}

static void asks_again_exactly_when_the_time_is_over(void **state) {
    (void)state;
    make_star(2);
    ht_hash32 id = {.b = {200}};
    world.nodes[1].manner = world.nodes[2].manner = WORLD_WITHHOLDS;
    for (unsigned i = 1; i <= 2; i++) {
        world_link_of(&world, i, 0)->delay_ms = 1;
        world_say(&world, i, 0, WORLD_HAVE, &id, 1);
    }
    world_run(&world, 1 + HT_GOSSIP_ASK_MS - 1);
    assert_int_equal(counts(0).asked, 1);
    world_run(&world, 1);
    assert_int_equal(counts(0).asked, 2);
    assert_int_equal(counts(0).asked_again, 1);
    assert_int_equal(world_link_of(&world, 0, 1)->wants_out, 1);
    assert_int_equal(world_link_of(&world, 0, 2)->wants_out, 1);
    world_run(&world, 10000);
    assert_int_equal(counts(0).wanted_in_vain, 1);
    assert_int_equal(ht_gossip_due(world.nodes[0].gossip), -1);
}

static void who_goes_away_is_not_waited_for(void **state) {
    (void)state;
    make_star(2);
    ht_hash32 id = {.b = {200}};
    world.nodes[1].manner = world.nodes[2].manner = WORLD_WITHHOLDS;
    for (unsigned i = 1; i <= 2; i++) {
        world_link_of(&world, i, 0)->delay_ms = (int64_t)i;
        world_say(&world, i, 0, WORLD_HAVE, &id, 1);
    }
    world_run(&world, 5);
    world_link_of(&world, 0, 1)->is_closing = true;
    ht_hash32 other = {.b = {201}};
    world_say(&world, 2, 0, WORLD_HAVE, &other, 1); /* so that something happens at node 0 */
    world_run(&world, 5);
    assert_int_equal(counts(0).asked, 3);
    /* A ban of one by the other ends nothing else: the slot is used again. */
    assert_null(world_link_of(&world, 0, 1)->peer);
}

static void ephemeral_events_go_one_hop(void **state) {
    (void)state;
    make(4, 5);
    world_join(&world, 0, 1);
    world_join(&world, 0, 2);
    world_join(&world, 1, 3);
    unsigned event = world_event(&world, 1, 20001);
    world_post(&world, 0, event);
    world_run(&world, 5000);
    assert_true(has(1, event));
    assert_true(has(2, event));
    assert_false(has(3, event));
    assert_int_equal(counts(0).pushed, 2);
    assert_int_equal(counts(1).pushed + counts(1).announced, 0);
}

static void ephemeral_events_are_known_for_a_minute(void **state) {
    (void)state;
    make_star(1);
    unsigned event = world_event(&world, 1, 20001);
    world_push(&world, 1, 0, event);
    world_run(&world, 1000);
    world_push(&world, 1, 0, event);
    world_run(&world, 1000);
    assert_int_equal(world.nodes[0].verified[event], 1);
    world_run(&world, HT_GOSSIP_EPHEMERAL_MS);
    world_push(&world, 1, 0, event);
    world_run(&world, 1000);
    assert_int_equal(world.nodes[0].verified[event], 2);
}

/* Nodes that carry one author each. */
static void carries_author(unsigned node, uint8_t author) {
    ht_hash32 pubkey = {.b = {0}};
    pubkey.b[31] = author;
    ht_scope_set_all(world.nodes[node].scope, false);
    assert_int_equal(ht_scope_add_author(world.nodes[node].scope, &pubkey), HT_OK);
}

static void a_link_carries_what_the_other_side_carries(void **state) {
    (void)state;
    make_star(3);
    carries_author(1, 1);
    carries_author(2, 1);
    carries_author(2, 2);
    carries_author(3, 3);
    unsigned one = world_event(&world, 1, 1), two = world_event(&world, 2, 1);
    world_post(&world, 0, one);
    world_post(&world, 0, two);
    world_run(&world, 5000);
    assert_true(has(1, one) && has(2, one) && !has(3, one));
    assert_true(!has(1, two) && has(2, two) && !has(3, two));
    assert_int_equal(counts(3).received, 0);
    assert_int_equal(world_link_of(&world, 0, 3)->ids_out, 0);
    no_fault_anywhere();
}

static void what_we_do_not_carry_is_a_fault_and_not_taken(void **state) {
    (void)state;
    make_star(1);
    carries_author(0, 1);
    unsigned event = world_event(&world, 2, 1);
    world_push(&world, 1, 0, event);
    world_run(&world, 1000);
    assert_int_equal(faults(0, 1, HT_FAULT_OUT_OF_SCOPE), 1);
    assert_int_equal(world.nodes[0].verified[event], 0);
}

static void a_scope_set_anew_is_no_trap_for_peers(void **state) {
    (void)state;
    make_star(1);
    carries_author(0, 1);
    ht_gossip_set_scope(world.nodes[0].gossip, world.nodes[0].scope);
    world_push(&world, 1, 0, world_event(&world, 2, 1));
    world_run(&world, 1000);
    no_fault_anywhere();
    world_run(&world, 60000);
    world_push(&world, 1, 0, world_event(&world, 2, 1));
    world_run(&world, 1000);
    assert_int_equal(faults(0, 1, HT_FAULT_OUT_OF_SCOPE), 1);
}

static void private_kinds_never_travel(void **state) {
    (void)state;
    static const uint32_t kinds[] = {4, 13, 14, 1059, 22242, 24133, 27235};
    make_star(1);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        unsigned event = world_event(&world, 1, kinds[i]);
        world_post(&world, 0, event);
        world_run(&world, 3000);
        assert_false(has(1, event));
    }
    assert_int_equal(counts(1).received, 0);
    /* And who sends one is told so. */
    world_push(&world, 0, 1, world_event(&world, 1, 1059));
    world_run(&world, 1000);
    assert_int_equal(faults(1, 0, HT_FAULT_OUT_OF_SCOPE), 1);
}

static void echoes_long_after_are_named(void **state) {
    (void)state;
    make_star(1);
    unsigned event = world_event(&world, 1, 1);
    world_post(&world, 0, event);
    for (unsigned i = 0; i < 5; i++) world_push(&world, 1, 0, event); /* crossing ours */
    world_run(&world, 20000);
    no_fault_anywhere();
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(faults(0, 1, HT_FAULT_ECHO), 0);
        world_push(&world, 1, 0, event);
        world_run(&world, 1000);
    }
    assert_int_equal(faults(0, 1, HT_FAULT_ECHO), 1);
}

static void what_catch_up_finds_is_offered_once_and_to_who_lacks_it(void **state) {
    (void)state;
    make_star(2);
    unsigned one = world_event(&world, 1, 1), secret = world_event(&world, 1, 1059);
    struct ht_gossip_peer *peer = world_link_of(&world, 0, 1)->peer;
    world.nodes[0].at_ms[one] = 0;
    assert_true(ht_gossip_offer(peer, world_event_of(&world, one)));
    assert_true(ht_gossip_offer(peer, world_event_of(&world, one)));
    assert_true(ht_gossip_offer(peer, world_event_of(&world, secret)));
    world_run(&world, 1000);
    assert_int_equal(counts(1).received, 1);
    assert_true(has(1, one));
    /* And not to who said that it has it. */
    struct ht_gossip_peer *other = world_link_of(&world, 0, 2)->peer;
    assert_false(ht_gossip_peer_knows(other, id_of(one)));
    world_say(&world, 2, 0, WORLD_HAVE, id_of(one), 1);
    world_run(&world, 1000);
    assert_true(ht_gossip_peer_knows(other, id_of(one)));
    assert_true(ht_gossip_offer(other, world_event_of(&world, one)));
    world_run(&world, 1000);
    assert_int_equal(counts(2).received, 0);
}

static void offers_are_as_many_as_a_peer_takes(void **state) {
    (void)state;
    make_star(1);
    struct ht_gossip_peer *peer = world_link_of(&world, 0, 1)->peer;
    unsigned sent = 0;
    for (unsigned i = 0; i < 256; i++) {
        if (ht_gossip_offer(peer, world_event_of(&world, world_event(&world, 1, 1)))) sent++;
    }
    assert_int_equal(sent, 250);
    world_run(&world, 1000);
    assert_true(ht_gossip_offer(peer, world_event_of(&world, 255)));
    no_fault_anywhere();
}

static void a_flood_is_named_and_ends_the_link(void **state) {
    (void)state;
    make_star(1);
    unsigned event = world_event(&world, 1, 1);
    for (unsigned i = 0; i < 500; i++) world_push(&world, 1, 0, event);
    world_run(&world, 200);
    assert_int_equal(faults(0, 1, HT_FAULT_FLOOD), 0);
    for (unsigned second = 0; second < 8; second++) {
        for (unsigned i = 0; i < 600; i++) world_push(&world, 1, 0, event);
        world_run(&world, 1100);
    }
    assert_true(faults(0, 1, HT_FAULT_FLOOD) >= 5);
    assert_true(world_link_of(&world, 0, 1)->is_closed);
    assert_false(
        ht_peer_score_may_come(&world_link_of(&world, 0, 1)->score, ht_wall_ms(&world.clock)));
}

static void too_many_bytes_are_refused(void **state) {
    (void)state;
    make_star(1);
    struct ht_gossip_peer *peer = world_link_of(&world, 0, 1)->peer;
    for (unsigned i = 0; i < 16; i++) assert_true(ht_gossip_spend(peer, 128 << 10));
    assert_false(ht_gossip_spend(peer, 1 << 10));
    assert_int_equal(faults(0, 1, HT_FAULT_FLOOD), 1);
    world.now_ms += 1000;
    assert_true(ht_gossip_spend(peer, 256 << 10));
    assert_false(ht_gossip_spend(peer, 1));
}

static void what_was_asked_for_is_no_flood(void **state) {
    (void)state;
    /* A core pushes 250 at once; then it announces, and gives what is wanted. */
    world_init(&world, 2, 2000, 4096, 3);
    world_join(&world, 0, 1);
    for (unsigned i = 0; i < 2000; i++) world_post(&world, 0, world_event(&world, 1, 1));
    world_run(&world, 20000);
    for (unsigned i = 0; i < 2000; i++) assert_true(has(1, i));
    assert_int_equal(counts(0).pushed, 250);
    no_fault_anywhere();
}

static void liars_about_what_they_have_are_named(void **state) {
    (void)state;
    make_star(3);
    world.nodes[1].manner = WORLD_WITHHOLDS;
    world.nodes[2].manner = WORLD_SAYS_GONE;
    for (unsigned round = 0; round < 12; round++) {
        ht_hash32 ids[4];
        for (unsigned liar = 1; liar <= 2; liar++) {
            for (unsigned i = 0; i < 4; i++) world.random.fill(&world, ids[i].b, 32);
            if (!world_link_of(&world, 0, liar)->is_closed) {
                world_say(&world, liar, 0, WORLD_HAVE, ids, 4);
            }
        }
        world_run(&world, 8000);
    }
    for (unsigned liar = 1; liar <= 2; liar++) {
        assert_int_equal(faults(0, liar, HT_FAULT_NOT_HAD), 5);
        assert_true(world_link_of(&world, 0, liar)->is_closed);
    }
    assert_int_equal(world_link_of(&world, 0, 3)->score.fault_count, 0);
    assert_int_equal(counts(0).wanted_in_vain, 40);
}

/* A liar announces what an honest one announces later. */
static void withhold_once(unsigned liar, unsigned honest) {
    unsigned event = world_event(&world, 1, 1);
    world_say(&world, liar, 0, WORLD_HAVE, id_of(event), 1);
    world_run(&world, 500);
    world_push(&world, honest, 0, event);
    world.nodes[honest].at_ms[event] = world.now_ms;
    world_run(&world, 1500);
}

static void who_is_silent_about_what_others_give_is_named(void **state) {
    (void)state;
    make_star(2);
    world.nodes[1].manner = WORLD_WITHHOLDS;
    for (unsigned i = 0; i < 4; i++) {
        unsigned event = world_event(&world, 1, 1);
        assert_int_equal(faults(0, 1, HT_FAULT_WITHHELD), 0);
        world_say(&world, 1, 0, WORLD_HAVE, id_of(event), 1);
        world_run(&world, 1300); /* it was asked, and did not answer in time */
        world_post(&world, 2, event);
        world_run(&world, 3000);
        assert_true(has(0, event));
    }
    assert_int_equal(faults(0, 1, HT_FAULT_WITHHELD), 1);
    assert_int_equal(faults(0, 1, HT_FAULT_NOT_HAD), 0);
    assert_int_equal(world_link_of(&world, 0, 2)->score.fault_count, 0);
}

static void what_comes_by_another_way_in_time_blames_nobody(void **state) {
    (void)state;
    make_star(2);
    world.nodes[1].manner = WORLD_WITHHOLDS;
    for (unsigned i = 0; i < 10; i++) withhold_once(1, 2);
    no_fault_anywhere();
}

static void who_answers_late_stays(void **state) {
    (void)state;
    make_star(2);
    world.nodes[1].manner = WORLD_GIVES;
    for (int64_t delay_ms = 600; delay_ms <= 3600; delay_ms += 1000) {
        world_link_of(&world, 1, 0)->delay_ms = world_link_of(&world, 0, 1)->delay_ms = delay_ms;
        for (unsigned i = 0; i < 40; i++) {
            unsigned event = world_event(&world, 1, 1);
            world_say(&world, 1, 0, WORLD_HAVE, id_of(event), 1);
            world_run(&world, 12000);
            assert_true(has(0, event));
        }
    }
    assert_false(world_link_of(&world, 0, 1)->is_closed);
    assert_int_equal(world_link_of(&world, 0, 1)->score.fault_count, 0);
}

static void who_gives_much_over_a_thin_line_stays(void **state) {
    (void)state;
    world_init(&world, 2, 1500, 4096, 3);
    world_join(&world, 0, 1);
    world_link_of(&world, 0, 1)->push_ms = 10;
    for (unsigned i = 0; i < 1500; i++) world_post(&world, 0, world_event(&world, 1, 1));
    world_run(&world, 40000);
    assert_int_equal(world_holders(&world, 1499), 2);
    for (unsigned i = 0; i < 1500; i++) assert_true(has(1, i));
    no_fault_anywhere();
}

static void a_poisoned_id_does_not_keep_the_good_event_out(void **state) {
    (void)state;
    for (int64_t verify_ms = 0; verify_ms <= 300; verify_ms += 300) {
        if (verify_ms > 0) world_fini(&world);
        make_star(2);
        world.verify_ms = verify_ms;
        unsigned good = world_event(&world, 1, 1), bad = world_forge(&world, good);
        world_push(&world, 1, 0, bad);
        world_run(&world, 200); /* with 300 ms it is being verified when the good one comes */
        world_post(&world, 2, good);
        world_run(&world, 5000);
        assert_true(has(0, good));
        assert_int_equal(faults(0, 1, HT_FAULT_SIGNATURE), 1);
        assert_true(world_link_of(&world, 0, 1)->is_closed);
        assert_int_equal(world_link_of(&world, 0, 2)->score.fault_count, 0);
    }
}

static void what_was_put_off_comes_again(void **state) {
    (void)state;
    make_star(1);
    unsigned event = world_event(&world, 1, 1);
    world.nodes[0].verdict = HT_GOSSIP_PUT_OFF;
    world_post(&world, 1, event);
    world_run(&world, 500);
    assert_false(has(0, event));
    world.nodes[0].verdict = HT_GOSSIP_NEW;
    world_run(&world, 3000);
    assert_true(has(0, event));
    no_fault_anywhere();
}

static void nothing_is_sent_on_before_it_is_verified(void **state) {
    (void)state;
    make_star(2);
    world.verify_ms = 10000;
    world_push(&world, 1, 0, world_event(&world, 1, 1));
    world_run(&world, 9000);
    assert_int_equal(counts(0).pushed + counts(0).announced, 0);
    world_run(&world, 9000);
    assert_int_equal(counts(0).pushed, 1);
}

static void what_policy_refuses_is_not_sent_on_nor_asked_again(void **state) {
    (void)state;
    make_star(3);
    world.nodes[0].verdict = HT_GOSSIP_UNWANTED;
    unsigned event = world_event(&world, 1, 1);
    world_push(&world, 1, 0, event);
    world_run(&world, 1000);
    world_say(&world, 2, 0, WORLD_HAVE, id_of(event), 1);
    world_run(&world, 3000);
    assert_int_equal(world.nodes[0].verified[event], 1);
    assert_int_equal(counts(0).asked + counts(0).pushed + counts(0).announced, 0);
}

static void only_what_was_told_is_given_and_once(void **state) {
    (void)state;
    make_star(1);
    unsigned told = world_event(&world, 1, 1), untold = world_event(&world, 1, 1);
    world_post(&world, 0, told);
    world.nodes[0].at_ms[untold] = 0;
    ht_gossip_seen(world.nodes[0].gossip, id_of(untold), 1);
    world_run(&world, 500);
    for (unsigned i = 0; i < 3; i++) {
        world_say(&world, 1, 0, WORLD_WANT, id_of(told), 1);
        world_say(&world, 1, 0, WORLD_WANT, id_of(untold), 1);
    }
    world_run(&world, 1000);
    assert_int_equal(counts(0).gave, 1);
    assert_int_equal(world_link_of(&world, 0, 1)->ids_out, 5); /* GONE */
}

static void what_a_peer_announces_is_bounded(void **state) {
    (void)state;
    make_star(1);
    world.nodes[1].manner = WORLD_WITHHOLDS;
    for (unsigned i = 0; i < 10; i++) {
        ht_hash32 ids[HT_GOSSIP_IDS_MAX];
        world.random.fill(&world, ids[0].b, sizeof ids);
        world_say(&world, 1, 0, WORLD_HAVE, ids, HT_GOSSIP_IDS_MAX);
    }
    world_run(&world, 500);
    assert_int_equal(counts(0).asked, 2048);
}

static void the_ring_forgets_the_oldest_only(void **state) {
    (void)state;
    make(1, 2);
    struct ht_gossip *gossip = world.nodes[0].gossip;
    static ht_hash32 ids[2000];
    world.random.fill(&world, ids[0].b, sizeof ids);
    ht_gossip_seen(gossip, ids, 2000);
    struct ht_scope *all = world.nodes[0].scope;
    struct world_link link = {.node = &world.nodes[0], .other = &world.nodes[0]};
    struct ht_gossip_peer *peer = NULL;
    link.back = &link;
    link.delay_ms = 1;
    assert_int_equal(ht_gossip_add(&peer, gossip, &link, all, &link.score), HT_OK);
    for (unsigned i = 0; i < 2000; i++) ht_gossip_had(peer, &ids[i], 1);
    assert_int_equal(counts(0).asked, 2000 - 512);
    ht_gossip_remove(peer);
    assert_int_equal(counts(0).wanted_in_vain, 1488);
}

static void a_core_for_the_simulator_fits_into_64_kib(void **state) {
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    make(1, 4); /* its allocator does not count for mallinfo */
    skip();
#endif
    struct mallinfo2 before = mallinfo2();
    make(100, 4);
    world_mesh(&world, 8);
    for (unsigned i = 0; i < 20; i++) world_post(&world, i, world_event(&world, (uint8_t)i, 1));
    world_run(&world, 10000);
    struct mallinfo2 after = mallinfo2();
    size_t used = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
    used -= world.node_count * sizeof *world.nodes; /* of the test: scores of 48 links each */
    assert_true(used / 100 < ((size_t)64 << 10));
}

static void links_beyond_the_most_are_refused(void **state) {
    (void)state;
    make(1, 2);
    struct ht_gossip_peer *peers[HT_GOSSIP_PEERS_MAX], *more = NULL;
    struct ht_peer_score score;
    ht_peer_score_init(&score);
    struct ht_gossip *gossip = world.nodes[0].gossip;
    for (unsigned i = 0; i < HT_GOSSIP_PEERS_MAX; i++) {
        assert_int_equal(ht_gossip_add(&peers[i], gossip, NULL, world.nodes[0].scope, &score),
                         HT_OK);
    }
    assert_int_equal(ht_gossip_add(&more, gossip, NULL, world.nodes[0].scope, &score), HT_ELIMIT);
    ht_gossip_remove(peers[40]);
    assert_int_equal(ht_gossip_add(&more, gossip, NULL, world.nodes[0].scope, &score), HT_OK);
}

static void a_third_of_offline_nodes_and_liars_stops_nothing(void **state) {
    (void)state;
    make(60, 11);
    world_mesh(&world, 12);
    for (unsigned i = 0; i < 60; i += 5) world.nodes[i].manner = WORLD_OFFLINE;
    for (unsigned i = 1; i < 60; i += 5) world.nodes[i].manner = WORLD_WITHHOLDS;
    for (unsigned e = 0; e < 20; e++) {
        world_post(&world, 2 + 5 * (e % 12), world_event(&world, 1, 1));
        world_run(&world, 8000);
        assert_int_equal(world_holders(&world, e), 36);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
    const struct CMUnitTest tests[] = {
        TEST(fifty_nodes_converge_within_the_bytes_of_the_model),
        TEST(one_seed_gives_one_course_of_things),
        TEST(many_events_at_once_are_announced_in_batches),
        TEST(nothing_goes_back_to_where_it_came_from),
        TEST(who_announces_it_meanwhile_is_not_told),
        TEST(a_withheld_event_is_asked_of_the_next),
        TEST(who_announces_what_is_overdue_is_asked_at_once),
        TEST(asks_again_exactly_when_the_time_is_over),
        TEST(who_goes_away_is_not_waited_for),
        TEST(ephemeral_events_go_one_hop),
        TEST(ephemeral_events_are_known_for_a_minute),
        TEST(a_link_carries_what_the_other_side_carries),
        TEST(what_we_do_not_carry_is_a_fault_and_not_taken),
        TEST(a_scope_set_anew_is_no_trap_for_peers),
        TEST(private_kinds_never_travel),
        TEST(echoes_long_after_are_named),
        TEST(what_catch_up_finds_is_offered_once_and_to_who_lacks_it),
        TEST(offers_are_as_many_as_a_peer_takes),
        TEST(a_flood_is_named_and_ends_the_link),
        TEST(too_many_bytes_are_refused),
        TEST(what_was_asked_for_is_no_flood),
        TEST(liars_about_what_they_have_are_named),
        TEST(who_is_silent_about_what_others_give_is_named),
        TEST(what_comes_by_another_way_in_time_blames_nobody),
        TEST(who_answers_late_stays),
        TEST(who_gives_much_over_a_thin_line_stays),
        TEST(a_poisoned_id_does_not_keep_the_good_event_out),
        TEST(what_was_put_off_comes_again),
        TEST(nothing_is_sent_on_before_it_is_verified),
        TEST(what_policy_refuses_is_not_sent_on_nor_asked_again),
        TEST(only_what_was_told_is_given_and_once),
        TEST(what_a_peer_announces_is_bounded),
        TEST(the_ring_forgets_the_oldest_only),
        TEST(a_core_for_the_simulator_fits_into_64_kib),
        TEST(links_beyond_the_most_are_refused),
        TEST(a_third_of_offline_nodes_and_liars_stops_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
