/* Instant run-off. */
#include "governance/polls/poll_runoff.h"

#include "governance/text.h"

struct run {
    size_t option_count, left; /* options, and those that are still there */
    bool is_out[HT_POLL_OPTIONS_MAX];
    ht_u256 weights[HT_POLL_OPTIONS_MAX][HT_POLL_OPTIONS_MAX]; /* by round and option */
    ht_u256 exhausted, continuing;
    size_t round;
};

static void take_round(struct run *run, struct ht_poll_ranking *list, size_t count) {
    ht_u256 *weights = run->weights[run->round];
    run->exhausted = run->continuing = ht_u256_of(0);
    for (size_t i = 0; i < count; i++) {
        struct ht_poll_ranking *one = &list[i];
        while (one->at < one->choice_count && run->is_out[one->choice[one->at]]) one->at++;
        bool is_left = one->at < one->choice_count;
        ht_u256 *sum = is_left ? &run->continuing : &run->exhausted;
        ht_u256_add(sum, sum, &one->weight);
        if (!is_left) continue;
        ht_u256 *weight = &weights[one->choice[one->at]];
        ht_u256_add(weight, weight, &one->weight);
    }
}

/* Who has more than half of what is left; option_count when nobody has. */
static size_t find_majority(const struct run *run) {
    for (size_t i = 0; i < run->option_count; i++) {
        ht_u256 rest;
        const ht_u256 *weight = &run->weights[run->round][i];
        ht_u256_sub(&rest, &run->continuing, weight);
        if (!run->is_out[i] && ht_u256_compare(weight, &rest) > 0) return i;
    }
    return run->option_count;
}

enum tie { TIE_NONE, TIE_EARLIER, TIE_ORDER };
static const char *const TIES[] = {"weight", "earlier_round", "order"};

/* Negative when a goes before b does. */
static int compare(const struct run *run, size_t a, size_t b, enum tie *tie) {
    for (size_t back = 0; back <= run->round; back++) {
        const ht_u256 *weights = run->weights[run->round - back];
        int order = ht_u256_compare(&weights[a], &weights[b]);
        if (order == 0) continue;
        *tie = back == 0 ? TIE_NONE : TIE_EARLIER;
        return order;
    }
    *tie = TIE_ORDER;
    return a > b ? -1 : 1;
}

/* What decided is the hardest of the comparisons with those that had as little. */
static size_t find_last(const struct run *run, enum tie *by) {
    size_t last = run->option_count;
    enum tie tie;
    for (size_t i = 0; i < run->option_count; i++) {
        if (run->is_out[i]) continue;
        if (last == run->option_count || compare(run, i, last, &tie) < 0) last = i;
    }
    *by = TIE_NONE;
    for (size_t i = 0; i < run->option_count; i++) {
        if (run->is_out[i] || i == last) continue;
        (void)compare(run, last, i, &tie);
        if (tie > *by) *by = tie;
    }
    return last;
}

static bool add_round(json_t *rounds, const struct run *run, size_t eliminated, enum tie by) {
    json_t *weights = json_array();
    bool is_good = weights != NULL, is_last = eliminated == run->option_count;
    for (size_t i = 0; is_good && i < run->option_count; i++) {
        is_good =
            json_array_append_new(weights, ht_gov_u256_json(&run->weights[run->round][i])) == 0;
    }
    if (!is_good) {
        json_decref(weights);
        return false;
    }
    json_t *round = json_pack("{s:o, s:o, s:o, s:o}", "weights", weights, "exhausted",
                              ht_gov_u256_json(&run->exhausted), "eliminated",
                              is_last ? json_null() : json_integer((json_int_t)eliminated), "by",
                              is_last ? json_null() : json_string(TIES[by]));
    return json_array_append_new(rounds, round) == 0;
}

enum ht_err ht_poll_run_off(json_t **rounds, size_t *winner, size_t option_count,
                            struct ht_poll_ranking *list, size_t count, struct ht_why *why) {
    struct run run = {.option_count = option_count, .left = option_count};
    json_t *told = json_array();
    bool is_good = told != NULL, is_over = false;
    while (is_good && !is_over) {
        enum tie by = TIE_NONE;
        take_round(&run, list, count);
        *winner = find_majority(&run);
        is_over = *winner < option_count || ht_u256_is_zero(&run.continuing) || run.left == 1;
        size_t last = is_over ? option_count : find_last(&run, &by);
        is_good = add_round(told, &run, last, by);
        if (is_over) break;
        run.is_out[last] = true;
        run.left--;
        run.round++;
    }
    if (is_good) {
        *rounds = told;
        return HT_OK;
    }
    json_decref(told);
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}
