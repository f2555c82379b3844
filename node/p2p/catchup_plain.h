/* A window from a relay without NIP-77. */
#ifndef HT_P2P_CATCHUP_PLAIN_H
#define HT_P2P_CATCHUP_PLAIN_H

#include "node/p2p/catchup_impl.h"

/* Asks for the window's first page. */
void ht_catchup_plain_begin(struct ht_catchup *c);
/* An event of a page. */
void ht_catchup_plain_event(struct ht_catchup *c, const struct ht_catchup_message *message);
/* Asks for the next page; without one, the window is through. */
void ht_catchup_plain_page_end(struct ht_catchup *c, bool is_finished);
/* Was it on a page of this window? The window is through. */
bool ht_catchup_plain_was_seen(const struct ht_catchup *c, const ht_hash32 *id);

#endif
