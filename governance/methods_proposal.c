/* dao.proposal: one proposal, whole: looked at, its text read, its actions taken apart. What takes
 * longer begins by itself and is told by topics: the count, hidden power. */
#include "governance/methods_proposal.h"

#include <stdlib.h>

#include "governance/ballots/ballot_box.h"
#include "governance/calls/calls.h"
#include "governance/calls/calls_family.h"
#include "governance/community/preimage.h"
#include "governance/methods_json.h"
#include "governance/methods_talk.h"
#include "governance/power/power_look.h"
#include "governance/recount/recount_weights.h"
#include "governance/text.h"
#include "node/codec/address.h"

#define TARGETS_MAX 24U
#define DESCRIPTION_MAX HT_GOV_DESCRIPTION_MAX

/* One address whose code runs. */
struct target {
    struct ht_gov_slots read; /* first */
    struct showing *showing;
};

struct showing {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_gov_item *item;
    struct ht_gov_preimage text;
    enum ht_err look_err;
    struct ht_why look_why;
    struct ht_gov_calls_context context;
    ht_addr20 addresses[TARGETS_MAX];
    struct ht_gov_place places[TARGETS_MAX];
    struct target targets[TARGETS_MAX];
    size_t target_count;
    struct ht_gov_said said;
    uint64_t seen_at; /* the block that it was looked at before */
    size_t received;  /* bytes that providers sent, besides those of the count */
    size_t pending;
};

/* --- timeline --------------------------------------------------------------------------------- */

static void add_step(json_t *list, const char *what, const char *state, json_t *block,
                     json_t *time_s, const char *provenance) {
    (void)json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:s, s:s}", "what", what, "block",
                                                block != NULL ? block : json_null(), "time_s",
                                                time_s != NULL ? time_s : json_null(), "state",
                                                state, "provenance", provenance));
}

static void add_point(json_t *list, const struct ht_gov_item *item, const char *what,
                      uint64_t point) {
    const struct ht_community *community = item->community;
    bool is_estimate;
    uint64_t clock = ht_gov_clock_of(community, &item->as_of);
    uint64_t time_s = ht_gov_time_of(community, point, &item->as_of, &is_estimate);
    bool is_block = community->profile.layout.clock == HT_GOV_BLOCKS;
    add_step(list, what, point < clock ? "done" : "next",
             is_block ? json_integer((json_int_t)point) : NULL, json_integer((json_int_t)time_s),
             ht_gov_provenance_name(item->provenance));
}

static bool has_ended(const struct ht_gov_item *item) {
    return item->state == HT_GOV_CANCELED || item->state == HT_GOV_DEFEATED ||
           item->state == HT_GOV_EXPIRED;
}

static json_t *timeline_json(const struct ht_gov_item *item) {
    json_t *list = json_array();
    const char *created = item->has_block ? "proven" : "unverified";
    if (item->created_block != 0)
        add_step(list, "created", "done", json_integer((json_int_t)item->created_block),
                 item->created_s != 0 ? json_integer((json_int_t)item->created_s) : NULL, created);
    if (item->provenance == HT_GOV_UNVERIFIED) return list;
    const char *provenance = ht_gov_provenance_name(item->provenance);
    add_point(list, item, "voting_starts", item->facts.start);
    add_point(list, item, "voting_ends", item->facts.deadline);
    uint64_t eta = item->timelock_stamp > 1 ? item->timelock_stamp : item->facts.eta;
    bool has_timelock = item->community->profile.has_timelock;
    if (has_ended(item)) {
        add_step(list, ht_gov_state_name(item->state), "done", NULL, NULL, provenance);
        return list;
    }
    if (has_timelock) {
        bool is_queued = item->state == HT_GOV_QUEUED || item->state == HT_GOV_EXECUTED;
        add_step(list, "queued",
                 is_queued                         ? "done"
                 : item->state == HT_GOV_SUCCEEDED ? "now"
                                                   : "next",
                 NULL, NULL, provenance);
        add_step(list, "executable",
                 item->state == HT_GOV_EXECUTED                         ? "done"
                 : is_queued && eta > 0 && eta <= item->as_of.timestamp ? "now"
                                                                        : "next",
                 NULL, eta > 0 ? json_integer((json_int_t)eta) : NULL, provenance);
    }
    add_step(list, "executed", item->state == HT_GOV_EXECUTED ? "done" : "next", NULL, NULL,
             provenance);
    return list;
}

/* --- the answer ------------------------------------------------------------------------------- */

