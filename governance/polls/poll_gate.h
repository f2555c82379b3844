/* Who may vote in a poll, and with what weight: asked of the chain, by proof.
 *
 * What is said is as of the poll's snapshot block, and is the same whenever it is asked, since EAS
 * keeps when an attestation was made and revoked, and votes tokens keep their past; so nothing is
 * said before the snapshot block is final, and no archive is needed. Outcomes are kept, so that
 * counting again asks only for what is new. Loop thread.
 *
 * Reasons in a weight: of MAY_NOT "not_linked" (the key has no proven address), "no_attestation"
 * (it names none, or there is none), "wrong_schema", "wrong_attester", "wrong_recipient",
 * "made_later", "revoked", "expired"; "no_votes" (its weight is 0), "no_votes_token" (the contract
 * does not know votes of the past). Of UNPROVEN "snapshot_not_final", "other_eas" (an EAS that is
 * not this network's), "no_trust" (this node keeps no attestations), or why it could not be told.
 */
#ifndef HT_GOVERNANCE_POLLS_POLL_GATE_H
#define HT_GOVERNANCE_POLLS_POLL_GATE_H

#include "governance/polls/poll_count.h"
#include "governance/reads/reads.h"

#define HT_POLL_GATE_AT_ONCE 8U /* attestations that are asked for at the same time */

/* What is kept between counts; zeroed at first. */
#define HT_POLL_KEPT 16384U
struct ht_poll_kept {
    struct ht_poll_outcome *slots; /* HT_POLL_KEPT of them; NULL while there is none */
};
void ht_poll_kept_fini(struct ht_poll_kept *kept);

/* An attestation as of a time. The record is of a block at or after it. *why_code: NULL when it is
 * good, else a reason as above. Pure. */
const char *ht_poll_attestation_fault(const struct ht_poll *poll, const ht_addr20 *voter,
                                      const struct ht_trust_record *record, uint64_t snapshot_s);

/* Zeroed but for what is asked and done; left alone until done. */
struct ht_poll_gate_read {
    struct ht_governance *governance;
    struct ht_poll_kept *kept;
    const struct ht_poll *poll;     /* borrowed until done, as the ballots */
    struct ht_poll_ballot *ballots; /* their voters are filled in here */
    struct ht_poll_weight *weights; /* as many; written here */
    size_t count;
    bool has_snapshot; /* it is final */
    uint64_t snapshot_s;
    /* On the loop, once, perhaps before ht_poll_gate_start returns. */
    void (*done)(struct ht_poll_gate_read *read);
    void *user;

    /* Its own. */
    size_t next, in_flight;
    bool is_starting;
    struct ht_gov_views views;
    struct ht_gov_view *list;         /* HT_GOV_VIEWS_MAX of them */
    size_t of_view[HT_GOV_VIEWS_MAX]; /* whose weight a view tells */
    uint64_t at;                      /* the snapshot by the token's clock */
    uint32_t selector;                /* of votes in the past; 0: not known yet */
};
void ht_poll_gate_start(struct ht_poll_gate_read *read);

#endif
