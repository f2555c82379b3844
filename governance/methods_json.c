/* Communities and proposals in JSON. */
#include "governance/methods_json.h"

#include "governance/discovery/discover.h"
#include "governance/power/power_look.h"
#include "governance/text.h"
#include "node/codec/address.h"

void ht_gov_answer(struct ht_rpc_call *call, enum ht_err err, const struct ht_why *why,
                   json_t *result) {
    if (err == HT_OK && result != NULL) {
        ht_rpc_finish(call, result);
        return;
    }
    json_decref(result);
    struct ht_why no_memory;
    if (err != HT_OK) {
        ht_rpc_refuse(call, err, why);
    } else {
        err = ht_fail(&no_memory, HT_ENOMEM, "no_memory", "out of memory");
        ht_rpc_refuse(call, err, &no_memory);
    }
}

/* --- communities ------------------------------------------------------------------------------ */

static const char *kind_text(const struct ht_gov_profile *profile) {
    switch (profile->layout.kind) {
    case HT_GOV_OZ5: return "OpenZeppelin 5";
    case HT_GOV_OZ4: return "OpenZeppelin 4";
    case HT_GOV_BRAVO: return "Governor Bravo";
    case HT_GOV_UNKNOWN: break;
    }
    return "governor";
}

static const char *counting_text(enum ht_gov_counting counting) {
    switch (counting) {
    case HT_GOV_SIMPLE: return "simple";
    case HT_GOV_FRACTIONAL: return "fractional";
    case HT_GOV_OVERRIDABLE: return "overridable";
    case HT_GOV_FLEXIBLE: return "flexible";
    case HT_GOV_COMPATIBLE: return "simple";
    }
    return "simple";
}

static bool is_going(const struct ht_gov_item *item) {
    return item->provenance != HT_GOV_UNVERIFIED && item->state == HT_GOV_ACTIVE;
}

static void put_counts(json_t *json, const struct ht_community *community) {
    json_int_t active = 0, pending = 0;
    uint64_t close_s = 0;
    for (size_t i = 0; i < community->item_count; i++) {
        const struct ht_gov_item *item = community->items[i];
        bool is_estimate;
        bool is_pending = item->provenance != HT_GOV_UNVERIFIED && item->state == HT_GOV_PENDING;
        pending += is_pending ? 1 : 0;
        if (!is_going(item)) continue;
        active++;
        uint64_t end_s =
            ht_gov_time_of(community, item->facts.deadline, &item->as_of, &is_estimate);
        if (close_s == 0 || end_s < close_s) close_s = end_s;
    }
    ht_gov_put(json, "active", json_integer(active));
    ht_gov_put(json, "pending", json_integer(pending));
    ht_gov_put(json, "next_close_s", close_s > 0 ? json_integer((json_int_t)close_s) : NULL);
}

static json_t *alerts_json(const struct ht_community *community) {
    json_t *alerts = json_array();
    const struct ht_gov_known *known =
        ht_gov_known_find(community->governance->host->network->chain_id, &community->address);
    bool is_wrong = community->standing == HT_GOV_STANDS_NOT && community->why.code != NULL;
    if (is_wrong)
        (void)json_array_append_new(
            alerts, json_pack("{s:s, s:o}", "code", community->why.code, "text",
                              ht_gov_text_json(ht_bytes_str(community->why.text), 200)));
    for (size_t i = 0; known != NULL && i < HT_GOV_NOTES_MAX && known->notes[i] != NULL; i++)
        (void)json_array_append_new(
            alerts, json_pack("{s:s, s:s}", "code", "note", "text", known->notes[i]));
    return alerts;
}

