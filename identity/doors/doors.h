/* The wallet at /eth: accounts, permissions and signatures for pages, extensions and programs.
 *
 * Sources: EIP-1193 (errors), EIP-1102, EIP-2255 (permissions), EIP-191 and EIP-712 (messages),
 * EIP-3085 and EIP-3326 (chains), execution-apis (eth_sendTransaction, eth_signTransaction: the
 * signed bytes). Who asks is ht_rpc_call_origin: each origin sees and uses the accounts of its
 * permission alone, the owner's own page all that are not hidden. Everything that is signed waits
 * in the queue (queue.h), and so does a token that is to be shown (doors_watch.h). Refused whatever
 * is asked: eth_sign, which signs any hash, and the typed data of before v4.
 *
 * Methods are in ht_door_methods (identity.h). */
#ifndef HT_IDENTITY_DOORS_DOORS_H
#define HT_IDENTITY_DOORS_DOORS_H

#include "identity/identity.h"

#endif