static json_t *omitters_json(const struct ht_gov_counted *shown) {
    json_t *list = json_array();
    for (size_t i = 0; shown != NULL && i < shown->omitted_count; i++)
        (void)json_array_append_new(list, json_string(shown->omitted_by[i]));
    return list;
}

static json_t *error_of(const struct ht_gov_recount *recount, const struct ht_gov_counted *shown) {
    const struct ht_why *why = shown != NULL && shown->err != HT_OK       ? &shown->why
                               : recount != NULL && recount->err != HT_OK ? &recount->why
                                                                          : NULL;
    if (why == NULL || why->code == NULL) return NULL;
    return json_pack("{s:s, s:o}", "code", why->code, "text",
                     ht_gov_text_json(ht_bytes_str(why->text), 200));
}

static void put_count(json_t *json, const struct ht_gov_item *item) {
    const struct ht_gov_recount *recount = item->recount;
    const struct ht_gov_counted *shown = recount != NULL ? recount->shown : NULL;
    bool is_counting = recount != NULL && recount->working != NULL;
    ht_gov_put(json, "votes_count",
               json_integer(shown != NULL ? (json_int_t)shown->result.votes : 0));
    ht_gov_put(json, "unchecked_blocks",
               json_integer(shown != NULL ? (json_int_t)shown->result.unchecked_count : 0));
    ht_gov_put(json, "flags_checked", json_boolean(shown != NULL && shown->flags_checked));
    ht_gov_put(json, "counting",
               is_counting ? json_pack("{s:I, s:I}", "done", (json_int_t)recount->done, "total",
                                       (json_int_t)recount->total)
                           : NULL);
    ht_gov_put(json, "counted_as_of", shown != NULL ? ht_gov_as_of_json(&shown->as_of) : NULL);
    ht_gov_put(json, "omitted_by", omitters_json(shown));
    ht_gov_put(json, "error", error_of(recount, shown));
    ht_gov_put(json, "weights", ht_gov_weights_json(item));
    ht_gov_put(json, "alarms", ht_gov_alarms_json(item));
}

static json_t *actions_json(struct showing *showing) {
    struct ht_gov_calls *calls = NULL;
    const struct ht_gov_proposal *proposal = showing->text.proposal;
    struct ht_why why;
    if (showing->text.err != HT_OK) return NULL;
    enum ht_err err = ht_gov_calls_new(&calls, &showing->context, proposal->actions,
                                       proposal->action_count, &why);
    if (err != HT_OK) return NULL;
    json_t *json = ht_gov_calls_json(calls);
    ht_gov_calls_free(calls);
    return json;
}

static void put_power(json_t *json, struct ht_gov_item *item);

static void answer(struct showing *showing) {
    struct ht_gov_item *item = showing->item;
    bool has_text = showing->text.err == HT_OK && showing->text.proposal != NULL;
    json_t *json = ht_gov_item_json(item);
    if (showing->look_err == HT_OK) ht_gov_recount_want(item);
    ht_gov_put(json, "description",
               has_text ? ht_gov_text_json(showing->text.proposal->description, DESCRIPTION_MAX)
                        : NULL);
    ht_gov_put(json, "actions", actions_json(showing));
    ht_gov_put(json, "timelock_id",
               item->has_text && item->community->profile.has_timelock
                   ? ht_gov_hex_json(HT_BYTES(item->timelock_id.b))
                   : NULL);
    ht_gov_put(json, "timeline", timeline_json(item));
    put_power(json, item);
    put_count(json, item);
    ht_gov_put(json, "ballots_waiting",
               json_integer((json_int_t)ht_gov_ballots_waiting(
                   showing->governance, &item->community->address, &item->id)));
    const struct ht_gov_counted *shown = item->recount != NULL ? item->recount->shown : NULL;
    ht_gov_put(
        json, "provider_bytes",
        json_integer((json_int_t)(showing->received + (shown != NULL ? shown->received : 0))));
    ht_gov_put(json, "talk",
               showing->said.err == HT_OK ? json_integer((json_int_t)showing->said.count) : NULL);
    if (showing->look_err != HT_OK)
        ht_gov_put(json, "look_error",
                   json_pack("{s:s, s:o}", "code", showing->look_why.code, "text",
                             ht_gov_text_json(ht_bytes_str(showing->look_why.text), 200)));
    ht_gov_answer(showing->call, HT_OK, NULL, json);
    ht_gov_preimage_fini(&showing->text);
    free(showing);
}

/* --- hidden power ----------------------------------------------------------------------------- */

struct glance {
    json_t *json; /* NULL: the answer has gone out */
    struct ht_community *community;
};

