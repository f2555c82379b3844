/* Links against the chain: rounds that look at all of them at one final block. Loop thread. */
#ifndef HT_IDENTITY_TRUST_LINK_CHECK_H
#define HT_IDENTITY_TRUST_LINK_CHECK_H

#include "identity/trust/link_impl.h"

/* Looks at all of them at the newest final block, unless that was done; is_new: also when it was,
 * since there is a new one. */
void ht_id_links_check(struct ht_identity *identity, bool is_new);

#endif
