/* The course of a count: look, ask where votes are, read, compare, ask others, go through all. */
#include "governance/recount/recount.h"

#include <stdlib.h>

#include "governance/governor/votes.h"
#include "governance/recount/recount_blocks.h"
#include "governance/recount/recount_weights.h"
#include "governance/text.h"
#include "node/base/log.h"
#include "node/codec/address.h"

#define AGAIN_MS 10000     /* between two counts that nobody asked for */
#define LIST_SPARSE 20000U /* blocks that are gone through where blooms tell them apart */
#define LIST_FULL 128U     /* and where they do not */
#define LIST_READ_MAX 512U /* blocks read in that pass */
#define SURE_BLOCKS 96U    /* what was so long ago is not reorganised */
#define SURE_S 1200U
#define BLOOM_BITS_MAX 1228U /* as discover.c has it */

/* --- the end ---------------------------------------------------------------------------------- */

static void free_counted(struct ht_gov_counted *counted) {
    if (counted == NULL) return;
    ht_gov_count_free(counted->count);
    free(counted->flags);
    free(counted);
}

static void free_recounting(struct ht_gov_recounting *recounting) {
    for (size_t i = 0; i < RECOUNT_ROUNDS; i++) ht_gov_hints_fini(&recounting->rounds[i]);
    ht_gov_slots_fini(&recounting->slots);
    free(recounting->blocks);
    free(recounting->marks);
    free_counted(recounting->made);
    free(recounting);
}

static void tell(const struct ht_gov_item *item) {
    struct ht_governance *governance = item->community->governance;
    if (governance->is_quitting) return;
    governance->host->publish(governance->host, "dao.counting");
    ht_community_changed(item->community);
}

static void finish(struct ht_gov_recounting *recounting, enum ht_err err,
                   const struct ht_why *why) {
    struct ht_gov_item *item = recounting->item;
    struct ht_gov_recount *recount = item->recount;
    recount->working = NULL;
    recount->done = recount->total = 0;
    recount->ended_ms = ht_mono_ms(recounting->governance->host->clock);
    recount->err = err;
    if (err != HT_OK) {
        recount->why = *why;
    } else {
        free_counted(recount->shown);
        recount->shown = recounting->made;
        recounting->made = NULL;
    }
    free_recounting(recounting);
    tell(item);
    if (err == HT_OK) ht_gov_weigh(item);
}

void ht_gov_recount_progress(struct ht_gov_recounting *recounting) {
    struct ht_gov_recount *recount = recounting->item->recount;
    uint64_t window =
        recounting->to >= recounting->from ? recounting->to - recounting->from + 1 : 0;
    recount->total = recounting->is_listing ? window : recounting->block_count;
    recount->done = recounting->is_listing ? recounting->to - recounting->header_next
                                           : recounting->block_at - recounting->busy;
    if (recount->done % 16 == 0) tell(recounting->item);
}

/* --- marks ------------------------------------------------------------------------------------ */

static void read_marks(struct ht_gov_recounting *recounting);

static void got_marks(struct ht_gov_slots *read) {
    struct ht_gov_recounting *recounting = read->user;
    struct ht_gov_counted *made = recounting->made;
    size_t n = 0;
    const struct ht_gov_vote *votes = ht_gov_count_votes(made->count, &n);
    bool is_fine = read->err == HT_OK;
    for (size_t i = 0; is_fine && i < read->count; i++) {
        const struct ht_gov_vote *vote = &votes[recounting->mark_at + i];
        made->flags[recounting->mark_at + i] =
            ht_gov_count_is_marked(&recounting->layout, vote, read->values[i]);
    }
    recounting->mark_at += read->count;
    made->received += read->received;
    ht_gov_slots_fini(read);
    made->flags_checked = is_fine && recounting->mark_at == recounting->mark_count;
    if (is_fine && recounting->mark_at < recounting->mark_count) {
        read_marks(recounting);
    } else {
        finish(recounting, HT_OK, NULL);
    }
}

