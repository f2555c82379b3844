/* dao.add: a community is followed once it is known what it is. */
#include "governance/methods_add.h"

#include <stdlib.h>

#include "governance/discovery/discover.h"
#include "governance/discovery/discover_peers.h"
#include "governance/discovery/profiling.h"
#include "governance/methods_json.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

struct adding {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_community *community;
    ht_addr20 address;
    char label[64];
};

static void on_kept(void *user, enum ht_err err, const struct ht_why *why) {
    struct adding *adding = user;
    json_t *result =
        err == HT_OK ? json_pack("{s:o}", "community", ht_community_json(adding->community)) : NULL;
    if (err == HT_OK && !adding->community->is_forgotten) {
        ht_gov_peers_ask(adding->community);
        ht_gov_discover_soon(adding->governance);
    }
    ht_gov_answer(adding->call, err, why, result);
    free(adding);
}

static void on_found(void *user, enum ht_err err, const struct ht_why *why,
                     const struct ht_gov_profiled *found) {
    struct adding *adding = user;
    struct ht_why reason = *why;
    struct ht_community *community = NULL;
    if (err == HT_OK)
        err = ht_community_new(&community, adding->governance, &adding->address, &reason);
    if (err != HT_OK) {
        ht_rpc_refuse(adding->call, err, &reason);
        free(adding);
        return;
    }
    community->profile = found->profile;
    community->standing = found->standing;
    community->why = found->why;
    community->as_of = found->as_of;
    memcpy(community->name, found->name, sizeof community->name);
    memcpy(community->token_symbol, found->token_symbol, sizeof community->token_symbol);
    memcpy(community->label, adding->label, sizeof community->label);
    adding->community = community;
    ht_community_keep(community, on_kept, adding);
}

void ht_gov_start_add(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    ht_addr20 address;
    ht_bytes label = {0};
    enum ht_err err = ht_address_param(&address, params, "address", &why);
    bool has_label =
        ht_json_member(params, "label") != NULL && !json_is_null(ht_json_member(params, "label"));
    if (err == HT_OK && has_label) err = ht_json_str(&label, params, "label", &why);
    if (err == HT_OK && ht_community_find(governance, &address) != NULL)
        err = ht_fail(&why, HT_EINPUT, "already_followed", "this community is followed already");
    if (err == HT_OK && ht_community_count(governance) == HT_COMMUNITIES_MAX)
        err = ht_fail(&why, HT_ELIMIT, "too_many_communities",
                      "at most %u communities are followed", HT_COMMUNITIES_MAX);
    struct adding *adding = err == HT_OK ? calloc(1, sizeof *adding) : NULL;
    if (adding == NULL) {
        ht_gov_answer(call, err, &why, NULL);
        return;
    }
    adding->governance = governance;
    adding->call = call;
    adding->address = address;
    ht_gov_text_line(adding->label, sizeof adding->label - 1, label);
    ht_gov_profile_find(governance, &address, on_found, adding);
}
