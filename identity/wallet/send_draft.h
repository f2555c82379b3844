/* A transaction on its way to be confirmed: read from what was asked for, completed from proven
 * facts.
 *
 * The object asked for is execution-apis' transaction object: from, to, value, data or input (equal
 * when both are there), gas or gasLimit, gasPrice or maxFeePerGas and maxPriorityFeePerGas, nonce,
 * chainId, type, accessList, authorizationList. Without a type it is 4 with authorizations, 2 with
 * maxFeePerGas, 1 or 0 with gasPrice, else 2 (EIP-1559). The owner's own door also has "fees", an
 * object of the same fee members and of leastGasPrice, leastMaxFeePerGas,
 * leastMaxPriorityFeePerGas, below which what is proposed does not go; and takes numbers as decimal
 * text and JSON integers.
 *
 * Reasons, HT_EINPUT if not said otherwise: those of node/codec/json.h, "bad_quantity",
 * "bad_address", "bad_data", "data_differs", "fees_differ" (both kinds of fees, or a kind that the
 * type has not), "bad_type", "wrong_chain" (chainId is not ours); HT_EDENIED "blobs_unsupported";
 * HT_ELIMIT "tx_too_large". */
#ifndef HT_IDENTITY_WALLET_SEND_DRAFT_H
#define HT_IDENTITY_WALLET_SEND_DRAFT_H

#include "node/base/arena.h"
#include "node/module.h"

#define HT_DRAFT_DATA_MAX ((size_t)128 * 1024) /* bytes */
#define HT_DRAFT_ACCESS_MAX 256U
#define HT_DRAFT_KEYS_MAX 256U /* of one address */
#define HT_DRAFT_AUTHORIZATIONS_MAX 16U

enum ht_draft_form {
    HT_DRAFT_ETHEREUM, /* numbers are QUANTITY */
    HT_DRAFT_OWN,
};

/* wei a unit of gas; what is not there is proposed. */
struct ht_draft_fee {
    bool is_given, has_least;
    ht_u256 given, least;
};

struct ht_draft_fees {
    struct ht_draft_fee gas_price, max_fee, tip;
};

struct ht_draft {
    struct ht_arena arena; /* of data and lists */
    struct ht_transaction tx;
    struct ht_draft_fees fees;
    bool has_gas, has_nonce;
    bool is_gas_guess; /* by the kind of call, not computed */
};

/* *out is to be ended with ht_draft_fini, also after an error. */
enum ht_err ht_draft_read(struct ht_draft *out, const json_t *object, enum ht_draft_form form,
                          uint64_t chain_id, struct ht_why *why) HT_MUST_USE;
void ht_draft_fini(struct ht_draft *draft);

/* The fee members of an object. */
enum ht_err ht_draft_read_fees(struct ht_draft_fees *out, const json_t *object,
                               enum ht_draft_form form, struct ht_why *why) HT_MUST_USE;

/* Sets tx's fees: as given, else twice the next base fee and a typical tip; of a gas price nine
 * eighths of the base fee and the tip. HT_EINPUT "fees_differ"; HT_EDENIED "tx_fee_inconsistent" (a
 * tip above the whole fee). */
enum ht_err ht_draft_set_fees(struct ht_transaction *tx, const struct ht_draft_fees *fees,
                              const ht_u256 *base_fee, const ht_u256 *tip,
                              struct ht_why *why) HT_MUST_USE;

/* Sets the gas limit when none was given: 21000 for ether to an account without code, else a bound
 * by the kind of call. HT_EDENIED "tx_gas_too_low" for a given one that cannot be enough. */
enum ht_err ht_draft_set_gas(struct ht_draft *draft, bool recipient_has_code,
                             struct ht_why *why) HT_MUST_USE;

#endif
