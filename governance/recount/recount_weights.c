/* Weights after a count, and on demand; what differs is told. */
#include "governance/recount/recount_weights.h"

#include <stdio.h>
#include <stdlib.h>

#include "governance/community/notices.h"
#include "governance/text.h"
#include "node/codec/address.h"

#define TEXT_SIZE 400U

/* One read, of what goes on by itself or of a caller. */
struct ht_gov_weighing {
    struct ht_gov_weights_read read; /* first */
    struct ht_gov_item *item;
    ht_addr20 voters[HT_GOV_WEIGHTS_MAX];
    size_t count;
    bool is_own;
    ht_gov_weighed_done done;
    void *user;
};

/* --- comparing -------------------------------------------------------------------------------- */

static bool is_same(const ht_addr20 *a, const ht_addr20 *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

enum ht_gov_weight_says ht_gov_weighed_says(enum ht_gov_counting counting,
                                            const struct ht_gov_vote *vote,
                                            const struct ht_gov_weighed_voter *voter) {
    if (voter == NULL || voter->weight.err != HT_OK) return HT_GOV_WEIGHT_UNKNOWN;
    return ht_gov_weight_says(counting, vote, &voter->cast, &voter->weight.power);
}

static const struct ht_gov_vote *shown_votes(const struct ht_gov_item *item, size_t *count) {
    const struct ht_gov_counted *shown = item->recount != NULL ? item->recount->shown : NULL;
    *count = 0;
    return shown != NULL ? ht_gov_count_votes(shown->count, count) : NULL;
}

/* --- keeping ---------------------------------------------------------------------------------- */

/* The place of the first that does not come before it. */
static size_t place_of(const struct ht_gov_weighed *weighed, const ht_addr20 *voter) {
    size_t low = 0, high = weighed->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool is_before =
            memcmp(weighed->list[middle].weight.voter.b, voter->b, sizeof voter->b) < 0;
        if (is_before) low = middle + 1;
        if (!is_before) high = middle;
    }
    return low;
}

static struct ht_gov_weighed_voter *find(const struct ht_gov_weighed *weighed,
                                         const ht_addr20 *voter) {
    size_t i = place_of(weighed, voter);
    bool is_there = i < weighed->count && is_same(&weighed->list[i].weight.voter, voter);
    return is_there ? &weighed->list[i] : NULL;
}

const struct ht_gov_weighed_voter *ht_gov_weighed_of(const struct ht_gov_item *item,
                                                     const ht_addr20 *voter) {
    const struct ht_gov_weighed *weighed = item->recount != NULL ? item->recount->weighed : NULL;
    return weighed != NULL ? find(weighed, voter) : NULL;
}

static struct ht_gov_weighed *weighed_at(struct ht_gov_item *item, uint64_t at) {
    struct ht_gov_recount *recount = item->recount;
    if (recount == NULL) return NULL;
    if (recount->weighed == NULL) recount->weighed = calloc(1, sizeof *recount->weighed);
    struct ht_gov_weighed *weighed = recount->weighed;
    if (weighed == NULL || weighed->at == at) return weighed;
    /* Another snapshot than was thought: nothing of it holds. */
    free(weighed->list);
    weighed->list = NULL;
    weighed->count = 0;
    weighed->at = at;
    return weighed;
}

static void keep_one(struct ht_gov_weighed *weighed, const struct ht_gov_weight *weight) {
    struct ht_gov_weighed_voter *known = find(weighed, &weight->voter);
    if (known != NULL) {
        known->weight = *weight;
        return;
    }
    if (weighed->count == HT_GOV_WEIGHED_MAX) return;
    if (weighed->count % 64 == 0) {
        struct ht_gov_weighed_voter *more =
            realloc(weighed->list, (weighed->count + 64) * sizeof *weighed->list);
        if (more == NULL) return;
        weighed->list = more;
    }
    size_t i = place_of(weighed, &weight->voter);
    memmove(&weighed->list[i + 1], &weighed->list[i], (weighed->count - i) * sizeof *weighed->list);
    weighed->list[i] = (struct ht_gov_weighed_voter){.weight = *weight};
    weighed->count++;
}

