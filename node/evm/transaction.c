/* Carrying out a transaction: what may refuse it, what is taken from its sender beforehand, and
 * what is given back afterwards. Running the code is the machine's (vm.c), what a delegation is set
 * by stands in delegation.c. */
#include "node/evm/transaction.h"

#include "node/codec/transaction_rules.h"
#include "node/evm/delegation.h"
#include "node/evm/vm_frame.h"

#define SYSTEM_GAS 30000000U
#define P256VERIFY_NUMBER 0x100U

static const ht_addr20 system_address = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                          0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                          0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}};

/* A transaction under way. */
struct run {
    struct ht_evm *evm;
    struct ht_evm_world *world;
    const struct ht_evm_rules *rules;
    const struct ht_evm_block *block;
    struct ht_transaction tx; /* prices are zero when nobody pays */
    const struct ht_evm_leave_out *leave_out;
    struct ht_evm_object *sender;
    struct ht_tx_gas gas;
    ht_u256 price; /* wei per gas that is paid */
};

/* --- whether it may run -----------------------------------------------------------------------*/

static enum ht_err check_prices(const struct run *run, struct ht_why *why) {
    const struct ht_transaction *tx = &run->tx;
    if (run->leave_out->fees) return HT_OK;
    bool has_fee_market = tx->type != HT_TX_LEGACY && tx->type != HT_TX_ACCESS_LIST;
    const ht_u256 *highest = has_fee_market ? &tx->max_fee_per_gas : &tx->gas_price;
    if (run->rules->has_base_fee && ht_u256_compare(highest, &run->block->base_fee) < 0) {
        return ht_fail(why, HT_EDENIED, "tx_fee_too_low", "the block's base fee is above its fee");
    }
    if (tx->type == HT_TX_BLOB &&
        ht_u256_compare(&tx->max_fee_per_blob_gas, &run->block->blob_base_fee) < 0) {
        return ht_fail(why, HT_EDENIED, "tx_blob_fee_too_low",
                       "the block's blob base fee is above its blob fee");
    }
    return HT_OK;
}

/* What the rules say of it without looking at the state. */
static enum ht_err check_terms(struct run *run, struct ht_why *why) {
    struct ht_tx_rules rules = *run->rules->tx;
    if (run->leave_out->gas_cap) rules.gas_max = 0;
    if (run->leave_out->floor) rules.floor_token_gas = 0;
    enum ht_err err = ht_tx_check_terms(&run->tx, &rules, run->block->chain_id, why);
    if (err != HT_OK) return err;
    ht_tx_gas_of(&run->gas, &run->tx, &rules);
    if (!run->leave_out->block_gas && run->tx.gas_limit > run->block->gas_limit) {
        return ht_fail(why, HT_EDENIED, "tx_gas_over_block", "gas limit %llu, the block has %llu",
                       (unsigned long long)run->tx.gas_limit,
                       (unsigned long long)run->block->gas_limit);
    }
    return check_prices(run, why);
}

static enum ht_err check_sender(struct run *run, struct ht_why *why) {
    const struct ht_evm_account *account = &run->sender->account;
    if (!run->leave_out->nonce && run->tx.nonce != account->nonce) {
        return ht_fail(why, HT_EDENIED,
                       run->tx.nonce < account->nonce ? "tx_nonce_too_low" : "tx_nonce_mismatch",
                       "nonce %llu, the account's next is %llu", (unsigned long long)run->tx.nonce,
                       (unsigned long long)account->nonce);
    }
    if (!run->leave_out->nonce && account->nonce == UINT64_MAX) {
        return ht_fail(why, HT_EDENIED, "tx_nonce_too_high", "the account can send no more");
    }
    if (run->leave_out->sender_code || !ht_evm_object_has_code(run->sender)) return HT_OK;
    const struct ht_evm_code *code = NULL;
    enum ht_err err = ht_evm_world_code(&code, run->world, run->sender, why);
    if (err != HT_OK) return err;
    ht_addr20 delegate;
    if (run->rules->has_delegation &&
        ht_evm_code_delegate(&delegate, ht_bytes_of(code->bytes, code->n))) {
        return HT_OK;
    }
    return ht_fail(why, HT_EDENIED, "tx_sender_has_code", "its sender is a contract");
}

/* That the sender has the most it can cost; who only calls is given what is missing for the value.
 */
static enum ht_err check_funds(struct run *run, struct ht_why *why) {
    ht_u256 cost, missing;
    enum ht_err err = ht_tx_cost_max(&cost, &run->tx, why);
    if (err != HT_OK) return err;
    if (!ht_u256_sub_overflow(&missing, &cost, &run->sender->account.balance) &&
        !ht_u256_is_zero(&missing)) {
        if (!run->leave_out->balance || ht_u256_compare(&missing, &run->tx.value) > 0) {
            return ht_fail(why, HT_EDENIED, "tx_no_funds", "its sender has too little to pay it");
        }
        return ht_evm_world_set_balance(run->world, run->sender, &cost);
    }
    return HT_OK;
}

