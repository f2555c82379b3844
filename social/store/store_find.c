/* Goes through the rows that a plan gives and keeps those that match all of the filter and may be
 * seen. */
#include "social/store/store_find.h"

#include <stdlib.h>

#define PROBED_VALUES 4U /* with more than that, reading the event is quicker */
#define EVENT_ARENA_MAX (HT_EVENT_ARENA(HT_EVENT_SIZE_MAX) + 2 * HT_EVENT_SIZE_MAX)

enum ht_err ht_store_finder_init(struct ht_store_finder *finder, uint64_t wanted,
                                 struct ht_store_work *work, struct ht_why *why) {
    const struct ht_store_mark *mark = finder->mark;
    int64_t from = mark->is_begun ? mark->place : INT64_MAX;
    return ht_store_plan_init(&finder->plan, finder->store, finder->filter, from, wanted, work,
                              why);
}

void ht_store_finder_fini(struct ht_store_finder *finder) {
    ht_store_plan_fini(&finder->plan);
    free(finder->group);
    finder->group = NULL;
}

int ht_store_compare_rows(const struct ht_store_row *a, const struct ht_store_row *b) {
    if (a->place != b->place) return a->place > b->place ? -1 : 1;
    if (a->created_at != b->created_at) return a->created_at > b->created_at ? -1 : 1;
    return memcmp(&a->id, &b->id, sizeof a->id);
}

static int compare_in_group(const void *a, const void *b) {
    return ht_store_compare_rows(a, b);
}

static int compare_hashes(const void *a, const void *b) {
    return memcmp(a, b, sizeof(ht_hash32));
}

