/* The API server over the websocket: upgrade, messages, pushes, limits. */
#include "tests/unit/ws_client.h"

static struct server server;
static char cookie[128];

static int set_up(void **state) {
    (void)state;
    start_server(&server);
    sign_in(&server, cookie);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stop_server(&server);
    return 0;
}

static int refused_with(const char *lines) {
    char head[2048];
    int status;
    (void)snprintf(head, sizeof head, "%s\r\n", lines);
    close(upgrade(&server, &status, head));
    return status;
}

static int open_ws(struct server *s, const char *session) {
    char head[2048];
    int status;
    (void)snprintf(head, sizeof head, UPGRADE ORIGIN HEARTH "%s\r\n", session);
    int fd = upgrade(s, &status, head);
    assert_int_equal(status, 101);
    assert_true(has_header(&last, "Sec-WebSocket-Protocol: hearth"));
    assert_true(has_header(&last, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    return fd;
}

static void tick(struct server *s) {
    s->ticks++;
    ht_api_publish(s->api, "test.tick");
}

static void an_upgrade_needs_a_session(void **state) {
    (void)state;
    assert_int_equal(refused_with(UPGRADE ORIGIN HEARTH), 401);
    assert_non_null(strstr(last.body, "no_session"));
    assert_int_equal(refused_with(UPGRADE ORIGIN HEARTH "Cookie: hearth_session=" TOKEN "\r\n"),
                     401);
}

static void an_upgrade_needs_host_origin_path_and_subprotocol(void **state) {
    (void)state;
    char lines[1024];
    static const struct {
        const char *lines;
        int status;
    } cases[] = {
        {UPGRADE HEARTH, 403},
        {UPGRADE HEARTH "Origin: http://evil.example\r\n", 403},
        {UPGRADE ORIGIN, 400},
        {UPGRADE ORIGIN "Sec-WebSocket-Protocol: http\r\n", 400},
        {UPGRADE ORIGIN "Sec-WebSocket-Protocol: http, hearth\r\n", 400},
        {"GET /api HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n"
         "Connection: Upgrade\r\nUpgrade: websocket\r\n" KEY HEARTH,
         421},
        {"GET / HTTP/1.1\r\nHost: <HOST>\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" KEY
             ORIGIN HEARTH,
         404},
        {"POST /api HTTP/1.1\r\nHost: <HOST>\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" KEY
             ORIGIN HEARTH,
         404},
        {"GET /api HTTP/1.1\r\nHost: <HOST>\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" ORIGIN
             HEARTH,
         400},
        {"GET /api HTTP/1.1\r\nHost: <HOST>\r\nUpgrade: websocket\r\n" KEY ORIGIN HEARTH, 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(lines, sizeof lines, "%s%s", cases[i].lines, cookie);
        if (refused_with(lines) != cases[i].status)
            fail_msg("want %d, got %d for %s", cases[i].status, last.status, lines);
    }
}

static void a_subscriber_gets_the_value_now_and_every_change(void **state) {
    (void)state;
    int fd = open_ws(&server, cookie);
    say(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"node.subscribe\","
            "\"params\":{\"topics\":[\"test.tick\"]}}");
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"topics\":{\"test.tick\":"
                     "{\"tick\":0}}}}");
    for (int i = 1; i <= 3; i++) {
        char want[128];
        on_loop(&server, tick);
        (void)snprintf(want, sizeof want,
                       "{\"jsonrpc\":\"2.0\",\"method\":\"push\",\"params\":"
                       "{\"topic\":\"test.tick\",\"value\":{\"tick\":%d}}}",
                       i);
        assert_heard(fd, want);
    }
    say(fd, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"node.unsubscribe\","
            "\"params\":{\"topics\":[\"test.tick\"]}}");
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}");
    on_loop(&server, tick);
    say(fd, "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"test.tick\"}");
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"tick\":4}}");
    close(fd);
}

static void tick_often(struct server *s) {
    for (int i = 0; i < 1000; i++) tick(s);
}

static void changes_that_were_overtaken_are_not_pushed(void **state) {
    (void)state;
    int fd = open_ws(&server, cookie);
    say(fd, "{\"jsonrpc\":\"2.0\",\"method\":\"node.subscribe\","
            "\"params\":{\"topics\":[\"test.tick\"]}}");
    say(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.tick\"}");
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tick\":0}}");
    on_loop(&server, tick_often);
    assert_int_equal(hear(fd), TEXT);
    assert_non_null(strstr(heard, "{\"tick\":1000}"));
    on_loop(&server, read_counts);
    assert_int_equal(counts_now.pushes, 1);
    close(fd);
}

