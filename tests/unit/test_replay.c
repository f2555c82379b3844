/* Replaying recorded objects from files: order, verdicts, and what is said about each file. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/l1/consensus/decode.h"
#include "node/l1/replay.h"
#include "tests/unit/lc_json.h"

#define LINES_MAX 16U
#define FILES_MAX 16U
#define ROOM (1024U * 1024)

struct line {
    char file[64];
    size_t position;
    enum ht_replay_verdict verdict;
    const char *code;
    uint64_t slot;
};

/* A folder of files and what a replay of it said. */
struct scene {
    struct ht_lcb *builder;
    char folder[64];
    char files[FILES_MAX][128];
    size_t file_count;
    struct line lines[LINES_MAX];
    size_t line_count;
    struct ht_replay_summary summary;
    struct ht_why why;
    ht_hash32 trusted;
    uint64_t current_slot;
};

static struct scene *scene;

static int set_up(void **state) {
    (void)state;
    scene = calloc(1, sizeof *scene);
    if (scene == NULL) return 1;
    scene->builder = ht_lcb_new(1);
    scene->current_slot = 100000;
    (void)snprintf(scene->folder, sizeof scene->folder, "%s/replay-XXXXXX", P_tmpdir);
    return mkdtemp(scene->folder) == NULL;
}

static int tear_down(void **state) {
    (void)state;
    for (size_t i = 0; i < scene->file_count; i++) (void)unlink(scene->files[i]);
    int failed = rmdir(scene->folder);
    ht_lcb_free(scene->builder);
    free(scene);
    return failed;
}

