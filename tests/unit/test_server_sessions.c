/* The API server's sessions: who is signed in, and what hangs on a session when it ends. */
#include "tests/unit/ws_client.h"

#include <jansson.h>

#define BROWSER "User-Agent: Browser/1 (test)\r\n"

static struct server server;
static char ours[128]; /* cookies */
static char theirs[128];
static int begun;
static int ended;

static void count_event(void *user, const char *topic) {
    (void)user;
    begun += strcmp(topic, "sessions.begun") == 0;
    ended += strcmp(topic, "sessions.ended") == 0;
}

static int set_up(void **state) {
    (void)state;
    begun = 0;
    ended = 0;
    start_with(&server, (struct ht_api_options){.on_session = count_event});
    sign_in(&server, ours);
    sign_in(&server, theirs);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stop_server(&server);
    return 0;
}

/* --- asking ----------------------------------------------------------------------------------- */

static int open_at(const char *head, const char *cookie) {
    char request[700];
    int status;
    (void)snprintf(request, sizeof request, "%s%s%s\r\n", head, ORIGIN, cookie);
    int fd = upgrade(&server, &status, request);
    assert_int_equal(status, 101);
    return fd;
}

static int open_socket(const char *cookie) {
    return open_at(UPGRADE HEARTH, cookie);
}

static void send_post(int fd, const char *cookie, const char *body) {
    char request[2048];
    (void)snprintf(request, sizeof request,
                   "POST /api HTTP/1.1\r\nHost: <HOST>\r\n" ORIGIN JSON_TYPE
                   "%sContent-Length: %zu\r\n\r\n%s",
                   cookie, strlen(body), body);
    send_text(&server, fd, request);
}

/* The answer's body, a new reference. cookie NULL: over the unix socket. */
static json_t *post(const char *cookie, const char *body) {
    int fd = cookie != NULL ? connect_tcp(&server) : connect_unix(&server);
    send_post(fd, cookie != NULL ? cookie : "", body);
    read_answer(fd, &last, true);
    close(fd);
    assert_int_equal(last.status, 200);
    json_t *json = json_loads(last.body, 0, NULL);
    assert_non_null(json);
    return json;
}

#define CALL(name, params) \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" name "\",\"params\":" params "}"
#define LIST CALL("session.list", "{}")
#define END_OTHERS CALL("session.end_others", "{}")

static json_t *at(const json_t *answer, size_t i) {
    const json_t *list = json_object_get(json_object_get(answer, "result"), "sessions");
    json_t *one = json_array_get(list, i);
    assert_non_null(one);
    return one;
}

static size_t count_sessions(void) {
    json_t *answer = post(NULL, LIST);
    size_t n = json_array_size(json_object_get(json_object_get(answer, "result"), "sessions"));
    json_decref(answer);
    return n;
}

static const char *text_of(const json_t *one, const char *key) {
    const char *text = json_string_value(json_object_get(one, key));
    assert_non_null(text);
    return text;
}

/* "session.end" of the session that has that cookie. */
static const char *end_request(const char *cookie) {
    static char request[200];
    json_t *answer = post(cookie, LIST);
    size_t i = 0;
    while (!json_is_true(json_object_get(at(answer, i), "is_this"))) i++;
    (void)snprintf(request, sizeof request, CALL("session.end", "{\"id\":\"%s\"}"),
                   text_of(at(answer, i), "id"));
    json_decref(answer);
    return request;
}

static void assert_ended(json_t *answer, int count) {
    const json_t *n = json_object_get(json_object_get(answer, "result"), "ended");
    assert_true(json_is_integer(n));
    assert_int_equal(json_integer_value(n), count);
    json_decref(answer);
}

static void assert_error(json_t *answer, const char *code, const char *kind) {
    const json_t *data = json_object_get(json_object_get(answer, "error"), "data");
    assert_string_equal(text_of(data, "code"), code);
    assert_string_equal(text_of(data, "kind"), kind);
    json_decref(answer);
}

static int session_status(const char *cookie) {
    char request[300];
    (void)snprintf(request, sizeof request, "GET /session HTTP/1.1\r\nHost: <HOST>\r\n%s\r\n",
                   cookie);
    return ask(&server, request);
}

