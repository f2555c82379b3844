/* Merges pieces of an index, each in order, into one: highest place first.
 *
 * Pieces are read a few rows at a time, when their turn comes. At the same place, spots come in any
 * order and more than once. Errors: of the disk, HT_ENOMEM. */
#ifndef HT_SOCIAL_STORE_STORE_MERGE_H
#define HT_SOCIAL_STORE_STORE_MERGE_H

#include "social/store/store_query_sql.h"

/* Work that may still be done, counted by what is looked at. */
struct ht_store_work {
    int64_t left_ns;
    bool is_bounded;
};
void ht_store_work_add(struct ht_store_work *work, int64_t ns);
bool ht_store_work_is_over(const struct ht_store_work *work);

/* About what these take on a small machine with the file in memory. */
#define HT_STORE_SEEK_NS 2000
#define HT_STORE_SPOT_NS 250
#define HT_STORE_ROW_NS 1500
#define HT_STORE_JSON_NS 2000
#define HT_STORE_READ_NS 6000 /* an event from its JSON */

struct ht_store_stream;

struct ht_store_merge {
    struct ht_store_sql *sql;
    struct ht_store_stream *streams;
    struct ht_store_spot *spots; /* room of all streams */
    uint32_t *heap;              /* indexes of streams, the highest first */
    size_t count, max, heap_count;
    size_t room, first; /* spots that a stream reads at once, and at first */
};

/* For at most max streams; `wanted` spots are wanted of all together, 0: all there are. */
enum ht_err ht_store_merge_init(struct ht_store_merge *merge, struct ht_store_sql *sql, size_t max,
                                uint64_t wanted, struct ht_why *why) HT_MUST_USE;
/* All zero is fine. */
void ht_store_merge_fini(struct ht_store_merge *merge);

/* Adds a piece of an index, what it points to borrowed; or spots of the caller's, which are taken
 * over (free) and sorted. */
void ht_store_merge_add(struct ht_store_merge *merge, const struct ht_store_seek *seek);
void ht_store_merge_take(struct ht_store_merge *merge, struct ht_store_spot *spots, size_t count);

/* The place of the next spot, or a higher one when that is not known yet; -1 when there are none.
 */
int64_t ht_store_merge_bound(const struct ht_store_merge *merge);
/* The place of the next spot, -1 when there are no more. HT_EAGAIN without a reason when the work
 * is over. */
enum ht_err ht_store_merge_peek(int64_t *place, struct ht_store_merge *merge,
                                struct ht_store_work *work, struct ht_why *why) HT_MUST_USE;
/* Takes the spot that peek found. */
struct ht_store_spot ht_store_merge_pop(struct ht_store_merge *merge);

#endif
