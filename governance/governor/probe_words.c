/* What hangs on single words of a governor: its timelock, its settings, its lists.
 *
 * A state cannot be derived without the timelock's mapping and without extended deadlines, so those
 * are found or the governor is refused. Settings, nonces, histories and lists that cannot be told
 * from their neighbours are left out: they can be asked for by proven calls. */
#include "governance/governor/probe_words.h"

#define SLOTS_OF_IDS 8U /* elements that are looked at of what may be a list of ids */
#define COUNT_MAX ((uint64_t)1 << 20)

static enum ht_err no_layout(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EUNVERIFIED, "no_layout", "%s", what);
}

static enum ht_err ambiguous(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EUNVERIFIED, "ambiguous_layout", "%s", what);
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

static void set_base(struct ht_gov_probe *probe, enum ht_gov_slot slot, uint64_t number) {
    ht_hash32 base;
    ht_u256 value = ht_u256_of(number);
    ht_u256_to_be(base.b, &value);
    ht_gov_set_base(&probe->layout, slot, &base);
}

static bool is_word(const struct ht_gov_probe *probe, uint64_t at, const ht_u256 *value) {
    ht_u256 word;
    if (at >= probe->range) return false;
    word = ht_u256_from_be32(probe->plain[at]);
    return ht_u256_equal(&word, value);
}

/* --- timelock ---------------------------------------------------------------------------------*/

/* An address may share its word with smaller things that were declared before it. */
static bool has_address(const uint8_t word[static 32], const ht_addr20 *address, bool *is_alone) {
    for (size_t at = 0; at <= 12; at++) {
        if (memcmp(word + at, address->b, sizeof address->b) != 0) continue;
        *is_alone = at == 12 && is_zero(word, 12);
        return true;
    }
    return false;
}

static enum ht_err find_timelock(struct ht_gov_probe *probe, struct ht_why *why) {
    const struct ht_gov_called *called = probe->called;
    size_t hits = 0;
    uint64_t found = 0;
    bool is_alone = false;
    if (!probe->traits.has_timelock) return HT_OK;
    if (!called->has_timelock || is_zero(called->timelock.b, 20)) {
        return no_layout(why, "it does not say which timelock it has");
    }
    for (uint64_t i = 0; i < probe->range; i++) {
        if (!has_address(probe->plain[i], &called->timelock, &is_alone)) continue;
        found = i;
        hits++;
    }
    if (hits == 0) return no_layout(why, "none of its storage slots has its timelock");
    if (hits > 1) return ambiguous(why, "several of its storage slots have its timelock");
    (void)has_address(probe->plain[found], &called->timelock, &is_alone);
    if (is_alone) set_base(probe, HT_GOV_TIMELOCK, found);
    /* Of 5.x with Compound's timelock the time of execution is in the core. */
    bool has_ids =
        probe->layout.kind == HT_GOV_OZ4 || probe->layout.timelock == HT_GOV_TIMELOCK_CONTROLLER;
    if (has_ids) set_base(probe, HT_GOV_TIMELOCK_IDS, found + 1);
    return HT_OK;
}

/* --- deadlines --------------------------------------------------------------------------------*/

/* votingDelay 48 and votingPeriod 32 from the low end, whatever is above them. */
static bool is_settings(const struct ht_gov_probe *probe, const uint8_t word[static 32]) {
    const struct ht_gov_called *called = probe->called;
    return called->has_settings && ht_u256_is_u64(&called->voting_delay) &&
           ht_u256_is_u64(&called->voting_period) &&
           read_be(word + 26, 6) == called->voting_delay.limb[0] &&
           read_be(word + 22, 4) == called->voting_period.limb[0];
}

/* The extension is a word of its own, or shares the one of the settings or of the timelock. */
static bool is_extension(const struct ht_gov_probe *probe, const uint8_t word[static 32]) {
    const struct ht_gov_called *called = probe->called;
    uint64_t want = called->vote_extension.limb[0];
    bool is_alone = is_zero(word, 24) && read_be(word + 24, 8) == want;
    bool is_on_timelock = called->has_timelock && memcmp(word + 12, called->timelock.b, 20) == 0 &&
                          is_zero(word, 6) && read_be(word + 6, 6) == want;
    return is_alone || is_on_timelock ||
           (is_settings(probe, word) && read_be(word + 16, 6) == want);
}

static enum ht_err find_extension(struct ht_gov_probe *probe, struct ht_why *why) {
    const struct ht_gov_called *called = probe->called;
    size_t hits = 0;
    if (!probe->traits.has_late_quorum) return HT_OK;
    if (!called->has_extension || ht_u256_is_zero(&called->vote_extension) ||
        !ht_u256_is_u64(&called->vote_extension)) {
        return no_layout(why, "it does not say by how much late votes extend a deadline");
    }
    for (uint64_t i = 0; i < probe->range; i++) {
        if (!is_extension(probe, probe->plain[i])) continue;
        set_base(probe, HT_GOV_EXTENDED_DEADLINES, i + 1);
        hits++;
    }
    if (hits == 0) return no_layout(why, "none of its storage slots extends deadlines");
    if (hits > 1) return ambiguous(why, "several of its storage slots may extend deadlines");
    return HT_OK;
}

