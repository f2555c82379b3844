/* The state suite: {NAME: {"env", "pre", "transaction", "post": {FORK: [{"hash", "logs",
 * "indexes", "txbytes"?, "expectException"?}]}}} in any JSON file (also packed as .json.gz), as
 * ethereum/tests GeneralStateTests, EEST state_tests and evmone have them. A case is one entry of a
 * fork that this program runs: the root of the state and the hash of the logs must be the ones
 * named, and where an exception is expected the transaction must be refused. Which refusal is not
 * compared: one transaction is wrong in several ways.
 *
 * Beside them the second opinions of suite_state_refill.h. Files are judged by two threads, and
 * told in their order. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/base/hex.h"
#include "tests/vectors/suite_state_refill.h"
#include "tests/vectors/vectors.h"

#define FILE_MAX ((size_t)512 << 20)
#define WORKERS 2U
#define FORKS_MAX 64U
#define NAME_MAX_BYTES 1024U

enum verdict { FAIL, SKIP, NOTE };

struct line {
    enum verdict verdict;
    char *name, *text;
};

struct fork_count {
    char name[32];
    size_t count;
};

struct state_file {
    char *path;
    size_t passed, agreed;
    struct line *lines;
    size_t line_count;
    struct fork_count skipped[FORKS_MAX];
    size_t skipped_count;
};

struct run {
    const char *dir;
    struct state_file *files;
    size_t count, cap;
    atomic_size_t next;
    struct ht_sv_refill refill;
};

/* A file being judged. */
struct judging {
    struct run *run;
    struct state_file *file;
    struct ht_evm *evm;
    const char *test_name;
    struct ht_sv_test test;
};

/* --- results ----------------------------------------------------------------------------------*/

static void add_line(struct judging *judging, enum verdict verdict, const char *detail,
                     const char *text) {
    struct state_file *file = judging->file;
    char name[NAME_MAX_BYTES];
    const char *path = file->path + strlen(judging->run->dir);
    while (*path == '/') path++;
    (void)snprintf(name, sizeof name, "%s/%s%s", path, judging->test_name, detail);
    file->lines = realloc(file->lines, (file->line_count + 1) * sizeof *file->lines);
    ht_assert(file->lines != NULL);
    file->lines[file->line_count++] = (struct line){verdict, strdup(name), strdup(text)};
}

static void count_fork(struct fork_count *forks, size_t *fork_count, const char *name,
                       size_t count) {
    for (size_t i = 0; i < *fork_count; i++) {
        if (strncmp(forks[i].name, name, sizeof forks[i].name - 1) != 0) continue;
        forks[i].count += count;
        return;
    }
    ht_assert(*fork_count < FORKS_MAX);
    struct fork_count *fork = &forks[*fork_count];
    (void)snprintf(fork->name, sizeof fork->name, "%s", name);
    fork->count = count;
    if (*fork_count < FORKS_MAX - 1) ++*fork_count;
}

static void describe(char *out, size_t size, const struct ht_sv_outcome *outcome) {
    char root[HT_HEX_SIZE(32)], logs[HT_HEX_SIZE(32)];
    ht_hex_write(root, HT_BYTES(outcome->root.b));
    ht_hex_write(logs, HT_BYTES(outcome->logs_hash.b));
    (void)snprintf(out, size, "%.10s.. logs %.10s..%s%s", root, logs,
                   outcome->is_rejected ? " refused: " : "",
                   outcome->is_rejected ? outcome->reason.code : "");
}

/* --- a case -----------------------------------------------------------------------------------*/

