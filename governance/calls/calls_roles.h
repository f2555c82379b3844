/* Roles of OpenZeppelin's AccessControl that have names. Any thread. */
#ifndef HT_GOVERNANCE_CALLS_CALLS_ROLES_H
#define HT_GOVERNANCE_CALLS_CALLS_ROLES_H

#include "node/base/bytes.h"

enum ht_gov_role_index {
    HT_GOV_ROLE_ADMIN, /* gives and takes all roles */
    HT_GOV_ROLE_PROPOSER,
    HT_GOV_ROLE_EXECUTOR,
    HT_GOV_ROLE_CANCELLER,
    HT_GOV_ROLE_TIMELOCK_ADMIN, /* 4.x's timelock has this in place of ADMIN */
    HT_GOV_ROLE_MINTER,
    HT_GOV_ROLE_PAUSER,
    HT_GOV_ROLE_UPGRADER,
    HT_GOV_ROLE_BURNER,
    HT_GOV_ROLE_GUARDIAN,
    HT_GOV_ROLES
};
struct ht_gov_role {
    const char *name;
    ht_hash32 hash;
};
extern const struct ht_gov_role ht_gov_roles[HT_GOV_ROLES];

const char *ht_gov_role_name(const ht_hash32 *role); /* "PROPOSER"; NULL: another one */
/* "the role PROPOSER", "the highest role (DEFAULT_ADMIN)", "the role 0x…" */
#define HT_GOV_ROLE_TEXT_SIZE 80U
void ht_gov_role_text(char out[static HT_GOV_ROLE_TEXT_SIZE], const ht_hash32 *role);

#endif