static void put_profile(json_t *json, const struct ht_community *community) {
    static const ht_addr20 none;
    const struct ht_gov_profile *profile = &community->profile;
    bool stands = community->standing != HT_GOV_STANDS_NOT;
    bool has_token = stands && memcmp(profile->token.b, none.b, sizeof none.b) != 0;
    ht_gov_put(json, "kind", json_string(stands ? kind_text(profile) : "not known"));
    ht_gov_put(json, "profile", json_string(ht_gov_standing_name(community->standing)));
    ht_gov_put(json, "why",
               community->why.code != NULL
                   ? ht_gov_text_json(ht_bytes_str(community->why.text), 200)
                   : NULL);
    ht_gov_put(json, "token", has_token ? ht_address_json(&profile->token) : NULL);
    ht_gov_put(json, "token_symbol",
               community->token_symbol[0] != '\0' ? json_string(community->token_symbol) : NULL);
    ht_gov_put(json, "token_decimals", json_integer(profile->token_decimals));
    ht_gov_put(json, "timelock",
               stands && profile->has_timelock ? ht_address_json(&profile->timelock) : NULL);
    ht_gov_put(json, "counting", json_string(counting_text(profile->layout.counting)));
    ht_gov_put(json, "clock",
               json_string(profile->layout.clock == HT_GOV_TIME ? "time" : "blocks"));
    ht_gov_put(json, "is_profiling", json_boolean(community->is_profiling));
    ht_gov_put(json, "code_hash", stands ? ht_gov_hex_json(HT_BYTES(profile->code_hash.b)) : NULL);
    ht_gov_put(json, "implementation",
               stands && profile->proxy != HT_GOV_NO_PROXY
                   ? ht_address_json(&profile->implementation)
                   : NULL);
}

json_t *ht_community_json(const struct ht_community *community) {
    json_t *json = json_object();
    const char *name = community->name[0] != '\0' ? community->name : community->profile.name;
    bool is_known, is_people = ht_gov_power_of_people(community, &is_known);
    ht_gov_put(json, "address", ht_address_json(&community->address));
    ht_gov_put(json, "name", json_string(name));
    ht_gov_put(json, "label", json_string(community->label));
    put_profile(json, community);
    ht_gov_put(json, "is_people", is_known ? json_boolean(is_people) : NULL);
    put_counts(json, community);
    ht_gov_put(json, "my_power",
               community->has_mine ? ht_gov_u256_json(&community->my_power) : NULL);
    ht_gov_put(json, "my_delegate",
               community->has_delegate ? ht_address_json(&community->my_delegate) : NULL);
    ht_gov_put(json, "alerts", alerts_json(community));
    ht_gov_put(json, "as_of",
               community->as_of.number > 0 ? ht_gov_as_of_json(&community->as_of) : NULL);
    return json;
}

/* --- proposals -------------------------------------------------------------------------------- */

static json_t *three(const ht_u256 *against, const ht_u256 *in_favour, const ht_u256 *abstain) {
    return json_pack("{s:o, s:o, s:o}", "against", ht_gov_u256_json(against), "for",
                     ht_gov_u256_json(in_favour), "abstain", ht_gov_u256_json(abstain));
}

static json_t *tally_json(const struct ht_gov_item *item) {
    const struct ht_gov_facts *facts = &item->facts;
    ht_u256 counted = facts->in_favour, sum;
    if (item->provenance == HT_GOV_UNVERIFIED) return NULL;
    json_t *json = three(&facts->against, &facts->in_favour, &facts->abstain);
    if (item->community->profile.quorum_counts_abstain &&
        !ht_u256_add_overflow(&sum, &counted, &facts->abstain))
        counted = sum;
    ht_gov_put(json, "quorum", item->has_quorum ? ht_gov_u256_json(&item->quorum) : NULL);
    ht_gov_put(json, "quorum_met",
               item->has_quorum ? json_boolean(ht_u256_compare(&counted, &item->quorum) >= 0)
                                : NULL);
    return json;
}

/* For the count to speak for the words they must be of the same state. */
static const struct ht_gov_counted *counted_of(const struct ht_gov_item *item) {
    const struct ht_gov_counted *shown = item->recount != NULL ? item->recount->shown : NULL;
    if (shown == NULL || item->provenance == HT_GOV_UNVERIFIED) return NULL;
    bool is_same = ht_u256_equal(&shown->facts.against, &item->facts.against) &&
                   ht_u256_equal(&shown->facts.in_favour, &item->facts.in_favour) &&
                   ht_u256_equal(&shown->facts.abstain, &item->facts.abstain);
    return is_same ? shown : NULL;
}

