/* A ballot from its form to its event; what it says it is, any node will check as it is checked
 * here. */
#include "governance/act/act_vote_ballot.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/ballots/ballot_impl.h"
#include "governance/ballots/ballot_json.h"
#include "governance/ballots/ballot_refresh.h"
#include "governance/text.h"
#include "node/codec/abi.h"
#include "node/codec/json.h"

#define CAST_WITH_REASON_BY_SIG \
    "castVoteWithReasonBySig(uint256,uint8,string,uint8,bytes32,bytes32)"

/* --- what is to be known before --------------------------------------------------------------- */

static json_t *note(const char *code, const char *text) {
    return json_pack("{s:s, s:s}", "code", code, "text", text);
}

static json_t *notes_json(const struct ht_gov_voting *voting) {
    json_t *notes = json_array();
    const struct ht_gov_ballot *ballot = &voting->ballot;
    (void)json_array_append_new(notes, note("public", ht_gov_ballots_are_public));
    if (!ht_gov_ballot_has_nonce(ballot->form)) {
        (void)json_array_append_new(
            notes, note("ballot_irrevocable",
                        "This governor's ballots have no nonce: a signed one cannot be taken back "
                        "but by voting otherwise first, and of two the relayer chooses."));
    } else if (!voting->standing.has_keyed) {
        (void)json_array_append_new(
            notes, note("ballot_nonce_order",
                        "This governor counts one nonce for all proposals: another signed ballot "
                        "of this voter that is used first makes this one void."));
    }
    return notes;
}

/* --- keeping and publishing ------------------------------------------------------------------- */

struct ending {
    struct ht_gov_voting *voting;
    json_t *ballot;
};

static void finish(struct ht_gov_voting *voting, json_t *ballot, const ht_hash32 *event,
                   const struct ht_why *why) {
    json_t *result = json_pack(
        "{s:o, s:o, s:s, s:o, s:o}", "ballot", ballot, "event_id",
        event != NULL ? ht_gov_hex_json(HT_BYTES(event->b)) : json_null(), "public",
        ht_gov_ballots_are_public, "notes", notes_json(voting), "why_not_published",
        event == NULL && why != NULL && why->code != NULL ? json_string(why->text) : json_null());
    ht_gov_voting_finish(voting, result);
}

/* Without a feed it is here, can be relayed from here, and can be handed on as it is. */
static void published(void *user, enum ht_err err, const struct ht_why *why, const ht_hash32 *id) {
    struct ending *ending = user;
    finish(ending->voting, ending->ballot, err == HT_OK ? id : NULL, why);
    free(ending);
}

static json_t *tags_json(const struct ht_gov_ballot *ballot) {
    char tag[HT_GOV_BALLOT_TAG_SIZE], topic[HT_GOV_BALLOT_TAG_SIZE];
    ht_gov_ballot_tag(tag, ballot);
    ht_gov_ballots_topic(topic, ballot);
    return json_pack("[[s, s], [s, s]]", "d", tag, "t", topic);
}

static void publish(struct ht_gov_voting *voting) {
    struct ht_why why = {0};
    const struct ht_feed *feed = ht_gov_feed(voting->governance);
    struct ending *ending = calloc(1, sizeof *ending);
    json_t *ballot = ht_gov_ballot_json(&voting->ballot);
    json_t *tags = tags_json(&voting->ballot);
    char *text = ballot != NULL ? json_dumps(ballot, JSON_COMPACT) : NULL;
    if (ending == NULL || text == NULL || tags == NULL) {
        free(ending);
        json_decref(ballot);
        json_decref(tags);
        ht_gov_voting_refuse(voting, HT_ENOMEM, NULL);
    } else if (feed == NULL) {
        free(ending);
        json_decref(tags);
        (void)ht_fail(&why, HT_EAGAIN, "no_feed", "there is no feed here");
        finish(voting, ballot, NULL, &why);
    } else {
        *ending = (struct ending){voting, ballot};
        feed->publish(feed->self, HT_GOV_BALLOT_KIND, text, tags, "a ballot", published, ending);
    }
    free(text);
}

