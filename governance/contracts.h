/* Contracts of our own that make up a community, compiled when Hearth is built
 * (governance/contracts/compile.mjs writes the table). All on OpenZeppelin Contracts 5.x. */
#ifndef HT_GOVERNANCE_CONTRACTS_H
#define HT_GOVERNANCE_CONTRACTS_H

#include "governance/governor/layout.h"

enum ht_gov_ours {
    HT_GOV_OURS_TREASURY, /* TimelockController, as OpenZeppelin has it */
    HT_GOV_OURS_TOKEN,    /* CommunityToken */
    HT_GOV_OURS_PEOPLE,   /* PeopleRegistry: one person, one vote */
    HT_GOV_OURS_GOVERNOR, /* CommunityGovernor */
    HT_GOV_OURS_RELAY,    /* BallotRelay */
    /* Whose creation makes all parts of a community; their own code only says where those are. */
    HT_GOV_OURS_OF_TOKEN,
    HT_GOV_OURS_OF_PEOPLE,
    HT_GOV_OURS_OF_HOLDERS, /* of a token that was there before */
    HT_GOV_OURS_COUNT
};

/* A value that the constructor put into the code: 32 bytes at each place. */
struct ht_gov_immutable {
    const char *name; /* of the Solidity variable */
    const uint16_t *at;
    size_t count;
};

/* Places in `own`. */
enum { HT_GOV_TREASURY_ROLES, HT_GOV_TREASURY_TIMESTAMPS, HT_GOV_TREASURY_MIN_DELAY };
enum { HT_GOV_PEOPLE_ATTESTERS, HT_GOV_PEOPLE_ATTESTATIONS };

struct ht_gov_contract {
    const char *name;
    const char *constructor; /* types of its arguments, for ht_abi_type_read; "()" */
    const uint8_t *creation; /* code that creates it, without the arguments behind it */
    size_t creation_len;
    size_t code_len;       /* of the code that stands in the state */
    ht_hash32 masked_hash; /* of that code, all immutables zeroed */
    const struct ht_gov_immutable *immutables;
    size_t immutable_count;
    /* Base slots, by the compiler's account: of the governor; of both kinds of votes; others. */
    uint32_t governor_has;
    ht_hash32 governor[HT_GOV_SLOTS];
    ht_hash32 balances, nonces, delegatee, checkpoints, total;
    ht_hash32 own[3];
};
extern const struct ht_gov_contract ht_gov_contracts[HT_GOV_OURS_COUNT];

#endif
