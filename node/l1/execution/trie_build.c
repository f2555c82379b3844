/* Roots from entries in key order. Neighbouring keys tell where branches are: two keys that share d
 * nibbles part in a branch at depth d. So one pass with a stack of the branches that are still open
 * is enough; a branch is encoded and hashed when the last key below it is behind. */
#include "node/l1/execution/trie_build.h"

#include <stdlib.h>

#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/trie.h"
#include "node/l1/execution/trie_walk.h"

#define BRANCH_CHILDREN 16U
#define LEVELS_MAX (2 * HT_TRIE_KEY_MAX)
#define FLAG_ODD 0x10U
#define FLAG_LEAF 0x20U

/* How a parent refers to a node: nothing, the node itself when it is shorter, or its hash. */
struct ref {
    uint8_t n;
    uint8_t b[sizeof(ht_hash32)];
};

/* An open branch. */
struct level {
    size_t depth; /* nibbles in front of it */
    struct ref child[BRANCH_CHILDREN];
    ht_bytes value;
};

struct build {
    struct level *levels;
    size_t open;
    struct ht_buf scratch; /* one node */
    const struct ht_trie_visitor *visitor;
    ht_hash32 root;
};

/* --- entries ---------------------------------------------------------------------------------- */

void ht_trie_init(struct ht_trie *trie, size_t count_max) {
    *trie = (struct ht_trie){.count_max = count_max};
}

void ht_trie_fini(struct ht_trie *trie) {
    free(trie->entries);
    ht_trie_init(trie, trie->count_max);
}

