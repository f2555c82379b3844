/* Runs of code on the bench of chain_bench.h: a chain whose head has two contracts and an account,
 * a runner, and providers of which none knows eth_createAccessList unless a test says so. */
#ifndef HT_TESTS_UNIT_RUN_BENCH_H
#define HT_TESTS_UNIT_RUN_BENCH_H

#include "tests/unit/chain_fakes.h"

#include <stdio.h>

#include "node/l1/run.h"

#define RB_FIRST 1000U
#define RB_HINT "eth_createAccessList"

static const ht_addr20 RB_ALICE = {{0xa1}}, RB_NOBODY = {{0xee}};
static const ht_addr20 RB_CHAIN = {{0xc1}}, RB_CALLER = {{0xc2}};

/* Answers the slot whose number is in slot 0: SLOAD(SLOAD(0)). */
static const uint8_t RB_CHAIN_CODE[] = {0x5f, 0x54, 0x54, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3};
/* Answers what RB_CHAIN does. */
static const uint8_t RB_CALLER_CODE[] = {
    0x60, 0x20, 0x5f, 0x5f, 0x5f, 0x73, 0xc1, [26] = 0x5a, 0xfa, 0x50, 0x60, 0x20, 0x5f, 0xf3};

static struct {
    struct ht_runner *runner;
    const struct ht_cw_block *base, *head; /* the head's state is 7 and 42, the other's 7 and 43 */
} rb;

static inline ht_hash32 rb_word(uint8_t low) {
    return (ht_hash32){.b = {[31] = low}};
}

static inline struct ht_cw_state *rb_state(struct ht_cb *bench, uint8_t answer, const uint8_t *code,
                                           size_t code_n) {
    struct ht_cw_state *state = ht_cw_state(&bench->world);
    const ht_hash32 zero = rb_word(0), seven = rb_word(7), value = rb_word(answer);
    (void)ht_cw_account(state, &RB_ALICE, 3, 1000000);
    struct ht_cw_account *chain = ht_cw_account(state, &RB_CHAIN, 1, 0);
    ht_cw_slot(chain, &zero, &seven);
    ht_cw_slot(chain, &seven, &value);
    ht_cw_code(chain, HT_BYTES(RB_CHAIN_CODE));
    ht_cw_code(ht_cw_account(state, &RB_CALLER, 1, 0), ht_bytes_of(code, code_n));
    ht_cw_state_finish(state);
    return state;
}

/* The chain, with that code for RB_CALLER. */
static inline void rb_start_with(struct ht_cb *bench, const uint8_t *code, size_t n) {
    struct ht_network *network = &bench->sync.network;
    for (size_t fork = 0; fork < HT_FORK_COUNT; fork++) network->forks[fork].epoch = 0;
    network->forks[HT_GLOAS].epoch = HT_FAR_FUTURE_EPOCH;
    network->blob_schedule_count = 0;
    for (size_t i = 0; i < HT_CB_PEERS; i++) bench->peers[i].knows_not = RB_HINT;
    rb.base = ht_cw_add(&bench->world, NULL, RB_FIRST, rb_state(bench, 43, code, n), 0);
    rb.head = ht_cw_add(&bench->world, rb.base, 0, rb_state(bench, 42, code, n), 0);
    ht_cb_set_head(bench, rb.head);
    ht_cb_set_finalized(bench, rb.base);
    assert_int_equal(ht_runner_new(&rb.runner, bench->loop, bench->pool, bench->state, network),
                     HT_OK);
}

static inline void rb_start(struct ht_cb *bench) {
    rb_start_with(bench, RB_CALLER_CODE, sizeof RB_CALLER_CODE);
}

/* As the node ends. */
static inline int rb_free(void **state) {
    struct ht_runner *runner = rb.runner;
    rb.runner = NULL;
    ht_runner_stop(runner);
    ht_cb_close(*state);
    ht_runner_free(runner);
    return ht_cb_free(state);
}

/* Answers and works until nothing is left to do. */
static inline void rb_settle(struct ht_cb *bench, const bool *is_done) {
    for (unsigned i = 0; i < 2000 && !*is_done; i++) ht_cb_settle(bench);
    assert_true(*is_done);
}

#define RB_TEST(name) cmocka_unit_test_setup_teardown(name, ht_cb_new_with_disk, rb_free)

#endif
