/* A signed delegation looked at: by itself, then against the token's domain, the proven nonce of
 * whoever signed it, and what is delegated now. */
#include "governance/act/act_delegation.h"

#include <stdlib.h>

#include "governance/ballots/ballot_domain.h"
#include "governance/ballots/ballot_json.h"
#include "governance/methods_json.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define DELEGATES 0x587cde1eU  /* delegates(address) */
#define NONCES 0x7ecebe00U     /* nonces(address) */
#define BALANCE_OF 0x70a08231U /* balanceOf(address) */
#define DELEGATION_ARENA ((size_t)4 << 10)

enum { VIEW_DELEGATE, VIEW_BALANCE, VIEW_NONCE, VIEWS };

struct checking {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_arena arena;
    struct ht_gov_ballot ballot;
    const struct ht_community *community; /* that counts this token; NULL */
    struct ht_gov_domain_read domain;
    ht_hash32 slot;
    struct ht_gov_slots slots;
    struct ht_gov_view view[VIEWS];
    struct ht_gov_views views;
    struct ht_gov_as_of as_of;
    bool has_nonce, has_balance, has_delegate;
    ht_u256 nonce, balance;
    ht_addr20 delegate;
    enum ht_gov_provenance provenance; /* of the nonce */
    enum ht_err err;                   /* what is bad about it */
    struct ht_why why;
};

/* --- what is good ----------------------------------------------------------------------------- */

enum ht_err ht_gov_delegation_alone(const struct ht_gov_ballot *ballot, uint64_t chain_id,
                                    uint64_t now_s, struct ht_why *why) {
    ht_u256 now = ht_u256_of(now_s);
    if (ballot->domain.chain_id != chain_id)
        return ht_fail(why, HT_EUNVERIFIED, "wrong_chain", "it is signed for another chain");
    enum ht_err err = ht_gov_ballot_check(ballot, why);
    if (err != HT_OK) return err;
    if (ht_u256_compare(&ballot->expiry, &now) < 0)
        return ht_fail(why, HT_ESTALE, "expired", "the signed delegation has expired");
    return HT_OK;
}

enum ht_err ht_gov_delegation_at(const struct ht_gov_ballot *ballot,
                                 const struct ht_gov_domain *domain, const ht_u256 *next_nonce,
                                 struct ht_why *why) {
    if (!ht_gov_domain_equal(&ballot->domain, domain))
        return ht_fail(why, HT_EUNVERIFIED, "wrong_domain", "it is signed for another contract");
    int order = ht_u256_compare(&ballot->nonce, next_nonce);
    if (order < 0) {
        return ht_fail(why, HT_ESTALE, "nonce_used",
                       "its nonce is used: by another delegation, or by a permit of the token");
    }
    if (order > 0) {
        return ht_fail(why, HT_EAGAIN, "nonce_early",
                       "another signature of the same account has to be used before it");
    }
    return HT_OK;
}

/* --- the answer ------------------------------------------------------------------------------- */

static json_t *expiry_json(const ht_u256 *expiry) {
    bool is_time = ht_u256_is_u64(expiry) && expiry->limb[0] <= INT64_MAX;
    return is_time ? json_integer((json_int_t)expiry->limb[0]) : NULL;
}

