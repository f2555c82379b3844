/* Code over proven state: rounds, hints, providers that lie between them, bounds and the end. */
#include "tests/unit/run_bench.h"

#include "node/base/hex.h"

struct calling {
    struct ht_run run; /* first */
    ht_addr20 to;
    bool is_done;
    enum ht_evm_status status;
    uint8_t output[32];
    size_t output_n;
};

static struct calling one;

static enum ht_err work(struct ht_run *run, const struct ht_run_place *place, struct ht_why *why) {
    struct calling *calling = (struct calling *)run;
    const struct ht_evm_message message = {.kind = HT_EVM_CALL,
                                           .sender = RB_ALICE,
                                           .to = calling->to,
                                           .code = calling->to,
                                           .gas = HT_RUN_GAS_MAX};
    struct ht_evm_result result;
    ht_evm_world_begin(place->world);
    enum ht_err err = ht_evm_run(place->evm, &result, &message, why);
    if (err != HT_OK) return err;
    calling->status = result.status;
    calling->output_n = result.output.n < 32 ? result.output.n : 32;
    if (calling->output_n > 0) memcpy(calling->output, result.output.p, calling->output_n);
    return HT_OK;
}

static void done(struct ht_run *run) {
    ((struct calling *)run)->is_done = true;
}

static void prepare(const ht_addr20 *to) {
    one = (struct calling){.run = {.work = work, .done = done}, .to = *to};
}

static void go(struct ht_cb *bench) {
    ht_run_start(rb.runner, &one.run);
    rb_settle(bench, &one.is_done);
}

static void call(struct ht_cb *bench, const ht_addr20 *to) {
    prepare(to);
    go(bench);
}

static void expect_answer(uint8_t low) {
    const ht_hash32 word = rb_word(low);
    if (one.run.err != HT_OK) fail_msg("%s: %s", one.run.why.code, one.run.why.text);
    assert_int_equal(one.status, HT_EVM_SUCCESS);
    assert_int_equal(one.output_n, 32);
    assert_memory_equal(one.output, word.b, 32);
    ht_run_fini(&one.run);
}

static void expect_failed(enum ht_err err, const char *code, const char *text) {
    ht_cb_expect(one.run.err, &one.run.why, err, code);
    if (strstr(one.run.why.text, text) == NULL) fail_msg("%s", one.run.why.text);
    ht_run_fini(&one.run);
}

static void expect_fault(const struct ht_cb_peer *peer, const char *code) {
    assert_int_equal(peer->faults, 1);
    assert_string_equal(peer->fault.code, code);
}

/* --- rounds ----------------------------------------------------------------------------------- */

static void what_a_run_misses_is_proven_and_then_it_runs_again(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    call(bench, &RB_CALLER);
    assert_string_equal(one.run.source, "peer 0");
    assert_memory_equal(one.run.header.hash.b, rb.head->verified.hash.b, 32);
    assert_false(one.run.is_final);
    assert_int_equal(bench->peers[0].faults, 0);
    assert_int_equal(ht_run_counts(rb.runner).runs, 1);
    assert_int_equal(ht_run_counts(rb.runner).failed, 0);
    assert_int_equal(ht_run_counts(rb.runner).rounds, one.run.rounds);
    expect_answer(42);
}

static void a_run_at_another_block_sees_the_state_of_that_block(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    prepare(&RB_CALLER);
    one.run.block.kind = HT_BLOCK_FINALIZED;
    go(bench);
    assert_true(one.run.is_final);
    expect_answer(43);
    call(bench, &RB_CALLER);
    expect_answer(42);
}

static void what_was_proven_once_is_not_asked_again(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    call(bench, &RB_CALLER);
    expect_answer(42);
    unsigned questions = bench->questions;
    call(bench, &RB_CALLER);
    assert_int_equal(bench->questions, questions);
    assert_string_equal(one.run.source, "kept");
    expect_answer(42);
}

static void what_is_wanted_before_is_proven_in_one_question(void **state) {
    struct ht_cb *bench = *state;
    const ht_hash32 slots[2] = {rb_word(0), rb_word(7)};
    rb_start(bench);
    prepare(&RB_CALLER);
    assert_int_equal(ht_run_want(&one.run, &RB_ALICE, NULL, 0, NULL), HT_OK);
    assert_int_equal(ht_run_want(&one.run, &RB_CALLER, NULL, 0, NULL), HT_OK);
    assert_int_equal(ht_run_want(&one.run, &RB_CHAIN, slots, 2, NULL), HT_OK);
    go(bench);
    assert_int_equal(one.run.questions, 1);
    assert_int_equal(one.run.rounds, 1);
    expect_answer(42);
}

