/* Two sides catch up, with every kind of relay at the other end. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "node/p2p/catchup.h"
#include "tests/unit/relay_fake.h"

#define NOW_S INT64_C(1800000000)
#define DAY 86400

/* Our side: what it has, and what became of the session. */
struct node {
    struct ht_fp_tree *tree;
    struct ht_catchup *catchup;
    struct fake_relay *relay;
    int64_t mono_ms;
    bool is_stuck; /* the socket takes nothing */
    struct ht_buf taken, offered;
    size_t take_limit; /* then the connection is cut; 0: never */
    uint64_t last_taken_at;
    unsigned dones;
    enum ht_err err;
    char code[32];
};

static int64_t wall_ms(void *self) {
    (void)self;
    return NOW_S * 1000;
}

static int64_t mono_ms(void *self) {
    return ((struct node *)self)->mono_ms;
}

static bool say(void *user, ht_bytes text) {
    struct node *node = user;
    if (node->is_stuck) return false;
    fake_hear(node->relay, text);
    return true;
}

static void take(void *user, ht_bytes json) {
    struct node *node = user;
    json_t *event = NULL;
    bool is_new;
    assert_int_equal(ht_json_parse(&event, json, 1000, NULL), HT_OK);
    struct ht_neg_item item = {
        .created_at = (uint64_t)json_integer_value(json_object_get(event, "created_at"))};
    assert_int_equal(
        ht_hex_read(item.id.b, 32, ht_bytes_str(json_string_value(json_object_get(event, "id")))),
        HT_OK);
    json_decref(event);
    assert_int_equal(ht_buf_add(&node->taken, HT_BYTES(item.id.b)), HT_OK);
    assert_int_equal(ht_fp_tree_insert(&is_new, node->tree, &item), HT_OK);
    node->last_taken_at = item.created_at;
}

static void offer(void *user, const ht_hash32 *id) {
    struct node *node = user;
    assert_int_equal(ht_buf_add(&node->offered, HT_BYTES(id->b)), HT_OK);
}

static void done(void *user, enum ht_err err, const struct ht_why *why) {
    struct node *node = user;
    node->dones++;
    node->err = err;
    (void)snprintf(node->code, sizeof node->code, "%s", err == HT_OK ? "" : why->code);
    ht_catchup_free(node->catchup);
    node->catchup = NULL;
}

static struct ht_catchup_counts counts; /* of the session, before its end */

static void node_start(struct node *node, struct fake_relay *relay, struct ht_neg_item *items,
                       size_t count) {
    *node = (struct node){.relay = relay};
    ht_buf_init(&node->taken, (size_t)8 << 20);
    ht_buf_init(&node->offered, (size_t)8 << 20);
    assert_int_equal(ht_fp_tree_new(&node->tree), HT_OK);
    assert_int_equal(ht_fp_tree_fill(node->tree, items, count, NULL), HT_OK);
}

static void node_begin(struct node *node, struct ht_catchup_mark from, bool offers) {
    const struct ht_clock clock = {.wall_ms = wall_ms, .mono_ms = mono_ms, .self = node};
    json_t *filter = json_pack("{s:[i]}", "kinds", 1);
    const struct ht_catchup_options options = {
        .clock = &clock,
        .name = "catch-up",
        .filter = filter,
        .ours = node->tree,
        .offers = offers,
        .offers_a_second = 1000,
        .from = from,
        .io = {.send = say, .take = take, .offer = offer, .done = done, .user = node},
    };
    node->dones = 0;
    assert_int_equal(ht_catchup_new(&node->catchup, &options, NULL), HT_OK);
    json_decref(filter);
    ht_catchup_begin(node->catchup);
}

static void node_end(struct node *node) {
    ht_catchup_free(node->catchup);
    ht_fp_tree_free(node->tree);
    ht_buf_fini(&node->taken);
    ht_buf_fini(&node->offered);
}

