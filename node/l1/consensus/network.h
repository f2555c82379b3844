/* Networks and forks of the beacon chain as data tables.
 *
 * Sources: consensus-specs configs/mainnet.yaml, presets/{mainnet,minimal}, each fork's
 * light-client/sync-protocol.md; the schedules of sepolia and hoodi from their published configs.
 */
#ifndef HT_L1_CONSENSUS_NETWORK_H
#define HT_L1_CONSENSUS_NETWORK_H

#include "node/base/bytes.h"

enum ht_fork {
    HT_PHASE0,
    HT_ALTAIR,
    HT_BELLATRIX,
    HT_CAPELLA,
    HT_DENEB,
    HT_ELECTRA,
    HT_FULU,
    HT_GLOAS,
    HT_FORK_COUNT,
};

#define HT_FAR_FUTURE_EPOCH UINT64_MAX
#define HT_BLOB_SCHEDULE_MAX 32

/* Generalized indices of a fork's light client, 0 where the fork has none. */
struct ht_fork_spec {
    const char *name; /* "electra", as Eth-Consensus-Version spells it */
    uint32_t finalized_root_gindex;
    uint32_t current_sync_committee_gindex;
    uint32_t next_sync_committee_gindex;
    uint32_t execution_gindex;  /* of the payload, from Gloas on of the bid's parent_block_hash */
    uint32_t block_hash_gindex; /* execution_payload.block_hash within the block body */
};

extern const struct ht_fork_spec ht_fork_specs[HT_FORK_COUNT];

struct ht_preset {
    const char *name;
    uint64_t slots_per_epoch;
    uint64_t epochs_per_sync_committee_period;
    size_t sync_committee_size;
};

extern const struct ht_preset ht_preset_mainnet;
extern const struct ht_preset ht_preset_minimal;

struct ht_blob_parameters {
    uint64_t epoch;
    uint64_t max_blobs_per_block;
};

/* Contracts that the modules look for, as far as the network's file names them: what it leaves out
 * is known by the chain id, or not there. A zero address: not named. */
struct ht_network_contracts {
    ht_addr20 eas, schema_registry; /* both or none */
    char eas_version[16];           /* of its EIP-712 domain: "1.4.0" */
    ht_addr20 did_registry;         /* ERC-1056 */
    bool did_registry_is_legacy;    /* signed changes can be replayed once the owner has changed */
    ht_addr20 ens_registry;
};

struct ht_network {
    char name[32];
    const struct ht_preset *preset;
    uint64_t chain_id; /* of the execution chain, EIP-155 */
    uint64_t genesis_time_ms;
    uint64_t slot_duration_ms;
    ht_hash32 genesis_validators_root;
    struct {
        uint64_t epoch; /* HT_FAR_FUTURE_EPOCH when not scheduled */
        uint8_t version[4];
    } forks[HT_FORK_COUNT];
    uint64_t max_blobs_per_block_electra;
    struct ht_blob_parameters blob_schedule[HT_BLOB_SCHEDULE_MAX]; /* ascending epochs */
    size_t blob_schedule_count;
    uint64_t weak_subjectivity_ms; /* a starting point older than this is not trusted */
    struct ht_network_contracts contracts;
};

/* The built-in network of that name ("mainnet", "sepolia", "hoodi"), or NULL. Static storage. */
const struct ht_network *ht_network_find(const char *name);

/* The i-th built-in network, NULL behind the last. */
const struct ht_network *ht_network_at(size_t i);

static inline uint64_t ht_slots_per_period(const struct ht_network *net) {
    return net->preset->slots_per_epoch * net->preset->epochs_per_sync_committee_period;
}

static inline uint64_t ht_epoch_at_slot(const struct ht_network *net, uint64_t slot) {
    return slot / net->preset->slots_per_epoch;
}

/* compute_sync_committee_period_at_slot */
static inline uint64_t ht_period_at_slot(const struct ht_network *net, uint64_t slot) {
    return slot / ht_slots_per_period(net);
}

/* The fork active at an epoch or slot. */
enum ht_fork ht_fork_at_epoch(const struct ht_network *net, uint64_t epoch);
enum ht_fork ht_fork_at_slot(const struct ht_network *net, uint64_t slot);

/* HT_ENOTFOUND for a name that is no fork. */
enum ht_err ht_fork_by_name(enum ht_fork *out, const char *name) HT_MUST_USE;

/* compute_fork_digest at an epoch, from Fulu on with the blob parameters (fulu/beacon-chain). */
void ht_fork_digest(uint8_t out[static 4], const struct ht_network *net, uint64_t epoch);

/* The fork that a digest stands for on this network; HT_ENOTFOUND for a digest of another one. */
enum ht_err ht_fork_by_digest(enum ht_fork *out, const struct ht_network *net,
                              const uint8_t digest[static 4]) HT_MUST_USE;

/* Domain of sync-committee signatures made in signature_slot: its fork is that of the slot before
 * (altair/light-client/sync-protocol §validate_light_client_update). */
void ht_sync_committee_domain(ht_hash32 *out, const struct ht_network *net,
                              uint64_t signature_slot);

/* Wall time at which a slot begins, and the slot under way at a wall time (0 before genesis);
 * both in ms UTC. */
int64_t ht_slot_start_ms(const struct ht_network *net, uint64_t slot);
uint64_t ht_slot_at_ms(const struct ht_network *net, int64_t wall_ms);

#endif
