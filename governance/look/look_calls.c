/* A look at a proposal of a governor whose storage nobody can read: it is asked by calls that are
 * run over proven state. */
#include "governance/look/look_calls.h"

#include "governance/look/look_marks.h"

#define STATE 0x3e4f49e6U
#define SNAPSHOT 0x2d63f693U
#define DEADLINE 0xc01f9e37U
#define VOTES 0x544ffc9cU
#define ETA 0xab58fb8eU       /* proposalEta(uint256) */
#define PROPOSALS 0x013cf08bU /* Bravo's proposals(uint256) */

enum view { VIEW_STATE, VIEW_SNAPSHOT, VIEW_DEADLINE, VIEW_VOTES, VIEW_ETA, VIEW_BRAVO };

/* Nouns has three more. */
static bool state_of(enum ht_gov_state *out, const ht_u256 *said) {
    static const enum ht_gov_state MORE[] = {HT_GOV_CANCELED, HT_GOV_ACTIVE, HT_GOV_PENDING};
    if (!ht_u256_is_u64(said) || said->limb[0] > 10) return false;
    *out = said->limb[0] < HT_GOV_NONE ? (enum ht_gov_state)said->limb[0] : MORE[said->limb[0] - 8];
    return true;
}

static bool word_at(ht_u256 *out, const struct ht_gov_view *view, size_t i) {
    if (!view->has_answer || view->output_n < 32 * (i + 1)) return false;
    *out = ht_u256_from_be32(view->output + 32 * i);
    return true;
}

static bool number_at(uint64_t *out, const struct ht_gov_view *view, size_t i) {
    ht_u256 word;
    if (!word_at(&word, view, i) || !ht_u256_is_u64(&word)) return false;
    *out = word.limb[0];
    return true;
}

/* proposals(id): id, proposer, eta, startBlock, endBlock, forVotes, againstVotes, abstainVotes, …
 */
static bool read_bravo(struct ht_gov_facts *facts, const struct ht_gov_view *view) {
    return number_at(&facts->eta, view, 2) && number_at(&facts->start, view, 3) &&
           number_at(&facts->deadline, view, 4) && word_at(&facts->in_favour, view, 5) &&
           word_at(&facts->against, view, 6) && word_at(&facts->abstain, view, 7);
}

static bool read_plain(struct ht_gov_facts *facts, const struct ht_gov_view *views) {
    (void)number_at(&facts->eta, &views[VIEW_ETA], 0);
    return number_at(&facts->start, &views[VIEW_SNAPSHOT], 0) &&
           number_at(&facts->deadline, &views[VIEW_DEADLINE], 0) &&
           word_at(&facts->against, &views[VIEW_VOTES], 0) &&
           word_at(&facts->in_favour, &views[VIEW_VOTES], 1) &&
           word_at(&facts->abstain, &views[VIEW_VOTES], 2);
}

static void settle(struct ht_gov_look *look) {
    struct ht_gov_item *item = look->item;
    item->facts = look->facts;
    item->has_quorum = look->has_quorum;
    item->quorum = look->quorum;
    item->state = look->said;
    item->as_of = look->as_of;
    item->provenance = HT_GOV_BY_CALL;
    item->why = (struct ht_why){0};
    ht_gov_look_tell(look);
    ht_gov_look_end(look, HT_OK, NULL);
}

static void got_quorum(struct ht_gov_past_read *read) {
    struct ht_gov_look *look = read->user;
    look->has_quorum = read->err == HT_OK;
    look->quorum = read->value;
    settle(look);
}

static enum ht_err take_views(struct ht_gov_look *look, struct ht_why *why) {
    struct ht_gov_facts *facts = &look->facts;
    ht_u256 said;
    *why = look->views_read.why;
    if (look->views_read.err != HT_OK) return look->views_read.err;
    look->as_of = look->views_read.as_of;
    look->block = (struct ht_block_id){.kind = HT_BLOCK_HASH, .hash = look->as_of.hash};
    look->said = HT_GOV_NONE;
    facts->exists =
        ht_gov_view_u256(&said, &look->views[VIEW_STATE]) && state_of(&look->said, &said);
    if (!facts->exists) return HT_OK;
    ht_gov_look_take_views(look, look->views + LOOK_VIEWS);
    if (!read_plain(facts, look->views) && !read_bravo(facts, &look->views[VIEW_BRAVO])) {
        return ht_fail(why, HT_EUNVERIFIED, "no_answer",
                       "the contract does not answer as a governor would");
    }
    facts->end = facts->deadline;
    facts->is_executed = look->said == HT_GOV_EXECUTED;
    facts->is_canceled = look->said == HT_GOV_CANCELED;
    return HT_OK;
}

static void got_views(struct ht_gov_views *views) {
    struct ht_gov_look *look = views->user;
    struct ht_why why;
    enum ht_err err = take_views(look, &why);
    ht_gov_views_fini(views);
    if (err != HT_OK) {
        ht_gov_look_end(look, err, &why);
        return;
    }
    bool is_over = look->facts.exists &&
                   look->facts.start < ht_gov_clock_of(look->item->community, &look->as_of);
    if (!is_over) {
        settle(look);
        return;
    }
    look->past = (struct ht_gov_past_read){.community = look->item->community,
                                           .what = HT_GOV_PAST_QUORUM,
                                           .at = look->facts.start,
                                           .block = look->block,
                                           .done = got_quorum,
                                           .user = look};
    ht_gov_past_start(&look->past);
}

void ht_gov_look_by_calls(struct ht_gov_look *look) {
    static const uint32_t SELECTORS[LOOK_VIEWS] = {STATE, SNAPSHOT, DEADLINE,
                                                   VOTES, ETA,      PROPOSALS};
    uint8_t word[1][32];
    struct ht_community *community = look->item->community;
    ht_gov_word_u256(word[0], &look->item->id);
    for (size_t i = 0; i < LOOK_VIEWS; i++)
        ht_gov_view_set(&look->views[i], &community->address, SELECTORS[i],
                        (const uint8_t(*)[32])word, 1);
    size_t marks = ht_gov_look_mark_views(look->views + LOOK_VIEWS, look);
    look->views_read = (struct ht_gov_views){.block = {.kind = HT_BLOCK_LATEST},
                                             .views = look->views,
                                             .count = LOOK_VIEWS + marks,
                                             .done = got_views,
                                             .user = look};
    ht_gov_views_read(community->governance, &look->views_read);
}
