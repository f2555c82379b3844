/* Fuzzes what simulations read out of what contracts say: reasons of reverts, and token events in
 * logs. The first byte says how the rest is cut into topics and data. */
#include "node/crypto/keccak.h"
#include "node/l1/simulate.h"
#include "node/l1/simulate_moves.h"
#include "node/l1/simulate_revert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_revert(ht_bytes data) {
    json_t *revert = ht_revert_json(data);
    ht_assert(revert != NULL);
    ht_assert(json_is_null(json_object_get(revert, "error")) == (data.n < 4));
    json_decref(revert);
}

static const char *const SIGNATURES[] = {
    "Transfer(address,address,uint256)",
    "TransferSingle(address,address,address,uint256,uint256)",
    "TransferBatch(address,address,address,uint256[],uint256[])",
    "Approval(address,address,uint256)",
    "ApprovalForAll(address,address,bool)",
};

/* Addresses are taken as their first byte, so that they are well formed. */
static void fuzz_log(uint8_t how, ht_bytes data) {
    struct ht_evm_log log = {.topic_count = 1 + how % 4};
    struct ht_sim_moves moves;
    ht_keccak256(&log.topics[0], ht_bytes_str(SIGNATURES[(how >> 2) % 5]));
    for (size_t i = 1; i < log.topic_count && data.n > 0; i++) {
        log.topics[i].b[(how & 0x80) != 0 ? 0 : 31] = data.p[0];
        data = ht_bytes_of(data.p + 1, data.n - 1);
    }
    log.data = data;
    const struct ht_evm_log logs[] = {log, log};
    ht_assert(ht_sim_moves_read(&moves, logs, 2) == HT_OK);
    ht_assert(json_array_size(moves.tokens) <= HT_SIMULATE_ROWS_MAX);
    ht_assert(json_array_size(moves.approvals) <= 2);
    ht_assert(json_array_size(moves.tokens) % 2 == 0 || moves.is_tokens_cut);
    json_decref(moves.tokens);
    json_decref(moves.approvals);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    ht_bytes rest = ht_bytes_of(data + 1, size - 1);
    fuzz_revert(rest);
    fuzz_log(data[0], rest);
    return 0;
}
