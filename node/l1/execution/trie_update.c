/* A part of a trie in memory: nodes are read when a changed key leads through them, the others stay
 * what their parents say of them. Puts come before deletes, so that a branch only collapses when it
 * has to in the end. */
#include "node/l1/execution/trie_update.h"

#include <stdlib.h>

#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/trie.h"
#include "node/l1/execution/trie_build.h"
#include "node/l1/execution/trie_walk.h"

#define WAYS 16U
#define KEY_NIBBLES 64U
#define NODES_BYTES_MAX ((size_t)256 << 20)
#define FLAG_ODD 0x10U
#define FLAG_LEAF 0x20U

enum kind {
    UNREAD, /* only what its parent says: ref */
    BRANCH,
    EXTENSION,
    LEAF,
};

struct node {
    enum kind kind;
    bool is_clean; /* ref is right */
    uint8_t ref_n; /* 32: a hash; less: the node itself */
    uint8_t ref[32];
    uint8_t path[KEY_NIBBLES]; /* nibbles, of an extension and a leaf */
    size_t path_n;
    ht_bytes value;         /* of a leaf */
    struct node *way[WAYS]; /* of an extension the first */
};

struct update {
    const struct ht_witness *witness;
    struct ht_arena arena;
    struct node *root;
    struct ht_trie_gap *gap;
    struct ht_buf scratch;
};

static enum ht_err malformed(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "proof_malformed_node", "a trie node is in no canonical form");
}

static enum ht_err node_new(struct node **out, struct update *update, enum kind kind,
                            struct ht_why *why) {
    *out = ht_arena_alloc(&update->arena, sizeof **out);
    if (*out == NULL) {
        return ht_fail(why, HT_ELIMIT, "no_room", "a change of a trie with too many nodes");
    }
    (*out)->kind = kind;
    return HT_OK;
}

/* --- reading nodes -----------------------------------------------------------------------------*/

/* What a parent says of a node; NULL for none. */
static enum ht_err read_ref(struct node **out, struct update *update, ht_bytes *rest,
                            struct ht_why *why) {
    struct ht_rlp_item item;
    if (ht_rlp_read_item(&item, rest, NULL) != HT_OK) return malformed(why);
    *out = NULL;
    if (!item.is_list && item.payload.n == 0) return HT_OK;
    ht_bytes ref = item.is_list ? item.whole : item.payload;
    if (ref.n > 32 || item.is_list != (ref.n < 32)) return malformed(why);
    enum ht_err err = node_new(out, update, UNREAD, why);
    if (err != HT_OK) return err;
    (*out)->is_clean = true;
    (*out)->ref_n = (uint8_t)ref.n;
    memcpy((*out)->ref, ref.p, ref.n);
    return HT_OK;
}

static enum ht_err read_branch(struct node *node, struct update *update, ht_bytes items,
                               struct ht_why *why) {
    ht_bytes value;
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < WAYS && err == HT_OK; i++) {
        err = read_ref(&node->way[i], update, &items, why);
    }
    if (err != HT_OK) return err;
    if (ht_rlp_read_bytes(&value, &items, 0, NULL) != HT_OK || items.n > 0) return malformed(why);
    node->kind = BRANCH;
    return HT_OK;
}

static enum ht_err read_short(struct node *node, struct update *update, ht_bytes path,
                              ht_bytes behind, struct ht_why *why) {
    if (path.n == 0 || path.n > 33) return malformed(why);
    const bool is_leaf = (path.p[0] & FLAG_LEAF) != 0;
    node->path_n = 0;
    for (size_t i = (path.p[0] & FLAG_ODD) != 0 ? 1 : 2; i < 2 * path.n; i++) {
        if (node->path_n == KEY_NIBBLES) return malformed(why);
        node->path[node->path_n++] = (uint8_t)ht_nibble(path.p, i);
    }
    if (is_leaf) {
        enum ht_err err = ht_rlp_read_bytes(&node->value, &behind, SIZE_MAX, NULL);
        if (err != HT_OK || node->value.n == 0) return malformed(why);
        node->kind = LEAF;
        return HT_OK;
    }
    enum ht_err err = read_ref(&node->way[0], update, &behind, why);
    if (err != HT_OK) return err;
    if (node->way[0] == NULL || node->path_n == 0) return malformed(why);
    node->kind = EXTENSION;
    return HT_OK;
}

