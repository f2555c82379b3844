/* The table of methods of this part, the small ones among them, and the part's beginning and end.
 */
#include "governance/methods.h"

#include <stdlib.h>

#include "governance/discovery/discover.h"
#include "governance/discovery/discover_peers.h"
#include "governance/methods_add.h"
#include "governance/methods_community.h"
#include "governance/methods_export.h"
#include "governance/methods_json.h"
#include "governance/methods_proposal.h"
#include "governance/methods_proposals.h"
#include "governance/methods_simulate.h"
#include "governance/methods_votes.h"
#include "governance/power/power_look.h"
#include "governance/recount/recount.h"
#include "governance/text.h"
#include "governance/watch/watch.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define CLOSING_S 172800U /* what ends within two days is named */

static enum ht_err list(void *self, json_t **result, const json_t *params, struct ht_why *why) {
    const struct ht_governance *governance = self;
    json_t *communities = json_array();
    (void)params;
    for (size_t i = 0; i < ht_community_count(governance); i++)
        (void)json_array_append_new(communities, ht_community_json(ht_community_at(governance, i)));
    *result = json_pack("{s:o}", "communities", communities);
    return *result != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- forget, label ---------------------------------------------------------------------------- */

static void on_forgotten(void *user, enum ht_err err, const struct ht_why *why) {
    ht_gov_answer(user, err, why, json_object());
}

static void start_forget(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_community *community;
    enum ht_err err = ht_community_param(&community, NULL, self, params, &why);
    if (err == HT_OK) {
        ht_community_forget(community, on_forgotten, call);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
}

struct labelling {
    struct ht_rpc_call *call;
    struct ht_community *community;
};

static void on_labelled(void *user, enum ht_err err, const struct ht_why *why) {
    struct labelling *labelling = user;
    json_t *result = err == HT_OK
                         ? json_pack("{s:o}", "community", ht_community_json(labelling->community))
                         : NULL;
    ht_gov_answer(labelling->call, err, why, result);
    free(labelling);
}

static void start_label(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    ht_bytes label = {0};
    struct ht_community *community;
    enum ht_err err = ht_community_param(&community, NULL, self, params, &why);
    if (err == HT_OK) err = ht_json_str(&label, params, "label", &why);
    if (err == HT_OK && label.n >= sizeof community->label)
        err = ht_fail(&why, HT_EINPUT, "label_too_long", "a label has at most %zu bytes",
                      sizeof community->label - 1);
    struct labelling *labelling = err == HT_OK ? calloc(1, sizeof *labelling) : NULL;
    if (labelling == NULL) {
        ht_gov_answer(call, err, &why, NULL);
        return;
    }
    *labelling = (struct labelling){call, community};
    ht_gov_text_line(community->label, sizeof community->label - 1, label);
    ht_community_keep(community, on_labelled, labelling);
}

/* --- share ------------------------------------------------------------------------------------ */

static void on_shared(void *user, enum ht_err err, const struct ht_why *why, const ht_hash32 *id) {
    json_t *result =
        err == HT_OK ? json_pack("{s:o}", "event_id", ht_gov_hex_json(HT_BYTES(id->b))) : NULL;
    ht_gov_answer(user, err, why, result);
}

static void start_share(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct ht_gov_item *item = NULL;
    enum ht_err err = ht_community_param(NULL, &item, self, params, &why);
    if (err == HT_OK) {
        ht_gov_peers_share(item, on_shared, call);
    } else {
        ht_rpc_refuse(call, err, &why);
    }
}

/* --- the topic -------------------------------------------------------------------------------- */

static void add_closing(json_t *closing, const struct ht_gov_item *item) {
    bool is_estimate;
    const struct ht_community *community = item->community;
    uint64_t end_s = ht_gov_time_of(community, item->facts.deadline, &item->as_of, &is_estimate);
    if (end_s > item->as_of.timestamp + CLOSING_S) return;
    (void)json_array_append_new(closing, json_pack("{s:o, s:o, s:s, s:I}", "address",
                                                   ht_address_json(&community->address), "id",
                                                   ht_gov_u256_json(&item->id), "title",
                                                   item->title, "end_s", (json_int_t)end_s));
}

enum ht_err ht_gov_changed_topic(void *self, json_t **value, struct ht_why *why) {
    const struct ht_governance *governance = self;
    json_int_t active = 0, alerts = 0;
    json_t *closing = json_array();
    for (size_t i = 0; i < ht_community_count(governance); i++) {
        const struct ht_community *community = ht_community_at(governance, i);
        bool is_wrong = community->standing == HT_GOV_STANDS_NOT && community->why.code != NULL;
        alerts += is_wrong ? 1 : 0;
        for (size_t k = 0; k < community->item_count; k++) {
            if (!ht_gov_is_open(community->items[k])) continue;
            active++;
            add_closing(closing, community->items[k]);
        }
    }
    *value =
        json_pack("{s:I, s:I, s:o, s:I}", "communities", (json_int_t)ht_community_count(governance),
                  "active", active, "closing", closing, "alerts", alerts);
    return *value != NULL ? HT_OK : ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

/* --- the part --------------------------------------------------------------------------------- */

static enum ht_err start(struct ht_governance *governance, sqlite3 *db, struct ht_why *why) {
    enum ht_err err = ht_communities_new(governance, db, why);
    if (err == HT_OK) err = ht_gov_notices_new(governance, db, why);
    if (err == HT_OK) err = ht_gov_discover_new(governance, why);
    if (err == HT_OK) err = ht_gov_watch_new(governance, why);
    if (err == HT_OK) ht_gov_peers_listen(governance);
    return err;
}

static void on_head(struct ht_governance *governance) {
    ht_gov_peers_listen(governance);
    ht_gov_watch_on_head(governance);
    ht_gov_discover_soon(governance);
}

static void quit(struct ht_governance *governance) {
    ht_gov_discover_quit(governance);
    ht_gov_watch_quit(governance);
    ht_communities_quit(governance);
}

static void release(struct ht_community *community) {
    for (size_t i = 0; i < community->item_count; i++) ht_gov_recount_free(community->items[i]);
    ht_gov_power_forget(community);
}

static void stop(struct ht_governance *governance) {
    ht_gov_watch_free(governance);
    ht_gov_discover_free(governance);
    ht_communities_free(governance, release);
    ht_gov_notices_free(governance);
}

static const struct ht_rpc_method METHODS[] = {
    {.name = "dao.list", .fn = list},
    {.name = "dao.add", .start = ht_gov_start_add},
    {.name = "dao.forget", .start = start_forget},
    {.name = "dao.label", .start = start_label},
    {.name = "dao.community", .start = ht_gov_start_community},
    {.name = "dao.proposals", .start = ht_gov_start_proposals},
    {.name = "dao.proposal", .start = ht_gov_start_proposal},
    {.name = "dao.share", .start = start_share},
    {.name = "dao.votes", .start = ht_gov_start_votes},
    {.name = "dao.weights", .start = ht_gov_start_weights},
    {.name = "dao.recount", .fn = ht_gov_recount_method},
    {.name = "dao.export", .start = ht_gov_start_export},
    {.name = "dao.audit", .start = ht_gov_start_audit},
    {.name = "dao.simulate", .start = ht_gov_start_simulate},
    {.name = "dao.notices", .fn = ht_gov_notices_list},
    {.name = "dao.notices_read", .start = ht_gov_notices_mark},
};
_Static_assert(sizeof METHODS / sizeof *METHODS == HT_GOV_COMMUNITY_METHODS,
               "governance.h counts them");

const struct ht_gov_part ht_gov_community_part = {
    .methods = METHODS,
    .method_count = sizeof METHODS / sizeof *METHODS,
    .start = start,
    .on_head = on_head,
    .quit = quit,
    .free = stop,
};
