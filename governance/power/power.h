/* Hidden power: who can cancel, veto or upgrade what voters decide, or act without them.
 *
 * Without I/O: it says what must be proven (slots, view calls), the caller proves it and writes the
 * answers in, new questions may follow from them. What the asked code does not have is not asked.
 * Members of a timelock's roles come from its logs, RoleGranted of its whole life; each is then
 * asked for by hasRole, or by its slot in a treasury of ours; that there are no others is for the
 * caller to prove (power_made.h). Pure; any thread. Sources: OpenZeppelin's TimelockController,
 * AccessControl and Governor, Compound's Timelock and GovernorBravo, ERC-1967. */
#ifndef HT_GOVERNANCE_POWER_POWER_H
#define HT_GOVERNANCE_POWER_POWER_H

#include "governance/calls/calls.h"
#include "governance/calls/calls_roles.h"

#define HT_GOV_POWER_ASKS_MAX 128U
#define HT_GOV_POWER_VALUE_MAX 64U /* bytes of an answer that matter */

enum ht_gov_power_what {
    HT_GOV_POWER_ROLE,        /* hasRole(role, account) of the timelock */
    HT_GOV_POWER_MIN_DELAY,   /* getMinDelay(), or delay() of Compound's timelock */
    HT_GOV_POWER_PROXY_ADMIN, /* slots of ERC-1967 */
    HT_GOV_POWER_BEACON,
    HT_GOV_POWER_GUARDIAN,           /* proposalGuardian(): address, perhaps with an expiry */
    HT_GOV_POWER_WHITELIST_GUARDIAN, /* whitelistGuardian() */
    HT_GOV_POWER_VETOER,             /* vetoer() */
    HT_GOV_POWER_ADMIN,              /* admin() of Bravo, of Compound's timelock */
    HT_GOV_POWER_PENDING_ADMIN,
    HT_GOV_POWER_OWNER,  /* owner() */
    HT_GOV_POWER_MINTER, /* minter() of the token */
};
struct ht_gov_power_ask {
    enum ht_gov_power_what what;
    ht_addr20 to;
    bool is_slot; /* a slot of `to`, by storage proof; else a view call, by proven eth_call */
    ht_hash32 slot;
    uint32_t selector;
    uint8_t words[2][32]; /* arguments */
    size_t word_count;
    ht_hash32 role; /* of HT_GOV_POWER_ROLE */
    ht_addr20 account;
    ht_addr20 about; /* the community's contract that the answer is about */
    /* The caller's. */
    bool is_answered;
    uint8_t value[HT_GOV_POWER_VALUE_MAX]; /* of the slot 32; of the call what it returned */
    size_t value_n; /* 0: it reverted, there is no such function; longer answers are cut */
};

struct ht_gov_power {
    const struct ht_gov_calls_context *context; /* names; borrowed, as are the codes */
    enum ht_gov_timelock timelock_kind;
    uint32_t governor_families, token_families;
    bool governor_upgrades, timelock_upgrades, token_upgrades; /* UUPS */
    bool token_mints, token_attests;
    bool are_roles_slots;    /* roles are asked for by their slots */
    bool are_roles_complete; /* the caller's: it is proven that nobody else was ever given one */
    struct ht_gov_power_ask asks[HT_GOV_POWER_ASKS_MAX];
    size_t count;
    bool is_cut; /* more to ask than there is room for */
};
/* Proven codes; of a proxy its implementation's. n 0: not known, nothing is asked of it. */
struct ht_gov_power_codes {
    ht_bytes governor, timelock, token;
};

void ht_gov_power_init(struct ht_gov_power *out, const struct ht_gov_calls_context *context,
                       enum ht_gov_timelock timelock_kind, const struct ht_gov_power_codes *codes);
/* A log of the timelock, proven or not: who has ever got a role is asked for. Other logs are left
 * aside. */
void ht_gov_power_log(struct ht_gov_power *power, const ht_addr20 *emitter, const ht_hash32 *topics,
                      size_t topic_count);
/* Asks what follows from the answers; true when there is anything new. */
bool ht_gov_power_next(struct ht_gov_power *power);

/* dao.community's "power", a new reference, NULL without memory:
 *   {"can_cancel": [who], "can_upgrade": [who], "can_veto": [who],
 *    "timelock_roles": {"PROPOSER": [who], …}, "are_roles_complete": bool, "min_delay_s": n | null,
 *    "executor_open": bool, "notes": [text]}
 * who: {"address", "name" | null, "as": "guardian", "until_s": n | null, "by_vote": bool: only a
 * vote makes it act, "provenance": "proven" | "called"}. Roles that nobody was found for are empty
 * lists. */
json_t *ht_gov_power_json(const struct ht_gov_power *power);
/* dao.proposal's "hidden_power", worst first: [{"text", "severity": "danger" | "warn" | "note"}]. A
 * new reference, NULL without memory. */
json_t *ht_gov_power_hidden(const struct ht_gov_power *power);

/* --- for the files of this part ---------------------------------------------------------------*/

/* The address in an answer; false when there is none, or zero. */
bool ht_gov_power_address(ht_addr20 *out, const struct ht_gov_power_ask *ask);
/* Whether a vote alone makes it act: the governor, the timelock, or what those own as far as asked.
 */
bool ht_gov_power_by_vote(const struct ht_gov_power *power, const ht_addr20 *address);
bool ht_gov_power_has(const struct ht_gov_power_ask *ask); /* of a role: it has it */

#endif
