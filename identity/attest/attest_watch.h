/* What follows finality: each time another block is final, all that is kept is looked at again, and
 * then the new blocks' logs for what names us. Loop thread. */
#ifndef HT_IDENTITY_ATTEST_ATTEST_WATCH_H
#define HT_IDENTITY_ATTEST_ATTEST_WATCH_H

#include "identity/identity.h"

#define HT_ATTEST_RECHECKS_MAX 64U /* of those that could not be told before, at one finality */

/* One pass at a time; a head that comes during one is left to the next. */
void ht_attest_watch_on_head(struct ht_identity *identity);

#endif
