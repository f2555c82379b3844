/* AUTH, and who sees what: the same for REQ, COUNT, NEG and live events. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/nostr/negentropy.h"
#include "social/relay/relay_auth.h"
#include "tests/unit/relay_bench.h"

#define NOW MAKER_TIME

enum { ALICE = 1, BOB, CAROL };

static struct bench_peer alice, bob;

static int start(void **state) {
    int rc = bench_start(state);
    if (rc == 0) {
        bench_open(&alice);
        bench_open(&bob);
    }
    return rc;
}

static int end(void **state) {
    bench_close(&alice);
    bench_close(&bob);
    return bench_end(state);
}

static struct bench_event auth_of(struct bench_peer *from, uint8_t who, uint32_t kind, int64_t at,
                                  const char *url) {
    /* ["AUTH","…"] */
    ht_bytes challenge = ht_bytes_of(from->messages[0] + 9, 32);
    const ht_bytes relay[] = {ht_bytes_str("relay"), ht_bytes_str(url)};
    const ht_bytes word[] = {ht_bytes_str("challenge"), challenge};
    const struct ht_event_tag tags[] = {{relay, 2}, {word, 2}};
    struct bench_event made = bench_event_of(who, kind, at, tags, 2, "");
    (void)snprintf(made.message, sizeof made.message, "[\"AUTH\",%s]", made.json);
    return made;
}

static void authenticate(struct bench_peer *from, const struct bench_event *made, const char *ok) {
    bench_publish(from, made, ok);
}

static struct bench_event wrap_to(uint8_t who, uint32_t kind, const char *content) {
    char hex[HT_HEX_SIZE(32)];
    ht_hash32 key = maker_pubkey(who);
    ht_hex_write(hex, HT_BYTES(key.b));
    const ht_bytes items[] = {ht_bytes_str("p"), ht_bytes_of(hex + 2, 64)};
    const struct ht_event_tag tag = {items, 2};
    return bench_event_of(9, kind, NOW, &tag, 1, content);
}

static void auth_takes_an_event_that_answers_the_challenge(void **state) {
    struct bench_event good = auth_of(&alice, ALICE, 22242, NOW, "ws://127.0.0.1:8421/");
    (void)state;
    authenticate(&alice, &good, "true,\"\"]");
    /* Again, and a second key, are fine. */
    struct bench_event second = auth_of(&alice, BOB, 22242, NOW - 500, BENCH_URL);
    authenticate(&alice, &good, "true,\"\"]");
    authenticate(&alice, &second, "true,\"\"]");
}

static void auth_refuses_what_is_about_something_else(void **state) {
    struct bench_event kind = auth_of(&alice, ALICE, 1, NOW, BENCH_URL);
    struct bench_event old = auth_of(&alice, ALICE, 22242, NOW - 601, BENCH_URL);
    struct bench_event ahead = auth_of(&alice, ALICE, 22242, NOW + 601, BENCH_URL);
    struct bench_event other = auth_of(&alice, ALICE, 22242, NOW, "wss://relay.example");
    struct bench_event others = auth_of(&bob, ALICE, 22242, NOW, BENCH_URL);
    struct bench_event forged = auth_of(&alice, ALICE, 22242, NOW, BENCH_URL);
    char *at = strstr(forged.message, "\"sig\":\"");
    (void)state;
    at[7] = at[7] == '0' ? '1' : '0';
    authenticate(&alice, &kind, "false,\"invalid: it is not of kind 22242");
    authenticate(&alice, &old, "false,\"invalid: created_at");
    authenticate(&alice, &ahead, "false,\"invalid: created_at");
    authenticate(&alice, &other, "false,\"invalid: the relay tag");
    authenticate(&alice, &others, "false,\"invalid: the challenge");
    authenticate(&alice, &forged, "false,\"invalid: the signature");
}

static void auth_event_is_not_published(void **state) {
    struct bench_event good = auth_of(&alice, ALICE, 22242, NOW, BENCH_URL);
    (void)state;
    (void)snprintf(good.message, sizeof good.message, "[\"EVENT\",%s]", good.json);
    bench_publish(&alice, &good, "false,\"invalid: an AUTH event");
}

