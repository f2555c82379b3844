/* The k-way merge: a heap of streams, each a few spots of an index ahead. A stream without spots
 * stands in the heap where its next could be at the highest, and reads when it comes to the top. */
#include "social/store/store_merge.h"

#include <stdlib.h>

#define SPOTS_OF_ALL 8192U
#define SPOTS_LEAST 8U
#define SPOTS_MOST 128U
#define ROWS_AT_ONCE 2048U

struct ht_store_stream {
    struct ht_store_seek seek;
    struct ht_store_spot *spots; /* a part of the merge's room, or a list of its own */
    size_t at, count;
    size_t read; /* how many the next read asks for */
    bool is_ended, is_own_list;
};

void ht_store_work_add(struct ht_store_work *work, int64_t ns) {
    if (work->is_bounded) work->left_ns -= ns;
}

bool ht_store_work_is_over(const struct ht_store_work *work) {
    return work->is_bounded && work->left_ns <= 0;
}

static size_t clamp(size_t value, size_t low, size_t high) {
    return value < low ? low : value > high ? high : value;
}

enum ht_err ht_store_merge_init(struct ht_store_merge *merge, struct ht_store_sql *sql, size_t max,
                                uint64_t wanted, struct ht_why *why) {
    *merge = (struct ht_store_merge){.sql = sql, .max = max};
    if (max == 0) return HT_OK;
    size_t each = SPOTS_MOST;
    if (wanted > 0 && wanted < SPOTS_OF_ALL) each = (size_t)wanted / max + 2;
    merge->room = clamp(SPOTS_OF_ALL / max, SPOTS_LEAST, SPOTS_MOST);
    merge->first = clamp(each, 1, merge->room);
    merge->streams = calloc(max, sizeof *merge->streams);
    merge->spots = calloc(max * merge->room, sizeof *merge->spots);
    merge->heap = calloc(max, sizeof *merge->heap);
    if (merge->streams != NULL && merge->spots != NULL && merge->heap != NULL) return HT_OK;
    ht_store_merge_fini(merge);
    return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a query");
}

void ht_store_merge_fini(struct ht_store_merge *merge) {
    for (size_t i = 0; i < merge->count; i++) {
        if (merge->streams[i].is_own_list) free(merge->streams[i].spots);
    }
    free(merge->streams);
    free(merge->spots);
    free(merge->heap);
    *merge = (struct ht_store_merge){.sql = merge->sql};
}

/* Where a stream's next spot is, or could be at the highest. */
static int64_t bound_of(const struct ht_store_merge *merge, uint32_t index) {
    const struct ht_store_stream *stream = &merge->streams[index];
    return stream->at < stream->count ? stream->spots[stream->at].place : stream->seek.below.place;
}

static void swap(struct ht_store_merge *merge, size_t a, size_t b) {
    uint32_t kept = merge->heap[a];
    merge->heap[a] = merge->heap[b];
    merge->heap[b] = kept;
}

static void sift_up(struct ht_store_merge *merge, size_t at) {
    while (at > 0) {
        size_t parent = (at - 1) / 2;
        if (bound_of(merge, merge->heap[parent]) >= bound_of(merge, merge->heap[at])) return;
        swap(merge, at, parent);
        at = parent;
    }
}

static void sift_down(struct ht_store_merge *merge) {
    for (size_t at = 0;;) {
        size_t child = 2 * at + 1;
        if (child >= merge->heap_count) return;
        if (child + 1 < merge->heap_count &&
            bound_of(merge, merge->heap[child + 1]) > bound_of(merge, merge->heap[child])) {
            child++;
        }
        if (bound_of(merge, merge->heap[at]) >= bound_of(merge, merge->heap[child])) return;
        swap(merge, at, child);
        at = child;
    }
}

static void enter(struct ht_store_merge *merge, const struct ht_store_stream *stream) {
    ht_assert(merge->count < merge->max);
    merge->streams[merge->count] = *stream;
    merge->heap[merge->heap_count] = (uint32_t)merge->count++;
    sift_up(merge, merge->heap_count++);
}

void ht_store_merge_add(struct ht_store_merge *merge, const struct ht_store_seek *seek) {
    enter(merge, &(struct ht_store_stream){
                     .seek = *seek,
                     .spots = merge->spots + merge->count * merge->room,
                     .read = merge->first,
                 });
}

static int compare_spots(const void *a, const void *b) {
    int64_t x = ((const struct ht_store_spot *)a)->place;
    int64_t y = ((const struct ht_store_spot *)b)->place;
    return x > y ? -1 : x < y;
}

void ht_store_merge_take(struct ht_store_merge *merge, struct ht_store_spot *spots, size_t count) {
    if (count > 0) qsort(spots, count, sizeof *spots, compare_spots);
    enter(merge, &(struct ht_store_stream){
                     .spots = spots,
                     .count = count,
                     .is_ended = true,
                     .is_own_list = true,
                 });
}

int64_t ht_store_merge_bound(const struct ht_store_merge *merge) {
    return merge->heap_count > 0 ? bound_of(merge, merge->heap[0]) : -1;
}

/* The stream at the top has no spots: reads some, or takes it out of the heap. */
static enum ht_err fill_top(struct ht_store_merge *merge, struct ht_store_work *work,
                            struct ht_why *why) {
    struct ht_store_stream *stream = &merge->streams[merge->heap[0]];
    if (stream->is_ended) {
        merge->heap[0] = merge->heap[--merge->heap_count];
        sift_down(merge);
        return HT_OK;
    }
    size_t rows = 0;
    stream->at = stream->count = 0;
    enum ht_err err = ht_store_sql_seek(stream->spots, &stream->count, &rows, &stream->is_ended,
                                        merge->sql, &stream->seek, stream->read, ROWS_AT_ONCE, why);
    if (err != HT_OK) return err;
    stream->read = clamp(stream->read * 4, 1, merge->room);
    ht_store_work_add(work, HT_STORE_SEEK_NS + HT_STORE_SPOT_NS * (int64_t)rows);
    sift_down(merge);
    return HT_OK;
}

enum ht_err ht_store_merge_peek(int64_t *place, struct ht_store_merge *merge,
                                struct ht_store_work *work, struct ht_why *why) {
    while (merge->heap_count > 0) {
        const struct ht_store_stream *stream = &merge->streams[merge->heap[0]];
        if (stream->at < stream->count) {
            *place = stream->spots[stream->at].place;
            return HT_OK;
        }
        if (!stream->is_ended && ht_store_work_is_over(work)) return HT_EAGAIN;
        enum ht_err err = fill_top(merge, work, why);
        if (err != HT_OK) return err;
    }
    *place = -1;
    return HT_OK;
}

struct ht_store_spot ht_store_merge_pop(struct ht_store_merge *merge) {
    ht_assert(merge->heap_count > 0);
    struct ht_store_stream *stream = &merge->streams[merge->heap[0]];
    ht_assert(stream->at < stream->count);
    struct ht_store_spot spot = stream->spots[stream->at++];
    sift_down(merge);
    return spot;
}
