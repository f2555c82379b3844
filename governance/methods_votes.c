/* dao.votes, dao.recount, dao.weights: what was counted, vote by vote. */
#include "governance/methods_votes.h"

#include <stdlib.h>

#include "governance/methods_json.h"
#include "governance/methods_tx.h"
#include "governance/recount/recount_weights.h"
#include "governance/text.h"
#include "node/codec/address.h"
#include "node/codec/json.h"

#define LIMIT_DEFAULT 100U
#define LIMIT_MAX 500U
#define REASON_MAX 4096U

/* --- dao.votes -------------------------------------------------------------------------------- */

static json_t *vote_json(const struct ht_gov_item *item, const struct ht_gov_counted *shown,
                         const struct ht_gov_vote *vote, size_t i) {
    json_t *json = json_pack(
        "{s:o, s:i, s:o, s:o, s:I, s:i, s:i}", "voter", ht_address_json(&vote->voter), "support",
        (int)vote->support, "weight", ht_gov_u256_json(&vote->weight), "reason",
        ht_gov_text_json(vote->reason, REASON_MAX), "block", (json_int_t)vote->block, "transaction",
        (int)vote->transaction, "log", (int)vote->log);
    if (json == NULL) return NULL;
    ht_gov_put(json, "name", ht_gov_name_json(item->community->governance, &vote->voter));
    ht_gov_put(json, "split",
               json_pack("[o, o, o]", ht_gov_u256_json(&vote->split[0]),
                         ht_gov_u256_json(&vote->split[1]), ht_gov_u256_json(&vote->split[2])));
    ht_gov_put(json, "is_override", json_boolean(vote->is_override));
    ht_gov_put(json, "is_mine",
               json_boolean(ht_gov_is_mine(item->community->governance, &vote->voter)));
    ht_gov_put(json, "tx", NULL);
    ht_gov_put(json, "flag_proven",
               json_boolean(shown->flags_checked && shown->flags != NULL && shown->flags[i] != 0));
    ht_gov_put_weight(json, item, vote);
    return json;
}

struct sorted {
    const struct ht_gov_vote *vote;
    size_t i;
};

static int by_weight_down(const void *a, const void *b) {
    const struct sorted *left = a, *right = b;
    int order = ht_u256_compare(&right->vote->weight, &left->vote->weight);
    if (order != 0) return order;
    return left->i < right->i ? -1 : left->i > right->i;
}

static enum ht_err page(uint64_t *offset, uint64_t *limit, bool *by_weight, const json_t *params,
                        struct ht_why *why) {
    const char *sort = "weight";
    enum ht_err err = HT_OK;
    *offset = 0;
    *limit = LIMIT_DEFAULT;
    if (ht_rpc_has(params, "offset")) err = ht_json_u64(offset, params, "offset", why);
    if (err == HT_OK && ht_rpc_has(params, "limit")) err = ht_json_u64(limit, params, "limit", why);
    if (err == HT_OK && ht_rpc_has(params, "sort")) err = ht_json_text(&sort, params, "sort", why);
    if (err != HT_OK) return err;
    *by_weight = strcmp(sort, "weight") == 0;
    if (!*by_weight && strcmp(sort, "time") != 0)
        return ht_fail(why, HT_EINPUT, "bad_sort", "votes are sorted by weight or by time");
    if (*limit == 0 || *limit > LIMIT_MAX)
        return ht_fail(why, HT_EINPUT, "bad_limit", "1 to %u votes are listed", LIMIT_MAX);
    return HT_OK;
}

static struct sorted *sort_votes(const struct ht_gov_vote *votes, size_t n, bool by_weight) {
    struct sorted *list = calloc(n > 0 ? n : 1, sizeof *list);
    for (size_t i = 0; list != NULL && i < n; i++) list[i] = (struct sorted){&votes[i], i};
    if (list != NULL && by_weight && n > 0) qsort(list, n, sizeof *list, by_weight_down);
    return list;
}

struct paging {
    struct ht_rpc_call *call;
    struct ht_gov_item *item;
    json_t *result;
    struct ht_gov_tx tx;
};

static json_t *votes_json(struct paging *paging, uint64_t offset, uint64_t limit, bool by_weight) {
    const struct ht_gov_item *item = paging->item;
    const struct ht_gov_counted *shown = item->recount != NULL ? item->recount->shown : NULL;
    size_t n = 0;
    const struct ht_gov_vote *votes = shown != NULL ? ht_gov_count_votes(shown->count, &n) : NULL;
    struct sorted *list = sort_votes(votes, n, by_weight);
    bool is_counting = item->recount != NULL && item->recount->working != NULL;
    json_t *rows = json_array();
    for (uint64_t i = offset; list != NULL && i < n && i - offset < limit; i++) {
        json_t *row = vote_json(item, shown, list[i].vote, list[i].i);
        (void)json_array_append_new(rows, row);
        /* While votes still come in, receipts go first. */
        if (!is_counting) ht_gov_tx_want(&paging->tx, row, list[i].vote);
    }
    free(list);
    json_t *json = json_pack("{s:o, s:I, s:b}", "votes", rows, "total", (json_int_t)n,
                             "is_counting", is_counting);
    ht_gov_put(json, "weights", ht_gov_weights_json(item));
    ht_gov_put(json, "as_of", shown != NULL ? ht_gov_as_of_json(&shown->as_of) : NULL);
    return json;
}