static void fragments_are_joined_and_pings_answered_between_them(void **state) {
    (void)state;
    static const char text[] = "{\"jsonrpc\":\"2.0\",\"id\":\"\xc3\xa9\",\"method\":\"test.tick\"}";
    int fd = open_ws(&server, cookie);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        bool is_final = i == sizeof text - 2;
        send_frame(fd, i == 0 ? TEXT : CONTINUATION, is_final, text + i, 1);
        if (i == 20) {
            send_frame(fd, PING, true, "still there?", 12);
            assert_int_equal(hear(fd), PONG);
            assert_string_equal(heard, "still there?");
        }
    }
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":\"\xc3\xa9\",\"result\":{\"tick\":0}}");
    say(fd, "");
    assert_int_equal(hear(fd), TEXT);
    assert_non_null(strstr(heard, "-32700"));
    close(fd);
}

static void a_message_as_large_as_allowed_is_answered(void **state) {
    (void)state;
    static char text[HT_RPC_REQUEST_MAX];
    int fd = open_ws(&server, cookie);
    static const char head[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.echo\",\"params\":{\"a\":\"";
    memset(text, 'a', sizeof text);
    memcpy(text, head, sizeof head - 1);
    memcpy(text + sizeof text - 3, "\"}}", 3);
    send_frame(fd, TEXT, true, text, sizeof text);
    assert_int_equal(hear(fd), TEXT);
    assert_true(heard_len > sizeof text - 100);
    close(fd);
}

static void an_oversize_message_closes_with_1009(void **state) {
    (void)state;
    static char piece[65536];
    memset(piece, 'a', sizeof piece);
    int fd = open_ws(&server, cookie);
    for (int i = 0; i < 5; i++) send_frame(fd, i == 0 ? TEXT : CONTINUATION, false, piece, 60000);
    assert_int_equal(hear_close(fd), 1009);
    close(fd);
    /* A length that is only announced does it as well. */
    uint8_t head[16];
    fd = open_ws(&server, cookie);
    size_t n = frame_head(head, TEXT, true, UINT64_C(1) << 62);
    head[n] = 'a';
    send_all(fd, head, n + 1);
    assert_int_equal(hear_close(fd), 1009);
    close(fd);
}

static void what_is_not_text_closes_the_connection(void **state) {
    (void)state;
    int fd = open_ws(&server, cookie);
    send_frame(fd, BINARY, true, "{}", 2);
    assert_int_equal(hear_close(fd), 1003);
    close(fd);
    fd = open_ws(&server, cookie);
    send_frame(fd, CONTINUATION, true, "{}", 2);
    assert_int_equal(hear_close(fd), 1002);
    close(fd);
    fd = open_ws(&server, cookie);
    send_frame(fd, 5, true, "{}", 2);
    assert_int_equal(hear_close(fd), 1002);
    close(fd);
}

static bool one_overflowed(const struct ht_api_counts *counts) {
    return counts->overflows == 1;
}

static bool no_websocket(const struct ht_api_counts *counts) {
    return counts->websockets == 0 && counts->connections == 0;
}

static void who_does_not_read_replies_is_closed(void **state) {
    (void)state;
    struct server s;
    char session[128];
    start_with(&s, (struct ht_api_options){.ping_s = 1, .hangup_s = 2});
    sign_in(&s, session);
    int fd = open_ws(&s, session);
    for (int i = 0; i < 200; i++) say(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.big\"}");
    assert_true(wait_for(&s, one_overflowed));
    while (hear(fd) >= 0) {
    }
    close(fd);
    assert_true(wait_for(&s, no_websocket));
    stop_server(&s);
}

static void who_does_not_read_pushes_costs_nothing(void **state) {
    (void)state;
    int fd = open_ws(&server, cookie);
    say(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"node.subscribe\","
            "\"params\":{\"topics\":[\"test.tick\"]}}");
    assert_int_equal(hear(fd), TEXT);
    for (int i = 0; i < 300; i++) on_loop(&server, tick_often);
    say(fd, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"test.tick\"}");
    int frames = 0;
    do {
        assert_int_equal(hear(fd), TEXT);
        frames++;
    } while (strstr(heard, "\"id\":2") == NULL);
    assert_non_null(strstr(heard, "{\"tick\":300000}"));
    assert_true(frames <= 302);
    close(fd);
}

static void a_close_is_answered(void **state) {
    (void)state;
    int fd = open_ws(&server, cookie);
    send_frame(fd, CLOSE, true, "\x03\xe8", 2);
    assert_int_equal(hear_close(fd), 1000);
    close(fd);
    assert_true(wait_for(&server, no_websocket));
}

static void who_answers_no_ping_is_hung_up(void **state) {
    (void)state;
    struct server s;
    char session[128];
    start_with(&s, (struct ht_api_options){.ping_s = 1, .hangup_s = 2});
    sign_in(&s, session);
    int quiet = open_ws(&s, session);
    int alive = open_ws(&s, session);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(hear(alive), PING);
        send_frame(alive, PONG, true, heard, heard_len);
    }
    assert_int_equal(hear(quiet), PING);
    assert_int_equal(hear(quiet), -1);
    say(alive, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.tick\"}");
    int opcode;
    do {
        opcode = hear(alive);
    } while (opcode == PING);
    assert_int_equal(opcode, TEXT);
    close(quiet);
    close(alive);
    stop_server(&s);
}

