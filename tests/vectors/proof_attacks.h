/* Ways to spoil a good proof, none of which may be accepted. */
#ifndef HT_TESTS_VECTORS_PROOF_ATTACKS_H
#define HT_TESTS_VECTORS_PROOF_ATTACKS_H

#include "node/l1/execution/eth_get_proof.h"

/* How many spoiled proofs there were since the program began: each with one bit of one byte of one
 * node the other way round. */
struct ht_vec_flips {
    size_t bytes; /* of nodes, each flipped in all of its bits */
    size_t flipped;
    size_t refused; /* with the reason that the node is not the one its parent names */
};
struct ht_vec_flips ht_vec_flips(void);

/* Checks that the proof of `key` (hashed already) under `root` is accepted, and that it is refused
 * with the right reason after each of these: any one bit flipped, nodes cut off its end, a node
 * more, two nodes swapped, another root. Returns HT_OK, or HT_EBUG with `why` saying what went
 * through. */
enum ht_err ht_vec_attack_proof(const ht_hash32 *root, const ht_hash32 *key,
                                const struct ht_proof_nodes *proof, struct ht_why *why) HT_MUST_USE;

/* The same for all proofs of an answer to eth_getProof that is good. */
enum ht_err ht_vec_attack_answer(const ht_hash32 *state_root, const struct ht_get_proof *answer,
                                 struct ht_why *why) HT_MUST_USE;

#endif
