/* The parser of event streams: what the specification's examples give, split anywhere, and bounds.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "node/net/sse.h"

/* Events as text: "name=data;" each, with newlines of the data shown as '|'. */
struct seen {
    char text[512];
    size_t n;
    unsigned count;
    unsigned refuse_at; /* this event is refused; 0: none */
};

static void add_text(struct seen *seen, ht_bytes more) {
    for (size_t i = 0; i < more.n && seen->n < sizeof seen->text - 1; i++)
        seen->text[seen->n++] = more.p[i] == '\n' ? '|' : (char)more.p[i];
}

static enum ht_err on_event(void *user, ht_bytes name, ht_bytes data) {
    struct seen *seen = user;
    if (++seen->count == seen->refuse_at) return HT_EINPUT;
    add_text(seen, name);
    add_text(seen, ht_bytes_str("="));
    add_text(seen, data);
    add_text(seen, ht_bytes_str(";"));
    return HT_OK;
}

/* Feeds the stream in parts of at most `step` bytes, the first being `first` long. */
static enum ht_err feed(struct seen *seen, ht_bytes stream, size_t first, size_t step,
                        struct ht_why *why) {
    struct ht_sse sse;
    enum ht_err err = HT_OK;
    ht_sse_init(&sse, 100, 200, on_event, seen);
    size_t n = first;
    for (size_t at = 0; at < stream.n && err == HT_OK; at += n, n = step) {
        if (n > stream.n - at) n = stream.n - at;
        err = ht_sse_feed(&sse, ht_bytes_of(stream.p + at, n), why);
    }
    ht_sse_fini(&sse);
    return err;
}

/* The stream gives these events whole, byte by byte, and split in two at every place. */
static void expect_events_of(ht_bytes stream, const char *events) {
    struct seen whole = {0};
    struct seen bytes = {0};
    assert_int_equal(feed(&whole, stream, stream.n, stream.n, NULL), HT_OK);
    assert_string_equal(whole.text, events);
    assert_int_equal(feed(&bytes, stream, 1, 1, NULL), HT_OK);
    assert_string_equal(bytes.text, events);
    for (size_t i = 0; i <= stream.n; i++) {
        struct seen split = {0};
        assert_int_equal(feed(&split, stream, i, stream.n, NULL), HT_OK);
        assert_string_equal(split.text, events);
    }
}

static void expect_events(const char *stream, const char *events) {
    expect_events_of(ht_bytes_str(stream), events);
}

static void sse_joins_data_lines_with_newlines(void **state) {
    (void)state;
    expect_events("data: YHOO\ndata: +2\ndata: 10\n\n", "message=YHOO|+2|10;");
}

static void sse_reads_the_name_of_an_event(void **state) {
    (void)state;
    expect_events("event: head\ndata: {\"slot\":\"1\"}\n\ndata: next\n\n",
                  "head={\"slot\":\"1\"};message=next;");
}

static void sse_reads_over_comments_and_other_fields(void **state) {
    (void)state;
    expect_events(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
                  "retry: 10\nfoo: bar\ndata:  third event\n\n",
                  "message=first event;message=second event;message= third event;");
}

static void sse_gives_no_event_without_data(void **state) {
    (void)state;
    expect_events("event: ping\n\n\n\nid: 7\n\ndata: x\n\n", "message=x;");
}

static void sse_gives_empty_data_as_an_event(void **state) {
    (void)state;
    expect_events("data\n\ndata\ndata\n\ndata:\n", "message=;message=|;");
}

static void sse_drops_what_the_stream_did_not_finish(void **state) {
    (void)state;
    expect_events("data: whole\n\ndata: half\n", "message=whole;");
    expect_events("data: whole\n\ndata: half", "message=whole;");
}

static void sse_knows_all_three_line_ends(void **state) {
    (void)state;
    expect_events("data: a\r\ndata: b\r\n\r\ndata: c\r\rdata: d\n\n\r\ndata: e\r\n\n",
                  "message=a|b;message=c;message=d;message=e;");
}

static void sse_keeps_colons_and_one_space_apart(void **state) {
    (void)state;
    expect_events("data:a:b\ndata: : c\ndata : no field\n\n", "message=a:b|: c;");
}

static void sse_takes_the_last_name_given(void **state) {
    (void)state;
    expect_events("event: a\nevent: b\ndata: 1\n\nevent: c\nevent\ndata: 2\n\n", "b=1;message=2;");
}

