/* Runs benchmarks: `bench [GROUP]`, with the folder of recorded data in the environment variable
 * FIXTURES. Exit 0 when all of them ran, 1 when one could not, 2 for a group that does not exist.
 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct ht_bench_group *const groups[] = {
    &ht_bench_evm,  &ht_bench_governance, &ht_bench_identity, &ht_bench_light,
    &ht_bench_node, &ht_bench_p2p,        &ht_bench_proofs,   &ht_bench_relay};

#define GROUP_COUNT (sizeof groups / sizeof *groups)

double ht_bench_now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void ht_bench_add(struct ht_bench_pair *pair, double ours_ms, double floor_ms) {
    if (pair->count == HT_BENCH_SAMPLES_MAX) return;
    pair->ours_ms[pair->count] = ours_ms;
    pair->floor_ms[pair->count++] = floor_ms;
}

static int compare(const void *left, const void *right) {
    const double *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

static double median(double *samples, size_t count) {
    if (count == 0) return 0;
    qsort(samples, count, sizeof *samples, compare);
    return (samples[(count - 1) / 2] + samples[count / 2]) / 2;
}

double ht_bench_median_ours(struct ht_bench_pair *pair) {
    return median(pair->ours_ms, pair->count);
}

double ht_bench_median_floor(struct ht_bench_pair *pair) {
    return median(pair->floor_ms, pair->count);
}

void ht_bench_print(const char *name, struct ht_bench_pair *pair, const char *more) {
    double ours = median(pair->ours_ms, pair->count);
    double floor = median(pair->floor_ms, pair->count);
    printf("{\"bench\":\"%s\",\"ours\":%.4f,\"unit\":\"ms\",\"floor\":%.4f,\"ratio\":%.3f%s}\n",
           name, ours, floor, floor > 0 ? ours / floor : 0, more);
    (void)fflush(stdout);
}

void ht_bench_print_us(const char *name, struct ht_bench_pair *pair, size_t count,
                       const char *more) {
    double ours = median(pair->ours_ms, pair->count) * 1e3 / (double)count;
    double floor = median(pair->floor_ms, pair->count) * 1e3 / (double)count;
    printf("{\"bench\":\"%s\",\"ours\":%.3f,\"unit\":\"us\",\"floor\":%.3f,\"ratio\":%.3f,"
           "\"per_s\":%.0f%s}\n",
           name, ours, floor, floor > 0 ? ours / floor : 0, ours > 0 ? 1e6 / ours : 0, more);
    (void)fflush(stdout);
}

int main(int argc, char **argv) {
    const char *wanted = argc == 2 ? argv[1] : NULL;
    const char *fixtures_dir = getenv("FIXTURES");
    bool is_known = argc == 1, is_good = true;
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        if (wanted != NULL && strcmp(groups[i]->name, wanted) != 0) continue;
        is_known = true;
        is_good = groups[i]->run(fixtures_dir) && is_good;
    }
    if (!is_known || argc > 2) {
        fputs("usage: bench [GROUP]; groups:", stderr);
        for (size_t i = 0; i < GROUP_COUNT; i++) fprintf(stderr, " %s", groups[i]->name);
        fputc('\n', stderr);
        return 2;
    }
    return is_good ? 0 : 1;
}
