/* dao.community: settings, treasury, who has power, known delegates. All at the head. */
#include "governance/methods_community.h"

#include <stdlib.h>

#include "governance/methods_json.h"
#include "governance/methods_talk.h"
#include "governance/power/power_look.h"
#include "governance/text.h"
#include "node/codec/address.h"

#define DELEGATES_MAX 16U

enum view { VIEW_DELAY, VIEW_PERIOD, VIEW_THRESHOLD, VIEW_BALANCE, VIEW_SUPPLY, VIEWS };

struct showing {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_community *community;
    struct ht_gov_view view[VIEWS];
    struct ht_gov_views views;
    struct ht_gov_past_read past;
    struct ht_gov_slots treasury;
    ht_addr20 delegates[DELEGATES_MAX];
    size_t delegate_count;
    struct ht_gov_view votes[DELEGATES_MAX];
    struct ht_gov_views votes_read;
    struct ht_gov_said said;
    json_t *statements[DELEGATES_MAX]; /* the newest of each; NULL: none */
    json_t *power;
    struct ht_gov_as_of as_of;
    size_t pending;
};

static const ht_addr20 *treasury_of(const struct ht_community *community) {
    const struct ht_gov_profile *profile = &community->profile;
    return profile->has_timelock ? &profile->timelock : &community->address;
}

/* --- the answer ------------------------------------------------------------------------------- */

static json_t *number_of(const struct showing *showing, enum view which) {
    ht_u256 value;
    bool is_there = showing->views.err == HT_OK && ht_gov_view_u256(&value, &showing->view[which]);
    return is_there ? ht_gov_u256_json(&value) : NULL;
}

static json_t *settings_json(const struct showing *showing) {
    json_t *json = json_object();
    ht_gov_put(json, "voting_delay", number_of(showing, VIEW_DELAY));
    ht_gov_put(json, "voting_period", number_of(showing, VIEW_PERIOD));
    ht_gov_put(json, "threshold", number_of(showing, VIEW_THRESHOLD));
    ht_gov_put(json, "quorum_now",
               showing->past.err == HT_OK ? ht_gov_u256_json(&showing->past.value) : NULL);
    ht_gov_put(json, "supply", number_of(showing, VIEW_SUPPLY));
    ht_gov_put(json, "provenance", json_string(ht_gov_provenance_name(HT_GOV_BY_CALL)));
    return json;
}

static json_t *wei_json(const struct ht_account *account) {
    ht_u256 wei = ht_u256_from_be32(account->balance);
    return ht_gov_u256_json(&wei);
}

static json_t *treasury_json(const struct showing *showing) {
    const struct ht_community *community = showing->community;
    json_t *tokens = json_array(), *json = json_object();
    json_t *amount = number_of(showing, VIEW_BALANCE);
    if (amount != NULL)
        (void)json_array_append_new(tokens, json_pack("{s:o, s:s, s:i, s:o, s:s}", "contract",
                                                      ht_address_json(&community->profile.token),
                                                      "symbol", community->token_symbol, "decimals",
                                                      (int)community->profile.token_decimals,
                                                      "amount", amount, "provenance",
                                                      ht_gov_provenance_name(HT_GOV_BY_CALL)));
    ht_gov_put(json, "address", ht_address_json(treasury_of(community)));
    ht_gov_put(json, "wei",
               showing->treasury.err == HT_OK ? wei_json(&showing->treasury.account) : NULL);
    ht_gov_put(json, "tokens", tokens);
    return json;
}

static json_t *delegates_json(const struct showing *showing) {
    json_t *list = json_array();
    for (size_t i = 0; i < showing->delegate_count && showing->votes_read.err == HT_OK; i++) {
        ht_u256 power;
        bool is_there = ht_gov_view_u256(&power, &showing->votes[i]);
        json_t *row = json_object();
        ht_gov_put(row, "address", ht_address_json(&showing->delegates[i]));
        ht_gov_put(row, "name", ht_gov_name_json(showing->governance, &showing->delegates[i]));
        ht_gov_put(row, "power", is_there ? ht_gov_u256_json(&power) : NULL);
        ht_gov_put(row, "statement", json_incref(showing->statements[i]));
        (void)json_array_append_new(list, row);
    }
    return list;
}

