/* Standards by their selectors, well-known contracts, and the names of addresses.
 *
 * That code pushes the selectors of a standard says that it has such functions, not that they do
 * what the standard asks: enough to name a function, never to trust it. */
#include "governance/calls/calls_family.h"

#include <stdio.h>
#include <strings.h>

#include "governance/text.h"
#include "node/base/hex.h"
#include "node/codec/address.h"
#include "node/codec/amount.h"

struct member {
    uint32_t selector, family;
    bool is_required; /* all of these make the family */
};

static const struct member MEMBERS[] = {
    {0x18160dddU, HT_GOV_FAMILY_ERC20, true},              /* totalSupply */
    {0x70a08231U, HT_GOV_FAMILY_ERC20, true},              /* balanceOf */
    {0xa9059cbbU, HT_GOV_FAMILY_ERC20, true},              /* transfer */
    {0x23b872ddU, HT_GOV_FAMILY_ERC20, true},              /* transferFrom */
    {0x095ea7b3U, HT_GOV_FAMILY_ERC20, true},              /* approve */
    {0xdd62ed3eU, HT_GOV_FAMILY_ERC20, true},              /* allowance */
    {0x39509351U, HT_GOV_FAMILY_ERC20, false},             /* increaseAllowance */
    {0xa457c2d7U, HT_GOV_FAMILY_ERC20, false},             /* decreaseAllowance */
    {0xd505accfU, HT_GOV_FAMILY_ERC20, false},             /* permit */
    {0x40c10f19U, HT_GOV_FAMILY_ERC20, false},             /* mint */
    {0x42966c68U, HT_GOV_FAMILY_ERC20, false},             /* burn */
    {0x79cc6790U, HT_GOV_FAMILY_ERC20, false},             /* burnFrom */
    {0x06fdde03U, HT_GOV_FAMILY_ERC20, false},             /* name */
    {0x95d89b41U, HT_GOV_FAMILY_ERC20, false},             /* symbol */
    {0x313ce567U, HT_GOV_FAMILY_ERC20, false},             /* decimals */
    {0x70a08231U, HT_GOV_FAMILY_ERC721, true},             /* balanceOf */
    {0x6352211eU, HT_GOV_FAMILY_ERC721, true},             /* ownerOf */
    {0xb88d4fdeU, HT_GOV_FAMILY_ERC721, true},             /* safeTransferFrom */
    {0xa22cb465U, HT_GOV_FAMILY_ERC721, true},             /* setApprovalForAll */
    {0xe985e9c5U, HT_GOV_FAMILY_ERC721, true},             /* isApprovedForAll */
    {0x095ea7b3U, HT_GOV_FAMILY_ERC721, false},            /* approve */
    {0x23b872ddU, HT_GOV_FAMILY_ERC721, false},            /* transferFrom */
    {0x42842e0eU, HT_GOV_FAMILY_ERC721, false},            /* safeTransferFrom */
    {0x4e1273f4U, HT_GOV_FAMILY_ERC1155, true},            /* balanceOfBatch */
    {0xf242432aU, HT_GOV_FAMILY_ERC1155, true},            /* safeTransferFrom */
    {0x2eb2c2d6U, HT_GOV_FAMILY_ERC1155, true},            /* safeBatchTransferFrom */
    {0xa22cb465U, HT_GOV_FAMILY_ERC1155, true},            /* setApprovalForAll */
    {0xd0e30db0U, HT_GOV_FAMILY_WETH, true},               /* deposit */
    {0x2e1a7d4dU, HT_GOV_FAMILY_WETH, true},               /* withdraw */
    {0xa9059cbbU, HT_GOV_FAMILY_WETH, true},               /* transfer */
    {0x095ea7b3U, HT_GOV_FAMILY_WETH, true},               /* approve */
    {0x23b872ddU, HT_GOV_FAMILY_WETH, false},              /* transferFrom */
    {0x587cde1eU, HT_GOV_FAMILY_VOTES, true},              /* delegates */
    {0x5c19a95cU, HT_GOV_FAMILY_VOTES, true},              /* delegate */
    {0xc3cda520U, HT_GOV_FAMILY_VOTES, false},             /* delegateBySig */
    {0x8da5cb5bU, HT_GOV_FAMILY_OWNABLE, true},            /* owner */
    {0xf2fde38bU, HT_GOV_FAMILY_OWNABLE, true},            /* transferOwnership */
    {0x715018a6U, HT_GOV_FAMILY_OWNABLE, false},           /* renounceOwnership */
    {0x79ba5097U, HT_GOV_FAMILY_OWNABLE, false},           /* acceptOwnership */
    {0x91d14854U, HT_GOV_FAMILY_ROLES, true},              /* hasRole */
    {0x248a9ca3U, HT_GOV_FAMILY_ROLES, true},              /* getRoleAdmin */
    {0x2f2ff15dU, HT_GOV_FAMILY_ROLES, true},              /* grantRole */
    {0xd547741fU, HT_GOV_FAMILY_ROLES, true},              /* revokeRole */
    {0x36568abeU, HT_GOV_FAMILY_ROLES, true},              /* renounceRole */
    {0x634e93daU, HT_GOV_FAMILY_ROLES, false},             /* beginDefaultAdminTransfer */
    {0xcefc1429U, HT_GOV_FAMILY_ROLES, false},             /* acceptDefaultAdminTransfer */
    {0xd602b9fdU, HT_GOV_FAMILY_ROLES, false},             /* cancelDefaultAdminTransfer */
    {0x649a5ec7U, HT_GOV_FAMILY_ROLES, false},             /* changeDefaultAdminDelay */
    {0x4f1ef286U, HT_GOV_FAMILY_UPGRADES, true},           /* upgradeToAndCall */
    {0x52d1902dU, HT_GOV_FAMILY_UPGRADES, true},           /* proxiableUUID */
    {0x3659cfe6U, HT_GOV_FAMILY_UPGRADES, false},          /* upgradeTo */
    {0x9623609dU, HT_GOV_FAMILY_PROXY_ADMIN, true},        /* upgradeAndCall */
    {0x8da5cb5bU, HT_GOV_FAMILY_PROXY_ADMIN, true},        /* owner */
    {0x99a88ec4U, HT_GOV_FAMILY_PROXY_ADMIN, false},       /* upgrade */
    {0x7eff275eU, HT_GOV_FAMILY_PROXY_ADMIN, false},       /* changeProxyAdmin */
    {0x7d5e81e2U, HT_GOV_FAMILY_GOVERNOR, true},           /* propose */
    {0x2656227dU, HT_GOV_FAMILY_GOVERNOR, true},           /* execute */
    {0xc59057e4U, HT_GOV_FAMILY_GOVERNOR, true},           /* hashProposal */
    {0x3e4f49e6U, HT_GOV_FAMILY_GOVERNOR, true},           /* state */
    {0x56781388U, HT_GOV_FAMILY_GOVERNOR, true},           /* castVote */
    {0x160cbed7U, HT_GOV_FAMILY_GOVERNOR, false},          /* queue */
    {0x452115d6U, HT_GOV_FAMILY_GOVERNOR, false},          /* cancel */
    {0xc28bc2faU, HT_GOV_FAMILY_GOVERNOR, false},          /* relay */
    {0x79051887U, HT_GOV_FAMILY_GOVERNOR, false},          /* setVotingDelay */
    {0xe540d01dU, HT_GOV_FAMILY_GOVERNOR, false},          /* setVotingPeriod */
    {0x70b0f660U, HT_GOV_FAMILY_GOVERNOR, false},          /* setVotingDelay */
    {0xea0217cfU, HT_GOV_FAMILY_GOVERNOR, false},          /* setVotingPeriod */
    {0xece40cc1U, HT_GOV_FAMILY_GOVERNOR, false},          /* setProposalThreshold */
    {0x06f3f9e6U, HT_GOV_FAMILY_GOVERNOR, false},          /* updateQuorumNumerator */
    {0xa890c910U, HT_GOV_FAMILY_GOVERNOR, false},          /* updateTimelock */
    {0x330df7ffU, HT_GOV_FAMILY_GOVERNOR, false},          /* setLateQuorumVoteExtension */
    {0xd07f91e9U, HT_GOV_FAMILY_GOVERNOR, false},          /* setLateQuorumVoteExtension */
    {0x7b3c71d3U, HT_GOV_FAMILY_GOVERNOR, false},          /* castVoteWithReason */
    {0x5f398a14U, HT_GOV_FAMILY_GOVERNOR, false},          /* castVoteWithReasonAndParams */
    {0x8ff262e3U, HT_GOV_FAMILY_GOVERNOR, false},          /* castVoteBySig */
    {0xddf0b009U, HT_GOV_FAMILY_GOVERNOR, false},          /* queue */
    {0xfe0d94c1U, HT_GOV_FAMILY_GOVERNOR, false},          /* execute */
    {0x40e58ee5U, HT_GOV_FAMILY_GOVERNOR, false},          /* cancel */
    {0xa660aca5U, HT_GOV_FAMILY_GOVERNOR, false},          /* setProposalGuardian */
    {0xc5cd8f33U, HT_GOV_FAMILY_GOVERNOR, false},          /* updateSuperQuorumNumerator */
    {0xda95691aU, HT_GOV_FAMILY_BRAVO, true},              /* propose */
    {0x328dd982U, HT_GOV_FAMILY_BRAVO, true},              /* getActions */
    {0x3e4f49e6U, HT_GOV_FAMILY_BRAVO, true},              /* state */
    {0x56781388U, HT_GOV_FAMILY_BRAVO, true},              /* castVote */
    {0xddf0b009U, HT_GOV_FAMILY_BRAVO, false},             /* queue */
    {0xfe0d94c1U, HT_GOV_FAMILY_BRAVO, false},             /* execute */
    {0x40e58ee5U, HT_GOV_FAMILY_BRAVO, false},             /* cancel */
    {0x1dfb1b5aU, HT_GOV_FAMILY_BRAVO, false},             /* _setVotingDelay */
    {0x0ea2d98cU, HT_GOV_FAMILY_BRAVO, false},             /* _setVotingPeriod */
    {0x17ba1b8bU, HT_GOV_FAMILY_BRAVO, false},             /* _setProposalThreshold */
    {0xb71d1a0cU, HT_GOV_FAMILY_BRAVO, false},             /* _setPendingAdmin */
    {0xe9c714f2U, HT_GOV_FAMILY_BRAVO, false},             /* _acceptAdmin */
    {0x4d6733d2U, HT_GOV_FAMILY_BRAVO, false},             /* _setWhitelistAccountExpiration */
    {0x99533365U, HT_GOV_FAMILY_BRAVO, false},             /* _setWhitelistGuardian */
    {0xf9d28b80U, HT_GOV_FAMILY_BRAVO, false},             /* _initiate */
    {0xbb913f41U, HT_GOV_FAMILY_BRAVO, false},             /* _setImplementation */
    {0x7b3c71d3U, HT_GOV_FAMILY_BRAVO, false},             /* castVoteWithReason */
    {0x1d28dec7U, HT_GOV_FAMILY_BRAVO, false},             /* veto */
    {0xd3f662e1U, HT_GOV_FAMILY_BRAVO, false},             /* _setPendingVetoer */
    {0xbf7a2963U, HT_GOV_FAMILY_BRAVO, false},             /* _burnVetoPower */
    {0x01d5062aU, HT_GOV_FAMILY_TIMELOCK, true},           /* schedule */
    {0x8f2a0bb0U, HT_GOV_FAMILY_TIMELOCK, true},           /* scheduleBatch */
    {0x134008d3U, HT_GOV_FAMILY_TIMELOCK, true},           /* execute */
    {0xf27a0c92U, HT_GOV_FAMILY_TIMELOCK, true},           /* getMinDelay */
    {0xc4d252f5U, HT_GOV_FAMILY_TIMELOCK, true},           /* cancel */
    {0x64d62353U, HT_GOV_FAMILY_TIMELOCK, true},           /* updateDelay */
    {0xe38335e5U, HT_GOV_FAMILY_TIMELOCK, false},          /* executeBatch */
    {0x3a66f901U, HT_GOV_FAMILY_COMPOUND_TIMELOCK, true},  /* queueTransaction */
    {0x0825f38fU, HT_GOV_FAMILY_COMPOUND_TIMELOCK, true},  /* executeTransaction */
    {0x591fcdfeU, HT_GOV_FAMILY_COMPOUND_TIMELOCK, true},  /* cancelTransaction */
    {0xe177246eU, HT_GOV_FAMILY_COMPOUND_TIMELOCK, true},  /* setDelay */
    {0x4dd18bf5U, HT_GOV_FAMILY_COMPOUND_TIMELOCK, false}, /* setPendingAdmin */
    {0x0e18b681U, HT_GOV_FAMILY_COMPOUND_TIMELOCK, false}, /* acceptAdmin */
    {0x6a761202U, HT_GOV_FAMILY_SAFE, true},               /* execTransaction */
    {0xa0e67e2bU, HT_GOV_FAMILY_SAFE, true},               /* getOwners */
    {0xe75235b8U, HT_GOV_FAMILY_SAFE, true},               /* getThreshold */
    {0x0d582f13U, HT_GOV_FAMILY_SAFE, true},               /* addOwnerWithThreshold */
    {0xe318b52bU, HT_GOV_FAMILY_SAFE, true},               /* swapOwner */
    {0xf8dc5dd9U, HT_GOV_FAMILY_SAFE, false},              /* removeOwner */
    {0x694e80c3U, HT_GOV_FAMILY_SAFE, false},              /* changeThreshold */
    {0x610b5925U, HT_GOV_FAMILY_SAFE, false},              /* enableModule */
    {0xe009cfdeU, HT_GOV_FAMILY_SAFE, false},              /* disableModule */
    {0xe19a9dd9U, HT_GOV_FAMILY_SAFE, false},              /* setGuard */
    {0xe068df37U, HT_GOV_FAMILY_SAFE, false},              /* setModuleGuard */
    {0xf08a0323U, HT_GOV_FAMILY_SAFE, false},              /* setFallbackHandler */
    {0xd4d9bdcdU, HT_GOV_FAMILY_SAFE, false},              /* approveHash */
    {0x468721a7U, HT_GOV_FAMILY_SAFE, false},              /* execTransactionFromModule */
    {0x5229073fU, HT_GOV_FAMILY_SAFE, false},              /* execTransactionFromModuleReturnData */
    {0xb63e800dU, HT_GOV_FAMILY_SAFE, false},              /* setup */
    {0x8d80ff0aU, HT_GOV_FAMILY_MULTISEND, true},          /* multiSend */
    {0x82ad56cbU, HT_GOV_FAMILY_MULTICALL, true},          /* aggregate3 */
    {0x174dea71U, HT_GOV_FAMILY_MULTICALL, true},          /* aggregate3Value */
    {0xbce38bd7U, HT_GOV_FAMILY_MULTICALL, true},          /* tryAggregate */
    {0x252dba42U, HT_GOV_FAMILY_MULTICALL, false},         /* aggregate */
    {0xc3077fa9U, HT_GOV_FAMILY_MULTICALL, false},         /* blockAndAggregate */
    {0x399542e9U, HT_GOV_FAMILY_MULTICALL, false},         /* tryBlockAndAggregate */
    {0x06ab5923U, HT_GOV_FAMILY_ENS, true},                /* setSubnodeOwner */
    {0x5b0fc9c3U, HT_GOV_FAMILY_ENS, true},                /* setOwner */
    {0x1896f70aU, HT_GOV_FAMILY_ENS, true},                /* setResolver */
    {0xcf408823U, HT_GOV_FAMILY_ENS, false},               /* setRecord */
    {0x5ef2c7f0U, HT_GOV_FAMILY_ENS, false},               /* setSubnodeRecord */
    {0x14ab9038U, HT_GOV_FAMILY_ENS, false},               /* setTTL */
    {0xa22cb465U, HT_GOV_FAMILY_ENS, false},               /* setApprovalForAll */
    {0xd5fa2b00U, HT_GOV_FAMILY_RESOLVER, true},           /* setAddr */
    {0x10f13a8cU, HT_GOV_FAMILY_RESOLVER, true},           /* setText */
    {0x304e6adeU, HT_GOV_FAMILY_RESOLVER, true},           /* setContenthash */
    {0x8b95dd71U, HT_GOV_FAMILY_RESOLVER, false},          /* setAddr */
    {0xac9650d8U, HT_GOV_FAMILY_RESOLVER, false},          /* multicall */
    {0xf17325e7U, HT_GOV_FAMILY_EAS, true},                /* attest */
    {0x46926267U, HT_GOV_FAMILY_EAS, true},                /* revoke */
    {0x4d003070U, HT_GOV_FAMILY_EAS, true},                /* timestamp */
    {0x44adc90eU, HT_GOV_FAMILY_EAS, false},               /* multiAttest */
    {0x4cb7e9e5U, HT_GOV_FAMILY_EAS, false},               /* multiRevoke */
    {0xcf190f34U, HT_GOV_FAMILY_EAS, false},               /* revokeOffchain */
    {0x13893f61U, HT_GOV_FAMILY_EAS, false},               /* multiRevokeOffchain */
};

