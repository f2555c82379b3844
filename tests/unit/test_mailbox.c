/* The bounded mailbox: order, bound, waiting and closing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/loop/mailbox.h"

static void mailbox_gives_back_jobs_in_order(void **state) {
    (void)state;
    struct ht_mailbox box;
    struct ht_job jobs[3] = {0};
    ht_mailbox_init(&box, 3);
    for (size_t i = 0; i < 3; i++) assert_int_equal(ht_mailbox_post(&box, &jobs[i]), HT_OK);
    struct ht_job *all = ht_mailbox_take_all(&box);
    assert_ptr_equal(all, &jobs[0]);
    assert_ptr_equal(all->next, &jobs[1]);
    assert_ptr_equal(all->next->next, &jobs[2]);
    assert_null(all->next->next->next);
    assert_null(ht_mailbox_take_all(&box));
    ht_mailbox_fini(&box);
}

static void mailbox_refuses_when_full(void **state) {
    (void)state;
    struct ht_mailbox box;
    struct ht_job jobs[3] = {0};
    ht_mailbox_init(&box, 2);
    assert_int_equal(ht_mailbox_post(&box, &jobs[0]), HT_OK);
    assert_int_equal(ht_mailbox_post(&box, &jobs[1]), HT_OK);
    assert_int_equal(ht_mailbox_post(&box, &jobs[2]), HT_EAGAIN);
    assert_ptr_equal(ht_mailbox_take(&box), &jobs[0]);
    assert_int_equal(ht_mailbox_post(&box, &jobs[2]), HT_OK);
    assert_ptr_equal(ht_mailbox_take(&box), &jobs[1]);
    assert_ptr_equal(ht_mailbox_take(&box), &jobs[2]);
    assert_null(ht_mailbox_take(&box));
    ht_mailbox_fini(&box);
}

static void mailbox_accepts_an_answer_when_full(void **state) {
    (void)state;
    struct ht_mailbox box;
    struct ht_job jobs[2] = {0};
    ht_mailbox_init(&box, 1);
    assert_int_equal(ht_mailbox_post(&box, &jobs[0]), HT_OK);
    ht_mailbox_answer(&box, &jobs[1]);
    assert_ptr_equal(ht_mailbox_take(&box), &jobs[0]);
    assert_ptr_equal(ht_mailbox_take(&box), &jobs[1]);
    ht_mailbox_fini(&box);
}

static void mailbox_refuses_when_closed(void **state) {
    (void)state;
    struct ht_mailbox box;
    struct ht_job job = {0};
    ht_mailbox_init(&box, 1);
    ht_mailbox_close(&box);
    assert_int_equal(ht_mailbox_post(&box, &job), HT_EAGAIN);
    ht_mailbox_fini(&box);
}

static void mailbox_hands_out_what_is_left_before_it_ends(void **state) {
    (void)state;
    struct ht_mailbox box;
    struct ht_job job = {0};
    ht_mailbox_init(&box, 1);
    assert_int_equal(ht_mailbox_post(&box, &job), HT_OK);
    ht_mailbox_close(&box);
    assert_ptr_equal(ht_mailbox_wait(&box), &job);
    assert_null(ht_mailbox_wait(&box));
    ht_mailbox_fini(&box);
}

static void mailbox_takes_back_any_job_that_waits(void **state) {
    (void)state;
    for (size_t gone = 0; gone < 3; gone++) {
        struct ht_mailbox box;
        struct ht_job jobs[4] = {0};
        ht_mailbox_init(&box, 4);
        for (size_t i = 0; i < 3; i++) assert_int_equal(ht_mailbox_post(&box, &jobs[i]), HT_OK);
        assert_true(ht_mailbox_remove(&box, &jobs[gone]));
        assert_false(ht_mailbox_remove(&box, &jobs[gone]));
        assert_int_equal(ht_mailbox_post(&box, &jobs[3]), HT_OK);
        for (size_t i = 0; i < 4; i++)
            if (i != gone) assert_ptr_equal(ht_mailbox_take(&box), &jobs[i]);
        assert_null(ht_mailbox_take(&box));
        ht_mailbox_fini(&box);
    }
}

#define SENDERS 4
#define JOBS_EACH 2000

struct numbered {
    struct ht_job job;
    unsigned sender;
    unsigned number;
};

struct sender {
    pthread_t thread;
    struct ht_mailbox *box;
    struct numbered jobs[JOBS_EACH];
};

static void *send_all(void *arg) {
    struct sender *self = arg;
    for (unsigned i = 0; i < JOBS_EACH; i++)
        if (ht_mailbox_post(self->box, &self->jobs[i].job) != HT_OK) return self;
    return NULL;
}

static void mailbox_keeps_the_order_of_each_thread(void **state) {
    (void)state;
    static struct sender senders[SENDERS];
    struct ht_mailbox box;
    ht_mailbox_init(&box, SENDERS * JOBS_EACH);
    for (unsigned s = 0; s < SENDERS; s++) {
        senders[s].box = &box;
        for (unsigned i = 0; i < JOBS_EACH; i++)
            senders[s].jobs[i] = (struct numbered){.sender = s, .number = i};
        assert_int_equal(pthread_create(&senders[s].thread, NULL, send_all, &senders[s]), 0);
    }
    unsigned next[SENDERS] = {0};
    for (unsigned i = 0; i < SENDERS * JOBS_EACH; i++) {
        const struct numbered *got = (struct numbered *)ht_mailbox_wait(&box);
        assert_non_null(got);
        assert_int_equal(got->number, next[got->sender]++);
    }
    for (unsigned s = 0; s < SENDERS; s++) {
        void *refused = NULL;
        assert_int_equal(pthread_join(senders[s].thread, &refused), 0);
        assert_null(refused);
    }
    ht_mailbox_fini(&box);
}

static void *wait_for_end(void *arg) {
    return ht_mailbox_wait(arg);
}

static void mailbox_wakes_every_waiting_thread_when_closed(void **state) {
    (void)state;
    struct ht_mailbox box;
    pthread_t threads[3];
    ht_mailbox_init(&box, 1);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_end, &box), 0);
    ht_mailbox_close(&box);
    for (size_t i = 0; i < 3; i++) {
        void *got = &box;
        assert_int_equal(pthread_join(threads[i], &got), 0);
        assert_null(got);
    }
    ht_mailbox_fini(&box);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mailbox_gives_back_jobs_in_order),
        cmocka_unit_test(mailbox_refuses_when_full),
        cmocka_unit_test(mailbox_accepts_an_answer_when_full),
        cmocka_unit_test(mailbox_refuses_when_closed),
        cmocka_unit_test(mailbox_hands_out_what_is_left_before_it_ends),
        cmocka_unit_test(mailbox_takes_back_any_job_that_waits),
        cmocka_unit_test(mailbox_keeps_the_order_of_each_thread),
        cmocka_unit_test(mailbox_wakes_every_waiting_thread_when_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
