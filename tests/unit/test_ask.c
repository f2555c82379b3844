/* Questions to providers on loopback: whom they go to, what is held against whom, and when they
 * end. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/ask_bench.h"

static struct ask_bench bench;

static int start(void **state) {
    (void)state;
    ask_open(&bench);
    return 0;
}

static int end(void **state) {
    (void)state;
    if (bench.loop != NULL) ask_close(&bench);
    bench.loop = NULL;
    return 0;
}

static int64_t mono(void) {
    return ht_mono_ms(&ht_system_clock);
}

static void expect_good_from(size_t provider) {
    ask_expect(&bench.question, HT_OK, NULL);
    assert_string_equal(bench.question.source, bench.providers.list[provider].name);
}

static void stay_silent(struct ht_peer *peer, int fd) {
    ht_peer_hold(peer, fd);
}

static void say_null(struct ht_peer *peer, int fd) {
    ask_say_each(peer, fd, "\"result\":null");
}

static void say_number(struct ht_peer *peer, int fd) {
    ask_say_each(peer, fd, "\"result\":5");
}

static void say_no_method(struct ht_peer *peer, int fd) {
    ask_say_each(peer, fd, "\"error\":{\"code\":-32601,\"message\":\"no\"}");
}

static void say_pruned(struct ht_peer *peer, int fd) {
    ask_say_each(peer, fd, "\"error\":{\"code\":-32000,\"message\":\"missing trie node 12\"}");
}

static void say_too_much(struct ht_peer *peer, int fd) {
    ask_say_each(peer, fd, "\"error\":{\"code\":-32005,\"message\":\"block range is too large\"}");
}

static void say_reverted(struct ht_peer *peer, int fd) {
    ask_say_each(peer, fd, "\"error\":{\"code\":3,\"message\":\"execution reverted\"}");
}

static void say_429_first(struct ht_peer *peer, int fd) {
    if (atomic_load(&peer->requests) > 1) {
        ask_say_good(peer, fd);
    } else {
        ht_peer_say(fd, "HTTP/1.1 429 Slow down\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
    }
}

static void say_429(struct ht_peer *peer, int fd) {
    (void)peer;
    ht_peer_say(fd, "HTTP/1.1 429 Slow down\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n");
}

static void say_limited_first(struct ht_peer *peer, int fd) {
    bool is_first = atomic_load(&peer->requests) == 1;
    ask_say_each(peer, fd,
                 is_first ? "\"error\":{\"code\":-32005,\"message\":\"rate limit reached\"}"
                          : "\"result\":\"good\"");
}

static void say_503_first(struct ht_peer *peer, int fd) {
    if (atomic_load(&peer->requests) > 1) {
        ask_say_good(peer, fd);
    } else {
        ht_peer_say(fd, "HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n");
    }
}

static void say_a_lot(struct ht_peer *peer, int fd) {
    (void)peer;
    static char body[70000];
    memset(body, ' ', sizeof body - 1);
    ask_say_json(fd, body);
}

/* --- going on --------------------------------------------------------------------------------- */

static void a_question_is_answered_by_the_first_provider(void **state) {
    (void)state;
    ask_add(&bench, ask_say_good);
    ask_add(&bench, ask_say_good);
    ask_one(&bench);
    expect_good_from(0);
    assert_int_equal(ask_requests(&bench, 1), 0);
    assert_int_equal(bench.providers.list[0].method_count, 1);
    assert_string_equal(bench.providers.list[0].methods[0].method, "eth_test");
    assert_int_equal(bench.providers.list[0].methods[0].answered, 1);
    assert_true(bench.changes > 0);
}

static void a_question_without_providers_says_so(void **state) {
    (void)state;
    ask_one(&bench);
    ask_expect(&bench.question, HT_ENET, "no_provider");
}

static void a_provider_that_hangs_up_is_followed_by_the_next(void **state) {
    (void)state;
    ask_add(&bench, ask_hang_up);
    ask_add(&bench, ask_say_good);
    ask_one(&bench);
    expect_good_from(1);
    assert_int_equal(bench.providers.list[0].failures, 1);
    assert_int_equal(bench.providers.list[0].fault_count, 0);
}

