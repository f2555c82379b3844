/* The API server over the websocket: notifications that methods send on their own, and what they
 * learn of connections that end. */
#include "tests/unit/ws_client.h"

static struct server server;
static enum ht_err notified;

static int set_up(void **state) {
    (void)state;
    start_server(&server);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stop_server(&server);
    return 0;
}

#define WATCH "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.watch\"}"

static int open_watched(void) {
    int status;
    int fd = upgrade(&server, &status, ETH_UPGRADE "\r\n");
    assert_int_equal(status, 101);
    say(fd, WATCH);
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"watched\":true}}");
    return fd;
}

static void notify_small(struct server *s) {
    notified = ht_rpc_notify(s->peer, "eth_subscription", json_pack("{s:i}", "n", 7));
}

/* More than may wait for one websocket. */
static void notify_much(struct server *s) {
    static char text[1000001];
    memset(text, 'x', sizeof text - 1);
    notified = HT_OK;
    for (int i = 0; i < 40 && s->peer != NULL; i++) {
        notified = ht_rpc_notify(s->peer, "eth_subscription", json_string(text));
    }
}

static void notify_often(struct server *s) {
    notified = HT_OK;
    for (int i = 0; i < 300 && s->peer != NULL; i++) {
        notified = ht_rpc_notify(s->peer, "eth_subscription", json_true());
    }
}

static void forget(struct server *s) {
    ht_rpc_unwatch(s->peer, &s->watch);
    s->peer = NULL;
}

static bool no_websocket(const struct ht_api_counts *counts) {
    return counts->websockets == 0;
}

static bool nobody(const struct ht_api_counts *counts) {
    return counts->connections == 0;
}

static void a_wallets_websocket_is_sent_notifications(void **state) {
    (void)state;
    int fd = open_watched();
    for (int i = 0; i < 2; i++) {
        on_loop(&server, notify_small);
        assert_int_equal(notified, HT_OK);
        assert_heard(fd,
                     "{\"jsonrpc\":\"2.0\",\"method\":\"eth_subscription\",\"params\":{\"n\":7}}");
    }
    close(fd);
    assert_true(wait_for(&server, no_websocket));
}

static void over_http_there_is_nobody_to_notify(void **state) {
    (void)state;
    char request[400];
    (void)snprintf(request, sizeof request,
                   "POST /eth HTTP/1.1\r\nHost: <HOST>\r\n" JSON_TYPE
                   "Content-Length: %zu\r\n\r\n%s",
                   strlen(WATCH), WATCH);
    assert_int_equal(ask(&server, request), 200);
    assert_non_null(strstr(last.body, "\"watched\":false"));
}

static void whoever_watches_a_websocket_learns_that_it_closed(void **state) {
    (void)state;
    int fd = open_watched();
    close(fd);
    assert_true(wait_for(&server, nobody));
    assert_int_equal(server.gone, 1);
    assert_null(server.peer);
}

static void whoever_looked_away_is_not_told(void **state) {
    (void)state;
    int fd = open_watched();
    on_loop(&server, forget);
    close(fd);
    assert_true(wait_for(&server, nobody));
    assert_int_equal(server.gone, 0);
}

static void who_does_not_read_notifications_is_closed(void **state) {
    (void)state;
    void (*const floods[])(struct server *) = {notify_much, notify_often};
    for (size_t i = 0; i < 2; i++) {
        int fd = open_watched();
        on_loop(&server, floods[i]);
        assert_int_equal(notified, HT_ELIMIT);
        assert_int_equal(server.gone, i + 1);
        assert_true(wait_for(&server, no_websocket));
        assert_int_equal(counts_now.overflows, i + 1);
        close(fd);
    }
}

static void a_server_that_stops_tells_who_watches(void **state) {
    (void)state;
    int fd = open_watched();
    stop_server(&server);
    assert_int_equal(server.gone, 1);
    close(fd);
    start_server(&server);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_wallets_websocket_is_sent_notifications),
        TEST(over_http_there_is_nobody_to_notify),
        TEST(whoever_watches_a_websocket_learns_that_it_closed),
        TEST(whoever_looked_away_is_not_told),
        TEST(who_does_not_read_notifications_is_closed),
        TEST(a_server_that_stops_tells_who_watches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
