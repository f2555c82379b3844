/* Changes of tries out of any nodes, and changes of small tries against building them anew.
 *
 * First byte: what follows. Odd: nodes (a length byte, then so many bytes), the first of them the
 * root; changes over them must end in a root or with a reason. Even: puts and deletes of keys that
 * differ in few nibbles (two bytes each: which key, which value), half of them before the root that
 * the change begins with; the root must be the one of all entries, unless a node is missing. */
#include <stdlib.h>

#include "node/crypto/keccak.h"
#include "node/l1/execution/trie.h"
#include "node/l1/execution/trie_build.h"
#include "node/l1/execution/trie_update.h"

#define NODES_MAX 4096U
#define BYTES_MAX ((size_t)4 << 20)
#define STEPS_MAX 64U
#define KEYS 256U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const uint8_t VALUE[40] = {1};

static void must(bool claim) {
    if (!claim) abort();
}

/* --- any nodes --------------------------------------------------------------------------------*/

static void run_nodes(ht_bytes data) {
    struct ht_witness nodes;
    struct ht_trie_gap gap = {.nibbles = 0};
    struct ht_why why = {.code = NULL};
    ht_hash32 root = ht_trie_empty_root, after;
    ht_witness_init(&nodes, NODES_MAX, BYTES_MAX);
    for (bool is_first = true; data.n > 0; is_first = false) {
        size_t length = data.p[0] < data.n - 1 ? data.p[0] : data.n - 1;
        const ht_bytes node = ht_bytes_of(data.p + 1, length);
        if (is_first) ht_keccak256(&root, node);
        must(ht_witness_add(&nodes, node, NULL) == HT_OK);
        data = ht_bytes_of(data.p + 1 + length, data.n - 1 - length);
    }
    const struct ht_trie_change changes[] = {
        {.key = {{0}}, .value = HT_BYTES(VALUE)},
        {.key = {{0x11, 0x11}}, .value = ht_bytes_of(VALUE, 1)},
        {.key = {{0x20}}},
        {.key = {{0x21}}},
    };
    enum ht_err err = ht_trie_update(&after, &gap, &nodes, &root, changes, 4, &why);
    must(err == HT_OK || why.code != NULL);
    must(err != HT_EAGAIN || (gap.nibbles > 0 && gap.nibbles <= 64));
    ht_witness_fini(&nodes);
}

/* --- the same as building ---------------------------------------------------------------------*/

static enum ht_err keep(void *user, ht_bytes node, struct ht_why *why) {
    return ht_witness_add(user, node, why);
}

static ht_hash32 key_of(uint8_t n) {
    ht_hash32 key = {{0}};
    key.b[n & 1U ? 0 : 29] = (uint8_t)(n >> 4);
    key.b[31] = n;
    return key;
}

static ht_bytes value_of(uint8_t n) {
    return n % 3 == 0 ? (ht_bytes){0} : ht_bytes_of(VALUE, n % 40U + 1U);
}

/* values[k]: what key k has; NULL when it was never put. */
static ht_hash32 build(const ht_bytes *values, struct ht_witness *nodes) {
    const struct ht_trie_visitor visitor = {.node = keep, .user = nodes};
    struct ht_trie trie;
    ht_hash32 root;
    ht_trie_init(&trie, KEYS);
    for (unsigned k = 0; k < KEYS; k++) {
        const ht_hash32 key = key_of((uint8_t)k);
        must(ht_trie_put(&trie, HT_BYTES(key.b), values[k], NULL) == HT_OK);
    }
    must(ht_trie_root(&root, &trie, nodes != NULL ? &visitor : NULL, NULL) == HT_OK);
    ht_trie_fini(&trie);
    return root;
}

static void run_changes(ht_bytes data) {
    static ht_bytes values[KEYS];
    static struct ht_trie_change changes[KEYS];
    bool is_changed[KEYS] = {false};
    struct ht_witness nodes;
    struct ht_trie_gap gap;
    ht_hash32 after;
    size_t count = 0, half = data.n / 4 * 2;
    memset(values, 0, sizeof values);
    for (size_t i = 0; i + 1 < half; i += 2) values[data.p[i]] = value_of(data.p[i + 1]);
    ht_witness_init(&nodes, NODES_MAX, BYTES_MAX);
    const ht_hash32 root = build(values, &nodes);
    for (size_t i = half; i + 1 < data.n; i += 2) {
        values[data.p[i]] = value_of(data.p[i + 1]);
        is_changed[data.p[i]] = true;
    }
    for (unsigned k = 0; k < KEYS; k++) {
        if (!is_changed[k]) continue;
        changes[count++] = (struct ht_trie_change){key_of((uint8_t)k), values[k]};
    }
    must(ht_trie_update(&after, &gap, &nodes, &root, changes, count, NULL) == HT_OK);
    const ht_hash32 want = build(values, NULL);
    must(ht_hash32_equal(&after, &want));
    ht_witness_fini(&nodes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n == 0 || n > 2 * STEPS_MAX * 32) return 0;
    if (data[0] % 2 == 1) {
        run_nodes(ht_bytes_of(data + 1, n - 1));
    } else {
        run_changes(ht_bytes_of(data + 1, n - 1));
    }
    return 0;
}
