/* Counting a poll: which ballots count, what they add up to, and the root over them. */
#include "governance/polls/poll_count.h"

#include <stdlib.h>

#include "governance/polls/poll_runoff.h"
#include "governance/text.h"
#include "node/base/hex.h"
#include "node/crypto/sha256.h"

/* A ballot in the order in which its voter's are looked at. */
struct entry {
    const struct ht_poll_ballot *ballot;
    const struct ht_poll_weight *weight;
    uint8_t voter[32];
};

struct counting {
    const struct ht_poll *poll;
    struct entry *entries;
    size_t count;
    const struct entry **counted, **refused; /* each has room for all */
    size_t counted_count, refused_count, late, replaced, unproven;
    ht_u256 weights[HT_POLL_OPTIONS_MAX], total;
    size_t ballots[HT_POLL_OPTIONS_MAX];
};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- which ballots ---------------------------------------------------------------------------- */

static int by_id(const struct ht_poll_ballot *a, const struct ht_poll_ballot *b) {
    return memcmp(a->id.b, b->id.b, sizeof a->id.b);
}

static int by_voter(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    int order = memcmp(a->voter, b->voter, sizeof a->voter);
    if (order != 0) return order;
    if (a->ballot->created_at != b->ballot->created_at)
        return a->ballot->created_at > b->ballot->created_at ? -1 : 1;
    return by_id(a->ballot, b->ballot);
}

static int by_entry_id(const void *left, const void *right) {
    const struct entry *const *a = left, *const *b = right;
    return by_id((*a)->ballot, (*b)->ballot);
}

static void sort_in(struct counting *counting, const struct ht_poll_ballot *ballots,
                    const struct ht_poll_weight *weights) {
    for (size_t i = 0; i < counting->count; i++) {
        struct entry *entry = &counting->entries[i];
        *entry = (struct entry){.ballot = &ballots[i], .weight = &weights[i]};
        if (counting->poll->gate == HT_POLL_OPEN) {
            memcpy(entry->voter, ballots[i].author.b, 32);
        } else {
            memcpy(entry->voter, ballots[i].voter.b, 20);
        }
    }
    if (counting->count > 0)
        qsort(counting->entries, counting->count, sizeof *counting->entries, by_voter);
}

static void choose(struct counting *counting, int64_t closing_time_s) {
    bool has_one = false;
    for (size_t i = 0; i < counting->count; i++) {
        const struct entry *entry = &counting->entries[i], *before = entry - 1;
        bool is_first = i == 0 || memcmp(before->voter, entry->voter, sizeof entry->voter) != 0;
        if (is_first) has_one = false;
        if (!is_first && by_id(before->ballot, entry->ballot) == 0) continue;
        if (entry->ballot->created_at > closing_time_s) {
            counting->late++;
        } else if (entry->weight->standing == HT_POLL_MAY_NOT) {
            counting->refused[counting->refused_count++] = entry;
        } else if (has_one) {
            counting->replaced++;
        } else if (entry->weight->standing == HT_POLL_UNPROVEN) {
            counting->unproven++;
        } else {
            counting->counted[counting->counted_count++] = entry;
            has_one = true;
        }
    }
    if (counting->counted_count > 0)
        qsort(counting->counted, counting->counted_count, sizeof *counting->counted, by_entry_id);
    if (counting->refused_count > 0)
        qsort(counting->refused, counting->refused_count, sizeof *counting->refused, by_entry_id);
}

/* --- sums ------------------------------------------------------------------------------------- */

static void add_shares(struct counting *counting, const struct entry *entry) {
    const struct ht_poll_ballot *ballot = entry->ballot;
    uint64_t sum = 0;
    for (size_t i = 0; i < counting->poll->option_count; i++) sum += ballot->share[i];
    ht_u256 all = ht_u256_of(sum);
    for (size_t i = 0; i < counting->poll->option_count; i++) {
        ht_u256 part = ht_u256_of((uint64_t)ballot->share[i] * HT_POLL_UNIT);
        ht_u256_mul(&part, &part, &entry->weight->weight);
        if (!ht_u256_divmod(&part, NULL, &part, &all)) continue;
        ht_u256_add(&counting->weights[i], &counting->weights[i], &part);
        if (ballot->share[i] > 0) counting->ballots[i]++;
    }
}

