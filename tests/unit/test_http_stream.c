/* Streams through the HTTP client, cancelling, and ending it with requests under way. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "node/net/http.h"
#include "tests/unit/loopback.h"

#define STREAM_HEAD \
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
#define DEADLINE_MS 20000
#define BIG_BYTES ((size_t)3 * 1024 * 1024)

struct bench {
    struct ht_peer peer;
    struct ht_loop *loop;
    struct ht_http *http;
    struct ht_http_request *request;
    struct ht_timer deadline;
    bool is_late;
    char url[64];
    unsigned done;
    unsigned target; /* done calls that end the loop */
    struct ht_http_answer answer;
    char body[64];
    uint8_t *text; /* what the stream brought */
    size_t text_len;
    size_t longest_piece;
    size_t enough; /* the reader ends the stream, or cancels it, after this many bytes; 0: never */
    bool cancels;
    unsigned holds; /* so many pieces are held for a moment each */
    struct ht_timer hold;
    bool is_held;
};

static void stop_late(struct ht_timer *timer) {
    struct bench *b = (struct bench *)((char *)timer - offsetof(struct bench, deadline));
    b->is_late = true;
    ht_loop_stop(b->loop);
}

static struct bench *open_bench(void (*script)(struct ht_peer *, int)) {
    struct ht_why why = {0};
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->text = malloc(BIG_BYTES);
    assert_non_null(b->text);
    b->target = 1;
    assert_true(ht_peer_start(&b->peer, script));
    (void)snprintf(b->url, sizeof b->url, "http://127.0.0.1:%u/", b->peer.port);
    if (ht_loop_new(&b->loop, &ht_system_clock, &why) != HT_OK) fail_msg("%s", why.text);
    if (ht_http_new(&b->http, b->loop, "hearth-test", &why) != HT_OK) fail_msg("%s", why.text);
    ht_timer_set(b->loop, &b->deadline, DEADLINE_MS, stop_late);
    return b;
}

static void run_bench(struct bench *b) {
    ht_loop_run(b->loop);
    assert_false(b->is_late);
}

static void close_bench(struct bench *b) {
    ht_http_free(b->http);
    ht_timer_cancel(&b->deadline);
    ht_loop_free(b->loop);
    ht_peer_stop(&b->peer);
    free(b->text);
    free(b);
}

static void on_done(void *user, const struct ht_http_answer *answer) {
    struct bench *b = user;
    b->answer = *answer;
    size_t n = answer->body.n < sizeof b->body ? answer->body.n : sizeof b->body - 1;
    if (n > 0) memcpy(b->body, answer->body.p, n);
    if (++b->done == b->target) ht_loop_stop(b->loop);
}

static void stop_loop(struct ht_timer *timer) {
    ht_loop_stop(timer->loop);
}

static void go_on(struct ht_timer *timer) {
    struct bench *b = (struct bench *)((char *)timer - offsetof(struct bench, hold));
    b->is_held = false;
    ht_http_go_on(b->request);
}

static bool on_piece(void *user, ht_bytes piece) {
    struct bench *b = user;
    assert_false(b->is_held);
    if (b->holds > 0) {
        b->holds--;
        b->is_held = true;
        ht_http_hold(b->request);
        ht_timer_set(b->loop, &b->hold, 20, go_on);
    }
    assert_in_range(piece.n, 1, BIG_BYTES - b->text_len);
    memcpy(b->text + b->text_len, piece.p, piece.n);
    b->text_len += piece.n;
    if (piece.n > b->longest_piece) b->longest_piece = piece.n;
    if (b->enough == 0 || b->text_len < b->enough) return true;
    if (!b->cancels) return false;
    ht_http_cancel(b->request);
    return true;
}

static struct ht_http_request *start(struct bench *b, bool is_stream) {
    struct ht_http_options options = {.url = b->url,
                                      .max_bytes = 1000,
                                      .timeout_ms = 10000,
                                      .is_stream = is_stream,
                                      .accept = is_stream ? "text/event-stream" : NULL};
    struct ht_http_request *request = NULL;
    assert_int_equal(
        ht_http_start(&request, b->http, &options, on_done, is_stream ? on_piece : NULL, b), HT_OK);
    return request;
}

