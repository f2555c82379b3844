/* Reads of the database beside the writer: a connection of its own, used by one worker at a time.
 *
 * For reads that may take more than the loop can wait. What the writer commits is seen by reads
 * that begin later. */
#ifndef HT_STORE_READER_H
#define HT_STORE_READER_H

#include "node/loop/pool.h"
#include "node/store/db.h"

struct ht_reader;

/* Lives in its owner's struct from submit until done. */
struct ht_read {
    struct ht_work work; /* the reader's own */
    /* On a worker. */
    enum ht_err (*read)(struct ht_read *r, sqlite3 *db, struct ht_why *why);
    /* Afterwards on the loop thread. */
    void (*done)(struct ht_read *r);
    enum ht_err err; /* what read returned */
    struct ht_why why;
    struct ht_reader *reader; /* the reader's own */
};

/* Opens the file, which ht_db_open has brought up to date. Errors of ht_db_open_reader. */
enum ht_err ht_reader_new(struct ht_reader **out, struct ht_pool *pool, const char *path,
                          struct ht_why *why) HT_MUST_USE;
/* Loop thread, before the pool ends: nothing more is taken, since what the pool finished may want
 * to read on. NULL is fine. */
void ht_reader_stop(struct ht_reader *reader);
/* When the pool has ended. NULL is fine. */
void ht_reader_free(struct ht_reader *reader);

/* Loop thread. HT_EAGAIN when the pool is full, or after ht_reader_stop; the read stays the
 * caller's. */
enum ht_err ht_reader_submit(struct ht_reader *reader, struct ht_read *read) HT_MUST_USE;

#endif
