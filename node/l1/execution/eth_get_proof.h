/* The answer to eth_getProof: read from JSON, and checked against what was asked.
 *
 * EIP-1186. Everything in an answer is a claim until ht_get_proof_check has returned HT_OK. Clients
 * differ in how they write numbers, so 0x, 0x0 and 0x000…0 are all zero here; nodes and hashes are
 * exact. For an account that does not exist, clients send the empty hashes or zero; both are taken.
 *
 * Reasons, besides those of json.h, trie.h and account.h:
 *     proof_too_large  HT_ELIMIT: more nodes or slots, or longer nodes, than a proof can have
 *     wrong_address    HT_EUNVERIFIED: about another account than the one asked for
 *     wrong_slot       HT_EUNVERIFIED: not the slots asked for, in their order
 *     claim_differs    HT_EUNVERIFIED: a number or hash is not what the answer's own proof says
 *     no_memory        HT_ENOMEM */
#ifndef HT_L1_EXECUTION_ETH_GET_PROOF_H
#define HT_L1_EXECUTION_ETH_GET_PROOF_H

#include "node/base/arena.h"
#include "node/codec/json.h"
#include "node/l1/execution/account.h"

#define HT_GET_PROOF_SLOTS_MAX 1024U
/* A node for each nibble of a hash, and the last one. */
#define HT_GET_PROOF_NODES_MAX 65U
/* A branch without a value has at most 532. */
#define HT_GET_PROOF_NODE_MAX 1024U

struct ht_proof_nodes {
    ht_bytes *nodes;
    size_t count;
};

struct ht_slot_claim {
    ht_hash32 slot;
    uint8_t value[32];
    struct ht_proof_nodes proof;
};

struct ht_get_proof {
    ht_addr20 address;
    uint8_t nonce[32], balance[32];
    ht_hash32 storage_root, code_hash;
    struct ht_proof_nodes proof;
    struct ht_slot_claim *slots;
    size_t slot_count;
};

/* Reads an answer, the value of "result". Everything it points to is in the arena. */
enum ht_err ht_get_proof_read(struct ht_get_proof *out, struct ht_arena *arena,
                              const json_t *result, struct ht_why *why) HT_MUST_USE;

/* One element of "storageProof": {"key", "value", "proof"}. */
enum ht_err ht_get_proof_read_slot(struct ht_slot_claim *out, struct ht_arena *arena,
                                   const json_t *element, struct ht_why *why) HT_MUST_USE;

/* Proves the answer under a state root, for the address and the slots that were asked for. On
 * HT_OK *out is the account, *exists says whether there is one, and the values of answer->slots are
 * proven. Does not allocate. */
enum ht_err ht_get_proof_check(struct ht_account *out, bool *exists,
                               const struct ht_get_proof *answer, const ht_hash32 *state_root,
                               const ht_addr20 *address, const ht_hash32 *slots, size_t slot_count,
                               struct ht_why *why) HT_MUST_USE;

/* The part for one slot: its value, proven under the storage root, is the claimed one. */
enum ht_err ht_get_proof_check_slot(const struct ht_slot_claim *claim,
                                    const ht_hash32 *storage_root, struct ht_why *why) HT_MUST_USE;

/* Adds all nodes of the answer to a witness. */
enum ht_err ht_get_proof_to_witness(struct ht_witness *witness, const struct ht_get_proof *answer,
                                    struct ht_why *why) HT_MUST_USE;

#endif
