/* REQ, COUNT and NEG-OPEN of a connection: beginning, ending, live events. Loop thread. */
#ifndef HT_SOCIAL_RELAY_RELAY_REQUEST_H
#define HT_SOCIAL_RELAY_RELAY_REQUEST_H

#include "social/relay/relay_impl.h"

/* A request with an id, filters from a message's parts `first` … and nothing else yet; not in the
 * peer's list. HT_EINPUT, HT_ELIMIT, HT_EDENIED: nobody may ask that. *id, as JSON, is there also
 * when only the filters were wrong; it lives in the scratch arena. */
enum ht_err ht_relay_request_new(struct ht_relay_request **out, struct ht_relay_peer *peer,
                                 enum ht_relay_request_kind kind, ht_bytes id,
                                 const json_t *message, size_t first, size_t end, size_t size,
                                 struct ht_why *why) HT_MUST_USE;
/* Into the peer's list. */
void ht_relay_request_add(struct ht_relay_request *request);
/* Out of the list; what runs for it comes to nothing. */
void ht_relay_request_close(struct ht_relay_request *request);
/* The peer's REQ or NEG with that id; NULL. */
struct ht_relay_request *ht_relay_request_find(const struct ht_relay_peer *peer,
                                               enum ht_relay_request_kind kind, ht_bytes id);
void ht_relay_request_hold(struct ht_relay_request *request);
void ht_relay_request_release(struct ht_relay_request *request);
/* Closes all of a peer's. */
void ht_relay_requests_end(struct ht_relay_peer *peer);

/* Registers a REQ for live events. HT_ENOMEM. */
enum ht_err ht_relay_request_watch(struct ht_relay_request *request) HT_MUST_USE;
/* Tells an event to whoever subscribed and may see it; `serial` is its batch's. */
void ht_relay_fan_out(struct ht_relay *relay, const struct ht_event *event, uint64_t serial);
/* An event was told by the query: it is not told again. */
void ht_relay_request_told(struct ht_relay_request *request, const ht_hash32 *id);
/* The query has ended: tells what came meanwhile. */
void ht_relay_request_go_live(struct ht_relay_request *request);

#endif
