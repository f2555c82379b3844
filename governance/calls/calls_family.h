/* Which standards a contract keeps to, and which a function belongs to. A contract is of a family
 * when its code pushes all the selectors that make it one. Pure; any thread. */
#ifndef HT_GOVERNANCE_CALLS_CALLS_FAMILY_H
#define HT_GOVERNANCE_CALLS_CALLS_FAMILY_H

#include "governance/calls/calls.h"

#define HT_GOV_FAMILY_ERC20 0x1U
#define HT_GOV_FAMILY_ERC721 0x2U
#define HT_GOV_FAMILY_ERC1155 0x4U
#define HT_GOV_FAMILY_WETH 0x8U
#define HT_GOV_FAMILY_VOTES 0x10U
#define HT_GOV_FAMILY_OWNABLE 0x20U
#define HT_GOV_FAMILY_ROLES 0x40U
#define HT_GOV_FAMILY_UPGRADES 0x80U     /* UUPS: upgradeToAndCall, proxiableUUID */
#define HT_GOV_FAMILY_PROXY_ADMIN 0x100U /* upgradeAndCall, owner */
#define HT_GOV_FAMILY_GOVERNOR 0x200U    /* OpenZeppelin's */
#define HT_GOV_FAMILY_BRAVO 0x400U
#define HT_GOV_FAMILY_TIMELOCK 0x800U /* OpenZeppelin's controller */
#define HT_GOV_FAMILY_COMPOUND_TIMELOCK 0x1000U
#define HT_GOV_FAMILY_SAFE 0x2000U
#define HT_GOV_FAMILY_MULTISEND 0x4000U
#define HT_GOV_FAMILY_MULTICALL 0x8000U
#define HT_GOV_FAMILY_ENS 0x10000U
#define HT_GOV_FAMILY_RESOLVER 0x20000U
#define HT_GOV_FAMILY_EAS 0x40000U

/* Of a contract's code; behind a proxy that of its implementation. */
uint32_t ht_gov_families_of_code(ht_bytes code);
/* Of a function, by its selector; 0: of none. */
uint32_t ht_gov_families_of_selector(uint32_t selector);

/* What is known of an address: the community's own contracts, the caller's places, well-known
 * contracts of the chain, together. */
void ht_gov_place_find(struct ht_gov_place *out, const struct ht_gov_calls_context *context,
                       const ht_addr20 *address);
/* "USDC 0xA0b8…", "the timelock 0x…", or the address alone. */
#define HT_GOV_PLACE_TEXT_SIZE 100U
void ht_gov_place_text(char out[static HT_GOV_PLACE_TEXT_SIZE],
                       const struct ht_gov_calls_context *context, const ht_addr20 *address);
/* "96000 USDC", or "96000 base units" when the token is not known; of text from outside only what
 * is fit for a line. */
#define HT_GOV_AMOUNT_TEXT_SIZE 400U
void ht_gov_token_amount(char out[static HT_GOV_AMOUNT_TEXT_SIZE],
                         const struct ht_gov_calls_context *context, const ht_addr20 *token,
                         const ht_u256 *amount);

/* Well-known contracts, by public knowledge: only their name and standard come from here. */
struct ht_gov_well_known {
    uint64_t chain_id; /* 0: the same on all chains */
    const char *address, *name, *symbol;
    unsigned decimals;
    uint32_t families;
};
extern const struct ht_gov_well_known ht_gov_well_known[];
extern const size_t ht_gov_well_known_count;

#endif