/* --- settings and nonces ----------------------------------------------------------------------*/

static void find_settings(struct ht_gov_probe *probe) {
    const struct ht_gov_called *called = probe->called;
    size_t hits = 0;
    uint64_t found = 0;
    if (!called->has_settings) return;
    bool is_oz4 = probe->layout.kind == HT_GOV_OZ4;
    for (uint64_t i = 0; i + 2 < probe->range; i++) {
        bool is_hit = is_oz4 ? is_word(probe, i, &called->voting_delay) &&
                                   is_word(probe, i + 1, &called->voting_period) &&
                                   is_word(probe, i + 2, &called->threshold)
                             : is_word(probe, i, &called->threshold) &&
                                   is_settings(probe, probe->plain[i + 1]);
        if (!is_hit) continue;
        found = i;
        hits++;
    }
    if (hits != 1) return;
    if (!is_oz4) {
        set_base(probe, HT_GOV_THRESHOLD, found);
        set_base(probe, HT_GOV_SETTINGS, found + 1);
        return;
    }
    set_base(probe, HT_GOV_VOTING_DELAY, found);
    set_base(probe, HT_GOV_VOTING_PERIOD, found + 1);
    set_base(probe, HT_GOV_THRESHOLD, found + 2);
}

/* Before its proposals the contract has its name, and before that, in 5.x, the ballots' nonces. */
static void find_nonces(struct ht_gov_probe *probe) {
    const struct ht_gov_called *called = probe->called;
    const ht_hash32 *base = &probe->layout.base[HT_GOV_PROPOSALS];
    uint64_t proposals = read_be(base->b + 24, 8);
    uint8_t name[32] = {0};
    if (probe->layout.kind != HT_GOV_OZ5 || !called->has_name || called->name.n > 31 ||
        called->name.n == 0 || proposals < 2 || !is_zero(base->b, 24)) {
        return;
    }
    memcpy(name, called->name.p, called->name.n);
    name[31] = (uint8_t)(2 * called->name.n);
    if (memcmp(probe->plain[proposals - 1], name, sizeof name) != 0) return;
    set_base(probe, HT_GOV_NONCES, proposals - 2);
}

/* --- lists ------------------------------------------------------------------------------------*/

static void add_list(struct ht_gov_probe *probe, enum ht_gov_slot slot, uint64_t at) {
    size_t slots = slot == HT_GOV_PROPOSAL_IDS ? SLOTS_OF_IDS : 1;
    for (size_t i = 0; i < probe->list_count; i++) {
        slots += probe->lists[i].slot == HT_GOV_PROPOSAL_IDS ? SLOTS_OF_IDS : 1;
    }
    if (probe->list_count == HT_GOV_PROBE_LISTS_MAX || slots > HT_GOV_PROBE_SLOTS_MAX) return;
    struct ht_gov_probe_list *list = &probe->lists[probe->list_count++];
    ht_u256 base = ht_u256_of(at);
    *list = (struct ht_gov_probe_list){.slot = slot, .count = read_be(probe->plain[at] + 24, 8)};
    ht_u256_to_be(list->base.b, &base);
}

/* Words that may be the lengths of a history of quorums, or of a list of ids. */
static void find_lists(struct ht_gov_probe *probe) {
    const struct ht_gov_called *called = probe->called;
    for (uint64_t i = 0; i < probe->range; i++) {
        uint64_t count = read_be(probe->plain[i] + 24, 8);
        if (!is_zero(probe->plain[i], 24) || count == 0 || count > COUNT_MAX) continue;
        if (called->has_numerator) add_list(probe, HT_GOV_QUORUM_HISTORY, i);
        if (called->has_count && !probe->is_sequential &&
            is_word(probe, i, &called->proposal_count)) {
            add_list(probe, HT_GOV_PROPOSAL_IDS, i);
        }
    }
}

/* 4.x before 4.7 keeps the quorum's numerator as one word. */
static void find_numerator(struct ht_gov_probe *probe) {
    size_t hits = 0;
    uint64_t found = 0;
    if (probe->layout.kind != HT_GOV_OZ4 || !probe->called->has_numerator) return;
    for (uint64_t i = 0; i < probe->range; i++) {
        if (!is_word(probe, i, &probe->called->numerator)) continue;
        found = i;
        hits++;
    }
    if (hits != 1 || ht_u256_is_zero(&probe->called->numerator)) return;
    set_base(probe, HT_GOV_QUORUM_NUMERATOR, found);
    probe->quorum = HT_GOV_QUORUM_FRACTION;
}

/* --- Bravo ------------------------------------------------------------------------------------*/

