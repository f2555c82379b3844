/* The checks that turn claims into verified headers, cheapest first and the pairing last.
 *
 * Sources: consensus-specs altair/light-client/sync-protocol §validate_light_client_update, and
 * is_valid_light_client_header of {capella,deneb,gloas}/light-client/sync-protocol. */
#include "node/l1/consensus/light_client_validate.h"

#include "node/crypto/sha256.h"

static bool is_zero(const void *p, size_t n) {
    const uint8_t *bytes = p;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0) return false;
    }
    return true;
}

/* is_valid_normalized_merkle_branch (electra): a branch longer than the index needs starts with
 * zero nodes. */
static bool branch_holds(const ht_hash32 *leaf, const ht_hash32 *branch, unsigned length,
                         uint64_t gindex, const ht_hash32 *root) {
    unsigned depth = ht_ssz_depth(gindex);
    if (depth > length || !is_zero(branch, (length - depth) * sizeof *branch)) return false;
    ht_hash32 reached;
    ht_ssz_branch_root(&reached, leaf, branch + (length - depth), gindex);
    return ht_hash32_equal(&reached, root);
}

/* --- headers ---------------------------------------------------------------------------------- */

static void beacon_root(ht_hash32 *out, const struct ht_beacon_block_header *beacon) {
    ht_ssz_hash_tree_root(out, &ht_beacon_block_header_type, beacon);
}

static enum ht_err fail_execution(struct ht_why *why) {
    return ht_fail(why, HT_EUNVERIFIED, "bad_execution_branch",
                   "the execution header is not the one in the beacon block");
}

/* Before Gloas the whole payload header is there; its root is proven. */
static enum ht_err verify_payload(struct ht_header_verified *out, enum ht_fork header_fork,
                                  const struct ht_header_claimed *header, struct ht_why *why) {
    const struct ht_execution_payload_header *payload = &header->execution;
    if (header_fork < HT_CAPELLA) {
        /* A header from before Capella in a later container carries no execution data. */
        bool is_empty = is_zero(payload, sizeof *payload) &&
                        is_zero(header->execution_branch, sizeof header->execution_branch);
        return is_empty ? HT_OK : fail_execution(why);
    }
    if (header_fork < HT_DENEB && (payload->blob_gas_used != 0 || payload->excess_blob_gas != 0)) {
        return fail_execution(why);
    }
    ht_ssz_hash_tree_root(&out->execution_root,
                          header_fork < HT_DENEB ? &ht_execution_payload_header_capella_type
                                                 : &ht_execution_payload_header_deneb_type,
                          payload);
    unsigned length = ht_ssz_depth(ht_fork_specs[HT_CAPELLA].execution_gindex);
    if (!branch_holds(&out->execution_root, header->execution_branch, length,
                      ht_fork_specs[header_fork].execution_gindex, &header->beacon.body_root)) {
        return fail_execution(why);
    }
    out->has_execution = true;
    out->execution_block_hash = payload->block_hash;
    out->has_block_number = true;
    out->block_number = payload->block_number;
    out->block_timestamp = payload->timestamp;
    return HT_OK;
}

/* In Gloas only a block hash is there. Headers from before are upgraded ones: their branch runs
 * through the payload header, padded in front. */
static enum ht_err verify_block_hash(struct ht_header_verified *out, enum ht_fork header_fork,
                                     const struct ht_header_claimed *header, struct ht_why *why) {
    if (header_fork < HT_CAPELLA) {
        bool is_empty = ht_hash32_is_zero(&header->execution_block_hash) &&
                        is_zero(header->execution_branch, sizeof header->execution_branch);
        return is_empty ? HT_OK : fail_execution(why);
    }
    uint64_t gindex = ht_fork_specs[header_fork].block_hash_gindex;
    if (!branch_holds(&header->execution_block_hash, header->execution_branch,
                      HT_EXECUTION_BRANCH_MAX, gindex, &header->beacon.body_root)) {
        return fail_execution(why);
    }
    out->has_execution = true;
    out->execution_block_hash = header->execution_block_hash;
    out->execution_root = header->execution_block_hash;
    if (header_fork < HT_GLOAS) {
        /* get_lc_execution_root: the subtree of the payload header below the body's gindex 25. */
        unsigned payload_depth = ht_ssz_depth(ht_fork_specs[header_fork].execution_gindex);
        unsigned inner = ht_ssz_depth(gindex) - payload_depth;
        uint64_t inner_gindex = (gindex & (((uint64_t)1 << inner) - 1)) | (uint64_t)1 << inner;
        ht_ssz_branch_root(&out->execution_root, &header->execution_block_hash,
                           header->execution_branch +
                               (HT_EXECUTION_BRANCH_MAX - ht_ssz_depth(gindex)),
                           inner_gindex);
    }
    return HT_OK;
}

