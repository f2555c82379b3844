/* The kinds of cases the light suite finds, each by its format. A kind marks the files it takes as
 * used; what is left is looked at by the next one. */
#ifndef HT_TESTS_VECTORS_LIGHT_KINDS_H
#define HT_TESTS_VECTORS_LIGHT_KINDS_H

#include "tests/vectors/light_files.h"
#include "tests/vectors/light_pool.h"
#include "tests/vectors/vectors.h"

/* Official light_client/sync cases: folders with steps.yaml, meta.yaml, config.yaml. */
void ht_lv_run_sync(struct ht_lv_tree *tree, struct ht_vec_report *report);

/* Sets described by a JSON manifest that says what to expect of each file. */
void ht_lv_run_manifests(struct ht_lv_tree *tree, struct ht_vec_report *report);

/* Updates from before the Beacon API, with a committee and a signing root beside them. */
void ht_lv_run_flat(struct ht_lv_tree *tree, struct ht_vec_report *report);

/* Every other light-client object of the tree, which the pool holds. */
void ht_lv_run_objects(struct ht_lv_tree *tree, struct ht_lv_pool *pool,
                       struct ht_vec_report *report);

/* Signatures outside of the subgroup, in place of those of the pool's updates. */
void ht_lv_run_points(struct ht_lv_tree *tree, struct ht_lv_pool *pool,
                      struct ht_vec_report *report);

/* Recorded answers of execution nodes: eth_getProof under the state root of a recorded block, and
 * eth_getCode under a code hash proven so. */
void ht_lv_run_execution(struct ht_lv_tree *tree, struct ht_vec_report *report);

/* Recorded calls with their results, run over what is recorded beside them and proven. */
void ht_lv_run_calls(struct ht_lv_tree *tree, struct ht_vec_report *report);

/* Recorded event streams. */
void ht_lv_run_streams(struct ht_lv_tree *tree, struct ht_vec_report *report);

#endif
