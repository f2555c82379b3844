/* Watching descriptors on the loop: sockets of protocols that lws does not speak itself.
 *
 * A watch lives in its owner's struct, zeroed before first use, and owns its descriptor. lws gets a
 * copy of it to look at, so that closing is ours alone. All functions and callbacks: loop thread.
 */
#ifndef HT_LOOP_WATCH_H
#define HT_LOOP_WATCH_H

#include "node/loop/loop.h"

struct ht_watches; /* where watches belong to; one of a kind of service is enough */

struct ht_watch {
    struct lws *wsi;
    int fd; /* for the owner to read and write; never blocks. Meaningless when closed */
    bool is_open;
    int error; /* of a socket that was lost: its errno, 0 without */
    /* Read until there is no more; the end of a stream is seen here, as a read of nothing. May
     * close the watch. */
    void (*readable)(struct ht_watch *watch);
    void (*writable)(struct ht_watch *watch); /* once for each ht_watch_write; NULL: never asked */
    /* It failed with nothing to read (as a connection that is refused); the watch is closed
     * already. NULL: not told. */
    void (*lost)(struct ht_watch *watch);
};

/* HT_ENOMEM, HT_ENET "no_watch". */
enum ht_err ht_watches_new(struct ht_watches **out, struct ht_loop *loop,
                           struct ht_why *why) HT_MUST_USE;
/* All watches are closed before. NULL is fine. */
void ht_watches_free(struct ht_watches *watches);

/* Takes fd over, which must not block, also when it fails. HT_ENET "no_watch". The callbacks are
 * set by the owner before. */
enum ht_err ht_watch_open(struct ht_watch *watch, struct ht_watches *watches, int fd,
                          struct ht_why *why) HT_MUST_USE;
/* writable is called when it can be written to (or connecting has ended). */
void ht_watch_write(struct ht_watch *watch);
/* No callback comes after this. A closed one is fine. */
void ht_watch_close(struct ht_watch *watch);

#endif
