/* Warm trees say what is stored, whatever came and went since they were listed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/nostr/negentropy.h"
#include "social/mesh/neg_trees.h"
#include "tests/unit/relay_bench.h"

#define NOW MAKER_TIME

enum { ALICE = 1, BOB };

static struct bench_peer alice;

static int start(void **state) {
    int rc = bench_start(state);
    if (rc == 0) bench_open(&alice);
    return rc;
}

static int end(void **state) {
    bench_close(&alice);
    return bench_end(state);
}

/* --- asking -----------------------------------------------------------------------------------*/

struct asked {
    struct ht_neg_ask ask;
    struct ht_neg_tree *tree;
    unsigned dones;
    enum ht_err err;
    char code[32];
};

static struct asked *waited;

static void answered(struct ht_neg_ask *ask, struct ht_neg_tree *tree, enum ht_err err,
                     const struct ht_why *why) {
    struct asked *asked = (struct asked *)ask;
    asked->tree = tree;
    asked->dones++;
    asked->err = err;
    (void)snprintf(asked->code, sizeof asked->code, "%s", why != NULL ? why->code : "");
}

static bool is_answered(void) {
    return waited->dones > 0;
}

static void get(struct asked *asked, const struct ht_filter *filter) {
    *asked = (struct asked){.ask.done = answered};
    ht_neg_trees_get(ht_relay_neg_trees(bench.relay), &asked->ask, filter);
    waited = asked;
    bench_until(is_answered);
    assert_int_equal(asked->dones, 1);
}

static struct ht_neg_trees_counts counts(void) {
    return ht_neg_trees_counts(ht_relay_neg_trees(bench.relay));
}

static struct ht_filter kinds_of(const uint32_t *kinds, size_t count) {
    return (struct ht_filter){.since = INT64_MIN,
                              .until = INT64_MAX,
                              .has_kinds = true,
                              .kinds = kinds,
                              .kind_count = count};
}

static const struct ht_filter ALL = {.since = INT64_MIN, .until = INT64_MAX};

/* How many events the tree of all has, and whether it was listed for that. */
static size_t count_of_all(void) {
    struct asked asked;
    get(&asked, &ALL);
    assert_non_null(asked.tree);
    size_t count = ht_fp_tree_count(ht_neg_tree_of(asked.tree));
    ht_neg_tree_release(asked.tree);
    return count;
}

static struct bench_event publish(uint8_t who, uint32_t kind, int64_t at, const char *content) {
    struct bench_event made = bench_event_of(who, kind, at, NULL, 0, content);
    bench_publish(&alice, &made, "true");
    return made;
}

static void remove_by_author(uint8_t who, const struct bench_event *event) {
    const ht_bytes items[] = {ht_bytes_str("e"), ht_bytes_of(event->id, 64)};
    const struct ht_event_tag tag = {items, 2};
    struct bench_event made = bench_event_of(who, 5, NOW, &tag, 1, "");
    bench_publish(&alice, &made, "true");
}

/* --- in step ----------------------------------------------------------------------------------*/

static void tree_follows_what_is_stored_replaced_and_deleted(void **state) {
    (void)state;
    struct bench_event note = publish(ALICE, 1, NOW - 5, "one");
    (void)publish(BOB, 1, NOW - 4, "two");
    assert_int_equal(count_of_all(), 2);
    (void)publish(ALICE, 1, NOW - 3, "three");
    assert_int_equal(count_of_all(), 3);
    /* Of profiles the newest stays. */
    (void)publish(ALICE, 0, NOW - 9, "{}");
    (void)publish(ALICE, 0, NOW - 8, "{\"name\":\"a\"}");
    assert_int_equal(count_of_all(), 4);
    /* A deletion is an event, too. */
    remove_by_author(ALICE, &note);
    assert_int_equal(count_of_all(), 4);
    assert_int_equal(counts().listed, 1);
    assert_int_equal(counts().trees, 1);
}

