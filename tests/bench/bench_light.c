/* Light-client verification of recorded mainnet updates against the bare cost of blst for the same
 * signatures: one update with a committee whose keys are decompressed already, and 60 updates in a
 * row from a bootstrap. Ours includes decoding, Merkle branches, the pairing and the store. */
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "node/crypto/sha256.h"
#include "node/l1/consensus/decode.h"
#include "node/l1/consensus/light_client_validate.h"
#include "tests/bench/bench.h"

#define OBJECTS_MAX 4096U
#define FILE_MAX (16UL * 1024 * 1024)
#define CHAIN_UPDATES 60U
#define CHAIN_PAIRS 9U
#define WARM_UPDATES 8U
#define WARM_PAIRS 31U

static const char DST[] = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

struct item {
    struct ht_lc_object *object;
    struct ht_buf ssz; /* as it came over the wire */
};

struct bench {
    const struct ht_network *network;
    struct item *items; /* bootstraps and updates */
    size_t count;
    const struct item *bootstrap; /* of the longest chain */
    const struct item *chain[CHAIN_UPDATES];
    size_t chain_len;
    struct ht_lc_store *store, *copy;
    struct ht_lc_object *object;
    struct ht_bench_pair pair;
};

/* --- finding the data ------------------------------------------------------------------------- */

static bool keep_object(void *user, size_t position, const struct ht_lc_object *object) {
    struct bench *bench = user;
    (void)position;
    if (object->kind != HT_LC_BOOTSTRAP && object->kind != HT_LC_UPDATE) return true;
    if (bench->count == OBJECTS_MAX) return false;
    struct item *item = &bench->items[bench->count++];
    item->object = malloc(sizeof *object);
    ht_assert(item->object != NULL);
    memcpy(item->object, object, sizeof *object);
    ht_buf_init(&item->ssz, HT_LC_SSZ_MAX);
    const void *value = object->kind == HT_LC_BOOTSTRAP ? (const void *)&item->object->bootstrap
                                                        : (const void *)&item->object->update;
    const struct ht_ssz_type *type = ht_lc_type(bench->network->preset, object->fork, object->kind);
    ht_assert(ht_ssz_encode(&item->ssz, type, value) == HT_OK);
    return true;
}

static void read_file(struct bench *bench, const char *path, size_t size) {
    FILE *file = fopen(path, "rbe");
    uint8_t *bytes = malloc(size + 1);
    if (file != NULL && bytes != NULL) {
        size_t n = fread(bytes, 1, size, file);
        /* Most files hold no light-client objects. */
        (void)!ht_lc_decode_all(bench->network, ht_bytes_of(bytes, n), keep_object, bench, NULL);
    }
    free(bytes);
    if (file != NULL) (void)fclose(file);
}