static void add_file(const char *name, ht_bytes bytes) {
    char *path = scene->files[scene->file_count++];
    (void)snprintf(path, sizeof scene->files[0], "%s/%s", scene->folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
    assert_int_equal(fclose(file), 0);
}

static void add_ssz(const char *name, struct ht_lc_object *object) {
    struct ht_buf ssz;
    ht_buf_init(&ssz, ROOM);
    ht_lcb_encode(&ssz, scene->builder, object);
    add_file(name, ht_buf_view(&ssz));
    ht_buf_fini(&ssz);
    free(object);
}

static void add_bootstrap(const char *name, uint64_t slot, bool is_trusted) {
    struct ht_lc_object *object = ht_lcb_bootstrap(scene->builder, slot);
    if (is_trusted) ht_lcb_root(&scene->trusted, &object->bootstrap.header);
    add_ssz(name, object);
}

/* An update of the period, attested at its 30th slot and finalized at its 16th. */
static struct ht_lc_object *update_of(uint64_t period, size_t participants) {
    struct ht_lcb_plan plan = {.kind = HT_LC_UPDATE,
                               .attested_slot = period * HT_LCB_PERIOD + 30,
                               .finalized_slot = period * HT_LCB_PERIOD + 16,
                               .has_finality = true,
                               .has_next_committee = true,
                               .participants = participants};
    return ht_lcb_update(scene->builder, &plan);
}

static void keep_line(void *user, const struct ht_replay_line *line) {
    struct scene *kept = user;
    assert_true(kept->line_count < LINES_MAX);
    struct line *to = &kept->lines[kept->line_count++];
    const char *slash = strrchr(line->file, '/');
    (void)snprintf(to->file, sizeof to->file, "%s", slash != NULL ? slash + 1 : line->file);
    to->position = line->position;
    to->verdict = line->verdict;
    to->code = line->why.code;
    to->slot = line->object != NULL ? ht_lc_object_slot(line->object) : 0;
}

/* A clock that goes on by one each time it is read. */
static int64_t ticks;

static int64_t tick(void *self) {
    (void)self;
    return ++ticks;
}

static const struct ht_clock ticking_clock = {.wall_ms = tick, .mono_ms = tick};

static enum ht_err run_paths(char *const *paths, size_t count) {
    struct ht_replay_options options = {.network = &scene->builder->network,
                                        .clock = &ticking_clock,
                                        .trusted_block_root = scene->trusted,
                                        .current_slot = scene->current_slot,
                                        .paths = paths,
                                        .path_count = count};
    scene->line_count = 0;
    scene->why = (struct ht_why){.code = NULL};
    return ht_replay_run(&scene->summary, &options, keep_line, scene, &scene->why);
}

static enum ht_err run(void) {
    char *paths[1] = {scene->folder};
    return run_paths(paths, 1);
}

static void expect_line(size_t i, const char *file, enum ht_replay_verdict verdict,
                        const char *code) {
    assert_true(i < scene->line_count);
    const struct line *line = &scene->lines[i];
    assert_string_equal(line->file, file);
    assert_string_equal(ht_replay_verdict_name(line->verdict), ht_replay_verdict_name(verdict));
    if (code == NULL) {
        assert_null(line->code);
    } else {
        assert_string_equal(line->code, code);
    }
}

static void objects_are_processed_by_kind_and_slot_not_by_file(void **state) {
    (void)state;
    add_ssz("a", update_of(1, 0));
    add_ssz("b", update_of(0, 0));
    add_bootstrap("c", 8, true);
    assert_int_equal(run(), HT_OK);
    assert_int_equal(scene->line_count, 3);
    expect_line(0, "c", HT_REPLAY_ACCEPTED, NULL);
    expect_line(1, "b", HT_REPLAY_ACCEPTED, NULL);
    expect_line(2, "a", HT_REPLAY_ACCEPTED, NULL);
    const struct ht_replay_summary *summary = &scene->summary;
    assert_int_equal(summary->counts[HT_REPLAY_ACCEPTED], 3);
    assert_int_equal(summary->elapsed_ms, 1); /* of the injected clock */
    assert_true(summary->has_store);
    assert_int_equal(summary->first_period, 0);
    assert_int_equal(summary->last_period, 1);
    assert_int_equal(summary->finalized.beacon.slot, 80);
    assert_int_equal(summary->optimistic.beacon.slot, 94);
}

static void frames_and_json_are_read_like_single_objects(void **state) {
    (void)state;
    struct ht_buf frames, text;
    ht_buf_init(&frames, ROOM);
    ht_buf_init(&text, ROOM);
    for (uint64_t period = 0; period < 2; period++) {
        struct ht_lc_object *object = update_of(period, 0);
        ht_lcb_frame(&frames, scene->builder, object);
        free(object);
    }
    struct ht_lc_object *object = update_of(2, 0);
    ht_lcb_dump(&text, ht_lcb_json_versioned(scene->builder, object));
    free(object);
    add_file("frames", ht_buf_view(&frames));
    add_file("text.json", ht_buf_view(&text));
    add_bootstrap("z", 8, true);
    assert_int_equal(run(), HT_OK);
    assert_int_equal(scene->summary.counts[HT_REPLAY_ACCEPTED], 4);
    expect_line(2, "frames", HT_REPLAY_ACCEPTED, NULL);
    assert_int_equal(scene->lines[2].position, 1);
    assert_int_equal(scene->summary.last_period, 2);
    ht_buf_fini(&frames);
    ht_buf_fini(&text);
}

static void each_verdict_has_its_own_count(void **state) {
    (void)state;
    struct ht_lc_object *forged = update_of(0, 0);
    forged->update.sync_aggregate.sync_committee_bits[0] ^= 1;
    struct ht_buf foreign;
    ht_buf_init(&foreign, ROOM);
    struct ht_lc_object *object = update_of(0, 0);
    ht_lcb_frame(&foreign, scene->builder, object);
    free(object);
    add_bootstrap("1", 8, true);
    add_bootstrap("2", 9, false);
    add_ssz("3", update_of(0, 5));
    add_ssz("4", forged);
    add_ssz("5", update_of(5, 0));
    add_file("6", ht_bytes_str("{\"slot\":1}"));
    add_file("7", ht_bytes_str("just text"));
    foreign.p[8] ^= 1; /* the fork digest */
    add_file("8", ht_buf_view(&foreign));
    assert_int_equal(run(), HT_OK);
    expect_line(0, "6", HT_REPLAY_IGNORED, "unknown_object");
    expect_line(1, "7", HT_REPLAY_IGNORED, "unknown_object");
    expect_line(2, "8", HT_REPLAY_MALFORMED, "wrong_network");
    expect_line(3, "1", HT_REPLAY_ACCEPTED, NULL);
    expect_line(4, "2", HT_REPLAY_IGNORED, "other_bootstrap");
    expect_line(5, "3", HT_REPLAY_BELOW_THRESHOLD, "below_threshold");
    expect_line(6, "4", HT_REPLAY_UNVERIFIED, "bad_signature");
    expect_line(7, "5", HT_REPLAY_STALE, "other_period");
    assert_int_equal(scene->summary.counts[HT_REPLAY_IGNORED], 3);
    assert_int_equal(scene->summary.counts[HT_REPLAY_MALFORMED], 1);
    assert_int_equal(scene->summary.counts[HT_REPLAY_ACCEPTED], 1);
    ht_buf_fini(&foreign);
}

static void clock_of_the_replay_is_the_one_given(void **state) {
    (void)state;
    add_bootstrap("1", 8, true);
    add_ssz("2", update_of(0, 0));
    scene->current_slot = 30;
    assert_int_equal(run(), HT_OK);
    expect_line(1, "2", HT_REPLAY_UNVERIFIED, "future");
}

static void without_a_trusted_bootstrap_nothing_is_processed(void **state) {
    (void)state;
    add_bootstrap("1", 8, false);
    add_ssz("2", update_of(0, 0));
    assert_int_equal(run(), HT_ENOTFOUND);
    assert_string_equal(scene->why.code, "no_bootstrap");
    assert_int_equal(scene->line_count, 2);
    expect_line(0, "1", HT_REPLAY_IGNORED, "other_bootstrap");
    expect_line(1, "2", HT_REPLAY_STALE, "no_bootstrap");
    assert_false(scene->summary.has_store);
}

static void second_bootstrap_of_the_trusted_root_is_ignored(void **state) {
    (void)state;
    add_bootstrap("1", 8, true);
    add_bootstrap("2", 8, true);
    assert_int_equal(run(), HT_OK);
    expect_line(1, "2", HT_REPLAY_IGNORED, "other_bootstrap");
}

static void bootstrap_that_does_not_hold_starts_nothing(void **state) {
    (void)state;
    struct ht_lc_object *object = ht_lcb_bootstrap(scene->builder, 8);
    ht_lcb_root(&scene->trusted, &object->bootstrap.header);
    object->bootstrap.current_sync_committee.aggregate_pubkey[3] ^= 1;
    add_ssz("1", object);
    assert_int_equal(run(), HT_ENOTFOUND);
    expect_line(0, "1", HT_REPLAY_UNVERIFIED, "bad_current_committee_branch");
}

static void files_may_be_named_one_by_one(void **state) {
    (void)state;
    add_bootstrap("1", 8, true);
    add_ssz("2", update_of(0, 0));
    add_ssz("3", update_of(1, 0));
    char *paths[] = {scene->files[1], scene->files[0]};
    assert_int_equal(run_paths(paths, 2), HT_OK);
    assert_int_equal(scene->line_count, 2);
    assert_int_equal(scene->summary.last_period, 0);
}

static void file_that_is_not_there_ends_the_replay(void **state) {
    (void)state;
    char missing[128];
    (void)snprintf(missing, sizeof missing, "%s/none", scene->folder);
    char *paths[] = {missing};
    assert_int_equal(run_paths(paths, 1), HT_ENOTFOUND);
    assert_string_equal(scene->why.code, "no_such_file");
    assert_int_equal(scene->line_count, 0);
}

static void folders_inside_of_a_folder_are_left_alone(void **state) {
    (void)state;
    char inner[128];
    add_bootstrap("1", 8, true);
    (void)snprintf(inner, sizeof inner, "%s/inner", scene->folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_int_equal(run(), HT_OK);
    assert_int_equal(scene->line_count, 1);
    assert_int_equal(rmdir(inner), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(objects_are_processed_by_kind_and_slot_not_by_file),
        TEST(frames_and_json_are_read_like_single_objects),
        TEST(each_verdict_has_its_own_count),
        TEST(clock_of_the_replay_is_the_one_given),
        TEST(without_a_trusted_bootstrap_nothing_is_processed),
        TEST(second_bootstrap_of_the_trusted_root_is_ignored),
        TEST(bootstrap_that_does_not_hold_starts_nothing),
        TEST(files_may_be_named_one_by_one),
        TEST(file_that_is_not_there_ends_the_replay),
        TEST(folders_inside_of_a_folder_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
