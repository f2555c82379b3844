/* From an address to what its governor is: account, proxy, code, and what it says of itself. */
#include "governance/discovery/profiling.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/discovery/profiling_token.h"
#include "governance/governor/code.h"
#include "governance/text.h"
#include "node/base/log.h"

#define KEYED_NONCES 0xbef37613U /* nonces(address,uint192) */

enum view {
    VIEW_NAME,
    VIEW_CLOCK_MODE,
    VIEW_COUNTING_MODE,
    VIEW_TOKEN,
    VIEW_TIMELOCK,
    VIEW_DELAY,
    VIEW_PERIOD,
    VIEW_THRESHOLD,
    VIEW_NUMERATOR,
    VIEW_DENOMINATOR,
    VIEW_COUNT,
    VIEW_EXTENSION,
    VIEW_COMP,
    VIEW_UNI,
    VIEW_NOUNS,
    VIEW_ADMIN,
    VIEWS
};
static const uint32_t SELECTORS[VIEWS] = {0x06fdde03U, 0x4bf5d7e9U, 0xdd4e2ba5U, 0xfc0c546aU,
                                          0xd33219b4U, 0x3932abb1U, 0x02a251a3U, 0xb58131b0U,
                                          0xa7713a70U, 0x97c3d334U, 0xda35c664U, 0x32b8113eU,
                                          0x109d0af8U, 0xedc9af95U, 0x2de45f18U, 0xf851a440U};

/* --- parts ------------------------------------------------------------------------------------ */

void ht_gov_profiling_end(struct ht_gov_profiling *profiling, enum ht_err err,
                          const struct ht_why *why) {
    static const struct ht_why none;
    profiling->done(profiling->user, err, why != NULL ? why : &none, &profiling->found);
    ht_gov_slots_fini(&profiling->read);
    ht_gov_hints_fini(&profiling->hints);
    ht_block_read_fini(&profiling->block_read);
    ht_buf_fini(&profiling->code);
    ht_arena_fini(&profiling->arena);
    free(profiling->proposal);
    free(profiling->probe);
    free(profiling);
}

void ht_gov_profiling_views(struct ht_gov_profiling *profiling, size_t count,
                            void (*done)(struct ht_gov_views *views)) {
    profiling->views = (struct ht_gov_views){.block = profiling->block,
                                             .views = profiling->view,
                                             .count = count,
                                             .done = done,
                                             .user = profiling};
    ht_gov_views_read(profiling->governance, &profiling->views);
}

void ht_gov_profiling_slots(struct ht_gov_profiling *profiling, const ht_addr20 *address,
                            size_t count, bool wants_code,
                            void (*done)(struct ht_gov_slots *read)) {
    profiling->read = (struct ht_gov_slots){.block = profiling->block,
                                            .address = *address,
                                            .slots = profiling->slots,
                                            .count = count,
                                            .wants_code = wants_code,
                                            .done = done,
                                            .user = profiling};
    ht_gov_slots_read(profiling->governance, &profiling->read);
}

/* --- what it says of itself ------------------------------------------------------------------- */

static ht_bytes keep_text(uint8_t *room, size_t size, const struct ht_gov_view *view) {
    ht_bytes text;
    if (!ht_gov_view_text(&text, view) || text.n > size) return (ht_bytes){0};
    memcpy(room, text.p, text.n);
    return ht_bytes_of(room, text.n);
}

static void take_called(struct ht_gov_profiling *profiling) {
    const struct ht_gov_view *view = profiling->view;
    struct ht_gov_called *called = &profiling->called;
    called->has_settings = ht_gov_view_u256(&called->voting_delay, &view[VIEW_DELAY]) &&
                           ht_gov_view_u256(&called->voting_period, &view[VIEW_PERIOD]) &&
                           ht_gov_view_u256(&called->threshold, &view[VIEW_THRESHOLD]);
    called->has_timelock = ht_gov_view_address(&called->timelock, &view[VIEW_TIMELOCK]);
    if (!called->has_timelock && profiling->traits.kind == HT_GOV_BRAVO)
        called->has_timelock = ht_gov_view_address(&called->timelock, &view[VIEW_ADMIN]);
    called->has_numerator = ht_gov_view_u256(&called->numerator, &view[VIEW_NUMERATOR]);
    if (!ht_gov_view_u256(&called->denominator, &view[VIEW_DENOMINATOR]))
        called->denominator = ht_u256_of(100);
    called->has_count = ht_gov_view_u256(&called->proposal_count, &view[VIEW_COUNT]);
    called->has_extension = ht_gov_view_u256(&called->vote_extension, &view[VIEW_EXTENSION]);
    called->name = keep_text(profiling->name, sizeof profiling->name, &view[VIEW_NAME]);
    called->has_name = called->name.n > 0;
    called->clock_mode =
        keep_text(profiling->clock_mode, sizeof profiling->clock_mode, &view[VIEW_CLOCK_MODE]);
    called->counting_mode = keep_text(profiling->counting_mode, sizeof profiling->counting_mode,
                                      &view[VIEW_COUNTING_MODE]);
    ht_gov_text_line(profiling->found.name, sizeof profiling->found.name - 1, called->name);
}

