/* A second opinion on state tests: what another implementation made of the same inputs under
 * another fork's rules. Lines of JSON, [file, test, data, gas, value, root, logs hash, rejected],
 * in a file whose name says the fork ("osaka_refill_….jsonl"). */
#ifndef HT_TESTS_VECTORS_SUITE_STATE_REFILL_H
#define HT_TESTS_VECTORS_SUITE_STATE_REFILL_H

#include "tests/vectors/suite_state_run.h"
#include "tests/vectors/vectors.h"

struct ht_sv_opinion {
    const char *file, *test; /* of the JSON */
    struct ht_sv_index index;
    ht_hash32 root, logs_hash;
    bool is_rejected, is_used;
};

struct ht_sv_refill {
    const struct ht_evm_rules *rules;
    struct ht_sv_opinion *opinions; /* in order of file and test */
    size_t count, cap;
    json_t *lines; /* what the texts stand in */
};

/* Reads every refill file below dir; lines that are none are failed cases. To be freed. */
void ht_sv_refill_read(struct ht_sv_refill *out, const char *dir, struct ht_vec_report *report);
void ht_sv_refill_free(struct ht_sv_refill *refill);

/* The opinions on a test of the file at this path, first and count; none for most. */
struct ht_sv_opinion *ht_sv_refill_find(size_t *count, const struct ht_sv_refill *refill,
                                        const char *path, const char *test);

/* Why ours is right although the other differs: the rule, by name. NULL when nothing is known. */
const char *ht_sv_refill_excuse(const struct ht_sv_opinion *opinion,
                                const struct ht_sv_outcome *ours);

#endif
