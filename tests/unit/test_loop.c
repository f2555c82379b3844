/* The loop thread: jobs from other threads, timers, stopping, and what it measures. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>

#include "node/loop/loop.h"

#define DEADLINE_MS 20000

/* What a test waits for: a loop with a deadline, and counters that only the loop thread touches. */
struct bench {
    struct ht_loop *loop;
    struct ht_timer deadline;
    bool is_late;
    unsigned count;
    unsigned target;
    pthread_t loop_thread;
};

struct job {
    struct ht_job job;
    struct bench *bench;
    unsigned number;
};

struct tick {
    struct ht_timer timer;
    struct bench *bench;
    unsigned number;
    unsigned count;
};

static void stop_late(struct ht_timer *timer) {
    struct bench *b = (struct bench *)((char *)timer - offsetof(struct bench, deadline));
    b->is_late = true;
    ht_loop_stop(b->loop);
}

static void open_bench(struct bench *b) {
    struct ht_why why = {0};
    *b = (struct bench){.loop_thread = pthread_self()};
    if (ht_loop_new(&b->loop, &ht_system_clock, &why) != HT_OK) fail_msg("%s", why.text);
    ht_timer_set(b->loop, &b->deadline, DEADLINE_MS, stop_late);
}

static void run_bench(struct bench *b) {
    ht_loop_run(b->loop);
    assert_false(b->is_late);
}

static void close_bench(struct bench *b) {
    ht_timer_cancel(&b->deadline);
    ht_loop_free(b->loop);
}

static void count_job(struct ht_job *job) {
    struct job *j = (struct job *)job;
    assert_true(pthread_equal(pthread_self(), j->bench->loop_thread));
    assert_int_equal(j->number, j->bench->count);
    if (++j->bench->count == j->bench->target) ht_loop_stop(j->bench->loop);
}

static void loop_runs_a_job_posted_before_it_runs(void **state) {
    (void)state;
    struct bench b;
    open_bench(&b);
    b.target = 1;
    struct job j = {.job.run = count_job, .bench = &b};
    assert_int_equal(ht_loop_post(b.loop, &j.job), HT_OK);
    assert_int_equal(b.count, 0);
    run_bench(&b);
    assert_int_equal(b.count, 1);
    close_bench(&b);
}

#define JOBS 2000
static struct job many[JOBS];

static void *post_many(void *arg) {
    struct bench *b = arg;
    for (unsigned i = 0; i < JOBS; i++) {
        many[i] = (struct job){.job.run = count_job, .bench = b, .number = i};
        if (ht_loop_post(b->loop, &many[i].job) != HT_OK) return b;
    }
    return NULL;
}

static void loop_runs_every_job_of_another_thread_in_order(void **state) {
    (void)state;
    struct bench b;
    open_bench(&b);
    b.target = JOBS;
    pthread_t poster;
    assert_int_equal(pthread_create(&poster, NULL, post_many, &b), 0);
    run_bench(&b);
    void *refused = NULL;
    assert_int_equal(pthread_join(poster, &refused), 0);
    assert_null(refused);
    assert_int_equal(b.count, JOBS);
    close_bench(&b);
}

static void loop_refuses_when_its_mailbox_is_full(void **state) {
    (void)state;
    static struct job jobs[5000];
    struct bench b;
    open_bench(&b);
    unsigned accepted = 0;
    while (accepted < 5000) {
        jobs[accepted] = (struct job){.job.run = count_job, .bench = &b, .number = accepted};
        if (ht_loop_post(b.loop, &jobs[accepted].job) != HT_OK) break;
        accepted++;
    }
    assert_true(accepted > 0 && accepted < 5000);
    assert_int_equal(ht_loop_post(b.loop, &jobs[accepted].job), HT_EAGAIN);
    b.target = accepted + 1;
    ht_loop_answer(b.loop, &jobs[accepted].job);
    run_bench(&b);
    assert_int_equal(b.count, accepted + 1);
    close_bench(&b);
}

