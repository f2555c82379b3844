/* What is good now goes onto the chain: in one transaction of the relay contract where
 * that stands, else each by itself. All of it is run over proven state first, and what would fail
 * is left out. */
#include "governance/ballots/ballot_relay.h"

#include <stdlib.h>

#include "governance/ballots/ballot_refresh.h"
#include "governance/create/create_calls.h"
#include "governance/governor/code.h"
#include "governance/send.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define RELAY_MAX 32U /* HT_SIMULATE_CALLS_MAX; below HT_GOV_RELAY_MAX */

struct relayed {
    ht_hash32 id;
    struct ht_buf call;
    bool is_dropped;
    char why[120];
};

struct relaying {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_community *community;
    ht_u256 proposal;
    ht_addr20 account, relay;
    bool deploys, is_batch;
    struct relayed ballots[RELAY_MAX];
    size_t count, at;
    struct ht_gov_slots code;
    struct ht_simulation simulation;
    json_t *calls;
    struct ht_gov_sending sending;
    json_t *hashes;
};

/* --- ends ------------------------------------------------------------------------------------- */

static void free_relaying(struct relaying *relaying) {
    for (size_t i = 0; i < relaying->count; i++) ht_buf_fini(&relaying->ballots[i].call);
    ht_gov_sending_fini(&relaying->sending);
    json_decref(relaying->calls);
    json_decref(relaying->hashes);
    free(relaying);
}

static void refuse(struct relaying *relaying, enum ht_err err, const struct ht_why *why) {
    ht_rpc_refuse(relaying->call, err, why);
    free_relaying(relaying);
}

static void drop(struct relayed *one, const char *why) {
    one->is_dropped = true;
    size_t n = strlen(why);
    if (n >= sizeof one->why) n = sizeof one->why - 1;
    memcpy(one->why, why, n);
    one->why[n] = '\0';
}

/* Why the last of several did not go is told beside those that went. */
static void finish(struct relaying *relaying, const char *by, const struct ht_why *stopped) {
    json_t *taken = json_array(), *dropped = json_array();
    for (size_t i = 0; i < relaying->count; i++) {
        const struct relayed *one = &relaying->ballots[i];
        json_t *id = ht_gov_hex_json(HT_BYTES(one->id.b));
        if (one->is_dropped) {
            (void)json_array_append_new(dropped,
                                        json_pack("{s:o, s:s}", "id", id, "why", one->why));
        } else {
            (void)json_array_append_new(taken, id);
        }
    }
    json_t *result =
        json_pack("{s:O, s:O, s:o, s:o, s:s, s:o}", "hash", json_array_get(relaying->hashes, 0),
                  "hashes", relaying->hashes, "relayed", taken, "dropped", dropped, "by", by,
                  "stopped", stopped != NULL ? json_string(stopped->text) : json_null());
    ht_rpc_finish(relaying->call, result);
    free_relaying(relaying);
}

static size_t left(const struct relaying *relaying) {
    size_t count = 0;
    for (size_t i = 0; i < relaying->count; i++) count += !relaying->ballots[i].is_dropped;
    return count;
}

static void none_good(struct relaying *relaying) {
    struct ht_why why = {0};
    const char *first = relaying->count > 0 ? relaying->ballots[0].why : "none is known";
    enum ht_err err = ht_fail(&why, HT_EDENIED, "none_good",
                              "none of these ballots would be taken now: %s", first);
    refuse(relaying, err, &why);
}

/* --- sending ---------------------------------------------------------------------------------- */

static void send_next(struct relaying *relaying);

static void sent(struct ht_gov_sending *sending) {
    struct relaying *relaying = sending->user;
    if (sending->err == HT_OK) {
        (void)json_array_append_new(relaying->hashes, ht_gov_hex_json(HT_BYTES(sending->hash.b)));
    }
    if (relaying->deploys || relaying->is_batch) {
        if (sending->err != HT_OK) {
            refuse(relaying, sending->err, &sending->why);
        } else {
            finish(relaying, relaying->deploys ? "deploy" : "batch", NULL);
        }
        return;
    }
    if (sending->err == HT_OK) {
        relaying->at++;
        send_next(relaying);
        return;
    }
    bool is_first = json_array_size(relaying->hashes) == 0;
    struct ht_why why = sending->why;
    if (is_first) {
        refuse(relaying, sending->err, &why);
        return;
    }
    for (size_t i = relaying->at; i < relaying->count; i++) {
        if (!relaying->ballots[i].is_dropped) drop(&relaying->ballots[i], why.text);
    }
    finish(relaying, "single", &why);
}

