/* Links to relays, with the door as the relay: connecting, again, idle, bounds, where they may
 * lead.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>

#include "node/base/log.h"
#include "node/p2p/dial.h"
#include "node/p2p/door.h"

static struct ht_loop *loop;
static struct ht_pool *pool;
static struct ht_links *links;
static struct ht_door *door;
static struct ht_door_conn *conn;
static char url[128];
static struct ht_timer deadline;
static unsigned arrived, opened, received, closed;
static enum ht_err closed_err;
static char last[64], closed_code[32];
static bool is_hanging_up, is_closing_when_opened;
static bool (*is_done)(void);

static void check(void) {
    if (is_done != NULL && is_done()) ht_loop_stop(loop);
}

/* --- the relay -------------------------------------------------------------------------------- */

static void *on_arrived(void *self, struct ht_door_conn *one, const struct ht_door_caller *caller) {
    (void)caller;
    arrived++;
    conn = one;
    if (is_hanging_up) ht_door_hang_up(one, "not now");
    return self;
}

static void on_asked(void *peer, ht_bytes text) {
    (void)peer;
    assert_int_equal(ht_door_send(conn, text), HT_OK);
}

static const struct ht_module_door module = {.opened = on_arrived, .received = on_asked};

/* --- the links -------------------------------------------------------------------------------- */

static void on_opened(void *user, struct ht_link *link) {
    (void)user;
    opened++;
    if (is_closing_when_opened) ht_link_close(link);
    check();
}

static void on_received(void *user, struct ht_link *link, ht_bytes message) {
    (void)user;
    (void)link;
    received++;
    (void)snprintf(last, sizeof last, "%.*s", (int)message.n, (const char *)message.p);
    check();
}

static void on_closed(void *user, struct ht_link *link, enum ht_err err, const struct ht_why *why) {
    (void)user;
    assert_non_null(why->code);
    assert_int_not_equal(ht_link_state(link), HT_LINK_OPEN);
    closed++;
    closed_err = err;
    (void)snprintf(closed_code, sizeof closed_code, "%s", why->code);
    check();
}

static const struct ht_link_handler handler = {
    .opened = on_opened, .received = on_received, .closed = on_closed};

static void late(struct ht_timer *timer) {
    ht_loop_stop(timer->loop);
}

static void run_until(bool (*done)(void)) {
    is_done = done;
    ht_timer_set(loop, &deadline, 20000, late);
    if (!done()) ht_loop_run(loop);
    ht_timer_cancel(&deadline);
    is_done = NULL;
    assert_true(done());
}

static int start(void **state) {
    (void)state;
    ht_log_set_level(HT_LOG_ERROR);
    arrived = opened = received = closed = 0;
    is_hanging_up = is_closing_when_opened = false;
    assert_int_equal(ht_loop_new(&loop, &ht_system_clock, NULL), HT_OK);
    assert_int_equal(ht_pool_new(&pool, loop, 1, 4, NULL), HT_OK);
    assert_int_equal(ht_links_new(&links, loop, pool, &ht_system_random), HT_OK);
    assert_int_equal(ht_door_new(&door, loop, &(struct ht_door_options){0}, NULL), HT_OK);
    ht_door_serve(door, &module, &door);
    (void)snprintf(url, sizeof url, "%s", ht_door_url(door));
    return 0;
}

static int end(void **state) {
    (void)state;
    ht_links_stop(links);
    ht_door_free(door);
    ht_pool_free(pool);
    ht_loop_drain(loop);
    ht_links_free(links);
    ht_loop_free(loop);
    return 0;
}

static struct ht_link *open_link(bool is_kept, unsigned idle_ms) {
    struct ht_link *link = NULL;
    struct ht_why why = {0};
    const struct ht_link_options options = {
        .url = url, .is_named = true, .is_kept = is_kept, .idle_ms = idle_ms, .handler = &handler};
    enum ht_err err = ht_link_open(&link, links, &options, &why);
    if (err != HT_OK) fail_msg("ht_link_open: %s", why.text);
    return link;
}

