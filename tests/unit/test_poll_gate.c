/* Who may vote, and with what weight: asked of a token and of attestations that a test makes up. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "governance/polls/poll_gate.h"

#define CLOCK_MODE 0x4bf5d7e9U
#define GET_PAST_VOTES 0x3a46b1a8U
#define GET_PRIOR_VOTES 0x782d6fe1U
#define SNAPSHOT 90U
#define SNAPSHOT_S 9000U
#define VOTERS 40U

static struct {
    struct ht_network network;
    struct ht_host host;
    struct ht_governance governance;
    struct ht_poll_kept kept;
    struct ht_poll poll;
    struct ht_poll_ballot ballots[VOTERS];
    struct ht_poll_weight weights[VOTERS];
    struct ht_poll_gate_read read;
    unsigned done, runs, calls;
    /* the token */
    const char *clock; /* its CLOCK_MODE; NULL: it has none */
    uint32_t function; /* that it has; 0: none */
    uint64_t asked_at; /* the time that votes were asked for */
    uint64_t head;     /* at which it answers */
    uint8_t votes[32]; /* of voters whose address ends with an even byte */
    enum ht_err run_err;
    /* attestations */
    struct ht_trust_record record;
} gate;

static uint64_t number_at(const uint8_t *p, size_t n) {
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++) value = value << 8 | p[i];
    return value;
}

/* --- fakes ------------------------------------------------------------------------------------ */

static void answer(struct ht_evm_result *out, const uint8_t *bytes, size_t n) {
    static uint8_t output[128];
    memcpy(output, bytes, n);
    out->status = HT_EVM_SUCCESS;
    out->output = ht_bytes_of(output, n);
}

enum ht_err ht_evm_run(struct ht_evm *evm, struct ht_evm_result *out,
                       const struct ht_evm_message *message, struct ht_why *why) {
    uint32_t selector = (uint32_t)number_at(message->input.p, 4);
    uint8_t text[96] = {[31] = 32};
    static const uint8_t zero[32];
    (void)evm, (void)why;
    gate.calls++;
    *out = (struct ht_evm_result){.status = HT_EVM_REVERT};
    if (selector == CLOCK_MODE && gate.clock != NULL) {
        text[63] = (uint8_t)strlen(gate.clock);
        memcpy(text + 64, gate.clock, strlen(gate.clock));
        answer(out, text, sizeof text);
    } else if (selector != CLOCK_MODE && selector == gate.function) {
        assert_int_equal(message->input.n, 68);
        gate.asked_at = number_at(message->input.p + 60, 8);
        bool has_any = message->input.p[35] % 2 == 0;
        answer(out, has_any ? gate.votes : zero, 32);
    }
    return HT_OK;
}

enum ht_err ht_run_want(struct ht_run *run, const ht_addr20 *address, const ht_hash32 *slots,
                        size_t slot_count, struct ht_why *why) {
    (void)run, (void)address, (void)slots, (void)slot_count, (void)why;
    return HT_OK;
}

void ht_run_start(struct ht_runner *runner, struct ht_run *run) {
    const struct ht_run_place place = {.network = &gate.network};
    (void)runner;
    gate.runs++;
    run->err = gate.run_err;
    if (run->err != HT_OK)
        (void)ht_fail(&run->why, run->err, "no_provider", "nobody answers");
    else
        run->err = run->work(run, &place, &run->why);
    run->header.header.number = gate.head;
    run->done(run);
}

void ht_run_fini(struct ht_run *run) {
    (void)run;
}

/* The keys of ballots lead to accounts that end with the same byte; the last does not. */
static bool person(void *self, const ht_hash32 *pubkey, struct ht_trust_person *out) {
    (void)self;
    if (pubkey->b[31] == VOTERS - 1) return false;
    *out = (struct ht_trust_person){.has_address = true};
    out->address.b[19] = pubkey->b[31];
    return true;
}

