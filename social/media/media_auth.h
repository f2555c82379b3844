/* Authorization at the door of media: a signed event of kind 24242 (Blossom BUD-01, BUD-11). Pure;
 * any thread.
 *
 * Reasons: HT_EINPUT "auth_header" (no "Nostr " and base64 of an event, in either alphabet), and
 * those of event.h; HT_EDENIED "auth_missing", "auth_kind", "auth_time" (not yet), "auth_expired"
 * (or it never would), "auth_verb", "auth_server" (it names servers, and not us), "auth_hash" (it
 * is for other blobs); HT_ELIMIT "auth_hashes"; HT_EUNVERIFIED "event_id", "event_signature". */
#ifndef HT_SOCIAL_MEDIA_MEDIA_AUTH_H
#define HT_SOCIAL_MEDIA_MEDIA_AUTH_H

#include "node/nostr/event.h"

#define HT_KIND_MEDIA_AUTH 24242U
#define HT_MEDIA_AUTH_HEADER_MAX ((size_t)8192)
#define HT_MEDIA_AUTH_HASHES_MAX 100U
#define HT_MEDIA_AUTH_AHEAD_S 60 /* clocks differ by so much */

struct ht_media_auth {
    ht_hash32 pubkey;
    ht_hash32 hashes[HT_MEDIA_AUTH_HASHES_MAX]; /* x tags */
    size_t hash_count;
    bool has_server; /* it names us */
};

struct ht_media_auth_ask {
    const char *verb; /* "upload", "get", "delete", "list" */
    int64_t now_s;
    /* Whether a host, lower or upper case, perhaps with a port, is a name of ours. */
    bool (*is_ours)(void *user, ht_bytes host);
    void *user;
};

/* Checks the header's value; the signature last. */
enum ht_err ht_media_auth_check(struct ht_media_auth *out, const struct ht_media_auth_ask *ask,
                                ht_bytes header, struct ht_why *why) HT_MUST_USE;
bool ht_media_auth_has(const struct ht_media_auth *auth, const ht_hash32 *hash);
/* That it is for that blob: HT_EDENIED "auth_hash". */
enum ht_err ht_media_auth_for(const struct ht_media_auth *auth, const ht_hash32 *hash,
                              struct ht_why *why) HT_MUST_USE;

#endif
