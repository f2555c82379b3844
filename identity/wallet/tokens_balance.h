/* wallet.balances, see tokens.h. Nothing of it is called but by ht_token_methods. */
#ifndef HT_IDENTITY_WALLET_TOKENS_BALANCE_H
#define HT_IDENTITY_WALLET_TOKENS_BALANCE_H

#include "identity/wallet/tokens_impl.h"

#endif