static void tree_leaves_out_private_and_ephemeral_events(void **state) {
    (void)state;
    char hex[HT_HEX_SIZE(32)];
    ht_hash32 key = maker_pubkey(BOB);
    ht_hex_write(hex, HT_BYTES(key.b));
    const ht_bytes items[] = {ht_bytes_str("p"), ht_bytes_of(hex + 2, 64)};
    const struct ht_event_tag tag = {items, 2};
    struct bench_event wrap = bench_event_of(9, 1059, NOW, &tag, 1, "x");
    bench_publish(&alice, &wrap, "true");
    (void)publish(ALICE, 1, NOW, "note");
    assert_int_equal(count_of_all(), 1);
    wrap = bench_event_of(9, 1059, NOW - 1, &tag, 1, "y");
    bench_publish(&alice, &wrap, "true");
    (void)publish(ALICE, 20001, NOW, "soon gone");
    assert_int_equal(count_of_all(), 1);
    assert_int_equal(counts().listed, 1);
}

static void trees_of_filters_have_what_matches(void **state) {
    static const uint32_t kinds[] = {1, 4, 1059}, others[] = {1, 4};
    struct asked notes, same;
    (void)state;
    (void)publish(ALICE, 1, NOW - 1, "note");
    (void)publish(ALICE, 7, NOW - 2, "+");
    struct ht_filter filter = kinds_of(kinds, 3);
    filter.since = NOW;
    get(&notes, &filter);
    /* Times and private kinds make no difference. */
    filter = kinds_of(others, 2);
    get(&same, &filter);
    assert_ptr_equal(notes.tree, same.tree);
    assert_int_equal(ht_fp_tree_count(ht_neg_tree_of(notes.tree)), 1);
    (void)publish(ALICE, 1, NOW, "other note");
    (void)publish(ALICE, 7, NOW, "-");
    assert_int_equal(ht_fp_tree_count(ht_neg_tree_of(notes.tree)), 2);
    assert_int_equal(count_of_all(), 4);
    ht_neg_tree_release(notes.tree);
    ht_neg_tree_release(same.tree);
}

static void tree_does_not_change_while_a_worker_reads_it(void **state) {
    struct asked asked;
    (void)state;
    (void)publish(ALICE, 1, NOW - 1, "one");
    get(&asked, &ALL);
    const struct ht_fp_tree *tree = ht_neg_tree_of(asked.tree);
    ht_neg_tree_read(asked.tree);
    ht_neg_tree_read(asked.tree);
    (void)publish(ALICE, 1, NOW, "two");
    assert_int_equal(ht_fp_tree_count(tree), 1);
    ht_neg_tree_read_end(asked.tree);
    assert_int_equal(ht_fp_tree_count(tree), 1);
    ht_neg_tree_read_end(asked.tree);
    assert_int_equal(ht_fp_tree_count(tree), 2);
    ht_neg_tree_release(asked.tree);
}

/* --- other stores of the writer's --------------------------------------------------------------*/

static struct {
    struct ht_write write;
    struct ht_store *store;
    ht_hash32 removed;
    const struct ht_event *put;
    bool fails, is_done;
} doing;

static enum ht_err do_it(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    const struct ht_store_limits limits = {.now_s = NOW};
    enum ht_put put;
    (void)write;
    enum ht_err err = ht_store_new(&doing.store, db, why);
    assert_int_equal(err, HT_OK);
    ht_store_set_watch(doing.store, ht_relay_store_watch(bench.relay));
    if (doing.put != NULL)
        err = ht_store_put(&put, doing.store, doing.put, &limits, NULL, why);
    else
        err = ht_store_remove(doing.store, &doing.removed, why);
    assert_int_equal(err, HT_OK);
    ht_store_free(doing.store);
    return doing.fails ? HT_EDENIED : HT_OK;
}

static void did(struct ht_write *write) {
    (void)write;
    doing.is_done = true;
}

static bool is_done(void) {
    return doing.is_done;
}

static void do_now(void) {
    doing.write = (struct ht_write){.write = do_it, .done = did};
    doing.is_done = false;
    assert_int_equal(ht_writer_submit(bench.writer, &doing.write), HT_OK);
    bench_until(is_done);
}

