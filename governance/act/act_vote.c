/* dao.vote: what is asked for, what is proven of the proposal and the voter, and the transaction.
 */
#include "governance/act/act_vote.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "governance/act/act_calls.h"
#include "governance/act/act_vote_ballot.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define BALANCE_OF 0x70a08231U
#define DELEGATES 0x587cde1eU

static const char *const CHOICES[] = {"against", "for", "abstain"};

/* --- ends ------------------------------------------------------------------------------------- */

static void free_voting(struct ht_gov_voting *voting) {
    ht_buf_fini(&voting->reason);
    ht_buf_fini(&voting->params);
    ht_gov_marks_fini(&voting->marks);
    ht_gov_sending_fini(&voting->sending);
    json_decref(voting->typed);
    free(voting);
}

void ht_gov_voting_refuse(struct ht_gov_voting *voting, enum ht_err err, const struct ht_why *why) {
    ht_rpc_refuse(voting->call, err, why);
    free_voting(voting);
}

void ht_gov_voting_finish(struct ht_gov_voting *voting, json_t *result) {
    ht_rpc_finish(voting->call, result);
    free_voting(voting);
}

/* --- by transaction --------------------------------------------------------------------------- */

static void sent(struct ht_gov_sending *sending) {
    struct ht_gov_voting *voting = sending->user;
    if (sending->err != HT_OK) {
        ht_gov_voting_refuse(voting, sending->err, &sending->why);
        return;
    }
    ht_gov_voting_finish(voting,
                         json_pack("{s:o}", "hash", ht_gov_hex_json(HT_BYTES(sending->hash.b))));
}

static void send_vote(struct ht_gov_voting *voting) {
    struct ht_why why = {0};
    struct ht_gov_sending *sending = &voting->sending;
    sending->governance = voting->governance;
    sending->from = voting->account;
    sending->to = voting->community->address;
    sending->is_forced = voting->is_forced;
    sending->done = sent;
    sending->user = voting;
    const char *choice = voting->is_split ? "split" : CHOICES[voting->support];
    (void)snprintf(sending->what, sizeof sending->what, "Vote %s: %.150s", choice, voting->title);
    enum ht_err err =
        ht_gov_call_vote(&sending->data, &voting->id, voting->support, ht_buf_view(&voting->reason),
                         ht_buf_view(&voting->params), &why);
    if (err != HT_OK) {
        ht_gov_voting_refuse(voting, err, &why);
    } else {
        ht_gov_send(sending);
    }
}

static void go_on(struct ht_gov_voting *voting) {
    if (voting->is_by_ballot) {
        ht_gov_voting_sign(voting);
    } else {
        send_vote(voting);
    }
}

/* --- the power -------------------------------------------------------------------------------- */

static void got_reason_why(struct ht_gov_views *views) {
    struct ht_gov_voting *voting = views->user;
    struct ht_why why = {0};
    ht_u256 balance = {{0}};
    ht_addr20 delegate = {{0}};
    static const ht_addr20 nobody;
    bool is_known = views->err == HT_OK && ht_gov_view_u256(&balance, &voting->view[0]) &&
                    ht_gov_view_address(&delegate, &voting->view[1]);
    ht_gov_views_fini(views);
    bool is_undelegated = is_known && !ht_u256_is_zero(&balance) &&
                          memcmp(delegate.b, nobody.b, sizeof nobody.b) == 0;
    enum ht_err err;
    if (is_undelegated) {
        err =
            ht_fail(&why, HT_EDENIED, "not_delegated",
                    "the account has tokens but has delegated them to nobody, not even to itself: "
                    "it had to be done before %s %" PRIu64 ", the snapshot of this proposal",
                    voting->community->profile.layout.clock == HT_GOV_TIME ? "second" : "block",
                    voting->snapshot);
    } else {
        err = ht_fail(&why, HT_EDENIED, "zero_weight",
                      "the voter had no voting power at the snapshot (%" PRIu64
                      "): the vote would count nothing",
                      voting->snapshot);
    }
    ht_gov_voting_refuse(voting, err, &why);
}

