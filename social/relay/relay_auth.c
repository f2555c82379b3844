/* Proving keys: what an AUTH event must say. Its signature is checked on the loop, which takes as
 * long as a message does; tries are counted. */
#include "social/relay/relay_auth.h"

#include "node/base/hex.h"
#include "node/nostr/event_read.h"
#include "node/nostr/json_scan.h"
#include "social/relay/relay_peer.h"

void ht_relay_challenge(struct ht_relay_peer *peer) {
    uint8_t bytes[16];
    char hex[HT_HEX_SIZE(sizeof bytes)];
    struct ht_buf *out = &peer->relay->scratch;
    ht_random_fill(peer->relay->options.host->random, bytes, sizeof bytes);
    ht_hex_write(hex, HT_BYTES(bytes));
    memcpy(peer->challenge, hex + 2, sizeof peer->challenge);
    ht_buf_clear(out);
    enum ht_err err = ht_buf_add_str(out, "[\"AUTH\",\"");
    if (err == HT_OK) err = ht_buf_add_str(out, peer->challenge);
    if (err == HT_OK) err = ht_buf_add_str(out, "\"]");
    if (err == HT_OK) ht_relay_send(peer, ht_buf_view(out));
}

/* --- hosts ------------------------------------------------------------------------------------*/

struct host {
    ht_bytes name, port;
};

static uint8_t lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool is_same_text(ht_bytes a, ht_bytes b) {
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++) {
        if (lower(a.p[i]) != lower(b.p[i])) return false;
    }
    return true;
}

static bool starts_with(ht_bytes text, const char *start) {
    size_t n = strlen(start);
    return text.n >= n && is_same_text(ht_bytes_of(text.p, n), ht_bytes_str(start));
}

static bool read_host(struct host *out, ht_bytes url) {
    bool is_secure = starts_with(url, "wss://") || starts_with(url, "https://");
    bool is_plain = starts_with(url, "ws://") || starts_with(url, "http://");
    size_t start = 0;
    size_t end;
    if (!is_secure && !is_plain) return false;
    while (url.p[start] != '/') start++;
    start += 2;
    for (end = start; end < url.n; end++) {
        if (memchr("/?#", url.p[end], 3) != NULL) break;
    }
    size_t colon = end;
    for (size_t i = start; i < end; i++) {
        if (url.p[i] == '@') return false;
        if (url.p[i] == ':') colon = i;
        /* A colon within an IPv6 address is none. */
        if (url.p[i] == ']') colon = end;
    }
    out->name = ht_bytes_of(url.p + start, colon - start);
    out->port = ht_bytes_str(is_secure ? "443" : "80");
    if (colon < end) out->port = ht_bytes_of(url.p + colon + 1, end - colon - 1);
    if (out->name.n > 1 && out->name.p[out->name.n - 1] == '.') out->name.n--;
    return out->name.n > 0;
}

bool ht_relay_is_same_host(ht_bytes a, ht_bytes b) {
    struct host left, right;
    return read_host(&left, a) && read_host(&right, b) && is_same_text(left.name, right.name) &&
           is_same_text(left.port, right.port);
}

static bool is_ours(const struct ht_relay *relay, ht_bytes url) {
    if (ht_relay_is_same_host(url, ht_bytes_str(relay->url))) return true;
    for (size_t i = 0; i < relay->options.other_url_count; i++) {
        if (ht_relay_is_same_host(url, ht_bytes_str(relay->other_urls[i]))) return true;
    }
    return false;
}

/* --- the event --------------------------------------------------------------------------------*/

static enum ht_err refuse(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "auth_event", "%s", what);
}

static enum ht_err check(const struct ht_relay_peer *peer, const struct ht_event *event,
                         struct ht_why *why) {
    struct ht_relay *relay = peer->relay;
    int64_t now_s = ht_relay_now_s(relay);
    bool is_near = event->created_at <= now_s + HT_RELAY_AUTH_WINDOW_S &&
                   event->created_at >= now_s - HT_RELAY_AUTH_WINDOW_S;
    ht_bytes challenge = ht_event_tag_item(ht_event_find_tag(event, "challenge"), 1);
    ht_bytes url = ht_event_tag_item(ht_event_find_tag(event, "relay"), 1);
    if (event->kind != HT_KIND_AUTH) return refuse(why, "it is not of kind 22242");
    if (!is_near) return refuse(why, "created_at is not now");
    if (!ht_bytes_equal(challenge, ht_bytes_str(peer->challenge)))
        return refuse(why, "the challenge is not the one of this connection");
    if (!is_ours(relay, url)) return refuse(why, "the relay tag names another relay");
    return ht_event_verify(event, why);
}

static enum ht_err add_key(struct ht_relay_peer *peer, const ht_hash32 *pubkey,
                           struct ht_why *why) {
    for (size_t i = 0; i < peer->authed_count; i++) {
        if (ht_hash32_equal(&peer->authed[i], pubkey)) return HT_OK;
    }
    if (peer->authed_count == HT_RELAY_AUTHED_MAX)
        return ht_fail(why, HT_EDENIED, "restricted", "too many keys on one connection");
    peer->authed[peer->authed_count++] = *pubkey;
    return HT_OK;
}

static bool is_end(ht_bytes rest, struct ht_arena *arena) {
    struct ht_json_scan scan;
    ht_json_scan_init(&scan, arena, rest);
    return ht_json_scan_is(&scan, ']') && ht_json_scan_peek(&scan) == 0 && scan.p == scan.end;
}

void ht_relay_take_auth(struct ht_relay_peer *peer, ht_bytes text) {
    struct ht_arena arena;
    struct ht_event event;
    struct ht_why why = {.code = NULL};
    size_t used = 0;
    if (++peer->auths > HT_RELAY_AUTHS_MAX) {
        ht_relay_peer_drop(peer, "too many tries to authenticate");
        return;
    }
    ht_arena_init(&arena, HT_EVENT_ARENA(text.n));
    enum ht_err err = ht_event_read_front(&event, &used, &arena, text, &why);
    if (err == HT_OK && !is_end(ht_bytes_of(text.p + used, text.n - used), &arena))
        err = ht_fail(&why, HT_EINPUT, "auth_event", "there is more behind the event");
    if (err != HT_OK) {
        ht_relay_tell_why(peer, "NOTICE", (ht_bytes){0}, err, &why);
    } else {
        err = check(peer, &event, &why);
        if (err == HT_OK) err = add_key(peer, &event.pubkey, &why);
        if (err == HT_EUNVERIFIED) ht_relay_peer_bad(peer);
        ht_relay_tell_ok_id(peer, &event.id, err == HT_OK, ht_relay_prefix(err, &why), why.text);
    }
    ht_arena_fini(&arena);
}
