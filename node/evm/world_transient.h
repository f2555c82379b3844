/* Transient storage (EIP-1153), for the world's own source files only: a table that lasts for one
 * transaction. */
#ifndef HT_EVM_WORLD_TRANSIENT_H
#define HT_EVM_WORLD_TRANSIENT_H

#include "node/evm/world.h"

struct ht_evm_transient {
    ht_addr20 address;
    ht_u256 key, value;
    size_t noted_at; /* its last entry in the journal, perhaps gone since */
};

struct ht_evm_transients {
    struct ht_evm_transient **table; /* open addressing, of the heap */
    size_t count, cap;
};

/* The value's place, made with zero when there is none. It stays until the transaction ends.
 * HT_ELIMIT, HT_ENOMEM. */
enum ht_err ht_evm_transient_place(struct ht_evm_transient **out, struct ht_evm_world *world,
                                   const ht_addr20 *address, const ht_u256 *key) HT_MUST_USE;
/* All are zero again; the table is kept. */
void ht_evm_transients_clear(struct ht_evm_transients *transients);

#endif
