/* The past of tokens and quorums: checkpoint by checkpoint where the layout is known, else by a
 * call that is run over proven state. */
#include "governance/reads/reads_past.h"

#define GET_PAST_VOTES 0x3a46b1a8U  /* getPastVotes(address,uint256) */
#define GET_PRIOR_VOTES 0x782d6fe1U /* getPriorVotes(address,uint256) */
#define GET_PAST_SUPPLY 0x8e539e8cU /* getPastTotalSupply(uint256) */
#define QUORUM 0xf8ce560aU          /* quorum(uint256) */
#define QUORUM_VOTES 0x24bc1a64U    /* quorumVotes() */

enum step { STEP_START, STEP_SUPPLY, STEP_NUMERATOR };

static void end(struct ht_gov_past_read *read, enum ht_err err, enum ht_gov_provenance provenance) {
    read->err = err;
    read->provenance = err == HT_OK ? provenance : HT_GOV_UNVERIFIED;
    read->done(read);
}

/* --- by a call -------------------------------------------------------------------------------- */

static void got_view(struct ht_gov_views *views) {
    struct ht_gov_past_read *read = views->user;
    enum ht_err err = views->err;
    read->why = views->why;
    read->as_of = views->as_of;
    bool is_answered = err == HT_OK && ht_gov_view_u256(&read->value, &read->view);
    ht_gov_views_fini(views);
    if (err == HT_OK && !is_answered) {
        err = ht_fail(&read->why, HT_EUNVERIFIED, "no_answer",
                      "the contract does not say what was so at that time");
    }
    end(read, err, HT_GOV_BY_CALL);
}

static void call(struct ht_gov_past_read *read) {
    const struct ht_gov_profile *profile = &read->community->profile;
    uint8_t words[2][32];
    ht_u256 at = ht_u256_of(read->at);
    bool is_comp = profile->token_layout.kind == HT_GOV_TOKEN_COMP;
    ht_gov_word_address(words[0], &read->account);
    ht_gov_word_u256(words[1], &at);
    switch (read->what) {
    case HT_GOV_PAST_VOTES:
        ht_gov_view_set(&read->view, &profile->token, is_comp ? GET_PRIOR_VOTES : GET_PAST_VOTES,
                        (const uint8_t(*)[32])words, 2);
        break;
    case HT_GOV_PAST_SUPPLY:
        ht_gov_view_set(&read->view, &profile->token, GET_PAST_SUPPLY,
                        (const uint8_t(*)[32])(words + 1), 1);
        break;
    case HT_GOV_PAST_QUORUM:
        if (profile->layout.kind == HT_GOV_BRAVO) {
            ht_gov_view_set(&read->view, &profile->address, QUORUM_VOTES, NULL, 0);
        } else {
            ht_gov_view_set(&read->view, &profile->address, QUORUM,
                            (const uint8_t(*)[32])(words + 1), 1);
        }
        break;
    }
    read->views = (struct ht_gov_views){
        .block = read->block, .views = &read->view, .count = 1, .done = got_view, .user = read};
    ht_gov_views_read(read->community->governance, &read->views);
}

/* --- by checkpoints --------------------------------------------------------------------------- */

static void go_on(struct ht_gov_past_read *read);

static enum ht_err take_slots(struct ht_gov_past_read *read, const struct ht_gov_slots *slots) {
    read->why = slots->why;
    if (slots->err != HT_OK) return slots->err;
    uint64_t clock = ht_gov_clock_of(read->community, &slots->as_of);
    if (read->at >= clock) {
        return ht_fail(&read->why, HT_EAGAIN, "snapshot_in_future",
                       "the snapshot is still to come");
    }
    read->as_of = slots->as_of;
    read->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = slots->as_of.hash};
    return ht_gov_past_take(&read->past, (const uint8_t(*)[32])slots->values, slots->count,
                            &read->why);
}

static void got_slots(struct ht_gov_slots *slots) {
    struct ht_gov_past_read *read = slots->user;
    enum ht_err err = take_slots(read, slots);
    read->received += slots->received;
    ht_gov_slots_fini(slots);
    if (err == HT_OK) {
        go_on(read);
    } else {
        end(read, err, HT_GOV_UNVERIFIED);
    }
}

static void read_slots(struct ht_gov_past_read *read, size_t count) {
    const struct ht_gov_profile *profile = &read->community->profile;
    bool is_governor = read->what == HT_GOV_PAST_QUORUM && read->step != STEP_SUPPLY;
    read->slots = (struct ht_gov_slots){.block = read->block,
                                        .address = is_governor ? profile->address : profile->token,
                                        .slots = read->wanted,
                                        .count = count,
                                        .done = got_slots,
                                        .user = read};
    ht_gov_slots_read(read->community->governance, &read->slots);
}

static void start_supply(struct ht_gov_past_read *read) {
    static const ht_addr20 nobody;
    read->step = STEP_SUPPLY;
    ht_gov_past_init(&read->past, &read->community->profile.token_layout, &nobody, true, read->at);
}

