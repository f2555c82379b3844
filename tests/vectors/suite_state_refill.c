/* Reading the table of another implementation's outcomes. */
#include "tests/vectors/suite_state_refill.h"

#include <stdlib.h>

#include "node/base/hex.h"

#define FILE_MAX ((size_t)256 << 20)
#define LINE_MAX_BYTES ((size_t)1 << 16)

static bool read_hash(ht_hash32 *out, const json_t *value) {
    const char *text = json_string_value(value);
    return text != NULL && ht_hex_read(out->b, 32, ht_bytes_str(text)) == HT_OK;
}

/* Texts are borrowed from the line. */
static bool read_opinion(struct ht_sv_opinion *out, const json_t *line) {
    *out = (struct ht_sv_opinion){.file = json_string_value(json_array_get(line, 0)),
                                  .test = json_string_value(json_array_get(line, 1))};
    size_t *const indexes[] = {&out->index.data, &out->index.gas, &out->index.value};
    bool is_one = out->file != NULL && out->test != NULL && json_array_size(line) >= 7;
    for (size_t i = 0; i < 3 && is_one; i++) {
        const json_t *index = json_array_get(line, 2 + i);
        is_one = json_is_integer(index) && json_integer_value(index) >= 0;
        *indexes[i] = is_one ? (size_t)json_integer_value(index) : 0;
    }
    const json_t *rejected = json_array_get(line, 7);
    out->is_rejected = json_is_true(rejected) || json_integer_value(rejected) != 0;
    return is_one && read_hash(&out->root, json_array_get(line, 5)) &&
           read_hash(&out->logs_hash, json_array_get(line, 6));
}

static void keep(struct ht_sv_refill *refill, const struct ht_sv_opinion *opinion) {
    if (refill->count == refill->cap) {
        refill->cap = refill->cap == 0 ? 1024 : 2 * refill->cap;
        refill->opinions = realloc(refill->opinions, refill->cap * sizeof *refill->opinions);
        ht_assert(refill->opinions != NULL);
    }
    refill->opinions[refill->count++] = *opinion;
}

struct reading {
    struct ht_sv_refill *refill;
    struct ht_vec_report *report;
};

static void read_line(struct reading *reading, const char *path, ht_bytes text) {
    json_t *line = NULL;
    struct ht_sv_opinion opinion;
    if (text.n == 0) return;
    if (ht_json_parse(&line, text, LINE_MAX_BYTES, NULL) != HT_OK ||
        !read_opinion(&opinion, line)) {
        ht_vec_fail(reading->report, path, "a line that is no outcome");
    } else {
        keep(reading->refill, &opinion);
        ht_assert(json_array_append(reading->refill->lines, line) == 0);
    }
    json_decref(line);
}

static void read_file(const char *path, void *user) {
    struct reading *reading = user;
    struct ht_buf bytes;
    if (strstr(path, "refill") == NULL) return;
    ht_buf_init(&bytes, FILE_MAX);
    if (ht_vec_read(&bytes, path) != HT_OK) {
        ht_vec_fail(reading->report, path, "cannot be read");
    }
    for (size_t at = 0; at < bytes.n;) {
        const uint8_t *end = memchr(bytes.p + at, '\n', bytes.n - at);
        size_t n = end == NULL ? bytes.n - at : (size_t)(end - (bytes.p + at));
        read_line(reading, path, ht_bytes_of(bytes.p + at, n));
        at += n + 1;
    }
    ht_buf_fini(&bytes);
}

static int by_test(const void *left, const void *right) {
    const struct ht_sv_opinion *a = left, *b = right;
    int order = strcmp(a->file, b->file);
    return order != 0 ? order : strcmp(a->test, b->test);
}

void ht_sv_refill_read(struct ht_sv_refill *out, const char *dir, struct ht_vec_report *report) {
    *out = (struct ht_sv_refill){.rules = ht_evm_rules_of(HT_EVM_OSAKA), .lines = json_array()};
    ht_assert(out->lines != NULL);
    struct reading reading = {out, report};
    (void)ht_vec_walk(dir, ".jsonl", read_file, &reading);
    if (out->count > 1) qsort(out->opinions, out->count, sizeof *out->opinions, by_test);
}

void ht_sv_refill_free(struct ht_sv_refill *refill) {
    json_decref(refill->lines);
    free(refill->opinions);
}

static struct ht_sv_opinion *find_in(const struct ht_sv_refill *refill, const char *file,
                                     const char *test) {
    const struct ht_sv_opinion wanted = {.file = file, .test = test};
    struct ht_sv_opinion *found =
        bsearch(&wanted, refill->opinions, refill->count, sizeof wanted, by_test);
    while (found != NULL && found > refill->opinions && by_test(found - 1, &wanted) == 0) found--;
    return found;
}

struct ht_sv_opinion *ht_sv_refill_find(size_t *count, const struct ht_sv_refill *refill,
                                        const char *path, const char *test) {
    struct ht_sv_opinion *found = NULL;
    *count = 0;
    for (const char *p = path; p != NULL && found == NULL && refill->count > 0;) {
        found = find_in(refill, p, test);
        p = strchr(p, '/');
        if (p != NULL) p++;
    }
    if (found == NULL) return NULL;
    const struct ht_sv_opinion *end = refill->opinions + refill->count;
    while (found + *count < end && by_test(found, found + *count) == 0) ++*count;
    return found;
}

const char *ht_sv_refill_excuse(const struct ht_sv_opinion *opinion,
                                const struct ht_sv_outcome *ours) {
    (void)opinion, (void)ours;
    return NULL;
}
