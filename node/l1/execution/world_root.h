/* A state that is known as a whole, and the root of what a world makes of it.
 *
 * For small states: genesis, test vectors, replaying a chain from its beginning. The known state is
 * a table; it gives a world its source, and the root is made from all of its entries with the
 * world's changes laid over them (Yellow Paper 4.1 and appendix D). Does not change the world.
 *
 * Reasons: those of trie_build.h, no_room HT_ELIMIT, no_memory HT_ENOMEM. */
#ifndef HT_L1_EXECUTION_WORLD_ROOT_H
#define HT_L1_EXECUTION_WORLD_ROOT_H

#include "node/evm/world.h"

struct ht_known_slot {
    ht_u256 key, value; /* a value of zero is no entry */
};

struct ht_known_account {
    ht_addr20 address;
    uint64_t nonce;
    ht_u256 balance; /* wei */
    ht_bytes code;   /* the caller's, as long as the state is used */
    struct ht_known_slot *slots;
    size_t slot_count;
    /* Set by ht_known_state_prepare. */
    ht_hash32 address_hash, code_hash, storage_root;
};

/* Accounts and slots are the caller's memory. */
struct ht_known_state {
    struct ht_known_account *accounts;
    size_t count;
    /* Answers of the source to BLOCKHASH; NULL: HT_EAGAIN "missing". */
    enum ht_err (*block_hash)(void *user, ht_hash32 *out, uint64_t number, struct ht_why *why);
    void *user;
};

/* Puts accounts and slots in order, as everything below needs them, and makes hashes and storage
 * roots. HT_EINPUT "state_twice" for an address or a key that stands there twice. */
enum ht_err ht_known_state_prepare(struct ht_known_state *state, struct ht_why *why) HT_MUST_USE;

/* The state as a world's source. It must outlive the world; may serve many worlds and threads at
 * once when block_hash can. */
void ht_known_state_source(struct ht_evm_source *out, struct ht_known_state *state);

/* The root of the state after everything that the world's transactions did to it; with world NULL
 * the state's own. The world's source is this state. */
enum ht_err ht_world_root(ht_hash32 *out, const struct ht_known_state *state,
                          struct ht_evm_world *world, struct ht_why *why) HT_MUST_USE;

#endif
