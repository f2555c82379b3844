/* Delegating by a transaction, by a signature that anybody may send, and sending such a one. */
#include "governance/act/act_delegate.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/act/act_calls.h"
#include "governance/act/act_delegation.h"
#include "governance/ballots/ballot_domain.h"
#include "governance/ballots/ballot_json.h"
#include "governance/send.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define NONCES 0x7ecebe00U
#define DELEGATES 0x587cde1eU
#define HOURS 168U
#define HOUR_S 3600U
#define DELEGATION_ARENA ((size_t)4 << 10)

enum { VIEW_DELEGATE, VIEW_NONCE, VIEWS };

struct delegating {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    ht_addr20 token, account, to;
    bool is_signed, is_given; /* by signature; somebody's signature is sent */
    uint64_t hours;
    struct ht_gov_view view[VIEWS];
    struct ht_gov_views views;
    struct ht_gov_domain_read domain;
    struct ht_gov_ballot ballot; /* form DELEGATION */
    struct ht_arena arena;
    struct ht_gov_sending sending;
    json_t *typed;
};

static void end(struct delegating *delegating, enum ht_err err, const struct ht_why *why,
                json_t *result) {
    if (err == HT_OK)
        ht_rpc_finish(delegating->call, result);
    else
        ht_rpc_refuse(delegating->call, err, why);
    ht_gov_sending_fini(&delegating->sending);
    ht_arena_fini(&delegating->arena);
    json_decref(delegating->typed);
    free(delegating);
}

/* --- by transaction --------------------------------------------------------------------------- */

static void sent(struct ht_gov_sending *sending) {
    struct delegating *delegating = sending->user;
    json_t *result = NULL;
    if (sending->err == HT_OK)
        result = json_pack("{s:o}", "hash", ht_gov_hex_json(HT_BYTES(sending->hash.b)));
    end(delegating, sending->err, &sending->why, result);
}

static void send_call(struct delegating *delegating, const char *what) {
    struct ht_gov_sending *sending = &delegating->sending;
    sending->governance = delegating->governance;
    sending->from = delegating->account;
    sending->to = delegating->token;
    sending->done = sent;
    sending->user = delegating;
    (void)snprintf(sending->what, sizeof sending->what, "%s", what);
    ht_gov_send(sending);
}

/* --- by signature ----------------------------------------------------------------------------- */

static json_t *notes_json(void) {
    return json_pack("[{s:s, s:s}, {s:s, s:s}]", "code", "public", "text",
                     "Whoever has this signature can send it until it expires or its nonce is "
                     "used.",
                     "code", "permit_shares_nonce", "text",
                     "Permits of this token use the same nonce: a permit that is used first makes "
                     "this void, and the other way round.");
}

static void is_signed(void *user, const struct ht_wallet_answer *answer) {
    struct delegating *delegating = user;
    struct ht_gov_ballot *ballot = &delegating->ballot;
    struct ht_why why = answer->why;
    enum ht_err err = answer->err;
    if (err == HT_OK) {
        memcpy(ballot->signature, answer->signature, sizeof answer->signature);
        ballot->signature_n = sizeof answer->signature;
        err = ht_gov_ballot_check(ballot, &why);
    }
    struct ht_buf *call = &delegating->sending.data;
    if (err == HT_OK) err = ht_gov_ballot_calldata(call, ballot);
    json_t *result = NULL;
    if (err == HT_OK) {
        result = json_pack("{s:o, s:o, s:o, s:o}", "delegation", ht_gov_ballot_json(ballot),
                           "token", ht_address_json(&delegating->token), "calldata",
                           ht_gov_hex_json(ht_buf_view(call)), "notes", notes_json());
    }
    end(delegating, err, &why, result);
}

