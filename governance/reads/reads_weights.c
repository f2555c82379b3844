/* Searches of checkpoints side by side, and calls some at a time. */
#include "governance/reads/reads_weights.h"

#include <stdlib.h>

#define GET_PAST_VOTES 0x3a46b1a8U  /* getPastVotes(address,uint256) */
#define GET_PRIOR_VOTES 0x782d6fe1U /* getPriorVotes(address,uint256) */

static void end(struct ht_gov_weights_read *read, enum ht_err err) {
    read->err = err;
    read->done(read);
}

/* All of it is proven at the block of the first answer, where the snapshot must be over. */
static enum ht_err take_block(struct ht_gov_weights_read *read, const struct ht_gov_as_of *as_of) {
    const struct ht_community *community = read->community;
    if (community->governance->is_quitting)
        return ht_fail(&read->why, HT_EAGAIN, "stopping", "the node stops");
    if (read->at >= ht_gov_clock_of(community, as_of)) {
        return ht_fail(&read->why, HT_EAGAIN, "snapshot_in_future",
                       "the snapshot is still to come");
    }
    read->as_of = *as_of;
    read->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = as_of->hash};
    return HT_OK;
}

static void settle(struct ht_gov_weights_read *read, size_t i, enum ht_err err,
                   enum ht_gov_provenance provenance) {
    struct ht_gov_weight *weight = &read->weights[i];
    bool is_time = read->community->profile.layout.clock == HT_GOV_TIME;
    uint64_t clock = ht_gov_clock_of(read->community, &read->as_of);
    weight->err = err;
    weight->provenance = err == HT_OK ? provenance : HT_GOV_UNVERIFIED;
    weight->is_sure =
        read->as_of.is_final ||
        clock - read->at > (is_time ? HT_GOV_WEIGHT_SURE_S : HT_GOV_WEIGHT_SURE_BLOCKS);
    read->known++;
}

/* --- by checkpoints --------------------------------------------------------------------------- */

static void search_on(struct ht_gov_weights_read *read);

static void got_slots(struct ht_gov_slots *slots) {
    struct ht_gov_weights_read *read = slots->user;
    ht_hash32 wanted[HT_GOV_PAST_SLOTS_MAX];
    enum ht_err err = slots->err;
    size_t at = 0;
    read->why = slots->why;
    read->received += slots->received;
    if (err == HT_OK) err = take_block(read, &slots->as_of);
    for (size_t i = 0; err == HT_OK && i < read->count; i++) {
        struct ht_gov_past *search = &read->searches[i];
        struct ht_gov_weight *weight = &read->weights[i];
        size_t count = weight->err == HT_OK ? ht_gov_past_next(search, wanted) : 0;
        if (count == 0) continue;
        enum ht_err own = ht_gov_past_take(search, (const uint8_t(*)[32])(slots->values + at),
                                           count, &weight->why);
        at += count;
        bool is_found = own == HT_OK && ht_gov_past_next(search, wanted) == 0;
        if (is_found) weight->power = ht_gov_past_value(search);
        if (is_found || own != HT_OK) settle(read, i, own, HT_GOV_BY_PROOF);
    }
    ht_gov_slots_fini(slots);
    if (err != HT_OK) {
        end(read, err);
        return;
    }
    if (read->progress != NULL) read->progress(read);
    search_on(read);
}

static void search_on(struct ht_gov_weights_read *read) {
    size_t count = 0;
    for (size_t i = 0; i < read->count; i++) {
        if (read->weights[i].err == HT_OK)
            count += ht_gov_past_next(&read->searches[i], read->wanted + count);
    }
    if (count == 0) {
        end(read, HT_OK);
        return;
    }
    read->slots = (struct ht_gov_slots){.block = read->block,
                                        .address = read->community->profile.token,
                                        .slots = read->wanted,
                                        .count = count,
                                        .done = got_slots,
                                        .user = read};
    ht_gov_slots_read(read->community->governance, &read->slots);
}

