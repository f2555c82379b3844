/* Builds the proposal once, for the look ahead and for the transaction. */
#include "governance/act/act_propose.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/act/act_actions.h"
#include "governance/act/act_calls.h"
#include "governance/reads/reads.h"
#include "governance/send.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

struct proposing {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_community *community;
    bool is_preview, has_account;
    ht_addr20 account, executor;
    struct ht_gov_proposal *proposal; /* the arena's; large */
    struct ht_arena arena;
    struct ht_gov_sending sending;
    struct ht_simulation simulation;
    struct ht_gov_slots account_read; /* the executor's, for its balance */
    bool has_balance;
    ht_u256 balance, needed;
    json_t *calls, *results, *error, *propose;
};

static void free_proposing(struct proposing *proposing) {
    ht_gov_sending_fini(&proposing->sending);
    json_decref(proposing->calls);
    json_decref(proposing->results);
    json_decref(proposing->error);
    json_decref(proposing->propose);
    ht_arena_fini(&proposing->arena);
    free(proposing);
}

static void refuse(struct proposing *proposing, enum ht_err err, const struct ht_why *why) {
    ht_rpc_refuse(proposing->call, err, why);
    free_proposing(proposing);
}

/* --- ids -------------------------------------------------------------------------------------- */

static json_t *id_json(const struct proposing *proposing) {
    const struct ht_gov_profile *profile = &proposing->community->profile;
    enum ht_gov_kind kind = profile->layout.kind;
    bool is_hash = (kind == HT_GOV_OZ5 || kind == HT_GOV_OZ4) && !profile->is_sequential;
    return is_hash ? ht_gov_u256_json(&proposing->proposal->id) : json_null();
}

static json_t *timelock_id_json(const struct proposing *proposing) {
    const struct ht_gov_layout *layout = &proposing->community->profile.layout;
    ht_hash32 id;
    if (layout->timelock != HT_GOV_TIMELOCK_CONTROLLER ||
        ht_gov_timelock_id(&id, proposing->proposal, &proposing->community->address,
                           layout->kind == HT_GOV_OZ4) != HT_OK)
        return json_null();
    return ht_gov_hex_json(HT_BYTES(id.b));
}

/* --- dao.propose ------------------------------------------------------------------------------ */

static void sent(struct ht_gov_sending *sending) {
    struct proposing *proposing = sending->user;
    if (sending->err != HT_OK) {
        refuse(proposing, sending->err, &sending->why);
        return;
    }
    ht_rpc_finish(proposing->call,
                  json_pack("{s:o, s:o, s:o}", "hash", ht_gov_hex_json(HT_BYTES(sending->hash.b)),
                            "id", id_json(proposing), "timelock_id", timelock_id_json(proposing)));
    free_proposing(proposing);
}

static void send_proposal(struct proposing *proposing) {
    char title[100];
    struct ht_gov_sending *sending = &proposing->sending;
    ht_gov_text_line(title, sizeof title - 1, proposing->proposal->description);
    sending->governance = proposing->governance;
    sending->from = proposing->account;
    sending->to = proposing->community->address;
    sending->done = sent;
    sending->user = proposing;
    (void)snprintf(sending->what, sizeof sending->what, "Propose: %s", title);
    ht_gov_send(sending);
}

/* --- dao.preview ------------------------------------------------------------------------------ */

static json_t *explain_json(const struct proposing *proposing) {
    const struct ht_wallet *wallet = ht_gov_wallet(proposing->governance);
    json_t *list = json_array();
    for (size_t i = 0; i < proposing->proposal->action_count; i++) {
        const struct ht_gov_action *action = &proposing->proposal->actions[i];
        struct ht_buf data;
        json_t *explain = NULL;
        ht_buf_init(&data, HT_GOV_CALLDATA_MAX + 4);
        if (wallet != NULL && ht_gov_action_call(&data, action) == HT_OK)
            explain = wallet->explain(wallet->self, &proposing->executor, &action->target,
                                      &action->value, ht_buf_view(&data));
        (void)json_array_append_new(list, explain != NULL ? explain : json_null());
        ht_buf_fini(&data);
    }
    return list;
}

static json_t *or_null(json_t *value) {
    return value != NULL ? json_incref(value) : json_null();
}

/* A run gives its sender whatever ether is missing, so that has to be said apart. What an earlier
 * action brings in is not counted. */
static json_t *treasury_json(const struct proposing *proposing) {
    if (!proposing->has_balance) return json_null();
    bool is_enough = ht_u256_compare(&proposing->balance, &proposing->needed) >= 0;
    return json_pack("{s:o, s:o, s:b}", "wei", ht_gov_u256_json(&proposing->balance), "needed",
                     ht_gov_u256_json(&proposing->needed), "is_enough", is_enough);
}

static void answer(struct proposing *proposing) {
    json_t *result =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o}, s:o}", "id", id_json(proposing),
                  "timelock_id", timelock_id_json(proposing), "actions",
                  ht_gov_actions_json(proposing->proposal), "explain", explain_json(proposing),
                  "executor", ht_address_json(&proposing->executor), "treasury",
                  treasury_json(proposing), "simulation", "results", or_null(proposing->results),
                  "error", or_null(proposing->error), "propose", or_null(proposing->propose));
    ht_rpc_finish(proposing->call, result);
    free_proposing(proposing);
}

