/* social.lists: whom and what the owner follows and mutes (client.h).
 *
 * {"follows": [{"pubkey", "name" | null}], "muted": {"people": as follows, "words": [text], "tags":
 * [text], "threads": [id], "has_private": bool}}, in the order of the lists; names are looked up
 * for the first HT_LISTS_NAMES_MAX of each. has_private: the list of mutes has a part that other
 * programs have encrypted; it is kept as it is, and not heeded. Reasons: HT_EDENIED "no_nostr_key";
 * those of the disk. */
#ifndef HT_SOCIAL_FEED_LISTS_H
#define HT_SOCIAL_FEED_LISTS_H

#include "social/client_task.h"

#define HT_LISTS_NAMES_MAX 2000U

/* See struct ht_rpc_method. */
void ht_lists_start(void *self, struct ht_rpc_call *call, const json_t *params);

/* The answer: a new reference. On the reader's worker. */
enum ht_err ht_lists_json(json_t **out, struct ht_task *task, struct ht_why *why) HT_MUST_USE;

#endif
