/* The writer thread: owns the one read-write connection.
 *
 * Jobs that are queued when a transaction starts share it (at most 500 jobs or 50 ms), so that
 * they share one fsync; `done` runs on the loop thread after COMMIT, and only then may anything
 * be acknowledged to anyone. */
#ifndef HT_STORE_WRITER_H
#define HT_STORE_WRITER_H

#include "node/loop/loop.h"
#include "node/store/db.h"

struct ht_writer;

struct ht_write {
    struct ht_job job; /* the writer's own */
    /* On the writer thread, inside a transaction and a savepoint: an error undoes this job alone.
     * It neither commits nor rolls back. When SQLite loses the whole transaction (a full disk), all
     * that share it fail with the same reason. */
    enum ht_err (*write)(struct ht_write *w, sqlite3 *db, struct ht_why *why);
    /* On the loop thread, after COMMIT or failure; frees the struct that holds this. */
    void (*done)(struct ht_write *w);
    enum ht_err err; /* result, set before done */
    struct ht_why why;
    struct ht_writer *writer; /* the writer's own */
};

/* Takes over db and starts the thread; db stays the caller's on an error, HT_ENOMEM or HT_EAGAIN.
 */
enum ht_err ht_writer_new(struct ht_writer **out, struct ht_loop *loop, sqlite3 *db,
                          struct ht_why *why) HT_MUST_USE;
/* Commits what was queued, joins the thread, closes the connection. The `done` calls wait in the
 * loop's mailbox; ht_loop_drain runs them. */
void ht_writer_free(struct ht_writer *writer);

/* Loop thread. HT_EAGAIN when the queue is full; the write stays the caller's. */
enum ht_err ht_writer_submit(struct ht_writer *writer, struct ht_write *write) HT_MUST_USE;

#endif
