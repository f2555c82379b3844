/* The feeds as other modules may use them: struct ht_feed of node/module.h, offered to the host
 * from the module's start until it stops.
 *
 * What is published is an event of the owner's like any other (publish.h): signed, stored in our
 * own relay, sent to the owner's relays. One that replaces another (replaceable kinds, addressable
 * ones by their d tag) is dated after it. `what` is kept by reference: a constant text. Listeners
 * are told of each event of their kind that our relay has newly stored, in the order in which they
 * began to listen, and are never taken off again: they live as long as the node. What is asked of
 * relays is feed_ask.h's, what is wanted of them peers_want.h's.
 *
 * Reasons: those of publish.h and filter.h; HT_EAGAIN "stopping". Loop thread. */
#ifndef HT_SOCIAL_FEED_FEED_SERVICE_H
#define HT_SOCIAL_FEED_FEED_SERVICE_H

#include "social/social.h"

#define HT_FEED_QUERY_MAX 500U /* events of one query */

struct ht_feed_service;

/* After the relay. HT_ENOMEM. */
enum ht_err ht_feed_service_new(struct ht_social *social, struct ht_why *why) HT_MUST_USE;
/* The node is about to stop: it is offered no more. */
void ht_feed_service_stop(struct ht_social *social);
/* After the relay is freed. */
void ht_feed_service_free(struct ht_social *social);

#endif
