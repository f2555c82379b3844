/* Light-client objects from any bytes: decoded for every network, then processed by a store of the
 * minimal preset.
 *
 * No fuzzer finds a signature, so in half of the runs the objects are mended first: the trees are
 * fitted to the branches, and the committee's keys, all of them the generator of G1, sign what
 * there is. That gets past validation, to the state machine. The first byte chooses. */
#include <stdlib.h>

#include "node/crypto/sha256.h"
#include "node/l1/consensus/decode.h"
#include "node/l1/consensus/light_client.h"

#define CHOICE_MEND 1U
#define CHOICE_FORCE 2U
#define CHOICE_OWN_COMMITTEE 4U
#define PERIOD_SLOTS 64U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char DST[] = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

struct run {
    struct ht_network network; /* minimal preset, one fork a period from Altair to Gloas */
    struct ht_lc_store *store, *before;
    struct ht_lc_object *object;
    struct ht_sync_committee committee;
    uint8_t choice;
};

/* --- mending ---------------------------------------------------------------------------------- */

static bool is_zero(const void *p, size_t n) {
    const uint8_t *bytes = p;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0) return false;
    }
    return true;
}

/* Fits the body to the execution branch; its padding becomes zero. */
static void mend_header(struct run *run, enum ht_fork container, struct ht_header_claimed *header) {
    enum ht_fork fork = ht_fork_at_slot(&run->network, header->beacon.slot);
    if (fork < HT_CAPELLA || container < HT_CAPELLA) return;
    ht_hash32 leaf = header->execution_block_hash;
    ht_hash32 *branch = header->execution_branch;
    uint64_t gindex = ht_fork_specs[fork].block_hash_gindex;
    if (container >= HT_GLOAS) {
        size_t padding = HT_EXECUTION_BRANCH_MAX - ht_ssz_depth(gindex);
        memset(branch, 0, padding * sizeof *branch);
        branch += padding;
    } else {
        const struct ht_ssz_type *type = fork < HT_DENEB ? &ht_execution_payload_header_capella_type
                                                         : &ht_execution_payload_header_deneb_type;
        ht_ssz_hash_tree_root(&leaf, type, &header->execution);
        gindex = ht_fork_specs[fork].execution_gindex;
    }
    ht_ssz_branch_root(&header->beacon.body_root, &leaf, branch, gindex);
}

/* Fits the attested state to a branch. Two branches fit only if they did before. */
static void mend_state(struct run *run, struct ht_lc_object *object) {
    struct ht_lc_update *update = &object->update;
    const struct ht_fork_spec *spec = &ht_fork_specs[object->fork];
    ht_hash32 leaf = {{0}};
    if (!is_zero(update->next_sync_committee_branch, sizeof update->next_sync_committee_branch)) {
        if (run->choice & CHOICE_OWN_COMMITTEE) update->next_sync_committee = run->committee;
        ht_ssz_hash_tree_root(&leaf, ht_sync_committee_type(run->network.preset),
                              &update->next_sync_committee);
        ht_ssz_branch_root(&update->attested_header.beacon.state_root, &leaf,
                           update->next_sync_committee_branch, spec->next_sync_committee_gindex);
    } else if (!is_zero(update->finality_branch, sizeof update->finality_branch)) {
        if (update->finalized_header.beacon.slot != 0) {
            ht_ssz_hash_tree_root(&leaf, &ht_beacon_block_header_type,
                                  &update->finalized_header.beacon);
        }
        ht_ssz_branch_root(&update->attested_header.beacon.state_root, &leaf,
                           update->finality_branch, spec->finalized_root_gindex);
    }
}

/* Every secret key is 1, so the participants' signature is their number times the hash. */
static void mend_signature(struct run *run, struct ht_lc_update *update) {
    size_t participants = ht_bits_count(update->sync_aggregate.sync_committee_bits,
                                        run->network.preset->sync_committee_size);
    if (participants == 0) return;
    ht_hash32 root, domain;
    uint8_t number[32] = {(uint8_t)participants};
    blst_scalar secret;
    blst_p2 point;
    ht_ssz_hash_tree_root(&root, &ht_beacon_block_header_type, &update->attested_header.beacon);
    ht_sync_committee_domain(&domain, &run->network, update->signature_slot);
    ht_sha256_pair(&root, &root, &domain);
    blst_scalar_from_lendian(&secret, number);
    blst_hash_to_g2(&point, root.b, sizeof root.b, (const uint8_t *)DST, sizeof DST - 1, NULL, 0);
    blst_sign_pk_in_g1(&point, &point, &secret);
    blst_p2_compress(update->sync_aggregate.sync_committee_signature, &point);
}

/* --- the store -------------------------------------------------------------------------------- */

static void make_committee(struct ht_sync_committee *out) {
    blst_p1 sum;
    uint8_t size[32] = {32};
    blst_p1_mult(&sum, blst_p1_generator(), size, 8);
    blst_p1_compress(out->aggregate_pubkey, &sum);
    for (size_t i = 0; i < 32; i++) {
        blst_p1_affine_compress(out->pubkeys[i], blst_p1_affine_generator());
    }
}