static void got_word(struct ht_gov_slots *slots) {
    struct ht_gov_past_read *read = slots->user;
    const struct ht_gov_profile *profile = &read->community->profile;
    enum ht_err err = slots->err;
    read->why = slots->why;
    read->received += slots->received;
    if (err == HT_OK) {
        read->as_of = slots->as_of;
        read->value = ht_u256_from_be32(slots->values[0]);
    }
    ht_gov_slots_fini(slots);
    if (err == HT_OK && read->step == STEP_NUMERATOR) {
        ht_u256 numerator = read->value;
        err = ht_gov_quorum_of(&read->value, &read->supply, &numerator, profile->denominator,
                               &read->why);
    }
    end(read, err, HT_GOV_BY_PROOF);
}

/* A quorum that is one word: a fixed one, or 4.x's numerator before there was a history. */
static void read_word(struct ht_gov_past_read *read, enum ht_gov_slot slot) {
    const struct ht_gov_profile *profile = &read->community->profile;
    read->wanted[0] = profile->layout.base[slot];
    read->slots = (struct ht_gov_slots){.block = read->block,
                                        .address = profile->address,
                                        .slots = read->wanted,
                                        .count = 1,
                                        .done = got_word,
                                        .user = read};
    ht_gov_slots_read(read->community->governance, &read->slots);
}

/* The supply is known: what part of it. */
static void start_numerator(struct ht_gov_past_read *read) {
    const struct ht_gov_layout *layout = &read->community->profile.layout;
    read->supply = ht_gov_past_value(&read->past);
    read->step = STEP_NUMERATOR;
    if (ht_gov_has(layout, HT_GOV_QUORUM_HISTORY)) {
        ht_gov_past_init_quorum(&read->past, layout, read->at);
        go_on(read);
        return;
    }
    read_word(read, HT_GOV_QUORUM_NUMERATOR);
}

static void finish(struct ht_gov_past_read *read) {
    const struct ht_gov_profile *profile = &read->community->profile;
    enum ht_err err = HT_OK;
    read->value = ht_gov_past_value(&read->past);
    if (read->step == STEP_NUMERATOR) {
        ht_u256 numerator = read->value;
        err = ht_gov_quorum_of(&read->value, &read->supply, &numerator, profile->denominator,
                               &read->why);
    }
    end(read, err, HT_GOV_BY_PROOF);
}

static void go_on(struct ht_gov_past_read *read) {
    size_t count = ht_gov_past_next(&read->past, read->wanted);
    if (count > 0) {
        read_slots(read, count);
    } else if (read->what == HT_GOV_PAST_QUORUM && read->step == STEP_SUPPLY) {
        start_numerator(read);
    } else {
        finish(read);
    }
}

/* --- which way -------------------------------------------------------------------------------- */

static bool has_fraction(const struct ht_gov_profile *profile) {
    const struct ht_gov_layout *layout = &profile->layout;
    enum ht_gov_token_kind kind = profile->token_layout.kind;
    return profile->denominator > 0 && kind != HT_GOV_TOKEN_UNKNOWN && kind != HT_GOV_TOKEN_COMP &&
           (ht_gov_has(layout, HT_GOV_QUORUM_HISTORY) ||
            ht_gov_has(layout, HT_GOV_QUORUM_NUMERATOR));
}

static void start_quorum(struct ht_gov_past_read *read) {
    const struct ht_gov_profile *profile = &read->community->profile;
    const struct ht_gov_layout *layout = &profile->layout;
    bool is_amounts =
        profile->quorum == HT_GOV_QUORUM_AMOUNTS && ht_gov_has(layout, HT_GOV_QUORUM_HISTORY);
    if (profile->quorum == HT_GOV_QUORUM_FRACTION && has_fraction(profile)) {
        start_supply(read);
        go_on(read);
    } else if (is_amounts) {
        ht_gov_past_init_quorum(&read->past, layout, read->at);
        go_on(read);
    } else if (profile->quorum == HT_GOV_QUORUM_WORD && ht_gov_has(layout, HT_GOV_QUORUM_VOTES)) {
        read_word(read, HT_GOV_QUORUM_VOTES);
    } else {
        call(read);
    }
}

void ht_gov_past_start(struct ht_gov_past_read *read) {
    const struct ht_gov_profile *profile = &read->community->profile;
    enum ht_gov_token_kind kind = profile->token_layout.kind;
    bool is_supply = read->what == HT_GOV_PAST_SUPPLY;
    read->step = STEP_START;
    if (read->what == HT_GOV_PAST_QUORUM) {
        start_quorum(read);
    } else if (kind == HT_GOV_TOKEN_UNKNOWN || (is_supply && kind == HT_GOV_TOKEN_COMP)) {
        call(read);
    } else {
        ht_gov_past_init(&read->past, &profile->token_layout, &read->account, is_supply, read->at);
        go_on(read);
    }
}
