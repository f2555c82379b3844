/* Reading a recorded chain: genesis.json, chain.rlp and a state to begin with. */
#ifndef HT_TESTS_VECTORS_CHAIN_READ_H
#define HT_TESTS_VECTORS_CHAIN_READ_H

#include "node/l1/execution/block_check.h"

#define HT_CHAIN_BLOCKS_MAX 4096U

struct ht_chain_block {
    struct ht_exec_header_claimed claimed;
    struct ht_transaction *transactions;
    ht_addr20 *senders;
    size_t count;
    struct ht_exec_header_claimed *uncles;
    size_t uncle_count;
    struct ht_withdrawal *withdrawals;
    size_t withdrawal_count;
};

/* Everything belongs to the arena, to rlp or to the JSON. */
struct ht_chain_file {
    char title[64];
    size_t first; /* block that `state` is the state in front of */
    json_t *states, *genesis;
    const json_t *config;
    struct ht_buf rlp;
    struct ht_arena arena;
    struct ht_known_state state;
    struct ht_chain_block *blocks; /* by number; of block 0 only the hash is there */
    size_t block_count;            /* with block 0 */
};

/* HT_EINPUT "case" and reasons of all that is decoded. To be freed in any case. */
enum ht_err ht_chain_file_read(struct ht_chain_file *out, const char *states_path,
                               struct ht_why *why) HT_MUST_USE;
void ht_chain_file_free(struct ht_chain_file *file);

/* What holds at a block; its fork is one of Berlin or later. */
void ht_chain_rules_at(struct ht_block_rules *out, const struct ht_chain_file *file,
                       const struct ht_exec_header *header);

#endif
