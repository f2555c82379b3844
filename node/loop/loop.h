/* The loop thread: owns every socket, timer, session and module state (DESIGN.md section 2).
 *
 * Built on libwebsockets' own poll loop. Only ht_loop_post, ht_loop_answer and ht_loop_stop may be
 * called from another thread (they end in lws_cancel_service, the only lws call allowed there). A
 * callback returns within 2 ms; longer work goes to the pool.
 *
 * For protocols on the API server's vhosts: answer 0 to LWS_CALLBACK_EVENT_WAIT_CANCELLED, which
 * lws sends to every protocol; anything else makes lws close the pipe that wakes the loop. */
#ifndef HT_LOOP_LOOP_H
#define HT_LOOP_LOOP_H

#include <libwebsockets.h>

#include "node/base/clock.h"
#include "node/loop/mailbox.h"

struct ht_loop;

/* A timer lives in its owner's struct, zeroed before first use, and fires once per ht_timer_set. */
struct ht_timer {
    lws_sorted_usec_list_t sul; /* lws' own; first, so that the timer is found from it */
    struct ht_loop *loop;
    void (*fire)(struct ht_timer *timer);
};

/* Creates the loop and its lws context; no sockets yet. HT_ENOMEM, HT_ENET. */
enum ht_err ht_loop_new(struct ht_loop **out, const struct ht_clock *clock,
                        struct ht_why *why) HT_MUST_USE;
/* After ht_loop_run has returned and every thread that posts has ended. */
void ht_loop_free(struct ht_loop *loop);

/* Runs until ht_loop_stop; a stop that came before counts. The calling thread becomes the loop
 * thread. May be called again afterwards. */
void ht_loop_run(struct ht_loop *loop);
/* Any thread, and safe in a signal handler. */
void ht_loop_stop(struct ht_loop *loop);

/* Hands a job to the loop thread; any thread. HT_EAGAIN when the mailbox is full. */
enum ht_err ht_loop_post(struct ht_loop *loop, struct ht_job *job) HT_MUST_USE;

/* Hands over the answer to something this loop asked for; any thread, never refused: see
 * ht_mailbox_answer. */
void ht_loop_answer(struct ht_loop *loop, struct ht_job *job);

/* Takes back a job that has not run yet; loop thread. False when it is not waiting. */
bool ht_loop_unpost(struct ht_loop *loop, const struct ht_job *job);

/* Runs the jobs that wait now, not what they post in turn; loop thread, loop not running. For
 * stopping, after the threads that post have ended. */
void ht_loop_drain(struct ht_loop *loop);

/* Loop thread only. Setting a running timer moves it. */
void ht_timer_set(struct ht_loop *loop, struct ht_timer *timer, int64_t delay_ms,
                  void (*fire)(struct ht_timer *timer));
void ht_timer_cancel(struct ht_timer *timer);

/* For the API server, which adds its vhosts; loop thread only. */
struct lws_context *ht_loop_lws(struct ht_loop *loop);
const struct ht_clock *ht_loop_clock(const struct ht_loop *loop);

/* The longest a single turn of callbacks has held the loop, in microseconds, since start: the time
 * that jobs and timers took, or the processor time of the whole turn with its sockets, whichever is
 * more. A socket callback that sleeps is not seen. Loop thread. */
int64_t ht_loop_longest_turn_us(const struct ht_loop *loop);

#endif
