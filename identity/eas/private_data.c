/* The tree of private data: built, disclosed in part, checked. */
#include "identity/eas/private_data.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/codec/abi.h"
#include "node/codec/abi_word.h"
#include "node/crypto/keccak.h"

#define LEAF_MAX ((size_t)128 << 10)  /* bytes of one leaf, encoded */
#define TYPE_ARENA ((size_t)64 << 10) /* of a value's type */
#define NODES_MAX (2 * HT_PRIVATE_LEAVES_MAX)

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static enum ht_err bad_proof(struct ht_why *why) {
    return ht_fail(why, HT_EINPUT, "private_proof", "leaves, proof and flags do not fit together");
}

/* --- leaves ----------------------------------------------------------------------------------- */

static enum ht_err read_leaf(struct ht_private_leaf *out, const json_t *one, struct ht_why *why) {
    *out = (struct ht_private_leaf){.value = ht_json_member(one, "value")};
    if (out->value == NULL) {
        return ht_fail(why, HT_EINPUT, "private_json", "a leaf without a value");
    }
    enum ht_err err = ht_json_text(&out->type, one, "type", why);
    if (err == HT_OK) err = ht_json_text(&out->name, one, "name", why);
    if (err == HT_OK) err = ht_json_hex(out->salt.b, sizeof out->salt.b, one, "salt", why);
    return err;
}

enum ht_err ht_private_leaves_read(struct ht_private_leaf **out, size_t *count,
                                   struct ht_arena *arena, const json_t *list, struct ht_why *why) {
    size_t n = json_array_size(list);
    void *leaves = NULL;
    if (n == 0) return ht_fail(why, HT_EINPUT, "private_json", "that is no list of leaves");
    if (n > HT_PRIVATE_LEAVES_MAX) {
        return ht_fail(why, HT_ELIMIT, "private_too_large", "%zu leaves, at most %u", n,
                       HT_PRIVATE_LEAVES_MAX);
    }
    enum ht_err err = ht_arena_array(&leaves, arena, n, sizeof(struct ht_private_leaf), why);
    for (size_t i = 0; err == HT_OK && i < n; i++) {
        err = read_leaf((struct ht_private_leaf *)leaves + i, json_array_get(list, i), why);
    }
    if (err != HT_OK) return err;
    *out = leaves;
    *count = n;
    return HT_OK;
}

/* abi.encode of one value, as its type says. */
static enum ht_err encode_value(struct ht_buf *out, const struct ht_private_leaf *leaf,
                                struct ht_why *why) {
    struct ht_abi_type inner;
    struct ht_arena arena;
    ht_arena_init(&arena, TYPE_ARENA);
    struct ht_buf text;
    ht_buf_init(&text, HT_ABI_TYPE_MAX);
    enum ht_err err = ht_buf_add_str(&text, "(");
    if (err == HT_OK) err = ht_buf_add_str(&text, leaf->type);
    if (err == HT_OK) err = ht_buf_add_str(&text, ")");
    if (err != HT_OK) (void)ht_fail(why, err, "private_too_large", "a type that is too long");
    if (err == HT_OK) err = ht_abi_type_read(&inner, &arena, ht_buf_view(&text), why);
    if (err == HT_OK && inner.count != 1) {
        err = ht_fail(why, HT_EINPUT, "abi_type", "a leaf has one value");
    }
    json_t *values = err == HT_OK ? json_pack("[O]", leaf->value) : NULL;
    if (err == HT_OK && values == NULL) err = no_memory(why);
    if (err == HT_OK) err = ht_abi_encode(out, &inner, values, why);
    json_decref(values);
    ht_buf_fini(&text);
    ht_arena_fini(&arena);
    return err;
}