static void sse_reads_over_one_byte_order_mark_at_the_start(void **state) {
    (void)state;
    expect_events("\xef\xbb\xbf"
                  "data: x\n\n\xef\xbb\xbf"
                  "data: y\n\n",
                  "message=x;");
    expect_events("\xef\xbb\xbf\xef\xbb\xbf"
                  "data: x\n\ndata: z\n\n",
                  "message=z;");
}

static void sse_passes_on_zero_bytes(void **state) {
    (void)state;
    const char stream[] = "data: a\0b\n\n";
    struct seen seen = {0};
    assert_int_equal(feed(&seen, ht_bytes_of(stream, sizeof stream - 1), 1, 1, NULL), HT_OK);
    assert_int_equal(seen.n, sizeof "message=a\0b;" - 1);
    assert_memory_equal(seen.text, "message=a\0b;", seen.n);
}

static void expect_limit(const char *stream, const char *code) {
    for (size_t step = 1; step <= 1000; step *= 10) {
        struct seen seen = {0};
        struct ht_why why = {0};
        assert_int_equal(feed(&seen, ht_bytes_str(stream), step, step, &why), HT_ELIMIT);
        assert_string_equal(why.code, code);
        assert_int_equal(seen.count, 0);
    }
}

static void sse_refuses_a_line_over_its_limit(void **state) {
    (void)state;
    char stream[120];
    char expected[120];
    (void)snprintf(stream, sizeof stream, "data:%095d\n\n", 1); /* 100 bytes to the newline */
    (void)snprintf(expected, sizeof expected, "message=%095d;", 1);
    expect_events(stream, expected);
    (void)snprintf(stream, sizeof stream, "data:%096d\n\n", 1);
    expect_limit(stream, "line_too_long");
}

static void sse_refuses_an_event_over_its_limit(void **state) {
    (void)state;
    char stream[300];
    char expected[300];
    (void)snprintf(stream, sizeof stream, "data:%095d\ndata:%095d\ndata:%07d\n\n", 1, 2, 3);
    (void)snprintf(expected, sizeof expected, "message=%095d|%095d|%07d;", 1, 2, 3);
    expect_events(stream, expected); /* 200 bytes with their newlines */
    (void)snprintf(stream, sizeof stream, "data:%095d\ndata:%095d\ndata:%08d\n\n", 1, 2, 3);
    expect_limit(stream, "event_too_long");
}

static void sse_refuses_a_name_over_its_limit(void **state) {
    (void)state;
    char stream[120];
    char expected[120];
    (void)snprintf(stream, sizeof stream, "event:%064d\ndata:x\n\n", 1);
    (void)snprintf(expected, sizeof expected, "%064d=x;", 1);
    expect_events(stream, expected);
    (void)snprintf(stream, sizeof stream, "event:%065d\ndata:x\n\n", 1);
    expect_limit(stream, "name_too_long");
}

static void sse_stays_stopped_after_an_error(void **state) {
    (void)state;
    struct ht_sse sse;
    struct seen seen = {.refuse_at = 2};
    struct ht_why why = {0};
    ht_sse_init(&sse, 100, 100, on_event, &seen);
    ht_bytes stream = ht_bytes_str("data: 1\n\ndata: 2\n\ndata: 3\n\n");
    assert_int_equal(ht_sse_feed(&sse, stream, &why), HT_EINPUT);
    assert_string_equal(why.code, "event_refused");
    assert_int_equal(ht_sse_feed(&sse, stream, &why), HT_EINPUT);
    assert_string_equal(why.code, "stopped");
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.text, "message=1;");
    ht_sse_fini(&sse);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sse_joins_data_lines_with_newlines),
        cmocka_unit_test(sse_reads_the_name_of_an_event),
        cmocka_unit_test(sse_reads_over_comments_and_other_fields),
        cmocka_unit_test(sse_gives_no_event_without_data),
        cmocka_unit_test(sse_gives_empty_data_as_an_event),
        cmocka_unit_test(sse_drops_what_the_stream_did_not_finish),
        cmocka_unit_test(sse_knows_all_three_line_ends),
        cmocka_unit_test(sse_keeps_colons_and_one_space_apart),
        cmocka_unit_test(sse_takes_the_last_name_given),
        cmocka_unit_test(sse_reads_over_one_byte_order_mark_at_the_start),
        cmocka_unit_test(sse_passes_on_zero_bytes),
        cmocka_unit_test(sse_refuses_a_line_over_its_limit),
        cmocka_unit_test(sse_refuses_an_event_over_its_limit),
        cmocka_unit_test(sse_refuses_a_name_over_its_limit),
        cmocka_unit_test(sse_stays_stopped_after_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
