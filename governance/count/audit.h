/* Audit bundles: one file with which anybody can count a proposal again, offline.
 *
 * JSON: {"format": "hearth-audit", "version": 1, "network": {"name", "chain_id",
 * "genesis_validators_root"}, "made": seconds, "target": {"governor", "kind", "layout",
 * "clockMode", "proposalId", "chainId"}, "anchor": {"blockNumber", "blockHash"}, "finality": null |
 * the light-client update that finalized the anchor or a descendant (node/l1/finality.h), "after":
 * headers from the anchor's child to that descendant, "flags": false when the voters' marks are
 * left out, "provided": {"headers": from the proposal's block to the anchor, "proposalLog",
 * "voteLogs", "receipts": {number: eth_getBlockReceipts |
 * {"nodes": of the receipts trie, "proofs": [{"transactionIndex", "logsBefore"}]}},
 * "governorProof": eth_getProof}}, perhaps with "target"."token" and "provided"."tokenProof", by
 * which weights are compared; audit.schema.json beside this file says it to the letter. A header is
 * a block object or its RLP, in hex or (what is made here of many) in base64. Without format,
 * version, network, made and finality it is a case of the fixtures' form.
 *
 * Of a block with "proofs" only some receipts are there, each proven by itself: its votes count,
 * and the voter list stays open, since others may be in it.
 *
 * What is checked, in this order (count.h lists the reasons): headers hash and link up to the
 * anchor; receipts give their headers' roots; the proposal's log is in them and hashes to its id
 * (not where ids are numbers: Bravo, sequential); so are the vote logs, each once; none of the
 * proposal's votes in those receipts is left out; the governor's account and slots are proven under
 * the anchor's state root; the proposal's words fit its log; each voter is marked; sums equal the
 * stored tallies. A bundle is as good as its anchor, which is audit_file.h's matter, and as what is
 * known of the governor's code: code_hash is there to be compared. Reading is bounded (64 MiB).
 * Pure; any thread. */
#ifndef HT_GOVERNANCE_COUNT_AUDIT_H
#define HT_GOVERNANCE_COUNT_AUDIT_H

#include "governance/count/count.h"

#define HT_GOV_AUDIT_MAX ((size_t)64 << 20)
#define HT_GOV_AUDIT_FORMAT "hearth-audit"

struct ht_gov_audit {
    bool is_accepted;
    enum ht_err err;
    struct ht_why why; /* why not */
    struct ht_gov_result result;
    struct ht_gov_layout layout;
    ht_addr20 governor;
    ht_u256 id;
    uint64_t chain_id;
    uint64_t anchor_number;
    ht_hash32 anchor_hash; /* as the headers have it; zero when they do not hold */
    uint64_t anchor_time_s;
    ht_hash32 code_hash; /* of the governor at the anchor, proven */
    bool flags_checked;  /* false: the bundle has no marks of voters */
    /* Votes' weights against the history of a token that the bundle names, at its code (audit_
     * weights.h): how many agree with what their voters had, differ (the first of them), or are not
     * told. */
    bool has_weights;
    ht_addr20 token;
    ht_hash32 token_code_hash;
    size_t weights_agree, weights_differ, weights_open;
    ht_addr20 weight_differs_of;
};
/* Checks everything but the anchor itself. The verdict is in *out; an error only without memory.
 * bundle: a parsed case or bundle. *out is whole in any case; what was not reached is zero. A
 * tally that is short (tally_incomplete) has its result, with what is missing. */
enum ht_err ht_gov_audit_check(struct ht_gov_audit *out, const json_t *bundle,
                               struct ht_why *why) HT_MUST_USE;
/* The same, and the votes that were found, in the order of the chain: when it is accepted, *count
 * is the caller's, else NULL. */
enum ht_err ht_gov_audit_count(struct ht_gov_audit *out, struct ht_gov_count **count,
                               const json_t *bundle, struct ht_why *why) HT_MUST_USE;

#endif
