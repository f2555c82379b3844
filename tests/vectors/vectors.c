/* Runs the suites of public test vectors: `vectors FIXTURES_DIR [SUITE]`.
 *
 * Prints a line for each suite and a total; exit 0 when nothing failed, 1 when something failed or
 * no case was found at all, 2 for a suite that does not exist. */
#include "tests/vectors/vectors.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <zlib.h>

#define DEPTH_MAX 16
#define CHUNK 65536U
#define LINES_MAX 100U

static const struct ht_vec_suite *const suites[] = {&ht_vec_suite_light,
                                                    &ht_vec_suite_rlp,
                                                    &ht_vec_suite_trie,
                                                    &ht_vec_suite_tx,
                                                    &ht_vec_suite_execution_apis,
                                                    &ht_vec_suite_keys,
                                                    &ht_vec_suite_abi,
                                                    &ht_vec_suite_eip712,
                                                    &ht_vec_suite_identity,
                                                    &ht_vec_suite_precompiles,
                                                    &ht_vec_suite_state,
                                                    &ht_vec_suite_social,
                                                    &ht_vec_suite_governance};

#define SUITE_COUNT (sizeof suites / sizeof *suites)

void ht_vec_note(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    fputs("  note: ", stdout);
    (void)vfprintf(stdout, fmt, ap);
    putchar('\n');
    va_end(ap);
}

void ht_vec_pass(struct ht_vec_report *report, const char *name) {
    (void)name;
    report->passed++;
}

/* Whether this line is still printed; says once that the rest is not. */
static bool has_room(size_t count) {
    if (count == LINES_MAX + 1) ht_vec_note("further lines of this kind are only counted");
    return count <= LINES_MAX;
}

void ht_vec_fail(struct ht_vec_report *report, const char *name, const char *fmt, ...) {
    report->failed++;
    if (!has_room(report->failed)) return;
    va_list ap;
    va_start(ap, fmt);
    printf("  FAIL %s: ", name);
    (void)vfprintf(stdout, fmt, ap);
    putchar('\n');
    va_end(ap);
}

void ht_vec_skip(struct ht_vec_report *report, const char *name, const char *why) {
    report->skipped++;
    if (has_room(report->skipped)) printf("  SKIP %s: %s\n", name, why);
}

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool ends_with(const char *text, const char *suffix) {
    size_t n = strlen(text);
    size_t suffix_n = strlen(suffix);
    return n >= suffix_n && strcmp(text + n - suffix_n, suffix) == 0;
}

size_t ht_vec_walk(const char *dir, const char *suffix, void (*file)(const char *path, void *user),
                   void *user) {
    size_t count = 0;
    char *root = strdup(dir);
    ht_assert(root != NULL);
    char *const roots[] = {root, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    ht_assert(walk != NULL);
    for (FTSENT *entry = fts_read(walk); entry != NULL; entry = fts_read(walk)) {
        if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR) {
            ht_vec_note("%s cannot be read: %s", entry->fts_path, strerror(entry->fts_errno));
        } else if (entry->fts_info == FTS_D && entry->fts_level > DEPTH_MAX) {
            ht_vec_note("%s is too deep and left out", entry->fts_path);
            (void)fts_set(walk, entry, FTS_SKIP);
        } else if (entry->fts_info == FTS_F && ends_with(entry->fts_path, suffix)) {
            file(entry->fts_path, user);
            count++;
        }
    }
    (void)fts_close(walk);
    free(root);
    return count;
}

/* Appends one chunk; *is_end when there was nothing left. */
static enum ht_err read_chunk(struct ht_buf *out, gzFile file, bool *is_end) {
    size_t want = out->max - out->n < CHUNK ? out->max - out->n : CHUNK;
    if (want == 0) {
        *is_end = gzgetc(file) == -1;
        return *is_end ? HT_OK : HT_ELIMIT;
    }
    uint8_t *room = ht_buf_reserve(out, want);
    if (room == NULL) return HT_ENOMEM;
    int got = gzread(file, room, (unsigned)want);
    if (got < 0) return HT_EINPUT;
    out->n += (size_t)got;
    *is_end = got == 0;
    return HT_OK;
}

static enum ht_err read_plain_chunk(struct ht_buf *out, FILE *file, bool *is_end) {
    size_t want = out->max - out->n < CHUNK ? out->max - out->n : CHUNK;
    if (want == 0) {
        *is_end = fgetc(file) == EOF;
        return *is_end ? HT_OK : HT_ELIMIT;
    }
    uint8_t *room = ht_buf_reserve(out, want);
    if (room == NULL) return HT_ENOMEM;
    size_t got = fread(room, 1, want, file);
    out->n += got;
    *is_end = got == 0;
    return ferror(file) != 0 ? HT_ENOTFOUND : HT_OK;
}

static enum ht_err read_packed(struct ht_buf *out, const char *path) {
    gzFile file = gzopen(path, "rb");
    if (file == NULL) return HT_ENOTFOUND;
    enum ht_err err = HT_OK;
    bool is_end = false;
    while (err == HT_OK && !is_end) err = read_chunk(out, file, &is_end);
    if (gzclose(file) != Z_OK && err == HT_OK) err = HT_EINPUT;
    return err;
}

enum ht_err ht_vec_read(struct ht_buf *out, const char *path) {
    if (ends_with(path, ".gz")) return read_packed(out, path);
    FILE *file = fopen(path, "rb");
    if (file == NULL) return HT_ENOTFOUND;
    enum ht_err err = HT_OK;
    bool is_end = false;
    while (err == HT_OK && !is_end) err = read_plain_chunk(out, file, &is_end);
    (void)fclose(file);
    return err;
}

static int refuse_suite(const char *name) {
    fprintf(stderr, "vectors: there is no suite \"%s\"; known:", name);
    for (size_t i = 0; i < SUITE_COUNT; i++) fprintf(stderr, " %s", suites[i]->name);
    fputc('\n', stderr);
    return 2;
}

static void print_counts(const char *name, const struct ht_vec_report *report) {
    printf("%s: %zu passed, %zu failed, %zu skipped\n", name, report->passed, report->failed,
           report->skipped);
    (void)fflush(stdout);
}

static void run_suite(const struct ht_vec_suite *suite, const char *dir,
                      struct ht_vec_report *total) {
    struct ht_vec_report report = {0};
    suite->run(dir, &report);
    if (report.passed + report.failed + report.skipped == 0) {
        ht_vec_note("%s: no case of this suite is below %s", suite->name, dir);
    }
    print_counts(suite->name, &report);
    total->passed += report.passed;
    total->failed += report.failed;
    total->skipped += report.skipped;
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: vectors FIXTURES_DIR [SUITE]\n");
        return 2;
    }
    const char *wanted = argc == 3 ? argv[2] : NULL;
    bool is_known = wanted == NULL;
    for (size_t i = 0; i < SUITE_COUNT; i++) {
        is_known = is_known || strcmp(suites[i]->name, wanted) == 0;
    }
    if (!is_known) return refuse_suite(wanted);
    struct stat info;
    if (stat(argv[1], &info) != 0 || !S_ISDIR(info.st_mode)) {
        fprintf(stderr, "vectors: there is no folder %s; give one with FIXTURES=DIR\n", argv[1]);
        return 1;
    }
    struct ht_vec_report total = {0};
    for (size_t i = 0; i < SUITE_COUNT; i++) {
        if (wanted == NULL || strcmp(suites[i]->name, wanted) == 0) {
            run_suite(suites[i], argv[1], &total);
        }
    }
    print_counts("total", &total);
    return total.failed > 0 || total.passed == 0 ? 1 : 0;
}
