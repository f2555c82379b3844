/* Worker pool: BLS, proofs, key stretching and other work too long for the loop thread.
 *
 * A work item is embedded in its owner's struct and belongs to the pool from submit until done. */
#ifndef HT_LOOP_POOL_H
#define HT_LOOP_POOL_H

#include "node/loop/loop.h"

struct ht_pool;

struct ht_work {
    struct ht_job job;               /* the pool's own */
    void (*work)(struct ht_work *w); /* on a worker: no session or module state */
    void (*done)(struct ht_work *w); /* afterwards on the loop thread */
    struct ht_pool *pool;            /* the pool's own */
};

/* Starts `threads` workers that share one queue of at most max_queue items. */
enum ht_err ht_pool_new(struct ht_pool **out, struct ht_loop *loop, unsigned threads,
                        size_t max_queue, struct ht_why *why) HT_MUST_USE;
/* Finishes what was submitted, then joins the workers. Their `done` jobs wait in the loop's
 * mailbox; ht_loop_drain runs them, ht_loop_free drops them. */
void ht_pool_free(struct ht_pool *pool);

/* Loop thread. HT_EAGAIN when the queue is full; the item stays the caller's. */
enum ht_err ht_pool_submit(struct ht_pool *pool, struct ht_work *work) HT_MUST_USE;

#endif