/* is_valid_light_client_header. The result is only as good as what vouches for beacon. */
static enum ht_err verify_header(struct ht_header_verified *out, const struct ht_network *net,
                                 enum ht_fork container, const struct ht_header_claimed *header,
                                 struct ht_why *why) {
    *out = (struct ht_header_verified){.beacon = header->beacon};
    beacon_root(&out->root, &header->beacon);
    enum ht_fork header_fork = ht_fork_at_slot(net, header->beacon.slot);
    if (header_fork > container) {
        return ht_fail(why, HT_EINPUT, "wrong_fork", "a %s header cannot be in a %s object",
                       ht_fork_specs[header_fork].name, ht_fork_specs[container].name);
    }
    if (container >= HT_GLOAS) return verify_block_hash(out, header_fork, header, why);
    if (container >= HT_CAPELLA) return verify_payload(out, header_fork, header, why);
    return HT_OK;
}

/* The container's fork is that of the header it is about (each fork's light-client/p2p-interface).
 */
static enum ht_err check_fork(const struct ht_network *net, enum ht_fork container, uint64_t slot,
                              struct ht_why *why) {
    enum ht_fork expected = ht_fork_at_slot(net, slot);
    if (container == expected) return HT_OK;
    return ht_fail(why, HT_EINPUT, "wrong_fork", "comes as a %s object, but slot %llu is in %s",
                   ht_fork_specs[container].name, (unsigned long long)slot,
                   ht_fork_specs[expected].name);
}

/* --- bootstrap -------------------------------------------------------------------------------- */

enum ht_err ht_lc_validate_bootstrap(struct ht_header_verified *out,
                                     const struct ht_network *network,
                                     const ht_hash32 *trusted_block_root,
                                     const struct ht_lc_object *object, struct ht_why *why) {
    const struct ht_lc_bootstrap *bootstrap = &object->bootstrap;
    const struct ht_beacon_block_header *beacon = &bootstrap->header.beacon;
    enum ht_err err = check_fork(network, object->fork, beacon->slot, why);
    if (err != HT_OK) return err;
    ht_hash32 root;
    beacon_root(&root, beacon);
    if (!ht_hash32_equal(&root, trusted_block_root)) {
        return ht_fail(why, HT_EUNVERIFIED, "wrong_trusted_root",
                       "the bootstrap is about another block than the trusted one");
    }
    err = verify_header(out, network, object->fork, &bootstrap->header, why);
    if (err != HT_OK) return err;
    ht_ssz_hash_tree_root(&root, ht_sync_committee_type(network->preset),
                          &bootstrap->current_sync_committee);
    uint64_t gindex = ht_fork_specs[object->fork].current_sync_committee_gindex;
    if (!branch_holds(&root, bootstrap->current_sync_committee_branch, ht_ssz_depth(gindex), gindex,
                      &beacon->state_root)) {
        return ht_fail(why, HT_EUNVERIFIED, "bad_current_committee_branch",
                       "the sync committee is not the one in the trusted block's state");
    }
    return HT_OK;
}

/* --- updates ---------------------------------------------------------------------------------- */

/* What the checks of one update share. */
struct check {
    const struct ht_lc_store *store;
    const struct ht_network *net;
    const struct ht_lc_object *object;
    const struct ht_lc_update *update;
    struct ht_lc_validated *out;
    uint64_t store_period;
    uint64_t signature_period;
    uint64_t attested_period;
    struct ht_why *why;
};

static enum ht_err check_slots(struct check *c, uint64_t current_slot) {
    const struct ht_lc_update *update = c->update;
    uint64_t attested_slot = update->attested_header.beacon.slot;
    if (update->signature_slot > current_slot) {
        return ht_fail(
            c->why, HT_EUNVERIFIED, "future", "signed in slot %llu, but the clock says %llu",
            (unsigned long long)update->signature_slot, (unsigned long long)current_slot);
    }
    if (update->signature_slot <= attested_slot ||
        attested_slot < update->finalized_header.beacon.slot) {
        return ht_fail(c->why, HT_EINPUT, "bad_slots",
                       "slots out of order: finalized %llu, attested %llu, signed %llu",
                       (unsigned long long)update->finalized_header.beacon.slot,
                       (unsigned long long)attested_slot,
                       (unsigned long long)update->signature_slot);
    }
    bool is_next = c->store->has_next_committee && c->signature_period == c->store_period + 1;
    if (c->signature_period != c->store_period && !is_next) {
        return ht_fail(c->why, HT_ESTALE, "other_period",
                       "signed by the committee of period %llu; known are those of %llu%s",
                       (unsigned long long)c->signature_period, (unsigned long long)c->store_period,
                       c->store->has_next_committee ? " and the next" : "");
    }
    bool brings_committee = !c->store->has_next_committee && c->out->has_next_committee &&
                            c->attested_period == c->store_period;
    if (attested_slot <= c->store->finalized.beacon.slot && !brings_committee) {
        return ht_fail(c->why, HT_ESTALE, "stale", "about slot %llu, finality is at %llu already",
                       (unsigned long long)attested_slot,
                       (unsigned long long)c->store->finalized.beacon.slot);
    }
    return HT_OK;
}

