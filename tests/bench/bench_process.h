/* Programs that a benchmark starts: the node, the devnet. */
#ifndef HT_TESTS_BENCH_PROCESS_H
#define HT_TESTS_BENCH_PROCESS_H

#include <jansson.h>
#include <stdio.h>
#include <sys/types.h>

#include "tests/bench/bench.h"

double ht_bench_wall_ms(void);

/* Starts a program with its standard output in *out; the rest of its words go nowhere. */
pid_t ht_bench_start(FILE **out, char *const argv[]);
/* The same for one that is asked line by line: *in is its standard input, the caller's to close. */
pid_t ht_bench_start_asked(FILE **in, FILE **out, char *const argv[]);
/* Ends it by its own id; returns the most memory that it had, in KiB. */
long ht_bench_stop(pid_t pid, FILE *out);

/* The next line of a program's output as JSON, NULL when it is none. */
json_t *ht_bench_read_json(FILE *out);
/* The port in the greeting of `hearth run --json`. */
unsigned ht_bench_port_of(const json_t *greeting);

/* Removes a folder of files. */
void ht_bench_remove_dir(const char *path);

#endif