static void on_power(void *user, enum ht_err err, const struct ht_why *why, json_t *power,
                     json_t *hidden) {
    struct glance *glance = user;
    (void)why, (void)power;
    if (glance->json != NULL) {
        ht_gov_put(glance->json, "hidden_power", err == HT_OK ? json_incref(hidden) : NULL);
        glance->json = NULL;
        return;
    }
    if (err == HT_OK) ht_community_changed(glance->community);
    free(glance);
}

/* What is kept at once; else it is null now, and dao.changed tells when it is there. */
static void put_power(json_t *json, struct ht_gov_item *item) {
    struct glance *glance = calloc(1, sizeof *glance);
    ht_gov_put(json, "hidden_power", NULL);
    if (glance == NULL) return;
    *glance = (struct glance){json, item->community};
    ht_gov_power_look(item->community, on_power, glance);
    if (glance->json == NULL) {
        free(glance);
    } else {
        glance->json = NULL;
    }
}

/* --- targets ---------------------------------------------------------------------------------- */

static void got_target(struct ht_gov_slots *read) {
    struct target *target = (struct target *)read;
    struct showing *showing = target->showing;
    struct ht_gov_place *place = &showing->places[target - showing->targets];
    place->address = read->address;
    if (read->err == HT_OK) {
        place->is_looked_at = true;
        place->has_code = read->code.n > 0;
        place->families = ht_gov_families_of_code(ht_buf_view(&read->code));
    }
    showing->received += read->received;
    ht_gov_slots_fini(read);
    if (--showing->pending > 0) return;
    showing->context.places = showing->places;
    showing->context.place_count = showing->target_count;
    answer(showing);
}

static void look_at_targets(struct showing *showing) {
    struct ht_gov_calls *calls = NULL;
    const struct ht_gov_proposal *proposal = showing->text.proposal;
    enum ht_err err = ht_gov_calls_new(&calls, &showing->context, proposal->actions,
                                       proposal->action_count, &showing->text.why);
    if (err == HT_OK) {
        showing->target_count = ht_gov_calls_targets(calls, showing->addresses, TARGETS_MAX);
        if (showing->target_count > TARGETS_MAX) showing->target_count = TARGETS_MAX;
        ht_gov_calls_free(calls);
    }
    if (showing->target_count == 0) {
        answer(showing);
        return;
    }
    showing->pending = showing->target_count;
    for (size_t i = 0, n = showing->target_count; i < n; i++) {
        struct target *target = &showing->targets[i];
        target->showing = showing;
        target->read = (struct ht_gov_slots){.block = {.kind = HT_BLOCK_LATEST},
                                             .address = showing->addresses[i],
                                             .wants_code = true,
                                             .done = got_target};
        ht_gov_slots_read(showing->governance, &target->read);
    }
}

static void part_done(struct showing *showing) {
    if (--showing->pending > 0) return;
    if (showing->text.err == HT_OK) {
        look_at_targets(showing);
    } else {
        answer(showing);
    }
}

static void on_text(struct ht_gov_preimage *read) {
    struct showing *showing = read->user;
    part_done(showing);
}

static void on_said(struct ht_gov_said *said) {
    part_done(said->user);
}

static void on_looked(void *user, struct ht_gov_item *item, enum ht_err err,
                      const struct ht_why *why) {
    struct showing *showing = user;
    if (err == HT_OK && item != NULL && item->as_of.number > showing->seen_at)
        showing->received += item->received;
    showing->look_err = err;
    showing->look_why = *why;
    part_done(showing);
}

void ht_gov_start_proposal(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    struct ht_gov_item *item = NULL;
    enum ht_err err = ht_community_param(NULL, &item, governance, params, &why);
    struct showing *showing = err == HT_OK ? calloc(1, sizeof *showing) : NULL;
    if (showing == NULL) {
        ht_gov_answer(call, err, &why, NULL);
        return;
    }
    showing->governance = governance;
    showing->call = call;
    showing->item = item;
    showing->pending = 3;
    showing->seen_at = item->as_of.number;
    showing->said = (struct ht_gov_said){.about = {.chain_id = governance->host->network->chain_id,
                                                   .governor = item->community->address,
                                                   .has_proposal = true,
                                                   .proposal = item->id},
                                         .done = on_said,
                                         .user = showing};
    ht_gov_context_of(&showing->context, item->community);
    showing->text = (struct ht_gov_preimage){.item = item, .done = on_text, .user = showing};
    ht_gov_preimage_read(&showing->text);
    ht_gov_look(item, on_looked, showing);
    ht_gov_said_read(governance, &showing->said);
}
