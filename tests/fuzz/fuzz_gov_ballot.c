/* Signed ballots from any JSON, as strangers send them: what is read must hash, write and read
 * again as the same, and its call must be made or refused; nothing else may happen. */
#include <stdlib.h>

#include "governance/ballots/ballot.h"
#include "governance/ballots/ballot_json.h"
#include "node/codec/json.h"

#define ARENA_MAX ((size_t)16 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void judge(const struct ht_gov_ballot *ballot) {
    struct ht_why why = {.code = NULL};
    struct ht_gov_ballot back;
    struct ht_arena arena;
    struct ht_buf call;
    ht_hash32 digest, again;
    char tag[HT_GOV_BALLOT_TAG_SIZE];
    must(ht_gov_ballot_digest(&digest, ballot) == HT_OK);
    must(ht_gov_ballot_check(ballot, &why) == HT_OK || why.code != NULL);
    json_t *json = ht_gov_ballot_json(ballot);
    ht_arena_init(&arena, ARENA_MAX);
    must(json != NULL && ht_gov_ballot_read(&back, json, &arena, NULL) == HT_OK);
    must(ht_gov_ballot_digest(&again, &back) == HT_OK && ht_hash32_equal(&digest, &again));
    ht_gov_ballot_tag(tag, ballot);
    must(ht_gov_ballot_is_tag(ht_bytes_str(tag)));
    ht_buf_init(&call, (size_t)64 << 10);
    bool has_call = ht_gov_ballot_calldata(&call, ballot) == HT_OK;
    must(has_call == (ballot->signature_n == 65 || ht_gov_ballot_may_be_contracts(ballot->form)));
    ht_buf_fini(&call);
    ht_arena_fini(&arena);
    json_decref(json);
    json_t *document = ht_gov_ballot_typed(ballot);
    must(document != NULL);
    json_decref(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_why why = {.code = NULL};
    struct ht_gov_ballot ballot;
    struct ht_arena arena;
    json_t *json = NULL;
    if (ht_json_parse(&json, ht_bytes_of(data, n), HT_GOV_BALLOT_JSON_MAX, NULL) != HT_OK) return 0;
    ht_arena_init(&arena, ARENA_MAX);
    enum ht_err err = ht_gov_ballot_read(&ballot, json, &arena, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) judge(&ballot);
    ht_arena_fini(&arena);
    json_decref(json);
    return 0;
}
