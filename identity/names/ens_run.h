/* A name's record, or a resolver's callback, by running code over proven state. Loop thread. */
#ifndef HT_IDENTITY_NAMES_ENS_RUN_H
#define HT_IDENTITY_NAMES_ENS_RUN_H

#include "identity/names/ens_ask.h"

/* At the ask's block: the registry is asked for the resolver and that for the record; with `call`,
 * the resolver that was found before is given that. Leaves `found`, `text` and `lookup`, and ends
 * in ht_ens_ran, perhaps before it returns. */
void ht_ens_run(struct ht_ens_ask *ask);

#endif
