/* Queries of the relay: slices on the reader, one of each connection in turn. Loop thread. */
#ifndef HT_SOCIAL_RELAY_RELAY_QUERY_H
#define HT_SOCIAL_RELAY_RELAY_QUERY_H

#include "social/relay/relay_impl.h"

/* Puts a request into its peer's queue for the reader, for its next slice. */
void ht_relay_query(struct ht_relay_request *request);
/* The first time: one that wants live events only is answered at once. */
void ht_relay_query_begin(struct ht_relay_request *request);
/* Lets queries of a peer go on whose socket was full. */
void ht_relay_query_resume(struct ht_relay_peer *peer);
/* Starts a read unless one is under way. */
void ht_relay_query_next(struct ht_relay *relay);
/* Forgets who waits. For ht_relay_free, with no read under way. */
void ht_relay_query_fini(struct ht_relay *relay);

#endif
