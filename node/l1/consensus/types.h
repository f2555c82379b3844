/* Light-client objects as they come from outside: claims, nothing of them proven.
 *
 * One C struct serves all forks; ht_lc_type gives the SSZ table that says which of its fields a
 * fork has on the wire. Source: consensus-specs {altair,capella,deneb,electra,gloas}/light-client.
 */
#ifndef HT_L1_CONSENSUS_TYPES_H
#define HT_L1_CONSENSUS_TYPES_H

#include "node/codec/ssz.h"
#include "node/l1/consensus/network.h"

#define HT_SYNC_COMMITTEE_MAX 512
#define HT_STATE_BRANCH_MAX 11     /* floorlog2(2946) */
#define HT_EXECUTION_BRANCH_MAX 11 /* floorlog2(2856) */

struct ht_beacon_block_header {
    uint64_t slot;
    uint64_t proposer_index;
    ht_hash32 parent_root;
    ht_hash32 state_root;
    ht_hash32 body_root;
};

struct ht_sync_committee {
    uint8_t pubkeys[HT_SYNC_COMMITTEE_MAX][48]; /* the preset's size of them */
    uint8_t aggregate_pubkey[48];
};

struct ht_sync_aggregate {
    uint8_t sync_committee_bits[HT_SYNC_COMMITTEE_MAX / 8];
    uint8_t sync_committee_signature[96];
};

struct ht_execution_payload_header {
    ht_hash32 parent_hash;
    ht_addr20 fee_recipient;
    ht_hash32 state_root;
    ht_hash32 receipts_root;
    uint8_t logs_bloom[256];
    ht_hash32 prev_randao;
    uint64_t block_number;
    uint64_t gas_limit;
    uint64_t gas_used;
    uint64_t timestamp;
    struct {
        size_t n;
        uint8_t b[32];
    } extra_data;
    uint8_t base_fee_per_gas[32]; /* little-endian */
    ht_hash32 block_hash;
    ht_hash32 transactions_root;
    ht_hash32 withdrawals_root;
    uint64_t blob_gas_used;
    uint64_t excess_blob_gas;
};

/* A LightClientHeader as somebody claims it. Only the verifier makes an ht_header_verified of it.
 */
struct ht_header_claimed {
    struct ht_beacon_block_header beacon;
    struct ht_execution_payload_header execution; /* Capella to Fulu */
    ht_hash32 execution_block_hash;               /* Gloas */
    ht_hash32 execution_branch[HT_EXECUTION_BRANCH_MAX];
};

struct ht_lc_bootstrap {
    struct ht_header_claimed header;
    struct ht_sync_committee current_sync_committee;
    ht_hash32 current_sync_committee_branch[HT_STATE_BRANCH_MAX];
};

/* A LightClientUpdate; finality and optimistic updates are one with the other fields zero, as the
 * specification processes them. */
struct ht_lc_update {
    struct ht_header_claimed attested_header;
    struct ht_sync_committee next_sync_committee;
    ht_hash32 next_sync_committee_branch[HT_STATE_BRANCH_MAX];
    struct ht_header_claimed finalized_header;
    ht_hash32 finality_branch[HT_STATE_BRANCH_MAX];
    struct ht_sync_aggregate sync_aggregate;
    uint64_t signature_slot;
};

enum ht_lc_kind {
    HT_LC_BOOTSTRAP,
    HT_LC_UPDATE,
    HT_LC_FINALITY_UPDATE,
    HT_LC_OPTIMISTIC_UPDATE,
    HT_LC_KIND_COUNT,
};

/* Any light-client object with the fork whose container it came in. */
struct ht_lc_object {
    enum ht_lc_kind kind;
    enum ht_fork fork;
    union {
        struct ht_lc_bootstrap bootstrap; /* HT_LC_BOOTSTRAP */
        struct ht_lc_update update;       /* the others */
    };
};

/* "LightClientUpdate" and so on. */
const char *ht_lc_kind_name(enum ht_lc_kind kind);

/* The object's SSZ table for a fork from Altair on. */
const struct ht_ssz_type *ht_lc_type(const struct ht_preset *preset, enum ht_fork fork,
                                     enum ht_lc_kind kind);

const struct ht_ssz_type *ht_sync_committee_type(const struct ht_preset *preset);
extern const struct ht_ssz_type ht_beacon_block_header_type;

/* ExecutionPayloadHeader as of Capella, and as of Deneb (unchanged until Gloas). */
extern const struct ht_ssz_type ht_execution_payload_header_capella_type;
extern const struct ht_ssz_type ht_execution_payload_header_deneb_type;

#endif