static enum ht_err encode_leaf(struct ht_buf *out, const struct ht_private_leaf *leaf,
                               struct ht_why *why) {
    static const char TYPE[] = "(string,string,bytes,bytes32)";
    struct ht_abi_type type;
    struct ht_arena arena;
    struct ht_buf value;
    ht_buf_init(&value, LEAF_MAX);
    ht_arena_init(&arena, 4096);
    enum ht_err err = encode_value(&value, leaf, why);
    if (err == HT_OK) err = ht_abi_type_read(&type, &arena, ht_bytes_str(TYPE), why);
    json_t *values = err != HT_OK ? NULL
                                  : json_pack("[s, s, o, o]", leaf->type, leaf->name,
                                              ht_abi_hex(ht_buf_view(&value)),
                                              ht_abi_hex(HT_BYTES(leaf->salt.b)));
    if (err == HT_OK && values == NULL) err = no_memory(why);
    if (err == HT_OK) err = ht_abi_encode(out, &type, values, why);
    json_decref(values);
    ht_arena_fini(&arena);
    ht_buf_fini(&value);
    return err;
}

static enum ht_err hash_leaf(ht_hash32 *out, const struct ht_private_leaf *leaf,
                             struct ht_why *why) {
    struct ht_buf encoded;
    ht_buf_init(&encoded, 2 * LEAF_MAX);
    enum ht_err err = encode_leaf(&encoded, leaf, why);
    if (err == HT_OK) {
        ht_hash32 once;
        ht_keccak256(&once, ht_buf_view(&encoded));
        ht_keccak256(out, HT_BYTES(once.b));
    }
    ht_buf_fini(&encoded);
    return err;
}

static void hash_pair(ht_hash32 *out, const ht_hash32 *a, const ht_hash32 *b) {
    bool is_ordered = memcmp(a->b, b->b, sizeof a->b) <= 0;
    struct ht_keccak256 hash;
    ht_keccak256_init(&hash);
    ht_keccak256_update(&hash, HT_BYTES((is_ordered ? a : b)->b));
    ht_keccak256_update(&hash, HT_BYTES((is_ordered ? b : a)->b));
    ht_keccak256_final(out, &hash);
}

/* --- the tree --------------------------------------------------------------------------------- */

struct placed {
    ht_hash32 hash;
    size_t leaf; /* which one of the leaves given */
};

/* As an array: the root first, the children of i at 2i + 1 and 2i + 2, the leaves last, the
 * smallest at the very end. */
struct tree {
    ht_hash32 *nodes;
    size_t count;
    struct placed *leaves; /* sorted; leaf i is node count - 1 - i */
    size_t leaf_count;
};

static int by_hash(const void *a, const void *b) {
    return memcmp(((const struct placed *)a)->hash.b, ((const struct placed *)b)->hash.b, 32);
}

static void free_tree(struct tree *tree) {
    free(tree->nodes);
    free(tree->leaves);
}

static enum ht_err build(struct tree *tree, const struct ht_private_leaf *leaves, size_t count,
                         struct ht_why *why) {
    *tree = (struct tree){.count = 2 * count - 1, .leaf_count = count};
    tree->nodes = calloc(tree->count, sizeof *tree->nodes);
    tree->leaves = calloc(count, sizeof *tree->leaves);
    if (tree->nodes == NULL || tree->leaves == NULL) return no_memory(why);
    for (size_t i = 0; i < count; i++) {
        enum ht_err err = hash_leaf(&tree->leaves[i].hash, &leaves[i], why);
        if (err != HT_OK) return err;
        tree->leaves[i].leaf = i;
    }
    qsort(tree->leaves, count, sizeof *tree->leaves, by_hash);
    for (size_t i = 0; i < count; i++) tree->nodes[tree->count - 1 - i] = tree->leaves[i].hash;
    for (size_t i = count - 1; i-- > 0;) {
        hash_pair(&tree->nodes[i], &tree->nodes[2 * i + 1], &tree->nodes[2 * i + 2]);
    }
    return HT_OK;
}

