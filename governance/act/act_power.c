/* The present by proven calls of the token, the past by its checkpoints. */
#include "governance/act/act_power.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "governance/reads/reads.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define BALANCE_OF 0x70a08231U
#define DELEGATES 0x587cde1eU
#define GET_VOTES 0x9ab24eb0U
#define GET_CURRENT_VOTES 0xb4b5ea57U /* Compound's */

enum { VIEW_BALANCE, VIEW_DELEGATE, VIEW_VOTES, VIEW_VOTES_COMP, VIEWS };

struct power {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_community *community;
    ht_addr20 account;
    bool has_at;
    uint64_t at;
    struct ht_gov_view view[VIEWS];
    struct ht_gov_views views;
    struct ht_gov_as_of as_of;
    bool has_balance, has_delegate, has_votes;
    ht_u256 balance, votes;
    ht_addr20 delegate;
    struct ht_gov_past_read past;
    json_t *warnings;
};

static void warn(struct power *power, const char *code, const char *text) {
    (void)json_array_append_new(power->warnings,
                                json_pack("{s:s, s:s}", "code", code, "text", text));
}

static void end(struct power *power, enum ht_err err, const struct ht_why *why, json_t *result) {
    if (err == HT_OK)
        ht_rpc_finish(power->call, result);
    else
        ht_rpc_refuse(power->call, err, why);
    json_decref(power->warnings);
    free(power);
}

/* --- warnings --------------------------------------------------------------------------------- */

static void warn_delegation(struct power *power) {
    static const ht_addr20 nobody;
    if (!power->has_balance || !power->has_delegate || ht_u256_is_zero(&power->balance)) return;
    if (memcmp(power->delegate.b, nobody.b, sizeof nobody.b) == 0) {
        warn(power, "not_delegated",
             "None of these tokens count: they are delegated to nobody, not even to their holder. "
             "Delegate before a proposal's snapshot; afterwards it is too late for that one.");
    } else if (memcmp(power->delegate.b, power->account.b, sizeof nobody.b) != 0) {
        warn(power, "delegated_away",
             "Another account votes with these tokens: the delegate. Delegating to oneself counts "
             "from the next snapshot on.");
    }
}

static void warn_ballots(struct power *power) {
    const struct ht_gov_profile *profile = &power->community->profile;
    switch (profile->ballots) {
    case HT_GOV_BALLOTS_5:
        if (!profile->is_keyed) {
            warn(power, "ballot_nonce_order",
                 "Signed ballots of this governor share one nonce for all proposals: they must be "
                 "used in the order in which they were signed.");
        }
        break;
    case HT_GOV_BALLOTS_4:
    case HT_GOV_BALLOTS_BRAVO:
        warn(power, "ballot_irrevocable",
             "A signed ballot of this governor has no nonce and cannot be taken back.");
        break;
    case HT_GOV_BALLOTS_NONE: break;
    }
}

static const char *ballots_name(enum ht_gov_ballots ballots) {
    switch (ballots) {
    case HT_GOV_BALLOTS_5: return "5";
    case HT_GOV_BALLOTS_4: return "4";
    case HT_GOV_BALLOTS_BRAVO: return "bravo";
    case HT_GOV_BALLOTS_NONE: break;
    }
    return "none";
}

/* --- the answer ------------------------------------------------------------------------------- */

static void answer(struct power *power) {
    bool has_past = power->has_at && power->past.err == HT_OK;
    warn_delegation(power);
    if (has_past && ht_u256_is_zero(&power->past.value))
        warn(power, "no_power", "The account had no voting power at the snapshot.");
    warn_ballots(power);
    json_t *result = json_pack(
        "{s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:o, s:O}", "balance",
        power->has_balance ? ht_gov_u256_json(&power->balance) : json_null(), "delegate",
        power->has_delegate && memcmp(power->delegate.b, (const uint8_t[20]){0}, 20) != 0
            ? ht_address_json(&power->delegate)
            : json_null(),
        "votes_now", power->has_votes ? ht_gov_u256_json(&power->votes) : json_null(), "votes_at",
        has_past ? ht_gov_u256_json(&power->past.value) : json_null(), "votes_at_provenance",
        ht_gov_provenance_name(has_past ? power->past.provenance : HT_GOV_UNVERIFIED), "provenance",
        ht_gov_provenance_name(HT_GOV_BY_CALL), "ballots",
        ballots_name(power->community->profile.ballots), "as_of", ht_gov_as_of_json(&power->as_of),
        "warnings", power->warnings);
    end(power, HT_OK, NULL, result);
}

