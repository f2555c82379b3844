/* Group `governance`.
 *
 * count_10k_votes: 10,000 votes in 300 blocks among 150 receipts of others each, from the receipts
 * as they are kept on disk (RLP) to the verdict: decoded, each block's receipts root made again,
 * votes read, counted and compared with the stored words. The floor is the keccak of those bytes.
 *
 * audit_case: a case of 8 votes from FIXTURES (the first that is to be accepted; what it refers to
 * is put in), from its JSON text to the verdict. The floor is the keccak of the text.
 *
 * proposal_proof_bytes: bytes of the nodes that prove a proposal's words (a governor with timelock
 * and late quorum, by ht_gov_words_of) as a provider sends them, each slot with its whole path.
 * Measured in tries of 16^4 accounts and as many slots; a trie that is 16 times as large has one
 * full branch of 532 bytes more on each path. Mainnet: 16^7 accounts, near enough (268 million);
 * a governor's storage 16^5 slots (a million: 2,000 proposals of 500 votes). */
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>

#include "governance/count/count_receipts.h"
#include "node/crypto/keccak.h"
#include "tests/bench/bench.h"
#include "tests/unit/audit_world.h"

#define FILE_MAX ((size_t)64 << 20)
#define COUNT_ROUNDS 5U
#define CASE_ROUNDS 101U
#define COUNT_LIMIT_MS 1000.0
#define CASE_LIMIT_MS 5.0
#define BRANCH_BYTES 532U
#define PROOF_LIMIT 25000U

static bool fail(const char *what) {
    fprintf(stderr, "bench governance: %s\n", what);
    return false;
}

static void hash_all(ht_bytes bytes) {
    static volatile uint8_t kept;
    ht_hash32 hash;
    ht_keccak256(&hash, bytes);
    kept = hash.b[0];
    (void)kept;
}

/* --- count_10k_votes -------------------------------------------------------------------------- */

static bool count_once(struct audit_world *world, const struct ht_buf *kept,
                       const struct ht_gov_facts *facts) {
    struct ht_gov_count *count = NULL;
    struct ht_gov_result result = {.votes = 0};
    const struct ht_exec_header *last = &world->blocks[world->anchor].header.header;
    bool is_good = ht_gov_count_new(&count, &world->layout, &world->governor, &world->id) == HT_OK;
    for (size_t i = 0; is_good && i < world->block_count; i++) {
        const struct ht_exec_header_verified *header = &world->blocks[i].header;
        struct ht_receipts *receipts = NULL;
        is_good =
            ht_receipts_decode(&receipts, header, ht_buf_view(&kept[i]), FILE_MAX, NULL) == HT_OK &&
            ht_gov_count_receipts(count, &header->header, receipts->list, receipts->count, NULL) ==
                HT_OK;
        ht_receipts_unref(receipts);
    }
    ht_gov_count_as_of(count, last->number, last->timestamp);
    is_good = is_good && ht_gov_count_end(&result, count, facts, NULL) == HT_OK &&
              result.tally_proven && result.list_proven;
    ht_gov_count_free(count);
    return is_good;
}

