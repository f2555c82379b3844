/* The rlp suite, two forms of cases in any JSON file (also packed as .json.gz):
 *   ethereum/tests RLPTests   {NAME: {"in", "out"}}                a map of such
 *   ethers.js testcases       [{"name", "decoded", "encoded"}]     a list of such
 * `in` is text, a number, "#" with a decimal number, or a list of these; "INVALID" means that `out`
 * must be refused, "VALID" that it must be accepted. `decoded` is 0x-hex or a list. Each case runs
 * both ways: the value must encode to the bytes, the bytes must decode to the value. */
#include <stdio.h>

#include "node/base/hex.h"
#include "node/codec/json.h"
#include "node/codec/rlp.h"
#include "tests/vectors/vectors.h"

#define FILE_MAX ((size_t)256 << 20)
#define CASE_MAX ((size_t)64 << 20)
#define DEPTH HT_JSON_DEPTH_MAX

struct run {
    struct ht_vec_report *report;
    size_t tests_cases, ethers_cases;
};

/* How a form writes a value that is not a list. */
typedef enum ht_err (*leaf_reader)(struct ht_buf *out, const json_t *leaf);

/* Appends a decimal number as big-endian bytes without leading zeros. */
static enum ht_err add_decimal(struct ht_buf *out, ht_bytes digits) {
    uint8_t little[512] = {0};
    size_t n = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9') return HT_EINPUT;
        unsigned carry = (unsigned)(digits.p[i] - '0');
        for (size_t k = 0; k < n; k++) {
            carry += little[k] * 10U;
            little[k] = (uint8_t)carry;
            carry >>= 8;
        }
        if (carry > 0 && n == sizeof little) return HT_ELIMIT;
        if (carry > 0) little[n++] = (uint8_t)carry;
    }
    enum ht_err err = HT_OK;
    while (n > 0 && err == HT_OK) err = ht_buf_add(out, ht_bytes_of(&little[--n], 1));
    return err;
}

static enum ht_err tests_leaf(struct ht_buf *out, const json_t *leaf) {
    char digits[24];
    ht_bytes text = {0};
    if (json_is_integer(leaf) && json_integer_value(leaf) >= 0) {
        (void)snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(leaf));
        return add_decimal(out, ht_bytes_str(digits));
    }
    if (ht_json_str(&text, leaf, "", NULL) != HT_OK) return HT_EINPUT;
    if (text.n > 1 && text.p[0] == '#') {
        return add_decimal(out, ht_bytes_of(text.p + 1, text.n - 1));
    }
    return ht_buf_add(out, text);
}

static enum ht_err ethers_leaf(struct ht_buf *out, const json_t *leaf) {
    return ht_json_hex_buf(out, leaf, "", NULL);
}

struct level {
    const json_t *list;
    size_t index;
    size_t begin;  /* writing: where the list starts */
    ht_bytes rest; /* reading: what is left of the list */
};

/* Encodes the value as a single item. */
static enum ht_err encode(struct ht_buf *out, const json_t *value, leaf_reader read_leaf) {
    struct ht_rlp_writer writer;
    ht_rlp_writer_init(&writer, out);
    struct level levels[DEPTH + 1];
    size_t depth = 0;
    enum ht_err err = HT_OK;
    struct ht_buf leaf;
    ht_buf_init(&leaf, CASE_MAX);
    for (const json_t *at = value; err == HT_OK;) {
        if (json_is_array(at)) {
            ht_assert(depth <= DEPTH);
            levels[depth++] = (struct level){.list = at, .begin = ht_rlp_list_begin(&writer)};
        } else {
            ht_buf_clear(&leaf);
            err = read_leaf(&leaf, at);
            ht_rlp_write_bytes(&writer, ht_buf_view(&leaf));
        }
        while (depth > 0 && levels[depth - 1].index == json_array_size(levels[depth - 1].list)) {
            ht_rlp_list_end(&writer, levels[--depth].begin);
        }
        if (depth == 0) break;
        at = json_array_get(levels[depth - 1].list, levels[depth - 1].index++);
    }
    ht_buf_fini(&leaf);
    enum ht_err written = ht_rlp_finish(&writer);
    return err != HT_OK ? err : written;
}