static void a_batch_and_notifications_are_answered_as_due(void **state) {
    (void)state;
    int fd = open_ws(&server, cookie);
    say(fd, "{\"jsonrpc\":\"2.0\",\"method\":\"test.tick\"}");
    say(fd, "[{\"jsonrpc\":\"2.0\",\"method\":\"test.tick\"},"
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.tick\"},"
            "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"test.none\"}]");
    assert_heard(fd, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tick\":0}},"
                     "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32601,"
                     "\"message\":\"there is no such method\","
                     "\"data\":{\"code\":\"no_method\",\"kind\":\"not_found\"}}}]");
    close(fd);
}

static void many_clients_at_once_are_served(void **state) {
    (void)state;
    enum { CLIENTS = 40 };
    int fds[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = open_ws(&server, cookie);
        say(fds[i], "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"node.subscribe\","
                    "\"params\":{\"topics\":[\"test.tick\"]}}");
        assert_int_equal(hear(fds[i]), TEXT);
    }
    on_loop(&server, tick);
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(hear(fds[i]), TEXT);
        assert_non_null(strstr(heard, "{\"tick\":1}"));
    }
    for (int i = 0; i < CLIENTS; i += 2) close(fds[i]);
    on_loop(&server, tick);
    for (int i = 1; i < CLIENTS; i += 2) {
        assert_int_equal(hear(fds[i]), TEXT);
        close(fds[i]);
    }
    assert_true(wait_for(&server, no_websocket));
}

static void free_api(struct server *s) {
    ht_api_free(s->api);
    s->api = NULL;
}

static void freeing_the_server_while_the_loop_runs_hangs_up(void **state) {
    (void)state;
    struct server s;
    char session[128];
    start_server(&s);
    sign_in(&s, session);
    int fd = open_ws(&s, session);
    on_loop(&s, free_api);
    assert_int_equal(hear(fd), -1);
    close(fd);
    stop_server(&s);
}

#define LATER(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"test.later\"}"

static bool three_wait(const struct ht_api_counts *counts) {
    return counts->waiting == 3;
}

static bool none_waits(const struct ht_api_counts *counts) {
    return counts->waiting == 0;
}

static void late_answers_come_when_they_are_there(void **state) {
    (void)state;
    int fd = open_ws(&server, cookie);
    say(fd, LATER("1"));
    say(fd, LATER("2"));
    say(fd, "[" LATER("3") ",{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"test.tick\"}]");
    say(fd, "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"test.tick\"}");
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{\"tick\":0}}");
    assert_true(wait_for(&server, three_wait));
    on_loop(&server, end_calls);
    assert_heard(fd, "[{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"n\":2}},"
                     "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{\"tick\":0}}]");
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"n\":1}}");
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"n\":0}}");
    close(fd);
}

