/* The simulator: the same seed is the same run; each scenario's assertions hold with few nodes; its
 * world keeps order, counts frames and loses what is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdlib.h>

#include "node/p2p/sim.h"
#include "node/p2p/sim_events.h"
#include "node/p2p/sim_plot.h"

static struct ht_sim_options options_of(enum ht_sim_scenario scenario, unsigned nodes) {
    struct ht_sim_options options;
    ht_sim_defaults(&options, scenario);
    options.nodes = nodes;
    return options;
}

static json_t *run(const struct ht_sim_options *options) {
    json_t *report = NULL;
    struct ht_why why = {0};
    enum ht_err err = ht_sim_run(&report, options, &why);
    if (err != HT_OK) fail_msg("%s: %s", ht_err_name(err), why.text);
    return report;
}

static long long figure(const json_t *report, const char *name) {
    const json_t *value = json_object_get(json_object_get(report, "figures"), name);
    if (value == NULL) fail_msg("there is no %s", name);
    return (long long)json_integer_value(value);
}

/* Fails with what does not hold. */
static void assert_holds(const json_t *report) {
    size_t i;
    const json_t *one;
    assert_true(json_array_size(json_object_get(report, "assertions")) > 0);
    json_array_foreach(json_object_get(report, "assertions"), i, one) {
        if (json_is_true(json_object_get(one, "holds"))) continue;
        fail_msg("%s is %lld, not %s %lld", json_string_value(json_object_get(one, "name")),
                 (long long)json_integer_value(json_object_get(one, "is")),
                 json_string_value(json_object_get(one, "must_be")),
                 (long long)json_integer_value(json_object_get(one, "bound")));
    }
    assert_true(json_is_true(json_object_get(report, "holds")));
}

static void check(const struct ht_sim_options *options) {
    json_t *report = run(options);
    assert_holds(report);
    json_decref(report);
}

static char *text_of(const struct ht_sim_options *options) {
    json_t *report = run(options);
    char *text = json_dumps(report, JSON_COMPACT);
    json_decref(report);
    assert_non_null(text);
    return text;
}

/* --- runs ------------------------------------------------------------------------------------- */

static void the_same_seed_gives_the_same_report(void **state) {
    (void)state;
    static const enum ht_sim_scenario all[] = {HT_SIM_GOSSIP,    HT_SIM_SYBIL, HT_SIM_SKEW,
                                               HT_SIM_PARTITION, HT_SIM_SWARM, HT_SIM_TAIL};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct ht_sim_options options = options_of(all[i], all[i] == HT_SIM_SWARM ? 5 : 30);
        options.layer = HT_SIM_LAYER_MESH;
        options.events = 5;
        options.offline_percent = 10;
        options.store_events = 2000;
        options.blob_bytes = 1 << 20;
        char *one = text_of(&options), *other = text_of(&options);
        assert_string_equal(one, other);
        free(other);
        options.seed++;
        other = text_of(&options);
        assert_string_not_equal(one, other);
        free(one);
        free(other);
    }
}

static void gossip_costs_and_takes_what_it_may_and_catch_up_closes_the_holes(void **state) {
    (void)state;
    struct ht_sim_options options = options_of(HT_SIM_GOSSIP, 400);
    check(&options);
    options.offline_percent = 20;
    json_t *report = run(&options);
    assert_holds(report);
    assert_int_equal(figure(report, "honest_online"), 320);
    assert_true(figure(report, "catchup_events") >= 80);
    json_decref(report);
}

static void gossip_costs_the_same_in_a_small_and_in_a_large_network(void **state) {
    (void)state;
    long long bytes[2];
    static const unsigned nodes[2] = {60, 600};
    for (size_t i = 0; i < 2; i++) {
        struct ht_sim_options options = options_of(HT_SIM_GOSSIP, nodes[i]);
        json_t *report = run(&options);
        const json_t *first = json_array_get(json_object_get(report, "assertions"), 0);
        assert_string_equal(json_string_value(json_object_get(first, "name")),
                            "bytes_in_per_event");
        bytes[i] = (long long)json_integer_value(json_object_get(first, "is"));
        json_decref(report);
    }
    assert_true(bytes[1] * 100 <= bytes[0] * 105 && bytes[0] * 100 <= bytes[1] * 105);
}

