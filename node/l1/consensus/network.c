/* The tables of forks and networks, and what is computed from them alone. */
#include "node/l1/consensus/network.h"

#include "node/crypto/sha256.h"

#define TWO_WEEKS_MS (14ULL * 24 * 60 * 60 * 1000)

#define ALTAIR_STATE                                                   \
    .finalized_root_gindex = 105, .current_sync_committee_gindex = 54, \
    .next_sync_committee_gindex = 55
#define ELECTRA_STATE                                                  \
    .finalized_root_gindex = 169, .current_sync_committee_gindex = 86, \
    .next_sync_committee_gindex = 87

const struct ht_fork_spec ht_fork_specs[HT_FORK_COUNT] = {
    [HT_PHASE0] = {.name = "phase0"},
    [HT_ALTAIR] = {.name = "altair", ALTAIR_STATE},
    [HT_BELLATRIX] = {.name = "bellatrix", ALTAIR_STATE},
    [HT_CAPELLA] =
        {
            .name = "capella",
            ALTAIR_STATE,
            .execution_gindex = 25,
            .block_hash_gindex = 412,
        },
    [HT_DENEB] =
        {
            .name = "deneb",
            ALTAIR_STATE,
            .execution_gindex = 25,
            .block_hash_gindex = 812,
        },
    [HT_ELECTRA] =
        {
            .name = "electra",
            ELECTRA_STATE,
            .execution_gindex = 25,
            .block_hash_gindex = 812,
        },
    [HT_FULU] =
        {
            .name = "fulu",
            ELECTRA_STATE,
            .execution_gindex = 25,
            .block_hash_gindex = 812,
        },
    [HT_GLOAS] =
        {
            .name = "gloas",
            .finalized_root_gindex = 735,
            .current_sync_committee_gindex = 2945,
            .next_sync_committee_gindex = 2946,
            .execution_gindex = 2856,
            .block_hash_gindex = 2856,
        },
};

const struct ht_preset ht_preset_mainnet = {
    .name = "mainnet",
    .slots_per_epoch = 32,
    .epochs_per_sync_committee_period = 256,
    .sync_committee_size = 512,
};

const struct ht_preset ht_preset_minimal = {
    .name = "minimal",
    .slots_per_epoch = 8,
    .epochs_per_sync_committee_period = 8,
    .sync_committee_size = 32,
};

