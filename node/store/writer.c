/* The writer thread: gathers queued writes into transactions and answers them after COMMIT. What is
 * written is the writes' own business. */
#include "node/store/writer.h"

#include <stdlib.h>

#include "node/loop/thread.h"
#include "node/store/db_sql.h"

#define MAX_QUEUE 4096
#define BATCH_WRITES 500
#define BATCH_MS 50
/* Of SQLite's log, until it is worked into the file. A page that changed often since the last time
 * is then written once, and nobody reads through a longer log after a crash. */
#define LOG_PAGES 4000

struct ht_writer {
    struct ht_loop *loop;
    struct ht_mailbox queue;
    sqlite3 *db;
    pthread_t thread;
    struct ht_write *batch[BATCH_WRITES]; /* in the open transaction */
    size_t batch_count;
    int log_pages;
};

static void finish_on_loop(struct ht_job *job) {
    struct ht_write *w = (struct ht_write *)job;
    w->done(w);
}

/* Answers the batch. An error says that the transaction is lost, and with it every write that had
 * gone well; one that had failed before keeps its own reason. */
static void answer_batch(struct ht_writer *writer, enum ht_err err, const struct ht_why *why) {
    for (size_t i = 0; i < writer->batch_count; i++) {
        struct ht_write *w = writer->batch[i];
        if (w->err == HT_OK && err != HT_OK) {
            w->err = err;
            w->why = *why;
        }
        w->job.run = finish_on_loop;
        ht_loop_answer(writer->loop, &w->job);
    }
    writer->batch_count = 0;
}

/* Runs one write in a savepoint. What it returns is about the transaction: the write's own error
 * stays with the write. */
static enum ht_err run_write(struct ht_writer *writer, struct ht_write *w, struct ht_why *why) {
    sqlite3 *db = writer->db;
    writer->batch[writer->batch_count++] = w;
    w->err = HT_OK;
    w->why = (struct ht_why){0};
    if (ht_db_sql_save(db) != SQLITE_OK) return ht_db_fail(why, db, "cannot begin a write");
    w->err = w->write(w, db, &w->why);
    if (sqlite3_get_autocommit(db)) {
        /* After some errors, a full disk among them, SQLite rolls back the whole transaction. */
        if (w->err == HT_OK || w->why.code == NULL)
            return ht_fail(why, HT_EBUG, "transaction_ended", "a write ended the transaction");
        *why = w->why;
        return w->err;
    }
    int rc = w->err == HT_OK ? ht_db_sql_keep(db) : ht_db_sql_undo(db);
    return rc == SQLITE_OK ? HT_OK : ht_db_fail(why, db, "cannot end a write");
}

/* Instead of SQLite's own, which works the log in before COMMIT returns: what is on the disk by
 * then would be acknowledged later. */
static int count_log(void *arg, sqlite3 *db, const char *name, int pages) {
    struct ht_writer *writer = arg;
    (void)db;
    (void)name;
    writer->log_pages = pages;
    return SQLITE_OK;
}

/* A failure is tried again after the next transaction; until then the log holds everything. */
static void work_log_in(struct ht_writer *writer) {
    if (writer->log_pages < LOG_PAGES) return;
    writer->log_pages = 0;
    (void)sqlite3_wal_checkpoint_v2(writer->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* One transaction: this write and those that wait behind it, up to the limits. */
static void run_batch(struct ht_writer *writer, struct ht_write *w) {
    struct ht_why why = {0};
    if (ht_db_sql_begin(writer->db) != SQLITE_OK) {
        w->err = ht_db_fail(&w->why, writer->db, "cannot begin a transaction");
        writer->batch[writer->batch_count++] = w;
        answer_batch(writer, HT_OK, &why);
        return;
    }
    int64_t end_ms = ht_mono_ms(&ht_system_clock) + BATCH_MS;
    enum ht_err err;
    do {
        err = run_write(writer, w, &why);
        bool is_full = writer->batch_count == BATCH_WRITES || ht_mono_ms(&ht_system_clock) > end_ms;
        w = err == HT_OK && !is_full ? (struct ht_write *)ht_mailbox_take(&writer->queue) : NULL;
    } while (w != NULL);
    if (err == HT_OK && ht_db_sql_commit(writer->db) != SQLITE_OK)
        err = ht_db_fail(&why, writer->db, "cannot commit");
    if (err != HT_OK) (void)ht_db_sql_rollback(writer->db);
    answer_batch(writer, err, &why);
}

/* The writer: the only thread that changes the database; runs until the queue is closed and empty.
 */
static void *serve(void *arg) {
    struct ht_writer *writer = arg;
    for (struct ht_job *job; (job = ht_mailbox_wait(&writer->queue)) != NULL;) {
        run_batch(writer, (struct ht_write *)job);
        work_log_in(writer);
    }
    return NULL;
}

enum ht_err ht_writer_new(struct ht_writer **out, struct ht_loop *loop, sqlite3 *db,
                          struct ht_why *why) {
    struct ht_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "no memory for the writer");
    writer->loop = loop;
    writer->db = db;
    (void)sqlite3_wal_hook(db, count_log, writer);
    ht_mailbox_init(&writer->queue, MAX_QUEUE);
    enum ht_err err = ht_thread_start(&writer->thread, "writer", serve, writer, why);
    if (err != HT_OK) {
        (void)sqlite3_wal_hook(db, NULL, NULL);
        ht_mailbox_fini(&writer->queue);
        free(writer);
        return err;
    }
    *out = writer;
    return HT_OK;
}

void ht_writer_free(struct ht_writer *writer) {
    if (writer == NULL) return;
    ht_mailbox_close(&writer->queue);
    ht_assert(pthread_join(writer->thread, NULL) == 0);
    ht_mailbox_fini(&writer->queue);
    ht_db_close(writer->db);
    free(writer);
}

enum ht_err ht_writer_submit(struct ht_writer *writer, struct ht_write *write) {
    write->writer = writer;
    return ht_mailbox_post(&writer->queue, &write->job);
}
