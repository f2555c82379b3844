/* What other parts of the node want to come by itself, from people whom the owner does not follow:
 * ballots of polls that run, talk about communities (struct ht_feed of node/api/services.h).
 *
 * Each want is one subscription ("want0", …), said on each connection anew, without since: the
 * newest of each filter, then what comes, HT_WANT_A_MINUTE events of one relay at most (what is
 * over is dropped, and the newest are asked for anew later). It is said to the owner's relays for
 * reading and to nodes that have proven who they are, and to nobody else; relays that only others
 * named do not get it. A node that has dialled us, and which we did not dial, is not asked: over
 * its connection it is the client. What comes has to match what is wanted at that moment. Only
 * peers*.c and feed_service.c include this. Loop thread. */
#ifndef HT_SOCIAL_LINKS_PEERS_WANT_H
#define HT_SOCIAL_LINKS_PEERS_WANT_H

#include "social/links/peers_impl.h"

#define HT_WANT_A_MINUTE 2000U

/* HT_OK, or why these filters are no question to others: see struct ht_feed. The filters are read
 * into the arena. Any thread. */
enum ht_err ht_want_read(struct ht_filter out[static HT_FEED_FILTERS_MAX], size_t *count,
                         struct ht_arena *arena, const json_t *filters,
                         struct ht_why *why) HT_MUST_USE;
/* Room that an arena needs for them; 0: they are too large. */
size_t ht_want_arena(const json_t *filters);

/* As want of struct ht_feed. */
enum ht_err ht_peers_want(struct ht_social *social, unsigned *want, const json_t *filters,
                          struct ht_why *why) HT_MUST_USE;

/* On a connection that has opened, or was proven. */
void ht_peers_want_opened(struct ht_peer *peer);
/* Those that were put off, or all when our own relay has missed something. */
void ht_peers_want_again(struct ht_peer *peer, bool is_all);
void ht_peers_want_event(struct ht_peer *peer, const char *id, ht_bytes event);
void ht_peers_want_closed(struct ht_peer *peer, const char *id, const char *reason);
void ht_peers_want_authed(struct ht_peer *peer);
void ht_peers_want_lost(struct ht_peer *peer);
void ht_peers_want_free(struct ht_peers *peers);

#endif
