/* The governor's prober: the order of its questions, and what an answer must be like.
 *
 * First where the proposal is, then where its tallies are, then what hangs on single words. Code
 * with namespaces tells the bases itself; they are proven all the same. */
#include "governance/governor/probe.h"

#include "governance/governor/probe_words.h"

static enum ht_err no_layout(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EUNVERIFIED, "no_layout", "%s", what);
}

static enum ht_err ambiguous(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EUNVERIFIED, "ambiguous_layout", "%s", what);
}

static void slot_of(ht_hash32 *out, uint64_t number) {
    ht_u256 value = ht_u256_of(number);
    ht_u256_to_be(out->b, &value);
}

static ht_hash32 key_of(const ht_u256 *number) {
    ht_hash32 key;
    ht_u256_to_be(key.b, number);
    return key;
}

static bool is_oz(const struct ht_gov_probe *probe) {
    return probe->layout.kind == HT_GOV_OZ5 || probe->layout.kind == HT_GOV_OZ4;
}

/* --- what is asked for ------------------------------------------------------------------------*/

/* Base i of a range: a number, or what the code's namespace says. */
static void base_of(ht_hash32 *out, const struct ht_gov_probe *probe, enum ht_gov_slot slot,
                    uint64_t i) {
    if (probe->traits.is_namespaced)
        *out = probe->layout.base[slot];
    else
        slot_of(out, i);
}

static size_t range_count(const struct ht_gov_probe *probe) {
    uint64_t left = probe->bases - probe->first;
    return left < HT_GOV_PROBE_SLOTS_MAX ? (size_t)left : HT_GOV_PROBE_SLOTS_MAX;
}

/* Tallies in the order in which they are stored; not flexible's, which share words. */
static void tallies_of(const ht_u256 *out[static 3], const struct ht_gov_probe *probe) {
    const struct ht_gov_called *called = probe->called;
    bool is_for_first = probe->layout.counting == HT_GOV_COMPATIBLE;
    out[0] = is_for_first ? &called->in_favour : &called->against;
    out[1] = is_for_first ? &called->against : &called->in_favour;
    out[2] = &called->abstain;
}

/* The word of the tally that tells most: the largest. */
static uint64_t telling_word(const struct ht_gov_probe *probe) {
    const struct ht_gov_called *called = probe->called;
    if (probe->layout.counting == HT_GOV_FLEXIBLE) {
        return ht_u256_is_zero(&called->against) && ht_u256_is_zero(&called->in_favour) ? 1 : 0;
    }
    uint64_t best = 0;
    const ht_u256 *values[3];
    tallies_of(values, probe);
    for (uint64_t i = 1; i < 3; i++) {
        if (ht_u256_compare(values[i], values[best]) > 0) best = i;
    }
    return best;
}

/* One word under each base of the range. */
static size_t range_slots(const struct ht_gov_probe *probe, enum ht_gov_slot slot,
                          const ht_hash32 *key, uint64_t word, ht_hash32 *out) {
    size_t count = range_count(probe);
    for (size_t i = 0; i < count; i++) {
        base_of(&out[i], probe, slot, probe->first + i);
        ht_gov_slot_map(&out[i], key, &out[i]);
        ht_gov_slot_add(&out[i], &out[i], word);
    }
    return count;
}

/* A layout in which a candidate is the only thing that there is. */
static struct ht_gov_layout only(const struct ht_gov_probe *probe, enum ht_gov_slot slot,
                                 const ht_hash32 *base) {
    struct ht_gov_layout layout = probe->layout;
    layout.has = 0;
    ht_gov_set_base(&layout, slot, base);
    return layout;
}

