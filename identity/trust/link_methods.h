/* The methods of links: ht_link_methods (identity.h), whose contract is link.h; and listening to
 * the feeds. */
#ifndef HT_IDENTITY_TRUST_LINK_METHODS_H
#define HT_IDENTITY_TRUST_LINK_METHODS_H

#include "identity/trust/link_impl.h"

#endif
