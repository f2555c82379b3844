/* From a proposal's state to its next. */
#include "governance/act/act_step.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "governance/act/act_calls.h"
#include "governance/community/preimage.h"
#include "governance/look/look.h"
#include "governance/send.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

struct stepping {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_community *community;
    ht_u256 id;
    enum ht_gov_step step;
    bool is_forced;
    char title[HT_GOV_TITLE_MAX + 1];
    struct ht_gov_preimage preimage;
    bool has_preimage;
    struct ht_gov_sending sending;
};

static void end(struct stepping *stepping, enum ht_err err, const struct ht_why *why,
                json_t *result) {
    if (err == HT_OK)
        ht_rpc_finish(stepping->call, result);
    else
        ht_rpc_refuse(stepping->call, err, why);
    if (stepping->has_preimage) ht_gov_preimage_fini(&stepping->preimage);
    ht_gov_sending_fini(&stepping->sending);
    free(stepping);
}

/* --- sending ---------------------------------------------------------------------------------- */

/* The run tells of a refusal at most an error's name: what it most likely means is said after it.
 */
static void explain_cancel(struct stepping *stepping, struct ht_why *why) {
    enum ht_gov_kind kind = stepping->community->profile.layout.kind;
    const struct ht_gov_item *item = ht_gov_item_find(stepping->community, &stepping->id);
    const struct ht_why said = *why;
    bool is_oz = kind == HT_GOV_OZ4 || kind == HT_GOV_OZ5;
    bool is_refused = said.code != NULL && strcmp(said.code, "would_fail") == 0;
    if (!is_oz || !is_refused || item == NULL || item->state == HT_GOV_PENDING) return;
    (void)ht_fail(why, HT_EDENIED, "would_fail",
                  "%.110s; its proposer can take a proposal back only until voting begins, and it "
                  "is %s",
                  said.text, ht_gov_state_name(item->state));
}

static void sent(struct ht_gov_sending *sending) {
    struct stepping *stepping = sending->user;
    json_t *result = NULL;
    if (stepping->step == HT_GOV_STEP_CANCEL) explain_cancel(stepping, &sending->why);
    if (sending->err == HT_OK)
        result = json_pack("{s:o}", "hash", ht_gov_hex_json(HT_BYTES(sending->hash.b)));
    end(stepping, sending->err, &sending->why, result);
}

/* Bravo hands each action the ether that comes with the call. */
static enum ht_err set_wei(struct stepping *stepping, const struct ht_gov_proposal *proposal,
                           struct ht_why *why) {
    ht_u256 *wei = &stepping->sending.wei;
    bool is_payable = stepping->step == HT_GOV_STEP_EXECUTE &&
                      stepping->community->profile.layout.kind == HT_GOV_BRAVO;
    for (size_t i = 0; is_payable && i < proposal->action_count; i++) {
        if (ht_u256_add_overflow(wei, wei, &proposal->actions[i].value))
            return ht_fail(why, HT_EINPUT, "bad_value", "its actions send more than there is");
    }
    return HT_OK;
}

static void send_step(struct stepping *stepping, const struct ht_gov_proposal *proposal,
                      bool is_by_id) {
    static const char *const WORDS[] = {[HT_GOV_STEP_QUEUE] = "Queue",
                                        [HT_GOV_STEP_EXECUTE] = "Execute",
                                        [HT_GOV_STEP_CANCEL] = "Cancel"};
    struct ht_why why = {0};
    struct ht_gov_sending *sending = &stepping->sending;
    enum ht_err err = set_wei(stepping, proposal, &why);
    if (err == HT_OK)
        err = ht_gov_call_step(&sending->data, stepping->step, proposal, is_by_id, &why);
    if (err != HT_OK) {
        end(stepping, err, &why, NULL);
        return;
    }
    sending->governance = stepping->governance;
    sending->to = stepping->community->address;
    sending->is_forced = stepping->is_forced;
    sending->done = sent;
    sending->user = stepping;
    (void)snprintf(sending->what, sizeof sending->what, "%s: %.150s", WORDS[stepping->step],
                   stepping->title);
    ht_gov_send(sending);
}

/* Bravo's, and OpenZeppelin's that keep the actions in storage, need but the id. */
static void send_by_id(struct stepping *stepping) {
    struct ht_gov_proposal *proposal = calloc(1, sizeof *proposal);
    if (proposal == NULL) {
        end(stepping, HT_ENOMEM, NULL, NULL);
        return;
    }
    proposal->id = stepping->id;
    send_step(stepping, proposal, true);
    free(proposal);
}

static void got_preimage(struct ht_gov_preimage *read) {
    struct stepping *stepping = read->user;
    const struct ht_gov_profile *profile = &stepping->community->profile;
    bool is_bravo = profile->layout.kind == HT_GOV_BRAVO;
    bool needs_text = !ht_gov_has(&profile->layout, HT_GOV_PROPOSAL_DETAILS) &&
                      !(is_bravo && stepping->step != HT_GOV_STEP_EXECUTE);
    if (read->err == HT_OK) {
        read->proposal->id = stepping->id;
        send_step(stepping, read->proposal, is_bravo);
    } else if (needs_text || read->err != HT_ENOTFOUND) {
        end(stepping, read->err, &read->why, NULL);
    } else {
        send_by_id(stepping);
    }
}