static void the_whole_mesh_does_as_well_as_gossip_alone(void **state) {
    (void)state;
    struct ht_sim_options options = options_of(HT_SIM_GOSSIP, 120);
    options.layer = HT_SIM_LAYER_MESH;
    options.offline_percent = 20;
    check(&options);
}

static void real_signatures_hold_as_the_stub_does(void **state) {
    (void)state;
    struct ht_sim_options options = options_of(HT_SIM_GOSSIP, 40);
    options.verifies = true;
    options.events = 5;
    check(&options);
}

static void dishonest_nodes_are_named_and_let_go_and_the_honest_converge(void **state) {
    (void)state;
    static const char *const dropped[] = {"liars_dropped", "withholders_dropped", "floods_dropped",
                                          "forgers_dropped", "replayers_dropped"};
    for (unsigned layer = HT_SIM_LAYER_GOSSIP; layer <= HT_SIM_LAYER_MESH; layer++) {
        struct ht_sim_options options = options_of(HT_SIM_SYBIL, 80);
        options.layer = (enum ht_sim_layer_kind)layer;
        json_t *report = run(&options);
        assert_holds(report);
        for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) {
            assert_true(figure(report, dropped[i]) > 0);
        }
        assert_true(figure(report, "named_bad_signature") > 0);
        assert_true(figure(report, "named_not_had") > 0);
        json_decref(report);
    }
}

static void halves_that_find_each_other_have_all(void **state) {
    (void)state;
    struct ht_sim_options options = options_of(HT_SIM_PARTITION, 120);
    check(&options);
    options.layer = HT_SIM_LAYER_MESH;
    check(&options);
}

static void clocks_ten_minutes_apart_do_no_harm(void **state) {
    (void)state;
    struct ht_sim_options options = options_of(HT_SIM_SKEW, 100);
    check(&options);
    options.layer = HT_SIM_LAYER_MESH;
    check(&options);
}

static void a_tail_of_one_percent_costs_its_ids(void **state) {
    (void)state;
    struct ht_sim_options options = options_of(HT_SIM_TAIL, 2);
    json_t *report = run(&options);
    assert_holds(report);
    assert_int_equal(figure(report, "lacking"), 1000);
    json_decref(report);
}

static void a_swarm_is_faster_than_the_author_and_the_more_so_the_larger(void **state) {
    (void)state;
    long long last = 0, late = 0;
    static const unsigned peers[] = {2, 8, 20};
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        struct ht_sim_options options = options_of(HT_SIM_SWARM, peers[i]);
        options.blob_bytes = 4 << 20;
        options.upload_bytes_per_s = 40 << 10;
        json_t *report = run(&options);
        if (peers[i] == 20) assert_holds(report);
        long long speedup = figure(report, "speedup_permille");
        long long late_comer = figure(report, "late_comer_ms");
        assert_true(speedup > last);
        assert_true(late == 0 || late_comer < late);
        last = speedup;
        late = late_comer;
        json_decref(report);
    }
}

