/* Building light-client objects from the outside in: leaves, trees around them, headers over the
 * trees, a signature over the header. */
#include "tests/unit/lc_builder.h"

#include <stdlib.h>

#include "node/crypto/sha256.h"

#define LEAVES_MAX 2U

static const char DST[] = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

enum tag { TAG_KEY = 1, TAG_STATE, TAG_BODY, TAG_HEADER, TAG_PAYLOAD, TAG_GENESIS };

/* --- networks --------------------------------------------------------------------------------- */

static struct ht_lcb *new_builder(uint64_t seed) {
    struct ht_lcb *builder = calloc(1, sizeof *builder);
    ht_assert(builder != NULL);
    builder->seed = seed;
    struct ht_network *net = &builder->network;
    memcpy(net->name, "builder", 8);
    net->preset = &ht_preset_minimal;
    net->chain_id = 1337;
    net->genesis_time_ms = 1000000;
    net->slot_duration_ms = 6000;
    net->max_blobs_per_block_electra = 9;
    net->weak_subjectivity_ms = 3600000;
    ht_lcb_random(&net->genesis_validators_root, builder, TAG_GENESIS, 0);
    for (unsigned fork = HT_PHASE0; fork < HT_FORK_COUNT; fork++) {
        net->forks[fork].version[0] = (uint8_t)fork;
        net->forks[fork].version[3] = 0x77;
    }
    return builder;
}

struct ht_lcb *ht_lcb_new(uint64_t seed) {
    struct ht_lcb *builder = new_builder(seed);
    for (unsigned fork = HT_BELLATRIX; fork < HT_FORK_COUNT; fork++) {
        builder->network.forks[fork].epoch = 8ULL * (fork - HT_ALTAIR);
    }
    return builder;
}

struct ht_lcb *ht_lcb_new_at(uint64_t seed, enum ht_fork fork, enum ht_fork next) {
    struct ht_lcb *builder = new_builder(seed);
    for (unsigned i = HT_ALTAIR; i < HT_FORK_COUNT; i++) {
        uint64_t later = i <= (unsigned)next ? 8 : HT_FAR_FUTURE_EPOCH;
        builder->network.forks[i].epoch = i <= (unsigned)fork ? 0 : later;
    }
    return builder;
}

struct ht_lcb *ht_lcb_new_mainnet(uint64_t seed, enum ht_fork fork) {
    struct ht_lcb *builder = ht_lcb_new_at(seed, fork, fork);
    builder->network.preset = &ht_preset_mainnet;
    return builder;
}

static size_t size_of(const struct ht_lcb *builder) {
    return builder->network.preset->sync_committee_size;
}

static uint64_t period_of(const struct ht_lcb *builder, uint64_t slot) {
    return ht_period_at_slot(&builder->network, slot);
}

void ht_lcb_free(struct ht_lcb *builder) {
    free(builder);
}

void ht_lcb_random(ht_hash32 *out, const struct ht_lcb *builder, uint64_t tag, uint64_t index) {
    uint8_t raw[24];
    ht_write_u64_le(raw, builder->seed);
    ht_write_u64_le(raw + 8, tag);
    ht_write_u64_le(raw + 16, index);
    ht_sha256(out, HT_BYTES(raw));
}

/* --- committees ------------------------------------------------------------------------------- */

static void add_key(blst_p1 *sum, const uint8_t compressed[48]) {
    blst_p1_affine key;
    ht_assert(blst_p1_uncompress(&key, compressed) == BLST_SUCCESS);
    blst_p1_add_or_double_affine(sum, sum, &key);
}

const struct ht_lcb_committee *ht_lcb_committee(struct ht_lcb *builder, uint64_t period) {
    ht_assert(period < HT_LCB_PERIODS);
    struct ht_lcb_committee *committee = &builder->committees[period];
    if (committee->is_made) return committee;
    blst_p1 sum = {0};
    for (size_t i = 0; i < size_of(builder); i++) {
        ht_hash32 material;
        blst_p1 key;
        ht_lcb_random(&material, builder, TAG_KEY, period * size_of(builder) + i);
        blst_keygen(&committee->secrets[i], material.b, sizeof material.b, NULL, 0);
        blst_sk_to_pk_in_g1(&key, &committee->secrets[i]);
        blst_p1_compress(committee->keys.pubkeys[i], &key);
        add_key(&sum, committee->keys.pubkeys[i]);
    }
    blst_p1_compress(committee->keys.aggregate_pubkey, &sum);
    committee->is_made = true;
    return committee;
}

