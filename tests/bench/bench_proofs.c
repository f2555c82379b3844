/* Trie proofs and roots against the keccak permutations that they cannot do without: one for each
 * 136 bytes of a node and one for the key. The floor hashes that many in one go, in the same run.
 *
 * mpt_account, mpt_storage: recorded answers to eth_getProof below FIXTURES, their nodes as bytes;
 * ours is the proof, the account's or slot's decoding included. receipts_root_300: a receiptsRoot
 * of made-up receipts of the sizes that blocks have. eth_get_balance_warm: bench_rpc.c. */
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "node/crypto/keccak.h"
#include "node/l1/execution/eth_get_proof.h"
#include "node/l1/execution/trie_build.h"
#include "tests/bench/bench.h"
#include "tests/bench/bench_rpc.h"

#define FILE_MAX (64UL * 1024 * 1024)
#define ARENA_MAX (256UL * 1024 * 1024)
#define PROOFS_MAX 10000U
#define PAIRS 301U
#define RECEIPTS 300U
#define RECEIPT_MAX 1400U
#define RECEIPT_PAIRS 101U
/* One keccak over all permutations of a sample has at most this many bytes. */
#define FLOOR_MAX (32UL * 1024 * 1024)

struct bench {
    struct ht_arena arena;
    struct ht_get_proof *accounts;
    ht_hash32 *state_roots;
    size_t account_count, account_perms;
    struct ht_slot_claim *slots;
    ht_hash32 *storage_roots;
    size_t slot_count, slot_perms;
    uint8_t *zeros;
    struct ht_bench_pair pair;
};

/* --- finding the data ------------------------------------------------------------------------- */

static size_t perms_of(size_t n) {
    return n / HT_KECCAK256_RATE + 1;
}

static size_t perms_of_proof(const struct ht_proof_nodes *proof) {
    size_t perms = perms_of(sizeof(ht_hash32));
    for (size_t i = 0; i < proof->count; i++) perms += perms_of(proof->nodes[i].n);
    return perms;
}

static void add_account(struct bench *bench, const json_t *item, const ht_hash32 *state_root) {
    struct ht_get_proof answer;
    if (bench->account_count == PROOFS_MAX ||
        ht_get_proof_read(&answer, &bench->arena, item, NULL) != HT_OK) {
        return;
    }
    bench->accounts[bench->account_count] = answer;
    bench->state_roots[bench->account_count++] = *state_root;
    bench->account_perms += perms_of_proof(&answer.proof);
}

static void add_slot(struct bench *bench, const json_t *item, const ht_hash32 *storage_root) {
    struct ht_slot_claim claim;
    if (bench->slot_count == PROOFS_MAX ||
        ht_get_proof_read_slot(&claim, &bench->arena, item, NULL) != HT_OK) {
        return;
    }
    bench->slots[bench->slot_count] = claim;
    bench->storage_roots[bench->slot_count++] = *storage_root;
    bench->slot_perms += perms_of_proof(&claim.proof);
}

static void read_document(struct bench *bench, const json_t *document) {
    ht_hash32 root;
    const json_t *accounts = json_object_get(document, "accounts");
    const json_t *slots = json_object_get(document, "storage");
    if (ht_json_hex(root.b, sizeof root.b, document, "block.stateRoot", NULL) == HT_OK) {
        for (size_t i = 0; i < json_array_size(accounts); i++) {
            add_account(bench, json_array_get(accounts, i), &root);
        }
    }
    if (ht_json_hex(root.b, sizeof root.b, document, "storageHash", NULL) == HT_OK) {
        for (size_t i = 0; i < json_array_size(slots); i++) {
            add_slot(bench, json_array_get(slots, i), &root);
        }
    }
}

static void read_file(struct bench *bench, const char *path, size_t size) {
    FILE *file = fopen(path, "rbe");
    uint8_t *bytes = malloc(size + 1);
    json_t *document = NULL;
    if (file != NULL && bytes != NULL) {
        size_t n = fread(bytes, 1, size, file);
        /* Spares the parser what cannot hold proofs. */
        if (memmem(bytes, n, "\"accounts\"", 10) != NULL &&
            memmem(bytes, n, "\"accountProof\"", 14) != NULL &&
            ht_json_parse(&document, ht_bytes_of(bytes, n), FILE_MAX, NULL) == HT_OK) {
            read_document(bench, document);
        }
    }
    json_decref(document);
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
        if (entry->fts_info != FTS_F || entry->fts_namelen < 5) continue;
        if (strcmp(entry->fts_name + entry->fts_namelen - 5, ".json") != 0) continue;
        if (entry->fts_statp->st_size > 0 && entry->fts_statp->st_size <= (off_t)FILE_MAX) {
            read_file(bench, entry->fts_path, (size_t)entry->fts_statp->st_size);
        }
    }
    (void)fts_close(walk);
    free(root);
}

/* --- measuring -------------------------------------------------------------------------------- */

static void permute(const struct bench *bench, size_t perms) {
    ht_hash32 hash;
    size_t n = perms * HT_KECCAK256_RATE - 1;
    ht_assert(perms > 0 && n <= FLOOR_MAX);
    ht_keccak256(&hash, ht_bytes_of(bench->zeros, n));
    bench->zeros[0] = hash.b[0];
}