static void read_tree(struct bench *bench, const char *dir) {
    char *root = strdup(dir);
    ht_assert(root != NULL);
    char *const roots[] = {root, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
    ht_assert(walk != NULL);
    for (FTSENT *entry = fts_read(walk); entry != NULL; entry = fts_read(walk)) {
        if (entry->fts_info != FTS_F || entry->fts_statp->st_size <= 0) continue;
        size_t size = (size_t)entry->fts_statp->st_size;
        if (size <= FILE_MAX) read_file(bench, entry->fts_path, size);
    }
    (void)fts_close(walk);
    free(root);
}

static enum ht_err start(struct bench *bench, struct ht_lc_store *store,
                         const struct item *bootstrap) {
    ht_hash32 root;
    enum ht_err err = ht_lc_decode_ssz(bench->object, bench->network, HT_LC_BOOTSTRAP,
                                       bootstrap->object->fork, ht_buf_view(&bootstrap->ssz), NULL);
    if (err != HT_OK) return err;
    ht_ssz_hash_tree_root(&root, &ht_beacon_block_header_type,
                          &bench->object->bootstrap.header.beacon);
    return ht_lc_store_init(store, bench->network, &root, bench->object, NULL);
}

/* An update of the period that takes the store on. */
static const struct item *find_next(struct bench *bench, uint64_t period) {
    for (size_t i = 0; i < bench->count; i++) {
        const struct item *item = &bench->items[i];
        if (item->object->kind != HT_LC_UPDATE ||
            ht_period_at_slot(bench->network, ht_lc_object_slot(item->object)) != period) {
            continue;
        }
        memcpy(bench->copy, bench->store, sizeof *bench->copy);
        if (ht_lc_process(bench->copy, NULL, item->object, UINT64_MAX, NULL) == HT_OK &&
            ht_lc_store_period(bench->copy) == period && bench->copy->has_next_committee) {
            memcpy(bench->store, bench->copy, sizeof *bench->store);
            return item;
        }
    }
    return NULL;
}

static void find_longest_chain(struct bench *bench) {
    for (size_t i = 0; i < bench->count; i++) {
        const struct item *bootstrap = &bench->items[i];
        if (bootstrap->object->kind != HT_LC_BOOTSTRAP ||
            start(bench, bench->store, bootstrap) != HT_OK) {
            continue;
        }
        const struct item *chain[CHAIN_UPDATES];
        uint64_t period = ht_lc_store_period(bench->store);
        size_t n = 0;
        while (n < CHAIN_UPDATES && (chain[n] = find_next(bench, period + n)) != NULL) n++;
        if (n <= bench->chain_len) continue;
        bench->bootstrap = bootstrap;
        bench->chain_len = n;
        memcpy(bench->chain, chain, n * sizeof *chain);
    }
}

/* --- what blst alone costs -------------------------------------------------------------------- */

struct signature {
    const struct ht_lc_update *update;
    struct ht_bls_committee *committee; /* with its keys decompressed when is_warm */
    ht_hash32 signing_root;
};

static void prepare(struct signature *out, struct bench *bench, struct ht_lc_store *store,
                    const struct item *item) {
    const struct ht_lc_update *update = &item->object->update;
    ht_hash32 root, domain;
    ht_ssz_hash_tree_root(&root, &ht_beacon_block_header_type, &update->attested_header.beacon);
    ht_sync_committee_domain(&domain, bench->network, update->signature_slot);
    ht_sha256_pair(&out->signing_root, &root, &domain);
    uint64_t period = ht_period_at_slot(bench->network, update->signature_slot);
    out->update = update;
    out->committee =
        period == ht_lc_store_period(store) ? &store->current_committee : &store->next_committee;
}

/* Aggregate key minus absentees, signature with its subgroup check, hash to curve and pairing. */
static bool verify_bare(const struct signature *signature, bool is_warm) {
    const struct ht_bls_committee *committee = signature->committee;
    const struct ht_sync_aggregate *aggregate = &signature->update->sync_aggregate;
    blst_p2_affine sig;
    blst_p1_affine key = committee->aggregate;
    blst_p1 sum = {0};
    bool is_good = blst_p2_uncompress(&sig, aggregate->sync_committee_signature) == BLST_SUCCESS &&
                   blst_p2_affine_in_g2(&sig);
    if (!is_warm) {
        is_good = is_good && blst_p1_uncompress(&key, committee->aggregate_pubkey) == BLST_SUCCESS;
    }
    for (size_t i = 0; i < committee->count; i++) {
        if (ht_bit_at(aggregate->sync_committee_bits, i)) continue;
        blst_p1_affine absent = committee->affine[i];
        if (!is_warm) {
            is_good = is_good && blst_p1_uncompress(&absent, committee->pubkeys[i]) == BLST_SUCCESS;
        }
        blst_p1_add_or_double_affine(&sum, &sum, &absent);
    }
    blst_p1_cneg(&sum, true);
    blst_p1_add_or_double_affine(&sum, &sum, &key);
    blst_p1_to_affine(&key, &sum);
    return is_good &&
           blst_core_verify_pk_in_g1(&key, &sig, true, signature->signing_root.b, 32,
                                     (const uint8_t *)DST, sizeof DST - 1, NULL, 0) == BLST_SUCCESS;
}

/* --- one update, warm ------------------------------------------------------------------------- */

static bool verify_ours(struct bench *bench, struct ht_lc_store *store, const struct item *item) {
    return ht_lc_decode_ssz(bench->object, bench->network, HT_LC_UPDATE, item->object->fork,
                            ht_buf_view(&item->ssz), NULL) == HT_OK &&
           ht_lc_process(store, NULL, bench->object, UINT64_MAX, NULL) == HT_OK;
}

static bool sample_warm(struct bench *bench, const struct item *item) {
    struct signature signature;
    struct ht_lc_validated *validated = &bench->copy->scratch;
    /* Decompresses the keys in the store itself. */
    bool is_good =
        ht_lc_validate_update(bench->store, validated, item->object, UINT64_MAX, NULL) == HT_OK;
    prepare(&signature, bench, bench->store, item);
    for (size_t i = 0; is_good && i < WARM_PAIRS; i++) {
        memcpy(bench->copy, bench->store, sizeof *bench->copy);
        double start_ms = ht_bench_now_ms();
        is_good = verify_ours(bench, bench->copy, item);
        double between_ms = ht_bench_now_ms();
        is_good = verify_bare(&signature, true) && is_good;
        ht_bench_add(&bench->pair, between_ms - start_ms, ht_bench_now_ms() - between_ms);
    }
    return is_good;
}

static bool run_warm(struct bench *bench) {
    bench->pair.count = 0;
    bool is_good = start(bench, bench->store, bench->bootstrap) == HT_OK;
    for (size_t i = 0; is_good && i < bench->chain_len; i++) {
        if (i < WARM_UPDATES) is_good = sample_warm(bench, bench->chain[i]);
        is_good = is_good && verify_ours(bench, bench->store, bench->chain[i]);
    }
    if (is_good) ht_bench_print("lc_update_warm", &bench->pair, "");
    return is_good;
}

/* --- a chain of updates, cold ----------------------------------------------------------------- */

/* One pass: 60 updates from the bootstrap, starting again when the chain is shorter. */
static bool verify_chain(struct bench *bench) {
    bool is_good = true;
    for (size_t i = 0; is_good && i < CHAIN_UPDATES; i++) {
        size_t at = i % bench->chain_len;
        if (at == 0) is_good = start(bench, bench->store, bench->bootstrap) == HT_OK;
        is_good = is_good && verify_ours(bench, bench->store, bench->chain[at]);
    }
    return is_good;
}

/* The same signatures, their committees set aside. */
static bool prepare_chain(struct bench *bench, struct signature *signatures) {
    bool is_good = start(bench, bench->store, bench->bootstrap) == HT_OK;
    for (size_t i = 0; is_good && i < bench->chain_len; i++) {
        prepare(&signatures[i], bench, bench->store, bench->chain[i]);
        struct ht_bls_committee *kept = malloc(sizeof *kept);
        ht_assert(kept != NULL);
        memcpy(kept, signatures[i].committee, sizeof *kept);
        signatures[i].committee = kept;
        is_good = verify_ours(bench, bench->store, bench->chain[i]);
    }
    return is_good;
}

static bool run_chain(struct bench *bench) {
    struct signature signatures[CHAIN_UPDATES] = {{.update = NULL}};
    bool is_good = prepare_chain(bench, signatures);
    bench->pair.count = 0;
    for (size_t pair = 0; is_good && pair < CHAIN_PAIRS; pair++) {
        double start_ms = ht_bench_now_ms();
        is_good = verify_chain(bench);
        double between_ms = ht_bench_now_ms();
        for (size_t i = 0; is_good && i < CHAIN_UPDATES; i++) {
            is_good = verify_bare(&signatures[i % bench->chain_len], false);
        }
        ht_bench_add(&bench->pair, between_ms - start_ms, ht_bench_now_ms() - between_ms);
    }
    for (size_t i = 0; i < bench->chain_len; i++) free(signatures[i].committee);
    char more[64] = "";
    if (bench->chain_len < CHAIN_UPDATES) {
        (void)snprintf(more, sizeof more, ",\"updates\":%u,\"chain\":%zu", CHAIN_UPDATES,
                       bench->chain_len);
    }
    if (is_good) ht_bench_print("lc_chain_60", &bench->pair, more);
    return is_good;
}

static void free_bench(struct bench *bench) {
    for (size_t i = 0; i < bench->count; i++) {
        free(bench->items[i].object);
        ht_buf_fini(&bench->items[i].ssz);
    }
    free(bench->items);
    free(bench->store);
    free(bench->copy);
    free(bench->object);
    free(bench);
}

static bool run(const char *fixtures_dir) {
    if (fixtures_dir == NULL || *fixtures_dir == '\0') {
        fputs("bench light: FIXTURES names no folder of recorded mainnet updates\n", stderr);
        return false;
    }
    struct bench *bench = calloc(1, sizeof *bench);
    ht_assert(bench != NULL);
    bench->network = ht_network_find("mainnet");
    bench->items = calloc(OBJECTS_MAX, sizeof *bench->items);
    bench->store = calloc(1, sizeof *bench->store);
    bench->copy = calloc(1, sizeof *bench->copy);
    bench->object = calloc(1, sizeof *bench->object);
    ht_assert(bench->items != NULL && bench->store != NULL && bench->copy != NULL &&
              bench->object != NULL);
    read_tree(bench, fixtures_dir);
    find_longest_chain(bench);
    bool is_good = bench->chain_len > 0;
    if (!is_good) {
        fprintf(stderr, "bench light: no mainnet bootstrap with updates below %s\n", fixtures_dir);
    } else {
        is_good = run_warm(bench) && run_chain(bench);
        if (!is_good) fputs("bench light: an update does not verify\n", stderr);
    }
    free_bench(bench);
    return is_good;
}

const struct ht_bench_group ht_bench_light = {"light", run};
