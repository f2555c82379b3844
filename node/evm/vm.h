/* The Ethereum Virtual Machine: runs a message call or a creation over a world.
 *
 * Exact in gas and in effect for each fork of rules.h (Yellow Paper 9 and appendix H,
 * execution-specs). No I/O, no clock, no recursion: frames stand in memory of the machine, at most
 * HT_EVM_DEPTH_MAX. Nothing is allocated for an opcode; stacks and memories of frames are kept for
 * the next run.
 *
 * A run ends in a status of the EVM, or in an error when it could not be carried through: errors of
 * the world's source; HT_ELIMIT "evm_memory" (all memories together over memory_max), "evm_time"
 * (over its steps of gas: see ht_evm_limits); HT_ENOMEM "evm_no_memory". After an error the world
 * is as before the run. One thread at a time. */
#ifndef HT_EVM_VM_H
#define HT_EVM_VM_H

#include "node/evm/rules.h"
#include "node/evm/world.h"

struct ht_evm_block {
    uint64_t number, timestamp, gas_limit;
    ht_u256 base_fee;      /* wei; also 0 */
    ht_u256 blob_base_fee; /* wei */
    ht_addr20 coinbase;
    ht_hash32 prev_randao;
    uint64_t chain_id;
};

/* What of a transaction code can see. */
struct ht_evm_origin {
    ht_addr20 origin;
    ht_u256 gas_price; /* effective, wei */
    const ht_hash32 *blob_hashes;
    size_t blob_count;
};

enum ht_evm_kind {
    HT_EVM_CALL,
    HT_EVM_CALLCODE,
    HT_EVM_DELEGATECALL,
    HT_EVM_STATICCALL,
    HT_EVM_CREATE,
    HT_EVM_CREATE2,
};

struct ht_evm_message {
    enum ht_evm_kind kind;
    ht_addr20 sender;
    ht_addr20 to;   /* whose storage and balance; of a creation: set by the machine */
    ht_addr20 code; /* whose code: see ht_evm_run */
    ht_u256 value;
    bool is_static;
    uint64_t gas;
    ht_bytes input; /* init code of a creation; borrowed for the run */
    ht_hash32 salt; /* CREATE2 */
};

enum ht_evm_status {
    HT_EVM_SUCCESS,
    HT_EVM_REVERT, /* REVERT: gas left is given back, output is its data */
    /* Exceptional halts: all gas is used, no output. */
    HT_EVM_OUT_OF_GAS,
    HT_EVM_BAD_INSTRUCTION, /* also INVALID */
    HT_EVM_STACK_UNDERFLOW,
    HT_EVM_STACK_OVERFLOW,
    HT_EVM_BAD_JUMP,
    HT_EVM_STATIC_WRITE,
    HT_EVM_RETURN_DATA_BOUNDS,
    HT_EVM_PRECOMPILE_FAILED,
    HT_EVM_CODE_REFUSED, /* too large, or begins with 0xef */
    HT_EVM_COLLISION,
    /* Not run at all: gas is given back. */
    HT_EVM_TOO_DEEP,
    HT_EVM_BALANCE_TOO_LOW,
    HT_EVM_NONCE_OVERFLOW,
};
/* "out of gas", "stack underflow": as execution clients word it. */
const char *ht_evm_status_text(enum ht_evm_status status);

struct ht_evm_result {
    enum ht_evm_status status;
    uint64_t gas_left;
    ht_bytes output;   /* the machine's, until its next run */
    ht_addr20 created; /* of a creation, also of a failed one */
};

/* Sees each frame, for call trees and simulations. depth is 0 for the outermost. Of a call that is
 * refused before it runs (too deep, balance) enter and leave are told too. Views hold for the call
 * of the function. Any member may be NULL. */
struct ht_evm_observer {
    void (*enter)(void *user, unsigned depth, const struct ht_evm_message *message);
    void (*leave)(void *user, unsigned depth, const struct ht_evm_result *result,
                  uint64_t gas_used);
    void (*log)(void *user, unsigned depth, const struct ht_evm_log *log);
    /* SELFDESTRUCT moved wei from an account to its beneficiary. */
    void (*destroy)(void *user, unsigned depth, const ht_addr20 *account,
                    const ht_addr20 *beneficiary, const ht_u256 *wei);
    void *user;
};

struct ht_evm_limits {
    size_t memory_max; /* bytes of all frames' memories together; 0: 64 MiB */
    /* Asked about once for each gas_step of gas that is used (0: never; at least 65,536 and at most
     * 2^30 are taken): true ends the run with "evm_time". How a run is stopped after a time. */
    bool (*is_over)(void *user);
    void *user;
    uint64_t gas_step;
};

struct ht_evm;

/* HT_ENOMEM. The world and what the other pointers lead to must outlive the runs. */
enum ht_err ht_evm_new(struct ht_evm **out) HT_MUST_USE;
void ht_evm_free(struct ht_evm *evm);

/* Where the next runs take place. Copies what it is given but for the world; observer and limits
 * may be NULL. */
void ht_evm_set(struct ht_evm *evm, const struct ht_evm_rules *rules, struct ht_evm_world *world,
                const struct ht_evm_block *block, const struct ht_evm_origin *origin,
                const struct ht_evm_observer *observer, const struct ht_evm_limits *limits);

/* Where a precompile stands that is not where the rules have it, or (number 0) where none stands
 * any more: eth_call's movePrecompileToAddress. What is warm from the start stays what it was. */
struct ht_evm_precompile_place {
    ht_addr20 address;
    unsigned number; /* as in precompile.h */
};
/* For the next runs, until the next ht_evm_set; borrowed. The first one of an address counts. */
void ht_evm_set_precompiles(struct ht_evm *evm, const struct ht_evm_precompile_place *places,
                            size_t count);

/* Runs one message: moves its value, runs code or a precompile, deposits created code. Reverts the
 * world when the outcome is not HT_EVM_SUCCESS.
 *
 * A call's `code` is its `to`: when that account delegates (EIP-7702), the machine follows, one
 * step, and makes the other account warm. Only a caller who has followed the delegation already
 * gives another address; then that account's code runs as it is and no precompile does.
 *
 * A creation's sender has had its nonce counted already: the address comes of the nonce before
 * (CREATE) or the salt (CREATE2), is made warm, and stands in the result.
 *
 * Precompiles are warm to the machine whether the world says so or not, and are not looked up in
 * the world unless wei are sent to them. */
enum ht_err ht_evm_run(struct ht_evm *evm, struct ht_evm_result *out,
                       const struct ht_evm_message *message, struct ht_why *why) HT_MUST_USE;

/* Where CREATE and CREATE2 put a contract (Yellow Paper 7, EIP-1014). */
void ht_evm_create_address(ht_addr20 *out, const ht_addr20 *sender, uint64_t nonce);
void ht_evm_create2_address(ht_addr20 *out, const ht_addr20 *sender, const ht_hash32 *salt,
                            const ht_hash32 *init_code_hash);

#endif
