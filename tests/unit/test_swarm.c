/* A blob from many, in a world of virtual time: everybody uploads at the same rate, one piece
 * after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <stdlib.h>

#include "node/crypto/sha256.h"
#include "node/p2p/swarm.h"

#define CHUNK HT_BLOB_CHUNK_MIN
#define CHUNKS_MAX 256U
#define NODES_MAX 21U
#define BYTES_PER_MS 1000U /* 1 MB/s up */
#define DELAY_MS 40
#define TELL_MS 250 /* until the others hear of a new chunk */
#define EVENTS_MAX ((size_t)1 << 16)
#define NEVER INT64_MAX

enum what { ARRIVES, TELLS, TICKS };

struct event {
    int64_t at_ms;
    uint64_t order;
    enum what what;
    unsigned from, to;
    size_t i;
    uint64_t number; /* of the request */
};

struct node {
    unsigned self;
    struct ht_swarm *swarm; /* NULL: has all */
    struct ht_swarm_holder *holders[NODES_MAX];
    unsigned asked[NODES_MAX][CHUNKS_MAX]; /* number of the request that counts, 0: none */
    int64_t free_ms;                       /* its upload is, from then on */
    int64_t gone_ms, done_ms;
    int64_t tick_ms; /* the next; what was planned before does not count */
    bool lies;       /* gives what does not hash */
    bool is_mute;
    uint64_t sent;
    unsigned faults;
    unsigned culprit;
    enum ht_err err;
    size_t kept;
};

static struct {
    int64_t now_ms;
    uint64_t seed, orders, numbers;
    unsigned node_count;
    struct node nodes[NODES_MAX];
    struct event heap[EVENTS_MAX];
    size_t event_count;
    struct ht_blob_manifest manifest;
    ht_hash32 hashes[CHUNKS_MAX];
} world;
static uint8_t piece[CHUNK];

/* --- the world -------------------------------------------------------------------------------- */

static int64_t clock_ms(void *self) {
    (void)self;
    return world.now_ms;
}
static const struct ht_clock test_clock = {clock_ms, clock_ms, NULL};

static void fill(void *self, uint8_t *out, size_t n) {
    (void)self;
    for (size_t i = 0; i < n; i++) {
        world.seed = world.seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        out[i] = (uint8_t)(world.seed >> 56);
    }
}
static const struct ht_random test_random = {fill, NULL};

static bool is_before(const struct event *a, const struct event *b) {
    return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order);
}

