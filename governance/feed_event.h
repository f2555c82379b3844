/* Events of the feeds as the rest of the module reads them. Any thread. */
#ifndef HT_GOVERNANCE_FEED_EVENT_H
#define HT_GOVERNANCE_FEED_EVENT_H

#include <jansson.h>

#include "node/nostr/event.h"

/* An event of the node's own store, which has verified it: everything becomes the arena's.
 * HT_EINPUT, HT_ELIMIT, HT_ENOMEM as ht_event_read. */
enum ht_err ht_gov_event_read(struct ht_event *out, struct ht_arena *arena, const json_t *object,
                              struct ht_why *why) HT_MUST_USE;
/* An id as events have it: 64 digits, with or without "0x". HT_EINPUT "bad_id". */
enum ht_err ht_gov_event_id_param(ht_hash32 *out, const json_t *params, const char *path,
                                  struct ht_why *why) HT_MUST_USE;
/* 64 digits, without "0x"; a new reference, NULL without memory. */
json_t *ht_gov_event_id_json(const ht_hash32 *id);

#endif
