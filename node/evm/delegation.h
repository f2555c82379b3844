/* Accounts whose code stands at another address (EIP-7702). */
#ifndef HT_EVM_DELEGATION_H
#define HT_EVM_DELEGATION_H

#include "node/codec/transaction.h"
#include "node/evm/world.h"

#define HT_EVM_DELEGATION_SIZE 23U /* of the code of such an account */

/* Carries out the authorizations of a transaction, in order: those that do not hold are passed
 * over, the others set their account's code and nonce and make it warm; for one that existed
 * HT_GAS_AUTHORIZATION_REFUND is added to the refund. Errors of world.h. */
enum ht_err ht_evm_delegate_all(struct ht_evm_world *world,
                                const struct ht_tx_authorization *authorizations, size_t count,
                                uint64_t chain_id, struct ht_why *why) HT_MUST_USE;

#endif
