/* What proven words say of a proposal, and the state that follows from them.
 *
 * Words are read strictly: bits that the contract's structs do not have must be zero, since a wrong
 * base slot shows in them first. */
#include "governance/governor/proposal_state.h"

#include "governance/governor/proposal.h"

#define GRACE_S 1209600U /* of Compound's own timelock: 14 days */

static enum ht_err refuse(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EUNVERIFIED, "wrong_layout", "stored words that are no proposal: %s",
                   what);
}

static bool is_zero(const uint8_t *p, size_t n) {
    uint8_t all = 0;
    for (size_t i = 0; i < n; i++) all |= p[i];
    return all == 0;
}

static uint64_t read_be(const uint8_t *p, size_t n) {
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++) value = value << 8 | p[i];
    return value;
}

/* Words in the order in which ht_gov_words_of made them. */
struct reader {
    const struct ht_gov_words *words;
    size_t at;
};

static const uint8_t *next_word(struct reader *reader) {
    static const uint8_t none[32];
    if (reader->at >= reader->words->count) return none;
    return reader->words->value[reader->at++];
}

static bool next_u64(uint64_t *out, struct reader *reader) {
    const uint8_t *word = next_word(reader);
    *out = read_be(word + 24, 8);
    return is_zero(word, 24);
}

static ht_u256 next_u256(struct reader *reader) {
    return ht_u256_from_be32(next_word(reader));
}

/* --- OpenZeppelin -----------------------------------------------------------------------------*/

static bool read_flags(struct ht_gov_facts *out, uint8_t executed, uint8_t canceled) {
    out->is_executed = executed == 1;
    out->is_canceled = canceled == 1;
    return executed <= 1 && canceled <= 1;
}

/* From the low end: proposer 160, voteStart 48, voteDuration 32, executed 8, canceled 8; then
 * etaSeconds 48. */
static enum ht_err read_core5(struct ht_gov_facts *out, struct reader *reader, struct ht_why *why) {
    const uint8_t *word = next_word(reader);
    memcpy(out->proposer.b, word + 12, 20);
    out->start = read_be(word + 6, 6);
    out->end = out->start + read_be(word + 2, 4);
    if (!read_flags(out, word[1], word[0])) return refuse(why, "a flag that is none");
    const uint8_t *eta = next_word(reader);
    out->eta = read_be(eta + 26, 6);
    if (!is_zero(eta, 26)) return refuse(why, "its time of execution");
    out->exists = out->start != 0;
    out->has_proposer = out->exists;
    if (!out->exists && !(is_zero(word, 32) && out->eta == 0)) return refuse(why, "no start");
    if (out->exists && is_zero(out->proposer.b, 20)) return refuse(why, "no proposer");
    return HT_OK;
}

/* voteStart 64, proposer 160 (since 4.9, zero before); voteEnd 64; executed 8, canceled 8. */
static enum ht_err read_core4(struct ht_gov_facts *out, struct reader *reader, struct ht_why *why) {
    const uint8_t *word = next_word(reader);
    out->start = read_be(word + 24, 8);
    memcpy(out->proposer.b, word + 4, 20);
    if (!is_zero(word, 4)) return refuse(why, "its first word");
    if (!next_u64(&out->end, reader)) return refuse(why, "its end");
    const uint8_t *flags = next_word(reader);
    if (!is_zero(flags, 30) || !read_flags(out, flags[31], flags[30])) {
        return refuse(why, "a flag that is none");
    }
    out->exists = out->start != 0;
    out->has_proposer = !is_zero(out->proposer.b, 20);
    if (!out->exists && (out->end != 0 || out->has_proposer || !is_zero(flags, 32))) {
        return refuse(why, "no start");
    }
    if (out->start > out->end) return refuse(why, "an end before its start");
    return HT_OK;
}