/* --- trees with random siblings --------------------------------------------------------------- */

struct tree {
    const struct ht_lcb *builder;
    uint64_t tag, index; /* of its siblings */
    size_t leaf_count;
    struct {
        uint64_t gindex;
        ht_hash32 leaf;
    } leaves[LEAVES_MAX];
};

static bool is_above(uint64_t node, uint64_t gindex) {
    while (gindex > node) gindex >>= 1;
    return gindex == node;
}

/* Recurses at most as deep as the deepest leaf lies, 11 levels. */
static void node_of(ht_hash32 *out, const struct tree *tree, uint64_t gindex) {
    bool is_inner = false;
    for (size_t i = 0; i < tree->leaf_count; i++) {
        if (tree->leaves[i].gindex == gindex) {
            *out = tree->leaves[i].leaf;
            return;
        }
        is_inner = is_inner || is_above(gindex, tree->leaves[i].gindex);
    }
    if (!is_inner) {
        ht_lcb_random(out, tree->builder, tree->tag, tree->index << 16 | gindex);
        return;
    }
    ht_hash32 left, right;
    node_of(&left, tree, 2 * gindex);
    node_of(&right, tree, 2 * gindex + 1);
    ht_sha256_pair(out, &left, &right);
}

static void add_leaf(struct tree *tree, uint64_t gindex, const ht_hash32 *leaf) {
    ht_assert(tree->leaf_count < LEAVES_MAX);
    tree->leaves[tree->leaf_count].gindex = gindex;
    tree->leaves[tree->leaf_count++].leaf = *leaf;
}

/* Writes the branch of a leaf into `length` nodes, zero nodes in front when it is shorter. */
static void branch_of(ht_hash32 *out, unsigned length, const struct tree *tree, uint64_t gindex) {
    ht_hash32 *at = out + (length - ht_ssz_depth(gindex));
    for (; gindex > 1; gindex >>= 1) node_of(at++, tree, gindex ^ 1);
}

/* --- headers ---------------------------------------------------------------------------------- */

static void fill_payload(struct ht_execution_payload_header *out, const struct ht_lcb *builder,
                         enum ht_fork fork, uint64_t index) {
    ht_lcb_random(&out->parent_hash, builder, TAG_PAYLOAD, index << 8);
    ht_lcb_random(&out->state_root, builder, TAG_PAYLOAD, index << 8 | 1);
    ht_lcb_random(&out->receipts_root, builder, TAG_PAYLOAD, index << 8 | 2);
    ht_lcb_random(&out->block_hash, builder, TAG_PAYLOAD, index << 8 | 3);
    if (builder->block_hash != NULL) out->block_hash = *builder->block_hash;
    out->block_number = index + 1;
    out->timestamp = 1000 + 6 * index;
    out->extra_data.n = 5;
    memcpy(out->extra_data.b, "extra", 5);
    out->base_fee_per_gas[0] = 7;
    if (fork >= HT_DENEB) out->blob_gas_used = 131072;
}

