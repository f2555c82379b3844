/* A proven account as JSON, for every door but Ethereum's own. */
#ifndef HT_L1_STATE_JSON_H
#define HT_L1_STATE_JSON_H

#include "node/l1/state.h"

/* The account with its provenance (DESIGN.md section 7) as JSON: {"address", "exists", "balance",
 * "nonce", "code_hash", "storage_root", "provenance"}; balance in wei as a decimal string. With
 * slots also "storage": {slot: value}, with wants_code also "code". */
enum ht_err ht_state_account_json(json_t **out, const struct ht_state_read *read,
                                  struct ht_why *why) HT_MUST_USE;

#endif
