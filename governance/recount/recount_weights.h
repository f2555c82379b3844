/* Do the voters' weights, as their logs have them, agree with what they had at the snapshot?
 *
 * After a count whose tally is proven, a list of up to HT_GOV_WEIGHTS_MAX voters is gone through by
 * itself; of longer ones whoever was asked for (dao.weights). What was proven is kept with the
 * proposal, since the past does not change: only what might still be reorganised is proven anew. A
 * weight that differs is an alarm of its own: it is in dao.proposal, and a notice. Loop thread. */
#ifndef HT_GOVERNANCE_RECOUNT_RECOUNT_WEIGHTS_H
#define HT_GOVERNANCE_RECOUNT_RECOUNT_WEIGHTS_H

#include "governance/count/weights.h"
#include "governance/reads/reads_weights.h"
#include "governance/recount/recount.h"

#define HT_GOV_WEIGHED_MAX 4096U /* voters of one proposal that are kept */

#define HT_GOV_WEIGHT_ALARMS_MAX 16U /* votes that differ which are named */

/* What is known of one voter: what it had, and all that it cast. */
struct ht_gov_weighed_voter {
    struct ht_gov_weight weight;
    struct ht_gov_cast cast; /* of the votes that are shown */
};
/* Of all voters of a proposal, at `at`. */
struct ht_gov_weighed {
    uint64_t at;
    struct ht_gov_weighed_voter *list; /* by address */
    size_t count;
    struct ht_gov_weighing *working; /* what goes on by itself; NULL: nothing */
    size_t done, total;              /* of that */
    enum ht_err err;                 /* what kept it from being done */
    struct ht_why why;
    /* Of the count that is shown: votes but overrides; of those, whose voter's power is known;
     * those that differ, and the first of them by their places. */
    size_t votes, known, differ, differs[HT_GOV_WEIGHT_ALARMS_MAX];
};

/* weights.h, of a vote and its voter; NULL: not known. */
enum ht_gov_weight_says ht_gov_weighed_says(enum ht_gov_counting counting,
                                            const struct ht_gov_vote *vote,
                                            const struct ht_gov_weighed_voter *voter);

/* NULL: not known; err of its weight: asked, but not to be known. */
const struct ht_gov_weighed_voter *ht_gov_weighed_of(const struct ht_gov_item *item,
                                                     const ht_addr20 *voter);

/* A count was finished: weighs what it may by itself, and compares. */
void ht_gov_weigh(struct ht_gov_item *item);
/* Of these voters, 1 to HT_GOV_WEIGHTS_MAX; kept as well. done comes once, perhaps from within. */
typedef void (*ht_gov_weighed_done)(void *user, enum ht_err err, const struct ht_why *why,
                                    const struct ht_gov_weight *weights, size_t count);
void ht_gov_weigh_these(struct ht_gov_item *item, const ht_addr20 *voters, size_t count,
                        ht_gov_weighed_done done, void *user);
void ht_gov_weighed_free(struct ht_gov_item *item);

/* dao.proposal's and dao.votes' "weights": {"done", "total" (votes but overrides), "differ",
 * "is_small": it goes on by itself, "is_working", "at", "error": {"code", "text"} | null}; NULL
 * without a count. */
json_t *ht_gov_weights_json(const struct ht_gov_item *item);
/* dao.proposal's "alarms": [{"code": "weight_differs", "text", "voter"}], the first few. */
json_t *ht_gov_alarms_json(const struct ht_gov_item *item);
/* Members of a row of dao.votes: "weight_proven": bool | null, "weight_at_snapshot",
 * "weight_provenance", "weight_why". */
void ht_gov_put_weight(json_t *row, const struct ht_gov_item *item, const struct ht_gov_vote *vote);

#endif
