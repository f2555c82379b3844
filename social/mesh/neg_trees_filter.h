/* Filters of warm trees. Only neg_trees*.c include this. */
#ifndef HT_SOCIAL_MESH_NEG_TREES_FILTER_H
#define HT_SOCIAL_MESH_NEG_TREES_FILTER_H

#include "social/relay/filter.h"

/* A copy without times, limit and private kinds, and what it is known by. HT_EINPUT "neg_filter"
 * (with ids or a search, or nothing matches it), HT_ENOMEM. */
enum ht_err ht_neg_filter_key(ht_hash32 *key, struct ht_filter *out, struct ht_arena *arena,
                              const struct ht_filter *filter, struct ht_why *why) HT_MUST_USE;

#endif