static void taken(void *user, enum ht_err err, const struct ht_why *why,
                  const struct ht_gov_kept *kept) {
    struct ht_gov_voting *voting = user;
    (void)kept;
    if (err != HT_OK) {
        ht_gov_voting_refuse(voting, err, why);
    } else {
        publish(voting);
    }
}

/* As anybody's: what this node would not take it does not send out. */
static void offer(struct ht_gov_voting *voting) {
    json_t *ballot = ht_gov_ballot_json(&voting->ballot);
    int64_t now_s = ht_wall_ms(voting->governance->host->clock) / 1000;
    if (ballot == NULL) {
        ht_gov_voting_refuse(voting, HT_ENOMEM, NULL);
        return;
    }
    ht_ballot_box_offer(voting->governance, ballot, now_s, taken, voting);
    json_decref(ballot);
}

/* --- signing ---------------------------------------------------------------------------------- */

static void is_signed(void *user, const struct ht_wallet_answer *answer) {
    struct ht_gov_voting *voting = user;
    struct ht_gov_ballot *ballot = &voting->ballot;
    if (answer->err != HT_OK) {
        ht_gov_voting_refuse(voting, answer->err, &answer->why);
        return;
    }
    memcpy(ballot->signature, answer->signature, sizeof answer->signature);
    ballot->signature_n = sizeof answer->signature;
    offer(voting);
}

static void ask_owner(struct ht_gov_voting *voting) {
    static const char *const CHOICES[] = {"against", "for", "abstain"};
    struct ht_why why = {0};
    char what[HT_GOV_TITLE_MAX + 200];
    const struct ht_gov_ballot *ballot = &voting->ballot;
    const struct ht_wallet *wallet = ht_gov_wallet(voting->governance);
    if (wallet == NULL) {
        enum ht_err err = ht_fail(&why, HT_EDENIED, "no_wallet", "there is no wallet here");
        ht_gov_voting_refuse(voting, err, &why);
        return;
    }
    voting->typed = ht_gov_ballot_typed(ballot);
    if (voting->typed == NULL) {
        ht_gov_voting_refuse(voting, HT_ENOMEM, NULL);
        return;
    }
    (void)snprintf(what, sizeof what, "Signed ballot, %s%s: %s",
                   voting->is_split ? "split" : CHOICES[ballot->support],
                   ht_gov_ballot_has_nonce(ballot->form) ? ", public at once"
                                                         : ", public at once, cannot be taken back",
                   voting->title);
    wallet->sign_typed(wallet->self, &voting->account, voting->typed, what, is_signed, voting);
}

/* --- the ballot ------------------------------------------------------------------------------- */

static enum ht_err set_nonce(struct ht_gov_voting *voting, struct ht_why *why) {
    struct ht_gov_ballot *ballot = &voting->ballot;
    const struct ht_gov_standing_of *standing = &voting->standing;
    if (!ht_gov_ballot_has_nonce(ballot->form)) return HT_OK;
    if (!standing->has_keyed && !standing->has_nonce)
        return ht_fail(why, HT_EUNVERIFIED, "no_nonce", "the voter's nonce cannot be proven");
    ballot->nonce = standing->has_keyed ? standing->keyed : standing->nonce;
    return HT_OK;
}

