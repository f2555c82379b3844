/* The index of live filters, and the buckets of limits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/json.h"
#include "social/relay/relay_index.h"
#include "social/relay/relay_rate.h"
#include "tests/unit/event_maker.h"

#define FILTERS 400U

static struct ht_index indexed;
static struct ht_arena arena;
static struct ht_filter filters[FILTERS];
static unsigned hits[FILTERS];

static int start(void **state) {
    (void)state;
    memset(hits, 0, sizeof hits);
    ht_arena_init(&arena, (size_t)32 << 20);
    return ht_index_init(&indexed, &ht_system_random) == HT_OK ? 0 : 1;
}

static int end(void **state) {
    (void)state;
    ht_index_fini(&indexed);
    ht_arena_fini(&arena);
    return 0;
}

static void read_filter(struct ht_filter *out, const char *text) {
    json_t *object = NULL;
    assert_int_equal(ht_json_parse(&object, ht_bytes_str(text), 4096, NULL), HT_OK);
    assert_int_equal(ht_filter_read(out, &arena, object, NULL), HT_OK);
    json_decref(object);
}

static void count_hit(void *user, void *owner) {
    (void)user;
    (*(unsigned *)owner)++;
}

static struct ht_event note_of(uint8_t who, uint32_t kind, const struct ht_event_tag *tags,
                               size_t count) {
    struct ht_event event = {
        .kind = kind, .created_at = MAKER_TIME, .tags = tags, .tag_count = count};
    memset(event.pubkey.b, who, sizeof event.pubkey.b);
    memset(event.id.b, 0xab, sizeof event.id.b);
    return event;
}

/* Filters of all sorts, from a number. */
static void write_filter(char *out, size_t size, unsigned i) {
    unsigned key = i % 5 + 1;
    char hex[65];
    for (size_t k = 0; k < 32; k++) (void)snprintf(hex + 2 * k, 3, "%02x", key);
    switch (i % 8) {
    case 0: (void)snprintf(out, size, "{\"authors\":[\"%s\"]}", hex); break;
    case 1: (void)snprintf(out, size, "{\"kinds\":[%u,%u]}", i % 7, i % 3); break;
    case 2: (void)snprintf(out, size, "{\"#t\":[\"a\",\"t%u\"]}", i % 9); break;
    case 3: (void)snprintf(out, size, "{\"#t\":[\"t%u\"],\"#p\":[\"%s\"]}", i % 9, hex); break;
    case 4: (void)snprintf(out, size, "{\"authors\":[\"%s\"],\"kinds\":[%u]}", hex, i % 3); break;
    case 5: (void)snprintf(out, size, "{\"ids\":[\"%s\"]}", hex); break;
    case 6: (void)snprintf(out, size, "{\"since\":%u}", i % 2 ? 1U : 1790000000U); break;
    default: (void)snprintf(out, size, "{\"#t\":[\"a\"],\"authors\":[\"%s\"]}", hex); break;
    }
}

static void index_finds_exactly_the_filters_that_match(void **state) {
    static struct ht_index_place places[FILTERS];
    const ht_bytes t_items[] = {ht_bytes_str("t"), ht_bytes_str("a")};
    const ht_bytes u_items[] = {ht_bytes_str("t"), ht_bytes_str("t3")};
    const struct ht_event_tag tags[] = {{t_items, 2}, {u_items, 2}, {t_items, 2}};
    (void)state;
    for (unsigned i = 0; i < FILTERS; i++) {
        char text[256];
        write_filter(text, sizeof text, i);
        read_filter(&filters[i], text);
        assert_int_equal(ht_index_add(&places[i], &indexed, &filters[i], 1, &hits[i]), HT_OK);
    }
    for (unsigned round = 0; round < 40; round++) {
        struct ht_event event = note_of((uint8_t)(round % 6), round % 7, tags, round % 4);
        memset(hits, 0, sizeof hits);
        ht_index_find(&indexed, &event, count_hit, NULL);
        for (unsigned i = 0; i < FILTERS; i++)
            assert_int_equal(hits[i], ht_filter_matches(&filters[i], &event) ? 1 : 0);
        /* Removed ones are not found any more. */
        for (unsigned i = round; i < FILTERS; i += 40) {
            ht_index_remove(&indexed, &places[i]);
            read_filter(&filters[i], "{\"ids\":[]}");
        }
    }
    assert_int_equal(indexed.entry_count, 0);
}