static void sign(struct delegating *delegating, struct ht_why *why) {
    char what[160], to[HT_ADDRESS_TEXT_SIZE];
    const struct ht_wallet *wallet = ht_gov_wallet(delegating->governance);
    delegating->typed = wallet != NULL ? ht_gov_ballot_typed(&delegating->ballot) : NULL;
    if (delegating->typed == NULL) {
        enum ht_err err = wallet == NULL
                              ? ht_fail(why, HT_EDENIED, "no_wallet", "there is no wallet here")
                              : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
        end(delegating, err, why, NULL);
        return;
    }
    ht_address_checksum(to, &delegating->to);
    (void)snprintf(what, sizeof what, "Signed delegation to %s, which anybody may send", to);
    wallet->sign_typed(wallet->self, &delegating->account, delegating->typed, what, is_signed,
                       delegating);
}

/* Somebody else's: what is sent must be taken. */
static enum ht_err check_given(const struct delegating *delegating, const ht_u256 *nonce,
                               struct ht_why *why) {
    const struct ht_host *host = delegating->governance->host;
    uint64_t now_s = (uint64_t)(ht_wall_ms(host->clock) / 1000);
    enum ht_err err =
        ht_gov_delegation_alone(&delegating->ballot, host->network->chain_id, now_s, why);
    if (err != HT_OK) return err;
    return ht_gov_delegation_at(&delegating->ballot, &delegating->domain.domain, nonce, why);
}

static void got_domain(struct ht_gov_domain_read *read) {
    struct delegating *delegating = read->user;
    struct ht_gov_ballot *ballot = &delegating->ballot;
    struct ht_why why = read->why;
    ht_u256 nonce = {{0}};
    enum ht_err err = read->err;
    if (err == HT_OK && !ht_gov_view_u256(&nonce, &delegating->view[VIEW_NONCE]))
        err = ht_fail(&why, HT_EUNVERIFIED, "no_nonce", "the token tells no nonces");
    if (err == HT_OK && delegating->is_given) err = check_given(delegating, &nonce, &why);
    if (err == HT_OK && delegating->is_given)
        err = ht_gov_ballot_calldata(&delegating->sending.data, ballot);
    if (err != HT_OK) {
        end(delegating, err, &why, NULL);
    } else if (delegating->is_given) {
        send_call(delegating, "Send a signed delegation");
    } else {
        int64_t now_s = ht_wall_ms(delegating->governance->host->clock) / 1000;
        ballot->form = HT_GOV_DELEGATION;
        ballot->domain = read->domain;
        ballot->voter = delegating->account;
        ballot->delegatee = delegating->to;
        ballot->nonce = nonce;
        ballot->expiry = ht_u256_of((uint64_t)now_s + delegating->hours * HOUR_S);
        sign(delegating, &why);
    }
}

/* --- what is so now --------------------------------------------------------------------------- */

static void got_views(struct ht_gov_views *views) {
    struct delegating *delegating = views->user;
    struct ht_why why = views->why;
    ht_addr20 delegate = {{0}};
    enum ht_err err = views->err;
    ht_gov_views_fini(views);
    bool is_known = err == HT_OK && ht_gov_view_address(&delegate, &delegating->view[0]);
    if (is_known && memcmp(delegate.b, delegating->to.b, sizeof delegate.b) == 0)
        err = ht_fail(&why, HT_EDENIED, "has_delegated", "the tokens are delegated so already");
    if (err != HT_OK) {
        end(delegating, err, &why, NULL);
        return;
    }
    if (delegating->is_signed || delegating->is_given) {
        delegating->domain = (struct ht_gov_domain_read){.governance = delegating->governance,
                                                         .contract = delegating->token,
                                                         .done = got_domain,
                                                         .user = delegating};
        ht_gov_domain_start(&delegating->domain);
        return;
    }
    char what[120], to[HT_ADDRESS_TEXT_SIZE];
    ht_address_checksum(to, &delegating->to);
    bool is_self = memcmp(delegating->to.b, delegating->account.b, sizeof delegating->to.b) == 0;
    (void)snprintf(what, sizeof what, "Delegate votes to %s", is_self ? "oneself" : to);
    err = ht_gov_call_delegate(&delegating->sending.data, &delegating->to, &why);
    if (err != HT_OK) {
        end(delegating, err, &why, NULL);
    } else {
        send_call(delegating, what);
    }
}