/* What is known is compared with what is shown. */
static void compare(struct ht_gov_item *item, struct ht_gov_weighed *weighed) {
    size_t count;
    const struct ht_gov_vote *votes = shown_votes(item, &count);
    enum ht_gov_counting counting = item->community->profile.layout.counting;
    weighed->votes = weighed->known = weighed->differ = 0;
    for (size_t i = 0; i < count; i++) weighed->votes += !votes[i].is_override;
    for (size_t i = 0; i < weighed->count; i++)
        weighed->list[i].cast = (struct ht_gov_cast){.is_over = false};
    for (size_t i = 0; weighed->count > 0 && i < count; i++) {
        struct ht_gov_weighed_voter *voter = find(weighed, &votes[i].voter);
        if (voter != NULL) ht_gov_cast_add(&voter->cast, &votes[i]);
    }
    for (size_t i = 0; weighed->count > 0 && i < count; i++) {
        const struct ht_gov_weighed_voter *voter = find(weighed, &votes[i].voter);
        enum ht_gov_weight_says says = ht_gov_weighed_says(counting, &votes[i], voter);
        weighed->known += says != HT_GOV_WEIGHT_UNKNOWN;
        if (says != HT_GOV_WEIGHT_DIFFERS) continue;
        if (weighed->differ < HT_GOV_WEIGHT_ALARMS_MAX) weighed->differs[weighed->differ] = i;
        weighed->differ++;
    }
}

static void tell(const struct ht_gov_item *item) {
    struct ht_governance *governance = item->community->governance;
    if (governance->is_quitting) return;
    governance->host->publish(governance->host, "dao.counting");
    ht_community_changed(item->community);
}

/* --- alarms ----------------------------------------------------------------------------------- */

static void alarm_text(char out[static TEXT_SIZE], const struct ht_gov_vote *vote,
                       const struct ht_gov_weighed_voter *voter) {
    char name[HT_ADDRESS_TEXT_SIZE], said[HT_U256_DECIMAL_SIZE], had[HT_U256_DECIMAL_SIZE];
    ht_address_checksum(name, &vote->voter);
    (void)ht_u256_to_decimal(said, &vote->weight);
    (void)ht_u256_to_decimal(had, &voter->weight.power);
    (void)snprintf(out, TEXT_SIZE,
                   "The vote of %s was counted with a weight of %.78s, but the token's own history "
                   "gives it %.78s at the snapshot.",
                   name, said, had);
}

/* Once for each proposal, whatever is found later; the page has them all. */
static void notice_difference(struct ht_gov_item *item, const struct ht_gov_weighed *weighed) {
    char text[TEXT_SIZE];
    size_t count;
    if ((item->told & HT_GOV_TOLD_WEIGHT) != 0 || weighed->differ == 0) return;
    const struct ht_gov_vote *vote = &shown_votes(item, &count)[weighed->differs[0]];
    alarm_text(text, vote, find(weighed, &vote->voter));
    item->told |= HT_GOV_TOLD_WEIGHT;
    ht_gov_item_changed(item);
    ht_gov_notice(item->community, item, "weight_differs", "%s", text);
}

json_t *ht_gov_alarms_json(const struct ht_gov_item *item) {
    size_t count;
    const struct ht_gov_vote *votes = shown_votes(item, &count);
    const struct ht_gov_weighed *weighed = item->recount != NULL ? item->recount->weighed : NULL;
    json_t *list = json_array();
    for (size_t i = 0; weighed != NULL && i < weighed->differ && i < HT_GOV_WEIGHT_ALARMS_MAX;
         i++) {
        char text[TEXT_SIZE];
        const struct ht_gov_vote *vote = &votes[weighed->differs[i]];
        alarm_text(text, vote, find(weighed, &vote->voter));
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:s, s:o}", "code", "weight_differs", "text",
                                              text, "voter", ht_address_json(&vote->voter)));
    }
    return list;
}

/* --- weighing --------------------------------------------------------------------------------- */

static void on_progress(struct ht_gov_weights_read *read) {
    struct ht_gov_weighing *weighing = (struct ht_gov_weighing *)read;
    struct ht_gov_recount *recount = weighing->item->recount;
    if (!weighing->is_own || recount == NULL || recount->weighed == NULL) return;
    recount->weighed->done = recount->weighed->total - read->count + read->known;
    tell(weighing->item);
}

