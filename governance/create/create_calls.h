/* Calldata for contracts of ours: the registry of people and the relay of ballots. All append to
 * out; on an error nothing is appended. HT_ENOMEM, HT_ELIMIT. Pure; any thread. */
#ifndef HT_GOVERNANCE_CREATE_CREATE_CALLS_H
#define HT_GOVERNANCE_CREATE_CREATE_CALLS_H

#include "governance/contracts.h"

#define HT_GOV_RELAY_MAX 64U          /* ballots in one transaction */
#define HT_GOV_RELAY_BALLOT_MAX 8192U /* bytes of one */
#define HT_GOV_RELAY_GAS_EACH                                        \
    400000U /* enough for a split vote that reaches the quorum, by a \
               voter that is a contract */

/* PeopleRegistry: makes the recipients of attestations members (one: register, which fails when it
 * cannot be; more: registerMany, which goes on). count up to 64. */
enum ht_err ht_gov_call_register(struct ht_buf *out, const ht_hash32 *uids, size_t count,
                                 struct ht_why *why) HT_MUST_USE;
/* Takes the vote of a person for whom no valid attestation vouches any more. */
enum ht_err ht_gov_call_strike(struct ht_buf *out, const ht_addr20 *person,
                               struct ht_why *why) HT_MUST_USE;

/* The relay's address, the same on every chain: CREATE2, by the deployer that stands at
 * ht_gov_deployer (0x4e59b448…956C, which is on all public chains and in anvil), with salt 0. */
extern const ht_addr20 ht_gov_deployer;
void ht_gov_relay_address(ht_addr20 *out);
/* Data of a transaction to ht_gov_deployer that puts the relay there; only when no code is there
 * yet. */
enum ht_err ht_gov_relay_deploy(struct ht_buf *out, struct ht_why *why) HT_MUST_USE;
/* relay(address,bytes[],uint256): ballots are whole calls (castVoteBySig and its like) to the
 * governor; gas_each is what one may take. HT_EINPUT "no_ballots", HT_ELIMIT "too_many_ballots",
 * "ballot_too_large". */
enum ht_err ht_gov_call_relay(struct ht_buf *out, const ht_addr20 *governor,
                              const ht_bytes *ballots, size_t count, uint64_t gas_each,
                              struct ht_why *why) HT_MUST_USE;
/* Gas of such a transaction at the very most. */
uint64_t ht_gov_relay_gas(const ht_bytes *ballots, size_t count, uint64_t gas_each);
/* Refused(address,uint256,bytes): topic of the relay's event for a ballot that was not taken. */
extern const ht_hash32 ht_gov_relay_refused;

#endif
