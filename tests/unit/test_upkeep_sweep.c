/* What goes by age and what never does, how much at once, and what is told of it. */
#include "tests/unit/owner_world.h"

#include "social/feed/look.h"
#include "social/settings.h"
#include "social/upkeep_sweep.h"

#define DAY 86400
#define AGO(days) (OWNER_NOW - (days)*DAY)

static void set(const char *params) {
    struct ht_task *task = owner_task(params);
    if (ht_settings_write(o.db, task->params, &o.why) != HT_OK) fail_msg("%s", o.why.text);
    o.social.sweep = (struct ht_social_sweep){0};
}

static size_t sweep(void) {
    size_t removed = 0;
    bool more = true;
    const ht_hash32 owners[] = {owner_key('a')};
    struct ht_task *task = owner_task("{}");
    if (ht_sweep_by_age(&removed, &more, task, o.db, owners, 1, &o.why) != HT_OK)
        fail_msg("%s", o.why.text);
    assert_false(more);
    return removed;
}

static bool is_here(const char *id) {
    ht_hash32 hash;
    assert_true(ht_event_hex32(&hash, ht_bytes_str(id)));
    return ht_store_has(o.store, &hash);
}

static void follow_b(void) {
    owner_put('a', 3, AGO(999), "", owner_tags("[['p','%s']]", owner_hex('b')));
}

static void without_rules_nothing_goes(void **state) {
    (void)state;
    owner_put('c', 1, AGO(999), "old", "[]");
    assert_int_equal(sweep(), 0);
}

static void strangers_events_go_when_they_are_old(void **state) {
    (void)state;
    const char *old = owner_put('c', 1, AGO(31), "old", "[]");
    const char *young = owner_put('c', 1, AGO(29), "young", "[]");
    const char *profile = owner_put('c', 0, AGO(31), "{}", "[]");
    set("{'retention':{'days':30}}");
    assert_int_equal(sweep(), 2);
    assert_false(is_here(old));
    assert_false(is_here(profile));
    assert_true(is_here(young));
}

static void the_owners_and_the_followeds_stay(void **state) {
    (void)state;
    follow_b();
    owner_put('a', 1, AGO(999), "mine", "[]");
    owner_put('b', 1, AGO(999), "theirs", "[]");
    set("{'retention':{'days':1,'kinds':[{'kind':3,'days':1}]}}");
    assert_int_equal(sweep(), 0);
}

static void of_the_followed_posts_go_by_their_own_days_but_no_lists(void **state) {
    (void)state;
    follow_b();
    const char *note = owner_put('b', 1, AGO(101), "x", "[]");
    owner_put('b', 1, AGO(99), "x", "[]");
    owner_put('b', 0, AGO(999), "{}", "[]");
    owner_put('b', 10002, AGO(999), "", "[]");
    owner_put('b', 30000, AGO(999), "", "[['d','friends']]");
    const char *article = owner_put('b', 30023, AGO(101), "", "[['d','x']]");
    set("{'retention':{'followed_days':100,'kinds':[{'kind':0,'days':1}]}}");
    assert_int_equal(sweep(), 2);
    assert_false(is_here(note));
    assert_false(is_here(article));
}

static void a_rule_of_a_kind_goes_before_the_others(void **state) {
    (void)state;
    follow_b();
    const char *reaction = owner_put('b', 7, AGO(4), "+", "[]");
    const char *stays = owner_put('c', 1063, AGO(400), "", "[]");
    set("{'retention':{'days':300,'kinds':[{'kind':7,'days':3},{'kind':1063,'days':0}]}}");
    assert_int_equal(sweep(), 1);
    assert_false(is_here(reaction));
    assert_true(is_here(stays));
}

static void private_kinds_deletions_and_bookmarks_stay(void **state) {
    (void)state;
    const char *marked = owner_put('c', 1, AGO(99), "good", "[]");
    owner_put('a', 10003, AGO(1), "", owner_tags("[['e','%s']]", marked));
    owner_put('c', 1059, AGO(99), "wrap", owner_tags("[['p','%s']]", owner_hex('a')));
    owner_put('c', 5, AGO(99), "", owner_tags("[['e','%s']]", owner_hex('9')));
    owner_put('c', 62, AGO(99), "", "[['relay','elsewhere']]");
    set("{'retention':{'days':1}}");
    assert_int_equal(sweep(), 0);
    set("{'retention':{'kinds':[{'kind':1059,'days':90},{'kind':5,'days':1}]}}");
    assert_int_equal(sweep(), 1);
    assert_true(is_here(marked));
}