static void add_up(struct counting *counting) {
    for (size_t i = 0; i < counting->counted_count; i++) {
        const struct entry *entry = counting->counted[i];
        const struct ht_poll_ballot *ballot = entry->ballot;
        ht_u256_add(&counting->total, &counting->total, &entry->weight->weight);
        if (counting->poll->method == HT_POLL_WEIGHTED) {
            add_shares(counting, entry);
            continue;
        }
        size_t count = counting->poll->method == HT_POLL_APPROVAL ? ballot->choice_count : 1;
        for (size_t k = 0; k < count; k++) {
            size_t option = ballot->choice[k];
            ht_u256 *weight = &counting->weights[option];
            ht_u256_add(weight, weight, &entry->weight->weight);
            counting->ballots[option]++;
        }
    }
}

/* The only option with the most; option_count when there is none. */
static size_t most(const struct counting *counting) {
    size_t best = 0, equals = 1, count = counting->poll->option_count;
    for (size_t i = 1; i < count; i++) {
        int order = ht_u256_compare(&counting->weights[i], &counting->weights[best]);
        if (order == 0) equals++;
        if (order <= 0) continue;
        best = i;
        equals = 1;
    }
    return equals > 1 || ht_u256_is_zero(&counting->weights[best]) ? count : best;
}

/* --- root ------------------------------------------------------------------------------------- */

static void leaf(ht_hash32 *out, const struct entry *entry) {
    uint8_t bytes[65] = {0};
    memcpy(bytes + 1, entry->ballot->id.b, 32);
    ht_u256_to_be(bytes + 33, &entry->weight->weight);
    ht_sha256(out, ht_bytes_of(bytes, sizeof bytes));
}

static void join(ht_hash32 *out, const ht_hash32 *left, const ht_hash32 *right) {
    uint8_t bytes[65] = {1};
    memcpy(bytes + 1, left->b, 32);
    memcpy(bytes + 33, right->b, 32);
    ht_sha256(out, ht_bytes_of(bytes, sizeof bytes));
}

static enum ht_err make_root(ht_hash32 *out, const struct counting *counting, struct ht_why *why) {
    size_t n = counting->counted_count;
    if (n == 0) {
        ht_sha256(out, (ht_bytes){0});
        return HT_OK;
    }
    ht_hash32 *row = malloc(n * sizeof *row);
    if (row == NULL) return no_memory(why);
    for (size_t i = 0; i < n; i++) leaf(&row[i], counting->counted[i]);
    for (; n > 1; n = (n + 1) / 2) {
        for (size_t i = 0; i < n / 2; i++) join(&row[i], &row[2 * i], &row[2 * i + 1]);
        if (n % 2 == 1) row[n / 2] = row[n - 1];
    }
    *out = row[0];
    free(row);
    return HT_OK;
}

/* --- telling ---------------------------------------------------------------------------------- */