static const struct ht_network
    networks[] =
        {
            {
                .name = "mainnet",
                .preset = &ht_preset_mainnet,
                .chain_id = 1,
                .genesis_time_ms = 1606824023000,
                .slot_duration_ms = 12000,
                .genesis_validators_root = {{0x4b, 0x36, 0x3d, 0xb9, 0x4e, 0x28, 0x61, 0x20,
                                             0xd7, 0x6e, 0xb9, 0x05, 0x34, 0x0f, 0xdd, 0x4e,
                                             0x54, 0xbf, 0xe9, 0xf0, 0x6b, 0xf3, 0x3f, 0xf6,
                                             0xcf, 0x5a, 0xd2, 0x7f, 0x51, 0x1b, 0xfe, 0x95}},
                .forks =
                    {
                        [HT_PHASE0] = {0, {0x00, 0, 0, 0}},
                        [HT_ALTAIR] = {74240, {0x01, 0, 0, 0}},
                        [HT_BELLATRIX] = {144896, {0x02, 0, 0, 0}},
                        [HT_CAPELLA] = {194048, {0x03, 0, 0, 0}},
                        [HT_DENEB] = {269568, {0x04, 0, 0, 0}},
                        [HT_ELECTRA] = {364032, {0x05, 0, 0, 0}},
                        [HT_FULU] = {411392, {0x06, 0, 0, 0}},
                        [HT_GLOAS] = {HT_FAR_FUTURE_EPOCH, {0x07, 0, 0, 0}},
                    },
                .max_blobs_per_block_electra = 9,
                .blob_schedule = {{412672, 15}, {419072, 21}},
                .blob_schedule_count = 2,
                .weak_subjectivity_ms = TWO_WEEKS_MS,
            },
            {
                .name = "sepolia",
                .preset = &ht_preset_mainnet,
                .chain_id = 11155111,
                .genesis_time_ms = 1655733600000,
                .slot_duration_ms = 12000,
                .genesis_validators_root = {{0xd8, 0xea, 0x17, 0x1f, 0x3c, 0x94, 0xae, 0xa2,
                                             0x1e, 0xbc, 0x42, 0xa1, 0xed, 0x61, 0x05, 0x2a,
                                             0xcf, 0x3f, 0x92, 0x09, 0xc0, 0x0e, 0x4e, 0xfb,
                                             0xaa, 0xdd, 0xac, 0x09, 0xed, 0x9b, 0x80, 0x78}},
                .forks =
                    {
                        [HT_PHASE0] = {0, {0x90, 0, 0, 0x69}},
                        [HT_ALTAIR] = {50, {0x90, 0, 0, 0x70}},
                        [HT_BELLATRIX] = {100, {0x90, 0, 0, 0x71}},
                        [HT_CAPELLA] = {56832, {0x90, 0, 0, 0x72}},
                        [HT_DENEB] = {132608, {0x90, 0, 0, 0x73}},
                        [HT_ELECTRA] = {222464, {0x90, 0, 0, 0x74}},
                        [HT_FULU] = {272640, {0x90, 0, 0, 0x75}},
                        [HT_GLOAS] = {HT_FAR_FUTURE_EPOCH, {0x90, 0, 0, 0x76}},
                    },
                .max_blobs_per_block_electra = 9,
                .blob_schedule = {{274176, 15}, {275712, 21}},
                .blob_schedule_count = 2,
                .weak_subjectivity_ms = TWO_WEEKS_MS,
            },
            {
                .name = "hoodi",
                .preset = &ht_preset_mainnet,
                .chain_id = 560048,
                .genesis_time_ms = 1742213400000,
                .slot_duration_ms = 12000,
                .genesis_validators_root = {{0x21, 0x2f, 0x13, 0xfc, 0x4d, 0xf0, 0x78, 0xb6,
                                             0xcb, 0x7d, 0xb2, 0x28, 0xf1, 0xc8, 0x30, 0x75,
                                             0x66, 0xdc, 0xec, 0xf9, 0x00, 0x86, 0x74, 0x01,
                                             0xa9, 0x20, 0x23, 0xd7, 0xba, 0x99, 0xcb, 0x5f}},
                .forks =
                    {
                        [HT_PHASE0] = {0, {0x10, 0, 0x09, 0x10}},
                        [HT_ALTAIR] = {0, {0x20, 0, 0x09, 0x10}},
                        [HT_BELLATRIX] = {0, {0x30, 0, 0x09, 0x10}},
                        [HT_CAPELLA] = {0, {0x40, 0, 0x09, 0x10}},
                        [HT_DENEB] = {0, {0x50, 0, 0x09, 0x10}},
                        [HT_ELECTRA] = {2048, {0x60, 0, 0x09, 0x10}},
                        [HT_FULU] = {50688, {0x70, 0, 0x09, 0x10}},
                        [HT_GLOAS] = {HT_FAR_FUTURE_EPOCH, {0x80, 0, 0x09, 0x10}},
                    },
                .max_blobs_per_block_electra = 9,
                .blob_schedule = {{52480, 15}, {54016, 21}},
                .blob_schedule_count = 2,
                .weak_subjectivity_ms = TWO_WEEKS_MS,
            },
};

const struct ht_network *ht_network_at(size_t i) {
    return i < sizeof networks / sizeof *networks ? &networks[i] : NULL;
}

const struct ht_network *ht_network_find(const char *name) {
    for (size_t i = 0; ht_network_at(i) != NULL; i++) {
        if (strcmp(networks[i].name, name) == 0) return &networks[i];
    }
    return NULL;
}

enum ht_fork ht_fork_at_epoch(const struct ht_network *net, uint64_t epoch) {
    enum ht_fork fork = HT_GLOAS;
    while (fork > HT_PHASE0 && epoch < net->forks[fork].epoch) fork--;
    return fork;
}

enum ht_fork ht_fork_at_slot(const struct ht_network *net, uint64_t slot) {
    return ht_fork_at_epoch(net, ht_epoch_at_slot(net, slot));
}