static void at_most_64_messages_of_a_websocket_wait(void **state) {
    (void)state;
    int fd = open_ws(&server, cookie);
    for (int i = 0; i < 65; i++) say(fd, LATER("1"));
    assert_int_equal(hear(fd), TEXT);
    assert_non_null(strstr(heard, "\"code\":-32002,"));
    assert_non_null(strstr(heard, "too_many_calls"));
    on_loop(&server, end_calls);
    for (int i = 0; i < 64; i++) {
        assert_int_equal(hear(fd), TEXT);
        assert_non_null(strstr(heard, "\"result\""));
    }
    say(fd, LATER("2"));
    say(fd, LATER("3"));
    say(fd, LATER("4"));
    assert_true(wait_for(&server, three_wait));
    close(fd);
    assert_true(wait_for(&server, none_waits));
}

static void finish_big(struct server *s) {
    static char text[200001];
    memset(text, 'x', sizeof text - 1);
    while (s->call_count > 0)
        ht_rpc_finish(s->calls[--s->call_count], json_pack("{s:s}", "text", text));
}

static bool sixty_four_wait(const struct ht_api_counts *counts) {
    return counts->waiting == 64;
}

static void who_does_not_read_late_replies_is_closed(void **state) {
    (void)state;
    int fd = open_ws(&server, cookie);
    for (int i = 0; i < 64; i++) say(fd, LATER("1"));
    assert_true(wait_for(&server, sixty_four_wait));
    on_loop(&server, finish_big);
    assert_true(wait_for(&server, no_websocket));
    assert_int_equal(counts_now.overflows, 1);
    assert_int_equal(counts_now.waiting, 0);
    close(fd);
}

static void wallets_connect_without_origin_session_or_subprotocol(void **state) {
    (void)state;
    int status;
    int fd = upgrade(&server, &status, ETH_UPGRADE "\r\n");
    assert_int_equal(status, 101);
    say(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.list\"}");
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[\"any\"]}");
    say(fd, LATER("2"));
    say(fd, "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"node.subscribe\"}");
    assert_int_equal(hear(fd), TEXT);
    assert_non_null(strstr(heard, "-32601"));
    on_loop(&server, end_calls);
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"n\":0}}");
    send_frame(fd, CLOSE, true, "\x03\xe8", 2);
    assert_int_equal(hear_close(fd), 1000);
    close(fd);
    close(upgrade(&server, &status, ETH_UPGRADE ORIGIN "\r\n"));
    assert_int_equal(status, 101);
    assert_true(wait_for(&server, no_websocket));
}

static void foreign_pages_get_no_wallets_websocket(void **state) {
    (void)state;
    assert_int_equal(refused_with(ETH_UPGRADE "Origin: http://evil.example\r\n"), 403);
    assert_non_null(strstr(last.body, "bad_origin"));
    assert_int_equal(refused_with(ETH_UPGRADE "Origin: null\r\n"), 403);
    assert_int_equal(refused_with(ETH_UPGRADE HEARTH), 400);
    assert_int_equal(refused_with("GET /eth HTTP/1.1\r\nHost: evil.example\r\n"
                                  "Connection: Upgrade\r\nUpgrade: websocket\r\n" KEY),
                     421);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_upgrade_needs_a_session),
        TEST(an_upgrade_needs_host_origin_path_and_subprotocol),
        TEST(a_subscriber_gets_the_value_now_and_every_change),
        TEST(changes_that_were_overtaken_are_not_pushed),
        TEST(fragments_are_joined_and_pings_answered_between_them),
        TEST(a_message_as_large_as_allowed_is_answered),
        TEST(an_oversize_message_closes_with_1009),
        TEST(what_is_not_text_closes_the_connection),
        TEST(who_does_not_read_replies_is_closed),
        TEST(who_does_not_read_pushes_costs_nothing),
        TEST(a_close_is_answered),
        TEST(who_answers_no_ping_is_hung_up),
        TEST(a_batch_and_notifications_are_answered_as_due),
        TEST(many_clients_at_once_are_served),
        TEST(freeing_the_server_while_the_loop_runs_hangs_up),
        TEST(late_answers_come_when_they_are_there),
        TEST(at_most_64_messages_of_a_websocket_wait),
        TEST(who_does_not_read_late_replies_is_closed),
        TEST(wallets_connect_without_origin_session_or_subprotocol),
        TEST(foreign_pages_get_no_wallets_websocket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
