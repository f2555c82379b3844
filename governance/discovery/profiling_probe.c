/* Where a governor of foreign code keeps what: found with a proposal of it. */
#include "governance/discovery/profiling_probe.h"

#include <stdlib.h>

#include "governance/discovery/profiling_token.h"
#include "governance/governor/votes.h"
#include "node/base/log.h"
#include "node/codec/json.h"

#define PROPOSAL_VOTES 0x544ffc9cU
#define PROPOSALS 0x013cf08bU /* Bravo's */
#define PARTS_MAX 64U         /* questions for a proposal */

static void next_candidate(struct ht_gov_profiling *profiling);

/* It is asked by calls from now on; whoever reads the profile is told why. */
static void give_up(struct ht_gov_profiling *profiling, const struct ht_why *why) {
    profiling->found.why = *why;
    profiling->found.standing = HT_GOV_STANDS_BY_CALL;
    profiling->found.profile.layout.kind = HT_GOV_UNKNOWN;
    profiling->found.profile.layout.has = 0;
    ht_gov_profiling_token_probe(profiling);
}

/* --- the machine ------------------------------------------------------------------------------ */

static void take_layout(struct ht_gov_profiling *profiling) {
    struct ht_gov_profile *profile = &profiling->found.profile;
    const struct ht_gov_probe *probe = profiling->probe;
    profile->layout = probe->layout;
    profile->is_sequential = probe->is_sequential;
    profile->quorum_counts_abstain = probe->quorum_counts_abstain;
    bool has_word = profile->quorum == HT_GOV_QUORUM_CALLED && probe->layout.kind == HT_GOV_BRAVO &&
                    ht_gov_has(&probe->layout, HT_GOV_QUORUM_VOTES);
    if (has_word) profile->quorum = HT_GOV_QUORUM_WORD;
    profiling->found.standing = HT_GOV_STANDS_PROBED;
    profiling->found.why = (struct ht_why){0};
    ht_gov_profiling_token_probe(profiling);
}

static void probe_on(struct ht_gov_profiling *profiling);

static void got_slots(struct ht_gov_slots *read) {
    struct ht_gov_profiling *profiling = read->user;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    bool was_read = err == HT_OK;
    if (was_read)
        err = ht_gov_probe_take(profiling->probe, (const uint8_t(*)[32])read->values, read->count,
                                &why);
    ht_gov_slots_fini(read);
    if (err == HT_OK) {
        probe_on(profiling);
    } else if (!was_read) {
        ht_gov_profiling_end(profiling, err, &why);
    } else {
        profiling->found.why = why;
        profiling->is_ambiguous = strcmp(why.code, "ambiguous_layout") == 0;
        next_candidate(profiling);
    }
}

static void probe_on(struct ht_gov_profiling *profiling) {
    size_t count = ht_gov_probe_next(profiling->probe, profiling->slots);
    if (count == 0) {
        take_layout(profiling);
    } else {
        ht_gov_profiling_slots(profiling, &profiling->found.profile.address, count, false,
                               got_slots);
    }
}

static bool word_at(ht_u256 *out, const struct ht_gov_view *view, size_t i) {
    if (!view->has_answer || view->output_n < 32 * (i + 1)) return false;
    *out = ht_u256_from_be32(view->output + 32 * i);
    return true;
}

static void take_tally(struct ht_gov_called *called, const struct ht_gov_view *view) {
    called->has_tally = word_at(&called->against, &view[0], 0) &&
                        word_at(&called->in_favour, &view[0], 1) &&
                        word_at(&called->abstain, &view[0], 2);
    if (called->has_tally) return;
    called->has_tally = word_at(&called->in_favour, &view[1], 5) &&
                        word_at(&called->against, &view[1], 6) &&
                        word_at(&called->abstain, &view[1], 7);
}

static void got_tally(struct ht_gov_views *views) {
    struct ht_gov_profiling *profiling = views->user;
    struct ht_why why = views->why;
    enum ht_err err = views->err;
    ht_gov_views_fini(views);
    if (err != HT_OK) {
        ht_gov_profiling_end(profiling, err, &why);
        return;
    }
    take_tally(&profiling->called, profiling->view);
    err = ht_gov_probe_init(profiling->probe, ht_buf_view(&profiling->code), profiling->known,
                            profiling->proposal, &profiling->called, &why);
    if (err == HT_OK) {
        probe_on(profiling);
    } else {
        give_up(profiling, &why);
    }
}

static void ask_tally(struct ht_gov_profiling *profiling) {
    uint8_t word[1][32];
    const ht_addr20 *governor = &profiling->found.profile.address;
    ht_gov_word_u256(word[0], &profiling->proposal->id);
    ht_gov_view_set(&profiling->view[0], governor, PROPOSAL_VOTES, (const uint8_t(*)[32])word, 1);
    ht_gov_view_set(&profiling->view[1], governor, PROPOSALS, (const uint8_t(*)[32])word, 1);
    ht_gov_profiling_views(profiling, 2, got_tally);
}

/* --- a proposal ------------------------------------------------------------------------------- */