static size_t candidate_slots(const struct ht_gov_probe *probe, enum ht_gov_slot slot,
                              ht_hash32 *out) {
    size_t count = 0;
    for (size_t i = 0; i < probe->found_count; i++) {
        struct ht_gov_words words;
        struct ht_gov_layout layout = only(probe, slot, &probe->found[i]);
        ht_gov_words_of(&words, &layout, &probe->proposal->id);
        ht_assert(count + words.count <= HT_GOV_PROBE_SLOTS_MAX);
        memcpy(out + count, words.slot, words.count * sizeof *out);
        count += words.count;
    }
    return count;
}

/* Counters of ids by their namespaces: OpenZeppelin's and Compound's. */
static size_t sequence_bases(const struct ht_gov_probe *probe, ht_hash32 *out) {
    if (!probe->traits.is_namespaced) return 0;
    out[0] = ht_gov_layout_upgradeable.base[HT_GOV_SEQUENCE];
    out[1] = ht_gov_base_compound_sequence[0];
    out[2] = ht_gov_base_compound_sequence[1];
    return 3;
}

static size_t sequence_slots(const struct ht_gov_probe *probe, ht_hash32 *out) {
    struct ht_gov_layout layout = probe->layout;
    size_t named = sequence_bases(probe, out);
    size_t count = named > 0 ? named : range_count(probe);
    for (size_t i = 0; i < count; i++) {
        if (named == 0) slot_of(&out[i], probe->first + i);
        ht_gov_set_base(&layout, HT_GOV_SEQUENCE, &out[i]);
        ht_gov_slot_sequence(&out[i], &layout, &probe->hash);
    }
    return count;
}

/* The last elements of a list. */
static size_t list_size(const struct ht_gov_probe_list *list) {
    if (list->slot != HT_GOV_PROPOSAL_IDS) return 1;
    return list->count < 8 ? (size_t)list->count : 8;
}

static size_t list_slots(const struct ht_gov_probe *probe, ht_hash32 *out) {
    size_t count = 0;
    for (size_t i = 0; i < probe->list_count; i++) {
        const struct ht_gov_probe_list *list = &probe->lists[i];
        size_t n = list_size(list);
        ht_assert(count + n <= HT_GOV_PROBE_SLOTS_MAX);
        for (size_t k = 0; k < n; k++, count++) {
            ht_gov_slot_data(&out[count], &list->base);
            ht_gov_slot_add(&out[count], &out[count], list->count - 1 - k);
        }
    }
    return count;
}

size_t ht_gov_probe_next(const struct ht_gov_probe *probe,
                         ht_hash32 out[static HT_GOV_PROBE_SLOTS_MAX]) {
    ht_hash32 key = key_of(&probe->proposal->id);
    switch (probe->step) {
    case HT_GOV_PROBE_PROPOSALS: return range_slots(probe, HT_GOV_PROPOSALS, &key, 0, out);
    case HT_GOV_PROBE_CORE: return candidate_slots(probe, HT_GOV_PROPOSALS, out);
    case HT_GOV_PROBE_VOTES:
        return range_slots(probe, HT_GOV_PROPOSAL_VOTES, &key,
                           ht_gov_tally_offset(probe->layout.counting) + telling_word(probe), out);
    case HT_GOV_PROBE_TALLIES: return candidate_slots(probe, HT_GOV_PROPOSAL_VOTES, out);
    case HT_GOV_PROBE_SEQUENCE: return sequence_slots(probe, out);
    case HT_GOV_PROBE_PLAIN:
        for (size_t i = 0; i < range_count(probe); i++) slot_of(&out[i], probe->first + i);
        return range_count(probe);
    case HT_GOV_PROBE_LISTS: return list_slots(probe, out);
    case HT_GOV_PROBE_DONE: break;
    }
    return 0;
}

/* --- what is answered -------------------------------------------------------------------------*/

static uint64_t read_be(const uint8_t *p, size_t n) {
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++) value = value << 8 | p[i];
    return value;
}

