/* Light-client objects, genesis and recent headers for those who ask. Loop thread. */
#ifndef HT_APP_NEAR_LIGHT_H
#define HT_APP_NEAR_LIGHT_H

#include "node/app/near_impl.h"

/* Answers a request that is everybody's (ht_near_is_public), now or later; the call is taken over.
 */
void ht_near_light(struct ht_near_call *call);

#endif