static void index_leaves_out_what_matches_nothing_or_asks_for_words(void **state) {
    struct ht_index_place place;
    (void)state;
    read_filter(&filters[0], "{\"search\":\"words\"}");
    read_filter(&filters[1], "{\"authors\":[]}");
    read_filter(&filters[2], "{\"kinds\":[1]}");
    assert_int_equal(ht_index_add(&place, &indexed, filters, 3, &hits[0]), HT_OK);
    assert_int_equal(place.count, 1);
    struct ht_event event = note_of(1, 1, NULL, 0);
    ht_index_find(&indexed, &event, count_hit, NULL);
    assert_int_equal(hits[0], 1);
    ht_index_remove(&indexed, &place);
}

static void index_matches_a_filter_once_whatever_an_event_repeats(void **state) {
    enum { TAGS = 5000 };
    static struct ht_event_tag tags[TAGS];
    struct ht_index_place place;
    const ht_bytes items[] = {ht_bytes_str("t"), ht_bytes_str("a")};
    (void)state;
    for (size_t i = 0; i < TAGS; i++) tags[i] = (struct ht_event_tag){items, 2};
    read_filter(&filters[0], "{\"#t\":[\"a\"]}");
    assert_int_equal(ht_index_add(&place, &indexed, filters, 1, &hits[0]), HT_OK);
    struct ht_event event = note_of(1, 1, tags, TAGS);
    ht_index_find(&indexed, &event, count_hit, NULL);
    assert_int_equal(hits[0], 1);
    ht_index_remove(&indexed, &place);
}

/* --- rates -------------------------------------------------------------------------------------*/

static struct ht_rates rates;

static bool take(const char *name, int64_t now_ms) {
    return ht_rates_take(&rates, 'k', ht_bytes_str(name), 3, now_ms);
}

static void rate_gives_a_minutes_worth_and_refills(void **state) {
    (void)state;
    ht_rates_init(&rates, &ht_system_random);
    assert_true(take("a", 1000) && take("a", 1000) && take("a", 1000));
    assert_true(ht_rates_is_empty(&rates, 'k', ht_bytes_str("a"), 3, 1000));
    assert_false(take("a", 1000));
    assert_false(ht_rates_is_empty(&rates, 'x', ht_bytes_str("a"), 3, 1000));
    assert_true(take("b", 1000));
    assert_false(take("a", 20000));
    assert_true(take("a", 21000));
    assert_false(take("a", 21000));
    assert_true(take("a", 90000) && take("a", 90000) && take("a", 90000));
    assert_false(take("a", 90000));
    assert_true(ht_rates_take(&rates, 'k', ht_bytes_str("a"), 0, 90000));
}

static void rate_is_not_forgotten_for_names_that_come_once(void **state) {
    unsigned forgotten = 0;
    (void)state;
    ht_rates_init(&rates, &ht_system_random);
    for (int i = 0; i < 4; i++) (void)take("a", 1000);
    for (int i = 0; i < 3000; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "n%d", i);
        (void)take(name, 1001 + i / 100);
        if (i % 100 == 0) forgotten += take("a", 1001 + i / 100);
    }
    assert_int_equal(forgotten, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(index_finds_exactly_the_filters_that_match),
        TEST(index_leaves_out_what_matches_nothing_or_asks_for_words),
        TEST(index_matches_a_filter_once_whatever_an_event_repeats),
        cmocka_unit_test(rate_gives_a_minutes_worth_and_refills),
        cmocka_unit_test(rate_is_not_forgotten_for_names_that_come_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
