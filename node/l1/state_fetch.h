/* Asking for state. Inside of the state service. */
#ifndef HT_L1_STATE_FETCH_H
#define HT_L1_STATE_FETCH_H

#include "node/l1/state_impl.h"

/* The account with its slots, or its code; one question for all who want the same. ht_state_got and
 * ht_state_got_code come later. */
void ht_state_fetch_account(struct ht_state_read *read);
void ht_state_fetch_code(struct ht_state_read *read);

#endif
