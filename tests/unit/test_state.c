/* Proven accounts, slots and code: from providers, from memory, shared, and read ahead. */
#include "tests/unit/chain_fakes.h"

#include "node/l1/state_json.h"

#define FIRST 1000U

static const ht_addr20 ALICE = {{0xa1}}, BOB = {{0xb0}}, NOBODY = {{0xee}};
static const ht_hash32 SLOTS[2] = {{.b = {[31] = 1}}, {.b = {[31] = 2}}};
static const uint8_t CODE[] = {0x60, 0x01, 0x60, 0x02, 0x01};

struct reading {
    struct ht_state_read read; /* first */
    unsigned done;
};

static struct reading one, two;

static void done(struct ht_state_read *read) {
    ((struct reading *)read)->done++;
}

/* The latest state of an account; `how` is for what is wanted besides. */
static void start(struct ht_cb *bench, struct reading *reading, const ht_addr20 *address,
                  struct ht_state_read how) {
    *reading = (struct reading){.read = how};
    reading->read.address = *address;
    reading->read.done = done;
    ht_state_read(bench->state, &reading->read);
}

static void read_state(struct ht_cb *bench, struct reading *reading, const ht_addr20 *address,
                       struct ht_state_read how) {
    start(bench, reading, address, how);
    ht_cb_settle(bench);
    assert_int_equal(reading->done, 1);
}

static const struct ht_state_read PLAIN = {.slot_count = 0};
static const struct ht_state_read WITH_SLOTS = {.slots = SLOTS, .slot_count = 2};
static const struct ht_state_read WITH_CODE = {.wants_code = true};
static const struct ht_state_read WITH_PROOF = {
    .slots = SLOTS, .slot_count = 2, .wants_proof = true};

static struct ht_cw_state *make_state(struct ht_cb *bench, uint64_t nonce) {
    struct ht_cw_state *state = ht_cw_state(&bench->world);
    struct ht_cw_account *alice = ht_cw_account(state, &ALICE, nonce, 5000);
    const ht_hash32 value = {.b = {[0] = 0x99, [31] = 0x77}};
    ht_cw_slot(alice, &SLOTS[0], &value);
    ht_cw_code(alice, ht_bytes_of(CODE, sizeof CODE));
    (void)ht_cw_account(state, &BOB, 1, 1);
    ht_cw_state_finish(state);
    return state;
}

/* A final block and the head, both with Alice's account at nonce 7; the head. */
static const struct ht_cw_block *make_chain(struct ht_cb *bench) {
    struct ht_cw_state *state = make_state(bench, 7);
    const struct ht_cw_block *base = ht_cw_add(&bench->world, NULL, FIRST, state, 0);
    const struct ht_cw_block *head = ht_cw_add(&bench->world, base, 0, state, 0);
    ht_cb_set_head(bench, head);
    ht_cb_set_finalized(bench, base);
    struct ht_cb_header header;
    ht_cb_read(bench, &header, ht_cb_kind(HT_BLOCK_LATEST), 0);
    bench->questions = 0;
    return head;
}

static void expect_alice(const struct reading *reading, uint64_t nonce) {
    const struct ht_state_read *read = &reading->read;
    if (read->err != HT_OK) fail_msg("%s: %s", read->why.code, read->why.text);
    assert_true(read->exists);
    assert_int_equal(read->account.nonce, nonce);
    assert_int_equal(read->account.balance[30] * 256 + read->account.balance[31], 5000);
}

