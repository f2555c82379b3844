/* The identity suite: every JSON document below the folder of fixtures is parsed and shown to each
 * group of cases, which knows its own by their form. Documents that no group knows are of other
 * suites. */
#include "tests/vectors/suite_identity.h"

#include <stdio.h>

#define FILE_MAX ((size_t)256 << 20)

static const struct group {
    const char *title;
    void (*run)(struct ht_identity_run *run, const json_t *document);
} GROUPS[] = {
    {"credentials and presentations", ht_identity_run_credentials},
    {"documents of typed data", ht_identity_run_typed},
    {"seeds and derivations", ht_identity_run_seeds},
    {"keystores", ht_identity_run_stores},
    {"signed transactions", ht_identity_run_signed},
    {"histories of did:ethr", ht_identity_run_did_ethr},
    {"keys and accounts as DIDs", ht_identity_run_did_key},
    {"sign-in messages", ht_identity_run_messages},
    {"off-chain attestations", ht_identity_run_offchain},
    {"schema uids", ht_identity_run_schemas},
    {"disclosures of private data", ht_identity_run_private},
    {"delegated requests of EAS", ht_identity_run_delegated},
    {"proofs of what EAS keeps", ht_identity_run_onchain},
    {"names", ht_identity_run_names},
};
#define GROUP_COUNT (sizeof GROUPS / sizeof *GROUPS)

struct walk {
    struct ht_identity_run run;
    size_t counts[GROUP_COUNT]; /* cases of each group */
};

static void full_name(char *out, size_t size, const struct ht_identity_run *run, const char *name) {
    (void)snprintf(out, size, "%s/%s", run->file, name);
}

void ht_identity_report(struct ht_identity_run *run, const char *name, enum ht_err err,
                        const struct ht_why *why) {
    char full[300];
    full_name(full, sizeof full, run, name);
    run->cases++;
    if (err == HT_OK)
        ht_vec_pass(run->report, full);
    else
        ht_vec_fail(run->report, full, "%s", why->text);
}

void ht_identity_skip(struct ht_identity_run *run, const char *name, const char *reason) {
    char full[300];
    full_name(full, sizeof full, run, name);
    run->cases++;
    ht_vec_skip(run->report, full, reason);
}

enum ht_err ht_identity_differs(const char *what, struct ht_why *why) {
    return ht_fail(why, HT_EBUG, "case", "another %s", what);
}

static void run_document(struct walk *walk, const json_t *document) {
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        size_t before = walk->run.cases;
        GROUPS[i].run(&walk->run, document);
        walk->counts[i] += walk->run.cases - before;
    }
}

/* Cases that the node's parser would refuse for their depth are cases all the same. */
static enum ht_err read_document(json_t **out, ht_bytes text, struct ht_why *why) {
    enum ht_err err = ht_json_parse(out, text, FILE_MAX, why);
    if (err != HT_ELIMIT) return err;
    *out = json_loadb((const char *)text.p, text.n, JSON_ALLOW_NUL, NULL);
    return *out != NULL ? HT_OK : err;
}

static void run_file(const char *path, void *user) {
    struct walk *walk = user;
    const char *slash = strrchr(path, '/');
    struct ht_why why = {.code = "", .text = ""};
    json_t *document = NULL;
    struct ht_buf text;
    ht_buf_init(&text, FILE_MAX);
    walk->run.file = slash != NULL ? slash + 1 : path;
    if (ht_vec_read(&text, path) != HT_OK)
        ht_vec_note("identity: %s cannot be read", path);
    else if (read_document(&document, ht_buf_view(&text), &why) != HT_OK)
        ht_vec_note("identity: %s is left out: %s", path, why.text);
    else
        run_document(walk, document);
    json_decref(document);
    ht_buf_fini(&text);
}

static void run_identity(const char *fixtures_dir, struct ht_vec_report *report) {
    struct walk walk = {.run = {.report = report}};
    (void)ht_vec_walk(fixtures_dir, ".json", run_file, &walk);
    (void)ht_vec_walk(fixtures_dir, ".json.gz", run_file, &walk);
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        ht_vec_note("identity: %zu %s", walk.counts[i], GROUPS[i].title);
    }
}

const struct ht_vec_suite ht_vec_suite_identity = {.name = "identity", .run = run_identity};
