/* Permissions that end without anybody's word: their time is over, or their accounts are gone. Loop
 * thread. */
#ifndef HT_IDENTITY_DOORS_PERMISSIONS_LOSS_H
#define HT_IDENTITY_DOORS_PERMISSIONS_LOSS_H

#include "identity/doors/permissions_impl.h"

/* Takes accounts that are not in the wallet out of every permission, and ends those that have run
 * out or have no account left: their pages are told, what they wait for is refused. Then waits for
 * the next that runs out. */
void ht_permissions_sweep(struct ht_identity *identity);

#endif
