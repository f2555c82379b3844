/* Websockets that ask a lot at once: who reads is answered, who does not is closed. */
#include "tests/unit/ws_client.h"

#define COUNT 1000

static struct server server;
static char cookie[128];

static int set_up(void **state) {
    (void)state;
    start_with(&server, (struct ht_api_options){.ping_s = 1, .hangup_s = 3});
    sign_in(&server, cookie);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stop_server(&server);
    return 0;
}

static int open_ws(void) {
    char head[2048];
    int status;
    (void)snprintf(head, sizeof head, UPGRADE ORIGIN HEARTH "%s\r\n", cookie);
    int fd = upgrade(&server, &status, head);
    assert_int_equal(status, 101);
    return fd;
}

static int open_eth(void) {
    int status;
    int fd = upgrade(&server, &status, ETH_UPGRADE "\r\n");
    assert_int_equal(status, 101);
    return fd;
}

/* All of them in one piece, so that the server finds hundreds in one read. */
static void ask_at_once(int fd, const char *method) {
    static uint8_t frames[COUNT * 128];
    size_t at = 0;
    for (int i = 0; i < COUNT; i++) {
        char text[100];
        int n = snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"%s\"}", i,
                         method);
        size_t head = frame_head(frames + at, TEXT, true, (size_t)n);
        const uint8_t *mask = frames + at + head - 4;
        for (int k = 0; k < n; k++) frames[at + head + (size_t)k] = (uint8_t)text[k] ^ mask[k % 4];
        at += head + (size_t)n;
    }
    send_all(fd, frames, at);
}

/* Pings are answered: they come when the machine is slow. */
static void hear_text(int fd) {
    int opcode;
    while ((opcode = hear(fd)) == PING) send_frame(fd, PONG, true, heard, heard_len);
    if (opcode != TEXT)
        fail_msg("got a frame of kind %d: %s", opcode, opcode == CLOSE ? heard + 2 : "");
}

static void ticks_are_answered(int fd) {
    ask_at_once(fd, "test.tick");
    for (int i = 0; i < COUNT; i++) {
        char want[128];
        (void)snprintf(want, sizeof want, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":{\"tick\":0}}",
                       i);
        hear_text(fd);
        assert_string_equal(heard, want);
    }
}

static void a_thousand_requests_at_once_are_answered_in_their_order(void **state) {
    (void)state;
    int fd = open_ws();
    ticks_are_answered(fd);
    ticks_are_answered(fd);
    on_loop(&server, read_counts);
    assert_int_equal(counts_now.overflows, 0);
    close(fd);
}

static void of_a_thousand_that_wait_most_are_refused_and_the_connection_stays(void **state) {
    (void)state;
    int fd = open_eth();
    ask_at_once(fd, "test.later");
    for (int i = 0; i < COUNT - 64; i++) {
        hear_text(fd);
        assert_non_null(strstr(heard, "too_many_calls"));
    }
    on_loop(&server, end_calls);
    for (int i = 0; i < 64; i++) {
        hear_text(fd);
        assert_non_null(strstr(heard, "\"result\""));
    }
    say(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.list\"}");
    hear_text(fd);
    assert_string_equal(heard, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[\"any\"]}");
    close(fd);
}

static void large_replies_to_one_who_reads_are_all_sent(void **state) {
    (void)state;
    int fd = open_ws();
    for (int i = 0; i < 100; i++) say(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.big\"}");
    for (int i = 0; i < 100; i++) {
        hear_text(fd);
        assert_true(heard_len > 100000);
    }
    close(fd);
}

static bool one_overflowed(const struct ht_api_counts *counts) {
    return counts->overflows == 1 && counts->websockets == 0;
}

static void who_asks_at_once_and_reads_nothing_is_closed(void **state) {
    (void)state;
    static const struct {
        int (*open)(void);
        const char *method;
    } doors[] = {{open_ws, "test.big"}, {open_eth, "test.big"}};
    for (size_t i = 0; i < 2; i++) {
        start_with(&server, (struct ht_api_options){.ping_s = 1, .hangup_s = 2});
        sign_in(&server, cookie);
        int fd = doors[i].open();
        ask_at_once(fd, doors[i].method);
        assert_true(wait_for(&server, one_overflowed));
        close(fd);
        stop_server(&server);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_thousand_requests_at_once_are_answered_in_their_order),
        TEST(of_a_thousand_that_wait_most_are_refused_and_the_connection_stays),
        TEST(large_replies_to_one_who_reads_are_all_sent),
        cmocka_unit_test(who_asks_at_once_and_reads_nothing_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
