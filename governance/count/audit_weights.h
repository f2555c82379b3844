/* Weights in an audit bundle: what the token's own history says of the voters. Internal to
 * governance/count/audit*.c.
 *
 * A bundle may have "target"."token" ({"address", and as ht_gov_token_read has it}) and
 * "provided"."tokenProof", eth_getProof of it at the anchor with the slots of checkpoints that the
 * search for each voter's power at the snapshot asks for. Which contract the governor counts with
 * is for the reader to know: its address and code's hash are told. A voter whose search asks for
 * slots that are not there stays open. */
#ifndef HT_GOVERNANCE_COUNT_AUDIT_WEIGHTS_H
#define HT_GOVERNANCE_COUNT_AUDIT_WEIGHTS_H

#include "governance/count/audit_run.h"

#define HT_GOV_AUDIT_WEIGHTS_MAX 100U /* voters of a bundle whose weights are in it */

/* After the votes and the state. HT_OK without a token in it; HT_EINPUT, and HT_EUNVERIFIED
 * "proof_address", "state_proof". A weight that differs is told in *run->out, and no error: the
 * governor has counted it so. */
enum ht_err ht_gov_audit_weights(struct ht_gov_audit_run *run, const json_t *bundle,
                                 struct ht_why *why) HT_MUST_USE;

/* --- making ----------------------------------------------------------------------------------- */

struct ht_gov_audit_token; /* a token's part of a bundle on its way */

/* Of the voters of those votes, each once; at: the snapshot. HT_ELIMIT "too_many_voters",
 * HT_EUNVERIFIED "no_layout" (it is not known where that token keeps its history), HT_ENOMEM. */
enum ht_err ht_gov_audit_token_new(struct ht_gov_audit_token **out, const ht_addr20 *token,
                                   const struct ht_gov_token_layout *layout, uint64_t at,
                                   const struct ht_gov_vote *votes, size_t count,
                                   struct ht_why *why) HT_MUST_USE;
void ht_gov_audit_token_free(struct ht_gov_audit_token *token);
/* The slots that are needed next, at most HT_STATE_SLOTS_MAX; 0: that is all. Borrowed until the
 * next call. */
size_t ht_gov_audit_token_next(struct ht_gov_audit_token *token, const ht_hash32 **slots);
/* Their checked proof, in that order. HT_EUNVERIFIED "wrong_layout" of a single voter leaves that
 * one open. HT_EINPUT "making_proof" (another state than the first), HT_ENOMEM. */
enum ht_err ht_gov_audit_token_take(struct ht_gov_audit_token *token,
                                    const struct ht_get_proof *proof,
                                    struct ht_why *why) HT_MUST_USE;
/* "target"."token" and "provided"."tokenProof", new references, NULL without memory (or without a
 * proof); and how many bytes of text they are, about. */
json_t *ht_gov_audit_token_target(const struct ht_gov_audit_token *token);
json_t *ht_gov_audit_token_proof(const struct ht_gov_audit_token *token);
size_t ht_gov_audit_token_bytes(const struct ht_gov_audit_token *token);

#endif