static bool prove_accounts(const struct bench *bench) {
    bool is_good = true;
    for (size_t i = 0; i < bench->account_count; i++) {
        const struct ht_get_proof *answer = &bench->accounts[i];
        struct ht_account account;
        bool exists = false;
        enum ht_err err =
            ht_account_prove(&account, &exists, &bench->state_roots[i], &answer->address,
                             answer->proof.nodes, answer->proof.count, NULL);
        is_good = is_good && err == HT_OK &&
                  memcmp(account.balance, answer->balance, sizeof account.balance) == 0;
    }
    return is_good;
}

static bool prove_slots(const struct bench *bench) {
    bool is_good = true;
    for (size_t i = 0; i < bench->slot_count; i++) {
        const struct ht_slot_claim *claim = &bench->slots[i];
        is_good =
            ht_get_proof_check_slot(claim, &bench->storage_roots[i], NULL) == HT_OK && is_good;
    }
    return is_good;
}

static bool run_proofs(struct bench *bench, const char *name, bool (*prove)(const struct bench *),
                       size_t count, size_t perms) {
    char more[96];
    bool is_good = true;
    bench->pair.count = 0;
    for (size_t i = 0; is_good && i < PAIRS; i++) {
        double start_ms = ht_bench_now_ms();
        is_good = prove(bench);
        double between_ms = ht_bench_now_ms();
        permute(bench, perms);
        ht_bench_add(&bench->pair, between_ms - start_ms, ht_bench_now_ms() - between_ms);
    }
    (void)snprintf(more, sizeof more, ",\"proofs\":%zu,\"permutations\":%.1f", count,
                   (double)perms / (double)count);
    if (is_good) ht_bench_print_us(name, &bench->pair, count, more);
    return is_good;
}

static enum ht_err count_perms(void *user, ht_bytes node, struct ht_why *why) {
    size_t *perms = user;
    (void)why;
    *perms += perms_of(node.n);
    return HT_OK;
}

static bool run_receipts(struct bench *bench) {
    static uint8_t bytes[RECEIPTS][RECEIPT_MAX];
    ht_bytes values[RECEIPTS];
    ht_hash32 root;
    size_t perms = 0, total = 0;
    const struct ht_trie_visitor visitor = {count_perms, &perms};
    /* From 270 bytes, a receipt without logs, to 1,400. */
    for (size_t i = 0; i < RECEIPTS; i++) {
        values[i] = ht_bytes_of(bytes[i], 270 + i * 7919 % (RECEIPT_MAX - 270));
        memset(bytes[i], (int)(i % 251) + 1, values[i].n);
        total += values[i].n;
    }
    bool is_good = ht_trie_list_root(&root, values, RECEIPTS, &visitor, NULL) == HT_OK;
    bench->pair.count = 0;
    for (size_t i = 0; is_good && i < RECEIPT_PAIRS; i++) {
        double start_ms = ht_bench_now_ms();
        is_good = ht_trie_list_root(&root, values, RECEIPTS, NULL, NULL) == HT_OK;
        double between_ms = ht_bench_now_ms();
        permute(bench, perms);
        ht_bench_add(&bench->pair, between_ms - start_ms, ht_bench_now_ms() - between_ms);
    }
    char more[64];
    (void)snprintf(more, sizeof more, ",\"bytes\":%zu", total);
    if (is_good) ht_bench_print("receipts_root_300", &bench->pair, more);
    return is_good;
}

static void free_bench(struct bench *bench) {
    ht_arena_fini(&bench->arena);
    free(bench->accounts);
    free(bench->state_roots);
    free(bench->slots);
    free(bench->storage_roots);
    free(bench->zeros);
    free(bench);
}

static bool run(const char *fixtures_dir) {
    struct bench *bench = calloc(1, sizeof *bench);
    ht_assert(bench != NULL);
    bench->accounts = calloc(PROOFS_MAX, sizeof *bench->accounts);
    bench->state_roots = calloc(PROOFS_MAX, sizeof *bench->state_roots);
    bench->slots = calloc(PROOFS_MAX, sizeof *bench->slots);
    bench->storage_roots = calloc(PROOFS_MAX, sizeof *bench->storage_roots);
    bench->zeros = calloc(1, FLOOR_MAX);
    ht_assert(bench->accounts != NULL && bench->state_roots != NULL && bench->slots != NULL &&
              bench->storage_roots != NULL && bench->zeros != NULL);
    ht_arena_init(&bench->arena, ARENA_MAX);
    if (fixtures_dir != NULL && *fixtures_dir != '\0') read_tree(bench, fixtures_dir);
    bool is_good = run_receipts(bench);
    if (bench->account_count == 0 || bench->slot_count == 0) {
        fputs("bench proofs: FIXTURES names no folder of recorded eth_getProof answers\n", stderr);
        is_good = false;
    } else {
        is_good =
            run_proofs(bench, "mpt_account", prove_accounts, bench->account_count,
                       bench->account_perms) &&
            run_proofs(bench, "mpt_storage", prove_slots, bench->slot_count, bench->slot_perms) &&
            is_good;
        if (!is_good) fputs("bench proofs: a proof does not verify\n", stderr);
    }
    free_bench(bench);
    if (!ht_bench_balance()) {
        fputs("bench proofs: the node or the devnet did not come up\n", stderr);
        is_good = false;
    }
    return is_good;
}

const struct ht_bench_group ht_bench_proofs = {"proofs", run};