/* A header as a container of the fork has it; state_root may be NULL for a random one. */
static void make_header(struct ht_header_claimed *out, const struct ht_lcb *builder,
                        enum ht_fork container, uint64_t slot, const ht_hash32 *state_root,
                        uint64_t variant) {
    enum ht_fork fork = ht_fork_at_slot(&builder->network, slot);
    uint64_t index = slot << 8 | variant;
    struct ht_beacon_block_header *beacon = &out->beacon;
    *beacon = (struct ht_beacon_block_header){.slot = slot, .proposer_index = variant};
    ht_lcb_random(&beacon->parent_root, builder, TAG_HEADER, index << 8);
    ht_lcb_random(&beacon->state_root, builder, TAG_HEADER, index << 8 | 1);
    ht_lcb_random(&beacon->body_root, builder, TAG_HEADER, index << 8 | 2);
    if (state_root != NULL) beacon->state_root = *state_root;
    if (fork < HT_CAPELLA || container < HT_CAPELLA) return;
    struct tree body = {.builder = builder, .tag = TAG_BODY, .index = index};
    if (container >= HT_GLOAS) {
        uint64_t gindex = ht_fork_specs[fork].block_hash_gindex;
        ht_lcb_random(&out->execution_block_hash, builder, TAG_PAYLOAD, index << 8 | 3);
        if (builder->block_hash != NULL) out->execution_block_hash = *builder->block_hash;
        add_leaf(&body, gindex, &out->execution_block_hash);
        branch_of(out->execution_branch, HT_EXECUTION_BRANCH_MAX, &body, gindex);
    } else {
        ht_hash32 root;
        fill_payload(&out->execution, builder, fork, index);
        ht_ssz_hash_tree_root(&root,
                              fork < HT_DENEB ? &ht_execution_payload_header_capella_type
                                              : &ht_execution_payload_header_deneb_type,
                              &out->execution);
        add_leaf(&body, 25, &root);
        branch_of(out->execution_branch, 4, &body, 25);
    }
    node_of(&beacon->body_root, &body, 1);
}

void ht_lcb_root(ht_hash32 *out, const struct ht_header_claimed *header) {
    ht_ssz_hash_tree_root(out, &ht_beacon_block_header_type, &header->beacon);
}

/* --- objects ---------------------------------------------------------------------------------- */

static struct ht_lc_object *new_object(const struct ht_lcb *builder, enum ht_lc_kind kind,
                                       uint64_t slot) {
    struct ht_lc_object *object = calloc(1, sizeof *object);
    ht_assert(object != NULL);
    object->kind = kind;
    object->fork = ht_fork_at_slot(&builder->network, slot);
    return object;
}

static void committee_root(ht_hash32 *out, const struct ht_lcb *builder,
                           const struct ht_sync_committee *committee) {
    ht_ssz_hash_tree_root(out, ht_sync_committee_type(builder->network.preset), committee);
}

struct ht_lc_object *ht_lcb_bootstrap(struct ht_lcb *builder, uint64_t slot) {
    struct ht_lc_object *object = new_object(builder, HT_LC_BOOTSTRAP, slot);
    struct ht_lc_bootstrap *bootstrap = &object->bootstrap;
    struct tree state = {.builder = builder, .tag = TAG_STATE, .index = slot};
    uint64_t gindex = ht_fork_specs[object->fork].current_sync_committee_gindex;
    ht_hash32 root;
    bootstrap->current_sync_committee = ht_lcb_committee(builder, period_of(builder, slot))->keys;
    committee_root(&root, builder, &bootstrap->current_sync_committee);
    add_leaf(&state, gindex, &root);
    branch_of(bootstrap->current_sync_committee_branch, ht_ssz_depth(gindex), &state, gindex);
    node_of(&root, &state, 1);
    make_header(&bootstrap->header, builder, object->fork, slot, &root, 0);
    return object;
}

void ht_lcb_sign(struct ht_lcb *builder, struct ht_lc_object *object,
                 const struct ht_lcb_plan *plan) {
    struct ht_lc_update *update = &object->update;
    struct ht_sync_aggregate *aggregate = &update->sync_aggregate;
    uint64_t domain_slot =
        plan->domain_of_slot != 0 ? plan->domain_of_slot : update->signature_slot;
    uint64_t period = plan->signed_by_period != 0 ? plan->signed_by_period
                                                  : period_of(builder, update->signature_slot);
    const struct ht_lcb_committee *committee = ht_lcb_committee(builder, period);
    ht_hash32 root, domain;
    ht_lcb_root(&root, &update->attested_header);
    ht_sync_committee_domain(&domain, &builder->network, domain_slot);
    ht_sha256_pair(&root, &root, &domain);
    memset(aggregate, 0, sizeof *aggregate);
    blst_scalar secret;
    size_t participants = plan->participants != 0 ? plan->participants : size_of(builder);
    for (size_t i = 0; i < participants; i++) {
        aggregate->sync_committee_bits[i / 8] |= (uint8_t)(1U << (i % 8));
        if (i == 0) {
            secret = committee->secrets[0];
        } else {
            ht_assert(blst_sk_add_n_check(&secret, &secret, &committee->secrets[i]));
        }
    }
    blst_p2 point;
    blst_hash_to_g2(&point, root.b, sizeof root.b, (const uint8_t *)DST, sizeof DST - 1, NULL, 0);
    blst_sign_pk_in_g1(&point, &point, &secret);
    blst_p2_compress(aggregate->sync_committee_signature, &point);
}