static void what_went_by_age_may_come_again(void **state) {
    (void)state;
    static const uint32_t NOTES[] = {1};
    struct ht_look look = {.kinds = NOTES, .kind_count = 1};
    uint64_t count = 9;
    owner_put('c', 1, AGO(31), "old", "[]");
    set("{'retention':{'days':30}}");
    assert_int_equal(sweep(), 1);
    o.serial--; /* the same id */
    (void)owner_put('c', 1, AGO(31), "old", "[]");
    assert_int_equal(ht_look_count(&count, owner_task("{}"), &look, &o.why), HT_OK);
    assert_int_equal(count, 1);
}

static void without_an_owner_nothing_goes(void **state) {
    (void)state;
    size_t removed = 9;
    bool more = true;
    owner_put('c', 1, AGO(99), "old", "[]");
    set("{'retention':{'days':30}}");
    assert_int_equal(ht_sweep_by_age(&removed, &more, owner_task("{}"), o.db, NULL, 0, &o.why),
                     HT_OK);
    assert_int_equal(removed, 0);
    assert_false(more);
}

static void after_a_round_there_is_rest_until_rules_change(void **state) {
    (void)state;
    set("{'retention':{'days':30}}");
    assert_int_equal(sweep(), 0);
    owner_put('c', 1, AGO(99), "old", "[]");
    assert_int_equal(sweep(), 0);
    set("{'retention':{'days':29}}");
    assert_int_equal(sweep(), 1);
}

static void a_walk_is_bounded_and_goes_on_where_it_stood(void **state) {
    (void)state;
    struct ht_keeping keeping = {.days = 1, .now_s = OWNER_NOW};
    struct ht_store_walk walk = {0};
    size_t removed = 0, rounds = 0, total = 0;
    bool more = true;
    const ht_hash32 owners[] = {owner_key('a')};
    keeping.owners = owners;
    keeping.owner_count = 1;
    /* Half of them at one time, and half of them not to go. */
    for (int i = 0; i < 40; i++)
        owner_put(i % 2 == 0 ? 'a' : 'c', 1, AGO(5) + (i < 20 ? 0 : i), "x", "[]");
    while (more) {
        assert_int_equal(ht_store_keep(&removed, &more, o.store, &keeping, &walk, 3, 7, &o.why),
                         HT_OK);
        assert_true(removed <= 3);
        total += removed;
        assert_true(++rounds < 30);
    }
    assert_int_equal(total, 20);
    assert_true(rounds >= 6);
    assert_int_equal(walk.place, 0);
}

static void what_was_removed_is_counted_and_kinds_are_told(void **state) {
    (void)state;
    assert_int_equal(ht_sweep_add_removed(o.db, 3, 1, &o.why), HT_OK);
    assert_int_equal(ht_sweep_add_removed(o.db, 2, 0, &o.why), HT_OK);
    owner_put('c', 1, 5, "x", "[]");
    owner_put('c', 1, 6, "x", "[]");
    owner_put('c', 7, 6, "+", "[]");
    struct ht_task *task = owner_task("{}");
    assert_int_equal(ht_sweep_stats(task, o.db, &o.why), HT_OK);
    assert_string_equal(owner_text(json_object_get(task->result, "removed")),
                        "{'retention':5,'expired':1}");
    const json_t *store = json_object_get(task->result, "store");
    assert_int_equal(json_integer_value(json_object_get(store, "events")), 3);
    assert_string_equal(owner_text(json_object_get(store, "kinds")),
                        "[{'kind':1,'events':2},{'kind':7,'events':1}]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OWNER_TEST(without_rules_nothing_goes),
        OWNER_TEST(strangers_events_go_when_they_are_old),
        OWNER_TEST(the_owners_and_the_followeds_stay),
        OWNER_TEST(of_the_followed_posts_go_by_their_own_days_but_no_lists),
        OWNER_TEST(a_rule_of_a_kind_goes_before_the_others),
        OWNER_TEST(private_kinds_deletions_and_bookmarks_stay),
        OWNER_TEST(what_went_by_age_may_come_again),
        OWNER_TEST(without_an_owner_nothing_goes),
        OWNER_TEST(after_a_round_there_is_rest_until_rules_change),
        OWNER_TEST(a_walk_is_bounded_and_goes_on_where_it_stood),
        OWNER_TEST(what_was_removed_is_counted_and_kinds_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
