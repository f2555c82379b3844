/* Where wraps come from: our own store, read in slices on the reader's worker, and the owner's
 * relays. Only messages*.c include this. Loop thread. */
#ifndef HT_SOCIAL_MESSAGES_MESSAGES_READ_H
#define HT_SOCIAL_MESSAGES_MESSAGES_READ_H

#include "social/messages/messages_impl.h"

/* Reads the next of the owner's wraps from the store, newest first, into `waiting`, unless it is
 * being read or all were; ht_messages_go_on is called when they are there. */
void ht_messages_read_on(struct ht_messages *messages);
/* Asks the owner's relays for wraps, unless they were asked within the last minute. */
void ht_messages_ask(struct ht_messages *messages);

#endif
