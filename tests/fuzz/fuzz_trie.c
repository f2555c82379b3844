/* Tries, by the first byte of the input:
 *   0  puts and deletions: the root does not depend on their order, every key is proven with what a
 *      plain list says, and no proof survives a changed byte
 *   1  made-up nodes, each linked to the next by its hash, against a second reading of the appendix
 *      that is slow and obvious
 *   2  a made-up answer to eth_getProof and an account
 * In 1 a node's first a0 fe fe fe and the 28 bytes behind it become the hash of the next node,
 * since nobody finds nodes that fit by chance. */
#include <stdlib.h>

#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/eth_get_proof.h"
#include "node/l1/execution/trie.h"
#include "node/l1/execution/trie_build.h"

#define PUTS_MAX 64U
#define KEY_MAX 4U
#define NODES_MAX 16U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Takes up to n bytes from the front of what is left. */
static ht_bytes take(ht_bytes *rest, size_t n) {
    if (n > rest->n) n = rest->n;
    ht_bytes taken = ht_bytes_of(rest->p, n);
    *rest = ht_bytes_of(rest->p + n, rest->n - n);
    return taken;
}

static size_t take_byte(ht_bytes *rest) {
    ht_bytes one = take(rest, 1);
    return one.n > 0 ? one.p[0] : 0;
}

static void must(bool is_good) {
    if (!is_good) abort();
}

/* --- 0: puts ---------------------------------------------------------------------------------- */

struct pair {
    ht_bytes key, value;
};

static enum ht_err keep_node(void *user, ht_bytes node, struct ht_why *why) {
    return ht_witness_add(user, node, why);
}

static void spoil(const ht_hash32 *root, ht_bytes key, ht_bytes *nodes, size_t count, size_t at) {
    uint8_t bad[1024];
    ht_bytes good = nodes[at % count];
    ht_bytes value;
    must(good.n <= sizeof bad);
    memcpy(bad, good.p, good.n);
    bad[at % good.n] ^= (uint8_t)(1 + at % 255);
    nodes[at % count] = ht_bytes_of(bad, good.n);
    must(ht_trie_prove(&value, root, key, nodes, count, NULL) == HT_EUNVERIFIED);
    nodes[at % count] = good;
    must(ht_trie_prove(&value, root, key, nodes, at % count, NULL) == HT_EUNVERIFIED);
}

static void check_pair(struct ht_witness *witness, const ht_hash32 *root, const struct pair *pair,
                       size_t at) {
    ht_bytes value, nodes[2 * KEY_MAX + 2];
    size_t count = 0;
    must(ht_witness_path(&value, nodes, &count, 2 * KEY_MAX + 2, witness, root, pair->key, NULL) ==
         HT_OK);
    must(ht_bytes_equal(value, pair->value));
    must(ht_trie_prove(&value, root, pair->key, nodes, count, NULL) == HT_OK);
    must(ht_bytes_equal(value, pair->value));
    if (count > 0) spoil(root, pair->key, nodes, count, at);
}

static void check_puts(ht_bytes rest) {
    struct pair pairs[PUTS_MAX];
    size_t count = 0;
    struct ht_trie trie, again;
    struct ht_witness witness;
    const struct ht_trie_visitor visitor = {keep_node, &witness};
    ht_hash32 root, other;
    ht_trie_init(&trie, 2 * PUTS_MAX);
    ht_trie_init(&again, PUTS_MAX);
    ht_witness_init(&witness, 1000, 1 << 20);
    for (size_t puts = 0; rest.n > 0 && puts < 2 * PUTS_MAX && count < PUTS_MAX; puts++) {
        struct pair pair = {.key = take(&rest, take_byte(&rest) % (KEY_MAX + 1))};
        pair.value = take(&rest, take_byte(&rest) % 48);
        must(ht_trie_put(&trie, pair.key, pair.value, NULL) == HT_OK);
        size_t i = 0;
        while (i < count && !ht_bytes_equal(pairs[i].key, pair.key)) i++;
        pairs[i] = pair;
        if (i == count) count++;
    }
    must(ht_trie_root(&root, &trie, &visitor, NULL) == HT_OK);
    for (size_t i = count; i > 0; i--) {
        must(ht_trie_put(&again, pairs[i - 1].key, pairs[i - 1].value, NULL) == HT_OK);
    }
    must(ht_trie_root(&other, &again, NULL, NULL) == HT_OK && ht_hash32_equal(&root, &other));
    for (size_t i = 0; i < count; i++) check_pair(&witness, &root, &pairs[i], i * 131 + count);
    must(ht_witness_check_used(&witness, NULL) == HT_OK);
    ht_trie_fini(&trie);
    ht_trie_fini(&again);
    ht_witness_fini(&witness);
}

/* --- 1: nodes --------------------------------------------------------------------------------- */

enum verdict { BAD, ABSENT, FOUND, NEXT, INSIDE };

