/* JSON-RPC over a kept websocket: whose an answer is, bounds, losses, and questions that go this
 * way. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/net/ws_rpc.h"
#include "tests/unit/ask_bench.h"
#include "tests/unit/ws_server.h"

#define LIMIT 100000U

static struct ask_bench bench;
static struct ht_ws_rpc *rpc;
static struct ht_ws_rpc_request *handles[8];
static struct got {
    unsigned calls;
    enum ht_err err;
    long status;
    struct ht_why why;
    char body[256];
    size_t n;
} got[8];

static int start(void **state) {
    (void)state;
    memset(got, 0, sizeof got);
    ask_open(&bench);
    assert_int_equal(ht_ws_rpc_new(&rpc, bench.loop, bench.pool), HT_OK);
    return 0;
}

static int end(void **state) {
    (void)state;
    ht_ws_rpc_stop(rpc);
    ht_asker_stop(bench.asker);
    ht_pool_free(bench.pool);
    ht_loop_drain(bench.loop);
    ht_ws_rpc_free(rpc);
    ht_asker_free(bench.asker);
    ht_http_free(bench.http);
    ht_loop_free(bench.loop);
    return 0;
}

static void on_done(void *user, const struct ht_http_answer *answer) {
    struct got *one = user;
    one->calls++;
    one->err = answer->err;
    one->status = answer->status;
    one->why = answer->why;
    one->n = answer->body.n;
    if (answer->body.n > 0 && answer->body.n < sizeof one->body) {
        memcpy(one->body, answer->body.p, answer->body.n);
    }
    if (++bench.done == bench.target) ht_loop_stop(bench.loop);
}

static struct ht_ws_rpc_options options_for(const char *url, const char *body, uint64_t first_id) {
    return (struct ht_ws_rpc_options){.url = url,
                                      .body = ht_bytes_str(body),
                                      .first_id = first_id,
                                      .count = 1,
                                      .max_bytes = LIMIT,
                                      .timeout_ms = 10000};
}

static const char *server_url(void) {
    static char url[64];
    (void)snprintf(url, sizeof url, "ws://127.0.0.1:%u/key", ws_server.port);
    return url;
}

static void send_one(size_t i, const char *body, uint64_t first_id) {
    struct ht_ws_rpc_options options = options_for(server_url(), body, first_id);
    assert_int_equal(ht_ws_rpc_start(&handles[i], rpc, &options, on_done, &got[i]), HT_OK);
}

static void expect_body(size_t i, const char *text) {
    assert_int_equal(got[i].calls, 1);
    if (got[i].err != HT_OK) fail_msg("%s", got[i].why.text);
    assert_int_equal(got[i].status, 200);
    assert_string_equal(got[i].body, text);
}

static void expect_failed(size_t i, enum ht_err err, const char *code) {
    assert_int_equal(got[i].calls, 1);
    assert_int_equal(got[i].err, err);
    assert_string_equal(got[i].why.code, code);
}

/* --- servers ---------------------------------------------------------------------------------- */

static void echo(struct ws_server *server, struct ws_session *session) {
    (void)server;
    ws_say(session, session->in);
}

/* Both answers after the second question, the second first, among others. */
static void answer_in_reverse(struct ws_server *server, struct ws_session *session) {
    if (server->messages < 2) return;
    ws_say(session, "{\"id\":77,\"result\":1}");
    ws_say(session, "{\"method\":\"eth_subscription\",\"params\":{\"id\":1}}");
    ws_say(session, "no json");
    ws_say(session, "{\"id\":2,\"result\":\"b\"}");
    ws_say(session, "{\"result\":{\"id\":2},\"id\":1}");
}

static void say_nothing(struct ws_server *server, struct ws_session *session) {
    (void)server;
    (void)session;
}

static void hang_up_first(struct ws_server *server, struct ws_session *session) {
    if (server->messages <= 2) {
        ws_hang_up(session);
    } else {
        ws_say(session, session->in);
    }
}

