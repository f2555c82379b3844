/* The rendezvous: our record is left for each accepted peer, and theirs looked for while they are
 * not connected, every five minutes (node/p2p/rendezvous.h). Only files of this folder include it.
 */
#ifndef HT_SOCIAL_MESH_MEET_H
#define HT_SOCIAL_MESH_MEET_H

#include "social/mesh/mesh_impl.h"

struct ht_mesh_meet;

/* HT_EAGAIN, HT_ENOMEM. */
enum ht_err ht_mesh_meet_new(struct ht_mesh_meet **out, struct ht_mesh_service *service,
                             struct ht_why *why) HT_MUST_USE;
/* NULL is fine. */
void ht_mesh_meet_free(struct ht_mesh_meet *meet);
/* "starting", "ready", "waiting" (nothing is left: we have no signed record) or "failed". */
const char *ht_mesh_meet_state(const struct ht_mesh_meet *meet);
const char *ht_mesh_meet_why(const struct ht_mesh_meet *meet); /* "" without */

#endif
