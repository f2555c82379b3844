/* Reading trie nodes and choosing the way on. Where nodes come from and whether their hash is right
 * is the caller's business. */
#include "node/l1/execution/trie_walk.h"

#include "node/codec/rlp.h"

#define BRANCH_CHILDREN 16U
#define EMPTY_STRING 0x80U
#define HASH_STRING 0xa0U
#define LIST_BASE 0xc0U
/* A node of this length or more is referred to by its hash. */
#define HASHED_MIN 32U
#define FLAG_ODD 1U
#define FLAG_LEAF 2U

/* How a node refers to another one, or to none. */
struct ref {
    enum { REF_NONE, REF_HASH, REF_INSIDE } kind;
    ht_bytes bytes; /* the hash, or the node itself */
};

static enum ht_err malformed(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "proof_malformed_node", "a trie node %s", what);
}

/* The first byte alone tells what a reference is: "", 32 bytes or a list of less than 32. */
static enum ht_err read_ref(struct ref *out, ht_bytes *rest, struct ht_why *why) {
    if (rest->n == 0) return malformed(why, "has too few items");
    const unsigned first = rest->p[0];
    size_t n = 1;
    if (first == EMPTY_STRING) {
        *out = (struct ref){.kind = REF_NONE};
    } else if (first == HASH_STRING) {
        n = 1 + sizeof(ht_hash32);
        if (rest->n < n) return malformed(why, "ends inside a hash");
        *out = (struct ref){REF_HASH, ht_bytes_of(rest->p + 1, sizeof(ht_hash32))};
    } else if (first > LIST_BASE && first < LIST_BASE + HASHED_MIN - 1) {
        n = 1 + first - LIST_BASE;
        if (rest->n < n) return malformed(why, "ends inside another one");
        *out = (struct ref){REF_INSIDE, ht_bytes_of(rest->p, n)};
    } else {
        return malformed(why, "refers to another one neither by hash nor by holding it");
    }
    *rest = ht_bytes_of(rest->p + n, rest->n - n);
    return HT_OK;
}

static void end_at(struct ht_trie_walk *walk, ht_bytes value) {
    walk->state = value.n > 0 ? HT_TRIE_FOUND : HT_TRIE_ABSENT;
    walk->value = value;
}

/* Follows a reference; *inside is the node to look at next when it lies in this one. */
static void follow(struct ht_trie_walk *walk, ht_bytes *inside, struct ref ref) {
    *inside = (ht_bytes){0};
    switch (ref.kind) {
    case REF_NONE: end_at(walk, (ht_bytes){0}); break;
    case REF_HASH: memcpy(walk->next.b, ref.bytes.p, sizeof walk->next.b); break;
    case REF_INSIDE: *inside = ref.bytes; break;
    }
}

static enum ht_err step_branch(struct ht_trie_walk *walk, ht_bytes *inside, ht_bytes items,
                               struct ht_why *why) {
    const bool is_at_end = walk->depth == 2 * walk->key.n;
    const size_t way = is_at_end ? BRANCH_CHILDREN : ht_nibble(walk->key.p, walk->depth);
    struct ref chosen = {.kind = REF_NONE};
    size_t occupied = 0;
    for (size_t i = 0; i < BRANCH_CHILDREN; i++) {
        struct ref ref = {.kind = REF_NONE};
        enum ht_err err = read_ref(&ref, &items, why);
        if (err != HT_OK) return err;
        occupied += ref.kind != REF_NONE;
        if (i == way) chosen = ref;
    }
    ht_bytes value = {0};
    if (ht_rlp_read_bytes(&value, &items, SIZE_MAX, NULL) != HT_OK || items.n != 0) {
        return malformed(why, "with more than two items is no branch of 17");
    }
    occupied += value.n > 0;
    if (occupied < 2) return malformed(why, "is a branch with less than two ways");
    if (is_at_end) {
        *inside = (ht_bytes){0};
        end_at(walk, value);
    } else {
        walk->depth++;
        follow(walk, inside, chosen);
    }
    walk->needs_branch = false;
    return HT_OK;
}

/* Whether the key goes on with the nibbles of the path from nibble `at` to its end. */
static bool fits(const struct ht_trie_walk *walk, ht_bytes path, size_t at) {
    size_t count = 2 * path.n - at;
    if (count > 2 * walk->key.n - walk->depth) return false;
    for (size_t i = 0; i < count; i++) {
        if (ht_nibble(path.p, at + i) != ht_nibble(walk->key.p, walk->depth + i)) return false;
    }
    return true;
}