/* Stands at the start of the period in which the object was signed, so that it is checked at all;
 * further objects meet the store as the earlier ones left it. */
static void start_store(struct run *run, const struct ht_lc_object *object) {
    struct ht_lc_store *store = run->store;
    uint64_t start = object->update.signature_slot / PERIOD_SLOTS * PERIOD_SLOTS;
    store->network = &run->network;
    store->finalized.beacon.slot = start;
    store->optimistic = store->finalized;
    ht_bls_committee_init(&store->current_committee, run->committee.pubkeys[0], 32,
                          run->committee.aggregate_pubkey);
}

static bool is_same_but_for_caches(const struct ht_lc_store *a, const struct ht_lc_store *b) {
    return memcmp(&a->finalized, &b->finalized, sizeof a->finalized) == 0 &&
           memcmp(&a->optimistic, &b->optimistic, sizeof a->optimistic) == 0 &&
           memcmp(a->current_committee.pubkeys, b->current_committee.pubkeys,
                  sizeof a->current_committee.pubkeys) == 0 &&
           a->has_next_committee == b->has_next_committee &&
           a->has_best_valid_update == b->has_best_valid_update &&
           memcmp(&a->best_valid_update, &b->best_valid_update, sizeof a->best_valid_update) == 0 &&
           a->previous_max_active_participants == b->previous_max_active_participants &&
           a->current_max_active_participants == b->current_max_active_participants;
}

static bool process(void *user, size_t position, const struct ht_lc_object *decoded) {
    struct run *run = user;
    struct ht_why why = {.code = NULL};
    memcpy(run->object, decoded, sizeof *decoded);
    struct ht_lc_object *object = run->object;
    if (object->kind == HT_LC_BOOTSTRAP) {
        ht_hash32 root;
        if (run->choice & CHOICE_MEND) mend_header(run, object->fork, &object->bootstrap.header);
        ht_ssz_hash_tree_root(&root, &ht_beacon_block_header_type,
                              &object->bootstrap.header.beacon);
        enum ht_err err = ht_lc_store_init(run->before, &run->network, &root, object, &why);
        if (err != HT_OK && why.code == NULL) abort();
        return true;
    }
    if (run->store->network == NULL) start_store(run, object);
    if (run->choice & CHOICE_MEND) {
        mend_header(run, object->fork, &object->update.finalized_header);
        mend_header(run, object->fork, &object->update.attested_header);
        mend_state(run, object);
        mend_signature(run, &object->update);
    }
    memcpy(run->before, run->store, sizeof *run->before);
    struct ht_lc_store *store = run->store;
    enum ht_err err = ht_lc_process(store, NULL, object, object->update.signature_slot + 1, &why);
    if (err != HT_OK && (why.code == NULL || !is_same_but_for_caches(store, run->before))) abort();
    if (run->choice & CHOICE_FORCE) (void)ht_lc_force_update(store, UINT64_MAX);
    if (store->finalized.beacon.slot < run->before->finalized.beacon.slot) abort();
    if (store->optimistic.beacon.slot < store->finalized.beacon.slot) abort();
    return position < 8;
}

/* --- decoding --------------------------------------------------------------------------------- */

static bool ignore(void *user, size_t position, const struct ht_lc_object *object) {
    const struct ht_network *network = user;
    if (ht_fork_at_slot(network, ht_lc_object_slot(object)) != object->fork) abort();
    return position < 8;
}

static void decode_for_all(const struct ht_network *own, ht_bytes bytes) {
    for (size_t i = 0; ht_network_at(i) != NULL; i++) {
        struct ht_network network = *ht_network_at(i);
        (void)!ht_lc_decode_all(&network, bytes, ignore, &network, NULL);
    }
    struct ht_network network = *own;
    network.preset = &ht_preset_mainnet;
    (void)!ht_lc_decode_all(&network, bytes, ignore, &network, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n == 0 || n > 4UL * HT_LC_JSON_MAX) return 0;
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL) return 0;
    run->store = calloc(1, sizeof *run->store);
    run->before = calloc(1, sizeof *run->before);
    run->object = calloc(1, sizeof *run->object);
    run->choice = data[0];
    run->network.preset = &ht_preset_minimal;
    run->network.slot_duration_ms = 6000;
    for (unsigned fork = HT_ALTAIR; fork < HT_FORK_COUNT; fork++) {
        run->network.forks[fork].epoch = 8ULL * (fork - HT_ALTAIR);
        run->network.forks[fork].version[0] = (uint8_t)fork;
    }
    ht_bytes bytes = ht_bytes_of(data + 1, n - 1);
    if (run->store != NULL && run->before != NULL && run->object != NULL) {
        make_committee(&run->committee);
        decode_for_all(&run->network, bytes);
        (void)!ht_lc_decode_all(&run->network, bytes, process, run, NULL);
    }
    free(run->store);
    free(run->before);
    free(run->object);
    free(run);
    return 0;
}