static void push(struct event event) {
    assert_true(world.event_count < EVENTS_MAX);
    event.order = ++world.orders;
    size_t at = world.event_count++;
    while (at > 0 && is_before(&event, &world.heap[(at - 1) / 2])) {
        world.heap[at] = world.heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    world.heap[at] = event;
}

static struct event pop(void) {
    struct event first = world.heap[0], last = world.heap[--world.event_count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < world.event_count; at = child) {
        if (child + 1 < world.event_count && is_before(&world.heap[child + 1], &world.heap[child]))
            child++;
        if (!is_before(&world.heap[child], &last)) break;
        world.heap[at] = world.heap[child];
    }
    world.heap[at] = last;
    return first;
}

static void chunk_of(size_t i) {
    memset(piece, 0, sizeof piece);
    piece[0] = (uint8_t)i;
    piece[1] = (uint8_t)(i >> 8);
}

/* --- one node --------------------------------------------------------------------------------- */

static bool is_gone(const struct node *node) {
    return node->gone_ms <= world.now_ms;
}

/* Requests are served in the order in which they come, also those that nobody wants any more:
 * nobody takes back what was sent. */
static void ask(void *user, void *holder, size_t i) {
    struct node *node = user, *other = holder;
    uint64_t number = ++world.numbers;
    node->asked[other->self][i] = (unsigned)number;
    if (other->is_mute) return;
    int64_t at_ms = world.now_ms + DELAY_MS;
    if (at_ms < other->free_ms) at_ms = other->free_ms;
    other->free_ms = at_ms + CHUNK / BYTES_PER_MS;
    other->sent++;
    push((struct event){.at_ms = other->free_ms + DELAY_MS,
                        .what = ARRIVES,
                        .from = other->self,
                        .to = node->self,
                        .i = i,
                        .number = number});
}

static void cancel(void *user, void *holder, size_t i) {
    struct node *node = user, *other = holder;
    node->asked[other->self][i] = 0;
}

static bool keep(void *user, size_t i, ht_bytes chunk) {
    struct node *node = user;
    node->kept++;
    assert_int_equal(chunk.n, CHUNK);
    for (unsigned to = 0; to < world.node_count; to++) {
        if (to == node->self || world.nodes[to].swarm == NULL) continue;
        push((struct event){
            .at_ms = world.now_ms + TELL_MS, .what = TELLS, .from = node->self, .to = to, .i = i});
    }
    return true;
}

static void fault(void *user, void *holder, size_t i) {
    struct node *node = user, *other = holder;
    (void)i;
    node->faults++;
    node->culprit = other->self;
}

static void done(void *user, enum ht_err err) {
    struct node *node = user;
    node->err = err;
    node->done_ms = world.now_ms;
}

static void start_node(struct node *node, const uint8_t *have) {
    const struct ht_swarm_options options = {.clock = &test_clock,
                                             .random = &test_random,
                                             .manifest = &world.manifest,
                                             .have = have,
                                             .io = {ask, cancel, keep, fault, done, node}};
    assert_int_equal(ht_swarm_new(&node->swarm, &options), HT_OK);
}

/* The first has all, the others nothing; everybody knows everybody. */
static void build(unsigned node_count, size_t chunks) {
    world.node_count = node_count;
    world.manifest = (struct ht_blob_manifest){
        .size = (uint64_t)chunks * CHUNK, .chunk = CHUNK, .count = chunks, .chunks = world.hashes};
    for (size_t i = 0; i < chunks; i++) {
        chunk_of(i);
        ht_sha256(&world.hashes[i], HT_BYTES(piece));
    }
    for (unsigned n = 0; n < node_count; n++) {
        world.nodes[n].self = n;
        world.nodes[n].gone_ms = NEVER;
        world.nodes[n].done_ms = NEVER;
        if (n > 0) start_node(&world.nodes[n], NULL);
    }
}

static void acquaint(bool with_each_other) {
    static const uint8_t nothing[CHUNKS_MAX / 8];
    for (unsigned n = 1; n < world.node_count; n++) {
        struct node *node = &world.nodes[n];
        for (unsigned other = 0; other < (with_each_other ? world.node_count : 1); other++) {
            if (other == n) continue;
            assert_int_equal(ht_swarm_add(&node->holders[other], node->swarm, &world.nodes[other],
                                          other == 0 ? NULL : nothing),
                             HT_OK);
        }
        push((struct event){.at_ms = world.now_ms, .what = TICKS, .to = n});
    }
}

static void tick(struct node *node) {
    int64_t before_ms = node->tick_ms, wait_ms = ht_swarm_tick(node->swarm);
    if (wait_ms < 0 || before_ms == world.now_ms + wait_ms) return;
    assert_true(wait_ms > 0);
    node->tick_ms = world.now_ms + wait_ms;
    push((struct event){.at_ms = node->tick_ms, .what = TICKS, .to = node->self});
}

static void arrive(const struct event *event) {
    struct node *node = &world.nodes[event->to], *from = &world.nodes[event->from];
    struct ht_swarm_holder *holder = node->holders[event->from];
    bool is_late = node->asked[event->from][event->i] != event->number || holder == NULL;
    if (is_late) return;
    node->asked[event->from][event->i] = 0;
    chunk_of(event->i);
    if (from->lies) piece[2] ^= 1;
    if (is_gone(from)) {
        ht_swarm_lost(holder, event->i);
    } else {
        ht_swarm_got(holder, event->i, HT_BYTES(piece));
    }
}

/* Runs until all that are there have all, or nothing happens any more. */
static void run(int64_t until_ms) {
    while (world.event_count > 0) {
        struct event event = pop();
        if (event.at_ms > until_ms) break;
        world.now_ms = event.at_ms;
        struct node *node = &world.nodes[event.to];
        if (node->swarm == NULL || is_gone(node) || node->done_ms != NEVER) continue;
        if (event.what == ARRIVES) arrive(&event);
        if (event.what == TELLS && node->holders[event.from] != NULL)
            ht_swarm_holder_has_one(node->holders[event.from], event.i);
        if (node->done_ms == NEVER) tick(node);
    }
}

static int64_t last_ms(void) {
    int64_t last = 0;
    for (unsigned n = 1; n < world.node_count; n++) {
        const struct node *node = &world.nodes[n];
        if (is_gone(node)) continue;
        assert_int_equal(node->err, HT_OK);
        if (node->done_ms > last) last = node->done_ms;
    }
    return last;
}

static int set_up(void **state) {
    (void)state;
    memset(&world, 0, sizeof world);
    world.seed = 7;
    world.now_ms = 1000;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (unsigned n = 0; n < world.node_count; n++) ht_swarm_free(world.nodes[n].swarm);
    return 0;
}

static int64_t time_of(unsigned nodes, size_t chunks, bool with_each_other) {
    (void)set_up(NULL);
    build(nodes, chunks);
    acquaint(with_each_other);
    run(NEVER);
    int64_t took_ms = last_ms() - 1000;
    (void)tear_down(NULL);
    return took_ms;
}

/* --- speed ------------------------------------------------------------------------------------ */

static void twenty_peers_finish_over_five_times_sooner_than_from_the_author_alone(void **state) {
    (void)state;
    int64_t alone_ms = time_of(21, 128, false);
    int64_t together_ms = time_of(21, 128, true);
    print_message("author alone %lld ms, together %lld ms\n", (long long)alone_ms,
                  (long long)together_ms);
    assert_true(alone_ms >= (int64_t)20 * 128 * (CHUNK / BYTES_PER_MS));
    assert_true(5 * together_ms <= alone_ms);
}

static void more_peers_gain_more(void **state) {
    (void)state;
    int64_t before = 0;
    static const unsigned counts[] = {2, 5, 10, 20};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int64_t alone_ms = (int64_t)counts[i] * 128 * CHUNK / BYTES_PER_MS;
        int64_t gain = alone_ms * 100 / time_of(counts[i] + 1, 128, true);
        print_message("%u peers: %lld.%02lld times\n", counts[i], (long long)(gain / 100),
                      (long long)(gain % 100));
        assert_true(gain > before);
        before = gain;
    }
}

