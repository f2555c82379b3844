/* Names of people: which are told, when they are asked for, what is forgotten. */
#include "tests/unit/ens_world.h"

#include "identity/trust/trust_names.h"
#include "node/loop/loop.h"

#define SOON_MS 1000
#define MINUTE_MS 60000

static struct {
    struct ht_trust_names *names;
    int64_t now_ms, delay_ms;
    struct ht_timer *timer; /* that is set; NULL: none */
    void (*fire)(struct ht_timer *timer);
    bool is_final;
    unsigned changes;
} tn;

/* --- fakes ------------------------------------------------------------------------------------ */

static int64_t mono_ms(void *self) {
    (void)self;
    return tn.now_ms;
}

static const struct ht_clock fake_clock = {.mono_ms = mono_ms};

void ht_timer_set(struct ht_loop *loop, struct ht_timer *timer, int64_t delay_ms,
                  void (*fire)(struct ht_timer *timer)) {
    (void)loop;
    tn.timer = timer;
    tn.delay_ms = delay_ms;
    tn.fire = fire;
}

void ht_timer_cancel(struct ht_timer *timer) {
    if (tn.timer == timer) tn.timer = NULL;
}

const struct ht_exec_header_verified *ht_chain_finalized(const struct ht_chain *chain) {
    (void)chain;
    return tn.is_final ? &er.head : NULL;
}

/* --- driving ---------------------------------------------------------------------------------- */

static void on_change(void *user) {
    assert_ptr_equal(user, &tn);
    tn.changes++;
}

static void fire_timer(void) {
    struct ht_timer *timer = tn.timer;
    tn.timer = NULL;
    if (timer != NULL) tn.fire(timer);
}

/* Until nothing is left to be done now. */
static void settle(void) {
    while (tn.timer != NULL && tn.delay_ms < SOON_MS) fire_timer();
}

static void pass(int64_t ms) {
    tn.now_ms += ms;
    fire_timer();
    settle();
}

static int set_up_names(void **state) {
    if (set_up(state) != 0) return 1;
    memset(&tn, 0, sizeof tn);
    tn.is_final = true;
    tn.now_ms = 1000;
    er.host.clock = &fake_clock;
    er.host.loop = (struct ht_loop *)&tn;
    return ht_trust_names_new(&tn.names, &er.host, on_change, &tn, NULL) == HT_OK ? 0 : 1;
}

static int tear_down_names(void **state) {
    ht_trust_names_free(tn.names);
    return tear_down(state);
}

/* Alice alone, linked by that event. */
static void want_alice(uint8_t link) {
    const struct ht_trust_wanted list[] = {{.address = address(ALICE), .link = {.b = {link}}}};
    ht_trust_names_want(tn.names, list, 1);
    settle();
}

static void is_named(const char *want) {
    const ht_addr20 alice = address(ALICE);
    const struct ht_trust_named *named = ht_trust_name_of(tn.names, &alice);
    if (named == NULL || want == NULL) {
        assert_true((named == NULL) == (want == NULL));
        return;
    }
    assert_string_equal(named->name, want);
}

static void give_alice(const char *name) {
    claim_name(name);
    register_name(name, KNOWN);
    keep_address(name, ALICE);
}

/* --- which are told --------------------------------------------------------------------------- */

static void name_that_leads_there_and_back_is_told_with_its_block(void **state) {
    (void)state;
    const ht_addr20 alice = address(ALICE);
    give_alice("alice.eth");
    want_alice(1);
    is_named("alice.eth");
    assert_int_equal(ht_trust_name_of(tn.names, &alice)->block, 100);
    assert_int_equal(ht_trust_name_of(tn.names, &alice)->block_hash.b[0], 1);
    assert_int_equal(tn.changes, 1);
}

static void name_that_leads_to_another_is_not_told(void **state) {
    (void)state;
    claim_name("bob.eth");
    register_name("bob.eth", KNOWN);
    keep_address("bob.eth", BOB);
    want_alice(1);
    is_named(NULL);
    assert_int_equal(er.reads, 6); /* both halves were looked at */
    assert_int_equal(tn.changes, 0);
}

