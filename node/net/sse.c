/* text/event-stream, line by line. Knows the stream's syntax and no event's meaning. */
#include "node/net/sse.h"

void ht_sse_init(struct ht_sse *sse, size_t max_line, size_t max_data, ht_sse_event *on_event,
                 void *user) {
    *sse = (struct ht_sse){.on_event = on_event, .user = user};
    ht_buf_init(&sse->line, max_line);
    ht_buf_init(&sse->data, max_data);
}

void ht_sse_fini(struct ht_sse *sse) {
    ht_buf_fini(&sse->line);
    ht_buf_fini(&sse->data);
}

static enum ht_err add(struct ht_buf *buf, ht_bytes more, const char *code, struct ht_why *why) {
    enum ht_err err = ht_buf_add(buf, more);
    if (err == HT_ENOMEM) return ht_fail(why, err, "no_memory", "no memory for an event");
    if (err != HT_OK)
        return ht_fail(why, err, code, "an event stream went over its limit of %zu bytes",
                       buf->max);
    return HT_OK;
}

/* The blank line: hands out the event, unless it had no data at all. */
static enum ht_err dispatch(struct ht_sse *sse, struct ht_why *why) {
    ht_bytes data = ht_buf_view(&sse->data);
    ht_bytes name = ht_bytes_of(sse->name, sse->name_len);
    if (name.n == 0) name = ht_bytes_str("message");
    enum ht_err err = HT_OK;
    if (data.n > 0) {
        data.n--; /* the newline behind the last part */
        err = sse->on_event(sse->user, name, data);
        if (err != HT_OK)
            (void)ht_fail(why, err, "event_refused", "an event was refused by its reader");
    }
    ht_buf_clear(&sse->data);
    sse->name_len = 0;
    return err;
}

static enum ht_err read_field(struct ht_sse *sse, ht_bytes name, ht_bytes value,
                              struct ht_why *why) {
    if (ht_bytes_equal(name, ht_bytes_str("data"))) {
        enum ht_err err = add(&sse->data, value, "event_too_long", why);
        if (err != HT_OK) return err;
        return add(&sse->data, ht_bytes_str("\n"), "event_too_long", why);
    }
    if (!ht_bytes_equal(name, ht_bytes_str("event"))) return HT_OK;
    if (value.n > sizeof sse->name)
        return ht_fail(why, HT_ELIMIT, "name_too_long", "an event's name has %zu bytes, over %zu",
                       value.n, sizeof sse->name);
    if (value.n > 0) memcpy(sse->name, value.p, value.n);
    sse->name_len = value.n;
    return HT_OK;
}

static enum ht_err end_line(struct ht_sse *sse, struct ht_why *why) {
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf}; /* U+FEFF, allowed once at the very start */
    ht_bytes line = ht_buf_view(&sse->line);
    ht_buf_clear(&sse->line); /* keeps the bytes where they are */
    bool is_first = !sse->is_past_first_line;
    sse->is_past_first_line = true;
    if (is_first && line.n >= sizeof mark && memcmp(line.p, mark, sizeof mark) == 0)
        line = ht_bytes_of(line.p + sizeof mark, line.n - sizeof mark);
    if (line.n == 0) return dispatch(sse, why);

    const uint8_t *colon = memchr(line.p, ':', line.n);
    if (colon == line.p) return HT_OK; /* a comment */
    if (colon == NULL) return read_field(sse, line, (ht_bytes){0}, why);
    ht_bytes name = ht_bytes_of(line.p, (size_t)(colon - line.p));
    ht_bytes value = ht_bytes_of(colon + 1, line.n - name.n - 1);
    if (value.n > 0 && value.p[0] == ' ') value = ht_bytes_of(value.p + 1, value.n - 1);
    return read_field(sse, name, value, why);
}

static size_t find_line_end(ht_bytes text) {
    size_t n = 0;
    while (n < text.n && text.p[n] != '\r' && text.p[n] != '\n') n++;
    return n;
}

enum ht_err ht_sse_feed(struct ht_sse *sse, ht_bytes more, struct ht_why *why) {
    if (sse->err != HT_OK)
        return ht_fail(why, sse->err, "stopped", "the event stream was stopped by an error before");
    while (more.n > 0 && sse->err == HT_OK) {
        if (sse->is_after_cr && more.p[0] == '\n') { /* the second half of CR LF */
            sse->is_after_cr = false;
            more = ht_bytes_of(more.p + 1, more.n - 1);
            continue;
        }
        size_t n = find_line_end(more);
        sse->err = add(&sse->line, ht_bytes_of(more.p, n), "line_too_long", why);
        sse->is_after_cr = n < more.n && more.p[n] == '\r';
        bool is_line = n < more.n;
        if (is_line && sse->err == HT_OK) sse->err = end_line(sse, why);
        more = ht_bytes_of(more.p + n + is_line, more.n - n - is_line);
    }
    return sse->err;
}