static void read_marks(struct ht_gov_recounting *recounting) {
    size_t left = recounting->mark_count - recounting->mark_at;
    recounting->slots = (struct ht_gov_slots){
        .block = {.kind = HT_BLOCK_HASH, .hash = recounting->made->as_of.hash},
        .address = recounting->item->community->address,
        .slots = recounting->marks + recounting->mark_at,
        .count = left < 256 ? left : 256,
        .done = got_marks,
        .user = recounting};
    ht_gov_slots_read(recounting->governance, &recounting->slots);
}

static void start_marks(struct ht_gov_recounting *recounting) {
    struct ht_gov_counted *made = recounting->made;
    size_t n = 0;
    const struct ht_gov_vote *votes = ht_gov_count_votes(made->count, &n);
    bool may = made->provenance == HT_GOV_BY_PROOF && n > 0 && n <= HT_GOV_SLOTS_MAX &&
               !recounting->governance->is_quitting;
    if (may) {
        recounting->marks = calloc(n, sizeof *recounting->marks);
        made->flags = calloc(n, sizeof *made->flags);
        may = recounting->marks != NULL && made->flags != NULL;
    }
    if (!may) {
        finish(recounting, HT_OK, NULL);
        return;
    }
    for (size_t i = 0; i < n; i++)
        ht_gov_slot_voter(&recounting->marks[i], &recounting->layout, &recounting->item->id,
                          &votes[i].voter);
    recounting->mark_count = n;
    read_marks(recounting);
}

/* --- comparing -------------------------------------------------------------------------------- */

static enum ht_err compare(struct ht_gov_recounting *recounting, struct ht_why *why) {
    struct ht_gov_counted *made = recounting->made;
    return ht_gov_count_end(&made->result, made->count, &made->facts, why);
}

/* Blocks that may hide a vote of weight 0 or, with votes missing, any. */
void ht_gov_recount_listed(struct ht_gov_recounting *recounting) {
    const struct ht_gov_result *result = &recounting->made->result;
    struct ht_why why;
    enum ht_err err = compare(recounting, &why);
    size_t before = recounting->block_count;
    size_t read_max = recounting->is_full ? RECOUNT_BLOCKS_MAX : LIST_READ_MAX;
    for (size_t i = 0; err == HT_OK && i < result->unchecked_count && i < 64; i++) {
        if (recounting->read_in_pass >= read_max) break;
        if (ht_gov_recount_add_block(recounting, result->unchecked[i])) recounting->read_in_pass++;
    }
    if (err != HT_OK) {
        finish(recounting, err, &why);
    } else if (recounting->block_count > before && !recounting->governance->is_quitting) {
        ht_gov_recount_read_blocks(recounting);
    } else {
        start_marks(recounting);
    }
}

static bool may_list(const struct ht_gov_recounting *recounting) {
    uint64_t window = recounting->to >= recounting->from ? recounting->to - recounting->from : 0;
    return recounting->is_full || window <= (recounting->is_sparse ? LIST_SPARSE : LIST_FULL);
}

static void ask(struct ht_gov_recounting *recounting);

void ht_gov_recount_compare(struct ht_gov_recounting *recounting) {
    struct ht_why why;
    if (recounting->is_listing) {
        ht_gov_recount_listed(recounting);
        return;
    }
    enum ht_err err = compare(recounting, &why);
    bool is_short = err == HT_OK && !recounting->made->result.tally_proven;
    const struct ht_gov_hints *last =
        recounting->round_count > 0 ? &recounting->rounds[recounting->round_count - 1] : NULL;
    bool may_ask = last != NULL && last->err == HT_OK && recounting->round_count < RECOUNT_ROUNDS;
    if (err != HT_OK) {
        finish(recounting, err, &why);
    } else if (recounting->governance->is_quitting) {
        err = ht_fail(&why, HT_EAGAIN, "stopping", "the node stops");
        finish(recounting, err, &why);
    } else if (is_short && may_ask) {
        ask(recounting);
    } else if (may_list(recounting)) {
        ht_gov_recount_list(recounting);
    } else {
        start_marks(recounting);
    }
}

/* --- asking where votes are ------------------------------------------------------------------- */

