/* Is this code one of ours? What stands in the state differs from what was compiled by the
 * constructor's immutables; with those zeroed it must be the compiled one, byte for byte, and each
 * immutable must be the same at all of its places. Pure; any thread.
 *
 * The code tells how a contract behaves from now on. It does not tell what its storage began with:
 * whoever deploys by other means can put our code over storage of his own. Rights, settings and
 * counts are therefore proven from storage like any other governor's. */
#ifndef HT_GOVERNANCE_GOVERNOR_CODE_H
#define HT_GOVERNANCE_GOVERNOR_CODE_H

#include "governance/contracts.h"

/* NULL: none of ours. part may be NULL; the three makers of communities have the same code, of
 * which HT_GOV_OURS_OF_TOKEN is told. */
const struct ht_gov_contract *ht_gov_code_ours(enum ht_gov_ours *part, ht_bytes code);

/* What the constructor put in under that name: "_token" of the governor; "_isBySeconds" of both
 * kinds of votes; "attestations", "schema", "treasury" of people; "treasury", "governor", "votes"
 * of a maker. code must be the contract's (ht_gov_code_ours). False without such a name. */
bool ht_gov_code_immutable(uint8_t out[static 32], const struct ht_gov_contract *contract,
                           ht_bytes code, const char *name) HT_MUST_USE;
/* The same of an address. False as well when it is none. */
bool ht_gov_code_address(ht_addr20 *out, const struct ht_gov_contract *contract, ht_bytes code,
                         const char *name) HT_MUST_USE;

/* Where our governor keeps what; its clock is its votes'. */
void ht_gov_code_layout(struct ht_gov_layout *out, enum ht_gov_clock clock);
/* Where the votes do, and by which clock. False when the contract is no kind of votes. */
bool ht_gov_code_token_layout(struct ht_gov_token_layout *out,
                              const struct ht_gov_contract *contract, ht_bytes code) HT_MUST_USE;

/* Slots, of the word that is 1 when it is so: whether the account has that role in a treasury of
 * ours (OpenZeppelin's AccessControl); whether it is a trusted attester. And of the uid that a
 * person is registered by, zero when not registered. */
void ht_gov_code_slot_role(ht_hash32 *out, const ht_hash32 *role, const ht_addr20 *account);
void ht_gov_code_slot_attester(ht_hash32 *out, const ht_addr20 *attester);
void ht_gov_code_slot_person(ht_hash32 *out, const ht_addr20 *person);

#endif
