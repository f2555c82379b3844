/* How a world is kept, for its own source files only: memory and tables. */
#ifndef HT_EVM_WORLD_IMPL_H
#define HT_EVM_WORLD_IMPL_H

#include "node/evm/code.h"
#include "node/evm/world.h"
#include "node/evm/world_journal.h"
#include "node/evm/world_transient.h"

#define HT_EVM_BLOCK_HASHES 256U

/* A code that is held until the world goes. */
struct ht_evm_held_code {
    const struct ht_evm_code *code;
    struct ht_evm_held_code *next;
};

struct ht_evm_block_hash {
    bool is_known;
    uint64_t number;
    ht_hash32 hash;
};

struct ht_evm_world {
    struct ht_evm_source source;
    size_t bytes_max;
    size_t bytes; /* of what is not in an arena */
    uint64_t seed[2];
    struct ht_arena arena;        /* as long as the world */
    struct ht_arena transaction;  /* until the next begins: data of logs, transient storage */
    struct ht_evm_object **table; /* open addressing by address */
    size_t object_count, table_cap;
    struct ht_evm_object *objects;
    struct ht_evm_held_code *held;
    struct ht_evm_block_hash *block_hashes; /* by number modulo HT_EVM_BLOCK_HASHES, or NULL */
    struct ht_evm_journal journal;
    struct ht_evm_transients transients;
    struct ht_evm_log *logs;
    size_t log_count, log_cap;
    int64_t refund;
    /* Warm from the start. */
    uint32_t warm_low, warm_extra;
    bool has_warm_coinbase;
    ht_addr20 coinbase;
};

/* Zeroed memory of one of the world's arenas within bytes_max. HT_ELIMIT "state_too_large",
 * HT_ENOMEM. */
enum ht_err ht_evm_world_take(void **out, struct ht_evm_world *world, struct ht_arena *arena,
                              size_t n, struct ht_why *why) HT_MUST_USE;
/* Counts n bytes of the heap as the world's. HT_ELIMIT. */
enum ht_err ht_evm_world_count(struct ht_evm_world *world, size_t n) HT_MUST_USE;
/* Makes an array of the heap at least one item longer than *cap. Errors as above. */
enum ht_err ht_evm_world_widen(void **items, size_t *cap, size_t size,
                               struct ht_evm_world *world) HT_MUST_USE;
/* Where these 32 bytes, or an address, stand in a table. The seed keeps others from choosing
 * collisions. */
uint64_t ht_evm_world_hash(const struct ht_evm_world *world, const uint64_t word[static 4]);
uint64_t ht_evm_world_address_hash(const struct ht_evm_world *world, const ht_addr20 *address);

#endif