static void ask_why(struct ht_gov_voting *voting) {
    uint8_t word[1][32];
    const ht_addr20 *token = &voting->community->profile.token;
    ht_gov_word_address(word[0], &voting->voter);
    ht_gov_view_set(&voting->view[0], token, BALANCE_OF, (const uint8_t(*)[32])word, 1);
    ht_gov_view_set(&voting->view[1], token, DELEGATES, (const uint8_t(*)[32])word, 1);
    voting->views = (struct ht_gov_views){.block = {.kind = HT_BLOCK_LATEST},
                                          .views = voting->view,
                                          .count = 2,
                                          .done = got_reason_why,
                                          .user = voting};
    ht_gov_views_read(voting->governance, &voting->views);
}

/* The parts of a split vote must not be more than what is left of the weight. */
static enum ht_err check_split(const struct ht_gov_voting *voting, struct ht_why *why) {
    ht_u256 sum = {{0}}, left = voting->past.value;
    bool is_over = false;
    if (!voting->is_split || voting->is_forced) return HT_OK;
    for (size_t i = 0; i < 3; i++) is_over |= ht_u256_add_overflow(&sum, &sum, &voting->split[i]);
    const struct ht_gov_mark *mark = &voting->standing.mark;
    if (mark->has_weight && ht_u256_sub_overflow(&left, &left, &mark->weight)) left = ht_u256_of(0);
    if (is_over || ht_u256_is_zero(&sum) || ht_u256_compare(&sum, &left) > 0) {
        char text[HT_U256_DECIMAL_SIZE];
        (void)ht_u256_to_decimal(text, &left);
        return ht_fail(why, HT_EINPUT, "bad_split",
                       "the parts of the vote are not 1 to %s votes together", text);
    }
    return HT_OK;
}

static void got_power(struct ht_gov_past_read *past) {
    struct ht_gov_voting *voting = past->user;
    struct ht_why why = past->why;
    enum ht_err err = past->err;
    if (err == HT_OK && ht_u256_is_zero(&past->value) && !voting->is_forced) {
        ask_why(voting);
        return;
    }
    const struct ht_gov_mark *mark = &voting->standing.mark;
    bool is_used_up = mark->has_voted && ht_u256_compare(&mark->weight, &past->value) >= 0;
    if (err == HT_OK && is_used_up && !voting->is_forced)
        err = ht_fail(&why, HT_EDENIED, "has_voted", "the voter has used all of the weight");
    if (err == HT_OK) err = check_split(voting, &why);
    if (err != HT_OK && !(voting->is_forced && past->err != HT_OK)) {
        ht_gov_voting_refuse(voting, err, &why);
    } else {
        go_on(voting);
    }
}

/* --- the voter -------------------------------------------------------------------------------- */

/* Where votes may be split what is left can still be voted. */
static bool may_vote_again(const struct ht_gov_voting *voting) {
    enum ht_gov_counting counting = voting->community->profile.layout.counting;
    return voting->standing.mark.has_weight &&
           (counting == HT_GOV_FRACTIONAL || counting == HT_GOV_FLEXIBLE);
}

static void got_marks(struct ht_gov_marks *marks) {
    struct ht_gov_voting *voting = marks->user;
    struct ht_why why = marks->why;
    enum ht_err err = marks->err;
    if (err == HT_OK) voting->standing = marks->standings[0];
    if (err == HT_OK && voting->standing.mark.has_voted && !may_vote_again(voting) &&
        !voting->is_forced)
        err = ht_fail(&why, HT_EDENIED, "has_voted", "the voter has voted on this proposal");
    if (err != HT_OK) {
        ht_gov_voting_refuse(voting, err, &why);
        return;
    }
    voting->past = (struct ht_gov_past_read){.community = voting->community,
                                             .what = HT_GOV_PAST_VOTES,
                                             .account = voting->voter,
                                             .at = voting->snapshot,
                                             .block = {.kind = HT_BLOCK_LATEST},
                                             .done = got_power,
                                             .user = voting};
    ht_gov_past_start(&voting->past);
}

