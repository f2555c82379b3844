/* Proposals of a community: how they come into the list, and what is kept of them. */
#include "governance/community/community_item.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/community/preimage.h"
#include "governance/text.h"
#include "node/base/hex.h"
#include "node/base/log.h"
#include "node/codec/json.h"

/* --- what was seen ---------------------------------------------------------------------------- */

json_t *ht_gov_item_seen_json(const struct ht_gov_item *item) {
    const struct ht_gov_facts *facts = &item->facts;
    if (item->provenance != HT_GOV_BY_PROOF || item->state == HT_GOV_NONE) return NULL;
    return json_pack(
        "{s:i, s:I, s:o, s:I, s:b, s:I, s:I, s:I, s:b, s:b, s:o, s:o, s:o, s:o*, s:o, s:I}",
        "state", (int)item->state, "number", (json_int_t)item->as_of.number, "hash",
        ht_gov_hex_json(HT_BYTES(item->as_of.hash.b)), "timestamp",
        (json_int_t)item->as_of.timestamp, "final", item->as_of.is_final, "start",
        (json_int_t)facts->start, "deadline", (json_int_t)facts->deadline, "eta",
        (json_int_t)facts->eta, "executed", facts->is_executed, "canceled", facts->is_canceled,
        "against", ht_gov_u256_json(&facts->against), "for", ht_gov_u256_json(&facts->in_favour),
        "abstain", ht_gov_u256_json(&facts->abstain), "quorum",
        item->has_quorum ? ht_gov_u256_json(&item->quorum) : NULL, "proposer",
        ht_gov_hex_json(HT_BYTES(facts->proposer.b)), "stamp", (json_int_t)item->timelock_stamp);
}

static enum ht_err read_facts(struct ht_gov_item *item, const json_t *json) {
    struct ht_gov_facts *facts = &item->facts;
    uint64_t state = 0;
    enum ht_err err = ht_json_u64(&state, json, "state", NULL);
    if (err == HT_OK && state >= HT_GOV_NONE) err = HT_EINPUT;
    if (err == HT_OK) err = ht_json_u64(&item->as_of.number, json, "number", NULL);
    if (err == HT_OK) err = ht_json_hex(item->as_of.hash.b, 32, json, "hash", NULL);
    if (err == HT_OK) err = ht_json_u64(&item->as_of.timestamp, json, "timestamp", NULL);
    if (err == HT_OK) err = ht_json_bool(&item->as_of.is_final, json, "final", NULL);
    if (err == HT_OK) err = ht_json_u64(&facts->start, json, "start", NULL);
    if (err == HT_OK) err = ht_json_u64(&facts->deadline, json, "deadline", NULL);
    if (err == HT_OK) err = ht_json_u64(&facts->eta, json, "eta", NULL);
    if (err == HT_OK) err = ht_json_bool(&facts->is_executed, json, "executed", NULL);
    if (err == HT_OK) err = ht_json_bool(&facts->is_canceled, json, "canceled", NULL);
    if (err == HT_OK) err = ht_gov_u256_param(&facts->against, json, "against", NULL);
    if (err == HT_OK) err = ht_gov_u256_param(&facts->in_favour, json, "for", NULL);
    if (err == HT_OK) err = ht_gov_u256_param(&facts->abstain, json, "abstain", NULL);
    if (err == HT_OK) err = ht_json_hex(facts->proposer.b, 20, json, "proposer", NULL);
    if (err == HT_OK) err = ht_json_u64(&item->timelock_stamp, json, "stamp", NULL);
    item->has_quorum = ht_gov_u256_param(&item->quorum, json, "quorum", NULL) == HT_OK;
    item->state = (enum ht_gov_state)state;
    facts->exists = true;
    return err;
}

void ht_gov_item_seen_read(struct ht_gov_item *item, const char *text) {
    json_t *json = NULL;
    if (text == NULL || ht_json_parse(&json, ht_bytes_str(text), 8192, NULL) != HT_OK) return;
    if (read_facts(item, json) == HT_OK) item->provenance = HT_GOV_BY_PROOF;
    json_decref(json);
}

/* --- on disk ---------------------------------------------------------------------------------- */

struct keeping {
    struct ht_write write; /* first */
    struct ht_gov_item_row row;
    struct ht_buf data;
    char *seen;
};

static enum ht_err write_item(struct ht_write *w, sqlite3 *db, struct ht_why *why) {
    return ht_gov_item_sql_save(db, &((struct keeping *)w)->row, why);
}

static void free_keeping(struct keeping *keeping) {
    ht_buf_fini(&keeping->data);
    free(keeping->seen);
    free(keeping);
}

static void kept(struct ht_write *w) {
    if (w->err != HT_OK) ht_log(HT_LOG_ERROR, "governance", "a proposal: %s", w->why.text);
    free_keeping((struct keeping *)w);
}

static void keep(struct ht_gov_item *item, ht_bytes data) {
    struct ht_writer *writer = item->community->governance->host->writer;
    struct keeping *keeping = calloc(1, sizeof *keeping);
    if (keeping == NULL || writer == NULL) {
        free(keeping);
        return;
    }
    json_t *seen = ht_gov_item_seen_json(item);
    ht_buf_init(&keeping->data, HT_GOV_PREIMAGE_MAX);
    keeping->seen = seen != NULL ? json_dumps(seen, JSON_COMPACT) : NULL;
    json_decref(seen);
    enum ht_err err = ht_buf_add(&keeping->data, data);
    keeping->row = (struct ht_gov_item_row){.community = item->community->address,
                                            .id = item->id,
                                            .has_data = data.n > 0,
                                            .data = ht_buf_view(&keeping->data),
                                            .is_certified = item->is_certified,
                                            .has_block = item->has_block,
                                            .block = item->created_block,
                                            .time_s = item->created_s,
                                            .tx = item->created_tx,
                                            .told = item->told,
                                            .seen = keeping->seen};
    keeping->write.write = write_item;
    keeping->write.done = kept;
    if (err == HT_OK) err = ht_writer_submit(writer, &keeping->write);
    item->is_kept = err == HT_OK;
    if (err == HT_OK) return;
    ht_log(HT_LOG_WARN, "governance", "a proposal was not kept now");
    free_keeping(keeping);
}