/* One item against a leaf. */
static enum ht_err compare_leaf(struct ht_buf *leaf, const json_t *value, ht_bytes *rest,
                                leaf_reader read_leaf, struct ht_why *why) {
    ht_bytes got = {0};
    ht_buf_clear(leaf);
    enum ht_err err = read_leaf(leaf, value);
    if (err != HT_OK) return ht_fail(why, err, "case", "the case's value is not understood");
    err = ht_rlp_read_bytes(&got, rest, CASE_MAX, why);
    if (err != HT_OK || ht_bytes_equal(got, ht_buf_view(leaf))) return err;
    return ht_fail(why, HT_EINPUT, "case", "decoded to %zu other bytes, expected %zu", got.n,
                   leaf->n);
}

/* Reads the document side by side with the value that it should hold. */
static enum ht_err compare(ht_bytes document, const json_t *value, leaf_reader read_leaf,
                           struct ht_why *why) {
    struct level levels[DEPTH + 2] = {{.rest = document}};
    size_t depth = 0;
    struct ht_buf leaf;
    ht_buf_init(&leaf, CASE_MAX);
    enum ht_err err = HT_OK;
    for (const json_t *at = value; err == HT_OK;) {
        if (json_is_array(at)) {
            ht_assert(depth <= DEPTH);
            struct level *next = &levels[depth + 1];
            *next = (struct level){.list = at};
            err = ht_rlp_read_list(&next->rest, &levels[depth].rest, why);
            depth++;
        } else {
            err = compare_leaf(&leaf, at, &levels[depth].rest, read_leaf, why);
        }
        while (err == HT_OK && depth > 0 &&
               levels[depth].index == json_array_size(levels[depth].list)) {
            err = ht_rlp_end(levels[depth--].rest, why);
        }
        if (depth == 0) break;
        at = json_array_get(levels[depth].list, levels[depth].index++);
    }
    if (err == HT_OK) err = ht_rlp_end(levels[0].rest, why);
    ht_buf_fini(&leaf);
    return err;
}

/* Bytes for a failure's text; long ones are cut. */
static const char *show(char room[static HT_HEX_SIZE(40)], ht_bytes bytes) {
    ht_hex_write(room, ht_bytes_of(bytes.p, bytes.n < 40 ? bytes.n : 40));
    return room;
}

static void judge_both_ways(struct run *run, const char *name, const json_t *value,
                            ht_bytes document, leaf_reader read_leaf) {
    struct ht_buf encoded;
    ht_buf_init(&encoded, CASE_MAX);
    char got[HT_HEX_SIZE(40)];
    char want[HT_HEX_SIZE(40)];
    struct ht_why why = {.code = "", .text = ""};
    enum ht_err err = encode(&encoded, value, read_leaf);
    if (err != HT_OK) {
        ht_vec_fail(run->report, name, "the value does not encode: %s", ht_err_name(err));
    } else if (!ht_bytes_equal(ht_buf_view(&encoded), document)) {
        ht_vec_fail(run->report, name, "encodes to %s (%zu bytes), expected %s (%zu)",
                    show(got, ht_buf_view(&encoded)), encoded.n, show(want, document), document.n);
    } else if (ht_rlp_check(document, DEPTH, &why) != HT_OK ||
               compare(document, value, read_leaf, &why) != HT_OK) {
        ht_vec_fail(run->report, name, "%s", why.text);
    } else {
        ht_vec_pass(run->report, name);
    }
    ht_buf_fini(&encoded);
}

static void judge_verdict(struct run *run, const char *name, ht_bytes document, bool is_valid) {
    struct ht_why why = {.code = "", .text = "accepted"};
    enum ht_err err = ht_rlp_check(document, HT_RLP_DEPTH_MAX, &why);
    if (err == HT_ELIMIT) {
        ht_vec_skip(run->report, name, why.text);
    } else if ((err == HT_OK) != is_valid) {
        ht_vec_fail(run->report, name, "expected %s: %s", is_valid ? "acceptance" : "refusal",
                    why.text);
    } else {
        ht_vec_pass(run->report, name);
    }
}