static void on_weighed(struct ht_gov_weights_read *read) {
    struct ht_gov_weighing *weighing = (struct ht_gov_weighing *)read;
    struct ht_gov_item *item = weighing->item;
    const struct ht_gov_counted *shown = item->recount != NULL ? item->recount->shown : NULL;
    bool is_of_shown = shown == NULL || shown->facts.start == read->at;
    struct ht_gov_weighed *weighed = is_of_shown ? weighed_at(item, read->at) : NULL;
    for (size_t i = 0; weighed != NULL && read->weights != NULL && i < read->count; i++) {
        const struct ht_gov_weight *weight = &read->weights[i];
        bool is_known = weight->err != HT_OK || weight->provenance != HT_GOV_UNVERIFIED;
        if (is_known) keep_one(weighed, weight);
    }
    if (weighed != NULL && weighing->is_own) {
        weighed->working = NULL;
        weighed->done = weighed->total = 0;
        weighed->err = read->err;
        weighed->why = read->why;
    }
    if (weighed != NULL) compare(item, weighed);
    if (weighed != NULL && !item->community->is_forgotten) notice_difference(item, weighed);
    if (!item->community->is_forgotten) tell(item);
    if (weighing->done != NULL)
        weighing->done(weighing->user, read->err, &read->why, read->weights, read->count);
    ht_gov_weights_fini(read);
    free(weighing);
}

static void start(struct ht_gov_weighing *weighing) {
    const struct ht_gov_item *item = weighing->item;
    weighing->read = (struct ht_gov_weights_read){.community = item->community,
                                                  .voters = weighing->voters,
                                                  .count = weighing->count,
                                                  .at = item->facts.start,
                                                  .progress = on_progress,
                                                  .done = on_weighed};
    ht_gov_weights_read(&weighing->read);
}

void ht_gov_weigh_these(struct ht_gov_item *item, const ht_addr20 *voters, size_t count,
                        ht_gov_weighed_done done, void *user) {
    struct ht_why why;
    struct ht_gov_weighing *weighing = NULL;
    enum ht_err err = HT_OK;
    if (count == 0 || count > HT_GOV_WEIGHTS_MAX)
        err = ht_fail(&why, HT_ELIMIT, "too_many_voters", "1 to %u voters at once",
                      HT_GOV_WEIGHTS_MAX);
    if (err == HT_OK) weighing = calloc(1, sizeof *weighing);
    if (err == HT_OK && weighing == NULL)
        err = ht_fail(&why, HT_ENOMEM, "no_memory", "out of memory");
    if (err != HT_OK) {
        done(user, err, &why, NULL, 0);
        return;
    }
    weighing->item = item;
    weighing->count = count;
    memcpy(weighing->voters, voters, count * sizeof *voters);
    weighing->done = done;
    weighing->user = user;
    start(weighing);
}

/* By now, so long after the snapshot that nothing of it is reorganised? What was asked before that
 * is asked once more then. */
static bool is_needed(const struct ht_gov_item *item, const ht_addr20 *voter) {
    const struct ht_gov_weighed_voter *known = ht_gov_weighed_of(item, voter);
    uint64_t clock = ht_gov_clock_of(item->community, &item->as_of);
    uint64_t sure = item->community->profile.layout.clock == HT_GOV_TIME
                        ? HT_GOV_WEIGHT_SURE_S
                        : HT_GOV_WEIGHT_SURE_BLOCKS;
    return known == NULL || (!known->weight.is_sure && clock > item->facts.start + sure);
}

static bool is_among(const struct ht_gov_weighing *weighing, const ht_addr20 *voter) {
    for (size_t i = 0; i < weighing->count; i++) {
        if (is_same(&weighing->voters[i], voter)) return true;
    }
    return false;
}

/* false: too many. */
static bool gather(struct ht_gov_weighing *weighing, const struct ht_gov_item *item,
                   const struct ht_gov_vote *votes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (votes[i].is_override || is_among(weighing, &votes[i].voter)) continue;
        if (!is_needed(item, &votes[i].voter)) continue;
        if (weighing->count == HT_GOV_WEIGHTS_MAX) return false;
        weighing->voters[weighing->count++] = votes[i].voter;
    }
    return weighing->count > 0;
}