static void expect_failed(struct reading *reading, enum ht_err err, const char *code) {
    ht_cb_expect(reading->read.err, &reading->read.why, err, code);
    ht_state_read_fini(&reading->read);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void an_account_is_proven_and_then_known(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_state(bench, &one, &ALICE, PLAIN);
    expect_alice(&one, 7);
    assert_string_equal(one.read.source, "peer 0");
    assert_memory_equal(one.read.header.hash.b, head->verified.hash.b, 32);
    assert_false(one.read.is_final);
    ht_state_read_fini(&one.read);
    start(bench, &one, &ALICE, PLAIN);
    assert_int_equal(one.done, 1);
    expect_alice(&one, 7);
    assert_string_equal(one.read.source, "peer 0");
    ht_state_read_fini(&one.read);
    struct ht_state_counts counts = ht_state_counts(bench->state);
    assert_int_equal(counts.hits, 1);
    assert_int_equal(counts.misses, 1);
    assert_int_equal(counts.accounts, 1);
    assert_int_equal(bench->questions, 1);
    assert_ptr_equal(ht_state_chain(bench->state), bench->chain);
}

static void an_account_that_did_not_change_is_known_at_another_block(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    read_state(bench, &one, &ALICE, PLAIN);
    ht_state_read_fini(&one.read);
    struct ht_state_read final = {.block = {.kind = HT_BLOCK_FINALIZED}};
    read_state(bench, &one, &ALICE, final);
    expect_alice(&one, 7);
    assert_true(one.read.is_final);
    assert_int_equal(bench->questions, 1);
    ht_state_read_fini(&one.read);
}

static void slots_are_proven_with_the_account_and_then_known(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    for (unsigned i = 0; i < 2; i++) {
        read_state(bench, &one, &ALICE, WITH_SLOTS);
        expect_alice(&one, 7);
        assert_int_equal(one.read.values[0][0], 0x99);
        assert_int_equal(one.read.values[0][31], 0x77);
        assert_int_equal(one.read.values[1][31], 0);
        ht_state_read_fini(&one.read);
    }
    assert_int_equal(bench->questions, 1);
    assert_int_equal(ht_state_counts(bench->state).slots, 2);
}

static void code_is_proven_by_its_hash_and_then_known(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    for (unsigned i = 0; i < 2; i++) {
        read_state(bench, &one, &ALICE, WITH_CODE);
        expect_alice(&one, 7);
        assert_int_equal(one.read.code.n, sizeof CODE);
        assert_memory_equal(one.read.code.p, CODE, sizeof CODE);
        ht_state_read_fini(&one.read);
    }
    assert_int_equal(bench->questions, 2);
    read_state(bench, &one, &BOB, WITH_CODE);
    assert_int_equal(one.read.err, HT_OK);
    assert_int_equal(one.read.code.n, 0);
    assert_int_equal(ht_cb_asked(bench, "eth_getCode"), 1);
    ht_state_read_fini(&one.read);
}

static void an_account_that_does_not_exist_is_proven_to_be_absent(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    struct ht_state_read all = WITH_SLOTS;
    all.wants_code = true;
    read_state(bench, &one, &NOBODY, all);
    assert_int_equal(one.read.err, HT_OK);
    assert_false(one.read.exists);
    assert_int_equal(one.read.account.nonce, 0);
    assert_int_equal(one.read.values[0][31], 0);
    assert_int_equal(one.read.code.n, 0);
    ht_state_read_fini(&one.read);
}

static void two_reads_of_the_same_share_one_question(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    struct ht_state_read all = WITH_SLOTS;
    all.wants_code = true;
    start(bench, &one, &ALICE, all);
    start(bench, &two, &ALICE, all);
    ht_cb_settle(bench);
    assert_int_equal(one.done + two.done, 2);
    assert_int_equal(bench->questions, 2);
    expect_alice(&one, 7);
    expect_alice(&two, 7);
    assert_int_equal(two.read.code.n, sizeof CODE);
    assert_int_equal(two.read.values[0][0], 0x99);
    ht_state_read_fini(&one.read);
    ht_state_read_fini(&two.read);
}

static void proofs_are_handed_out_to_those_who_want_them(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_state(bench, &one, &ALICE, WITH_SLOTS);
    ht_state_read_fini(&one.read);
    start(bench, &one, &ALICE, WITH_PROOF);
    start(bench, &two, &ALICE, WITH_PROOF);
    ht_cb_settle(bench);
    assert_int_equal(bench->questions, 3); /* each its own */
    struct ht_account account;
    bool exists = false;
    assert_int_equal(ht_get_proof_check(&account, &exists, &one.read.proof,
                                        &head->verified.header.state_root, &ALICE, SLOTS, 2, NULL),
                     HT_OK);
    assert_true(exists);
    expect_alice(&two, 7);
    ht_state_read_fini(&one.read);
    ht_state_read_fini(&two.read);
}

/* --- what does not hold ----------------------------------------------------------------------- */

static json_t *say_rich(struct ht_cb *bench, const char *method, const json_t *params,
                        json_t *honest) {
    (void)bench;
    (void)params;
    if (strcmp(method, "eth_getProof") == 0) {
        json_object_set_new(honest, "balance", json_string("0xffffff"));
    } else if (strcmp(method, "eth_getCode") == 0) {
        json_decref(honest);
        honest = json_string("0x6001");
    }
    return honest;
}

static void a_lie_is_a_fault_and_the_next_is_asked(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    bench->peer_count = 2;
    bench->peers[0].say = say_rich;
    read_state(bench, &one, &ALICE, WITH_CODE);
    expect_alice(&one, 7);
    assert_string_equal(one.read.source, "peer 1");
    assert_int_equal(bench->peers[0].faults, 2);
    assert_string_equal(bench->peers[0].fault.code, "code_differs");
    ht_state_read_fini(&one.read);
}

static void pruned_state_is_said_to_be_so(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    bench->peers[0].lacks_state = true;
    read_state(bench, &one, &ALICE, WITH_SLOTS);
    expect_failed(&one, HT_ENET, "state_pruned");
    bench->peers[0].lacks_state = false;
    bench->peers[0].knows_not = "eth_getProof";
    read_state(bench, &one, &ALICE, PLAIN);
    expect_failed(&one, HT_ENET, "state_pruned");
    assert_int_equal(bench->peers[0].faults, 0);
}

static void code_that_nobody_has_is_the_reads_error(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    bench->peers[0].lacks_method = "eth_getCode";
    read_state(bench, &one, &ALICE, WITH_CODE);
    expect_failed(&one, HT_ENET, "no_method");
    struct ht_state_read future = {.block = ht_cb_number(FIRST + 50)};
    read_state(bench, &one, &ALICE, future);
    expect_failed(&one, HT_ENOTFOUND, "block_in_future");
}

static void reads_that_are_left_end_when_the_node_stops(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    start(bench, &one, &ALICE, WITH_PROOF);
    start(bench, &two, &ALICE, WITH_CODE);
    ht_cb_close(bench);
    assert_int_equal(one.done + two.done, 2);
    expect_failed(&one, HT_EDENIED, "stopping");
    expect_failed(&two, HT_EDENIED, "stopping");
}

/* --- reading ahead ---------------------------------------------------------------------------- */

static void accounts_that_are_looked_at_are_proven_at_a_new_head_beforehand(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_state(bench, &one, &ALICE, PLAIN);
    ht_state_read_fini(&one.read);
    head = ht_cw_add(&bench->world, head, 0, make_state(bench, 8), 0);
    ht_cb_head(bench, head);
    ht_cb_settle(bench);
    bench->questions = 0;
    start(bench, &one, &ALICE, PLAIN);
    assert_int_equal(one.done, 1);
    expect_alice(&one, 8);
    assert_int_equal(bench->questions, 0);
    ht_state_read_fini(&one.read);
}

static void after_a_minute_without_a_read_nothing_is_read_ahead(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    read_state(bench, &one, &ALICE, PLAIN);
    ht_state_read_fini(&one.read);
    bench->sync.mono_ms += 60001;
    head = ht_cw_add(&bench->world, head, 0, make_state(bench, 8), 0);
    bench->questions = 0;
    ht_cb_head(bench, head);
    ht_cb_settle(bench);
    assert_int_equal(ht_cb_asked(bench, "eth_getProof"), 1);
    assert_int_equal(bench->questions, 1);
    bench->sync.mono_ms += 300000; /* nobody listens any more: the head is not followed */
    head = ht_cw_add(&bench->world, head, 0, NULL, 0);
    ht_cb_head(bench, head);
    ht_cb_settle(bench);
    assert_int_equal(bench->questions, 1);
    read_state(bench, &one, &ALICE, PLAIN);
    expect_failed(&one, HT_ENET, "state_pruned");
}

static void reads_of_old_blocks_are_not_read_ahead(void **state) {
    struct ht_cb *bench = *state;
    const struct ht_cw_block *head = make_chain(bench);
    struct ht_state_read final = {.block = {.kind = HT_BLOCK_FINALIZED}};
    read_state(bench, &one, &ALICE, final);
    ht_state_read_fini(&one.read);
    ht_cb_head(bench, ht_cw_add(&bench->world, head, 0, make_state(bench, 8), 0));
    ht_cb_settle(bench);
    assert_int_equal(ht_cb_asked(bench, "eth_getProof"), 1);
}

/* --- for people ------------------------------------------------------------------------------- */

static void an_account_is_told_with_where_it_comes_from(void **state) {
    struct ht_cb *bench = *state;
    make_chain(bench);
    struct ht_state_read all = WITH_SLOTS;
    json_t *json = NULL;
    all.wants_code = true;
    read_state(bench, &one, &ALICE, all);
    assert_int_equal(ht_state_account_json(&json, &one.read, NULL), HT_OK);
    assert_string_equal(json_string_value(json_object_get(json, "balance")), "5000");
    assert_int_equal(json_integer_value(json_object_get(json, "nonce")), 7);
    assert_string_equal(json_string_value(json_object_get(json, "code")), "0x6001600201");
    assert_int_equal(json_object_size(json_object_get(json, "storage")), 2);
    assert_true(json_is_object(json_object_get(json, "provenance")));
    json_decref(json);
    ht_state_read_fini(&one.read);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, ht_cb_new, ht_cb_free)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(an_account_is_proven_and_then_known),
        WITH(an_account_that_did_not_change_is_known_at_another_block),
        WITH(slots_are_proven_with_the_account_and_then_known),
        WITH(code_is_proven_by_its_hash_and_then_known),
        WITH(an_account_that_does_not_exist_is_proven_to_be_absent),
        WITH(two_reads_of_the_same_share_one_question),
        WITH(proofs_are_handed_out_to_those_who_want_them),
        WITH(a_lie_is_a_fault_and_the_next_is_asked),
        WITH(pruned_state_is_said_to_be_so),
        WITH(code_that_nobody_has_is_the_reads_error),
        WITH(reads_that_are_left_end_when_the_node_stops),
        WITH(accounts_that_are_looked_at_are_proven_at_a_new_head_beforehand),
        WITH(after_a_minute_without_a_read_nothing_is_read_ahead),
        WITH(reads_of_old_blocks_are_not_read_ahead),
        WITH(an_account_is_told_with_where_it_comes_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
