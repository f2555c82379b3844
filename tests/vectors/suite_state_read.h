/* Reading state tests: env, pre and transaction of one test of ethereum/tests, EEST or evmone. */
#ifndef HT_TESTS_VECTORS_SUITE_STATE_READ_H
#define HT_TESTS_VECTORS_SUITE_STATE_READ_H

#include "node/codec/json.h"
#include "node/evm/transaction.h"
#include "node/l1/execution/world_root.h"

/* One test; views into the JSON and the arena. */
struct ht_sv_test {
    const json_t *json;
    struct ht_arena arena;
    struct ht_known_state pre;
    ht_hash32 pre_root;
    struct ht_evm_block block; /* without blob base fee and prev_randao, which the fork says */
    ht_hash32 random, difficulty;
    bool has_excess_blob_gas;
    uint64_t excess_blob_gas;
    bool has_sender;
    ht_addr20 sender;
};

/* Which of a test's transactions: indexes into data, gasLimit and value. */
struct ht_sv_index {
    size_t data, gas, value;
};

/* Reads env, pre and sender. Reasons of node/codec/json.h, HT_EINPUT "case". To be freed in any
 * case. */
enum ht_err ht_sv_test_read(struct ht_sv_test *out, const json_t *json,
                            struct ht_why *why) HT_MUST_USE;
void ht_sv_test_free(struct ht_sv_test *test);

/* The block under a fork. HT_EINPUT "case" when its blob base fee cannot be told. */
enum ht_err ht_sv_block(struct ht_evm_block *out, const struct ht_sv_test *test, const char *fork,
                        const struct ht_evm_rules *rules, struct ht_why *why) HT_MUST_USE;

/* The unsigned transaction. HT_EDENIED "no_transaction" when its fields are none that a transaction
 * can have (a number that is too large, no recipient where one must be). HT_EINPUT else. */
enum ht_err ht_sv_transaction(struct ht_transaction *out, struct ht_sv_test *test,
                              const struct ht_sv_index *index, struct ht_why *why) HT_MUST_USE;

/* What "expectException" and txbytes are beside: an index out of "indexes". */
enum ht_err ht_sv_index(struct ht_sv_index *out, const json_t *post,
                        struct ht_why *why) HT_MUST_USE;

#endif