static void got_hints(struct ht_gov_hints *hints) {
    struct ht_gov_recounting *recounting = hints->user;
    for (size_t i = 0; i < json_array_size(hints->logs); i++) {
        uint64_t number = 0;
        if (ht_gov_hint_block(&number, json_array_get(hints->logs, i)))
            (void)ht_gov_recount_add_block(recounting, number);
    }
    bool is_first = recounting->round_count == 1;
    if (hints->err != HT_OK && is_first) {
        recounting->made->err = hints->err;
        recounting->made->why = hints->why;
    }
    ht_gov_recount_read_blocks(recounting);
}

/* Another one each time. */
static void ask(struct ht_gov_recounting *recounting) {
    uint32_t avoid = 0;
    for (size_t i = 0; i < recounting->round_count; i++) avoid |= recounting->rounds[i].providers;
    struct ht_gov_hints *hints = &recounting->rounds[recounting->round_count++];
    *hints = (struct ht_gov_hints){
        .address = recounting->item->community->address,
        .topics = {ht_gov_topic_vote_cast, ht_gov_topic_vote_cast_with_params,
                   ht_gov_topic_vote_reduced, ht_gov_topic_override_vote_cast},
        .topic_count = 4,
        .from = recounting->from,
        .to = recounting->to,
        .avoid = avoid,
        .done = got_hints,
        .user = recounting};
    ht_gov_hints_start(recounting->governance, hints);
}

/* --- beginning -------------------------------------------------------------------------------- */

/* Blocks come at most one in a second. */
static void set_window(struct ht_gov_recounting *recounting) {
    const struct ht_gov_item *item = recounting->item;
    const struct ht_gov_facts *facts = &item->facts;
    const struct ht_gov_as_of *as_of = &item->as_of;
    recounting->to = as_of->number;
    if (recounting->layout.clock == HT_GOV_BLOCKS) {
        recounting->from = facts->start;
        if (facts->deadline < recounting->to) recounting->to = facts->deadline;
        return;
    }
    uint64_t span = as_of->timestamp > facts->start ? as_of->timestamp - facts->start : 0;
    recounting->from = span < as_of->number ? as_of->number - span : 0;
    if (item->has_block && item->created_block > recounting->from)
        recounting->from = item->created_block;
}

static enum ht_err begin(struct ht_gov_recounting *recounting, struct ht_why *why) {
    struct ht_gov_item *item = recounting->item;
    const struct ht_chain *chain = recounting->governance->host->chain;
    const struct ht_exec_header_verified *finalized = ht_chain_finalized(chain);
    const struct ht_exec_header_verified *head = ht_chain_head(chain);
    struct ht_gov_counted *made = calloc(1, sizeof *made);
    recounting->made = made;
    recounting->blocks = calloc(RECOUNT_BLOCKS_MAX, sizeof *recounting->blocks);
    recounting->layout = item->community->profile.layout;
    if (made == NULL || recounting->blocks == NULL)
        return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    made->facts = item->facts;
    made->as_of = item->as_of;
    /* Words of storage are proven, whatever the state's own label says of a quorum that was called.
     */
    bool is_by_words = item->provenance != HT_GOV_UNVERIFIED &&
                       item->community->profile.layout.kind != HT_GOV_UNKNOWN;
    made->provenance = is_by_words ? HT_GOV_BY_PROOF : item->provenance;
    recounting->finalized = finalized != NULL ? finalized->header.number : 0;
    for (size_t i = 0, bits = 0; head != NULL && i < 256; i++) {
        bits += (size_t)__builtin_popcount(head->header.logs_bloom[i]);
        recounting->is_sparse = bits <= BLOOM_BITS_MAX;
    }
    set_window(recounting);
    enum ht_err err =
        ht_gov_count_new(&made->count, &recounting->layout, &item->community->address, &item->id);
    if (err != HT_OK) return ht_fail(why, err, "no_memory", "out of memory");
    ht_gov_count_as_of(made->count, made->as_of.number, made->as_of.timestamp);
    return HT_OK;
}