static void record_tick(struct ht_timer *timer) {
    struct tick *t = (struct tick *)timer;
    assert_int_equal(t->number, t->bench->count);
    t->count++;
    if (++t->bench->count == t->bench->target) ht_loop_stop(t->bench->loop);
}

static void loop_fires_timers_in_the_order_of_their_delays(void **state) {
    (void)state;
    struct bench b;
    open_bench(&b);
    b.target = 3;
    struct tick ticks[3] = {
        {.bench = &b, .number = 0}, {.bench = &b, .number = 1}, {.bench = &b, .number = 2}};
    ht_timer_set(b.loop, &ticks[2].timer, 40, record_tick);
    ht_timer_set(b.loop, &ticks[0].timer, 0, record_tick);
    ht_timer_set(b.loop, &ticks[1].timer, 20, record_tick);
    int64_t start_ms = ht_mono_ms(&ht_system_clock);
    run_bench(&b);
    assert_in_range(ht_mono_ms(&ht_system_clock) - start_ms, 39, DEADLINE_MS);
    close_bench(&b);
}

static void loop_moves_a_timer_that_is_set_again(void **state) {
    (void)state;
    struct bench b;
    open_bench(&b);
    b.target = 2;
    struct tick moved = {.bench = &b, .number = 1};
    struct tick other = {.bench = &b, .number = 0};
    ht_timer_set(b.loop, &moved.timer, 0, record_tick);
    ht_timer_set(b.loop, &other.timer, 10, record_tick);
    ht_timer_set(b.loop, &moved.timer, 20, record_tick);
    run_bench(&b);
    assert_int_equal(moved.count, 1);
    close_bench(&b);
}

static void loop_does_not_fire_a_cancelled_timer(void **state) {
    (void)state;
    struct bench b;
    open_bench(&b);
    b.target = 1;
    struct tick cancelled = {.bench = &b, .number = 7};
    struct tick last = {.bench = &b, .number = 0};
    struct tick never_set = {0};
    ht_timer_cancel(&never_set.timer);
    ht_timer_set(b.loop, &cancelled.timer, 0, record_tick);
    ht_timer_set(b.loop, &last.timer, 10, record_tick);
    ht_timer_cancel(&cancelled.timer);
    run_bench(&b);
    assert_int_equal(cancelled.count, 0);
    close_bench(&b);
}

static void loop_fires_at_once_for_a_delay_below_zero(void **state) {
    (void)state;
    struct bench b;
    open_bench(&b);
    b.target = 1;
    struct tick t = {.bench = &b};
    ht_timer_set(b.loop, &t.timer, -5, record_tick);
    run_bench(&b);
    close_bench(&b);
}

static void loop_returns_at_once_when_stopped_before(void **state) {
    (void)state;
    struct bench b;
    open_bench(&b);
    ht_loop_stop(b.loop);
    run_bench(&b);
    close_bench(&b);
}

static void loop_runs_again_after_a_stop(void **state) {
    (void)state;
    struct bench b;
    open_bench(&b);
    ht_loop_stop(b.loop);
    run_bench(&b);
    b.target = 1;
    struct job j = {.job.run = count_job, .bench = &b};
    assert_int_equal(ht_loop_post(b.loop, &j.job), HT_OK);
    run_bench(&b);
    assert_int_equal(b.count, 1);
    close_bench(&b);
}

static struct ht_loop *signalled_loop;

static void stop_on_signal(int signum) {
    (void)signum;
    ht_loop_stop(signalled_loop);
}

static void raise_signal(struct ht_timer *timer) {
    (void)timer;
    (void)raise(SIGTERM);
}

static void loop_is_stopped_by_a_signal_handler(void **state) {
    (void)state;
    struct bench b;
    open_bench(&b);
    signalled_loop = b.loop;
    struct sigaction before;
    struct sigaction handler = {.sa_handler = stop_on_signal};
    assert_int_equal(sigaction(SIGTERM, &handler, &before), 0);
    struct ht_timer t = {0};
    ht_timer_set(b.loop, &t, 0, raise_signal);
    run_bench(&b);
    assert_int_equal(sigaction(SIGTERM, &before, NULL), 0);
    close_bench(&b);
}

