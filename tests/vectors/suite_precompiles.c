/* The precompiles suite: each precompile alone, found by form in any JSON file (also packed as
 * .json.gz) and any data.yaml:
 *   lists       [{"Name", "Input", "Expected", "Gas"} or {"Name", "Input", "ExpectedError"}]
 *               output and gas must be equal, or the call must fail; which precompile it is stands
 *               in the name of the file or its folder only
 *   KZG proofs  input: {commitment, z, y, proof}, output: true, false or null
 *               POINT_EVALUATION of them succeeds if and only if the output is true
 *   Wycheproof  {"schema": "ecdsa_…", "testGroups": […]}: suite_precompiles_ecdsa.c */
#include "tests/vectors/suite_precompiles.h"

#include <ctype.h>
#include <stdio.h>

#include "node/base/hex.h"
#include "node/crypto/sha256.h"
#include "node/evm/precompile.h"
#include "tests/vectors/light_yaml.h"

#define FILE_MAX ((size_t)256 << 20)
#define INPUT_MAX ((size_t)16 << 20)
#define NAME_MAX_SHOWN 512U

struct run {
    struct ht_vec_report *report;
    size_t listed, proofs, signatures;
};

/* What a file's name says about its cases. */
struct subject {
    const char *words[3]; /* all of them are in the name: small letters and digits */
    unsigned number;
    enum ht_evm_fork fork;
    const char *older_gas; /* gas of a rule before our forks is there, and not compared */
};

/* The first that fits. */
static const struct subject SUBJECTS[] = {
    {{"modexp", "2565"}, 0x05, HT_EVM_BERLIN, NULL},
    {{"modexp", "7883"}, 0x05, HT_EVM_OSAKA, NULL},
    {{"modexp"}, 0x05, HT_EVM_BERLIN, "EIP-198's, before Berlin"},
    {{"eip7951"}, 0x100, HT_EVM_OSAKA, "RIP-7212's 3450, EIP-7951 takes 6900"},
    {{"p256verify"}, 0x100, HT_EVM_OSAKA, NULL},
    {{"blake2f"}, 0x09, HT_EVM_OSAKA, NULL},
    {{"bn256", "add"}, 0x06, HT_EVM_OSAKA, NULL},
    {{"bn256", "mul"}, 0x07, HT_EVM_OSAKA, NULL},
    {{"bn256", "pairing"}, 0x08, HT_EVM_OSAKA, NULL},
    {{"ecrecover"}, 0x01, HT_EVM_OSAKA, NULL},
    {{"pointevaluation"}, 0x0a, HT_EVM_CANCUN, NULL},
    {{"bls", "mapfp2"}, 0x11, HT_EVM_PRAGUE, NULL},
    {{"bls", "mapg2"}, 0x11, HT_EVM_PRAGUE, NULL},
    {{"bls", "map"}, 0x10, HT_EVM_PRAGUE, NULL},
    {{"bls", "pairing"}, 0x0f, HT_EVM_PRAGUE, NULL},
    {{"bls", "g1", "add"}, 0x0b, HT_EVM_PRAGUE, NULL},
    {{"bls", "g2", "add"}, 0x0d, HT_EVM_PRAGUE, NULL},
    {{"bls", "g1", "msm"}, 0x0c, HT_EVM_PRAGUE, NULL},
    {{"bls", "g1", "mul"}, 0x0c, HT_EVM_PRAGUE, NULL},
    {{"bls", "g2", "msm"}, 0x0e, HT_EVM_PRAGUE, NULL},
    {{"bls", "g2", "mul"}, 0x0e, HT_EVM_PRAGUE, NULL},
    {{"sha256"}, 0x02, HT_EVM_OSAKA, NULL},
    {{"ripemd160"}, 0x03, HT_EVM_OSAKA, NULL},
    {{"identity"}, 0x04, HT_EVM_OSAKA, NULL},
};

static bool has_words(const char *name, const struct subject *subject) {
    for (size_t i = 0; i < 3 && subject->words[i] != NULL; i++) {
        if (strstr(name, subject->words[i]) == NULL) return false;
    }
    return true;
}

