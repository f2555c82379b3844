/* Canonical text of events: what is hashed, and the object that is stored and sent. */
#include "node/nostr/event_write.h"

#include <inttypes.h>
#include <stdio.h>

static const char DIGITS[] = "0123456789abcdef";

/* How each byte is written: 0 as it is, 'u' as \u00xx, or behind a backslash. */
static const char ESCAPES[256] = {
    [0] = 'u',  [1] = 'u',  [2] = 'u',  [3] = 'u',  [4] = 'u',   [5] = 'u',     [6] = 'u',
    [7] = 'u',  [8] = 'b',  [9] = 't',  [10] = 'n', [11] = 'u',  [12] = 'f',    [13] = 'r',
    [14] = 'u', [15] = 'u', [16] = 'u', [17] = 'u', [18] = 'u',  [19] = 'u',    [20] = 'u',
    [21] = 'u', [22] = 'u', [23] = 'u', [24] = 'u', [25] = 'u',  [26] = 'u',    [27] = 'u',
    [28] = 'u', [29] = 'u', [30] = 'u', [31] = 'u', ['"'] = '"', ['\\'] = '\\',
};

static enum ht_err write_escape(struct ht_buf *out, uint8_t c) {
    char kind = ESCAPES[c];
    char text[6] = {'\\', kind, '0', '0', DIGITS[c >> 4], DIGITS[c & 15]};
    return ht_buf_add(out, ht_bytes_of(text, kind == 'u' ? 6 : 2));
}

enum ht_err ht_event_write_text(struct ht_buf *out, ht_bytes text) {
    enum ht_err err = ht_buf_add_str(out, "\"");
    size_t start = 0;
    for (size_t i = 0; i < text.n && err == HT_OK; i++) {
        if (ESCAPES[text.p[i]] == 0) continue;
        err = ht_buf_add(out, ht_bytes_of(text.p + start, i - start));
        if (err == HT_OK) err = write_escape(out, text.p[i]);
        start = i + 1;
    }
    if (err == HT_OK && start < text.n) {
        err = ht_buf_add(out, ht_bytes_of(text.p + start, text.n - start));
    }
    return err == HT_OK ? ht_buf_add_str(out, "\"") : err;
}

enum ht_err ht_event_write_hex(struct ht_buf *out, ht_bytes bytes) {
    if (bytes.n > SIZE_MAX / 2) return HT_ELIMIT;
    if (bytes.n == 0) return HT_OK;
    if (2 * bytes.n > out->max - out->n) return HT_ELIMIT;
    uint8_t *to = ht_buf_reserve(out, 2 * bytes.n);
    if (to == NULL) return HT_ENOMEM;
    for (size_t i = 0; i < bytes.n; i++) {
        *to++ = (uint8_t)DIGITS[bytes.p[i] >> 4];
        *to++ = (uint8_t)DIGITS[bytes.p[i] & 15];
    }
    out->n += 2 * bytes.n;
    return HT_OK;
}

static enum ht_err write_hex_text(struct ht_buf *out, const char *before, ht_bytes bytes) {
    enum ht_err err = ht_buf_add_str(out, before);
    if (err == HT_OK) err = ht_event_write_hex(out, bytes);
    return err == HT_OK ? ht_buf_add_str(out, "\"") : err;
}

static enum ht_err write_tag(struct ht_buf *out, const struct ht_event_tag *tag) {
    enum ht_err err = HT_OK;
    if (tag->count == 0) err = ht_buf_add_str(out, "[");
    for (size_t i = 0; i < tag->count && err == HT_OK; i++) {
        err = ht_buf_add_str(out, i == 0 ? "[" : ",");
        if (err == HT_OK) err = ht_event_write_text(out, tag->items[i]);
    }
    return err == HT_OK ? ht_buf_add_str(out, "]") : err;
}

static enum ht_err write_tags(struct ht_buf *out, const struct ht_event *event) {
    enum ht_err err = ht_buf_add_str(out, "[");
    for (size_t i = 0; i < event->tag_count && err == HT_OK; i++) {
        if (i > 0) err = ht_buf_add_str(out, ",");
        if (err == HT_OK) err = write_tag(out, &event->tags[i]);
    }
    return err == HT_OK ? ht_buf_add_str(out, "]") : err;
}

/* What both forms have in common, between the key and the signature. */
static enum ht_err write_middle(struct ht_buf *out, const struct ht_event *event,
                                const char *numbers, const char *before_content) {
    enum ht_err err = ht_buf_add_str(out, numbers);
    if (err == HT_OK) err = write_tags(out, event);
    if (err == HT_OK) err = ht_buf_add_str(out, before_content);
    return err == HT_OK ? ht_event_write_text(out, event->content) : err;
}

static enum ht_err serialize(struct ht_buf *out, const struct ht_event *event) {
    char numbers[64];
    (void)snprintf(numbers, sizeof numbers, ",%" PRId64 ",%" PRIu32 ",", event->created_at,
                   event->kind);
    enum ht_err err = write_hex_text(out, "[0,\"", HT_BYTES(event->pubkey.b));
    if (err == HT_OK) err = write_middle(out, event, numbers, ",");
    return err == HT_OK ? ht_buf_add_str(out, "]") : err;
}

enum ht_err ht_event_serialize(struct ht_buf *out, const struct ht_event *event) {
    size_t before = out->n;
    enum ht_err err = serialize(out, event);
    if (err != HT_OK) out->n = before;
    return err;
}

static enum ht_err write_object(struct ht_buf *out, const struct ht_event *event) {
    char numbers[80];
    (void)snprintf(numbers, sizeof numbers,
                   ",\"created_at\":%" PRId64 ",\"kind\":%" PRIu32 ",\"tags\":", event->created_at,
                   event->kind);
    enum ht_err err = write_hex_text(out, "{\"id\":\"", HT_BYTES(event->id.b));
    if (err == HT_OK) err = write_hex_text(out, ",\"pubkey\":\"", HT_BYTES(event->pubkey.b));
    if (err == HT_OK) err = write_middle(out, event, numbers, ",\"content\":");
    if (err == HT_OK) err = write_hex_text(out, ",\"sig\":\"", HT_BYTES(event->sig));
    return err == HT_OK ? ht_buf_add_str(out, "}") : err;
}

enum ht_err ht_event_write(struct ht_buf *out, const struct ht_event *event) {
    size_t before = out->n;
    enum ht_err err = write_object(out, event);
    if (err != HT_OK) out->n = before;
    return err;
}
