/* Those who may have a blob that is fetched from many: who they are, what they say they have, and
 * requests to them. Each says how it went by what it leaves in struct ht_media_giver, and pokes the
 * swarm. Loop thread. */
#ifndef HT_SOCIAL_MEDIA_MEDIA_SWARM_GIVERS_H
#define HT_SOCIAL_MEDIA_MEDIA_SWARM_GIVERS_H

#include "social/media/media_swarm_impl.h"

/* Adds whoever may have it; nothing when it is there or there are too many. */
void ht_media_givers_begin(struct ht_media_swarm *swarm,
                           const struct ht_media_swarm_options *options);
/* Asks those whose time has come what they have. Milliseconds until the next, -1: nobody. */
int64_t ht_media_givers_ask(struct ht_media_swarm *swarm);
/* Whether somebody has yet to answer for the first time. */
bool ht_media_givers_wait(const struct ht_media_swarm *swarm);
/* One of those who vouch for the root that most vouch for; NULL: nobody has it. */
struct ht_media_giver *ht_media_givers_best(const struct ht_media_swarm *swarm);
/* Asks for its list of chunks; then step is LOOK, or GATHER when it was not good. */
void ht_media_giver_list(struct ht_media_giver *giver);
/* Those who vouch for the list become holders. */
void ht_media_givers_join(struct ht_media_swarm *swarm);
void ht_media_giver_blame(struct ht_media_giver *giver, const char *what);
/* Starts the request for a chunk. */
void ht_media_giver_ask_piece(struct ht_media_giver *giver, size_t i);
void ht_media_giver_cancel_piece(struct ht_media_giver *giver, size_t i);
/* Nobody is a holder any more; requests for chunks are cancelled. */
void ht_media_givers_leave(struct ht_media_swarm *swarm);
void ht_media_givers_free(struct ht_media_swarm *swarm);
/* The nodes that have proven themselves, from now on. */
void ht_media_near_listen(struct ht_media *media);

#endif