static const char events[] = "event: head\ndata: {\"slot\":\"1\"}\n\n: still here\n\ndata: 2\n\n";

static void send_byte_by_byte(struct ht_peer *peer, int fd) {
    int now = 1;
    setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &now, sizeof now);
    bool is_there = ht_peer_say(fd, STREAM_HEAD);
    for (size_t i = 0; i < sizeof events - 1 && is_there; i++)
        is_there = ht_peer_send(fd, events + i, 1) && ht_peer_pause(peer, fd, 1);
}

static void stream_brings_the_bytes_in_order_however_they_are_split(void **state) {
    (void)state;
    struct bench *b = open_bench(send_byte_by_byte);
    b->request = start(b, true);
    run_bench(b);
    assert_int_equal(b->answer.err, HT_OK);
    assert_int_equal(b->answer.status, 200);
    assert_string_equal(b->answer.content_type, "text/event-stream");
    assert_int_equal(b->answer.body.n, 0);
    assert_int_equal(b->text_len, sizeof events - 1);
    assert_memory_equal(b->text, events, sizeof events - 1);
    close_bench(b);
}

static uint8_t big_byte(size_t i) {
    return (uint8_t)(i * 31 + i / 4096);
}

static void send_big(struct ht_peer *peer, int fd) {
    (void)peer;
    static uint8_t part[4096];
    bool is_there = ht_peer_say(fd, STREAM_HEAD);
    for (size_t at = 0; at < BIG_BYTES && is_there; at += sizeof part) {
        for (size_t i = 0; i < sizeof part; i++) part[i] = big_byte(at + i);
        is_there = ht_peer_send(fd, part, sizeof part);
    }
}

static void stream_makes_a_fast_server_wait_and_loses_nothing(void **state) {
    (void)state;
    struct bench *b = open_bench(send_big);
    b->request = start(b, true);
    run_bench(b);
    assert_int_equal(b->answer.err, HT_OK);
    assert_int_equal(b->text_len, BIG_BYTES);
    for (size_t i = 0; i < BIG_BYTES; i++)
        if (b->text[i] != big_byte(i)) fail_msg("byte %zu differs", i);
    assert_in_range(b->longest_piece, 1, 16384); /* what arrives at once, the limit being less */
    close_bench(b);
}

static void stream_that_is_held_waits_and_loses_nothing(void **state) {
    (void)state;
    struct bench *b = open_bench(send_big);
    b->holds = 5;
    b->request = start(b, true);
    run_bench(b);
    assert_int_equal(b->answer.err, HT_OK);
    assert_int_equal(b->holds, 0);
    assert_int_equal(b->text_len, BIG_BYTES);
    for (size_t i = 0; i < BIG_BYTES; i++)
        if (b->text[i] != big_byte(i)) fail_msg("byte %zu differs", i);
    close_bench(b);
}

static void send_and_hold(struct ht_peer *peer, int fd) {
    ht_peer_say(fd, STREAM_HEAD);
    ht_peer_say(fd, events);
    ht_peer_hold(peer, fd);
}

static void stream_ends_when_its_reader_has_enough(void **state) {
    (void)state;
    struct bench *b = open_bench(send_and_hold);
    b->enough = sizeof events - 1;
    b->request = start(b, true);
    run_bench(b);
    assert_int_equal(b->answer.err, HT_OK);
    assert_int_equal(b->answer.status, 200);
    assert_int_equal(b->text_len, sizeof events - 1);
    close_bench(b);
}

static void stream_that_is_silent_is_given_up(void **state) {
    (void)state;
    struct bench *b = open_bench(send_and_hold);
    struct ht_http_options options = {
        .url = b->url, .max_bytes = 1000, .timeout_ms = 150, .is_stream = true};
    assert_int_equal(ht_http_start(&b->request, b->http, &options, on_done, on_piece, b), HT_OK);
    run_bench(b);
    assert_int_equal(b->answer.err, HT_ENET);
    assert_string_equal(b->answer.why.code, "timeout");
    assert_int_equal(b->text_len, sizeof events - 1);
    close_bench(b);
}

static void send_503(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
}