static void assert_refused(const char *cookie) {
    char request[700];
    int status;
    assert_int_equal(session_status(cookie), 401);
    assert_non_null(strstr(last.body, "\"no_session\""));
    int fd = connect_tcp(&server);
    send_post(fd, cookie, LIST);
    read_answer(fd, &last, true);
    close(fd);
    assert_int_equal(last.status, 401);
    assert_non_null(strstr(last.body, "\"no_session\""));
    (void)snprintf(request, sizeof request, UPGRADE HEARTH ORIGIN "%s\r\n", cookie);
    close(upgrade(&server, &status, request));
    assert_int_equal(status, 401);
    assert_non_null(strstr(last.body, "\"no_session\""));
}

static void assert_signed_out(int fd) {
    assert_int_equal(hear_close(fd), 1008);
    assert_string_equal(heard + 2, "signed out");
    close(fd);
}

static void assert_open(int fd) {
    say(fd, CALL("test.echo", "{}"));
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"params\":{}}}");
}

static bool has_one_websocket(const struct ht_api_counts *counts) {
    return counts->websockets == 1;
}

static bool has_two_websockets(const struct ht_api_counts *counts) {
    return counts->websockets == 2;
}

static bool has_no_connection(const struct ht_api_counts *counts) {
    return counts->connections == 0;
}

static bool one_waits(const struct ht_api_counts *counts) {
    return counts->waiting == 1;
}

/* --- listing ---------------------------------------------------------------------------------- */

static void a_session_is_listed_with_its_browser_times_and_websockets(void **state) {
    (void)state;
    int64_t before_ms = ht_wall_ms(&ht_system_clock);
    int status = ask(&server, "POST /login HTTP/1.1\r\nHost: <HOST>\r\n" ORIGIN JSON_TYPE BROWSER
                              "Content-Length: 76\r\n\r\n{\"token\":\"" TOKEN "\"}");
    assert_int_equal(status, 204);
    int one = open_socket(ours);
    int two = open_socket(ours);
    assert_true(wait_for(&server, has_two_websockets));
    json_t *answer = post(ours, LIST);
    const json_t *newest = at(answer, 0);
    assert_string_equal(text_of(newest, "user_agent"), "Browser/1 (test)");
    assert_int_equal(strspn(text_of(newest, "id"), "0123456789abcdef"), 16);
    assert_int_equal(strlen(text_of(newest, "id")), 16);
    assert_true(json_is_false(json_object_get(newest, "is_this")));
    assert_int_equal(json_integer_value(json_object_get(newest, "connections")), 0);
    assert_true(json_integer_value(json_object_get(newest, "created_ms")) >= before_ms);
    const json_t *oldest = at(answer, 2);
    assert_string_equal(text_of(oldest, "user_agent"), "");
    assert_true(json_is_true(json_object_get(oldest, "is_this")));
    assert_int_equal(json_integer_value(json_object_get(oldest, "connections")), 2);
    assert_true(json_integer_value(json_object_get(oldest, "created_ms")) <= before_ms);
    assert_true(json_integer_value(json_object_get(oldest, "used_ms")) >= before_ms);
    assert_null(strstr(last.body, ours + 24));
    json_decref(answer);
    close(one);
    close(two);
}

static void on_the_unix_socket_no_session_is_this(void **state) {
    (void)state;
    json_t *answer = post(NULL, LIST);
    for (size_t i = 0; i < 2; i++)
        assert_true(json_is_false(json_object_get(at(answer, i), "is_this")));
    json_decref(answer);
}

/* --- ending ----------------------------------------------------------------------------------- */

static void an_ended_session_loses_its_websockets_and_its_cookie(void **state) {
    (void)state;
    int one = open_socket(theirs);
    int two = open_socket(theirs);
    int mine = open_socket(ours);
    assert_ended(post(ours, end_request(theirs)), 1);
    assert_signed_out(one);
    assert_signed_out(two);
    assert_refused(theirs);
    assert_open(mine);
    assert_int_equal(session_status(ours), 200);
    close(mine);
    assert_int_equal(begun, 2);
    assert_int_equal(ended, 1);
}

static void an_unknown_id_ends_nothing(void **state) {
    (void)state;
    int fd = open_socket(theirs);
    const char *again = end_request(ours);
    assert_error(post(theirs, CALL("session.end", "{\"id\":\"0011223344556677\"}")), "no_session",
                 "not_found");
    assert_error(post(theirs, CALL("session.end", "{\"id\":\"\"}")), "no_session", "not_found");
    assert_error(post(theirs, CALL("session.end", "{}")), "json_missing", "malformed");
    assert_open(fd);
    assert_int_equal(ended, 0);
    assert_ended(post(theirs, again), 1);
    assert_error(post(theirs, again), "no_session", "not_found");
    assert_int_equal(ended, 1);
    close(fd);
}