static void got_transactions(struct ht_gov_tx *tx) {
    struct paging *paging = tx->user;
    ht_gov_answer(paging->call, HT_OK, NULL, paging->result);
    free(paging);
}

void ht_gov_start_votes(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_governance *governance = self;
    struct ht_why why = {0};
    struct ht_gov_item *item = NULL;
    uint64_t offset = 0, limit = 0;
    bool by_weight = true;
    enum ht_err err = ht_community_param(NULL, &item, governance, params, &why);
    if (err == HT_OK) err = page(&offset, &limit, &by_weight, params, &why);
    struct paging *paging = err == HT_OK ? calloc(1, sizeof *paging) : NULL;
    if (paging == NULL) {
        ht_gov_answer(call, err, &why, NULL);
        return;
    }
    ht_gov_recount_want(item);
    *paging = (struct paging){.call = call, .item = item};
    paging->tx = (struct ht_gov_tx){.item = item, .done = got_transactions, .user = paging};
    paging->result = votes_json(paging, offset, limit, by_weight);
    ht_gov_tx_read(&paging->tx);
}

/* dao.recount {"address", "id", "full"?: bool} */
enum ht_err ht_gov_recount_method(void *self, json_t **result, const json_t *params,
                                  struct ht_why *why) {
    struct ht_gov_item *item = NULL;
    bool is_full = false;
    enum ht_err err = ht_community_param(NULL, &item, self, params, why);
    if (err == HT_OK && ht_rpc_has(params, "full"))
        err = ht_json_bool(&is_full, params, "full", why);
    if (err != HT_OK) return err;
    ht_gov_recount_start(item, is_full);
    *result = json_object();
    return HT_OK;
}

/* --- dao.weights ------------------------------------------------------------------------------ */

/* dao.weights {"address", "id", "voters": [address]} -> {"weights": [{"voter", "weight" | null,
 * "provenance", "why" | null}], "at"}: what each could vote with at the snapshot. Kept, and in
 * dao.votes from then on. */
struct weighing {
    struct ht_rpc_call *call;
    struct ht_gov_item *item;
    ht_addr20 voters[HT_GOV_WEIGHTS_MAX];
    size_t count;
};

static json_t *weight_json(const struct ht_gov_weight *weight) {
    bool is_fine = weight->err == HT_OK;
    return json_pack("{s:o, s:o, s:s, s:o}", "voter", ht_address_json(&weight->voter), "weight",
                     is_fine ? ht_gov_u256_json(&weight->power) : json_null(), "provenance",
                     ht_gov_provenance_name(weight->provenance), "why",
                     is_fine ? json_null() : ht_gov_text_json(ht_bytes_str(weight->why.text), 200));
}

static void got_weights(void *user, enum ht_err err, const struct ht_why *why,
                        const struct ht_gov_weight *weights, size_t count) {
    struct weighing *weighing = user;
    json_t *rows = err == HT_OK ? json_array() : NULL;
    for (size_t i = 0; err == HT_OK && i < count; i++)
        (void)json_array_append_new(rows, weight_json(&weights[i]));
    json_t *result = rows != NULL ? json_pack("{s:o, s:I}", "weights", rows, "at",
                                              (json_int_t)weighing->item->facts.start)
                                  : NULL;
    ht_gov_answer(weighing->call, err, why, result);
    free(weighing);
}

static enum ht_err read_voters(struct weighing *weighing, const json_t *params,
                               struct ht_why *why) {
    const json_t *list;
    enum ht_err err = ht_json_array(&list, params, "voters", why);
    if (err != HT_OK) return err;
    if (json_array_size(list) == 0 || json_array_size(list) > HT_GOV_WEIGHTS_MAX) {
        return ht_fail(why, HT_ELIMIT, "too_many_voters", "1 to %u voters at once",
                       HT_GOV_WEIGHTS_MAX);
    }
    for (size_t i = 0; err == HT_OK && i < json_array_size(list); i++)
        err = ht_address_param(&weighing->voters[weighing->count++], json_array_get(list, i), "",
                               why);
    if (err == HT_OK && weighing->item->provenance == HT_GOV_UNVERIFIED)
        err = ht_fail(why, HT_EAGAIN, "not_looked", "the proposal's snapshot is not proven yet");
    return err;
}

void ht_gov_start_weights(void *self, struct ht_rpc_call *call, const json_t *params) {
    struct ht_why why = {0};
    struct weighing *weighing = calloc(1, sizeof *weighing);
    enum ht_err err = HT_OK;
    if (weighing == NULL) err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err == HT_OK) err = ht_community_param(NULL, &weighing->item, self, params, &why);
    if (err == HT_OK) err = read_voters(weighing, params, &why);
    if (err != HT_OK) {
        free(weighing);
        ht_rpc_refuse(call, err, &why);
        return;
    }
    weighing->call = call;
    ht_gov_weigh_these(weighing->item, weighing->voters, weighing->count, got_weights, weighing);
}