static enum ht_err check_count(size_t count, struct ht_why *why) {
    if (count > 0 && count <= HT_PRIVATE_LEAVES_MAX) return HT_OK;
    return ht_fail(why, count == 0 ? HT_EINPUT : HT_ELIMIT,
                   count == 0 ? "private_json" : "private_too_large", "a tree has 1 to %u leaves",
                   HT_PRIVATE_LEAVES_MAX);
}

enum ht_err ht_private_root(ht_hash32 *out, const struct ht_private_leaf *leaves, size_t count,
                            struct ht_why *why) {
    struct tree tree = {0};
    enum ht_err err = check_count(count, why);
    if (err == HT_OK) err = build(&tree, leaves, count, why);
    if (err == HT_OK) *out = tree.nodes[0];
    free_tree(&tree);
    return err;
}

/* --- disclosing ------------------------------------------------------------------------------- */

struct disclosure {
    json_t *leaves, *proof, *flags;
    int failed;
};

static void tell_leaf(struct disclosure *to, const struct ht_private_leaf *leaf) {
    json_t *one = json_pack("{s:s, s:s, s:O, s:o}", "type", leaf->type, "name", leaf->name, "value",
                            leaf->value, "salt", ht_abi_hex(HT_BYTES(leaf->salt.b)));
    to->failed |= json_array_append_new(to->leaves, one);
}

/* Walks up from the chosen nodes, the deepest first: `queue` holds what is known of a level and the
 * one above it, in descending order. */
static void tell_proof(struct disclosure *to, const struct tree *tree, size_t *queue,
                       size_t count) {
    size_t first = 0;
    while (first < count && queue[first] > 0) {
        size_t at = queue[first++];
        size_t sibling = at % 2 == 1 ? at + 1 : at - 1;
        bool has_sibling = first < count && queue[first] == sibling;
        to->failed |= json_array_append_new(to->flags, json_boolean(has_sibling));
        if (has_sibling) {
            first++;
        } else {
            to->failed |=
                json_array_append_new(to->proof, ht_abi_hex(HT_BYTES(tree->nodes[sibling].b)));
        }
        queue[count++] = (at - 1) / 2;
    }
}

static enum ht_err choose(bool *is_chosen, size_t leaf_count, const size_t *chosen,
                          size_t chosen_count, struct ht_why *why) {
    for (size_t i = 0; i < chosen_count; i++) {
        if (chosen[i] >= leaf_count || is_chosen[chosen[i]]) {
            return ht_fail(why, HT_EINPUT, "private_json", "a leaf that is not there, or twice");
        }
        is_chosen[chosen[i]] = true;
    }
    if (chosen_count > 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "private_json", "no leaf was chosen");
}

enum ht_err ht_private_disclose(json_t **out, const struct ht_private_leaf *leaves, size_t count,
                                const size_t *chosen, size_t chosen_count, struct ht_why *why) {
    struct tree tree = {0};
    bool is_chosen[HT_PRIVATE_LEAVES_MAX] = {false};
    size_t queue[NODES_MAX], queued = 0;
    struct disclosure to = {json_array(), json_array(), json_array(), 0};
    enum ht_err err = check_count(count, why);
    if (err == HT_OK) err = choose(is_chosen, count, chosen, chosen_count, why);
    if (err == HT_OK) err = build(&tree, leaves, count, why);
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        if (!is_chosen[tree.leaves[i].leaf]) continue;
        queue[queued++] = tree.count - 1 - i;
        tell_leaf(&to, &leaves[tree.leaves[i].leaf]);
    }
    if (err == HT_OK) {
        tell_proof(&to, &tree, queue, queued);
        json_t *whole = json_pack("{s:O, s:O, s:O}", "leaves", to.leaves, "proof", to.proof,
                                  "proofFlags", to.flags);
        bool is_whole = to.failed == 0 && whole != NULL;
        if (is_whole)
            *out = whole;
        else
            json_decref(whole);
        if (!is_whole) err = no_memory(why);
    }
    json_decref(to.leaves);
    json_decref(to.proof);
    json_decref(to.flags);
    free_tree(&tree);
    return err;
}

