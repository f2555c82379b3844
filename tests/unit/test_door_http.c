/* HTTP at the door: the document, CORS, bodies in, files out, and what is wrong. */
#include "tests/unit/door_client.h"

#define FILE_SIZE 200000U

static uint8_t content[FILE_SIZE];

static int set_up(void **state) {
    (void)state;
    start_bench(&(struct ht_door_options){0});
    char path[] = "/tmp/hearth-door-XXXXXX";
    bench.file = mkstemp(path);
    assert_true(bench.file >= 0);
    assert_int_equal(unlink(path), 0);
    for (size_t i = 0; i < sizeof content; i++) content[i] = (uint8_t)(i * 7 + i / 251);
    assert_int_equal(write(bench.file, content, sizeof content), FILE_SIZE);
    bench.file_size = FILE_SIZE;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stop_bench();
    return 0;
}

static bool nobody_is_there(void) {
    return counts.connections == 0;
}

#define HOST "Host: <HOST>\r\n"

static void the_document_is_given_to_who_asks_for_it(void **state) {
    (void)state;
    assert_int_equal(
        fetch("GET / HTTP/1.1\r\n" HOST "Accept: text/html, Application/nostr+json\r\n"), 200);
    assert_string_equal(last.body, "{\"name\":\"bench\"}");
    assert_true(has_line("content-type: application/nostr+json"));
    assert_true(has_line("access-control-allow-origin: *"));
    assert_true(has_line("access-control-allow-headers: *"));
    assert_true(has_line("access-control-allow-methods: GET, HEAD, OPTIONS"));
    assert_int_equal(fetch("GET / HTTP/1.1\r\n" HOST "Accept: text/html\r\n"), 200);
    assert_non_null(strstr(last.body, "Nostr relay"));
    assert_true(has_line("content-type: text/plain; charset=utf-8"));
}

static void a_head_has_the_length_and_no_body(void **state) {
    (void)state;
    assert_int_equal(fetch("HEAD /file HTTP/1.1\r\n" HOST), 200);
    assert_true(has_line("content-length: 200000"));
    assert_true(has_line("accept-ranges: bytes"));
    assert_int_equal(last.body_len, 0);
}

static void pages_of_any_origin_may_ask_first(void **state) {
    (void)state;
    assert_int_equal(fetch("OPTIONS /upload HTTP/1.1\r\n" HOST "Origin: https://a.example\r\n"
                           "Access-Control-Request-Method: PUT\r\n"),
                     204);
    assert_true(has_line("access-control-allow-origin: *"));
    assert_non_null(strstr(last.head, "PUT"));
    assert_non_null(strstr(last.head, "authorization"));
    assert_int_equal(last.body_len, 0);
}

static void another_host_is_refused_on_loopback(void **state) {
    (void)state;
    assert_int_equal(fetch("GET /file HTTP/1.1\r\nHost: evil.example\r\n"), 421);
    assert_int_equal(fetch("GET /file HTTP/1.1\r\nHost: localhost\r\n"), 200);
}

static void a_file_comes_whole(void **state) {
    (void)state;
    assert_int_equal(fetch("GET /file HTTP/1.1\r\n" HOST), 200);
    assert_true(has_line("content-type: image/png"));
    assert_int_equal(last.body_len, FILE_SIZE);
    assert_memory_equal(last.body, content, FILE_SIZE);
}

static void a_range_of_a_file_comes_alone(void **state) {
    (void)state;
    assert_int_equal(fetch("GET /file HTTP/1.1\r\n" HOST "Range: bytes=1000-99999\r\n"), 206);
    assert_true(has_line("content-range: bytes 1000-99999/200000"));
    assert_int_equal(last.body_len, 99000);
    assert_memory_equal(last.body, content + 1000, 99000);
    assert_int_equal(fetch("GET /file HTTP/1.1\r\n" HOST "Range: bytes=-5\r\n"), 206);
    assert_int_equal(last.body_len, 5);
    assert_memory_equal(last.body, content + FILE_SIZE - 5, 5);
    assert_int_equal(fetch("GET /file HTTP/1.1\r\n" HOST "Range: bytes=200000-\r\n"), 416);
    assert_true(has_line("content-range: bytes */200000"));
    assert_int_equal(last.body_len, 0);
    assert_int_equal(fetch("GET /file HTTP/1.1\r\n" HOST "Range: bytes=0-1,5-6\r\n"), 200);
    assert_int_equal(last.body_len, FILE_SIZE);
}

static void a_file_that_shrank_ends_the_connection(void **state) {
    (void)state;
    bench.file_size = FILE_SIZE + 100000;
    assert_int_equal(fetch("GET /file HTTP/1.1\r\n" HOST), 200);
    assert_true(has_line("content-length: 300000"));
    assert_true(last.body_len <= FILE_SIZE);
}