static void the_author_sends_little_more_than_each_chunk_once(void **state) {
    (void)state;
    (void)set_up(NULL);
    build(21, CHUNKS_MAX);
    acquaint(true);
    run(NEVER);
    print_message("the author sent %llu of %u chunks\n", (unsigned long long)world.nodes[0].sent,
                  CHUNKS_MAX);
    assert_true(world.nodes[0].sent < 2 * CHUNKS_MAX);
}

/* --- what goes wrong -------------------------------------------------------------------------- */

static void the_others_finish_when_the_author_goes_away_halfway(void **state) {
    (void)state;
    build(6, 64);
    acquaint(true);
    size_t sum = 0;
    for (int64_t until = 2000; sum < 64; until += 100) {
        run(until);
        world.now_ms = until;
        uint8_t any[8] = {0};
        for (unsigned n = 1; n < 6; n++) {
            for (size_t b = 0; b < 8; b++) any[b] |= ht_swarm_bits(world.nodes[n].swarm)[b];
        }
        sum = 0;
        for (size_t i = 0; i < 64; i++) sum += any[i / 8] >> (i % 8) & 1;
    }
    assert_true(ht_swarm_missing(world.nodes[1].swarm) > 0);
    world.nodes[0].gone_ms = world.now_ms;
    for (unsigned n = 1; n < 6; n++) {
        ht_swarm_remove(world.nodes[n].holders[0]);
        world.nodes[n].holders[0] = NULL;
        push((struct event){.at_ms = world.now_ms, .what = TICKS, .to = n});
    }
    run(NEVER);
    assert_true(last_ms() > 0);
}

static void whoever_gives_a_bad_chunk_is_named_and_asked_no_more(void **state) {
    (void)state;
    build(3, 64);
    world.nodes[2].lies = true;
    /* The second says that it has all. */
    struct node *node = &world.nodes[1];
    assert_int_equal(ht_swarm_add(&node->holders[0], node->swarm, &world.nodes[0], NULL), HT_OK);
    assert_int_equal(ht_swarm_add(&node->holders[2], node->swarm, &world.nodes[2], NULL), HT_OK);
    push((struct event){.at_ms = world.now_ms, .what = TICKS, .to = 1});
    run(NEVER);
    assert_int_equal(node->err, HT_OK);
    assert_int_equal(node->kept, 64);
    assert_int_equal(node->faults, 1);
    assert_int_equal(node->culprit, 2);
    assert_true(world.nodes[2].sent <= HT_SWARM_AT_ONCE);
    assert_false(ht_swarm_is_useful(node->holders[2]));
}