static enum ht_err judge(struct ht_sv_outcome *ours, struct judging *judging, const json_t *post,
                         const struct ht_sv_case *one, struct ht_why *why) {
    struct ht_sv_outcome expected = {.reason = {.code = ""}};
    char text[128], other[128];
    enum ht_err err = ht_json_hex(expected.root.b, 32, post, "hash", why);
    if (err == HT_OK) err = ht_json_hex(expected.logs_hash.b, 32, post, "logs", why);
    if (err == HT_OK) err = ht_sv_run(ours, judging->evm, &judging->test, one, why);
    if (err != HT_OK) return err;
    const json_t *exception = ht_json_member(post, "expectException");
    bool must_reject = exception != NULL && !json_is_null(exception);
    describe(text, sizeof text, ours);
    describe(other, sizeof other, &expected);
    if (must_reject != ours->is_rejected) {
        const char *name = json_string_value(exception);
        return ht_fail(why, HT_EBUG, "case", "%s%s, but: %s",
                       must_reject ? "must be refused: " : "must not be refused",
                       must_reject && name != NULL ? name : "", text);
    }
    if (!ht_hash32_equal(&expected.root, &ours->root)) {
        return ht_fail(why, HT_EBUG, "case", "root %s, expected %s", text, other);
    }
    if (!ht_hash32_equal(&expected.logs_hash, &ours->logs_hash)) {
        return ht_fail(why, HT_EBUG, "case", "logs: %s, expected %s", text, other);
    }
    return HT_OK;
}

/* A container of EIP-3540 in code or data: tests made when a fork was to have them expect what no
 * fork does. */
static bool holds_container(const struct judging *judging) {
    static const uint8_t CONTAINER[] = {0xef, 0x00, 0x01, 0x01};
    const struct ht_known_state *pre = &judging->test.pre;
    for (size_t i = 0; i < pre->count; i++) {
        const ht_bytes code = pre->accounts[i].code;
        if (memmem(code.p, code.n, CONTAINER, sizeof CONTAINER) != NULL) return true;
    }
    const json_t *data = ht_json_member(ht_json_member(judging->test.json, "transaction"), "data");
    for (size_t i = 0; i < json_array_size(data); i++) {
        const char *text = json_string_value(json_array_get(data, i));
        if (text != NULL && strstr(text, "ef000101") != NULL) return true;
    }
    return false;
}

static void run_case(struct judging *judging, const char *fork, const struct ht_evm_rules *rules,
                     const json_t *post) {
    struct ht_why why = {.code = "", .text = ""};
    struct ht_sv_case one = {
        .fork = fork, .rules = rules, .txbytes = ht_json_member(post, "txbytes")};
    struct ht_sv_outcome ours;
    char detail[96];
    enum ht_err err = ht_sv_index(&one.index, post, &why);
    if (err == HT_OK) err = judge(&ours, judging, post, &one, &why);
    if (err == HT_OK) {
        judging->file->passed++;
        return;
    }
    (void)snprintf(detail, sizeof detail, " %s d%zu g%zu v%zu", fork, one.index.data, one.index.gas,
                   one.index.value);
    if (err == HT_EBUG && holds_container(judging)) {
        ht_why_context(&why, "EOF (EIP-3540) is in no fork, this expects it");
        add_line(judging, SKIP, detail, why.text);
        return;
    }
    add_line(judging, FAIL, detail, why.text);
}

static void run_opinion(struct judging *judging, struct ht_sv_opinion *opinion) {
    const struct ht_sv_case one = {
        .fork = "Osaka", .rules = judging->run->refill.rules, .index = opinion->index};
    struct ht_why why = {.code = "", .text = ""};
    struct ht_sv_outcome ours;
    const struct ht_sv_outcome theirs = {.is_rejected = opinion->is_rejected,
                                         .reason = {.code = ""},
                                         .root = opinion->root,
                                         .logs_hash = opinion->logs_hash};
    char text[512], detail[96], our_text[128], their_text[128];
    opinion->is_used = true;
    enum ht_err err = ht_sv_run(&ours, judging->evm, &judging->test, &one, &why);
    if (err == HT_OK && ours.is_rejected == theirs.is_rejected &&
        ht_hash32_equal(&ours.root, &theirs.root) &&
        ht_hash32_equal(&ours.logs_hash, &theirs.logs_hash)) {
        judging->file->passed++;
        judging->file->agreed++;
        return;
    }
    const char *excuse = err == HT_OK ? ht_sv_refill_excuse(opinion, &ours) : NULL;
    (void)snprintf(detail, sizeof detail, " %zu %zu %zu", opinion->index.data, opinion->index.gas,
                   opinion->index.value);
    describe(our_text, sizeof our_text, &ours);
    describe(their_text, sizeof their_text, &theirs);
    (void)snprintf(text, sizeof text, "ours %s theirs %s, %s", err == HT_OK ? our_text : why.text,
                   their_text, excuse != NULL ? excuse : "no rule known that explains it");
    add_line(judging, excuse != NULL ? NOTE : FAIL, detail, text);
    if (excuse != NULL) judging->file->passed++;
}

