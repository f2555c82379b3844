/* Chooses the index: ids, and a search that finds little, make a list; otherwise the condition of
 * which the fewest rows are there, found by looking at the first rows of a few pieces of each. */
#include "social/store/store_plan.h"

#include <stdlib.h>

#define LOOK_ROWS 256U   /* of one piece */
#define LOOK_STREAMS 8U  /* of one condition */
#define ENOUGH_ROWS 512U /* from here on, one condition is as good as another */

/* What can be merged: a tag condition of the filter, or its authors. */
struct way {
    size_t tag; /* SIZE_MAX: authors, kinds, or time */
    enum ht_store_source source;
    size_t streams;
};

struct planner {
    struct ht_store *store;
    const struct ht_filter *filter;
    int64_t from, floor;
    struct ht_store_work *work;
};

static struct ht_store_seek seek_of(const struct planner *planner, const struct way *way,
                                    size_t i) {
    const struct ht_filter *filter = planner->filter;
    struct ht_store_seek seek = {
        .source = way->source,
        .floor = planner->floor,
        .below = {planner->from, INT64_MAX},
    };
    switch (way->source) {
    case HT_STORE_BY_TIME: break;
    case HT_STORE_BY_KIND: seek.kind = filter->kinds[i]; break;
    case HT_STORE_BY_AUTHOR: seek.value = ht_store_sql_prefix(&filter->authors[i]); break;
    case HT_STORE_BY_AUTHOR_KIND:
        seek.value = ht_store_sql_prefix(&filter->authors[i / filter->kind_count]);
        seek.kind = filter->kinds[i % filter->kind_count];
        break;
    case HT_STORE_BY_TAG: {
        const struct ht_filter_tag *tag = &filter->tags[way->tag];
        seek.value = ht_store_tag_hash(planner->store, tag->name, tag->values[i]);
        if (filter->has_kinds) seek.kinds = filter->kinds;
        seek.kind_count = filter->kind_count;
        break;
    }
    }
    return seek;
}

/* The way without tags. */
static struct way plain_way(const struct ht_filter *filter) {
    if (filter->has_authors && filter->has_kinds &&
        filter->author_count * filter->kind_count <= HT_STORE_STREAMS_MAX) {
        return (struct way){SIZE_MAX, HT_STORE_BY_AUTHOR_KIND,
                            filter->author_count * filter->kind_count};
    }
    if (filter->has_authors)
        return (struct way){SIZE_MAX, HT_STORE_BY_AUTHOR, filter->author_count};
    if (filter->has_kinds) return (struct way){SIZE_MAX, HT_STORE_BY_KIND, filter->kind_count};
    return (struct way){SIZE_MAX, HT_STORE_BY_TIME, 1};
}

/* About how many rows a way goes through; from `best` on it does not matter. */
static enum ht_err estimate(size_t *out, const struct planner *planner, const struct way *way,
                            size_t best, struct ht_why *why) {
    struct ht_store_spot spots[LOOK_ROWS];
    size_t looked = way->streams < LOOK_STREAMS ? way->streams : LOOK_STREAMS;
    size_t total = 0;
    for (size_t i = 0; i < looked && total * way->streams / looked < best; i++) {
        struct ht_store_seek seek = seek_of(planner, way, i * way->streams / looked);
        size_t count = 0, rows = 0;
        bool is_ended = false;
        enum ht_err err = ht_store_sql_seek(spots, &count, &rows, &is_ended, &planner->store->sql,
                                            &seek, LOOK_ROWS, LOOK_ROWS, why);
        if (err != HT_OK) return err;
        ht_store_work_add(planner->work, HT_STORE_SEEK_NS + HT_STORE_SPOT_NS * (int64_t)rows);
        total += rows;
    }
    *out = total * way->streams / looked;
    return HT_OK;
}

/* The best of the tag conditions and the authors. */
static enum ht_err choose(struct way *out, const struct planner *planner, struct ht_why *why) {
    const struct ht_filter *filter = planner->filter;
    *out = plain_way(filter);
    if (filter->tag_count == 0) return HT_OK;
    size_t best = SIZE_MAX;
    if (filter->has_authors) {
        enum ht_err err = estimate(&best, planner, out, ENOUGH_ROWS, why);
        if (err != HT_OK) return err;
    }
    for (size_t i = 0; i < filter->tag_count; i++) {
        struct way way = {i, HT_STORE_BY_TAG, filter->tags[i].count};
        size_t rows = 0;
        bool is_only = filter->tag_count == 1 && !filter->has_authors;
        enum ht_err err = is_only ? HT_OK : estimate(&rows, planner, &way, best, why);
        if (err != HT_OK) return err;
        if (rows >= best) continue;
        best = rows;
        *out = way;
    }
    return HT_OK;
}