static bool one_received(void) {
    return received == 1;
}

static bool one_opened(void) {
    return opened == 1;
}

static bool two_opened(void) {
    return opened == 2;
}

static bool one_closed(void) {
    return closed == 1;
}

static bool two_closed(void) {
    return closed == 2;
}

static void sending_wakes_a_link(void **state) {
    (void)state;
    struct ht_link *link = open_link(false, 0);
    assert_int_equal(ht_link_state(link), HT_LINK_ASLEEP);
    assert_int_equal(ht_link_send(link, ht_bytes_str("[\"REQ\"]")), HT_OK);
    assert_int_equal(ht_link_state(link), HT_LINK_CONNECTING);
    run_until(one_received);
    assert_string_equal(last, "[\"REQ\"]");
    assert_int_equal(opened, 1);
    assert_int_equal(ht_links_open_count(links), 1);
}

static void an_idle_link_falls_asleep_and_wakes_again(void **state) {
    (void)state;
    struct ht_link *link = open_link(false, 100);
    ht_link_wake(link);
    run_until(one_closed);
    assert_int_equal(closed_err, HT_OK);
    assert_int_equal(ht_link_state(link), HT_LINK_ASLEEP);
    assert_int_equal(ht_link_send(link, ht_bytes_str("again")), HT_OK);
    run_until(one_received);
    assert_int_equal(opened, 2);
}

static void a_lost_link_is_tried_again(void **state) {
    (void)state;
    is_hanging_up = true;
    struct ht_link *link = open_link(true, 0);
    run_until(one_closed);
    assert_int_equal(closed_err, HT_ENET);
    assert_int_equal(ht_link_state(link), HT_LINK_WAITING);
    assert_int_equal(ht_link_send(link, ht_bytes_str("x")), HT_EAGAIN);
    is_hanging_up = false;
    run_until(two_opened);
    assert_int_equal(ht_link_send(link, ht_bytes_str("x")), HT_OK);
    run_until(one_received);
    assert_int_equal(arrived, 2);
}

static void a_link_may_be_closed_from_within_its_callback(void **state) {
    (void)state;
    is_closing_when_opened = true;
    (void)open_link(true, 0);
    run_until(one_opened);
    assert_int_equal(ht_links_count(links), 0);
}

static void urls_have_one_spelling(void **state) {
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"WSS://Relay.Example:443/", "wss://relay.example"},
        {"wss://relay.example/inbox/", "wss://relay.example/inbox/"},
        {"ws://relay.example:80", "ws://relay.example"},
        {"ws://relay.example:7777/?a=b#c", "ws://relay.example:7777/?a=b"},
        {"wss://me:secret@relay.example", "wss://relay.example"},
        {"wss://[2001:DB8::1]:444", "wss://[2001:db8::1]:444"},
    };
    char out[HT_LINK_URL_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ht_link_url(out, cases[i].text, NULL), HT_OK);
        assert_string_equal(out, cases[i].want);
    }
    static const char *const wrong[] = {
        "",          "relay.example",     "https://relay.example",    "wss://",
        "wss://a b", "wss://%31%32%37.1", "wss://caf\xc3\xa9.example"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct ht_why why = {0};
        assert_int_equal(ht_link_url(out, wrong[i], &why), HT_EINPUT);
        assert_string_equal(why.code, "bad_url");
    }
}

static const char *refusal_of(const char *text) {
    struct ht_link *link = NULL;
    struct ht_why why = {0};
    const struct ht_link_options options = {.url = text, .handler = &handler};
    if (ht_link_open(&link, links, &options, &why) == HT_OK) {
        ht_link_close(link);
        return "";
    }
    static char code[64];
    (void)snprintf(code, sizeof code, "%s", why.code);
    return code;
}

