/* Layouts as JSON, both ways, and the texts with which a governor tells how it counts. */
#include "governance/governor/layout_json.h"

#include "node/base/hex.h"
#include "node/codec/json.h"

static const char *const NAMES[HT_GOV_SLOTS] = {
    [HT_GOV_NONCES] = "nonces",
    [HT_GOV_KEYED_NONCES] = "keyedNonces",
    [HT_GOV_PROPOSALS] = "proposals",
    [HT_GOV_PROPOSAL_VOTES] = "proposalVotes",
    [HT_GOV_THRESHOLD] = "threshold",
    [HT_GOV_SETTINGS] = "settings",
    [HT_GOV_QUORUM_HISTORY] = "quorumHistory",
    [HT_GOV_TIMELOCK] = "timelock",
    [HT_GOV_TIMELOCK_IDS] = "timelockIds",
    [HT_GOV_PROPOSAL_IDS] = "proposalIds",
    [HT_GOV_PROPOSAL_DETAILS] = "proposalDetails",
    [HT_GOV_EXTENDED_DEADLINES] = "extendedDeadlines",
    [HT_GOV_TOKEN] = "token",
    [HT_GOV_SEQUENCE] = "sequence",
    [HT_GOV_QUORUM_NUMERATOR] = "quorumNumerator",
    [HT_GOV_VOTING_DELAY] = "votingDelay",
    [HT_GOV_VOTING_PERIOD] = "votingPeriod",
    [HT_GOV_QUORUM_VOTES] = "quorumVotes",
    [HT_GOV_PROPOSAL_COUNT] = "proposalCount",
};
static const char *const COUNTINGS[] = {
    [HT_GOV_SIMPLE] = "simple",           [HT_GOV_FRACTIONAL] = "fractional",
    [HT_GOV_OVERRIDABLE] = "overridable", [HT_GOV_FLEXIBLE] = "flexible",
    [HT_GOV_COMPATIBLE] = "compatible",
};
static const char *const TIMELOCKS[] = {
    [HT_GOV_NO_TIMELOCK] = "none",
    [HT_GOV_TIMELOCK_CONTROLLER] = "controller",
    [HT_GOV_TIMELOCK_COMPOUND] = "compound",
};
static const struct kind {
    const char *name;
    enum ht_gov_kind kind;
    enum ht_gov_counting counting;
} KINDS[] = {
    {"oz", HT_GOV_OZ5, HT_GOV_SIMPLE},          {"oz-up", HT_GOV_OZ5, HT_GOV_SIMPLE},
    {"oz-enum", HT_GOV_OZ5, HT_GOV_FRACTIONAL}, {"oz4", HT_GOV_OZ4, HT_GOV_SIMPLE},
    {"bravo", HT_GOV_BRAVO, HT_GOV_SIMPLE},     {"unknown", HT_GOV_UNKNOWN, HT_GOV_SIMPLE},
};
static const char *const TOKENS[] = {
    [HT_GOV_TOKEN_VOTES5] = "token",
    [HT_GOV_TOKEN_VOTES4] = "token4",
    [HT_GOV_TOKEN_COMP] = "comp",
    [HT_GOV_TOKEN_UNKNOWN] = "unknown",
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static enum ht_err refuse(struct ht_why *why, const char *what) {
    return ht_fail(why, HT_EINPUT, "bad_layout", "the layout's %s cannot be used", what);
}

static const char *text_of(const json_t *from, const char *key) {
    return json_string_value(ht_json_member(from, key));
}

/* The index of a name; count when it is not among them. */
static size_t find_name(const char *const *names, size_t count, const char *name) {
    size_t i = 0;
    while (i < count && (names[i] == NULL || strcmp(names[i], name) != 0)) i++;
    return i;
}

static bool read_base(ht_hash32 *out, bool *has, const json_t *bases, const char *name) {
    const json_t *value = ht_json_member(bases, name);
    *has = value != NULL;
    if (value == NULL) return true;
    ht_bytes text = ht_bytes_of(json_string_value(value), json_string_length(value));
    return text.n == 66 && memcmp(text.p, "0x", 2) == 0 && ht_hex_read(out->b, 32, text) == HT_OK;
}

/* --- governors --------------------------------------------------------------------------------*/

static bool read_kind(struct ht_gov_layout *out, const json_t *target) {
    const char *name = text_of(target, "kind");
    const char *counting = text_of(target, "counting");
    size_t i = 0;
    while (name != NULL && i < COUNT(KINDS) && strcmp(KINDS[i].name, name) != 0) i++;
    if (name == NULL || i == COUNT(KINDS)) return false;
    out->kind = KINDS[i].kind;
    out->counting = KINDS[i].counting;
    if (counting == NULL) return ht_json_member(target, "counting") == NULL;
    size_t which = find_name(COUNTINGS, COUNT(COUNTINGS), counting);
    if (which < COUNT(COUNTINGS)) out->counting = (enum ht_gov_counting)which;
    return which < COUNT(COUNTINGS);
}

static bool read_timelock(struct ht_gov_layout *out, const json_t *target) {
    const char *name = text_of(target, "timelockKind");
    if (name != NULL) {
        size_t which = find_name(TIMELOCKS, COUNT(TIMELOCKS), name);
        if (which < COUNT(TIMELOCKS)) out->timelock = (enum ht_gov_timelock)which;
        return which < COUNT(TIMELOCKS);
    }
    if (out->kind == HT_GOV_BRAVO) {
        out->timelock = HT_GOV_TIMELOCK_COMPOUND;
    } else if (ht_gov_has(out, HT_GOV_TIMELOCK_IDS)) {
        out->timelock = HT_GOV_TIMELOCK_CONTROLLER;
    } else if (ht_gov_has(out, HT_GOV_TIMELOCK)) {
        out->timelock = HT_GOV_TIMELOCK_COMPOUND;
    }
    return true;
}

static bool read_clock(enum ht_gov_clock *out, const json_t *target) {
    const char *mode = text_of(target, "clockMode");
    if (mode == NULL) return ht_json_member(target, "clockMode") == NULL;
    *out = strcmp(mode, "timestamp") == 0 ? HT_GOV_TIME : HT_GOV_BLOCKS;
    return strcmp(mode, "timestamp") == 0 || strcmp(mode, "blocknumber") == 0;
}

/* Without these nothing of a proposal can be proven. */
static bool is_enough(const struct ht_gov_layout *layout) {
    switch (layout->kind) {
    case HT_GOV_OZ5:
    case HT_GOV_OZ4:
        return ht_gov_has(layout, HT_GOV_PROPOSALS) && ht_gov_has(layout, HT_GOV_PROPOSAL_VOTES) &&
               (layout->timelock != HT_GOV_TIMELOCK_CONTROLLER ||
                ht_gov_has(layout, HT_GOV_TIMELOCK_IDS)) &&
               (layout->kind == HT_GOV_OZ4 ||
                (layout->counting != HT_GOV_FLEXIBLE && layout->counting != HT_GOV_COMPATIBLE));
    case HT_GOV_BRAVO:
        return ht_gov_has(layout, HT_GOV_PROPOSALS) && layout->counting == HT_GOV_SIMPLE;
    case HT_GOV_UNKNOWN: break;
    }
    return true;
}

enum ht_err ht_gov_layout_read(struct ht_gov_layout *out, const json_t *target,
                               struct ht_why *why) {
    struct ht_gov_layout layout = {.clock = HT_GOV_BLOCKS};
    const json_t *bases = ht_json_member(target, "layout");
    if (!read_kind(&layout, target)) return refuse(why, "kind");
    if (!json_is_object(bases)) return refuse(why, "list of slots");
    for (size_t i = 0; i < HT_GOV_SLOTS; i++) {
        ht_hash32 base = {{0}};
        bool has = false;
        if (!read_base(&base, &has, bases, NAMES[i])) return refuse(why, NAMES[i]);
        if (has) ht_gov_set_base(&layout, (enum ht_gov_slot)i, &base);
    }
    if (!read_timelock(&layout, target)) return refuse(why, "timelockKind");
    if (!read_clock(&layout.clock, target)) return refuse(why, "clockMode");
    layout.is_window_early = json_is_true(ht_json_member(target, "windowEarly"));
    layout.counts_next = json_is_true(ht_json_member(target, "countsNext"));
    if (!is_enough(&layout)) return refuse(why, "set of slots");
    *out = layout;
    return HT_OK;
}

static json_t *hex_json(const ht_hash32 *base) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(base->b));
    return json_string(text);
}

