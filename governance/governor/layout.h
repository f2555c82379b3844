/* Where a governor and its token keep what counts: storage slots, by kind and base slots.
 *
 * A layout is what was proven to belong to a code hash (profile.h); nothing here guesses. Mapping
 * slot: keccak256(pad32(key) || pad32(base)); dynamic array data at keccak256(base). Pure.
 * Sources: OpenZeppelin Contracts 4.x and 5.x, ERC-7201, Compound's Governor Bravo. */
#ifndef HT_GOVERNANCE_GOVERNOR_LAYOUT_H
#define HT_GOVERNANCE_GOVERNOR_LAYOUT_H

#include "node/base/u256.h"

enum ht_gov_kind {
    HT_GOV_OZ5,     /* OpenZeppelin 5.x: ProposalCore in two words */
    HT_GOV_OZ4,     /* 4.x: in three words, ballots without voter and nonce */
    HT_GOV_BRAVO,   /* Compound's and its descendants: proposals by number, receipts in storage */
    HT_GOV_UNKNOWN, /* answers calls only */
};
/* Flexible is ScopeLift's for 4.x: tallies of 128 bits, two in a word; params of 48 bytes split a
 * vote whatever its support, and a log's weight is the voter's whole one. Its oldest version has
 * For before Against in params; with that one the sums differ from the tallies, and are refused.
 * Compatible is 4.x's GovernorCompatibilityBravo: for, against and abstain in the middle of the
 * proposal's details (whose mapping is HT_GOV_PROPOSAL_VOTES then), behind them Bravo's receipts.
 */
enum ht_gov_counting {
    HT_GOV_SIMPLE,
    HT_GOV_FRACTIONAL,
    HT_GOV_OVERRIDABLE,
    HT_GOV_FLEXIBLE,
    HT_GOV_COMPATIBLE
};
enum ht_gov_clock { HT_GOV_BLOCKS, HT_GOV_TIME };
enum ht_gov_timelock { HT_GOV_NO_TIMELOCK, HT_GOV_TIMELOCK_CONTROLLER, HT_GOV_TIMELOCK_COMPOUND };

/* Base slots; which of them there are is in `has`, a bit for each name. */
enum ht_gov_slot {
    HT_GOV_NONCES,
    HT_GOV_KEYED_NONCES,
    HT_GOV_PROPOSALS,
    HT_GOV_PROPOSAL_VOTES,
    HT_GOV_THRESHOLD,
    HT_GOV_SETTINGS /* votingDelay 48 | votingPeriod 32 */,
    HT_GOV_QUORUM_HISTORY,
    HT_GOV_TIMELOCK,
    HT_GOV_TIMELOCK_IDS,     /* 4.x with Compound's timelock: the mapping of etas */
    HT_GOV_PROPOSAL_IDS,     /* GovernorStorage's array of ids */
    HT_GOV_PROPOSAL_DETAILS, /* its mapping of actions */
    HT_GOV_EXTENDED_DEADLINES,
    HT_GOV_TOKEN,
    HT_GOV_SEQUENCE, /* the counter of sequential ids; in the slot behind it the mapping of hashes
                        to ids */
    HT_GOV_QUORUM_NUMERATOR, /* 4.x before 4.7: one word, no history */
    /* Bravo's words of their own */
    HT_GOV_VOTING_DELAY,
    HT_GOV_VOTING_PERIOD,
    HT_GOV_QUORUM_VOTES,
    HT_GOV_PROPOSAL_COUNT,
    HT_GOV_SLOTS
};
struct ht_gov_layout {
    enum ht_gov_kind kind;
    enum ht_gov_counting counting;
    enum ht_gov_clock clock;
    enum ht_gov_timelock timelock;
    bool is_window_early; /* 4.3: active from its start up to, not with, its end */
    bool counts_next;     /* the counter of HT_GOV_SEQUENCE is the next id, not the last one's */
    uint32_t has;         /* 1 << HT_GOV_… */
    ht_hash32 base[HT_GOV_SLOTS];
};

static inline bool ht_gov_has(const struct ht_gov_layout *layout, enum ht_gov_slot slot) {
    return (layout->has >> slot & 1) != 0;
}
void ht_gov_set_base(struct ht_gov_layout *layout, enum ht_gov_slot slot, const ht_hash32 *base);

/* The slots of contracts-upgradeable 5.x (ERC-7201), counting simple, all that there can be; which
 * of them a governor has is for its code to say. Counting of other kinds has bases of its own. */
extern const struct ht_gov_layout ht_gov_layout_upgradeable;
extern const ht_hash32 ht_gov_base_fractional, ht_gov_base_overridable;

void ht_gov_slot_map(ht_hash32 *out, const ht_hash32 *key, const ht_hash32 *base);
void ht_gov_slot_add(ht_hash32 *out, const ht_hash32 *slot, uint64_t n);
void ht_gov_slot_data(ht_hash32 *out, const ht_hash32 *base); /* keccak256(base) */

/* Words of one proposal: slots to prove, and the values that were proven, in the same order; what
 * each is knows ht_gov_words_read. At most HT_GOV_WORDS_MAX. */
#define HT_GOV_WORDS_MAX 24U
struct ht_gov_words {
    ht_hash32 slot[HT_GOV_WORDS_MAX];
    uint8_t value[HT_GOV_WORDS_MAX][32];
    size_t count;
};
void ht_gov_words_of(struct ht_gov_words *out, const struct ht_gov_layout *layout,
                     const ht_u256 *id);
/* How many words behind the slot of HT_GOV_PROPOSAL_VOTES the tallies begin. */
uint64_t ht_gov_tally_offset(enum ht_gov_counting counting);
/* A voter's mark in a proposal: hasVoted, usedVotes, or Bravo's receipt. */
void ht_gov_slot_voter(ht_hash32 *out, const struct ht_gov_layout *layout, const ht_u256 *id,
                       const ht_addr20 *voter);
/* OpenZeppelin's GovernorSequentialProposalId: where the id for a hash is kept. */
void ht_gov_slot_sequence(ht_hash32 *out, const struct ht_gov_layout *layout, const ht_u256 *hash);
/* Nonce of ballots; with is_keyed the one under the key uint192(proposal), whose word is the
 * sequence alone: the nonce to sign is key << 64 | sequence. */
void ht_gov_slot_nonce(ht_hash32 *out, const struct ht_gov_layout *layout, const ht_addr20 *voter,
                       const ht_u256 *proposal, bool is_keyed);

/* --- tokens -------------------------------------------------------------------------------------
 */

enum ht_gov_token_kind {
    HT_GOV_TOKEN_VOTES5 /* Trace208 */,
    HT_GOV_TOKEN_VOTES4 /* uint32 | uint224 */,
    HT_GOV_TOKEN_COMP,
    HT_GOV_TOKEN_UNKNOWN
};
struct ht_gov_token_layout {
    enum ht_gov_token_kind kind;
    enum ht_gov_clock clock;
    bool has_balances, has_nonces, has_delegatee; /* the other two always are, but UNKNOWN's */
    ht_hash32 balances, nonces, delegatee, checkpoints,
        total; /* COMP: total is the counts of checkpoints */
};
extern const struct ht_gov_token_layout ht_gov_token_layout_upgradeable;

#endif