static int compare_kinds(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static bool is_after_mark(const struct ht_store_mark *mark, const struct ht_store_row *row) {
    if (!mark->is_begun || !mark->has_id) return true;
    struct ht_store_row last = {
        .place = mark->place, .created_at = mark->created_at, .id = mark->id};
    return ht_store_compare_rows(row, &last) > 0;
}

static bool matches_row(const struct ht_store_finder *finder, const struct ht_store_row *row) {
    const struct ht_filter *filter = finder->filter;
    if (row->expires <= finder->now_s || !is_after_mark(finder->mark, row)) return false;
    if (row->created_at < filter->since || row->created_at > filter->until) return false;
    if (filter->has_kinds && bsearch(&row->kind, filter->kinds, filter->kind_count,
                                     sizeof *filter->kinds, compare_kinds) == NULL) {
        return false;
    }
    if (filter->has_authors && bsearch(&row->pubkey, filter->authors, filter->author_count,
                                       sizeof *filter->authors, compare_hashes) == NULL) {
        return false;
    }
    return !filter->has_ids || bsearch(&row->id, filter->ids, filter->id_count, sizeof *filter->ids,
                                       compare_hashes) != NULL;
}

/* Reads the whole event to see whether it matches. */
static enum ht_err match_event(bool *out, struct ht_store_finder *finder,
                               const struct ht_store_row *row, struct ht_store_work *work,
                               struct ht_why *why) {
    ht_bytes json;
    struct ht_event event;
    struct ht_arena arena;
    struct ht_store_sql *sql = &finder->store->sql;
    enum ht_err err = ht_store_sql_json(&json, sql, row->seq, why);
    if (err != HT_OK) return err;
    ht_store_work_add(work, HT_STORE_READ_NS);
    ht_arena_init(&arena, EVENT_ARENA_MAX);
    err = ht_event_read(&event, &arena, json, why);
    if (err == HT_OK) *out = ht_filter_matches(finder->filter, &event);
    ht_arena_fini(&arena);
    ht_store_sql_json_done(sql);
    return err;
}

/* Looks for any of a condition's values in the index of tags. */
static enum ht_err probe_tag(bool *out, struct ht_store_finder *finder,
                             const struct ht_filter_tag *tag, const struct ht_store_row *row,
                             struct ht_store_work *work, struct ht_why *why) {
    enum ht_err err = HT_OK;
    *out = false;
    for (size_t i = 0; err == HT_OK && !*out && i < tag->count; i++) {
        int64_t hash = ht_store_tag_hash(finder->store, tag->name, tag->values[i]);
        err = ht_store_sql_has_tag(out, &finder->store->sql, hash, row, why);
        ht_store_work_add(work, HT_STORE_SEEK_NS);
    }
    return err;
}

static enum ht_err match_tags(bool *out, struct ht_store_finder *finder,
                              const struct ht_store_row *row, struct ht_store_work *work,
                              struct ht_why *why) {
    const struct ht_filter *filter = finder->filter;
    size_t values = 0;
    enum ht_err err = HT_OK;
    *out = true;
    for (size_t i = 0; i < filter->tag_count; i++) {
        if (i != finder->plan.tag) values += filter->tags[i].count;
    }
    if (values > PROBED_VALUES) return match_event(out, finder, row, work, why);
    for (size_t i = 0; err == HT_OK && *out && i < filter->tag_count; i++) {
        if (i != finder->plan.tag) err = probe_tag(out, finder, &filter->tags[i], row, work, why);
    }
    return err;
}

/* May whoever asks see it? */
static enum ht_err ask_visitor(bool *out, struct ht_store_finder *finder,
                               const struct ht_store_row *row, struct ht_store_work *work,
                               struct ht_why *why) {
    ht_bytes json;
    const struct ht_store_visit *visit = finder->visit;
    *out = true;
    if (visit == NULL || visit->may == NULL) return HT_OK;
    if (visit->asks != NULL && !visit->asks(visit->user, row->kind)) return HT_OK;
    enum ht_err err = ht_store_sql_json(&json, &finder->store->sql, row->seq, why);
    if (err != HT_OK) return err;
    ht_store_work_add(work, HT_STORE_JSON_NS);
    *out = visit->may(visit->user, &row->pubkey, row->kind, json);
    ht_store_sql_json_done(&finder->store->sql);
    return HT_OK;
}

static enum ht_err match(bool *out, struct ht_store_finder *finder, const struct ht_store_row *row,
                         struct ht_store_work *work, struct ht_why *why) {
    *out = matches_row(finder, row);
    enum ht_err err = HT_OK;
    if (*out && finder->filter->tag_count > 0) err = match_tags(out, finder, row, work, why);
    if (err == HT_OK && *out) err = ask_visitor(out, finder, row, work, why);
    return err;
}

static bool is_in_group(const struct ht_store_finder *finder, int64_t seq) {
    for (size_t i = 0; i < finder->group_count; i++) {
        if (finder->group[i].seq == seq) return true;
    }
    return false;
}

static enum ht_err add_to_group(struct ht_store_finder *finder, const struct ht_store_row *row,
                                struct ht_why *why) {
    if (finder->group_count == finder->group_max) {
        size_t max = finder->group_max > 0 ? 2 * finder->group_max : 4;
        struct ht_store_row *group = realloc(finder->group, max * sizeof *group);
        if (group == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a query");
        finder->group = group;
        finder->group_max = max;
    }
    finder->group[finder->group_count++] = *row;
    return HT_OK;
}

/* Adds a row to the group when it matches. */
static enum ht_err look_at(struct ht_store_finder *finder, int64_t seq, struct ht_store_work *work,
                           struct ht_why *why) {
    struct ht_store_row row;
    bool is_match = false;
    enum ht_err err = ht_store_search_has(&is_match, &finder->plan.search, seq, work, why);
    if (err != HT_OK || !is_match) return err;
    err = ht_store_sql_row(&row, &finder->store->sql, seq, why);
    ht_store_work_add(work, HT_STORE_ROW_NS);
    if (err != HT_OK || row.seq == 0) return err;
    err = match(&is_match, finder, &row, work, why);
    return err == HT_OK && is_match ? add_to_group(finder, &row, why) : err;
}

/* Gathers what matches at that place. Once begun it is not cut short: a place is shared by few. */
static enum ht_err gather(struct ht_store_finder *finder, int64_t place, struct ht_store_work *work,
                          struct ht_why *why) {
    struct ht_store_work unbounded = {.is_bounded = false};
    int64_t last = 0;
    finder->group_at = finder->group_count = 0;
    for (int64_t next = place; next == place;) {
        struct ht_store_spot spot = ht_store_merge_pop(&finder->plan.merge);
        enum ht_err err = HT_OK;
        if (spot.seq != last && !is_in_group(finder, spot.seq))
            err = look_at(finder, spot.seq, work, why);
        last = spot.seq;
        if (err == HT_OK && ht_store_merge_bound(&finder->plan.merge) < place) break;
        if (err == HT_OK) err = ht_store_merge_peek(&next, &finder->plan.merge, &unbounded, why);
        if (err != HT_OK) return err;
    }
    if (finder->group_count > 1)
        qsort(finder->group, finder->group_count, sizeof *finder->group, compare_in_group);
    return HT_OK;
}

enum ht_err ht_store_finder_look(struct ht_store_finder *finder, struct ht_store_work *work,
                                 struct ht_why *why) {
    while (!finder->is_ended && finder->group_at == finder->group_count) {
        int64_t place = -1;
        if (ht_store_work_is_over(work)) return HT_EAGAIN;
        enum ht_err err = ht_store_merge_peek(&place, &finder->plan.merge, work, why);
        if (err != HT_OK) return err;
        if (place < 0) {
            finder->is_ended = true;
            return HT_OK;
        }
        err = gather(finder, place, work, why);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

const struct ht_store_row *ht_store_finder_head(const struct ht_store_finder *finder) {
    return finder->group_at < finder->group_count ? &finder->group[finder->group_at] : NULL;
}

int64_t ht_store_finder_bound(const struct ht_store_finder *finder) {
    const struct ht_store_row *head = ht_store_finder_head(finder);
    if (head != NULL) return head->place;
    return finder->is_ended ? -1 : ht_store_merge_bound(&finder->plan.merge);
}
