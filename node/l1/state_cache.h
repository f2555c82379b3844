/* What was proven of accounts, slots and code, in tables of bounded size. Loop thread. */
#ifndef HT_L1_STATE_CACHE_H
#define HT_L1_STATE_CACHE_H

#include "node/l1/execution/account.h"

struct ht_state_cache;

struct ht_state_known {
    struct ht_account account;
    bool exists;
    uint64_t provider; /* who proved it: its serial */
};

/* Entries and bytes of code at most. HT_ENOMEM. */
enum ht_err ht_state_cache_new(struct ht_state_cache **out, size_t accounts, size_t slots,
                               size_t code_bytes) HT_MUST_USE;
void ht_state_cache_free(struct ht_state_cache *cache);

/* An account under a state root; NULL when it is not known. Lives until the next put. */
const struct ht_state_known *ht_state_cache_account(struct ht_state_cache *cache,
                                                    const ht_hash32 *state_root,
                                                    const ht_addr20 *address);
void ht_state_cache_put_account(struct ht_state_cache *cache, const ht_hash32 *state_root,
                                const ht_addr20 *address, const struct ht_state_known *known);

/* A slot's value under a storage root. */
bool ht_state_cache_slot(uint8_t value[static 32], struct ht_state_cache *cache,
                         const ht_hash32 *storage_root, const ht_hash32 *slot);
void ht_state_cache_put_slot(struct ht_state_cache *cache, const ht_hash32 *storage_root,
                             const ht_hash32 *slot, const uint8_t value[static 32]);

/* The code with that hash: true, and a view that lives until the next put. */
bool ht_state_cache_code(ht_bytes *out, struct ht_state_cache *cache, const ht_hash32 *code_hash);
/* Copies it; what does not fit is left out. */
void ht_state_cache_put_code(struct ht_state_cache *cache, const ht_hash32 *code_hash,
                             ht_bytes code);

struct ht_state_cache_counts {
    size_t accounts, slots, codes;
    size_t bytes, bytes_max;
};
struct ht_state_cache_counts ht_state_cache_counts(const struct ht_state_cache *cache);

#endif
