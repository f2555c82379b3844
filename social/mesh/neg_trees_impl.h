/* What the parts of the warm trees share. Only neg_trees*.c include this. */
#ifndef HT_SOCIAL_MESH_NEG_TREES_IMPL_H
#define HT_SOCIAL_MESH_NEG_TREES_IMPL_H

#include <stdatomic.h>

#include "social/mesh/neg_trees.h"

struct ht_neg_tree {
    struct ht_neg_trees *trees;
    struct ht_neg_tree *next;
    ht_hash32 key; /* of its filter */
    struct ht_arena arena;
    struct ht_filter filter;
    struct ht_fp_tree *tree; /* the worker's while a slice is read */
    unsigned refs;           /* who holds it, and asks that wait */
    unsigned readers;        /* on workers */
    bool is_listed;
    bool is_gone;          /* nobody gets it any more; freed with the last who holds it */
    struct ht_buf changes; /* struct ht_neg_change, that wait */
    uint64_t fence;        /* is listed when this one has passed */
    uint64_t uses, last_use;

    /* Listing. */
    int64_t until; /* of the next slice */
    size_t slice_max, added;
    bool is_full;
    enum ht_err err;
};

struct ht_neg_change {
    struct ht_neg_item item;
    bool is_in;
};

struct ht_neg_trees {
    struct ht_neg_trees_options options;
    struct ht_neg_tree *trees;
    struct ht_neg_ask *asks, **last_ask;
    uint64_t clock; /* counts uses */
    uint64_t listed;
    bool is_stopped, is_stepping, is_again;

    /* The writer's thread, but for the atomics. */
    struct ht_store_watch watches[2]; /* puts are announced; or not */
    atomic_bool is_watching;
    atomic_uint noted; /* changes since the last fence */
    struct ht_buf removed;
    bool is_lost; /* what was removed is not known */

    struct ht_write fence;
    bool is_fencing;
    uint64_t fences_begun, fences_passed;
    struct ht_buf passed; /* what was removed before it: the fence's while it is under way */
    bool passed_lost;

    struct ht_read read;
    struct ht_neg_tree *reading;
    int64_t read_now_s;
};

#endif
