/* The part of the precompiles suite that has a file of its own. */
#ifndef HT_TESTS_VECTORS_SUITE_PRECOMPILES_H
#define HT_TESTS_VECTORS_SUITE_PRECOMPILES_H

#include <jansson.h>

#include "tests/vectors/vectors.h"

/* A file of Wycheproof's ECDSA tests, parsed; `file` is its name. Returns the number of cases. */
size_t ht_vec_wycheproof(struct ht_vec_report *report, const char *file, const json_t *root);

#endif