static void hashes_of_blocks_before_are_proven_by_their_headers(void **state) {
    /* BLOCKHASH(NUMBER - 2) */
    static const uint8_t code[] = {0x60, 0x02, 0x43, 0x03, 0x40, 0x5f,
                                   0x52, 0x60, 0x20, 0x5f, 0xf3};
    struct ht_cb *bench = *state;
    rb_start_with(bench, code, sizeof code);
    const struct ht_cw_block *next = ht_cw_add(&bench->world, rb.head, 0, rb.head->state, 0);
    ht_cb_head(bench, next);
    call(bench, &RB_CALLER);
    if (one.run.err != HT_OK) fail_msg("%s: %s", one.run.why.code, one.run.why.text);
    assert_memory_equal(one.output, rb.base->verified.hash.b, 32);
    ht_run_fini(&one.run);
}

static void an_account_that_is_not_there_answers_nothing(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    call(bench, &RB_NOBODY);
    assert_int_equal(one.run.err, HT_OK);
    assert_int_equal(one.status, HT_EVM_SUCCESS);
    assert_int_equal(one.output_n, 0);
    ht_run_fini(&one.run);
}

/* --- hints ------------------------------------------------------------------------------------ */

static const char *hint; /* JSON */

static json_t *say_hint(struct ht_cb *bench, const char *method, const json_t *params,
                        json_t *honest) {
    (void)bench;
    if (strcmp(method, RB_HINT) != 0) return honest;
    json_decref(honest);
    assert_int_equal(json_array_size(params), 2);
    assert_non_null(json_object_get(json_array_get(params, 0), "to"));
    json_t *said = json_loads(hint, JSON_DECODE_ANY, NULL);
    assert_non_null(said);
    return said;
}

static void call_with_hint(struct ht_cb *bench, const char *said) {
    hint = said;
    bench->peers[0].say = say_hint;
    prepare(&RB_CALLER);
    one.run.hint = json_pack("{s:s}", "to", "0xc200000000000000000000000000000000000000");
    go(bench);
}

static void a_hint_saves_rounds(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    call_with_hint(bench,
                   "{\"gasUsed\":\"0x1\",\"accessList\":[{\"address\":"
                   "\"0xc100000000000000000000000000000000000000\",\"storageKeys\":["
                   "\"0x0000000000000000000000000000000000000000000000000000000000000000\","
                   "\"0x0000000000000000000000000000000000000000000000000000000000000007\"]}]}");
    size_t with = one.run.rounds;
    expect_answer(42);
    ht_runner_free(rb.runner);
    ht_cb_reopen(bench);
    assert_int_equal(
        ht_runner_new(&rb.runner, bench->loop, bench->pool, bench->state, &bench->sync.network),
        HT_OK);
    call(bench, &RB_CALLER);
    assert_true(one.run.rounds > with);
    expect_answer(42);
}

static void a_hint_that_lies_does_no_harm(void **state) {
    static const char *const lies[] = {
        "null",
        "7",
        "[]",
        "{\"accessList\":\"all of it\"}",
        "{\"accessList\":{\"address\":1}}",
        "{\"accessList\":[1,null,[],{}]}",
        "{\"accessList\":[{\"address\":\"0xc1\",\"storageKeys\":[]}]}",
        "{\"accessList\":[{\"address\":\"0xc100000000000000000000000000000000000000\","
        "\"storageKeys\":[7,\"0x1\",null]}]}",
        /* well formed, and about others */
        "{\"accessList\":[{\"address\":\"0xdd00000000000000000000000000000000000000\","
        "\"storageKeys\":["
        "\"0x00000000000000000000000000000000000000000000000000000000000000dd\"]},"
        "{\"address\":\"0xa100000000000000000000000000000000000000\",\"storageKeys\":["
        "\"0x00000000000000000000000000000000000000000000000000000000000000aa\"]}]}",
    };
    struct ht_cb *bench = *state;
    rb_start(bench);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        ht_runner_free(rb.runner);
        ht_cb_reopen(bench);
        assert_int_equal(
            ht_runner_new(&rb.runner, bench->loop, bench->pool, bench->state, &bench->sync.network),
            HT_OK);
        call_with_hint(bench, lies[i]);
        expect_answer(42);
        assert_int_equal(bench->peers[0].faults, 0);
    }
}