static enum ht_err read_bytes(struct node *node, struct update *update, ht_bytes bytes,
                              struct ht_why *why) {
    ht_bytes items = {0};
    struct ht_rlp_item first;
    size_t count = 0;
    if (ht_rlp_read_list(&items, &bytes, NULL) != HT_OK || bytes.n > 0 ||
        ht_rlp_count(&count, items, WAYS + 1, NULL) != HT_OK) {
        return malformed(why);
    }
    if (count == WAYS + 1) return read_branch(node, update, items, why);
    if (count != 2 || ht_rlp_read_item(&first, &items, NULL) != HT_OK || first.is_list) {
        return malformed(why);
    }
    return read_short(node, update, first.payload, items, why);
}

/* *is_missing: the witness does not have it. */
static enum ht_err expand(bool *is_missing, struct node *node, struct update *update,
                          struct ht_why *why) {
    ht_hash32 hash;
    ht_bytes bytes = ht_bytes_of(node->ref, node->ref_n);
    *is_missing = false;
    if (node->kind != UNREAD) return HT_OK;
    if (node->ref_n == sizeof hash) {
        memcpy(hash.b, node->ref, sizeof hash);
        *is_missing = !ht_witness_find(&bytes, update->witness, &hash);
    }
    return *is_missing ? HT_OK : read_bytes(node, update, bytes, why);
}

static enum ht_err expand_way(struct node *node, struct update *update, struct ht_why *why) {
    bool is_missing = false;
    enum ht_err err = expand(&is_missing, node, update, why);
    if (err == HT_OK && is_missing) {
        err = ht_fail(why, HT_EUNVERIFIED, "proof_missing_node",
                      "a node on the way of a changed key was not proven");
    }
    return err;
}

/* --- putting -----------------------------------------------------------------------------------*/

static size_t shared(const struct node *node, const ht_hash32 *key, size_t depth) {
    size_t n = 0;
    while (n < node->path_n && depth + n < KEY_NIBBLES &&
           node->path[n] == ht_nibble(key->b, depth + n)) {
        n++;
    }
    return n;
}

static void set_path(struct node *node, const ht_hash32 *key, size_t from, size_t to) {
    node->path_n = to - from;
    for (size_t i = from; i < to; i++) node->path[i - from] = (uint8_t)ht_nibble(key->b, i);
}

static enum ht_err leaf_new(struct node **out, struct update *update, const ht_hash32 *key,
                            size_t depth, ht_bytes value, struct ht_why *why) {
    enum ht_err err = node_new(out, update, LEAF, why);
    if (err != HT_OK) return err;
    set_path(*out, key, depth, KEY_NIBBLES);
    (*out)->value = value;
    return HT_OK;
}

static void cut_front(struct node *node, size_t n) {
    node->path_n -= n;
    memmove(node->path, node->path + n, node->path_n);
}

/* A leaf or an extension from which the key parts after `same` nibbles. */
static enum ht_err split(struct node **at, struct update *update, const ht_hash32 *key,
                         size_t depth, size_t same, ht_bytes value, struct ht_why *why) {
    struct node *old = *at, *branch = NULL, *leaf = NULL, *front = NULL;
    if (depth + same >= KEY_NIBBLES || same == old->path_n) return malformed(why);
    enum ht_err err = node_new(&branch, update, BRANCH, why);
    if (err == HT_OK) err = leaf_new(&leaf, update, key, depth + same + 1, value, why);
    if (err == HT_OK && same > 0) err = node_new(&front, update, EXTENSION, why);
    if (err != HT_OK) return err;
    const uint8_t way = old->path[same];
    cut_front(old, same + 1);
    old->is_clean = false;
    /* An extension of no nibble is its branch. */
    branch->way[way] = old->kind == EXTENSION && old->path_n == 0 ? old->way[0] : old;
    branch->way[ht_nibble(key->b, depth + same)] = leaf;
    *at = branch;
    if (front == NULL) return HT_OK;
    set_path(front, key, depth, depth + same);
    front->way[0] = branch;
    *at = front;
    return HT_OK;
}

static enum ht_err put(struct update *update, const struct ht_trie_change *change,
                       struct ht_why *why) {
    struct node **at = &update->root;
    size_t depth = 0;
    while (*at != NULL) {
        struct node *node = *at;
        enum ht_err err = expand_way(node, update, why);
        if (err != HT_OK) return err;
        node->is_clean = false;
        if (node->kind == BRANCH) {
            if (depth >= KEY_NIBBLES) return malformed(why);
            at = &node->way[ht_nibble(change->key.b, depth++)];
            continue;
        }
        size_t same = shared(node, &change->key, depth);
        if (same < node->path_n) {
            return split(at, update, &change->key, depth, same, change->value, why);
        }
        depth += same;
        if (node->kind == LEAF) {
            if (depth != KEY_NIBBLES) return malformed(why);
            node->value = change->value;
            return HT_OK;
        }
        at = &node->way[0];
    }
    return leaf_new(at, update, &change->key, depth, change->value, why);
}