static void say_a_lot(struct ws_server *server, struct ws_session *session) {
    (void)server;
    static char text[LIMIT + 100] = "{\"id\":1,\"result\":\"";
    memset(text + 18, 'x', LIMIT);
    memcpy(text + 18 + LIMIT, "\"}", 3);
    ws_say(session, text);
}

static void refuse_batch(struct ws_server *server, struct ws_session *session) {
    (void)server;
    ws_say(session, "{\"id\":null,\"error\":{\"code\":-32600,\"message\":\"no batches\"}}");
}

/* --- requests --------------------------------------------------------------------------------- */

static void ws_rpc_answers_a_request(void **state) {
    (void)state;
    ws_start(bench.loop, NULL, NULL, echo);
    send_one(0, "{\"id\":1}", 1);
    ask_run(&bench, 1);
    expect_body(0, "{\"id\":1}");
    assert_int_equal(ht_ws_rpc_counts(rpc).waiting, 0);
    assert_int_equal(ht_ws_rpc_counts(rpc).open, 1);
}

static void ws_rpc_keeps_one_connection(void **state) {
    (void)state;
    ws_start(bench.loop, NULL, NULL, echo);
    for (uint64_t i = 0; i < 3; i++) {
        send_one(i, "{\"id\":1}", 1);
        ask_run(&bench, 1);
        expect_body(i, "{\"id\":1}");
    }
    assert_int_equal(ws_server.connections, 1);
    assert_int_equal(ht_ws_rpc_counts(rpc).opened, 1);
}

static void ws_rpc_finds_whose_an_answer_is_and_ignores_others(void **state) {
    (void)state;
    ws_start(bench.loop, NULL, NULL, answer_in_reverse);
    send_one(0, "{\"id\":1}", 1);
    send_one(1, "{\"id\":2}", 2);
    ask_run(&bench, 2);
    expect_body(0, "{\"result\":{\"id\":2},\"id\":1}");
    expect_body(1, "{\"id\":2,\"result\":\"b\"}");
    assert_int_equal(ht_ws_rpc_counts(rpc).ignored, 3);
}

static void ws_rpc_gives_an_error_without_id_to_the_one_that_waits(void **state) {
    (void)state;
    ws_start(bench.loop, NULL, NULL, refuse_batch);
    send_one(0, "[]", 1);
    ask_run(&bench, 1);
    assert_int_equal(got[0].err, HT_OK);
    assert_non_null(strstr(got[0].body, "no batches"));
}

/* A notification that nobody asked for comes first. */
static void notify_first(struct ws_server *server, struct ws_session *session) {
    (void)server;
    ws_say(session, "{\"method\":\"eth_subscription\",\"params\":{}}");
    ws_say(session, session->in);
}

static void ws_rpc_takes_no_notification_for_an_answer(void **state) {
    (void)state;
    ws_start(bench.loop, NULL, NULL, notify_first);
    send_one(0, "{\"id\":1}", 1);
    ask_run(&bench, 1);
    expect_body(0, "{\"id\":1}");
    assert_int_equal(ht_ws_rpc_counts(rpc).ignored, 1);
}

static void stop_loop(struct ht_timer *timer) {
    ht_loop_stop(timer->loop);
}

static void ws_rpc_closes_an_idle_connection_and_opens_another_when_needed(void **state) {
    (void)state;
    struct ht_timer poll = {0};
    ws_start(bench.loop, NULL, NULL, echo);
    ht_ws_rpc_set_idle(rpc, 50);
    send_one(0, "{\"id\":1}", 1);
    ask_run(&bench, 1);
    for (int i = 0; i < 200 && (ws_server.open > 0 || ht_ws_rpc_counts(rpc).open > 0); i++) {
        ht_timer_set(bench.loop, &poll, 20, stop_loop);
        ht_loop_run(bench.loop);
    }
    assert_int_equal(ws_server.open, 0);
    assert_int_equal(ht_ws_rpc_counts(rpc).open, 0);
    send_one(1, "{\"id\":2}", 2);
    ask_run(&bench, 1);
    expect_body(1, "{\"id\":2}");
    assert_int_equal(ws_server.connections, 2);
}

