/* Votes of the owner's delegates among those that were counted. */
#include "governance/watch/watch_delegates.h"

#include "governance/community/notices_votes.h"
#include "governance/recount/recount.h"

static bool is_among(const ht_addr20 *list, size_t count, const ht_addr20 *address) {
    for (size_t i = 0; i < count; i++) {
        if (memcmp(list[i].b, address->b, sizeof address->b) == 0) return true;
    }
    return false;
}

static bool is_news(const struct ht_gov_item *item, const struct ht_gov_counted *shown) {
    bool is_estimate;
    uint64_t end_s =
        ht_gov_time_of(item->community, shown->facts.deadline, &shown->as_of, &is_estimate);
    return shown->as_of.timestamp <= end_s + HT_GOV_TELL_VOTES_S;
}

static void tell_item(struct ht_gov_item *item) {
    const struct ht_community *community = item->community;
    struct ht_gov_counted *shown = item->recount != NULL ? item->recount->shown : NULL;
    size_t n = 0;
    if (shown == NULL || shown->told_version == community->my_delegates_version) return;
    shown->told_version = community->my_delegates_version;
    if (!is_news(item, shown)) return;
    const struct ht_gov_vote *votes = ht_gov_count_votes(shown->count, &n);
    for (size_t i = 0; i < n; i++) {
        if (votes[i].is_override) continue; /* for the voter's own tokens alone */
        if (is_among(community->my_delegates, community->my_delegate_count, &votes[i].voter))
            ht_gov_tell_delegate_vote(item, &votes[i]);
    }
}

void ht_gov_tell_delegate_votes(struct ht_community *community) {
    if (community->is_forgotten || community->governance->is_quitting) return;
    for (size_t i = 0; i < community->item_count; i++) tell_item(community->items[i]);
}

void ht_gov_set_delegates(struct ht_community *community, const ht_addr20 *delegates,
                          size_t count) {
    ht_addr20 list[HT_GOV_MINE_MAX] = {0};
    size_t n = 0;
    for (size_t i = 0; i < count && n < HT_GOV_MINE_MAX; i++) {
        if (is_among(list, n, &delegates[i]) ||
            ht_gov_is_mine(community->governance, &delegates[i]))
            continue;
        list[n++] = delegates[i];
    }
    bool is_same = community->my_delegates_version > 0 && n == community->my_delegate_count &&
                   memcmp(list, community->my_delegates, sizeof list) == 0;
    if (is_same) return;
    memcpy(community->my_delegates, list, sizeof list);
    community->my_delegate_count = n;
    community->my_delegates_version++;
    ht_gov_tell_delegate_votes(community);
}
