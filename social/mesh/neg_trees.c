/* Warm trees: who asks for which, which are kept, and how they stay in step with the store. */
#include "social/mesh/neg_trees.h"

#include <stdlib.h>

#include "social/mesh/neg_trees_filter.h"
#include "social/mesh/neg_trees_list.h"
#include "social/relay/policy.h"

#define ARENA_MAX ((size_t)4 << 20)
#define REMOVED_MAX 8192U  /* noted between two fences; with more, all are listed anew */
#define CHANGES_MAX 65536U /* that wait for one tree; with more, it is listed anew */

static void step(struct ht_neg_trees *trees);

/* --- trees ------------------------------------------------------------------------------------*/

static void unlink_tree(struct ht_neg_tree *tree) {
    struct ht_neg_tree **at = &tree->trees->trees;
    while (*at != tree) at = &(*at)->next;
    *at = tree->next;
}

static void free_tree(struct ht_neg_tree *tree) {
    unlink_tree(tree);
    ht_fp_tree_free(tree->tree);
    ht_buf_fini(&tree->changes);
    ht_arena_fini(&tree->arena);
    free(tree);
}

/* Nobody gets it any more. */
static void let_go(struct ht_neg_tree *tree) {
    tree->is_gone = true;
    if (tree->refs == 0 && tree->trees->reading != tree) free_tree(tree);
}

static void drop_ref(struct ht_neg_tree *tree) {
    tree->refs--;
    if (tree->is_gone) let_go(tree);
}

static size_t count_trees(size_t *bytes, const struct ht_neg_trees *trees) {
    size_t count = 0;
    *bytes = 0;
    for (const struct ht_neg_tree *tree = trees->trees; tree != NULL; tree = tree->next) {
        count++;
        /* While a slice is read, the tree is the worker's. */
        if (tree != trees->reading) *bytes += ht_fp_tree_bytes(tree->tree);
    }
    return count;
}

/* The least used that nobody holds goes; what was used long ago counts less each time. */
static bool evict(struct ht_neg_trees *trees) {
    struct ht_neg_tree *least = NULL;
    for (struct ht_neg_tree *tree = trees->trees; tree != NULL; tree = tree->next) {
        if (tree->refs > 0 || tree->is_gone || tree == trees->reading) continue;
        bool is_less = least == NULL || tree->uses < least->uses ||
                       (tree->uses == least->uses && tree->last_use < least->last_use);
        if (is_less) least = tree;
    }
    if (least == NULL) return false;
    for (struct ht_neg_tree *tree = trees->trees; tree != NULL; tree = tree->next)
        tree->uses = (tree->uses + 1) / 2;
    let_go(least);
    return true;
}

static struct ht_neg_tree *find_tree(const struct ht_neg_trees *trees, const ht_hash32 *key) {
    struct ht_neg_tree *tree = trees->trees;
    while (tree != NULL && (tree->is_gone || !ht_hash32_equal(&tree->key, key))) tree = tree->next;
    return tree;
}

static enum ht_err new_tree(struct ht_neg_tree **out, struct ht_neg_trees *trees) {
    size_t bytes;
    while (count_trees(&bytes, trees) >= HT_NEG_TREES_MAX) {
        if (!evict(trees)) return HT_EAGAIN;
    }
    struct ht_neg_tree *tree = calloc(1, sizeof *tree);
    if (tree == NULL || ht_fp_tree_new(&tree->tree) != HT_OK) {
        free(tree);
        return HT_ENOMEM;
    }
    tree->trees = trees;
    ht_arena_init_small(&tree->arena, ARENA_MAX, 1024);
    ht_buf_init(&tree->changes, CHANGES_MAX * sizeof(struct ht_neg_change));
    tree->next = trees->trees;
    trees->trees = tree;
    *out = tree;
    return HT_OK;
}

/* --- changes ----------------------------------------------------------------------------------*/