static void chunks_of_a_holder_that_never_answers_are_asked_of_another(void **state) {
    (void)state;
    build(3, 64);
    world.nodes[2].is_mute = true;
    struct node *node = &world.nodes[1];
    assert_int_equal(ht_swarm_add(&node->holders[0], node->swarm, &world.nodes[0], NULL), HT_OK);
    assert_int_equal(ht_swarm_add(&node->holders[2], node->swarm, &world.nodes[2], NULL), HT_OK);
    push((struct event){.at_ms = world.now_ms, .what = TICKS, .to = 1});
    run(NEVER);
    assert_int_equal(node->err, HT_OK);
    assert_int_equal(node->kept, 64);
    assert_int_equal(node->faults, 0);
}

static void only_bad_holders_are_no_holders(void **state) {
    (void)state;
    build(2, 8);
    world.nodes[0].lies = true;
    acquaint(false);
    run(NEVER);
    assert_int_equal(world.nodes[1].err, HT_ENOTFOUND);
    assert_int_equal(world.nodes[1].kept, 0);
}

static void a_holder_that_loses_is_left_alone_for_longer_and_longer(void **state) {
    (void)state;
    build(2, 8);
    struct node *node = &world.nodes[1];
    world.nodes[0].is_mute = true;
    assert_int_equal(ht_swarm_add(&node->holders[0], node->swarm, &world.nodes[0], NULL), HT_OK);
    int64_t before = 0;
    for (unsigned n = 1; n <= 4; n++) {
        (void)ht_swarm_tick(node->swarm);
        for (size_t i = 0; i < 8; i++) {
            if (node->asked[0][i] != 0) ht_swarm_lost(node->holders[0], i);
            node->asked[0][i] = 0;
        }
        int64_t wait_ms = ht_swarm_tick(node->swarm);
        assert_true(wait_ms > before);
        before = wait_ms;
        world.now_ms += wait_ms;
    }
    assert_true(ht_swarm_losses(node->holders[0]) >= 4);
}

static bool keep_nothing(void *user, size_t i, ht_bytes chunk) {
    (void)user;
    (void)i;
    (void)chunk;
    return false;
}

static void a_disk_that_fails_ends_it(void **state) {
    (void)state;
    build(2, 8);
    struct node *node = &world.nodes[1];
    ht_swarm_free(node->swarm);
    const struct ht_swarm_options options = {.clock = &test_clock,
                                             .random = &test_random,
                                             .manifest = &world.manifest,
                                             .io = {ask, cancel, keep_nothing, fault, done, node}};
    assert_int_equal(ht_swarm_new(&node->swarm, &options), HT_OK);
    acquaint(false);
    run(NEVER);
    assert_int_equal(node->err, HT_ESTORE);
}

static void what_was_there_is_not_asked_for_again(void **state) {
    (void)state;
    build(2, 64);
    struct node *node = &world.nodes[1];
    uint8_t have[8] = {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x80};
    ht_swarm_free(node->swarm);
    start_node(node, have);
    assert_int_equal(ht_swarm_missing(node->swarm), 31);
    acquaint(false);
    run(NEVER);
    assert_int_equal(node->err, HT_OK);
    assert_int_equal(node->kept, 31);
    assert_int_equal(world.nodes[0].sent, 31);
}

static void with_nothing_missing_it_is_done_at_once(void **state) {
    (void)state;
    build(2, 8);
    struct node *node = &world.nodes[1];
    const uint8_t have[1] = {0xff};
    ht_swarm_free(node->swarm);
    start_node(node, have);
    assert_int_equal(ht_swarm_tick(node->swarm), -1);
    assert_int_equal(node->err, HT_OK);
    assert_int_equal(node->done_ms, world.now_ms);
}

static void what_nobody_asked_for_is_passed_over(void **state) {
    (void)state;
    build(2, 8);
    acquaint(false);
    struct node *node = &world.nodes[1];
    chunk_of(3);
    ht_swarm_got(node->holders[0], 3, HT_BYTES(piece));
    ht_swarm_lost(node->holders[0], 3);
    assert_int_equal(ht_swarm_missing(node->swarm), 8);
    assert_int_equal(ht_swarm_losses(node->holders[0]), 0);
}

