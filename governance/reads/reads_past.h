/* Power, supply and quorum in the past; rules as in reads.h. Loop thread. */
#ifndef HT_GOVERNANCE_READS_READS_PAST_H
#define HT_GOVERNANCE_READS_READS_PAST_H

#include "governance/governor/past.h"
#include "governance/reads/reads_slots.h"
#include "governance/reads/reads_view.h"

enum ht_gov_past_what {
    HT_GOV_PAST_VOTES,  /* getPastVotes(account, at) of the community's token */
    HT_GOV_PAST_SUPPLY, /* getPastTotalSupply(at) */
    HT_GOV_PAST_QUORUM, /* quorum(at) of the governor */
};
/* at must be over at the block that it is asked at (a snapshot that is still to come has no past):
 * HT_EAGAIN "snapshot_in_future". By checkpoints where the layout is known, else by a proven call.
 */
struct ht_gov_past_read {
    struct ht_community *community; /* must not be freed meanwhile: it counts as busy */
    enum ht_gov_past_what what;
    ht_addr20 account;
    uint64_t at;
    struct ht_block_id block;
    void (*done)(struct ht_gov_past_read *read);
    void *user;

    enum ht_err err;
    struct ht_why why;
    ht_u256 value;
    enum ht_gov_provenance provenance;
    struct ht_gov_as_of as_of;
    size_t received; /* bytes that providers sent for its slots */
    /* Its own. */
    struct ht_gov_past past;
    struct ht_gov_slots slots;
    ht_hash32 wanted[HT_GOV_PAST_SLOTS_MAX];
    struct ht_gov_views views;
    struct ht_gov_view view;
    ht_u256 supply;
    unsigned step;
};
void ht_gov_past_start(struct ht_gov_past_read *read);

#endif