static enum ht_err check_open(const struct ht_gov_voting *voting, const struct ht_gov_item *item,
                              struct ht_why *why) {
    if (ht_gov_is_open(item) || voting->is_forced) return HT_OK;
    const char *name = ht_gov_state_name(item->state);
    if (item->state == HT_GOV_PENDING) {
        return ht_fail(why, HT_EDENIED, "not_active",
                       "voting is not open yet: it begins after %s %" PRIu64,
                       voting->community->profile.layout.clock == HT_GOV_TIME ? "second" : "block",
                       item->facts.start);
    }
    return ht_fail(why, HT_EDENIED, "not_active", "voting is not open: the proposal is %s", name);
}

static void looked(void *user, struct ht_gov_item *item, enum ht_err err,
                   const struct ht_why *reason) {
    struct ht_gov_voting *voting = user;
    struct ht_why why = reason != NULL ? *reason : (struct ht_why){0};
    if (err == HT_OK && item == NULL)
        err = ht_fail(&why, HT_ENOTFOUND, "no_such_proposal", "the proposal was forgotten");
    if (err == HT_OK) err = check_open(voting, item, &why);
    if (err != HT_OK) {
        ht_gov_voting_refuse(voting, err, &why);
        return;
    }
    voting->snapshot = item->facts.start;
    voting->marks = (struct ht_gov_marks){.community = voting->community,
                                          .proposal = voting->id,
                                          .voters = &voting->voter,
                                          .count = 1,
                                          .done = got_marks,
                                          .user = voting};
    ht_gov_marks_read(&voting->marks);
}

/* --- what is asked for ------------------------------------------------------------------------ */

static enum ht_err read_support(struct ht_gov_voting *out, const json_t *params,
                                struct ht_why *why) {
    const json_t *given = ht_json_member(params, "support");
    if (json_is_string(given)) {
        for (uint8_t i = 0; i < 3; i++) {
            if (strcmp(json_string_value(given), CHOICES[i]) != 0) continue;
            out->support = i;
            return HT_OK;
        }
    } else if (json_is_integer(given) && json_integer_value(given) >= 0 &&
               json_integer_value(given) <= 2) {
        out->support = (uint8_t)json_integer_value(given);
        return HT_OK;
    }
    return ht_fail(why, HT_EINPUT, "bad_support",
                   "support is \"against\", \"for\" or \"abstain\" (0, 1, 2)");
}

static enum ht_err read_split(struct ht_gov_voting *out, const json_t *params, struct ht_why *why) {
    static const char *const PATHS[] = {"split[0]", "split[1]", "split[2]"};
    const struct ht_gov_layout *layout = &out->community->profile.layout;
    uint8_t packed[HT_GOV_SPLIT_SIZE];
    bool is_able = layout->kind == HT_GOV_UNKNOWN || layout->counting == HT_GOV_FRACTIONAL ||
                   layout->counting == HT_GOV_FLEXIBLE;
    if (!is_able)
        return ht_fail(why, HT_EDENIED, "no_split", "votes cannot be split in this community");
    for (size_t i = 0; i < 3; i++) {
        enum ht_err err = ht_gov_u256_param(&out->split[i], params, PATHS[i], why);
        if (err != HT_OK) return err;
    }
    enum ht_err err = ht_gov_split_params(packed, out->split, why);
    if (err != HT_OK) return err;
    out->is_split = true;
    out->support = HT_GOV_SUPPORT_SPLIT;
    err = ht_buf_add(&out->params, HT_BYTES(packed));
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "out of memory");
}