static void auth_compares_hosts_and_ports(void **state) {
    static const struct {
        const char *a, *b;
        bool is_same;
    } cases[] = {
        {"ws://a.example", "WS://A.EXAMPLE/", true},
        {"wss://a.example:443/x?y", "https://a.example", true},
        {"ws://a.example", "wss://a.example", false},
        {"ws://a.example:81", "ws://a.example", false},
        {"ws://[::1]:8421", "ws://[::1]:8421/", true},
        {"ws://[::1]", "ws://[::1]:80/", true},
        {"ws://a.example", "ws://a.example@b.example", false},
        {"ws://a.example", "ws://a.example.b.example", false},
        {"ftp://a.example", "ftp://a.example", false},
        {"ws://", "ws://", false},
        {"", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool is_same = ht_relay_is_same_host(ht_bytes_str(cases[i].a), ht_bytes_str(cases[i].b));
        if (is_same != cases[i].is_same) fail_msg("%s and %s", cases[i].a, cases[i].b);
    }
}

/* --- private kinds -----------------------------------------------------------------------------*/

static void relay_asks_for_auth_when_only_private_kinds_are_wanted(void **state) {
    (void)state;
    bench_say(&bob, "[\"REQ\",\"r\",{\"kinds\":[1059]}]");
    bench_expect(&bob, "[\"CLOSED\",\"r\",\"auth-required: ");
    bench_say(&bob, "[\"COUNT\",\"c\",{\"kinds\":[1059,4]}]");
    bench_expect(&bob, "[\"CLOSED\",\"c\",\"auth-required: ");
    bench_say(&bob, "[\"NEG-OPEN\",\"n\",{\"kinds\":[1059]},\"61\"]");
    bench_expect(&bob, "[\"NEG-ERR\",\"n\",\"auth-required: ");
}

/* What the peer sees of everything, by each way. */
static void expect_sees(struct bench_peer *peer, unsigned count) {
    char text[64];
    bench_say(peer, "[\"REQ\",\"r\",{}]");
    for (unsigned i = 0; i < count; i++) bench_expect(peer, "[\"EVENT\",\"r\"");
    bench_expect(peer, "[\"EOSE\",\"r\",[\"finish\"]]");
    (void)snprintf(text, sizeof text, "[\"COUNT\",\"c\",{\"count\":%u}]", count);
    bench_say(peer, "[\"COUNT\",\"c\",{}]");
    bench_expect(peer, text);
    struct ht_neg *neg;
    struct ht_buf out;
    struct ht_neg_found found;
    char open[256];
    char hex[HT_HEX_SIZE(64)];
    ht_buf_init(&out, 64);
    ht_buf_init(&found.have, 4096);
    ht_buf_init(&found.need, 4096);
    assert_int_equal(ht_neg_new(&neg, NULL, 0, 0, NULL), HT_OK);
    assert_int_equal(ht_neg_initiate(&out, neg, NULL), HT_OK);
    ht_hex_write(hex, ht_buf_view(&out));
    (void)snprintf(open, sizeof open, "[\"NEG-OPEN\",\"n\",{},\"%s\"]", hex + 2);
    bench_say(peer, open);
    const char *got = bench_next(peer);
    assert_int_equal(strncmp(got, "[\"NEG-MSG\",\"n\",\"", 16), 0);
    struct ht_buf message;
    ht_buf_init(&message, 4096);
    ht_bytes digits = ht_bytes_of(got + 16, strlen(got) - 18);
    assert_int_equal(ht_hex_read_buf(&message, digits), HT_OK);
    ht_buf_clear(&out);
    assert_int_equal(ht_neg_reconcile(&out, &found, neg, ht_buf_view(&message), NULL), HT_OK);
    assert_int_equal(found.need.n, 32 * count);
    bench_say(peer, "[\"NEG-CLOSE\",\"n\"]");
    ht_neg_free(neg);
    ht_buf_fini(&message);
    ht_buf_fini(&out);
    ht_buf_fini(&found.have);
    ht_buf_fini(&found.need);
}

static void relay_shows_private_events_to_whom_they_name_alone(void **state) {
    struct bench_event wrap = wrap_to(BOB, 1059, "a"), other = wrap_to(CAROL, 1059, "b");
    struct bench_event later = wrap_to(BOB, 1059, "c"), ephemeral = wrap_to(CAROL, 21059, "d");
    struct bench_event note = bench_note(ALICE, NOW, "e");
    struct bench_event good = auth_of(&bob, BOB, 22242, NOW, BENCH_URL);
    (void)state;
    bench_publish(&alice, &wrap, "true");
    bench_publish(&alice, &other, "true");
    bench_publish(&alice, &note, "true");
    expect_sees(&bob, 1);
    authenticate(&bob, &good, "true");
    expect_sees(&bob, 2);
    /* Live: "r" is open at both. */
    bench_say(&alice, "[\"REQ\",\"r\",{\"limit\":0}]");
    bench_expect(&alice, "[\"EOSE\"");
    bench_publish(&alice, &ephemeral, "true");
    bench_publish(&alice, &later, "true");
    bench_expect(&bob, "[\"EVENT\",\"r\"");
    assert_non_null(strstr(bob.messages[bob.read - 1], later.id));
    assert_int_equal(alice.count, alice.read);
    assert_int_equal(bob.count, bob.read);
    expect_sees(&bob, 3);
}

static void relay_takes_protected_events_from_their_author_alone(void **state) {
    const ht_bytes items[] = {ht_bytes_str("-")};
    const struct ht_event_tag tag = {items, 1};
    struct bench_event mine = bench_event_of(ALICE, 1, NOW, &tag, 1, "mine");
    struct bench_event good = auth_of(&alice, ALICE, 22242, NOW, BENCH_URL);
    (void)state;
    bench_publish(&alice, &mine, "false,\"auth-required: ");
    authenticate(&alice, &good, "true");
    bench_publish(&alice, &mine, "true");
}

static void relay_may_be_for_reading_by_those_whom_the_owner_knows(void **state) {
    ht_hash32 key = maker_pubkey(ALICE);
    struct bench_event good = auth_of(&alice, ALICE, 22242, NOW, BENCH_URL);
    struct bench_event other = auth_of(&bob, BOB, 22242, NOW, BENCH_URL);
    (void)state;
    ht_policy_settings(bench.policy)->read = HT_RANK_FOLLOWED;
    assert_int_equal(ht_policy_set(bench.policy, HT_RANK_FOLLOWED, &key, 1), HT_OK);
    bench_say(&alice, "[\"REQ\",\"r\",{}]");
    bench_expect(&alice, "[\"CLOSED\",\"r\",\"auth-required: ");
    authenticate(&alice, &good, "true");
    authenticate(&bob, &other, "true");
    bench_say(&alice, "[\"REQ\",\"r\",{}]");
    bench_expect(&alice, "[\"EOSE\",\"r\"");
    bench_say(&bob, "[\"REQ\",\"r\",{}]");
    bench_expect(&bob, "[\"CLOSED\",\"r\",\"restricted: ");
}

/* --- NEG ---------------------------------------------------------------------------------------*/

static void relay_lists_all_that_match_in_slices_for_neg(void **state) {
    enum { COUNT = 4500 };
    struct ht_neg *neg;
    struct ht_buf out;
    struct ht_neg_item *items = calloc(COUNT, sizeof *items);
    char hex[HT_HEX_SIZE(1024)], open[2200];
    (void)state;
    assert_non_null(items);
    for (size_t i = 0; i < COUNT; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%zu", i);
        /* Most of them in one second, so that slices meet in it. */
        int64_t at = NOW - 10 - (i > 4000 ? (int64_t)i : 0);
        struct bench_event note = bench_note(1, at, text);
        items[i] = (struct ht_neg_item){.created_at = (uint64_t)at, .id = note.event.id};
        bench_say(&alice, note.message);
        if (i % 500 == 499) {
            for (size_t k = 0; k < 500; k++) bench_expect(&alice, "[\"OK\"");
            for (size_t k = 0; k < alice.count; k++) free(alice.messages[k]);
            alice.count = alice.read = 0;
        }
    }
    ht_buf_init(&out, 1024);
    assert_int_equal(ht_neg_new(&neg, items, COUNT, 0, NULL), HT_OK);
    assert_int_equal(ht_neg_initiate(&out, neg, NULL), HT_OK);
    ht_hex_write(hex, ht_buf_view(&out));
    (void)snprintf(open, sizeof open, "[\"NEG-OPEN\",\"n\",{\"kinds\":[1]},\"%s\"]", hex + 2);
    bench_say(&bob, open);
    /* The same on both sides: nothing more than the version is said. */
    bench_expect(&bob, "[\"NEG-MSG\",\"n\",\"61\"]");
    ht_neg_free(neg);
    ht_buf_fini(&out);
    free(items);
    assert_int_equal(ht_relay_counts(bench.relay).negs_now, 1);
    bench_say(&bob, "[\"NEG-MSG\",\"n\",\"6\"]");
    bench_expect(&bob, "[\"NEG-ERR\",\"n\",\"invalid: the message is not hex");
    assert_int_equal(ht_relay_counts(bench.relay).negs_now, 0);
}

static void relay_bounds_the_sessions_of_a_connection(void **state) {
    char text[64];
    (void)state;
    for (unsigned i = 0; i < HT_RELAY_NEG_MAX; i++) {
        (void)snprintf(text, sizeof text, "[\"NEG-OPEN\",\"%u\",{},\"61\"]", i);
        bench_say(&bob, text);
        bench_expect(&bob, "[\"NEG-MSG\"");
    }
    bench_say(&bob, "[\"NEG-OPEN\",\"more\",{},\"61\"]");
    bench_expect(&bob, "[\"NEG-ERR\",\"more\",\"blocked: too many sessions");
    bench_say(&bob, "[\"NEG-CLOSE\",\"0\"]");
    bench_say(&bob, "[\"NEG-OPEN\",\"more\",{},\"61\"]");
    bench_expect(&bob, "[\"NEG-MSG\",\"more\"");
    bench_say(&bob, "[\"NEG-MSG\",\"more\",\"61\"]");
    bench_say(&bob, "[\"NEG-MSG\",\"more\",\"61\"]");
    bench_expect(&bob, "[\"NEG-ERR\",\"more\",\"invalid: a message before");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(auth_takes_an_event_that_answers_the_challenge),
        TEST(auth_refuses_what_is_about_something_else),
        TEST(auth_event_is_not_published),
        cmocka_unit_test(auth_compares_hosts_and_ports),
        TEST(relay_asks_for_auth_when_only_private_kinds_are_wanted),
        TEST(relay_shows_private_events_to_whom_they_name_alone),
        TEST(relay_takes_protected_events_from_their_author_alone),
        TEST(relay_may_be_for_reading_by_those_whom_the_owner_knows),
        TEST(relay_lists_all_that_match_in_slices_for_neg),
        TEST(relay_bounds_the_sessions_of_a_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
