/* bunker:// and nostrconnect:// (NIP-46): reading what a device shows, writing what we show. Pure;
 * any thread.
 *
 * Reasons: HT_EINPUT "bad_uri" (another scheme, no key, no secret, no relay, escapes or UTF-8 that
 * are none, texts over their bounds), "bad_url" (a relay); HT_ELIMIT "too_many" relays. */
#ifndef HT_SOCIAL_BUNKER_BUNKER_URI_H
#define HT_SOCIAL_BUNKER_BUNKER_URI_H

#include "social/bunker/bunker_sql.h"

#define HT_BUNKER_URI_MAX 4096U   /* bytes */
#define HT_BUNKER_SECRET_MAX 128U /* bytes */

struct ht_bunker_uri {
    ht_hash32 device;
    char relays[HT_BUNKER_RELAYS_MAX][HT_LINK_URL_SIZE];
    size_t relay_count;
    char secret[HT_BUNKER_SECRET_MAX + 1];
    char name[HT_BUNKER_NAME_MAX + 1]; /* cut; empty: none was given */
    char asks[HT_BUNKER_ASKS_MAX + 1]; /* perms=, cut */
};

/* nostrconnect://KEY?relay=…&secret=… with perms, name, and metadata (JSON with a name, as it was
 * before) if they are there; other members are not looked at. */
enum ht_err ht_bunker_uri_read(struct ht_bunker_uri *out, ht_bytes text,
                               struct ht_why *why) HT_MUST_USE;
/* Appends bunker://OWNER?relay=…&secret=…. HT_ELIMIT, HT_ENOMEM; part of it may be there then. */
enum ht_err ht_bunker_uri_write(struct ht_buf *out, const struct ht_bunker_row *row,
                                const char *secret) HT_MUST_USE;

/* As much of a text as fits, cut between characters; false when it is not UTF-8 or has a NUL. */
bool ht_bunker_copy(char *out, size_t size, ht_bytes text);

#endif
