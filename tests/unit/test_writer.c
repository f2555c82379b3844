/* The writer thread: order, isolation of failing writes, shared transactions, and that nothing that
 * was acknowledged is lost when the process is killed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/store/writer.h"

#define DEADLINE_MS 20000

static const struct ht_migration schema[] = {
    {.name = "notes",
     .sql = "CREATE TABLE note (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, text BLOB) STRICT"},
};

struct bench {
    char dir[64];
    char path[96];
    struct ht_loop *loop;
    struct ht_writer *writer;
    struct ht_timer deadline;
    bool is_late;
    unsigned done;
    unsigned target;
    pthread_t loop_thread;
};

struct gate { /* holds the writer until a test opens it */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_reached;
    bool is_open;
};

struct note {
    struct ht_write write;
    struct bench *bench;
    int64_t id;
    int64_t size;
    enum ht_err fails; /* after having written */
    bool ends_transaction;
    struct gate *gate;
    unsigned order; /* of done */
};

static void stop_late(struct ht_timer *timer) {
    struct bench *b = (struct bench *)((char *)timer - offsetof(struct bench, deadline));
    b->is_late = true;
    ht_loop_stop(b->loop);
}

static void start_writer(struct bench *b, bool is_small) {
    struct ht_why why = {0};
    sqlite3 *db = NULL;
    b->loop_thread = pthread_self();
    if (ht_db_open(&db, b->path, schema, 1, &why) != HT_OK) fail_msg("%s", why.text);
    if (is_small)
        assert_int_equal(sqlite3_exec(db, "PRAGMA max_page_count = 20", NULL, NULL, NULL),
                         SQLITE_OK);
    if (ht_loop_new(&b->loop, &ht_system_clock, &why) != HT_OK) fail_msg("%s", why.text);
    if (ht_writer_new(&b->writer, b->loop, db, &why) != HT_OK) fail_msg("%s", why.text);
    ht_timer_set(b->loop, &b->deadline, DEADLINE_MS, stop_late);
}

static void stop_writer(struct bench *b) {
    ht_writer_free(b->writer);
    ht_loop_drain(b->loop);
    ht_timer_cancel(&b->deadline);
    ht_loop_free(b->loop);
}

static int make_place(void **state) {
    struct bench *b = calloc(1, sizeof *b);
    if (b == NULL) return -1;
    (void)snprintf(b->dir, sizeof b->dir, "/tmp/hearth-writer-XXXXXX");
    if (mkdtemp(b->dir) == NULL) return -1;
    (void)snprintf(b->path, sizeof b->path, "%s/node.db", b->dir);
    *state = b;
    return 0;
}

static int remove_place(void **state) {
    struct bench *b = *state;
    const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[112];
        (void)snprintf(path, sizeof path, "%s%s", b->path, ends[i]);
        (void)remove(path);
    }
    int failed = rmdir(b->dir);
    free(b);
    return failed;
}

static void pass_gate(struct gate *gate) {
    pthread_mutex_lock(&gate->lock);
    gate->is_reached = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->is_open) pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

static enum ht_err write_note(struct ht_write *w, sqlite3 *db, struct ht_why *why) {
    struct note *n = (struct note *)w;
    assert_false(pthread_equal(pthread_self(), n->bench->loop_thread));
    assert_false(sqlite3_get_autocommit(db));
    if (n->gate != NULL) pass_gate(n->gate);
    sqlite3_stmt *stmt = NULL;
    enum ht_err err = ht_db_prepare(&stmt, db,
                                    "INSERT INTO note (id, size, text) VALUES (?1, ?2, "
                                    "randomblob(?2))",
                                    why);
    if (err != HT_OK) return err;
    sqlite3_bind_int64(stmt, 1, n->id);
    sqlite3_bind_int64(stmt, 2, n->size);
    if (sqlite3_step(stmt) != SQLITE_DONE) err = ht_db_fail(why, db, "cannot store a note");
    sqlite3_finalize(stmt);
    if (n->ends_transaction) sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (err == HT_OK && n->fails != HT_OK) return ht_fail(why, n->fails, "own_reason", "refused");
    return err;
}

static void finish_note(struct ht_write *w) {
    struct note *n = (struct note *)w;
    assert_true(pthread_equal(pthread_self(), n->bench->loop_thread));
    n->order = ++n->bench->done;
    if (n->bench->done == n->bench->target) ht_loop_stop(n->bench->loop);
}

static struct note make_note(struct bench *b, int64_t id) {
    return (struct note){
        .write = {.write = write_note, .done = finish_note}, .bench = b, .id = id, .size = 10};
}

static void submit(struct note *n) {
    assert_int_equal(ht_writer_submit(n->bench->writer, &n->write), HT_OK);
}