static const char *kind_name(const struct ht_gov_layout *layout) {
    switch (layout->kind) {
    case HT_GOV_OZ5:
        if (layout->counting == HT_GOV_FRACTIONAL) return "oz-enum";
        return ht_hash32_equal(&layout->base[HT_GOV_PROPOSALS],
                               &ht_gov_layout_upgradeable.base[HT_GOV_PROPOSALS])
                   ? "oz-up"
                   : "oz";
    case HT_GOV_OZ4: return "oz4";
    case HT_GOV_BRAVO: return "bravo";
    case HT_GOV_UNKNOWN: break;
    }
    return "unknown";
}

json_t *ht_gov_layout_json(const struct ht_gov_layout *layout) {
    json_t *bases = json_object();
    for (size_t i = 0; i < HT_GOV_SLOTS; i++) {
        if (!ht_gov_has(layout, (enum ht_gov_slot)i)) continue;
        (void)json_object_set_new(bases, NAMES[i], hex_json(&layout->base[i]));
    }
    json_t *out = json_pack("{s:s, s:o, s:s, s:s, s:s}", "kind", kind_name(layout), "layout", bases,
                            "clockMode", layout->clock == HT_GOV_TIME ? "timestamp" : "blocknumber",
                            "counting", COUNTINGS[layout->counting], "timelockKind",
                            TIMELOCKS[layout->timelock]);
    if (out != NULL && layout->is_window_early) {
        (void)json_object_set_new(out, "windowEarly", json_true());
    }
    if (out != NULL && layout->counts_next) {
        (void)json_object_set_new(out, "countsNext", json_true());
    }
    return out;
}