static void a_silent_provider_gets_company_after_a_second(void **state) {
    (void)state;
    ask_add(&bench, stay_silent);
    ask_add(&bench, ask_say_good);
    int64_t before_ms = mono();
    ask_one(&bench);
    int64_t took_ms = mono() - before_ms;
    expect_good_from(1);
    if (took_ms < 900 || took_ms > 5000) fail_msg("took %lld ms", (long long)took_ms);
    assert_int_equal(bench.providers.list[0].failures, 0);
    before_ms = mono();
    ask_one(&bench); /* the quicker one is asked first now */
    expect_good_from(1);
    assert_true(mono() - before_ms < 900);
}

static void a_lie_is_recorded_and_the_next_is_asked(void **state) {
    (void)state;
    ask_add(&bench, ask_say_bad);
    ask_add(&bench, ask_say_good);
    ask_one(&bench);
    expect_good_from(1);
    const struct ht_provider *liar = &bench.providers.list[0];
    assert_true(liar->has_lied);
    assert_int_equal(liar->fault_count, 1);
    assert_string_equal(liar->faults[0].why.code, "not_good");
    assert_string_equal(liar->faults[0].asked, "something good");
    assert_true(liar->faults[0].answer_bytes > 20);
    assert_int_equal(liar->faults[0].evidence_id, 0);
    ask_one(&bench);
    expect_good_from(1);
    assert_int_equal(ask_requests(&bench, 0), 1);
}

static void a_malformed_answer_is_a_fault_but_no_lie(void **state) {
    (void)state;
    ask_add(&bench, say_number);
    ask_one(&bench);
    ask_expect(&bench.question, HT_ENET, "no_text");
    assert_false(bench.providers.list[0].has_lied);
    assert_int_equal(bench.providers.list[0].fault_count, 1);
    assert_int_equal(ask_requests(&bench, 0), 1);
}

static void an_answer_that_is_too_large_is_a_fault_with_its_size(void **state) {
    (void)state;
    ask_add(&bench, say_a_lot);
    ask_one(&bench);
    ask_expect(&bench.question, HT_ENET, "too_large");
    assert_int_equal(bench.providers.list[0].fault_count, 1);
    assert_int_equal(ask_requests(&bench, 0), 1);
}

static void a_missing_method_is_remembered_and_not_blamed(void **state) {
    (void)state;
    ask_add(&bench, say_no_method);
    ask_add(&bench, ask_say_good);
    ask_one(&bench);
    expect_good_from(1);
    ask_one(&bench);
    expect_good_from(1);
    assert_int_equal(ask_requests(&bench, 0), 1);
    assert_true(ht_provider_lacks(&bench.providers.list[0], "eth_test"));
    assert_int_equal(bench.providers.list[0].failures, 0);
}

static void a_method_that_nobody_has_is_said(void **state) {
    (void)state;
    ask_add(&bench, say_no_method);
    ask_one(&bench);
    ask_expect(&bench.question, HT_ENET, "no_method");
}

static void pruned_state_is_not_blamed(void **state) {
    (void)state;
    ask_add(&bench, say_pruned);
    ask_one(&bench);
    ask_expect(&bench.question, HT_ENET, "state_pruned");
    assert_int_equal(bench.providers.list[0].failures, 0);
    assert_int_equal(bench.providers.list[0].fault_count, 0);
    assert_int_equal(ask_requests(&bench, 0), 1);
}

static void too_wide_a_question_is_not_blamed(void **state) {
    (void)state;
    ask_add(&bench, say_too_much);
    ask_one(&bench);
    ask_expect(&bench.question, HT_ENET, "too_much");
    assert_int_equal(bench.providers.list[0].failures, 0);
}

static void a_null_answer_goes_to_the_next(void **state) {
    (void)state;
    ask_add(&bench, say_null);
    ask_add(&bench, ask_say_good);
    ask_one(&bench);
    expect_good_from(1);
    assert_int_equal(bench.providers.list[0].failures, 0);
    assert_int_equal(bench.providers.list[0].fault_count, 0);
}

