/* The owner's methods about devices: bunker.h says what they take and give. Loop thread. */
#ifndef HT_SOCIAL_BUNKER_BUNKER_METHODS_H
#define HT_SOCIAL_BUNKER_BUNKER_METHODS_H

#include "social/client_task.h"

/* See struct ht_rpc_method. */
void ht_bunker_invite_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_bunker_connect_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_bunker_decide_start(void *self, struct ht_rpc_call *call, const json_t *params);
void ht_bunker_end_start(void *self, struct ht_rpc_call *call, const json_t *params);

#endif