static void who_ends_the_own_session_over_the_websocket_is_answered_then_closed(void **state) {
    (void)state;
    int fd = open_socket(ours);
    int other = open_socket(ours);
    say(fd, CALL("test.later", "{}"));
    assert_true(wait_for(&server, one_waits));
    char request[300];
    (void)snprintf(request, sizeof request, "%s", end_request(ours));
    say(fd, request);
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"ended\":1}}");
    assert_signed_out(fd);
    assert_signed_out(other);
    assert_refused(ours);
    on_loop(&server, read_counts);
    assert_int_equal(counts_now.waiting, 0);
}

static void nothing_is_taken_from_a_websocket_behind_the_end_of_its_session(void **state) {
    (void)state;
    int fd = open_socket(ours);
    char both[600];
    (void)snprintf(both, sizeof both, "%s", end_request(ours));
    say(fd, both);
    say(fd, CALL("test.later", "{}"));
    say(fd, LIST);
    assert_heard(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"ended\":1}}");
    assert_int_equal(hear(fd), CLOSE);
    close(fd);
    assert_int_equal(count_sessions(), 1);
    assert_int_equal(server.call_count, 0);
}

static void who_ends_the_own_session_by_post_is_answered(void **state) {
    (void)state;
    assert_ended(post(ours, end_request(ours)), 1);
    assert_refused(ours);
    assert_int_equal(session_status(theirs), 200);
}

static void the_rest_of_a_batch_that_ended_its_own_session_is_not_waited_for(void **state) {
    (void)state;
    char batch[600];
    (void)snprintf(batch, sizeof batch, "[%s,%s]", end_request(ours), CALL("test.later", "{}"));
    json_t *answer = post(ours, batch);
    assert_ended(json_incref(json_array_get(answer, 0)), 1);
    assert_error(json_incref(json_array_get(answer, 1)), "timeout", "busy");
    json_decref(answer);
    on_loop(&server, read_counts);
    assert_int_equal(counts_now.waiting, 0);
}

static void ending_the_others_spares_whoever_asks(void **state) {
    (void)state;
    char third[128];
    sign_in(&server, third);
    int mine = open_socket(ours);
    int other = open_socket(third);
    assert_ended(post(ours, END_OTHERS), 2);
    assert_signed_out(other);
    assert_refused(theirs);
    assert_refused(third);
    assert_open(mine);
    assert_ended(post(ours, END_OTHERS), 0);
    assert_int_equal(ended, 2);
    close(mine);
}

static void ending_the_others_from_the_unix_socket_ends_all(void **state) {
    (void)state;
    int mine = open_socket(ours);
    assert_ended(post(NULL, END_OTHERS), 2);
    assert_signed_out(mine);
    assert_refused(ours);
    assert_refused(theirs);
    assert_int_equal(count_sessions(), 0);
}

static void what_an_ended_session_waits_for_is_given_up(void **state) {
    (void)state;
    char end[200];
    (void)snprintf(end, sizeof end, "%s", end_request(theirs));
    int waiting = connect_tcp(&server);
    send_post(waiting, theirs, CALL("test.later", "{}"));
    assert_true(wait_for(&server, one_waits));
    assert_ended(post(ours, end), 1);
    read_answer(waiting, &last, true);
    assert_int_equal(last.status, 0);
    close(waiting);
    on_loop(&server, read_counts);
    assert_int_equal(counts_now.waiting, 0);
    on_loop(&server, end_calls);
}

static void a_body_that_comes_behind_the_end_of_its_session_is_not_taken(void **state) {
    (void)state;
    char end[200];
    (void)snprintf(end, sizeof end, "%s", end_request(theirs));
    int fd = connect_tcp(&server);
    char head[600];
    (void)snprintf(head, sizeof head,
                   "POST /api HTTP/1.1\r\nHost: <HOST>\r\n" ORIGIN JSON_TYPE
                   "%sContent-Length: %zu\r\n\r\n{",
                   theirs, strlen(END_OTHERS));
    send_text(&server, fd, head);
    /* Whoever was served behind it came behind it. */
    assert_int_equal(session_status(ours), 200);
    assert_ended(post(ours, end), 1);
    send_text(&server, fd, &END_OTHERS[1]);
    read_answer(fd, &last, true);
    assert_int_equal(last.status, 0);
    close(fd);
    assert_int_equal(session_status(ours), 200);
}