static enum ht_err read_reason(struct ht_gov_voting *out, const json_t *params,
                               struct ht_why *why) {
    ht_bytes text;
    size_t max = out->is_by_ballot ? HT_GOV_BALLOT_REASON_MAX : HT_GOV_VOTE_REASON_MAX;
    const json_t *reason = ht_json_member(params, "reason");
    if (reason == NULL || json_is_null(reason)) return HT_OK;
    enum ht_err err = ht_json_str(&text, params, "reason", why);
    if (err != HT_OK) return err;
    if (text.n > max)
        return ht_fail(why, HT_EINPUT, "bad_reason", "the reason is over %zu bytes", max);
    err = ht_buf_add(&out->reason, text);
    return err == HT_OK ? HT_OK : ht_fail(why, err, "no_memory", "out of memory");
}

static enum ht_err read_signature(struct ht_gov_voting *out, const json_t *params,
                                  struct ht_why *why) {
    const char *text;
    struct ht_gov_ballot *ballot = &out->ballot;
    out->voter = out->account;
    if (ht_json_member(params, "voter") == NULL) return HT_OK;
    if (!out->is_by_ballot)
        return ht_fail(why, HT_EINPUT, "bad_by", "a transaction is its sender's own vote");
    enum ht_err err = ht_address_param(&out->voter, params, "voter", why);
    if (err != HT_OK || ht_json_member(params, "signature") == NULL) return err;
    err = ht_json_text(&text, params, "signature", why);
    if (err != HT_OK) return err;
    size_t n = strlen(text);
    ballot->signature_n = n >= 4 && n % 2 == 0 ? n / 2 - 1 : 0;
    if (ballot->signature_n == 0 || ballot->signature_n > sizeof ballot->signature)
        return ht_fail(why, HT_EINPUT, "bad_signature", "a signature of 1 to 1024 bytes is taken");
    return ht_json_hex(ballot->signature, ballot->signature_n, params, "signature", why);
}

static enum ht_err read_by(struct ht_gov_voting *out, const json_t *params, struct ht_why *why) {
    const char *by = "transaction";
    const json_t *given = ht_json_member(params, "by");
    if (given != NULL) {
        enum ht_err err = ht_json_text(&by, params, "by", why);
        if (err != HT_OK) return err;
    }
    out->is_by_ballot = strcmp(by, "ballot") == 0;
    if (out->is_by_ballot || strcmp(by, "transaction") == 0) return HT_OK;
    return ht_fail(why, HT_EINPUT, "bad_by", "by is \"transaction\" or \"ballot\"");
}

static enum ht_err read_params(struct ht_gov_voting *out, const json_t *params,
                               struct ht_why *why) {
    const json_t *split = ht_json_member(params, "split");
    out->is_forced = json_is_true(ht_json_member(params, "override"));
    enum ht_err err = ht_address_param(&out->account, params, "account", why);
    if (err == HT_OK) err = read_by(out, params, why);
    if (err == HT_OK) err = read_signature(out, params, why);
    if (err == HT_OK) err = read_reason(out, params, why);
    if (err != HT_OK) return err;
    if (split != NULL && !json_is_null(split)) return read_split(out, params, why);
    err = read_support(out, params, why);
    const json_t *more = ht_json_member(params, "params");
    if (err != HT_OK || more == NULL || json_is_null(more)) return err;
    return ht_json_hex_buf(&out->params, params, "params", why);
}

void ht_gov_vote_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    struct ht_gov_item *item = NULL;
    struct ht_gov_voting *voting = calloc(1, sizeof *voting);
    if (voting == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    voting->governance = governance;
    voting->call = call;
    ht_buf_init(&voting->reason, HT_GOV_VOTE_REASON_MAX);
    ht_buf_init(&voting->params, HT_GOV_BALLOT_PARAMS_MAX);
    ht_buf_init(&voting->sending.data, HT_GOV_SEND_DATA_MAX);
    enum ht_err err = ht_community_param(&voting->community, &item, governance, params, &why);
    if (err == HT_OK) err = read_params(voting, params, &why);
    if (err != HT_OK) {
        ht_gov_voting_refuse(voting, err, &why);
        return;
    }
    voting->id = item->id;
    memcpy(voting->title, item->title, sizeof voting->title);
    ht_gov_look(item, looked, voting);
}