/* What Bravo declares before its proposals, each where it belongs and only when it agrees. */
static void find_bravo(struct ht_gov_probe *probe) {
    const struct ht_gov_called *called = probe->called;
    uint64_t at = read_be(probe->layout.base[HT_GOV_PROPOSALS].b + 24, 8);
    bool is_alone = false;
    if (at < 7) return;
    if (called->has_timelock && has_address(probe->plain[at - 2], &called->timelock, &is_alone) &&
        is_alone) {
        set_base(probe, HT_GOV_TIMELOCK, at - 2);
    }
    if (called->has_count && is_word(probe, at - 3, &called->proposal_count)) {
        set_base(probe, HT_GOV_PROPOSAL_COUNT, at - 3);
    }
    if (called->has_quorum_votes && is_word(probe, at - 4, &called->quorum_votes)) {
        set_base(probe, HT_GOV_QUORUM_VOTES, at - 4);
        probe->quorum = HT_GOV_QUORUM_WORD;
    }
    if (called->has_settings && is_word(probe, at - 5, &called->threshold) &&
        is_word(probe, at - 6, &called->voting_period) &&
        is_word(probe, at - 7, &called->voting_delay)) {
        set_base(probe, HT_GOV_THRESHOLD, at - 5);
        set_base(probe, HT_GOV_VOTING_PERIOD, at - 6);
        set_base(probe, HT_GOV_VOTING_DELAY, at - 7);
    }
}

/* --- the end ----------------------------------------------------------------------------------*/

enum ht_err ht_gov_probe_finish(struct ht_gov_probe *probe, struct ht_why *why) {
    const struct ht_gov_layout *layout = &probe->layout;
    bool is_controller = layout->timelock == HT_GOV_TIMELOCK_CONTROLLER;
    if (is_controller && !ht_gov_has(layout, HT_GOV_TIMELOCK_IDS)) {
        return no_layout(why, "its code does not name where its timelock's operations are");
    }
    if (probe->traits.has_late_quorum && !ht_gov_has(layout, HT_GOV_EXTENDED_DEADLINES)) {
        return no_layout(why, "its code does not name where it extends deadlines");
    }
    probe->step = HT_GOV_PROBE_DONE;
    return HT_OK;
}

enum ht_err ht_gov_probe_words(struct ht_gov_probe *probe, struct ht_why *why) {
    if (probe->layout.kind == HT_GOV_BRAVO) {
        find_bravo(probe);
        return ht_gov_probe_finish(probe, why);
    }
    enum ht_err err = find_timelock(probe, why);
    if (err == HT_OK) err = find_extension(probe, why);
    if (err != HT_OK) return err;
    find_settings(probe);
    find_nonces(probe);
    find_numerator(probe);
    find_lists(probe);
    if (probe->list_count == 0) return ht_gov_probe_finish(probe, why);
    probe->step = HT_GOV_PROBE_LISTS;
    return HT_OK;
}

/* Whether the end of a list is what it should be. */
static bool is_its_end(const struct ht_gov_probe *probe, const struct ht_gov_probe_list *list,
                       const uint8_t (*values)[32], size_t count) {
    bool is_found = false;
    for (size_t i = 0; i < count; i++) {
        ht_u256 value = ht_u256_from_be32(values[i]);
        const ht_u256 *want = &probe->proposal->id;
        if (list->slot == HT_GOV_QUORUM_HISTORY) {
            ht_u256_shift_right(&value, &value, probe->layout.kind == HT_GOV_OZ4 ? 32 : 48);
            want = &probe->called->numerator;
        }
        is_found = is_found || (!ht_u256_is_zero(want) && ht_u256_equal(&value, want));
    }
    return is_found;
}

enum ht_err ht_gov_probe_lists(struct ht_gov_probe *probe, const uint8_t (*values)[32],
                               struct ht_why *why) {
    size_t hits[HT_GOV_SLOTS] = {0};
    size_t at = 0;
    for (size_t i = 0; i < probe->list_count; i++) {
        const struct ht_gov_probe_list *list = &probe->lists[i];
        size_t n = 1;
        if (list->slot == HT_GOV_PROPOSAL_IDS) {
            n = list->count < SLOTS_OF_IDS ? (size_t)list->count : SLOTS_OF_IDS;
        }
        if (is_its_end(probe, list, values + at, n)) {
            hits[list->slot]++;
            ht_gov_set_base(&probe->layout, list->slot, &list->base);
        }
        at += n;
    }
    if (hits[HT_GOV_QUORUM_HISTORY] == 1) {
        probe->layout.has &= ~(1U << HT_GOV_QUORUM_NUMERATOR);
        probe->quorum = HT_GOV_QUORUM_FRACTION;
    } else {
        probe->layout.has &= ~(1U << HT_GOV_QUORUM_HISTORY);
    }
    if (hits[HT_GOV_PROPOSAL_IDS] == 1) {
        ht_hash32 details;
        ht_gov_slot_add(&details, &probe->layout.base[HT_GOV_PROPOSAL_IDS], 1);
        ht_gov_set_base(&probe->layout, HT_GOV_PROPOSAL_DETAILS, &details);
    } else {
        probe->layout.has &= ~(1U << HT_GOV_PROPOSAL_IDS);
    }
    return ht_gov_probe_finish(probe, why);
}