/* --- the state -------------------------------------------------------------------------------- */

static enum ht_err check_queue(const struct ht_gov_item *item, struct ht_why *why) {
    const struct ht_gov_layout *layout = &item->community->profile.layout;
    if (layout->kind != HT_GOV_UNKNOWN && layout->timelock == HT_GOV_NO_TIMELOCK)
        return ht_fail(why, HT_EDENIED, "no_timelock",
                       "this community has no timelock: what has succeeded is executed at once");
    if (item->state == HT_GOV_SUCCEEDED) return HT_OK;
    return ht_fail(why, HT_EDENIED, "not_succeeded",
                   "only a proposal that has succeeded can be queued, and it is %s",
                   ht_gov_state_name(item->state));
}

static enum ht_err check_execute(const struct ht_gov_item *item, struct ht_why *why) {
    const struct ht_gov_layout *layout = &item->community->profile.layout;
    bool has_timelock = layout->kind == HT_GOV_UNKNOWN || layout->timelock != HT_GOV_NO_TIMELOCK;
    uint64_t eta = item->facts.eta > item->timelock_stamp ? item->facts.eta : item->timelock_stamp;
    if (item->state == HT_GOV_SUCCEEDED && (!has_timelock || layout->kind == HT_GOV_UNKNOWN))
        return HT_OK;
    if (item->state != HT_GOV_QUEUED)
        return ht_fail(why, HT_EDENIED, has_timelock ? "not_queued" : "not_succeeded",
                       "it cannot be executed: it is %s", ht_gov_state_name(item->state));
    if (eta > item->as_of.timestamp)
        return ht_fail(why, HT_EDENIED, "too_early",
                       "the timelock holds it for another %" PRIu64 " seconds",
                       eta - item->as_of.timestamp);
    return HT_OK;
}

static enum ht_err check_cancel(const struct ht_gov_item *item, struct ht_why *why) {
    bool is_over = item->state == HT_GOV_EXECUTED || item->state == HT_GOV_CANCELED ||
                   item->state == HT_GOV_EXPIRED || item->state == HT_GOV_NONE;
    if (!is_over) return HT_OK;
    return ht_fail(why, HT_EDENIED, "is_over", "there is nothing left to cancel: it is %s",
                   ht_gov_state_name(item->state));
}

static enum ht_err check_state(const struct stepping *stepping, const struct ht_gov_item *item,
                               struct ht_why *why) {
    if (stepping->is_forced) return HT_OK;
    switch (stepping->step) {
    case HT_GOV_STEP_QUEUE: return check_queue(item, why);
    case HT_GOV_STEP_EXECUTE: return check_execute(item, why);
    case HT_GOV_STEP_CANCEL: return check_cancel(item, why);
    }
    return HT_EBUG;
}

static void looked(void *user, struct ht_gov_item *item, enum ht_err err,
                   const struct ht_why *reason) {
    struct stepping *stepping = user;
    struct ht_why why = reason != NULL ? *reason : (struct ht_why){0};
    if (err == HT_OK && item == NULL)
        err = ht_fail(&why, HT_ENOTFOUND, "no_such_proposal", "the proposal was forgotten");
    if (err == HT_OK) err = check_state(stepping, item, &why);
    if (err != HT_OK) {
        end(stepping, err, &why, NULL);
        return;
    }
    stepping->has_preimage = true;
    stepping->preimage =
        (struct ht_gov_preimage){.item = item, .done = got_preimage, .user = stepping};
    ht_gov_preimage_read(&stepping->preimage);
}

static void start(void *self, struct ht_rpc_call *call, const json_t *params,
                  enum ht_gov_step step) {
    struct ht_why why = {0};
    struct ht_gov_item *item = NULL;
    struct stepping *stepping = calloc(1, sizeof *stepping);
    if (stepping == NULL) {
        ht_rpc_refuse(call, HT_ENOMEM, NULL);
        return;
    }
    stepping->governance = self;
    stepping->call = call;
    stepping->step = step;
    stepping->is_forced = json_is_true(ht_json_member(params, "override"));
    ht_buf_init(&stepping->sending.data, HT_GOV_SEND_DATA_MAX);
    enum ht_err err =
        ht_community_param(&stepping->community, &item, stepping->governance, params, &why);
    if (err == HT_OK) err = ht_address_param(&stepping->sending.from, params, "account", &why);
    if (err != HT_OK) {
        end(stepping, err, &why, NULL);
        return;
    }
    stepping->id = item->id;
    memcpy(stepping->title, item->title, sizeof stepping->title);
    ht_gov_look(item, looked, stepping);
}

void ht_gov_queue_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, HT_GOV_STEP_QUEUE);
}

void ht_gov_execute_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, HT_GOV_STEP_EXECUTE);
}

void ht_gov_cancel_start(void *self, struct ht_rpc_call *call, const json_t *params) {
    start(self, call, params, HT_GOV_STEP_CANCEL);
}
