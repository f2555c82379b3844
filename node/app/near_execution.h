/* JSON-RPC of peers, and blocks by hash. Loop thread. */
#ifndef HT_APP_NEAR_EXECUTION_H
#define HT_APP_NEAR_EXECUTION_H

#include "node/app/near_impl.h"

/* Answer, now or later; the call is taken over: the batch in its body, or the block that its path
 * names. */
void ht_near_execution(struct ht_near_call *call);
void ht_near_by_hash(struct ht_near_call *call);

/* Ends what is still under way; before the table of methods is freed. */
void ht_near_execution_fini(struct ht_near_serve *serve);

#endif