static void apply(struct ht_neg_tree *tree, const struct ht_neg_change *change) {
    bool is_new;
    if (!change->is_in)
        (void)ht_fp_tree_remove(tree->tree, &change->item);
    else if (ht_fp_tree_insert(&is_new, tree->tree, &change->item) != HT_OK)
        tree->is_gone = true; /* it lacks something: freed when nobody holds it */
}

static void apply_waiting(struct ht_neg_tree *tree) {
    size_t count = tree->changes.n / sizeof(struct ht_neg_change);
    for (size_t i = 0; i < count; i++) {
        struct ht_neg_change change;
        memcpy(&change, tree->changes.p + i * sizeof change, sizeof change);
        apply(tree, &change);
    }
    ht_buf_fini(&tree->changes);
}

static void change_tree(struct ht_neg_tree *tree, const struct ht_neg_change *change) {
    if (tree->is_listed && tree->readers == 0)
        apply(tree, change);
    else if (ht_buf_add(&tree->changes, ht_bytes_of(change, sizeof *change)) != HT_OK)
        tree->is_gone = true;
}

/* Those that have become useless within a walk. */
static void sweep(struct ht_neg_trees *trees) {
    struct ht_neg_tree *next;
    for (struct ht_neg_tree *tree = trees->trees; tree != NULL; tree = next) {
        next = tree->next;
        if (tree->is_gone) let_go(tree);
    }
}

void ht_neg_trees_stored(struct ht_neg_trees *trees, const struct ht_event *event) {
    if (ht_policy_is_private_kind(event->kind) ||
        ht_event_class_of(event->kind) == HT_EVENT_EPHEMERAL)
        return;
    const struct ht_neg_change change = {
        .item = {.created_at = (uint64_t)event->created_at, .id = event->id}, .is_in = true};
    for (struct ht_neg_tree *tree = trees->trees; tree != NULL; tree = tree->next) {
        if (!tree->is_gone && ht_filter_matches(&tree->filter, event)) change_tree(tree, &change);
    }
    sweep(trees);
}

/* --- what is removed: the writer's thread -----------------------------------------------------*/

static void note_removed(void *user, int64_t created_at, const ht_hash32 *id) {
    struct ht_neg_trees *trees = user;
    const struct ht_neg_item item = {.created_at = (uint64_t)created_at, .id = *id};
    if (!atomic_load(&trees->is_watching)) return;
    if (ht_buf_add(&trees->removed, ht_bytes_of(&item, sizeof item)) != HT_OK)
        trees->is_lost = true;
    (void)atomic_fetch_add(&trees->noted, 1);
}

static void note_put(void *user) {
    struct ht_neg_trees *trees = user;
    if (!atomic_load(&trees->is_watching)) return;
    trees->is_lost = true;
    (void)atomic_fetch_add(&trees->noted, 1);
}

const struct ht_store_watch *ht_neg_trees_watch(struct ht_neg_trees *trees, bool is_announced) {
    return &trees->watches[is_announced ? 0 : 1];
}

/* Takes what was noted, but for what is there all the same: its removal was undone. */
static enum ht_err pass_fence(struct ht_write *write, sqlite3 *db, struct ht_why *why) {
    struct ht_neg_trees *trees =
        (struct ht_neg_trees *)((char *)write - offsetof(struct ht_neg_trees, fence));
    struct ht_store **store = trees->options.writer_store;
    size_t kept = 0;
    (void)atomic_exchange(&trees->noted, 0);
    trees->passed_lost = trees->is_lost;
    trees->is_lost = false;
    struct ht_buf taken = trees->removed;
    trees->removed = trees->passed;
    trees->passed = taken;
    if (*store == NULL && ht_store_new(store, db, why) != HT_OK) trees->passed_lost = true;
    for (size_t i = 0; *store != NULL && i < taken.n; i += sizeof(struct ht_neg_item)) {
        struct ht_neg_item item;
        memcpy(&item, taken.p + i, sizeof item);
        if (ht_store_has(*store, &item.id)) continue;
        memcpy(taken.p + kept, &item, sizeof item);
        kept += sizeof item;
    }
    trees->passed.n = kept;
    return HT_OK;
}