static void take_quorum(struct ht_gov_profiling *profiling) {
    struct ht_gov_profile *profile = &profiling->found.profile;
    const struct ht_gov_called *called = &profiling->called;
    const struct ht_gov_known *known = profiling->known;
    bool is_fraction = called->has_numerator && ht_u256_is_u64(&called->denominator);
    profile->quorum = is_fraction ? HT_GOV_QUORUM_FRACTION : HT_GOV_QUORUM_CALLED;
    profile->denominator = is_fraction ? called->denominator.limb[0] : 0;
    if (known != NULL && known->quorum != HT_GOV_QUORUM_FRACTION) profile->quorum = known->quorum;
}

/* The profile of what can be told without its storage. */
static enum ht_err take_profile(struct ht_gov_profiling *profiling, struct ht_why *why) {
    struct ht_gov_profile *profile = &profiling->found.profile;
    const struct ht_gov_called *called = &profiling->called;
    const struct ht_gov_view *view = profiling->view;
    profile->has_timelock = called->has_timelock;
    profile->timelock = called->timelock;
    for (size_t i = 0; i < 4; i++) {
        static const enum view TOKENS[] = {VIEW_TOKEN, VIEW_COMP, VIEW_UNI, VIEW_NOUNS};
        if (ht_gov_view_address(&profile->token, &view[TOKENS[i]])) break;
    }
    profile->ballots = profiling->traits.ballots;
    profile->is_keyed = ht_gov_code_has(ht_buf_view(&profiling->code), KEYED_NONCES);
    if (profiling->known != NULL) {
        profile->is_sequential = profiling->known->is_sequential;
        profile->start_block = profiling->known->start_block;
        (void)snprintf(profile->name, sizeof profile->name, "%s", profiling->known->name);
    }
    take_quorum(profiling);
    enum ht_err err = ht_gov_clock_read(&profile->layout.clock, called->clock_mode, why);
    if (err == HT_OK)
        err = ht_gov_counting_read(&profile->layout.counting, &profile->quorum_counts_abstain,
                                   called->counting_mode, why);
    return err;
}

/* Code of ours: nothing needs to be found. */
static void take_ours(struct ht_gov_profiling *profiling) {
    enum ht_gov_ours part;
    struct ht_gov_profile *profile = &profiling->found.profile;
    const struct ht_gov_contract *ours = ht_gov_code_ours(&part, ht_buf_view(&profiling->code));
    if (ours == NULL || part != HT_GOV_OURS_GOVERNOR) return;
    ht_gov_code_layout(&profile->layout, profile->layout.clock);
    profile->ballots = HT_GOV_BALLOTS_5;
    profile->is_keyed = true;
    profiling->has_layout = true;
    profiling->found.standing = HT_GOV_STANDS_KNOWN;
}

static void got_views(struct ht_gov_views *views) {
    struct ht_gov_profiling *profiling = views->user;
    enum ht_err err = views->err;
    struct ht_why why = views->why;
    ht_gov_views_fini(views);
    if (err == HT_OK) {
        take_called(profiling);
        if (!profiling->view[VIEW_PERIOD].has_answer || !profiling->called.has_settings) {
            err = ht_fail(&why, HT_EINPUT, "no_governor",
                          "the contract at this address is no governor: it names no voting period");
        }
    }
    if (err == HT_OK) err = take_profile(profiling, &why);
    if (err != HT_OK) {
        ht_gov_profiling_end(profiling, err, &why);
        return;
    }
    profiling->found.standing = HT_GOV_STANDS_BY_CALL;
    take_ours(profiling);
    ht_gov_profiling_token(profiling);
}

/* --- code ------------------------------------------------------------------------------------- */

static void take_code(struct ht_gov_profiling *profiling) {
    ht_gov_traits_of(&profiling->traits, ht_buf_view(&profiling->code));
    for (size_t i = 0; i < VIEWS; i++)
        ht_gov_view_set(&profiling->view[i], &profiling->found.profile.address, SELECTORS[i], NULL,
                        0);
    ht_gov_profiling_views(profiling, VIEWS, got_views);
}

static void keep_code(struct ht_gov_profiling *profiling, struct ht_gov_slots *read) {
    ht_buf_fini(&profiling->code);
    profiling->code = read->code;
    ht_buf_init(&read->code, 0);
}

static void got_implementation(struct ht_gov_slots *read) {
    struct ht_gov_profiling *profiling = read->user;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err == HT_OK && read->code.n == 0) {
        err = ht_fail(&why, HT_EINPUT, "no_governor",
                      "a proxy that leads to an address without a contract");
    }
    if (err != HT_OK) {
        ht_gov_profiling_end(profiling, err, &why);
        return;
    }
    profiling->found.profile.implementation_hash = read->account.code_hash;
    keep_code(profiling, read);
    ht_gov_slots_fini(read);
    take_code(profiling);
}