/* Whether a first word may be the proposal's; all of its words are looked at afterwards. */
static bool may_be_core(const struct ht_gov_probe *probe, const uint8_t word[static 32]) {
    const struct ht_gov_proposal *proposal = probe->proposal;
    switch (probe->layout.kind) {
    case HT_GOV_OZ5:
        return read_be(word + 6, 6) == proposal->start &&
               memcmp(word + 12, proposal->proposer.b, 20) == 0;
    case HT_GOV_OZ4: return read_be(word + 24, 8) == proposal->start;
    case HT_GOV_BRAVO:
    case HT_GOV_UNKNOWN: break;
    }
    ht_u256 id = ht_u256_from_be32(word);
    return ht_u256_equal(&id, &proposal->id);
}

static bool may_be_tally(const struct ht_gov_probe *probe, const uint8_t word[static 32]) {
    const struct ht_gov_called *called = probe->called;
    ht_u256 value = ht_u256_from_be32(word);
    uint64_t which = telling_word(probe);
    if (probe->layout.counting == HT_GOV_FLEXIBLE) {
        ht_u256 both = called->in_favour;
        ht_u256_shift_left(&both, &both, 128);
        ht_u256_add(&both, &both, &called->against);
        return ht_u256_equal(&value, which == 0 ? &both : &called->abstain);
    }
    const ht_u256 *values[3];
    tallies_of(values, probe);
    return ht_u256_equal(&value, values[which]);
}

static void keep_found(struct ht_gov_probe *probe, const ht_hash32 *base) {
    if (probe->found_count == HT_GOV_PROBE_CANDIDATES)
        probe->is_ambiguous = true;
    else
        probe->found[probe->found_count++] = *base;
}

static void begin(struct ht_gov_probe *probe, enum ht_gov_probe_step step, uint64_t bases) {
    probe->step = step;
    probe->first = 0;
    probe->bases = bases;
    probe->found_count = 0;
    probe->is_ambiguous = false;
}

/* The words that hang on nothing else; with namespaces their bases are known. */
static enum ht_err begin_plain(struct ht_gov_probe *probe, struct ht_why *why) {
    if (probe->traits.is_namespaced) return ht_gov_probe_finish(probe, why);
    begin(probe, HT_GOV_PROBE_PLAIN, probe->range);
    return HT_OK;
}

/* Names what a range told; *is_over when all of it was seen. */
static enum ht_err take_range(struct ht_gov_probe *probe, const uint8_t (*values)[32], size_t count,
                              bool is_core, bool *is_over, struct ht_why *why) {
    for (size_t i = 0; i < count; i++) {
        ht_hash32 base;
        base_of(&base, probe, is_core ? HT_GOV_PROPOSALS : HT_GOV_PROPOSAL_VOTES, probe->first + i);
        bool may_be = is_core ? may_be_core(probe, values[i]) : may_be_tally(probe, values[i]);
        if (may_be) keep_found(probe, &base);
    }
    probe->first += count;
    *is_over = probe->first >= probe->bases;
    if (probe->is_ambiguous) {
        return ambiguous(why, "too many of its storage slots look like the proposal's");
    }
    return HT_OK;
}

static enum ht_err take_proposals(struct ht_gov_probe *probe, const uint8_t (*values)[32],
                                  size_t count, struct ht_why *why) {
    bool is_over = false;
    enum ht_err err = take_range(probe, values, count, true, &is_over, why);
    if (err != HT_OK || !is_over) return err;
    /* Upgradeable contracts of 4.x leave gaps, so that their bases are far up. */
    if (probe->found_count == 0 && probe->layout.kind == HT_GOV_OZ4 &&
        probe->bases < HT_GOV_PROBE_BASES_GAPS) {
        probe->bases = probe->range = HT_GOV_PROBE_BASES_GAPS;
        return HT_OK;
    }
    if (probe->found_count == 0) {
        return no_layout(why, "none of its storage slots has the proposal of the log");
    }
    probe->step = HT_GOV_PROBE_CORE;
    return HT_OK;
}

