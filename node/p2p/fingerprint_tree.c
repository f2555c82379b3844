/* The tree: leaves of items, and above them nodes whose entries say what is below each child. What
 * a negentropy session sees of it is fingerprint_view.c's. */
#include "node/p2p/fingerprint_tree.h"

#include <stdlib.h>

#define LEAF 64U
#define FAN 32U
/* Nodes that are not at an edge of the tree are at least a quarter full, or have no neighbour to be
 * joined with: a million items are far below this. */
#define HEIGHT_MAX 16U

struct leaf {
    size_t count;
    struct ht_neg_item items[LEAF];
};

/* first: no item of the child is below it, and every item before the child is. */
struct entry {
    void *child;
    size_t count;
    struct ht_neg_sum sum;
    struct ht_neg_item first;
};

struct inner {
    size_t count;
    struct entry entries[FAN];
};

struct ht_fp_tree {
    struct entry root;
    unsigned height; /* inner nodes from the root to a leaf */
    size_t bytes;
};

/* --- going down -------------------------------------------------------------------------------*/

/* Which way an item is: for each inner node from the root on, which of its entries. */
struct path {
    struct inner *inner[HEIGHT_MAX];
    size_t at[HEIGHT_MAX];
    struct leaf *leaf;
    size_t place; /* in the leaf: of the first item that is not below */
    bool is_there;
};

/* The last entry that begins at the item or before it. */
static size_t child_of(const struct inner *inner, const struct ht_neg_item *item) {
    size_t from = 0;
    size_t to = inner->count;
    while (to - from > 1) {
        size_t middle = from + (to - from) / 2;
        if (ht_neg_item_compare(&inner->entries[middle].first, item) <= 0) {
            from = middle;
        } else {
            to = middle;
        }
    }
    return from;
}

