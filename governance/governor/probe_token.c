/* The token's prober: where the checkpoints of one account with votes are.
 *
 * First the account's word under each base, which shows its number of checkpoints and more; then
 * the last of its checkpoints under each base that may be it; then the totals behind them. */
#include "governance/governor/probe_token.h"

#include "governance/governor/profile_code.h"

enum { STEP_MAPPED, STEP_LAST, STEP_TOTAL, STEP_DONE };
#define COUNT_MAX ((uint64_t)1 << 32)

static enum ht_err no_layout(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EUNVERIFIED, "no_layout", "%s", what);
}

static void slot_of(ht_hash32 *out, uint64_t number) {
    ht_u256 value = ht_u256_of(number);
    ht_u256_to_be(out->b, &value);
}

static void account_slot(ht_hash32 *out, const struct ht_gov_token_probe *probe,
                         const ht_hash32 *base) {
    ht_hash32 key = {{0}};
    memcpy(key.b + 12, probe->called.account.b, 20);
    ht_gov_slot_map(out, &key, base);
}

static uint64_t number_of(const ht_hash32 *base) {
    return ht_u256_from_be32(base->b).limb[0];
}

enum ht_err ht_gov_token_probe_init(struct ht_gov_token_probe *probe, ht_bytes code,
                                    const struct ht_gov_token_called *called, struct ht_why *why) {
    *probe = (struct ht_gov_token_probe){.called = *called, .step = STEP_MAPPED};
    bool is_votes = ht_gov_code_has(code, 0x9ab24eb0) && ht_gov_code_has(code, 0x3a46b1a8);
    bool is_comp = ht_gov_code_has(code, 0xb4b5ea57) && ht_gov_code_has(code, 0x782d6fe1);
    if (!is_votes && !is_comp) return no_layout(why, "its code is of no token with votes");
    if (ht_u256_is_zero(&called->votes) || ht_u256_is_zero(&called->checkpoints) ||
        !ht_u256_is_u64(&called->checkpoints) || called->checkpoints.limb[0] > COUNT_MAX) {
        return ht_fail(why, HT_EINPUT, "no_votes",
                       "an account without votes does not show where votes are kept");
    }
    probe->layout.kind = is_votes ? HT_GOV_TOKEN_VOTES5 : HT_GOV_TOKEN_COMP;
    ht_hash32 space = ht_gov_token_layout_upgradeable.delegatee;
    probe->is_namespaced = is_votes && ht_gov_code_has_base(code, &space);
    return ht_gov_clock_read(&probe->layout.clock, called->clock_mode, why);
}

/* --- what is asked for ------------------------------------------------------------------------*/

static void named_base(ht_hash32 *out, size_t i) {
    const struct ht_gov_token_layout *named = &ht_gov_token_layout_upgradeable;
    const ht_hash32 *bases[4] = {&named->checkpoints, &named->delegatee, &named->balances,
                                 &named->nonces};
    *out = *bases[i];
}

static size_t base_count(const struct ht_gov_token_probe *probe) {
    return probe->is_namespaced ? 4 : HT_GOV_PROBE_BASES;
}

static void base_of(ht_hash32 *out, const struct ht_gov_token_probe *probe, size_t i) {
    if (probe->is_namespaced)
        named_base(out, i);
    else
        slot_of(out, i);
}

/* The last checkpoint, were the counts under this base; COMP's are in the mapping before it. */
static void last_slot(ht_hash32 *out, const struct ht_gov_token_probe *probe,
                      const ht_hash32 *base) {
    uint64_t last = probe->called.checkpoints.limb[0] - 1;
    if (probe->layout.kind != HT_GOV_TOKEN_COMP) {
        account_slot(out, probe, base);
        ht_gov_slot_data(out, out);
        ht_gov_slot_add(out, out, last);
        return;
    }
    ht_hash32 key;
    ht_hash32 before;
    slot_of(&key, last);
    slot_of(&before, number_of(base) - 1);
    account_slot(out, probe, &before);
    ht_gov_slot_map(out, &key, out);
}

size_t ht_gov_token_probe_next(const struct ht_gov_token_probe *probe,
                               ht_hash32 out[static HT_GOV_PROBE_SLOTS_MAX]) {
    if (probe->step == STEP_MAPPED) {
        for (size_t i = 0; i < base_count(probe); i++) {
            base_of(&out[i], probe, i);
            account_slot(&out[i], probe, &out[i]);
        }
        return base_count(probe);
    }
    if (probe->step == STEP_LAST) {
        for (size_t i = 0; i < probe->found_count; i++) {
            last_slot(&out[2 * i], probe, &probe->found[i]);
            ht_gov_slot_add(&out[2 * i + 1], &probe->found[i], 1);
        }
        return 2 * probe->found_count;
    }
    if (probe->step != STEP_TOTAL) return 0;
    ht_gov_slot_data(&out[0], &probe->layout.total);
    ht_gov_slot_add(&out[0], &out[0], probe->totals - 1);
    return 1;
}

/* --- what is answered -------------------------------------------------------------------------*/

static enum ht_err take_mapped(struct ht_gov_token_probe *probe, const uint8_t (*values)[32],
                               struct ht_why *why) {
    size_t bases = probe->is_namespaced ? 1 : HT_GOV_PROBE_BASES;
    memcpy(probe->mapped, values, 32 * base_count(probe));
    for (size_t i = probe->layout.kind == HT_GOV_TOKEN_COMP ? 1 : 0; i < bases; i++) {
        ht_u256 value = ht_u256_from_be32(values[i]);
        if (!ht_u256_equal(&value, &probe->called.checkpoints)) continue;
        if (probe->found_count == HT_GOV_PROBE_CANDIDATES) {
            return ht_fail(why, HT_EUNVERIFIED, "ambiguous_layout",
                           "too many of its storage slots look like numbers of checkpoints");
        }
        base_of(&probe->found[probe->found_count++], probe, i);
    }
    if (probe->found_count == 0) {
        return no_layout(why, "none of its storage slots has the account's checkpoints");
    }
    probe->step = STEP_LAST;
    return HT_OK;
}

