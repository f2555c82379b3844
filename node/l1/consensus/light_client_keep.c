/* The kept form of a light-client store: an SSZ container of our own, behind a version and a
 * checksum. */
#include "node/l1/consensus/light_client_keep.h"

#include <stdlib.h>

#include "node/crypto/sha256.h"

#define VERSION 1U

struct kept_header {
    struct ht_beacon_block_header beacon;
    ht_hash32 execution_block_hash;
    ht_hash32 execution_root;
    uint64_t block_number;
    uint64_t block_timestamp;
    uint64_t participants;
    uint64_t flags; /* 1: has_execution, 2: has_block_number */
};

struct kept_store {
    uint64_t version;
    ht_hash32 genesis_validators_root;
    struct kept_header finalized;
    struct kept_header optimistic;
    struct ht_sync_committee current;
    struct ht_sync_committee next;
    uint64_t has_next;
    uint64_t previous_max;
    uint64_t current_max;
};

#define FIELD(object, field, its_type) \
    { #field, &(its_type), offsetof(struct object, field) }

static const struct ht_ssz_field header_fields[] = {
    FIELD(kept_header, beacon, ht_beacon_block_header_type),
    FIELD(kept_header, execution_block_hash, ht_ssz_bytes32),
    FIELD(kept_header, execution_root, ht_ssz_bytes32),
    FIELD(kept_header, block_number, ht_ssz_uint64),
    FIELD(kept_header, block_timestamp, ht_ssz_uint64),
    FIELD(kept_header, participants, ht_ssz_uint64),
    FIELD(kept_header, flags, ht_ssz_uint64),
};
static const struct ht_ssz_type header_type = HT_SSZ_CONTAINER_OF(header_fields);

/* Both presets use the large committee: what is past a small one stays zero. */
static const struct ht_ssz_type pubkeys = {
    .kind = HT_SSZ_VECTOR, .length = HT_SYNC_COMMITTEE_MAX, .element = &ht_ssz_bytes48};
static const struct ht_ssz_field committee_fields[] = {
    FIELD(ht_sync_committee, pubkeys, pubkeys),
    FIELD(ht_sync_committee, aggregate_pubkey, ht_ssz_bytes48),
};
static const struct ht_ssz_type committee_type = HT_SSZ_CONTAINER_OF(committee_fields);

static const struct ht_ssz_field store_fields[] = {
    FIELD(kept_store, version, ht_ssz_uint64),
    FIELD(kept_store, genesis_validators_root, ht_ssz_bytes32),
    FIELD(kept_store, finalized, header_type),
    FIELD(kept_store, optimistic, header_type),
    FIELD(kept_store, current, committee_type),
    FIELD(kept_store, next, committee_type),
    FIELD(kept_store, has_next, ht_ssz_uint64),
    FIELD(kept_store, previous_max, ht_ssz_uint64),
    FIELD(kept_store, current_max, ht_ssz_uint64),
};
static const struct ht_ssz_type store_type = HT_SSZ_CONTAINER_OF(store_fields);

static void keep_header(struct kept_header *out, const struct ht_header_verified *header) {
    *out = (struct kept_header){
        .beacon = header->beacon,
        .execution_block_hash = header->execution_block_hash,
        .execution_root = header->execution_root,
        .block_number = header->block_number,
        .block_timestamp = header->block_timestamp,
        .participants = header->participants,
        .flags = (header->has_execution ? 1U : 0U) | (header->has_block_number ? 2U : 0U),
    };
}

static void restore_header(struct ht_header_verified *out, const struct kept_header *kept) {
    *out = (struct ht_header_verified){
        .beacon = kept->beacon,
        .has_execution = (kept->flags & 1U) != 0,
        .execution_block_hash = kept->execution_block_hash,
        .execution_root = kept->execution_root,
        .has_block_number = (kept->flags & 2U) != 0,
        .block_number = kept->block_number,
        .block_timestamp = kept->block_timestamp,
        .participants = (size_t)kept->participants,
    };
    ht_ssz_hash_tree_root(&out->root, &ht_beacon_block_header_type, &out->beacon);
}

static void keep_committee(struct ht_sync_committee *out, const struct ht_bls_committee *from) {
    memcpy(out->pubkeys, from->pubkeys, from->count * HT_BLS_PUBKEY_SIZE);
    memcpy(out->aggregate_pubkey, from->aggregate_pubkey, HT_BLS_PUBKEY_SIZE);
}

enum ht_err ht_lc_store_encode(struct ht_buf *out, const struct ht_lc_store *store) {
    struct kept_store *kept = calloc(1, sizeof *kept);
    if (kept == NULL) return HT_ENOMEM;
    kept->version = VERSION;
    kept->genesis_validators_root = store->network->genesis_validators_root;
    keep_header(&kept->finalized, &store->finalized);
    keep_header(&kept->optimistic, &store->optimistic);
    keep_committee(&kept->current, &store->current_committee);
    if (store->has_next_committee) keep_committee(&kept->next, &store->next_committee);
    kept->has_next = store->has_next_committee;
    kept->previous_max = store->previous_max_active_participants;
    kept->current_max = store->current_max_active_participants;
    size_t start = out->n;
    enum ht_err err = ht_ssz_encode(out, &store_type, kept);
    free(kept);
    if (err != HT_OK) return err;
    ht_hash32 checksum;
    ht_sha256(&checksum, ht_bytes_of(out->p + start, out->n - start));
    return ht_buf_add(out, HT_BYTES(checksum.b));
}

static enum ht_err check(const struct kept_store *kept, const struct ht_network *network,
                         struct ht_why *why) {
    if (kept->version != VERSION) {
        return ht_fail(why, HT_EINPUT, "kept_store_version",
                       "the kept light-client store has version %llu, this program reads %u",
                       (unsigned long long)kept->version, VERSION);
    }
    if (!ht_hash32_equal(&kept->genesis_validators_root, &network->genesis_validators_root)) {
        return ht_fail(why, HT_EINPUT, "kept_store_network",
                       "the kept light-client store is of another network than %s", network->name);
    }
    return HT_OK;
}

enum ht_err ht_lc_store_decode(struct ht_lc_store *store, const struct ht_network *network,
                               ht_bytes bytes, struct ht_why *why) {
    ht_hash32 checksum = {{0}};
    bool is_whole = bytes.n > sizeof checksum;
    if (is_whole) {
        ht_sha256(&checksum, ht_bytes_of(bytes.p, bytes.n - sizeof checksum));
        is_whole = memcmp(checksum.b, bytes.p + bytes.n - sizeof checksum, sizeof checksum) == 0;
    }
    if (!is_whole) {
        return ht_fail(why, HT_EINPUT, "kept_store_damaged",
                       "the kept light-client store is damaged");
    }
    struct kept_store *kept = malloc(sizeof *kept);
    if (kept == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    enum ht_err err =
        ht_ssz_decode(kept, &store_type, ht_bytes_of(bytes.p, bytes.n - sizeof checksum), why);
    if (err == HT_OK) err = check(kept, network, why);
    if (err == HT_OK) {
        memset(store, 0, sizeof *store);
        store->network = network;
        restore_header(&store->finalized, &kept->finalized);
        restore_header(&store->optimistic, &kept->optimistic);
        size_t size = network->preset->sync_committee_size;
        ht_bls_committee_init(&store->current_committee, kept->current.pubkeys[0], size,
                              kept->current.aggregate_pubkey);
        store->has_next_committee = kept->has_next != 0;
        if (store->has_next_committee) {
            ht_bls_committee_init(&store->next_committee, kept->next.pubkeys[0], size,
                                  kept->next.aggregate_pubkey);
        }
        store->previous_max_active_participants = (size_t)kept->previous_max;
        store->current_max_active_participants = (size_t)kept->current_max;
    }
    free(kept);
    return err;
}
