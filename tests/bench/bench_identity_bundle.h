/* Of group `identity`. */
#ifndef HT_TESTS_BENCH_IDENTITY_BUNDLE_H
#define HT_TESTS_BENCH_IDENTITY_BUNDLE_H

#include <stdbool.h>

/* Prints bundle_verify; false after a line on standard error. */
bool ht_bench_bundle(void);

#endif