void ht_gov_item_changed(struct ht_gov_item *item) {
    if (item->community->is_forgotten) return;
    keep(item, (ht_bytes){0});
    ht_community_changed(item->community);
}

/* --- the list --------------------------------------------------------------------------------- */

void ht_gov_item_set(struct ht_gov_item *item, const struct ht_gov_proposal *proposal) {
    const struct ht_gov_layout *layout = &item->community->profile.layout;
    item->has_text = true;
    item->proposer = proposal->proposer;
    item->start = proposal->start;
    item->end = proposal->end;
    item->action_count = proposal->action_count;
    item->description_hash = proposal->description_hash;
    ht_gov_text_line(item->title, HT_GOV_TITLE_MAX, proposal->description);
    if (item->title[0] == '\0') (void)snprintf(item->title, sizeof item->title, "(untitled)");
    if (ht_gov_timelock_id(&item->timelock_id, proposal, &item->community->address,
                           layout->kind == HT_GOV_OZ4) != HT_OK)
        memset(&item->timelock_id, 0, sizeof item->timelock_id);
}

/* By start, those without a text in front by their number. */
static void put_in_order(struct ht_community *community) {
    for (size_t i = community->item_count - 1; i > 0; i--) {
        struct ht_gov_item *before = community->items[i - 1], *item = community->items[i];
        if (before->start <= item->start) return;
        community->items[i - 1] = item;
        community->items[i] = before;
    }
}

/* The first of them makes room for all. */
static struct ht_gov_item *add(struct ht_community *community, const ht_u256 *id) {
    if (community->items == NULL)
        community->items = calloc(HT_GOV_ITEMS_MAX, sizeof(struct ht_gov_item *));
    if (community->items == NULL || community->item_count == HT_GOV_ITEMS_MAX) return NULL;
    struct ht_gov_item *item = calloc(1, sizeof *item);
    if (item == NULL) return NULL;
    item->community = community;
    item->id = *id;
    (void)ht_fail(&item->why, HT_EUNVERIFIED, "not_looked", "it was not looked at yet");
    community->items[community->item_count++] = item;
    return item;
}

struct ht_gov_item *ht_gov_item_see(struct ht_community *community,
                                    const struct ht_gov_seen *seen) {
    struct ht_gov_item *item = ht_gov_item_find(community, seen->id);
    bool is_new = item == NULL;
    if (is_new) item = add(community, seen->id);
    if (item == NULL) return NULL;
    bool has_more = (seen->proposal != NULL && !item->has_text) ||
                    (seen->has_block && !item->has_block) ||
                    (seen->is_certified && !item->is_certified);
    if (seen->proposal != NULL && (!item->has_text || (seen->is_certified && !item->is_certified)))
        ht_gov_item_set(item, seen->proposal);
    if (seen->is_certified) item->is_certified = true;
    if (seen->block != 0 && !item->has_block) {
        item->has_block = seen->has_block;
        item->created_block = seen->block;
        item->created_s = seen->time_s;
        item->created_tx = seen->tx;
    }
    if (!is_new && !has_more && item->is_kept) return item;
    if (is_new) put_in_order(community);
    keep(item, seen->data);
    ht_community_changed(community);
    return item;
}

/* --- from disk -------------------------------------------------------------------------------- */

struct loading {
    struct ht_governance *governance;
    struct ht_gov_proposal *proposal;
};

static enum ht_err load_item(void *user, const struct ht_gov_item_row *row) {
    const struct loading *loading = user;
    struct ht_community *community = ht_community_find(loading->governance, &row->community);
    struct ht_gov_item *item = community != NULL ? add(community, &row->id) : NULL;
    struct ht_arena arena;
    bool is_certified = false;
    if (item == NULL) return HT_OK;
    ht_arena_init(&arena, 4 * HT_GOV_PREIMAGE_MAX);
    bool is_read = row->has_data && ht_gov_preimage_check(loading->proposal, &is_certified, &arena,
                                                          community, row->data, NULL) == HT_OK;
    if (is_read) ht_gov_item_set(item, loading->proposal);
    ht_arena_fini(&arena);
    item->is_kept = true;
    item->is_certified = is_read && row->is_certified;
    item->has_block = row->has_block;
    item->created_block = row->block;
    item->created_s = row->time_s;
    item->created_tx = row->tx;
    item->told = row->told;
    if (community->standing > HT_GOV_STANDS_BY_CALL) ht_gov_item_seen_read(item, row->seen);
    put_in_order(community);
    return HT_OK;
}

enum ht_err ht_gov_items_load(struct ht_governance *governance, sqlite3 *db, struct ht_why *why) {
    struct loading loading = {governance, calloc(1, sizeof *loading.proposal)};
    if (loading.proposal == NULL) return ht_fail(why, HT_ENOMEM, "no_memory", "out of memory");
    enum ht_err err = ht_gov_item_sql_load(db, load_item, &loading, why);
    free(loading.proposal);
    return err;
}