/* --- fences -----------------------------------------------------------------------------------*/

static void refuse_waiting(struct ht_neg_trees *trees, const struct ht_neg_tree *of,
                           enum ht_err err, const struct ht_why *why);

/* Whoever waits for a tree that has missed something waits for another of its filter. */
static void renew(struct ht_neg_tree *old) {
    static const struct ht_why busy = {.code = "neg_busy", .text = "too many comparisons at once"};
    struct ht_neg_trees *trees = old->trees;
    struct ht_neg_tree *tree = NULL;
    old->refs++;
    enum ht_err err = new_tree(&tree, trees);
    if (err == HT_OK)
        err = ht_neg_filter_key(&tree->key, &tree->filter, &tree->arena, &old->filter, NULL);
    if (err != HT_OK) {
        if (tree != NULL) tree->is_gone = true;
        refuse_waiting(trees, old, HT_EAGAIN, &busy);
    }
    for (struct ht_neg_ask *ask = trees->asks; err == HT_OK && ask != NULL; ask = ask->next) {
        if (ask->tree != old) continue;
        ask->tree = tree;
        tree->refs++;
        old->refs--;
    }
    drop_ref(old);
}

static void lose_all(struct ht_neg_trees *trees) {
    for (struct ht_neg_tree *tree = trees->trees; tree != NULL; tree = tree->next) {
        /* One that is about to be listed for the first time has missed nothing. */
        bool is_fresh = !tree->is_listed && tree->slice_max == 0;
        tree->is_gone = tree->is_gone || !is_fresh;
    }
    struct ht_neg_ask *ask;
    do {
        ask = trees->asks;
        while (ask != NULL && !ask->tree->is_gone) ask = ask->next;
        if (ask != NULL) renew(ask->tree);
    } while (ask != NULL);
}

static void take_passed(struct ht_neg_trees *trees, bool is_lost) {
    if (is_lost) lose_all(trees);
    for (struct ht_neg_tree *tree = trees->trees; !is_lost && tree != NULL; tree = tree->next) {
        for (size_t i = 0; i < trees->passed.n; i += sizeof(struct ht_neg_item)) {
            struct ht_neg_change change = {.is_in = false};
            memcpy(&change.item, trees->passed.p + i, sizeof change.item);
            change_tree(tree, &change);
        }
    }
    ht_buf_clear(&trees->passed);
    sweep(trees);
}

static void fence_passed(struct ht_write *write) {
    struct ht_neg_trees *trees =
        (struct ht_neg_trees *)((char *)write - offsetof(struct ht_neg_trees, fence));
    trees->is_fencing = false;
    trees->fences_passed = trees->fences_begun;
    take_passed(trees, trees->passed_lost || write->err != HT_OK);
    step(trees);
}

static bool begin_fence(struct ht_neg_trees *trees) {
    trees->fence = (struct ht_write){.write = pass_fence, .done = fence_passed};
    if (ht_writer_submit(trees->options.writer, &trees->fence) != HT_OK) return false;
    trees->is_fencing = true;
    trees->fences_begun++;
    return true;
}

/* --- asking -----------------------------------------------------------------------------------*/

static void take_ask(struct ht_neg_trees *trees, struct ht_neg_ask *ask) {
    struct ht_neg_ask **at = &trees->asks;
    while (*at != ask) at = &(*at)->next;
    *at = ask->next;
    if (*at == NULL) trees->last_ask = at;
}

static void refuse(struct ht_neg_ask *ask, enum ht_err err, const char *code, const char *text) {
    struct ht_why why = {.code = NULL};
    ask->tree = NULL;
    ask->done(ask, NULL, ht_fail(&why, err, code, "%s", text), &why);
}

