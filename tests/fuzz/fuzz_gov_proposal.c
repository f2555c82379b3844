/* Proposals from any bytes: a log's data; then the same bytes as proven words of every kind of
 * layout, as a mark, as the text of a kept layout or profile, and as code. What is accepted keeps
 * to its bounds. */
#include <stdlib.h>

#include "governance/governor/profile.h"
#include "governance/governor/proposal.h"
#include "governance/governor/votes.h"
#include "node/codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool claim) {
    if (!claim) abort();
}

static void run_log(ht_bytes data) {
    static struct ht_gov_proposal proposal;
    struct ht_arena arena;
    struct ht_why why = {.code = NULL};
    ht_u256 id;
    ht_hash32 operation;
    ht_addr20 who = {{0}};
    ht_arena_init(&arena, 1 << 20);
    enum ht_err err = ht_gov_proposal_read(&proposal, &arena, data, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) {
        must(proposal.action_count <= HT_GOV_ACTIONS_MAX && proposal.start <= proposal.end);
        must(proposal.description.n <= HT_GOV_DESCRIPTION_MAX);
        must(ht_gov_proposal_hash(&id, &proposal) == HT_OK);
        must(ht_gov_timelock_id(&operation, &proposal, &who, false) == HT_OK);
        (void)ht_gov_proposal_guard(&who, proposal.description);
    }
    ht_arena_fini(&arena);
}

static struct ht_gov_layout layout_of(uint8_t kind, uint8_t has) {
    struct ht_gov_layout layout = {.kind = (enum ht_gov_kind)(kind % 4),
                                   .counting = (enum ht_gov_counting)(kind / 4 % 4),
                                   .timelock = (enum ht_gov_timelock)(kind / 16 % 3),
                                   .counts_next = kind > 128};
    static const enum ht_gov_slot slots[] = {
        HT_GOV_PROPOSALS,          HT_GOV_PROPOSAL_VOTES, HT_GOV_TIMELOCK_IDS,  HT_GOV_PROPOSAL_IDS,
        HT_GOV_EXTENDED_DEADLINES, HT_GOV_SEQUENCE,       HT_GOV_PROPOSAL_COUNT};
    for (unsigned i = 0; i < 7; i++) {
        if ((has >> i & 1) != 0) layout.has |= 1U << slots[i];
    }
    return layout;
}

static void run_words(const uint8_t *data, size_t n) {
    struct ht_gov_layout layout = layout_of(data[0], data[1]);
    struct ht_gov_words words;
    struct ht_gov_facts facts;
    struct ht_gov_mark mark;
    struct ht_why why = {.code = NULL};
    struct ht_gov_state_input input = {.clock = data[1], .time_s = data[0]};
    ht_u256 id = ht_u256_of(data[1]);
    ht_gov_words_of(&words, &layout, &id);
    must(words.count <= HT_GOV_WORDS_MAX);
    memset(words.value, 0, sizeof words.value);
    memcpy(words.value, data, n < 32 * words.count ? n : 32 * words.count);
    enum ht_err err = ht_gov_words_read(&facts, &layout, &words, &why);
    must(err == HT_OK || why.code != NULL);
    if (err == HT_OK) {
        must(!facts.exists || facts.start <= facts.end);
        must(facts.deadline >= facts.end && facts.action_count <= HT_GOV_ACTIONS_MAX);
        must(ht_gov_state_name(ht_gov_state_of(&layout, &facts, &input)) != NULL);
    }
    if (n >= 32) must(ht_gov_mark_read(&mark, &layout, data, &why) == HT_OK || why.code != NULL);
}

static void run_json(ht_bytes text) {
    struct ht_gov_layout layout;
    struct ht_gov_token_layout token;
    struct ht_gov_profile profile;
    json_t *json = NULL;
    if (ht_json_parse(&json, text, 1 << 16, NULL) != HT_OK) return;
    if (ht_gov_layout_read(&layout, json, NULL) == HT_OK) {
        struct ht_gov_layout again;
        json_t *kept = ht_gov_layout_json(&layout);
        must(ht_gov_layout_read(&again, kept, NULL) == HT_OK && again.has == layout.has);
        must(again.kind == layout.kind && again.counting == layout.counting);
        json_decref(kept);
    }
    if (ht_gov_token_read(&token, json, NULL) == HT_OK) must(token.kind <= HT_GOV_TOKEN_UNKNOWN);
    if (ht_gov_profile_read(&profile, json, NULL) == HT_OK) {
        must(profile.ballots <= HT_GOV_BALLOTS_BRAVO);
    }
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct ht_gov_traits traits;
    ht_addr20 target;
    run_log(ht_bytes_of(data, n));
    if (n >= 2) run_words(data, n);
    run_json(ht_bytes_of(data, n));
    ht_gov_traits_of(&traits, ht_bytes_of(data, n));
    (void)ht_gov_clone_target(&target, ht_bytes_of(data, n));
    return 0;
}