static void read_tally(struct ht_gov_facts *out, const struct ht_gov_layout *layout,
                       struct reader *reader) {
    ht_u256 first = next_u256(reader);
    ht_u256 second = next_u256(reader);
    if (layout->counting == HT_GOV_FLEXIBLE) {
        out->against = (ht_u256){{first.limb[0], first.limb[1], 0, 0}};
        out->in_favour = (ht_u256){{first.limb[2], first.limb[3], 0, 0}};
        out->abstain = second;
        return;
    }
    bool is_for_first = layout->counting == HT_GOV_COMPATIBLE;
    out->against = is_for_first ? second : first;
    out->in_favour = is_for_first ? first : second;
    out->abstain = next_u256(reader);
}

/* The array's length, the last id, or the next one. */
static enum ht_err read_count(struct ht_gov_facts *out, const struct ht_gov_layout *layout,
                              struct reader *reader, struct ht_why *why) {
    bool is_list = ht_gov_has(layout, HT_GOV_PROPOSAL_IDS);
    if (!is_list && !ht_gov_has(layout, HT_GOV_SEQUENCE)) return HT_OK;
    ht_u256 count = next_u256(reader);
    /* Compound's counter is all ones before it is set. */
    bool is_unset = !is_list && layout->counts_next && ht_u256_bit_length(&count) == 256;
    if (is_unset) return HT_OK;
    if (!ht_u256_is_u64(&count)) return refuse(why, "the number of proposals");
    out->proposal_count = count.limb[0];
    if (!is_list && layout->counts_next && count.limb[0] > 0) out->proposal_count--;
    return HT_OK;
}

static enum ht_err read_oz(struct ht_gov_facts *out, const struct ht_gov_layout *layout,
                           struct reader *reader, struct ht_why *why) {
    bool is_oz4 = layout->kind == HT_GOV_OZ4;
    uint64_t extended = 0;
    enum ht_err err = is_oz4 ? read_core4(out, reader, why) : read_core5(out, reader, why);
    if (err != HT_OK) return err;
    if (ht_gov_has(layout, HT_GOV_PROPOSAL_VOTES)) read_tally(out, layout, reader);
    if (layout->counting == HT_GOV_FLEXIBLE && ht_u256_bit_length(&out->abstain) > 128) {
        return refuse(why, "its tallies");
    }
    if (ht_gov_has(layout, HT_GOV_TIMELOCK_IDS)) {
        bool is_eta = is_oz4 && layout->timelock == HT_GOV_TIMELOCK_COMPOUND;
        const uint8_t *word = next_word(reader);
        if (is_eta)
            out->eta = read_be(word + 24, 8);
        else
            memcpy(out->timelock_operation.b, word, 32);
        if (is_eta && !is_zero(word, 24)) return refuse(why, "its time of execution");
    }
    if (ht_gov_has(layout, HT_GOV_EXTENDED_DEADLINES) && !next_u64(&extended, reader)) {
        return refuse(why, "its extended deadline");
    }
    out->deadline = extended > out->end ? extended : out->end;
    if (!out->exists &&
        !(extended == 0 && ht_u256_is_zero(&out->against) && ht_u256_is_zero(&out->in_favour) &&
          ht_u256_is_zero(&out->abstain) && ht_hash32_is_zero(&out->timelock_operation))) {
        return refuse(why, "votes without a start");
    }
    return read_count(out, layout, reader, why);
}

/* --- Bravo ------------------------------------------------------------------------------------*/

/* Four arrays, equally long. */
static enum ht_err read_lengths(struct ht_gov_facts *out, struct reader *reader,
                                struct ht_why *why) {
    uint64_t lengths[4] = {0};
    for (size_t i = 0; i < 4; i++) {
        if (!next_u64(&lengths[i], reader) || lengths[i] != lengths[0]) {
            return refuse(why, "lists that are not equally long");
        }
    }
    if (lengths[0] > HT_GOV_ACTIONS_MAX) return refuse(why, "too many actions");
    out->action_count = (size_t)lengths[0];
    return HT_OK;
}