static void ws_rpc_times_out_and_ignores_the_late_answer(void **state) {
    (void)state;
    ws_start(bench.loop, NULL, NULL, say_nothing);
    struct ht_ws_rpc_options options = options_for(server_url(), "{\"id\":1}", 1);
    options.timeout_ms = 150;
    assert_int_equal(ht_ws_rpc_start(&handles[0], rpc, &options, on_done, &got[0]), HT_OK);
    ask_run(&bench, 1);
    expect_failed(0, HT_ENET, "timeout");
    assert_non_null(ws_server.last);
    ws_say(ws_server.last, "{\"id\":1}");
    ws_server.on_message = echo;
    send_one(1, "{\"id\":2}", 2);
    ask_run(&bench, 1);
    expect_body(1, "{\"id\":2}");
    assert_int_equal(got[0].calls, 1);
    assert_int_equal(ht_ws_rpc_counts(rpc).ignored, 1);
}

static void ws_rpc_fails_all_that_wait_when_the_connection_is_lost_and_opens_another(void **state) {
    (void)state;
    ws_start(bench.loop, NULL, NULL, hang_up_first);
    send_one(0, "{\"id\":1}", 1);
    send_one(1, "{\"id\":2}", 2);
    ask_run(&bench, 2);
    expect_failed(0, HT_ENET, "connection_lost");
    expect_failed(1, HT_ENET, "connection_lost");
    ws_server.on_message = echo;
    send_one(2, "{\"id\":3}", 3);
    ask_run(&bench, 1);
    expect_body(2, "{\"id\":3}");
    assert_int_equal(ht_ws_rpc_counts(rpc).opened, 2);
}

static void ws_rpc_refuses_an_answer_over_its_bound(void **state) {
    (void)state;
    ws_start(bench.loop, NULL, NULL, say_a_lot);
    send_one(0, "{\"id\":1}", 1);
    ask_run(&bench, 1);
    expect_failed(0, HT_ELIMIT, "too_large");
}

static void ws_rpc_bounds_each_answer_by_its_own_request(void **state) {
    (void)state;
    static char text[70000] = "{\"id\":1,\"a\":\"";
    memset(text + 13, 'x', 66000);
    memcpy(text + 13 + 66000, "\"}", 3);
    ws_start(bench.loop, NULL, NULL, echo);
    send_one(0, "{\"id\":5}", 5);
    ask_run(&bench, 1);
    struct ht_ws_rpc_options options = options_for(server_url(), text, 1);
    options.max_bytes = 1000;
    assert_int_equal(ht_ws_rpc_start(&handles[1], rpc, &options, on_done, &got[1]), HT_OK);
    ask_run(&bench, 1);
    expect_failed(1, HT_ELIMIT, "too_large");
    assert_int_equal(ht_ws_rpc_counts(rpc).open, 1);
}

static void ws_rpc_says_when_nobody_listens(void **state) {
    (void)state;
    struct ht_ws_rpc_options options = options_for("ws://127.0.0.1:1", "{\"id\":1}", 1);
    assert_int_equal(ht_ws_rpc_start(&handles[0], rpc, &options, on_done, &got[0]), HT_OK);
    ask_run(&bench, 1);
    expect_failed(0, HT_ENET, "connect_failed");
}