static void part_done(struct showing *showing) {
    if (--showing->pending > 0) return;
    json_t *json = ht_community_json(showing->community);
    ht_gov_put(json, "settings", settings_json(showing));
    ht_gov_put(json, "power", showing->power);
    ht_gov_put(json, "treasury", treasury_json(showing));
    ht_gov_put(json, "delegates", delegates_json(showing));
    if (showing->as_of.number > 0) ht_gov_put(json, "as_of", ht_gov_as_of_json(&showing->as_of));
    ht_gov_slots_fini(&showing->treasury);
    for (size_t i = 0; i < DELEGATES_MAX; i++) json_decref(showing->statements[i]);
    ht_gov_answer(showing->call, HT_OK, NULL, json);
    free(showing);
}

/* --- parts ------------------------------------------------------------------------------------ */

static void got_views(struct ht_gov_views *views) {
    struct showing *showing = views->user;
    if (views->err == HT_OK) showing->as_of = views->as_of;
    ht_gov_views_fini(views);
    part_done(showing);
}

static void got_past(struct ht_gov_past_read *read) {
    part_done(read->user);
}

static void got_treasury(struct ht_gov_slots *read) {
    part_done(read->user);
}

static void got_power(void *user, enum ht_err err, const struct ht_why *why, json_t *power,
                      json_t *hidden) {
    struct showing *showing = user;
    (void)why, (void)hidden;
    if (err == HT_OK) showing->power = json_incref(power);
    part_done(showing);
}

static void start_views(struct showing *showing) {
    static const uint32_t SELECTORS[VIEWS] = {0x3932abb1U, 0x02a251a3U, 0xb58131b0U, 0x70a08231U,
                                              0x18160dddU};
    const struct ht_community *community = showing->community;
    uint8_t word[1][32];
    ht_gov_word_address(word[0], treasury_of(community));
    for (size_t i = 0; i < VIEWS; i++) {
        bool is_token = i >= VIEW_BALANCE;
        ht_gov_view_set(&showing->view[i],
                        is_token ? &community->profile.token : &community->address, SELECTORS[i],
                        (const uint8_t(*)[32])word, i == VIEW_BALANCE ? 1 : 0);
    }
    showing->views = (struct ht_gov_views){.block = {.kind = HT_BLOCK_LATEST},
                                           .views = showing->view,
                                           .count = VIEWS,
                                           .done = got_views,
                                           .user = showing};
    ht_gov_views_read(showing->governance, &showing->views);
}

static void start_past(struct showing *showing) {
    const struct ht_exec_header_verified *head = ht_chain_head(showing->governance->host->chain);
    struct ht_gov_as_of as_of = {0};
    if (head != NULL) ht_gov_as_of_set(&as_of, head, false);
    uint64_t clock = ht_gov_clock_of(showing->community, &as_of);
    showing->past = (struct ht_gov_past_read){.community = showing->community,
                                              .what = HT_GOV_PAST_QUORUM,
                                              .at = clock > 0 ? clock - 1 : 0,
                                              .block = {.kind = HT_BLOCK_LATEST},
                                              .done = got_past,
                                              .user = showing};
    ht_gov_past_start(&showing->past);
}

static void add_delegate(struct showing *showing, const ht_addr20 *address) {
    for (size_t i = 0; i < showing->delegate_count; i++) {
        if (memcmp(showing->delegates[i].b, address->b, sizeof address->b) == 0) return;
    }
    if (showing->delegate_count < DELEGATES_MAX)
        showing->delegates[showing->delegate_count++] = *address;
}

