/* Doors with TLS and links that know whom they dial by its key. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "node/base/hex.h"
#include "tests/unit/peer_tls_bench.h"

/* --- keys ------------------------------------------------------------------------------------- */

static void a_link_to_the_pinned_key_opens_and_both_know_the_channel(void **state) {
    (void)state;
    char hex[HT_HEX_SIZE(32)];
    open_tls_door();
    assert_memory_equal(ht_door_url(door), "wss://127.0.0.1:", 16);
    say_hello(dial("wss", "127.0.0.1", ht_door_port(door), &key.pin, NULL));
    ht_hex_write(hex, HT_BYTES(key.pin.b));
    assert_string_equal(channel, hex + 2);
}

static void another_key_is_refused_before_anything_is_said(void **state) {
    (void)state;
    const ht_hash32 other = another(&key.pin);
    open_tls_door();
    (void)dial("wss", "127.0.0.1", ht_door_port(door), &other, NULL);
    assert_closed(HT_EUNVERIFIED, "wrong_pin");
    assert_int_equal(requests, 0);
}

static void without_a_pin_a_self_signed_certificate_is_refused(void **state) {
    (void)state;
    open_tls_door();
    (void)dial("wss", "127.0.0.1", ht_door_port(door), NULL, NULL);
    assert_closed(HT_ENET, "tls_failed");
}

static void a_plain_link_is_not_let_in_where_tls_is_spoken(void **state) {
    (void)state;
    open_tls_door();
    (void)dial("ws", "127.0.0.1", ht_door_port(door), NULL, NULL);
    assert_closed(HT_ENET, "connect_failed");
}

static void a_door_without_tls_is_not_taken_for_the_pinned_one(void **state) {
    (void)state;
    const struct ht_door_options plain = {0};
    door = open_door(&plain);
    (void)dial("wss", "127.0.0.1", ht_door_port(door), &key.pin, NULL);
    assert_closed(HT_ENET, "tls_failed");
}

static void a_pin_is_for_tls_alone(void **state) {
    (void)state;
    struct ht_link *link = NULL;
    struct ht_why why = {0};
    const struct ht_link_options options = {
        .url = "ws://127.0.0.1:1", .is_named = true, .pin = &key.pin, .handler = &handler};
    assert_int_equal(ht_link_open(&link, links, &options, &why), HT_EINPUT);
    assert_string_equal(why.code, "bad_url");
}

/* A certificate for the node's key that has long expired and is for another name. */
static void write_expired(char path[static 256]) {
    FILE *file = fopen(key.key_path, "r");
    EVP_PKEY *pkey = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    assert_non_null(pkey);
    assert_int_equal(fclose(file), 0);
    X509 *x = X509_new();
    X509_NAME *name = X509_get_subject_name(x);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)"other.example", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(x, name), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x), -200000));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), -100000));
    assert_int_equal(X509_set_pubkey(x, pkey), 1);
    assert_true(X509_sign(x, pkey, EVP_sha256()) > 0);
    (void)snprintf(path, 256, "%s/peer/old.crt", folder);
    file = fopen(path, "w");
    assert_int_equal(PEM_write_X509(file, x), 1);
    assert_int_equal(fclose(file), 0);
    X509_free(x);
    EVP_PKEY_free(pkey);
}

static void an_expired_certificate_of_the_pinned_key_is_good(void **state) {
    (void)state;
    char path[256];
    write_expired(path);
    struct ht_door_options options = tls_options();
    options.certificate_path = path;
    door = open_door(&options);
    say_hello(dial("wss", "127.0.0.1", ht_door_port(door), &key.pin, NULL));
}

static void a_certificate_that_is_none_opens_no_door(void **state) {
    (void)state;
    struct ht_why why = {0};
    struct ht_door_options options = tls_options();
    options.certificate_path = key.key_path;
    assert_int_equal(ht_door_new(&door, loop, &options, &why), HT_ESTORE);
    assert_string_equal(why.code, "bad_certificate");
    options = tls_options();
    options.key_path = "/none/key";
    assert_int_equal(ht_door_new(&door, loop, &options, &why), HT_ESTORE);
    assert_string_equal(why.code, "bad_certificate");
    door = NULL;
}

/* --- what goes over it ------------------------------------------------------------------------ */

static bool has_all(void) {
    return received == 40;
}

static void large_messages_go_both_ways(void **state) {
    (void)state;
    enum { SIZE = 200000 };
    char *text = malloc(SIZE);
    assert_non_null(text);
    memset(text, 'x', SIZE);
    open_tls_door();
    struct ht_link *link = dial("wss", "127.0.0.1", ht_door_port(door), &key.pin, NULL);
    for (int i = 0; i < 40; i++)
        assert_int_equal(ht_link_send(link, ht_bytes_of(text, SIZE)), HT_OK);
    run_until(has_all);
    assert_int_equal(received_bytes, 40 * SIZE);
    free(text);
}

static void two_doors_are_open_at_once(void **state) {
    (void)state;
    const struct ht_door_options plain = {0};
    open_tls_door();
    struct ht_door *second = open_door(&plain);
    say_hello(dial("ws", "127.0.0.1", ht_door_port(second), NULL, NULL));
    assert_string_equal(channel, "");
    received = 0;
    say_hello(dial("wss", "127.0.0.1", ht_door_port(door), &key.pin, NULL));
    assert_int_equal(strlen(channel), 64);
    assert_int_equal(ht_door_counts(door).websockets, 1);
    assert_int_equal(ht_door_counts(second).websockets, 1);
    ht_door_free(second);
}

