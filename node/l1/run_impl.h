/* Inside of the run service, shared by run*.c alone. */
#ifndef HT_L1_RUN_IMPL_H
#define HT_L1_RUN_IMPL_H

#include "node/l1/run.h"

struct ht_runner {
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_state *state;
    const struct ht_network *network;
    struct ht_run *runs; /* under way */
    struct ht_run_counts counts;
    bool is_stopping;
};

#endif
