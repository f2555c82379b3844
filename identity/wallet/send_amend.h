/* Amending a transaction that waits in the queue, before it is decided about.
 *
 * Method wallet.amend {id, payload_hash, max_fee_per_gas?, max_priority_fee_per_gas?, gas_limit?}
 * -> the item as the topic wallet.queue shows it. The last three are texts, decimal or QUANTITY;
 * what is not there stays as it is; max_fee_per_gas is the gas price of types 0 and 1, which have
 * no priority fee. Everything is proven anew, so nonce, explanation and the check of the balance
 * are of the newest proven block. The item keeps its id and gets a new payload_hash: a decision
 * that names the old one is refused ("payload_differs").
 *
 * Errors: HT_ENOTFOUND "no_request"; HT_EINPUT "not_waiting", "not_a_transaction",
 * "payload_changed" (payload_hash is not the one that waits), "bad_quantity", "fees_differ" (a
 * priority fee for what has none), "fee_too_low" (the highest fee is below the base fee of the
 * newest proven block), "tip_above_fee", "gas_too_low" (below the intrinsic gas or EIP-7623's
 * floor), "gas_too_high" (over the fork's bound for a transaction, EIP-7825); HT_EDENIED
 * "insufficient_funds", "nonce_too_low"; HT_ESTALE "not_live"; those of the reads. Loop thread. */
#ifndef HT_IDENTITY_WALLET_SEND_AMEND_H
#define HT_IDENTITY_WALLET_SEND_AMEND_H

#include "identity/wallet/send_gather.h"

struct ht_amendment {
    bool has_max_fee, has_tip, has_gas;
    ht_u256 max_fee, tip; /* wei a unit of gas */
    uint64_t gas_limit;
    const struct ht_gather *gather;  /* what is proven now */
    const struct ht_tx_rules *rules; /* of the fork now */
};

/* Fees and gas as wanted, then checked as above; the balance is for others. */
enum ht_err ht_amendment_apply(struct ht_transaction *tx, const struct ht_amendment *wanted,
                               struct ht_why *why) HT_MUST_USE;

/* See struct ht_rpc_method. */
void ht_send_amend(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
