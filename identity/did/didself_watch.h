/* Looking at the registry at each finality. Loop thread. */
#ifndef HT_IDENTITY_DID_DIDSELF_WATCH_H
#define HT_IDENTITY_DID_DIDSELF_WATCH_H

#include "identity/identity.h"

void ht_didself_watch_on_head(struct ht_identity *identity);

#endif