struct slow {
    uint8_t key[2 * KEY_MAX]; /* nibbles that are left, one a byte */
    size_t key_n;
    bool is_behind_extension;
    ht_bytes out; /* value, hash or node */
};

static void drop_nibbles(struct slow *slow, size_t n) {
    memmove(slow->key, slow->key + n, slow->key_n - n);
    slow->key_n -= n;
}

static enum verdict slow_child(struct slow *slow, const struct ht_rlp_item *item) {
    slow->out = item->is_list ? item->whole : item->payload;
    if (item->is_list) return item->payload.n > 0 && item->whole.n < 32 ? INSIDE : BAD;
    if (item->payload.n == 0) return ABSENT;
    return item->payload.n == 32 ? NEXT : BAD;
}

static enum verdict slow_branch(struct slow *slow, const struct ht_rlp_item *items) {
    size_t occupied = 0;
    for (size_t i = 0; i < 17; i++) occupied += items[i].is_list || items[i].payload.n > 0;
    for (size_t i = 0; i < 16; i++) {
        if (slow_child(slow, &items[i]) == BAD) return BAD;
    }
    if (items[16].is_list || occupied < 2) return BAD;
    if (slow->key_n == 0) {
        slow->out = items[16].payload;
        return slow->out.n > 0 ? FOUND : ABSENT;
    }
    size_t way = slow->key[0];
    drop_nibbles(slow, 1);
    slow->is_behind_extension = false;
    return slow_child(slow, &items[way]);
}

/* Appendix C: the path's nibbles, and whether hex-prefix of them is what was there. */
static bool slow_path(uint8_t *nibbles, size_t *count, bool *is_leaf, ht_bytes path) {
    uint8_t all[600];
    if (path.n == 0 || 2 * path.n > sizeof all) return false;
    for (size_t i = 0; i < 2 * path.n; i++) {
        all[i] = (uint8_t)(i % 2 == 0 ? path.p[i / 2] / 16 : path.p[i / 2] % 16);
    }
    size_t skip = all[0] % 2 == 1 ? 1 : 2;
    *is_leaf = all[0] / 2 == 1;
    *count = 2 * path.n - skip;
    memcpy(nibbles, all + skip, *count);
    return all[0] == (*is_leaf ? 2U : 0U) + *count % 2 && (skip == 1 || all[1] == 0);
}

static enum verdict slow_short(struct slow *slow, const struct ht_rlp_item *items) {
    uint8_t nibbles[600];
    size_t count = 0;
    bool is_leaf = false;
    if (slow->is_behind_extension || items[0].is_list) return BAD;
    if (!slow_path(nibbles, &count, &is_leaf, items[0].payload)) return BAD;
    bool fits = count <= slow->key_n && memcmp(nibbles, slow->key, count) == 0;
    if (is_leaf) {
        slow->out = items[1].payload;
        if (items[1].is_list || items[1].payload.n == 0) return BAD;
        return fits && count == slow->key_n ? FOUND : ABSENT;
    }
    enum verdict verdict = slow_child(slow, &items[1]);
    if (count == 0 || verdict == BAD || verdict == ABSENT) return BAD;
    if (!fits) return ABSENT;
    drop_nibbles(slow, count);
    slow->is_behind_extension = true;
    return verdict;
}

static enum verdict slow_node(struct slow *slow, ht_bytes node) {
    struct ht_rlp_item items[17];
    ht_bytes rest = {0};
    size_t count = 0;
    if (ht_rlp_read_list(&rest, &node, NULL) != HT_OK || node.n != 0) return BAD;
    while (rest.n > 0) {
        if (count == 17 || ht_rlp_read_item(&items[count++], &rest, NULL) != HT_OK) return BAD;
    }
    if (count == 17) return slow_branch(slow, items);
    return count == 2 ? slow_short(slow, items) : BAD;
}

/* The verdict on a list of nodes that is linked from `root`; NEXT when one is missing. */
static enum verdict slow_prove(struct slow *slow, ht_hash32 root, const ht_bytes *nodes,
                               size_t count, size_t *used) {
    for (*used = 0; *used < count;) {
        ht_hash32 hash;
        ht_bytes node = nodes[*used];
        bool is_root = *used == 0;
        ht_keccak256(&hash, node);
        if (!ht_hash32_equal(&hash, &root)) return BAD;
        ++*used;
        if (is_root && node.n == 1 && node.p[0] == 0x80) return ABSENT;
        if (!is_root && node.n < 32) return BAD;
        enum verdict verdict = slow_node(slow, node);
        while (verdict == INSIDE) verdict = slow_node(slow, slow->out);
        if (verdict != NEXT) return verdict;
        memcpy(root.b, slow->out.p, sizeof root.b);
    }
    return NEXT;
}

