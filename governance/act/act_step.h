/* dao.queue, dao.execute, dao.cancel {"address", "id", "account", "override"?} -> {"hash"}. The
 * state is proven first and the transaction run: HT_EDENIED "not_succeeded", "no_timelock",
 * "not_queued", "too_early", "is_over", "would_fail"; HT_ENOTFOUND "no_text" (a governor that takes
 * the actions, and they are not known). Loop thread. */
#ifndef HT_GOVERNANCE_ACT_ACT_STEP_H
#define HT_GOVERNANCE_ACT_ACT_STEP_H

#include "governance/governance.h"

void ht_gov_queue_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_gov_execute_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_gov_cancel_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