static bool run_count(void) {
    static const struct audit_world_plan plan = {
        .vote_blocks = 300, .votes_per_block = 34, .filler = 150};
    static struct ht_bench_pair pair;
    struct audit_world world;
    char more[160];
    size_t bytes = 0;
    audit_world_open(&world, &plan);
    struct ht_buf *kept = calloc(world.block_count, sizeof *kept);
    bool is_good = kept != NULL;
    for (size_t i = 0; is_good && i < world.block_count; i++) {
        const struct ht_receipts receipts = {.list = world.blocks[i].receipts,
                                             .count = world.blocks[i].receipt_count};
        ht_buf_init(&kept[i], FILE_MAX);
        is_good = ht_receipts_encode(&kept[i], &receipts) == HT_OK;
        bytes += kept[i].n;
    }
    const struct ht_gov_facts facts = {.exists = true,
                                       .start = world.start,
                                       .deadline = world.end,
                                       .against = world.stored[0],
                                       .in_favour = world.stored[1],
                                       .abstain = world.stored[2]};
    pair.count = 0;
    for (size_t i = 0; is_good && i < COUNT_ROUNDS; i++) {
        const double start_ms = ht_bench_now_ms();
        is_good = count_once(&world, kept, &facts);
        const double between_ms = ht_bench_now_ms();
        for (size_t k = 0; k < world.block_count; k++) hash_all(ht_buf_view(&kept[k]));
        ht_bench_add(&pair, between_ms - start_ms, ht_bench_now_ms() - between_ms);
    }
    (void)snprintf(more, sizeof more,
                   ",\"limit_ms\":%.0f,\"is_within\":%s,\"votes\":%zu,\"bytes\":%zu",
                   COUNT_LIMIT_MS, ht_bench_median_ours(&pair) < COUNT_LIMIT_MS ? "true" : "false",
                   plan.vote_blocks * plan.votes_per_block, bytes);
    if (is_good) ht_bench_print("count_10k_votes", &pair, more);
    for (size_t i = 0; kept != NULL && i < world.block_count; i++) ht_buf_fini(&kept[i]);
    free(kept);
    audit_world_close(&world);
    return is_good || fail("the votes are not counted");
}

/* --- audit_case ------------------------------------------------------------------------------- */

static json_t *read_json(const char *dir, const char *name) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path) return NULL;
    return json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
}

static json_t *follow(json_t *value, const json_t *headers, const json_t *receipts) {
    const json_t *header = json_object_get(value, "$header");
    const json_t *list = json_object_get(value, "$receipts");
    if (json_is_integer(header)) {
        return json_array_get(headers, (size_t)json_integer_value(header));
    }
    return json_is_string(list) ? json_object_get(receipts, json_string_value(list)) : value;
}

/* Puts in what the case refers to, in files of the folder above. */
static bool expand(json_t *document, const char *dir) {
    json_t *headers = read_json(dir, "../headers.json"), *all = read_json(dir, "../receipts.json");
    json_t *provided = json_object_get(document, "provided");
    json_t *list = json_object_get(provided, "headers");
    json_t *receipts = json_object_get(provided, "receipts");
    const char *key;
    json_t *one;
    void *next;
    bool is_good = true;
    for (size_t i = 0; i < json_array_size(list); i++) {
        one = follow(json_array_get(list, i), headers, all);
        is_good = one != NULL && json_array_set(list, i, one) == 0 && is_good;
    }
    json_object_foreach_safe(receipts, next, key, one) {
        one = follow(one, headers, all);
        is_good = one != NULL && json_object_set(receipts, key, one) == 0 && is_good;
    }
    json_decref(headers);
    json_decref(all);
    return is_good;
}

static bool is_wanted(const json_t *document) {
    const json_t *expected = json_object_get(document, "expect");
    const char *verdict = json_string_value(json_object_get(expected, "verdict"));
    return json_is_object(json_object_get(document, "provided")) && verdict != NULL &&
           strcmp(verdict, "accept") == 0 &&
           json_integer_value(json_object_get(expected, "votes")) == 8;
}

static int by_name(const FTSENT **left, const FTSENT **right) {
    return strcmp((*left)->fts_name, (*right)->fts_name);
}

/* The first such case below a folder, whole; NULL when there is none. */
static json_t *find_case(char *dir) {
    char *const roots[] = {dir, NULL};
    json_t *found = NULL;
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    for (FTSENT *entry = walk != NULL ? fts_read(walk) : NULL; entry != NULL && found == NULL;
         entry = fts_read(walk)) {
        const char *end = strrchr(entry->fts_name, '.');
        if (entry->fts_info != FTS_F || end == NULL || strcmp(end, ".json") != 0) continue;
        json_t *document = json_load_file(entry->fts_path, 0, NULL);
        char *slash = strrchr(entry->fts_path, '/');
        *slash = '\0';
        if (is_wanted(document) && expand(document, entry->fts_path)) found = json_incref(document);
        *slash = '/';
        json_decref(document);
    }
    if (walk != NULL) (void)fts_close(walk);
    return found;
}

