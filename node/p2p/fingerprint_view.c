/* Two sorted sets as one: a span of the tree, and the session's own items between its. */
#include "node/p2p/fingerprint_view.h"

void ht_fp_tree_span(size_t *lower, size_t *upper, const struct ht_fp_tree *tree, uint64_t since,
                     uint64_t until) {
    const struct ht_neg_bound from = {.at.created_at = since};
    struct ht_neg_bound to = {.at.created_at = HT_NEG_TIME_END};
    if (until < HT_NEG_TIME_END) to.at.created_at = until + 1;
    *lower = ht_fp_tree_find(tree, 0, &from);
    *upper = ht_fp_tree_find(tree, *lower, &to);
}

static void begin(void *self) {
    struct ht_fp_view *view = self;
    ht_fp_tree_span(&view->lower, &view->upper, view->tree, view->since, view->until);
}

static size_t count_of(const void *self) {
    const struct ht_fp_view *view = self;
    return view->upper - view->lower + view->extra_count;
}

/* An item's place among those of the tree that are seen. */
static size_t place_in_tree(const struct ht_fp_view *view, const struct ht_neg_bound *bound) {
    size_t at = ht_fp_tree_find(view->tree, view->lower, bound);
    return (at < view->upper ? at : view->upper) - view->lower;
}

static size_t place_of_extra(const struct ht_fp_view *view, size_t k) {
    const struct ht_neg_bound bound = {.at = view->extra[k], .id_n = sizeof(ht_hash32)};
    return place_in_tree(view, &bound) + k;
}

/* How many of the extra ones are among the first i. */
static size_t extra_below(const struct ht_fp_view *view, size_t i) {
    size_t from = 0;
    size_t to = view->extra_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (place_of_extra(view, middle) < i) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static struct ht_neg_item item_at(const void *self, size_t i) {
    const struct ht_fp_view *view = self;
    size_t extra = extra_below(view, i);
    if (extra < view->extra_count && place_of_extra(view, extra) == i) return view->extra[extra];
    return ht_fp_tree_at(view->tree, view->lower + i - extra);
}

static size_t find(const void *self, size_t from, const struct ht_neg_bound *bound) {
    const struct ht_fp_view *view = self;
    size_t first = 0;
    size_t end = view->extra_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (ht_neg_item_compare(&view->extra[middle], &bound->at) < 0) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    size_t at = place_in_tree(view, bound) + first;
    return at > from ? at : from;
}

static struct ht_neg_sum sum_of(const void *self, size_t lower, size_t upper) {
    const struct ht_fp_view *view = self;
    size_t first = extra_below(view, lower);
    size_t end = extra_below(view, upper);
    struct ht_neg_sum sum =
        ht_fp_tree_sum(view->tree, view->lower + lower - first, view->lower + upper - end);
    for (size_t i = first; i < end; i++) ht_neg_sum_add(&sum, &view->extra[i].id);
    return sum;
}

const struct ht_neg_source ht_fp_view_source = {
    .begin = begin, .count = count_of, .at = item_at, .find = find, .sum = sum_of};

enum ht_err ht_neg_new_tree(struct ht_neg **out, struct ht_fp_view *view, size_t frame_limit,
                            struct ht_why *why) {
    return ht_neg_new_source(out, &ht_fp_view_source, view, frame_limit, why);
}