static enum ht_err step_leaf(struct ht_trie_walk *walk, ht_bytes path, size_t at, ht_bytes items,
                             struct ht_why *why) {
    ht_bytes value = {0};
    if (ht_rlp_read_bytes(&value, &items, SIZE_MAX, NULL) != HT_OK || value.n == 0) {
        return malformed(why, "is a leaf without a value");
    }
    const bool is_here = 2 * path.n - at == 2 * walk->key.n - walk->depth && fits(walk, path, at);
    end_at(walk, is_here ? value : (ht_bytes){0});
    return HT_OK;
}

static enum ht_err step_extension(struct ht_trie_walk *walk, ht_bytes *inside, ht_bytes path,
                                  size_t at, ht_bytes items, struct ht_why *why) {
    struct ref ref = {.kind = REF_NONE};
    enum ht_err err = read_ref(&ref, &items, why);
    if (err != HT_OK) return err;
    if (ref.kind == REF_NONE) return malformed(why, "is an extension to nothing");
    if (at == 2 * path.n) return malformed(why, "is an extension by no nibble");
    if (items.n != 0) return malformed(why, "has bytes behind its two items");
    if (!fits(walk, path, at)) {
        end_at(walk, (ht_bytes){0});
        return HT_OK;
    }
    walk->depth += 2 * path.n - at;
    walk->needs_branch = true;
    follow(walk, inside, ref);
    return HT_OK;
}

/* A leaf or an extension: the path in hex-prefix form, and the value or the reference behind it. */
static enum ht_err step_short(struct ht_trie_walk *walk, ht_bytes *inside, ht_bytes path,
                              ht_bytes items, struct ht_why *why) {
    if (walk->needs_branch) return malformed(why, "behind an extension is no branch");
    if (path.n == 0) return malformed(why, "has no path");
    const unsigned flags = path.p[0] >> 4;
    const bool is_odd = (flags & FLAG_ODD) != 0;
    if (flags > (FLAG_ODD | FLAG_LEAF) || (!is_odd && (path.p[0] & 15U) != 0)) {
        return malformed(why, "has a path with wrong flags");
    }
    const size_t at = is_odd ? 1 : 2;
    *inside = (ht_bytes){0};
    if ((flags & FLAG_LEAF) != 0) return step_leaf(walk, path, at, items, why);
    return step_extension(walk, inside, path, at, items, why);
}

/* One node; *inside is the next one when this one holds it. */
static enum ht_err step_once(struct ht_trie_walk *walk, ht_bytes *inside, ht_bytes node,
                             struct ht_why *why) {
    ht_bytes items = {0};
    if (ht_rlp_read_list(&items, &node, NULL) != HT_OK || node.n != 0) {
        return malformed(why, "is not one RLP list");
    }
    ht_bytes rest = items;
    struct ht_rlp_item first, second;
    if (ht_rlp_read_item(&first, &rest, NULL) != HT_OK) return malformed(why, "has no items");
    ht_bytes behind_first = rest;
    if (ht_rlp_read_item(&second, &rest, NULL) != HT_OK) return malformed(why, "has one item");
    if (rest.n > 0) return step_branch(walk, inside, items, why);
    if (first.is_list) return malformed(why, "has a list for a path");
    return step_short(walk, inside, first.payload, behind_first, why);
}

void ht_trie_walk_init(struct ht_trie_walk *walk, const ht_hash32 *root, ht_bytes key) {
    *walk = (struct ht_trie_walk){.state = HT_TRIE_NEEDS_NODE, .next = *root, .key = key};
}

enum ht_err ht_trie_walk_step(struct ht_trie_walk *walk, ht_bytes node, struct ht_why *why) {
    ht_assert(walk->state == HT_TRIE_NEEDS_NODE);
    /* Nothing but the root is at depth 0, and the root alone may be short or nothing at all. */
    const bool is_root = walk->depth == 0;
    if (is_root && node.n == 1 && node.p[0] == EMPTY_STRING) {
        end_at(walk, (ht_bytes){0});
        return HT_OK;
    }
    if (!is_root && node.n < HASHED_MIN) return malformed(why, "is too short for a hash");
    enum ht_err err;
    do {
        ht_bytes inside = {0};
        err = step_once(walk, &inside, node, why);
        node = inside;
    } while (err == HT_OK && node.n > 0);
    return err;
}
