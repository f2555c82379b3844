/* Bounded mailbox: how threads hand each other work, by value and without waiting.
 *
 * A job is embedded in the caller's own struct; posting allocates nothing and passes ownership of
 * that struct to the receiver until it hands it back by a job of its own. */
#ifndef HT_LOOP_MAILBOX_H
#define HT_LOOP_MAILBOX_H

#include <pthread.h>

#include "node/base/err.h"

struct ht_job {
    void (*run)(struct ht_job *job); /* called once, on the receiving thread */
    struct ht_job *next;             /* the mailbox's own, while posted */
};

struct ht_mailbox {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct ht_job *first;
    struct ht_job **last;
    size_t count;
    size_t max;
    bool is_closed;
};

/* A mailbox that holds at most max jobs. */
void ht_mailbox_init(struct ht_mailbox *box, size_t max);
/* Must be empty and no longer used by any thread. */
void ht_mailbox_fini(struct ht_mailbox *box);

/* Adds a job at the end; any thread. HT_EAGAIN when full or closed: the job stays the caller's. */
enum ht_err ht_mailbox_post(struct ht_mailbox *box, struct ht_job *job) HT_MUST_USE;

/* Adds a job that answers one accepted before, or hands it on; any thread. Never refused, even when
 * full: such jobs are no more than were accepted, and they take no memory of their own. So an
 * answer is never lost and the thread that gives it never waits. */
void ht_mailbox_answer(struct ht_mailbox *box, struct ht_job *job);

/* Takes back a job that was posted and not yet taken; any thread. False when it is not there. */
bool ht_mailbox_remove(struct ht_mailbox *box, const struct ht_job *job);

/* Takes everything that is there as a linked list, oldest first, NULL when empty; never waits.
 * For the loop thread, whose wake-ups coalesce. */
struct ht_job *ht_mailbox_take_all(struct ht_mailbox *box);

/* Takes the oldest, NULL when empty; never waits. */
struct ht_job *ht_mailbox_take(struct ht_mailbox *box);

/* Takes one, waiting for it; NULL when the mailbox is closed and empty. For worker threads. */
struct ht_job *ht_mailbox_wait(struct ht_mailbox *box);

/* No more posts; waiting receivers finish what is there and then get NULL. */
void ht_mailbox_close(struct ht_mailbox *box);

#endif
