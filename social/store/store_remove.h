/* Deletions (NIP-09) and requests to vanish (NIP-62), once the event that says so is stored. */
#ifndef HT_SOCIAL_STORE_STORE_REMOVE_H
#define HT_SOCIAL_STORE_STORE_REMOVE_H

#include "social/store/store.h"

/* Does what the e and a tags of a deletion say, as far as they name events of its author, and keeps
 * it for those that arrive later. */
enum ht_err ht_store_delete(struct ht_store *store, const struct ht_event *event,
                            struct ht_why *why) HT_MUST_USE;
/* Does a request to vanish ask this relay? */
bool ht_store_is_asked_to_vanish(const struct ht_event *event, const char *relay_url);
/* Removes all of its author up to its time, and gift wraps to that key, but no requests to vanish;
 * keeps it for those that arrive later. */
enum ht_err ht_store_vanish(struct ht_store *store, const struct ht_event *event,
                            struct ht_why *why) HT_MUST_USE;

#endif
