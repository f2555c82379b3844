/* Events between peers and our own relay. Only files of this folder include it. */
#ifndef HT_SOCIAL_MESH_EVENTS_H
#define HT_SOCIAL_MESH_EVENTS_H

#include "social/mesh/mesh_impl.h"

/* Listens to what is stored, and reads which ids are here already. */
void ht_mesh_events_begin(struct ht_mesh_service *service);

/* An event that gossip brought: into our relay, by its policy; ht_gossip_taken comes. */
void ht_mesh_events_take_gossip(struct ht_mesh_service *service, uint64_t serial,
                                const struct ht_event *event);
/* The same of one that catch-up asked for. */
void ht_mesh_events_take(struct ht_mesh_conn *conn, ht_bytes json);
/* Events that a peer wants: read, and given when anybody may see them. */
void ht_mesh_events_give(struct ht_mesh_conn *conn, const ht_hash32 *ids, size_t count);

/* Events by their ids, those of them that may go by gossip: read on the reader's worker, then
 * `found` on the loop, once: json of each in `all`, ends (size_t) in `ends`; count 0 also on an
 * error. The service runs on. */
struct ht_mesh_reading {
    struct ht_mesh_service *service;
    uint64_t conn;
    ht_hash32 ids[HT_GOSSIP_IDS_MAX]; /* wanted, sorted; those that were found go to the front */
    size_t id_count, found_count;
    struct ht_buf all, ends;
    void (*found)(struct ht_mesh_reading *reading); /* reading lives for the call */
};
/* false: it cannot be done now. */
bool ht_mesh_events_read(struct ht_mesh_conn *conn, const ht_hash32 *ids, size_t count,
                         void (*found)(struct ht_mesh_reading *reading));

#endif
