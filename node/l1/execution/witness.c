/* The set of nodes behind many proofs. Two tables of indices with open addressing, never more than
 * half full: one by keccak, to find what a parent refers to, and one by a cheap mix of the
 * node, to notice one that is there already without hashing it again. */
#include "node/l1/execution/witness.h"

#include <stdlib.h>

#include "node/crypto/keccak.h"
#include "node/l1/execution/trie.h"
#include "node/l1/execution/trie_walk.h"

#define CAP_MIN 64U
/* Nodes that are chosen to look alike cost a keccak each, not a long search. */
#define LOOK_PROBES 32U
#define MIX 0x9e3779b97f4a7c15U

struct ht_witness_node {
    ht_hash32 hash;
    ht_bytes bytes;
    bool is_used;
};

void ht_witness_init(struct ht_witness *witness, size_t count_max, size_t bytes_max) {
    ht_assert(count_max < (size_t)1 << 31);
    *witness = (struct ht_witness){.count_max = count_max};
    ht_arena_init(&witness->bytes, bytes_max);
}

void ht_witness_fini(struct ht_witness *witness) {
    ht_arena_fini(&witness->bytes);
    free(witness->nodes);
    free(witness->slots);
    ht_witness_init(witness, witness->count_max, witness->bytes.max);
}

/* Both tables have 2 * cap slots, which is a power of two; 0 is an empty slot, else index + 1. */
static size_t slot_mask(const struct ht_witness *witness) {
    return 2 * witness->cap - 1;
}

static uint32_t *hash_slots(const struct ht_witness *witness) {
    return witness->slots;
}

static uint32_t *look_slots(const struct ht_witness *witness) {
    return witness->slots + 2 * witness->cap;
}

static size_t place_of_hash(const ht_hash32 *hash) {
    return (size_t)ht_read_u64_le(hash->b);
}

/* All of the node, mixed cheaply: a hundredth of what its keccak costs. */
static size_t place_of_look(ht_bytes node) {
    uint64_t mixed = node.n;
    size_t at = 0;
    for (; node.n - at >= 8; at += 8) {
        mixed = (mixed ^ ht_read_u64_le(node.p + at)) * MIX;
        mixed ^= mixed >> 32;
    }
    for (; at < node.n; at++) mixed = (mixed ^ node.p[at]) * MIX;
    return (size_t)(mixed ^ mixed >> 32);
}

static struct ht_witness_node *find(const struct ht_witness *witness, const ht_hash32 *hash) {
    if (witness->count == 0) return NULL;
    const uint32_t *slots = hash_slots(witness);
    for (size_t at = place_of_hash(hash);; at++) {
        uint32_t index = slots[at & slot_mask(witness)];
        if (index == 0) return NULL;
        if (ht_hash32_equal(&witness->nodes[index - 1].hash, hash)) {
            return &witness->nodes[index - 1];
        }
    }
}

bool ht_witness_find(ht_bytes *out, const struct ht_witness *witness, const ht_hash32 *hash) {
    const struct ht_witness_node *node = witness->count > 0 ? find(witness, hash) : NULL;
    if (node != NULL) *out = node->bytes;
    return node != NULL;
}

static bool has_same(const struct ht_witness *witness, ht_bytes node) {
    if (witness->count == 0) return false;
    const uint32_t *slots = look_slots(witness);
    size_t place = place_of_look(node);
    for (size_t i = 0; i < LOOK_PROBES; i++) {
        uint32_t index = slots[(place + i) & slot_mask(witness)];
        if (index == 0) return false;
        if (ht_bytes_equal(witness->nodes[index - 1].bytes, node)) return true;
    }
    return false;
}

static void enter(struct ht_witness *witness, size_t index) {
    const struct ht_witness_node *node = &witness->nodes[index];
    const size_t mask = slot_mask(witness);
    uint32_t *slots = hash_slots(witness);
    size_t at = place_of_hash(&node->hash);
    while (slots[at & mask] != 0) at++;
    slots[at & mask] = (uint32_t)(index + 1);
    slots = look_slots(witness);
    at = place_of_look(node->bytes);
    for (size_t i = 0; i < LOOK_PROBES; i++) {
        if (slots[(at + i) & mask] != 0) continue;
        slots[(at + i) & mask] = (uint32_t)(index + 1);
        break;
    }
}