/* --- before -----------------------------------------------------------------------------------*/

static void blob_fee(ht_u256 *out, const struct run *run) {
    ht_u256 gas = ht_u256_of((uint64_t)run->tx.blob_count * HT_GAS_PER_BLOB);
    ht_u256_mul(out, &gas, &run->block->blob_base_fee);
}

/* Gas and blobs are paid and the nonce is counted, whatever becomes of the rest. */
static enum ht_err take_payment(struct run *run) {
    enum ht_err err = HT_OK;
    if (!run->leave_out->fees) {
        ht_u256 fee = ht_u256_of(run->tx.gas_limit);
        ht_u256 blobs, balance = run->sender->account.balance;
        ht_u256_mul(&fee, &fee, &run->price);
        blob_fee(&blobs, run);
        ht_u256_sub(&balance, &balance, &fee);
        ht_u256_sub(&balance, &balance, &blobs);
        err = ht_evm_world_set_balance(run->world, run->sender, &balance);
    }
    if (err != HT_OK) return err;
    return ht_evm_world_set_nonce(run->world, run->sender, run->sender->account.nonce + 1);
}

static enum ht_err warm_access(struct run *run, const struct ht_tx_access *access,
                               struct ht_why *why) {
    struct ht_evm_object *object = NULL;
    bool was_warm;
    enum ht_err err = ht_evm_world_find(&object, run->world, &access->address, why);
    if (err == HT_OK) err = ht_evm_world_warm(&was_warm, run->world, object);
    for (size_t i = 0; i < access->key_count && err == HT_OK; i++) {
        struct ht_evm_slot *slot = NULL;
        ht_u256 key = ht_u256_from_be32(access->storage_keys[i].b);
        err = ht_evm_world_slot(&slot, run->world, object, &key, why);
        if (err == HT_OK) err = ht_evm_world_warm_slot(&was_warm, run->world, slot);
    }
    return err;
}

static void warm_protocol(struct ht_evm *evm) {
    const struct ht_evm_rules *rules = evm->rules;
    ht_evm_world_warm_from_start(evm->world, rules->precompile_count,
                                 rules->has_p256verify ? P256VERIFY_NUMBER : 0,
                                 rules->has_warm_coinbase ? &evm->block.coinbase : NULL);
}

/* EIP-2929, 2930, 3651. What a creation makes is warmed by the machine, which knows its address. */
static enum ht_err warm_all(struct run *run, struct ht_why *why) {
    bool was_warm;
    warm_protocol(run->evm);
    enum ht_err err = ht_evm_world_warm(&was_warm, run->world, run->sender);
    if (err == HT_OK && !run->tx.is_creation) {
        struct ht_evm_object *to = NULL;
        err = ht_evm_world_find(&to, run->world, &run->tx.to, why);
        if (err == HT_OK) err = ht_evm_world_warm(&was_warm, run->world, to);
    }
    for (size_t i = 0; i < run->tx.access_count && err == HT_OK; i++) {
        err = warm_access(run, &run->tx.access_list[i], why);
    }
    return err;
}

/* --- running ----------------------------------------------------------------------------------*/

static enum ht_err run_message(struct run *run, struct ht_evm_result *result, struct ht_why *why) {
    const struct ht_transaction *tx = &run->tx;
    const struct ht_evm_message message = {
        .kind = tx->is_creation ? HT_EVM_CREATE : HT_EVM_CALL,
        .sender = run->sender->address,
        .to = tx->to,
        .code = tx->to,
        .value = tx->value,
        .gas = tx->gas_limit - run->gas.intrinsic,
        .input = tx->data,
    };
    run->evm->origin = (struct ht_evm_origin){.origin = run->sender->address,
                                              .gas_price = run->price,
                                              .blob_hashes = tx->blob_versioned_hashes,
                                              .blob_count = tx->blob_count};
    return ht_evm_run(run->evm, result, &message, why);
}

/* --- after ------------------------------------------------------------------------------------*/

/* Gas that is paid for: less refunds (EIP-3529), but not below the data's floor (EIP-7623). */
static void count_gas(struct run *run, struct ht_evm_outcome *out) {
    int64_t counter = ht_evm_world_refunded(run->world);
    uint64_t refund = counter > 0 ? (uint64_t)counter : 0;
    out->gas_spent = run->tx.gas_limit - out->result.gas_left;
    uint64_t refund_max = out->gas_spent / run->rules->refund_quotient;
    out->gas_refunded = refund < refund_max ? refund : refund_max;
    out->gas_used = out->gas_spent - out->gas_refunded;
    if (out->gas_used < run->gas.floor) out->gas_used = run->gas.floor;
}

