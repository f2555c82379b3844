/* The governance suite: every JSON document below the folder of fixtures is parsed and shown to
 * each group of cases, which knows its own by their form. Documents that no group knows are of
 * other suites, or stand beside cases that read them. */
#include "tests/vectors/suite_governance.h"

#include <stdio.h>

#define FILE_MAX ((size_t)256 << 20)

static const struct group {
    const char *title;
    ht_governance_group *run;
} GROUPS[] = {
    {"proposals", ht_governance_run_proposals}, {"observations", ht_governance_run_observation},
    {"votes", ht_governance_run_expected},      {"audit cases", ht_governance_run_audit},
    {"ballots", ht_governance_run_ballots},
};
#define GROUP_COUNT (sizeof GROUPS / sizeof *GROUPS)

struct walk {
    struct ht_governance_run run;
    size_t counts[GROUP_COUNT]; /* cases of each group */
};

static void full_name(char *out, size_t size, const struct ht_governance_run *run,
                      const char *name) {
    (void)snprintf(out, size, "%s/%s", run->file, name);
}

void ht_governance_report(struct ht_governance_run *run, const char *name, enum ht_err err,
                          const struct ht_why *why) {
    char full[300];
    full_name(full, sizeof full, run, name);
    run->cases++;
    if (err == HT_OK)
        ht_vec_pass(run->report, full);
    else
        ht_vec_fail(run->report, full, "%s", why->text);
}

void ht_governance_skip(struct ht_governance_run *run, const char *name, const char *reason) {
    char full[300];
    full_name(full, sizeof full, run, name);
    run->cases++;
    ht_vec_skip(run->report, full, reason);
}

enum ht_err ht_governance_differs(const char *what, struct ht_why *why) {
    return ht_fail(why, HT_EBUG, "case", "another %s", what);
}

bool ht_governance_number(ht_u256 *out, const json_t *from, const char *key) {
    const json_t *value = ht_json_member(from, key);
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = ht_u256_of((uint64_t)json_integer_value(value));
        return true;
    }
    ht_bytes text = ht_bytes_of(json_string_value(value), json_string_length(value));
    return json_is_string(value) && ht_u256_from_text(out, text) == HT_OK;
}

const json_t *ht_governance_logs(const json_t *logs, const char *contract) {
    const json_t *list = ht_json_member(logs, contract);
    return json_is_array(list) ? list : NULL;
}

static json_t *parse_file(const char *path) {
    struct ht_buf text;
    struct ht_why why = {.code = "", .text = ""};
    json_t *document = NULL;
    ht_buf_init(&text, FILE_MAX);
    if (ht_vec_read(&text, path) != HT_OK) {
        document = NULL;
    } else if (ht_json_parse(&document, ht_buf_view(&text), FILE_MAX, &why) != HT_OK) {
        ht_vec_note("governance: %s is left out: %s", path, why.text);
        document = NULL;
    }
    ht_buf_fini(&text);
    return document;
}

json_t *ht_governance_beside(const char *path, const char *name) {
    char full[4096];
    const char *slash = strrchr(path, '/');
    int n = slash != NULL ? (int)(slash - path) : 1;
    if (snprintf(full, sizeof full, "%.*s/%s", n, slash != NULL ? path : ".", name) >=
        (int)sizeof full) {
        return NULL;
    }
    return parse_file(full);
}

static void run_file(const char *path, void *user) {
    struct walk *walk = user;
    const char *slash = strrchr(path, '/');
    json_t *document = parse_file(path);
    walk->run.file = slash != NULL ? slash + 1 : path;
    for (size_t i = 0; document != NULL && i < GROUP_COUNT; i++) {
        size_t before = walk->run.cases;
        GROUPS[i].run(&walk->run, document, path);
        walk->counts[i] += walk->run.cases - before;
    }
    json_decref(document);
}

static void run_governance(const char *fixtures_dir, struct ht_vec_report *report) {
    struct walk walk = {.run = {.report = report}};
    (void)ht_vec_walk(fixtures_dir, ".json", run_file, &walk);
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        ht_vec_note("governance: %zu %s", walk.counts[i], GROUPS[i].title);
    }
}

const struct ht_vec_suite ht_vec_suite_governance = {.name = "governance", .run = run_governance};
