/* Files of events, cut anywhere, and what comes of putting them in and writing them out.
 *
 * The input is the file, in which a byte 1 stands for a long run of the byte behind it; its first
 * byte says how long the pieces are. The lines are the same however the file is cut, and as the
 * plainest reader finds them; what is imported, exported and imported again is exported the same.
 */
#include <sqlite3.h>
#include <stdlib.h>

#include "social/store/store_jsonl.h"

#define FILE_MAX ((size_t)1 << 20)
#define RUN ((size_t)48 << 10)
#define NOW_S 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

/* --- lines -------------------------------------------------------------------------------------*/

static ht_bytes trim(ht_bytes line) {
    while (line.n > 0 && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' ')) line.n--;
    return line;
}

/* The next line that is told, for the plainest reader; false at the end. */
static bool next_line(ht_bytes *out, ht_bytes *rest) {
    while (rest->n > 0) {
        const uint8_t *end = memchr(rest->p, '\n', rest->n);
        size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
        size_t used = end != NULL ? n + 1 : n;
        ht_bytes line = ht_bytes_of(rest->p, n);
        *rest = ht_bytes_of(rest->p + used, rest->n - used);
        if (line.n > HT_EVENT_SIZE_MAX) {
            *out = (ht_bytes){0};
            return true;
        }
        *out = trim(line);
        if (out->n > 0) return true;
    }
    return false;
}

struct reading {
    ht_bytes rest; /* of the file, for the plainest reader */
    struct ht_import_counts counts;
    struct ht_store *store;
};

static enum ht_err compare_line(void *user, ht_bytes line, struct ht_why *why) {
    struct reading *reading = user;
    ht_bytes expected;
    (void)why;
    must(next_line(&expected, &reading->rest));
    must(ht_bytes_equal(line, expected));
    return HT_OK;
}

static enum ht_err import_line(void *user, ht_bytes line, struct ht_why *why) {
    struct reading *reading = user;
    const struct ht_store_limits limits = {.now_s = NOW_S};
    return ht_import_line(&reading->counts, reading->store, line, true, &limits, "ws://a.example",
                          why);
}

static void read_file(struct reading *reading, ht_bytes file, size_t piece, ht_jsonl_line *line) {
    struct ht_jsonl jsonl;
    uint64_t lines = 0;
    ht_bytes rest = file;
    ht_bytes each;
    ht_jsonl_init(&jsonl);
    while (rest.n > 0) {
        size_t n = piece < rest.n ? piece : rest.n;
        must(ht_jsonl_feed(&jsonl, ht_bytes_of(rest.p, n), line, reading, NULL) == HT_OK);
        rest = ht_bytes_of(rest.p + n, rest.n - n);
    }
    must(ht_jsonl_end(&jsonl, line, reading, NULL) == HT_OK);
    while (next_line(&each, &file)) lines++;
    must(jsonl.lines == lines);
    ht_jsonl_fini(&jsonl);
}

/* --- events ------------------------------------------------------------------------------------*/

static struct ht_store *open_store(sqlite3 **db) {
    struct ht_store *store = NULL;
    must(sqlite3_open(":memory:", db) == SQLITE_OK);
    must(sqlite3_exec(*db, ht_social_migrations[0].sql, NULL, NULL, NULL) == SQLITE_OK);
    must(ht_store_new(&store, *db, NULL) == HT_OK);
    return store;
}

static enum ht_err add_lines(void *user, ht_bytes lines, struct ht_why *why) {
    (void)why;
    return ht_buf_add(user, lines);
}

/* Imports a file into a new store and exports that. */
static uint64_t pass_through(struct ht_buf *out, struct ht_import_counts *counts, ht_bytes file) {
    sqlite3 *db = NULL;
    uint64_t count = 0;
    const struct ht_filter all = {.since = INT64_MIN, .until = INT64_MAX};
    struct reading reading = {.store = open_store(&db)};
    ht_buf_init(out, 2 * FILE_MAX);
    read_file(&reading, file, (size_t)1 << 16, import_line);
    must(ht_export(&count, reading.store, &all, NOW_S, add_lines, out, NULL) == HT_OK);
    ht_store_free(reading.store);
    must(sqlite3_close(db) == SQLITE_OK);
    *counts = reading.counts;
    return count;
}

static bool has_event(ht_bytes file) {
    ht_bytes line;
    bool is_there = false;
    while (!is_there && next_line(&line, &file)) {
        struct ht_arena arena;
        struct ht_event event;
        ht_arena_init(&arena, HT_EVENT_ARENA(line.n) + line.n);
        is_there = ht_event_read(&event, &arena, line, NULL) == HT_OK;
        ht_arena_fini(&arena);
    }
    return is_there;
}

static void pass_through_twice(ht_bytes file) {
    struct ht_buf once, twice;
    struct ht_import_counts first, second;
    uint64_t count = pass_through(&once, &first, file);
    must(first.lines == first.stored + first.duplicate + first.replaced + first.deleted +
                            first.expired + first.refused + first.ephemeral + first.malformed +
                            first.unverified);
    must(count <= first.stored && first.unverified == 0 && first.refused == 0);
    must(pass_through(&twice, &second, ht_buf_view(&once)) == count);
    must(second.lines == count && second.stored == count);
    must(ht_bytes_equal(ht_buf_view(&once), ht_buf_view(&twice)));
    ht_buf_fini(&once);
    ht_buf_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static uint8_t file[FILE_MAX];
    size_t used = 0;
    if (n < 1) return 0;
    size_t piece = data[0] < 200 ? (size_t)data[0] + 1 : (size_t)data[0] << 8;
    for (size_t i = 1; i < n; i++) {
        bool is_run = data[i] == 1 && i + 1 < n;
        size_t count = is_run ? RUN : 1;
        if (used + count > sizeof file) break;
        memset(file + used, data[is_run ? ++i : i], count);
        used += count;
    }
    struct reading reading = {.rest = ht_bytes_of(file, used)};
    read_file(&reading, ht_bytes_of(file, used), piece, compare_line);
    if (has_event(ht_bytes_of(file, used))) pass_through_twice(ht_bytes_of(file, used));
    return 0;
}