static enum ht_err credit(struct ht_evm_world *world, struct ht_evm_object *object, uint64_t gas,
                          const ht_u256 *price) {
    ht_u256 wei = ht_u256_of(gas);
    ht_u256_mul(&wei, &wei, price);
    ht_u256_add(&wei, &wei, &object->account.balance);
    return ht_evm_world_set_balance(world, object, &wei);
}

/* Gives back what was not used and pays the coinbase; the base fee is burnt (EIP-1559). */
static enum ht_err settle(struct run *run, const struct ht_evm_outcome *out, struct ht_why *why) {
    if (run->leave_out->fees) return HT_OK;
    struct ht_evm_object *coinbase = NULL;
    ht_u256 tip = run->price;
    if (run->rules->has_base_fee) ht_u256_sub(&tip, &tip, &run->block->base_fee);
    enum ht_err err =
        credit(run->world, run->sender, run->tx.gas_limit - out->gas_used, &run->price);
    if (err == HT_OK) err = ht_evm_world_find(&coinbase, run->world, &run->block->coinbase, why);
    if (err == HT_OK) err = credit(run->world, coinbase, out->gas_used, &tip);
    return err;
}

static enum ht_err carry_out(struct run *run, struct ht_evm_outcome *out, const ht_addr20 *sender,
                             struct ht_why *why) {
    enum ht_err err = check_terms(run, why);
    if (err == HT_OK) err = ht_evm_world_find(&run->sender, run->world, sender, why);
    if (err == HT_OK) err = check_sender(run, why);
    if (err == HT_OK) err = check_funds(run, why);
    if (err == HT_OK) err = take_payment(run);
    if (err == HT_OK) err = warm_all(run, why);
    if (err == HT_OK) {
        err = ht_evm_delegate_all(run->world, run->tx.authorization_list,
                                  run->tx.authorization_count, run->block->chain_id, why);
    }
    if (err == HT_OK) err = run_message(run, &out->result, why);
    if (err != HT_OK) return err;
    count_gas(run, out);
    out->effective_gas_price = run->price;
    out->blob_gas_used = (uint64_t)run->tx.blob_count * HT_GAS_PER_BLOB;
    out->has_created = run->tx.is_creation && out->result.status == HT_EVM_SUCCESS;
    return settle(run, out, why);
}

enum ht_err ht_evm_transact(struct ht_evm *evm, struct ht_evm_outcome *out,
                            const struct ht_transaction *tx, const ht_addr20 *sender,
                            const struct ht_evm_leave_out *leave_out, struct ht_why *why) {
    static const struct ht_evm_leave_out nothing;
    static const ht_u256 zero;
    struct run run = {.evm = evm,
                      .world = evm->world,
                      .rules = evm->rules,
                      .block = &evm->block,
                      .tx = *tx,
                      .leave_out = leave_out != NULL ? leave_out : &nothing};
    struct ht_evm_outcome outcome = {.gas_used = 0};
    ht_tx_effective_gas_price(&run.price, tx,
                              run.rules->has_base_fee ? &run.block->base_fee : &zero);
    if (run.leave_out->fees) {
        run.tx.gas_price = run.tx.max_fee_per_gas = zero;
        run.tx.max_priority_fee_per_gas = run.tx.max_fee_per_blob_gas = zero;
    }
    if (run.leave_out->nonce) run.tx.nonce = 0;
    ht_evm_world_begin(run.world);
    size_t mark = ht_evm_world_mark(run.world);
    enum ht_err err = carry_out(&run, &outcome, sender, why);
    if (err != HT_OK) {
        ht_evm_world_revert(run.world, mark);
        return err;
    }
    err = ht_evm_world_end(run.world);
    if (err == HT_OK) *out = outcome;
    return err;
}

enum ht_err ht_evm_system_call(struct ht_evm *evm, struct ht_evm_result *out, const ht_addr20 *to,
                               ht_bytes input, struct ht_why *why) {
    const struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                           .sender = system_address,
                                           .to = *to,
                                           .code = *to,
                                           .gas = SYSTEM_GAS,
                                           .input = input};
    struct ht_evm_world *world = evm->world;
    struct ht_evm_object *object = NULL;
    struct ht_evm_result result = {.status = HT_EVM_SUCCESS, .gas_left = SYSTEM_GAS};
    ht_evm_world_begin(world);
    size_t mark = ht_evm_world_mark(world);
    enum ht_err err = ht_evm_world_find(&object, world, to, why);
    if (err == HT_OK && ht_evm_object_has_code(object)) {
        warm_protocol(evm);
        evm->origin = (struct ht_evm_origin){.origin = system_address};
        err = ht_evm_run(evm, &result, &message, why);
    }
    if (err != HT_OK) {
        ht_evm_world_revert(world, mark);
        return err;
    }
    err = ht_evm_world_end(world);
    if (err == HT_OK) *out = result;
    return err;
}