/* What the relay has said is heard, until it is over, nothing more is said or so much was taken. */
static void pump(struct node *node) {
    struct fake_relay *relay = node->relay;
    for (size_t i = 0; i < 1000000 && node->catchup != NULL; i++) {
        counts = ht_catchup_counts(node->catchup);
        if (relay->first < relay->end) {
            struct ht_buf *text = &relay->answers[relay->first++ % FAKE_QUEUE];
            struct ht_buf heard = *text;
            assert_true(ht_catchup_received(node->catchup, ht_buf_view(&heard)) ||
                        heard.p[2] == 'N');
            ht_buf_fini(&heard);
            if (node->take_limit > 0 && node->taken.n / 32 >= node->take_limit) return;
        } else {
            int64_t next_ms = ht_catchup_tick(node->catchup);
            if (node->catchup == NULL || next_ms > 100) return;
            node->mono_ms += next_ms;
        }
    }
}

/* Of COUNT events over a year we lack each ninth, the other each seventh; both sides' newest days
 * have some of their own. */
enum { COUNT = 3000 };

static size_t make(struct ht_neg_item *out, uint32_t lack) {
    size_t n = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        uint64_t age = (uint64_t)i * i * 365 * DAY / ((uint64_t)COUNT * COUNT);
        if (i % lack != 0) out[n++] = fake_item(i, (uint64_t)NOW_S - age);
    }
    return n;
}

static size_t lacking(uint32_t lack, uint32_t other) {
    size_t n = 0;
    for (uint32_t i = 0; i < COUNT; i++) n += i % lack == 0 && i % other != 0;
    return n;
}

struct world {
    struct fake_relay relay;
    struct node node;
};

static void world_start(struct world *world) {
    static struct ht_neg_item items[COUNT];
    size_t n = make(items, 7);
    fake_start(&world->relay, items, n, NOW_S);
    n = make(items, 9);
    node_start(&world->node, &world->relay, items, n);
}

static void world_end(struct world *world) {
    node_end(&world->node);
    fake_end(&world->relay);
}

static void expect_end(const struct node *node, enum ht_err err, const char *code) {
    assert_int_equal(node->dones, 1);
    assert_string_equal(node->code, code);
    assert_int_equal(node->err, err);
}

static void expect_all(const struct node *node, bool offers) {
    expect_end(node, HT_OK, "");
    assert_int_equal(node->taken.n / 32, lacking(9, 7));
    assert_int_equal(node->offered.n / 32, offers ? lacking(7, 9) : 0);
}

/* --- with NIP-77 ------------------------------------------------------------------------------*/

static void catchup_finds_and_fetches_what_is_lacking_newest_window_first(void **state) {
    static struct world world;
    (void)state;
    world_start(&world);
    node_begin(&world.node, (struct ht_catchup_mark){0}, true);
    pump(&world.node);
    expect_all(&world.node, true);
    assert_string_equal(world.relay.windows, "dwma");
    assert_true(counts.has_neg);
    assert_int_equal(counts.taken, counts.needed);
    world_end(&world);
}

static void catchup_offers_nothing_unless_it_is_to(void **state) {
    static struct world world;
    (void)state;
    world_start(&world);
    node_begin(&world.node, (struct ht_catchup_mark){0}, false);
    pump(&world.node);
    expect_all(&world.node, false);
    world_end(&world);
}

static void catchup_keeps_its_frames_and_bears_small_ones(void **state) {
    static struct world world;
    static struct ht_neg_item items[40000];
    (void)state;
    for (uint32_t i = 0; i < 40000; i++) items[i] = fake_item(i, (uint64_t)NOW_S - i);
    fake_start(&world.relay, items, 40000, NOW_S);
    for (uint32_t i = 0; i < 20000; i++) items[i] = fake_item(2 * i, (uint64_t)NOW_S - 2 * i);
    node_start(&world.node, &world.relay, items, 20000);
    world.relay.neg_limit = 4096;
    node_begin(&world.node, (struct ht_catchup_mark){0}, false);
    pump(&world.node);
    expect_end(&world.node, HT_OK, "");
    assert_int_equal(world.node.taken.n / 32, 20000);
    assert_true(world.relay.longest <= 2 * HT_CATCHUP_FRAME + 200);
    world_end(&world);
}

