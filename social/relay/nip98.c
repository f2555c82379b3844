/* A signed event as the right to one HTTP request. */
#include "social/relay/nip98.h"

#include <sodium.h>

#include "node/crypto/sha256.h"

/* --- URLs ---------------------------------------------------------------------------------------
 * A relay's URL says ws where its HTTP side says http; a slash at the end is often left out. */

static ht_bytes without_scheme(ht_bytes url, bool *is_secure) {
    static const struct {
        const char *text;
        bool is_secure;
    } schemes[] = {{"https://", true}, {"wss://", true}, {"http://", false}, {"ws://", false}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i].text);
        if (url.n <= n || memcmp(url.p, schemes[i].text, n) != 0) continue;
        *is_secure = schemes[i].is_secure;
        return ht_bytes_of(url.p + n, url.n - n);
    }
    return (ht_bytes){0};
}

static bool is_same_url(ht_bytes a, ht_bytes b) {
    bool is_a_secure = false;
    bool is_b_secure = false;
    a = without_scheme(a, &is_a_secure);
    b = without_scheme(b, &is_b_secure);
    if (a.n > 0 && a.p[a.n - 1] == '/') a.n--;
    if (b.n > 0 && b.p[b.n - 1] == '/') b.n--;
    return a.n > 0 && is_a_secure == is_b_secure && ht_bytes_equal(a, b);
}

/* --- the event --------------------------------------------------------------------------------*/

static ht_bytes tag_of(const struct ht_event *event, const char *name) {
    return ht_event_tag_item(ht_event_find_tag(event, name), 1);
}

static bool is_payload_right(const struct ht_event *event, const struct ht_nip98_request *request) {
    ht_hash32 said, hash;
    if (ht_event_find_tag(event, "payload") == NULL) return !request->needs_payload;
    ht_sha256(&hash, request->body);
    return ht_event_hex32(&said, tag_of(event, "payload")) && ht_hash32_equal(&said, &hash);
}

enum ht_err ht_nip98_check_event(const struct ht_event *event,
                                 const struct ht_nip98_request *request, struct ht_why *why) {
    bool is_now = event->created_at <= request->now_s + HT_NIP98_WINDOW_S &&
                  event->created_at >= request->now_s - HT_NIP98_WINDOW_S;
    if (event->kind != HT_KIND_HTTP_AUTH)
        return ht_fail(why, HT_EDENIED, "nip98_kind", "the event is not of kind 27235");
    if (!is_now) return ht_fail(why, HT_EDENIED, "nip98_time", "the event is not of now");
    if (!is_same_url(tag_of(event, "u"), request->url))
        return ht_fail(why, HT_EDENIED, "nip98_url", "the event is for another address");
    if (!ht_bytes_equal(tag_of(event, "method"), request->method))
        return ht_fail(why, HT_EDENIED, "nip98_method", "the event is for another method");
    if (!is_payload_right(event, request))
        return ht_fail(why, HT_EDENIED, "nip98_payload", "the event is for another body");
    return ht_event_verify(event, why);
}

enum ht_err ht_nip98_check(ht_hash32 *pubkey, const struct ht_nip98_request *request,
                           ht_bytes header, struct ht_why *why) {
    static const char scheme[] = "Nostr ";
    const size_t start = sizeof scheme - 1;
    uint8_t json[HT_NIP98_HEADER_MAX];
    size_t n = 0;
    bool is_nostr =
        header.n > start && header.n <= HT_NIP98_HEADER_MAX && memcmp(header.p, scheme, start) == 0;
    if (!is_nostr)
        return ht_fail(why, HT_EINPUT, "nip98_header", "no \"Nostr\" and an event in base64");
    const char *text = (const char *)header.p + start;
    size_t left = header.n - start;
    bool is_read = sodium_base642bin(json, sizeof json, text, left, NULL, &n, NULL,
                                     sodium_base64_VARIANT_ORIGINAL) == 0 ||
                   sodium_base642bin(json, sizeof json, text, left, NULL, &n, NULL,
                                     sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
    if (!is_read) return ht_fail(why, HT_EINPUT, "nip98_header", "the event is not in base64");
    struct ht_arena arena;
    struct ht_event event;
    ht_arena_init(&arena, HT_EVENT_ARENA(n));
    enum ht_err err = ht_event_read(&event, &arena, ht_bytes_of(json, n), why);
    if (err == HT_OK) err = ht_nip98_check_event(&event, request, why);
    if (err == HT_OK) *pubkey = event.pubkey;
    ht_arena_fini(&arena);
    return err;
}
