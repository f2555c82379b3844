/* Queries of several filters: their matches merged, each event once, limits and marks kept. */
#include "social/store/store_query.h"

#include <stdlib.h>

#include "social/store/store_find.h"

enum mode {
    TELL,  /* to the visitor, with JSON */
    COUNT, /* nobody is told */
    LIST,  /* to the visitor, without JSON */
};

struct query {
    enum mode mode;
    struct ht_store *store;
    const struct ht_store_visit *visit;
    const struct ht_store_limits *limits;
    struct ht_store_mark *mark;
    struct ht_store_finder *finders; /* one for each filter */
    size_t count;
    struct ht_store_work work;
    int64_t budget_ns;
    uint64_t told;
    bool is_complete, is_ended;
};

static uint64_t limit_of(const struct query *query, const struct ht_filter *filter) {
    uint64_t most = query->limits->limit_max > 0 ? query->limits->limit_max : UINT64_MAX;
    uint64_t limit = query->limits->limit_default > 0 ? query->limits->limit_default : most;
    if (query->mode != TELL) return UINT64_MAX;
    if (filter->has_limit) limit = filter->limit;
    return limit < most ? limit : most;
}

static enum ht_err begin_finder(struct query *query, size_t i, const struct ht_filter *filter,
                                struct ht_why *why) {
    struct ht_store_finder *finder = &query->finders[i];
    uint64_t limit = limit_of(query, filter);
    *finder = (struct ht_store_finder){
        .store = query->store,
        .filter = filter,
        .visit = query->visit,
        .mark = query->mark,
        .now_s = query->limits->now_s,
        .left = limit - (query->mark->told[i] < limit ? query->mark->told[i] : limit),
    };
    if (limit == 0 && !ht_filter_is_empty(filter)) query->is_complete = false;
    if (limit == 0) finder->is_ended = true;
    if (finder->is_ended) return HT_OK;
    uint64_t wanted = query->mode == TELL ? finder->left + 1 : 0;
    return ht_store_finder_init(finder, wanted, &query->work, why);
}

/* Nothing is told of a finder any more. */
static void end_finder(struct ht_store_finder *finder) {
    finder->is_ended = true;
    finder->group_at = finder->group_count;
}

/* Looks ahead in all finders. One that has reached its limit only says whether there is more. */
static enum ht_err look_ahead(struct query *query, struct ht_why *why) {
    for (size_t i = 0; i < query->count; i++) {
        struct ht_store_finder *finder = &query->finders[i];
        enum ht_err err = ht_store_finder_look(finder, &query->work, why);
        if (finder->left > 0 && err != HT_OK) return err;
        if (err != HT_OK && err != HT_EAGAIN) return err;
        if (finder->left > 0) continue;
        if (err == HT_EAGAIN || ht_store_finder_head(finder) != NULL) query->is_complete = false;
        end_finder(finder);
    }
    return HT_OK;
}

static const struct ht_store_row *first_head(const struct query *query) {
    const struct ht_store_row *first = NULL;
    for (size_t i = 0; i < query->count; i++) {
        const struct ht_store_row *head = ht_store_finder_head(&query->finders[i]);
        if (head != NULL && (first == NULL || ht_store_compare_rows(head, first) < 0)) first = head;
    }
    return first;
}

/* Steps over it in all finders that have found it. */
static void step_over(struct query *query, const struct ht_store_row *row) {
    int64_t seq = row->seq;
    for (size_t i = 0; i < query->count; i++) {
        struct ht_store_finder *finder = &query->finders[i];
        const struct ht_store_row *head = ht_store_finder_head(finder);
        if (head == NULL || head->seq != seq) continue;
        finder->group_at++;
        finder->left--;
        query->mark->told[i]++;
    }
}

static enum ht_err tell(bool *goes_on, struct query *query, const struct ht_store_row *row,
                        struct ht_why *why) {
    const struct ht_store_visit *visit = query->visit;
    struct ht_store_sql *sql = &query->store->sql;
    ht_bytes json = {0};
    *goes_on = true;
    if (query->mode == COUNT) return HT_OK;
    if (query->mode == TELL) {
        enum ht_err err = ht_store_sql_json(&json, sql, row->seq, why);
        if (err != HT_OK) return err;
        ht_store_work_add(&query->work, HT_STORE_JSON_NS);
    }
    *goes_on = visit->event(visit->user, &row->id, &row->pubkey, row->kind, row->created_at, json);
    if (query->mode == TELL) ht_store_sql_json_done(sql);
    return HT_OK;
}

static enum ht_err tell_first(struct query *query, struct ht_why *why) {
    const struct ht_store_row *first = first_head(query);
    if (first == NULL) {
        query->is_ended = true;
        return HT_OK;
    }
    struct ht_store_row row = *first;
    bool goes_on = true;
    enum ht_err err = tell(&goes_on, query, &row, why);
    if (err != HT_OK) return err;
    query->told++;
    step_over(query, &row);
    query->mark->is_begun = true;
    query->mark->place = row.place;
    query->mark->created_at = row.created_at;
    query->mark->id = row.id;
    query->mark->has_id = true;
    if (!goes_on) query->is_complete = false;
    query->is_ended = !goes_on;
    return HT_OK;
}

