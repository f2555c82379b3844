/* Counting: votes out of proven logs, which blocks were looked at, and the comparison with what
 * storage proves. Where blocks and words come from is others' matter. */
#include "governance/count/count.h"

#include <stdlib.h>

#include "node/module.h"

#define BLOCKS_MAX 4000000U
#define VOTE_TOPICS 4U
#define PARAMS_MAX 1024U

struct seen {
    uint64_t number, time_s;
    bool is_counted; /* its logs, or some of them */
    bool may_hold;   /* another vote, by its bloom */
};

struct ht_gov_count {
    struct ht_gov_layout layout;
    ht_addr20 governor;
    ht_u256 id;
    uint8_t id_be[32];
    struct ht_bloom_bits governor_bits, topic_bits[VOTE_TOPICS];
    size_t topic_count;

    struct ht_arena texts;
    struct ht_gov_vote *votes;
    size_t vote_count, vote_cap;
    ht_u256 reduced[3]; /* by overrides: what delegates lost again */
    bool is_excessive;  /* a sum left 256 bits */

    struct seen *blocks;
    size_t block_count, block_cap;
    uint32_t *table; /* open addressing: place in blocks plus one, by number; 0: empty */
    size_t table_size;
    bool has_as_of;
    uint64_t as_of_number, as_of_time_s;
};

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

enum ht_err ht_gov_count_new(struct ht_gov_count **out, const struct ht_gov_layout *layout,
                             const ht_addr20 *governor, const ht_u256 *id) {
    const ht_hash32 *topics[VOTE_TOPICS] = {
        &ht_gov_topic_vote_cast, &ht_gov_topic_vote_cast_with_params,
        &ht_gov_topic_override_vote_cast, &ht_gov_topic_vote_reduced};
    struct ht_gov_count *count = calloc(1, sizeof *count);
    if (count == NULL) return HT_ENOMEM;
    count->layout = *layout;
    count->governor = *governor;
    count->id = *id;
    ht_u256_to_be(count->id_be, id);
    ht_bloom_bits_of_address(&count->governor_bits, governor);
    count->topic_count = layout->counting == HT_GOV_OVERRIDABLE ? VOTE_TOPICS : 2;
    for (size_t i = 0; i < count->topic_count; i++) {
        ht_bloom_bits_of_topic(&count->topic_bits[i], topics[i]);
    }
    ht_arena_init(&count->texts, HT_GOV_COUNT_TEXT_MAX);
    *out = count;
    return HT_OK;
}

