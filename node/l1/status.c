/* The light client's state as JSON. */
#include "node/l1/status.h"

#include "node/base/hex.h"

const char *ht_sync_state_name(enum ht_sync_state state) {
    switch (state) {
    case HT_SYNC_STARTING: return "starting";
    case HT_SYNC_SYNCING: return "syncing";
    case HT_SYNC_LIVE: return "live";
    case HT_SYNC_STALE: return "stale";
    case HT_SYNC_OFFLINE: return "offline";
    case HT_SYNC_ERROR: return "error";
    }
    return "?";
}

static const char *step_name(enum ht_sync_step step) {
    switch (step) {
    case HT_SYNC_CHECKPOINT: return "checkpoint";
    case HT_SYNC_BOOTSTRAP: return "bootstrap";
    case HT_SYNC_COMMITTEES: return "committees";
    case HT_SYNC_HEAD: return "head";
    case HT_SYNC_DONE: return "done";
    }
    return "?";
}

/* --- small makers; NULL without memory, which json_pack passes on --------------------------------
 */

/* The API's numbers stay exact in a browser; what a provider claims may be larger. */
static json_t *make_u64(uint64_t number) {
    const uint64_t largest = (UINT64_C(1) << 53) - 1;
    return json_integer((json_int_t)(number > largest ? largest : number));
}

static json_t *make_root(const ht_hash32 *root) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, HT_BYTES(root->b));
    return json_string(text);
}

/* Text of outside origin: what is no UTF-8 is shown as such. */
static json_t *make_text(const char *text) {
    json_t *json = json_string(text);
    return json != NULL ? json : json_string("(not readable)");
}

static enum ht_err done(json_t **out, json_t *made, struct ht_why *why) {
    if (made == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    *out = made;
    return HT_OK;
}

/* --- l1.status -------------------------------------------------------------------------------- */

static json_t *make_network(const struct ht_network *net) {
    return json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "name", net->name, "chain_id",
                     make_u64(net->chain_id), "preset", net->preset->name, "genesis_time",
                     make_u64(net->genesis_time_ms / 1000), "slot_duration_ms",
                     make_u64(net->slot_duration_ms), "slots_per_epoch",
                     make_u64(net->preset->slots_per_epoch), "slots_per_period",
                     make_u64(ht_slots_per_period(net)), "sync_committee_size",
                     make_u64(net->preset->sync_committee_size));
}

/* The provenance object that every value of the chain carries (DESIGN.md section 7). Takes over
 * number and hash. */
static json_t *make_provenance(json_t *number, json_t *hash, const char *level, int64_t age_ms,
                               const char *source, const struct ht_why *late) {
    json_t *sources = source[0] != '\0' ? json_pack("[o]", make_text(source)) : json_array();
    return json_pack("{s:s, s:{s:o, s:o}, s:s, s:I, s:o, s:o}", "verdict",
                     late == NULL ? "proven" : "stale", "block", "number", number, "hash", hash,
                     "level", level, "age_ms", (json_int_t)age_ms, "sources", sources, "why",
                     late == NULL ? json_null() : make_text(late->text));
}

json_t *ht_l1_provenance_json(const struct ht_sync *sync, const char *level, uint64_t number,
                              const ht_hash32 *hash, uint64_t timestamp, const char *source) {
    struct ht_why reason;
    enum ht_sync_state state = ht_sync_state(sync, &reason);
    int64_t age_ms = ht_wall_ms(ht_sync_clock(sync)) - (int64_t)timestamp * 1000;
    return make_provenance(make_u64(number), make_root(hash), level, age_ms, source,
                           state == HT_SYNC_LIVE ? NULL : &reason);
}

