/* Talk about communities and proposals: statements of delegates, rationales, comments; their form
 * is talk_event.h.
 *
 * Methods:
 *   talk.list {"address", "id"? (statements without), "kind"?: "statement" | "comment" |
 *     "rationale", "until"? (seconds), "limit"? (100, at most HT_TALK_LIST_MAX)} -> {"items":
 *     [{"id", "author", "address" | null (proven to be the author's), "name" | null, "distance" |
 *     null, "vouches", "is_mine", "kind", "text", "at_s"}], "is_complete"}: newest first.
 *   talk.post {"address", "id" (not of a statement), "kind", "text"} -> {"id"}
 *
 * Reasons, besides those of struct ht_feed: HT_EINPUT "bad_talk" (a kind that does not go with
 * what it is about), "empty_talk"; HT_ELIMIT "talk_too_long"; HT_EAGAIN "no_feed". Loop thread. */
#ifndef HT_GOVERNANCE_TALK_TALK_H
#define HT_GOVERNANCE_TALK_TALK_H

#include "governance/governance.h"
#include "governance/talk/talk_event.h"

extern const struct ht_gov_part ht_gov_talk_part;

#endif
