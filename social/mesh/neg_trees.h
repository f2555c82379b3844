/* Warm fingerprint trees of the store (NIP-77): one for each filter that sessions have asked for,
 * listed once and then kept in step with what is stored and removed, so that a session costs its
 * differences and not its events.
 *
 * A tree is of a filter without since, until and limit, and without the private kinds (policy.h):
 * all askers may see it alike. What is stored comes in once it is announced. What is removed is
 * noted on the writer's thread and taken out when a tree is next asked for, behind a fence: a write
 * that ends when all before it are committed. So a tree says nothing that was gone when it was
 * asked for, but for expired events until they are swept. Puts that are not announced (an import)
 * make all trees be listed anew.
 *
 * At most HT_NEG_TREES_MAX trees of HT_NEG_TREES_BYTES together; the least used goes first, never
 * one that is held. Loop thread, but for what the writer and the reader's worker do for it. */
#ifndef HT_SOCIAL_MESH_NEG_TREES_H
#define HT_SOCIAL_MESH_NEG_TREES_H

#include "node/p2p/fingerprint_tree.h"
#include "social/store/store.h"

#define HT_NEG_TREES_MAX 8U
#define HT_NEG_TREES_BYTES ((size_t)64 << 20)

struct ht_neg_trees;
struct ht_neg_tree;

struct ht_neg_trees_options {
    const struct ht_host *host;
    struct ht_writer *writer;
    struct ht_reader *reader;
    /* Of the writer's and the reader's connections, whose threads make and use them; made here when
     * nobody has yet, freed by whoever gave them. */
    struct ht_store **writer_store, **reader_store;
};

/* HT_ENOMEM. */
enum ht_err ht_neg_trees_new(struct ht_neg_trees **out, const struct ht_neg_trees_options *options,
                             struct ht_why *why) HT_MUST_USE;
/* Who waits is told HT_EAGAIN; trees stay for those who hold them. */
void ht_neg_trees_stop(struct ht_neg_trees *trees);
/* After that, when the pool and the writer have ended, the loop was drained and nothing is held.
 * NULL is fine. */
void ht_neg_trees_free(struct ht_neg_trees *trees);

/* Lives in its owner's struct until done, or ht_neg_trees_forget. */
struct ht_neg_ask {
    /* tree is held, or NULL: HT_EINPUT "neg_filter" (there are no trees for such filters: with ids
     * or a search, of private kinds only, or that match nothing), HT_EAGAIN "neg_busy" (all trees
     * are held, or the disk is busy), HT_ELIMIT (more than HT_NEG_ITEMS_MAX), errors of the disk.
     */
    void (*done)(struct ht_neg_ask *ask, struct ht_neg_tree *tree, enum ht_err err,
                 const struct ht_why *why);
    struct ht_neg_ask *next; /* the trees' own, like these */
    struct ht_neg_tree *tree;
    uint64_t fence;
};

/* done comes later, or before this returns. The filter is copied. */
void ht_neg_trees_get(struct ht_neg_trees *trees, struct ht_neg_ask *ask,
                      const struct ht_filter *filter);
/* done will not come. Nothing when it has come. */
void ht_neg_trees_forget(struct ht_neg_trees *trees, struct ht_neg_ask *ask);

/* To be read on the loop thread; it may change between two turns. */
const struct ht_fp_tree *ht_neg_tree_of(const struct ht_neg_tree *tree);
void ht_neg_tree_release(struct ht_neg_tree *tree);
/* Between these a worker may read it: it does not change. */
void ht_neg_tree_read(struct ht_neg_tree *tree);
void ht_neg_tree_read_end(struct ht_neg_tree *tree);

/* An event was stored and announced. */
void ht_neg_trees_stored(struct ht_neg_trees *trees, const struct ht_event *event);
/* For ht_store_watch: the store whose puts are announced, and any other of the writer's. */
const struct ht_store_watch *ht_neg_trees_watch(struct ht_neg_trees *trees, bool is_announced);

struct ht_neg_trees_counts {
    size_t trees, bytes;
    uint64_t listed, fences; /* since the start */
};
struct ht_neg_trees_counts ht_neg_trees_counts(const struct ht_neg_trees *trees);

#endif