/* Bytes in hex, with or without 0x. */
static bool read_hex(struct ht_buf *out, const json_t *value) {
    ht_bytes text = {0};
    if (ht_json_str(&text, value, "", NULL) != HT_OK) return false;
    return text.n == 0 || ht_hex_read_buf(out, text) == HT_OK;
}

static void run_tests_case(struct run *run, const char *name, const json_t *one) {
    const json_t *in = ht_json_member(one, "in");
    const char *text = json_is_string(in) ? json_string_value(in) : "";
    struct ht_buf document;
    ht_buf_init(&document, CASE_MAX);
    run->tests_cases++;
    if (!read_hex(&document, ht_json_member(one, "out"))) {
        ht_vec_fail(run->report, name, "out is not hex");
    } else if (strcmp(text, "INVALID") == 0 || strcmp(text, "VALID") == 0) {
        judge_verdict(run, name, ht_buf_view(&document), text[0] == 'V');
    } else {
        judge_both_ways(run, name, in, ht_buf_view(&document), tests_leaf);
    }
    ht_buf_fini(&document);
}

static void run_ethers_case(struct run *run, const char *name, const json_t *one) {
    struct ht_buf document;
    ht_buf_init(&document, CASE_MAX);
    run->ethers_cases++;
    if (!read_hex(&document, ht_json_member(one, "encoded"))) {
        ht_vec_fail(run->report, name, "encoded is not hex");
    } else {
        judge_both_ways(run, name, ht_json_member(one, "decoded"), ht_buf_view(&document),
                        ethers_leaf);
    }
    ht_buf_fini(&document);
}

/* Members that describe a case and do not change what it asks for. */
static size_t count_members(const json_t *one) {
    return json_object_size(one) - (ht_json_member(one, "_info") != NULL) -
           (ht_json_member(one, "comment") != NULL);
}

static bool is_tests_case(const json_t *one) {
    return count_members(one) == 2 && ht_json_member(one, "in") != NULL &&
           json_is_string(ht_json_member(one, "out"));
}

static bool is_ethers_case(const json_t *one) {
    return count_members(one) == 3 && json_is_string(ht_json_member(one, "name")) &&
           ht_json_member(one, "decoded") != NULL && json_is_string(ht_json_member(one, "encoded"));
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

/* Spares the parser the many large files of other suites. */
static bool may_hold_cases(ht_bytes text) {
    return memmem(text.p, text.n, "\"out\"", 5) != NULL ||
           memmem(text.p, text.n, "\"decoded\"", 9) != NULL;
}

static void run_file(const char *path, void *user) {
    struct run *run = user;
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    struct ht_buf text;
    ht_buf_init(&text, FILE_MAX);
    json_t *document = NULL;
    struct ht_why why = {.code = "", .text = ""};
    if (ht_vec_read(&text, path) != HT_OK) {
        ht_vec_note("rlp: %s cannot be read", path);
    } else if (text.n > 0 && may_hold_cases(ht_buf_view(&text))) {
        if (ht_json_parse(&document, ht_buf_view(&text), FILE_MAX, &why) == HT_OK) {
            run_document(run, name, document);
        } else {
            ht_vec_skip(run->report, path, why.text);
        }
    }
    json_decref(document);
    ht_buf_fini(&text);
}

static void run_rlp(const char *fixtures_dir, struct ht_vec_report *report) {
    struct run run = {.report = report};
    (void)ht_vec_walk(fixtures_dir, ".json", run_file, &run);
    (void)ht_vec_walk(fixtures_dir, ".json.gz", run_file, &run);
    if (run.tests_cases == 0) ht_vec_note("rlp: no cases in the form of ethereum/tests RLPTests");
    if (run.ethers_cases == 0) ht_vec_note("rlp: no cases in the form of ethers.js testcases");
}

const struct ht_vec_suite ht_vec_suite_rlp = {.name = "rlp", .run = run_rlp};
