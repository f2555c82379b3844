/* Calls, and what they ask to pretend, as the execution API writes them.
 *
 * A call object is a transaction of which anything may be missing (GenericTransaction); overrides
 * are the third and fourth parameter of eth_call as Geth has them, and those of eth_simulateV1.
 * Source: execution-apis, eth_call, eth_simulateV1.
 *
 * Reasons, HT_EINPUT: those of node/codec/json.h with the member's name, of transaction.h for lists
 * and types, and
 *     call_both_data            "data" and "input" differ
 *     call_fees                 "gasPrice" beside "maxFeePerGas" or "maxPriorityFeePerGas"
 *     call_type                 a field that the type cannot have, or none where it must have one
 *     override_state            "state" beside "stateDiff"
 *     override_unknown          a member that would be ignored
 *     override_not_precompile   movePrecompileToAddress of what is none
 *     override_twice            a precompile is moved to an address that is overridden, too
 * HT_ELIMIT "no_room". Any thread. */
#ifndef HT_L1_EXECUTION_CALL_JSON_H
#define HT_L1_EXECUTION_CALL_JSON_H

#include "node/codec/json.h"
#include "node/codec/transaction.h"
#include "node/evm/vm.h"

#define HT_OVERRIDE_ACCOUNTS_MAX 1024U
#define HT_OVERRIDE_SLOTS_MAX 16384U /* of one account */

/* A call; what was not given is zero, and told by has_. Lists and data belong to the arena. Without
 * "type" it is of the type that its fields ask for, in doubt HT_TX_FEE_MARKET; a gas price given to
 * a type with a fee market is both of its fees. Whoever runs it gives it the network's chain id
 * when it has none. */
struct ht_call {
    struct ht_transaction tx;
    ht_addr20 from;
    bool has_type, has_from, has_gas, has_nonce, has_fee, has_chain_id, has_blob_fee;
};

/* The object; members that no transaction has are ignored, as clients do, and null counts as
 * missing. */
enum ht_err ht_call_read(struct ht_call *out, struct ht_arena *arena, const json_t *object,
                         struct ht_why *why) HT_MUST_USE;
/* The same as an object, for a provider's eth_createAccessList; NULL without memory. */
json_t *ht_call_to_json(const struct ht_call *call);

struct ht_slot_override {
    ht_u256 key, value;
};

struct ht_account_override {
    ht_addr20 address;
    bool has_nonce, has_balance, has_code, has_state, has_state_diff, has_move;
    uint64_t nonce;
    ht_u256 balance;
    ht_bytes code;
    struct ht_slot_override *slots; /* of state or stateDiff */
    size_t slot_count;
    ht_addr20 move; /* movePrecompileToAddress */
};

struct ht_overrides {
    struct ht_account_override *accounts; /* in the order of the object */
    size_t count;
};

/* NULL or null: none. HT_ELIMIT no_room, also past the two maxima above. */
enum ht_err ht_overrides_read(struct ht_overrides *out, struct ht_arena *arena,
                              const json_t *object, struct ht_why *why) HT_MUST_USE;
/* Puts them into a world, before any run. Errors of world.h. Precompiles are not the world's: see
 * ht_overrides_precompiles. */
enum ht_err ht_overrides_apply(struct ht_evm_world *world, const struct ht_overrides *overrides,
                               struct ht_why *why) HT_MUST_USE;
/* Where precompiles stand with them, for ht_evm_set_precompiles; the list is the arena's. As Geth
 * has it: one whose address is overridden in any way does not run there any more. */
enum ht_err ht_overrides_precompiles(const struct ht_evm_precompile_place **out, size_t *count,
                                     struct ht_arena *arena, const struct ht_overrides *overrides,
                                     const struct ht_evm_rules *rules,
                                     struct ht_why *why) HT_MUST_USE;

/* A block's fields, each perhaps overridden. */
struct ht_block_override {
    bool has_number, has_time, has_gas_limit, has_fee_recipient, has_prev_randao, has_base_fee,
        has_blob_base_fee;
    uint64_t number, time, gas_limit;
    ht_addr20 fee_recipient;
    ht_hash32 prev_randao;
    ht_u256 base_fee, blob_base_fee;
};
/* NULL or null: none. "coinbase", "random" and "baseFee" are read as the names that came later. */
enum ht_err ht_block_override_read(struct ht_block_override *out, const json_t *object,
                                   struct ht_why *why) HT_MUST_USE;
void ht_block_override_apply(struct ht_evm_block *block, const struct ht_block_override *override);

#endif