static json_t *say_huge(struct ht_cb *bench, const char *method, const json_t *params,
                        json_t *honest) {
    (void)bench;
    (void)params;
    if (strcmp(method, RB_HINT) != 0) return honest;
    json_decref(honest);
    json_t *list = json_array();
    for (unsigned i = 0; i < 300; i++) {
        json_t *keys = json_array();
        for (unsigned k = 0; k < 40; k++) {
            json_array_append_new(keys, json_sprintf("0x%064x", i * 1000 + k));
        }
        json_array_append_new(list, json_pack("{s:o, s:o}", "address", json_sprintf("0x%040x", i),
                                              "storageKeys", keys));
    }
    return json_pack("{s:o}", "accessList", list);
}

static void a_huge_hint_makes_nobody_fetch_more_than_a_bound(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    call_with_hint(bench, "null");
    expect_answer(42);
    ht_runner_free(rb.runner);
    ht_cb_reopen(bench);
    assert_int_equal(
        ht_runner_new(&rb.runner, bench->loop, bench->pool, bench->state, &bench->sync.network),
        HT_OK);
    bench->peers[0].say = say_huge;
    prepare(&RB_CALLER);
    one.run.hint = json_pack("{s:s}", "to", "0xc200000000000000000000000000000000000000");
    go(bench);
    assert_in_range(one.run.facts.account_count, 3, 70);
    assert_in_range(one.run.facts.slot_count, 2, 520);
    assert_in_range(one.run.questions, 2, 12);
    expect_answer(42);
}

static void without_the_method_for_hints_there_is_an_answer_all_the_same(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    bench->peers[0].lacks_method = RB_HINT;
    call_with_hint(bench, "null");
    assert_int_equal(ht_cb_asked(bench, RB_HINT), 1);
    assert_int_equal(bench->peers[0].faults, 0);
    expect_answer(42);
}

static void a_refused_hint_is_none(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    bench->peers[0].refusal = "insufficient funds";
    bench->peers[0].refuses = RB_HINT;
    call_with_hint(bench, "null");
    expect_answer(42);
}

/* --- providers that lie ----------------------------------------------------------------------- */

static json_t *say_without_storage(struct ht_cb *bench, const char *method, const json_t *params,
                                   json_t *honest) {
    size_t i;
    json_t *slot;
    (void)bench;
    (void)params;
    if (strcmp(method, "eth_getProof") != 0) return honest;
    json_array_foreach(json_object_get(honest, "storageProof"), i, slot) {
        json_object_set_new(slot, "proof", json_array());
    }
    return honest;
}

static void slots_without_their_proofs_are_a_fault(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    bench->peers[0].say = say_without_storage;
    call(bench, &RB_CALLER);
    expect_fault(&bench->peers[0], "proof_missing_node");
    expect_failed(HT_ENET, "proof_missing_node", ", slot 0x00000000");
}

static void beside_an_honest_provider_a_lie_changes_nothing(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    bench->peer_count = 2;
    bench->peers[0].say = say_without_storage;
    call(bench, &RB_CALLER);
    assert_in_range(bench->peers[0].faults, 1, 2);
    assert_string_equal(bench->peers[0].fault.code, "proof_missing_node");
    assert_string_equal(one.run.source, "peer 1");
    expect_answer(42);
}

/* Proofs of the block before, from the second question on. */
static json_t *say_of_another_root(struct ht_cb *bench, const char *method, const json_t *params,
                                   json_t *honest) {
    if (strcmp(method, "eth_getProof") != 0 || bench->peers[0].questions < 4) return honest;
    json_t *others = json_deep_copy(params);
    char hash[HT_HEX_SIZE(32)];
    ht_hex_write(hash, HT_BYTES(rb.base->verified.hash.b));
    json_object_set_new(json_array_get(others, json_array_size(others) - 1), "blockHash",
                        json_string(hash));
    json_decref(honest);
    honest = ht_cw_answer(&bench->world, bench->head, method, others);
    json_decref(others);
    return honest;
}

static void proofs_of_another_state_in_a_later_round_are_a_fault(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    bench->peers[0].say = say_of_another_root;
    call(bench, &RB_CALLER);
    assert_true(one.run.rounds > 1);
    expect_fault(&bench->peers[0], "proof_missing_node");
    expect_failed(HT_ENET, "proof_missing_node", ", slot 0x00000000");
}

static json_t *say_other_code(struct ht_cb *bench, const char *method, const json_t *params,
                              json_t *honest) {
    (void)bench;
    (void)params;
    if (strcmp(method, "eth_getCode") != 0) return honest;
    json_decref(honest);
    return json_string("0x602a5f5260205ff3");
}