static void catchup_goes_on_with_its_window_after_a_cut(void **state) {
    static struct world world;
    (void)state;
    world_start(&world);
    struct node *node = &world.node;
    node->take_limit = lacking(9, 7) - 3;
    node_begin(node, (struct ht_catchup_mark){0}, false);
    pump(node);
    struct ht_catchup_mark mark = ht_catchup_mark(node->catchup);
    assert_int_equal(mark.window, 3);
    ht_catchup_cut(node->catchup);
    expect_end(node, HT_EAGAIN, "cut");
    while (world.relay.first < world.relay.end)
        ht_buf_fini(&world.relay.answers[world.relay.first++ % FAKE_QUEUE]);
    node->take_limit = 0;
    memset(world.relay.windows, 0, sizeof world.relay.windows);
    node_begin(node, mark, false);
    pump(node);
    /* The last day again, for what came meanwhile. */
    assert_string_equal(world.relay.windows, "da");
    expect_all(node, false);
    world_end(&world);
}

static void catchup_waits_for_a_socket_that_is_full(void **state) {
    static struct world world;
    (void)state;
    world_start(&world);
    world.node.is_stuck = true;
    node_begin(&world.node, (struct ht_catchup_mark){0}, false);
    pump(&world.node);
    assert_int_equal(world.node.dones, 0);
    world.node.is_stuck = false;
    ht_catchup_drained(world.node.catchup);
    pump(&world.node);
    expect_all(&world.node, false);
    world_end(&world);
}

