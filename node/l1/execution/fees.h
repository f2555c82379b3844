/* What blocks ask for gas and blobs, computed from proven headers and bodies.
 *
 * Sources: EIP-1559 (base fee), EIP-4844 and EIP-7691 (blob base fee), EIP-7840 and EIP-7892 (blob
 * schedule), EIP-7918 (a floor for blobs). Numbers of a schedule are data.
 *
 * Reasons:
 *     no_blobs            HT_EAGAIN: a header from before blob gas
 *     blob_fee_too_large  HT_ELIMIT: a price that does not fit, or no schedule to compute it by */
#ifndef HT_L1_EXECUTION_FEES_H
#define HT_L1_EXECUTION_FEES_H

#include "node/l1/consensus/network.h"
#include "node/l1/execution/body.h"

/* The blob parameters at a time. */
struct ht_blob_rules {
    uint64_t target; /* blobs a block */
    uint64_t max;
    uint64_t update_fraction; /* BLOB_BASE_FEE_UPDATE_FRACTION */
    bool has_reserve_price;   /* EIP-7918, from Osaka on */
};

/* False before Cancun (Deneb). The consensus layer's schedule tells the maximum alone; the target
 * is two thirds of it from Electra on, and the fraction follows the target as EIP-7691 and the
 * forks by blob parameters have it (5007716 for 6, 8346193 for 10, 11684671 for 14). */
bool ht_blob_rules_at(struct ht_blob_rules *out, const struct ht_network *network,
                      uint64_t timestamp);

/* wei a unit of gas in the block after this one (EIP-1559); 0 when the header has none. What does
 * not fit into 256 bits counts as the largest number. */
void ht_next_base_fee(ht_u256 *out, const struct ht_exec_header *header);

/* wei a unit of blob gas in this block by the rules at its time, and in the one after it: `next`
 * are the rules at the time of that block. Reasons above. */
enum ht_err ht_blob_base_fee(ht_u256 *out, const struct ht_exec_header *header,
                             const struct ht_blob_rules *rules, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_next_blob_base_fee(ht_u256 *out, const struct ht_exec_header *header,
                                  const struct ht_blob_rules *next, struct ht_why *why) HT_MUST_USE;

/* excess_blob_gas of the block after this one (EIP-4844, 7918). no_blobs. */
enum ht_err ht_next_excess_blob_gas(uint64_t *out, const struct ht_exec_header *header,
                                    const struct ht_blob_rules *next,
                                    struct ht_why *why) HT_MUST_USE;

/* Effective priority fees (wei) paid in a block at percentiles of the gas used, as eth_feeHistory
 * defines "reward": transactions in order of their priority fee, each weighing its gas.
 * percentiles_milli: thousandths of a percent, ascending, 0 to 100000. Zeros for an empty block.
 * The body and the receipts are this header's. HT_ENOMEM. */
enum ht_err ht_priority_fees(ht_u256 *rewards, const uint32_t *percentiles_milli, size_t count,
                             const struct ht_exec_header *header, const struct ht_body *body,
                             const struct ht_receipts *receipts) HT_MUST_USE;

/* The same at one percentile with each transaction weighing one, which needs no receipts: what a
 * wallet's suggestion is made of. False for a block without transactions, and without memory: a
 * suggestion goes by the other blocks then. */
bool ht_priority_fee_typical(ht_u256 *out, uint32_t percentile_milli,
                             const struct ht_exec_header *header, const struct ht_body *body);

#endif
