/* Groups of the identity suite that other suites judge too, each in any folder: here only documents
 * of our own form count, {"cases": […]}, so that the rest of a large tree is not judged twice. */
#include "tests/vectors/suite_eip712.h"
#include "tests/vectors/suite_identity.h"
#include "tests/vectors/suite_keys.h"
#include "tests/vectors/suite_tx_signed.h"

/* Whether its first case has that member. */
static bool is_of(const json_t *document, const char *member) {
    const json_t *first = json_array_get(ht_json_member(document, "cases"), 0);
    return ht_json_member(first, member) != NULL;
}

static size_t counted(const struct ht_identity_run *run) {
    return run->report->passed + run->report->failed + run->report->skipped;
}

void ht_identity_run_typed(struct ht_identity_run *run, const json_t *document) {
    size_t before = counted(run);
    if (is_of(document, "typedData")) ht_eip712_run(run->report, run->file, document);
    run->cases += counted(run) - before;
}

void ht_identity_run_seeds(struct ht_identity_run *run, const json_t *document) {
    struct ht_keys_run keys = {.report = run->report, .file = run->file};
    size_t before = counted(run);
    if (is_of(document, "mnemonic")) ht_keys_run_seeds(&keys, document);
    run->cases += counted(run) - before;
}

void ht_identity_run_stores(struct ht_identity_run *run, const json_t *document) {
    struct ht_keys_run keys = {.report = run->report, .file = run->file};
    size_t before = counted(run);
    if (is_of(document, "keystore")) ht_keys_run_stores(&keys, document);
    run->cases += counted(run) - before;
}

void ht_identity_run_signed(struct ht_identity_run *run, const json_t *document) {
    struct ht_tx_signed_counts counts = {0};
    size_t before = counted(run);
    if (is_of(document, "signingHash")) ht_tx_signed_run(&counts, run->report, run->file, document);
    run->cases += counted(run) - before;
}