static json_t *result_json(const struct checking *checking) {
    static const ht_addr20 nobody;
    const struct ht_gov_ballot *ballot = &checking->ballot;
    const struct ht_community *community = checking->community;
    bool has_delegate =
        checking->has_delegate && memcmp(checking->delegate.b, nobody.b, sizeof nobody.b) != 0;
    ht_bytes symbol = community != NULL ? ht_bytes_str(community->token_symbol) : ht_bytes_str("");
    json_t *json = json_pack(
        "{s:o, s:o, s:o, s:o, s:s, s:s}", "delegator", ht_address_json(&ballot->voter), "to",
        ht_address_json(&ballot->delegatee), "token", ht_address_json(&ballot->domain.contract),
        "nonce", ht_gov_u256_json(&ballot->nonce), "nonce_provenance",
        ht_gov_provenance_name(checking->provenance), "state",
        checking->err == HT_OK ? "good" : "bad");
    ht_gov_put(json, "delegator_name", ht_gov_name_json(checking->governance, &ballot->voter));
    ht_gov_put(json, "to_name", ht_gov_name_json(checking->governance, &ballot->delegatee));
    ht_gov_put(json, "community", community != NULL ? ht_address_json(&community->address) : NULL);
    ht_gov_put(json, "symbol", symbol.n > 0 ? ht_gov_text_json(symbol, 32) : NULL);
    ht_gov_put(json, "decimals",
               community != NULL ? json_integer(community->profile.token_decimals) : NULL);
    ht_gov_put(json, "balance",
               checking->has_balance ? ht_gov_u256_json(&checking->balance) : NULL);
    ht_gov_put(json, "delegate_now", has_delegate ? ht_address_json(&checking->delegate) : NULL);
    ht_gov_put(json, "next_nonce", checking->has_nonce ? ht_gov_u256_json(&checking->nonce) : NULL);
    ht_gov_put(json, "expires_s", expiry_json(&ballot->expiry));
    ht_gov_put(json, "why",
               checking->err != HT_OK
                   ? json_pack("{s:s, s:o}", "code", checking->why.code, "text",
                               ht_gov_text_json(ht_bytes_str(checking->why.text), 200))
                   : NULL);
    ht_gov_put(json, "as_of",
               checking->as_of.timestamp > 0 ? ht_gov_as_of_json(&checking->as_of) : NULL);
    return json;
}

static void free_checking(struct checking *checking) {
    ht_arena_fini(&checking->arena);
    free(checking);
}

static void answer(struct checking *checking) {
    ht_gov_answer(checking->call, HT_OK, NULL, result_json(checking));
    free_checking(checking);
}

static void refuse(struct checking *checking, enum ht_err err, const struct ht_why *why) {
    ht_rpc_refuse(checking->call, err, why);
    free_checking(checking);
}

/* --- the token -------------------------------------------------------------------------------- */

static void got_domain(struct ht_gov_domain_read *read) {
    struct checking *checking = read->user;
    const struct ht_gov_ballot *ballot = &checking->ballot;
    if (read->err != HT_OK) {
        refuse(checking, read->err, &read->why);
        return;
    }
    checking->err = ht_gov_delegation_at(ballot, &read->domain, &checking->nonce, &checking->why);
    bool is_so = checking->has_delegate &&
                 memcmp(checking->delegate.b, ballot->delegatee.b, sizeof ballot->delegatee.b) == 0;
    if (checking->err == HT_OK && is_so)
        checking->err = ht_fail(&checking->why, HT_EDENIED, "has_delegated",
                                "the tokens are delegated so already");
    answer(checking);
}

static void got_views(struct ht_gov_views *views) {
    struct checking *checking = views->user;
    struct ht_why why = views->why;
    enum ht_err err = views->err;
    checking->as_of = views->as_of;
    ht_gov_views_fini(views);
    checking->has_balance = ht_gov_view_u256(&checking->balance, &checking->view[VIEW_BALANCE]);
    checking->has_delegate =
        ht_gov_view_address(&checking->delegate, &checking->view[VIEW_DELEGATE]);
    if (err == HT_OK && !checking->has_nonce) {
        checking->has_nonce = ht_gov_view_u256(&checking->nonce, &checking->view[VIEW_NONCE]);
        checking->provenance = checking->has_nonce ? HT_GOV_BY_CALL : HT_GOV_UNVERIFIED;
    }
    if (err == HT_OK && !checking->has_nonce)
        err = ht_fail(&why, HT_EUNVERIFIED, "no_nonce", "the token tells no nonces");
    if (err != HT_OK) {
        refuse(checking, err, &why);
        return;
    }
    checking->domain = (struct ht_gov_domain_read){.governance = checking->governance,
                                                   .contract = checking->ballot.domain.contract,
                                                   .done = got_domain,
                                                   .user = checking};
    ht_gov_domain_start(&checking->domain);
}