/* Our side has all but the newest 1 % of 100,000 events; `seconds` apart. */
static void tail_of(uint64_t seconds) {
    enum { ALL = 100000 };
    static struct world world;
    static struct ht_neg_item items[ALL];
    struct timespec from, to;
    for (uint32_t i = 0; i < ALL; i++) items[i] = fake_item(i, (uint64_t)NOW_S - i * seconds);
    fake_start(&world.relay, items, ALL, NOW_S);
    for (uint32_t i = 0; i < ALL; i++) items[i] = fake_item(i, (uint64_t)NOW_S - i * seconds);
    node_start(&world.node, &world.relay, items + ALL / 100, ALL - ALL / 100);
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    node_begin(&world.node, (struct ht_catchup_mark){0}, false);
    pump(&world.node);
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    int64_t us = (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
    expect_end(&world.node, HT_OK, "");
    assert_int_equal(world.node.taken.n / 32, ALL / 100);
    print_message("%llu s apart: %llu + %llu bytes to compare, %llu answers; in all %llu + %llu, "
                  "%lld us\n",
                  (unsigned long long)seconds, (unsigned long long)counts.compared_in,
                  (unsigned long long)counts.compared_out, (unsigned long long)counts.rounds,
                  (unsigned long long)counts.bytes_in, (unsigned long long)counts.bytes_out,
                  (long long)us);
    assert_true(counts.compared_in + counts.compared_out <= 75000);
    world_end(&world);
}

static void catchup_of_the_newest_of_100000_events_costs_75_kilobytes(void **state) {
    (void)state;
    tail_of(1);
    tail_of(86);
    tail_of(300);
    tail_of(3000);
}

/* --- without ----------------------------------------------------------------------------------*/

static void catchup_pages(const char *refusal, bool is_silent, unsigned page_max) {
    static struct world world;
    world_start(&world);
    struct node *node = &world.node;
    world.relay.has_neg = false;
    world.relay.refusal = refusal;
    world.relay.is_silent = is_silent;
    world.relay.page_max = page_max;
    node_begin(node, (struct ht_catchup_mark){0}, true);
    pump(node);
    if (is_silent) {
        world.relay.is_silent = false;
        node->mono_ms += HT_CATCHUP_SILENCE_MS;
        assert_int_equal(ht_catchup_tick(node->catchup), HT_CATCHUP_SILENCE_MS);
        pump(node);
    }
    expect_all(node, true);
    assert_false(counts.has_neg);
    world_end(&world);
}

static void catchup_asks_page_by_page_where_there_is_no_neg(void **state) {
    (void)state;
    catchup_pages("[\"NOTICE\",\"ERROR: bad msg: unknown cmd\"]", false, 500);
    catchup_pages("[\"CLOSED\",\"%s\",\"unsupported: no\"]", false, 100);
    catchup_pages("[\"NEG-ERR\",\"%s\",\"blocked: too many events match\"]", false, 37);
    catchup_pages("", true, 500);
}

static void catchup_bears_a_second_with_more_events_than_a_page(void **state) {
    static struct world world;
    static struct ht_neg_item items[1500];
    (void)state;
    for (uint32_t i = 0; i < 1500; i++) {
        bool is_alone = i < 100 || i >= 1100;
        items[i] = fake_item(i, (uint64_t)NOW_S - 10 - (is_alone ? i : 100));
    }
    fake_start(&world.relay, items, 1500, NOW_S);
    node_start(&world.node, &world.relay, items, 0);
    world.relay.has_neg = false;
    world.relay.page_max = 5000;
    node_begin(&world.node, (struct ht_catchup_mark){0}, false);
    pump(&world.node);
    expect_end(&world.node, HT_OK, "");
    assert_int_equal(ht_fp_tree_count(world.node.tree), 1500);
    world_end(&world);
}

static void catchup_by_pages_goes_on_within_its_window(void **state) {
    static struct world world;
    (void)state;
    world_start(&world);
    struct node *node = &world.node;
    world.relay.has_neg = false;
    node->take_limit = lacking(9, 7) - 30;
    node_begin(node, (struct ht_catchup_mark){0}, false);
    pump(node);
    struct ht_catchup_mark mark = ht_catchup_mark(node->catchup);
    assert_int_equal(mark.window, 3);
    assert_true(mark.until_s > 0 && mark.until_s < NOW_S - 30 * DAY);
    assert_true((uint64_t)mark.until_s >= node->last_taken_at);
    ht_catchup_cut(node->catchup);
    while (world.relay.first < world.relay.end)
        ht_buf_fini(&world.relay.answers[world.relay.first++ % FAKE_QUEUE]);
    node->take_limit = 0;
    node_begin(node, mark, false);
    pump(node);
    expect_all(node, false);
    world_end(&world);
}

/* --- what is wrong ----------------------------------------------------------------------------*/

/* The session has begun; then the relay says something else. */
static void answers(const char *text, enum ht_err err, const char *code) {
    static struct world world;
    world_start(&world);
    world.relay.is_silent = true;
    node_begin(&world.node, (struct ht_catchup_mark){0}, false);
    (void)ht_catchup_received(world.node.catchup, ht_bytes_str(text));
    expect_end(&world.node, err, code);
    world_end(&world);
}

static void catchup_ends_with_what_is_wrong(void **state) {
    (void)state;
    answers("[\"NEG-MSG\",\"catch-up\",\"61zz\"]", HT_EINPUT, "neg_malformed");
    answers("[\"NEG-MSG\",\"catch-up\",\"0x61\"]", HT_EINPUT, "neg_malformed");
    answers("[\"NEG-MSG\",\"catch-up\",\"61000003\"]", HT_EINPUT, "neg_malformed");
    answers("[\"NEG-MSG\",\"catch-up\",\"60\"]", HT_EINPUT, "neg_version");
    answers("[\"NEG-ERR\",\"catch-up\",\"auth-required: who are you\"]", HT_EDENIED,
            "auth-required");
    answers("[\"NEG-ERR\",\"catch-up\",\"restricted: not you\"]", HT_EDENIED, "restricted");
    answers("[\"CLOSED\",\"catch-up\",\"auth-required: who\"]", HT_EDENIED, "auth-required");
}

static void catchup_is_not_moved_by_what_is_not_for_it(void **state) {
    static const char *const texts[] = {"",
                                        "[]",
                                        "{}",
                                        "[\"EOSE\"]",
                                        "[\"NEG-MSG\",\"catch-up\"]",
                                        "[\"NEG-MSG\",\"catch-u\",\"61\"]",
                                        "[\"EVENT\",\"catch-up:1\",{}]",
                                        "[\"EOSE\",\"catch-up:1x\"]",
                                        "[\"OK\",\"catch-up\",true,\"\"]",
                                        "[\"NEG-MSG\",7,\"61\"]",
                                        "[\"CLOSED\",\"other\",\"auth-required: x\"]"};
    static struct world world;
    (void)state;
    world_start(&world);
    world.relay.is_silent = true;
    node_begin(&world.node, (struct ht_catchup_mark){0}, false);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_false(ht_catchup_received(world.node.catchup, ht_bytes_str(texts[i])));
        assert_int_equal(world.node.dones, 0);
    }
    world_end(&world);
}

