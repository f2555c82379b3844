/* People: their profiles (kind 0, NIP-24), and who the owner is (client.h).
 *
 * nip05_state is "unchecked" or "none": names are not asked of their servers here. Reasons:
 * HT_EINPUT "bad_npub"; those of publish.h. Loop thread. */
#ifndef HT_SOCIAL_FEED_PROFILE_H
#define HT_SOCIAL_FEED_PROFILE_H

#include "social/client_task.h"

/* See struct ht_rpc_method. */
void ht_profile_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_set_profile_start(void *self, struct ht_rpc_call *call, const json_t *params);

/* What social.profile answers of that key: a new reference. On the reader's worker. Errors of the
 * disk, HT_ENOMEM. */
enum ht_err ht_profile_whole(json_t **out, struct ht_task *task, const ht_hash32 *pubkey,
                             struct ht_why *why) HT_MUST_USE;
/* social.me, a topic: the owner's profile is the one that was read last. */
enum ht_err ht_me_json(void *self, json_t **out, struct ht_why *why) HT_MUST_USE;

#endif