static json_t *make_header(const struct ht_network *net, const struct ht_header_verified *header,
                           const char *level, int64_t now_ms, const char *source,
                           const struct ht_why *late) {
    int64_t slot_ms = ht_slot_start_ms(net, header->beacon.slot);
    json_t *number = header->has_block_number ? make_u64(header->block_number) : json_null();
    json_t *hash = header->has_execution ? make_root(&header->execution_block_hash) : json_null();
    json_t *provenance =
        make_provenance(json_incref(number), hash, level, now_ms - slot_ms, source, late);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:o}", "slot", make_u64(header->beacon.slot),
                     "root", make_root(&header->root), "participants",
                     header->participants > 0 ? make_u64(header->participants) : json_null(),
                     "committee_size", make_u64(net->preset->sync_committee_size), "block_number",
                     number, "slot_ms", (json_int_t)slot_ms, "provenance", provenance);
}

static json_t *make_period(const struct ht_network *net, const struct ht_sync_view *view,
                           uint64_t now_slot) {
    uint64_t total = ht_slots_per_period(net);
    uint64_t period = ht_period_at_slot(net, now_slot);
    uint64_t known = ht_period_at_slot(net, view->finalized.beacon.slot);
    bool is_next_known = view->has_next_committee && known >= period;
    return json_pack("{s:o, s:o, s:o, s:I, s:b}", "number", make_u64(period), "slots_done",
                     make_u64(now_slot % total), "slots_total", make_u64(total), "ends_ms",
                     (json_int_t)ht_slot_start_ms(net, (period + 1) * total),
                     "next_committee_known", is_next_known);
}

static json_t *make_source(const struct ht_network *net, const struct ht_checkpoint_source *source,
                           const ht_hash32 *root) {
    const struct ht_checkpoint_statement *last =
        source->count > 0 ? &source->statements[source->count - 1] : NULL;
    bool agrees = false;
    for (size_t i = 0; i < source->count && !agrees; i++) {
        agrees = root != NULL && ht_hash32_equal(&source->statements[i].root, root);
        if (agrees) last = &source->statements[i];
    }
    bool has_slot = last != NULL && last->epoch < UINT64_MAX / net->preset->slots_per_epoch;
    return json_pack("{s:o, s:o, s:o, s:b, s:o}", "name", make_text(source->name), "root",
                     last != NULL ? make_root(&last->root) : json_null(), "slot",
                     has_slot ? make_u64(last->epoch * net->preset->slots_per_epoch) : json_null(),
                     "agrees", agrees, "error",
                     source->has_error ? make_text(source->error.text) : json_null());
}

static json_t *make_checkpoint(const struct ht_sync *sync, int64_t now_ms) {
    const struct ht_network *net = ht_sync_network(sync);
    const struct ht_sync_view *view = ht_sync_view(sync);
    const struct ht_checkpoint_poll *poll = ht_sync_checkpoint_poll(sync);
    const struct ht_sync_anchor *anchor = view->has_anchor ? &view->anchor : NULL;
    json_t *sources = json_array();
    bool was_asked = false;
    for (size_t i = 0; i < poll->count; i++) {
        was_asked |= poll->sources[i].count > 0 || poll->sources[i].has_error;
        json_array_append_new(
            sources, make_source(net, &poll->sources[i], anchor != NULL ? &anchor->root : NULL));
    }
    if (anchor == NULL && !was_asked) {
        json_decref(sources);
        return json_null();
    }
    if (!was_asked) json_array_clear(sources); /* resumed: nobody was asked in this run */
    int64_t age_ms = anchor != NULL ? now_ms - ht_slot_start_ms(net, anchor->slot) : 0;
    const char *origin = anchor == NULL || was_asked ? "sources"
                         : anchor->origin[0] == 'u'  ? "user"
                                                     : "kept";
    return json_pack("{s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "root",
                     anchor != NULL ? make_root(&anchor->root) : json_null(), "slot",
                     anchor != NULL ? make_u64(anchor->slot) : json_null(), "age_ms",
                     anchor != NULL ? json_integer(age_ms) : json_null(), "max_age_ms",
                     make_u64(net->weak_subjectivity_ms), "origin", origin, "agreed",
                     make_u64(anchor != NULL ? anchor->agreed : 0), "asked",
                     make_u64(anchor != NULL ? anchor->asked : poll->count), "sources", sources);
}

