/* Reading what a relay says to a client. */
#include "social/links/peers_message.h"

#include "node/codec/json.h"
#include "node/nostr/json_scan.h"

void ht_peer_text_cut(char *out, size_t size, const char *text) {
    size_t n = strlen(text);
    if (n >= size) {
        n = size - 1;
        while (n > 0 && ((uint8_t)text[n] & 0xc0) == 0x80) n--;
    }
    memcpy(out, text, n);
    out[n] = '\0';
}

static const char *element(const json_t *message, size_t i) {
    const char *text = json_string_value(json_array_get(message, i));
    return text != NULL ? text : "";
}

static bool put_subscription(struct ht_peer_message *out, const char *text) {
    size_t n = strlen(text);
    if (n == 0 || n >= sizeof out->subscription) return false;
    memcpy(out->subscription, text, n + 1);
    return true;
}

static void read_answer(struct ht_peer_message *out, const json_t *message) {
    const char *what = element(message, 0), *second = element(message, 1);
    bool has_subscription = put_subscription(out, second);
    if (strcmp(what, "EOSE") == 0 && has_subscription) {
        out->said = HT_PEER_SAID_EOSE;
    } else if (strcmp(what, "CLOSED") == 0 && has_subscription) {
        out->said = HT_PEER_SAID_CLOSED;
        ht_peer_text_cut(out->text, sizeof out->text, element(message, 2));
    } else if (strcmp(what, "OK") == 0 && ht_event_hex32(&out->id, ht_bytes_str(second))) {
        out->said = HT_PEER_SAID_OK;
        out->is_taken = json_is_true(json_array_get(message, 2));
        ht_peer_text_cut(out->text, sizeof out->text, element(message, 3));
    } else if (strcmp(what, "AUTH") == 0) {
        out->said = HT_PEER_SAID_AUTH;
        /* A part of a challenge is none. */
        if (strlen(second) < sizeof out->text)
            ht_peer_text_cut(out->text, sizeof out->text, second);
    }
}

/* A text of the message's head and the comma behind it. */
static bool read_word(ht_bytes *out, struct ht_json_scan *scan) {
    if (ht_json_scan_peek(scan) != '"') return false;
    return ht_json_scan_text(out, scan, NULL) == HT_OK && ht_json_scan_is(scan, ',');
}

/* An event is read from the text itself, so that its bytes stay as they were signed. */
static bool read_event(struct ht_peer_message *out, struct ht_arena *arena, ht_bytes text) {
    struct ht_json_scan scan;
    ht_bytes what, subscription;
    ht_json_scan_init(&scan, arena, text);
    if (!ht_json_scan_is(&scan, '[') || !read_word(&what, &scan)) return false;
    if (!ht_bytes_equal(what, ht_bytes_str("EVENT")) || !read_word(&subscription, &scan)) {
        return false;
    }
    if (subscription.n >= sizeof out->subscription) return false;
    memcpy(out->subscription, subscription.p, subscription.n);
    out->subscription[subscription.n] = '\0';
    out->said = HT_PEER_SAID_EVENT;
    out->event = ht_bytes_of(scan.p, (size_t)(scan.end - scan.p));
    return true;
}

void ht_peer_message_read(struct ht_peer_message *out, ht_bytes text) {
    struct ht_arena arena;
    json_t *message = NULL;
    *out = (struct ht_peer_message){.said = HT_PEER_SAID_OTHER};
    if (text.n > HT_PEER_MESSAGE_MAX) return;
    ht_arena_init(&arena, 2 * text.n + 4096);
    bool is_event = read_event(out, &arena, text);
    ht_arena_fini(&arena);
    if (is_event || ht_json_parse(&message, text, HT_PEER_ANSWER_MAX, NULL) != HT_OK) return;
    read_answer(out, message);
    json_decref(message);
}