enum ht_err ht_fork_by_name(enum ht_fork *out, const char *name) {
    for (enum ht_fork fork = HT_PHASE0; fork < HT_FORK_COUNT; fork++) {
        if (strcmp(ht_fork_specs[fork].name, name) == 0) {
            *out = fork;
            return HT_OK;
        }
    }
    return HT_ENOTFOUND;
}

/* compute_fork_data_root: hash_tree_root of {current_version, genesis_validators_root}. */
static void fork_data_root(ht_hash32 *out, const struct ht_network *net, enum ht_fork fork) {
    ht_hash32 version = {{0}};
    memcpy(version.b, net->forks[fork].version, 4);
    ht_sha256_pair(out, &version, &net->genesis_validators_root);
}

/* get_blob_parameters (fulu/beacon-chain) */
static struct ht_blob_parameters blob_parameters(const struct ht_network *net, uint64_t epoch) {
    for (size_t i = net->blob_schedule_count; i > 0; i--) {
        if (epoch >= net->blob_schedule[i - 1].epoch) return net->blob_schedule[i - 1];
    }
    return (struct ht_blob_parameters){net->forks[HT_ELECTRA].epoch,
                                       net->max_blobs_per_block_electra};
}

void ht_fork_digest(uint8_t out[static 4], const struct ht_network *net, uint64_t epoch) {
    enum ht_fork fork = ht_fork_at_epoch(net, epoch);
    ht_hash32 root;
    fork_data_root(&root, net, fork);
    memcpy(out, root.b, 4);
    if (fork < HT_FULU) return;
    struct ht_blob_parameters blobs = blob_parameters(net, epoch);
    uint8_t raw[16];
    ht_write_u64_le(raw, blobs.epoch);
    ht_write_u64_le(raw + 8, blobs.max_blobs_per_block);
    ht_hash32 mask;
    ht_sha256(&mask, HT_BYTES(raw));
    for (int i = 0; i < 4; i++) out[i] ^= mask.b[i];
}

enum ht_err ht_fork_by_digest(enum ht_fork *out, const struct ht_network *net,
                              const uint8_t digest[static 4]) {
    uint8_t candidate[4];
    for (enum ht_fork fork = HT_ALTAIR; fork < HT_FORK_COUNT; fork++) {
        if (net->forks[fork].epoch == HT_FAR_FUTURE_EPOCH) continue;
        ht_fork_digest(candidate, net, net->forks[fork].epoch);
        if (memcmp(candidate, digest, 4) == 0) {
            *out = ht_fork_at_epoch(net, net->forks[fork].epoch);
            return HT_OK;
        }
    }
    for (size_t i = 0; i < net->blob_schedule_count; i++) {
        ht_fork_digest(candidate, net, net->blob_schedule[i].epoch);
        if (memcmp(candidate, digest, 4) == 0) {
            *out = ht_fork_at_epoch(net, net->blob_schedule[i].epoch);
            return HT_OK;
        }
    }
    return HT_ENOTFOUND;
}

void ht_sync_committee_domain(ht_hash32 *out, const struct ht_network *net,
                              uint64_t signature_slot) {
    static const uint8_t DOMAIN_SYNC_COMMITTEE[4] = {0x07, 0, 0, 0};
    uint64_t fork_version_slot = (signature_slot > 1 ? signature_slot : 1) - 1;
    ht_hash32 root;
    fork_data_root(&root, net, ht_fork_at_slot(net, fork_version_slot));
    memcpy(out->b, DOMAIN_SYNC_COMMITTEE, 4);
    memcpy(out->b + 4, root.b, 28);
}

int64_t ht_slot_start_ms(const struct ht_network *net, uint64_t slot) {
    uint64_t room = ((uint64_t)INT64_MAX - net->genesis_time_ms) / net->slot_duration_ms;
    return (int64_t)(net->genesis_time_ms + (slot < room ? slot : room) * net->slot_duration_ms);
}

uint64_t ht_slot_at_ms(const struct ht_network *net, int64_t wall_ms) {
    if (wall_ms < (int64_t)net->genesis_time_ms) return 0;
    return ((uint64_t)wall_ms - net->genesis_time_ms) / net->slot_duration_ms;
}