static void catchup_ends_when_the_other_says_nothing_more(void **state) {
    static struct world world;
    (void)state;
    world_start(&world);
    node_begin(&world.node, (struct ht_catchup_mark){0}, false);
    counts = ht_catchup_counts(world.node.catchup);
    world.relay.is_silent = true;
    pump(&world.node);
    assert_int_equal(world.node.dones, 0);
    world.node.mono_ms += HT_CATCHUP_SILENCE_MS;
    assert_int_equal(ht_catchup_tick(world.node.catchup), -1);
    expect_end(&world.node, HT_EAGAIN, "silent");
    world_end(&world);
}

static void catchup_ends_when_a_comparison_has_no_end(void **state) {
    static struct world world;
    (void)state;
    world_start(&world);
    world.relay.is_silent = true;
    node_begin(&world.node, (struct ht_catchup_mark){0}, false);
    /* A fingerprint of everything that never fits. */
    for (size_t i = 0; i < 2 * HT_CATCHUP_ROUNDS_MAX && world.node.catchup != NULL; i++) {
        (void)ht_catchup_received(
            world.node.catchup,
            ht_bytes_str(
                "[\"NEG-MSG\",\"catch-up\",\"61000001000102030405060708090a0b0c0d0e0f\"]"));
    }
    expect_end(&world.node, HT_EINPUT, "neg_endless");
    world_end(&world);
}

static void catchup_takes_only_what_it_asked_for(void **state) {
    static struct world world;
    struct ht_neg_item other = fake_item(999999, (uint64_t)NOW_S - 5);
    char text[300], hex[HT_HEX_SIZE(32)];
    (void)state;
    world_start(&world);
    /* Stops at the first batch. */
    node_begin(&world.node, (struct ht_catchup_mark){0}, false);
    while (world.node.taken.n == 0) {
        struct ht_buf heard = world.relay.answers[world.relay.first++ % FAKE_QUEUE];
        (void)ht_catchup_received(world.node.catchup, ht_buf_view(&heard));
        ht_buf_fini(&heard);
    }
    size_t taken = world.node.taken.n;
    ht_hex_write(hex, HT_BYTES(other.id.b));
    (void)snprintf(text, sizeof text, "[\"EVENT\",\"catch-up:1\",{\"id\":\"%s\",\"created_at\":5}]",
                   hex + 2);
    for (size_t i = 0; i < 1001 && world.node.catchup != NULL; i++) {
        assert_int_equal(world.node.taken.n, taken);
        (void)ht_catchup_received(world.node.catchup, ht_bytes_str(text));
    }
    expect_end(&world.node, HT_EINPUT, "not_asked");
    world_end(&world);
}

static void catchup_refuses_a_name_that_is_none(void **state) {
    struct ht_catchup *catchup = NULL;
    struct ht_why why = {.code = ""};
    struct ht_catchup_options options = {.name = "a:1"};
    (void)state;
    assert_int_equal(ht_catchup_new(&catchup, &options, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_name");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catchup_finds_and_fetches_what_is_lacking_newest_window_first),
        cmocka_unit_test(catchup_offers_nothing_unless_it_is_to),
        cmocka_unit_test(catchup_keeps_its_frames_and_bears_small_ones),
        cmocka_unit_test(catchup_goes_on_with_its_window_after_a_cut),
        cmocka_unit_test(catchup_waits_for_a_socket_that_is_full),
        cmocka_unit_test(catchup_of_the_newest_of_100000_events_costs_75_kilobytes),
        cmocka_unit_test(catchup_asks_page_by_page_where_there_is_no_neg),
        cmocka_unit_test(catchup_bears_a_second_with_more_events_than_a_page),
        cmocka_unit_test(catchup_by_pages_goes_on_within_its_window),
        cmocka_unit_test(catchup_ends_with_what_is_wrong),
        cmocka_unit_test(catchup_is_not_moved_by_what_is_not_for_it),
        cmocka_unit_test(catchup_ends_when_the_other_says_nothing_more),
        cmocka_unit_test(catchup_ends_when_a_comparison_has_no_end),
        cmocka_unit_test(catchup_takes_only_what_it_asked_for),
        cmocka_unit_test(catchup_refuses_a_name_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