static enum ht_err grow(struct ht_trie *trie, struct ht_why *why) {
    if (trie->count == trie->count_max) {
        return ht_fail(why, HT_ELIMIT, "trie_too_large", "a trie of more than %zu entries",
                       trie->count_max);
    }
    if (trie->count < trie->cap) return HT_OK;
    size_t cap = trie->cap == 0 ? 64 : 2 * trie->cap;
    if (cap > trie->count_max) cap = trie->count_max;
    struct ht_trie_entry *entries = NULL;
    if (cap <= SIZE_MAX / sizeof *entries) {
        entries = realloc(trie->entries, cap * sizeof *entries);
    }
    if (entries == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a trie");
    trie->entries = entries;
    trie->cap = cap;
    return HT_OK;
}

enum ht_err ht_trie_put(struct ht_trie *trie, ht_bytes key, ht_bytes value, struct ht_why *why) {
    if (key.n > HT_TRIE_KEY_MAX) {
        return ht_fail(why, HT_ELIMIT, "trie_key_too_long", "a key of %zu bytes, at most %u fit",
                       key.n, HT_TRIE_KEY_MAX);
    }
    enum ht_err err = grow(trie, why);
    if (err != HT_OK) return err;
    struct ht_trie_entry *entry = &trie->entries[trie->count];
    *entry = (struct ht_trie_entry){.key_n = key.n, .order = trie->count, .value = value};
    if (key.n > 0) memcpy(entry->key, key.p, key.n);
    trie->count++;
    return HT_OK;
}

enum ht_err ht_trie_put_hashed(struct ht_trie *trie, ht_bytes key, ht_bytes value,
                               struct ht_why *why) {
    ht_hash32 hash;
    ht_keccak256(&hash, key);
    return ht_trie_put(trie, HT_BYTES(hash.b), value, why);
}

static int compare_keys(const struct ht_trie_entry *a, const struct ht_trie_entry *b) {
    int order = memcmp(a->key, b->key, a->key_n < b->key_n ? a->key_n : b->key_n);
    if (order != 0 || a->key_n == b->key_n) return order;
    return a->key_n < b->key_n ? -1 : 1;
}

static int compare_entries(const void *left, const void *right) {
    const struct ht_trie_entry *a = left, *b = right;
    int order = compare_keys(a, b);
    if (order != 0) return order;
    return a->order < b->order ? -1 : 1;
}

/* Key order; the last put of each key counts, and is left out when it is a deletion. */
static void settle(struct ht_trie *trie) {
    if (trie->count > 1) {
        qsort(trie->entries, trie->count, sizeof *trie->entries, compare_entries);
    }
    size_t kept = 0;
    for (size_t i = 0; i < trie->count; i++) {
        const struct ht_trie_entry *entry = &trie->entries[i];
        if (i + 1 < trie->count && compare_keys(entry, entry + 1) == 0) continue;
        if (entry->value.n > 0) trie->entries[kept++] = *entry;
    }
    trie->count = kept;
    for (size_t i = 0; i < kept; i++) trie->entries[i].order = i;
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* Takes the node that was written to the scratch buffer. */
static enum ht_err take_node(struct ref *out, struct build *build, bool is_root,
                             struct ht_rlp_writer *writer, struct ht_why *why) {
    enum ht_err err = ht_rlp_finish(writer);
    if (err == HT_ELIMIT) {
        return ht_fail(why, err, "trie_too_large", "a node of more than %zu bytes",
                       HT_TRIE_NODE_MAX);
    }
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "no memory for a trie node");
    ht_bytes node = ht_buf_view(&build->scratch);
    ht_hash32 hash;
    if (node.n < sizeof hash && !is_root) {
        out->n = (uint8_t)node.n;
        memcpy(out->b, node.p, node.n);
        return HT_OK;
    }
    ht_keccak256(&hash, node);
    out->n = sizeof hash;
    memcpy(out->b, hash.b, sizeof hash);
    if (is_root) build->root = hash;
    if (build->visitor == NULL) return HT_OK;
    return build->visitor->node(build->visitor->user, node, why);
}

static void start_node(struct build *build, struct ht_rlp_writer *writer) {
    ht_buf_clear(&build->scratch);
    ht_rlp_writer_init(writer, &build->scratch);
}

/* A hash as a string; a shorter node, or nothing, as it is. */
static void write_ref(struct ht_rlp_writer *writer, const struct ref *ref) {
    if (ref->n == sizeof ref->b || ref->n == 0) {
        ht_rlp_write_bytes(writer, ht_bytes_of(ref->b, ref->n));
    } else {
        ht_rlp_write_raw(writer, ht_bytes_of(ref->b, ref->n));
    }
}

/* Nibbles [from, to) of the key in hex-prefix form. */
static void write_path(struct ht_rlp_writer *writer, const uint8_t *key, size_t from, size_t to,
                       bool is_leaf) {
    uint8_t path[1 + HT_TRIE_KEY_MAX] = {is_leaf ? FLAG_LEAF : 0};
    size_t n = 1;
    if ((to - from) % 2 == 1) path[0] |= (uint8_t)(FLAG_ODD | ht_nibble(key, from++));
    for (; from < to; from += 2) {
        path[n++] = (uint8_t)(ht_nibble(key, from) << 4 | ht_nibble(key, from + 1));
    }
    ht_rlp_write_bytes(writer, ht_bytes_of(path, n));
}

static enum ht_err make_leaf(struct ref *out, struct build *build,
                             const struct ht_trie_entry *entry, size_t from, bool is_root,
                             struct ht_why *why) {
    struct ht_rlp_writer writer;
    start_node(build, &writer);
    size_t begin = ht_rlp_list_begin(&writer);
    write_path(&writer, entry->key, from, 2 * entry->key_n, true);
    ht_rlp_write_bytes(&writer, entry->value);
    ht_rlp_list_end(&writer, begin);
    return take_node(out, build, is_root, &writer, why);
}

static enum ht_err make_extension(struct ref *inout, struct build *build, const uint8_t *key,
                                  size_t from, size_t to, bool is_root, struct ht_why *why) {
    struct ht_rlp_writer writer;
    start_node(build, &writer);
    size_t begin = ht_rlp_list_begin(&writer);
    write_path(&writer, key, from, to, false);
    write_ref(&writer, inout);
    ht_rlp_list_end(&writer, begin);
    return take_node(inout, build, is_root, &writer, why);
}

static enum ht_err make_branch(struct ref *out, struct build *build, const struct level *level,
                               bool is_root, struct ht_why *why) {
    struct ht_rlp_writer writer;
    start_node(build, &writer);
    size_t begin = ht_rlp_list_begin(&writer);
    for (size_t i = 0; i < BRANCH_CHILDREN; i++) write_ref(&writer, &level->child[i]);
    ht_rlp_write_bytes(&writer, level->value);
    ht_rlp_list_end(&writer, begin);
    return take_node(out, build, is_root, &writer, why);
}

/* --- the pass --------------------------------------------------------------------------------- */

/* How many nibbles two keys share. */
static size_t shared_nibbles(const struct ht_trie_entry *a, const struct ht_trie_entry *b) {
    size_t most = 2 * (a->key_n < b->key_n ? a->key_n : b->key_n);
    size_t n = 0;
    while (n < most && ht_nibble(a->key, n) == ht_nibble(b->key, n)) n++;
    return n;
}

/* Nibbles that lead to the innermost open branch and out of it; 0 without one. */
static size_t innermost(const struct build *build) {
    return build->open > 0 ? build->levels[build->open - 1].depth + 1 : 0;
}

static struct level *open_branch(struct build *build, size_t depth) {
    ht_assert(build->open < LEVELS_MAX);
    struct level *level = &build->levels[build->open++];
    *level = (struct level){.depth = depth};
    return level;
}

/* Ends the innermost branch, which the key lies below. It becomes a child of the branch around it,
 * or of the one where the next key parts, which takes `keep` nibbles to lead out of. */
static enum ht_err close_branch(struct build *build, const struct ht_trie_entry *entry, size_t keep,
                                struct ht_why *why) {
    const struct level *level = &build->levels[--build->open];
    const size_t depth = level->depth;
    const size_t from = innermost(build) > keep ? innermost(build) : keep;
    struct ref ref = {.n = 0};
    enum ht_err err = make_branch(&ref, build, level, depth == 0, why);
    if (err == HT_OK && depth > from) {
        err = make_extension(&ref, build, entry->key, from, depth, from == 0, why);
    }
    if (err != HT_OK || from == 0) return err;
    if (innermost(build) < from) (void)open_branch(build, from - 1);
    build->levels[build->open - 1].child[ht_nibble(entry->key, from - 1)] = ref;
    return HT_OK;
}

/* One entry; `keep` is one more than the nibbles it shares with the next, 0 for the last. */
static enum ht_err add_entry(struct build *build, const struct ht_trie_entry *entry, size_t keep,
                             struct ht_why *why) {
    if (keep > innermost(build)) (void)open_branch(build, keep - 1);
    const size_t from = innermost(build);
    enum ht_err err = HT_OK;
    if (from == 0) {
        struct ref root;
        err = make_leaf(&root, build, entry, 0, true, why);
    } else {
        struct level *level = &build->levels[build->open - 1];
        if (level->depth == 2 * entry->key_n) {
            level->value = entry->value;
        } else {
            struct ref *child = &level->child[ht_nibble(entry->key, level->depth)];
            err = make_leaf(child, build, entry, from, false, why);
        }
    }
    while (err == HT_OK && innermost(build) > keep) err = close_branch(build, entry, keep, why);
    return err;
}

enum ht_err ht_trie_root(ht_hash32 *out, struct ht_trie *trie,
                         const struct ht_trie_visitor *visitor, struct ht_why *why) {
    settle(trie);
    if (trie->count == 0) {
        *out = ht_trie_empty_root;
        return HT_OK;
    }
    struct build build = {.levels = malloc(LEVELS_MAX * sizeof *build.levels), .visitor = visitor};
    if (build.levels == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a trie");
    ht_buf_init(&build.scratch, HT_TRIE_NODE_MAX);
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < trie->count && err == HT_OK; i++) {
        const struct ht_trie_entry *entry = &trie->entries[i];
        size_t keep = i + 1 < trie->count ? shared_nibbles(entry, entry + 1) + 1 : 0;
        err = add_entry(&build, entry, keep, why);
    }
    ht_buf_fini(&build.scratch);
    free(build.levels);
    if (err == HT_OK) *out = build.root;
    return err;
}

enum ht_err ht_trie_list_root(ht_hash32 *out, const ht_bytes *values, size_t count,
                              const struct ht_trie_visitor *visitor, struct ht_why *why) {
    struct ht_trie trie;
    ht_trie_init(&trie, HT_TRIE_LIST_MAX);
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        if (values[i].n == 0) {
            err = ht_fail(why, HT_EINPUT, "trie_empty_value", "item %zu of the list is empty", i);
            break;
        }
        uint8_t key[HT_TRIE_INDEX_KEY_MAX];
        err = ht_trie_put(&trie, ht_bytes_of(key, ht_trie_index_key(key, i)), values[i], why);
    }
    if (err == HT_OK) err = ht_trie_root(out, &trie, visitor, why);
    ht_trie_fini(&trie);
    return err;
}
