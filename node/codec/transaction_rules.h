/* Which transactions a fork takes, and what they cost before they run: per-fork numbers in a table.
 *
 * Sources: EIP-2, 155, 2028, 2681, 2930, 1559, 3860, 4844, 7623, 7702, 7825, 7594. What needs the
 * sender's account or the block (nonce in order, balance, base fee, block gas limit) is not judged
 * here.
 *
 * Reasons, HT_EDENIED if not said otherwise:
 *     tx_type_too_new      the fork has no such type
 *     tx_wrong_chain       signed for another chain, or EIP-155 before the fork that has it
 *     tx_nonce_too_high    2^64 - 1 (EIP-2681)
 *     tx_gas_too_low       the gas limit is below the intrinsic gas or the data floor
 *     tx_gas_over_cap      the gas limit is over the fork's for one transaction (EIP-7825)
 *     tx_fee_inconsistent  the priority fee is above the whole fee
 *     tx_cost_overflow     the fees, in ht_tx_cost_max with the value, are 2^256 wei or more
 *     tx_init_code         init code over the fork's maximum (EIP-3860)
 *     tx_blobs             no blobs, too many, or a versioned hash of another version
 *     tx_authorizations    type 4 without any
 *     tx_unsigned          HT_EINPUT, and HT_EUNVERIFIED reasons of node/crypto/secp256k1.h */
#ifndef HT_CODEC_TRANSACTION_RULES_H
#define HT_CODEC_TRANSACTION_RULES_H

#include "node/codec/transaction.h"

#define HT_GAS_PER_BLOB 131072U

struct ht_tx_rules {
    const char *name;         /* as in ethereum/tests: "Frontier", "EIP158", "Cancun" */
    unsigned type_count;      /* types 0 … type_count - 1 */
    enum ht_ecdsa_s s;        /* EIP-2 */
    bool has_eip155;          /* a chain id in v */
    uint32_t creation_gas;    /* added to the base of 21,000 */
    uint32_t data_byte_gas;   /* of a byte that is not zero; a zero byte is 4 */
    uint32_t init_word_gas;   /* per 32 bytes of init code */
    uint32_t init_code_max;   /* bytes; 0: no bound */
    uint32_t floor_token_gas; /* EIP-7623; 0: no floor */
    uint32_t blobs_max;       /* in one transaction */
    uint64_t gas_max;         /* gas limit of one transaction; 0: no bound */
};

/* Newest last: what a new transaction has to keep to. */
extern const struct ht_tx_rules ht_tx_rules_all[];
extern const size_t ht_tx_rules_count;

/* By name; NULL when there is none. */
const struct ht_tx_rules *ht_tx_rules_find(const char *name);

struct ht_tx_gas {
    uint64_t intrinsic; /* charged before execution */
    uint64_t floor;     /* the least that is charged in the end (EIP-7623); 0 before Prague */
};

/* gas.intrinsic of the Yellow Paper, g0, and the floor. */
void ht_tx_gas_of(struct ht_tx_gas *out, const struct ht_transaction *tx,
                  const struct ht_tx_rules *rules);

/* The most that it can take from the sender: gas limit times the highest price, blob gas, value.
 * HT_EDENIED tx_cost_overflow. */
enum ht_err ht_tx_cost_max(ht_u256 *out, const struct ht_transaction *tx,
                           struct ht_why *why) HT_MUST_USE;

/* wei per unit of gas that is paid in a block with this base fee: gas_price, or
 * min(max_fee_per_gas, base_fee_per_gas + max_priority_fee_per_gas). */
void ht_tx_effective_gas_price(ht_u256 *out, const struct ht_transaction *tx,
                               const ht_u256 *base_fee_per_gas);

/* Whether a chain with this id and these rules takes the transaction, whoever signs it. */
enum ht_err ht_tx_check_terms(const struct ht_transaction *tx, const struct ht_tx_rules *rules,
                              uint64_t chain_id, struct ht_why *why) HT_MUST_USE;

/* The same, and that its signature is one; *sender is who signed it, may
 * be NULL. */
enum ht_err ht_tx_check(ht_addr20 *sender, const struct ht_transaction *tx,
                        const struct ht_tx_rules *rules, uint64_t chain_id,
                        struct ht_why *why) HT_MUST_USE;

#endif