static size_t place_in(const struct leaf *leaf, const struct ht_neg_item *item) {
    size_t from = 0;
    size_t to = leaf->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (ht_neg_item_compare(&leaf->items[middle], item) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static struct path path_to(const struct ht_fp_tree *tree, const struct ht_neg_item *item) {
    struct path path = {.place = 0};
    void *node = tree->root.child;
    for (unsigned depth = 0; depth < tree->height; depth++) {
        path.inner[depth] = node;
        path.at[depth] = child_of(path.inner[depth], item);
        node = path.inner[depth]->entries[path.at[depth]].child;
    }
    path.leaf = node;
    path.place = place_in(path.leaf, item);
    path.is_there = path.place < path.leaf->count &&
                    ht_neg_item_compare(&path.leaf->items[path.place], item) == 0;
    return path;
}

bool ht_fp_tree_has(const struct ht_fp_tree *tree, const struct ht_neg_item *item) {
    return path_to(tree, item).is_there;
}

size_t ht_fp_tree_count(const struct ht_fp_tree *tree) {
    return tree->root.count;
}

size_t ht_fp_tree_bytes(const struct ht_fp_tree *tree) {
    return tree->bytes;
}

/* The leaf with item i, which becomes its place there; *sum is of all before the leaf. i may be the
 * count: the last leaf, behind its last item. */
static const struct leaf *leaf_at(size_t *i, struct ht_neg_sum *sum,
                                  const struct ht_fp_tree *tree) {
    const void *node = tree->root.child;
    *sum = (struct ht_neg_sum){{0}};
    for (unsigned depth = 0; depth < tree->height; depth++) {
        const struct inner *inner = node;
        size_t at = 0;
        while (at + 1 < inner->count && *i >= inner->entries[at].count) {
            *i -= inner->entries[at].count;
            ht_neg_sum_join(sum, &inner->entries[at].sum);
            at++;
        }
        node = inner->entries[at].child;
    }
    return node;
}

struct ht_neg_item ht_fp_tree_at(const struct ht_fp_tree *tree, size_t i) {
    struct ht_neg_sum sum;
    const struct leaf *leaf = leaf_at(&i, &sum, tree);
    ht_assert(i < leaf->count);
    return leaf->items[i];
}

static struct ht_neg_sum sum_below(const struct ht_fp_tree *tree, size_t i) {
    struct ht_neg_sum sum;
    const struct leaf *leaf = leaf_at(&i, &sum, tree);
    ht_assert(i <= leaf->count);
    for (size_t k = 0; k < i; k++) ht_neg_sum_add(&sum, &leaf->items[k].id);
    return sum;
}

struct ht_neg_sum ht_fp_tree_sum(const struct ht_fp_tree *tree, size_t lower, size_t upper) {
    struct ht_neg_sum sum = sum_below(tree, upper);
    const struct ht_neg_sum below = sum_below(tree, lower);
    ht_neg_sum_subtract(&sum, &below);
    return sum;
}

size_t ht_fp_tree_find(const struct ht_fp_tree *tree, size_t from,
                       const struct ht_neg_bound *bound) {
    const void *node = tree->root.child;
    size_t before = 0;
    for (unsigned depth = 0; depth < tree->height; depth++) {
        const struct inner *inner = node;
        size_t at = child_of(inner, &bound->at);
        for (size_t k = 0; k < at; k++) before += inner->entries[k].count;
        node = inner->entries[at].child;
    }
    before += place_in(node, &bound->at);
    return before > from ? before : from;
}

/* --- inserting --------------------------------------------------------------------------------*/

/* Where a full node is cut. At an edge of the tree most stays together, so that items that come in
 * order leave full nodes behind. */
static size_t cut_of(size_t max, bool is_first, bool is_last) {
    if (is_last) return max - max / 16;
    return is_first ? max / 16 : max / 2;
}

static struct entry entry_of_leaf(struct leaf *leaf) {
    struct entry entry = {.child = leaf, .count = leaf->count, .first = leaf->items[0]};
    for (size_t i = 0; i < leaf->count; i++) ht_neg_sum_add(&entry.sum, &leaf->items[i].id);
    return entry;
}

static struct entry entry_of_inner(struct inner *inner) {
    struct entry entry = {.child = inner, .first = inner->entries[0].first};
    for (size_t i = 0; i < inner->count; i++) {
        entry.count += inner->entries[i].count;
        ht_neg_sum_join(&entry.sum, &inner->entries[i].sum);
    }
    return entry;
}

static void put_item(struct leaf *leaf, size_t at, const struct ht_neg_item *item) {
    memmove(&leaf->items[at + 1], &leaf->items[at], (leaf->count - at) * sizeof *item);
    leaf->items[at] = *item;
    leaf->count++;
}

static void put_entry(struct inner *inner, size_t at, const struct entry *entry) {
    memmove(&inner->entries[at + 1], &inner->entries[at], (inner->count - at) * sizeof *entry);
    inner->entries[at] = *entry;
    inner->count++;
}

/* Puts the item into a full leaf; the entry of what became a leaf of its own. */
static struct entry split_leaf(struct leaf *leaf, struct leaf *right, size_t cut, size_t at,
                               const struct ht_neg_item *item) {
    right->count = LEAF - cut;
    memcpy(right->items, leaf->items + cut, right->count * sizeof *right->items);
    leaf->count = cut;
    if (at <= cut)
        put_item(leaf, at, item);
    else
        put_item(right, at - cut, item);
    return entry_of_leaf(right);
}

static struct entry split_inner(struct inner *inner, struct inner *right, size_t cut, size_t at,
                                const struct entry *entry) {
    right->count = FAN - cut;
    memcpy(right->entries, inner->entries + cut, right->count * sizeof *right->entries);
    inner->count = cut;
    if (at <= cut)
        put_entry(inner, at, entry);
    else
        put_entry(right, at - cut, entry);
    return entry_of_inner(right);
}

/* Room for what a split needs, before anything is changed. */
struct spare {
    struct leaf *leaf;
    struct inner *inner[HEIGHT_MAX];
    size_t count; /* of inner nodes */
};

static void drop_spare(struct spare *spare) {
    free(spare->leaf);
    for (size_t i = 0; i < spare->count; i++) free(spare->inner[i]);
}

static enum ht_err make_spare(struct spare *spare, const struct ht_fp_tree *tree,
                              const struct path *path) {
    size_t wanted = 0;
    *spare = (struct spare){.leaf = NULL};
    if (path->leaf->count < LEAF) return HT_OK;
    while (wanted < tree->height && path->inner[tree->height - 1 - wanted]->count == FAN) wanted++;
    bool is_higher = wanted == tree->height;
    if (is_higher && tree->height == HEIGHT_MAX) return HT_ELIMIT;
    wanted += is_higher;
    spare->leaf = calloc(1, sizeof *spare->leaf);
    bool is_there = spare->leaf != NULL;
    while (is_there && spare->count < wanted) {
        spare->inner[spare->count] = calloc(1, sizeof(struct inner));
        is_there = spare->inner[spare->count] != NULL;
        if (is_there) spare->count++;
    }
    if (is_there) return HT_OK;
    drop_spare(spare);
    return HT_ENOMEM;
}

static struct entry *parent_entry(struct ht_fp_tree *tree, const struct path *path,
                                  unsigned depth) {
    return depth == 0 ? &tree->root : &path->inner[depth - 1]->entries[path->at[depth - 1]];
}

static void count_in(struct entry *entry, const struct ht_neg_item *item) {
    entry->count++;
    ht_neg_sum_add(&entry->sum, &item->id);
    if (ht_neg_item_compare(item, &entry->first) < 0) entry->first = *item;
}

static void move_out(struct entry *from, const struct entry *part) {
    from->count -= part->count;
    ht_neg_sum_subtract(&from->sum, &part->sum);
}

/* Puts the entry of a new node at `depth` beside the one that it was part of, and so on upwards. */
static void put_beside(struct ht_fp_tree *tree, struct path *path, struct spare *spare,
                       struct entry entry, const bool *is_first, const bool *is_last) {
    size_t used = 0;
    for (unsigned depth = tree->height; depth > 0; depth--) {
        struct inner *inner = path->inner[depth - 1];
        size_t at = path->at[depth - 1];
        move_out(&inner->entries[at], &entry);
        if (inner->count < FAN) {
            put_entry(inner, at + 1, &entry);
            return;
        }
        size_t cut = cut_of(FAN, is_first[depth - 1], is_last[depth - 1]);
        entry = split_inner(inner, spare->inner[used++], cut, at + 1, &entry);
    }
    struct inner *top = spare->inner[used];
    move_out(&tree->root, &entry);
    top->count = 2;
    top->entries[0] = tree->root;
    top->entries[1] = entry;
    tree->root = entry_of_inner(top);
    tree->height++;
}

static void insert_split(struct ht_fp_tree *tree, struct path *path, struct spare *spare,
                         const struct ht_neg_item *item) {
    /* Is the node at that depth the first, or the last, of its row? */
    bool is_first[HEIGHT_MAX + 1] = {true};
    bool is_last[HEIGHT_MAX + 1] = {true};
    for (unsigned depth = 0; depth < tree->height; depth++) {
        is_first[depth + 1] = is_first[depth] && path->at[depth] == 0;
        is_last[depth + 1] = is_last[depth] && path->at[depth] + 1 == path->inner[depth]->count;
    }
    size_t cut = cut_of(LEAF, is_first[tree->height], is_last[tree->height]);
    struct entry right = split_leaf(path->leaf, spare->leaf, cut, path->place, item);
    tree->bytes += sizeof(struct leaf) + spare->count * sizeof(struct inner);
    put_beside(tree, path, spare, right, is_first, is_last);
}

enum ht_err ht_fp_tree_insert(bool *is_new, struct ht_fp_tree *tree,
                              const struct ht_neg_item *item) {
    struct spare spare;
    if (item->created_at == HT_NEG_TIME_END) return HT_EINPUT;
    struct path path = path_to(tree, item);
    if (path.is_there) {
        *is_new = false;
        return HT_OK;
    }
    if (tree->root.count >= HT_NEG_ITEMS_MAX) return HT_ELIMIT;
    enum ht_err err = make_spare(&spare, tree, &path);
    if (err != HT_OK) return err;
    for (unsigned depth = 0; depth <= tree->height; depth++)
        count_in(parent_entry(tree, &path, depth), item);
    if (path.leaf->count < LEAF)
        put_item(path.leaf, path.place, item);
    else
        insert_split(tree, &path, &spare, item);
    *is_new = true;
    return HT_OK;
}

/* --- removing ---------------------------------------------------------------------------------*/

static size_t size_of(const struct entry *entry, bool is_leaf) {
    return is_leaf ? ((const struct leaf *)entry->child)->count
                   : ((const struct inner *)entry->child)->count;
}

/* Takes the child at + 1 into the child at. */
static void join(struct ht_fp_tree *tree, struct inner *inner, size_t at, bool is_leaf) {
    struct entry *left = &inner->entries[at];
    struct entry *right = left + 1;
    if (is_leaf) {
        struct leaf *to = left->child;
        const struct leaf *from = right->child;
        memcpy(to->items + to->count, from->items, from->count * sizeof *to->items);
        to->count += from->count;
    } else {
        struct inner *to = left->child;
        const struct inner *from = right->child;
        memcpy(to->entries + to->count, from->entries, from->count * sizeof *to->entries);
        to->count += from->count;
    }
    tree->bytes -= is_leaf ? sizeof(struct leaf) : sizeof(struct inner);
    free(right->child);
    left->count += right->count;
    ht_neg_sum_join(&left->sum, &right->sum);
    memmove(right, right + 1, (inner->count - at - 2) * sizeof *right);
    inner->count--;
}

/* Nodes that have become small join a neighbour that has room, from the leaf upwards. */
static void shrink(struct ht_fp_tree *tree, const struct path *path) {
    for (unsigned depth = tree->height; depth > 0; depth--) {
        struct inner *inner = path->inner[depth - 1];
        size_t at = path->at[depth - 1];
        bool is_leaf = depth == tree->height;
        size_t max = is_leaf ? LEAF : FAN;
        size_t size = size_of(&inner->entries[at], is_leaf);
        if (size >= max / 4) continue;
        if (at > 0 && size + size_of(&inner->entries[at - 1], is_leaf) <= max) {
            join(tree, inner, at - 1, is_leaf);
        } else if (at + 1 < inner->count &&
                   size + size_of(&inner->entries[at + 1], is_leaf) <= max) {
            join(tree, inner, at, is_leaf);
        }
    }
    while (tree->height > 0 && ((struct inner *)tree->root.child)->count == 1) {
        struct inner *top = tree->root.child;
        tree->root = top->entries[0];
        tree->height--;
        tree->bytes -= sizeof *top;
        free(top);
    }
}

bool ht_fp_tree_remove(struct ht_fp_tree *tree, const struct ht_neg_item *item) {
    const struct path path = path_to(tree, item);
    if (!path.is_there) return false;
    struct leaf *leaf = path.leaf;
    struct entry part = {.count = 1};
    ht_neg_sum_add(&part.sum, &item->id);
    for (unsigned depth = 0; depth <= tree->height; depth++)
        move_out(parent_entry(tree, &path, depth), &part);
    leaf->count--;
    memmove(&leaf->items[path.place], &leaf->items[path.place + 1],
            (leaf->count - path.place) * sizeof *item);
    shrink(tree, &path);
    return true;
}

/* --- life -------------------------------------------------------------------------------------*/

enum ht_err ht_fp_tree_new(struct ht_fp_tree **out) {
    struct ht_fp_tree *tree = calloc(1, sizeof *tree);
    struct leaf *leaf = calloc(1, sizeof *leaf);
    if (tree == NULL || leaf == NULL) {
        free(tree);
        free(leaf);
        return HT_ENOMEM;
    }
    tree->root.child = leaf;
    tree->root.first.created_at = HT_NEG_TIME_END;
    tree->bytes = sizeof *tree + sizeof *leaf;
    *out = tree;
    return HT_OK;
}

static void free_nodes(void *root, unsigned height) {
    struct inner *open[HEIGHT_MAX];
    size_t next[HEIGHT_MAX] = {0};
    unsigned depth = 0;
    if (height == 0) {
        free(root);
        return;
    }
    open[0] = root;
    while (true) {
        struct inner *inner = open[depth];
        if (next[depth] == inner->count) {
            free(inner);
            if (depth-- == 0) return;
            continue;
        }
        void *child = inner->entries[next[depth]++].child;
        if (depth + 1 == height) {
            free(child);
        } else {
            open[++depth] = child;
            next[depth] = 0;
        }
    }
}

void ht_fp_tree_free(struct ht_fp_tree *tree) {
    if (tree == NULL) return;
    free_nodes(tree->root.child, tree->height);
    free(tree);
}

enum ht_err ht_fp_tree_fill(struct ht_fp_tree *tree, struct ht_neg_item *items, size_t count,
                            struct ht_why *why) {
    struct ht_fp_tree *made = NULL;
    ht_assert(tree->root.count == 0);
    enum ht_err err = ht_fp_tree_new(&made);
    if (err == HT_OK) ht_neg_items_sort(items, count);
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        bool is_new = false;
        err = ht_fp_tree_insert(&is_new, made, &items[i]);
        if (err == HT_OK && !is_new) err = HT_EINPUT;
    }
    if (err == HT_OK) {
        struct ht_fp_tree empty = *tree;
        *tree = *made;
        *made = empty;
    }
    ht_fp_tree_free(made);
    if (err == HT_EINPUT)
        return ht_fail(why, err, "neg_item", "an event is there twice, or has no time");
    if (err == HT_ELIMIT)
        return ht_fail(why, err, "neg_too_large", "%zu events to compare, at most %u", count,
                       HT_NEG_ITEMS_MAX);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "no memory to compare events");
}
