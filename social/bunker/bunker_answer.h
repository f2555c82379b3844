/* Answers to devices: sealed, signed by the owner's key, put into our own relay and sent to the
 * device's others. A job is taken over and freed when it is on its way. Loop thread. */
#ifndef HT_SOCIAL_BUNKER_BUNKER_ANSWER_H
#define HT_SOCIAL_BUNKER_BUNKER_ANSWER_H

#include "social/bunker/bunker_impl.h"

/* result: UTF-8. */
void ht_bunker_answer(struct ht_bunker_job *job, ht_bytes result);
void ht_bunker_answer_error(struct ht_bunker_job *job, const char *error);
/* Says to a device of nostrconnect that it was let in: its own secret. */
void ht_bunker_greet(struct ht_bunker *bunker, const struct ht_bunker_device *device);

#endif
