/* What of a simulation concerns one account: what leaves it, what arrives, what it approves. */
#ifndef HT_IDENTITY_WALLET_EFFECTS_ROWS_H
#define HT_IDENTITY_WALLET_EFFECTS_ROWS_H

#include "identity/identity.h"

struct ht_effect_rows {
    const struct ht_identity *identity;
    ht_addr20 account;
    json_t *leaves, *arrives, *approvals; /* arrays as in effects.h */
    bool is_cut, is_short;                /* something was left out: bound, memory */
};

/* Fills a zeroed struct with identity and account set out of one call's result (simulate.h) and the
 * most that is paid in fees. To be ended with ht_effect_rows_fini. */
void ht_effect_rows_read(struct ht_effect_rows *rows, const json_t *result, const ht_u256 *fee);
void ht_effect_rows_fini(struct ht_effect_rows *rows);

#endif