#define MEMBER_COUNT (sizeof MEMBERS / sizeof *MEMBERS)

uint32_t ht_gov_families_of_selector(uint32_t selector) {
    uint32_t families = 0;
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (MEMBERS[i].selector == selector) families |= MEMBERS[i].family;
    }
    return families;
}

/* One pass over the code; what stands behind other pushes is data and is stepped over. */
static void mark_pushed(bool seen[static MEMBER_COUNT], ht_bytes code) {
    const uint8_t push1 = 0x60, push4 = 0x63, push32 = 0x7f;
    for (size_t i = 0; i < code.n; i++) {
        uint8_t op = code.p[i];
        if (op < push1 || op > push32) continue;
        if (op == push4 && code.n - i > 4) {
            const uint8_t *p = code.p + i + 1;
            uint32_t selector =
                (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
            for (size_t m = 0; m < MEMBER_COUNT; m++) {
                seen[m] = seen[m] || MEMBERS[m].selector == selector;
            }
        }
        i += (size_t)(op - push1) + 1;
    }
}

uint32_t ht_gov_families_of_code(ht_bytes code) {
    bool seen[MEMBER_COUNT] = {false};
    uint32_t has = 0, lacks = 0;
    mark_pushed(seen, code);
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (!MEMBERS[i].is_required) continue;
        if (seen[i])
            has |= MEMBERS[i].family;
        else
            lacks |= MEMBERS[i].family;
    }
    return has & ~lacks;
}

