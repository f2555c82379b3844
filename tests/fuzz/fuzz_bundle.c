/* Proof bundles from any bytes: there is always an outcome, it is never "valid", since no committee
 * here has signed anything, and its steps stop at the first that fails. What stands behind the
 * proofs is walked as well, as if they held. */
#include <stdlib.h>

#include "identity/proof/bundle_claim.h"
#include "identity/proof/bundle_claim_eas.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define TEXT_MAX ((size_t)1 << 18)
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

static void check_outcome(const struct ht_bundle_judge *judge, const json_t *bundle) {
    struct ht_why why = {.code = NULL};
    json_t *outcome = NULL, *step;
    size_t i;
    enum ht_err err = ht_bundle_verify(&outcome, judge, bundle, &why);
    must(err == HT_OK || (err == HT_ENOMEM && why.code != NULL));
    if (err != HT_OK) return;
    const char *verdict = json_string_value(json_object_get(outcome, "verdict"));
    const json_t *steps = json_object_get(outcome, "steps");
    must(verdict != NULL && strcmp(verdict, "valid") != 0);
    must(json_is_string(json_object_get(outcome, "code")) && json_array_size(steps) > 0);
    json_array_foreach((json_t *)steps, i, step) {
        must(json_is_true(json_object_get(step, "ok")) == (i + 1 < json_array_size(steps)));
    }
    json_decref(outcome);
}

/* The claim, with whatever values stand in for proven ones. */
static void check_claim(const struct ht_bundle_judge *judge, const json_t *bundle) {
    struct ht_arena arena;
    struct ht_why why = {.code = NULL};
    ht_arena_init(&arena, (size_t)8 << 20);
    struct ht_bundle_run *run = ht_arena_alloc(&arena, sizeof *run);
    must(run != NULL);
    *run = (struct ht_bundle_run){.judge = judge, .arena = &arena};
    enum ht_err err = ht_bundle_read(&run->bundle, &arena, bundle, &why);
    if (err == HT_OK) err = ht_bundle_claim_parts(run, &why);
    /* Proofs see to it that there are as many as the claim needs. */
    bool is_whole =
        err == HT_OK && run->bundle.contract.slot_count == run->parts.count &&
        (!run->parts.wants_schema || run->bundle.schema.slot_count == run->parts.schema_count);
    if (is_whole) err = ht_bundle_claim_check(run, &why);
    if (is_whole && err == HT_OK) err = ht_bundle_disclosure_check(run, &why);
    if (is_whole && err == HT_OK) err = ht_bundle_now_check(run, &why);
    must(err == HT_OK || why.code != NULL);
    json_decref(run->shown);
    ht_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static struct ht_network network;
    json_t *bundle = NULL;
    network = the_network();
    if (ht_json_parse(&bundle, ht_bytes_of(data, n), TEXT_MAX, NULL) != HT_OK) return 0;
    struct ht_bundle_judge judge = {.network = &network,
                                    .now_ms = NOW_MS,
                                    .committee = committee_of,
                                    .contracts = {.has_eas = true, .has_did_registry = true}};
    judge.contracts.eas = (struct ht_eas_contract){
        .chain_id = 1337, .layout = HT_EAS_1_4, .eas = {{0xea, 1}}, .registry = {{0x5c, 2}}};
    judge.contracts.did_registry = (ht_addr20){{0xdd, 3}};
    check_outcome(&judge, bundle);
    check_claim(&judge, bundle);
    json_decref(bundle);
    return 0;
}
