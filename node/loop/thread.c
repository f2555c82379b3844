/* Starting a thread with signals blocked and a name for debuggers. What it does is its own. */
#include "node/loop/thread.h"

#include <signal.h>
#include <string.h>

enum ht_err ht_thread_start(pthread_t *out, const char *name, void *(*entry)(void *), void *arg,
                            struct ht_why *why) {
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    /* A thread inherits the mask of the one that starts it. */
    ht_assert(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, entry, arg);
    ht_assert(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    if (failed != 0)
        return ht_fail(why, HT_EAGAIN, "no_thread", "cannot start the %s thread: %s", name,
                       strerror(failed));
    (void)pthread_setname_np(thread, name);
    *out = thread;
    return HT_OK;
}
