/* The list of communities and of their proposals, in memory and on disk. */
#include "governance/community/community.h"

#include <stdlib.h>

#include "governance/community/community_item.h"
#include "governance/text.h"
#include "node/base/log.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define TELL_MS 100
#define GONE_MAX 256U

static enum ht_err no_memory(struct ht_why *why) {
    return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
}

static bool same_address(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

const char *ht_gov_provenance_name(enum ht_gov_provenance provenance) {
    switch (provenance) {
    case HT_GOV_BY_PROOF: return "proven";
    case HT_GOV_BY_CALL: return "called";
    case HT_GOV_UNVERIFIED: break;
    }
    return "unverified";
}

const char *ht_gov_standing_name(enum ht_gov_standing standing) {
    switch (standing) {
    case HT_GOV_STANDS_KNOWN: return "known";
    case HT_GOV_STANDS_PROBED: return "probed";
    case HT_GOV_STANDS_BY_CALL: return "called";
    case HT_GOV_STANDS_NOT: break;
    }
    return "none";
}

/* --- finding ---------------------------------------------------------------------------------- */

size_t ht_community_count(const struct ht_governance *governance) {
    return governance->communities->count;
}

struct ht_community *ht_community_at(const struct ht_governance *governance, size_t i) {
    return governance->communities->list[i];
}

struct ht_community *ht_community_find(const struct ht_governance *governance,
                                       const ht_addr20 *address) {
    const struct ht_communities *all = governance->communities;
    for (size_t i = 0; i < all->count; i++) {
        if (same_address(&all->list[i]->address, address)) return all->list[i];
    }
    return NULL;
}

struct ht_gov_item *ht_gov_item_find(const struct ht_community *community, const ht_u256 *id) {
    for (size_t i = 0; i < community->item_count; i++) {
        if (ht_u256_equal(&community->items[i]->id, id)) return community->items[i];
    }
    return NULL;
}

enum ht_err ht_community_param(struct ht_community **out, struct ht_gov_item **item,
                               const struct ht_governance *governance, const json_t *params,
                               struct ht_why *why) {
    ht_addr20 address;
    ht_u256 id;
    enum ht_err err = ht_address_param(&address, params, "address", why);
    if (err == HT_OK && item != NULL) err = ht_gov_u256_param(&id, params, "id", why);
    if (err != HT_OK) return err;
    struct ht_community *community = ht_community_find(governance, &address);
    if (community == NULL) {
        return ht_fail(why, HT_ENOTFOUND, "no_such_community",
                       "this community is not followed here: add it first");
    }
    if (out != NULL) *out = community;
    if (item == NULL) return HT_OK;
    *item = ht_gov_item_find(community, &id);
    if (*item != NULL) return HT_OK;
    return ht_fail(why, HT_ENOTFOUND, "no_such_proposal", "this proposal is not known here");
}

/* --- telling ---------------------------------------------------------------------------------- */

static void tell(struct ht_timer *timer) {
    struct ht_communities *all =
        (struct ht_communities *)(void *)((char *)timer - offsetof(struct ht_communities, timer));
    const struct ht_host *host = all->governance->host;
    all->is_telling = false;
    host->publish(host, "dao.changed");
}

void ht_community_changed(struct ht_community *community) {
    struct ht_governance *governance = community->governance;
    struct ht_communities *all = governance->communities;
    if (governance->is_quitting || all->is_telling) return;
    all->is_telling = true;
    ht_timer_set(governance->host->loop, &all->timer, TELL_MS, tell);
}

/* --- on disk ---------------------------------------------------------------------------------- */

struct keeping {
    struct ht_write write; /* first */
    struct ht_community_row row;
    char label[64], name[128], symbol[32];
    char *profile;
    bool is_delete;
    ht_community_told told;
    void *user;
};

static enum ht_err write_row(struct ht_write *w, sqlite3 *db, struct ht_why *why) {
    const struct keeping *keeping = (struct keeping *)w;
    return keeping->is_delete ? ht_community_sql_delete(db, &keeping->row.address, why)
                              : ht_community_sql_save(db, &keeping->row, why);
}

static void kept(struct ht_write *w) {
    struct keeping *keeping = (struct keeping *)w;
    if (w->err != HT_OK) ht_log(HT_LOG_ERROR, "governance", "a community: %s", w->why.text);
    if (keeping->told != NULL) keeping->told(keeping->user, w->err, &w->why);
    free(keeping->profile);
    free(keeping);
}

static enum ht_err fill_row(struct keeping *keeping, const struct ht_community *community) {
    memcpy(keeping->label, community->label, sizeof keeping->label);
    memcpy(keeping->name, community->name, sizeof keeping->name);
    memcpy(keeping->symbol, community->token_symbol, sizeof keeping->symbol);
    keeping->row = (struct ht_community_row){.address = community->address,
                                             .label = keeping->label,
                                             .name = keeping->name,
                                             .token_symbol = keeping->symbol,
                                             .added_ms = community->added_ms,
                                             .standing = (int)community->standing,
                                             .has_scanned = community->has_scanned,
                                             .is_enumerated = community->is_enumerated,
                                             .scanned_from = community->scanned_from,
                                             .scanned_to = community->scanned_to,
                                             .has_asked = community->has_asked,
                                             .asked_from = community->asked_from,
                                             .asked_to = community->asked_to};
    if (community->standing == HT_GOV_STANDS_NOT) return HT_OK;
    json_t *profile = ht_gov_profile_json(&community->profile);
    keeping->profile = profile != NULL ? json_dumps(profile, JSON_COMPACT) : NULL;
    json_decref(profile);
    keeping->row.profile = keeping->profile;
    return keeping->profile != NULL ? HT_OK : HT_ENOMEM;
}

static void submit(struct ht_community *community, bool is_delete, ht_community_told told,
                   void *user) {
    struct ht_why why = {0};
    struct keeping *keeping = calloc(1, sizeof *keeping);
    enum ht_err err = keeping != NULL ? fill_row(keeping, community) : HT_ENOMEM;
    if (err != HT_OK) {
        (void)no_memory(&why);
    } else {
        keeping->write.write = write_row;
        keeping->write.done = kept;
        keeping->is_delete = is_delete;
        keeping->told = told;
        keeping->user = user;
        err = ht_writer_submit(community->governance->host->writer, &keeping->write);
        if (err == HT_OK) return;
        (void)ht_fail(&why, err, "busy", "too much waits to be written");
    }
    if (keeping != NULL) free(keeping->profile);
    free(keeping);
    ht_log(HT_LOG_ERROR, "governance", "a community was not kept: %s", why.text);
    if (told != NULL) told(user, err, &why);
}

void ht_community_keep(struct ht_community *community, ht_community_told told, void *user) {
    submit(community, false, told, user);
    ht_community_changed(community);
}

void ht_community_forget(struct ht_community *community, ht_community_told told, void *user) {
    struct ht_communities *all = community->governance->communities;
    for (size_t i = 0; i < all->count; i++) {
        if (all->list[i] != community) continue;
        memmove(&all->list[i], &all->list[i + 1], (all->count - i - 1) * sizeof *all->list);
        all->count--;
        community->is_forgotten = true;
        community->next = all->gone;
        all->gone = community;
        all->gone_count++;
        break;
    }
    submit(community, true, told, user);
    ht_community_changed(community);
}

/* --- making ----------------------------------------------------------------------------------- */

static void free_community(struct ht_community *community,
                           void (*release)(struct ht_community *community)) {
    release(community);
    for (size_t i = 0; i < community->item_count; i++) free(community->items[i]);
    free(community->items);
    free(community);
}

static void reset(struct ht_community *community, struct ht_governance *governance,
                  const ht_addr20 *address) {
    community->governance = governance;
    community->address = *address;
    community->added_ms = ht_wall_ms(governance->host->clock);
    community->is_forgotten = false;
    community->next = NULL;
    community->label[0] = '\0';
    community->has_scanned = community->has_asked = community->is_enumerated = false;
    /* What was on disk of them is gone; those that are there are found again. */
    for (size_t i = 0; i < community->item_count; i++) {
        struct ht_gov_item *item = community->items[i];
        item->is_kept = item->has_text = item->is_certified = item->has_block = false;
        item->told = 0;
    }
}

static struct ht_community *take_gone(struct ht_communities *all, const ht_addr20 *address) {
    for (struct ht_community **at = &all->gone; *at != NULL; at = &(*at)->next) {
        struct ht_community *community = *at;
        if (!same_address(&community->address, address)) continue;
        *at = community->next;
        all->gone_count--;
        return community;
    }
    return NULL;
}

enum ht_err ht_community_new(struct ht_community **out, struct ht_governance *governance,
                             const ht_addr20 *address, struct ht_why *why) {
    struct ht_communities *all = governance->communities;
    if (ht_community_find(governance, address) != NULL) {
        return ht_fail(why, HT_EINPUT, "already_followed", "this community is followed already");
    }
    if (all->count == HT_COMMUNITIES_MAX || all->gone_count == GONE_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_communities",
                       "at most %u communities are followed", HT_COMMUNITIES_MAX);
    }
    struct ht_community *community = take_gone(all, address);
    if (community == NULL) community = calloc(1, sizeof *community);
    if (community == NULL) return no_memory(why);
    reset(community, governance, address);
    all->list[all->count++] = community;
    *out = community;
    return HT_OK;
}

