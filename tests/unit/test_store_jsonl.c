/* Lines from chunks, import and export. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "social/store/store_jsonl.h"
#include "tests/unit/store_world.h"

static struct store_world w;

static int open_world(void **state) {
    (void)state;
    store_world_open(&w);
    return 0;
}

static int close_world(void **state) {
    (void)state;
    store_world_close(&w);
    return 0;
}

static enum ht_err add_line(void *user, ht_bytes line, struct ht_why *why) {
    char *text = user;
    size_t n = strlen(text);
    (void)why;
    (void)snprintf(text + n, 200 - n, "[%.*s]", (int)line.n, (const char *)line.p);
    return HT_OK;
}

static void lines_are_whole_however_the_file_is_cut(void **state) {
    (void)state;
    static const char file[] = "one\r\n\n two \nthree";
    for (size_t size = 1; size < sizeof file; size++) {
        char text[200] = "";
        struct ht_jsonl jsonl;
        ht_jsonl_init(&jsonl);
        for (size_t at = 0; at < sizeof file - 1; at += size) {
            size_t n = sizeof file - 1 - at < size ? sizeof file - 1 - at : size;
            assert_int_equal(
                ht_jsonl_feed(&jsonl, ht_bytes_of(file + at, n), add_line, text, &w.why), HT_OK);
        }
        assert_int_equal(ht_jsonl_end(&jsonl, add_line, text, &w.why), HT_OK);
        assert_string_equal(text, "[one][ two][three]");
        assert_int_equal(jsonl.lines, 3);
        ht_jsonl_fini(&jsonl);
    }
}

static void a_line_that_is_too_long_is_told_as_empty(void **state) {
    (void)state;
    char piece[4096], text[200] = "";
    struct ht_jsonl jsonl;
    memset(piece, 'x', sizeof piece);
    ht_jsonl_init(&jsonl);
    for (size_t n = 0; n < 3 * HT_EVENT_SIZE_MAX; n += sizeof piece)
        assert_int_equal(
            ht_jsonl_feed(&jsonl, ht_bytes_of(piece, sizeof piece), add_line, text, &w.why), HT_OK);
    assert_int_equal(ht_jsonl_feed(&jsonl, ht_bytes_str("y\nnext\n"), add_line, text, &w.why),
                     HT_OK);
    assert_int_equal(ht_jsonl_end(&jsonl, add_line, text, &w.why), HT_OK);
    assert_string_equal(text, "[][next]");
    ht_jsonl_fini(&jsonl);
}

static enum ht_err give_up(void *user, ht_bytes line, struct ht_why *why) {
    (void)line;
    (*(int *)user)++;
    return ht_fail(why, HT_ESTORE, "disk_full", "the disk is full");
}

static void an_error_ends_the_feeding(void **state) {
    (void)state;
    int calls = 0;
    struct ht_jsonl jsonl;
    ht_jsonl_init(&jsonl);
    assert_int_equal(ht_jsonl_feed(&jsonl, ht_bytes_str("a\nb\n"), give_up, &calls, &w.why),
                     HT_ESTORE);
    assert_string_equal(w.why.code, "disk_full");
    assert_int_equal(calls, 1);
    ht_jsonl_fini(&jsonl);
}

static void import(struct ht_import_counts *counts, ht_bytes line, bool is_verified) {
    assert_int_equal(ht_import_line(counts, w.store, line, is_verified, &w.limits, NULL, &w.why),
                     HT_OK);
}

static void import_counts_what_became_of_each_line(void **state) {
    (void)state;
    struct ht_import_counts counts = {.lines = 0};
    const struct ht_event *note = store_world_event(&w, "note", 'a', 1, 100, NULL);
    const struct ht_event *old = store_world_event(&w, "old", 'a', 0, 100, NULL);
    const struct ht_event *new = store_world_event(&w, "new", 'a', 0, 101, NULL);
    const struct ht_event *ephemeral = store_world_event(&w, "e", 'a', 20000, 101, NULL);
    const struct ht_event *expired =
        store_world_event(&w, "x", 'a', 1, 101, "expiration", "1", NULL);
    import(&counts, note->json, true);
    import(&counts, note->json, true);
    import(&counts, new->json, true);
    import(&counts, old->json, true);
    import(&counts, ephemeral->json, true);
    import(&counts, expired->json, true);
    import(&counts, ht_bytes_str("{\"id\":1}"), true);
    import(&counts, (ht_bytes){0}, true);
    const struct ht_event *unsigned_note = store_world_event(&w, "second", 'a', 1, 100, NULL);
    import(&counts, unsigned_note->json, false);
    assert_int_equal(counts.lines, 9);
    assert_int_equal(counts.stored, 2);
    assert_int_equal(counts.duplicate, 1);
    assert_int_equal(counts.replaced, 1);
    assert_int_equal(counts.ephemeral, 1);
    assert_int_equal(counts.expired, 1);
    assert_int_equal(counts.malformed, 2);
    assert_int_equal(counts.unverified, 1);
}

static enum ht_err add_piece(void *user, ht_bytes lines, struct ht_why *why) {
    (void)why;
    return ht_buf_add(user, lines);
}

struct importer {
    struct ht_import_counts counts;
};

static enum ht_err import_line(void *user, ht_bytes line, struct ht_why *why) {
    struct importer *importer = user;
    return ht_import_line(&importer->counts, w.store, line, true, &w.limits, NULL, why);
}

static void what_is_exported_can_be_imported(void **state) {
    (void)state;
    char label[200], labels[4096];
    uint64_t count = 0;
    struct ht_buf file;
    struct ht_jsonl jsonl;
    struct importer importer = {.counts = {.lines = 0}};
    for (int i = 0; i < 400; i++) {
        (void)snprintf(label, sizeof label, "%0180d", i);
        (void)store_world_put(&w, store_world_event(&w, label, 'a', 1, 100 + i, NULL));
    }
    (void)snprintf(labels, sizeof labels, "%s", store_world_ask(&w, "{'limit':10}"));
    struct ht_filter filter = store_world_filter(&w, "{}");
    ht_buf_init(&file, (size_t)1 << 20);
    assert_int_equal(ht_export(&count, w.store, &filter, w.limits.now_s, add_piece, &file, &w.why),
                     HT_OK);
    assert_int_equal(count, 400);
    store_world_close(&w);
    store_world_open(&w);
    ht_jsonl_init(&jsonl);
    assert_int_equal(ht_jsonl_feed(&jsonl, ht_buf_view(&file), import_line, &importer, &w.why),
                     HT_OK);
    assert_int_equal(ht_jsonl_end(&jsonl, import_line, &importer, &w.why), HT_OK);
    assert_int_equal(importer.counts.stored, 400);
    assert_string_equal(store_world_ask(&w, "{'limit':10}"), labels);
    ht_jsonl_fini(&jsonl);
    ht_buf_fini(&file);
}

static void an_export_that_cannot_write_says_so(void **state) {
    (void)state;
    int calls = 0;
    uint64_t count = 0;
    (void)store_world_put(&w, store_world_event(&w, "x", 'a', 1, 100, NULL));
    struct ht_filter filter = store_world_filter(&w, "{}");
    assert_int_equal(ht_export(&count, w.store, &filter, w.limits.now_s, give_up, &calls, &w.why),
                     HT_ESTORE);
    assert_string_equal(w.why.code, "disk_full");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(lines_are_whole_however_the_file_is_cut),
        TEST(a_line_that_is_too_long_is_told_as_empty),
        TEST(an_error_ends_the_feeding),
        TEST(import_counts_what_became_of_each_line),
        TEST(what_is_exported_can_be_imported),
        TEST(an_export_that_cannot_write_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