/* The file's name, then its folder's. */
static const struct subject *find_subject(const char *path) {
    const char *parts[2] = {path, path};
    for (const char *p = path; *p != '\0'; p++) {
        if (*p != '/') continue;
        parts[1] = parts[0];
        parts[0] = p + 1;
    }
    for (size_t part = 0; part < 2; part++) {
        char name[NAME_MAX_SHOWN] = "";
        size_t n = 0;
        for (const char *p = parts[part]; *p != '\0' && *p != '/' && n + 1 < sizeof name; p++) {
            if (isalnum((unsigned char)*p)) name[n++] = (char)tolower((unsigned char)*p);
        }
        for (size_t i = 0; i < sizeof SUBJECTS / sizeof *SUBJECTS; i++) {
            if (has_words(name, &SUBJECTS[i])) return &SUBJECTS[i];
        }
    }
    return NULL;
}

/* --- lists ------------------------------------------------------------------------------------*/

static bool is_case(const json_t *one) {
    return json_is_string(json_object_get(one, "Input")) &&
           (json_is_string(json_object_get(one, "Expected")) ||
            json_is_string(json_object_get(one, "ExpectedError")));
}

static enum ht_err read_hex(struct ht_buf *out, const json_t *text) {
    return ht_hex_read_buf(out, ht_bytes_of(json_string_value(text), json_string_length(text)));
}

static void judge_failure(struct ht_vec_report *report, const char *name, enum ht_err err,
                          const struct ht_why *why) {
    if (err == HT_EINPUT && strcmp(why->code, "precompile_input") == 0) {
        ht_vec_pass(report, name);
    } else {
        ht_vec_fail(report, name, "should have failed, got %s", ht_err_name(err));
    }
}

static void judge_output(struct ht_vec_report *report, const char *name, const json_t *one,
                         const struct subject *subject, uint64_t gas, ht_bytes output) {
    struct ht_buf expected;
    const json_t *want_gas = json_object_get(one, "Gas");
    bool is_gas_given = json_is_integer(want_gas) && subject->older_gas == NULL;
    uint64_t expected_gas = is_gas_given ? (uint64_t)json_integer_value(want_gas) : gas;
    ht_buf_init(&expected, INPUT_MAX);
    enum ht_err err = read_hex(&expected, json_object_get(one, "Expected"));
    if (err != HT_OK) {
        ht_vec_fail(report, name, "\"Expected\" cannot be read");
    } else if (!ht_bytes_equal(ht_buf_view(&expected), output)) {
        ht_vec_fail(report, name, "another output of %zu bytes, expected %zu", output.n,
                    expected.n);
    } else if (gas != expected_gas) {
        ht_vec_fail(report, name, "gas %llu, expected %llu", (unsigned long long)gas,
                    (unsigned long long)expected_gas);
    } else {
        ht_vec_pass(report, name);
    }
    ht_buf_fini(&expected);
}

static void judge_case(struct ht_vec_report *report, const char *name, const json_t *one,
                       const struct subject *subject) {
    const struct ht_evm_rules *rules = ht_evm_rules_of(subject->fork);
    struct ht_why why = {.code = NULL};
    struct ht_buf input;
    struct ht_buf output;
    ht_buf_init(&input, INPUT_MAX);
    ht_buf_init(&output, INPUT_MAX);
    enum ht_err err = read_hex(&input, json_object_get(one, "Input"));
    if (err != HT_OK) {
        ht_vec_fail(report, name, "\"Input\" cannot be read");
    } else {
        uint64_t gas = ht_precompile_gas(rules, subject->number, ht_buf_view(&input));
        err = ht_precompile_run(&output, rules, subject->number, ht_buf_view(&input), &why);
        if (!json_is_string(json_object_get(one, "Expected"))) {
            judge_failure(report, name, err, &why);
        } else if (err != HT_OK) {
            ht_vec_fail(report, name, "%s", why.text);
        } else {
            judge_output(report, name, one, subject, gas, ht_buf_view(&output));
        }
    }
    ht_buf_fini(&input);
    ht_buf_fini(&output);
}

static void judge_list(struct run *run, const char *path, const json_t *list) {
    const struct subject *subject = find_subject(path);
    if (subject != NULL && subject->older_gas != NULL) {
        ht_vec_note("%s: outputs only; its gas is %s", path, subject->older_gas);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *text = json_string_value(json_object_get(one, "Name"));
        char name[NAME_MAX_SHOWN];
        if (!is_case(one)) continue;
        (void)snprintf(name, sizeof name, "%s/%zu %s", path, i, text == NULL ? "" : text);
        run->listed++;
        if (subject == NULL) {
            ht_vec_skip(run->report, name, "the file's name names no precompile");
        } else {
            judge_case(run->report, name, one, subject);
        }
    }
}

/* --- KZG proofs -------------------------------------------------------------------------------*/

static const char *const KZG_PARTS[] = {"z", "y", "commitment", "proof"};

