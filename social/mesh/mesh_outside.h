/* Ways to be found and reached that others than us make: LAN discovery, a port mapped by the
 * router, a Tor onion service, the rendezvous. Each begins when its setting is on, and says what
 * becomes of it. Only files of this folder include it. */
#ifndef HT_SOCIAL_MESH_OUTSIDE_H
#define HT_SOCIAL_MESH_OUTSIDE_H

#include "social/mesh/mesh_reach.h"

struct ht_mesh_outside;

/* *out is the reach's own. HT_ENOMEM. */
enum ht_err ht_mesh_outside_new(struct ht_mesh_outside **out, struct ht_mesh_service *service,
                                struct ht_why *why) HT_MUST_USE;
/* Settings or our own listener have changed: begins and ends what is to be. port: of the peer door
 * with TLS, 0 without one. */
void ht_mesh_outside_apply(struct ht_mesh_outside *outside, uint16_t port);
/* Our own record has been made anew. */
void ht_mesh_outside_tell(struct ht_mesh_outside *outside);
/* Everything ends, and what was opened elsewhere is closed. */
void ht_mesh_outside_stop(struct ht_mesh_outside *outside);
/* NULL is fine. */
void ht_mesh_outside_free(struct ht_mesh_outside *outside);
/* URLs that lead to us by these ways; at most max, returns how many. When they change,
 * ht_mesh_reach_look is called. */
size_t ht_mesh_outside_addresses(const struct ht_mesh_outside *outside, struct ht_mesh_address *out,
                                 size_t max);
/* Puts "lan", "map_port", "onion" and "rendezvous" into what mesh_reach.h says. */
void ht_mesh_outside_json(const struct ht_mesh_outside *outside, json_t *reach);

#endif