static void attestation(void *self, const ht_hash32 *uid, ht_trust_recorded done, void *user) {
    (void)self, (void)uid;
    gate.calls++;
    done(user, &gate.record);
}

static const struct ht_trust *trust(const struct ht_host *host) {
    static const struct ht_trust offered = {.person = person, .attestation = attestation};
    (void)host;
    return &offered;
}

/* --- what a test begins with ------------------------------------------------------------------ */

static int begin(void **state) {
    (void)state;
    memset(&gate, 0, sizeof gate);
    gate.host = (struct ht_host){.network = &gate.network, .trust = trust};
    gate.governance.host = &gate.host;
    gate.poll = (struct ht_poll){.gate = HT_POLL_TOKEN, .snapshot_block = SNAPSHOT};
    gate.poll.contract.b[0] = 0x70;
    gate.clock = "mode=blocknumber&from=default";
    gate.function = GET_PAST_VOTES;
    gate.head = 100;
    gate.votes[31] = 5;
    for (uint8_t i = 0; i < VOTERS; i++)
        gate.ballots[i] = (struct ht_poll_ballot){.id.b[0] = i, .author.b[31] = i};
    return 0;
}

static int end(void **state) {
    (void)state;
    ht_poll_kept_fini(&gate.kept);
    return 0;
}

static void is_done(struct ht_poll_gate_read *read) {
    assert_ptr_equal(read, &gate.read);
    gate.done++;
}

static void ask(size_t count) {
    gate.done = gate.runs = gate.calls = 0;
    gate.read = (struct ht_poll_gate_read){.governance = &gate.governance,
                                           .kept = &gate.kept,
                                           .poll = &gate.poll,
                                           .ballots = gate.ballots,
                                           .weights = gate.weights,
                                           .count = count,
                                           .has_snapshot = true,
                                           .snapshot_s = SNAPSHOT_S,
                                           .done = is_done};
    ht_poll_gate_start(&gate.read);
    assert_int_equal(gate.done, 1);
}

static void expect(size_t i, enum ht_poll_standing standing, const char *why) {
    assert_int_equal(gate.weights[i].standing, standing);
    assert_string_equal(gate.weights[i].why, why);
}

/* --- tokens ----------------------------------------------------------------------------------- */

static void a_weight_is_what_the_token_says_of_the_snapshot_block(void **state) {
    (void)state;
    ask(2);
    expect(0, HT_POLL_MAY_VOTE, "");
    assert_int_equal(gate.weights[0].weight.limb[0], 5);
    expect(1, HT_POLL_MAY_NOT, "no_votes");
    assert_int_equal(gate.asked_at, SNAPSHOT);
    assert_int_equal(gate.ballots[1].voter.b[19], 1);
}

static void a_token_that_counts_time_is_asked_for_the_snapshots_time(void **state) {
    (void)state;
    gate.clock = "mode=timestamp";
    ask(1);
    expect(0, HT_POLL_MAY_VOTE, "");
    assert_int_equal(gate.asked_at, SNAPSHOT_S);
}

static void an_old_token_without_a_clock_is_asked_by_its_older_name(void **state) {
    (void)state;
    gate.clock = NULL;
    gate.function = GET_PRIOR_VOTES;
    ask(2);
    expect(0, HT_POLL_MAY_VOTE, "");
    expect(1, HT_POLL_MAY_NOT, "no_votes");
    assert_int_equal(gate.asked_at, SNAPSHOT);
}

static void a_contract_without_votes_lets_nobody_vote(void **state) {
    (void)state;
    gate.clock = NULL;
    gate.function = 0;
    ask(2);
    expect(0, HT_POLL_MAY_NOT, "no_votes_token");
    expect(1, HT_POLL_MAY_NOT, "no_votes_token");
    assert_int_equal(gate.runs, 1);
}

