/* Starting a thread of the node. */
#ifndef HT_LOOP_THREAD_H
#define HT_LOOP_THREAD_H

#include <pthread.h>

#include "node/base/err.h"

/* Starts a thread that runs entry(arg), to be joined by the caller. All signals are blocked in it,
 * so that they arrive at the loop thread. `name` has at most 15 characters. HT_EAGAIN
 * "no_thread" when the system has none to give. */
enum ht_err ht_thread_start(pthread_t *out, const char *name, void *(*entry)(void *), void *arg,
                            struct ht_why *why) HT_MUST_USE;

#endif
