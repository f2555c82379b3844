/* Group `identity`. eas_offchain_verify: an off-chain attestation from its JSON to the answer that
 * uid, domain, types and signature hold, against the EAS SDK on the same packages, in turns. */
#include <stdlib.h>

#include "identity/eas/offchain.h"
#include "tests/bench/bench_identity_bundle.h"
#include "tests/bench/bench_process.h"

#define ROUNDS 60U
#define PACKAGES_MAX 64U
#define ARENA_MAX ((size_t)64 << 10)

static const ht_addr20 contract = {{0xa1, 0x20, 0x7f, 0x3b, 0xba, 0x22, 0x4e, 0x2c, 0x9c, 0x3c,
                                    0x6d, 0x5a, 0xf6, 0x3d, 0x0e, 0xb1, 0x58, 0x2c, 0xe5, 0x87}};

static bool fail(const char *what) {
    fprintf(stderr, "bench identity: %s\n", what);
    return false;
}

static bool verify(ht_bytes text) {
    struct ht_eas_offchain package;
    struct ht_arena arena;
    ht_arena_init(&arena, ARENA_MAX);
    bool is_good = ht_eas_offchain_read(&package, &arena, text, NULL) == HT_OK &&
                   ht_eas_offchain_verify(&package, 1, &contract, false, NULL) == HT_OK;
    ht_arena_fini(&arena);
    return is_good;
}

/* A peer that is asked by a line and answers by one. */
struct peer {
    FILE *in, *out;
    ht_bytes packages[PACKAGES_MAX];
    size_t count;
};

static bool ask(struct peer *peer, double *ms) {
    if (fputs("go\n", peer->in) < 0 || fflush(peer->in) != 0) return false;
    json_t *answer = ht_bench_read_json(peer->out);
    *ms = json_number_value(json_object_get(answer, "ms"));
    json_decref(answer);
    return *ms > 0;
}

static bool sample(struct ht_bench_pair *pair, struct peer *peer) {
    bool is_good = true;
    double theirs = 0;
    double begun = ht_bench_now_ms();
    for (size_t i = 0; i < peer->count; i++) is_good = verify(peer->packages[i]) && is_good;
    double ours = ht_bench_now_ms() - begun;
    if (!is_good) return fail("an attestation of the SDK does not verify");
    if (!ask(peer, &theirs)) return fail("the SDK does not answer");
    ht_bench_add(pair, ours, theirs);
    return true;
}

static bool run_all(struct peer *peer, const json_t *hello) {
    static struct ht_bench_pair pair;
    const json_t *packages = json_object_get(hello, "packages");
    const char *name = json_string_value(json_object_get(hello, "peer"));
    bool is_good = json_array_size(packages) > 0 && json_array_size(packages) <= PACKAGES_MAX;
    if (!is_good || name == NULL) return fail("the SDK's packages are not as they should be");
    pair.count = 0;
    for (; peer->count < json_array_size(packages); peer->count++) {
        const json_t *text = json_array_get(packages, peer->count);
        peer->packages[peer->count] =
            ht_bytes_of(json_string_value(text), json_string_length(text));
    }
    for (size_t i = 0; i < ROUNDS && is_good; i++) is_good = sample(&pair, peer);
    if (!is_good) return false;
    double ours = ht_bench_median_ours(&pair) * 1e3 / (double)peer->count;
    double theirs = ht_bench_median_floor(&pair) * 1e3 / (double)peer->count;
    printf("{\"bench\":\"eas_offchain_verify\",\"ours\":%.2f,\"unit\":\"us\",\"peer\":%.2f,"
           "\"ratio\":%.4f,\"times_as_fast\":%.1f,\"of\":\"%s\"}\n",
           ours, theirs, ours / theirs, theirs / ours, name);
    (void)fflush(stdout);
    return true;
}

static bool run(const char *fixtures_dir) {
    (void)fixtures_dir;
    struct peer peer = {.in = NULL};
    char *const argv[] = {"node", "tests/bench/bench_identity.mjs", NULL};
    pid_t pid = ht_bench_start_asked(&peer.in, &peer.out, argv);
    if (pid <= 0) return fail("node does not start");
    json_t *hello = ht_bench_read_json(peer.out);
    bool is_good = hello != NULL ? run_all(&peer, hello)
                                 : fail("the SDK does not start; run bench_identity.mjs");
    (void)fclose(peer.in);
    (void)ht_bench_stop(pid, peer.out);
    json_decref(hello);
    return ht_bench_bundle() && is_good;
}

const struct ht_bench_group ht_bench_identity = {.name = "identity", .run = run};
