/* A transaction carried out on a world: checked, paid for, run, settled.
 *
 * execution-specs `process_transaction`; Yellow Paper 6, EIP-1559, 2930, 3529, 3607, 4844, 7623,
 * 7702, 7825. Not the block around it: its gas, its receipts and system calls are block execution's
 * (node/l1/execution/block_run.h). */
#ifndef HT_EVM_TRANSACTION_H
#define HT_EVM_TRANSACTION_H

#include "node/codec/transaction.h"
#include "node/evm/vm.h"

/* For eth_call and estimates, which are no transactions of a block. Zero for those that are. */
struct ht_evm_leave_out {
    bool fees;        /* nobody pays and no price is checked; GASPRICE is what was given */
    bool balance;     /* the sender may lack the value's wei only: it is credited what it lacks */
    bool nonce;       /* any nonce is right */
    bool sender_code; /* a sender with code may send (EIP-3607) */
    bool gas_cap;     /* EIP-7825 */
    bool floor;       /* EIP-7623's floor is not charged */
    bool block_gas;   /* its gas limit may be above the block's */
};

struct ht_evm_outcome {
    struct ht_evm_result result;
    uint64_t gas_used;  /* after refunds and floor: what is paid for */
    uint64_t gas_spent; /* before refunds and floor */
    uint64_t gas_refunded;
    ht_u256 effective_gas_price;
    uint64_t blob_gas_used;
    bool has_created; /* result.created is the new contract's address */
};

/* Carries it out: ht_evm_world_begin … _end around it, whatever the status is. The machine was set
 * up with the block (its origin is set here). `sender` is who signed, or who would; tx need not be
 * signed. leave_out may be NULL. Its logs stand in the world until the next begins; what it did
 * stays in the world (ht_evm_world_forget takes it back). The coinbase is only read to be paid.
 *
 * HT_EDENIED, the world unchanged, when the block could not hold it: reasons of
 * transaction_rules.h, and
 *     tx_nonce_too_low, tx_nonce_mismatch   against the sender's account
 *     tx_sender_has_code                    EIP-3607
 *     tx_fee_too_low                        max_fee_per_gas is below the base fee
 *     tx_blob_fee_too_low                   max_fee_per_blob_gas is below the blob base fee
 *     tx_no_funds                           the balance is below ht_tx_cost_max
 *     tx_gas_over_block                     the gas limit is above the block's
 * Errors of vm.h, also after some of it ran: the world is unchanged then. */
enum ht_err ht_evm_transact(struct ht_evm *evm, struct ht_evm_outcome *out,
                            const struct ht_transaction *tx, const ht_addr20 *sender,
                            const struct ht_evm_leave_out *leave_out,
                            struct ht_why *why) HT_MUST_USE;

/* A call of the protocol itself to a contract of its own: from 0xff…fe, 30 million gas, without
 * fees (EIP-4788, 2935, 7002, 7251). An account without code: nothing happens, HT_OK with an empty
 * output. */
enum ht_err ht_evm_system_call(struct ht_evm *evm, struct ht_evm_result *out, const ht_addr20 *to,
                               ht_bytes input, struct ht_why *why) HT_MUST_USE;

#endif