/* --- tokens -----------------------------------------------------------------------------------*/

enum ht_err ht_gov_token_read(struct ht_gov_token_layout *out, const json_t *target,
                              struct ht_why *why) {
    struct ht_gov_token_layout layout = {.clock = HT_GOV_BLOCKS};
    const json_t *bases = ht_json_member(target, "layout");
    const char *name = text_of(target, "kind");
    bool has_checkpoints = false;
    bool has_total = false;
    if (name == NULL || !json_is_object(bases)) return refuse(why, "kind");
    size_t kind = strcmp(name, "token-up") == 0 ? (size_t)HT_GOV_TOKEN_VOTES5
                                                : find_name(TOKENS, COUNT(TOKENS), name);
    if (kind == COUNT(TOKENS)) return refuse(why, "kind");
    layout.kind = (enum ht_gov_token_kind)kind;
    if (!read_base(&layout.balances, &layout.has_balances, bases, "balances") ||
        !read_base(&layout.nonces, &layout.has_nonces, bases, "nonces") ||
        !read_base(&layout.delegatee, &layout.has_delegatee, bases, "delegatee") ||
        !read_base(&layout.checkpoints, &has_checkpoints, bases, "checkpoints") ||
        !read_base(&layout.total, &has_total, bases, "total")) {
        return refuse(why, "slots");
    }
    if (layout.kind != HT_GOV_TOKEN_UNKNOWN && !(has_checkpoints && has_total)) {
        return refuse(why, "set of slots");
    }
    if (!read_clock(&layout.clock, target)) return refuse(why, "clockMode");
    *out = layout;
    return HT_OK;
}

