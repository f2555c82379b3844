/* Listing a tree's events on the reader, a slice at a time, newest first. */
#include "social/mesh/neg_trees_list.h"

#include "social/relay/policy.h"

#define SLICE_ITEMS 2000U

static bool is_private(void *user, uint32_t kind) {
    (void)user;
    return ht_policy_is_private_kind(kind);
}

static bool may_not(void *user, const ht_hash32 *pubkey, uint32_t kind, ht_bytes json) {
    (void)user, (void)pubkey, (void)kind, (void)json;
    return false;
}

/* Slices meet in one second: what the last one had of it comes again. */
static bool add_item(void *user, const ht_hash32 *id, const ht_hash32 *pubkey, uint32_t kind,
                     int64_t created_at, ht_bytes json) {
    struct ht_neg_tree *tree = user;
    const struct ht_neg_item item = {.created_at = (uint64_t)created_at, .id = *id};
    bool is_new = false;
    (void)pubkey, (void)kind, (void)json;
    tree->err = ht_fp_tree_insert(&is_new, tree->tree, &item);
    tree->added += is_new;
    /* A second with more than a slice of events takes a larger one. */
    if (is_new && tree->added >= tree->slice_max) {
        tree->is_full = true;
        if (created_at == tree->until) tree->slice_max *= 2;
        tree->until = created_at;
    }
    return tree->err == HT_OK && !tree->is_full;
}

static enum ht_err read_slice(struct ht_read *read, sqlite3 *db, struct ht_why *why) {
    struct ht_neg_trees *trees =
        (struct ht_neg_trees *)((char *)read - offsetof(struct ht_neg_trees, read));
    struct ht_neg_tree *tree = trees->reading;
    struct ht_store **store = trees->options.reader_store;
    const struct ht_store_limits limits = {.now_s = trees->read_now_s};
    const struct ht_store_visit visit = {
        .event = add_item, .may = may_not, .asks = is_private, .user = tree};
    struct ht_filter filter = tree->filter;
    filter.until = tree->until;
    tree->added = 0;
    tree->is_full = false;
    if (*store == NULL) {
        enum ht_err err = ht_store_new(store, db, why);
        if (err != HT_OK) return err;
    }
    enum ht_err err = ht_store_ids(*store, &filter, &limits, &visit, why);
    if (tree->err == HT_ELIMIT)
        return ht_fail(why, HT_ELIMIT, "neg_too_large", "too many events match");
    return tree->err != HT_OK ? ht_fail(why, tree->err, "no_memory", "no memory to compare events")
                              : err;
}

static void slice_read(struct ht_read *read) {
    struct ht_neg_trees *trees =
        (struct ht_neg_trees *)((char *)read - offsetof(struct ht_neg_trees, read));
    struct ht_neg_tree *tree = trees->reading;
    trees->reading = NULL;
    ht_neg_tree_sliced(tree, read->err, &read->why);
}

void ht_neg_tree_list(struct ht_neg_tree *tree) {
    struct ht_neg_trees *trees = tree->trees;
    if (tree->slice_max == 0) {
        tree->slice_max = SLICE_ITEMS;
        tree->until = INT64_MAX;
    }
    trees->read = (struct ht_read){.read = read_slice, .done = slice_read};
    trees->read_now_s = ht_wall_ms(trees->options.host->clock) / 1000;
    trees->reading = tree;
    if (ht_reader_submit(trees->options.reader, &trees->read) == HT_OK) return;
    struct ht_why why = {.code = NULL};
    enum ht_err err = ht_fail(&why, HT_EAGAIN, "neg_busy", "too busy, try again");
    trees->reading = NULL;
    ht_neg_tree_sliced(tree, err, &why);
}
