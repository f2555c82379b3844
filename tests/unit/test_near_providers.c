/* Peers in the list of providers: they come, go, come back, and are asked last. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/net/provider.h"

static int64_t now_ms;
static unsigned lies;
static ht_hash32 liar;
static struct ht_providers all;

static int64_t mono_ms(void *self) {
    (void)self;
    return now_ms;
}

static void fill(void *self, uint8_t *out, size_t n) {
    (void)self;
    memset(out, 0, n);
}

static const struct ht_clock fake_clock = {.wall_ms = mono_ms, .mono_ms = mono_ms};
static const struct ht_random fake_random = {.fill = fill};
static const struct ht_provider_fault lie = {.asked = "account 0x12",
                                             .why = {.code = "bad_proof", .text = "not proven"}};

static void on_lie(void *user, const struct ht_provider *provider,
                   const struct ht_provider_fault *fault) {
    (void)user;
    assert_string_equal(fault->asked, "account 0x12");
    liar = provider->peer.node;
    lies++;
}

static int start(void **state) {
    (void)state;
    now_ms = 1000;
    lies = 0;
    all = (struct ht_providers){.clock = &fake_clock, .random = &fake_random, .on_lie = on_lie};
    return 0;
}

static struct ht_provider_peer peer_of(uint8_t byte) {
    struct ht_provider_peer peer = {.token = "t0ken", .has_pin = true};
    memset(peer.node.b, byte, sizeof peer.node.b);
    return peer;
}

static enum ht_err add(uint8_t byte) {
    struct ht_provider_peer peer = peer_of(byte);
    char url[64];
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%u", 9000U + byte);
    return ht_providers_add_peer(&all, HT_PROVIDER_BEACON, url, &peer, NULL);
}

static void remove_peer(uint8_t byte) {
    struct ht_provider_peer peer = peer_of(byte);
    ht_providers_remove_peer(&all, &peer.node);
}

static struct ht_provider *pick(void) {
    int64_t wait_ms;
    return ht_providers_pick(&all, HT_PROVIDER_BEACON, NULL, &wait_ms);
}

static void a_peer_is_asked_when_no_own_provider_can_be(void **state) {
    (void)state;
    static const struct ht_why down = {.code = "connect_failed", .text = "refused"};
    assert_int_equal(add(1), HT_OK);
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_BEACON, "http://own", NULL), HT_OK);
    all.list[1].score = 5;
    assert_string_equal(pick()->name, "own");
    ht_provider_failed(&all, &all.list[1], &down, -1);
    assert_true(pick()->is_peer);
}

static void a_peer_is_named_by_its_key_and_not_by_where_it_is(void **state) {
    (void)state;
    assert_int_equal(add(0xab), HT_OK);
    assert_string_equal(all.list[0].name, "peer abababababababab");
    assert_string_equal(all.list[0].id, "peer-0");
}

static void a_peer_that_has_gone_is_not_asked(void **state) {
    (void)state;
    assert_int_equal(add(1), HT_OK);
    assert_int_equal(ht_providers_count(&all, HT_PROVIDER_BEACON), 1);
    remove_peer(1);
    assert_null(pick());
    assert_int_equal(ht_providers_count(&all, HT_PROVIDER_BEACON), 0);
    assert_null(ht_providers_find(&all, "peer-0"));
    assert_true(ht_providers_all_down(&all, HT_PROVIDER_BEACON));
    assert_string_equal(all.list[0].peer.token, "");
}

static void a_peer_that_comes_back_has_its_place_and_its_record(void **state) {
    (void)state;
    assert_int_equal(add(1), HT_OK);
    ht_provider_faulted(&all, &all.list[0], &lie, true);
    remove_peer(1);
    assert_int_equal(add(1), HT_OK);
    assert_int_equal(all.count, 1);
    assert_true(all.list[0].has_lied);
    assert_false(all.list[0].is_gone);
    assert_null(pick());
}

static void a_lie_of_a_peer_is_told(void **state) {
    (void)state;
    assert_int_equal(add(7), HT_OK);
    ht_provider_faulted(&all, &all.list[0], &lie, false);
    assert_int_equal(lies, 0);
    ht_provider_faulted(&all, &all.list[0], &lie, true);
    assert_int_equal(lies, 1);
    assert_int_equal(liar.b[0], 7);
}

static void a_lie_of_an_own_provider_is_not_told_to_anybody(void **state) {
    (void)state;
    assert_int_equal(ht_providers_add(&all, HT_PROVIDER_BEACON, "http://own", NULL), HT_OK);
    ht_provider_faulted(&all, &all.list[0], &lie, true);
    assert_int_equal(lies, 0);
}

static void a_full_list_takes_the_place_of_who_is_gone_for_long(void **state) {
    (void)state;
    for (unsigned i = 0; i < HT_PROVIDERS_MAX; i++) assert_int_equal(add((uint8_t)(i + 1)), HT_OK);
    assert_int_equal(add(200), HT_ELIMIT);
    ht_provider_faulted(&all, &all.list[2], &lie, true);
    remove_peer(3); /* gone for longest, but a liar: it keeps its place before an honest one */
    now_ms += 10;
    remove_peer(5);
    assert_int_equal(add(200), HT_ELIMIT);
    now_ms += HT_PROVIDER_REST_MS;
    assert_int_equal(add(200), HT_OK);
    assert_int_equal(all.list[4].peer.node.b[0], 200);
    assert_int_equal(all.list[2].peer.node.b[0], 3);
    assert_null(ht_providers_by_serial(&all, 4));
    assert_ptr_equal(ht_providers_by_serial(&all, HT_PROVIDERS_MAX), &all.list[4]);
}

static void refuses_an_address_that_is_none(void **state) {
    (void)state;
    struct ht_provider_peer peer = peer_of(1);
    struct ht_why why = {.code = ""};
    assert_int_equal(ht_providers_add_peer(&all, HT_PROVIDER_BEACON, "gopher://x", &peer, &why),
                     HT_EINPUT);
    assert_string_equal(why.code, "bad_url");
    assert_int_equal(all.count, 0);
}

static void a_peer_has_a_budget_of_its_own(void **state) {
    (void)state;
    struct ht_provider_peer peer = peer_of(1);
    ht_providers_set_budget(&all, 0);
    assert_int_equal(ht_providers_add_peer(&all, HT_PROVIDER_EXECUTION, "http://x", &peer, NULL),
                     HT_OK);
    assert_int_equal(ht_provider_budget(&all, &all.list[0]), HT_PROVIDER_PEER_PER_S);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_peer_is_asked_when_no_own_provider_can_be, start),
        cmocka_unit_test_setup(a_peer_is_named_by_its_key_and_not_by_where_it_is, start),
        cmocka_unit_test_setup(a_peer_that_has_gone_is_not_asked, start),
        cmocka_unit_test_setup(a_peer_that_comes_back_has_its_place_and_its_record, start),
        cmocka_unit_test_setup(a_lie_of_a_peer_is_told, start),
        cmocka_unit_test_setup(a_lie_of_an_own_provider_is_not_told_to_anybody, start),
        cmocka_unit_test_setup(a_full_list_takes_the_place_of_who_is_gone_for_long, start),
        cmocka_unit_test_setup(refuses_an_address_that_is_none, start),
        cmocka_unit_test_setup(a_peer_has_a_budget_of_its_own, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
