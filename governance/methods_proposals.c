/* dao.proposals: those that are known, newest first; the ones that are shown are looked at first,
 * as far as they may have changed. */
#include "governance/methods_proposals.h"

#include <stdlib.h>

#include "governance/discovery/discover.h"
#include "governance/methods_json.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define LIMIT_DEFAULT 50U
#define LIMIT_MAX 200U
#define LOOKS_MAX 12U /* for one answer; the others are as they were seen last */

struct listing {
    struct ht_governance *governance;
    struct ht_rpc_call *call;
    struct ht_community *community; /* NULL: of all */
    char state[16];
    uint64_t until, limit;
    size_t pending; /* looks, and one for who starts them */
};

static bool is_wanted(const struct listing *listing, const struct ht_gov_item *item) {
    bool is_seen = item->provenance != HT_GOV_UNVERIFIED;
    if (is_seen && item->state == HT_GOV_NONE) return false;
    uint64_t start = is_seen ? item->facts.start : item->start;
    if (listing->until != 0 && start >= listing->until) return false;
    if (listing->state[0] == '\0') return true;
    return is_seen && strcmp(ht_gov_state_name(item->state), listing->state) == 0;
}

static int by_start_down(const void *a, const void *b) {
    const struct ht_gov_item *left = *(struct ht_gov_item *const *)a;
    const struct ht_gov_item *right = *(struct ht_gov_item *const *)b;
    uint64_t l = left->start != 0 ? left->start : left->facts.start;
    uint64_t r = right->start != 0 ? right->start : right->facts.start;
    return l < r ? 1 : l > r ? -1 : 0;
}

/* All that are wanted, newest first; the caller's. NULL: none, or no memory. */
static struct ht_gov_item **gather(const struct listing *listing, size_t *count) {
    size_t room = 0;
    *count = 0;
    for (size_t i = 0; i < ht_community_count(listing->governance); i++)
        room += ht_community_at(listing->governance, i)->item_count;
    struct ht_gov_item **list = room > 0 ? calloc(room, sizeof(struct ht_gov_item *)) : NULL;
    if (list == NULL) return NULL;
    for (size_t i = 0; i < ht_community_count(listing->governance); i++) {
        const struct ht_community *community = ht_community_at(listing->governance, i);
        if (listing->community != NULL && community != listing->community) continue;
        for (size_t k = 0; k < community->item_count; k++) {
            if (is_wanted(listing, community->items[k])) list[(*count)++] = community->items[k];
        }
    }
    if (*count > 0) qsort(list, *count, sizeof(struct ht_gov_item *), by_start_down);
    return list;
}

static void put_scan(json_t *result, const struct ht_community *community) {
    struct ht_why why;
    bool is_complete = ht_gov_discover_is_complete(community, &why);
    ht_gov_put(result, "is_complete", json_boolean(is_complete));
    ht_gov_put(result, "is_enumerated", json_boolean(community->is_enumerated));
    ht_gov_put(result, "why_incomplete",
               is_complete ? NULL : ht_gov_text_json(ht_bytes_str(why.text), 200));
    ht_gov_put(result, "scanned",
               community->has_scanned
                   ? json_pack("{s:I, s:I}", "from", (json_int_t)community->scanned_from, "to",
                               (json_int_t)community->scanned_to)
                   : NULL);
    ht_gov_put(result, "scanning",
               community->scan_total > 0
                   ? json_pack("{s:I, s:I}", "done", (json_int_t)community->scan_done, "total",
                               (json_int_t)community->scan_total)
                   : NULL);
}

/* Of several communities: complete when each is. */
static void put_scans(json_t *result, const struct listing *listing) {
    const struct ht_governance *governance = listing->governance;
    if (listing->community != NULL) {
        put_scan(result, listing->community);
        return;
    }
    bool is_complete = true;
    struct ht_why why = {0}, first = {0};
    for (size_t i = 0; i < ht_community_count(governance); i++) {
        if (ht_gov_discover_is_complete(ht_community_at(governance, i), &why)) continue;
        if (is_complete) first = why;
        is_complete = false;
    }
    ht_gov_put(result, "is_complete", json_boolean(is_complete));
    ht_gov_put(result, "why_incomplete",
               is_complete ? NULL : ht_gov_text_json(ht_bytes_str(first.text), 200));
    ht_gov_put(result, "scanned", NULL);
    ht_gov_put(result, "scanning", NULL);
}

static void answer(struct listing *listing) {
    size_t count = 0;
    struct ht_gov_item **list = gather(listing, &count);
    json_t *proposals = json_array();
    for (size_t i = 0; i < count && i < listing->limit; i++)
        (void)json_array_append_new(proposals, ht_gov_item_json(list[i]));
    json_t *result =
        json_pack("{s:o, s:b}", "proposals", proposals, "has_more", count > listing->limit);
    if (result != NULL) put_scans(result, listing);
    free(list);
    ht_gov_answer(listing->call, HT_OK, NULL, result);
    free(listing);
}

static void on_looked(void *user, struct ht_gov_item *item, enum ht_err err,
                      const struct ht_why *why) {
    struct listing *listing = user;
    (void)item, (void)err, (void)why;
    if (--listing->pending == 0) answer(listing);
}

static bool is_due(const struct ht_gov_item *item) {
    if (item->provenance == HT_GOV_UNVERIFIED) return true;
    return item->state == HT_GOV_ACTIVE || item->state == HT_GOV_PENDING;
}

static void look(struct listing *listing) {
    size_t count = 0, looks = 0;
    struct ht_gov_item **list = gather(listing, &count);
    listing->pending = 1;
    for (size_t i = 0; i < count && i < listing->limit && looks < LOOKS_MAX; i++) {
        if (!is_due(list[i])) continue;
        looks++;
        listing->pending++;
        ht_gov_look(list[i], on_looked, listing);
    }
    free(list);
    on_looked(listing, NULL, HT_OK, NULL);
}

static enum ht_err read_params(struct listing *listing, const json_t *params, struct ht_why *why) {
    const char *state = "";
    enum ht_err err = HT_OK;
    listing->limit = LIMIT_DEFAULT;
    if (ht_rpc_has(params, "address"))
        err = ht_community_param(&listing->community, NULL, listing->governance, params, why);
    if (err == HT_OK && ht_rpc_has(params, "state"))
        err = ht_json_text(&state, params, "state", why);
    if (err == HT_OK && strlen(state) >= sizeof listing->state)
        err = ht_fail(why, HT_EINPUT, "bad_state", "no state of a proposal has that name");
    if (err == HT_OK && ht_rpc_has(params, "until"))
        err = ht_json_u64(&listing->until, params, "until", why);
    if (err == HT_OK && ht_rpc_has(params, "limit"))
        err = ht_json_u64(&listing->limit, params, "limit", why);
    if (err == HT_OK && (listing->limit == 0 || listing->limit > LIMIT_MAX))
        err = ht_fail(why, HT_EINPUT, "bad_limit", "1 to %u proposals are listed", LIMIT_MAX);
    if (err == HT_OK) memcpy(listing->state, state, strlen(state) + 1);
    return err;
}

void ht_gov_start_proposals(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct listing *listing = calloc(1, sizeof *listing);
    if (listing == NULL) {
        ht_gov_answer(call, HT_OK, NULL, NULL);
        return;
    }
    listing->governance = self;
    listing->call = call;
    enum ht_err err = read_params(listing, params, &why);
    if (err == HT_OK) {
        look(listing);
        return;
    }
    free(listing);
    ht_rpc_refuse(call, err, &why);
}
