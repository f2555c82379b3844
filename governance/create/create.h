/* Makes a community: from a person's wishes to the one transaction that creates all of it, the
 * addresses that come out, and the check that what stands there is what was wished. Pure; any
 * thread.
 *
 * The transaction creates a maker, whose constructor creates the treasury (a TimelockController
 * that nobody administers but itself), the votes and the governor, or nothing at all when any of it
 * fails. A contract's n-th creation has a known address, so everything follows from the maker's. */
#ifndef HT_GOVERNANCE_CREATE_CREATE_H
#define HT_GOVERNANCE_CREATE_CREATE_H

#include "governance/contracts.h"
#include "governance/create/create_wishes.h"

#define HT_GOV_CREATE_MAX 49152U /* bytes of a creation's data (EIP-3860) */

/* Appends the data of the creating transaction (no `to`; wei: treasury_wei). out needs room for
 * HT_GOV_CREATE_MAX bytes. HT_ELIMIT "create_too_large"; on an error nothing is appended. */
enum ht_err ht_gov_create_data(struct ht_buf *out, const struct ht_gov_wishes *wishes,
                               struct ht_why *why) HT_MUST_USE;
/* Gas that it needs at the very most; the rest is not paid for. Below EIP-7825's 2^24. */
uint64_t ht_gov_create_gas(const struct ht_gov_wishes *wishes);

/* Where a transaction or a contract puts what it creates (Yellow Paper 7). A contract's nonces
 * begin with 1. */
void ht_gov_created_address(ht_addr20 *out, const ht_addr20 *creator, uint64_t nonce);
struct ht_gov_made {
    ht_addr20 maker, treasury, votes, governor;
};
/* maker: ht_gov_created_address of the sender and its nonce, or the receipt's contract. */
void ht_gov_made_by(struct ht_gov_made *out, const struct ht_gov_wishes *wishes,
                    const ht_addr20 *maker);

/* Whether the codes that were proven at those addresses are ours and belong together. Codes of
 * votes are not looked at BY_HOLDERS. HT_EUNVERIFIED "not_our_code", "not_as_wished" (the right
 * code, of other parts, schema or clock). */
struct ht_gov_made_codes {
    ht_bytes treasury, votes, governor;
};
enum ht_err ht_gov_made_check(const struct ht_gov_made *made, const struct ht_gov_wishes *wishes,
                              const struct ht_gov_made_codes *codes,
                              struct ht_why *why) HT_MUST_USE;

#endif