static void proposed(struct ht_simulation *simulation) {
    struct proposing *proposing = simulation->user;
    struct ht_why why = simulation->why;
    enum ht_err err = simulation->err;
    if (err == HT_OK) err = ht_gov_simulated(json_array_get(simulation->results, 0), &why);
    ht_simulation_fini(simulation);
    proposing->propose =
        json_pack("{s:o}", "would_fail", err == HT_OK ? json_null() : json_string(why.text));
    answer(proposing);
}

static void begin(struct proposing *proposing, void (*done)(struct ht_simulation *simulation)) {
    proposing->simulation = (struct ht_simulation){.block = {.kind = HT_BLOCK_LATEST},
                                                   .calls = proposing->calls,
                                                   .done = done,
                                                   .user = proposing};
    ht_simulate(proposing->governance->host->runner, &proposing->simulation);
}

static void simulate_propose(struct proposing *proposing) {
    const ht_u256 nothing = {{0}};
    json_decref(proposing->calls);
    proposing->calls =
        json_pack("[o]", ht_gov_simulated_call(&proposing->account, &proposing->community->address,
                                               &nothing, ht_buf_view(&proposing->sending.data)));
    begin(proposing, proposed);
}

static void simulated(struct ht_simulation *simulation) {
    struct proposing *proposing = simulation->user;
    if (simulation->err == HT_OK) {
        proposing->results = json_incref(simulation->results);
    } else {
        proposing->error = json_string(simulation->why.text);
    }
    ht_simulation_fini(simulation);
    if (proposing->has_account) {
        simulate_propose(proposing);
    } else {
        answer(proposing);
    }
}

static void got_balance(struct ht_gov_slots *slots) {
    struct proposing *proposing = slots->user;
    proposing->has_balance = slots->err == HT_OK;
    if (proposing->has_balance) proposing->balance = ht_u256_from_be32(slots->account.balance);
    ht_gov_slots_fini(slots);
    begin(proposing, simulated);
}

static enum ht_err put_calls(struct proposing *proposing, struct ht_why *why) {
    proposing->calls = json_array();
    for (size_t i = 0; i < proposing->proposal->action_count; i++) {
        const struct ht_gov_action *action = &proposing->proposal->actions[i];
        struct ht_buf data;
        if (ht_u256_add_overflow(&proposing->needed, &proposing->needed, &action->value))
            return ht_fail(why, HT_EINPUT, "bad_value", "the actions send more than there is");
        ht_buf_init(&data, HT_GOV_CALLDATA_MAX + 4);
        enum ht_err err = ht_gov_action_call(&data, action);
        json_t *call = NULL;
        if (err == HT_OK)
            call = ht_gov_simulated_call(&proposing->executor, &action->target, &action->value,
                                         ht_buf_view(&data));
        ht_buf_fini(&data);
        if (json_array_append_new(proposing->calls, call) != 0)
            return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    }
    return HT_OK;
}

/* --- what is asked for ------------------------------------------------------------------------ */

static enum ht_err read_params(struct proposing *out, const json_t *params, struct ht_why *why) {
    const json_t *account = ht_json_member(params, "account");
    enum ht_err err = ht_community_param(&out->community, NULL, out->governance, params, why);
    if (err != HT_OK) return err;
    const struct ht_gov_profile *profile = &out->community->profile;
    out->executor = profile->has_timelock ? profile->timelock : out->community->address;
    out->has_account = !out->is_preview || (account != NULL && !json_is_null(account));
    if (out->has_account) err = ht_address_param(&out->account, params, "account", why);
    if (err == HT_OK) err = ht_gov_actions_read(out->proposal, &out->arena, profile, params, why);
    if (err == HT_OK) {
        err = ht_gov_call_propose(
            &out->sending.data, out->proposal,
            profile->layout.kind == HT_GOV_BRAVO || profile->ballots == HT_GOV_BALLOTS_BRAVO, why);
    }
    out->sending.is_forced = json_is_true(ht_json_member(params, "override"));
    return err;
}

static void start(void *self, struct ht_rpc_call *call, const json_t *params, bool is_preview) {
    struct ht_why why = {0};
    struct proposing *proposing = calloc(1, sizeof *proposing);
    if (proposing == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    proposing->governance = self;
    proposing->call = call;
    proposing->is_preview = is_preview;
    ht_arena_init(&proposing->arena, HT_GOV_ACTIONS_ARENA);
    ht_buf_init(&proposing->sending.data, HT_GOV_SEND_DATA_MAX);
    proposing->proposal = ht_arena_alloc(&proposing->arena, sizeof *proposing->proposal);
    enum ht_err err = proposing->proposal != NULL
                          ? read_params(proposing, params, &why)
                          : ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err == HT_OK && is_preview) err = put_calls(proposing, &why);
    if (err != HT_OK) {
        refuse(proposing, err, &why);
    } else if (is_preview) {
        proposing->account_read = (struct ht_gov_slots){.block = {.kind = HT_BLOCK_LATEST},
                                                        .address = proposing->executor,
                                                        .done = got_balance,
                                                        .user = proposing};
        ht_gov_slots_read(proposing->governance, &proposing->account_read);
    } else {
        send_proposal(proposing);
    }
}

void ht_gov_preview_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, true);
}

void ht_gov_propose_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, false);
}
