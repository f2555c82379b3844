/* Running one transaction of a state test and saying what it came to. */
#ifndef HT_TESTS_VECTORS_SUITE_STATE_RUN_H
#define HT_TESTS_VECTORS_SUITE_STATE_RUN_H

#include "tests/vectors/suite_state_read.h"

struct ht_sv_case {
    const char *fork;
    const struct ht_evm_rules *rules;
    struct ht_sv_index index;
    const json_t *txbytes; /* NULL: the transaction is made of the test's fields alone */
};

struct ht_sv_outcome {
    bool is_rejected;
    struct ht_why reason; /* of the rejection */
    ht_hash32 root, logs_hash;
};

/* Runs it on the test's state; a transaction that no block could hold is rejected and leaves the
 * state as it was. HT_EBUG "case" when txbytes are another transaction than the fields'; HT_EINPUT
 * for a test that cannot be read; errors of the machine. */
enum ht_err ht_sv_run(struct ht_sv_outcome *out, struct ht_evm *evm, struct ht_sv_test *test,
                      const struct ht_sv_case *one, struct ht_why *why) HT_MUST_USE;

#endif
