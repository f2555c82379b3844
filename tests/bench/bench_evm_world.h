/* The chain that the group `evm` runs on: as bench_evm.mjs wrote it down, and the anvil that it was
 * made on, which is asked over HTTP. */
#ifndef HT_TESTS_BENCH_EVM_WORLD_H
#define HT_TESTS_BENCH_EVM_WORLD_H

#include <curl/curl.h>
#include <jansson.h>

#include "node/base/arena.h"
#include "node/evm/vm.h"

#define HT_BENCH_CALL_GAS 50000000000U

struct ht_bench_account {
    ht_addr20 address;
    struct ht_evm_account account;
    ht_bytes code;
    ht_u256 (*slots)[2]; /* key, value */
    size_t slot_count;
};

struct ht_bench_world {
    json_t *json;
    struct ht_arena arena;
    struct ht_evm_block block;
    ht_addr20 sender;
    struct ht_bench_account *accounts;
    size_t count;
    struct ht_evm_world *world;
    struct ht_evm *evm;
    CURL *peer;
    char *answer; /* the peer's last */
    size_t answer_n;
};

struct ht_bench_call {
    const char *name;
    ht_addr20 to;
    ht_bytes data; /* the world's */
    char *request; /* the same for the peer; the world's */
};

/* False when the file is not what it should be. */
bool ht_bench_world_init(struct ht_bench_world *world, const char *path);
void ht_bench_world_fini(struct ht_bench_world *world);

bool ht_bench_call_find(struct ht_bench_call *out, struct ht_bench_world *world, const char *name);
/* How many permutations the call of that name is made of; 0 when nobody says. */
size_t ht_bench_call_permutations(const struct ht_bench_world *world, const char *name);

/* Makes the call on the machine, over the world as it is, and takes back what it changed. Returns
 * the gas it used, 0 when it did not succeed; `out` holds until the next call. */
uint64_t ht_bench_call_ours(struct ht_bench_world *world, struct ht_evm_result *out,
                            const struct ht_bench_call *call);
/* The same by eth_call at the peer; world->answer is the reply's text. */
bool ht_bench_call_peer(struct ht_bench_world *world, const struct ht_bench_call *call);
/* Whether the peer's last answer carries these bytes as its result. */
bool ht_bench_is_answer(const struct ht_bench_world *world, ht_bytes output);

#endif