static void tree_follows_what_others_remove_unless_it_is_undone(void **state) {
    (void)state;
    struct bench_event note = publish(ALICE, 1, NOW - 1, "one");
    (void)publish(ALICE, 1, NOW, "two");
    assert_int_equal(count_of_all(), 2);
    doing.put = NULL;
    doing.removed = note.event.id;
    doing.fails = true;
    do_now();
    assert_int_equal(count_of_all(), 2);
    doing.fails = false;
    do_now();
    assert_int_equal(count_of_all(), 1);
    assert_int_equal(counts().listed, 1);
}

static void trees_are_listed_anew_after_puts_that_nobody_announced(void **state) {
    struct asked held;
    (void)state;
    (void)publish(ALICE, 1, NOW - 1, "one");
    get(&held, &ALL);
    struct bench_event note = bench_note(BOB, NOW, "imported");
    struct ht_arena arena;
    struct ht_event event;
    ht_arena_init(&arena, HT_EVENT_ARENA(4096));
    assert_int_equal(ht_event_read(&event, &arena, ht_bytes_str(note.json), NULL), HT_OK);
    doing.put = &event;
    doing.fails = false;
    do_now();
    assert_int_equal(count_of_all(), 2);
    assert_int_equal(counts().listed, 2);
    /* Whoever holds the old one keeps it. */
    assert_int_equal(ht_fp_tree_count(ht_neg_tree_of(held.tree)), 1);
    assert_int_equal(counts().trees, 2);
    ht_neg_tree_release(held.tree);
    assert_int_equal(counts().trees, 1);
    doing.put = NULL;
    ht_arena_fini(&arena);
}

/* --- which are kept ----------------------------------------------------------------------------*/

static void trees_are_eight_and_the_least_used_goes_first(void **state) {
    (void)state;
    for (uint32_t kind = 1; kind <= 8; kind++) {
        for (int times = 0; times < (kind == 3 ? 1 : 3); times++) {
            struct asked asked;
            struct ht_filter filter = kinds_of(&kind, 1);
            if (kind == 4) filter.has_kinds = false; /* that is a private kind */
            get(&asked, &filter);
            ht_neg_tree_release(asked.tree);
        }
    }
    assert_int_equal(counts().listed, 8);
    for (uint32_t kind = 9; kind >= 1; kind--) {
        struct asked asked;
        struct ht_filter filter = kinds_of(&kind, 1);
        if (kind == 3 || kind == 4) continue;
        get(&asked, &filter);
        ht_neg_tree_release(asked.tree);
    }
    assert_int_equal(counts().listed, 9);
    assert_int_equal(counts().trees, 8);
}

static void trees_that_are_held_stay(void **state) {
    struct asked held[9];
    (void)state;
    for (uint32_t i = 0; i < 9; i++) {
        uint32_t kind = 10 + i;
        struct ht_filter filter = kinds_of(&kind, 1);
        get(&held[i], &filter);
    }
    for (uint32_t i = 0; i < 8; i++) assert_non_null(held[i].tree);
    assert_null(held[8].tree);
    assert_int_equal(held[8].err, HT_EAGAIN);
    assert_string_equal(held[8].code, "neg_busy");
    for (uint32_t i = 0; i < 8; i++) ht_neg_tree_release(held[i].tree);
    assert_int_equal(count_of_all(), 0);
}

static void there_is_no_tree_for_ids_searches_and_private_kinds(void **state) {
    static const uint32_t kinds[] = {4, 1059};
    static const ht_hash32 id;
    struct ht_filter filters[] = {ALL, ALL, kinds_of(kinds, 2), kinds_of(NULL, 0)};
    filters[0].has_ids = true;
    filters[0].ids = &id;
    filters[0].id_count = 1;
    filters[1].search = ht_bytes_str("word");
    (void)state;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct asked asked;
        get(&asked, &filters[i]);
        assert_null(asked.tree);
        assert_int_equal(asked.err, HT_EINPUT);
        assert_string_equal(asked.code, "neg_filter");
    }
}

