/* Bounded mailbox: one list under one lock. Waking the loop thread is the loop's business. */
#include "node/loop/mailbox.h"

void ht_mailbox_init(struct ht_mailbox *box, size_t max) {
    *box = (struct ht_mailbox){.max = max};
    box->last = &box->first;
    ht_assert(pthread_mutex_init(&box->lock, NULL) == 0);
    ht_assert(pthread_cond_init(&box->filled, NULL) == 0);
}

void ht_mailbox_fini(struct ht_mailbox *box) {
    ht_assert(box->first == NULL);
    ht_assert(pthread_cond_destroy(&box->filled) == 0);
    ht_assert(pthread_mutex_destroy(&box->lock) == 0);
}

static void enter(struct ht_mailbox *box) {
    ht_assert(pthread_mutex_lock(&box->lock) == 0);
}

static void leave(struct ht_mailbox *box) {
    ht_assert(pthread_mutex_unlock(&box->lock) == 0);
}

static void append(struct ht_mailbox *box, struct ht_job *job) {
    job->next = NULL;
    *box->last = job;
    box->last = &job->next;
    box->count++;
    ht_assert(pthread_cond_signal(&box->filled) == 0);
}

static struct ht_job *take_first(struct ht_mailbox *box) {
    struct ht_job *job = box->first;
    if (job == NULL) return NULL;
    box->first = job->next;
    if (box->first == NULL) box->last = &box->first;
    box->count--;
    job->next = NULL;
    return job;
}

enum ht_err ht_mailbox_post(struct ht_mailbox *box, struct ht_job *job) {
    enter(box);
    bool is_accepted = !box->is_closed && box->count < box->max;
    if (is_accepted) append(box, job);
    leave(box);
    return is_accepted ? HT_OK : HT_EAGAIN;
}

void ht_mailbox_answer(struct ht_mailbox *box, struct ht_job *job) {
    enter(box);
    append(box, job);
    leave(box);
}

bool ht_mailbox_remove(struct ht_mailbox *box, const struct ht_job *job) {
    enter(box);
    struct ht_job **at = &box->first;
    while (*at != NULL && *at != job) at = &(*at)->next;
    bool is_there = *at != NULL;
    if (is_there) {
        if (box->last == &(*at)->next) box->last = at;
        *at = (*at)->next;
        box->count--;
    }
    leave(box);
    return is_there;
}

struct ht_job *ht_mailbox_take_all(struct ht_mailbox *box) {
    enter(box);
    struct ht_job *jobs = box->first;
    box->first = NULL;
    box->last = &box->first;
    box->count = 0;
    leave(box);
    return jobs;
}

struct ht_job *ht_mailbox_take(struct ht_mailbox *box) {
    enter(box);
    struct ht_job *job = take_first(box);
    leave(box);
    return job;
}

struct ht_job *ht_mailbox_wait(struct ht_mailbox *box) {
    enter(box);
    while (box->first == NULL && !box->is_closed)
        ht_assert(pthread_cond_wait(&box->filled, &box->lock) == 0);
    struct ht_job *job = take_first(box);
    leave(box);
    return job;
}

void ht_mailbox_close(struct ht_mailbox *box) {
    enter(box);
    box->is_closed = true;
    ht_assert(pthread_cond_broadcast(&box->filled) == 0);
    leave(box);
}
