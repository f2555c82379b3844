/* The SSZ tables of light-client objects: five header shapes by two presets, from macros. */
#include "node/l1/consensus/types.h"

#define FIELD(object, field, its_type) \
    { #field, &(its_type), offsetof(struct object, field) }

static const struct ht_ssz_field beacon_block_header_fields[] = {
    FIELD(ht_beacon_block_header, slot, ht_ssz_uint64),
    FIELD(ht_beacon_block_header, proposer_index, ht_ssz_uint64),
    FIELD(ht_beacon_block_header, parent_root, ht_ssz_bytes32),
    FIELD(ht_beacon_block_header, state_root, ht_ssz_bytes32),
    FIELD(ht_beacon_block_header, body_root, ht_ssz_bytes32),
};
const struct ht_ssz_type ht_beacon_block_header_type =
    HT_SSZ_CONTAINER_OF(beacon_block_header_fields);

static const struct ht_ssz_type logs_bloom = {.kind = HT_SSZ_BYTES, .length = 256};
static const struct ht_ssz_type extra_data = {.kind = HT_SSZ_BYTE_LIST, .length = 32};

#define PAYLOAD(field, type) FIELD(ht_execution_payload_header, field, type)
#define PAYLOAD_CAPELLA                                                                  \
    PAYLOAD(parent_hash, ht_ssz_bytes32), PAYLOAD(fee_recipient, ht_ssz_bytes20),        \
        PAYLOAD(state_root, ht_ssz_bytes32), PAYLOAD(receipts_root, ht_ssz_bytes32),     \
        PAYLOAD(logs_bloom, logs_bloom), PAYLOAD(prev_randao, ht_ssz_bytes32),           \
        PAYLOAD(block_number, ht_ssz_uint64), PAYLOAD(gas_limit, ht_ssz_uint64),         \
        PAYLOAD(gas_used, ht_ssz_uint64), PAYLOAD(timestamp, ht_ssz_uint64),             \
        PAYLOAD(extra_data, extra_data), PAYLOAD(base_fee_per_gas, ht_ssz_uint256),      \
        PAYLOAD(block_hash, ht_ssz_bytes32), PAYLOAD(transactions_root, ht_ssz_bytes32), \
        PAYLOAD(withdrawals_root, ht_ssz_bytes32)

static const struct ht_ssz_field payload_capella_fields[] = {PAYLOAD_CAPELLA};
static const struct ht_ssz_field payload_deneb_fields[] = {
    PAYLOAD_CAPELLA,
    PAYLOAD(blob_gas_used, ht_ssz_uint64),
    PAYLOAD(excess_blob_gas, ht_ssz_uint64),
};
const struct ht_ssz_type ht_execution_payload_header_capella_type =
    HT_SSZ_CONTAINER_OF(payload_capella_fields);
const struct ht_ssz_type ht_execution_payload_header_deneb_type =
    HT_SSZ_CONTAINER_OF(payload_deneb_fields);

#define BRANCH(depth)                                  \
    static const struct ht_ssz_type branch_##depth = { \
        .kind = HT_SSZ_VECTOR, .length = (depth), .element = &ht_ssz_bytes32}
BRANCH(4);
BRANCH(5);
BRANCH(6);
BRANCH(7);
BRANCH(9);
BRANCH(11);

/* --- headers --- */
static const struct ht_ssz_field header_altair_fields[] = {
    FIELD(ht_header_claimed, beacon, ht_beacon_block_header_type),
};
static const struct ht_ssz_field header_capella_fields[] = {
    FIELD(ht_header_claimed, beacon, ht_beacon_block_header_type),
    FIELD(ht_header_claimed, execution, ht_execution_payload_header_capella_type),
    FIELD(ht_header_claimed, execution_branch, branch_4),
};
static const struct ht_ssz_field header_deneb_fields[] = {
    FIELD(ht_header_claimed, beacon, ht_beacon_block_header_type),
    FIELD(ht_header_claimed, execution, ht_execution_payload_header_deneb_type),
    FIELD(ht_header_claimed, execution_branch, branch_4),
};
static const struct ht_ssz_field header_gloas_fields[] = {
    FIELD(ht_header_claimed, beacon, ht_beacon_block_header_type),
    FIELD(ht_header_claimed, execution_block_hash, ht_ssz_bytes32),
    FIELD(ht_header_claimed, execution_branch, branch_11),
};
static const struct ht_ssz_type header_altair = HT_SSZ_CONTAINER_OF(header_altair_fields);
static const struct ht_ssz_type header_capella = HT_SSZ_CONTAINER_OF(header_capella_fields);
static const struct ht_ssz_type header_deneb = HT_SSZ_CONTAINER_OF(header_deneb_fields);
static const struct ht_ssz_type header_gloas = HT_SSZ_CONTAINER_OF(header_gloas_fields);

