/* The parts of the governance suite: one function for each group of cases.
 *
 * Every function is called with every JSON document below the folder of fixtures and with its path,
 * from which documents beside it may be read. It finds its cases by their form, never by the name
 * of the file, and counts each of them once, with ht_governance_report or ht_governance_skip; of
 * documents without such cases it leaves everything alone. */
#ifndef HT_TESTS_VECTORS_SUITE_GOVERNANCE_H
#define HT_TESTS_VECTORS_SUITE_GOVERNANCE_H

#include "node/base/u256.h"
#include "node/codec/json.h"
#include "tests/vectors/vectors.h"

struct ht_governance_run {
    struct ht_vec_report *report;
    const char *file; /* the name of the one being read */
    size_t cases;     /* counted so far, by any group */
};

/* Counts a case of the current file as passed or failed. */
void ht_governance_report(struct ht_governance_run *run, const char *name, enum ht_err err,
                          const struct ht_why *why);
/* Counts a case that is there and that cannot be judged. */
void ht_governance_skip(struct ht_governance_run *run, const char *name, const char *reason);
/* HT_EBUG "case" with "another WHAT": for a result that is not the expected one. */
enum ht_err ht_governance_differs(const char *what, struct ht_why *why) HT_MUST_USE;
/* Parses the JSON document of that name in the folder of `path`, or (with "../") above it. NULL
 * when it is not there or no JSON; a new reference. */
json_t *ht_governance_beside(const char *path, const char *name);

typedef void ht_governance_group(struct ht_governance_run *run, const json_t *document,
                                 const char *path);
/* suite_governance_audit.c: {"target", "anchor", "provided", "expect"}. */
ht_governance_group ht_governance_run_audit;
/* suite_governance_ballot.c: signed ballots and delegations. */
ht_governance_group ht_governance_run_ballots;
/* suite_governance_proposals.c: ids, descriptions and timelock ids of proposals, and the logs that
 * created them. */
ht_governance_group ht_governance_run_proposals;
/* suite_governance_state.c: proofs of observations; states, tallies, quorum, marks, weights. */
ht_governance_group ht_governance_run_observation;
/* suite_governance_votes.c: votes and tallies that are expected of logs. */
ht_governance_group ht_governance_run_expected;

/* A member as a number in decimal or hex text, or as an integer. */
bool ht_governance_number(ht_u256 *out, const json_t *from, const char *key) HT_MUST_USE;
/* The logs of the document beside that have it, of one contract: an array, borrowed. NULL: none. */
const json_t *ht_governance_logs(const json_t *logs, const char *contract);

#endif