static void stream_with_another_status_brings_its_body_with_the_answer(void **state) {
    (void)state;
    struct bench *b = open_bench(send_503);
    b->request = start(b, true);
    run_bench(b);
    assert_int_equal(b->answer.err, HT_OK);
    assert_int_equal(b->answer.status, 503);
    assert_string_equal(b->body, "busy");
    assert_int_equal(b->text_len, 0);
    close_bench(b);
}

static void cut_stream(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\ndata: 1\n");
}

static void stream_delivers_what_came_before_a_failure(void **state) {
    (void)state;
    struct bench *b = open_bench(cut_stream);
    b->request = start(b, true);
    run_bench(b);
    assert_int_equal(b->answer.err, HT_ENET);
    assert_string_equal(b->answer.why.code, "connection_lost");
    assert_int_equal(b->text_len, 8);
    close_bench(b);
}

/* Runs the loop until nothing can be under way for what was cancelled: a request behind it is
 * answered, and the cancel job went the same way before. */
static void answer_one_more(struct bench *b) {
    unsigned before = b->done;
    b->enough = 0;
    b->target = before + 1;
    (void)start(b, false);
    run_bench(b);
    assert_int_equal(b->done, before + 1);
}

static void cancelled_request_does_not_call_back(void **state) {
    (void)state;
    struct bench *b = open_bench(send_503);
    ht_http_cancel(start(b, false));
    answer_one_more(b);
    assert_int_equal(b->answer.status, 503);
    close_bench(b);
}

static void pause_and_send(struct ht_peer *peer, int fd) {
    (void)ht_peer_pause(peer, fd, 20);
    ht_peer_say(fd, STREAM_HEAD);
    ht_peer_say(fd, events);
}

/* Starts streams and plain requests and lets their answers wait for the loop, which does not run:
 * the server takes one after another, so at the last the others have been answered. */
static void let_answers_wait(struct bench *b, struct ht_http_request *requests[static 6]) {
    for (size_t i = 0; i < 6; i++) requests[i] = start(b, i % 2 == 0);
    for (int i = 0; i < DEADLINE_MS && atomic_load(&b->peer.requests) < 6; i++)
        (void)poll(NULL, 0, 1);
    assert_int_equal(atomic_load(&b->peer.requests), 6);
}

static void cancelled_answer_that_waits_is_not_delivered(void **state) {
    (void)state;
    struct bench *b = open_bench(pause_and_send);
    struct ht_http_request *requests[6];
    let_answers_wait(b, requests);
    for (size_t i = 0; i < 6; i++) ht_http_cancel(requests[i]);
    answer_one_more(b);
    assert_int_equal(b->done, 1);
    assert_int_equal(b->text_len, 0);
    close_bench(b);
}

static void client_ends_with_answers_waiting(void **state) {
    (void)state;
    struct bench *b = open_bench(pause_and_send);
    struct ht_http_request *requests[6];
    let_answers_wait(b, requests);
    ht_http_cancel(requests[0]);
    ht_http_free(b->http);
    b->http = NULL;
    ht_loop_drain(b->loop);
    assert_int_equal(b->done, 0);
    assert_int_equal(b->text_len, 0);
    close_bench(b);
}

static void cancel_frees_a_request_in_flight(void **state) {
    (void)state;
    struct bench *b = open_bench(ht_peer_hold);
    struct ht_timer pause = {0};
    struct ht_http_request *request = start(b, false);
    for (unsigned i = 0; i < 2000 && atomic_load(&b->peer.requests) == 0; i++) {
        ht_timer_set(b->loop, &pause, 5, stop_loop);
        run_bench(b);
    }
    assert_int_equal(atomic_load(&b->peer.requests), 1);
    ht_http_cancel(request);
    ht_http_cancel(request);
    ht_timer_set(b->loop, &pause, 20, stop_loop);
    run_bench(b);
    assert_int_equal(b->done, 0);
    close_bench(b);
}

static void stream_can_be_cancelled_by_its_reader(void **state) {
    (void)state;
    struct bench *b = open_bench(send_byte_by_byte);
    b->enough = 1;
    b->cancels = true;
    b->request = start(b, true);
    struct ht_timer pause = {0};
    for (unsigned i = 0; i < 2000 && b->text_len == 0; i++) {
        ht_timer_set(b->loop, &pause, 5, stop_loop);
        run_bench(b);
    }
    size_t len = b->text_len;
    assert_in_range(len, 1, sizeof events - 1);
    b->target = 1;
    (void)start(b, false); /* the server has one connection at a time: it has let go of the first */
    run_bench(b);
    assert_int_equal(b->done, 1);
    assert_int_equal(b->text_len, len);
    close_bench(b);
}

