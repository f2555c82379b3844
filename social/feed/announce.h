/* social.announce: tells others which relays the owner reads and writes (kind 10002, NIP-65) and
 * where private messages reach the owner (kind 10050, NIP-17), from the setting "relays". Nothing
 * is told before the owner says so.
 *
 *   social.announce {} -> {"id" of the kind 10002, "sent"}: both lists are replaced, but for their
 *       tags that are about something else. Reasons: HT_EINPUT "no_relays": there are none to tell;
 *       those of publish.h.
 *
 * Loop thread. */
#ifndef HT_SOCIAL_FEED_ANNOUNCE_H
#define HT_SOCIAL_FEED_ANNOUNCE_H

#include "social/client_task.h"

#define HT_ANNOUNCE_INBOXES_MAX 3U /* of kind 10050; NIP-17 asks for few */

/* See struct ht_rpc_method. */
void ht_announce_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
