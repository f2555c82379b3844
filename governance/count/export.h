/* A proposal's votes as a table (CSV, RFC 4180) and as JSON with the places of their proofs.
 *
 * In CSV a field that a spreadsheet would take for a formula (it begins with = + - @, a tab or a
 * carriage return) gets an apostrophe in front; lines end with CR LF. Reasons are shown as
 * ht_gov_text_json shows them: no control characters, nothing that turns the writing around. Pure;
 * any thread. */
#ifndef HT_GOVERNANCE_COUNT_EXPORT_H
#define HT_GOVERNANCE_COUNT_EXPORT_H

#include "governance/count/count.h"

#define HT_GOV_EXPORT_MAX ((size_t)256 << 20)

struct ht_gov_export_weight {
    ht_u256 power;
    bool is_proven; /* by storage; else by a proven call */
    bool agrees;    /* with the vote's weight */
};

struct ht_gov_export {
    uint64_t chain_id;
    ht_addr20 governor;
    ht_u256 id;
    const struct ht_gov_layout *layout;
    const struct ht_gov_result *result; /* of ht_gov_count_end */
    const struct ht_gov_vote *votes;
    size_t vote_count;
    bool flags_checked;  /* each voter's mark was proven set */
    ht_hash32 hash;      /* of the block that it is as of: result->block */
    uint64_t time_s;     /* of that block */
    bool is_final;       /* that block */
    const char *network; /* "mainnet" */
    /* What is known of a voter and of a block; either may be NULL, and answer NULL. The text is
     * borrowed until the next call. */
    const char *(*name)(void *user, const ht_addr20 *voter);
    const ht_hash32 *(*block_hash)(void *user, uint64_t number);
    /* What the voter of a vote had at the snapshot (snapshot_at, by the governor's clock), as far
     * as that was proven; NULL, and answers false: it was not looked at. */
    bool (*weight)(void *user, struct ht_gov_export_weight *out, const struct ht_gov_vote *vote);
    uint64_t snapshot_at;
    void *user;
};

/* "against", "for", "abstain", "split" (by params). */
const char *ht_gov_support_name(const struct ht_gov_vote *vote);

/* Appends: one line of names, then one for each vote: voter, name, support, weight, against, for,
 * abstain, reason, is_override, block, transaction_index, log_index, weight_at_snapshot,
 * weight_proven (true, false: it differs; the last two are empty where nothing is known, the very
 * last also where only a call said it). Numbers of votes are in the token's smallest unit.
 * HT_ELIMIT "export_too_large", HT_ENOMEM. */
enum ht_err ht_gov_export_csv(struct ht_buf *out, const struct ht_gov_export *of,
                              struct ht_why *why) HT_MUST_USE;

/* {"network", "chain_id", "governor", "proposal_id", "as_of": {"number", "hash", "timestamp",
 * "is_final"}, "tally": {"against", "for", "abstain"}, "missing": the same | null, "tally_proven",
 * "list_proven", "flags_checked", "unchecked_blocks": [numbers, at most 64],
 * "unchecked_block_count", "proofs": {"account": the governor, "slots": [of the proposal's words]},
 * "votes": [{"voter", "name", "support", "weight", "split": {…} | null, "reason",
 * "is_reason_cut", "is_override", "place": {"block", "block_hash" | null, "transaction_index",
 * "log_index"}, "mark_slot", "weight_at_snapshot" | null, "weight_proven": true | false (it
 * differs) | null, "weight_provenance": "proven" | "called" | "unverified"}]}, and "snapshot"; a
 * new reference. A vote's log is proven by all receipts of the
 * block at its place, its mark and the tallies by storage proofs of those slots. */
enum ht_err ht_gov_export_json(json_t **out, const struct ht_gov_export *of,
                               struct ht_why *why) HT_MUST_USE;

#endif