/* Of the candidates those whose words are the proposal's, or its tallies. */
static bool agrees(const struct ht_gov_probe *probe, const struct ht_gov_layout *layout,
                   const struct ht_gov_facts *facts, bool is_core) {
    const struct ht_gov_called *called = probe->called;
    bool has_tally = layout->kind == HT_GOV_BRAVO || !is_core;
    if (is_core && ht_gov_proposal_is(probe->proposal, layout, facts, NULL) != HT_OK) return false;
    return !has_tally || !called->has_tally ||
           (ht_u256_equal(&facts->against, &called->against) &&
            ht_u256_equal(&facts->in_favour, &called->in_favour) &&
            ht_u256_equal(&facts->abstain, &called->abstain));
}

/* Tallies alone: the words of a proposal without its core. */
static void read_tallies(struct ht_gov_facts *out, const struct ht_gov_layout *layout,
                         const uint8_t (*values)[32]) {
    *out = (struct ht_gov_facts){.exists = true};
    out->against = ht_u256_from_be32(values[0]);
    out->in_favour = ht_u256_from_be32(values[1]);
    if (layout->counting == HT_GOV_COMPATIBLE) {
        ht_u256 first = out->against;
        out->against = out->in_favour;
        out->in_favour = first;
    }
    if (layout->counting != HT_GOV_FLEXIBLE) {
        out->abstain = ht_u256_from_be32(values[2]);
        return;
    }
    out->abstain = out->in_favour;
    ht_u256_shift_right(&out->in_favour, &out->against, 128);
    out->against.limb[2] = out->against.limb[3] = 0;
}

static enum ht_err take_candidates(struct ht_gov_probe *probe, const uint8_t (*values)[32],
                                   bool is_core, struct ht_why *why) {
    enum ht_gov_slot slot = is_core ? HT_GOV_PROPOSALS : HT_GOV_PROPOSAL_VOTES;
    ht_hash32 base = {{0}};
    size_t survivors = 0;
    for (size_t i = 0, at = 0; i < probe->found_count; i++) {
        struct ht_gov_words words;
        struct ht_gov_facts facts;
        struct ht_gov_layout layout = only(probe, slot, &probe->found[i]);
        ht_gov_words_of(&words, &layout, &probe->proposal->id);
        memcpy(words.value, values + at, 32 * words.count);
        at += words.count;
        enum ht_err err = HT_OK;
        if (is_core)
            err = ht_gov_words_read(&facts, &layout, &words, NULL);
        else
            read_tallies(&facts, &layout, (const uint8_t(*)[32])words.value);
        if (err != HT_OK || !agrees(probe, &layout, &facts, is_core)) continue;
        base = probe->found[i];
        survivors++;
    }
    if (survivors == 0) {
        return no_layout(why, is_core ? "the words of its proposal are not those of the log"
                                      : "its tallies are not what it answers");
    }
    if (survivors > 1) return ambiguous(why, "several of its storage slots have the proposal");
    ht_gov_set_base(&probe->layout, slot, &base);
    return HT_OK;
}

/* --- from step to step ------------------------------------------------------------------------*/

static bool has_votes(const struct ht_gov_called *called) {
    return called->has_tally &&
           !(ht_u256_is_zero(&called->against) && ht_u256_is_zero(&called->in_favour) &&
             ht_u256_is_zero(&called->abstain));
}

static enum ht_err begin_rest(struct ht_gov_probe *probe, struct ht_why *why) {
    if (!probe->is_sequential) return begin_plain(probe, why);
    begin(probe, HT_GOV_PROBE_SEQUENCE, HT_GOV_PROBE_BASES);
    return HT_OK;
}

static enum ht_err begin_votes(struct ht_gov_probe *probe, struct ht_why *why) {
    if (!is_oz(probe)) return begin_rest(probe, why);
    if (probe->traits.is_namespaced) {
        begin(probe, HT_GOV_PROBE_TALLIES, 1);
        keep_found(probe, &probe->layout.base[HT_GOV_PROPOSAL_VOTES]);
        return HT_OK;
    }
    if (!has_votes(probe->called)) {
        return ambiguous(why, "a proposal without votes does not show where votes are counted");
    }
    begin(probe, HT_GOV_PROBE_VOTES, probe->range);
    return HT_OK;
}

