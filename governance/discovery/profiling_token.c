/* The token of a governor: what it is called, and where it keeps its checkpoints. */
#include "governance/discovery/profiling_token.h"

#include <stdlib.h>

#include "governance/discovery/profiling_probe.h"
#include "governance/governor/code.h"
#include "governance/text.h"

#define PARTS_MAX 16U
#define GRACE_PERIOD 0xc1a287e2U

static const ht_hash32 DELEGATE_VOTES_CHANGED = {{0xde, 0xc2, 0xba, 0xcd, 0xd2, 0xf0, 0x5b, 0x59,
                                                  0xde, 0x34, 0xda, 0x9b, 0x52, 0x3d, 0xff, 0x8b,
                                                  0xe4, 0x2e, 0x5e, 0x38, 0xe8, 0x18, 0xc8, 0x2f,
                                                  0xdb, 0x0b, 0xaa, 0xe7, 0x74, 0x38, 0x7a, 0x72}};

/* --- what it is called ------------------------------------------------------------------------ */

/* On to the layouts. */
static void go_on(struct ht_gov_profiling *profiling) {
    if (profiling->has_layout) {
        ht_gov_profiling_token_probe(profiling);
    } else {
        ht_gov_profiling_probe(profiling);
    }
}

/* Compound's own timelock has 14 days; others have others. */
static void take_grace(struct ht_gov_profiling *profiling) {
    ht_u256 grace;
    struct ht_gov_profile *profile = &profiling->found.profile;
    bool is_said = profile->has_timelock && ht_gov_view_u256(&grace, &profiling->view[3]) &&
                   ht_u256_is_u64(&grace) && grace.limb[0] <= INT64_MAX;
    profile->grace_s = is_said ? grace.limb[0] : 0;
}

static void got_views(struct ht_gov_views *views) {
    struct ht_gov_profiling *profiling = views->user;
    struct ht_gov_profiled *found = &profiling->found;
    ht_u256 decimals;
    ht_bytes text;
    struct ht_why why = views->why;
    enum ht_err err = views->err;
    ht_gov_views_fini(views);
    if (err != HT_OK) {
        ht_gov_profiling_end(profiling, err, &why);
        return;
    }
    if (ht_gov_view_text(&text, &profiling->view[0]))
        ht_gov_text_line(found->token_symbol, sizeof found->token_symbol - 1, text);
    bool has_decimals = ht_gov_view_u256(&decimals, &profiling->view[1]) &&
                        ht_u256_is_u64(&decimals) && decimals.limb[0] <= 77;
    if (has_decimals) found->profile.token_decimals = (uint8_t)decimals.limb[0];
    take_grace(profiling);
    if (ht_gov_view_text(&text, &profiling->view[2]) &&
        text.n <= sizeof profiling->token_clock_mode)
        memcpy(profiling->token_clock_mode, text.p, text.n);
    else
        text = (ht_bytes){0};
    profiling->token_called.clock_mode = ht_bytes_of(profiling->token_clock_mode, text.n);
    go_on(profiling);
}

static void ask_names(struct ht_gov_profiling *profiling) {
    static const uint32_t SELECTORS[3] = {0x95d89b41U, 0x313ce567U, 0x4bf5d7e9U};
    const struct ht_gov_profile *profile = &profiling->found.profile;
    for (size_t i = 0; i < 3; i++)
        ht_gov_view_set(&profiling->view[i], &profile->token, SELECTORS[i], NULL, 0);
    ht_gov_view_set(&profiling->view[3], &profile->timelock, GRACE_PERIOD, NULL, 0);
    ht_gov_profiling_views(profiling, profile->has_timelock ? 4 : 3, got_views);
}

/* Votes of ours say where they keep what; the governor's clock is theirs. */
static void got_token(struct ht_gov_slots *read) {
    struct ht_gov_profiling *profiling = read->user;
    struct ht_gov_profile *profile = &profiling->found.profile;
    enum ht_gov_ours part;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err != HT_OK) {
        ht_gov_profiling_end(profiling, err, &why);
        return;
    }
    ht_bytes code = ht_buf_view(&read->code);
    const struct ht_gov_contract *ours = code.n > 0 ? ht_gov_code_ours(&part, code) : NULL;
    if (ours != NULL)
        profiling->has_token_layout = ht_gov_code_token_layout(&profile->token_layout, ours, code);
    ht_gov_slots_fini(read);
    ask_names(profiling);
}

void ht_gov_profiling_token(struct ht_gov_profiling *profiling) {
    static const ht_addr20 none;
    struct ht_gov_profile *profile = &profiling->found.profile;
    if (memcmp(profile->token.b, none.b, sizeof none.b) == 0) {
        go_on(profiling);
    } else {
        ht_gov_profiling_slots(profiling, &profile->token, 0, true, got_token);
    }
}

/* --- where it keeps its checkpoints ----------------------------------------------------------- */

static void next_account(struct ht_gov_profiling *profiling);

static void done(struct ht_gov_profiling *profiling) {
    ht_gov_profiling_end(profiling, HT_OK, NULL);
}

static void probe_on(struct ht_gov_profiling *profiling);

static void got_slots(struct ht_gov_slots *read) {
    struct ht_gov_profiling *profiling = read->user;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err == HT_OK)
        err = ht_gov_token_probe_take(&profiling->token_probe, (const uint8_t(*)[32])read->values,
                                      read->count, &why);
    ht_gov_slots_fini(read);
    if (err == HT_OK) {
        probe_on(profiling);
    } else {
        next_account(profiling);
    }
}

