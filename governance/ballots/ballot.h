/* Signed ballots: the EIP-712 forms of OpenZeppelin 5.x, 4.x and Bravo, and what makes one good
 * now. Pure but for what is asked of whoever proves; any thread. Sources: OpenZeppelin Governor and
 * Votes, GovernorBravoDelegate, EIP-712, EIP-1271; facts c1, c3. */
#ifndef HT_GOVERNANCE_BALLOTS_BALLOT_H
#define HT_GOVERNANCE_BALLOTS_BALLOT_H

#include "governance/governor/votes.h"

#define HT_GOV_BALLOT_REASON_MAX                                     \
    4096U /* bytes; with all else it fits into one call of the relay \
           */
#define HT_GOV_BALLOT_PARAMS_MAX 256U
#define HT_GOV_BALLOT_JSON_MAX ((size_t)32 << 10) /* bytes of one as it travels */
#define HT_GOV_SPLIT_SIZE 48U /* params of a split vote: three uint128: against, for, abstain */
#define HT_GOV_SUPPORT_SPLIT 255U

enum ht_gov_ballot_form {
    HT_GOV_BALLOT5,          /* Ballot(proposalId, support, voter, nonce) */
    HT_GOV_BALLOT5_EXTENDED, /* …, reason, params */
    HT_GOV_BALLOT4,          /* Ballot(proposalId, support): cannot be revoked */
    HT_GOV_BALLOT4_EXTENDED,
    HT_GOV_BALLOT_BRAVO,        /* as 4, domain without version */
    HT_GOV_BALLOT_BRAVO_REASON, /* Ballot(proposalId, support, string reason) */
    HT_GOV_DELEGATION,          /* of the token: delegatee, nonce, expiry */
};
struct ht_gov_domain {
    char name[128];
    char version[16];
    bool has_version;
    uint64_t chain_id;
    ht_addr20 contract;
};
struct ht_gov_ballot {
    enum ht_gov_ballot_form form;
    struct ht_gov_domain domain;
    ht_u256 proposal;
    uint8_t support;
    /* Of forms 4 and Bravo, and of a delegation: who it is said to be of; the contract takes whom
     * it recovers from the signature. */
    ht_addr20 voter;
    ht_u256 nonce, expiry;
    ht_addr20 delegatee;
    ht_bytes reason, params;
    uint8_t signature[1024];
    size_t signature_n; /* 65, or a contract's */
};

/* Does the form bind a nonce of the voter's, so that it can be made void by using that up? */
bool ht_gov_ballot_has_nonce(enum ht_gov_ballot_form form);
/* Does it take reason and params; does it take signatures of contracts (ERC-1271)? */
bool ht_gov_ballot_has_reason(enum ht_gov_ballot_form form);
bool ht_gov_ballot_has_params(enum ht_gov_ballot_form form);
bool ht_gov_ballot_may_be_contracts(enum ht_gov_ballot_form form);

/* The hash of the domain alone: what DOMAIN_SEPARATOR() answers. */
void ht_gov_domain_separator(ht_hash32 *out, const struct ht_gov_domain *domain);
bool ht_gov_domain_equal(const struct ht_gov_domain *a, const struct ht_gov_domain *b);
/* The digest that is signed. HT_ENOMEM. */
enum ht_err ht_gov_ballot_digest(ht_hash32 *out, const struct ht_gov_ballot *ballot) HT_MUST_USE;
/* The EIP-712 document for the wallet; a new reference, NULL without memory. */
json_t *ht_gov_ballot_typed(const struct ht_gov_ballot *ballot);
/* By an account without code: HT_EUNVERIFIED "bad_signature" (another signer, high s, wrong length,
 * v that is neither 27 nor 28), "bad_support" (no choice that contracts know; a split without its
 * 48 bytes). A Bravo contract would take a high s as well: here nobody does, since the same ballot
 * could then go around twice. */
enum ht_err ht_gov_ballot_check(const struct ht_gov_ballot *ballot, struct ht_why *why) HT_MUST_USE;
/* The half of it that looks at the choice. */
enum ht_err ht_gov_ballot_check_support(const struct ht_gov_ballot *ballot,
                                        struct ht_why *why) HT_MUST_USE;
/* The call that casts it; appended. HT_ENOMEM, HT_EINPUT (a form that needs 65 bytes of signature
 * has others). */
enum ht_err ht_gov_ballot_calldata(struct ht_buf *out,
                                   const struct ht_gov_ballot *ballot) HT_MUST_USE;

/* Params of a split vote. HT_EINPUT "bad_split": a part is over 128 bits. */
enum ht_err ht_gov_split_params(uint8_t out[static HT_GOV_SPLIT_SIZE], const ht_u256 parts[3],
                                struct ht_why *why) HT_MUST_USE;

#endif
