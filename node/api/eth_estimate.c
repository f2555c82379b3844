/* Bisection for the least gas. */
#include "node/api/eth_estimate.h"

#include <stdio.h>

#include "node/api/eth_run.h"

#define PLAIN_GAS 21000U /* of a transaction that only moves wei */
#define STEPS_MAX 64U

/* Executes with that gas; *fails when more gas might help or it halts. What no block could hold,
 * whatever the gas, is left in running->refused. */
static enum ht_err try_gas(bool *fails, struct ht_eth_running *running,
                           const struct ht_run_place *place, uint64_t gas, struct ht_why *why) {
    struct ht_transaction tx = running->asked.tx;
    tx.gas_limit = gas;
    enum ht_err err = ht_eth_run_execute_anew(running, place, &tx, why);
    if (err != HT_OK) return err;
    bool is_too_low =
        running->refused != HT_OK && strcmp(running->refusal.code, "tx_gas_too_low") == 0;
    if (is_too_low) {
        running->refused = HT_OK;
        running->outcome.result.status = HT_EVM_OUT_OF_GAS;
    }
    *fails = running->refused != HT_OK || running->outcome.result.status != HT_EVM_SUCCESS;
    return HT_OK;
}

/* How much gas the sender can pay for, after the value and blobs. */
static enum ht_err bound_by_funds(uint64_t *gas, struct ht_eth_running *running,
                                  const ht_u256 *balance) {
    const struct ht_transaction *tx = &running->asked.tx;
    const ht_u256 price = ht_eth_run_price(running);
    ht_u256 left, blobs = ht_u256_of((uint64_t)tx->blob_count * HT_GAS_PER_BLOB);
    if (ht_u256_is_zero(&price)) return HT_OK;
    if (ht_u256_compare(&tx->value, balance) >= 0) {
        return ht_eth_run_refuse(running, "tx_no_funds", "its sender has too little to send it");
    }
    ht_u256_sub(&left, balance, &tx->value);
    if (ht_u256_mul_overflow(&blobs, &blobs, &tx->max_fee_per_blob_gas) ||
        ht_u256_sub_overflow(&left, &left, &blobs)) {
        return ht_eth_run_refuse(running, "tx_no_funds", "its sender has too little for its blobs");
    }
    ht_u256 allowance;
    if (ht_u256_divmod(&allowance, NULL, &left, &price) && ht_u256_is_u64(&allowance) &&
        allowance.limb[0] < *gas) {
        *gas = allowance.limb[0];
    }
    return HT_OK;
}

/* The sender's balance and whether the recipient has code, with the overrides. */
static enum ht_err look(ht_u256 *balance, bool *is_plain, struct ht_eth_running *running,
                        const struct ht_run_place *place, struct ht_why *why) {
    const struct ht_transaction *tx = &running->asked.tx;
    struct ht_evm_object *from = NULL, *to = NULL;
    enum ht_err err = ht_overrides_apply(place->world, &running->overrides, why);
    if (err == HT_OK) err = ht_evm_world_find(&from, place->world, &running->asked.from, why);
    if (err != HT_OK) return err;
    *balance = from->account.balance;
    if (tx->is_creation || tx->data.n > 0) return HT_OK;
    err = ht_evm_world_find(&to, place->world, &tx->to, why);
    if (err == HT_OK) *is_plain = !ht_evm_object_has_code(to);
    return err;
}

/* The most gas that it may have. */
static uint64_t most_gas(const struct ht_eth_running *running, const struct ht_run_place *place) {
    const struct ht_call *asked = &running->asked;
    const uint64_t block_gas =
        running->block.has_gas_limit ? running->block.gas_limit : place->block.gas_limit;
    uint64_t gas =
        asked->has_gas && asked->tx.gas_limit >= PLAIN_GAS ? asked->tx.gas_limit : block_gas;
    const uint64_t cap = place->rules->tx->gas_max;
    if (cap > 0 && gas > cap) gas = cap;
    return gas < HT_RUN_GAS_MAX ? gas : HT_RUN_GAS_MAX;
}

/* low fails, high does not. */
static enum ht_err bisect(struct ht_eth_running *running, const struct ht_run_place *place,
                          uint64_t low, uint64_t high, struct ht_why *why) {
    enum ht_err err = HT_OK;
    bool fails = false;
    /* Gas that comes back as a refund, a stipend and 64ths kept from inner calls: mostly enough. */
    const struct ht_evm_outcome *outcome = &running->outcome;
    uint64_t likely = (outcome->gas_spent + HT_GAS_CALL_STIPEND) * 64 / 63;
    if (likely > low && likely < high) {
        err = try_gas(&fails, running, place, likely, why);
        *(fails ? &low : &high) = likely;
    }
    for (unsigned i = 0; i < STEPS_MAX && low + 1 < high && err == HT_OK; i++) {
        uint64_t middle = low + (high - low) / 2;
        if (low > 0 && middle / 2 > low) middle = 2 * low; /* it rarely takes much more */
        err = try_gas(&fails, running, place, middle, why);
        *(fails ? &low : &high) = middle;
    }
    if (err != HT_OK) return err;
    running->refused = HT_OK;
    running->outcome.result.status = HT_EVM_SUCCESS;
    running->gas = high;
    return HT_OK;
}

static enum ht_err work(struct ht_run *run, const struct ht_run_place *place, struct ht_why *why) {
    struct ht_eth_running *running = (struct ht_eth_running *)run;
    ht_u256 balance;
    bool is_plain = false, fails = false;
    running->refused = HT_OK;
    uint64_t most = most_gas(running, place);
    enum ht_err err = look(&balance, &is_plain, running, place, why);
    if (err == HT_OK) err = bound_by_funds(&most, running, &balance);
    if (err != HT_OK || running->refused != HT_OK) return err;
    if (is_plain) {
        err = try_gas(&fails, running, place, PLAIN_GAS, why);
        running->gas = PLAIN_GAS;
        if (err != HT_OK || !fails) return err;
    }
    err = try_gas(&fails, running, place, most, why);
    if (err != HT_OK || running->refused != HT_OK) return err;
    if (running->outcome.result.status == HT_EVM_OUT_OF_GAS) {
        char text[64];
        (void)snprintf(text, sizeof text, "gas required exceeds allowance (%llu)",
                       (unsigned long long)most);
        return ht_eth_run_refuse(running, "gas_over_allowance", text);
    }
    if (fails) return HT_OK;
    return bisect(running, place, running->outcome.gas_used - 1, most, why);
}

static json_t *make(struct ht_eth_running *running) {
    return ht_eth_quantity(running->gas);
}

void ht_eth_estimate_gas(void *self, struct ht_rpc_call *call, const json_t *params) {
    ht_eth_run_start(self, call, params, HT_ETH_RUN_OUTPUT, work, make);
}