static void ask_that_is_forgotten_is_not_answered(void **state) {
    struct asked asked = {.ask.done = answered};
    (void)state;
    (void)publish(ALICE, 1, NOW, "one");
    ht_neg_trees_get(ht_relay_neg_trees(bench.relay), &asked.ask, &ALL);
    ht_neg_trees_forget(ht_relay_neg_trees(bench.relay), &asked.ask);
    assert_int_equal(count_of_all(), 1);
    assert_int_equal(asked.dones, 0);
}

static void asks_that_wait_are_refused_when_the_relay_stops(void **state) {
    struct asked asked = {.ask.done = answered};
    (void)state;
    ht_neg_trees_get(ht_relay_neg_trees(bench.relay), &asked.ask, &ALL);
    ht_relay_stop(bench.relay);
    assert_int_equal(asked.dones, 1);
    assert_int_equal(asked.err, HT_EAGAIN);
    get(&asked, &ALL);
    assert_int_equal(asked.err, HT_EAGAIN);
}

/* --- sessions ---------------------------------------------------------------------------------*/

/* A session of a client that has these events, and what it is answered first. */
static void session(struct ht_neg_item *items, size_t count, const char *filter,
                    const char *expected) {
    struct ht_neg *neg;
    struct ht_buf out;
    char hex[HT_HEX_SIZE(2048)], open[4400];
    ht_buf_init(&out, 2048);
    assert_int_equal(ht_neg_new(&neg, items, count, 0, NULL), HT_OK);
    assert_int_equal(ht_neg_initiate(&out, neg, NULL), HT_OK);
    ht_hex_write(hex, ht_buf_view(&out));
    (void)snprintf(open, sizeof open, "[\"NEG-OPEN\",\"n\",%s,\"%s\"]", filter, hex + 2);
    bench_say(&alice, open);
    bench_expect(&alice, expected);
    bench_say(&alice, "[\"NEG-CLOSE\",\"n\"]");
    ht_neg_free(neg);
    ht_buf_fini(&out);
}

static void session_over_a_warm_tree_is_of_its_span_of_time(void **state) {
    enum { COUNT = 100 };
    static const char same[] = "[\"NEG-MSG\",\"n\",\"61\"]";
    struct ht_neg_item items[COUNT];
    char filter[100];
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        struct bench_event note = publish(ALICE, 1, NOW - (int64_t)i, "note");
        items[i] = (struct ht_neg_item){.created_at = (uint64_t)NOW - i, .id = note.event.id};
    }
    session(items, COUNT, "{}", same);
    (void)snprintf(filter, sizeof filter, "{\"since\":%lld,\"until\":%lld}", (long long)NOW - 79,
                   (long long)NOW - 20);
    session(items + 20, 60, filter, same);
    session(items + 20, 59, filter, "[\"NEG-MSG\",\"n\",\"61");
    assert_true(strlen(alice.messages[alice.read - 1]) > sizeof same);
    session(items, 0, "{\"since\":5,\"until\":4}", "[\"NEG-MSG\",\"n\",\"610000020");
    assert_int_equal(counts().listed, 1);
}

#define NEG_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        NEG_TEST(tree_follows_what_is_stored_replaced_and_deleted),
        NEG_TEST(tree_leaves_out_private_and_ephemeral_events),
        NEG_TEST(trees_of_filters_have_what_matches),
        NEG_TEST(tree_does_not_change_while_a_worker_reads_it),
        NEG_TEST(tree_follows_what_others_remove_unless_it_is_undone),
        NEG_TEST(trees_are_listed_anew_after_puts_that_nobody_announced),
        NEG_TEST(trees_are_eight_and_the_least_used_goes_first),
        NEG_TEST(trees_that_are_held_stay),
        NEG_TEST(there_is_no_tree_for_ids_searches_and_private_kinds),
        NEG_TEST(ask_that_is_forgotten_is_not_answered),
        NEG_TEST(asks_that_wait_are_refused_when_the_relay_stops),
        NEG_TEST(session_over_a_warm_tree_is_of_its_span_of_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
