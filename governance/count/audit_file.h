/* What is told of an audit bundle: whether it counts (audit.h), and whether its anchor is a block
 * of the chain. The answer of `hearth verify` and of dao.audit.
 *
 * Steps: form, count, network, committee, finality, anchor. The last three need the light-client
 * update in the bundle and the sync committee of its period, known to whoever checks; headers in
 * "after" lead from the anchor to the block that it finalized. Any thread. */
#ifndef HT_GOVERNANCE_COUNT_AUDIT_FILE_H
#define HT_GOVERNANCE_COUNT_AUDIT_FILE_H

#include "governance/count/audit.h"
#include "node/module.h"

/* Who checks, with what. */
struct ht_gov_judge {
    const struct ht_network *network;
    int64_t now_ms; /* wall time */
    /* The sync committee of a period, in *out, for the call of ht_gov_audit_verify. HT_ENOTFOUND
     * "committee_unknown". */
    enum ht_err (*committee)(void *user, struct ht_bls_committee **out, uint64_t period,
                             struct ht_why *why);
    void *user;
};

/* Whether a document is an audit bundle, or a case of the fixtures' form. */
bool ht_gov_is_audit(const json_t *file);

/* Checks a bundle. Whatever it holds, there is an outcome, a new reference:
 *     {"verdict": "valid" | "invalid" | "unverified", "code", "why": null when valid, "kind":
 *      "governance_audit", "network": the judge's, "period", "block": the anchor {"number", "hash",
 *      "time": seconds} | null, "age_s", "age", "claim": what was counted | null, "steps":
 * [{"step", "ok", "text", "code"?}]} "unverified" is what counts but whose anchor is not proven
 * here: "anchor_trusted" (no finality in it: it holds if that block hash is the chain's),
 * "other_network", "committee_unknown", "future". "invalid": the reasons of count.h, "anchor_final"
 * (the update finalizes another block), and those of ht_finality_read and ht_finality_verify.
 * claim: {"governor", "proposal_id", "chain_id", "tally":
 * {"against", "for", "abstain"}, "missing": the same | null, "votes", "voters", "tally_proven",
 * "list_proven", "unchecked_blocks", "flags_checked", "code_hash", "weights" (only with a token in
 * the bundle): {"token", "code_hash", "agree", "differ", "open": votes, "differs_of": a voter |
 * null}, "fields": [{"name", "value"}] for people}; it is there once the headers lead to the anchor
 * and the tallies were proven.
 *
 * Errors: HT_ENOMEM, HT_ESTORE, HT_EAGAIN of the committee's. */
enum ht_err ht_gov_audit_verify(json_t **outcome, const struct ht_gov_judge *judge,
                                const json_t *bundle, struct ht_why *why) HT_MUST_USE;

/* Member verify_file of struct ht_module; db may be NULL, then no committee is known. */
enum ht_err ht_gov_verify_file(json_t **outcome, const struct ht_network *network, sqlite3 *db,
                               const json_t *file, const struct ht_clock *clock,
                               struct ht_why *why) HT_MUST_USE;

#endif