static void begin_sending(struct relaying *relaying, const ht_addr20 *to, const char *what) {
    struct ht_gov_sending *sending = &relaying->sending;
    sending->governance = relaying->governance;
    sending->from = relaying->account;
    sending->to = *to;
    sending->done = sent;
    sending->user = relaying;
    (void)memcpy(sending->what, what, strlen(what) + 1);
    ht_gov_send(sending);
}

static void send_next(struct relaying *relaying) {
    struct ht_why why = {0};
    struct ht_buf *data = &relaying->sending.data;
    while (relaying->at < relaying->count && relaying->ballots[relaying->at].is_dropped)
        relaying->at++;
    if (relaying->at == relaying->count) {
        finish(relaying, "single", NULL);
        return;
    }
    data->n = 0;
    if (ht_buf_add(data, ht_buf_view(&relaying->ballots[relaying->at].call)) != HT_OK) {
        refuse(relaying, ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory"), &why);
        return;
    }
    begin_sending(relaying, &relaying->community->address, "Relay a signed ballot");
}

static enum ht_err put_batch(struct relaying *relaying, struct ht_why *why) {
    ht_bytes calls[RELAY_MAX];
    size_t count = 0;
    for (size_t i = 0; i < relaying->count; i++) {
        if (!relaying->ballots[i].is_dropped)
            calls[count++] = ht_buf_view(&relaying->ballots[i].call);
    }
    relaying->sending.data.n = 0;
    relaying->sending.gas = ht_gov_relay_gas(calls, count, HT_GOV_RELAY_GAS_EACH);
    return ht_gov_call_relay(&relaying->sending.data, &relaying->community->address, calls, count,
                             HT_GOV_RELAY_GAS_EACH, why);
}

static void send_batch(struct relaying *relaying) {
    struct ht_why why = {0};
    enum ht_err err = put_batch(relaying, &why);
    if (err != HT_OK) {
        refuse(relaying, err, &why);
    } else {
        begin_sending(relaying, &relaying->relay, "Relay signed ballots");
    }
}

/* --- the run before --------------------------------------------------------------------------- */

/* One call for each, on the same state one after the other: as the batch would make them, but that
 * each has its own answer. */
static void simulated(struct ht_simulation *simulation) {
    struct relaying *relaying = simulation->user;
    struct ht_why why = simulation->why;
    enum ht_err err = simulation->err;
    size_t at = 0;
    for (size_t i = 0; i < relaying->count && err == HT_OK; i++) {
        struct relayed *one = &relaying->ballots[i];
        struct ht_why reason = {0};
        if (one->is_dropped) continue;
        if (ht_gov_simulated(json_array_get(simulation->results, at++), &reason) != HT_OK)
            drop(one, reason.text);
    }
    ht_simulation_fini(simulation);
    if (err != HT_OK) {
        refuse(relaying, err, &why);
    } else if (left(relaying) == 0) {
        none_good(relaying);
    } else if (relaying->is_batch && left(relaying) > 1) {
        send_batch(relaying);
    } else {
        relaying->is_batch = false;
        send_next(relaying);
    }
}

static void simulate(struct relaying *relaying) {
    const ht_u256 nothing = {{0}};
    const ht_addr20 *from = relaying->is_batch ? &relaying->relay : &relaying->account;
    relaying->calls = json_array();
    for (size_t i = 0; i < relaying->count; i++) {
        const struct relayed *one = &relaying->ballots[i];
        if (one->is_dropped) continue;
        (void)json_array_append_new(relaying->calls,
                                    ht_gov_simulated_call(from, &relaying->community->address,
                                                          &nothing, ht_buf_view(&one->call)));
    }
    relaying->simulation = (struct ht_simulation){.block = {.kind = HT_BLOCK_LATEST},
                                                  .calls = relaying->calls,
                                                  .done = simulated,
                                                  .user = relaying};
    ht_simulate(relaying->governance->host->runner, &relaying->simulation);
}

/* --- the relay contract ----------------------------------------------------------------------- */

static void deploy(struct relaying *relaying) {
    struct ht_why why = {0};
    enum ht_err err = ht_gov_relay_deploy(&relaying->sending.data, &why);
    if (err != HT_OK) {
        refuse(relaying, err, &why);
    } else {
        begin_sending(relaying, &ht_gov_deployer,
                      "Put the relay of ballots on the chain, for everybody");
    }
}

static void got_code(struct ht_gov_slots *slots) {
    struct relaying *relaying = slots->user;
    bool is_there = slots->err == HT_OK && ht_gov_code_ours(NULL, ht_buf_view(&slots->code)) ==
                                               &ht_gov_contracts[HT_GOV_OURS_RELAY];
    ht_gov_slots_fini(slots);
    relaying->is_batch = is_there;
    relaying->deploys = relaying->deploys && !is_there;
    if (left(relaying) == 0) {
        none_good(relaying);
    } else if (relaying->deploys) {
        deploy(relaying);
    } else {
        simulate(relaying);
    }
}

static void put_calls(struct relaying *relaying) {
    for (size_t i = 0; i < relaying->count; i++) {
        struct relayed *one = &relaying->ballots[i];
        const struct ht_gov_kept *kept = ht_ballot_box_find(relaying->governance, &one->id);
        bool is_of = kept != NULL && ht_u256_equal(&kept->ballot.proposal, &relaying->proposal) &&
                     memcmp(kept->ballot.domain.contract.b, relaying->community->address.b,
                            sizeof relaying->community->address.b) == 0;
        if (!is_of) {
            drop(one, "it is not known here");
        } else if (kept->state != HT_GOV_BALLOT_GOOD) {
            drop(one, kept->why.text);
        } else if (ht_gov_ballot_calldata(&one->call, &kept->ballot) != HT_OK) {
            drop(one, "its call cannot be made");
        }
    }
}

static void refreshed(void *user, enum ht_err err, const struct ht_why *why) {
    struct relaying *relaying = user;
    if (err != HT_OK) {
        refuse(relaying, err, why);
        return;
    }
    put_calls(relaying);
    ht_gov_relay_address(&relaying->relay);
    relaying->code = (struct ht_gov_slots){.block = {.kind = HT_BLOCK_LATEST},
                                           .address = relaying->relay,
                                           .wants_code = true,
                                           .done = got_code,
                                           .user = relaying};
    ht_gov_slots_read(relaying->governance, &relaying->code);
}

/* --- what is asked for ------------------------------------------------------------------------ */

static enum ht_err read_ids(struct relaying *out, const json_t *params, struct ht_why *why) {
    const json_t *list;
    enum ht_err err = ht_json_array(&list, params, "ballots", why);
    if (err != HT_OK) return err;
    size_t count = json_array_size(list);
    if (count == 0 || count > RELAY_MAX)
        return ht_fail(why, HT_ELIMIT, "too_many_ballots", "1 to %u ballots at once", RELAY_MAX);
    for (size_t i = 0; i < count; i++) {
        struct relayed *one = &out->ballots[i];
        err = ht_json_hex(one->id.b, sizeof one->id.b, json_array_get(list, i), "", why);
        if (err != HT_OK) return err;
        ht_buf_init(&one->call, HT_GOV_RELAY_BALLOT_MAX);
        out->count++;
    }
    return HT_OK;
}

void ht_gov_relay_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    struct ht_gov_item *item = NULL;
    struct relaying *relaying = calloc(1, sizeof *relaying);
    if (relaying == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    relaying->governance = governance;
    relaying->call = call;
    relaying->hashes = json_array();
    relaying->deploys = json_is_true(ht_json_member(params, "deploy"));
    ht_buf_init(&relaying->sending.data, RELAY_MAX * HT_GOV_RELAY_BALLOT_MAX);
    enum ht_err err = ht_community_param(&relaying->community, &item, governance, params, &why);
    if (err == HT_OK) err = ht_address_param(&relaying->account, params, "account", &why);
    if (err == HT_OK) err = read_ids(relaying, params, &why);
    if (err != HT_OK) {
        refuse(relaying, err, &why);
        return;
    }
    relaying->proposal = item->id;
    ht_ballot_box_refresh(relaying->community, &item->id, refreshed, relaying);
}