/* --- addresses --------------------------------------------------------------------------------*/

#define TOKEN (HT_GOV_FAMILY_ERC20)

const struct ht_gov_well_known ht_gov_well_known[] = {
    {0, "0xcA11bde05977b3631167028862bE2a173976CA11", "Multicall3", NULL, 0,
     HT_GOV_FAMILY_MULTICALL},
    {0, "0xA238CBeb142c10Ef7Ad8442C6D1f9E89e07e7761", "Safe MultiSend", NULL, 0,
     HT_GOV_FAMILY_MULTISEND},
    {0, "0x40A2aCCbd92BCA938b02010E17A5b8929b49130D", "Safe MultiSend (calls only)", NULL, 0,
     HT_GOV_FAMILY_MULTISEND},
    {0, "0x38869bf66a61cF6bDB996A6aE40D5853Fd43B526", "Safe MultiSend", NULL, 0,
     HT_GOV_FAMILY_MULTISEND},
    {1, "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "WETH", "WETH", 18,
     TOKEN | HT_GOV_FAMILY_WETH},
    {1, "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", "USDC", "USDC", 6, TOKEN},
    {1, "0xdAC17F958D2ee523a2206206994597C13D831ec7", "USDT", "USDT", 6, TOKEN},
    {1, "0x6B175474E89094C44Da98b954EedeAC495271d0F", "DAI", "DAI", 18, TOKEN},
    {1, "0xae7ab96520DE3A18E5e111B5EaAb095312D7fE84", "stETH", "stETH", 18, TOKEN},
    {1, "0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0", "wstETH", "wstETH", 18, TOKEN},
    {1, "0xc00e94Cb662C3520282E6f5717214004A7f26888", "COMP", "COMP", 18,
     TOKEN | HT_GOV_FAMILY_VOTES},
    {1, "0x1f9840a85d5aF5bf1D1762F925BDADdC4201F984", "UNI", "UNI", 18,
     TOKEN | HT_GOV_FAMILY_VOTES},
    {1, "0xC18360217D8F7Ab5e7c516566761Ea12Ce7F9D72", "ENS", "ENS", 18,
     TOKEN | HT_GOV_FAMILY_VOTES},
    {1, "0xDe30da39c46104798bB5aA3fe8B9e0e1F348163F", "GTC", "GTC", 18,
     TOKEN | HT_GOV_FAMILY_VOTES},
    {1, "0x00000000000C2E074eC69A0dFb2997BA6C7d2e1e", "the ENS registry", NULL, 0,
     HT_GOV_FAMILY_ENS},
    {1, "0xA1207F3BBa224E2c9c3c6D5aF63D0eb1582Ce587", "EAS", NULL, 0, HT_GOV_FAMILY_EAS},
};
const size_t ht_gov_well_known_count = sizeof ht_gov_well_known / sizeof *ht_gov_well_known;

