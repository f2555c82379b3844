/* What the owner has set: whose key writes, which relays, who may write and read here.
 *
 * Kept in social.db under these names, each an object: "owner" {"pubkey"}, "relays" {"list":
 * [{"url", "read", "write"}]}, "policy" (below), "profile" {"name", "description", "contact",
 * "icon"}.
 *
 * social.settings {} -> {"owner": hex | null, "relays": […], "policy": {"write": rank, "read":
 * rank, "stranger_difficulty", "events_a_minute", "author_bytes", "total_bytes"}, "profile"}; a
 * rank is "stranger" (everybody), "attested", "friend" (of a follow), "followed", "owner". Bytes
 * are quotas of the disk, as text or numbers, 0: no bound; they hold from the next start.
 * social.set_settings {any of these} -> the same. Reasons: HT_EINPUT "bad_rank", "bad_url",
 * "bad_npub", "bad_setting"; HT_ELIMIT "too_many_relays". Loop thread but where said. */
#ifndef HT_SOCIAL_SETTINGS_H
#define HT_SOCIAL_SETTINGS_H

#include "social/client_task.h"

#define HT_SETTINGS_RELAYS_MAX 12U

void ht_settings_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_set_settings_start(void *self, struct ht_rpc_call *call, const json_t *params);

/* All of them with what stands for those that were not set: a new reference. Thread of the
 * connection. */
enum ht_err ht_settings_read(json_t **out, sqlite3 *db, struct ht_why *why) HT_MUST_USE;
/* Puts what was read where it counts: policy, key, NIP-11. */
void ht_settings_apply(struct ht_social *social, const json_t *settings);
/* Quotas, for the relay's start. */
void ht_settings_limits(struct ht_store_limits *limits, const json_t *settings);

#endif
