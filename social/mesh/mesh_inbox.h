/* Gift wraps on peer links: to whom they are for, and by couriers. Only files of this folder
 * include it.
 *
 * A wrap never goes by gossip. A peer whose scope has an inbox is given what we hold for it, now
 * and when its link comes up, as ["EVENT", event] in either direction: when it is that user's own
 * node, when it is a courier, or when the owner added it. From a peer we keep wraps for the owner,
 * and, within courier_bytes, for those whose courier we are; all other events and wraps are the
 * relay's, by its policy. */
#ifndef HT_SOCIAL_MESH_INBOX_H
#define HT_SOCIAL_MESH_INBOX_H

#include "social/mesh/mesh_impl.h"

/* Counts what is kept for others. */
void ht_mesh_inbox_begin(struct ht_mesh_service *service);
/* A peer is there: it gets what has come since it was there last. */
void ht_mesh_inbox_up(struct ht_mesh_conn *conn);
/* An event that is no gossip was stored; conn: by which it came, 0: none. */
void ht_mesh_inbox_arrived(struct ht_mesh_service *service, const struct ht_event *event,
                           uint64_t conn);
/* A message of a peer: true when it was a wrap that we keep for somebody. */
bool ht_mesh_inbox_take(struct ht_mesh_conn *conn, ht_bytes text);
/* Are we a courier for that peer's user? */
bool ht_mesh_keeps_for(const struct ht_mesh_peer *peer);

#endif
