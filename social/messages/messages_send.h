/* Sends a private message: looks where its people read, wraps it for each and for the owner, keeps
 * it, and gives the wraps to their relays. Only messages*.c include this. Loop thread. */
#ifndef HT_SOCIAL_MESSAGES_MESSAGES_SEND_H
#define HT_SOCIAL_MESSAGES_MESSAGES_SEND_H

#include "social/messages/messages_impl.h"

#define HT_MESSAGES_SENDING_MAX 16U /* at once */

/* Does what social.message_send says with the task's parameters, and ends the task. */
void ht_messages_send(struct ht_task *task);

#endif