static void loop_leaves_signal_handlers_alone(void **state) {
    (void)state;
    const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGSEGV, SIGCHLD};
    struct sigaction before[5];
    for (size_t i = 0; i < 5; i++) assert_int_equal(sigaction(signals[i], NULL, &before[i]), 0);
    struct bench b;
    open_bench(&b);
    for (size_t i = 0; i < 5; i++) {
        struct sigaction now;
        assert_int_equal(sigaction(signals[i], NULL, &now), 0);
        assert_true(now.sa_handler == before[i].sa_handler);
    }
    close_bench(&b);
}

static void hold_the_loop(struct ht_job *job) {
    struct job *j = (struct job *)job;
    int64_t start_ms = ht_mono_ms(&ht_system_clock);
    while (ht_mono_ms(&ht_system_clock) - start_ms < 6) continue;
    ht_loop_stop(j->bench->loop);
}

static void loop_knows_its_longest_turn(void **state) {
    (void)state;
    struct bench b;
    open_bench(&b);
    assert_int_equal(ht_loop_longest_turn_us(b.loop), 0);
    struct job j = {.job.run = hold_the_loop, .bench = &b};
    assert_int_equal(ht_loop_post(b.loop, &j.job), HT_OK);
    run_bench(&b);
    assert_in_range(ht_loop_longest_turn_us(b.loop), 5000, (uint64_t)DEADLINE_MS * 1000);
    close_bench(&b);
}

static void post_itself(struct ht_job *job) {
    struct job *j = (struct job *)job;
    ht_loop_answer(j->bench->loop, job);
}

static void loop_fires_timers_while_jobs_keep_coming(void **state) {
    (void)state;
    struct bench b;
    open_bench(&b);
    b.target = 1;
    struct job j = {.job.run = post_itself, .bench = &b};
    struct tick t = {.bench = &b};
    assert_int_equal(ht_loop_post(b.loop, &j.job), HT_OK);
    ht_timer_set(b.loop, &t.timer, 20, record_tick);
    run_bench(&b);
    close_bench(&b);
}

static void loop_drains_what_waits_and_no_more(void **state) {
    (void)state;
    struct bench b;
    open_bench(&b);
    struct job first = {.job.run = count_job, .bench = &b};
    struct job again = {.job.run = post_itself, .bench = &b};
    assert_int_equal(ht_loop_post(b.loop, &first.job), HT_OK);
    assert_int_equal(ht_loop_post(b.loop, &again.job), HT_OK);
    ht_loop_drain(b.loop);
    assert_int_equal(b.count, 1);
    assert_true(ht_loop_unpost(b.loop, &again.job));
    assert_false(ht_loop_unpost(b.loop, &again.job));
    close_bench(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loop_runs_a_job_posted_before_it_runs),
        cmocka_unit_test(loop_runs_every_job_of_another_thread_in_order),
        cmocka_unit_test(loop_refuses_when_its_mailbox_is_full),
        cmocka_unit_test(loop_fires_timers_in_the_order_of_their_delays),
        cmocka_unit_test(loop_moves_a_timer_that_is_set_again),
        cmocka_unit_test(loop_does_not_fire_a_cancelled_timer),
        cmocka_unit_test(loop_fires_at_once_for_a_delay_below_zero),
        cmocka_unit_test(loop_returns_at_once_when_stopped_before),
        cmocka_unit_test(loop_runs_again_after_a_stop),
        cmocka_unit_test(loop_is_stopped_by_a_signal_handler),
        cmocka_unit_test(loop_leaves_signal_handlers_alone),
        cmocka_unit_test(loop_knows_its_longest_turn),
        cmocka_unit_test(loop_fires_timers_while_jobs_keep_coming),
        cmocka_unit_test(loop_drains_what_waits_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
