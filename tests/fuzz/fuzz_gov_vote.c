/* Logs of votes from any bytes, in every way of counting: what is accepted has parts that do not
 * exceed its weight. Then the bytes as checkpoints that a search is given, and as modes. */
#include <stdlib.h>

#include "governance/governor/votes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static bool is_inside(ht_bytes part, ht_bytes whole) {
    return part.n == 0 || (part.p >= whole.p && part.n <= whole.n &&
                           (size_t)(part.p - whole.p) <= whole.n - part.n);
}

static void run_log(const ht_hash32 *topics, size_t topic_count, ht_bytes data,
                    enum ht_gov_counting counting) {
    struct ht_gov_vote vote;
    struct ht_why why = {.code = NULL};
    ht_u256 sum = ht_u256_of(0);
    enum ht_err err = ht_gov_vote_read(&vote, topics, topic_count, data, counting, &why);
    must(err == HT_OK || why.code != NULL);
    if (err != HT_OK) return;
    for (size_t i = 0; i < 3; i++) must(!ht_u256_add_overflow(&sum, &sum, &vote.split[i]));
    must(ht_u256_compare(&sum, &vote.weight) <= 0);
    must(is_inside(vote.reason, data) && is_inside(vote.params, data));
    must(vote.reason.n <= HT_GOV_REASON_MAX);
}

/* Any values whatever: the search ends all the same. */
static void run_past(const uint8_t *data, size_t n) {
    struct ht_gov_token_layout layout = {.kind = (enum ht_gov_token_kind)(data[0] % 3)};
    struct ht_gov_past past;
    ht_addr20 account = {{0}};
    ht_hash32 slots[HT_GOV_PAST_SLOTS_MAX];
    uint8_t values[HT_GOV_PAST_SLOTS_MAX][32];
    size_t count = 0;
    size_t rounds = 0;
    size_t at = 1;
    ht_gov_past_init(&past, &layout, &account, data[0] > 200, data[0]);
    while ((count = ht_gov_past_next(&past, slots)) > 0) {
        must(count <= HT_GOV_PAST_SLOTS_MAX && rounds++ < 100);
        memset(values, 0, sizeof values);
        for (size_t i = 0; i < count; i++, at += 8) {
            if (at + 8 <= n) memcpy(values[i] + 24, data + at, 8);
        }
        if (ht_gov_past_take(&past, (const uint8_t(*)[32])values, count, NULL) != HT_OK) return;
    }
    (void)ht_gov_past_value(&past);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const ht_hash32 *const kinds[] = {
        &ht_gov_topic_vote_cast, &ht_gov_topic_vote_cast_with_params, &ht_gov_topic_vote_reduced,
        &ht_gov_topic_override_vote_cast};
    enum ht_gov_counting counting = HT_GOV_SIMPLE;
    enum ht_gov_clock clock = HT_GOV_BLOCKS;
    bool counts_abstain = false;
    if (n < 34) return 0;
    ht_hash32 topics[2] = {*kinds[data[0] % 4]};
    memcpy(topics[1].b, data + 1, 32);
    memset(topics[1].b, 0, data[33] % 13);
    run_log(topics, data[33] % 3, ht_bytes_of(data + 34, n - 34),
            (enum ht_gov_counting)(data[0] / 4 % 4));
    run_past(data, n);
    (void)ht_gov_counting_read(&counting, &counts_abstain, ht_bytes_of(data, n), NULL);
    (void)ht_gov_clock_read(&clock, ht_bytes_of(data, n), NULL);
    return 0;
}