static void ask(struct delegating *delegating) {
    uint8_t word[1][32];
    const ht_addr20 *holder =
        delegating->is_given ? &delegating->ballot.voter : &delegating->account;
    ht_gov_word_address(word[0], holder);
    ht_gov_view_set(&delegating->view[VIEW_DELEGATE], &delegating->token, DELEGATES,
                    (const uint8_t(*)[32])word, 1);
    ht_gov_view_set(&delegating->view[VIEW_NONCE], &delegating->token, NONCES,
                    (const uint8_t(*)[32])word, 1);
    delegating->views = (struct ht_gov_views){.block = {.kind = HT_BLOCK_LATEST},
                                              .views = delegating->view,
                                              .count = VIEWS,
                                              .done = got_views,
                                              .user = delegating};
    ht_gov_views_read(delegating->governance, &delegating->views);
}

/* --- what is asked for ------------------------------------------------------------------------ */

static enum ht_err read_given(struct delegating *out, const json_t *params, struct ht_why *why) {
    enum ht_err err =
        ht_gov_ballot_read(&out->ballot, ht_json_member(params, "delegation"), &out->arena, why);
    if (err == HT_OK && out->ballot.form != HT_GOV_DELEGATION)
        err = ht_fail(why, HT_EINPUT, "bad_ballot", "it is no delegation");
    if (err == HT_OK) {
        const struct ht_host *host = out->governance->host;
        err = ht_gov_delegation_alone(&out->ballot, host->network->chain_id,
                                      (uint64_t)(ht_wall_ms(host->clock) / 1000), why);
    }
    out->is_given = true;
    out->token = out->ballot.domain.contract;
    out->to = out->ballot.delegatee;
    return err;
}

static enum ht_err read_by(struct delegating *out, const json_t *params, struct ht_why *why) {
    const char *by = "transaction";
    enum ht_err err = HT_OK;
    if (ht_json_member(params, "by") != NULL) err = ht_json_text(&by, params, "by", why);
    if (err != HT_OK) return err;
    out->is_signed = strcmp(by, "signature") == 0;
    if (!out->is_signed && strcmp(by, "transaction") != 0)
        return ht_fail(why, HT_EINPUT, "bad_by", "by is \"transaction\" or \"signature\"");
    out->hours = HOURS;
    if (ht_json_member(params, "hours") != NULL)
        err = ht_json_u64(&out->hours, params, "hours", why);
    if (err == HT_OK && (out->hours == 0 || out->hours > HT_GOV_DELEGATION_HOURS_MAX))
        err = ht_fail(why, HT_EINPUT, "bad_hours", "a signature is good for 1 to %u hours",
                      HT_GOV_DELEGATION_HOURS_MAX);
    return err;
}

static enum ht_err read_params(struct delegating *out, const json_t *params, struct ht_why *why) {
    struct ht_community *community = NULL;
    enum ht_err err = ht_address_param(&out->account, params, "account", why);
    if (err != HT_OK) return err;
    if (ht_json_member(params, "delegation") != NULL) return read_given(out, params, why);
    err = ht_address_param(&out->to, params, "to", why);
    if (err == HT_OK) err = read_by(out, params, why);
    if (err != HT_OK) return err;
    if (ht_json_member(params, "token") != NULL)
        return ht_address_param(&out->token, params, "token", why);
    err = ht_community_param(&community, NULL, out->governance, params, why);
    if (err == HT_OK) out->token = community->profile.token;
    return err;
}

void ht_gov_delegate_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct delegating *delegating = calloc(1, sizeof *delegating);
    if (delegating == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    delegating->governance = self;
    delegating->call = call;
    ht_arena_init(&delegating->arena, DELEGATION_ARENA);
    ht_buf_init(&delegating->sending.data, HT_GOV_SEND_DATA_MAX);
    enum ht_err err = read_params(delegating, params, &why);
    if (err != HT_OK) {
        end(delegating, err, &why, NULL);
    } else {
        ask(delegating);
    }
}
