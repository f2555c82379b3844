/* A read connection that workers share, one at a time. */
#include "node/store/reader.h"

#include <pthread.h>
#include <stdlib.h>

struct ht_reader {
    struct ht_pool *pool;
    sqlite3 *db;
    pthread_mutex_t mutex; /* whose turn it is with db */
    bool is_stopping;
};

enum ht_err ht_reader_new(struct ht_reader **out, struct ht_pool *pool, const char *path,
                          struct ht_why *why) {
    struct ht_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    enum ht_err err = ht_db_open_reader(&reader->db, path, why);
    if (err != HT_OK) {
        free(reader);
        return err;
    }
    reader->pool = pool;
    ht_assert(pthread_mutex_init(&reader->mutex, NULL) == 0);
    *out = reader;
    return HT_OK;
}

void ht_reader_stop(struct ht_reader *reader) {
    if (reader != NULL) reader->is_stopping = true;
}

void ht_reader_free(struct ht_reader *reader) {
    if (reader == NULL) return;
    ht_db_close(reader->db);
    (void)pthread_mutex_destroy(&reader->mutex);
    free(reader);
}

static struct ht_read *read_of(struct ht_work *work) {
    return (struct ht_read *)((char *)work - offsetof(struct ht_read, work));
}

/* On a worker. */
static void run(struct ht_work *work) {
    struct ht_read *read = read_of(work);
    struct ht_reader *reader = read->reader;
    (void)pthread_mutex_lock(&reader->mutex);
    read->err = read->read(read, reader->db, &read->why);
    (void)pthread_mutex_unlock(&reader->mutex);
}

static void finish(struct ht_work *work) {
    struct ht_read *read = read_of(work);
    read->done(read);
}

enum ht_err ht_reader_submit(struct ht_reader *reader, struct ht_read *read) {
    if (reader->is_stopping) return HT_EAGAIN;
    read->reader = reader;
    read->why = (struct ht_why){0};
    read->work.work = run;
    read->work.done = finish;
    return ht_pool_submit(reader->pool, &read->work);
}