static void probe_on(struct ht_gov_profiling *profiling) {
    size_t count = ht_gov_token_probe_next(&profiling->token_probe, profiling->slots);
    if (count > 0) {
        ht_gov_profiling_slots(profiling, &profiling->found.profile.token, count, false, got_slots);
        return;
    }
    profiling->found.profile.token_layout = profiling->token_probe.layout;
    done(profiling);
}

static void got_account(struct ht_gov_views *views) {
    struct ht_gov_profiling *profiling = views->user;
    const struct ht_gov_view *view = profiling->view;
    struct ht_gov_token_called *called = &profiling->token_called;
    struct ht_why why = views->why;
    enum ht_err err = views->err;
    ht_gov_views_fini(views);
    if (err != HT_OK) {
        done(profiling); /* weights by calls, until it is looked at again */
        return;
    }
    called->votes = (ht_u256){{0}};
    if (!ht_gov_view_u256(&called->votes, &view[0]))
        (void)ht_gov_view_u256(&called->votes, &view[1]);
    if (!ht_gov_view_u256(&called->checkpoints, &view[2])) called->checkpoints = (ht_u256){{0}};
    if (!ht_gov_view_u256(&called->balance, &view[3])) called->balance = (ht_u256){{0}};
    if (!ht_gov_view_address(&called->delegatee, &view[4])) called->delegatee = (ht_addr20){{0}};
    if (!ht_gov_view_u256(&called->nonce, &view[5])) called->nonce = (ht_u256){{0}};
    if (!ht_gov_view_u256(&called->total, &view[6])) called->total = (ht_u256){{0}};
    err = ht_gov_token_probe_init(&profiling->token_probe, ht_buf_view(&profiling->code), called,
                                  &why);
    if (err == HT_OK) {
        probe_on(profiling);
    } else {
        next_account(profiling);
    }
}

/* Each account is asked for by calls first: votes it must have. */
static void next_account(struct ht_gov_profiling *profiling) {
    static const uint32_t SELECTORS[7] = {0x9ab24eb0U, 0xb4b5ea57U, 0x6fcfff45U, 0x70a08231U,
                                          0x587cde1eU, 0x7ecebe00U, 0x18160dddU};
    uint8_t word[1][32];
    if (profiling->account_count == 0 || profiling->governance->is_quitting) {
        done(profiling);
        return;
    }
    profiling->token_called.account = profiling->accounts[--profiling->account_count];
    ht_gov_word_address(word[0], &profiling->token_called.account);
    for (size_t i = 0; i < 7; i++)
        ht_gov_view_set(&profiling->view[i], &profiling->found.profile.token, SELECTORS[i],
                        (const uint8_t(*)[32])word, i < 6 ? 1 : 0);
    ht_gov_profiling_views(profiling, 7, got_account);
}

static void add_account(struct ht_gov_profiling *profiling, const ht_addr20 *account) {
    for (size_t i = 0; i < profiling->account_count; i++) {
        if (memcmp(profiling->accounts[i].b, account->b, sizeof account->b) == 0) return;
    }
    if (profiling->account_count < PROFILING_CANDIDATES)
        profiling->accounts[profiling->account_count++] = *account;
}

static void got_delegates(struct ht_gov_hints *hints) {
    struct ht_gov_profiling *profiling = hints->user;
    for (size_t i = json_array_size(hints->logs); i-- > 0;) {
        ht_hash32 topic;
        ht_addr20 account;
        const json_t *log = json_array_get(hints->logs, i);
        if (ht_json_hex(topic.b, 32, log, "topics[1]", NULL) != HT_OK) continue;
        memcpy(account.b, topic.b + 12, sizeof account.b);
        add_account(profiling, &account);
    }
    if (profiling->proposal != NULL) add_account(profiling, &profiling->proposal->proposer);
    next_account(profiling);
}

static void got_token_code(struct ht_gov_slots *read) {
    struct ht_gov_profiling *profiling = read->user;
    const struct ht_gov_profile *profile = &profiling->found.profile;
    bool has_code = read->err == HT_OK && read->code.n > 0;
    if (has_code) {
        ht_buf_fini(&profiling->code);
        profiling->code = read->code;
        ht_buf_init(&read->code, 0);
    }
    ht_gov_slots_fini(read);
    if (!has_code || profiling->governance->is_quitting) {
        done(profiling);
        return;
    }
    ht_gov_hints_fini(&profiling->hints);
    profiling->hints = (struct ht_gov_hints){.address = profile->token,
                                             .topics = {DELEGATE_VOTES_CHANGED},
                                             .topic_count = 1,
                                             .to = profiling->found.as_of.number,
                                             .is_backward = true,
                                             .max = PROFILING_CANDIDATES,
                                             .parts_max = PARTS_MAX,
                                             .done = got_delegates,
                                             .user = profiling};
    ht_gov_hints_start(profiling->governance, &profiling->hints);
}

void ht_gov_profiling_token_probe(struct ht_gov_profiling *profiling) {
    static const ht_addr20 none;
    const struct ht_gov_profile *profile = &profiling->found.profile;
    bool is_done =
        profiling->has_token_layout || memcmp(profile->token.b, none.b, sizeof none.b) == 0;
    if (is_done) {
        done(profiling);
    } else {
        ht_gov_profiling_slots(profiling, &profile->token, 0, true, got_token_code);
    }
}