/* The spots of rows by seq, those in range; takes over nothing. */
static enum ht_err place_seqs(struct ht_store_spot *spots, size_t *count,
                              const struct planner *planner, const int64_t *seqs, size_t seq_count,
                              struct ht_why *why) {
    size_t n = 0;
    for (size_t i = 0; i < seq_count; i++) {
        struct ht_store_row row;
        enum ht_err err = ht_store_sql_row(&row, &planner->store->sql, seqs[i], why);
        if (err != HT_OK) return err;
        ht_store_work_add(planner->work, HT_STORE_ROW_NS);
        bool is_asked = row.seq != 0 && row.place <= planner->from && row.place >= planner->floor;
        if (is_asked) spots[n++] = (struct ht_store_spot){row.place, row.seq};
    }
    *count = n;
    return HT_OK;
}

/* A merge of one list, of the rows with these seqs. */
static enum ht_err merge_seqs(struct ht_store_plan *plan, const struct planner *planner,
                              const int64_t *seqs, size_t seq_count, struct ht_why *why) {
    size_t count = 0;
    struct ht_store_spot *spots = calloc(seq_count > 0 ? seq_count : 1, sizeof *spots);
    if (spots == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a query");
    enum ht_err err = place_seqs(spots, &count, planner, seqs, seq_count, why);
    if (err == HT_OK) err = ht_store_merge_init(&plan->merge, &planner->store->sql, 1, 1, why);
    if (err != HT_OK) {
        free(spots);
        return err;
    }
    ht_store_merge_take(&plan->merge, spots, count);
    return HT_OK;
}

static enum ht_err find_ids(int64_t *seqs, size_t *count, const struct planner *planner,
                            struct ht_why *why) {
    size_t n = 0;
    for (size_t i = 0; i < planner->filter->id_count; i++) {
        int64_t seq = 0;
        enum ht_err err =
            ht_store_sql_find_id(&seq, &planner->store->sql, &planner->filter->ids[i], why);
        if (err != HT_OK) return err;
        ht_store_work_add(planner->work, HT_STORE_SEEK_NS);
        if (seq != 0) seqs[n++] = seq;
    }
    *count = n;
    return HT_OK;
}

static enum ht_err plan_ids(struct ht_store_plan *plan, const struct planner *planner,
                            struct ht_why *why) {
    size_t max = planner->filter->id_count;
    size_t count = 0;
    int64_t *seqs = calloc(max > 0 ? max : 1, sizeof *seqs);
    if (seqs == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a query");
    enum ht_err err = find_ids(seqs, &count, planner, why);
    if (err == HT_OK) err = merge_seqs(plan, planner, seqs, count, why);
    free(seqs);
    return err;
}

/* The list of all that a search finds, when that is the shortest way; the rows need not be held
 * against it any more. */
static enum ht_err plan_search(bool *is_planned, struct ht_store_plan *plan,
                               const struct planner *planner, uint64_t wanted, struct ht_why *why) {
    struct ht_store_search *search = &plan->search;
    *is_planned = false;
    if (!ht_store_search_is_on(search)) return HT_OK;
    enum ht_err err = ht_store_search_is_short(is_planned, search, wanted, planner->work, why);
    if (err != HT_OK || !*is_planned) return err;
    err = merge_seqs(plan, planner, search->seqs, search->count, why);
    ht_store_search_fini(search);
    return err;
}

static enum ht_err plan_merge(struct ht_store_plan *plan, const struct planner *planner,
                              uint64_t wanted, struct ht_why *why) {
    struct way way;
    enum ht_err err = choose(&way, planner, why);
    if (err != HT_OK) return err;
    err = ht_store_merge_init(&plan->merge, &planner->store->sql, way.streams, wanted, why);
    if (err != HT_OK) return err;
    plan->tag = way.tag;
    for (size_t i = 0; i < way.streams; i++) {
        struct ht_store_seek seek = seek_of(planner, &way, i);
        ht_store_merge_add(&plan->merge, &seek);
    }
    return HT_OK;
}

enum ht_err ht_store_plan_init(struct ht_store_plan *plan, struct ht_store *store,
                               const struct ht_filter *filter, int64_t from, uint64_t wanted,
                               struct ht_store_work *work, struct ht_why *why) {
    int64_t ceiling = ht_store_place_ceiling(filter->until);
    struct planner planner = {
        .store = store,
        .filter = filter,
        .from = from < ceiling ? from : ceiling,
        .floor = ht_store_place_floor(filter->since),
        .work = work,
    };
    *plan = (struct ht_store_plan){.tag = SIZE_MAX};
    if (ht_filter_is_empty(filter)) return HT_OK;
    bool is_planned = false;
    enum ht_err err = ht_store_search_init(&plan->search, &store->sql, filter->search, work, why);
    if (err == HT_OK && filter->has_ids)
        err = plan_ids(plan, &planner, why);
    else if (err == HT_OK)
        err = plan_search(&is_planned, plan, &planner, wanted, why);
    if (err == HT_OK && !filter->has_ids && !is_planned)
        err = plan_merge(plan, &planner, wanted, why);
    return err;
}

void ht_store_plan_fini(struct ht_store_plan *plan) {
    ht_store_merge_fini(&plan->merge);
    ht_store_search_fini(&plan->search);
}
