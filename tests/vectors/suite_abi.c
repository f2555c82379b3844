/* The abi suite, two forms of cases in any JSON file (also packed as .json.gz):
 *   ethereum/tests ABITests   {NAME: {"args", "types", "result"}}            a map of such
 *   ethers.js testcases       [{"name", "type", "value", "encoded"}]         a list of such
 * `result` is hex without "0x". Each case runs both ways: the values must encode to the bytes, the
 * bytes must decode strictly to values that encode to them again, and those of ethers be the same
 * but for the case of hex digits. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "node/base/hex.h"
#include "node/codec/abi.h"
#include "node/codec/json.h"
#include "tests/vectors/vectors.h"

#define FILE_MAX ((size_t)256 << 20)
#define CASE_MAX ((size_t)16 << 20)

struct run {
    struct ht_vec_report *report;
    size_t tests_cases, ethers_cases;
};

static enum ht_err differs(const char *what, struct ht_why *why) {
    return ht_fail(why, HT_EBUG, "case", "%s", what);
}

static enum ht_err expect_encoding(const struct ht_abi_type *tuple, const json_t *values,
                                   ht_bytes want, struct ht_why *why) {
    struct ht_buf got;
    ht_buf_init(&got, CASE_MAX);
    enum ht_err err = ht_abi_encode(&got, tuple, values, why);
    if (err == HT_OK && !ht_bytes_equal(ht_buf_view(&got), want)) {
        err = differs("encodes to other bytes", why);
    }
    ht_buf_fini(&got);
    return err;
}

static enum ht_err expect_values(const json_t *got, const json_t *want, struct ht_why *why) {
    char *got_text = json_dumps(got, JSON_COMPACT);
    char *want_text = json_dumps(want, JSON_COMPACT);
    bool is_same = got_text != NULL && want_text != NULL && strcasecmp(got_text, want_text) == 0;
    free(got_text);
    free(want_text);
    return is_same ? HT_OK : differs("decodes to other values", why);
}

static enum ht_err judge(const char *type, const json_t *values, ht_bytes encoded, bool same_values,
                         struct ht_why *why) {
    struct ht_abi_type tuple;
    struct ht_arena arena;
    json_t *decoded = NULL;
    ht_arena_init(&arena, (size_t)1 << 20);
    enum ht_err err = ht_abi_type_read(&tuple, &arena, ht_bytes_str(type), why);
    if (err == HT_OK) err = expect_encoding(&tuple, values, encoded, why);
    if (err == HT_OK) err = ht_abi_decode(&decoded, &tuple, encoded, HT_ABI_EXACT, why);
    if (err == HT_OK) err = expect_encoding(&tuple, decoded, encoded, why);
    if (err == HT_OK && same_values) err = expect_values(decoded, values, why);
    json_decref(decoded);
    ht_arena_fini(&arena);
    return err;
}

static void run_case(struct run *run, const char *name, const char *type, const json_t *values,
                     const json_t *encoded, bool same_values) {
    struct ht_buf bytes;
    struct ht_why why = {.code = "", .text = "its bytes cannot be read"};
    ht_buf_init(&bytes, CASE_MAX);
    ht_bytes hex = ht_bytes_of(json_string_value(encoded), json_string_length(encoded));
    enum ht_err err = ht_hex_read_buf(&bytes, hex);
    if (err == HT_OK) err = judge(type, values, ht_buf_view(&bytes), same_values, &why);
    if (err == HT_OK)
        ht_vec_pass(run->report, name);
    else
        ht_vec_fail(run->report, name, "%s", why.text);
    ht_buf_fini(&bytes);
}

static void run_tests_case(struct run *run, const char *name, const json_t *one) {
    char type[4096] = "(";
    size_t n = 1;
    size_t index = 0;
    json_t *part = NULL;
    json_array_foreach(json_object_get(one, "types"), index, part) {
        const char *text = json_string_value(part);
        int added = snprintf(type + n, sizeof type - n - 1, "%s%s", index > 0 ? "," : "",
                             text != NULL ? text : "?");
        n += added > 0 ? (size_t)added : 0;
        if (n + 2 > sizeof type) break;
    }
    if (n + 2 > sizeof type) {
        ht_vec_skip(run->report, name, "its types are too long");
        return;
    }
    (void)snprintf(type + n, sizeof type - n, ")");
    run->tests_cases++;
    run_case(run, name, type, json_object_get(one, "args"), json_object_get(one, "result"), false);
}

static void run_ethers_case(struct run *run, const char *name, const json_t *one) {
    char type[4096];
    const char *text = json_string_value(json_object_get(one, "type"));
    json_t *values = json_array();
    (void)snprintf(type, sizeof type, "(%s)", text);
    (void)json_array_append(values, json_object_get(one, "value"));
    run->ethers_cases++;
    run_case(run, name, type, values, json_object_get(one, "encoded"), true);
    json_decref(values);
}

static bool is_tests_case(const json_t *one) {
    return json_is_array(ht_json_member(one, "types")) &&
           json_is_array(ht_json_member(one, "args")) &&
           json_is_string(ht_json_member(one, "result"));
}

static bool is_ethers_case(const json_t *one) {
    return json_is_string(ht_json_member(one, "name")) &&
           json_is_string(ht_json_member(one, "type")) && ht_json_member(one, "value") != NULL &&
           json_is_string(ht_json_member(one, "encoded"));
}

static void run_document(struct run *run, const char *file, json_t *document) {
    char name[300];
    const char *key = NULL;
    json_t *one = NULL;
    size_t index = 0;
    json_object_foreach(document, key, one) {
        if (!is_tests_case(one)) continue;
        (void)snprintf(name, sizeof name, "%s/%s", file, key);
        run_tests_case(run, name, one);
    }
    json_array_foreach(document, index, one) {
        if (!is_ethers_case(one)) continue;
        (void)snprintf(name, sizeof name, "%s/%s", file,
                       json_string_value(ht_json_member(one, "name")));
        run_ethers_case(run, name, one);
    }
}

static bool has(ht_bytes text, const char *word) {
    return memmem(text.p, text.n, word, strlen(word)) != NULL;
}

/* Spares the parser the many large files of other suites. */
static bool may_hold_cases(ht_bytes text) {
    bool has_tests = has(text, "\"types\"") && has(text, "\"args\"") && has(text, "\"result\"");
    return has_tests || (has(text, "\"type\"") && has(text, "\"encoded\""));
}

