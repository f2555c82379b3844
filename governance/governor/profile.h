/* Profiles: which code a governor runs, and therefore where it keeps what.
 *
 * A profile is pinned to code hashes: the governor's own and, behind a proxy, its implementation's.
 * It is true as long as both are proven to be the same; ht_gov_profile_check is asked at every
 * observation, since an upgrade can change what storage means. Well-known governors of mainnet are
 * named here with what is public of them, addresses and quirks; their code hashes are not claimed
 * but pinned at first sight, and their slots are found by the prober (probe.h) like anybody's.
 * Pure; any thread. Sources: facts c1 to c3 and c6, ERC-1967, EIP-1167. */
#ifndef HT_GOVERNANCE_GOVERNOR_PROFILE_H
#define HT_GOVERNANCE_GOVERNOR_PROFILE_H

#include "governance/governor/layout_json.h"
#include "governance/governor/profile_code.h"

#define HT_GOV_NOTES_MAX 6U

enum ht_gov_proxy {
    HT_GOV_NO_PROXY,
    HT_GOV_PROXY_1967,      /* implementation in the slot of ERC-1967 */
    HT_GOV_PROXY_DELEGATOR, /* Compound's delegators: in slot 2 */
    HT_GOV_PROXY_CLONE,     /* EIP-1167: in its code, for ever */
};
enum ht_gov_quorum {
    HT_GOV_QUORUM_FRACTION, /* of the past total supply: numerator by history, or 4.x's one word */
    HT_GOV_QUORUM_AMOUNTS,  /* a history of amounts, at HT_GOV_QUORUM_HISTORY */
    HT_GOV_QUORUM_WORD,     /* HT_GOV_QUORUM_VOTES */
    HT_GOV_QUORUM_CONSTANT, /* in the code: fixed_quorum */
    HT_GOV_QUORUM_CALLED,   /* by proven eth_call only */
};

struct ht_gov_profile {
    char name[48]; /* "" when nobody named it here */
    uint64_t chain_id;
    ht_addr20 address;
    ht_hash32 code_hash;
    enum ht_gov_proxy proxy;
    ht_addr20 implementation; /* with a proxy */
    ht_hash32 implementation_hash;
    struct ht_gov_layout layout; /* kind HT_GOV_UNKNOWN: answers calls only */
    ht_addr20 token;
    struct ht_gov_token_layout token_layout; /* kind HT_GOV_TOKEN_UNKNOWN: weights by calls only */
    uint8_t token_decimals;
    bool has_timelock;
    ht_addr20 timelock;
    uint64_t start_block; /* of its code; 0: not known */
    /* quirks */
    bool is_sequential; /* ids are numbers, not hashes */
    bool is_keyed;      /* ballots' nonces may be keyed with the proposal */
    bool quorum_counts_abstain;
    enum ht_gov_quorum quorum;
    uint64_t denominator; /* of the quorum's fraction; 0: not known yet */
    ht_u256 fixed_quorum;
    enum ht_gov_ballots ballots;
    uint64_t grace_s; /* GRACE_PERIOD of a timelock of Compound's kind; 0: it did not say */
};

/* Whether the profile still holds: the proven code hash of its address and, with a proxy that can
 * be upgraded, the value of ht_gov_proxy_slot and the code hash of what it names. implementation
 * and implementation_hash may be NULL without such a proxy. HT_EUNVERIFIED "code_changed",
 * "proxy_changed". */
enum ht_err ht_gov_profile_check(const struct ht_gov_profile *profile, const ht_hash32 *code_hash,
                                 const uint8_t *implementation_word,
                                 const ht_hash32 *implementation_hash,
                                 struct ht_why *why) HT_MUST_USE;
/* The slot with the implementation. False for those that have none. */
bool ht_gov_proxy_slot(ht_hash32 *out, enum ht_gov_proxy proxy);

/* Kept as JSON, both ways. HT_EINPUT "bad_profile". A new reference, NULL without memory. */
json_t *ht_gov_profile_json(const struct ht_gov_profile *profile);
enum ht_err ht_gov_profile_read(struct ht_gov_profile *out, const json_t *from,
                                struct ht_why *why) HT_MUST_USE;

/* --- well known -------------------------------------------------------------------------------*/

/* Public knowledge, to be found again by proof before it is used. */
struct ht_gov_known {
    const char *name;
    uint64_t chain_id;
    const char *address, *token, *timelock; /* hex; timelock may be NULL */
    enum ht_gov_kind kind;
    enum ht_gov_counting counting;
    bool is_sequential, is_window_early;
    enum ht_gov_quorum quorum;
    uint64_t denominator;
    const char *fixed_quorum; /* decimal, in the token's smallest unit; NULL */
    uint64_t start_block;     /* 0: not known */
    const char *code_hash;    /* hex; NULL: probe, and pin at first sight */
    bool is_elsewhere;        /* on another chain: cannot be proven here */
    const char *notes[HT_GOV_NOTES_MAX];
};
extern const struct ht_gov_known ht_gov_known[];
extern const size_t ht_gov_known_count;
/* NULL when it is not among them. */
const struct ht_gov_known *ht_gov_known_find(uint64_t chain_id, const ht_addr20 *address);

#endif