json_t *ht_gov_token_json(const struct ht_gov_token_layout *layout) {
    json_t *bases = json_object();
    if (layout->kind != HT_GOV_TOKEN_UNKNOWN) {
        (void)json_object_set_new(bases, "checkpoints", hex_json(&layout->checkpoints));
        (void)json_object_set_new(bases, "total", hex_json(&layout->total));
    }
    if (layout->has_balances) {
        (void)json_object_set_new(bases, "balances", hex_json(&layout->balances));
    }
    if (layout->has_nonces) (void)json_object_set_new(bases, "nonces", hex_json(&layout->nonces));
    if (layout->has_delegatee) {
        (void)json_object_set_new(bases, "delegatee", hex_json(&layout->delegatee));
    }
    return json_pack("{s:s, s:o, s:s}", "kind", TOKENS[layout->kind], "layout", bases, "clockMode",
                     layout->clock == HT_GOV_TIME ? "timestamp" : "blocknumber");
}

/* --- modes ------------------------------------------------------------------------------------*/

/* The value of "name=" in a query without escapes, as EIP-6372 and COUNTING_MODE have it. */
static bool find_value(ht_bytes *out, ht_bytes query, const char *name) {
    size_t n = strlen(name);
    for (size_t at = 0; at < query.n;) {
        const uint8_t *part = query.p + at;
        const uint8_t *end = memchr(part, '&', query.n - at);
        size_t part_n = end != NULL ? (size_t)(end - part) : query.n - at;
        if (part_n > n && memcmp(part, name, n) == 0 && part[n] == '=') {
            *out = ht_bytes_of(part + n + 1, part_n - n - 1);
            return true;
        }
        at += part_n + 1;
    }
    *out = ht_bytes_str("");
    return false;
}

static bool is_text(ht_bytes value, const char *text) {
    return ht_bytes_equal(value, ht_bytes_str(text));
}

enum ht_err ht_gov_clock_read(enum ht_gov_clock *out, ht_bytes mode, struct ht_why *why) {
    ht_bytes value;
    ht_bytes from;
    bool has_mode = find_value(&value, mode, "mode");
    bool has_from = find_value(&from, mode, "from");
    if (mode.n == 0 ||
        (has_mode && is_text(value, "blocknumber") && (!has_from || is_text(from, "default")))) {
        *out = HT_GOV_BLOCKS;
        return HT_OK;
    }
    if (has_mode && is_text(value, "timestamp")) {
        *out = HT_GOV_TIME;
        return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "bad_clock_mode",
                   "a clock that is neither this chain's blocks nor its time");
}

/* Which way of counting "support" and "params" name together. */
static bool counting_of(enum ht_gov_counting *out, ht_bytes support, ht_bytes params) {
    if (is_text(support, "bravo") && params.n == 0) {
        *out = HT_GOV_SIMPLE;
    } else if (is_text(support, "bravo") && is_text(params, "fractional")) {
        *out = HT_GOV_FLEXIBLE;
    } else if (is_text(support, "bravo,fractional") && is_text(params, "fractional")) {
        *out = HT_GOV_FRACTIONAL;
    } else if (is_text(support, "bravo,override") && params.n == 0) {
        *out = HT_GOV_OVERRIDABLE;
    } else {
        return false;
    }
    return true;
}

enum ht_err ht_gov_counting_read(enum ht_gov_counting *out, bool *quorum_counts_abstain,
                                 ht_bytes mode, struct ht_why *why) {
    ht_bytes support;
    ht_bytes quorum;
    ht_bytes params;
    enum ht_gov_counting counting = HT_GOV_SIMPLE;
    (void)find_value(&support, mode, "support");
    (void)find_value(&quorum, mode, "quorum");
    (void)find_value(&params, mode, "params");
    if (mode.n == 0) quorum = ht_bytes_str("for,abstain");
    bool is_known = mode.n == 0 || counting_of(&counting, support, params);
    bool is_for = is_text(quorum, "bravo") || is_text(quorum, "for");
    if (!is_known || !(is_for || is_text(quorum, "for,abstain"))) {
        return ht_fail(why, HT_EINPUT, "bad_counting_mode",
                       "a way of counting that this node does not know");
    }
    *out = counting;
    *quorum_counts_abstain = !is_for;
    return HT_OK;
}