void ht_community_distrust(struct ht_community *community, const struct ht_why *why) {
    community->standing = HT_GOV_STANDS_NOT;
    community->why = *why;
    community->is_enumerated = false;
    for (size_t i = 0; i < community->item_count; i++) {
        struct ht_gov_item *item = community->items[i];
        item->provenance = HT_GOV_UNVERIFIED;
        item->why = *why;
    }
    ht_community_keep(community, NULL, NULL);
}

/* --- time ------------------------------------------------------------------------------------- */

uint64_t ht_gov_clock_of(const struct ht_community *community, const struct ht_gov_as_of *as_of) {
    return community->profile.layout.clock == HT_GOV_TIME ? as_of->timestamp : as_of->number;
}

uint64_t ht_gov_time_of(const struct ht_community *community, uint64_t point,
                        const struct ht_gov_as_of *as_of, bool *is_estimate) {
    const struct ht_network *network = community->governance->host->network;
    uint64_t slot_ms =
        network != NULL && network->slot_duration_ms > 0 ? network->slot_duration_ms : 12000;
    *is_estimate = false;
    if (community->profile.layout.clock == HT_GOV_TIME) return point;
    *is_estimate = point != as_of->number;
    if (point >= as_of->number) {
        uint64_t blocks = point - as_of->number;
        return blocks > UINT32_MAX ? UINT32_MAX : as_of->timestamp + slot_ms * blocks / 1000;
    }
    uint64_t before = slot_ms * (as_of->number - point) / 1000;
    return before < as_of->timestamp ? as_of->timestamp - before : 0;
}

