/* A connection of ours to another node: a relay's, over which the mesh speaks as well.
 *
 * The node's address is dialled with the key that its TLS must have, or over Tor. Before the mesh
 * says that the other side is who it should be, nothing of the client's side is said there, not
 * even who we are (NIP-42); afterwards it is one of the owner's relays for reading: questions go to
 * it, the owner's gift wraps are subscribed to there. What the followed write comes by gossip and
 * catch-up, so that it is not subscribed to. Loop thread. */
#ifndef HT_SOCIAL_LINKS_PEERS_TAP_H
#define HT_SOCIAL_LINKS_PEERS_TAP_H

#include "social/links/peers.h"

struct ht_peer; /* peers_impl.h */

struct ht_peers_tap {
    /* It is connected; link is good until closed. */
    void (*opened)(void *user, struct ht_link *link);
    /* A message, before the client looks at it. true: it is done with. */
    bool (*received)(void *user, ht_bytes text);
    /* The connection was lost, or did not come to be. ht_peers_part is for later, not from here. */
    void (*closed)(void *user, enum ht_err err, const struct ht_why *why);
    /* The relay is no more: the node stops. The last that is said; not after ht_peers_part. */
    void (*gone)(void *user);
};

struct ht_peers_joining {
    const char *url;
    const ht_hash32 *pin;           /* of its TLS key; NULL: none is known. Copied */
    const char *socks;              /* "127.0.0.1:9050"; NULL: dialled without. Copied */
    bool is_named;                  /* the owner named it: any address; else public ones only */
    const struct ht_peers_tap *tap; /* static */
    void *user;
};

/* Dials it. HT_EAGAIN "in_use" when there is a connection to that URL already; those of
 * ht_link_open; HT_EDENIED "own_door". No callback comes from within. */
enum ht_err ht_peers_join(struct ht_peer **out, struct ht_social *social,
                          const struct ht_peers_joining *joining, struct ht_why *why) HT_MUST_USE;
/* The other side has proven who it is. */
void ht_peers_prove(struct ht_peer *peer);
/* Closes it; the handle is gone. Not from within a callback of the tap. */
void ht_peers_part(struct ht_peer *peer);

#endif
