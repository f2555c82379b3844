/* The API server: connections that stay for the next request, and answers that come later. */
#include "tests/unit/api_client.h"

#define TICK "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"test.tick\"}"
#define LATER "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"test.later\"}"

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

static size_t write_post(char *out, size_t size, const char *path, const char *body) {
    int n = snprintf(out, size,
                     "POST %s HTTP/1.1\r\nHost: <HOST>\r\n" ORIGIN JSON_TYPE
                     "%sContent-Length: %zu\r\n\r\n%s",
                     path, cookie, strlen(body), body);
    assert_true(n > 0 && (size_t)n < size);
    return (size_t)n;
}

static void send_post(int fd, const char *path, const char *body) {
    char request[4096];
    (void)write_post(request, sizeof request, path, body);
    send_text(&server, fd, request);
}

static void send_get(int fd, const char *path) {
    char request[256];
    (void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: <HOST>\r\n\r\n", path);
    send_text(&server, fd, request);
}

static void assert_answered(int fd, int status, const char *body) {
    read_answer(fd, &last, true);
    assert_int_equal(last.status, status);
    if (body != NULL) assert_string_equal(last.body, body);
}

/* The end of a connection, and nothing before it. */
static void assert_closed(int fd) {
    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

#define TICKED "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"tick\":0}}"

static void a_thousand_requests_one_after_another_share_a_connection(void **state) {
    (void)state;
    int fd = connect_tcp(&server);
    for (int i = 0; i < 1000; i++) {
        send_post(fd, "/api", TICK);
        assert_answered(fd, 200, TICKED);
        assert_null(strcasestr(last.head, "\r\nconnection:"));
        send_get(fd, "/");
        assert_answered(fd, 200, index_text);
    }
    on_loop(&server, read_counts);
    assert_int_equal(counts_now.accepted, 2); /* this one and the login's */
    close(fd);
}

static void refused_requests_keep_the_connection_unless_they_have_a_body(void **state) {
    (void)state;
    int fd = connect_tcp(&server);
    send_get(fd, "/nothing");
    assert_answered(fd, 404, NULL);
    send_get(fd, "/login");
    assert_answered(fd, 405, NULL);
    send_post(fd, "/", "{}");
    assert_answered(fd, 405, NULL);
    assert_true(has_header(&last, "connection: close"));
    assert_closed(fd);
}

static void connection_close_is_honoured_and_said(void **state) {
    (void)state;
    int fd = connect_tcp(&server);
    send_text(&server, fd, "GET / HTTP/1.1\r\nHost: <HOST>\r\nConnection: close\r\n\r\n");
    assert_answered(fd, 200, index_text);
    assert_true(has_header(&last, "connection: close"));
    assert_closed(fd);
}

static void a_pipelined_request_closes_the_connection_after_the_first_answer(void **state) {
    (void)state;
    char both[4096];
    for (int i = 0; i < 4; i++) {
        int fd = connect_tcp(&server);
        size_t n = 0;
        bool is_post = i % 2 == 0;
        if (is_post) {
            n = write_post(both, sizeof both, "/api", TICK);
        } else {
            n = (size_t)snprintf(both, sizeof both, "GET / HTTP/1.1\r\nHost: <HOST>\r\n\r\n");
        }
        if (i < 2) {
            (void)write_post(both + n, sizeof both - n, "/api", TICK);
        } else {
            (void)snprintf(both + n, sizeof both - n, "GET / HTTP/1.1\r\nHost: <HOST>\r\n\r\n");
        }
        send_text(&server, fd, both);
        assert_answered(fd, 200, is_post ? TICKED : index_text);
        assert_true(has_header(&last, "connection: close"));
        assert_closed(fd);
    }
}

static bool one_waits(const struct ht_api_counts *counts) {
    return counts->waiting == 1;
}

static bool none_waits(const struct ht_api_counts *counts) {
    return counts->waiting == 0;
}

static void a_late_answer_comes_and_the_connection_stays(void **state) {
    (void)state;
    int fd = connect_tcp(&server);
    for (int i = 0; i < 3; i++) {
        send_post(fd, "/api", LATER);
        assert_true(wait_for(&server, one_waits));
        on_loop(&server, end_calls);
        assert_answered(fd, 200, "{\"jsonrpc\":\"2.0\",\"id\":8,\"result\":{\"n\":0}}");
        assert_null(strcasestr(last.head, "\r\nconnection:"));
    }
    close(fd);
}

static void a_request_that_comes_while_another_waits_is_not_answered(void **state) {
    (void)state;
    int fd = connect_tcp(&server);
    send_post(fd, "/api", LATER);
    assert_true(wait_for(&server, one_waits));
    send_post(fd, "/api", TICK);
    on_loop(&server, read_counts);
    on_loop(&server, end_calls);
    assert_answered(fd, 200, "{\"jsonrpc\":\"2.0\",\"id\":8,\"result\":{\"n\":0}}");
    char byte;
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
}

static void a_client_that_goes_is_waited_for_no_more(void **state) {
    (void)state;
    int fd = connect_tcp(&server);
    send_post(fd, "/api", LATER);
    assert_true(wait_for(&server, one_waits));
    close(fd);
    assert_true(wait_for(&server, none_waits));
    on_loop(&server, end_calls);
    fd = connect_tcp(&server);
    send_get(fd, "/");
    assert_answered(fd, 200, index_text);
    close(fd);
}

static void an_answer_that_takes_too_long_is_an_error(void **state) {
    (void)state;
    struct server s;
    start_with(&s, (struct ht_api_options){.reply_timeout_ms = 20});
    int fd = connect_unix(&s);
    for (int i = 0; i < 2; i++) {
        send_text(&s, fd,
                  "POST /api HTTP/1.1\r\nHost: x\r\n" JSON_TYPE "Content-Length: 46\r\n\r\n"
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.later\"}");
        assert_answered(fd, 200, NULL);
        assert_non_null(strstr(last.body, "\"code\":-32002,"));
        assert_non_null(strstr(last.body, "\"code\":\"timeout\""));
    }
    close(fd);
    on_loop(&s, end_calls);
    stop_server(&s);
}

static void stopping_while_answers_are_waited_for_is_safe(void **state) {
    (void)state;
    struct server s;
    start_server(&s);
    sign_in(&s, cookie);
    int fd = connect_tcp(&s);
    char request[4096];
    (void)write_post(request, sizeof request, "/api", LATER);
    send_text(&s, fd, request);
    assert_true(wait_for(&s, one_waits));
    stop_server(&s);
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_thousand_requests_one_after_another_share_a_connection),
        TEST(refused_requests_keep_the_connection_unless_they_have_a_body),
        TEST(connection_close_is_honoured_and_said),
        TEST(a_pipelined_request_closes_the_connection_after_the_first_answer),
        TEST(a_late_answer_comes_and_the_connection_stays),
        TEST(a_request_that_comes_while_another_waits_is_not_answered),
        TEST(a_client_that_goes_is_waited_for_no_more),
        TEST(an_answer_that_takes_too_long_is_an_error),
        TEST(stopping_while_answers_are_waited_for_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