/* --- checking --------------------------------------------------------------------------------- */

/* What the steps of a multiproof take from, in this order: leaves, then what was hashed. */
struct steps {
    ht_hash32 *hashes; /* leaves and, behind them, results */
    size_t taken, made;
};

static bool take(ht_hash32 *out, struct steps *steps) {
    if (steps->taken >= steps->made) return false;
    *out = steps->hashes[steps->taken++];
    return true;
}

static enum ht_err run_steps(ht_hash32 *root, struct steps *steps, const json_t *proof,
                             const json_t *flags, struct ht_why *why) {
    size_t given = 0;
    for (size_t i = 0; i < json_array_size(flags); i++) {
        ht_hash32 a, b;
        const json_t *flag = json_array_get(flags, i);
        if (!json_is_boolean(flag) || !take(&a, steps)) return bad_proof(why);
        if (json_is_true(flag) ? !take(&b, steps) : given >= json_array_size(proof)) {
            return bad_proof(why);
        }
        char path[32];
        (void)snprintf(path, sizeof path, "[%zu]", given);
        enum ht_err err =
            json_is_true(flag) ? HT_OK : ht_json_hex(b.b, sizeof b.b, proof, path, why);
        if (err != HT_OK) return err;
        given += json_is_true(flag) ? 0 : 1;
        hash_pair(&steps->hashes[steps->made++], &a, &b);
    }
    *root = steps->hashes[steps->made - 1];
    return given == json_array_size(proof) && steps->taken + 1 == steps->made ? HT_OK
                                                                              : bad_proof(why);
}

static enum ht_err check_shape(const json_t *disclosure, size_t leaf_count, struct ht_why *why) {
    const json_t *proof = ht_json_member(disclosure, "proof");
    const json_t *flags = ht_json_member(disclosure, "proofFlags");
    if (!json_is_array(proof) || !json_is_array(flags)) {
        return ht_fail(why, HT_EINPUT, "private_json", "a disclosure has a proof and its flags");
    }
    if (json_array_size(flags) > NODES_MAX) {
        return ht_fail(why, HT_ELIMIT, "private_too_large", "a proof of %zu steps",
                       json_array_size(flags));
    }
    return leaf_count + json_array_size(proof) == json_array_size(flags) + 1 ? HT_OK
                                                                             : bad_proof(why);
}

static enum ht_err find_root(ht_hash32 *root, const struct ht_private_leaf *leaves, size_t count,
                             const json_t *disclosure, struct ht_why *why) {
    const json_t *flags = ht_json_member(disclosure, "proofFlags");
    struct steps steps = {.made = count};
    steps.hashes = calloc(count + json_array_size(flags), sizeof *steps.hashes);
    if (steps.hashes == NULL) return no_memory(why);
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < count; i++) {
        err = hash_leaf(&steps.hashes[i], &leaves[i], why);
    }
    if (err == HT_OK) {
        err = run_steps(root, &steps, ht_json_member(disclosure, "proof"), flags, why);
    }
    free(steps.hashes);
    return err;
}

enum ht_err ht_private_verify(const json_t *disclosure, const ht_hash32 *root, struct ht_why *why) {
    struct ht_private_leaf *leaves;
    struct ht_arena arena;
    size_t count;
    ht_hash32 found;
    ht_arena_init(&arena, HT_PRIVATE_LEAVES_MAX * sizeof *leaves + 4096);
    enum ht_err err =
        ht_private_leaves_read(&leaves, &count, &arena, ht_json_member(disclosure, "leaves"), why);
    if (err == HT_OK) err = check_shape(disclosure, count, why);
    if (err == HT_OK) err = find_root(&found, leaves, count, disclosure, why);
    if (err == HT_OK && !ht_hash32_equal(&found, root)) {
        err = ht_fail(why, HT_EUNVERIFIED, "private_root",
                      "what was disclosed is not under that root");
    }
    ht_arena_fini(&arena);
    return err;
}
