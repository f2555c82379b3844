/* Sockets of the mesh: what came to a door, what we dial. Only files of this folder include it. */
#ifndef HT_SOCIAL_MESH_LINKS_H
#define HT_SOCIAL_MESH_LINKS_H

#include "social/mesh/mesh_impl.h"

/* Of struct ht_mesh_io; link is a struct ht_mesh_conn. */
bool ht_mesh_send(void *user, void *link, ht_bytes text);
void ht_mesh_hang_up(void *user, void *link, const char *code, const char *text);

/* Begins to dial; from then on by itself. */
void ht_mesh_links_begin(struct ht_mesh_service *service);
/* Dials now whom there is to dial. */
void ht_mesh_links_dial(struct ht_mesh_service *service);
/* The same for one, whatever it waits for. */
void ht_mesh_links_dial_now(struct ht_mesh_service *service, struct ht_mesh_peer *peer);
/* The same for one, at an address that is not of its record. */
void ht_mesh_links_dial_at(struct ht_mesh_service *service, struct ht_mesh_peer *peer,
                           const char *url);
/* Links end; those of doors when their doors do. */
void ht_mesh_links_stop(struct ht_mesh_service *service);
void ht_mesh_links_free(struct ht_mesh_service *service);
/* Looks, from a timer, which links have come up or gone, and closes those that are over. */
void ht_mesh_sweep_soon(struct ht_mesh_service *service);

/* NULL: it is gone. */
struct ht_mesh_conn *ht_mesh_conn_find(struct ht_mesh_service *service, uint64_t serial);
/* The connection of a peer, NULL without; one that is being dialled too. */
struct ht_mesh_conn *ht_mesh_conn_of(struct ht_mesh_service *service,
                                     const struct ht_mesh_peer *peer);
/* Is it a peer that was let in and has said what it carries? */
bool ht_mesh_conn_is_up(const struct ht_mesh_conn *conn);
/* "tls", "onion" or "plain". */
const char *ht_mesh_conn_how(const struct ht_mesh_conn *conn);

#endif
