/* The owner's side of the feeds: what is shown, what is written, what is asked of other relays.
 *
 * Everything shown is read from our own store, where only verified events are; what is missing is
 * asked of a bounded number of relays (NIP-65 outbox routing, HT_CLIENT_RELAYS_MAX at once), and
 * every answer says how many were asked and how many answered. The owner is the Nostr key that was
 * chosen (setting "owner", else the vault's first). Methods are the owner's alone (rpc.h).
 *
 * A post: {"id", "pubkey", "kind", "created_at" (seconds), "content", "tags", "signature":
 * "verified", "name": text | null, "picture": text | null (never loaded by itself), "nip05": text |
 * null, "root": id | null, "reply_to": id | null, "replies", "reactions", "reposts": counts seen
 * here, "reacted": [{"content", "count"}] (the 8 most frequent of the newest 200), "mine":
 * {"reaction": text | null, "reposted": bool}, "muted": bool, "warning": text | null (NIP-36),
 *   "expires": seconds | null, "embedded": post | null (a repost's or quote's), "poll":
 *   null | {"options": [{"id", "label", "votes"}], "ends": seconds | null, "voters": n, "multiple":
 *   bool, "mine": id | null, "chosen": [id]}}
 * Posts and profiles have "trust": null, or {"address" | null, "name" | null, "distance" | null,
 * "vouches"} when the node has a web of trust (trust_mark.h).
 * Where from: {"asked": n, "answered": n, "relays": [{"url", "state": "answered" | "none" |
 * "no_answer" | "auth" | "unknown_name" | "refused", "ms", "count"}]}.
 *
 * Methods (all parameters in an object):
 *
 *   social.me {} -> {"pubkey" | null, "npub", "keys": [{"pubkey", "npub", "label"}], "is_open",
 *       "has_messages", "profile", "follows": n, "relays": [{"url", "read", "write"}],
 *       "door": {"url", "is_open"}}
 *   social.feed {"view": "following" | "author" | "notifications" | "search" | "bookmarks" |
 *       "media" | "all", "author"?, "text"?, "until"?: seconds, "limit"? (<= 100), "muted"?:
 *       bool} -> {"posts", "is_complete", "hidden": n, "source"}. What is muted (mutes.h) is
 *       left out and counted as hidden, unless it is asked for or the view is an author's or the
 *       bookmarks; in threads it is there
 *   social.thread {"id"} -> {"root": id, "posts" (oldest first), "is_complete", "source"}
 *   social.refresh {"view", …, or "id" of a thread} -> {"source", "new": n}: asks relays again
 *   social.profile {"pubkey" | "npub"} -> {"pubkey", "npub", "name", "about", "picture", "nip05",
 *       "nip05_state": "verified" | "differs" | "no_answer" | "unchecked" | "none", "website",
 *       "followed", "muted", "follows": n, "posts": n, "relays"}
 *   social.set_profile {"name", "about", "picture", "nip05", "website"} -> {"id"}
 *   social.post {"content", "reply_to"?, "quote"?, "warning"?, "expires"?, "kind"? (1, 1111,
 *       30023), "title"?, "poll"?: {"options": [text], "ends"?, "multiple"?: bool}, "media"?:
 *       [{"url", "sha256", "type", "size"?, "alt"?}] (imeta, NIP-92)} -> {"id", "sent": [{"url",
 *       "state": "ok" | "sent" | "no_answer" | "refused"}]}
 *   social.react {"id", "content"? ("+")}; social.repost {"id"}; social.delete {"id", "reason"?};
 *   social.report {"id" | "pubkey", "type", "text"?}; social.vote {"id", "options": [id]} ->
 *       {"id", "sent"}
 *   social.follow, social.mute, social.bookmark {"pubkey" | "id" | "word", "on": bool} -> {"count"}
 *   social.lists {} -> {"follows": [{"pubkey", "name" | null}], "muted": {"people": as follows,
 *       "words": [text], "threads": [id], …}} (lists.h)
 *   social.draft_put {"draft"?: id, "content", "reply_to"?} -> {"draft"}; social.drafts {};
 *   social.draft_delete {"draft"}
 *   social.moderation {} -> {"reports": [{"post" | null, "pubkey", "by", "type", "text", "at"}],
 *       "blocked": [pubkey], "settings"}; social.block {"pubkey", "on"}; social.remove {"id"}
 *   social.stats {} -> {"store", "relay", "door", "removed"} (upkeep_sweep.h)
 *
 * social.settings, social.set_settings: settings.h. social.announce: announce.h. social.import,
 * social.export: upkeep.h. Private messages: messages.h. Media: media.h. Names at domains: nip05.h.
 * Devices: bunker.h.
 *
 * Topics: "social.me", "social.new" {"following": n, "notifications": n, "messages": n} since the
 * view was last read, "own": posts of the owner's since the start; "social.relays" (peers.h),
 * "social.bunker".
 *
 * Reasons: HT_EDENIED "no_nostr_key", "vault_locked"; HT_ENOTFOUND "no_event", "no_key"; HT_EINPUT
 * "bad_npub", "too_long"; HT_ENET "no_relay". Loop thread. */
#ifndef HT_SOCIAL_CLIENT_H
#define HT_SOCIAL_CLIENT_H

#include "social/relay/relay.h"

#define HT_CLIENT_RELAYS_MAX 12U  /* asked at once */
#define HT_CLIENT_ASK_MS 8000     /* for an answer */
#define HT_CLIENT_POST_MAX 65536U /* bytes of content */

extern const struct ht_rpc_method ht_client_methods[];
/* How many there are; the table's size, looked at when the module starts. */
#define HT_CLIENT_METHODS 43U

#endif