static enum ht_err check_finality(struct check *c) {
    const struct ht_header_claimed *finalized = &c->update->finalized_header;
    bool is_empty = is_zero(finalized, sizeof *finalized);
    if (!c->out->has_finality || finalized->beacon.slot == 0) {
        if (!is_empty) {
            return ht_fail(c->why, HT_EINPUT, "unexpected_finalized_header",
                           "a finalized header that nothing proves");
        }
        c->out->finalized = (struct ht_header_verified){0};
        if (!c->out->has_finality) return HT_OK;
    } else {
        enum ht_err err =
            verify_header(&c->out->finalized, c->net, c->object->fork, finalized, c->why);
        if (err != HT_OK) {
            ht_why_context(c->why, "finalized header");
            return err;
        }
    }
    /* The genesis checkpoint's root is zero, as out->finalized.root is then. */
    uint64_t gindex = ht_fork_specs[c->object->fork].finalized_root_gindex;
    if (!branch_holds(&c->out->finalized.root, c->update->finality_branch, ht_ssz_depth(gindex),
                      gindex, &c->update->attested_header.beacon.state_root)) {
        return ht_fail(c->why, HT_EUNVERIFIED, "bad_finality_branch",
                       "the finalized header is not the one in the attested state");
    }
    return HT_OK;
}

static bool is_committee(const struct ht_bls_committee *known,
                         const struct ht_sync_committee *claimed) {
    return memcmp(known->pubkeys, claimed->pubkeys, known->count * HT_BLS_PUBKEY_SIZE) == 0 &&
           memcmp(known->aggregate_pubkey, claimed->aggregate_pubkey, HT_BLS_PUBKEY_SIZE) == 0;
}

static enum ht_err check_next_committee(struct check *c) {
    const struct ht_sync_committee *next = &c->update->next_sync_committee;
    if (!c->out->has_next_committee) {
        if (is_zero(next, sizeof *next)) return HT_OK;
        return ht_fail(c->why, HT_EINPUT, "unexpected_next_committee",
                       "a next sync committee that nothing proves");
    }
    ht_hash32 root;
    ht_ssz_hash_tree_root(&root, ht_sync_committee_type(c->net->preset), next);
    uint64_t gindex = ht_fork_specs[c->object->fork].next_sync_committee_gindex;
    if (!branch_holds(&root, c->update->next_sync_committee_branch, ht_ssz_depth(gindex), gindex,
                      &c->update->attested_header.beacon.state_root)) {
        return ht_fail(c->why, HT_EUNVERIFIED, "bad_next_committee_branch",
                       "the next sync committee is not the one in the attested state");
    }
    if (c->attested_period == c->store_period && c->store->has_next_committee &&
        !is_committee(&c->store->next_committee, next)) {
        return ht_fail(c->why, HT_EUNVERIFIED, "next_committee_differs",
                       "another next sync committee than the one already proven");
    }
    c->out->next_committee = *next;
    return HT_OK;
}

static enum ht_err check_signature(struct check *c, struct ht_bls_committee *committee) {
    ht_hash32 domain, signing_root;
    ht_sync_committee_domain(&domain, c->net, c->update->signature_slot);
    ht_sha256_pair(&signing_root, &c->out->attested.root, &domain); /* compute_signing_root */
    const struct ht_sync_aggregate *aggregate = &c->update->sync_aggregate;
    return ht_bls_committee_verify(committee, aggregate->sync_committee_bits, &signing_root,
                                   aggregate->sync_committee_signature, c->why);
}

enum ht_err ht_lc_validate_update(struct ht_lc_store *store, struct ht_lc_validated *out,
                                  const struct ht_lc_object *object, uint64_t current_slot,
                                  struct ht_why *why) {
    const struct ht_network *net = store->network;
    const struct ht_lc_update *update = &object->update;
    struct check c = {
        .store = store,
        .net = net,
        .object = object,
        .update = update,
        .out = out,
        .store_period = ht_lc_store_period(store),
        .signature_period = ht_period_at_slot(net, update->signature_slot),
        .attested_period = ht_period_at_slot(net, update->attested_header.beacon.slot),
        .why = why,
    };
    out->participants =
        ht_bits_count(update->sync_aggregate.sync_committee_bits, net->preset->sync_committee_size);
    out->signature_slot = update->signature_slot;
    out->has_next_committee =
        !is_zero(update->next_sync_committee_branch, sizeof update->next_sync_committee_branch);
    out->has_finality = !is_zero(update->finality_branch, sizeof update->finality_branch);
    if (out->participants == 0) {
        return ht_fail(why, HT_EUNVERIFIED, "no_participants", "no member of the committee signed");
    }
    enum ht_err err = check_fork(net, object->fork, update->attested_header.beacon.slot, why);
    if (err == HT_OK) err = check_slots(&c, current_slot);
    if (err == HT_OK) {
        err = verify_header(&out->attested, net, object->fork, &update->attested_header, why);
    }
    if (err == HT_OK) err = check_finality(&c);
    if (err == HT_OK) err = check_next_committee(&c);
    if (err == HT_OK) {
        err = check_signature(&c, c.signature_period == c.store_period ? &store->current_committee
                                                                       : &store->next_committee);
    }
    if (err != HT_OK) return err;
    out->attested.participants = out->participants;
    out->finalized.participants = out->participants;
    return HT_OK;
}
