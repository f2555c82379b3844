/* eth_simulateV1's first parameter from any JSON, laid out as a chain.
 *
 * What is accepted keeps to its bounds, and a chain that is laid out counts up without gaps, on
 * whatever block it stands. */
#include <stdlib.h>

#include "node/api/eth_simulate_plan.h"

#define ARENA_MAX ((size_t)8 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void run_layout(struct ht_arena *arena, const struct ht_eth_sim_request *request,
                       uint64_t number, uint64_t time) {
    struct ht_eth_sim_refusal refusal = {.number = 0};
    struct ht_eth_sim_block *blocks = NULL;
    size_t count = 0;
    enum ht_err err =
        ht_eth_sim_lay_out(&blocks, &count, &refusal, arena, request, number, time, NULL);
    must(err == HT_OK || err == HT_ELIMIT);
    if (err != HT_OK) return;
    must(count <= HT_ETH_SIM_BLOCKS_MAX);
    must(refusal.number == 0 || refusal.why.code != NULL);
    for (size_t i = 0; i < count; i++) {
        must(blocks[i].block.number == number + 1 + i);
        must(blocks[i].block.time > time);
        time = blocks[i].block.time;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_arena arena;
    struct ht_eth_sim_request request;
    struct ht_why why = {.code = NULL};
    json_t *value = NULL;
    if (ht_json_parse(&value, ht_bytes_of(data, n), n, NULL) != HT_OK) return 0;
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_eth_sim_read(&request, &arena, value, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) {
        must(request.count > 0 && request.count <= HT_ETH_SIM_BLOCKS_MAX);
        run_layout(&arena, &request, 7, 1000);
        run_layout(&arena, &request, 0, 0);
    }
    ht_arena_fini(&arena);
    json_decref(value);
    return 0;
}