/* of: NULL for all. */
static void refuse_waiting(struct ht_neg_trees *trees, const struct ht_neg_tree *of,
                           enum ht_err err, const struct ht_why *why) {
    while (true) {
        struct ht_neg_ask *ask = trees->asks;
        while (ask != NULL && of != NULL && ask->tree != of) ask = ask->next;
        if (ask == NULL) return;
        take_ask(trees, ask);
        struct ht_neg_tree *tree = ask->tree;
        ask->tree = NULL;
        ask->done(ask, NULL, err, why);
        drop_ref(tree);
    }
}

static bool answer_one(struct ht_neg_trees *trees) {
    struct ht_neg_ask *ask = trees->asks;
    while (ask != NULL && (!ask->tree->is_listed || ask->fence > trees->fences_passed))
        ask = ask->next;
    if (ask == NULL) return false;
    take_ask(trees, ask);
    struct ht_neg_tree *tree = ask->tree;
    tree->uses++;
    tree->last_use = ++trees->clock;
    ask->tree = NULL;
    ask->done(ask, tree, HT_OK, NULL);
    return true;
}

static void list_next(struct ht_neg_trees *trees) {
    struct ht_neg_tree *tree = trees->trees;
    while (tree != NULL &&
           (tree->is_listed || tree->refs == 0 || tree->fence > trees->fences_passed))
        tree = tree->next;
    if (tree != NULL) ht_neg_tree_list(tree);
}

static void fence_if_needed(struct ht_neg_trees *trees) {
    static const struct ht_why why = {.code = "neg_busy", .text = "too busy, try again"};
    bool is_needed = false;
    for (const struct ht_neg_ask *ask = trees->asks; ask != NULL; ask = ask->next)
        is_needed = is_needed || ask->fence > trees->fences_passed;
    if (is_needed && !trees->is_fencing && !begin_fence(trees))
        refuse_waiting(trees, NULL, HT_EAGAIN, &why);
}

/* Whoever can be answered is, and what they wait for is begun. What is asked for from within is
 * dealt with before this ends. */
static void step(struct ht_neg_trees *trees) {
    trees->is_again = true;
    if (trees->is_stepping) return;
    trees->is_stepping = true;
    while (trees->is_again && !trees->is_stopped) {
        trees->is_again = false;
        fence_if_needed(trees);
        while (answer_one(trees)) continue;
        if (trees->reading == NULL) list_next(trees);
    }
    trees->is_stepping = false;
}

static bool is_too_large(struct ht_neg_trees *trees) {
    size_t bytes;
    while (count_trees(&bytes, trees) > 0 && bytes > HT_NEG_TREES_BYTES) {
        if (!evict(trees)) return true;
    }
    return false;
}

void ht_neg_tree_sliced(struct ht_neg_tree *tree, enum ht_err err, const struct ht_why *why) {
    static const struct ht_why large = {.code = "neg_busy", .text = "too many events match"};
    struct ht_neg_trees *trees = tree->trees;
    tree->refs++;
    if (err == HT_OK && is_too_large(trees)) {
        err = HT_EAGAIN;
        why = &large;
    }
    if (err != HT_OK) {
        tree->is_gone = true;
        refuse_waiting(trees, tree, err, why);
    } else if (!tree->is_full) {
        tree->is_listed = true;
        trees->listed++;
        apply_waiting(tree);
    }
    drop_ref(tree);
    step(trees);
}