static void strangers_cannot_name_our_own_network(void **state) {
    (void)state;
    static const char *const inner[] = {
        "wss://127.0.0.1",         "wss://127.1",       "wss://0x7f000001",  "wss://10.1.2.3",
        "wss://192.168.1.1",       "wss://172.20.0.1",  "wss://169.254.0.1", "wss://[::1]",
        "wss://[::ffff:10.0.0.1]", "wss://[fe80::1]",   "wss://[fd00::1]",   "wss://localhost",
        "wss://printer.local",     "wss://a.localhost", "wss://router",      "wss://0.0.0.0",
        "wss://localhost.",        "wss://100.64.0.1",
    };
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
        if (strcmp(refusal_of(inner[i]), "link_private") != 0)
            fail_msg("%s: %s", inner[i], refusal_of(inner[i]));
    }
    assert_string_equal(refusal_of("ws://relay.example"), "link_plain");
    assert_string_equal(refusal_of("wss://relay.example"), "");
    assert_string_equal(refusal_of("wss://[2001:4860::1]"), "");
    assert_string_equal(refusal_of("wss://172.32.0.1"), "");
}

/* A name service that leads "inner.example" into this computer: the linker takes this one for the
 * library's. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **out) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    bool is_inner = node != NULL && strcmp(node, "inner.example") == 0;
    return real(is_inner ? "127.0.0.1" : node, service, hints, out);
}

static void a_strangers_name_that_leads_into_this_computer_is_not_followed(void **state) {
    (void)state;
    struct ht_link *link = NULL;
    struct ht_link_options options = {
        .url = "wss://inner.example", .is_kept = true, .handler = &handler};
    assert_int_equal(ht_link_open(&link, links, &options, NULL), HT_OK);
    run_until(one_closed);
    assert_int_equal(closed_err, HT_EDENIED);
    assert_string_equal(closed_code, "link_private");
    assert_int_equal(arrived, 0);
    ht_link_close(link);
    /* The user's own word goes as far as the door, which does not go by that name. */
    char named[128];
    (void)snprintf(named, sizeof named, "ws://inner.example:%s", strrchr(url, ':') + 1);
    options.url = named;
    options.is_named = true;
    assert_int_equal(ht_link_open(&link, links, &options, NULL), HT_OK);
    run_until(two_closed);
    assert_string_equal(closed_code, "http_status");
}

static void links_are_bounded_and_one_for_each_relay(void **state) {
    (void)state;
    struct ht_link *link = NULL;
    struct ht_why why = {0};
    char name[64];
    struct ht_link_options options = {.url = name, .handler = &handler};
    for (unsigned i = 0; i < HT_LINKS_MAX; i++) {
        (void)snprintf(name, sizeof name, "wss://r%u.example", i);
        assert_int_equal(ht_link_open(&link, links, &options, &why), HT_OK);
    }
    (void)snprintf(name, sizeof name, "wss://more.example");
    assert_int_equal(ht_link_open(&link, links, &options, &why), HT_ELIMIT);
    assert_string_equal(why.code, "too_many_links");
    assert_non_null(ht_link_find(links, "WSS://R7.example:443/"));
    assert_null(ht_link_find(links, "wss://r7.example/x"));
    (void)snprintf(name, sizeof name, "wss://R7.example/");
    assert_int_equal(ht_link_open(&link, links, &options, &why), HT_EINPUT);
    assert_string_equal(why.code, "link_exists");
    ht_link_close(ht_link_find(links, "wss://r7.example"));
    assert_int_equal(ht_link_open(&link, links, &options, &why), HT_OK);
    assert_string_equal(ht_link_name(link), "wss://r7.example");
    ht_links_stop(links);
    assert_int_equal(ht_links_count(links), 0);
    assert_int_equal(ht_link_open(&link, links, &options, &why), HT_EDENIED);
    assert_string_equal(why.code, "stopping");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(sending_wakes_a_link),
        TEST(an_idle_link_falls_asleep_and_wakes_again),
        TEST(a_lost_link_is_tried_again),
        TEST(a_link_may_be_closed_from_within_its_callback),
        cmocka_unit_test(urls_have_one_spelling),
        TEST(strangers_cannot_name_our_own_network),
        TEST(a_strangers_name_that_leads_into_this_computer_is_not_followed),
        TEST(links_are_bounded_and_one_for_each_relay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