static void a_door_can_be_open_to_both_families(void **state) {
    (void)state;
    struct ht_door_options options = tls_options();
    options.address = "::";
    enum ht_err err = ht_door_new(&door, loop, &options, NULL);
    if (err == HT_ENET) {
        door = NULL;
        skip(); /* no IPv6 here */
    }
    assert_int_equal(err, HT_OK);
    assert_memory_equal(ht_door_url(door), "wss://[::]:", 11);
    ht_door_serve(door, &module, &options);
    say_hello(dial("wss", "[::1]", ht_door_port(door), &key.pin, NULL));
    assert_string_equal(caller_address, "::1");
    received = 0;
    say_hello(dial("wss", "127.0.0.1", ht_door_port(door), &key.pin, NULL));
    assert_string_equal(caller_address, "127.0.0.1");
}

/* --- who does not shake hands ----------------------------------------------------------------- */

static bool has_accepted(void) {
    return ht_door_counts(door).accepted > 0;
}

static bool has_none(void) {
    return ht_door_counts(door).connections == 0;
}

static bool has_refused(void) {
    return ht_door_counts(door).refused > 0;
}

static struct ht_timer look;
static int slow = -1;

static void on_look(struct ht_timer *timer) {
    check();
    if (slow >= 0) (void)socks_send(slow, "x", 1); /* of a greeting that announces 512 bytes */
    ht_timer_set(loop, timer, 20, on_look);
}

static void who_is_silent_or_slow_at_the_handshake_is_hung_up(void **state) {
    (void)state;
    struct ht_door_options options = tls_options();
    options.handshake_s = 1;
    door = open_door(&options);
    ht_timer_set(loop, &look, 20, on_look);
    int silent = socks_connect(ht_door_port(door));
    int half = socks_connect(ht_door_port(door));
    assert_true(silent >= 0 && half >= 0);
    slow = socks_connect(ht_door_port(door));
    assert_true(slow >= 0 && socks_send(half, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9));
    assert_true(socks_send(slow, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9));
    run_until(has_accepted);
    assert_false(has_none());
    run_until(has_none);
    assert_int_equal(ht_door_counts(door).accepted, 3);
    assert_int_equal(arrived, 0);
    ht_timer_cancel(&look);
    close(silent);
    close(half);
    close(slow);
    slow = -1;
}

static void the_limits_hold_before_the_handshake(void **state) {
    (void)state;
    int fds[6];
    struct ht_door_options options = tls_options();
    options.max_connections = 4;
    door = open_door(&options);
    ht_timer_set(loop, &look, 20, on_look);
    for (int i = 0; i < 6; i++) fds[i] = socks_connect(ht_door_port(door));
    run_until(has_refused);
    assert_int_equal(ht_door_counts(door).connections, 4);
    ht_timer_cancel(&look);
    for (int i = 0; i < 6; i++) close(fds[i]);
}

/* --- HTTP ------------------------------------------------------------------------------------- */

static void a_request_to_the_pinned_key_says_its_token(void **state) {
    (void)state;
    open_tls_door();
    ask("https", "127.0.0.1", ht_door_port(door), &key.pin, "abc-123", NULL);
    assert_int_equal(answer.err, HT_OK);
    assert_int_equal(answer.status, 200);
    assert_string_equal(last, "hello");
    assert_string_equal(authorization, "Bearer abc-123");
}

static void a_token_says_no_more_than_that(void **state) {
    (void)state;
    open_tls_door();
    ask("https", "127.0.0.1", ht_door_port(door), &key.pin, "abc\r\nX-Other: 1", NULL);
    assert_int_equal(answer.status, 200);
    assert_string_equal(authorization, "");
}

static void a_request_to_another_key_is_not_made(void **state) {
    (void)state;
    const ht_hash32 other = another(&key.pin);
    open_tls_door();
    ask("https", "127.0.0.1", ht_door_port(door), &other, "abc", NULL);
    assert_int_equal(answer.err, HT_EUNVERIFIED);
    assert_string_equal(answer.why.code, "wrong_pin");
    ask("https", "127.0.0.1", ht_door_port(door), &key.pin, "abc", NULL);
    assert_int_equal(answer.err, HT_OK);
    ask("https", "127.0.0.1", ht_door_port(door), &other, "abc", NULL);
    assert_int_equal(answer.err, HT_EUNVERIFIED);
    assert_int_equal(requests, 1);
}

static void a_request_with_a_pin_is_never_made_without_tls(void **state) {
    (void)state;
    const struct ht_door_options plain = {0};
    door = open_door(&plain);
    ask("http", "127.0.0.1", ht_door_port(door), &key.pin, "abc", NULL);
    assert_int_equal(answer.err, HT_EINPUT);
    assert_int_equal(requests, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_link_to_the_pinned_key_opens_and_both_know_the_channel),
        TEST(another_key_is_refused_before_anything_is_said),
        TEST(without_a_pin_a_self_signed_certificate_is_refused),
        TEST(a_plain_link_is_not_let_in_where_tls_is_spoken),
        TEST(a_door_without_tls_is_not_taken_for_the_pinned_one),
        TEST(a_pin_is_for_tls_alone),
        TEST(an_expired_certificate_of_the_pinned_key_is_good),
        TEST(a_certificate_that_is_none_opens_no_door),
        TEST(large_messages_go_both_ways),
        TEST(two_doors_are_open_at_once),
        TEST(a_door_can_be_open_to_both_families),
        TEST(who_is_silent_or_slow_at_the_handshake_is_hung_up),
        TEST(the_limits_hold_before_the_handshake),
        TEST(a_request_to_the_pinned_key_says_its_token),
        TEST(a_token_says_no_more_than_that),
        TEST(a_request_to_another_key_is_not_made),
        TEST(a_request_with_a_pin_is_never_made_without_tls),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