/* Fills what the attested state proves, and leaves the state in *state. */
static void prove(struct ht_lcb *builder, struct tree *state, struct ht_lc_object *object,
                  const struct ht_lcb_plan *plan) {
    const struct ht_fork_spec *spec = &ht_fork_specs[object->fork];
    struct ht_lc_update *update = &object->update;
    ht_hash32 root = {{0}};
    if (plan->has_next_committee) {
        uint64_t period = plan->next_of_period != 0 ? plan->next_of_period
                                                    : period_of(builder, plan->attested_slot) + 1;
        update->next_sync_committee = ht_lcb_committee(builder, period)->keys;
        committee_root(&root, builder, &update->next_sync_committee);
        add_leaf(state, spec->next_sync_committee_gindex, &root);
    }
    if (plan->has_finality) {
        root = (ht_hash32){{0}};
        if (plan->finalized_slot != 0) {
            builder->block_hash = plan->block_hash;
            make_header(&update->finalized_header, builder, object->fork, plan->finalized_slot,
                        NULL, plan->variant);
            builder->block_hash = NULL;
            ht_lcb_root(&root, &update->finalized_header);
        }
        add_leaf(state, spec->finalized_root_gindex, &root);
        branch_of(update->finality_branch, ht_ssz_depth(spec->finalized_root_gindex), state,
                  spec->finalized_root_gindex);
    }
    if (plan->has_next_committee) {
        branch_of(update->next_sync_committee_branch,
                  ht_ssz_depth(spec->next_sync_committee_gindex), state,
                  spec->next_sync_committee_gindex);
    }
}

struct ht_lc_object *ht_lcb_update(struct ht_lcb *builder, const struct ht_lcb_plan *plan) {
    struct ht_lc_object *object = new_object(builder, plan->kind, plan->attested_slot);
    struct ht_lc_update *update = &object->update;
    struct tree state = {
        .builder = builder, .tag = TAG_STATE, .index = plan->attested_slot << 8 | plan->variant};
    ht_hash32 state_root;
    prove(builder, &state, object, plan);
    node_of(&state_root, &state, 1);
    make_header(&update->attested_header, builder, object->fork, plan->attested_slot, &state_root,
                plan->variant);
    update->signature_slot =
        plan->signature_slot != 0 ? plan->signature_slot : plan->attested_slot + 1;
    ht_lcb_sign(builder, object, plan);
    return object;
}

struct ht_lc_store *ht_lcb_store(struct ht_lcb *builder, uint64_t slot) {
    struct ht_lc_object *bootstrap = ht_lcb_bootstrap(builder, slot);
    struct ht_lc_store *store = calloc(1, sizeof *store);
    ht_hash32 root;
    ht_assert(store != NULL);
    ht_lcb_root(&root, &bootstrap->bootstrap.header);
    ht_assert(ht_lc_store_init(store, &builder->network, &root, bootstrap, NULL) == HT_OK);
    free(bootstrap);
    return store;
}

void ht_lcb_encode(struct ht_buf *out, const struct ht_lcb *builder,
                   const struct ht_lc_object *object) {
    const void *value = object->kind == HT_LC_BOOTSTRAP ? (const void *)&object->bootstrap
                                                        : (const void *)&object->update;
    const struct ht_ssz_type *type =
        ht_lc_type(builder->network.preset, object->fork, object->kind);
    ht_assert(ht_ssz_encode(out, type, value) == HT_OK);
}

void ht_lcb_frame(struct ht_buf *out, const struct ht_lcb *builder,
                  const struct ht_lc_object *object) {
    uint8_t head[12] = {0};
    size_t start = out->n;
    ht_assert(ht_buf_add(out, HT_BYTES(head)) == HT_OK);
    ht_lcb_encode(out, builder, object);
    ht_write_u64_le(out->p + start, out->n - start - 8);
    ht_fork_digest(out->p + start + 8, &builder->network,
                   builder->network.forks[object->fork].epoch);
}