static void options_out_of_bounds_are_refused(void **state) {
    (void)state;
    static const struct {
        enum ht_sim_scenario scenario;
        unsigned nodes, degree, events, offline, least_ms;
        const char *code;
    } wrong[] = {{HT_SIM_GOSSIP, 19, 8, 20, 0, 20, "bad_nodes"},
                 {HT_SIM_GOSSIP, HT_SIM_NODES_MAX + 1, 8, 20, 0, 20, "bad_nodes"},
                 {HT_SIM_GOSSIP, 100, 1, 20, 0, 20, "bad_degree"},
                 {HT_SIM_GOSSIP, 100, 17, 20, 0, 20, "bad_degree"},
                 {HT_SIM_GOSSIP, 100, 8, 0, 0, 20, "bad_events"},
                 {HT_SIM_GOSSIP, 100, 8, HT_SIM_EVENTS_MAX + 1, 0, 20, "bad_events"},
                 {HT_SIM_GOSSIP, 100, 8, 20, 81, 20, "bad_share"},
                 {HT_SIM_GOSSIP, 100, 8, 20, 0, 151, "bad_latency"},
                 {HT_SIM_SWARM, 0, 8, 20, 0, 20, "bad_nodes"},
                 {HT_SIM_SWARM, 61, 8, 20, 0, 20, "bad_nodes"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct ht_sim_options options = options_of(wrong[i].scenario, wrong[i].nodes);
        struct ht_why why = {0};
        json_t *report = NULL;
        options.degree = wrong[i].degree;
        options.events = wrong[i].events;
        options.offline_percent = wrong[i].offline;
        options.latency_min_ms = wrong[i].least_ms;
        assert_int_equal(ht_sim_run(&report, &options, &why), HT_EINPUT);
        assert_string_equal(why.code, wrong[i].code);
        assert_null(report);
    }
}

static void scenarios_have_names(void **state) {
    (void)state;
    enum ht_sim_scenario scenario = HT_SIM_GOSSIP;
    assert_true(ht_sim_scenario_of(&scenario, "tail"));
    assert_int_equal(scenario, HT_SIM_TAIL);
    assert_string_equal(ht_sim_scenario_name(HT_SIM_SYBIL), "sybil");
    assert_false(ht_sim_scenario_of(&scenario, "tai"));
    assert_int_equal(scenario, HT_SIM_TAIL);
}

/* --- the world -------------------------------------------------------------------------------- */

struct heard {
    char text[64];
    size_t n;
    int64_t at_us;
    struct ht_sim_world *world;
};

static void hear(void *user, ht_bytes text, const void *shared) {
    struct heard *heard = user;
    assert_null(shared);
    assert_true(heard->n + text.n < sizeof heard->text);
    memcpy(heard->text + heard->n, text.p, text.n);
    heard->n += text.n;
    heard->at_us = heard->world->now_us;
}

static void note(void *user, void *what) {
    char *at = user;
    at[strlen(at)] = *(const char *)what;
}

static void what_is_due_at_the_same_time_comes_as_it_was_planned(void **state) {
    (void)state;
    struct ht_sim_world world;
    char order[8] = "", names[] = "abcd";
    ht_sim_world_init(&world, 1);
    ht_sim_at(&world, 20, note, order, &names[2]);
    ht_sim_at(&world, 10, note, order, &names[0]);
    ht_sim_at(&world, 10, note, order, &names[1]);
    ht_sim_at(&world, 30, note, order, &names[3]);
    ht_sim_run_until(&world, 20);
    assert_string_equal(order, "abc");
    assert_int_equal(world.now_us, 20);
    ht_sim_run_until(&world, 100);
    assert_string_equal(order, "abcd");
    assert_int_equal(world.now_us, 100);
    ht_sim_world_fini(&world);
}

static void a_wire_has_latency_rate_and_order_and_loses_what_is_cut(void **state) {
    (void)state;
    struct ht_sim_world world;
    ht_sim_world_init(&world, 1);
    struct heard heard[2] = {{.world = &world}, {.world = &world}};
    struct ht_sim_wire wire = {
        .world = &world,
        .ends = {{.received = hear, .user = &heard[0]}, {.received = hear, .user = &heard[1]}},
        .latency_us = 1000,
        .bytes_per_s = 10000};
    assert_false(ht_sim_wire_send(&wire, 0, ht_bytes_str("x"), NULL));
    ht_sim_wire_join(&wire);
    assert_true(ht_sim_wire_send(&wire, 0, ht_bytes_str("abcd"), NULL));
    assert_true(ht_sim_wire_send(&wire, 0, ht_bytes_str("efgh"), NULL));
    ht_sim_run_until(&world, 1999);
    assert_int_equal(heard[1].n, 0);
    /* Ten bytes with the frame, at ten thousand a second: a millisecond each. */
    ht_sim_run_until(&world, 3000);
    assert_string_equal(heard[1].text, "abcdefgh");
    assert_int_equal(heard[1].at_us, 3000);
    assert_int_equal(wire.ends[1].bytes_in, 20);
    assert_true(ht_sim_wire_send(&wire, 1, ht_bytes_str("lost"), NULL));
    ht_sim_wire_cut(&wire);
    ht_sim_wire_join(&wire);
    ht_sim_run_until(&world, 10000);
    assert_int_equal(heard[0].n, 0);
    assert_true(ht_sim_wire_send(&wire, 1, ht_bytes_str("left"), NULL));
    ht_sim_wire_fini(&wire);
    ht_sim_world_fini(&world);
}

static void frames_are_counted_as_rfc_6455_has_them(void **state) {
    (void)state;
    assert_int_equal(ht_sim_frame(125, false), 127);
    assert_int_equal(ht_sim_frame(125, true), 131);
    assert_int_equal(ht_sim_frame(126, false), 130);
    assert_int_equal(ht_sim_frame(65535, true), 65543);
    assert_int_equal(ht_sim_frame(65536, false), 65546);
}

static void events_are_whole_of_the_size_of_the_model_and_forged_ones_are_not(void **state) {
    (void)state;
    struct ht_sim_world world;
    struct ht_sim_events events;
    struct ht_event copy;
    ht_sim_world_init(&world, 3);
    assert_int_equal(ht_sim_events_init(&events, &world, 2, true, NULL), HT_OK);
    const struct ht_sim_event *made = ht_sim_events_make(&events, &world, 1700000000);
    assert_non_null(made);
    assert_int_equal(made->event.json.n, HT_SIM_EVENT_SIZE);
    assert_int_equal(ht_event_verify(&made->event, NULL), HT_OK);
    assert_ptr_equal(ht_sim_events_find(&events, &made->event.id), made);
    assert_true(ht_sim_events_is_good(&events, &made->event));
    copy = made->event;
    copy.json.n--;
    assert_false(ht_sim_events_is_good(&events, &copy));
    copy = made->event;
    copy.id.b[0] ^= 1;
    assert_null(ht_sim_events_find(&events, &copy.id));
    assert_false(ht_sim_events_is_good(&events, &copy));
    assert_non_null(ht_sim_events_make(&events, &world, 1700000000));
    assert_null(ht_sim_events_make(&events, &world, 1700000000));
    ht_sim_events_fini(&events);
    ht_sim_world_fini(&world);
}

static void a_chart_has_a_point_for_each_run_and_its_bound(void **state) {
    (void)state;
    const struct ht_sim_chart chart = {
        .title = "Runs",
        .x_title = "nodes",
        .x = {100, 1000},
        .count = 2,
        .panels = {{.title = "bytes", .values = {2400, 0}, .bound = 2600}},
        .panel_count = 1};
    struct ht_buf svg;
    ht_buf_init(&svg, 1 << 16);
    assert_int_equal(ht_sim_plot(&svg, &chart), HT_OK);
    assert_int_equal(ht_buf_add(&svg, ht_bytes_of("", 1)), HT_OK);
    const char *text = (const char *)svg.p;
    assert_memory_equal(text, "<svg ", 5);
    assert_non_null(strstr(text, "<title>2400</title>"));
    assert_non_null(strstr(text, "bound 2600"));
    assert_non_null(strstr(text, ">1000</text>"));
    assert_string_equal(text + svg.n - 8, "</svg>\n");
    ht_buf_fini(&svg);
    ht_buf_init(&svg, 100);
    assert_int_equal(ht_sim_plot(&svg, &chart), HT_ELIMIT);
    ht_buf_fini(&svg);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_report),
        cmocka_unit_test(gossip_costs_and_takes_what_it_may_and_catch_up_closes_the_holes),
        cmocka_unit_test(gossip_costs_the_same_in_a_small_and_in_a_large_network),
        cmocka_unit_test(the_whole_mesh_does_as_well_as_gossip_alone),
        cmocka_unit_test(real_signatures_hold_as_the_stub_does),
        cmocka_unit_test(dishonest_nodes_are_named_and_let_go_and_the_honest_converge),
        cmocka_unit_test(halves_that_find_each_other_have_all),
        cmocka_unit_test(clocks_ten_minutes_apart_do_no_harm),
        cmocka_unit_test(a_tail_of_one_percent_costs_its_ids),
        cmocka_unit_test(a_swarm_is_faster_than_the_author_and_the_more_so_the_larger),
        cmocka_unit_test(options_out_of_bounds_are_refused),
        cmocka_unit_test(scenarios_have_names),
        cmocka_unit_test(what_is_due_at_the_same_time_comes_as_it_was_planned),
        cmocka_unit_test(a_wire_has_latency_rate_and_order_and_loses_what_is_cut),
        cmocka_unit_test(frames_are_counted_as_rfc_6455_has_them),
        cmocka_unit_test(events_are_whole_of_the_size_of_the_model_and_forged_ones_are_not),
        cmocka_unit_test(a_chart_has_a_point_for_each_run_and_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
