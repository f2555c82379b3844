/* Inside of the state service, shared by state*.c alone. */
#ifndef HT_L1_STATE_IMPL_H
#define HT_L1_STATE_IMPL_H

#include "node/l1/state.h"
#include "node/l1/state_cache.h"

#define HT_STATE_WATCHED 16U

struct ht_state_fetch;

/* An account that is read ahead. */
struct ht_state_watch {
    ht_addr20 address;
    int64_t read_ms; /* monotonic, by somebody; 0: free */
    struct ht_state_read ahead;
    bool is_under_way;
};

struct ht_state {
    struct ht_chain *chain;
    struct ht_state_cache *cache;
    struct ht_state_fetch *fetches; /* under way */
    struct ht_state_watch watched[HT_STATE_WATCHED];
    struct ht_chain_listener listener;
    bool is_listening;
    uint64_t hits, misses;
};

/* The read has its account and slots, or its code, or err and why. */
void ht_state_got(struct ht_state_read *read, enum ht_err err);
void ht_state_got_code(struct ht_state_read *read, enum ht_err err);

#endif
