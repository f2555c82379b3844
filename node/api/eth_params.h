/* Parameters of Ethereum's methods, and the answers that all of them share.
 *
 * Reading: `at` is the place in the array of params. Reasons, HT_EINPUT (-32602) all of them:
 * too_many_params, params_missing, and
 *     bad_block     no tag, QUANTITY, hash or object of EIP-1898
 *     bad_address, bad_hash, bad_quantity, bad_bool, bad_slot   not what the place wants */
#ifndef HT_API_ETH_PARAMS_H
#define HT_API_ETH_PARAMS_H

#include "node/api/eth.h"

/* params must be an array (or empty) of at least `least` and at most `most`. */
enum ht_err ht_eth_take_params(const json_t *params, size_t least, size_t most,
                               struct ht_why *why) HT_MUST_USE;

/* The block parameter of execution-apis: a tag, a QUANTITY, and, when takes_hash, 32 bytes or an
 * object of EIP-1898 ({"blockNumber"} or {"blockHash", "requireCanonical"}; only the canonical
 * chain is known here, so the last changes nothing). Missing or null: latest. */
enum ht_err ht_eth_read_block(struct ht_block_id *out, const json_t *params, size_t at,
                              bool takes_hash, struct ht_why *why) HT_MUST_USE;
/* The same of a value of its own; NULL or null: latest. */
enum ht_err ht_eth_read_block_value(struct ht_block_id *out, const json_t *value, bool takes_hash,
                                    struct ht_why *why) HT_MUST_USE;

enum ht_err ht_eth_read_address(ht_addr20 *out, const json_t *params, size_t at,
                                struct ht_why *why) HT_MUST_USE;
enum ht_err ht_eth_read_hash(ht_hash32 *out, const json_t *params, size_t at,
                             struct ht_why *why) HT_MUST_USE;
/* A QUANTITY below 2^64 without leading zeros. */
enum ht_err ht_eth_read_quantity(uint64_t *out, const json_t *params, size_t at,
                                 struct ht_why *why) HT_MUST_USE;
enum ht_err ht_eth_read_bool(bool *out, const json_t *params, size_t at,
                             struct ht_why *why) HT_MUST_USE;
/* A slot of storage as hex of any length up to 32 bytes: both forms are in use. is_long: all 32
 * were written; may be NULL. */
enum ht_err ht_eth_read_slot(ht_hash32 *out, bool *is_long, const json_t *value,
                             struct ht_why *why) HT_MUST_USE;

/* HT_OK when what was read at this block may be told now: live, or the block is final. */
enum ht_err ht_eth_check_read(const struct ht_eth *eth, bool is_final,
                              struct ht_why *why) HT_MUST_USE;
/* HT_OK when the question can be put: a block by number or hash at any time, a tag while live. */
enum ht_err ht_eth_check_ask(const struct ht_eth *eth, const struct ht_block_id *block,
                             struct ht_why *why) HT_MUST_USE;

/* HT_EDENIED HT_RPC_NOT_PROVEN: a service that is needed is not there. */
enum ht_err ht_eth_no_service(struct ht_why *why) HT_MUST_USE;
enum ht_err ht_eth_no_memory(struct ht_why *why) HT_MUST_USE;

/* The block that a value was read at. */
struct ht_eth_place {
    const struct ht_exec_header_verified *header;
    bool is_final;
    const char *source;
};

/* Ends the call with a proven result, which is taken over; NULL stands for no memory. */
void ht_eth_finish(const struct ht_eth *eth, struct ht_rpc_call *call, json_t *result,
                   const struct ht_eth_place *place);

/* Ends the call with null for what is not there. When a proof says so (a number above the head),
 * that is told when provenance is asked for; else that nobody knows it, which proves nothing. */
void ht_eth_finish_null(const struct ht_eth *eth, struct ht_rpc_call *call,
                        const struct ht_why *why);
/* Is a read's failure one that is answered with null? */
bool ht_eth_is_null(enum ht_err err, const struct ht_why *why);

/* The provenance of what is not proven: {"verdict":"unproven", …}; NULL without memory. */
json_t *ht_eth_unproven_json(const char *why, const char *source);

/* QUANTITY strings; NULL without memory. */
json_t *ht_eth_quantity(uint64_t number);
json_t *ht_eth_quantity256(const ht_u256 *number);

#endif
