/* Listing a tree's events on the reader. Only neg_trees*.c include this. */
#ifndef HT_SOCIAL_MESH_NEG_TREES_LIST_H
#define HT_SOCIAL_MESH_NEG_TREES_LIST_H

#include "social/mesh/neg_trees_impl.h"

/* Reads the next slice of a tree that is not listed; one at a time. */
void ht_neg_tree_list(struct ht_neg_tree *tree);
/* neg_trees.c: what became of it; is_full: there is more. */
void ht_neg_tree_sliced(struct ht_neg_tree *tree, enum ht_err err, const struct ht_why *why);

#endif