static bool is_same(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static void add_own(struct ht_gov_place *out, const struct ht_gov_calls_context *context) {
    if (is_same(&out->address, &context->governor)) {
        out->name = "the governor";
        out->families |= HT_GOV_FAMILY_GOVERNOR | HT_GOV_FAMILY_BRAVO;
    } else if (context->has_timelock && is_same(&out->address, &context->timelock)) {
        out->name = "the timelock";
        out->families |= HT_GOV_FAMILY_TIMELOCK | HT_GOV_FAMILY_COMPOUND_TIMELOCK;
    } else if (context->has_token && is_same(&out->address, &context->token)) {
        out->name = context->token_symbol != NULL ? context->token_symbol : "the votes' token";
        out->symbol = context->token_symbol;
        out->decimals = context->token_decimals;
        out->families |= HT_GOV_FAMILY_VOTES;
    }
}

static void add_well_known(struct ht_gov_place *out, uint64_t chain_id) {
    char text[HT_HEX_SIZE(sizeof out->address.b)];
    ht_hex_write(text, HT_BYTES(out->address.b));
    for (size_t i = 0; i < ht_gov_well_known_count; i++) {
        const struct ht_gov_well_known *one = &ht_gov_well_known[i];
        bool is_here = one->chain_id == 0 || one->chain_id == chain_id;
        if (!is_here || strcasecmp(one->address, text) != 0) continue;
        out->families |= one->families;
        if (out->name == NULL) out->name = one->name;
        if (out->symbol != NULL || one->symbol == NULL) continue;
        out->symbol = one->symbol;
        out->decimals = one->decimals;
    }
}

void ht_gov_place_find(struct ht_gov_place *out, const struct ht_gov_calls_context *context,
                       const ht_addr20 *address) {
    *out = (struct ht_gov_place){.address = *address};
    add_own(out, context);
    for (size_t i = 0; i < context->place_count; i++) {
        const struct ht_gov_place *place = &context->places[i];
        if (!is_same(&place->address, address)) continue;
        out->is_looked_at = out->is_looked_at || place->is_looked_at;
        out->has_code = out->has_code || place->has_code;
        out->families |= place->families;
        if (out->name == NULL) out->name = place->name;
        if (out->symbol != NULL || place->symbol == NULL) continue;
        out->symbol = place->symbol;
        out->decimals = place->decimals;
    }
    add_well_known(out, context->chain_id);
}

void ht_gov_place_text(char out[static HT_GOV_PLACE_TEXT_SIZE],
                       const struct ht_gov_calls_context *context, const ht_addr20 *address) {
    char hex[HT_ADDRESS_TEXT_SIZE], name[HT_GOV_PLACE_NAME_MAX + 1];
    struct ht_gov_place place;
    ht_gov_place_find(&place, context, address);
    ht_address_checksum(hex, address);
    if (place.name == NULL) {
        (void)snprintf(out, HT_GOV_PLACE_TEXT_SIZE, "%s", hex);
        return;
    }
    (void)ht_gov_text_line(name, HT_GOV_PLACE_NAME_MAX, ht_bytes_str(place.name));
    (void)snprintf(out, HT_GOV_PLACE_TEXT_SIZE, "%s %s", name, hex);
}

void ht_gov_token_amount(char out[static HT_GOV_AMOUNT_TEXT_SIZE],
                         const struct ht_gov_calls_context *context, const ht_addr20 *token,
                         const ht_u256 *amount) {
    char digits[HT_AMOUNT_SIZE], symbol[HT_GOV_PLACE_NAME_MAX + 1];
    struct ht_gov_place place;
    ht_gov_place_find(&place, context, token);
    ht_amount_text(digits, amount, place.symbol != NULL ? place.decimals : 0);
    const char *unit = place.symbol != NULL ? place.symbol : "base units";
    (void)ht_gov_text_line(symbol, HT_GOV_PLACE_NAME_MAX, ht_bytes_str(unit));
    (void)snprintf(out, HT_GOV_AMOUNT_TEXT_SIZE, "%s %s", digits, symbol);
}
