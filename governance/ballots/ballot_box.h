/* The ballot box: signed ballots of proposals that are followed, from feeds, from peers, and our
 * own, until somebody relays them.
 *
 * A ballot gets in when all of this holds: its domain is the governor's own, its form one that the
 * governor takes, voting is open, the signature is the voter's (of an account, or a contract's that
 * was asked), the voter has not voted, the nonce is the next or a later one, and the voter had
 * power at the snapshot. All of it is proven; what cannot be proven now is kept as unproven or
 * looked at again. Bounds: at most HT_BALLOTS_PER_PROPOSAL, the least power goes first; one for
 * each voter, the newest; HT_BALLOTS_WAITING wait to be looked at, and more are not taken (they
 * stay in the feed and are found there when it is asked). What was once refused for good is not
 * looked at again. They are kept on disk before anybody is told. Loop thread. */
#ifndef HT_GOVERNANCE_BALLOTS_BALLOT_BOX_H
#define HT_GOVERNANCE_BALLOTS_BALLOT_BOX_H

#include "governance/ballots/ballot_domain.h"
#include "governance/reads/reads_marks.h"

#define HT_BALLOTS_PER_PROPOSAL 256U
#define HT_BALLOTS_MAX 4096U /* of all proposals */
#define HT_BALLOTS_WAITING 256U

enum ht_gov_ballot_state {
    HT_GOV_BALLOT_GOOD,
    HT_GOV_BALLOT_USED,     /* the voter has voted, or used the nonce */
    HT_GOV_BALLOT_BAD,      /* the governor would not take it */
    HT_GOV_BALLOT_UNPROVEN, /* power could not be proven */
    HT_GOV_BALLOT_WAITS,    /* another ballot of the voter's must go first */
};
const char *ht_gov_ballot_state_name(enum ht_gov_ballot_state state);

struct ht_gov_kept {
    struct ht_gov_kept *next;
    ht_hash32 id; /* keccak256(digest || signature) */
    struct ht_gov_ballot ballot;
    struct ht_arena arena; /* of its texts */
    int64_t created_at;    /* seconds, as its event says */
    enum ht_gov_ballot_state state;
    struct ht_why why; /* of a state that is not good */
    bool has_weight;
    ht_u256 weight; /* at the snapshot */
    enum ht_gov_provenance provenance;
};

enum ht_err ht_ballot_box_new(struct ht_governance *governance, sqlite3 *db,
                              struct ht_why *why) HT_MUST_USE;
void ht_ballot_box_on_head(struct ht_governance *governance); /* begins to listen, once it can */
void ht_ballot_box_quit(struct ht_governance *governance);
void ht_ballot_box_free(struct ht_governance *governance);

/* A ballot in JSON (ballot.h), from anybody. told comes once, later or from within; kept is NULL
 * with an error. HT_EINPUT, HT_ELIMIT of ht_gov_ballot_read; HT_ENOTFOUND "no_such_community",
 * "no_such_proposal"; HT_EUNVERIFIED "wrong_domain", "wrong_form", "bad_signature", "bad_support";
 * HT_EAGAIN "not_active" (not yet); HT_ESTALE "is_over", "nonce_used", "older_ballot"; HT_EDENIED
 * "has_voted", "zero_weight", "refused_before"; HT_ELIMIT "box_full". told may be NULL. */
typedef void (*ht_ballot_told)(void *user, enum ht_err err, const struct ht_why *why,
                               const struct ht_gov_kept *kept);
void ht_ballot_box_offer(struct ht_governance *governance, const json_t *ballot, int64_t created_at,
                         ht_ballot_told told, void *user);

/* The kept ones of one proposal: the first after `after` (NULL: the first of all). */
struct ht_gov_kept *ht_ballot_box_next(const struct ht_governance *governance,
                                       const ht_addr20 *governor, const ht_u256 *proposal,
                                       const struct ht_gov_kept *after);
struct ht_gov_kept *ht_ballot_box_find(const struct ht_governance *governance, const ht_hash32 *id);
/* How many of a proposal's are good now. */
size_t ht_gov_ballots_waiting(const struct ht_governance *governance, const ht_addr20 *governor,
                              const ht_u256 *proposal);

#endif
