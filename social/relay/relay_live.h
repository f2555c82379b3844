/* What live events and answers of queries share. The functions of live events themselves are in
 * relay_request.h. */
#ifndef HT_SOCIAL_RELAY_RELAY_LIVE_H
#define HT_SOCIAL_RELAY_RELAY_LIVE_H

#include "social/relay/relay_impl.h"

/* Keys of p tags, at most max. */
size_t ht_relay_tagged(ht_hash32 *out, size_t max, const struct ht_event *event);
/* Appends ["EVENT",id,{…}]; id is JSON. HT_ELIMIT. Any thread. */
enum ht_err ht_relay_write_event(struct ht_buf *out, ht_bytes id, ht_bytes json) HT_MUST_USE;

#endif
