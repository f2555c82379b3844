/* A custom network from a file.
 *
 * The file is a JSON object with the keys of consensus-specs configs as the Beacon API's
 * /eth/v1/config/spec prints them (values are strings; numbers are taken too), plus GENESIS_TIME
 * and GENESIS_VALIDATORS_ROOT of /eth/v1/beacon/genesis:
 *
 *   CONFIG_NAME, PRESET_BASE ("mainnet" or "minimal"), GENESIS_TIME (seconds),
 *   GENESIS_VALIDATORS_ROOT, SLOT_DURATION_MS or SECONDS_PER_SLOT, DEPOSIT_CHAIN_ID,
 *   GENESIS_FORK_VERSION, <FORK>_FORK_VERSION and <FORK>_FORK_EPOCH from ALTAIR to GLOAS,
 *   MAX_BLOBS_PER_BLOCK_ELECTRA, BLOB_SCHEDULE: [{"EPOCH", "MAX_BLOBS_PER_BLOCK"}]
 *
 * A fork whose epoch is missing is not scheduled. Optional: WEAK_SUBJECTIVITY_HOURS (336), and
 * "contracts": {"eas", "schema_registry", "eas_version" (these three together), "did_registry",
 * "did_registry_is_legacy", "ens_registry"}. */
#ifndef HT_L1_CONSENSUS_NETWORK_FILE_H
#define HT_L1_CONSENSUS_NETWORK_FILE_H

#include "node/codec/json.h"
#include "node/l1/consensus/network.h"

/* HT_EINPUT with the key that is missing or wrong, "bad_network" for values that cannot be. */
enum ht_err ht_network_from_json(struct ht_network *out, const json_t *json,
                                 struct ht_why *why) HT_MUST_USE;

/* Reads the file at path. HT_ENOTFOUND "no_such_network" when there is none. */
enum ht_err ht_network_from_file(struct ht_network *out, const char *path,
                                 struct ht_why *why) HT_MUST_USE;

#endif
