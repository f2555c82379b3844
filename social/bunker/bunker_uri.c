/* bunker:// and nostrconnect://. */
#include "social/bunker/bunker_uri.h"

#include "node/codec/json.h"
#include "node/nostr/event.h"
#include "node/nostr/event_write.h"

static const char SCHEME[] = "nostrconnect://";

bool ht_bunker_copy(char *out, size_t size, ht_bytes text) {
    const char *start = text.n > 0 ? (const char *)text.p : "";
    if (memchr(start, 0, text.n) != NULL) return false;
    json_t *checked = json_stringn(start, text.n);
    if (checked == NULL) return false;
    json_decref(checked);
    size_t n = text.n < size ? text.n : size - 1;
    while (n < text.n && n > 0 && (text.p[n] & 0xc0) == 0x80) n--;
    memcpy(out, start, n);
    out[n] = '\0';
    return true;
}

static enum ht_err bad_uri(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "bad_uri", "that address of a device %s", what);
}

static int digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* As forms have it: "+" is a space. False for half an escape, and when it does not fit. */
static bool decode(struct ht_buf *out, ht_bytes text) {
    ht_buf_clear(out);
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i] == '+' ? ' ' : text.p[i];
        if (c == '%') {
            if (i + 2 >= text.n) return false;
            int high = digit(text.p[i + 1]), low = digit(text.p[i + 2]);
            if (high < 0 || low < 0) return false;
            c = (uint8_t)(high * 16 + low);
            i += 2;
        }
        if (ht_buf_add(out, ht_bytes_of(&c, 1)) != HT_OK) return false;
    }
    return true;
}

static bool is_named(ht_bytes name, const char *as) {
    return ht_bytes_equal(name, ht_bytes_str(as));
}

static enum ht_err read_relay(struct ht_bunker_uri *out, ht_bytes value, struct ht_why *why) {
    char url[HT_LINK_URL_SIZE], clean[HT_LINK_URL_SIZE];
    if (out->relay_count == HT_BUNKER_RELAYS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many", "at most %u relays", HT_BUNKER_RELAYS_MAX);
    }
    if (value.n >= sizeof url || !ht_bunker_copy(url, sizeof url, value)) {
        return ht_fail(why, HT_EINPUT, "bad_url", "a relay in it is no address");
    }
    enum ht_err err = ht_link_url(clean, url, why);
    if (err == HT_OK) memcpy(out->relays[out->relay_count++], clean, sizeof clean);
    return err;
}

/* Older programs put the name into JSON. What is not that is not looked at. */
static bool read_metadata(struct ht_bunker_uri *out, ht_bytes value) {
    json_t *json = NULL;
    ht_bytes name = {0};
    if (ht_json_parse(&json, value, HT_BUNKER_URI_MAX, NULL) != HT_OK) return true;
    bool is_good = ht_json_str(&name, json, "name", NULL) != HT_OK ||
                   ht_bunker_copy(out->name, sizeof out->name, name);
    json_decref(json);
    return is_good;
}

static enum ht_err read_member(struct ht_bunker_uri *out, ht_bytes name, ht_bytes value,
                               struct ht_why *why) {
    bool is_good = true;
    if (is_named(name, "relay")) return read_relay(out, value, why);
    if (is_named(name, "secret")) {
        is_good =
            value.n < sizeof out->secret && ht_bunker_copy(out->secret, sizeof out->secret, value);
    } else if (is_named(name, "name")) {
        is_good = ht_bunker_copy(out->name, sizeof out->name, value);
    } else if (is_named(name, "perms")) {
        is_good = ht_bunker_copy(out->asks, sizeof out->asks, value);
    } else if (is_named(name, "metadata")) {
        is_good = read_metadata(out, value);
    }
    return is_good ? HT_OK : bad_uri(why, "holds a text that is none, or too long");
}

static enum ht_err read_query(struct ht_bunker_uri *out, ht_bytes query, struct ht_why *why) {
    enum ht_err err = HT_OK;
    struct ht_buf value;
    ht_buf_init(&value, HT_BUNKER_URI_MAX);
    for (size_t start = 0; err == HT_OK && start < query.n;) {
        const uint8_t *p = query.p + start;
        const uint8_t *end = memchr(p, '&', query.n - start);
        size_t n = end != NULL ? (size_t)(end - p) : query.n - start;
        const uint8_t *is = memchr(p, '=', n);
        size_t name_n = is != NULL ? (size_t)(is - p) : n;
        size_t value_at = is != NULL ? name_n + 1 : n;
        if (!decode(&value, ht_bytes_of(p + value_at, n - value_at))) {
            err = bad_uri(why, "has a broken escape");
        } else {
            err = read_member(out, ht_bytes_of(p, name_n), ht_buf_view(&value), why);
        }
        start += n + 1;
    }
    ht_buf_fini(&value);
    return err;
}

enum ht_err ht_bunker_uri_read(struct ht_bunker_uri *out, ht_bytes text, struct ht_why *why) {
    struct ht_bunker_uri uri = {.relay_count = 0};
    const size_t scheme = sizeof SCHEME - 1;
    if (text.n > HT_BUNKER_URI_MAX) return bad_uri(why, "is too long");
    if (text.n < scheme + 65 || memcmp(text.p, SCHEME, scheme) != 0) {
        return bad_uri(why, "does not begin with nostrconnect:// and a key");
    }
    ht_bytes key = ht_bytes_of(text.p + scheme, 64);
    size_t at = scheme + 64;
    if (text.p[at] == '/') at++;
    if (!ht_event_hex32(&uri.device, key) || at >= text.n || text.p[at] != '?') {
        return bad_uri(why, "does not begin with nostrconnect:// and a key");
    }
    enum ht_err err = read_query(&uri, ht_bytes_of(text.p + at + 1, text.n - at - 1), why);
    if (err != HT_OK) return err;
    if (uri.secret[0] == '\0') return bad_uri(why, "has no secret");
    if (uri.relay_count == 0) return bad_uri(why, "names no relay");
    *out = uri;
    return HT_OK;
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum ht_err write_escaped(struct ht_buf *out, const char *text) {
    static const char PLAIN[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    static const char DIGITS[] = "0123456789ABCDEF";
    enum ht_err err = HT_OK;
    for (const char *c = text; err == HT_OK && *c != '\0'; c++) {
        const uint8_t code = (uint8_t)*c;
        const char escape[] = {'%', DIGITS[code >> 4], DIGITS[code & 15]};
        bool is_plain = strchr(PLAIN, *c) != NULL;
        err = ht_buf_add(out, is_plain ? ht_bytes_of(c, 1) : ht_bytes_of(escape, sizeof escape));
    }
    return err;
}

enum ht_err ht_bunker_uri_write(struct ht_buf *out, const struct ht_bunker_row *row,
                                const char *secret) {
    enum ht_err err = ht_buf_add_str(out, "bunker://");
    if (err == HT_OK) err = ht_event_write_hex(out, HT_BYTES(row->owner.b));
    for (size_t i = 0; i < row->relay_count; i++) {
        if (err == HT_OK) err = ht_buf_add_str(out, i == 0 ? "?relay=" : "&relay=");
        if (err == HT_OK) err = write_escaped(out, row->relays[i]);
    }
    if (err == HT_OK) err = ht_buf_add_str(out, row->relay_count > 0 ? "&secret=" : "?secret=");
    if (err == HT_OK) err = write_escaped(out, secret);
    return err;
}
