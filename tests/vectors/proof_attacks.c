/* Spoiling proofs: one change at a time, each put back before the next. */
#include "tests/vectors/proof_attacks.h"

#include "node/crypto/keccak.h"
#include "node/l1/execution/trie.h"

#define BYTE_BITS 8U

static struct ht_vec_flips flips;

struct ht_vec_flips ht_vec_flips(void) {
    return flips;
}

struct attack {
    const ht_hash32 *root, *key;
    ht_bytes nodes[HT_GET_PROOF_NODES_MAX + 1];
    size_t count;
    struct ht_why *why;
};

/* HT_OK when what the attack holds now is refused with that reason. */
static enum ht_err expect(const struct attack *attack, size_t count, const char *code,
                          const char *what) {
    ht_bytes value;
    struct ht_why got = {.code = "accepted", .text = ""};
    enum ht_err err =
        ht_trie_prove(&value, attack->root, HT_BYTES(attack->key->b), attack->nodes, count, &got);
    if (err == HT_EUNVERIFIED && strcmp(got.code, code) == 0) return HT_OK;
    return ht_fail(attack->why, HT_EBUG, "attack", "%s: expected %s, got %s", what, code, got.code);
}

static enum ht_err flip_bits(struct attack *attack, size_t i) {
    uint8_t bad[HT_GET_PROOF_NODE_MAX];
    const ht_bytes good = attack->nodes[i];
    enum ht_err err = HT_OK;
    ht_assert(good.n <= sizeof bad);
    memcpy(bad, good.p, good.n);
    attack->nodes[i] = ht_bytes_of(bad, good.n);
    flips.bytes += good.n;
    for (size_t bit = 0; bit < good.n * BYTE_BITS && err == HT_OK; bit++) {
        bad[bit / BYTE_BITS] ^= (uint8_t)(1U << bit % BYTE_BITS);
        err = expect(attack, attack->count, "proof_wrong_node", "a bit flipped");
        bad[bit / BYTE_BITS] = good.p[bit / BYTE_BITS];
        flips.flipped++;
        if (err == HT_OK) flips.refused++;
    }
    attack->nodes[i] = good;
    return err;
}

static enum ht_err swap_first_two(struct attack *attack) {
    if (attack->count < 2) return HT_OK;
    const ht_bytes first = attack->nodes[0];
    attack->nodes[0] = attack->nodes[1];
    attack->nodes[1] = first;
    enum ht_err err = expect(attack, attack->count, "proof_wrong_node", "two nodes swapped");
    attack->nodes[1] = attack->nodes[0];
    attack->nodes[0] = first;
    return err;
}

enum ht_err ht_vec_attack_proof(const ht_hash32 *root, const ht_hash32 *key,
                                const struct ht_proof_nodes *proof, struct ht_why *why) {
    static const uint8_t empty[] = {0x80};
    struct attack attack = {.root = root, .key = key, .count = proof->count, .why = why};
    ht_bytes value;
    enum ht_err err =
        ht_trie_prove(&value, root, HT_BYTES(key->b), proof->nodes, proof->count, why);
    if (err != HT_OK) return err;
    for (size_t i = 0; i < proof->count; i++) attack.nodes[i] = proof->nodes[i];
    attack.nodes[proof->count] = proof->count > 0 ? proof->nodes[0] : HT_BYTES(empty);
    /* No nodes and the empty one both stand for the empty trie. */
    const bool is_empty = ht_hash32_equal(root, &ht_trie_empty_root);
    for (size_t i = 0; i < proof->count && err == HT_OK; i++) err = flip_bits(&attack, i);
    for (size_t n = 0; n < proof->count && err == HT_OK && !is_empty; n++) {
        err = expect(&attack, n, "proof_missing_node", "nodes cut off");
    }
    if (err == HT_OK && !is_empty) {
        err = expect(&attack, proof->count + 1, "proof_extra_nodes", "a node more");
    }
    if (err == HT_OK) err = swap_first_two(&attack);
    ht_hash32 other = *root;
    other.b[31] ^= 1;
    attack.root = &other;
    const char *code = proof->count > 0 ? "proof_wrong_node" : "proof_missing_node";
    if (err == HT_OK) err = expect(&attack, proof->count, code, "another root");
    return err;
}

enum ht_err ht_vec_attack_answer(const ht_hash32 *state_root, const struct ht_get_proof *answer,
                                 struct ht_why *why) {
    ht_hash32 key;
    ht_keccak256(&key, HT_BYTES(answer->address.b));
    enum ht_err err = ht_vec_attack_proof(state_root, &key, &answer->proof, why);
    for (size_t i = 0; i < answer->slot_count && err == HT_OK; i++) {
        const struct ht_slot_claim *claim = &answer->slots[i];
        ht_keccak256(&key, HT_BYTES(claim->slot.b));
        err = ht_vec_attack_proof(&answer->storage_root, &key, &claim->proof, why);
    }
    struct ht_get_proof lie = *answer;
    struct ht_why got = {.code = "accepted", .text = ""};
    struct ht_account account;
    bool exists = false;
    lie.slot_count = 0;
    lie.balance[31] ^= 1;
    if (err == HT_OK && ht_get_proof_check(&account, &exists, &lie, state_root, &answer->address,
                                           NULL, 0, &got) != HT_EUNVERIFIED) {
        err = ht_fail(why, HT_EBUG, "attack", "a balance that differs: %s", got.code);
    }
    return err;
}