static void name_that_leads_nowhere_is_not_told(void **state) {
    (void)state;
    claim_name("alice.eth");
    want_alice(1);
    is_named(NULL);
    assert_int_equal(er.reads, 4);
}

static void name_that_is_not_its_own_normal_form_is_not_told(void **state) {
    (void)state;
    give_alice("Alice.eth");
    want_alice(1);
    is_named(NULL);
    assert_int_equal(er.reads, 3); /* it is not led back */
}

static void name_that_is_too_long_to_be_shown_is_not_told(void **state) {
    (void)state;
    char name[HT_TRUST_NAME_MAX + 2];
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    claim_name(name);
    want_alice(1);
    is_named(NULL);
    assert_int_equal(er.reads, 4); /* registry, version, its length, the rest */
}

static void account_without_a_name_is_asked_about_once(void **state) {
    (void)state;
    want_alice(1);
    is_named(NULL);
    assert_int_equal(er.reads, 1);
    pass(MINUTE_MS);
    assert_int_equal(er.reads, 1);
    assert_int_equal(tn.changes, 0);
}

/* --- when ------------------------------------------------------------------------------------- */

static void name_is_asked_for_once_a_day(void **state) {
    (void)state;
    give_alice("alice.eth");
    want_alice(1);
    unsigned reads = er.reads;
    for (int i = 0; i < 5; i++) {
        pass(MINUTE_MS);
        want_alice(1);
    }
    assert_int_equal(er.reads, reads);
    keep_address("alice.eth", BOB);
    pass(HT_TRUST_NAME_DAY_MS);
    assert_int_equal(er.reads, 2 * reads);
    is_named(NULL);
    assert_int_equal(tn.changes, 2);
}

static void another_link_is_a_reason_to_ask_anew(void **state) {
    (void)state;
    want_alice(1);
    give_alice("alice.eth");
    want_alice(1);
    is_named(NULL);
    want_alice(2);
    is_named("alice.eth");
}

static void what_could_not_be_told_is_asked_again_and_the_name_stays(void **state) {
    (void)state;
    char reverse_name[HT_ENS_REVERSE_NAME_SIZE];
    const ht_addr20 alice = address(ALICE);
    give_alice("alice.eth");
    want_alice(1);
    ht_ens_reverse_name(reverse_name, &alice);
    register_name(reverse_name, OTHER);
    sim.refuses = HT_ENET;
    pass(HT_TRUST_NAME_DAY_MS);
    unsigned reads = er.reads;
    is_named("alice.eth");
    pass(MINUTE_MS);
    assert_int_equal(er.reads, reads);
    pass(HT_TRUST_NAME_RETRY_MS);
    assert_int_equal(er.reads, reads + 1);
    is_named("alice.eth");
    pass(HT_TRUST_NAME_DAY_MS);
    is_named(NULL); /* nobody has proven it for two days */
}

static void nothing_is_asked_before_there_is_a_final_block(void **state) {
    (void)state;
    give_alice("alice.eth");
    tn.is_final = false;
    want_alice(1);
    assert_int_equal(er.reads, 0);
    tn.is_final = true;
    pass(MINUTE_MS);
    is_named("alice.eth");
}

static void network_without_a_known_registry_is_asked_nothing(void **state) {
    (void)state;
    give_alice("alice.eth");
    sim.network.chain_id = 5;
    want_alice(1);
    assert_int_equal(er.reads, 0);
    sim.network.contracts.ens_registry = address(BOB);
    sim.network.chain_id = 1;
    want_alice(1);
    assert_int_equal(er.reads, 0);
    sim.network.contracts.ens_registry = ht_ens_registry;
    sim.network.chain_id = 5;
    want_alice(1);
    assert_true(er.reads > 0);
}

/* --- limits ----------------------------------------------------------------------------------- */

static size_t crowd(struct ht_trust_wanted *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        list[i] = (struct ht_trust_wanted){
            .address = {.b = {(uint8_t)(count - i), (uint8_t)(i >> 8), (uint8_t)i}}};
    }
    return count;
}

