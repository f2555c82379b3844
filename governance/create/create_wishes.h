/* What a person wishes of a community, read and made sense of before any money is spent. Pure; any
 * thread. */
#ifndef HT_GOVERNANCE_CREATE_CREATE_WISHES_H
#define HT_GOVERNANCE_CREATE_CREATE_WISHES_H

#include <jansson.h>

#include "governance/governor/layout.h"

#define HT_GOV_CREATE_LIST_MAX 40U       /* holders, attesters or attestations at the beginning */
#define HT_GOV_CREATE_NAME_MAX 31U       /* bytes; what EIP-712 of OpenZeppelin 5.7 takes */
#define HT_GOV_CREATE_SYMBOL_MAX 16U     /* bytes */
#define HT_GOV_CREATE_SPAN_MAX 31536000U /* of delays and periods: a year of seconds */

enum ht_gov_electorate {
    HT_GOV_BY_TOKEN,   /* a new token */
    HT_GOV_BY_PEOPLE,  /* one person, one vote, by attestations */
    HT_GOV_BY_HOLDERS, /* of a token that is there */
};
struct ht_gov_holder {
    bool is_treasury; /* then without an address; what the treasury holds does not vote */
    ht_addr20 address;
    ht_u256 amount; /* in the token's smallest unit, 18 decimals */
};
struct ht_gov_wishes {
    enum ht_gov_electorate by;
    char name[HT_GOV_CREATE_NAME_MAX + 1];
    enum ht_gov_clock clock; /* BY_HOLDERS: the token's own decides, this one is not used */
    uint64_t voting_delay, voting_period, late_extension; /* in the clock's units */
    ht_u256 threshold;                                    /* votes needed to propose */
    unsigned quorum_percent; /* of all votes that there are: 1 to 100 */
    uint64_t timelock_delay_s;
    ht_u256 treasury_wei; /* sent along */
    /* BY_TOKEN; the symbol also BY_PEOPLE */
    char token_name[HT_GOV_CREATE_NAME_MAX + 1], symbol[HT_GOV_CREATE_SYMBOL_MAX + 1];
    struct ht_gov_holder holders[HT_GOV_CREATE_LIST_MAX];
    size_t holder_count;
    /* BY_HOLDERS */
    ht_addr20 existing;
    /* BY_PEOPLE */
    ht_addr20 eas;
    ht_hash32 schema;
    ht_addr20 attesters[HT_GOV_CREATE_LIST_MAX];
    size_t attester_count;
    ht_hash32 uids[HT_GOV_CREATE_LIST_MAX]; /* attestations whose recipients are members at once */
    size_t uid_count;
};

/* dao.create's parameters: {"name", "kind": "token" | "people", "clock"?: "blocks" (default) |
 * "time", "voting_delay", "voting_period" (of the clock's units, at least 1), "late_extension"? (a
 * quarter of the period), "quorum_percent", "threshold" (decimal text or integer),
 * "timelock_delay_s", "treasury_wei"?, and
 *   of a new token    "token": {"name", "symbol", "holders": [{"address" | "treasury": true,
 *                     "amount"}]}; the first holders are their own delegates
 *   of one there is   "existing": address
 *   of people         "schema", "attesters": [address], "symbol"? ("VOTE"), "attestations"?: [uid]}
 * eas: the network's, NULL when it is not known there.
 *
 * HT_EINPUT with a code for what is wrong: "wish_name", "wish_kind", "wish_clock", "wish_span"
 * (delay, period, extension or timelock out of bounds), "wish_quorum" (also: never reached, since
 * the treasury holds too much), "wish_threshold" (also: more than all votes there are, so that
 * nobody could ever propose), "wish_wei", "wish_token", "wish_holders", "wish_people",
 * "address_checksum", and those of json.h. HT_ENOTFOUND "no_eas". */
enum ht_err ht_gov_wishes_read(struct ht_gov_wishes *out, const json_t *params,
                               const ht_addr20 *eas, struct ht_why *why) HT_MUST_USE;

#endif