static bool is_proof(const json_t *root) {
    const json_t *input = json_object_get(root, "input");
    for (size_t i = 0; i < 4; i++) {
        if (!json_is_string(json_object_get(input, KZG_PARTS[i]))) return false;
    }
    return json_object_size(input) == 4 && json_is_string(json_object_get(root, "output"));
}

/* The call's input, with the versioned hash that belongs to the commitment. */
static enum ht_err write_call(struct ht_buf *out, const json_t *input) {
    struct ht_buf commitment;
    ht_hash32 hash;
    ht_buf_init(&commitment, INPUT_MAX);
    enum ht_err err = read_hex(&commitment, json_object_get(input, "commitment"));
    ht_sha256(&hash, ht_buf_view(&commitment));
    hash.b[0] = 1;
    if (err == HT_OK) err = ht_buf_add(out, HT_BYTES(hash.b));
    for (size_t i = 0; i < 4 && err == HT_OK; i++) {
        err = read_hex(out, json_object_get(input, KZG_PARTS[i]));
    }
    ht_buf_fini(&commitment);
    return err;
}

static void judge_proof(struct ht_vec_report *report, const char *name, const json_t *root) {
    const char *expected = json_string_value(json_object_get(root, "output"));
    bool must_hold = strcmp(expected, "true") == 0;
    struct ht_why why = {.code = "none"};
    struct ht_buf call;
    struct ht_buf output;
    ht_buf_init(&call, INPUT_MAX);
    ht_buf_init(&output, INPUT_MAX);
    enum ht_err err = write_call(&call, json_object_get(root, "input"));
    if (err != HT_OK) {
        ht_vec_fail(report, name, "the input cannot be read");
    } else {
        err = ht_precompile_run(&output, ht_evm_rules_of(HT_EVM_CANCUN), 0x0a, ht_buf_view(&call),
                                &why);
        if (!must_hold) {
            judge_failure(report, name, err, &why);
        } else if (err == HT_OK && output.n == 64) {
            ht_vec_pass(report, name);
        } else {
            ht_vec_fail(report, name, "a proof that holds was refused: %s", why.text);
        }
    }
    ht_buf_fini(&call);
    ht_buf_fini(&output);
}

/* --- files ------------------------------------------------------------------------------------*/

static bool has_text(const struct ht_buf *text, const char *needle) {
    return text->n > 0 && memmem(text->p, text->n, needle, strlen(needle)) != NULL;
}

static void visit_json(const char *path, void *user) {
    struct run *run = user;
    struct ht_buf text;
    json_t *root = NULL;
    ht_buf_init(&text, FILE_MAX);
    if (ht_vec_read(&text, path) == HT_OK &&
        (has_text(&text, "\"Input\"") || has_text(&text, "\"testGroups\""))) {
        root = json_loadb((const char *)text.p, text.n, 0, NULL);
    }
    if (json_is_array(root)) judge_list(run, path, root);
    if (json_is_object(root)) run->signatures += ht_vec_wycheproof(run->report, path, root);
    json_decref(root);
    ht_buf_fini(&text);
}

static void visit_yaml(const char *path, void *user) {
    struct run *run = user;
    struct ht_buf text;
    ht_buf_init(&text, FILE_MAX);
    bool is_likely = ht_vec_read(&text, path) == HT_OK && has_text(&text, "commitment:") &&
                     has_text(&text, "proof:") && has_text(&text, "z:");
    ht_buf_fini(&text);
    if (!is_likely) return;
    char *copy = strdup(path);
    ht_assert(copy != NULL);
    json_t *root = ht_lv_read_yaml(&(struct ht_lv_file){.path = copy, .name = copy});
    if (is_proof(root)) {
        run->proofs++;
        judge_proof(run->report, path, root);
    }
    json_decref(root);
    free(copy);
}

static void run_precompiles(const char *fixtures_dir, struct ht_vec_report *report) {
    struct run run = {.report = report};
    (void)ht_vec_walk(fixtures_dir, ".json", visit_json, &run);
    (void)ht_vec_walk(fixtures_dir, ".json.gz", visit_json, &run);
    (void)ht_vec_walk(fixtures_dir, "data.yaml", visit_yaml, &run);
    ht_vec_note("calls of precompiles: %zu; KZG proofs: %zu; signatures: %zu", run.listed,
                run.proofs, run.signatures);
}

const struct ht_vec_suite ht_vec_suite_precompiles = {.name = "precompiles",
                                                      .run = run_precompiles};