static json_t *my_vote_json(const struct ht_gov_item *item) {
    const struct ht_gov_counted *shown = item->recount != NULL ? item->recount->shown : NULL;
    size_t n = 0;
    const struct ht_gov_vote *votes = shown != NULL ? ht_gov_count_votes(shown->count, &n) : NULL;
    const struct ht_governance *governance = item->community->governance;
    if (n > 10000) return NULL;
    for (size_t i = 0; i < n; i++) {
        if (!ht_gov_is_mine(governance, &votes[i].voter)) continue;
        return json_pack("{s:o, s:i, s:o}", "voter", ht_address_json(&votes[i].voter), "support",
                         (int)votes[i].support, "weight", ht_gov_u256_json(&votes[i].weight));
    }
    return NULL;
}

static void put_counted(json_t *json, const struct ht_gov_item *item) {
    const struct ht_gov_counted *shown = counted_of(item);
    const struct ht_gov_result *result = shown != NULL ? &shown->result : NULL;
    bool is_proven = shown != NULL && shown->provenance == HT_GOV_BY_PROOF;
    bool is_short = result != NULL && !result->tally_proven;
    ht_gov_put(json, "tally_proven", json_boolean(is_proven && result->tally_proven));
    ht_gov_put(json, "list_proven", json_boolean(is_proven && result->list_proven));
    ht_gov_put(json, "missing",
               is_short ? three(&result->missing.against, &result->missing.in_favour,
                                &result->missing.abstain)
                        : NULL);
    ht_gov_put(json, "my_vote", my_vote_json(item));
}

static void put_times(json_t *json, const struct ht_gov_item *item) {
    const struct ht_community *community = item->community;
    bool is_seen = item->provenance != HT_GOV_UNVERIFIED;
    bool is_start_estimate = true, is_end_estimate = true;
    uint64_t start = is_seen ? item->facts.start : item->start;
    uint64_t end = is_seen ? item->facts.deadline : item->end;
    const struct ht_gov_as_of *as_of = is_seen ? &item->as_of : &community->as_of;
    bool has_time = as_of->number > 0 || community->profile.layout.clock == HT_GOV_TIME;
    uint64_t start_s = ht_gov_time_of(community, start, as_of, &is_start_estimate);
    uint64_t end_s = ht_gov_time_of(community, end, as_of, &is_end_estimate);
    ht_gov_put(json, "start", json_integer((json_int_t)start));
    ht_gov_put(json, "end", json_integer((json_int_t)end));
    ht_gov_put(json, "start_s", has_time ? json_integer((json_int_t)start_s) : NULL);
    ht_gov_put(json, "end_s", has_time ? json_integer((json_int_t)end_s) : NULL);
    ht_gov_put(json, "is_estimate", json_boolean(is_start_estimate || is_end_estimate));
}

json_t *ht_gov_item_json(const struct ht_gov_item *item) {
    json_t *json = json_object();
    bool is_seen = item->provenance != HT_GOV_UNVERIFIED;
    bool has_proposer = is_seen && item->facts.has_proposer;
    const ht_addr20 *proposer = has_proposer ? &item->facts.proposer : &item->proposer;
    bool is_named = has_proposer || item->has_text;
    ht_gov_put(json, "community", ht_address_json(&item->community->address));
    ht_gov_put(json, "id", ht_gov_u256_json(&item->id));
    ht_gov_put(json, "title", item->has_text ? json_string(item->title) : NULL);
    ht_gov_put(json, "is_text_proven", json_boolean(item->is_certified));
    ht_gov_put(json, "proposer", is_named ? ht_address_json(proposer) : NULL);
    ht_gov_put(json, "proposer_name",
               is_named ? ht_gov_name_json(item->community->governance, proposer) : NULL);
    ht_gov_put(json, "state", json_string(is_seen ? ht_gov_state_name(item->state) : "Unknown"));
    ht_gov_put(json, "state_provenance", json_string(ht_gov_provenance_name(item->provenance)));
    put_times(json, item);
    ht_gov_put(json, "tally", tally_json(item));
    put_counted(json, item);
    ht_gov_put(json, "as_of", is_seen ? ht_gov_as_of_json(&item->as_of) : NULL);
    ht_gov_put(json, "why",
               item->why.code != NULL ? ht_gov_text_json(ht_bytes_str(item->why.text), 200) : NULL);
    return json;
}