static void a_body_is_read_to_its_end(void **state) {
    (void)state;
    assert_int_equal(fetch_with("PUT /echo?x=1&y=a%20b HTTP/1.1\r\n" HOST
                                "Content-Length: 200000\r\nX-SHA-256: abcdef\r\n",
                                content, FILE_SIZE),
                     201);
    assert_int_equal(last.body_len, FILE_SIZE);
    assert_memory_equal(last.body, content, FILE_SIZE);
    assert_string_equal(bench.header, "abcdef");
    assert_string_equal(bench.path, "/echo");
    assert_string_equal(bench.query, "x=1&y=a b");
    assert_int_equal(fetch("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 0\r\n"), 201);
    assert_int_equal(last.body_len, 0);
    assert_int_equal(fetch("DELETE /echo HTTP/1.1\r\n" HOST), 201);
    assert_int_equal(bench.gone, 0);
}

static void a_body_over_the_bound_is_refused_and_the_refusal_read(void **state) {
    (void)state;
    static uint8_t large[400000];
    assert_int_equal(
        fetch_with("PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 400000\r\n", large, sizeof large),
        413);
    assert_int_equal(fetch("PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 999999999999999\r\n"),
                     413);
    assert_int_equal(bench.gone, 0);
}

static void a_body_of_unknown_length_is_refused(void **state) {
    (void)state;
    static const char chunks[] = "3\r\nabc\r\n0\r\n\r\n";
    assert_int_equal(fetch_with("PUT /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n",
                                chunks, sizeof chunks - 1),
                     411);
    assert_int_equal(fetch("PUT /echo HTTP/1.1\r\n" HOST), 411);
    assert_int_equal(fetch("PUT /echo HTTP/1.1\r\n" HOST "Content-Length: -5\r\n"), 411);
    assert_int_equal(fetch("PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 1e3\r\n"), 411);
}

static void a_reader_that_wants_no_more_answers(void **state) {
    (void)state;
    assert_int_equal(fetch_with("PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 6\r\n", "!wrong", 6),
                     400);
    assert_string_equal(last.body, "the body cannot be taken\n");
}

static void a_reason_breaks_no_line(void **state) {
    (void)state;
    assert_int_equal(fetch("GET /other HTTP/1.1\r\n" HOST), 404);
    assert_true(has_line("x-reason: there is no??X-Evil: line"));
    assert_null(strstr(last.head, "\r\nX-Evil"));
}

static void a_request_that_the_module_forgets_is_answered(void **state) {
    (void)state;
    assert_int_equal(fetch("GET /nothing HTTP/1.1\r\n" HOST), 500);
}

static bool one_is_asked(void) {
    return bench.asked != NULL;
}

static bool one_is_gone(void) {
    return bench.gone == 1;
}

static void answer_later(void) {
    struct ht_door_http *http = bench.asked;
    bench.asked = NULL;
    ht_door_http_answer(http, &(struct ht_door_answer){.status = 200, .body = HT_BYTES(content)});
}

static void an_answer_may_come_later(void **state) {
    (void)state;
    int fd = ask("GET /later HTTP/1.1\r\n" HOST, NULL, 0);
    assert_true(wait_for(one_is_asked));
    on_loop(answer_later);
    read_head(fd);
    assert_int_equal(last.status, 200);
    last.body = malloc(FILE_SIZE);
    assert_true(read_exactly(fd, last.body, FILE_SIZE));
    assert_memory_equal(last.body, content, FILE_SIZE);
    close(fd);
}

static void who_leaves_before_the_answer_is_told(void **state) {
    (void)state;
    int fd = ask("PUT /later HTTP/1.1\r\n" HOST "Content-Length: 10\r\n", "half", 4);
    assert_true(wait_for(one_is_asked));
    close(fd);
    assert_true(wait_for(one_is_gone));
    assert_true(wait_for(nobody_is_there));
}

static void who_waits_when_the_door_ends_is_told(void **state) {
    (void)state;
    start_bench(&(struct ht_door_options){0});
    int fd = ask("GET /later HTTP/1.1\r\n" HOST, NULL, 0);
    assert_true(wait_for(one_is_asked));
    stop_bench();
    assert_int_equal(bench.gone, 1);
    close(fd);
}

static void other_methods_are_refused(void **state) {
    (void)state;
    assert_int_equal(fetch("PATCH /file HTTP/1.1\r\n" HOST "Content-Length: 0\r\n"), 405);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_document_is_given_to_who_asks_for_it),
        TEST(a_head_has_the_length_and_no_body),
        TEST(pages_of_any_origin_may_ask_first),
        TEST(another_host_is_refused_on_loopback),
        TEST(a_file_comes_whole),
        TEST(a_range_of_a_file_comes_alone),
        TEST(a_file_that_shrank_ends_the_connection),
        TEST(a_body_is_read_to_its_end),
        TEST(a_body_over_the_bound_is_refused_and_the_refusal_read),
        TEST(a_body_of_unknown_length_is_refused),
        TEST(a_reader_that_wants_no_more_answers),
        TEST(a_reason_breaks_no_line),
        TEST(a_request_that_the_module_forgets_is_answered),
        TEST(an_answer_may_come_later),
        TEST(who_leaves_before_the_answer_is_told),
        cmocka_unit_test(who_waits_when_the_door_ends_is_told),
        TEST(other_methods_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