static json_t *make_progress(const struct ht_sync *sync, int64_t mono_ms, uint64_t now_slot) {
    const struct ht_network *net = ht_sync_network(sync);
    const struct ht_sync_view *view = ht_sync_view(sync);
    uint64_t current = ht_period_at_slot(net, now_slot);
    uint64_t at = ht_period_at_slot(net, view->finalized.beacon.slot);
    uint64_t first = view->first_period;
    bool has_store = view->has_store && current >= first && at >= first;
    uint64_t total = has_store ? current - first + 1 : 0;
    uint64_t finished = has_store ? at - first + (view->has_next_committee ? 1 : 0) : 0;
    int64_t spent_ms = mono_ms - view->committees_since_ms;
    uint64_t per_minute = has_store && spent_ms > 0 ? finished * 60000 / (uint64_t)spent_ms : 0;
    uint64_t left = total > finished ? total - finished : 0;
    enum ht_sync_step step = ht_sync_step(sync);
    bool has_estimate = step == HT_SYNC_COMMITTEES && per_minute > 0;
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "step", step_name(step), "done",
                     make_u64(finished < total ? finished : total), "total", make_u64(total),
                     "per_minute", make_u64(per_minute), "left_ms",
                     has_estimate ? make_u64(left * 60000 / per_minute) : json_null());
}

enum ht_err ht_l1_status_json(void *self, json_t **out, struct ht_why *why) {
    struct ht_sync *sync = self;
    const struct ht_network *net = ht_sync_network(sync);
    const struct ht_sync_view *view = ht_sync_view(sync);
    const struct ht_clock *clock = ht_sync_clock(sync);
    int64_t now_ms = ht_wall_ms(clock);
    uint64_t now_slot = ht_slot_at_ms(net, now_ms);
    struct ht_why reason;
    enum ht_sync_state state = ht_sync_state(sync, &reason);
    const struct ht_why *late = state == HT_SYNC_LIVE ? NULL : &reason;
    json_t *head = !view->has_store ? json_null()
                                    : make_header(net, &view->optimistic, "head", now_ms,
                                                  view->head_source, late);
    json_t *finalized = !view->has_store ? json_null()
                                         : make_header(net, &view->finalized, "finalized", now_ms,
                                                       view->finalized_source, late);
    json_t *made = json_pack(
        "{s:s, s:o, s:o, s:I, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "state",
        ht_sync_state_name(state), "why", late == NULL ? json_null() : make_text(late->text),
        "code", late == NULL ? json_null() : make_text(late->code), "now_ms", (json_int_t)now_ms,
        "network", make_network(net), "wall_slot", make_u64(now_slot), "fork",
        ht_fork_specs[ht_fork_at_slot(net, now_slot)].name, "head", head, "finalized", finalized,
        "period", view->has_store ? make_period(net, view, now_slot) : json_null(), "checkpoint",
        make_checkpoint(sync, now_ms), "sync", make_progress(sync, ht_mono_ms(clock), now_slot),
        "storage_error",
        view->has_storage_error
            ? json_pack("{s:o, s:o}", "code", make_text(view->storage_error.code), "text",
                        make_text(view->storage_error.text))
            : json_null());
    return done(out, made, why);
}

/* --- the other topics ------------------------------------------------------------------------- */

static json_t *make_fault(const struct ht_provider_fault *fault) {
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "at_ms", (json_int_t)fault->at_ms,
                     "asked", make_text(fault->asked), "code", make_text(fault->why.code), "reason",
                     make_text(fault->why.text), "slot",
                     fault->has_slot ? make_u64(fault->slot) : json_null(), "answer_bytes",
                     make_u64(fault->answer_bytes), "evidence",
                     fault->evidence_id > 0 ? json_integer(fault->evidence_id) : json_null());
}

static json_t *make_method(const struct ht_provider_method *method) {
    return json_pack("{s:s, s:o, s:o, s:o}", "method", method->method, "answered",
                     make_u64(method->answered), "failed", make_u64(method->failed), "ms",
                     method->average_ms < 0 ? json_null() : json_integer(method->average_ms));
}

