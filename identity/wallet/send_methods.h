/* The owner's own methods for sending and signing: ht_send_methods (identity.h), whose contract is
 * send.h. */
#ifndef HT_IDENTITY_WALLET_SEND_METHODS_H
#define HT_IDENTITY_WALLET_SEND_METHODS_H

#include "identity/wallet/send.h"

#endif
