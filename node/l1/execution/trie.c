/* A proof of one key: each node is hashed, compared with what refers to it, and walked through. */
#include "node/l1/execution/trie.h"

#include "node/codec/rlp.h"
#include "node/crypto/keccak.h"
#include "node/l1/execution/trie_walk.h"

const ht_hash32 ht_trie_empty_root = {
    {0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45,
     0xe6, 0x92, 0xc0, 0xf8, 0x6e, 0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c,
     0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21},
};

static enum ht_err step_checked(struct ht_trie_walk *walk, ht_bytes node, struct ht_why *why) {
    ht_hash32 hash;
    ht_keccak256(&hash, node);
    if (!ht_hash32_equal(&hash, &walk->next)) {
        return ht_fail(why, HT_EUNVERIFIED, "proof_wrong_node",
                       "its hash is not the one that leads to it");
    }
    return ht_trie_walk_step(walk, node, why);
}

enum ht_err ht_trie_prove(ht_bytes *value, const ht_hash32 *root, ht_bytes key,
                          const ht_bytes *nodes, size_t count, struct ht_why *why) {
    if (count == 0 && ht_hash32_equal(root, &ht_trie_empty_root)) {
        *value = (ht_bytes){0};
        return HT_OK;
    }
    struct ht_trie_walk walk;
    ht_trie_walk_init(&walk, root, key);
    size_t used = 0;
    while (walk.state == HT_TRIE_NEEDS_NODE) {
        if (used == count) {
            return ht_fail(why, HT_EUNVERIFIED, "proof_missing_node",
                           "the proof stops after %zu nodes, before the key's place", count);
        }
        enum ht_err err = step_checked(&walk, nodes[used], why);
        if (err != HT_OK) {
            ht_why_context(why, "proof node %zu of %zu", used + 1, count);
            return err;
        }
        used++;
    }
    if (used != count) {
        return ht_fail(why, HT_EUNVERIFIED, "proof_extra_nodes",
                       "the proof needs %zu nodes but has %zu", used, count);
    }
    *value = walk.value;
    return HT_OK;
}

size_t ht_trie_index_key(uint8_t out[static HT_TRIE_INDEX_KEY_MAX], uint64_t index) {
    uint8_t digits[8];
    size_t n = 0;
    for (uint64_t left = index; left > 0; left >>= 8) n++;
    for (size_t i = 0; i < n; i++) digits[i] = (uint8_t)(index >> (8 * (n - 1 - i)));
    size_t header = index > 0 && index < 0x80 ? 0 : ht_rlp_header(out, false, n);
    memcpy(out + header, digits, n);
    return header + n;
}
