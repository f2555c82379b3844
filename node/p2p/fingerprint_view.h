/* What one negentropy session sees of a fingerprint tree: the items of a span of time, and with
 * them, where it may see more than others, a few of its own.
 *
 * The tree may change between two messages of the session. */
#ifndef HT_P2P_FINGERPRINT_VIEW_H
#define HT_P2P_FINGERPRINT_VIEW_H

#include "node/p2p/fingerprint_tree.h"

struct ht_fp_view {
    const struct ht_fp_tree *tree;
    uint64_t since, until; /* seconds, both within */
    /* Sorted, within the span, none of them in the tree; borrowed. */
    const struct ht_neg_item *extra;
    size_t extra_count;
    size_t lower, upper; /* in the tree: the view's own, set for each message */
};

#define HT_FP_VIEW_ALL(of) \
    { .tree = (of), .since = 0, .until = HT_NEG_TIME_END - 1 }

/* For struct ht_fp_view. */
extern const struct ht_neg_source ht_fp_view_source;

/* A reconciliation over it: the same messages, byte for byte, as over a list of the same items.
 * What the view and its tree are stays the caller's and outlives it. HT_ENOMEM. */
enum ht_err ht_neg_new_tree(struct ht_neg **out, struct ht_fp_view *view, size_t frame_limit,
                            struct ht_why *why) HT_MUST_USE;

/* The tree's items of a span of time: from *lower to below *upper. */
void ht_fp_tree_span(size_t *lower, size_t *upper, const struct ht_fp_tree *tree, uint64_t since,
                     uint64_t until);

#endif
