/* Private messages (NIP-17): what gift wraps for the owner hold, by conversation.
 *
 * Wraps are in the store like any event; what is in them never reaches the disk: it is opened by
 * the keeper of keys while the vault is open, kept in memory, and forgotten when the vault closes
 * or another key becomes the owner. On disk are the wraps, up to when each conversation was read
 * (by whom it is with), and of what was sent the recipients' wraps until their relays have them.
 *
 * Who is in a conversation is what its messages say (messages_index.h): two people, or a group. A
 * group is named by "with", the first of its people in the order of their keys, and "others", the
 * rest of them; for two people, "others" is empty or left out. Messages of blocked keys are left
 * out; reactions to messages are not shown. Wraps that are deleted from the store, or expire, take
 * their messages with them.
 *
 * A message goes to each party in a wrap of its own, also to the author: into our own relay and the
 * owner's relays for messages; to each party's relays for messages (kind 10050), where there are
 * none to those it reads (NIP-65), and where none are known to the owner's relays for writing. Who
 * reads our own relay, or has its key in this wallet, gets it there. What is not delivered yet is
 * kept and said again, also after a restart, for HT_MESSAGE_OUT_S.
 *
 *   social.conversations {} -> {"conversations": [{"with": pubkey, "others": [pubkey], "name" |
 *       null, "last": text (cut), "at": seconds, "unread": n}] newest first, "is_complete",
 *       "is_open", "opening": n wraps not opened yet, "unreadable": n}
 *   social.messages {"with", "others"?, "until"?: seconds, "limit"? (<= 200, 50)} -> {"messages":
 *       [{"id" (of the rumor), "from", "at", "content", "reply_to" | null, "kind": 14 | 15}] newest
 *       first, "is_complete", "is_open", "opening", "source"}; marks nothing as read. "at" is what
 *       its author says, but not ahead of when it came by more than HT_MESSAGE_AHEAD_S; of kind 15,
 *       a file, content is its URL. There may be fewer than limit when they are long. until is
 *       inclusive.
 *   social.message_read {"with", "others"?, "at": seconds} -> {}: up to there; by now, all is read
 *   social.message_send {"with", "others"?, "content", "reply_to"?} -> {"id" (of the rumor),
 *       "sent": as social.post has it, of the recipients' relays}. Answered when our own relay has
 *       it on disk and HT_PEERS_SEND_MS at most have passed.
 *
 * With the vault closed, what is asked is empty and is_open false, and what is sent refused.
 *
 * Reasons: HT_EDENIED "no_nostr_key", "vault_locked"; HT_EINPUT "bad_npub", "bad_id", "too_long"
 * (content over HT_MESSAGE_TEXT_MAX), "empty"; HT_ENOTFOUND "no_relay": no relay of theirs is
 * known, ours is not one they read, and the owner has none to write to; HT_ELIMIT "too_many"
 * (people in it, or sent at once). Loop thread. */
#ifndef HT_SOCIAL_MESSAGES_MESSAGES_H
#define HT_SOCIAL_MESSAGES_MESSAGES_H

#include "social/client_task.h"

#define HT_MESSAGE_TEXT_MAX 32768U /* bytes of content */
#define HT_MESSAGE_SEND_MAX 10U    /* people that one is sent to; NIP-17 */
#define HT_MESSAGE_OUT_S 604800    /* how long one that is not delivered is said again */

struct ht_messages;

/* HT_ENOMEM. */
enum ht_err ht_messages_new(struct ht_social *social, struct ht_why *why) HT_MUST_USE;
/* Nothing is asked of the keeper of keys any more. */
void ht_messages_stop(struct ht_social *social);
/* After what was asked has been answered. NULL messages are fine. */
void ht_messages_free(struct ht_social *social);

/* A wrap has come that names the owner. */
void ht_messages_arrived(struct ht_social *social, const struct ht_event *wrap);
/* The vault has opened or closed, or the owner may be another. */
void ht_messages_owner_changed(struct ht_social *social);
/* Messages of others that were not read, in all. */
uint64_t ht_messages_unread(const struct ht_social *social);

void ht_conversations_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_messages_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_message_read_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_message_send_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