static bool grow(struct ht_witness *witness) {
    size_t cap = witness->cap == 0 ? CAP_MIN : 2 * witness->cap;
    struct ht_witness_node *nodes = realloc(witness->nodes, cap * sizeof *nodes);
    if (nodes == NULL) return false;
    witness->nodes = nodes;
    uint32_t *slots = calloc(4 * cap, sizeof *slots);
    if (slots == NULL) return false;
    free(witness->slots);
    witness->slots = slots;
    witness->cap = cap;
    for (size_t i = 0; i < witness->count; i++) enter(witness, i);
    return true;
}

enum ht_err ht_witness_add(struct ht_witness *witness, ht_bytes node, struct ht_why *why) {
    if (has_same(witness, node)) return HT_OK;
    ht_hash32 hash;
    ht_keccak256(&hash, node);
    witness->hash_count++;
    if (find(witness, &hash) != NULL) return HT_OK;
    struct ht_arena *arena = &witness->bytes;
    if (witness->count == witness->count_max || node.n > arena->max - arena->used) {
        return ht_fail(why, HT_ELIMIT, "witness_too_large",
                       "a witness of more than %zu nodes or %zu bytes", witness->count_max,
                       arena->max);
    }
    uint8_t *copy = NULL;
    if (witness->count < witness->cap || grow(witness)) copy = ht_arena_alloc(arena, node.n);
    if (copy == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for a witness");
    if (node.n > 0) memcpy(copy, node.p, node.n);
    witness->nodes[witness->count] =
        (struct ht_witness_node){.hash = hash, .bytes = ht_bytes_of(copy, node.n)};
    enter(witness, witness->count++);
    return HT_OK;
}

enum ht_err ht_witness_add_used(struct ht_witness *witness, const struct ht_witness *from,
                                struct ht_why *why) {
    enum ht_err err = HT_OK;
    for (size_t i = 0; i < from->count && err == HT_OK; i++) {
        if (from->nodes[i].is_used) err = ht_witness_add(witness, from->nodes[i].bytes, why);
    }
    return err;
}

/* One step with the node that the walk needs. */
static enum ht_err step(struct ht_trie_walk *walk, ht_bytes *bytes, struct ht_witness *witness,
                        struct ht_why *why) {
    struct ht_witness_node *node = find(witness, &walk->next);
    if (node == NULL) {
        return ht_fail(why, HT_EUNVERIFIED, "proof_missing_node",
                       "the witness has no node for the key's nibble %zu", walk->depth);
    }
    witness->used_count += !node->is_used;
    node->is_used = true;
    *bytes = node->bytes;
    return ht_trie_walk_step(walk, node->bytes, why);
}

/* nodes is NULL when the way is not wanted. */
static enum ht_err walk_path(ht_bytes *value, ht_bytes *nodes, size_t *count, size_t max,
                             struct ht_witness *witness, const ht_hash32 *root, ht_bytes key,
                             struct ht_why *why) {
    struct ht_trie_walk walk;
    ht_trie_walk_init(&walk, root, key);
    if (ht_hash32_equal(root, &ht_trie_empty_root)) walk.state = HT_TRIE_ABSENT;
    size_t n = 0;
    while (walk.state == HT_TRIE_NEEDS_NODE) {
        ht_bytes bytes = {0};
        enum ht_err err = step(&walk, &bytes, witness, why);
        if (err != HT_OK) return err;
        if (nodes != NULL && n == max) {
            return ht_fail(why, HT_ELIMIT, "proof_too_long", "a proof of more than %zu nodes", max);
        }
        if (nodes != NULL) nodes[n] = bytes;
        n++;
    }
    *value = walk.value;
    *count = n;
    return HT_OK;
}

enum ht_err ht_witness_prove(ht_bytes *value, struct ht_witness *witness, const ht_hash32 *root,
                             ht_bytes key, struct ht_why *why) {
    size_t count = 0;
    return walk_path(value, NULL, &count, 0, witness, root, key, why);
}

enum ht_err ht_witness_path(ht_bytes *value, ht_bytes *nodes, size_t *count, size_t max,
                            struct ht_witness *witness, const ht_hash32 *root, ht_bytes key,
                            struct ht_why *why) {
    return walk_path(value, nodes, count, max, witness, root, key, why);
}

enum ht_err ht_witness_check_used(const struct ht_witness *witness, struct ht_why *why) {
    size_t unused = witness->count - witness->used_count;
    if (unused == 0) return HT_OK;
    return ht_fail(why, HT_EUNVERIFIED, "proof_extra_nodes",
                   "%zu of the witness's %zu nodes prove nothing", unused, witness->count);
}