static void on_looked(void *user, struct ht_gov_item *item, enum ht_err err,
                      const struct ht_why *why) {
    struct ht_gov_recounting *recounting = user;
    struct ht_why reason = *why;
    (void)item;
    if (err == HT_OK && !recounting->item->facts.exists)
        err = ht_fail(&reason, HT_ENOTFOUND, "not_there", "the governor has no such proposal");
    if (err == HT_OK) err = begin(recounting, &reason);
    if (err != HT_OK) {
        finish(recounting, err, &reason);
    } else if (recounting->from > recounting->to) {
        ht_gov_recount_compare(recounting); /* voting has not begun */
    } else {
        ask(recounting);
    }
}

void ht_gov_recount_start(struct ht_gov_item *item, bool is_full) {
    struct ht_governance *governance = item->community->governance;
    if (governance->is_quitting || item->community->is_forgotten) return;
    if (item->recount == NULL) item->recount = calloc(1, sizeof *item->recount);
    struct ht_gov_recount *recount = item->recount;
    if (recount == NULL || recount->working != NULL) return;
    recount->working = calloc(1, sizeof *recount->working);
    if (recount->working == NULL) return;
    recount->asked_ms = ht_mono_ms(governance->host->clock);
    recount->working->item = item;
    recount->working->governance = governance;
    recount->working->is_full = is_full;
    ht_gov_look(item, on_looked, recount->working);
}

/* Counted past its end with the same tallies, so long ago that it is not reorganised: done. */
static bool is_settled(const struct ht_gov_item *item, const struct ht_gov_counted *shown) {
    const struct ht_gov_facts *then = &shown->facts, *now = &item->facts;
    uint64_t clock = ht_gov_clock_of(item->community, &item->as_of);
    uint64_t sure = item->community->profile.layout.clock == HT_GOV_TIME ? SURE_S : SURE_BLOCKS;
    return ht_gov_clock_of(item->community, &shown->as_of) > then->deadline &&
           then->deadline == now->deadline && clock > now->deadline &&
           (shown->as_of.is_final || clock - now->deadline > sure) &&
           ht_u256_equal(&then->against, &now->against) &&
           ht_u256_equal(&then->in_favour, &now->in_favour) &&
           ht_u256_equal(&then->abstain, &now->abstain);
}

void ht_gov_recount_want(struct ht_gov_item *item) {
    const struct ht_gov_recount *recount = item->recount;
    const struct ht_gov_counted *shown = recount != NULL ? recount->shown : NULL;
    int64_t now_ms = ht_mono_ms(item->community->governance->host->clock);
    bool is_same = shown != NULL && (shown->as_of.number >= item->as_of.number ||
                                     (shown->result.tally_proven && is_settled(item, shown)));
    bool is_soon =
        recount != NULL && recount->ended_ms > 0 && now_ms - recount->ended_ms < AGAIN_MS;
    if (!is_same && !is_soon) ht_gov_recount_start(item, false);
}

void ht_gov_recount_free(struct ht_gov_item *item) {
    if (item->recount == NULL) return;
    if (item->recount->working != NULL) free_recounting(item->recount->working);
    free_counted(item->recount->shown);
    ht_gov_weighed_free(item);
    free(item->recount);
    item->recount = NULL;
}

enum ht_err ht_gov_counting_topic(void *self, json_t **value, struct ht_why *why) {
    const struct ht_governance *governance = self;
    json_t *list = json_array();
    for (size_t i = 0; i < ht_community_count(governance); i++) {
        const struct ht_community *community = ht_community_at(governance, i);
        for (size_t k = 0; k < community->item_count; k++) {
            const struct ht_gov_item *item = community->items[k];
            if (item->recount == NULL || item->recount->working == NULL) continue;
            (void)json_array_append_new(list, json_pack("{s:o, s:o, s:I, s:I}", "address",
                                                        ht_address_json(&community->address), "id",
                                                        ht_gov_u256_json(&item->id), "done",
                                                        (json_int_t)item->recount->done, "total",
                                                        (json_int_t)item->recount->total));
        }
    }
    *value = json_pack("{s:o}", "counting", list);
    return *value != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}
