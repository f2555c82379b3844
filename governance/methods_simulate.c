/* dao.simulate: the proposal's actions, run as its treasury would, on proven state at the head. */
#include "governance/methods_simulate.h"

#include <stdlib.h>

#include "governance/calls/words.h"
#include "governance/community/preimage.h"
#include "governance/methods_json.h"
#include "governance/power/power_look.h"
#include "governance/reads/reads.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/crypto/keccak.h"

struct simulating {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_gov_preimage text;
    struct ht_gov_calls_context context;
    ht_addr20 sender;
    struct ht_gov_slots treasury; /* its account */
    ht_u256 wei, needed;
    json_t *calls;
    struct ht_simulation simulation;
};

static void end(struct simulating *simulating, enum ht_err err, const struct ht_why *why,
                json_t *result) {
    ht_gov_answer(simulating->call, err, why, result);
    json_decref(simulating->calls);
    ht_gov_preimage_fini(&simulating->text);
    free(simulating);
}

/* Bravo's actions name the function as a text beside its arguments. */
static json_t *data_of(const struct ht_gov_action *action) {
    struct ht_buf data;
    ht_hash32 hash;
    ht_buf_init(&data, HT_GOV_CALLDATA_MAX + 4);
    enum ht_err err = HT_OK;
    if (action->signature.n > 0) {
        ht_keccak256(&hash, action->signature);
        err = ht_buf_add(&data, ht_bytes_of(hash.b, 4));
    }
    if (err == HT_OK) err = ht_buf_add(&data, action->calldata);
    json_t *json = err == HT_OK ? ht_gov_hex_json(ht_buf_view(&data)) : NULL;
    ht_buf_fini(&data);
    return json;
}

static json_t *calls_of(const struct simulating *simulating) {
    const struct ht_gov_proposal *proposal = simulating->text.proposal;
    json_t *calls = json_array();
    for (size_t i = 0; i < proposal->action_count; i++) {
        const struct ht_gov_action *action = &proposal->actions[i];
        char wei[HT_U256_QUANTITY_SIZE];
        (void)ht_u256_to_quantity(wei, &action->value);
        (void)json_array_append_new(calls,
                                    json_pack("{s:o, s:o, s:s, s:o}", "from",
                                              ht_gov_hex_json(HT_BYTES(simulating->sender.b)), "to",
                                              ht_gov_hex_json(HT_BYTES(action->target.b)), "value",
                                              wei, "data", data_of(action)));
    }
    return calls;
}

/* A simulation lends its sender what it lacks; a block does not. */
static void put_treasury(const struct simulating *simulating, json_t *result) {
    bool is_enough = ht_u256_compare(&simulating->wei, &simulating->needed) >= 0;
    ht_gov_put(result, "treasury",
               json_pack("{s:o, s:o, s:b}", "wei", ht_gov_u256_json(&simulating->wei), "needed",
                         ht_gov_u256_json(&simulating->needed), "is_enough", is_enough));
    if (is_enough) return;
    (void)json_array_insert_new(
        json_object_get(result, "words"), 0,
        json_string("The treasury does not have the ETH that the actions send: as things stand "
                    "they fail, whatever the rehearsal below says."));
}

static void on_simulated(struct ht_simulation *simulation) {
    struct simulating *simulating = simulation->user;
    struct ht_why why = simulation->why;
    enum ht_err err = simulation->err;
    json_t *result = NULL;
    if (err == HT_OK) {
        result = ht_gov_words_of_simulation(&simulating->context, simulation->results);
        if (result != NULL) {
            json_t *first = json_array_get(simulation->results, 0);
            ht_gov_put(result, "result", first != NULL ? json_incref(first) : NULL);
            ht_gov_put(result, "results", json_incref(simulation->results));
            ht_gov_put(result, "sender", ht_address_json(&simulating->sender));
            put_treasury(simulating, result);
        }
    }
    ht_simulation_fini(simulation);
    end(simulating, err, &why, result);
}

static void got_treasury(struct ht_gov_slots *read) {
    struct simulating *simulating = read->user;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    const struct ht_gov_proposal *proposal = simulating->text.proposal;
    if (err == HT_OK) simulating->wei = ht_u256_from_be32(read->account.balance);
    for (size_t i = 0; i < proposal->action_count; i++) {
        bool is_over = ht_u256_add_overflow(&simulating->needed, &simulating->needed,
                                            &proposal->actions[i].value);
        if (is_over) memset(&simulating->needed, 0xff, sizeof simulating->needed);
        if (is_over) break;
    }
    if (err == HT_OK && simulating->governance->is_quitting)
        err = ht_fail(&why, HT_EAGAIN, "stopping", "the node stops");
    if (err != HT_OK) {
        end(simulating, err, &why, NULL);
        return;
    }
    simulating->calls = calls_of(simulating);
    simulating->simulation =
        (struct ht_simulation){.block = {.kind = HT_BLOCK_HASH, .hash = read->as_of.hash},
                               .calls = simulating->calls,
                               .done = on_simulated,
                               .user = simulating};
    ht_gov_slots_fini(read);
    ht_simulate(simulating->governance->host->runner, &simulating->simulation);
}

static void on_text(struct ht_gov_preimage *read) {
    struct simulating *simulating = read->user;
    struct ht_why why = read->why;
    enum ht_err err = read->err;
    if (err == HT_OK && read->proposal->action_count == 0)
        err = ht_fail(&why, HT_EINPUT, "no_actions", "the proposal does nothing on chain");
    if (err == HT_OK && read->proposal->action_count > HT_SIMULATE_CALLS_MAX)
        err = ht_fail(&why, HT_ELIMIT, "too_many_calls", "at most %u actions are simulated",
                      HT_SIMULATE_CALLS_MAX);
    if (err == HT_OK && simulating->governance->is_quitting)
        err = ht_fail(&why, HT_EAGAIN, "stopping", "the node stops");
    if (err != HT_OK) {
        end(simulating, err, &why, NULL);
        return;
    }
    simulating->treasury = (struct ht_gov_slots){.block = {.kind = HT_BLOCK_LATEST},
                                                 .address = simulating->sender,
                                                 .done = got_treasury,
                                                 .user = simulating};
    ht_gov_slots_read(simulating->governance, &simulating->treasury);
}

void ht_gov_start_simulate(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    struct ht_gov_item *item = NULL;
    enum ht_err err = ht_community_param(NULL, &item, governance, params, &why);
    struct simulating *simulating = err == HT_OK ? calloc(1, sizeof *simulating) : NULL;
    if (simulating == NULL) {
        ht_gov_answer(call, err, &why, NULL);
        return;
    }
    const struct ht_gov_profile *profile = &item->community->profile;
    simulating->governance = governance;
    simulating->call = call;
    simulating->sender = profile->has_timelock ? profile->timelock : item->community->address;
    ht_gov_context_of(&simulating->context, item->community);
    simulating->text = (struct ht_gov_preimage){.item = item, .done = on_text, .user = simulating};
    ht_gov_preimage_read(&simulating->text);
}