static enum ht_err read_bravo(struct ht_gov_facts *out, const struct ht_gov_layout *layout,
                              struct reader *reader, struct ht_why *why) {
    ht_u256 id = next_u256(reader);
    const uint8_t *proposer = next_word(reader);
    memcpy(out->proposer.b, proposer + 12, 20);
    if (!is_zero(proposer, 12)) return refuse(why, "its proposer");
    if (!next_u64(&out->eta, reader)) return refuse(why, "its time of execution");
    enum ht_err err = read_lengths(out, reader, why);
    if (err != HT_OK) return err;
    bool has_times = next_u64(&out->start, reader);
    has_times = next_u64(&out->end, reader) && has_times;
    if (!has_times || out->start > out->end) return refuse(why, "its times");
    out->deadline = out->end;
    out->in_favour = next_u256(reader);
    out->against = next_u256(reader);
    out->abstain = next_u256(reader);
    const uint8_t *flags = next_word(reader);
    if (!is_zero(flags, 30) || !read_flags(out, flags[30], flags[31])) {
        return refuse(why, "a flag that is none");
    }
    if (ht_gov_has(layout, HT_GOV_PROPOSAL_COUNT) && !next_u64(&out->proposal_count, reader)) {
        return refuse(why, "the number of proposals");
    }
    out->exists = !ht_u256_is_zero(&id);
    out->has_proposer = out->exists;
    if (out->exists && (out->start == 0 || is_zero(proposer, 32))) return refuse(why, "no start");
    if (!out->exists && !(out->end == 0 && is_zero(proposer, 32) && is_zero(flags, 32))) {
        return refuse(why, "no id");
    }
    return HT_OK;
}

enum ht_err ht_gov_words_read(struct ht_gov_facts *out, const struct ht_gov_layout *layout,
                              const struct ht_gov_words *words, struct ht_why *why) {
    struct ht_gov_facts facts = {.exists = false};
    struct ht_gov_words want;
    struct reader reader = {.words = words};
    ht_u256 any = ht_u256_of(0);
    ht_gov_words_of(&want, layout, &any);
    if (layout->kind == HT_GOV_UNKNOWN || words->count != want.count) {
        return refuse(why, "not the words that it has");
    }
    enum ht_err err = layout->kind == HT_GOV_BRAVO ? read_bravo(&facts, layout, &reader, why)
                                                   : read_oz(&facts, layout, &reader, why);
    if (err == HT_OK) *out = facts;
    return err;
}

enum ht_err ht_gov_proposal_is(const struct ht_gov_proposal *proposal,
                               const struct ht_gov_layout *layout, const struct ht_gov_facts *facts,
                               struct ht_why *why) {
    const char *what = NULL;
    if (!facts->exists) {
        what = "the governor has no such proposal";
    } else if (facts->start != proposal->start || facts->end != proposal->end) {
        what = "its times are not the stored ones";
    } else if (facts->has_proposer &&
               memcmp(facts->proposer.b, proposal->proposer.b, sizeof facts->proposer.b) != 0) {
        what = "its proposer is not the stored one";
    } else if (layout->kind == HT_GOV_BRAVO && facts->action_count != proposal->action_count) {
        what = "it has another number of actions than the stored one";
    }
    return what == NULL ? HT_OK : ht_fail(why, HT_EUNVERIFIED, "proposal_state", "%s", what);
}

/* --- states -----------------------------------------------------------------------------------*/

static bool is_over(const struct ht_gov_facts *facts, const struct ht_gov_state_input *input) {
    uint64_t grace_s = input->grace_s > 0 ? input->grace_s : GRACE_S;
    return input->time_s >= grace_s && input->time_s - grace_s >= facts->eta;
}

static enum ht_gov_state state_of_bravo(const struct ht_gov_facts *facts,
                                        const struct ht_gov_state_input *input) {
    if (!facts->exists) return HT_GOV_NONE;
    if (facts->is_canceled) return HT_GOV_CANCELED;
    if (input->clock <= facts->start) return HT_GOV_PENDING;
    if (input->clock <= facts->deadline) return HT_GOV_ACTIVE;
    if (ht_u256_compare(&facts->in_favour, &facts->against) <= 0 ||
        ht_u256_compare(&facts->in_favour, &input->quorum) < 0) {
        return HT_GOV_DEFEATED;
    }
    if (facts->eta == 0) return HT_GOV_SUCCEEDED;
    if (facts->is_executed) return HT_GOV_EXECUTED;
    return is_over(facts, input) ? HT_GOV_EXPIRED : HT_GOV_QUEUED;
}