static void crowd_is_asked_about_in_rounds(void **state) {
    (void)state;
    struct ht_trust_wanted list[HT_TRUST_NAMES_ROUND + 6];
    ht_trust_names_want(tn.names, list, crowd(list, sizeof list / sizeof *list));
    settle();
    assert_int_equal(er.reads, HT_TRUST_NAMES_ROUND);
    pass(MINUTE_MS);
    assert_int_equal(er.reads, HT_TRUST_NAMES_ROUND + 6);
}

static void most_wanted_is_asked_about_first(void **state) {
    (void)state;
    struct ht_trust_wanted list[HT_TRUST_NAMES_ROUND + 1];
    size_t count = crowd(list, sizeof list / sizeof *list);
    give_alice("alice.eth");
    list[0].address = address(ALICE);
    ht_trust_names_want(tn.names, list, count);
    settle();
    is_named("alice.eth");
}

static void account_that_is_wanted_twice_is_asked_about_once(void **state) {
    (void)state;
    struct ht_trust_wanted list[4];
    (void)crowd(list, 4);
    list[2].address = list[0].address;
    list[3].address = list[0].address;
    ht_trust_names_want(tn.names, list, 4);
    settle();
    assert_int_equal(er.reads, 2);
}

static void one_is_asked_about_at_a_time(void **state) {
    (void)state;
    struct ht_trust_wanted list[3];
    er.holds_reads = true;
    ht_trust_names_want(tn.names, list, crowd(list, 3));
    settle();
    struct ht_state_read *first = er.held;
    assert_non_null(first);
    er.held = NULL;
    ht_trust_names_want(tn.names, list, 3);
    pass(MINUTE_MS);
    assert_null(er.held);
    er.holds_reads = false;
    ht_state_read(NULL, first);
    settle();
    assert_int_equal(er.reads, 3);
}

static void nobody_wanted_is_forgotten(void **state) {
    (void)state;
    give_alice("alice.eth");
    want_alice(1);
    ht_trust_names_want(tn.names, NULL, 0);
    is_named(NULL);
}

static void who_is_not_wanted_any_more_when_the_answer_comes_has_no_name(void **state) {
    (void)state;
    give_alice("alice.eth");
    er.holds_reads = true;
    want_alice(1);
    er.holds_reads = false;
    ht_trust_names_want(tn.names, NULL, 0);
    ht_state_read(NULL, er.held);
    is_named(NULL);
    assert_int_equal(tn.changes, 0);
}

static void stopping_ends_what_is_under_way(void **state) {
    (void)state;
    give_alice("alice.eth");
    er.holds_reads = true;
    want_alice(1);
    er.holds_reads = false;
    ht_trust_names_quit(tn.names);
    ht_state_read(NULL, er.held);
    assert_int_equal(er.reads, 3); /* the name is not led back */
    assert_null(tn.timer);
    assert_int_equal(tn.changes, 0);
}

#define NAMES_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_names, tear_down_names)

int main(void) {
    const struct CMUnitTest tests[] = {
        NAMES_TEST(name_that_leads_there_and_back_is_told_with_its_block),
        NAMES_TEST(name_that_leads_to_another_is_not_told),
        NAMES_TEST(name_that_leads_nowhere_is_not_told),
        NAMES_TEST(name_that_is_not_its_own_normal_form_is_not_told),
        NAMES_TEST(name_that_is_too_long_to_be_shown_is_not_told),
        NAMES_TEST(account_without_a_name_is_asked_about_once),
        NAMES_TEST(name_is_asked_for_once_a_day),
        NAMES_TEST(another_link_is_a_reason_to_ask_anew),
        NAMES_TEST(what_could_not_be_told_is_asked_again_and_the_name_stays),
        NAMES_TEST(nothing_is_asked_before_there_is_a_final_block),
        NAMES_TEST(network_without_a_known_registry_is_asked_nothing),
        NAMES_TEST(crowd_is_asked_about_in_rounds),
        NAMES_TEST(most_wanted_is_asked_about_first),
        NAMES_TEST(account_that_is_wanted_twice_is_asked_about_once),
        NAMES_TEST(one_is_asked_about_at_a_time),
        NAMES_TEST(nobody_wanted_is_forgotten),
        NAMES_TEST(who_is_not_wanted_any_more_when_the_answer_comes_has_no_name),
        NAMES_TEST(stopping_ends_what_is_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