/* What only execution providers have: how they do with each method. */
static void add_methods(json_t *out, const struct ht_provider *provider) {
    json_t *lacks = json_array(), *methods = json_array();
    for (size_t i = 0; i < provider->lack_count; i++) {
        json_array_append_new(lacks, json_string(provider->lacks[i]));
    }
    for (size_t i = 0; i < provider->method_count; i++) {
        json_array_append_new(methods, make_method(&provider->methods[i]));
    }
    json_object_set_new(out, "lacks", lacks);
    json_object_set_new(out, "methods", methods);
}

static json_t *make_provider(const struct ht_providers *providers,
                             const struct ht_provider *provider) {
    json_t *faults = json_array();
    for (size_t i = 0; i < provider->fault_count; i++) {
        json_array_append_new(faults, make_fault(&provider->faults[i]));
    }
    int64_t median_ms = ht_provider_median_ms(provider);
    unsigned budget = ht_provider_budget(providers, provider);
    json_t *last_error = provider->last_error_ms == 0
                             ? json_null()
                             : json_pack("{s:o, s:I}", "text", make_text(provider->last_error.text),
                                         "at_ms", (json_int_t)provider->last_error_ms);
    json_t *made = json_pack(
        "{s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", provider->id, "name",
        make_text(provider->name), "kind", ht_provider_kind_name(provider->kind), "state",
        ht_provider_state_name(ht_provider_state(provider)), "score", make_u64(provider->score),
        "median_ms", median_ms < 0 ? json_null() : json_integer(median_ms), "requests",
        make_u64(provider->requests), "failures", make_u64(provider->failures), "head_slot",
        provider->has_head_slot ? make_u64(provider->head_slot) : json_null(), "last_error",
        last_error, "faults", faults, "budget_per_s", budget == 0 ? json_null() : make_u64(budget));
    if (made != NULL) add_methods(made, provider);
    if (made != NULL) json_object_set_new(made, "is_peer", json_boolean(provider->is_peer));
    return made;
}

enum ht_err ht_l1_providers_json(void *self, json_t **out, struct ht_why *why) {
    struct ht_sync *sync = self;
    const struct ht_providers *providers = ht_sync_providers(sync);
    json_t *list = json_array();
    for (size_t i = 0; i < providers->count; i++) {
        if (providers->list[i].is_gone) continue;
        json_array_append_new(list, make_provider(providers, &providers->list[i]));
    }
    return done(out, json_pack("{s:o}", "providers", list), why);
}

enum ht_err ht_l1_slots_json(void *self, json_t **out, struct ht_why *why) {
    struct ht_sync *sync = self;
    const struct ht_sync_view *view = ht_sync_view(sync);
    char states[HT_VIEW_SLOTS + 1];
    uint64_t now = ht_slot_at_ms(ht_sync_network(sync), ht_wall_ms(ht_sync_clock(sync)));
    /* The slot under way and the one before it cannot be known yet. */
    uint64_t last = now > 2 ? now - 2 : 0;
    if (view->optimistic.beacon.slot > last) last = view->optimistic.beacon.slot;
    uint64_t first =
        ht_view_slots(states, ht_sync_chain_view(sync), last, view->finalized.beacon.slot);
    return done(out, json_pack("{s:o, s:s}", "first", make_u64(first), "states", states), why);
}

enum ht_err ht_l1_head_ages_json(void *self, json_t **out, struct ht_why *why) {
    struct ht_sync *sync = self;
    const struct ht_chain_view *chain = ht_sync_chain_view(sync);
    json_t *points = json_array();
    for (size_t i = 0; i < chain->delay_count; i++) {
        json_array_append_new(points, json_pack("[I, I]", (json_int_t)chain->delays[i].at_ms,
                                                (json_int_t)chain->delays[i].delay_ms));
    }
    return done(out, json_pack("{s:o}", "points", points), why);
}
