/* Group `evm`: the machine against anvil, on contracts that are compiled and put on an anvil for
 * it. Both make the same calls in turns; ours in process over a world that is warm, anvil's by
 * eth_call over HTTP. The hashing loop is held against the permutations that it is made of, too. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/crypto/keccak.h"
#include "tests/bench/bench_evm_world.h"
#include "tests/bench/bench_process.h"

#define ROUNDS 9
#define VOTES 200U /* in one sample */

static bool fail(const char *what) {
    fprintf(stderr, "bench evm: %s\n", what);
    return false;
}

/* Both once, for the answer and so that both are warm; 0 unless they agree. */
static uint64_t agree(struct ht_bench_world *world, const struct ht_bench_call *call) {
    struct ht_evm_result result;
    const uint64_t gas = ht_bench_call_ours(world, &result, call);
    const bool is_same =
        gas > 0 && ht_bench_call_peer(world, call) && ht_bench_is_answer(world, result.output);
    if (!is_same) fprintf(stderr, "bench evm: %s: anvil answers otherwise\n", call->name);
    return is_same ? gas : 0;
}

/* In milliseconds of the wall, because the peer is another process. */
static bool sample(struct ht_bench_pair *pair, struct ht_bench_world *world,
                   const struct ht_bench_call *call, size_t times) {
    struct ht_evm_result result;
    bool is_good = true;
    const double begun = ht_bench_wall_ms();
    for (size_t i = 0; i < times; i++) {
        is_good = ht_bench_call_ours(world, &result, call) > 0 && is_good;
    }
    const double between = ht_bench_wall_ms();
    for (size_t i = 0; i < times; i++) is_good = ht_bench_call_peer(world, call) && is_good;
    ht_bench_add(pair, between - begun, ht_bench_wall_ms() - between);
    return is_good;
}

static bool run_loop(struct ht_bench_world *world, const char *name) {
    struct ht_bench_pair *pair = calloc(1, sizeof *pair);
    struct ht_bench_call call;
    if (pair == NULL || !ht_bench_call_find(&call, world, name)) return fail(name);
    const uint64_t gas = agree(world, &call);
    bool is_good = gas > 0;
    for (int i = 0; i < ROUNDS && is_good; i++) is_good = sample(pair, world, &call, 1);
    const double ours = (double)gas / ht_bench_median_ours(pair) / 1e3;
    const double peer = (double)gas / ht_bench_median_floor(pair) / 1e3;
    if (is_good) {
        printf("{\"bench\":\"%s\",\"ours\":%.1f,\"unit\":\"Mgas/s\",\"peer\":%.1f,\"ratio\":%.3f,"
               "\"gas\":%llu}\n",
               name, ours, peer, ours / peer, (unsigned long long)gas);
    }
    (void)fflush(stdout);
    free(pair);
    return is_good;
}

/* As many permutations of the state and nothing else but the words that are taken in. */
static double permute_ms(size_t count) {
    static uint8_t block[HT_KECCAK256_RATE * 64];
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    const double begun = ht_bench_now_ms();
    for (size_t i = 0; i < count / 64; i++) ht_keccak256_update(&hash, HT_BYTES(block));
    return ht_bench_now_ms() - begun;
}

static bool run_keccak(struct ht_bench_world *world) {
    struct ht_bench_pair *pair = calloc(1, sizeof *pair);
    struct ht_bench_call call;
    const size_t permutations = ht_bench_call_permutations(world, "evm_keccak");
    if (pair == NULL || !ht_bench_call_find(&call, world, "evm_keccak")) return fail("evm_keccak");
    const uint64_t gas = agree(world, &call);
    bool is_good = gas > 0;
    for (int i = 0; i < ROUNDS && is_good; i++) {
        struct ht_evm_result result;
        const double begun = ht_bench_now_ms();
        is_good = ht_bench_call_ours(world, &result, &call) > 0;
        const double ours = ht_bench_now_ms() - begun;
        ht_bench_add(pair, ours, permute_ms(permutations));
    }
    char more[96];
    const double seconds = ht_bench_median_ours(pair) / 1e3;
    (void)snprintf(more, sizeof more, ",\"Mgas_per_s\":%.1f,\"gas\":%llu",
                   (double)gas / seconds / 1e6, (unsigned long long)gas);
    if (is_good) ht_bench_print("evm_keccak", pair, more);
    free(pair);
    return is_good;
}

static bool run_vote(struct ht_bench_world *world) {
    struct ht_bench_pair *pair = calloc(1, sizeof *pair);
    struct ht_bench_call call;
    if (pair == NULL || !ht_bench_call_find(&call, world, "evm_cast_vote")) return fail("a vote");
    const uint64_t gas = agree(world, &call);
    bool is_good = gas > 0;
    for (int i = 0; i < ROUNDS && is_good; i++) is_good = sample(pair, world, &call, VOTES);
    const double ours = ht_bench_median_ours(pair) * 1e3 / VOTES;
    const double peer = ht_bench_median_floor(pair) * 1e3 / VOTES;
    if (is_good) {
        printf("{\"bench\":\"evm_cast_vote\",\"ours\":%.2f,\"unit\":\"us\",\"peer\":%.2f,"
               "\"ratio\":%.3f,\"gas\":%llu}\n",
               ours, peer, ours / peer, (unsigned long long)gas);
    }
    free(pair);
    return is_good;
}

static bool run_all(const char *path) {
    static const char *const loops[] = {"evm_arith", "evm_get_past_votes", "evm_governor_state"};
    struct ht_bench_world world;
    bool is_good = ht_bench_world_init(&world, path);
    if (!is_good) (void)fail("the chain's file is not as it should be");
    for (size_t i = 0; i < sizeof loops / sizeof *loops && is_good; i++) {
        is_good = run_loop(&world, loops[i]);
    }
    is_good = is_good && run_keccak(&world) && run_vote(&world);
    ht_bench_world_fini(&world);
    return is_good;
}

static bool run(const char *fixtures_dir) {
    (void)fixtures_dir;
    char dir[] = "/tmp/hearth-bench-XXXXXX";
    char path[64];
    if (mkdtemp(dir) == NULL) return fail("no folder to work in");
    (void)snprintf(path, sizeof path, "%s/chain.json", dir);
    char *const argv[] = {"node", "tests/bench/bench_evm.mjs", path, NULL};
    FILE *out;
    const pid_t pid = ht_bench_start(&out, argv);
    json_t *ready = ht_bench_read_json(out);
    const bool is_good = ready != NULL ? run_all(path) : fail("the chain did not start");
    json_decref(ready);
    (void)ht_bench_stop(pid, out);
    ht_bench_remove_dir(dir);
    return is_good;
}

const struct ht_bench_group ht_bench_evm = {"evm", run};