static bool has_passed(const struct ht_gov_facts *facts, const struct ht_gov_state_input *input) {
    ht_u256 votes = facts->in_favour;
    /* A sum past 256 bits would have reverted when it was voted. */
    bool is_more = input->quorum_counts_abstain &&
                   ht_u256_add_overflow(&votes, &facts->in_favour, &facts->abstain);
    bool is_quorum = is_more || ht_u256_compare(&votes, &input->quorum) >= 0;
    return is_quorum && ht_u256_compare(&facts->in_favour, &facts->against) > 0;
}

/* What a TimelockController makes of an operation that was queued. */
static enum ht_gov_state state_in_timelock(const struct ht_gov_facts *facts,
                                           const struct ht_gov_state_input *input) {
    if (ht_hash32_is_zero(&facts->timelock_operation)) return HT_GOV_CANCELED;
    if (!input->has_timelock_stamp || input->timelock_stamp > 1) return HT_GOV_QUEUED;
    return input->timelock_stamp == 1 ? HT_GOV_EXECUTED : HT_GOV_CANCELED;
}

static enum ht_gov_state state_of_passed(const struct ht_gov_layout *layout,
                                         const struct ht_gov_facts *facts,
                                         const struct ht_gov_state_input *input) {
    bool is_controller = layout->timelock == HT_GOV_TIMELOCK_CONTROLLER;
    bool is_queued = facts->eta != 0;
    /* 4.x keeps no time of execution beside a controller: the operation tells. */
    if (layout->kind == HT_GOV_OZ4 && is_controller) {
        is_queued = !ht_hash32_is_zero(&facts->timelock_operation);
    }
    if (!is_queued) return HT_GOV_SUCCEEDED;
    if (is_controller) return state_in_timelock(facts, input);
    bool may_expire = layout->timelock == HT_GOV_TIMELOCK_COMPOUND;
    return may_expire && is_over(facts, input) ? HT_GOV_EXPIRED : HT_GOV_QUEUED;
}

enum ht_gov_state ht_gov_state_of(const struct ht_gov_layout *layout,
                                  const struct ht_gov_facts *facts,
                                  const struct ht_gov_state_input *input) {
    if (layout->kind == HT_GOV_BRAVO) return state_of_bravo(facts, input);
    if (layout->kind == HT_GOV_UNKNOWN) return HT_GOV_NONE;
    if (facts->is_executed) return HT_GOV_EXECUTED;
    if (facts->is_canceled) return HT_GOV_CANCELED;
    if (!facts->exists) return HT_GOV_NONE;
    /* 4.3 counts the first block as voting and the last one as over. */
    uint64_t shift = layout->is_window_early ? 1 : 0;
    if (input->clock < facts->start || input->clock - facts->start < 1 - shift) {
        return HT_GOV_PENDING;
    }
    if (input->clock < facts->deadline || input->clock - facts->deadline < 1 - shift) {
        return HT_GOV_ACTIVE;
    }
    if (!has_passed(facts, input)) return HT_GOV_DEFEATED;
    return state_of_passed(layout, facts, input);
}

const char *ht_gov_state_name(enum ht_gov_state state) {
    static const char *const names[] = {
        [HT_GOV_PENDING] = "Pending",     [HT_GOV_ACTIVE] = "Active",
        [HT_GOV_CANCELED] = "Canceled",   [HT_GOV_DEFEATED] = "Defeated",
        [HT_GOV_SUCCEEDED] = "Succeeded", [HT_GOV_QUEUED] = "Queued",
        [HT_GOV_EXPIRED] = "Expired",     [HT_GOV_EXECUTED] = "Executed",
        [HT_GOV_NONE] = "None",
    };
    return names[state];
}
