/* What a governor's code tells of it: selectors and storage namespaces that it pushes. Nothing is
 * proven by it but that the code, whose hash is proven, is of a kind. Pure; any thread. */
#ifndef HT_GOVERNANCE_GOVERNOR_PROFILE_CODE_H
#define HT_GOVERNANCE_GOVERNOR_PROFILE_CODE_H

#include "governance/governor/layout.h"

/* How it gets to know a voter by signature (ballot.h). */
enum ht_gov_ballots {
    HT_GOV_BALLOTS_NONE,
    HT_GOV_BALLOTS_5,
    HT_GOV_BALLOTS_4,
    HT_GOV_BALLOTS_BRAVO
};

/* What selectors in the code tell. */
struct ht_gov_traits {
    enum ht_gov_kind kind; /* UNKNOWN: no governor that is known by its kind */
    enum ht_gov_ballots ballots;
    enum ht_gov_timelock timelock; /* what the code calls */
    bool has_clock_mode, has_counting_mode;
    bool has_timelock, has_late_quorum, has_override, has_quorum_fraction;
    bool has_count;        /* proposalCount() */
    bool has_proposal_id;  /* getProposalId(): 5.3 and later */
    bool has_receipts;     /* getReceipt(): Bravo's, and 4.x's that is compatible with it */
    bool has_super_quorum; /* superQuorum(): it may succeed before its deadline */
    /* Namespaces (ERC-7201) whose bases the code pushes: */
    bool is_namespaced; /* that of proposals */
    uint32_t named;     /* 1 << HT_GOV_…: those of ht_gov_layout_upgradeable */
    bool names_fractional, names_overridable; /* those of other tallies */
    bool names_amounts;                       /* Compound's history of quorums */
};
void ht_gov_traits_of(struct ht_gov_traits *out, ht_bytes code);
/* Does the code push this selector, to compare with or to call? Data behind other pushes is not
 * looked into. */
bool ht_gov_code_has(ht_bytes code, uint32_t selector);
/* Does it contain this base of a namespace, or one of the three slots behind it? */
bool ht_gov_code_has_base(ht_bytes code, const ht_hash32 *base);
/* Namespaces that are not OpenZeppelin's: Compound's counters of ids (in both of its versions) and
 * its history of quorums. */
extern const ht_hash32 ht_gov_base_compound_sequence[2], ht_gov_base_compound_quorum;

/* The implementation that a clone's code names (EIP-1167). */
bool ht_gov_clone_target(ht_addr20 *out, ht_bytes code);

#endif