static void link_nodes(uint8_t *bytes[NODES_MAX], const size_t *lengths, size_t count) {
    static const uint8_t marker[] = {0xa0, 0xfe, 0xfe, 0xfe};
    for (size_t i = count; i > 1; i--) {
        uint8_t *at = memmem(bytes[i - 2], lengths[i - 2], marker, sizeof marker);
        if (at == NULL || (size_t)(bytes[i - 2] + lengths[i - 2] - at) < 33) continue;
        ht_hash32 hash;
        ht_keccak256(&hash, ht_bytes_of(bytes[i - 1], lengths[i - 1]));
        memcpy(at + 1, hash.b, sizeof hash.b);
    }
}

static void compare_readings(const ht_hash32 *root, ht_bytes key, const ht_bytes *nodes,
                             size_t count) {
    struct slow slow = {.key_n = 2 * key.n};
    for (size_t i = 0; i < slow.key_n; i++) {
        slow.key[i] = (uint8_t)(i % 2 == 0 ? key.p[i / 2] / 16 : key.p[i / 2] % 16);
    }
    size_t used = 0;
    ht_bytes value = {0};
    ht_bytes from_set = {0};
    struct ht_why why = {.code = "none"};
    enum verdict verdict = slow_prove(&slow, *root, nodes, count, &used);
    enum ht_err err = ht_trie_prove(&value, root, key, nodes, count, &why);
    bool ends = verdict == FOUND || verdict == ABSENT;
    must((err == HT_OK) == (ends && used == count));
    must(!ends || used == count || strcmp(why.code, "proof_extra_nodes") == 0);
    must(verdict != NEXT || strcmp(why.code, "proof_missing_node") == 0);
    if (err != HT_OK) return;
    must(ht_bytes_equal(value, verdict == FOUND ? slow.out : (ht_bytes){0}));
    struct ht_witness witness;
    ht_witness_init(&witness, NODES_MAX, 1 << 16);
    for (size_t i = count; i > 0; i--) {
        must(ht_witness_add(&witness, nodes[i - 1], NULL) == HT_OK);
    }
    must(ht_witness_prove(&from_set, &witness, root, key, NULL) == HT_OK);
    must(ht_bytes_equal(value, from_set));
    ht_witness_fini(&witness);
}

static void check_nodes(ht_bytes rest) {
    uint8_t *bytes[NODES_MAX];
    size_t lengths[NODES_MAX];
    ht_bytes nodes[NODES_MAX];
    size_t count = 0;
    ht_bytes key = take(&rest, take_byte(&rest) % (KEY_MAX + 1));
    while (rest.n > 0 && count < NODES_MAX) {
        ht_bytes node = take(&rest, take_byte(&rest));
        bytes[count] = malloc(node.n + 1);
        must(bytes[count] != NULL);
        memcpy(bytes[count], node.p, node.n);
        lengths[count++] = node.n;
    }
    link_nodes(bytes, lengths, count);
    for (size_t i = 0; i < count; i++) nodes[i] = ht_bytes_of(bytes[i], lengths[i]);
    ht_hash32 root = ht_trie_empty_root;
    if (count > 0) {
        ht_keccak256(&root, nodes[0]);
        compare_readings(&root, key, nodes, count);
    }
    for (size_t i = 0; i < count; i++) free(bytes[i]);
}

/* --- 2: answers ------------------------------------------------------------------------------- */

static void check_account(ht_bytes rlp) {
    struct ht_account account;
    uint8_t again[HT_ACCOUNT_RLP_MAX];
    struct ht_why why = {.code = NULL};
    if (ht_account_decode(&account, rlp, &why) != HT_OK) {
        must(why.code != NULL);
        return;
    }
    size_t n = ht_account_encode(again, &account);
    must(ht_bytes_equal(ht_bytes_of(again, n), rlp));
}

static void check_answer(ht_bytes text) {
    json_t *json = NULL;
    struct ht_arena arena;
    struct ht_get_proof answer;
    struct ht_why why = {.code = NULL};
    check_account(text);
    if (ht_json_parse(&json, text, 1 << 20, NULL) != HT_OK) return;
    ht_arena_init(&arena, 1 << 22);
    if (ht_get_proof_read(&answer, &arena, json, &why) == HT_OK) {
        struct ht_account account;
        bool exists = false;
        ht_hash32 root = ht_trie_empty_root;
        if (answer.proof.count > 0) ht_keccak256(&root, answer.proof.nodes[0]);
        ht_hash32 *slots = calloc(answer.slot_count + 1, sizeof *slots);
        must(slots != NULL);
        for (size_t i = 0; i < answer.slot_count; i++) slots[i] = answer.slots[i].slot;
        enum ht_err err = ht_get_proof_check(&account, &exists, &answer, &root, &answer.address,
                                             slots, answer.slot_count, &why);
        must(err == HT_OK || why.code != NULL);
        free(slots);
    } else {
        must(why.code != NULL);
    }
    ht_arena_fini(&arena);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    ht_bytes rest = ht_bytes_of(data, n);
    if (n == 0) return 0;
    switch (take_byte(&rest) % 3) {
    case 0: check_puts(rest); break;
    case 1: check_nodes(rest); break;
    case 2: check_answer(rest); break;
    }
    return 0;
}