static void the_owners_websocket_at_eth_ends_with_the_session(void **state) {
    (void)state;
    int of_session = open_at(ETH_UPGRADE, theirs);
    int of_nobody = open_at(ETH_UPGRADE, "");
    assert_ended(post(ours, end_request(theirs)), 1);
    assert_signed_out(of_session);
    assert_open(of_nobody);
    close(of_nobody);
}

static void who_is_signed_out_and_does_not_read_is_cut(void **state) {
    (void)state;
    int fd = open_socket(theirs);
    int size = 4096;
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size), 0);
    for (int i = 0; i < 200; i++) say(fd, CALL("test.big", "{}"));
    /* A turn of the loop writes a reply, until the system takes no more. */
    for (int i = 0; i < 500; i++) on_loop(&server, read_counts);
    assert_ended(post(NULL, end_request(theirs)), 1);
    assert_true(wait_for(&server, has_no_connection));
    close(fd);
}

/* --- room ------------------------------------------------------------------------------------- */

static void the_oldest_session_makes_room_and_its_websockets_close(void **state) {
    (void)state;
    char cookie[128];
    int of_ours = open_socket(ours);
    int of_theirs = open_socket(theirs);
    for (unsigned i = 2; i < 16; i++) sign_in(&server, cookie);
    assert_open(of_ours); /* that is a use of it: the other one is the oldest from now on */
    assert_int_equal(count_sessions(), 16);
    assert_int_equal(ended, 0);
    sign_in(&server, cookie);
    assert_signed_out(of_theirs);
    assert_refused(theirs);
    assert_open(of_ours);
    assert_int_equal(count_sessions(), 16);
    assert_int_equal(ended, 1);
    close(of_ours);
}

/* --- pushes ----------------------------------------------------------------------------------- */

/* The next push of the topic: how many sessions, and how many websockets of which is_this. */
static void assert_pushed(int fd, size_t sessions, int own_sockets) {
    assert_int_equal(hear(fd), TEXT);
    json_t *push = json_loads(heard, 0, NULL);
    const json_t *params = json_object_get(push, "params");
    assert_string_equal(text_of(params, "topic"), "sessions");
    const json_t *list = json_object_get(json_object_get(params, "value"), "sessions");
    assert_int_equal(json_array_size(list), sessions);
    int own = -1;
    for (size_t i = 0; i < sessions; i++) {
        const json_t *one = json_array_get(list, i);
        if (!json_is_true(json_object_get(one, "is_this"))) continue;
        assert_int_equal(own, -1);
        own = (int)json_integer_value(json_object_get(one, "connections"));
    }
    assert_int_equal(own, own_sockets);
    json_decref(push);
}

static void who_listens_is_told_of_each_change_and_which_is_this(void **state) {
    (void)state;
    char third[128];
    int fd = open_socket(ours);
    say(fd, CALL("node.subscribe", "{\"topics\":[\"sessions\"]}"));
    assert_int_equal(hear(fd), TEXT);
    assert_non_null(strstr(heard, "\"is_this\":true"));
    sign_in(&server, third);
    assert_pushed(fd, 3, 1);
    int more = open_socket(ours);
    assert_pushed(fd, 3, 2);
    close(more);
    assert_true(wait_for(&server, has_one_websocket));
    assert_pushed(fd, 3, 1);
    assert_ended(post(NULL, end_request(third)), 1);
    assert_pushed(fd, 2, 1);
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_session_is_listed_with_its_browser_times_and_websockets),
        TEST(on_the_unix_socket_no_session_is_this),
        TEST(an_ended_session_loses_its_websockets_and_its_cookie),
        TEST(an_unknown_id_ends_nothing),
        TEST(who_ends_the_own_session_over_the_websocket_is_answered_then_closed),
        TEST(nothing_is_taken_from_a_websocket_behind_the_end_of_its_session),
        TEST(who_ends_the_own_session_by_post_is_answered),
        TEST(the_rest_of_a_batch_that_ended_its_own_session_is_not_waited_for),
        TEST(ending_the_others_spares_whoever_asks),
        TEST(ending_the_others_from_the_unix_socket_ends_all),
        TEST(what_an_ended_session_waits_for_is_given_up),
        TEST(a_body_that_comes_behind_the_end_of_its_session_is_not_taken),
        TEST(the_owners_websocket_at_eth_ends_with_the_session),
        TEST(who_is_signed_out_and_does_not_read_is_cut),
        TEST(the_oldest_session_makes_room_and_its_websockets_close),
        TEST(who_listens_is_told_of_each_change_and_which_is_this),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
