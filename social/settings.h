/* What the owner has set: whose key writes, which relays, who may write and read here.
 *
 * Kept in social.db under these names, each an object: "owner" {"pubkey"}, "relays" {"list":
 * [{"url", "read", "write"}]}, "policy", "retention" (below), "profile" {"name", "description",
 * "contact", "icon"}.
 *
 * social.settings {} -> {"owner": hex | null, "relays": […], "policy": {"write": rank, "read":
 * rank, "stranger_difficulty", "events_a_minute", "author_bytes", "total_bytes", "media_bytes" (of
 * all blobs), "media_key_bytes" (of one key's that is not the owner's)}, "profile",
 * "retention": {"days", "followed_days", "kinds": [{"kind", "days"}]}}; a
 * rank is "stranger" (everybody), "attested", "friend" (of a follow), "followed", "owner". Bytes
 * are quotas of the disk, numbers, 0: no bound. Days are how long events stay (store_retention.h),
 * 0: for ever: of strangers, of people who are followed, of some kinds whoever wrote them.
 * social.set_settings {any of these} -> the same, when they hold; what is left out of policy,
 * profile and retention stays. Reasons: HT_EINPUT "bad_rank", "bad_url", "bad_npub",
 * "bad_setting"; HT_ELIMIT "too_many_relays", "too_many_kinds". Loop thread but where said. */
#ifndef HT_SOCIAL_SETTINGS_H
#define HT_SOCIAL_SETTINGS_H

#include "social/client_task.h"
#include "social/store/store_retention.h"

#define HT_SETTINGS_RELAYS_MAX 12U

void ht_settings_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_set_settings_start(void *self, struct ht_rpc_call *call, const json_t *params);

/* All of them with what stands for those that were not set: a new reference. Thread of the
 * connection. */
enum ht_err ht_settings_read(json_t **out, sqlite3 *db, struct ht_why *why) HT_MUST_USE;
/* Puts what was read where it counts: policy, key, NIP-11. */
void ht_settings_apply(struct ht_social *social, const json_t *settings);
/* Quotas, for the relay. */
void ht_settings_limits(struct ht_store_limits *limits, const json_t *settings);
/* How long events stay; what is not of settings is left as it is. */
void ht_settings_keeping(struct ht_keeping *keeping, const json_t *settings);
/* What set_settings does before anything is told: checks parameters, and keeps them. The
 * connection's thread, in its transaction. */
enum ht_err ht_settings_write(sqlite3 *db, const json_t *params, struct ht_why *why) HT_MUST_USE;

#endif
