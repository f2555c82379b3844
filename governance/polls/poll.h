/* Community polls: signed choices in feeds, counted alike by every node.
 *
 * A poll is an event of NIP-88 (kind 1068), which is not replaceable: whoever asked cannot change
 * the question under those who answered. Besides NIP-88's tags (option, polltype, endsAt as an
 * estimate) it has
 *     ["t", HT_POLL_TOPIC], ["chain", "<id>"], ["method", "single" | "approval" | "ranked" |
 *     "weighted"], ["gate", "open"] | ["gate", "token", address] | ["gate", "attestation", EAS,
 *     schema, attester, …], ["snapshot", "<block>"], ["closes", "<block>"]
 * and NIP-88's ["relay", url], of which the first HT_POLL_RELAYS_MAX count: where answers are
 * looked for besides one's own relays, a hint that nothing depends on. Who may vote, and with what
 * weight (gate): "token" = getPastVotes of a votes token at the snapshot block; "attestation" = one
 * person one vote, an attestation in EAS of that schema by one of the attesters, made, not revoked
 * and not expired as of the snapshot block, whose recipient is the voter's proven address; "open" =
 * one key one vote.
 *
 * A ballot is a response of NIP-88 (kind 1018, not replaceable either: a late one cannot push an
 * early one out of anybody's store): ["e", poll], ["response", option's id], in order of preference
 * when ranked, with ["response", id, share] when weighted, and ["attestation", uid] where the gate
 * asks for one. As NIP-88 has it, only the first response counts in a single choice, and the first
 * for each option elsewhere.
 *
 * A ballot is in time when its created_at is at most the closing block's timestamp. Of a voter (an
 * address; a key with "open") the newest ballot counts that is in time and that the gate does not
 * refuse, then the lowest id. The count is a pure function of the poll, the set of ballots, their
 * proven weights and the closing time; its root (a Merkle tree of SHA-256 over the counted ballots'
 * ids and weights, in order of id; leaves and nodes prefixed with 0 and 1, an odd node goes up as
 * it is; no ballot: SHA-256 of nothing) is what nodes compare. created_at is the voter's own word:
 * that a ballot was really made before the end shows in the roots that nodes publish then.
 *
 * Ranked: instant run-off. Who has more than half of what is left wins; else the last goes. Among
 * equals goes who had less in the round before, then in the one before that, and so on; then who
 * stands later in the poll. Weighted: a ballot's weight is split by its shares, in units of
 * 1/HT_POLL_UNIT, rounded down. Pure; any thread. */
#ifndef HT_GOVERNANCE_POLLS_POLL_H
#define HT_GOVERNANCE_POLLS_POLL_H

#include <jansson.h>

#include "node/base/u256.h"
#include "node/nostr/event.h"

#define HT_POLL_KIND 1068U
#define HT_POLL_BALLOT_KIND 1018U
#define HT_POLL_TOPIC "hearth-poll"
#define HT_POLL_OPTIONS_MAX 32U
#define HT_POLL_ATTESTERS_MAX 16U
#define HT_POLL_RELAYS_MAX 4U
#define HT_POLL_RELAY_SIZE 256U /* of a URL, with its zero; longer ones are passed over */
#define HT_POLL_BALLOTS_MAX 100000U
#define HT_POLL_SHARE_MAX 1000000U
#define HT_POLL_UNIT 1000000U     /* of weights in a weighted count */
#define HT_POLL_WEIGHT_BITS 208U  /* of a voter: what OpenZeppelin's votes have */
#define HT_POLL_REFUSED_TOLD 500U /* refused ballots that a result names */
enum ht_poll_method { HT_POLL_SINGLE, HT_POLL_APPROVAL, HT_POLL_RANKED, HT_POLL_WEIGHTED };
enum ht_poll_gate { HT_POLL_OPEN, HT_POLL_TOKEN, HT_POLL_ATTESTATION };
const char *ht_poll_method_name(enum ht_poll_method method);
const char *ht_poll_gate_name(enum ht_poll_gate gate);
/* By name; false for any other. */
bool ht_poll_method_of(enum ht_poll_method *out, ht_bytes name);
bool ht_poll_gate_of(enum ht_poll_gate *out, ht_bytes name);

struct ht_poll {
    ht_hash32 id, author;
    int64_t created_at; /* seconds */
    enum ht_poll_method method;
    enum ht_poll_gate gate;
    char question[512];
    char option_ids[HT_POLL_OPTIONS_MAX][17]; /* NIP-88's: letters and digits */
    char options[HT_POLL_OPTIONS_MAX][128];
    size_t option_count;
    uint64_t chain_id;
    ht_addr20 contract; /* token, or EAS */
    ht_hash32 schema;
    ht_addr20 attesters[HT_POLL_ATTESTERS_MAX];
    size_t attester_count;
    char relays[HT_POLL_RELAYS_MAX][HT_POLL_RELAY_SIZE];
    size_t relay_count;
    uint64_t snapshot_block, closing_block; /* of the execution chain; snapshot 0 with "open" */
};
/* The signature is the caller's to have verified. HT_ENOTFOUND "not_a_poll" (another kind, or a
 * poll of NIP-88 that is none of ours), HT_EINPUT "bad_poll" (names the tag: missing, given twice,
 * malformed; fewer than 2 options; closing before the snapshot; an attestation without attesters),
 * HT_ELIMIT "poll_too_large". */
enum ht_err ht_poll_read(struct ht_poll *out, const struct ht_event *event,
                         struct ht_why *why) HT_MUST_USE;
/* Whether a poll that is about to be made would be read: reasons of ht_poll_read. */
enum ht_err ht_poll_check(const struct ht_poll *poll, struct ht_why *why) HT_MUST_USE;
/* Its tags, without endsAt; a new reference, NULL without memory. */
json_t *ht_poll_tags(const struct ht_poll *poll);

struct ht_poll_ballot {
    ht_hash32 id, author; /* the event's and its key */
    ht_addr20 voter;      /* proven owner of that key (trust); not looked at with HT_POLL_OPEN */
    int64_t created_at;
    uint8_t choice[HT_POLL_OPTIONS_MAX];
    size_t choice_count;                 /* options in order of preference, or approved */
    uint32_t share[HT_POLL_OPTIONS_MAX]; /* of weighted, by option; sum over 0 */
    bool has_attestation;
    ht_hash32 attestation; /* uid */
};
/* voter is left zero. HT_EINPUT "not_this_poll", "bad_choice" (no choice, an option that is not
 * there, shares that are no numbers from 0 to HT_POLL_SHARE_MAX or all 0), "bad_attestation". */
enum ht_err ht_poll_ballot_read(struct ht_poll_ballot *out, const struct ht_poll *poll,
                                const struct ht_event *event, struct ht_why *why) HT_MUST_USE;
/* Its tags; a new reference, NULL without memory. */
json_t *ht_poll_ballot_tags(const struct ht_poll *poll, const struct ht_poll_ballot *ballot);

#endif
