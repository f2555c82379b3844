/* What a simulation found, in words: which balances, owners, roles and codes would change, with the
 * timelock as sender. Pure; any thread. The object is that of node/l1/simulate.h. */
#ifndef HT_GOVERNANCE_CALLS_WORDS_H
#define HT_GOVERNANCE_CALLS_WORDS_H

#include "governance/calls/calls.h"

/* A new reference, NULL without memory:
 *   {"words": [text], how it ends first, then whatever the other lists have, codes and settings,
 *    "roles": [{"text", "severity"}], "owners": [{"text", "severity"}],
 *    "balances": [{"text", "address", "contract": address | null, "before": decimal | null,
 *                  "change": decimal with "+" or "-"}]}
 * Of `results`, an array of simulate.h's objects, one for each action, all are taken together; an
 * action that fails makes the whole fail, as on the chain. Names come from the context. Balances of
 * tokens are what the tokens log; ether and codes are proven state. */
json_t *ht_gov_words_of_simulation(const struct ht_gov_calls_context *context,
                                   const json_t *results);

#endif
