/* A set of (created_at, id) that is kept sorted and summed, so that negentropy over it costs its
 * answer and not its size: a counted B+ tree in memory, each node with the number of items and the
 * sum of ids (mod 2^256) below it.
 *
 * Kept warm from change to change instead of being listed for each session. Insert, remove, find,
 * n-th and the sum of any range are O(log n); about 46 bytes an item that came in order of time,
 * either way round, at most twice that when they came in any order. One thread at a time changes
 * it, with nobody reading; any number may read at once. */
#ifndef HT_P2P_FINGERPRINT_TREE_H
#define HT_P2P_FINGERPRINT_TREE_H

#include "node/nostr/negentropy_items.h"

struct ht_fp_tree;

/* HT_ENOMEM. */
enum ht_err ht_fp_tree_new(struct ht_fp_tree **out) HT_MUST_USE;
/* NULL is fine. */
void ht_fp_tree_free(struct ht_fp_tree *tree);
/* From many items, in any order: sorts them in place, so that the tree is small. It was empty, and
 * is after an error. HT_EINPUT "neg_item" (twice the same, or at the end of time), HT_ENOMEM,
 * HT_ELIMIT. */
enum ht_err ht_fp_tree_fill(struct ht_fp_tree *tree, struct ht_neg_item *items, size_t count,
                            struct ht_why *why) HT_MUST_USE;
/* Twice the same is HT_OK and once there; *is_new says so. HT_EINPUT at the end of time (no event
 * is); HT_ENOMEM, HT_ELIMIT (HT_NEG_ITEMS_MAX): nothing has changed then. */
enum ht_err ht_fp_tree_insert(bool *is_new, struct ht_fp_tree *tree,
                              const struct ht_neg_item *item) HT_MUST_USE;
/* false: it was not there. */
bool ht_fp_tree_remove(struct ht_fp_tree *tree, const struct ht_neg_item *item);
bool ht_fp_tree_has(const struct ht_fp_tree *tree, const struct ht_neg_item *item);
size_t ht_fp_tree_count(const struct ht_fp_tree *tree);
/* i below the count. */
struct ht_neg_item ht_fp_tree_at(const struct ht_fp_tree *tree, size_t i);
/* The first item, not before `from`, that is not below the bound; the count when there is none. */
size_t ht_fp_tree_find(const struct ht_fp_tree *tree, size_t from,
                       const struct ht_neg_bound *bound);
/* Sum of the ids of items lower to below upper. */
struct ht_neg_sum ht_fp_tree_sum(const struct ht_fp_tree *tree, size_t lower, size_t upper);
/* What it takes of memory. */
size_t ht_fp_tree_bytes(const struct ht_fp_tree *tree);

#endif