/* --- committees and aggregates, by preset --- */
#define COMMITTEE(preset, size)                                                                   \
    static const struct ht_ssz_type pubkeys_##preset = {                                          \
        .kind = HT_SSZ_VECTOR, .length = (size), .element = &ht_ssz_bytes48};                     \
    static const struct ht_ssz_field committee_##preset##_fields[] = {                            \
        FIELD(ht_sync_committee, pubkeys, pubkeys_##preset),                                      \
        FIELD(ht_sync_committee, aggregate_pubkey, ht_ssz_bytes48),                               \
    };                                                                                            \
    static const struct ht_ssz_type committee_##preset =                                          \
        HT_SSZ_CONTAINER_OF(committee_##preset##_fields);                                         \
    static const struct ht_ssz_type bits_##preset = {.kind = HT_SSZ_BITVECTOR, .length = (size)}; \
    static const struct ht_ssz_field aggregate_##preset##_fields[] = {                            \
        FIELD(ht_sync_aggregate, sync_committee_bits, bits_##preset),                             \
        FIELD(ht_sync_aggregate, sync_committee_signature, ht_ssz_bytes96),                       \
    };                                                                                            \
    static const struct ht_ssz_type aggregate_##preset =                                          \
        HT_SSZ_CONTAINER_OF(aggregate_##preset##_fields)
COMMITTEE(mainnet, 512);
COMMITTEE(minimal, 32);

/* --- objects: a row per header shape and preset --- */
#define SIGNED_BY(preset)                                    \
    FIELD(ht_lc_update, sync_aggregate, aggregate_##preset), \
        FIELD(ht_lc_update, signature_slot, ht_ssz_uint64)

#define OBJECTS(name, preset, header_type, committee_branch, finality_branch_type)     \
    static const struct ht_ssz_field bootstrap_##name##_##preset[] = {                 \
        FIELD(ht_lc_bootstrap, header, header_type),                                   \
        FIELD(ht_lc_bootstrap, current_sync_committee, committee_##preset),            \
        FIELD(ht_lc_bootstrap, current_sync_committee_branch, committee_branch),       \
    };                                                                                 \
    static const struct ht_ssz_field update_##name##_##preset[] = {                    \
        FIELD(ht_lc_update, attested_header, header_type),                             \
        FIELD(ht_lc_update, next_sync_committee, committee_##preset),                  \
        FIELD(ht_lc_update, next_sync_committee_branch, committee_branch),             \
        FIELD(ht_lc_update, finalized_header, header_type),                            \
        FIELD(ht_lc_update, finality_branch, finality_branch_type),                    \
        SIGNED_BY(preset),                                                             \
    };                                                                                 \
    static const struct ht_ssz_field finality_##name##_##preset[] = {                  \
        FIELD(ht_lc_update, attested_header, header_type),                             \
        FIELD(ht_lc_update, finalized_header, header_type),                            \
        FIELD(ht_lc_update, finality_branch, finality_branch_type),                    \
        SIGNED_BY(preset),                                                             \
    };                                                                                 \
    static const struct ht_ssz_field optimistic_##name##_##preset[] = {                \
        FIELD(ht_lc_update, attested_header, header_type),                             \
        SIGNED_BY(preset),                                                             \
    };                                                                                 \
    static const struct ht_ssz_type objects_##name##_##preset[HT_LC_KIND_COUNT] = {    \
        [HT_LC_BOOTSTRAP] = HT_SSZ_CONTAINER_OF(bootstrap_##name##_##preset),          \
        [HT_LC_UPDATE] = HT_SSZ_CONTAINER_OF(update_##name##_##preset),                \
        [HT_LC_FINALITY_UPDATE] = HT_SSZ_CONTAINER_OF(finality_##name##_##preset),     \
        [HT_LC_OPTIMISTIC_UPDATE] = HT_SSZ_CONTAINER_OF(optimistic_##name##_##preset), \
    }

#define BOTH_PRESETS(name, header_type, committee_branch, finality_branch_type)  \
    OBJECTS(name, mainnet, header_type, committee_branch, finality_branch_type); \
    OBJECTS(name, minimal, header_type, committee_branch, finality_branch_type)

BOTH_PRESETS(altair, header_altair, branch_5, branch_6);
BOTH_PRESETS(capella, header_capella, branch_5, branch_6);
BOTH_PRESETS(deneb, header_deneb, branch_5, branch_6);
BOTH_PRESETS(electra, header_deneb, branch_6, branch_7);
BOTH_PRESETS(gloas, header_gloas, branch_11, branch_9);

struct shapes {
    const struct ht_ssz_type *by_fork[HT_FORK_COUNT];
};

#define SHAPES(preset)                                                                       \
    {                                                                                        \
        {                                                                                    \
            [HT_ALTAIR] = objects_altair_##preset, [HT_BELLATRIX] = objects_altair_##preset, \
            [HT_CAPELLA] = objects_capella_##preset, [HT_DENEB] = objects_deneb_##preset,    \
            [HT_ELECTRA] = objects_electra_##preset, [HT_FULU] = objects_electra_##preset,   \
            [HT_GLOAS] = objects_gloas_##preset,                                             \
        }                                                                                    \
    }

static const struct shapes mainnet_shapes = SHAPES(mainnet);
static const struct shapes minimal_shapes = SHAPES(minimal);

const struct ht_ssz_type *ht_lc_type(const struct ht_preset *preset, enum ht_fork fork,
                                     enum ht_lc_kind kind) {
    ht_assert(fork >= HT_ALTAIR && fork < HT_FORK_COUNT && kind < HT_LC_KIND_COUNT);
    const struct shapes *shapes = preset == &ht_preset_mainnet ? &mainnet_shapes : &minimal_shapes;
    return &shapes->by_fork[fork][kind];
}

const struct ht_ssz_type *ht_sync_committee_type(const struct ht_preset *preset) {
    return preset == &ht_preset_mainnet ? &committee_mainnet : &committee_minimal;
}

const char *ht_lc_kind_name(enum ht_lc_kind kind) {
    switch (kind) {
    case HT_LC_BOOTSTRAP: return "LightClientBootstrap";
    case HT_LC_UPDATE: return "LightClientUpdate";
    case HT_LC_FINALITY_UPDATE: return "LightClientFinalityUpdate";
    case HT_LC_OPTIMISTIC_UPDATE: return "LightClientOptimisticUpdate";
    case HT_LC_KIND_COUNT: break;
    }
    return "?";
}