void ht_gov_count_free(struct ht_gov_count *count) {
    if (count == NULL) return;
    ht_arena_fini(&count->texts);
    free(count->votes);
    free(count->blocks);
    free(count->table);
    free(count);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static size_t place_of(const struct ht_gov_count *count, uint64_t number) {
    size_t at = (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (count->table_size - 1);
    while (count->table[at] != 0 && count->blocks[count->table[at] - 1].number != number) {
        at = (at + 1) & (count->table_size - 1);
    }
    return at;
}

static enum ht_err grow_blocks(struct ht_gov_count *count, struct ht_why *why) {
    if (count->block_count == BLOCKS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_blocks", "more than %u blocks", BLOCKS_MAX);
    }
    const size_t cap = count->block_cap == 0 ? 128 : 2 * count->block_cap;
    uint32_t *table = calloc(2 * cap, sizeof *table);
    struct seen *blocks = table != NULL ? realloc(count->blocks, cap * sizeof *blocks) : NULL;
    if (blocks != NULL) count->blocks = blocks;
    if (blocks == NULL) {
        free(table);
        return no_memory(why);
    }
    count->block_cap = cap;
    free(count->table);
    count->table = table;
    count->table_size = 2 * cap;
    for (size_t i = 0; i < count->block_count; i++) {
        table[place_of(count, blocks[i].number)] = (uint32_t)(i + 1);
    }
    return HT_OK;
}

bool ht_gov_count_may_hold(const struct ht_gov_count *count, const uint8_t bloom[static 256]) {
    if (!ht_bloom_has(bloom, &count->governor_bits)) return false;
    for (size_t i = 0; i < count->topic_count; i++) {
        if (ht_bloom_has(bloom, &count->topic_bits[i])) return true;
    }
    return false;
}

/* *is_new: its logs are to be looked at. */
static enum ht_err note_block(struct ht_gov_count *count, const struct ht_gov_block *block,
                              bool *is_new, struct ht_why *why) {
    enum ht_err err = count->block_count == count->block_cap ? grow_blocks(count, why) : HT_OK;
    if (err != HT_OK) return err;
    const size_t at = place_of(count, block->number);
    if (count->table[at] == 0) {
        count->blocks[count->block_count++] =
            (struct seen){.number = block->number, .time_s = block->time_s};
        count->table[at] = (uint32_t)count->block_count;
    }
    struct seen *seen = &count->blocks[count->table[at] - 1];
    *is_new = block->has_receipts && !seen->is_counted;
    if (seen->is_counted) return HT_OK;
    seen->may_hold = block->bloom == NULL || ht_gov_count_may_hold(count, block->bloom);
    return HT_OK;
}

/* --- votes ------------------------------------------------------------------------------------ */

/* A copy; a mark stands behind what was cut, also when all are too long together. */
static ht_bytes keep_text(struct ht_gov_count *count, ht_bytes text, bool *is_cut) {
    const size_t mark = sizeof HT_GOV_CUT - 1;
    if (text.n == 0) return ht_bytes_str("");
    uint8_t *copy = ht_arena_alloc(&count->texts, text.n + mark);
    if (copy == NULL) {
        *is_cut = true;
        return ht_bytes_of(HT_GOV_CUT, mark);
    }
    memcpy(copy, text.p, text.n);
    if (*is_cut) memcpy(copy + text.n, HT_GOV_CUT, mark);
    return ht_bytes_of(copy, *is_cut ? text.n + mark : text.n);
}

/* What a split was read from; anything longer means nothing to the count. */
static ht_bytes keep_params(struct ht_gov_count *count, ht_bytes params) {
    uint8_t *copy =
        params.n > 0 && params.n <= PARAMS_MAX ? ht_arena_alloc(&count->texts, params.n) : NULL;
    if (copy == NULL) return ht_bytes_str("");
    memcpy(copy, params.p, params.n);
    return ht_bytes_of(copy, params.n);
}

static void reduce(struct ht_gov_count *count, const struct ht_gov_vote *vote) {
    for (size_t k = 0; k < 3; k++) {
        ht_u256 *sum = &count->reduced[k];
        if (ht_u256_add_overflow(sum, sum, &vote->split[k])) count->is_excessive = true;
    }
}

static enum ht_err append(struct ht_gov_count *count, const struct ht_gov_vote *vote,
                          struct ht_why *why) {
    if (count->vote_count == HT_GOV_VOTES_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_votes", "more than %u votes", HT_GOV_VOTES_MAX);
    }
    if (count->vote_count == count->vote_cap) {
        const size_t cap = count->vote_cap == 0 ? 16 : 2 * count->vote_cap;
        struct ht_gov_vote *votes = realloc(count->votes, cap * sizeof *votes);
        if (votes == NULL) return no_memory(why);
        count->votes = votes;
        count->vote_cap = cap;
    }
    struct ht_gov_vote *kept = &count->votes[count->vote_count++];
    *kept = *vote;
    kept->reason = keep_text(count, vote->reason, &kept->is_reason_cut);
    kept->params = keep_params(count, vote->params);
    return HT_OK;
}

static enum ht_err add_log(struct ht_gov_count *count, const struct ht_gov_block *block,
                           size_t index, struct ht_why *why) {
    const struct ht_gov_log *log = &block->logs[index];
    struct ht_gov_vote vote;
    if (log->topic_count == 0 || memcmp(log->address.b, count->governor.b, 20) != 0 ||
        !ht_gov_is_vote(&log->topics[0])) {
        return HT_OK;
    }
    /* All of these events begin with the proposal; the others' are not ours to judge. */
    if (log->data.n < 32 || memcmp(log->data.p, count->id_be, 32) != 0) return HT_OK;
    enum ht_err err = ht_gov_vote_read(&vote, log->topics, log->topic_count, log->data,
                                       count->layout.counting, why);
    if (err != HT_OK) return err;
    vote.block = block->number;
    vote.transaction = log->transaction;
    vote.log = block->is_partial ? log->log : (uint32_t)index;
    if (!vote.is_reduction) return append(count, &vote, why);
    reduce(count, &vote);
    return HT_OK;
}

static enum ht_err add_logs(struct ht_gov_count *count, const struct ht_gov_block *block,
                            struct ht_why *why) {
    const size_t votes = count->vote_count;
    const bool was_excessive = count->is_excessive;
    ht_u256 reduced[3];
    memcpy(reduced, count->reduced, sizeof reduced);
    enum ht_err err = HT_OK;
    for (size_t i = 0; err == HT_OK && i < block->log_count; i++) {
        err = add_log(count, block, i, why);
        if (err != HT_OK) {
            ht_why_context(why, "block %llu, log %zu", (unsigned long long)block->number, i);
        }
    }
    if (err == HT_OK) return HT_OK;
    /* All of a block or nothing: it may be given again. */
    count->vote_count = votes;
    count->is_excessive = was_excessive;
    memcpy(count->reduced, reduced, sizeof reduced);
    return err;
}

enum ht_err ht_gov_count_block(struct ht_gov_count *count, const struct ht_gov_block *block,
                               struct ht_why *why) {
    bool is_new = false;
    enum ht_err err = note_block(count, block, &is_new, why);
    if (err != HT_OK || !is_new) return err;
    err = add_logs(count, block, why);
    if (err != HT_OK) return err;
    struct seen *seen = &count->blocks[count->table[place_of(count, block->number)] - 1];
    seen->is_counted = true;
    if (!block->is_partial) seen->may_hold = false;
    return HT_OK;
}

void ht_gov_count_as_of(struct ht_gov_count *count, uint64_t number, uint64_t time_s) {
    count->has_as_of = true;
    count->as_of_number = number;
    count->as_of_time_s = time_s;
}

/* --- the end ---------------------------------------------------------------------------------- */

static int by_number(const void *left, const void *right) {
    const struct seen *a = left, *b = right;
    return a->number < b->number ? -1 : a->number > b->number;
}

static int by_place(const void *left, const void *right) {
    const struct ht_gov_vote *a = left, *b = right;
    if (a->block != b->block) return a->block < b->block ? -1 : 1;
    return a->log < b->log ? -1 : a->log > b->log;
}

static int by_bytes(const void *left, const void *right) {
    return memcmp(left, right, sizeof(ht_addr20));
}

/* The clock's values at which votes can be cast, both ends among them; first > last: never. */
struct window {
    uint64_t first, last;
};

static struct window window_of(const struct ht_gov_count *count, const struct ht_gov_facts *facts) {
    const bool is_early = count->layout.is_window_early;
    if (facts->deadline <= facts->start) return (struct window){1, 0};
    return (struct window){is_early ? facts->start : facts->start + 1,
                           is_early ? facts->deadline - 1 : facts->deadline};
}

static bool is_open(const struct ht_gov_count *count, struct window window,
                    const struct seen *block) {
    const uint64_t clock = count->layout.clock == HT_GOV_TIME ? block->time_s : block->number;
    return clock >= window.first && clock <= window.last;
}

/* Blocks are sorted. By the clock of numbers, all numbers of the window must be there. */
static bool covers_numbers(const struct ht_gov_count *count, struct window window) {
    const uint64_t last = window.last < count->as_of_number ? window.last : count->as_of_number;
    size_t there = 0;
    if (last < window.first) return true;
    for (size_t i = 0; i < count->block_count; i++) {
        there += count->blocks[i].number >= window.first && count->blocks[i].number <= last;
    }
    return there > 0 && there - 1 == last - window.first;
}

/* By the clock of time: a row without gaps from a block before the window until one behind it, or
 * the block that the facts are of. */
static bool covers_time(const struct ht_gov_count *count, struct window window) {
    size_t at = count->block_count;
    if (window.last < window.first || count->as_of_time_s < window.first) return true;
    for (size_t i = 0; i < count->block_count; i++) {
        if (count->blocks[i].time_s < window.first) at = i;
    }
    for (size_t i = at; i < count->block_count; i++) {
        if (i > at && count->blocks[i].number != count->blocks[i - 1].number + 1) return false;
        if (count->blocks[i].time_s > window.last) return true;
        if (count->blocks[i].number == count->as_of_number) return true;
    }
    return false;
}

static void look_at_blocks(struct ht_gov_result *out, struct ht_gov_count *count,
                           const struct ht_gov_facts *facts) {
    const struct window window = window_of(count, facts);
    if (count->block_count > 0) {
        qsort(count->blocks, count->block_count, sizeof *count->blocks, by_number);
        memset(count->table, 0, count->table_size * sizeof *count->table);
    }
    for (size_t i = 0; i < count->block_count; i++) {
        count->table[place_of(count, count->blocks[i].number)] = (uint32_t)(i + 1);
    }
    for (size_t i = 0; i < count->block_count; i++) {
        const struct seen *block = &count->blocks[i];
        if (!block->may_hold || !is_open(count, window, block)) continue;
        if (out->unchecked_count < sizeof out->unchecked / sizeof *out->unchecked) {
            out->unchecked[out->unchecked_count] = block->number;
        }
        out->unchecked_count++;
    }
    const bool covers = count->layout.clock == HT_GOV_TIME ? covers_time(count, window)
                                                           : covers_numbers(count, window);
    out->list_proven = count->has_as_of && covers && out->unchecked_count == 0;
}

static enum ht_err count_voters(size_t *out, const struct ht_gov_count *count, struct ht_why *why) {
    *out = 0;
    if (count->vote_count == 0) return HT_OK;
    ht_addr20 *voters = malloc(count->vote_count * sizeof *voters);
    if (voters == NULL) return no_memory(why);
    for (size_t i = 0; i < count->vote_count; i++) voters[i] = count->votes[i].voter;
    qsort(voters, count->vote_count, sizeof *voters, by_bytes);
    for (size_t i = 0; i < count->vote_count; i++) {
        *out += i == 0 || by_bytes(&voters[i], &voters[i - 1]) != 0;
    }
    free(voters);
    return HT_OK;
}

/* False when a sum leaves 256 bits. */
static bool add_up(ht_u256 sums[static 3], const struct ht_gov_count *count) {
    bool is_within = !count->is_excessive;
    for (size_t i = 0; i < count->vote_count; i++) {
        for (size_t k = 0; k < 3; k++) {
            if (ht_u256_add_overflow(&sums[k], &sums[k], &count->votes[i].split[k])) {
                is_within = false;
            }
        }
    }
    return is_within;
}

static enum ht_err compare(struct ht_gov_result *out, const struct ht_gov_count *count,
                           struct ht_why *why) {
    const ht_u256 stored[3] = {out->against, out->in_favour, out->abstain};
    ht_u256 *missing[3] = {&out->missing.against, &out->missing.in_favour, &out->missing.abstain};
    static const char *const NAMES[3] = {"against", "for", "abstain"};
    ht_u256 sums[3] = {{{0}}};
    const bool may_exceed = count->layout.counting == HT_GOV_OVERRIDABLE;
    const bool is_within = add_up(sums, count);
    out->tally_proven = is_within;
    for (size_t k = 0; k < 3; k++) {
        ht_u256 want;
        const bool is_wide = ht_u256_add_overflow(&want, &stored[k], &count->reduced[k]);
        const int order = is_wide ? 1 : ht_u256_compare(&sums[k], &want);
        if (!is_within || is_wide || (order > 0 && !may_exceed)) {
            return ht_fail(why, HT_EUNVERIFIED, "tally_excess",
                           "the votes %s are more than the governor has stored", NAMES[k]);
        }
        if (order != 0) out->tally_proven = false;
        if (order < 0) ht_u256_sub(missing[k], &want, &sums[k]);
    }
    return HT_OK;
}

enum ht_err ht_gov_count_end(struct ht_gov_result *out, struct ht_gov_count *count,
                             const struct ht_gov_facts *facts, struct ht_why *why) {
    struct ht_gov_result result = {.against = facts->against,
                                   .in_favour = facts->in_favour,
                                   .abstain = facts->abstain,
                                   .votes = count->vote_count,
                                   .block = count->as_of_number};
    enum ht_err err = compare(&result, count, why);
    if (err == HT_OK) err = count_voters(&result.voters, count, why);
    if (err != HT_OK) return err;
    if (count->vote_count > 0) {
        qsort(count->votes, count->vote_count, sizeof *count->votes, by_place);
    }
    look_at_blocks(&result, count, facts);
    result.list_proven = result.list_proven && result.tally_proven;
    *out = result;
    return HT_OK;
}

const struct ht_gov_vote *ht_gov_count_votes(const struct ht_gov_count *count, size_t *n) {
    *n = count->vote_count;
    return count->votes;
}

bool ht_gov_count_is_marked(const struct ht_gov_layout *layout, const struct ht_gov_vote *vote,
                            const uint8_t mark[static 32]) {
    static const uint8_t ZERO[32];
    /* VoteReceipt: casted 8 | hasOverriden 8 | overriddenWeight 208 */
    if (layout->kind != HT_GOV_BRAVO && layout->counting == HT_GOV_OVERRIDABLE) {
        return mark[vote->is_override ? 30 : 31] != 0;
    }
    /* Receipt: hasVoted 8 | support 8 | votes 96 */
    if (layout->kind == HT_GOV_BRAVO) return mark[31] != 0;
    return memcmp(mark, ZERO, sizeof ZERO) != 0;
}