/* Moves the mark to where all finders have come without a match; false when that is nowhere new. */
static bool move_mark(struct query *query, const struct ht_store_mark *start) {
    struct ht_store_mark *mark = query->mark;
    int64_t bound = -1;
    for (size_t i = 0; i < query->count; i++) {
        int64_t next = ht_store_finder_bound(&query->finders[i]);
        if (next > bound) bound = next;
    }
    if (!mark->is_begun || bound < mark->place) {
        mark->is_begun = true;
        mark->place = bound;
        mark->has_id = false;
    }
    return !start->is_begun || mark->place < start->place ||
           (mark->has_id && (!start->has_id || !ht_hash32_equal(&mark->id, &start->id)));
}

static enum ht_err run(struct query *query, struct ht_why *why) {
    const struct ht_store_mark start = *query->mark;
    while (!query->is_ended) {
        enum ht_err err = look_ahead(query, why);
        if (err == HT_EAGAIN && ht_store_work_is_over(&query->work)) {
            if (move_mark(query, &start) || query->mode != TELL)
                return ht_fail(why, HT_EAGAIN, "query_slow", "the query takes too much work");
            /* A slice always gets somewhere, however small it is. */
            query->work.left_ns += query->budget_ns;
            continue;
        }
        if (err == HT_OK) err = tell_first(query, why);
        if (err != HT_OK) return err;
    }
    return HT_OK;
}

/* Begins the finders, runs, ends them. */
static enum ht_err answer(struct query *query, const struct ht_filter *filters, size_t count,
                          int64_t budget_us, struct ht_why *why) {
    bool is_ours = false;
    if (count > HT_FILTERS_MAX)
        return ht_fail(why, HT_ELIMIT, "too_many_filters", "more than %u filters", HT_FILTERS_MAX);
    query->is_complete = true;
    query->budget_ns = budget_us < INT64_MAX / 1000 ? budget_us * 1000 : INT64_MAX;
    query->work = (struct ht_store_work){query->budget_ns, budget_us > 0};
    query->finders = calloc(count > 0 ? count : 1, sizeof *query->finders);
    if (query->finders == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory to query");
    enum ht_err err = ht_store_sql_begin(&is_ours, &query->store->sql, why);
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = begin_finder(query, i, &filters[i], why);
        query->count = i + 1;
    }
    if (query->work.left_ns < query->budget_ns / 2) query->work.left_ns = query->budget_ns / 2;
    if (err == HT_OK) err = run(query, why);
    ht_store_sql_end(&query->store->sql, is_ours);
    for (size_t i = 0; i < query->count; i++) ht_store_finder_fini(&query->finders[i]);
    free(query->finders);
    return err;
}

enum ht_err ht_store_query_on(bool *is_complete, struct ht_store_mark *mark, struct ht_store *store,
                              const struct ht_filter *filters, size_t count,
                              const struct ht_store_limits *limits, int64_t budget_us,
                              const struct ht_store_visit *visit, struct ht_why *why) {
    struct query query = {
        .mode = TELL, .store = store, .visit = visit, .limits = limits, .mark = mark};
    enum ht_err err = answer(&query, filters, count, budget_us, why);
    if (err == HT_OK) *is_complete = query.is_complete;
    return err;
}

enum ht_err ht_store_query(bool *is_complete, struct ht_store *store,
                           const struct ht_filter *filters, size_t count,
                           const struct ht_store_limits *limits, int64_t budget_us,
                           const struct ht_store_visit *visit, struct ht_why *why) {
    struct ht_store_mark mark = {.is_begun = false};
    return ht_store_query_on(is_complete, &mark, store, filters, count, limits, budget_us, visit,
                             why);
}

enum ht_err ht_store_count(uint64_t *out, struct ht_store *store, const struct ht_filter *filters,
                           size_t count, const struct ht_store_limits *limits, int64_t budget_us,
                           const struct ht_store_visit *visit, struct ht_why *why) {
    struct ht_store_mark mark = {.is_begun = false};
    struct query query = {
        .mode = COUNT, .store = store, .visit = visit, .limits = limits, .mark = &mark};
    enum ht_err err = answer(&query, filters, count, budget_us, why);
    if (err == HT_OK) *out = query.told;
    return err;
}

enum ht_err ht_store_ids(struct ht_store *store, const struct ht_filter *filter,
                         const struct ht_store_limits *limits, const struct ht_store_visit *visit,
                         struct ht_why *why) {
    struct ht_store_mark mark = {.is_begun = false};
    struct query query = {
        .mode = LIST, .store = store, .visit = visit, .limits = limits, .mark = &mark};
    return answer(&query, filter, 1, 0, why);
}
