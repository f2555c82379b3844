/* Which types of EIP-712 snapshot.org has ever taken. Pure; any thread. */
#ifndef HT_GOVERNANCE_SNAPSHOT_SNAPSHOT_TYPES_H
#define HT_GOVERNANCE_SNAPSHOT_SNAPSHOT_TYPES_H

#include "node/base/bytes.h"

/* By the SHA-256 of the types' compact JSON: "proposal", "vote", "vote-array", "vote-string",
 * "statement", "update-proposal", "delete-proposal"; NULL for any other. */
const char *ht_snapshot_type_of(const ht_hash32 *hash);

#endif
