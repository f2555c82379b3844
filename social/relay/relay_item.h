/* One event on its way in: from a message to what the policy says of it. */
#ifndef HT_SOCIAL_RELAY_RELAY_ITEM_H
#define HT_SOCIAL_RELAY_RELAY_ITEM_H

#include "social/relay/relay_impl.h"

/* Reads the event at the front of a text, which is copied, and what stands behind it: tail, "]" or
 * "". What is wrong with it is in the item, which then is_ready. NULL without memory. */
struct ht_relay_item *ht_relay_item_new(struct ht_relay_peer *peer, ht_bytes text,
                                        const char *tail);
void ht_relay_item_free(struct ht_relay_item *item);
/* What the policy and the limits of keys and addresses say; the item is_ready when they refuse. */
void ht_relay_item_judge(struct ht_relay_item *item);
/* Tells its peer, or whoever published it. */
void ht_relay_item_answer(struct ht_relay_item *item);

#endif