static const struct ht_log *find_log(const struct ht_gov_profiling *profiling, ht_bytes data) {
    const struct ht_receipts *receipts = profiling->block_read.receipts;
    for (size_t i = 0; i < receipts->count; i++) {
        for (size_t j = 0; j < receipts->list[i].log_count; j++) {
            const struct ht_log *log = &receipts->list[i].logs[j];
            bool is_it = memcmp(log->address.b, profiling->found.profile.address.b, 20) == 0 &&
                         log->topic_count == 1 &&
                         ht_hash32_equal(&log->topics[0], &ht_gov_topic_proposal_created) &&
                         ht_bytes_equal(log->data, data);
            if (is_it) return log;
        }
    }
    return NULL;
}

/* The hint is one only when the block has that very log. */
static enum ht_err take_proposal(struct ht_gov_profiling *profiling, struct ht_why *why) {
    const json_t *hint = json_array_get(profiling->hints.logs, profiling->candidate - 1);
    struct ht_buf data;
    ht_buf_init(&data, (size_t)1 << 20);
    const struct ht_log *log =
        ht_gov_hint_data(&data, hint) ? find_log(profiling, ht_buf_view(&data)) : NULL;
    ht_buf_fini(&data);
    if (log == NULL)
        return ht_fail(why, HT_EUNVERIFIED, "log_not_in_receipt", "no such log is in its block");
    ht_arena_fini(&profiling->arena);
    return ht_gov_proposal_read(profiling->proposal, &profiling->arena, log->data, why);
}

static void got_block(struct ht_block_read *read) {
    struct ht_gov_profiling *profiling =
        (struct ht_gov_profiling *)((char *)read - offsetof(struct ht_gov_profiling, block_read));
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err == HT_OK) err = take_proposal(profiling, &why);
    ht_block_read_fini(read);
    *read = (struct ht_block_read){0};
    if (err == HT_OK) {
        ask_tally(profiling);
    } else {
        profiling->found.why = why;
        next_candidate(profiling);
    }
}

/* Older ones have votes more likely, but newer ones are easier to come by: newest first. */
static void next_candidate(struct ht_gov_profiling *profiling) {
    struct ht_why why = profiling->found.why;
    uint64_t number = 0;
    size_t count = json_array_size(profiling->hints.logs);
    bool may_go_on = profiling->candidate < count && profiling->candidate < PROFILING_CANDIDATES &&
                     (profiling->candidate == 0 || profiling->is_ambiguous ||
                      strcmp(why.code, "no_layout") != 0) &&
                     !profiling->governance->is_quitting;
    if (may_go_on)
        may_go_on = ht_gov_hint_block(
            &number, json_array_get(profiling->hints.logs, profiling->candidate++));
    if (!may_go_on) {
        give_up(profiling, &why);
        return;
    }
    profiling->is_ambiguous = false;
    profiling->block_read =
        (struct ht_block_read){.id = {.kind = HT_BLOCK_NUMBER, .number = number},
                               .wants_receipts = true,
                               .done = got_block};
    ht_blocks_read(profiling->governance->host->blocks, &profiling->block_read);
}

static int by_block_down(const void *a, const void *b) {
    uint64_t left = 0, right = 0;
    (void)ht_gov_hint_block(&left, *(json_t *const *)a);
    (void)ht_gov_hint_block(&right, *(json_t *const *)b);
    return left < right ? 1 : left > right ? -1 : 0;
}

/* Newest first, of all parts together. */
static void sort(json_t *logs) {
    size_t count = json_array_size(logs);
    json_t **list = count > 0 ? malloc(count * sizeof *list) : NULL;
    if (list == NULL) return;
    for (size_t i = 0; i < count; i++) list[i] = json_incref(json_array_get(logs, i));
    qsort(list, count, sizeof *list, by_block_down);
    for (size_t i = 0; i < count; i++) (void)json_array_set_new(logs, i, list[i]);
    free(list);
}

static void got_hints(struct ht_gov_hints *hints) {
    struct ht_gov_profiling *profiling = hints->user;
    struct ht_why why = hints->why;
    if (hints->err == HT_OK)
        (void)ht_fail(&why, HT_ENOTFOUND, "no_proposal",
                      "no proposal was made yet that could show where it keeps them");
    profiling->found.why = why;
    sort(hints->logs);
    next_candidate(profiling);
}

void ht_gov_profiling_probe(struct ht_gov_profiling *profiling) {
    struct ht_why why;
    const struct ht_gov_profile *profile = &profiling->found.profile;
    profiling->proposal = calloc(1, sizeof *profiling->proposal);
    profiling->probe = calloc(1, sizeof *profiling->probe);
    if (profiling->proposal == NULL || profiling->probe == NULL) {
        enum ht_err err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
        ht_gov_profiling_end(profiling, err, &why);
        return;
    }
    profiling->hints = (struct ht_gov_hints){.address = profile->address,
                                             .topics = {ht_gov_topic_proposal_created},
                                             .topic_count = 1,
                                             .from = profile->start_block,
                                             .to = profiling->found.as_of.number,
                                             .is_backward = true,
                                             .max = PROFILING_CANDIDATES,
                                             .parts_max = PARTS_MAX,
                                             .done = got_hints,
                                             .user = profiling};
    if (profiling->hints.from > profiling->hints.to) profiling->hints.from = 0;
    ht_gov_hints_start(profiling->governance, &profiling->hints);
}