/* --- deleting ----------------------------------------------------------------------------------*/

/* The places on the way to a key, and how deep each is. */
struct way {
    struct node **at[KEY_NIBBLES + 2];
    size_t depth[KEY_NIBBLES + 2];
    size_t count;
};

static enum ht_err find_way(struct way *way, bool *is_there, struct update *update,
                            const ht_hash32 *key, struct ht_why *why) {
    struct node **at = &update->root;
    size_t depth = 0;
    *is_there = false;
    way->count = 0;
    while (*at != NULL) {
        struct node *node = *at;
        enum ht_err err = expand_way(node, update, why);
        if (err != HT_OK) return err;
        if (way->count == KEY_NIBBLES + 2) return malformed(why);
        way->at[way->count] = at;
        way->depth[way->count++] = depth;
        if (node->kind == BRANCH) {
            if (depth >= KEY_NIBBLES) return malformed(why);
            at = &node->way[ht_nibble(key->b, depth++)];
            continue;
        }
        if (shared(node, key, depth) < node->path_n) return HT_OK;
        depth += node->path_n;
        if (node->kind == LEAF) {
            *is_there = depth == KEY_NIBBLES;
            return *is_there ? HT_OK : malformed(why);
        }
        at = &node->way[0];
    }
    return HT_OK;
}

/* Puts a path in front of a leaf's or an extension's own. */
static enum ht_err lengthen(struct node *node, const uint8_t *path, size_t n, struct ht_why *why) {
    if (node->path_n + n > KEY_NIBBLES) return malformed(why);
    memmove(node->path + n, node->path, node->path_n);
    memcpy(node->path, path, n);
    node->path_n += n;
    node->is_clean = false;
    return HT_OK;
}

static enum ht_err missing_sibling(struct update *update, const ht_hash32 *key, size_t depth,
                                   unsigned way, struct ht_why *why) {
    struct ht_trie_gap *gap = update->gap;
    *gap = (struct ht_trie_gap){.nibbles = depth + 1};
    memcpy(gap->path, key->b, depth / 2);
    if (depth % 2 == 0) {
        gap->path[depth / 2] = (uint8_t)(way << 4);
    } else {
        gap->path[depth / 2] = (uint8_t)((key->b[depth / 2] & 0xf0U) | way);
    }
    return ht_fail(why, HT_EAGAIN, "trie_sibling_missing",
                   "a deletion needs a neighbouring node, %zu nibbles deep, that was not proven",
                   depth + 1);
}

/* A branch that has lost a way: with one left, that one takes its place. */
static enum ht_err shrink(struct node **at, struct update *update, const ht_hash32 *key,
                          size_t depth, struct ht_why *why) {
    struct node *branch = *at, *left = NULL;
    uint8_t way = 0;
    size_t count = 0;
    bool is_missing = false;
    for (uint8_t i = 0; i < WAYS; i++) {
        if (branch->way[i] == NULL) continue;
        left = branch->way[i];
        way = i;
        count++;
    }
    if (count != 1) return count > 1 ? HT_OK : malformed(why);
    enum ht_err err = expand(&is_missing, left, update, why);
    if (err != HT_OK) return err;
    if (is_missing) return missing_sibling(update, key, depth, way, why);
    if (left->kind != BRANCH) {
        *at = left;
        return lengthen(left, &way, 1, why);
    }
    err = node_new(at, update, EXTENSION, why);
    if (err != HT_OK) return err;
    (*at)->path[0] = way;
    (*at)->path_n = 1;
    (*at)->way[0] = left;
    return HT_OK;
}

static enum ht_err take_out(struct update *update, const ht_hash32 *key, struct ht_why *why) {
    struct way way;
    bool is_there = false;
    enum ht_err err = find_way(&way, &is_there, update, key, why);
    if (err != HT_OK || !is_there) return err;
    *way.at[--way.count] = NULL;
    while (way.count-- > 0 && err == HT_OK) {
        struct node **at = way.at[way.count];
        struct node *node = *at;
        node->is_clean = false;
        if (node->kind == BRANCH) {
            err = shrink(at, update, key, way.depth[way.count], why);
        } else if (node->way[0]->kind != BRANCH) {
            *at = node->way[0];
            err = lengthen(*at, node->path, node->path_n, why);
        }
    }
    return err;
}

/* --- the root ----------------------------------------------------------------------------------*/

static void write_way(struct ht_rlp_writer *writer, const struct node *node) {
    if (node == NULL) {
        ht_rlp_write_bytes(writer, (ht_bytes){0});
    } else if (node->ref_n == sizeof node->ref) {
        ht_rlp_write_bytes(writer, HT_BYTES(node->ref));
    } else {
        ht_rlp_write_raw(writer, ht_bytes_of(node->ref, node->ref_n));
    }
}

