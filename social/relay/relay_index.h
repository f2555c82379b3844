/* Which subscriptions an event is for, without asking all: filters by id, author, tag or kind.
 *
 * Each filter stands under the values of one of its lists, so that an event looks up its id, its
 * author, its kind and its tags. Values are hashed with a secret, so that nobody can make a chain
 * long. Loop thread. */
#ifndef HT_SOCIAL_RELAY_RELAY_INDEX_H
#define HT_SOCIAL_RELAY_RELAY_INDEX_H

#include "node/base/clock.h"
#include "social/relay/filter.h"

struct ht_index_entry {
    uint64_t key;
    struct ht_index_entry *next, **link; /* of a chain */
    const struct ht_filter *filter;
    uint64_t *looked; /* of the filter: the event that it was last matched with */
    void *owner;
};

/* Where the filters of one subscription stand. */
struct ht_index_place {
    struct ht_index_entry *entries;
    size_t count;
    uint64_t *looked; /* one for each filter */
};

struct ht_index {
    uint8_t secret[16];
    struct ht_index_entry **chains;
    size_t chain_count; /* a power of two */
    size_t entry_count;
    uint64_t event; /* counts what was looked for */
};

/* HT_ENOMEM. */
enum ht_err ht_index_init(struct ht_index *index, const struct ht_random *random) HT_MUST_USE;
/* Everything was removed before. */
void ht_index_fini(struct ht_index *index);

/* Adds filters, which stay where they are until they are removed. A filter that can match nothing
 * or has a search, which only the store can answer, is left out. HT_ENOMEM, nothing is added. */
enum ht_err ht_index_add(struct ht_index_place *out, struct ht_index *index,
                         const struct ht_filter *filters, size_t count, void *owner) HT_MUST_USE;
void ht_index_remove(struct ht_index *index, struct ht_index_place *place);

/* Calls `found` for each filter that matches, which may be several of an owner; it must not add or
 * remove. Each filter is matched at most once, whatever the event repeats. */
void ht_index_find(struct ht_index *index, const struct ht_event *event,
                   void (*found)(void *user, void *owner), void *user);

#endif
