/* The relay's management put to work (NIP-86 over HTTP, by NIP-98): POST / with content type
 * application/nostr+json+rpc. What a call changes is saved in social.db before it is answered, and
 * counts from then on:
 *
 *   keys    banned: one list with social.block; allowed: may write and read whatever the settings
 *           say (ht_policy_allow)
 *   events  banned: removed and kept out; allowed: let in again. Those that reports (kind 1984)
 *           name need moderation until one or the other is said
 *   kinds   see keeper_call.h and ht_policy_set_kinds
 *   addresses  refused at the door, and hung up, but for the owner's own page; management itself is
 *           open to every address, so that an owner who blocked their own can take it back
 *   texts   name, description and icon: NIP-11's and the setting "profile"
 *
 * Only the owner's key (social.h) may; the event must name the URL as it was asked, with http or
 * https, at a host that is ours (ht_door_is_named), and the hash of the body. Answers: 200 with
 * {"result"} or {"error"}; 401 without the right header, 403 for another key, 503 while the node
 * stops or the disk fails, each with {"error"}. Loop thread. */
#ifndef HT_SOCIAL_RELAY_KEEPER_H
#define HT_SOCIAL_RELAY_KEEPER_H

#include "social/client_task.h"

struct ht_keeper;

/* Loads what was saved and puts it into the policy. HT_ENOMEM and those of the disk. db: for this
 * call. */
enum ht_err ht_keeper_new(struct ht_social *social, sqlite3 *db, struct ht_why *why) HT_MUST_USE;
void ht_keeper_stop(struct ht_social *social);
void ht_keeper_free(struct ht_social *social);

/* Whether connections from an address are refused. */
bool ht_keeper_is_blocked(const struct ht_social *social, const char *address);

/* Whether a request is one of NIP-86. */
bool ht_keeper_is_for(const struct ht_door_request *request);
/* Reads it, checks who asks, and answers when it is saved. */
void ht_keeper_http(struct ht_social *social, struct ht_door_http *http);

#endif
