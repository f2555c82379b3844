/* Whose marks a look proves, and what follows from them. */
#include "governance/look/look_marks.h"

#include "governance/community/notices_votes.h"
#include "governance/look/look_own.h"
#include "node/base/log.h"

#define HAS_VOTED 0x43859632U   /* hasVoted(uint256,address) */
#define GET_RECEIPT 0xe23a9a52U /* getReceipt(uint256,address) */
#define VIEWS_EACH 2U
#define NEAR_S 90000 /* a day before the end the owner is reminded; an hour earlier it is known */

_Static_assert(LOOK_VIEWS + VIEWS_EACH * LOOK_CALLED_MARKS_MAX <= HT_GOV_VIEWS_MAX,
               "all views of a look go into one run");

static uint64_t now_s(const struct ht_gov_item *item) {
    const struct ht_chain *chain = item->community->governance->host->chain;
    const struct ht_exec_header_verified *head = chain != NULL ? ht_chain_head(chain) : NULL;
    return head != NULL ? head->header.timestamp : item->as_of.timestamp;
}

static uint64_t end_s(const struct ht_gov_item *item) {
    bool is_estimate;
    return ht_gov_time_of(item->community, item->facts.deadline, &item->as_of, &is_estimate);
}

static bool is_marked(const struct ht_gov_item *item, size_t i) {
    bool is_of_these = item->marks_version == item->community->my_delegates_version;
    return is_of_these && (item->marked >> i & 1) != 0;
}

static bool are_all_marked(const struct ht_gov_item *item) {
    for (size_t i = 0; i < item->community->my_delegate_count; i++) {
        if (!is_marked(item, i)) return false;
    }
    return true;
}

bool ht_gov_wants_marks(const struct ht_gov_item *item) {
    if (are_all_marked(item)) return false;
    if (item->provenance == HT_GOV_UNVERIFIED || item->state == HT_GOV_ACTIVE) return true;
    if (item->state == HT_GOV_PENDING || item->state == HT_GOV_NONE) return false;
    bool is_last_known =
        item->are_marks_last && item->marks_version == item->community->my_delegates_version;
    return !is_last_known && now_s(item) <= end_s(item) + HT_GOV_TELL_VOTES_S;
}

/* --- the owner's own -------------------------------------------------------------------------- */

static bool wants_own(const struct ht_gov_item *item) {
    if (item->has_my_vote || !ht_gov_own_may_vote(item)) return false;
    if (item->provenance == HT_GOV_UNVERIFIED) return true;
    return item->state == HT_GOV_ACTIVE && end_s(item) <= item->as_of.timestamp + NEAR_S;
}

bool ht_gov_knows_own_vote(const struct ht_gov_item *item) {
    if (item->has_my_vote) return true;
    if (!ht_gov_own_is_known(item)) return false;
    return !ht_gov_own_may_vote(item) || item->own_marked_at == item->as_of.number;
}

/* --- asking ----------------------------------------------------------------------------------- */

void ht_gov_look_choose(struct ht_gov_look *look) {
    const struct ht_gov_item *item = look->item;
    const struct ht_community *community = item->community;
    ht_addr20 accounts[HT_GOV_MINE_MAX];
    size_t max =
        community->profile.layout.kind != HT_GOV_UNKNOWN ? LOOK_MARKS_MAX : LOOK_CALLED_MARKS_MAX;
    bool has_delegates = ht_gov_wants_marks(item);
    look->marks_version = community->my_delegates_version;
    for (size_t i = 0; has_delegates && i < community->my_delegate_count; i++) {
        if (is_marked(item, i) || look->voter_count == max) continue;
        look->delegate[look->voter_count] = (uint8_t)i;
        look->voters[look->voter_count++] = community->my_delegates[i];
    }
    look->delegate_count = look->voter_count;
    size_t own = wants_own(item) ? ht_gov_own_accounts(accounts, community->governance) : 0;
    look->has_own = own > 0;
    for (size_t i = 0; i < own && look->voter_count < max; i++)
        look->voters[look->voter_count++] = accounts[i];
}