static void run_file(const char *path, void *user) {
    struct run *run = user;
    const char *slash = strrchr(path, '/');
    struct ht_buf text;
    ht_buf_init(&text, FILE_MAX);
    json_t *document = NULL;
    if (ht_vec_read(&text, path) != HT_OK) {
        ht_vec_note("abi: %s cannot be read", path);
    } else if (text.n > 0 && may_hold_cases(ht_buf_view(&text))) {
        /* A file that is no JSON, or too deep for it, holds no cases of these forms. */
        if (ht_json_parse(&document, ht_buf_view(&text), FILE_MAX, NULL) == HT_OK) {
            run_document(run, slash != NULL ? slash + 1 : path, document);
        }
    }
    json_decref(document);
    ht_buf_fini(&text);
}

static void run_abi(const char *fixtures_dir, struct ht_vec_report *report) {
    struct run run = {.report = report};
    (void)ht_vec_walk(fixtures_dir, ".json", run_file, &run);
    (void)ht_vec_walk(fixtures_dir, ".json.gz", run_file, &run);
    ht_vec_note("abi: %zu cases of ethereum/tests, %zu of ethers.js, each both ways",
                run.tests_cases, run.ethers_cases);
}

const struct ht_vec_suite ht_vec_suite_abi = {.name = "abi", .run = run_abi};