/* --- a test and a file ------------------------------------------------------------------------*/

/* What a test is made from has no post but says what to expect. */
static bool is_state_test(const json_t *one) {
    bool has_post = ht_json_member(one, "post") != NULL;
    bool has_transaction = ht_json_member(one, "transaction") != NULL;
    if (ht_json_member(one, "expect") != NULL && !has_post) return false;
    return (has_post || has_transaction) && ht_json_member(one, "env") != NULL &&
           ht_json_member(one, "pre") != NULL;
}

static void run_post(struct judging *judging, const json_t *post) {
    const char *fork = NULL;
    json_t *cases = NULL;
    json_object_foreach((json_t *)(uintptr_t)post, fork, cases) {
        const struct ht_evm_rules *rules = ht_evm_rules_find(fork);
        if (rules == NULL) {
            count_fork(judging->file->skipped, &judging->file->skipped_count, fork,
                       json_array_size(cases));
            continue;
        }
        if (!json_is_array(cases)) add_line(judging, FAIL, fork, "there should be an array");
        for (size_t i = 0; i < json_array_size(cases); i++) {
            run_case(judging, fork, rules, json_array_get(cases, i));
        }
    }
}

static void run_test(struct judging *judging, const char *name, const json_t *one) {
    struct ht_why why = {.code = "", .text = ""};
    size_t count = 0;
    judging->test_name = name;
    enum ht_err err = ht_sv_test_read(&judging->test, one, &why);
    if (err == HT_OK && !json_is_object(ht_json_member(one, "post"))) {
        err = ht_fail(&why, HT_EINPUT, "case", "post is no object");
    }
    if (err == HT_OK) {
        run_post(judging, ht_json_member(one, "post"));
        struct ht_sv_opinion *opinions =
            ht_sv_refill_find(&count, &judging->run->refill, judging->file->path, name);
        for (size_t i = 0; i < count; i++) run_opinion(judging, &opinions[i]);
    } else {
        add_line(judging, FAIL, "", why.text);
    }
    ht_sv_test_free(&judging->test);
}

/* Reads no JSON that cannot be one of these: there are large files of other kinds about. */
static bool looks_like_one(ht_bytes text) {
    static const char *const KEYS[] = {"\"transaction\"", "\"post\"", "\"pre\"", "\"env\""};
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        if (text.n == 0 || memmem(text.p, text.n, KEYS[i], strlen(KEYS[i])) == NULL) return false;
    }
    return true;
}

static void run_file(struct judging *judging) {
    struct ht_buf bytes;
    struct ht_why why = {.code = "", .text = ""};
    json_t *json = NULL, *one = NULL;
    const char *name = NULL;
    judging->test_name = "";
    ht_buf_init(&bytes, FILE_MAX);
    enum ht_err err = ht_vec_read(&bytes, judging->file->path);
    if (err != HT_OK) {
        add_line(judging, FAIL, "", "cannot be read");
    } else if (looks_like_one(ht_buf_view(&bytes))) {
        err = ht_json_parse(&json, ht_buf_view(&bytes), FILE_MAX, &why);
        if (err != HT_OK) add_line(judging, FAIL, "", why.text);
        json_object_foreach(json, name, one) {
            if (is_state_test(one)) run_test(judging, name, one);
        }
        json_decref(json);
    }
    ht_buf_fini(&bytes);
}