static void search(struct ht_gov_weights_read *read) {
    read->searches = calloc(read->count, sizeof *read->searches);
    read->wanted = calloc(read->count * HT_GOV_PAST_SLOTS_MAX, sizeof *read->wanted);
    if (read->searches == NULL || read->wanted == NULL) {
        end(read, ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory"));
        return;
    }
    for (size_t i = 0; i < read->count; i++)
        ht_gov_past_init(&read->searches[i], &read->community->profile.token_layout,
                         &read->voters[i], false, read->at);
    search_on(read);
}

/* --- by calls --------------------------------------------------------------------------------- */

static void call_on(struct ht_gov_weights_read *read);

static void got_views(struct ht_gov_views *views) {
    struct ht_gov_weights_read *read = views->user;
    enum ht_err err = views->err;
    read->why = views->why;
    if (err == HT_OK) err = take_block(read, &views->as_of);
    ht_gov_views_fini(views);
    if (err != HT_OK) {
        end(read, err);
        return;
    }
    size_t first = read->known;
    for (size_t i = 0; i < read->part_count; i++) {
        struct ht_gov_weight *weight = &read->weights[first + i];
        enum ht_err own = HT_OK;
        if (!ht_gov_view_u256(&weight->power, &read->view[i]))
            own = ht_fail(&weight->why, HT_EUNVERIFIED, "no_answer",
                          "the contract does not say what was so at that time");
        settle(read, first + i, own, HT_GOV_BY_CALL);
    }
    if (read->progress != NULL) read->progress(read);
    call_on(read);
}

static void call_on(struct ht_gov_weights_read *read) {
    const struct ht_gov_profile *profile = &read->community->profile;
    bool is_comp =
        profile->token_layout.kind == HT_GOV_TOKEN_COMP || profile->layout.kind == HT_GOV_BRAVO;
    uint8_t words[2][32];
    ht_u256 at = ht_u256_of(read->at);
    size_t left = read->count - read->known;
    if (left == 0) {
        end(read, HT_OK);
        return;
    }
    read->part_count = left < HT_GOV_VIEWS_MAX ? left : HT_GOV_VIEWS_MAX;
    ht_gov_word_u256(words[1], &at);
    for (size_t i = 0; i < read->part_count; i++) {
        ht_gov_word_address(words[0], &read->voters[read->known + i]);
        ht_gov_view_set(&read->view[i], &profile->token, is_comp ? GET_PRIOR_VOTES : GET_PAST_VOTES,
                        (const uint8_t(*)[32])words, 2);
    }
    read->views = (struct ht_gov_views){.block = read->block,
                                        .views = read->view,
                                        .count = read->part_count,
                                        .done = got_views,
                                        .user = read};
    ht_gov_views_read(read->community->governance, &read->views);
}

/* --- the door --------------------------------------------------------------------------------- */

void ht_gov_weights_read(struct ht_gov_weights_read *read) {
    read->block = (struct ht_block_id){.kind = HT_BLOCK_LATEST};
    if (read->count == 0 || read->count > HT_GOV_WEIGHTS_MAX) {
        end(read, ht_fail(&read->why, HT_ELIMIT, "too_many_voters", "1 to %u voters at once",
                          HT_GOV_WEIGHTS_MAX));
        return;
    }
    bool is_called = read->community->profile.token_layout.kind == HT_GOV_TOKEN_UNKNOWN;
    read->weights = calloc(read->count, sizeof *read->weights);
    if (is_called) read->view = calloc(HT_GOV_VIEWS_MAX, sizeof *read->view);
    if (read->weights == NULL || (is_called && read->view == NULL)) {
        end(read, ht_fail(&read->why, HT_ENOMEM, "no_memory", "out of memory"));
        return;
    }
    for (size_t i = 0; i < read->count; i++) read->weights[i].voter = read->voters[i];
    if (is_called) {
        call_on(read);
    } else {
        search(read);
    }
}

void ht_gov_weights_fini(struct ht_gov_weights_read *read) {
    free(read->weights);
    free(read->searches);
    free(read->wanted);
    free(read->view);
    read->weights = NULL;
    read->searches = NULL;
    read->wanted = NULL;
    read->view = NULL;
}
