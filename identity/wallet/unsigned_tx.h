/* Transactions before they are signed: reading what a signature would be over. */
#ifndef HT_IDENTITY_WALLET_UNSIGNED_TX_H
#define HT_IDENTITY_WALLET_UNSIGNED_TX_H

#include "node/module.h"

/* Decodes exactly one unsigned transaction as EIP-2718 writes it: of type 0 six fields, or nine
 * with EIP-155's chain id and two zeros. *out borrows from the arena and says is_signed = false.
 * Reasons of transaction.h and rlp.h, and HT_EINPUT "tx_empty". */
enum ht_err ht_unsigned_tx_read(struct ht_transaction *out, struct ht_arena *arena, ht_bytes bytes,
                                struct ht_why *why) HT_MUST_USE;

#endif
