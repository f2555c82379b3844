/* Audit bundles from any bytes: there is always a verdict with a reason, what is accepted adds up
 * and can be exported, and as a file it is never "valid", since no committee here has signed
 * anything. */
#include <stdlib.h>

#include "governance/count/audit_file.h"
#include "governance/count/export.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define TEXT_MAX ((size_t)1 << 20)
#define NOW_MS INT64_C(1700010000000)

static void must(bool claim) {
    if (!claim) abort();
}

static struct ht_bls_committee committee;

static enum ht_err committee_of(void *user, struct ht_bls_committee **out, uint64_t period,
                                struct ht_why *why) {
    (void)user;
    if (period % 2 == 0) return ht_fail(why, HT_ENOTFOUND, "committee_unknown", "not known");
    *out = &committee;
    return HT_OK;
}

/* A private network on Electra from its beginning. */
static struct ht_network the_network(void) {
    struct ht_network net = {.name = "builder",
                             .preset = &ht_preset_minimal,
                             .chain_id = 1337,
                             .genesis_time_ms = 1699999000000,
                             .slot_duration_ms = 6000};
    for (unsigned fork = 0; fork < HT_FORK_COUNT; fork++) {
        net.forks[fork].epoch = fork <= HT_ELECTRA ? 0 : HT_FAR_FUTURE_EPOCH;
        net.forks[fork].version[0] = (uint8_t)fork;
    }
    return net;
}

static void check_accepted(const struct ht_gov_audit *audit, const struct ht_gov_count *count) {
    size_t votes = 0;
    json_t *json = NULL;
    struct ht_buf table;
    const struct ht_gov_vote *list = ht_gov_count_votes(count, &votes);
    const struct ht_gov_export of = {.chain_id = audit->chain_id,
                                     .governor = audit->governor,
                                     .id = audit->id,
                                     .layout = &audit->layout,
                                     .result = &audit->result,
                                     .votes = list,
                                     .vote_count = votes,
                                     .network = "fuzz"};
    must(audit->result.tally_proven && audit->result.votes == votes);
    must(!ht_hash32_is_zero(&audit->anchor_hash));
    ht_buf_init(&table, HT_GOV_EXPORT_MAX);
    must(ht_gov_export_csv(&table, &of, NULL) == HT_OK && memchr(table.p, 0, table.n) == NULL);
    must(ht_gov_export_json(&json, &of, NULL) == HT_OK);
    json_decref(json);
    ht_buf_fini(&table);
}

static void check_file(const json_t *bundle) {
    static struct ht_network network;
    json_t *outcome = NULL;
    network = the_network();
    const struct ht_gov_judge judge = {
        .network = &network, .now_ms = NOW_MS, .committee = committee_of};
    if (ht_gov_audit_verify(&outcome, &judge, bundle, NULL) != HT_OK) return;
    const char *verdict = json_string_value(json_object_get(outcome, "verdict"));
    must(verdict != NULL && strcmp(verdict, "valid") != 0);
    must(json_is_string(json_object_get(outcome, "code")));
    must(json_array_size(json_object_get(outcome, "steps")) > 0);
    json_decref(outcome);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    json_t *bundle = NULL;
    struct ht_gov_audit audit;
    struct ht_gov_count *count = NULL;
    if (ht_json_parse(&bundle, ht_bytes_of(data, n), TEXT_MAX, NULL) != HT_OK) return 0;
    enum ht_err err = ht_gov_audit_count(&audit, &count, bundle, NULL);
    must(err == HT_OK || err == HT_ENOMEM);
    must(audit.is_accepted == (count != NULL));
    must(audit.is_accepted || (audit.err != HT_OK && audit.why.code[0] != '\0'));
    if (audit.is_accepted) check_accepted(&audit, count);
    ht_gov_count_free(count);
    check_file(bundle);
    json_decref(bundle);
    return 0;
}