static void got_past(struct ht_gov_past_read *past) {
    struct power *power = past->user;
    bool is_future = past->err == HT_EAGAIN && past->why.code != NULL &&
                     strcmp(past->why.code, "snapshot_in_future") == 0;
    if (is_future) {
        char text[200];
        (void)snprintf(
            text, sizeof text,
            "The snapshot (%s %" PRIu64 ") is still to come: what is delegated before it counts.",
            power->community->profile.layout.clock == HT_GOV_TIME ? "second" : "block", power->at);
        warn(power, "snapshot_in_future", text);
    } else if (past->err != HT_OK) {
        end(power, past->err, &past->why, NULL);
        return;
    }
    answer(power);
}

static void got_views(struct ht_gov_views *views) {
    struct power *power = views->user;
    struct ht_why why = views->why;
    enum ht_err err = views->err;
    power->as_of = views->as_of;
    if (err == HT_OK) {
        const struct ht_gov_view *view = power->view;
        power->has_balance = ht_gov_view_u256(&power->balance, &view[VIEW_BALANCE]);
        power->has_delegate = ht_gov_view_address(&power->delegate, &view[VIEW_DELEGATE]);
        power->has_votes = ht_gov_view_u256(&power->votes, &view[VIEW_VOTES]) ||
                           ht_gov_view_u256(&power->votes, &view[VIEW_VOTES_COMP]);
    }
    ht_gov_views_fini(views);
    if (err != HT_OK) {
        end(power, err, &why, NULL);
        return;
    }
    if (!power->has_at) {
        answer(power);
        return;
    }
    power->past =
        (struct ht_gov_past_read){.community = power->community,
                                  .what = HT_GOV_PAST_VOTES,
                                  .account = power->account,
                                  .at = power->at,
                                  .block = {.kind = HT_BLOCK_HASH, .hash = power->as_of.hash},
                                  .done = got_past,
                                  .user = power};
    ht_gov_past_start(&power->past);
}

static void ask(struct power *power) {
    static const uint32_t SELECTORS[VIEWS] = {BALANCE_OF, DELEGATES, GET_VOTES, GET_CURRENT_VOTES};
    uint8_t word[1][32];
    ht_gov_word_address(word[0], &power->account);
    for (size_t i = 0; i < VIEWS; i++) {
        ht_gov_view_set(&power->view[i], &power->community->profile.token, SELECTORS[i],
                        (const uint8_t(*)[32])word, 1);
    }
    power->views = (struct ht_gov_views){.block = {.kind = HT_BLOCK_LATEST},
                                         .views = power->view,
                                         .count = VIEWS,
                                         .done = got_views,
                                         .user = power};
    ht_gov_views_read(power->governance, &power->views);
}

static enum ht_err read_at(struct power *out, const struct ht_gov_item *item, const json_t *params,
                           struct ht_why *why) {
    const json_t *at = ht_json_member(params, "at");
    if (item != NULL) {
        bool is_seen = item->provenance != HT_GOV_UNVERIFIED;
        out->has_at = is_seen || item->has_text;
        out->at = is_seen ? item->facts.start : item->start;
        return HT_OK;
    }
    if (at == NULL || json_is_null(at)) return HT_OK;
    out->has_at = true;
    return ht_json_u64(&out->at, params, "at", why);
}

void ht_gov_power_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    struct ht_gov_item *item = NULL;
    bool has_id = ht_json_member(params, "id") != NULL;
    struct power *power = calloc(1, sizeof *power);
    if (power == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    power->governance = governance;
    power->call = call;
    power->warnings = json_array();
    enum ht_err err =
        ht_community_param(&power->community, has_id ? &item : NULL, governance, params, &why);
    if (err == HT_OK) err = ht_address_param(&power->account, params, "account", &why);
    if (err == HT_OK) err = read_at(power, item, params, &why);
    if (err != HT_OK) {
        end(power, err, &why, NULL);
    } else {
        ask(power);
    }
}