static enum ht_err take_votes(struct ht_gov_probe *probe, const uint8_t (*values)[32], size_t count,
                              struct ht_why *why) {
    bool is_over = false;
    enum ht_err err = take_range(probe, values, count, false, &is_over, why);
    if (err != HT_OK || !is_over) return err;
    if (probe->found_count == 0) {
        return no_layout(why, "none of its storage slots has the proposal's votes");
    }
    probe->step = HT_GOV_PROBE_TALLIES;
    return HT_OK;
}

static enum ht_err take_sequence(struct ht_gov_probe *probe, const uint8_t (*values)[32],
                                 size_t count, struct ht_why *why) {
    ht_hash32 bases[HT_GOV_PROBE_SLOTS_MAX];
    size_t named = sequence_bases(probe, bases);
    size_t hits = 0;
    for (size_t i = 0; i < count; i++) {
        ht_u256 id = ht_u256_from_be32(values[i]);
        if (!ht_u256_equal(&id, &probe->proposal->id)) continue;
        if (named == 0) slot_of(&bases[i], probe->first + i);
        ht_gov_set_base(&probe->layout, HT_GOV_SEQUENCE, &bases[i]);
        probe->layout.counts_next = named > 0 && i > 0;
        hits++;
    }
    if (hits == 0) return no_layout(why, "its proposal's id is neither a hash nor kept with one");
    if (hits > 1) return ambiguous(why, "several of its storage slots have the proposal's id");
    return begin_plain(probe, why);
}

enum ht_err ht_gov_probe_take(struct ht_gov_probe *probe, const uint8_t (*values)[32], size_t count,
                              struct ht_why *why) {
    enum ht_err err = HT_OK;
    switch (probe->step) {
    case HT_GOV_PROBE_PROPOSALS: return take_proposals(probe, values, count, why);
    case HT_GOV_PROBE_CORE:
        err = take_candidates(probe, values, true, why);
        return err == HT_OK ? begin_votes(probe, why) : err;
    case HT_GOV_PROBE_VOTES: return take_votes(probe, values, count, why);
    case HT_GOV_PROBE_TALLIES:
        err = take_candidates(probe, values, false, why);
        return err == HT_OK ? begin_rest(probe, why) : err;
    case HT_GOV_PROBE_SEQUENCE: return take_sequence(probe, values, count, why);
    case HT_GOV_PROBE_PLAIN:
        memcpy(probe->plain[probe->first], values, 32 * count);
        probe->first += count;
        return probe->first < probe->bases ? HT_OK : ht_gov_probe_words(probe, why);
    case HT_GOV_PROBE_LISTS: return ht_gov_probe_lists(probe, values, why);
    case HT_GOV_PROBE_DONE: break;
    }
    return HT_OK;
}

/* --- the beginning ----------------------------------------------------------------------------*/

/* The bases that the code's namespaces name; where tallies are follows from how they are counted.
 */
