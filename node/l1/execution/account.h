/* Accounts, storage and code, proven under a state root.
 *
 * Yellow Paper, section 4.1: an account is rlp([nonce, balance, storageRoot, codeHash]) under
 * keccak256(address) in the state trie; a slot is rlp(value without leading zeros) under
 * keccak256(slot) in the account's storage trie, and not there when it is zero.
 *
 * Reasons: those of trie.h, and for a value that is proven but not what it should be
 *     account_malformed  HT_EINPUT: no list of these four in canonical RLP
 *     storage_malformed  HT_EINPUT: no canonical integer of at most 32 bytes
 *     code_differs       HT_EUNVERIFIED: the code has another hash
 * A slot that was cleared and is kept as zero reads as zero: the Yellow Paper does not keep it,
 * anvil does, and zero is what the root proves. */
#ifndef HT_L1_EXECUTION_ACCOUNT_H
#define HT_L1_EXECUTION_ACCOUNT_H

#include "node/l1/execution/witness.h"

struct ht_account {
    uint64_t nonce;
    uint8_t balance[32]; /* wei, big-endian */
    ht_hash32 storage_root;
    ht_hash32 code_hash;
};

/* The most bytes of an encoded account. */
#define HT_ACCOUNT_RLP_MAX 110U

/* keccak256 of nothing: the code hash of an account without code. */
extern const ht_hash32 ht_account_empty_code_hash;

/* What an account that does not exist is like: zeros, empty_root, no code. */
void ht_account_init_empty(struct ht_account *out);

/* Decodes an account that fills the view; only what encodes back to the same bytes. */
enum ht_err ht_account_decode(struct ht_account *out, ht_bytes rlp, struct ht_why *why) HT_MUST_USE;
/* Returns the length. */
size_t ht_account_encode(uint8_t out[static HT_ACCOUNT_RLP_MAX], const struct ht_account *account);

/* The account at an address, by a proof as ht_trie_prove wants it. *exists is false when its
 * absence is proven; *out is then the empty account. Do not allocate. Any thread. */
enum ht_err ht_account_prove(struct ht_account *out, bool *exists, const ht_hash32 *state_root,
                             const ht_addr20 *address, const ht_bytes *nodes, size_t count,
                             struct ht_why *why) HT_MUST_USE;

/* The value of a slot, zero when its absence is proven; big-endian. */
enum ht_err ht_storage_prove(uint8_t value[static 32], const ht_hash32 *storage_root,
                             const ht_hash32 *slot, const ht_bytes *nodes, size_t count,
                             struct ht_why *why) HT_MUST_USE;

/* The same out of a witness. */
enum ht_err ht_account_prove_witness(struct ht_account *out, bool *exists,
                                     struct ht_witness *witness, const ht_hash32 *state_root,
                                     const ht_addr20 *address, struct ht_why *why) HT_MUST_USE;
enum ht_err ht_storage_prove_witness(uint8_t value[static 32], struct ht_witness *witness,
                                     const ht_hash32 *storage_root, const ht_hash32 *slot,
                                     struct ht_why *why) HT_MUST_USE;

/* HT_OK when keccak256(code) is the hash, code_differs otherwise. */
enum ht_err ht_code_check(const ht_hash32 *code_hash, ht_bytes code,
                          struct ht_why *why) HT_MUST_USE;

#endif
