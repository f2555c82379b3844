/* The EIP-712 domain of a governor or a token, as the contract itself tells it. Loop thread.
 *
 * As in reads.h: each read lives in its owner's struct, zeroed but for what is asked and done, and
 * done comes once, perhaps before the function returns. */
#ifndef HT_GOVERNANCE_BALLOTS_BALLOT_DOMAIN_H
#define HT_GOVERNANCE_BALLOTS_BALLOT_DOMAIN_H

#include "governance/ballots/ballot.h"
#include "governance/reads/reads.h"

/* By proven calls: eip712Domain() (EIP-5267); else name() and version() (without one: "1", or none
 * where DOMAIN_TYPEHASH() is that of Compound's), which must hash to DOMAIN_SEPARATOR() when the
 * contract tells it. HT_EUNVERIFIED "no_domain", "domain_differs". */
struct ht_gov_domain_read {
    struct ht_governance *governance;
    ht_addr20 contract;
    void (*done)(struct ht_gov_domain_read *read);
    void *user;

    enum ht_err err;
    struct ht_why why;
    struct ht_gov_domain domain;
    /* Its own. */
    struct ht_gov_view view[5];
    struct ht_gov_views views;
};
void ht_gov_domain_start(struct ht_gov_domain_read *read);

#endif