static enum ht_err take_named(struct ht_gov_probe *probe, struct ht_why *why) {
    for (size_t i = 0; i < HT_GOV_SLOTS; i++) {
        bool is_named = (probe->traits.named >> i & 1) != 0;
        /* Counters of ids only when ids are counted. */
        if (!is_named || i == HT_GOV_SEQUENCE) continue;
        ht_gov_set_base(&probe->layout, (enum ht_gov_slot)i, &ht_gov_layout_upgradeable.base[i]);
    }
    bool is_named = (probe->traits.named >> HT_GOV_PROPOSAL_VOTES & 1) != 0;
    if (probe->layout.counting == HT_GOV_FRACTIONAL) {
        is_named = probe->traits.names_fractional;
        ht_gov_set_base(&probe->layout, HT_GOV_PROPOSAL_VOTES, &ht_gov_base_fractional);
    } else if (probe->layout.counting == HT_GOV_OVERRIDABLE) {
        is_named = probe->traits.names_overridable;
        ht_gov_set_base(&probe->layout, HT_GOV_PROPOSAL_VOTES, &ht_gov_base_overridable);
    }
    if (!is_named) return no_layout(why, "its code does not name where votes are counted");
    if (probe->traits.names_amounts) {
        ht_gov_set_base(&probe->layout, HT_GOV_QUORUM_HISTORY, &ht_gov_base_compound_quorum);
        probe->quorum = HT_GOV_QUORUM_AMOUNTS;
    } else if (ht_gov_has(&probe->layout, HT_GOV_QUORUM_HISTORY)) {
        probe->quorum = HT_GOV_QUORUM_FRACTION;
    }
    return HT_OK;
}

static enum ht_err read_modes(struct ht_gov_probe *probe, struct ht_why *why) {
    const struct ht_gov_called *called = probe->called;
    struct ht_gov_layout *layout = &probe->layout;
    enum ht_err err = ht_gov_clock_read(&layout->clock, called->clock_mode, why);
    if (err != HT_OK) return err;
    if (layout->kind == HT_GOV_BRAVO) return HT_OK;
    err = ht_gov_counting_read(&layout->counting, &probe->quorum_counts_abstain,
                               called->counting_mode, why);
    if (err != HT_OK) return err;
    if (called->counting_mode.n == 0 && probe->known != NULL) {
        layout->counting = probe->known->counting;
    }
    bool is_compatible = layout->kind == HT_GOV_OZ4 && layout->counting == HT_GOV_SIMPLE &&
                         !probe->quorum_counts_abstain && probe->traits.has_receipts;
    if (is_compatible) layout->counting = HT_GOV_COMPATIBLE;
    bool is_flexible = layout->counting == HT_GOV_FLEXIBLE;
    if (is_flexible != (is_flexible && layout->kind == HT_GOV_OZ4)) {
        return no_layout(why, "a way of counting that its version does not have");
    }
    return HT_OK;
}

enum ht_err ht_gov_probe_init(struct ht_gov_probe *probe, ht_bytes code,
                              const struct ht_gov_known *known,
                              const struct ht_gov_proposal *proposal,
                              const struct ht_gov_called *called, struct ht_why *why) {
    *probe = (struct ht_gov_probe){
        .known = known, .called = called, .proposal = proposal, .quorum = HT_GOV_QUORUM_CALLED};
    ht_gov_traits_of(&probe->traits, code);
    probe->layout.kind = probe->traits.kind;
    probe->layout.timelock = probe->traits.timelock;
    probe->layout.is_window_early = known != NULL && known->is_window_early;
    if (probe->traits.kind == HT_GOV_UNKNOWN) {
        return no_layout(why, "its code is of no kind of governor that this node knows");
    }
    if (probe->traits.has_super_quorum) {
        return no_layout(why, "it may decide before its deadline, which storage does not tell");
    }
    if (proposal->start == 0) return no_layout(why, "a proposal without a start tells nothing");
    enum ht_err err = read_modes(probe, why);
    if (err == HT_OK && is_oz(probe)) err = ht_gov_proposal_hash(&probe->hash, proposal);
    if (err != HT_OK) return err;
    probe->is_sequential = is_oz(probe) && !ht_u256_equal(&probe->hash, &proposal->id);
    if (probe->traits.has_timelock && probe->layout.timelock == HT_GOV_NO_TIMELOCK) {
        return no_layout(why, "it has a timelock of a kind that this node does not know");
    }
    if (probe->traits.is_namespaced) err = take_named(probe, why);
    probe->range = HT_GOV_PROBE_BASES;
    begin(probe, HT_GOV_PROBE_PROPOSALS, probe->traits.is_namespaced ? 1 : probe->range);
    return err;
}