static bool is_small(const struct ht_gov_counted *shown) {
    return shown->result.voters <= HT_GOV_WEIGHTS_MAX;
}

void ht_gov_weigh(struct ht_gov_item *item) {
    struct ht_community *community = item->community;
    const struct ht_gov_counted *shown = item->recount != NULL ? item->recount->shown : NULL;
    size_t count;
    const struct ht_gov_vote *votes = shown_votes(item, &count);
    struct ht_gov_weighed *weighed = shown != NULL ? weighed_at(item, shown->facts.start) : NULL;
    if (weighed == NULL) return;
    compare(item, weighed);
    if (count == 0 || community->is_forgotten || community->governance->is_quitting) return;
    notice_difference(item, weighed);
    bool may = weighed->working == NULL && shown->result.tally_proven && is_small(shown);
    struct ht_gov_weighing *weighing = may ? calloc(1, sizeof *weighing) : NULL;
    if (weighing == NULL) return;
    weighing->item = item;
    weighing->is_own = true;
    if (!gather(weighing, item, votes, count)) {
        free(weighing);
        return;
    }
    weighed->working = weighing;
    weighed->total = weighing->count;
    weighed->done = 0;
    start(weighing);
}

void ht_gov_weighed_free(struct ht_gov_item *item) {
    struct ht_gov_weighed *weighed = item->recount->weighed;
    item->recount->weighed = NULL;
    if (weighed == NULL) return;
    free(weighed->list);
    free(weighed);
}

/* --- in answers ------------------------------------------------------------------------------- */

static json_t *why_json(const struct ht_why *why) {
    if (why->code == NULL) return NULL;
    return json_pack("{s:s, s:o}", "code", why->code, "text",
                     ht_gov_text_json(ht_bytes_str(why->text), 200));
}

json_t *ht_gov_weights_json(const struct ht_gov_item *item) {
    static const struct ht_gov_weighed none;
    const struct ht_gov_recount *recount = item->recount;
    const struct ht_gov_counted *shown = recount != NULL ? recount->shown : NULL;
    if (shown == NULL) return NULL;
    const struct ht_gov_weighed *weighed = recount->weighed != NULL ? recount->weighed : &none;
    bool is_working = weighed->working != NULL;
    size_t total = recount->weighed != NULL ? weighed->votes : shown->result.votes;
    size_t done = weighed->known + (is_working ? weighed->done : 0);
    if (done > total) done = total;
    json_t *json = json_pack("{s:I, s:I, s:I, s:b, s:b, s:I}", "done", (json_int_t)done, "total",
                             (json_int_t)total, "differ", (json_int_t)weighed->differ, "is_small",
                             (int)is_small(shown), "is_working", (int)is_working, "at",
                             (json_int_t)shown->facts.start);
    ht_gov_put(json, "error", weighed->err != HT_OK ? why_json(&weighed->why) : NULL);
    return json;
}

void ht_gov_put_weight(json_t *row, const struct ht_gov_item *item,
                       const struct ht_gov_vote *vote) {
    const struct ht_gov_weighed_voter *voter = ht_gov_weighed_of(item, &vote->voter);
    enum ht_gov_weight_says says =
        ht_gov_weighed_says(item->community->profile.layout.counting, vote, voter);
    bool is_known = voter != NULL && voter->weight.err == HT_OK;
    enum ht_gov_provenance provenance = is_known ? voter->weight.provenance : HT_GOV_UNVERIFIED;
    json_t *proven = NULL, *why = NULL;
    if (says == HT_GOV_WEIGHT_DIFFERS) {
        proven = json_false();
        why = json_pack("{s:s, s:s}", "code", "weight_differs", "text",
                        "The token's own history gives another weight at the snapshot.");
    } else if (says == HT_GOV_WEIGHT_AGREES && provenance == HT_GOV_BY_PROOF) {
        proven = json_true();
    } else if (voter != NULL && !is_known) {
        why = why_json(&voter->weight.why);
    }
    ht_gov_put(row, "weight_proven", proven);
    ht_gov_put(row, "weight_at_snapshot", is_known ? ht_gov_u256_json(&voter->weight.power) : NULL);
    ht_gov_put(row, "weight_provenance", json_string(ht_gov_provenance_name(provenance)));
    ht_gov_put(row, "weight_why", why);
}
