/* Verification of many events with the parsed keys of their authors kept.
 *
 * One owner at a time: each worker has a cache of its own, or a batch takes one with it. Bounded; a
 * key is kept once a signature of it was good, so that bad ones push nobody out. */
#ifndef HT_NOSTR_EVENT_KEYS_H
#define HT_NOSTR_EVENT_KEYS_H

#include "node/nostr/event.h"

#define HT_EVENT_KEYS_MAX 65536U

struct ht_event_keys;

/* Room for at least `count` authors (rounded up to a power of two, at most HT_EVENT_KEYS_MAX), 100
 * bytes each. HT_ENOMEM. */
enum ht_err ht_event_keys_new(struct ht_event_keys **out, size_t count) HT_MUST_USE;
void ht_event_keys_free(struct ht_event_keys *keys);

/* As ht_event_verify. */
enum ht_err ht_event_keys_verify(struct ht_event_keys *keys, const struct ht_event *event,
                                 struct ht_why *why) HT_MUST_USE;

/* How many verifications found their author's key. */
uint64_t ht_event_keys_hits(const struct ht_event_keys *keys);

#endif
