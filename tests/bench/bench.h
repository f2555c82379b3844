/* Benchmarks: each prints one JSON object a line, and a ratio against the floor of the machine, so
 * that results of different machines can be compared. */
#ifndef HT_TESTS_BENCH_H
#define HT_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HT_BENCH_SAMPLES_MAX 4096U

struct ht_bench_group {
    const char *name;
    /* Returns false, after a line on standard error, when it cannot run. fixtures_dir may be NULL.
     */
    bool (*run)(const char *fixtures_dir);
};

/* Two ways to do the same, sampled in turns (A B A B …) so that both see the same machine. */
struct ht_bench_pair {
    double ours_ms[HT_BENCH_SAMPLES_MAX];
    double floor_ms[HT_BENCH_SAMPLES_MAX];
    size_t count;
};

/* CPU time of this thread in ms; others on the machine do not count. */
double ht_bench_now_ms(void);

/* Adds one sample of each; samples past the maximum are dropped. */
void ht_bench_add(struct ht_bench_pair *pair, double ours_ms, double floor_ms);

/* Medians in ms; sort the samples. 0 of none. */
double ht_bench_median_ours(struct ht_bench_pair *pair);
double ht_bench_median_floor(struct ht_bench_pair *pair);

/* Prints {"bench":…,"ours":median,"unit":"ms","floor":median,"ratio":…}; `more` is "" or further
 * members (`,"updates":60`). Sorts the samples. */
void ht_bench_print(const char *name, struct ht_bench_pair *pair, const char *more);

/* The same in microseconds for each of `count` things that a sample did, with "per_s":N. */
void ht_bench_print_us(const char *name, struct ht_bench_pair *pair, size_t count,
                       const char *more);

extern const struct ht_bench_group ht_bench_evm;
extern const struct ht_bench_group ht_bench_governance;
extern const struct ht_bench_group ht_bench_identity;
extern const struct ht_bench_group ht_bench_light;
extern const struct ht_bench_group ht_bench_node;
extern const struct ht_bench_group ht_bench_p2p;
extern const struct ht_bench_group ht_bench_proofs;
extern const struct ht_bench_group ht_bench_relay;

#endif