static void cancel_is_safe_at_any_moment(void **state) {
    (void)state;
    struct bench *b = open_bench(send_503);
    b->target = 0;
    unsigned cancelled = 0;
    struct ht_timer pause = {0};
    for (unsigned i = 0; i < 150; i++) {
        bool is_stream = i % 2 == 0;
        struct ht_http_request *request = start(b, is_stream);
        unsigned before = b->done;
        /* Another moment each time, from before it began to after it has been answered. */
        ht_timer_set(b->loop, &pause, i / 50, stop_loop);
        run_bench(b);
        if (b->done != before) continue;
        ht_http_cancel(request);
        cancelled++;
    }
    assert_int_equal(b->done + cancelled, 150);
    answer_one_more(b);
    close_bench(b);
}

static struct ht_http_request *own_request;

static void cancel_itself(void *user, const struct ht_http_answer *answer) {
    ht_http_cancel(own_request);
    on_done(user, answer);
}

static void cancel_of_a_finished_request_has_no_effect(void **state) {
    (void)state;
    struct bench *b = open_bench(send_503);
    struct ht_http_options options = {.url = b->url, .max_bytes = 1000, .timeout_ms = 10000};
    assert_int_equal(ht_http_start(&own_request, b->http, &options, cancel_itself, NULL, b), HT_OK);
    run_bench(b);
    assert_int_equal(b->done, 1);
    close_bench(b);
}

static void client_refuses_too_many_requests(void **state) {
    (void)state;
    struct bench *b = open_bench(ht_peer_hold);
    struct ht_http_options options = {.url = b->url, .max_bytes = 1000, .timeout_ms = 10000};
    struct ht_http_request *request = NULL;
    for (unsigned i = 0; i < 256; i++) (void)start(b, false);
    assert_int_equal(ht_http_start(&request, b->http, &options, on_done, NULL, b), HT_EAGAIN);
    assert_null(request);
    close_bench(b);
    /* Ending it with all of them under way called nobody back, or b->done would have been touched
     * after it was freed. */
}

static void send_big_and_hold(struct ht_peer *peer, int fd) {
    send_big(peer, fd);
    ht_peer_hold(peer, fd);
}

static void client_ends_with_pieces_under_way(void **state) {
    (void)state;
    struct bench *b = open_bench(send_big_and_hold);
    struct ht_timer pause = {0};
    b->request = start(b, true);
    for (unsigned i = 0; i < 2000 && b->text_len == 0; i++) {
        ht_timer_set(b->loop, &pause, 1, stop_loop);
        run_bench(b);
    }
    assert_true(b->text_len > 0);
    ht_http_free(b->http);
    b->http = NULL;
    size_t len = b->text_len;
    ht_loop_drain(b->loop);
    assert_int_equal(b->text_len, len);
    assert_int_equal(b->done, 0);
    close_bench(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_brings_the_bytes_in_order_however_they_are_split),
        cmocka_unit_test(stream_makes_a_fast_server_wait_and_loses_nothing),
        cmocka_unit_test(stream_that_is_held_waits_and_loses_nothing),
        cmocka_unit_test(stream_ends_when_its_reader_has_enough),
        cmocka_unit_test(stream_that_is_silent_is_given_up),
        cmocka_unit_test(stream_with_another_status_brings_its_body_with_the_answer),
        cmocka_unit_test(stream_delivers_what_came_before_a_failure),
        cmocka_unit_test(cancelled_request_does_not_call_back),
        cmocka_unit_test(cancelled_answer_that_waits_is_not_delivered),
        cmocka_unit_test(cancel_frees_a_request_in_flight),
        cmocka_unit_test(stream_can_be_cancelled_by_its_reader),
        cmocka_unit_test(cancel_is_safe_at_any_moment),
        cmocka_unit_test(cancel_of_a_finished_request_has_no_effect),
        cmocka_unit_test(client_refuses_too_many_requests),
        cmocka_unit_test(client_ends_with_pieces_under_way),
        cmocka_unit_test(client_ends_with_answers_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