/* Those who proposed and those who voted, newest first. */
static void gather_delegates(struct showing *showing) {
    const struct ht_community *community = showing->community;
    if (community->has_delegate) add_delegate(showing, &community->my_delegate);
    for (size_t i = community->item_count; i-- > 0 && showing->delegate_count < DELEGATES_MAX;) {
        const struct ht_gov_item *item = community->items[i];
        const struct ht_gov_counted *shown = item->recount != NULL ? item->recount->shown : NULL;
        size_t n = 0;
        const struct ht_gov_vote *votes =
            shown != NULL ? ht_gov_count_votes(shown->count, &n) : NULL;
        if (item->has_text) add_delegate(showing, &item->proposer);
        for (size_t k = 0; k < n && k < 64; k++) add_delegate(showing, &votes[k].voter);
    }
}

static void start_delegates(struct showing *showing) {
    uint8_t word[1][32];
    bool is_comp = showing->community->profile.token_layout.kind == HT_GOV_TOKEN_COMP;
    if (showing->delegate_count == 0) {
        part_done(showing);
        return;
    }
    for (size_t i = 0; i < showing->delegate_count; i++) {
        ht_gov_word_address(word[0], &showing->delegates[i]);
        ht_gov_view_set(&showing->votes[i], &showing->community->profile.token,
                        is_comp ? 0xb4b5ea57U : 0x9ab24eb0U, (const uint8_t(*)[32])word, 1);
    }
    showing->votes_read = (struct ht_gov_views){.block = {.kind = HT_BLOCK_LATEST},
                                                .views = showing->votes,
                                                .count = showing->delegate_count,
                                                .done = got_views,
                                                .user = showing};
    ht_gov_views_read(showing->governance, &showing->votes_read);
}

/* Of a key that is proven to be the delegate's. */
static void got_statement(struct ht_gov_said *said, const struct ht_event *event,
                          const struct ht_talk_item *item) {
    struct showing *showing = said->user;
    const struct ht_trust *trust = ht_gov_trust(showing->governance);
    struct ht_trust_person person = {.has_address = false};
    bool is_linked = trust != NULL && trust->person(trust->self, &event->pubkey, &person);
    if (!is_linked || !person.has_address) return;
    for (size_t i = 0; i < showing->delegate_count; i++) {
        bool is_it = memcmp(showing->delegates[i].b, person.address.b, 20) == 0;
        if (is_it && showing->statements[i] == NULL)
            showing->statements[i] = ht_gov_text_json(item->text, HT_TALK_TEXT_MAX);
    }
}

static void got_statements(struct ht_gov_said *said) {
    part_done(said->user);
}

static void start_statements(struct showing *showing) {
    showing->said =
        (struct ht_gov_said){.about = {.chain_id = showing->governance->host->network->chain_id,
                                       .governor = showing->community->address},
                             .each = got_statement,
                             .done = got_statements,
                             .user = showing};
    ht_gov_said_read(showing->governance, &showing->said);
}

void ht_gov_start_community(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    struct ht_community *community = NULL;
    enum ht_err err = ht_community_param(&community, NULL, governance, params, &why);
    struct showing *showing = err == HT_OK ? calloc(1, sizeof *showing) : NULL;
    if (showing == NULL) {
        ht_gov_answer(call, err, &why, NULL);
        return;
    }
    *showing = (struct showing){
        .governance = governance, .call = call, .community = community, .pending = 6};
    showing->treasury = (struct ht_gov_slots){.block = {.kind = HT_BLOCK_LATEST},
                                              .address = *treasury_of(community),
                                              .done = got_treasury,
                                              .user = showing};
    ht_gov_slots_read(governance, &showing->treasury);
    start_views(showing);
    start_past(showing);
    gather_delegates(showing);
    start_delegates(showing);
    start_statements(showing);
    ht_gov_power_look(community, got_power, showing);
}
