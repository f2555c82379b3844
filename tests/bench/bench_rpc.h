/* Part of the group `proofs` that needs the running node. */
#ifndef HT_TESTS_BENCH_RPC_H
#define HT_TESTS_BENCH_RPC_H

#include <stdbool.h>

/* eth_get_balance_warm; false when the node or the devnet does not come up. */
bool ht_bench_balance(void);

#endif
