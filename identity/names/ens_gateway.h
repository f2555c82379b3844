/* Answers from off the chain (ERC-3668). Loop thread. */
#ifndef HT_IDENTITY_NAMES_ENS_GATEWAY_H
#define HT_IDENTITY_NAMES_ENS_GATEWAY_H

#include "identity/names/ens_ask.h"

/* Follows the lookup that a run left, when that was asked for; ends in ht_ens_run with the
 * resolver's callback, or in ht_ens_end with an error. */
void ht_ens_follow(struct ht_ens_ask *ask);

#endif
