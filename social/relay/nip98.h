/* HTTP authorisation by a signed event (NIP-98): pure checks, for NIP-86 and Blossom's door.
 *
 * Reasons: HT_EINPUT nip98_header (no "Nostr " and base64 of an event), and those of event.h;
 * HT_EDENIED nip98_kind, nip98_time, nip98_url, nip98_method, nip98_payload: the event is about
 * something else; HT_EUNVERIFIED event_id, event_signature; HT_ENOMEM. Any thread. */
#ifndef HT_SOCIAL_RELAY_NIP98_H
#define HT_SOCIAL_RELAY_NIP98_H

#include "node/nostr/event.h"

#define HT_KIND_HTTP_AUTH 27235U
#define HT_NIP98_WINDOW_S 60
#define HT_NIP98_HEADER_MAX ((size_t)8192)

struct ht_nip98_request {
    ht_bytes url;    /* absolute, as it was asked, with its query */
    ht_bytes method; /* "POST" */
    ht_bytes body;
    bool needs_payload; /* the hash of the body must be there; else only when it is given */
    int64_t now_s;
};

/* Checks the value of an Authorization header; *pubkey is who signed. What they may do is the
 * caller's business. */
enum ht_err ht_nip98_check(ht_hash32 *pubkey, const struct ht_nip98_request *request,
                           ht_bytes header, struct ht_why *why) HT_MUST_USE;
/* The same of an event that was read; its signature is checked last. */
enum ht_err ht_nip98_check_event(const struct ht_event *event,
                                 const struct ht_nip98_request *request,
                                 struct ht_why *why) HT_MUST_USE;

#endif
