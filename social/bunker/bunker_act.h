/* What is done about a request that was read. Each job that comes in is answered or freed. Loop
 * thread. */
#ifndef HT_SOCIAL_BUNKER_BUNKER_ACT_H
#define HT_SOCIAL_BUNKER_BUNKER_ACT_H

#include "social/bunker/bunker_impl.h"

/* Does what the job's request asks for, or lets it wait for the owner. */
void ht_bunker_act(struct ht_bunker_job *job);
/* The owner has decided about one that waits, which is no longer in the list. */
void ht_bunker_decided(struct ht_bunker_job *job, bool is_allowed);
/* Takes it out of the list; NULL when there is none with that number. */
struct ht_bunker_job *ht_bunker_take(struct ht_bunker *bunker, uint64_t number);
/* Answers those for which nobody decided in time. */
void ht_bunker_expire(struct ht_bunker *bunker, int64_t now_ms);

#endif