/* How many bits the key below the votes has; 0: it is not that checkpoint. */
static unsigned key_bits_of(const struct ht_gov_token_probe *probe, const uint8_t value[32],
                            const ht_u256 *votes) {
    ht_u256 word = ht_u256_from_be32(value);
    ht_u256 wide;
    ht_u256 narrow;
    ht_u256_shift_right(&wide, &word, 48);
    ht_u256_shift_right(&narrow, &word, 32);
    if (probe->layout.kind != HT_GOV_TOKEN_COMP && ht_u256_equal(&wide, votes)) return 48;
    return ht_u256_equal(&narrow, votes) ? 32 : 0;
}

/* The mapping that has this value for the account, when it is the only one. */
static bool find_mapped(ht_hash32 *out, const struct ht_gov_token_probe *probe, size_t named,
                        const ht_u256 *want) {
    size_t hits = 0;
    if (ht_u256_is_zero(want)) return false;
    for (size_t i = 0; i < base_count(probe); i++) {
        ht_u256 value = ht_u256_from_be32(probe->mapped[i]);
        bool is_it = !probe->is_namespaced || i == named;
        if (!is_it || !ht_u256_equal(&value, want)) continue;
        base_of(out, probe, i);
        hits++;
    }
    return hits == 1;
}

static void find_others(struct ht_gov_token_probe *probe) {
    struct ht_gov_token_layout *layout = &probe->layout;
    uint8_t word[32] = {0};
    memcpy(word + 12, probe->called.delegatee.b, 20);
    ht_u256 delegatee = ht_u256_from_be32(word);
    layout->has_delegatee = find_mapped(&layout->delegatee, probe, 1, &delegatee);
    layout->has_balances = find_mapped(&layout->balances, probe, 2, &probe->called.balance);
    layout->has_nonces = find_mapped(&layout->nonces, probe, 3, &probe->called.nonce);
    if (!probe->is_namespaced) return;
    layout->has_balances = layout->has_nonces = layout->has_delegatee = true;
    layout->balances = ht_gov_token_layout_upgradeable.balances;
    layout->nonces = ht_gov_token_layout_upgradeable.nonces;
    layout->delegatee = ht_gov_token_layout_upgradeable.delegatee;
}

/* Behind the checkpoints of accounts is the history of totals: its length. VotesExtended keeps
 * balances as checkpoints too, of which nothing is behind. */
static bool is_total(const struct ht_gov_token_probe *probe, const uint8_t value[32]) {
    ht_u256 totals = ht_u256_from_be32(value);
    return probe->layout.kind == HT_GOV_TOKEN_COMP ||
           (ht_u256_is_u64(&totals) && totals.limb[0] > 0 && totals.limb[0] <= COUNT_MAX);
}

static enum ht_err take_last(struct ht_gov_token_probe *probe, const uint8_t (*values)[32],
                             struct ht_why *why) {
    struct ht_gov_token_layout *layout = &probe->layout;
    size_t hits = 0;
    size_t hit = 0;
    size_t without = 0;
    unsigned key_bits = 0;
    for (size_t i = 0; i < probe->found_count; i++) {
        unsigned bits = key_bits_of(probe, values[2 * i], &probe->called.votes);
        if (bits == 0) continue;
        without += is_total(probe, values[2 * i + 1]) ? 0 : 1;
        if (!is_total(probe, values[2 * i + 1])) continue;
        key_bits = bits;
        hit = i;
        hits++;
    }
    if (hits == 0 && without > 0)
        return no_layout(why, "behind its checkpoints is no history of totals");
    if (hits == 0) return no_layout(why, "its checkpoints are not what it answers");
    if (hits > 1) {
        return ht_fail(why, HT_EUNVERIFIED, "ambiguous_layout",
                       "several of its storage slots have the account's checkpoints");
    }
    find_others(probe);
    layout->checkpoints = layout->total = probe->found[hit];
    if (layout->kind == HT_GOV_TOKEN_COMP) {
        slot_of(&layout->checkpoints, number_of(&layout->total) - 1);
        probe->step = STEP_DONE;
        return HT_OK;
    }
    layout->kind = key_bits == 48 ? HT_GOV_TOKEN_VOTES5 : HT_GOV_TOKEN_VOTES4;
    ht_gov_slot_add(&layout->total, &layout->checkpoints, 1);
    probe->totals = ht_u256_from_be32(values[2 * hit + 1]).limb[0];
    probe->step = STEP_TOTAL;
    return HT_OK;
}

enum ht_err ht_gov_token_probe_take(struct ht_gov_token_probe *probe, const uint8_t (*values)[32],
                                    size_t count, struct ht_why *why) {
    ht_hash32 slots[HT_GOV_PROBE_SLOTS_MAX];
    ht_assert(count == ht_gov_token_probe_next(probe, slots));
    if (probe->step == STEP_MAPPED) return take_mapped(probe, values, why);
    if (probe->step == STEP_LAST) return take_last(probe, values, why);
    unsigned want = probe->layout.kind == HT_GOV_TOKEN_VOTES5 ? 48 : 32;
    if (key_bits_of(probe, values[0], &probe->called.total) != want) {
        return no_layout(why, "its history of totals does not end with its supply");
    }
    probe->step = STEP_DONE;
    return HT_OK;
}