static void code_that_does_not_have_its_hash_is_a_fault(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    bench->peers[0].say = say_other_code;
    call(bench, &RB_CALLER);
    expect_fault(&bench->peers[0], "code_differs");
    expect_failed(HT_ENET, "code_differs", "not proven: code of 0xc2");
}

static void state_that_nobody_has_any_more_is_told_in_those_words(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    bench->peers[0].lacks_state = true;
    call(bench, &RB_CALLER);
    assert_int_equal(bench->peers[0].faults, 0);
    expect_failed(HT_ENET, "state_pruned", "not proven: account 0x");
}

static void null_instead_of_a_proof_is_pruned_state_too(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    bench->peers[0].knows_not = "eth_getProof";
    call(bench, &RB_CALLER);
    assert_int_equal(bench->peers[0].faults, 0);
    expect_failed(HT_ENET, "state_pruned", "not proven: account 0x");
}

/* --- bounds ----------------------------------------------------------------------------------- */

static void code_that_wants_ever_more_state_is_given_up(void **state) {
    /* JUMPDEST: SLOAD of each hash of the hash before; without end. */
    static const uint8_t code[] = {0x5b, 0x60, 0x20, 0x5f, 0x20, 0x80,
                                   0x5f, 0x52, 0x54, 0x50, 0x5f, 0x56};
    struct ht_cb *bench = *state;
    rb_start_with(bench, code, sizeof code);
    call(bench, &RB_CALLER);
    assert_in_range(one.run.questions, 1, HT_RUN_QUESTIONS_MAX);
    assert_in_range(one.run.rounds, 1, HT_RUN_ROUNDS_MAX);
    assert_int_equal(ht_run_counts(rb.runner).failed, 1);
    expect_failed(HT_ELIMIT, "too_much_state", "16384 slots");
}

static void a_block_of_a_fork_that_is_not_known_is_not_run(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    bench->sync.network.forks[HT_GLOAS].epoch = 0;
    call(bench, &RB_CALLER);
    expect_failed(HT_EDENIED, "fork_not_run", "block 1001");
}

static void runs_that_wait_when_the_node_ends_are_told(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    bench->held = "eth_getProof";
    prepare(&RB_CALLER);
    ht_run_start(rb.runner, &one.run);
    for (unsigned i = 0; i < 5; i++) ht_cb_settle(bench);
    assert_false(one.is_done);
    ht_runner_stop(rb.runner);
    ht_cb_close(bench);
    assert_true(one.is_done);
    ht_runner_free(rb.runner);
    rb.runner = NULL;
    expect_failed(HT_EDENIED, "stopping", "");
}

static void a_run_that_works_when_the_node_ends_is_told(void **state) {
    struct ht_cb *bench = *state;
    rb_start(bench);
    prepare(&RB_CALLER);
    ht_cb_settle(bench);
    ht_run_start(rb.runner, &one.run);
    ht_runner_stop(rb.runner);
    ht_cb_close(bench);
    ht_runner_free(rb.runner);
    rb.runner = NULL;
    assert_true(one.is_done);
    expect_failed(HT_EDENIED, "stopping", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        RB_TEST(what_a_run_misses_is_proven_and_then_it_runs_again),
        RB_TEST(a_run_at_another_block_sees_the_state_of_that_block),
        RB_TEST(what_was_proven_once_is_not_asked_again),
        RB_TEST(what_is_wanted_before_is_proven_in_one_question),
        RB_TEST(hashes_of_blocks_before_are_proven_by_their_headers),
        RB_TEST(an_account_that_is_not_there_answers_nothing),
        RB_TEST(a_hint_saves_rounds),
        RB_TEST(a_hint_that_lies_does_no_harm),
        RB_TEST(a_huge_hint_makes_nobody_fetch_more_than_a_bound),
        RB_TEST(without_the_method_for_hints_there_is_an_answer_all_the_same),
        RB_TEST(a_refused_hint_is_none),
        RB_TEST(slots_without_their_proofs_are_a_fault),
        RB_TEST(beside_an_honest_provider_a_lie_changes_nothing),
        RB_TEST(proofs_of_another_state_in_a_later_round_are_a_fault),
        RB_TEST(code_that_does_not_have_its_hash_is_a_fault),
        RB_TEST(state_that_nobody_has_any_more_is_told_in_those_words),
        RB_TEST(null_instead_of_a_proof_is_pruned_state_too),
        RB_TEST(code_that_wants_ever_more_state_is_given_up),
        RB_TEST(a_block_of_a_fork_that_is_not_known_is_not_run),
        RB_TEST(runs_that_wait_when_the_node_ends_are_told),
        RB_TEST(a_run_that_works_when_the_node_ends_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
