/* Reading what a relay says to a catch-up. */
#include "node/p2p/catchup_read.h"

#include "node/nostr/event.h"
#include "node/nostr/json_scan.h"

static bool is(ht_bytes text, const char *word) {
    return ht_bytes_equal(text, ht_bytes_str(word));
}

static bool read_text(ht_bytes *out, struct ht_json_scan *scan) {
    return ht_json_scan_peek(scan) == '"' && ht_json_scan_text(out, scan, NULL) == HT_OK;
}

/* A value as it stands there. */
static bool read_raw(ht_bytes *out, struct ht_json_scan *scan) {
    (void)ht_json_scan_peek(scan);
    const uint8_t *from = scan->p;
    if (ht_json_scan_skip(scan, NULL) != HT_OK) return false;
    *out = ht_bytes_of(from, (size_t)(scan->p - from));
    return true;
}

static bool read_digits(uint64_t *out, ht_bytes text) {
    uint64_t value = 0;
    if (text.n == 0 || text.n > 18) return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') return false;
        value = value * 10 + (uint64_t)(text.p[i] - '0');
    }
    *out = value;
    return true;
}

/* The event's id and time; what else it holds is only stepped over. */
static bool read_event(struct ht_catchup_message *out, struct ht_json_scan *scan) {
    bool has_id = false;
    bool has_time = false;
    if (ht_json_scan_peek(scan) != '{') return false;
    const uint8_t *from = scan->p;
    (void)ht_json_scan_is(scan, '{');
    if (ht_json_scan_is(scan, '}')) return false;
    do {
        ht_bytes name, value;
        if (!read_text(&name, scan) || !ht_json_scan_is(scan, ':') || !read_raw(&value, scan))
            return false;
        if (is(name, "id") && value.n == 66)
            has_id = ht_event_hex32(&out->id, ht_bytes_of(value.p + 1, 64));
        if (is(name, "created_at")) has_time = read_digits(&out->created_at, value);
    } while (ht_json_scan_is(scan, ','));
    if (!ht_json_scan_is(scan, '}')) return false;
    out->event = ht_bytes_of(from, (size_t)(scan->p - from));
    return has_id && has_time;
}

static bool read_finish(bool *out, struct ht_json_scan *scan) {
    ht_bytes word = {NULL, 0};
    if (!ht_json_scan_is(scan, ',')) return true;
    if (ht_json_scan_peek(scan) != '[') return ht_json_scan_skip(scan, NULL) == HT_OK;
    (void)ht_json_scan_is(scan, '[');
    if (ht_json_scan_is(scan, ']')) return true;
    if (!read_text(&word, scan)) return false;
    *out = is(word, "finish");
    return ht_json_scan_is(scan, ']');
}

static enum ht_catchup_said kind_of(ht_bytes what) {
    static const struct {
        const char *word;
        enum ht_catchup_said said;
    } words[] = {
        {"NEG-MSG", HT_CATCHUP_SAID_NEG_MSG}, {"NEG-ERR", HT_CATCHUP_SAID_NEG_ERR},
        {"CLOSED", HT_CATCHUP_SAID_CLOSED},   {"EVENT", HT_CATCHUP_SAID_EVENT},
        {"EOSE", HT_CATCHUP_SAID_EOSE},       {"NOTICE", HT_CATCHUP_SAID_NOTICE},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (is(what, words[i].word)) return words[i].said;
    }
    return HT_CATCHUP_SAID_OTHER;
}

static bool read_parts(struct ht_catchup_message *out, struct ht_json_scan *scan) {
    ht_bytes what;
    if (!ht_json_scan_is(scan, '[') || !read_text(&what, scan)) return false;
    out->said = kind_of(what);
    if (out->said == HT_CATCHUP_SAID_OTHER || !ht_json_scan_is(scan, ',')) return false;
    if (out->said == HT_CATCHUP_SAID_NOTICE) return read_text(&out->text, scan);
    if (!read_text(&out->subscription, scan)) return false;
    switch (out->said) {
    case HT_CATCHUP_SAID_EVENT: return ht_json_scan_is(scan, ',') && read_event(out, scan);
    case HT_CATCHUP_SAID_EOSE: return read_finish(&out->is_finished, scan);
    case HT_CATCHUP_SAID_NEG_MSG: return ht_json_scan_is(scan, ',') && read_text(&out->text, scan);
    case HT_CATCHUP_SAID_NEG_ERR:
    case HT_CATCHUP_SAID_CLOSED:
        /* The reason may be missing. */
        return !ht_json_scan_is(scan, ',') || read_text(&out->text, scan);
    case HT_CATCHUP_SAID_NOTICE:
    case HT_CATCHUP_SAID_OTHER: break;
    }
    return false;
}

void ht_catchup_read(struct ht_catchup_message *out, struct ht_arena *arena, ht_bytes text) {
    struct ht_json_scan scan;
    *out = (struct ht_catchup_message){.said = HT_CATCHUP_SAID_OTHER};
    if (text.n > HT_CATCHUP_TEXT_MAX) return;
    ht_json_scan_init(&scan, arena, text);
    if (!read_parts(out, &scan)) *out = (struct ht_catchup_message){.said = HT_CATCHUP_SAID_OTHER};
}
