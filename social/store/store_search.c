/* Matches of a search, looked up from the newest arrival backwards in growing steps. What the words
 * mean to the index is store_text.c's, the statement store_query_sql.c's. */
#include "social/store/store_search.h"

#include <stdlib.h>

#include "social/store/store.h"
#include "social/store/store_text.h"

#define FIRST 512U
#define GROWTH 4U
#define EXPRESSION_MAX (HT_FILTER_SEARCH_MAX * 8)

/* Looks up more than before, from the front: the index gives no way to go on. */
static enum ht_err read_more(struct ht_store_search *search, struct ht_store_work *work,
                             struct ht_why *why) {
    size_t max = search->max > 0 ? search->max * GROWTH : FIRST;
    if (max > HT_STORE_SEARCH_MAX) max = HT_STORE_SEARCH_MAX;
    int64_t *seqs = realloc(search->seqs, max * sizeof *seqs);
    if (seqs == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a search");
    search->seqs = seqs;
    search->max = max;
    search->count = 0;
    enum ht_err err = ht_store_sql_search(seqs, &search->count, search->sql,
                                          ht_buf_view(&search->expression), max, why);
    if (err != HT_OK) return err;
    ht_store_work_add(work, HT_STORE_SEEK_NS + HT_STORE_SPOT_NS * (int64_t)search->count);
    search->is_all = search->count < max || max == HT_STORE_SEARCH_MAX;
    return HT_OK;
}

enum ht_err ht_store_search_init(struct ht_store_search *search, struct ht_store_sql *sql,
                                 ht_bytes text, struct ht_store_work *work, struct ht_why *why) {
    *search = (struct ht_store_search){.sql = sql};
    ht_buf_init(&search->expression, EXPRESSION_MAX);
    enum ht_err err = ht_store_expression(&search->expression, text);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "no memory for a search");
    return ht_store_search_is_on(search) ? read_more(search, work, why) : HT_OK;
}

void ht_store_search_fini(struct ht_store_search *search) {
    ht_buf_fini(&search->expression);
    free(search->seqs);
    *search = (struct ht_store_search){.seqs = NULL};
}

bool ht_store_search_is_on(const struct ht_store_search *search) {
    return search->expression.n > 0;
}

/* About how long an index takes until so many have passed: as many rows lie between two matches as
 * have arrived between them. */
static int64_t walk_ns(const struct ht_store_search *search, uint64_t wanted) {
    const int64_t longest_ns = INT64_MAX / 2;
    if (wanted == 0 || search->count == 0) return longest_ns;
    int64_t span = search->seqs[0] - search->seqs[search->count - 1] + 1;
    int64_t gap = span / (int64_t)search->count + 1;
    int64_t each_ns = HT_STORE_ROW_NS;
    if (__builtin_mul_overflow(gap, HT_STORE_SPOT_NS, &gap)) return longest_ns;
    each_ns += gap;
    if (wanted > (uint64_t)(longest_ns / each_ns)) return longest_ns;
    return each_ns * (int64_t)wanted;
}

enum ht_err ht_store_search_is_short(bool *out, struct ht_store_search *search, uint64_t wanted,
                                     struct ht_store_work *work, struct ht_why *why) {
    int64_t list_ns = 0;
    for (;;) {
        list_ns = (HT_STORE_ROW_NS + HT_STORE_SPOT_NS) * (int64_t)search->count;
        if (search->is_all || list_ns > walk_ns(search, wanted)) break;
        enum ht_err err = read_more(search, work, why);
        if (err != HT_OK) return err;
    }
    *out = search->is_all && list_ns <= walk_ns(search, wanted);
    return HT_OK;
}

enum ht_err ht_store_search_has(bool *out, struct ht_store_search *search, int64_t seq,
                                struct ht_store_work *work, struct ht_why *why) {
    *out = true;
    if (!ht_store_search_is_on(search)) return HT_OK;
    while (!search->is_all && seq < search->seqs[search->count - 1]) {
        enum ht_err err = read_more(search, work, why);
        if (err != HT_OK) return err;
    }
    size_t low = 0, high = search->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (search->seqs[middle] > seq)
            low = middle + 1;
        else
            high = middle;
    }
    *out = low < search->count && search->seqs[low] == seq;
    return HT_OK;
}