static void call_views(struct checking *checking, const struct ht_block_id *block) {
    static const uint32_t SELECTORS[VIEWS] = {DELEGATES, BALANCE_OF, NONCES};
    uint8_t word[1][32];
    ht_gov_word_address(word[0], &checking->ballot.voter);
    for (size_t i = 0; i < VIEWS; i++)
        ht_gov_view_set(&checking->view[i], &checking->ballot.domain.contract, SELECTORS[i],
                        (const uint8_t(*)[32])word, 1);
    checking->views = (struct ht_gov_views){.block = *block,
                                            .views = checking->view,
                                            .count = checking->has_nonce ? VIEW_NONCE : VIEWS,
                                            .done = got_views,
                                            .user = checking};
    ht_gov_views_read(checking->governance, &checking->views);
}

static void got_nonce(struct ht_gov_slots *slots) {
    struct checking *checking = slots->user;
    struct ht_why why = slots->why;
    enum ht_err err = slots->err;
    if (err == HT_OK) {
        checking->has_nonce = true;
        checking->nonce = ht_u256_from_be32(slots->values[0]);
        checking->provenance = HT_GOV_BY_PROOF;
        checking->as_of = slots->as_of;
    }
    ht_gov_slots_fini(slots);
    if (err != HT_OK) {
        refuse(checking, err, &why);
        return;
    }
    const struct ht_block_id block = {.kind = HT_BLOCK_HASH, .hash = checking->as_of.hash};
    call_views(checking, &block);
}

/* By its slot where it is known where the token keeps nonces, else by a call. */
static void ask_token(struct checking *checking) {
    static const struct ht_block_id LATEST = {.kind = HT_BLOCK_LATEST};
    ht_hash32 key = {{0}};
    const struct ht_community *community = checking->community;
    if (community == NULL || !community->profile.token_layout.has_nonces) {
        call_views(checking, &LATEST);
        return;
    }
    memcpy(key.b + 12, checking->ballot.voter.b, sizeof checking->ballot.voter.b);
    ht_gov_slot_map(&checking->slot, &key, &community->profile.token_layout.nonces);
    checking->slots = (struct ht_gov_slots){.block = LATEST,
                                            .address = checking->ballot.domain.contract,
                                            .slots = &checking->slot,
                                            .count = 1,
                                            .done = got_nonce,
                                            .user = checking};
    ht_gov_slots_read(checking->governance, &checking->slots);
}

/* --- what is asked for ------------------------------------------------------------------------ */

static const struct ht_community *community_of(const struct ht_governance *governance,
                                               const ht_addr20 *token) {
    for (size_t i = 0; i < ht_community_count(governance); i++) {
        const struct ht_community *community = ht_community_at(governance, i);
        if (community->standing != HT_GOV_STANDS_NOT &&
            memcmp(community->profile.token.b, token->b, sizeof token->b) == 0)
            return community;
    }
    return NULL;
}

void ht_gov_delegation_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    struct checking *checking = calloc(1, sizeof *checking);
    if (checking == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    checking->governance = governance;
    checking->call = call;
    ht_arena_init(&checking->arena, DELEGATION_ARENA);
    struct ht_gov_ballot *ballot = &checking->ballot;
    enum ht_err err =
        ht_gov_ballot_read(ballot, ht_json_member(params, "delegation"), &checking->arena, &why);
    if (err == HT_OK && ballot->form != HT_GOV_DELEGATION)
        err = ht_fail(&why, HT_EINPUT, "bad_ballot", "it is no delegation");
    if (err != HT_OK) {
        refuse(checking, err, &why);
        return;
    }
    checking->community = community_of(governance, &ballot->domain.contract);
    checking->err = ht_gov_delegation_alone(ballot, governance->host->network->chain_id,
                                            (uint64_t)(ht_wall_ms(governance->host->clock) / 1000),
                                            &checking->why);
    if (checking->err != HT_OK) {
        answer(checking);
    } else {
        ask_token(checking);
    }
}
