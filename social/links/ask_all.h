/* Asking relays for several filters at once, with one answer where it all came from.
 * Loop thread. */
#ifndef HT_SOCIAL_LINKS_ASK_ALL_H
#define HT_SOCIAL_LINKS_ASK_ALL_H

#include "social/client_task.h"

#define HT_ASK_FILTERS_MAX 4U

/* Asks for each of an array of filters (JSON) as ht_peers_ask does, all at the same time; what is
 * past HT_ASK_FILTERS_MAX is left out. then comes later, once, also when nobody can be asked, with
 * task->source set: of each relay the counts together, the slowest answer, and the worst state, so
 * that a relay counts as having answered when it answered all. task->has_asked is set. */
void ht_ask_all(struct ht_task *task, const json_t *filters, const json_t *relays,
                void (*then)(struct ht_task *task));

/* Two answers put together, as above: a new reference; NULL without memory. Either may be NULL. */
json_t *ht_ask_merge(const json_t *a, const json_t *b);

#endif
