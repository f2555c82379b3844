/* Making audit bundles (audit.h) of proven blocks and proven slots.
 *
 * Blocks are given in their order, from the proposal's to the anchor, without gaps: with receipts
 * those that may hold the proposal or a vote, the others as bare headers. Then the slots that
 * ht_gov_making_slots names are read at the anchor with their proofs and given. What is finished
 * was checked again as whoever gets it will check it. Any thread, one at a time.
 *
 * Reasons: HT_EINPUT "making_order" (a block that is not the next one), "making_proof" (a proof of
 * another account or state than the first), HT_ELIMIT "audit_too_large" (more than
 * HT_GOV_AUDIT_MAX), HT_ENOTFOUND "no_proposal_log" (none of the blocks has it), those of count.h
 * from finishing, HT_ENOMEM. */
#ifndef HT_GOVERNANCE_COUNT_AUDIT_MAKE_H
#define HT_GOVERNANCE_COUNT_AUDIT_MAKE_H

#include "governance/count/audit.h"
#include "node/module.h"

struct ht_gov_making;

/* The network outlives it. HT_ENOMEM. */
enum ht_err ht_gov_making_new(struct ht_gov_making **out, const struct ht_network *network,
                              const struct ht_gov_layout *layout, const ht_addr20 *governor,
                              const ht_u256 *id) HT_MUST_USE;
void ht_gov_making_free(struct ht_gov_making *making);

/* Whether the block's receipts belong into the bundle: by its bloom it may hold a vote, or the
 * proposal. */
bool ht_gov_making_wants(const struct ht_gov_making *making, const struct ht_exec_header *header);
/* Bytes of text up to which receipts go in whole, HT_GOV_MAKING_WHOLE by default. Past that, of
 * each block those with the proposal's logs go in with their paths: the tallies stay proven, the
 * voter list does not. */
#define HT_GOV_MAKING_WHOLE ((size_t)4 << 20)
void ht_gov_making_bound(struct ht_gov_making *making, size_t bytes);
/* The next block; receipts: all of them, or NULL. What is not wanted of them is left out. Borrowed
 * for the call. */
enum ht_err ht_gov_making_block(struct ht_gov_making *making,
                                const struct ht_exec_header_verified *header,
                                const struct ht_receipt *receipts, size_t receipt_count,
                                struct ht_why *why) HT_MUST_USE;
/* The slots of the governor that are needed, of at most HT_GET_PROOF_SLOTS_MAX: the proposal's
 * words, and each voter's mark if there is room for all of them. Borrowed until the next call. */
enum ht_err ht_gov_making_slots(const ht_hash32 **slots, size_t *count,
                                struct ht_gov_making *making, struct ht_why *why) HT_MUST_USE;
/* A checked answer with some of those slots; copied. */
enum ht_err ht_gov_making_proof(struct ht_gov_making *making, const struct ht_get_proof *proof,
                                struct ht_why *why) HT_MUST_USE;
/* The votes that were found, in the order of the chain; borrowed until the next block. */
const struct ht_gov_vote *ht_gov_making_votes(const struct ht_gov_making *making, size_t *count);
/* A token's part (audit_weights.h), of slots proven at the anchor: goes in when there is room. */
struct ht_gov_audit_token;
enum ht_err ht_gov_making_token(struct ht_gov_making *making,
                                const struct ht_gov_audit_token *token,
                                struct ht_why *why) HT_MUST_USE;
/* The update that made the anchor final, or the last of the blocks given after it (each the next
 * one); without it the anchor has to be trusted by whoever checks. */
enum ht_err ht_gov_making_after(struct ht_gov_making *making,
                                const struct ht_exec_header_verified *header,
                                struct ht_why *why) HT_MUST_USE;
enum ht_err ht_gov_making_finality(struct ht_gov_making *making, const struct ht_finality *finality,
                                   struct ht_why *why) HT_MUST_USE;
/* The bundle as it is, without the check; a new reference, NULL without memory. */
json_t *ht_gov_making_unchecked(const struct ht_gov_making *making, uint64_t made_s);
/* The bundle, a new reference. */
enum ht_err ht_gov_making_finish(json_t **out, struct ht_gov_making *making, uint64_t made_s,
                                 struct ht_why *why) HT_MUST_USE;

#endif
