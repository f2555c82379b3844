/* The rendezvous: our record is left for each accepted peer, and theirs looked for while they are
 * not connected, a few times after the beginning and then every five minutes
 * (node/p2p/rendezvous.h). Only files of this folder include it. */
#ifndef HT_SOCIAL_MESH_MEET_H
#define HT_SOCIAL_MESH_MEET_H

#include "social/mesh/mesh_impl.h"

struct ht_mesh_meet;

/* Enters where the settings of this moment say. HT_EAGAIN, HT_ENOMEM. */
enum ht_err ht_mesh_meet_new(struct ht_mesh_meet **out, struct ht_mesh_service *service,
                             struct ht_why *why) HT_MUST_USE;
/* NULL is fine. */
void ht_mesh_meet_free(struct ht_mesh_meet *meet);
/* Whether the settings say another place than it was begun with. */
bool ht_mesh_meet_is_moved(const struct ht_mesh_meet *meet);
/* Our own record is another: it is left soon, and not in five minutes. */
void ht_mesh_meet_hurry(struct ht_mesh_meet *meet);
/* "starting", "ready", "waiting" (nothing is left: we have no signed record) or "failed". */
const char *ht_mesh_meet_state(const struct ht_mesh_meet *meet);
const char *ht_mesh_meet_why(const struct ht_mesh_meet *meet); /* "" without */

#endif
