/* Suites, or parts of one, that are a script: it starts real processes, prints what fails, and its
 * last line is "NAME: N passed, N failed, N skipped". */
#ifndef HT_TESTS_VECTORS_SCRIPT_H
#define HT_TESTS_VECTORS_SCRIPT_H

#include "tests/vectors/vectors.h"

/* Runs argv (argv[0] is looked for in PATH; ends with NULL) from the current folder, shows its
 * lines but the last and adds its counts. A program that is not there is a skip, one that ends
 * before it has counted a failure. */
void ht_vec_run_script(struct ht_vec_report *report, const char *name, char *const argv[]);

#endif
