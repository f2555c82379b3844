/* Wraps on their way: kept on disk until the relays they are for have taken or refused them, and
 * said again after a restart and now and then, for HT_MESSAGE_OUT_S. Only messages*.c include this.
 * Loop thread. */
#ifndef HT_SOCIAL_MESSAGES_MESSAGES_OUT_H
#define HT_SOCIAL_MESSAGES_MESSAGES_OUT_H

#include "social/messages/messages_impl.h"

/* Begins a little later, when relays are known. */
void ht_messages_out_begin(struct ht_messages *messages);
/* What came of sending it (peers.h): it is forgotten when no relay is left that may still take it.
 */
void ht_messages_out_settle(struct ht_messages *messages, const ht_hash32 *id, const json_t *sent);

#endif