static bool audit_once(ht_bytes text) {
    json_t *bundle = NULL;
    struct ht_gov_audit audit;
    bool is_good = ht_json_parse(&bundle, text, HT_GOV_AUDIT_MAX, NULL) == HT_OK &&
                   ht_gov_audit_check(&audit, bundle, NULL) == HT_OK && audit.is_accepted &&
                   audit.result.votes == 8;
    json_decref(bundle);
    return is_good;
}

static bool run_case(const char *fixtures_dir) {
    static struct ht_bench_pair pair;
    char more[96];
    char *dir = strdup(fixtures_dir != NULL ? fixtures_dir : "");
    json_t *bundle = dir != NULL ? find_case(dir) : NULL;
    struct ht_buf text;
    free(dir);
    if (bundle == NULL) return fail("FIXTURES names no folder with an audit case of 8 votes");
    ht_buf_init(&text, HT_GOV_AUDIT_MAX);
    bool is_good = ht_json_dump_compact(&text, bundle) == HT_OK;
    json_decref(bundle);
    pair.count = 0;
    for (size_t i = 0; is_good && i < CASE_ROUNDS; i++) {
        const double start_ms = ht_bench_now_ms();
        is_good = audit_once(ht_buf_view(&text));
        const double between_ms = ht_bench_now_ms();
        hash_all(ht_buf_view(&text));
        ht_bench_add(&pair, between_ms - start_ms, ht_bench_now_ms() - between_ms);
    }
    (void)snprintf(more, sizeof more, ",\"limit_ms\":%.0f,\"is_within\":%s,\"bytes\":%zu",
                   CASE_LIMIT_MS, ht_bench_median_ours(&pair) < CASE_LIMIT_MS ? "true" : "false",
                   text.n);
    if (is_good) ht_bench_print("audit_case", &pair, more);
    ht_buf_fini(&text);
    return is_good || fail("the case is not accepted");
}

/* --- proposal_proof_bytes --------------------------------------------------------------------- */

static size_t bytes_of(const struct ht_proof_nodes *proof) {
    size_t n = 0;
    for (size_t i = 0; i < proof->count; i++) n += proof->nodes[i].n;
    return n;
}

static bool run_proof(void) {
    static const struct audit_world_plan plan = {
        .vote_blocks = 1, .votes_per_block = 8, .crowd = 65536};
    static const ht_hash32 more_bases[2] = {{{[31] = 12}}, {{[31] = 14}}};
    struct audit_world world;
    struct ht_gov_words words;
    size_t slots = 0;
    audit_world_open(&world, &plan);
    ht_gov_set_base(&world.layout, HT_GOV_TIMELOCK_IDS, &more_bases[0]);
    ht_gov_set_base(&world.layout, HT_GOV_EXTENDED_DEADLINES, &more_bases[1]);
    ht_gov_words_of(&words, &world.layout, &world.id);
    const struct ht_get_proof proof = audit_world_proof(&world, words.slot, words.count);
    const size_t account = bytes_of(&proof.proof);
    for (size_t i = 0; i < proof.slot_count; i++) slots += bytes_of(&proof.slots[i].proof);
    const size_t mainnet = account + 3 * BRANCH_BYTES + slots + words.count * BRANCH_BYTES;
    printf("{\"bench\":\"proposal_proof_bytes\",\"ours\":%zu,\"unit\":\"bytes\",\"limit\":%u,"
           "\"is_within\":%s,\"slots\":%zu,\"account\":%zu,\"each_slot\":%zu,\"measured\":%zu,"
           "\"how\":\"measured at 16^4 accounts and slots, 532 bytes added for each level up to "
           "16^7 accounts and 16^5 slots\"}\n",
           mainnet, PROOF_LIMIT, mainnet <= PROOF_LIMIT ? "true" : "false", words.count,
           account + 3 * BRANCH_BYTES, slots / words.count + BRANCH_BYTES, account + slots);
    (void)fflush(stdout);
    audit_world_close(&world);
    return true;
}

static bool run(const char *fixtures_dir) {
    bool is_good = run_count();
    is_good = run_case(fixtures_dir) && is_good;
    return run_proof() && is_good;
}

const struct ht_bench_group ht_bench_governance = {"governance", run};