/* Judges file after file until none is left. */
static void *work(void *user) {
    struct run *run = user;
    struct judging judging = {.run = run};
    ht_assert(ht_evm_new(&judging.evm) == HT_OK);
    for (size_t i = atomic_fetch_add(&run->next, 1); i < run->count;
         i = atomic_fetch_add(&run->next, 1)) {
        judging.file = &run->files[i];
        run_file(&judging);
    }
    ht_evm_free(judging.evm);
    return NULL;
}

/* --- the suite --------------------------------------------------------------------------------*/

static bool has_suffix(const char *text, const char *suffix) {
    size_t n = strlen(text), suffix_n = strlen(suffix);
    return n >= suffix_n && strcmp(text + n - suffix_n, suffix) == 0;
}

static void list_file(const char *path, void *user) {
    struct run *run = user;
    if (!has_suffix(path, ".json") && !has_suffix(path, ".json.gz")) return;
    if (run->count == run->cap) {
        run->cap = run->cap == 0 ? 1024 : 2 * run->cap;
        run->files = realloc(run->files, run->cap * sizeof *run->files);
        ht_assert(run->files != NULL);
    }
    run->files[run->count++] = (struct state_file){.path = strdup(path)};
}

static void tell_file(struct ht_vec_report *report, struct state_file *file) {
    report->passed += file->passed;
    for (size_t i = 0; i < file->line_count; i++) {
        struct line *line = &file->lines[i];
        switch (line->verdict) {
        case FAIL: ht_vec_fail(report, line->name, "%s", line->text); break;
        case SKIP: ht_vec_skip(report, line->name, line->text); break;
        case NOTE: ht_vec_note("osaka refill: %s: %s", line->name, line->text); break;
        }
        free(line->name);
        free(line->text);
    }
    free(file->lines);
    free(file->path);
}

static void tell(struct run *run, struct ht_vec_report *report) {
    struct fork_count skipped[FORKS_MAX];
    size_t skipped_count = 0, unused = 0, agreed = 0;
    for (size_t i = 0; i < run->count; i++) {
        struct state_file *file = &run->files[i];
        agreed += file->agreed;
        for (size_t k = 0; k < file->skipped_count; k++) {
            count_fork(skipped, &skipped_count, file->skipped[k].name, file->skipped[k].count);
        }
        tell_file(report, file);
    }
    for (size_t i = 0; i < skipped_count; i++) {
        report->skipped += skipped[i].count;
        ht_vec_note("%zu cases of %s skipped: rules that this program does not run",
                    skipped[i].count, skipped[i].name);
    }
    for (size_t i = 0; i < run->refill.count; i++) unused += !run->refill.opinions[i].is_used;
    report->skipped += unused;
    if (unused > 0) ht_vec_note("%zu refilled cases skipped: no such test is there", unused);
    if (run->refill.count > 0) {
        ht_vec_note("osaka refill: %zu of %zu agree", agreed, run->refill.count);
    }
}

static void run_suite(const char *dir, struct ht_vec_report *report) {
    struct run run = {.dir = dir};
    pthread_t threads[WORKERS];
    (void)ht_vec_walk(dir, "", list_file, &run);
    ht_sv_refill_read(&run.refill, dir, report);
    for (size_t i = 0; i < WORKERS; i++) {
        ht_assert(pthread_create(&threads[i], NULL, work, &run) == 0);
    }
    for (size_t i = 0; i < WORKERS; i++) (void)pthread_join(threads[i], NULL);
    tell(&run, report);
    ht_sv_refill_free(&run.refill);
    free(run.files);
}

const struct ht_vec_suite ht_vec_suite_state = {"state", run_suite};