/* Submits all while the writer is held by the first, so that they share a transaction. */
static void submit_together(struct bench *b, struct note *notes, size_t count) {
    struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    b->target = (unsigned)count;
    notes[0].gate = &gate;
    submit(&notes[0]);
    pthread_mutex_lock(&gate.lock);
    while (!gate.is_reached) pthread_cond_wait(&gate.changed, &gate.lock);
    for (size_t i = 1; i < count; i++) submit(&notes[i]);
    gate.is_open = true;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
    ht_loop_run(b->loop);
    assert_false(b->is_late);
    assert_int_equal(b->done, count);
}

static int64_t count_notes(const struct bench *b) {
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    struct ht_why why = {0};
    if (ht_db_open_reader(&db, b->path, &why) != HT_OK) fail_msg("%s", why.text);
    assert_int_equal(ht_db_prepare(&stmt, db, "SELECT count(*) FROM note", NULL), HT_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(stmt, 0);
    ht_db_close(db);
    return count;
}

static void writer_commits_before_it_answers_in_order(void **state) {
    struct bench *b = *state;
    static struct note notes[1200];
    start_writer(b, false);
    for (size_t i = 0; i < 1200; i++) notes[i] = make_note(b, (int64_t)i);
    submit_together(b, notes, 1200);
    assert_int_equal(count_notes(b), 1200); /* another connection sees only what is committed */
    for (size_t i = 0; i < 1200; i++) {
        assert_int_equal(notes[i].write.err, HT_OK);
        assert_int_equal(notes[i].order, i + 1);
    }
    stop_writer(b);
}

static void writer_undoes_a_failing_write_alone(void **state) {
    struct bench *b = *state;
    struct note notes[3] = {make_note(b, 1), make_note(b, 2), make_note(b, 3)};
    notes[1].fails = HT_EINPUT;
    start_writer(b, false);
    submit_together(b, notes, 3);
    assert_int_equal(notes[0].write.err, HT_OK);
    assert_int_equal(notes[1].write.err, HT_EINPUT);
    assert_string_equal(notes[1].write.why.code, "own_reason");
    assert_int_equal(notes[2].write.err, HT_OK);
    assert_int_equal(count_notes(b), 2);
    stop_writer(b);
}

static void writer_undoes_a_refused_row_alone(void **state) {
    struct bench *b = *state;
    struct note notes[3] = {make_note(b, 1), make_note(b, 1), make_note(b, 2)};
    start_writer(b, false);
    submit_together(b, notes, 3);
    assert_int_equal(notes[0].write.err, HT_OK);
    assert_int_equal(notes[1].write.err, HT_ESTORE);
    assert_string_equal(notes[1].write.why.code, "database_failed");
    assert_int_equal(notes[2].write.err, HT_OK);
    assert_int_equal(count_notes(b), 2);
    stop_writer(b);
}

static void writer_acknowledges_nothing_that_a_full_disk_undid(void **state) {
    struct bench *b = *state;
    struct note notes[3] = {make_note(b, 1), make_note(b, 2), make_note(b, 3)};
    notes[2].size = 1000000;
    start_writer(b, true);
    submit_together(b, notes, 3);
    assert_int_equal(notes[2].write.err, HT_ESTORE);
    assert_string_equal(notes[2].write.why.code, "disk_full");
    int64_t acknowledged = (notes[0].write.err == HT_OK) + (notes[1].write.err == HT_OK);
    for (size_t i = 0; i < 2; i++)
        if (notes[i].write.err != HT_OK) assert_string_equal(notes[i].write.why.code, "disk_full");
    assert_int_equal(count_notes(b), acknowledged);
    /* It goes on when there is room. */
    struct note later = make_note(b, 4);
    b->target = 4;
    submit(&later);
    ht_loop_run(b->loop);
    assert_int_equal(later.write.err, HT_OK);
    assert_int_equal(count_notes(b), acknowledged + 1);
    stop_writer(b);
}

static void writer_notices_a_write_that_ends_the_transaction(void **state) {
    struct bench *b = *state;
    struct note notes[2] = {make_note(b, 1), make_note(b, 2)};
    notes[1].ends_transaction = true;
    start_writer(b, false);
    submit_together(b, notes, 2);
    assert_int_equal(notes[1].write.err, HT_EBUG);
    assert_string_equal(notes[1].write.why.code, "transaction_ended");
    stop_writer(b);
}

static void writer_refuses_when_its_queue_is_full(void **state) {
    struct bench *b = *state;
    static struct note notes[5000];
    struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    start_writer(b, false);
    notes[0] = make_note(b, 0);
    notes[0].gate = &gate;
    submit(&notes[0]);
    pthread_mutex_lock(&gate.lock);
    while (!gate.is_reached) pthread_cond_wait(&gate.changed, &gate.lock);
    unsigned accepted = 1;
    while (accepted < 5000) {
        notes[accepted] = make_note(b, accepted);
        if (ht_writer_submit(b->writer, &notes[accepted].write) != HT_OK) break;
        accepted++;
    }
    gate.is_open = true;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
    assert_in_range(accepted, 2, 4999);
    stop_writer(b); /* finishes what was accepted */
    assert_int_equal(b->done, accepted);
    assert_int_equal(count_notes(b), accepted);
}

static int64_t size_of(const struct bench *b, const char *end) {
    char path[112];
    struct stat is = {.st_size = 0};
    (void)snprintf(path, sizeof path, "%s%s", b->path, end);
    assert_int_equal(stat(path, &is), 0);
    return is.st_size;
}

static void writer_works_the_log_into_the_file_before_it_grows_long(void **state) {
    struct bench *b = *state;
    const int64_t note_size = 1 << 20;
    const int64_t notes = 64;
    start_writer(b, false);
    for (int64_t i = 0; i < notes; i++) {
        struct note note = make_note(b, i);
        note.size = note_size;
        b->target = (unsigned)i + 1;
        submit(&note);
        ht_loop_run(b->loop);
        assert_int_equal(note.write.err, HT_OK);
    }
    assert_true(size_of(b, "-wal") < 24 * note_size);
    assert_true(size_of(b, "") > 32 * note_size);
    assert_int_equal(count_notes(b), notes);
    stop_writer(b);
}

#define KILLED_AFTER 300

struct endless {
    struct note notes[64];
    int64_t next_id;
    int acks;
};

static struct endless endless;

/* Tells the parent which row is safe, then writes the next. */
static void acknowledge(struct ht_write *w) {
    struct note *n = (struct note *)w;
    if (w->err != HT_OK || write(endless.acks, &n->id, sizeof n->id) != (ssize_t)sizeof n->id)
        _exit(3);
    *n = make_note(n->bench, endless.next_id++);
    n->write.done = acknowledge;
    if (ht_writer_submit(n->bench->writer, &n->write) != HT_OK) _exit(4);
}

static void write_for_ever(struct bench *b, int acks) {
    (void)alarm(DEADLINE_MS / 1000); /* should the test die first */
    start_writer(b, false);
    endless.acks = acks;
    for (size_t i = 0; i < 64; i++) {
        endless.notes[i] = make_note(b, endless.next_id++);
        endless.notes[i].write.done = acknowledge;
        if (ht_writer_submit(b->writer, &endless.notes[i].write) != HT_OK) _exit(5);
    }
    ht_loop_run(b->loop);
    _exit(6);
}

static bool has_note(sqlite3 *db, int64_t id) {
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(ht_db_prepare(&stmt, db, "SELECT 1 FROM note WHERE id = ?1", NULL), HT_OK);
    sqlite3_bind_int64(stmt, 1, id);
    bool is_there = sqlite3_step(stmt) == SQLITE_ROW;
    sqlite3_finalize(stmt);
    return is_there;
}

static void writer_keeps_every_acknowledged_row_when_killed(void **state) {
    struct bench *b = *state;
    int acks[2];
    assert_int_equal(pipe(acks), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) write_for_ever(b, acks[1]);
    (void)close(acks[1]);
    static int64_t safe[65536];
    size_t count = 0;
    bool is_killed = false;
    int64_t id;
    struct pollfd p = {.fd = acks[0], .events = POLLIN};
    /* What the child wrote before it died still comes out of the pipe, until its end. */
    while (count < 65536 && poll(&p, 1, DEADLINE_MS) == 1 &&
           read(acks[0], &id, sizeof id) == (ssize_t)sizeof id) {
        safe[count++] = id;
        if (count == KILLED_AFTER) is_killed = kill(pid, SIGKILL) == 0;
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)close(acks[0]);
    assert_true(is_killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_in_range(count, KILLED_AFTER, 65535);

    struct ht_why why = {0};
    sqlite3 *db = NULL;
    if (ht_db_open(&db, b->path, schema, 1, &why) != HT_OK) fail_msg("%s", why.text);
    for (size_t i = 0; i < count; i++)
        if (!has_note(db, safe[i])) fail_msg("row %lld is lost", (long long)safe[i]);
    ht_db_close(db);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(writer_commits_before_it_answers_in_order),
        TEST(writer_undoes_a_failing_write_alone),
        TEST(writer_undoes_a_refused_row_alone),
        TEST(writer_acknowledges_nothing_that_a_full_disk_undid),
        TEST(writer_notices_a_write_that_ends_the_transaction),
        TEST(writer_refuses_when_its_queue_is_full),
        TEST(writer_works_the_log_into_the_file_before_it_grows_long),
        TEST(writer_keeps_every_acknowledged_row_when_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
