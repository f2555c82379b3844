/* eth_sendRawTransaction: checked against proven state, kept, and sent to several providers.
 *
 * What is wrong with a transaction is told in the words that wallets look for ("nonce too low",
 * "insufficient funds for gas * price + value", …) with EIP-1474's -32003, transaction rejected;
 * bytes that are no transaction are -32602. */
#ifndef HT_API_ETH_SEND_H
#define HT_API_ETH_SEND_H

#include "node/api/eth.h"

/* `start` function for a table of methods; self is a struct ht_eth. */
void ht_eth_send_raw_transaction(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