static void ws_rpc_does_not_call_back_after_cancel(void **state) {
    (void)state;
    ws_start(bench.loop, NULL, NULL, echo);
    send_one(0, "{\"id\":1}", 1);
    ht_ws_rpc_cancel(handles[0]);
    send_one(1, "{\"id\":2}", 2);
    ask_run(&bench, 1);
    expect_body(1, "{\"id\":2}");
    assert_int_equal(got[0].calls, 0);
    assert_int_equal(ht_ws_rpc_counts(rpc).ignored, 1);
}

static void ws_rpc_stops_without_a_call(void **state) {
    (void)state;
    ws_start(bench.loop, NULL, NULL, say_nothing);
    send_one(0, "{\"id\":1}", 1);
    ht_ws_rpc_stop(rpc);
    assert_int_equal(ht_ws_rpc_counts(rpc).waiting, 0);
    struct ht_ws_rpc_options options = options_for(server_url(), "{\"id\":2}", 2);
    assert_int_equal(ht_ws_rpc_start(&handles[1], rpc, &options, on_done, &got[1]), HT_EDENIED);
    assert_int_equal(got[0].calls, 0);
}

/* --- questions -------------------------------------------------------------------------------- */

/* "good" for each id in the request. */
static void answer_good(struct ws_server *server, struct ws_session *session) {
    (void)server;
    char body[8192] = "[";
    size_t n = 1;
    for (const char *at = session->in; (at = strstr(at, "\"id\":")) != NULL;) {
        at += 5;
        n += (size_t)snprintf(body + n, sizeof body - n, "%s{\"id\":%llu,\"result\":\"good\"}",
                              n > 1 ? "," : "", strtoull(at, NULL, 10));
    }
    (void)snprintf(body + n, sizeof body - n, "]");
    ws_say(session, body);
}

static void add_websocket_provider(void) {
    assert_int_equal(ht_providers_add(&bench.providers, HT_PROVIDER_EXECUTION, server_url(), NULL),
                     HT_OK);
}

static void a_question_goes_over_a_websocket_by_the_providers_address(void **state) {
    (void)state;
    ws_start(bench.loop, NULL, NULL, answer_good);
    add_websocket_provider();
    ask_prepare(&bench.question, "eth_test", 3);
    ht_ask(bench.asker, &bench.question);
    ask_run(&bench, 1);
    ask_expect(&bench.question, HT_OK, NULL);
    assert_string_equal(bench.question.source, bench.providers.list[0].name);
    ask_one(&bench);
    ask_expect(&bench.question, HT_OK, NULL);
    assert_int_equal(ws_server.connections, 1);
}

static void a_question_whose_connection_is_lost_is_asked_once_more(void **state) {
    (void)state;
    ws_start(bench.loop, NULL, NULL, hang_up_first);
    add_websocket_provider();
    ask_one(&bench);
    ask_expect(&bench.question, HT_ENET, "connection_lost");
    assert_int_equal(ws_server.connections, 2);
    assert_int_equal(bench.providers.list[0].failures, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
        TEST(ws_rpc_answers_a_request),
        TEST(ws_rpc_keeps_one_connection),
        TEST(ws_rpc_finds_whose_an_answer_is_and_ignores_others),
        TEST(ws_rpc_gives_an_error_without_id_to_the_one_that_waits),
        TEST(ws_rpc_takes_no_notification_for_an_answer),
        TEST(ws_rpc_closes_an_idle_connection_and_opens_another_when_needed),
        TEST(ws_rpc_times_out_and_ignores_the_late_answer),
        TEST(ws_rpc_fails_all_that_wait_when_the_connection_is_lost_and_opens_another),
        TEST(ws_rpc_refuses_an_answer_over_its_bound),
        TEST(ws_rpc_bounds_each_answer_by_its_own_request),
        TEST(ws_rpc_says_when_nobody_listens),
        TEST(ws_rpc_does_not_call_back_after_cancel),
        TEST(ws_rpc_stops_without_a_call),
        TEST(a_question_goes_over_a_websocket_by_the_providers_address),
        TEST(a_question_whose_connection_is_lost_is_asked_once_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
