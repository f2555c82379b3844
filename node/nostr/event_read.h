/* Reading an event that stands at the front of a longer text, as in ["EVENT",{…}]. */
#ifndef HT_NOSTR_EVENT_READ_H
#define HT_NOSTR_EVENT_READ_H

#include "node/nostr/event.h"

/* As ht_event_read, but the text may go on behind the object: *used is how many bytes of it, from
 * the front, were read. The bound on size is the object's. */
enum ht_err ht_event_read_front(struct ht_event *out, size_t *used, struct ht_arena *arena,
                                ht_bytes text, struct ht_why *why) HT_MUST_USE;

#endif
