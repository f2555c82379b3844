/* The calls that a known call makes. */
#ifndef HT_IDENTITY_WALLET_EXPLAIN_INNER_H
#define HT_IDENTITY_WALLET_EXPLAIN_INNER_H

#include "identity/wallet/explain_walk.h"

/* Adds the calls that it makes to those still to do, which will be written into `list`; what
 * cannot be taken apart is warned of. HT_ENOMEM. */
enum ht_err ht_call_add_inner(const struct ht_call_known *known, json_t *list) HT_MUST_USE;

#endif
