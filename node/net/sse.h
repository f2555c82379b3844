/* Incremental parser of text/event-stream (WHATWG HTML section 9.2, "Server-sent events").
 *
 * Bytes in, events out; no I/O, no time. Bytes may be split anywhere. The fields "id" and "retry"
 * are read over: reconnecting is the caller's decision. Text is passed on as it came, so whoever
 * reads it checks that it is UTF-8. */
#ifndef HT_NET_SSE_H
#define HT_NET_SSE_H

#include "node/base/bytes.h"

#define HT_SSE_NAME_MAX 64 /* bytes of an event's name */

/* One event; name is "message" when the stream gave none. Both live until the callback returns.
 * Anything but HT_OK stops the parser and is what ht_sse_feed returns. */
typedef enum ht_err ht_sse_event(void *user, ht_bytes name, ht_bytes data);

/* Lives in its owner's struct. */
struct ht_sse {
    struct ht_buf line; /* the line so far */
    struct ht_buf data; /* the event so far, a newline behind each part */
    char name[HT_SSE_NAME_MAX];
    size_t name_len;
    ht_sse_event *on_event;
    void *user;
    bool is_past_first_line;
    bool is_after_cr;
    enum ht_err err; /* what stopped it */
};

/* A parser for a new stream. A line has at most max_line bytes, an event's data at most max_data,
 * counting a newline behind each of its lines. Allocates nothing yet. */
void ht_sse_init(struct ht_sse *sse, size_t max_line, size_t max_data, ht_sse_event *on_event,
                 void *user);
/* Frees it; an event that the stream did not finish is dropped, as the specification says. */
void ht_sse_fini(struct ht_sse *sse);

/* Reads more bytes and calls on_event for each event they complete. HT_ELIMIT with codes
 * "line_too_long", "event_too_long", "name_too_long"; HT_ENOMEM; or the callback's error. After an
 * error the parser stays stopped: each further call returns that error. Not to be called from
 * on_event. */
enum ht_err ht_sse_feed(struct ht_sse *sse, ht_bytes more, struct ht_why *why) HT_MUST_USE;

#endif
