/* Transactions as JSON-RPC objects: execution-apis, schema transaction. */
#ifndef HT_L1_EXECUTION_TRANSACTION_JSON_H
#define HT_L1_EXECUTION_TRANSACTION_JSON_H

#include "node/codec/json.h"
#include "node/codec/transaction.h"
#include "node/l1/execution/rpc_json.h"

/* Reads a transaction object. Members that are no field of the type are ignored, null counts as
 * absent; without "type" it is a legacy transaction; the data may be in "input" or "data". Without
 * "r" it is unsigned. *out borrows from the arena only.
 *
 * "hash", when there, must be the transaction's own: HT_EUNVERIFIED tx_hash_differs. "from" and the
 * place in a block are claims that no hash covers and are not looked at: use ht_tx_sender. Further
 * reasons: those of node/codec/json.h and transaction.h; tx_fields_differ (HT_EINPUT) when v and
 * yParity, or v and chainId, contradict each other. */
enum ht_err ht_tx_from_json(struct ht_transaction *out, struct ht_arena *arena,
                            const json_t *object, struct ht_why *why) HT_MUST_USE;

/* One field of it, for objects of which others may be missing; tx->type counts for what a field may
 * hold. Reasons as above; json_missing when it is not there. */
enum ht_err ht_tx_read_field(struct ht_transaction *tx, enum ht_tx_field field,
                             struct ht_arena *arena, const json_t *object,
                             struct ht_why *why) HT_MUST_USE;
/* The reverse; of the chain id and the gas price, which are written for every type, nothing. */
void ht_tx_put_field(struct ht_rpc_object *out, const struct ht_transaction *tx,
                     enum ht_tx_field field);

/* Where a transaction stands in the chain. */
struct ht_tx_place {
    ht_hash32 block_hash;
    uint64_t block_number;
    uint64_t block_timestamp; /* seconds UTC */
    uint64_t transaction_index;
    ht_u256 base_fee_per_gas; /* the block's; 0 before London */
};

/* A new object for a signed transaction, with its hash and its sender; place NULL: not in a block
 * yet. gasPrice is the price paid, outside a block the highest. Reasons of ht_tx_sender (any s). */
enum ht_err ht_tx_to_json(json_t **out, const struct ht_transaction *tx,
                          const struct ht_tx_place *place, struct ht_why *why) HT_MUST_USE;

/* The same when hash and sender have been computed from the transaction before. HT_ENOMEM. */
enum ht_err ht_tx_known_to_json(json_t **out, const struct ht_transaction *tx,
                                const ht_hash32 *hash, const ht_addr20 *sender,
                                const struct ht_tx_place *place) HT_MUST_USE;

#endif