/* --- life ------------------------------------------------------------------------------------- */

static void take_profile(struct ht_community *community, const struct ht_community_row *row) {
    struct ht_why why = {0};
    json_t *json = NULL;
    if (row->profile == NULL || row->standing == HT_GOV_STANDS_NOT) return;
    enum ht_err err = ht_json_parse(&json, ht_bytes_str(row->profile), 65536, &why);
    if (err == HT_OK) err = ht_gov_profile_read(&community->profile, json, &why);
    json_decref(json);
    if (err == HT_OK) {
        community->standing = (enum ht_gov_standing)row->standing;
    } else {
        ht_log(HT_LOG_WARN, "governance", "a profile is not readable: %s", why.text);
    }
}

static void copy(char *out, size_t size, const char *text) {
    size_t n = text != NULL ? strlen(text) : 0;
    if (n >= size) n = size - 1;
    if (n > 0) memcpy(out, text, n);
    out[n] = '\0';
}

static enum ht_err load_community(void *user, const struct ht_community_row *row) {
    struct ht_governance *governance = user;
    struct ht_community *community;
    struct ht_why why;
    if (ht_community_new(&community, governance, &row->address, &why) != HT_OK) {
        ht_log(HT_LOG_WARN, "governance", "a community is left out: %s", why.text);
        return HT_OK;
    }
    copy(community->label, sizeof community->label, row->label);
    copy(community->name, sizeof community->name, row->name);
    copy(community->token_symbol, sizeof community->token_symbol, row->token_symbol);
    community->added_ms = row->added_ms;
    community->has_scanned = row->has_scanned;
    community->scanned_from = row->scanned_from;
    community->scanned_to = row->scanned_to;
    community->has_asked = row->has_asked;
    community->asked_from = row->asked_from;
    community->asked_to = row->asked_to;
    take_profile(community, row);
    community->is_enumerated = row->is_enumerated && community->standing > HT_GOV_STANDS_BY_CALL;
    return HT_OK;
}

enum ht_err ht_communities_new(struct ht_governance *governance, sqlite3 *db, struct ht_why *why) {
    struct ht_communities *all = calloc(1, sizeof *all);
    if (all == NULL) return no_memory(why);
    all->governance = governance;
    governance->communities = all;
    enum ht_err err = ht_community_sql_load(db, load_community, governance, why);
    if (err == HT_OK) err = ht_gov_items_load(governance, db, why);
    return err;
}

void ht_communities_quit(struct ht_governance *governance) {
    if (governance->communities != NULL) ht_timer_cancel(&governance->communities->timer);
}

void ht_communities_free(struct ht_governance *governance,
                         void (*release)(struct ht_community *community)) {
    struct ht_communities *all = governance->communities;
    if (all == NULL) return;
    ht_timer_cancel(&all->timer);
    for (size_t i = 0; i < all->count; i++) free_community(all->list[i], release);
    while (all->gone != NULL) {
        struct ht_community *community = all->gone;
        all->gone = community->next;
        free_community(community, release);
    }
    free(all);
    governance->communities = NULL;
}
