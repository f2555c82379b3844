/* Community polls put to work: made, answered, counted, and their roots published and compared.
 *
 * A poll is shown as {"id", "author", "author_name" | null, "distance" | null, "is_mine",
 * "question", "options": [text], "method", "gate": {"kind", "contract" | null, "schema" | null,
 * "attesters": [address]}, "chain_id", "snapshot_block", "closing_block", "made_s", "state": "open"
 * | "ended" (the closing block is there, but not final) | "closed" | "other_chain", "closes_s"
 * (estimated until it is there)}.
 *
 * Methods:
 *   polls.list {} -> {"polls"}: newest first, those of the node's store, at most HT_POLLS_TOLD.
 *   polls.poll {"id", "ask"?: true} -> the poll with {"source": {"asked", "answered": relays,
 *     "is_cut": there was more than was taken, "at_s"} | null, "my_ballot": {"id", "choice":
 * [index], "shares": [number] | null, "at_s", "standing": "counts" | "unproven" | "refused", "why"
 * | null} | null, "result": of ht_poll_count, "malformed", "is_complete", "snapshot_s" | null,
 * "closing_s" | null, "block_why" | null, "roots": [{"author", "name" | null, "distance" | null,
 * "is_mine", "root", "counted", "at_s", "same"}]}: the newest root of each author. my_ballot is the
 *     owner's newest. source: who was asked last for ballots of people whom the owner does not
 *     follow, null: nobody yet. A poll that is not here is asked for first. With "ask" relays are
 *     asked before it is counted (for at most HT_FEED_ASK_MS); without, they are asked afterwards,
 *     when they were not for HT_POLLS_ASK_MS, and topic "polls.changed" tells. For an hour after
 *     it was looked at, and while one's own run, what comes is told by itself (polls_want.h).
 *   polls.count {"id"} -> the same, with relays asked and everything proven again.
 *   polls.make {"question", "options": [text], "method", "gate": {"kind", "contract"?, "schema"?,
 *     "attesters"?}, "snapshot_block"? (the finalized one), "closing_block" | "hours"} -> {"id"}.
 *     contract: the votes token; of attestations the network's EAS when it is left out.
 *   polls.vote {"id", "choice": [index], in order of preference | "shares": [number for each
 *     option], "attestation"?: uid} -> {"event_id", "standing", "why" | null}. Without
 * "attestation" those that are known here are tried. What the gate would refuse is not published,
 * with the gate's reason as the error's code. polls.close {"id"} -> {"event_id", "root"}: publishes
 * the root of a closed poll as this node counts it. It happens by itself for polls that the owner
 * made or voted in, within HT_POLLS_WATCHED_S of their end. snapshot.read: see snapshot.h. Topic
 * "polls.changed": {"changes": number that rises when a poll, a ballot or a root came}.
 *
 * Reasons, besides those of poll.h, poll_gate.h and of struct ht_feed: HT_ENOTFOUND "no_such_poll";
 * HT_EINPUT "other_chain", "bad_gate", "no_eas", "bad_closing" (not in the future, or over
 * HT_POLLS_HOURS_MAX); HT_EAGAIN "no_head", "no_feed"; HT_EDENIED "poll_closed"; HT_EAGAIN
 * "poll_open", "poll_unproven" (polls.close: something is not told yet).
 *
 * A root is an event of kind 30078 with the d tag HT_POLL_ROOT_D and the poll's id, an e tag, and
 * content {"root": hex, "counted", "closing_block", "closing_s"}. Loop thread. */
#ifndef HT_GOVERNANCE_POLLS_POLLS_H
#define HT_GOVERNANCE_POLLS_POLLS_H

#include "governance/polls/poll_job.h"

#define HT_POLLS_TOLD 200
#define HT_POLLS_HOURS_MAX 8784U
#define HT_POLLS_WATCHED_S (INT64_C(30) * 86400)

extern const struct ht_gov_part ht_gov_poll_part;

/* Topic "polls.changed"; self is the struct ht_governance. */
enum ht_err ht_gov_polls_json(void *self, json_t **value, struct ht_why *why);
/* What was proven about voters. */
struct ht_poll_kept *ht_gov_polls_kept(struct ht_governance *governance);

#endif
