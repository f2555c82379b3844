/* Worker pool: threads that take from one queue, and hand each item back to the loop. */
#include "node/loop/pool.h"

#include <stdlib.h>

#include "node/loop/thread.h"

struct ht_pool {
    struct ht_loop *loop;
    struct ht_mailbox queue;
    unsigned count;
    pthread_t threads[];
};

static void finish_on_loop(struct ht_job *job) {
    struct ht_work *w = (struct ht_work *)job;
    w->done(w);
}

/* A worker: runs what is queued, one item after another, until the queue is closed and empty. */
static void *work(void *arg) {
    struct ht_pool *pool = arg;
    for (struct ht_job *job; (job = ht_mailbox_wait(&pool->queue)) != NULL;) {
        struct ht_work *w = (struct ht_work *)job;
        w->work(w);
        job->run = finish_on_loop;
        ht_loop_answer(pool->loop, job);
    }
    return NULL;
}

enum ht_err ht_pool_new(struct ht_pool **out, struct ht_loop *loop, unsigned threads,
                        size_t max_queue, struct ht_why *why) {
    struct ht_pool *pool = calloc(1, sizeof *pool + threads * sizeof pool->threads[0]);
    if (pool == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the workers");
    pool->loop = loop;
    ht_mailbox_init(&pool->queue, max_queue);
    enum ht_err err = HT_OK;
    while (err == HT_OK && pool->count < threads) {
        err = ht_thread_start(&pool->threads[pool->count], "worker", work, pool, why);
        if (err == HT_OK) pool->count++;
    }
    if (err != HT_OK) {
        ht_pool_free(pool);
        return err;
    }
    *out = pool;
    return HT_OK;
}

void ht_pool_free(struct ht_pool *pool) {
    if (pool == NULL) return;
    ht_mailbox_close(&pool->queue);
    for (unsigned i = 0; i < pool->count; i++) ht_assert(pthread_join(pool->threads[i], NULL) == 0);
    ht_mailbox_fini(&pool->queue);
    free(pool);
}

enum ht_err ht_pool_submit(struct ht_pool *pool, struct ht_work *w) {
    w->pool = pool;
    return ht_mailbox_post(&pool->queue, &w->job);
}