static void a_batch_of_the_most_requests_is_answered(void **state) {
    (void)state;
    ask_add(&bench, ask_say_good);
    bench.peers[0].request[0] = '\0';
    ask_prepare(&bench.question, "a", HT_QUESTION_REQUESTS_MAX);
    assert_int_equal(ht_question_add(&bench.question, "a", json_array()), HT_ELIMIT);
    ht_ask(bench.asker, &bench.question);
    ask_run(&bench, 1);
    ask_expect(&bench.question, HT_OK, NULL);
    assert_int_equal(bench.providers.list[0].spent_milli, HT_QUESTION_REQUESTS_MAX * 1000);
}

static void a_question_that_is_too_large_blames_nobody(void **state) {
    (void)state;
    ask_add(&bench, ask_say_good);
    ask_prepare(&bench.question, "eth_test", 0);
    char *text = calloc(1, HT_QUESTION_BODY_MAX + 1);
    memset(text, 'a', HT_QUESTION_BODY_MAX);
    assert_int_equal(ht_question_add(&bench.question, "eth_test", json_pack("[s]", text)), HT_OK);
    free(text);
    ht_ask(bench.asker, &bench.question);
    ask_run(&bench, 1);
    ask_expect(&bench.question, HT_ELIMIT, "question_too_large");
    assert_int_equal(bench.providers.list[0].requests, 0);
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void a_rate_limit_is_waited_for_and_asked_again(void **state) {
    (void)state;
    ask_add(&bench, say_429_first);
    int64_t before_ms = mono();
    ask_one(&bench);
    int64_t took_ms = mono() - before_ms;
    expect_good_from(0);
    if (took_ms < 1000) fail_msg("asked again after %lld ms", (long long)took_ms);
    assert_int_equal(ask_requests(&bench, 0), 2);
}

static void a_rate_limit_in_json_is_waited_for_too(void **state) {
    (void)state;
    ask_add(&bench, say_limited_first);
    ask_one(&bench);
    expect_good_from(0);
    assert_int_equal(ask_requests(&bench, 0), 2);
}

static void another_provider_is_asked_rather_than_waiting(void **state) {
    (void)state;
    ask_add(&bench, say_429_first);
    ask_add(&bench, ask_say_good);
    int64_t before_ms = mono();
    ask_one(&bench);
    expect_good_from(1);
    assert_true(mono() - before_ms < 900);
}

static void a_server_that_was_away_is_asked_once_more(void **state) {
    (void)state;
    ask_add(&bench, say_503_first);
    ask_one(&bench);
    expect_good_from(0);
}

static void a_server_that_stays_away_is_asked_twice_in_all(void **state) {
    (void)state;
    ask_add(&bench, ask_hang_up);
    ask_one(&bench);
    ask_expect(&bench.question, HT_ENET, "connection_lost");
    assert_int_equal(ask_requests(&bench, 0), 2);
}

static void a_pause_longer_than_the_question_lasts_ends_it_at_once(void **state) {
    (void)state;
    ask_add(&bench, say_429);
    int64_t before_ms = mono();
    ask_one(&bench);
    ask_expect(&bench.question, HT_ENET, "rate_limited");
    assert_true(mono() - before_ms < 5000);
    assert_int_equal(ask_requests(&bench, 0), 1);
    ask_one(&bench);
    ask_expect(&bench.question, HT_ENET, "no_provider");
}

static void a_spent_budget_is_waited_for(void **state) {
    (void)state;
    ask_add(&bench, ask_say_good);
    ht_providers_set_budget(&bench.providers, 2);
    ht_provider_spend(&bench.providers, &bench.providers.list[0], 4);
    int64_t before_ms = mono();
    ask_one(&bench);
    int64_t took_ms = mono() - before_ms;
    expect_good_from(0);
    if (took_ms < 400 || took_ms > 5000) fail_msg("took %lld ms", (long long)took_ms);
}

/* --- wishes ----------------------------------------------------------------------------------- */

static void a_provider_to_be_avoided_is_not_asked(void **state) {
    (void)state;
    ask_add(&bench, ask_say_good);
    ask_add(&bench, ask_say_good);
    ask_prepare(&bench.question, "eth_test", 1);
    bench.question.avoid = 1;
    ht_ask(bench.asker, &bench.question);
    ask_run(&bench, 1);
    expect_good_from(1);
    ask_prepare(&bench.question, "eth_test", 1);
    bench.question.avoid = 3;
    ht_ask(bench.asker, &bench.question);
    ask_run(&bench, 1);
    ask_expect(&bench.question, HT_ENET, "no_provider");
    assert_int_equal(ask_requests(&bench, 0), 0);
}

static void a_refusal_is_followed_by_the_next_and_blamed(void **state) {
    (void)state;
    ask_add(&bench, say_reverted);
    ask_add(&bench, ask_say_good);
    ask_one(&bench);
    expect_good_from(1);
    assert_int_equal(bench.providers.list[0].failures, 1);
    assert_int_equal(ask_requests(&bench, 0), 1);
}

static void a_refusal_that_is_taken_ends_the_question_with_its_words(void **state) {
    (void)state;
    ask_add(&bench, say_reverted);
    ask_add(&bench, ask_say_good);
    ask_prepare(&bench.question, "eth_test", 1);
    bench.question.takes_refusal = true;
    ht_ask(bench.asker, &bench.question);
    ask_run(&bench, 1);
    ask_expect(&bench.question, HT_EDENIED, "refused");
    assert_non_null(strstr(bench.question.why.text, "execution reverted"));
    assert_string_equal(bench.question.source, bench.providers.list[0].name);
    assert_int_equal(bench.providers.list[0].failures, 0);
    assert_int_equal(ask_requests(&bench, 1), 0);
}

/* --- stopping --------------------------------------------------------------------------------- */

static void stop_loop(struct ht_timer *timer) {
    ht_loop_stop(timer->loop);
}

static void questions_under_way_end_when_the_asker_goes(void **state) {
    (void)state;
    static struct ht_question silent, waiting;
    struct ht_timer timer = {0};
    ask_add(&bench, stay_silent);
    ask_prepare(&silent, "eth_test", 1);
    ht_ask(bench.asker, &silent);
    ht_timer_set(bench.loop, &timer, 100, stop_loop);
    ht_loop_run(bench.loop);
    ask_prepare(&waiting, "eth_other", 1); /* its start is still a timer */
    ht_ask(bench.asker, &waiting);
    bench.done = 0;
    ask_close(&bench);
    bench.loop = NULL;
    ask_expect(&silent, HT_EDENIED, "stopping");
    ask_expect(&waiting, HT_EDENIED, "stopping");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
        TEST(a_question_is_answered_by_the_first_provider),
        TEST(a_question_without_providers_says_so),
        TEST(a_provider_that_hangs_up_is_followed_by_the_next),
        TEST(a_silent_provider_gets_company_after_a_second),
        TEST(a_lie_is_recorded_and_the_next_is_asked),
        TEST(a_malformed_answer_is_a_fault_but_no_lie),
        TEST(an_answer_that_is_too_large_is_a_fault_with_its_size),
        TEST(a_missing_method_is_remembered_and_not_blamed),
        TEST(a_method_that_nobody_has_is_said),
        TEST(pruned_state_is_not_blamed),
        TEST(too_wide_a_question_is_not_blamed),
        TEST(a_null_answer_goes_to_the_next),
        TEST(a_batch_of_the_most_requests_is_answered),
        TEST(a_question_that_is_too_large_blames_nobody),
        TEST(a_rate_limit_is_waited_for_and_asked_again),
        TEST(a_rate_limit_in_json_is_waited_for_too),
        TEST(another_provider_is_asked_rather_than_waiting),
        TEST(a_server_that_was_away_is_asked_once_more),
        TEST(a_server_that_stays_away_is_asked_twice_in_all),
        TEST(a_pause_longer_than_the_question_lasts_ends_it_at_once),
        TEST(a_spent_budget_is_waited_for),
        TEST(a_provider_to_be_avoided_is_not_asked),
        TEST(a_refusal_is_followed_by_the_next_and_blamed),
        TEST(a_refusal_that_is_taken_ends_the_question_with_its_words),
        TEST(questions_under_way_end_when_the_asker_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
