/* Opens gift wraps while the vault is open, a few at a time at the keeper of keys, and puts what is
 * in them into the index. Only messages*.c include this. Loop thread. */
#ifndef HT_SOCIAL_MESSAGES_MESSAGES_OPEN_H
#define HT_SOCIAL_MESSAGES_MESSAGES_OPEN_H

#include "social/messages/messages_impl.h"

/* Opens on, or reads on: whatever there is to do. */
void ht_messages_go_on(struct ht_messages *messages);
/* Goes on a little later: something was busy. */
void ht_messages_go_on_later(struct ht_messages *messages);

/* Queues a wrap that was verified; false when there is no room, or no memory. Any thread, for a
 * queue of its own. */
bool ht_waiting_put(struct ht_waiting_wraps *waiting, ht_bytes json);
/* Appends what is in `more`, which is empty then; bounds do not hold here. */
void ht_waiting_join(struct ht_waiting_wraps *waiting, struct ht_waiting_wraps *more);
void ht_waiting_clear(struct ht_waiting_wraps *waiting);
/* How many wraps are not opened yet. */
size_t ht_messages_opening(const struct ht_messages *messages);

/* Notes a wrap, so that it is not opened (again); false when it was noted before. */
bool ht_seen_add(struct ht_seen_wraps *seen, const ht_hash32 *id);

/* What is in the index has changed: whoever listens to "social.new" is told soon. */
void ht_messages_changed(struct ht_messages *messages);

#endif