static void write_path(struct ht_rlp_writer *writer, const struct node *node) {
    uint8_t path[1 + KEY_NIBBLES / 2] = {node->kind == LEAF ? FLAG_LEAF : 0};
    size_t n = 1, i = 0;
    if (node->path_n % 2 == 1) path[0] |= (uint8_t)(FLAG_ODD | node->path[i++]);
    for (; i < node->path_n; i += 2) {
        path[n++] = (uint8_t)(node->path[i] << 4 | node->path[i + 1]);
    }
    ht_rlp_write_bytes(writer, ht_bytes_of(path, n));
}

/* The node's ref, when those below it have theirs. */
static enum ht_err make_ref(struct update *update, struct node *node, struct ht_why *why) {
    struct ht_rlp_writer writer;
    ht_hash32 hash;
    ht_buf_clear(&update->scratch);
    ht_rlp_writer_init(&writer, &update->scratch);
    size_t begin = ht_rlp_list_begin(&writer);
    if (node->kind == BRANCH) {
        for (size_t i = 0; i < WAYS; i++) write_way(&writer, node->way[i]);
        ht_rlp_write_bytes(&writer, (ht_bytes){0});
    } else {
        write_path(&writer, node);
        if (node->kind == LEAF)
            ht_rlp_write_bytes(&writer, node->value);
        else
            write_way(&writer, node->way[0]);
    }
    ht_rlp_list_end(&writer, begin);
    enum ht_err err = ht_rlp_finish(&writer);
    if (err != HT_OK) return ht_fail(why, err, "trie_too_large", "a node that is too large");
    ht_bytes bytes = ht_buf_view(&update->scratch);
    node->is_clean = true;
    node->ref_n = sizeof hash;
    if (bytes.n < sizeof hash && node != update->root) {
        node->ref_n = (uint8_t)bytes.n;
        memcpy(node->ref, bytes.p, bytes.n);
        return HT_OK;
    }
    ht_keccak256(&hash, bytes);
    memcpy(node->ref, hash.b, sizeof hash);
    return HT_OK;
}

/* Children before parents; what is clean is left as it is. */
static enum ht_err make_root(ht_hash32 *out, struct update *update, struct ht_why *why) {
    struct {
        struct node *node;
        size_t next;
    } open[KEY_NIBBLES + 2];
    size_t count = 0;
    if (update->root == NULL) {
        *out = ht_trie_empty_root;
        return HT_OK;
    }
    open[count].node = update->root;
    open[count++].next = 0;
    while (count > 0) {
        struct node *node = open[count - 1].node;
        size_t *next = &open[count - 1].next;
        while (*next < WAYS && (node->way[*next] == NULL || node->way[*next]->is_clean)) ++*next;
        if (*next < WAYS && !node->is_clean) {
            if (count == KEY_NIBBLES + 2) return malformed(why);
            open[count].node = node->way[(*next)++];
            open[count++].next = 0;
            continue;
        }
        enum ht_err err = node->is_clean ? HT_OK : make_ref(update, node, why);
        if (err != HT_OK) return err;
        count--;
    }
    memcpy(out->b, update->root->ref, sizeof out->b);
    return HT_OK;
}

static enum ht_err begin(struct update *update, const ht_hash32 *root, struct ht_why *why) {
    if (ht_hash32_equal(root, &ht_trie_empty_root)) return HT_OK;
    enum ht_err err = node_new(&update->root, update, UNREAD, why);
    if (err != HT_OK) return err;
    update->root->is_clean = true;
    update->root->ref_n = sizeof root->b;
    memcpy(update->root->ref, root->b, sizeof root->b);
    return HT_OK;
}

enum ht_err ht_trie_update(ht_hash32 *out, struct ht_trie_gap *gap,
                           const struct ht_witness *witness, const ht_hash32 *root,
                           const struct ht_trie_change *changes, size_t count, struct ht_why *why) {
    struct update update = {.witness = witness, .gap = gap};
    ht_arena_init(&update.arena, NODES_BYTES_MAX);
    ht_buf_init(&update.scratch, HT_TRIE_NODE_MAX);
    enum ht_err err = begin(&update, root, why);
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        if (changes[i].value.n > 0) err = put(&update, &changes[i], why);
    }
    for (size_t i = 0; i < count && err == HT_OK; i++) {
        if (changes[i].value.n == 0) err = take_out(&update, &changes[i].key, why);
    }
    if (err == HT_OK) err = make_root(out, &update, why);
    ht_buf_fini(&update.scratch);
    ht_arena_fini(&update.arena);
    return err;
}
