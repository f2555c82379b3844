/* Kind 24242: the right to one thing at the door of media. */
#include "social/media/media_auth.h"

#include <sodium.h>

static ht_bytes tag_item(const struct ht_event_tag *tag, const char *name) {
    if (tag->count < 2 || !ht_bytes_equal(tag->items[0], ht_bytes_str(name))) return (ht_bytes){0};
    return tag->items[1];
}

/* "https://cdn.example/" and "cdn.example" name the same. */
static ht_bytes host_of(ht_bytes server) {
    size_t at = 0;
    for (size_t i = 0; i + 3 <= server.n; i++) {
        if (memcmp(server.p + i, "://", 3) != 0) continue;
        at = i + 3;
        break;
    }
    size_t end = at;
    while (end < server.n && server.p[end] != '/') end++;
    return ht_bytes_of(server.p + at, end - at);
}

static enum ht_err read_tags(struct ht_media_auth *out, const struct ht_media_auth_ask *ask,
                             const struct ht_event *event, struct ht_why *why) {
    bool has_verb = false, names_servers = false;
    for (size_t i = 0; i < event->tag_count; i++) {
        const struct ht_event_tag *tag = &event->tags[i];
        ht_bytes verb = tag_item(tag, "t"), server = tag_item(tag, "server");
        has_verb = has_verb || ht_bytes_equal(verb, ht_bytes_str(ask->verb));
        names_servers = names_servers || server.n > 0;
        if (server.n > 0 && ask->is_ours(ask->user, host_of(server))) out->has_server = true;
        ht_hash32 hash;
        if (!ht_event_hex32(&hash, tag_item(tag, "x"))) continue;
        if (out->hash_count == HT_MEDIA_AUTH_HASHES_MAX) {
            return ht_fail(why, HT_ELIMIT, "auth_hashes", "at most %u blobs in one authorization",
                           HT_MEDIA_AUTH_HASHES_MAX);
        }
        out->hashes[out->hash_count++] = hash;
    }
    if (!has_verb) {
        return ht_fail(why, HT_EDENIED, "auth_verb", "the authorization is not to %s", ask->verb);
    }
    if (names_servers && !out->has_server) {
        return ht_fail(why, HT_EDENIED, "auth_server", "the authorization is for another server");
    }
    return HT_OK;
}

static enum ht_err check_event(struct ht_media_auth *out, const struct ht_media_auth_ask *ask,
                               const struct ht_event *event, struct ht_why *why) {
    int64_t end_s = ht_event_expiration(event);
    if (event->kind != HT_KIND_MEDIA_AUTH)
        return ht_fail(why, HT_EDENIED, "auth_kind", "the event is not of kind 24242");
    if (event->created_at > ask->now_s + HT_MEDIA_AUTH_AHEAD_S)
        return ht_fail(why, HT_EDENIED, "auth_time", "the authorization is of the future");
    if (end_s == INT64_MAX || end_s <= ask->now_s)
        return ht_fail(why, HT_EDENIED, "auth_expired",
                       "the authorization has expired, or does not say when it will");
    enum ht_err err = read_tags(out, ask, event, why);
    if (err == HT_OK) err = ht_event_verify(event, why);
    out->pubkey = event->pubkey;
    return err;
}

enum ht_err ht_media_auth_check(struct ht_media_auth *out, const struct ht_media_auth_ask *ask,
                                ht_bytes header, struct ht_why *why) {
    static const char scheme[] = "Nostr ";
    const size_t start = sizeof scheme - 1;
    uint8_t json[HT_MEDIA_AUTH_HEADER_MAX];
    size_t n = 0;
    if (header.n == 0)
        return ht_fail(why, HT_EDENIED, "auth_missing", "an authorization is needed here");
    bool is_nostr = header.n > start && header.n <= HT_MEDIA_AUTH_HEADER_MAX &&
                    memcmp(header.p, scheme, start) == 0;
    const char *text = (const char *)header.p + start;
    size_t left = is_nostr ? header.n - start : 0;
    bool is_read = false;
    static const int alphabets[] = {
        sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_URLSAFE_NO_PADDING,
        sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_ORIGINAL_NO_PADDING};
    for (size_t i = 0; is_nostr && !is_read && i < sizeof alphabets / sizeof *alphabets; i++) {
        is_read =
            sodium_base642bin(json, sizeof json, text, left, NULL, &n, NULL, alphabets[i]) == 0;
    }
    if (!is_read)
        return ht_fail(why, HT_EINPUT, "auth_header", "no \"Nostr\" and an event in base64");
    struct ht_arena arena;
    struct ht_event event;
    struct ht_media_auth auth = {.hash_count = 0};
    ht_arena_init(&arena, HT_EVENT_ARENA(n));
    enum ht_err err = ht_event_read(&event, &arena, ht_bytes_of(json, n), why);
    if (err == HT_OK) err = check_event(&auth, ask, &event, why);
    ht_arena_fini(&arena);
    if (err == HT_OK) *out = auth;
    return err;
}

bool ht_media_auth_has(const struct ht_media_auth *auth, const ht_hash32 *hash) {
    for (size_t i = 0; i < auth->hash_count; i++) {
        if (ht_hash32_equal(&auth->hashes[i], hash)) return true;
    }
    return false;
}

enum ht_err ht_media_auth_for(const struct ht_media_auth *auth, const ht_hash32 *hash,
                              struct ht_why *why) {
    if (ht_media_auth_has(auth, hash)) return HT_OK;
    return ht_fail(why, HT_EDENIED, "auth_hash", "the authorization is not for this blob");
}
