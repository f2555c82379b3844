/* The methods of the web of trust: ht_trust_methods (identity.h), whose contract is trust.h. */
#ifndef HT_IDENTITY_TRUST_TRUST_METHODS_H
#define HT_IDENTITY_TRUST_TRUST_METHODS_H

#include "identity/trust/trust_impl.h"

#endif
