/* What the relay says of itself: NIP-11's document and its metrics. The functions are in relay.h.
 */
#ifndef HT_SOCIAL_RELAY_RELAY_INFO_H
#define HT_SOCIAL_RELAY_RELAY_INFO_H

#include "social/relay/relay_impl.h"

#endif