size_t ht_gov_look_mark_slots(ht_hash32 out[static LOOK_MARKS_MAX],
                              const struct ht_gov_look *look) {
    const struct ht_gov_item *item = look->item;
    for (size_t i = 0; i < look->voter_count; i++)
        ht_gov_slot_voter(&out[i], &item->community->profile.layout, &item->id, &look->voters[i]);
    return look->voter_count;
}

void ht_gov_look_take_slots(struct ht_gov_look *look, const uint8_t (*values)[32]) {
    const struct ht_gov_layout *layout = &look->item->community->profile.layout;
    struct ht_why why;
    for (size_t i = 0; i < look->voter_count; i++) {
        enum ht_err err = ht_gov_mark_read(&look->marks[i], layout, values[i], &why);
        if (err == HT_OK) continue;
        ht_log(HT_LOG_WARN, "governance", "a voter's mark says nothing: %s", why.text);
        look->marks[i] = (struct ht_gov_mark){.has_voted = false};
    }
}

size_t ht_gov_look_mark_views(struct ht_gov_view *out, const struct ht_gov_look *look) {
    uint8_t words[2][32];
    const struct ht_gov_item *item = look->item;
    const ht_addr20 *governor = &item->community->address;
    ht_gov_word_u256(words[0], &item->id);
    for (size_t i = 0; i < look->voter_count; i++) {
        ht_gov_word_address(words[1], &look->voters[i]);
        ht_gov_view_set(&out[VIEWS_EACH * i], governor, HAS_VOTED, (const uint8_t(*)[32])words, 2);
        ht_gov_view_set(&out[VIEWS_EACH * i + 1], governor, GET_RECEIPT,
                        (const uint8_t(*)[32])words, 2);
    }
    return VIEWS_EACH * look->voter_count;
}

/* getReceipt(): (bool hasVoted, uint8 support, uint96 votes). */
static void take_receipt(struct ht_gov_mark *mark, const struct ht_gov_view *view) {
    if (!view->has_answer || view->output_n < 96) return;
    ht_u256 support = ht_u256_from_be32(view->output + 32);
    mark->has_support = ht_u256_is_u64(&support) && support.limb[0] <= 2;
    mark->support = mark->has_support ? (uint8_t)support.limb[0] : 0;
    mark->has_weight = true;
    mark->weight = ht_u256_from_be32(view->output + 64);
}

void ht_gov_look_take_views(struct ht_gov_look *look, const struct ht_gov_view *views) {
    for (size_t i = 0; i < look->voter_count; i++) {
        const struct ht_gov_view *receipt = &views[VIEWS_EACH * i + 1];
        ht_u256 word = {{0}};
        struct ht_gov_mark *mark = &look->marks[i];
        if (!ht_gov_view_u256(&word, receipt))
            (void)ht_gov_view_u256(&word, &views[VIEWS_EACH * i]);
        mark->has_voted = !ht_u256_is_zero(&word);
        if (mark->has_voted) take_receipt(mark, receipt);
    }
}

/* --- telling ---------------------------------------------------------------------------------- */

void ht_gov_look_tell(struct ht_gov_look *look) {
    struct ht_gov_item *item = look->item;
    bool is_same = look->marks_version == item->community->my_delegates_version;
    bool is_over = item->state != HT_GOV_PENDING && item->state != HT_GOV_ACTIVE;
    if (look->has_own) item->own_marked_at = item->as_of.number;
    for (size_t i = look->delegate_count; i < look->voter_count; i++)
        item->has_my_vote = item->has_my_vote || look->marks[i].has_voted;
    /* Another list of delegates by now: the next look asks anew. */
    if (look->delegate_count == 0 || !is_same) return;
    if (item->marks_version != look->marks_version) item->marked = 0;
    item->marks_version = look->marks_version;
    item->are_marks_last = is_over;
    bool is_news = item->as_of.timestamp <= end_s(item) + HT_GOV_TELL_VOTES_S;
    for (size_t i = 0; i < look->delegate_count; i++) {
        if (!look->marks[i].has_voted) continue;
        item->marked |= 1U << look->delegate[i];
        if (is_news) ht_gov_tell_delegate_mark(item, &look->voters[i], &look->marks[i]);
    }
}
