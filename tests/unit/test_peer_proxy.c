/* Links and requests through a SOCKS5 proxy that resolves their names. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/peer_tls_bench.h"

static struct socks_server proxy;
static char proxy_name[64];

static void open_proxy(void) {
    open_tls_door();
    assert_true(socks_start(&proxy, ht_door_port(door)));
    (void)snprintf(proxy_name, sizeof proxy_name, "127.0.0.1:%u", proxy.port);
}

static void a_pinned_link_goes_through_a_proxy_that_resolves_its_name(void **state) {
    (void)state;
    open_proxy();
    say_hello(dial("wss", "peer.example", 443, &key.pin, proxy_name));
    assert_string_equal(proxy.name, "peer.example");
    assert_int_equal(proxy.name_port, 443);
    socks_stop(&proxy);
}

static void another_key_behind_a_proxy_is_refused(void **state) {
    (void)state;
    const ht_hash32 other = another(&key.pin);
    open_proxy();
    (void)dial("wss", "peer.example", 443, &other, proxy_name);
    assert_closed(HT_EUNVERIFIED, "wrong_pin");
    socks_stop(&proxy);
}

static void an_onion_needs_no_tls_and_nobodys_leave(void **state) {
    (void)state;
    const char *names[] = {"abcdef.onion"};
    const struct ht_door_options plain = {.names = names, .name_count = 1};
    struct ht_link *link = NULL;
    door = open_door(&plain);
    assert_true(socks_start(&proxy, ht_door_port(door)));
    (void)snprintf(proxy_name, sizeof proxy_name, "127.0.0.1:%u", proxy.port);
    const struct ht_link_options options = {
        .url = "ws://abcdef.onion", .is_kept = true, .socks = proxy_name, .handler = &handler};
    assert_int_equal(ht_link_open(&link, links, &options, NULL), HT_OK);
    say_hello(link);
    assert_string_equal(proxy.name, "abcdef.onion");
    assert_int_equal(proxy.name_port, 80);
    socks_stop(&proxy);
}

static void an_onion_without_a_proxy_is_never_looked_up(void **state) {
    (void)state;
    struct ht_link *link = NULL;
    struct ht_why why = {0};
    const struct ht_link_options options = {
        .url = "wss://ABCDEF.onion", .is_named = true, .handler = &handler};
    assert_int_equal(ht_link_open(&link, links, &options, &why), HT_EDENIED);
    assert_string_equal(why.code, "onion_without_tor");
    ask("http", "abcdef.onion", 80, NULL, NULL, NULL);
    assert_int_equal(answer.err, HT_EDENIED);
    assert_string_equal(answer.why.code, "onion_without_tor");
}

static void what_the_proxy_says_no_to_is_told(void **state) {
    (void)state;
    open_proxy();
    proxy.code = 0xf2;
    (void)dial("wss", "peer.example", 443, &key.pin, proxy_name);
    assert_closed(HT_ENET, "proxy_refused");
    socks_stop(&proxy);
}

static void what_is_no_proxy_is_told(void **state) {
    (void)state;
    open_proxy();
    proxy.version = 'H';
    (void)dial("wss", "peer.example", 443, &key.pin, proxy_name);
    assert_closed(HT_EINPUT, "proxy_malformed");
    socks_stop(&proxy);
}

static void a_proxy_that_is_not_there_is_told(void **state) {
    (void)state;
    open_proxy();
    socks_stop(&proxy);
    (void)dial("wss", "peer.example", 443, &key.pin, proxy_name);
    assert_closed(HT_ENET, "proxy_unreachable");
}

static void a_link_can_be_closed_while_the_proxy_is_asked(void **state) {
    (void)state;
    open_proxy();
    struct ht_link *first = dial("wss", "peer.example", 443, &key.pin, proxy_name);
    struct ht_link *second = dial("wss", "peer2.example", 443, &key.pin, proxy_name);
    ht_link_close(first);
    say_hello(second);
    (void)dial("wss", "peer3.example", 443, &key.pin, proxy_name);
    ht_links_stop(links);
    socks_stop(&proxy);
}

static void a_request_goes_through_the_proxy_as_well(void **state) {
    (void)state;
    const ht_hash32 other = another(&key.pin);
    open_proxy();
    ask("https", "peer.example", 443, &key.pin, "abc", proxy_name);
    if (answer.err != HT_OK) fail_msg("%s: %s", answer.why.code, answer.why.text);
    assert_string_equal(authorization, "Bearer abc");
    assert_string_equal(proxy.name, "peer.example");
    ask("https", "peer2.example", 443, &other, "abc", proxy_name);
    assert_int_equal(answer.err, HT_EUNVERIFIED);
    assert_int_equal(requests, 1);
    socks_stop(&proxy);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_pinned_link_goes_through_a_proxy_that_resolves_its_name),
        TEST(another_key_behind_a_proxy_is_refused),
        TEST(an_onion_needs_no_tls_and_nobodys_leave),
        TEST(an_onion_without_a_proxy_is_never_looked_up),
        TEST(what_the_proxy_says_no_to_is_told),
        TEST(what_is_no_proxy_is_told),
        TEST(a_proxy_that_is_not_there_is_told),
        TEST(a_link_can_be_closed_while_the_proxy_is_asked),
        TEST(a_request_goes_through_the_proxy_as_well),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
