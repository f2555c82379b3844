/* The worker pool: work off the loop thread, answers on it, the bound, and stopping. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/loop/pool.h"

#define DEADLINE_MS 20000

struct bench {
    struct ht_loop *loop;
    struct ht_timer deadline;
    bool is_late;
    unsigned done;
    unsigned target;
    pthread_t loop_thread;
};

struct gate { /* holds workers until a test opens it */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_open;
    unsigned inside;
};

struct item {
    struct ht_work work;
    struct bench *bench;
    struct gate *gate;
    bool was_on_loop;
    bool is_worked;
};

static void stop_late(struct ht_timer *timer) {
    struct bench *b = (struct bench *)((char *)timer - offsetof(struct bench, deadline));
    b->is_late = true;
    ht_loop_stop(b->loop);
}

static void open_bench(struct bench *b, unsigned target) {
    struct ht_why why = {0};
    *b = (struct bench){.loop_thread = pthread_self(), .target = target};
    if (ht_loop_new(&b->loop, &ht_system_clock, &why) != HT_OK) fail_msg("%s", why.text);
    ht_timer_set(b->loop, &b->deadline, DEADLINE_MS, stop_late);
}

static void close_bench(struct bench *b) {
    ht_timer_cancel(&b->deadline);
    ht_loop_free(b->loop);
}

static void do_work(struct ht_work *w) {
    struct item *it = (struct item *)w;
    it->was_on_loop = pthread_equal(pthread_self(), it->bench->loop_thread) != 0;
    it->is_worked = true;
    if (it->gate == NULL) return;
    pthread_mutex_lock(&it->gate->lock);
    it->gate->inside++;
    pthread_cond_broadcast(&it->gate->changed);
    while (!it->gate->is_open) pthread_cond_wait(&it->gate->changed, &it->gate->lock);
    pthread_mutex_unlock(&it->gate->lock);
}

static void finish(struct ht_work *w) {
    struct item *it = (struct item *)w;
    assert_true(pthread_equal(pthread_self(), it->bench->loop_thread));
    assert_true(it->is_worked);
    if (++it->bench->done == it->bench->target) ht_loop_stop(it->bench->loop);
}

static struct item make_item(struct bench *b, struct gate *gate) {
    return (struct item){.work = {.work = do_work, .done = finish}, .bench = b, .gate = gate};
}

static void pool_works_on_a_worker_and_answers_on_the_loop(void **state) {
    (void)state;
    struct bench b;
    struct ht_pool *pool = NULL;
    static struct item items[200];
    open_bench(&b, 200);
    assert_int_equal(ht_pool_new(&pool, b.loop, 2, 200, NULL), HT_OK);
    for (size_t i = 0; i < 200; i++) {
        items[i] = make_item(&b, NULL);
        assert_int_equal(ht_pool_submit(pool, &items[i].work), HT_OK);
    }
    ht_loop_run(b.loop);
    assert_false(b.is_late);
    for (size_t i = 0; i < 200; i++) assert_false(items[i].was_on_loop);
    ht_pool_free(pool);
    close_bench(&b);
}

static void wait_inside(struct gate *gate, unsigned count) {
    pthread_mutex_lock(&gate->lock);
    while (gate->inside < count) pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

static void open_gate(struct gate *gate) {
    pthread_mutex_lock(&gate->lock);
    gate->is_open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

static void pool_refuses_when_its_queue_is_full(void **state) {
    (void)state;
    struct bench b;
    struct ht_pool *pool = NULL;
    struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    open_bench(&b, 3);
    assert_int_equal(ht_pool_new(&pool, b.loop, 1, 2, NULL), HT_OK);
    struct item items[4];
    for (size_t i = 0; i < 4; i++) items[i] = make_item(&b, &gate);
    assert_int_equal(ht_pool_submit(pool, &items[0].work), HT_OK);
    wait_inside(&gate, 1); /* the worker is busy with the first: the queue is empty */
    assert_int_equal(ht_pool_submit(pool, &items[1].work), HT_OK);
    assert_int_equal(ht_pool_submit(pool, &items[2].work), HT_OK);
    assert_int_equal(ht_pool_submit(pool, &items[3].work), HT_EAGAIN);
    open_gate(&gate);
    ht_loop_run(b.loop);
    assert_false(b.is_late);
    assert_false(items[3].is_worked);
    ht_pool_free(pool);
    close_bench(&b);
}

static void pool_works_on_as_many_items_at_once_as_it_has_threads(void **state) {
    (void)state;
    struct bench b;
    struct ht_pool *pool = NULL;
    struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    open_bench(&b, 3);
    assert_int_equal(ht_pool_new(&pool, b.loop, 3, 3, NULL), HT_OK);
    struct item items[3];
    for (size_t i = 0; i < 3; i++) {
        items[i] = make_item(&b, &gate);
        assert_int_equal(ht_pool_submit(pool, &items[i].work), HT_OK);
    }
    wait_inside(&gate, 3);
    open_gate(&gate);
    ht_loop_run(b.loop);
    assert_false(b.is_late);
    ht_pool_free(pool);
    close_bench(&b);
}

static void pool_finishes_what_was_submitted_before_it_ends(void **state) {
    (void)state;
    struct bench b;
    struct ht_pool *pool = NULL;
    static struct item items[50];
    open_bench(&b, 0);
    assert_int_equal(ht_pool_new(&pool, b.loop, 2, 50, NULL), HT_OK);
    for (size_t i = 0; i < 50; i++) {
        items[i] = make_item(&b, NULL);
        assert_int_equal(ht_pool_submit(pool, &items[i].work), HT_OK);
    }
    ht_pool_free(pool);
    for (size_t i = 0; i < 50; i++) assert_true(items[i].is_worked);
    assert_int_equal(b.done, 0);
    ht_loop_drain(b.loop);
    assert_int_equal(b.done, 50);
    close_bench(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_works_on_a_worker_and_answers_on_the_loop),
        cmocka_unit_test(pool_refuses_when_its_queue_is_full),
        cmocka_unit_test(pool_works_on_as_many_items_at_once_as_it_has_threads),
        cmocka_unit_test(pool_finishes_what_was_submitted_before_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
