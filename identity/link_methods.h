/* The methods of links: ht_link_methods (identity.h), whose contract is link.h; and listening to
 * the feeds. */
#ifndef HT_IDENTITY_LINK_METHODS_H
#define HT_IDENTITY_LINK_METHODS_H

#include "identity/link_impl.h"

#endif