static enum ht_err set_form(struct ht_gov_voting *voting, struct ht_why *why) {
    struct ht_gov_ballot *ballot = &voting->ballot;
    bool has_more = voting->reason.n > 0 || voting->params.n > 0;
    switch (voting->community->profile.ballots) {
    case HT_GOV_BALLOTS_5:
        ballot->form = has_more ? HT_GOV_BALLOT5_EXTENDED : HT_GOV_BALLOT5;
        return HT_OK;
    case HT_GOV_BALLOTS_4:
        ballot->form = has_more ? HT_GOV_BALLOT4_EXTENDED : HT_GOV_BALLOT4;
        return HT_OK;
    case HT_GOV_BALLOTS_BRAVO:
        if (voting->params.n > 0)
            return ht_fail(why, HT_EDENIED, "no_split", "votes cannot be split by ballot here");
        ballot->form = has_more ? HT_GOV_BALLOT_BRAVO_REASON : HT_GOV_BALLOT_BRAVO;
        return HT_OK;
    case HT_GOV_BALLOTS_NONE: break;
    }
    return ht_fail(why, HT_EDENIED, "no_ballots",
                   "the governor is not known to take signed ballots: vote by transaction");
}

static void got_domain(struct ht_gov_domain_read *read) {
    struct ht_gov_voting *voting = read->user;
    struct ht_gov_ballot *ballot = &voting->ballot;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    ballot->domain = read->domain;
    ballot->proposal = voting->id;
    ballot->support = voting->support;
    ballot->voter = voting->voter;
    ballot->reason = ht_buf_view(&voting->reason);
    ballot->params = ht_buf_view(&voting->params);
    if (err == HT_OK) err = set_nonce(voting, &why);
    bool is_contracts = memcmp(voting->voter.b, voting->account.b, sizeof voting->voter.b) != 0;
    if (err == HT_OK && is_contracts && !ht_gov_ballot_may_be_contracts(ballot->form)) {
        err = ht_fail(&why, HT_EDENIED, "no_ballots",
                      "this governor takes no signatures of contracts: vote by transaction");
    }
    if (err != HT_OK) {
        ht_gov_voting_refuse(voting, err, &why);
    } else if (ballot->signature_n > 0) {
        offer(voting);
    } else {
        ask_owner(voting);
    }
}

static void read_domain(struct ht_gov_voting *voting) {
    voting->domain = (struct ht_gov_domain_read){.governance = voting->governance,
                                                 .contract = voting->community->address,
                                                 .done = got_domain,
                                                 .user = voting};
    ht_gov_domain_start(&voting->domain);
}

/* Of Bravo's descendants only some keep a reason with a signed ballot: their code tells. */
static void got_code(struct ht_gov_slots *slots) {
    struct ht_gov_voting *voting = slots->user;
    struct ht_why why = slots->why;
    enum ht_err err = slots->err;
    uint8_t selector[4];
    ht_abi_selector(selector, CAST_WITH_REASON_BY_SIG);
    uint32_t wanted = (uint32_t)selector[0] << 24 | (uint32_t)selector[1] << 16 |
                      (uint32_t)selector[2] << 8 | selector[3];
    if (err == HT_OK && !ht_gov_code_has(ht_buf_view(&slots->code), wanted)) {
        err = ht_fail(&why, HT_EDENIED, "no_reason",
                      "this governor keeps no reason with a signed ballot: leave it out, or vote "
                      "by transaction");
    }
    ht_gov_slots_fini(slots);
    if (err != HT_OK) {
        ht_gov_voting_refuse(voting, err, &why);
    } else {
        read_domain(voting);
    }
}

void ht_gov_voting_sign(struct ht_gov_voting *voting) {
    struct ht_why why = {0};
    const struct ht_gov_profile *profile = &voting->community->profile;
    enum ht_err err = set_form(voting, &why);
    if (err != HT_OK) {
        ht_gov_voting_refuse(voting, err, &why);
    } else if (voting->ballot.form == HT_GOV_BALLOT_BRAVO_REASON) {
        bool is_proxy = profile->proxy != HT_GOV_NO_PROXY;
        voting->code =
            (struct ht_gov_slots){.block = {.kind = HT_BLOCK_LATEST},
                                  .address = is_proxy ? profile->implementation : profile->address,
                                  .wants_code = true,
                                  .done = got_code,
                                  .user = voting};
        ht_gov_slots_read(voting->governance, &voting->code);
    } else {
        read_domain(voting);
    }
}