static void a_weight_that_no_token_can_have_is_refused(void **state) {
    (void)state;
    gate.votes[5] = 1; /* over 208 bits */
    ask(1);
    expect(0, HT_POLL_MAY_NOT, "no_votes_token");
    gate.votes[5] = 0;
    gate.votes[6] = 0xff;
    ht_poll_kept_fini(&gate.kept);
    ask(1);
    expect(0, HT_POLL_MAY_VOTE, "");
}

static void a_key_that_leads_to_no_account_has_no_weight(void **state) {
    (void)state;
    ask(VOTERS);
    expect(VOTERS - 1, HT_POLL_MAY_NOT, "not_linked");
    expect(VOTERS - 2, HT_POLL_MAY_VOTE, "");
    /* The clock, and 24 at a time. */
    assert_int_equal(gate.runs, 3);
}

static void nothing_is_told_before_the_snapshot_is_final(void **state) {
    (void)state;
    gate.done = 0;
    gate.read = (struct ht_poll_gate_read){.governance = &gate.governance,
                                           .kept = &gate.kept,
                                           .poll = &gate.poll,
                                           .ballots = gate.ballots,
                                           .weights = gate.weights,
                                           .count = 1,
                                           .done = is_done};
    ht_poll_gate_start(&gate.read);
    expect(0, HT_POLL_UNPROVEN, "snapshot_not_final");
    assert_int_equal(gate.runs, 0);
    /* Nor at a head that the snapshot is. */
    gate.head = SNAPSHOT;
    ask(1);
    expect(0, HT_POLL_UNPROVEN, "snapshot_not_final");
}

static void what_could_not_be_asked_is_unproven_and_asked_again(void **state) {
    (void)state;
    gate.run_err = HT_EAGAIN;
    ask(1);
    expect(0, HT_POLL_UNPROVEN, "no_provider");
    gate.run_err = HT_OK;
    ask(1);
    expect(0, HT_POLL_MAY_VOTE, "");
}

static void what_was_told_is_not_asked_again(void **state) {
    (void)state;
    ask(4);
    assert_int_equal(gate.runs, 2);
    ask(4);
    assert_int_equal(gate.runs, 0);
    expect(0, HT_POLL_MAY_VOTE, "");
    expect(1, HT_POLL_MAY_NOT, "no_votes");
    gate.poll.id.b[0] = 1; /* of another poll it says nothing */
    ask(4);
    assert_int_equal(gate.runs, 2);
}

/* --- the others ------------------------------------------------------------------------------- */

static void in_an_open_poll_nobody_is_asked(void **state) {
    (void)state;
    gate.poll.gate = HT_POLL_OPEN;
    ask(VOTERS);
    expect(VOTERS - 1, HT_POLL_MAY_VOTE, "");
    assert_int_equal(gate.weights[3].weight.limb[0], 1);
    assert_int_equal(gate.runs + gate.calls, 0);
}

static void an_attestation_of_another_service_is_not_told(void **state) {
    (void)state;
    gate.poll.gate = HT_POLL_ATTESTATION;
    gate.ballots[1].has_attestation = true;
    ask(2);
    expect(0, HT_POLL_MAY_NOT, "no_attestation");
    expect(1, HT_POLL_UNPROVEN, "other_eas");
    assert_int_equal(gate.calls, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_weight_is_what_the_token_says_of_the_snapshot_block),
        TEST(a_token_that_counts_time_is_asked_for_the_snapshots_time),
        TEST(an_old_token_without_a_clock_is_asked_by_its_older_name),
        TEST(a_contract_without_votes_lets_nobody_vote),
        TEST(a_weight_that_no_token_can_have_is_refused),
        TEST(a_key_that_leads_to_no_account_has_no_weight),
        TEST(nothing_is_told_before_the_snapshot_is_final),
        TEST(what_could_not_be_asked_is_unproven_and_asked_again),
        TEST(what_was_told_is_not_asked_again),
        TEST(in_an_open_poll_nobody_is_asked),
        TEST(an_attestation_of_another_service_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