static bool is_address(const uint8_t word[static 32]) {
    static const uint8_t zeros[32];
    return memcmp(word, zeros, 12) == 0 && memcmp(word, zeros, 32) != 0;
}

static enum ht_gov_proxy proxy_of(ht_addr20 *out, const struct ht_gov_slots *read) {
    struct ht_gov_traits traits;
    ht_bytes code = ht_buf_view(&read->code);
    if (ht_gov_clone_target(out, code)) return HT_GOV_PROXY_CLONE;
    if (is_address(read->values[0])) {
        memcpy(out->b, read->values[0] + 12, 20);
        return HT_GOV_PROXY_1967;
    }
    ht_gov_traits_of(&traits, code);
    if (traits.kind != HT_GOV_UNKNOWN || !is_address(read->values[1])) return HT_GOV_NO_PROXY;
    memcpy(out->b, read->values[1] + 12, 20);
    return HT_GOV_PROXY_DELEGATOR;
}

static void got_governor(struct ht_gov_slots *read) {
    struct ht_gov_profiling *profiling = read->user;
    struct ht_gov_profile *profile = &profiling->found.profile;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err == HT_OK && read->code.n == 0) {
        err = ht_fail(&why, HT_ENOTFOUND, "no_contract",
                      "there is no contract at this address at block %llu",
                      (unsigned long long)read->as_of.number);
    }
    if (err != HT_OK) {
        ht_gov_profiling_end(profiling, err, &why);
        return;
    }
    profiling->found.as_of = read->as_of;
    profiling->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = read->as_of.hash};
    profile->code_hash = read->account.code_hash;
    profile->proxy = proxy_of(&profile->implementation, read);
    keep_code(profiling, read);
    ht_gov_slots_fini(read);
    if (profile->proxy == HT_GOV_NO_PROXY) {
        take_code(profiling);
    } else {
        ht_gov_profiling_slots(profiling, &profile->implementation, 0, true, got_implementation);
    }
}

void ht_gov_profile_find(struct ht_governance *governance, const ht_addr20 *address,
                         ht_gov_profiling_done done, void *user) {
    struct ht_gov_profiled *nothing = NULL;
    struct ht_why why = {0};
    uint64_t chain_id = governance->host->network->chain_id;
    struct ht_gov_profiling *profiling = calloc(1, sizeof *profiling);
    const struct ht_gov_known *known = ht_gov_known_find(chain_id, address);
    enum ht_err err = HT_OK;
    if (profiling == NULL) err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err == HT_OK && known != NULL && known->is_elsewhere) {
        err = ht_fail(&why, HT_EINPUT, "elsewhere",
                      "%s decides on another chain, which this node cannot prove", known->name);
    }
    if (err != HT_OK) {
        free(profiling);
        done(user, err, &why, nothing);
        return;
    }
    profiling->governance = governance;
    profiling->done = done;
    profiling->user = user;
    profiling->known = known;
    profiling->block = (struct ht_block_id){.kind = HT_BLOCK_LATEST};
    profiling->found.profile.address = *address;
    profiling->found.profile.chain_id = chain_id;
    profiling->found.profile.layout.kind = HT_GOV_UNKNOWN;
    profiling->found.profile.token_layout.kind = HT_GOV_TOKEN_UNKNOWN;
    ht_arena_init(&profiling->arena, (size_t)8 << 20);
    (void)ht_gov_proxy_slot(&profiling->slots[0], HT_GOV_PROXY_1967);
    (void)ht_gov_proxy_slot(&profiling->slots[1], HT_GOV_PROXY_DELEGATOR);
    ht_gov_profiling_slots(profiling, address, 2, true, got_governor);
}

/* --- one that is followed --------------------------------------------------------------------- */

static void found_again(void *user, enum ht_err err, const struct ht_why *why,
                        const struct ht_gov_profiled *found) {
    struct ht_community *community = user;
    community->is_profiling = false;
    if (community->is_forgotten) return;
    bool is_better = err == HT_OK && found->standing >= community->standing;
    if (is_better) {
        community->profile = found->profile;
        community->standing = found->standing;
        community->why = found->why;
        community->as_of = found->as_of;
        memcpy(community->name, found->name, sizeof community->name);
        memcpy(community->token_symbol, found->token_symbol, sizeof community->token_symbol);
        ht_community_keep(community, NULL, NULL);
        return;
    }
    if (community->standing == HT_GOV_STANDS_NOT && err != HT_OK) community->why = *why;
    ht_log(HT_LOG_DEBUG, "governance", "a profile is as before: %s", why->text);
}

void ht_community_profile_again(struct ht_community *community) {
    if (community->is_profiling || community->governance->is_quitting) return;
    community->is_profiling = true;
    ht_gov_profile_find(community->governance, &community->address, found_again, community);
}