static void holders_are_bounded(void **state) {
    (void)state;
    build(2, 8);
    struct node *node = &world.nodes[1];
    struct ht_swarm_holder *holder;
    for (unsigned n = 0; n < HT_SWARM_HOLDERS_MAX; n++)
        assert_int_equal(ht_swarm_add(&holder, node->swarm, &world.nodes[0], NULL), HT_OK);
    assert_int_equal(ht_swarm_add(&holder, node->swarm, &world.nodes[0], NULL), HT_ELIMIT);
    node->is_mute = world.nodes[0].is_mute = true;
    (void)ht_swarm_tick(node->swarm);
    assert_int_equal(world.numbers, 8); /* each chunk once */
}

/* --- upload ----------------------------------------------------------------------------------- */

static void an_upload_is_as_fast_as_its_limit_in_the_long_run(void **state) {
    (void)state;
    struct ht_bucket all = {0}, peer = {0};
    const struct ht_upload_limits limits = {.bytes_per_s = 1000000};
    int64_t mono_ms = 5000;
    for (unsigned n = 0; n < 100; n++) {
        int64_t wait_ms = ht_upload_wait(&all, &peer, &limits, 250000, mono_ms);
        assert_true(wait_ms >= 0);
        mono_ms += wait_ms;
    }
    /* 25 MB at 1 MB/s, of which a second was saved before. */
    assert_in_range(mono_ms, 5000 + 23900, 5000 + 24100);
}

static void each_peer_has_a_limit_of_its_own(void **state) {
    (void)state;
    struct ht_bucket all = {0}, one = {0}, other = {0};
    const struct ht_upload_limits limits = {.bytes_per_s = 1000000, .peer_bytes_per_s = 100000};
    assert_int_equal(ht_upload_wait(&all, &one, &limits, 100000, 5000), 0);
    assert_int_equal(ht_upload_wait(&all, &one, &limits, 100000, 5000), 1000);
    assert_int_equal(ht_upload_wait(&all, &other, &limits, 100000, 5000), 0);
}

static void when_too_many_wait_nothing_is_promised(void **state) {
    (void)state;
    struct ht_bucket all = {0}, peer = {0};
    const struct ht_upload_limits limits = {.bytes_per_s = 1000};
    int64_t wait_ms = 0;
    unsigned n = 0;
    for (; wait_ms >= 0; n++) wait_ms = ht_upload_wait(&all, &peer, &limits, 1000, 5000);
    assert_int_equal(n, HT_UPLOAD_WAIT_MAX_MS / 1000 + 2);
    assert_int_equal(ht_upload_wait(&all, &peer, &limits, 1000, 5000), -1);
    assert_true(ht_upload_wait(&all, &peer, &limits, 1000, 7000) > 0);
}

static void without_limits_nobody_waits(void **state) {
    (void)state;
    struct ht_bucket all = {0}, peer = {0};
    const struct ht_upload_limits limits = {.bytes_per_s = 0};
    for (unsigned n = 0; n < 10; n++)
        assert_int_equal(ht_upload_wait(&all, &peer, &limits, HT_UPLOAD_PIECE_MAX, 1), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twenty_peers_finish_over_five_times_sooner_than_from_the_author_alone),
        cmocka_unit_test(more_peers_gain_more),
        TEST(the_author_sends_little_more_than_each_chunk_once),
        TEST(the_others_finish_when_the_author_goes_away_halfway),
        TEST(whoever_gives_a_bad_chunk_is_named_and_asked_no_more),
        TEST(chunks_of_a_holder_that_never_answers_are_asked_of_another),
        TEST(only_bad_holders_are_no_holders),
        TEST(a_holder_that_loses_is_left_alone_for_longer_and_longer),
        TEST(a_disk_that_fails_ends_it),
        TEST(what_was_there_is_not_asked_for_again),
        TEST(with_nothing_missing_it_is_done_at_once),
        TEST(what_nobody_asked_for_is_passed_over),
        TEST(holders_are_bounded),
        cmocka_unit_test(an_upload_is_as_fast_as_its_limit_in_the_long_run),
        cmocka_unit_test(each_peer_has_a_limit_of_its_own),
        cmocka_unit_test(when_too_many_wait_nothing_is_promised),
        cmocka_unit_test(without_limits_nobody_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