static json_t *options_json(const struct counting *counting) {
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < counting->poll->option_count; i++) {
        json_t *option = json_pack("{s:o, s:o, s:I}", "label",
                                   ht_gov_text_json(ht_bytes_str(counting->poll->options[i]),
                                                    sizeof counting->poll->options[i]),
                                   "weight", ht_gov_u256_json(&counting->weights[i]), "ballots",
                                   (json_int_t)counting->ballots[i]);
        if (json_array_append_new(list, option) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *refused_json(const struct counting *counting) {
    json_t *list = json_array();
    for (size_t i = 0; i < counting->refused_count && i < HT_POLL_REFUSED_TOLD; i++) {
        char id[HT_HEX_SIZE(32)];
        const struct entry *entry = counting->refused[i];
        ht_hex_write(id, ht_bytes_of(entry->ballot->id.b, 32));
        json_t *one = json_pack("{s:s, s:s}", "id", id + 2, "why", entry->weight->why);
        if (json_array_append_new(list, one) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *winner_json(size_t winner, size_t option_count) {
    return winner < option_count ? json_integer((json_int_t)winner) : json_null();
}

static enum ht_err tell(json_t **out, const struct counting *counting, json_t *rounds,
                        size_t winner, struct ht_why *why) {
    ht_hash32 root;
    char root_text[HT_HEX_SIZE(32)];
    bool is_weighted = counting->poll->method == HT_POLL_WEIGHTED;
    enum ht_err err = make_root(&root, counting, why);
    if (err != HT_OK) {
        json_decref(rounds);
        return err;
    }
    ht_hex_write(root_text, ht_bytes_of(root.b, sizeof root.b));
    *out = json_pack(
        "{s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:I, s:I, s:o, s:s, s:o}", "options",
        options_json(counting), "unit", ht_gov_u64_json(is_weighted ? HT_POLL_UNIT : 1), "rounds",
        rounds, "counted", (json_int_t)counting->counted_count, "late", (json_int_t)counting->late,
        "replaced", (json_int_t)counting->replaced, "refused", refused_json(counting),
        "refused_count", (json_int_t)counting->refused_count, "unproven",
        (json_int_t)counting->unproven, "weight", ht_gov_u256_json(&counting->total), "root",
        root_text, "winner", winner_json(winner, counting->poll->option_count));
    return *out != NULL ? HT_OK : no_memory(why);
}

/* --- all of it -------------------------------------------------------------------------------- */

static enum ht_err run_off(json_t **rounds, size_t *winner, const struct counting *counting,
                           struct ht_why *why) {
    size_t n = counting->counted_count;
    struct ht_poll_ranking *list = calloc(n + 1, sizeof *list);
    if (list == NULL) return no_memory(why);
    for (size_t i = 0; i < n; i++) {
        const struct entry *entry = counting->counted[i];
        list[i] = (struct ht_poll_ranking){.choice = entry->ballot->choice,
                                           .choice_count = entry->ballot->choice_count,
                                           .weight = entry->weight->weight};
    }
    enum ht_err err = ht_poll_run_off(rounds, winner, counting->poll->option_count, list, n, why);
    free(list);
    return err;
}

static enum ht_err count_in(json_t **out, struct counting *counting, struct ht_why *why) {
    json_t *rounds = NULL;
    size_t winner;
    enum ht_err err = HT_OK;
    add_up(counting);
    if (counting->poll->method == HT_POLL_RANKED) {
        err = run_off(&rounds, &winner, counting, why);
    } else {
        rounds = json_array();
        winner = most(counting);
    }
    return err == HT_OK ? tell(out, counting, rounds, winner, why) : err;
}

static enum ht_err check_weights(const struct ht_poll_weight *weights, size_t count,
                                 struct ht_why *why) {
    for (size_t i = 0; i < count; i++) {
        if (weights[i].standing != HT_POLL_MAY_VOTE) continue;
        if (ht_u256_bit_length(&weights[i].weight) > HT_POLL_WEIGHT_BITS)
            return ht_fail(why, HT_ELIMIT, "weight_too_large", "a voter's weight is over %u bits",
                           HT_POLL_WEIGHT_BITS);
    }
    return HT_OK;
}

enum ht_err ht_poll_count(json_t **out, const struct ht_poll *poll,
                          const struct ht_poll_ballot *ballots,
                          const struct ht_poll_weight *weights, size_t count,
                          int64_t closing_time_s, struct ht_why *why) {
    if (count > HT_POLL_BALLOTS_MAX)
        return ht_fail(why, HT_ELIMIT, "too_many_ballots", "at most %u ballots are counted",
                       HT_POLL_BALLOTS_MAX);
    enum ht_err err = check_weights(weights, count, why);
    if (err != HT_OK) return err;
    struct counting counting = {.poll = poll, .count = count};
    counting.entries = calloc(count + 1, sizeof *counting.entries);
    counting.counted = calloc(count + 1, sizeof *counting.counted);
    counting.refused = calloc(count + 1, sizeof *counting.refused);
    if (counting.entries == NULL || counting.counted == NULL || counting.refused == NULL) {
        err = no_memory(why);
    } else {
        sort_in(&counting, ballots, weights);
        choose(&counting, closing_time_s);
        err = count_in(out, &counting, why);
    }
    free(counting.entries);
    free(counting.counted);
    free(counting.refused);
    return err;
}
