/* What the relay's owner may ask of it over HTTP (NIP-86): reading requests. Pure; who may ask is
 * nip98.h's business, and what a request does keeper.h's.
 *
 * Reasons: HT_EINPUT those of json.h, manage_request (no object with a method), manage_params;
 * HT_ENOTFOUND manage_method; HT_ELIMIT json_too_large. Any thread. */
#ifndef HT_SOCIAL_RELAY_MANAGE_H
#define HT_SOCIAL_RELAY_MANAGE_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_MANAGE_REQUEST_MAX ((size_t)64 << 10)
#define HT_MANAGE_REASON_MAX 256U /* bytes */
#define HT_MANAGE_TEXT_MAX 511U   /* of a description; a name has at most 63, an icon 255 */
#define HT_MANAGE_ADDRESS_SIZE 46U

enum ht_manage_method {
    HT_MANAGE_SUPPORTED_METHODS,
    HT_MANAGE_BAN_KEY,
    HT_MANAGE_UNBAN_KEY,
    HT_MANAGE_LIST_BANNED_KEYS,
    HT_MANAGE_ALLOW_KEY,
    HT_MANAGE_UNALLOW_KEY,
    HT_MANAGE_LIST_ALLOWED_KEYS,
    HT_MANAGE_LIST_REPORTED_EVENTS,
    HT_MANAGE_ALLOW_EVENT,
    HT_MANAGE_UNALLOW_EVENT,
    HT_MANAGE_BAN_EVENT,
    HT_MANAGE_UNBAN_EVENT,
    HT_MANAGE_LIST_BANNED_EVENTS,
    HT_MANAGE_LIST_ALLOWED_EVENTS,
    HT_MANAGE_CHANGE_NAME,
    HT_MANAGE_CHANGE_DESCRIPTION,
    HT_MANAGE_CHANGE_ICON,
    HT_MANAGE_ALLOW_KIND,
    HT_MANAGE_DISALLOW_KIND,
    HT_MANAGE_LIST_ALLOWED_KINDS,
    HT_MANAGE_LIST_DISALLOWED_KINDS,
    HT_MANAGE_BLOCK_ADDRESS,
    HT_MANAGE_UNBLOCK_ADDRESS,
    HT_MANAGE_LIST_BLOCKED_ADDRESSES,
};

struct ht_manage_request {
    enum ht_manage_method method;
    ht_hash32 hash; /* a key or an event's id, of the methods about them */
    uint32_t kind;
    /* An address as the kernel writes it, or a text of the relay's profile. */
    char text[HT_MANAGE_TEXT_MAX + 1];
    char reason[HT_MANAGE_REASON_MAX + 1]; /* "" without */
};

/* Reads the body of a request: one method with its parameters, checked. */
enum ht_err ht_manage_read(struct ht_manage_request *out, ht_bytes body,
                           struct ht_why *why) HT_MUST_USE;
/* The names of all methods but supportedmethods: a new reference, NULL without memory. */
json_t *ht_manage_methods(void);

/* An address as the kernel writes it ("192.0.2.7", "2001:db8::1"), an IPv4 address within IPv6 as
 * IPv4; false when it is none. */
bool ht_manage_address(char out[static HT_MANAGE_ADDRESS_SIZE], const char *text);

#endif