void ht_neg_trees_get(struct ht_neg_trees *trees, struct ht_neg_ask *ask,
                      const struct ht_filter *filter) {
    struct ht_arena arena;
    struct ht_filter made;
    struct ht_why why = {.code = NULL};
    ht_hash32 key;
    if (trees->is_stopped) {
        refuse(ask, HT_EAGAIN, "neg_busy", "the relay stops");
        return;
    }
    ht_arena_init_small(&arena, ARENA_MAX, 1024);
    atomic_store(&trees->is_watching, true);
    enum ht_err err = ht_neg_filter_key(&key, &made, &arena, filter, &why);
    struct ht_neg_tree *tree = err == HT_OK ? find_tree(trees, &key) : NULL;
    bool is_new = err == HT_OK && tree == NULL;
    if (is_new) err = new_tree(&tree, trees);
    if (is_new && err == HT_OK) {
        tree->key = key;
        tree->arena = arena;
        tree->filter = made;
        tree->fence = trees->fences_begun + 1;
    } else {
        ht_arena_fini(&arena);
    }
    if (err != HT_OK) {
        refuse(ask, err, why.code != NULL ? why.code : "neg_busy",
               why.code != NULL ? why.text : "too many comparisons at once");
        return;
    }
    tree->refs++;
    ask->tree = tree;
    ask->next = NULL;
    ask->fence = tree->is_listed ? 0 : tree->fence;
    if (atomic_load(&trees->noted) > 0) ask->fence = trees->fences_begun + 1;
    *trees->last_ask = ask;
    trees->last_ask = &ask->next;
    step(trees);
}

void ht_neg_trees_forget(struct ht_neg_trees *trees, struct ht_neg_ask *ask) {
    struct ht_neg_tree *tree = ask->tree;
    if (tree == NULL) return;
    take_ask(trees, ask);
    ask->tree = NULL;
    drop_ref(tree);
}

/* --- holding ----------------------------------------------------------------------------------*/

const struct ht_fp_tree *ht_neg_tree_of(const struct ht_neg_tree *tree) {
    return tree->tree;
}

void ht_neg_tree_release(struct ht_neg_tree *tree) {
    if (tree != NULL) drop_ref(tree);
}

void ht_neg_tree_read(struct ht_neg_tree *tree) {
    tree->readers++;
    tree->refs++;
}

void ht_neg_tree_read_end(struct ht_neg_tree *tree) {
    if (--tree->readers == 0) apply_waiting(tree);
    drop_ref(tree);
}

/* --- life -------------------------------------------------------------------------------------*/

enum ht_err ht_neg_trees_new(struct ht_neg_trees **out, const struct ht_neg_trees_options *options,
                             struct ht_why *why) {
    struct ht_neg_trees *trees = calloc(1, sizeof *trees);
    if (trees == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory to compare events");
    trees->options = *options;
    trees->last_ask = &trees->asks;
    ht_buf_init(&trees->removed, REMOVED_MAX * sizeof(struct ht_neg_item));
    ht_buf_init(&trees->passed, REMOVED_MAX * sizeof(struct ht_neg_item));
    trees->watches[0] = (struct ht_store_watch){.removed = note_removed, .user = trees};
    trees->watches[1] =
        (struct ht_store_watch){.removed = note_removed, .put = note_put, .user = trees};
    *out = trees;
    return HT_OK;
}

void ht_neg_trees_stop(struct ht_neg_trees *trees) {
    static const struct ht_why why = {.code = "neg_busy", .text = "the relay stops"};
    if (trees == NULL || trees->is_stopped) return;
    trees->is_stopped = true;
    refuse_waiting(trees, NULL, HT_EAGAIN, &why);
}

void ht_neg_trees_free(struct ht_neg_trees *trees) {
    if (trees == NULL) return;
    ht_assert(trees->is_stopped && trees->reading == NULL && !trees->is_fencing);
    while (trees->trees != NULL) {
        ht_assert(trees->trees->refs == 0);
        free_tree(trees->trees);
    }
    ht_buf_fini(&trees->removed);
    ht_buf_fini(&trees->passed);
    free(trees);
}

struct ht_neg_trees_counts ht_neg_trees_counts(const struct ht_neg_trees *trees) {
    struct ht_neg_trees_counts counts = {.listed = trees->listed, .fences = trees->fences_passed};
    counts.trees = count_trees(&counts.bytes, trees);
    return counts;
}
