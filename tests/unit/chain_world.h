/* A made-up execution chain for tests: states with real proofs, blocks with branches, and what an
 * honest provider that follows one of its heads answers. Everything fails the running test on
 * error. */
#ifndef HT_TESTS_UNIT_CHAIN_WORLD_H
#define HT_TESTS_UNIT_CHAIN_WORLD_H

#include "node/l1/execution/account.h"
#include "tests/unit/block_maker.h"
#include "tests/unit/trie_maker.h"

#define HT_CW_ACCOUNTS_MAX 4U
#define HT_CW_STATES_MAX 16U

struct ht_cw_account {
    ht_addr20 address;
    struct ht_account account;
    struct ht_trie_maker storage;
    ht_bytes code;
};

struct ht_cw_state {
    struct ht_trie_maker trie;
    struct ht_cw_account accounts[HT_CW_ACCOUNTS_MAX];
    size_t count;
};

struct ht_cw_block {
    struct ht_exec_header_verified verified;
    const struct ht_cw_block *parent; /* NULL: the world begins here */
    struct ht_cw_state *state;        /* NULL: nobody has it */
    struct ht_block_maker *maker;     /* NULL: an empty block */
};

struct ht_cw {
    struct ht_cw_block **blocks;
    size_t count;
    struct ht_cw_state *states[HT_CW_STATES_MAX];
    size_t state_count;
    struct ht_exec_header empty; /* of an empty block */
};

void ht_cw_init(struct ht_cw *world);
void ht_cw_fini(struct ht_cw *world);

/* A state; put accounts in, then finish it. Slots go in before the account is finished. */
struct ht_cw_state *ht_cw_state(struct ht_cw *world);
struct ht_cw_account *ht_cw_account(struct ht_cw_state *state, const ht_addr20 *address,
                                    uint64_t nonce, uint64_t wei);
void ht_cw_slot(struct ht_cw_account *account, const ht_hash32 *slot, const ht_hash32 *value);
/* The code is the caller's. */
void ht_cw_code(struct ht_cw_account *account, ht_bytes code);
/* Puts the block's hash into the history contract, which is the state's last account. */
void ht_cw_history(struct ht_cw_state *state, const struct ht_cw_block *block);
void ht_cw_state_finish(struct ht_cw_state *state);

/* An empty block of Prague on top of parent, or with that number when there is none; branch tells
 * siblings apart. */
struct ht_cw_block *ht_cw_add(struct ht_cw *world, const struct ht_cw_block *parent,
                              uint64_t number, struct ht_cw_state *state, uint8_t branch);
/* Several of them in a row; returns the last. */
struct ht_cw_block *ht_cw_add_row(struct ht_cw *world, const struct ht_cw_block *parent,
                                  size_t count, uint8_t branch);
/* A full one, as edit leaves it (NULL: as ht_bm_init does). */
struct ht_cw_block *ht_cw_add_full(struct ht_cw *world, const struct ht_cw_block *parent,
                                   uint64_t number, struct ht_cw_state *state,
                                   void (*edit)(struct ht_block_maker *maker));
/* The ancestor with that number; NULL when the world has none. */
const struct ht_cw_block *ht_cw_at(const struct ht_cw_block *head, uint64_t number);

/* The honest result, JSON null for what is not there; NULL when the state is not to be had. The
 * caller's. */
json_t *ht_cw_answer(const struct ht_cw *world, const struct ht_cw_block *head, const char *method,
                     const json_t *params);

#endif
