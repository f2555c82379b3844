/* Events on their way in: read on arrival, gathered into batches that take from each connection in
 * turn, verified on workers, stored in one write each, then answered and announced in order.
 *
 * While a batch is under way the next one gathers, so that batches are as large as the load asks
 * for. A few events alone are verified by the writer itself, which saves two hops. Loop thread. */
#ifndef HT_SOCIAL_RELAY_RELAY_INGEST_H
#define HT_SOCIAL_RELAY_RELAY_INGEST_H

#include "social/relay/relay_impl.h"

/* An EVENT message, from its second part on: {…}]. */
void ht_relay_take_event(struct ht_relay_peer *peer, ht_bytes text);
/* HT_EAGAIN relay_busy, HT_ENOMEM no_memory: it is not taken then. */
enum ht_err ht_relay_take_publish(struct ht_relay *relay, struct ht_relay_publish *publish,
                                  struct ht_why *why) HT_MUST_USE;

/* Could a batch under way hold that event? */
bool ht_relay_is_flying(const struct ht_relay *relay, const ht_hash32 *id);
/* Drops what waits; nothing is answered. For ht_relay_free. */
void ht_relay_ingest_fini(struct ht_relay *relay);

#endif
