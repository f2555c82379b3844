/* Votes of the owner's delegates among those that were counted, in words. Which were told before is
 * the database's to know. */
#include "governance/community/notices_delegate.h"

#include <stdio.h>

#include "governance/text.h"
#include "node/codec/address.h"

#define WHO_MAX 80U
#define TITLE_MAX 100U
#define REASON_MAX 120U

static bool is_among(const ht_addr20 *list, size_t count, const ht_addr20 *address) {
    for (size_t i = 0; i < count; i++) {
        if (memcmp(list[i].b, address->b, sizeof address->b) == 0) return true;
    }
    return false;
}

static bool is_own(const struct ht_governance *governance, const ht_addr20 *address) {
    struct ht_wallet_account accounts[HT_GOV_MINE_MAX];
    const struct ht_wallet *wallet = ht_gov_wallet(governance);
    size_t count = wallet != NULL ? wallet->accounts(wallet->self, accounts, HT_GOV_MINE_MAX) : 0;
    for (size_t i = 0; i < count && i < HT_GOV_MINE_MAX; i++) {
        if (memcmp(accounts[i].address.b, address->b, sizeof address->b) == 0) return true;
    }
    return false;
}

/* --- in words --------------------------------------------------------------------------------- */

static void write_name(char out[static WHO_MAX + 1], const struct ht_governance *governance,
                       const ht_addr20 *address) {
    const struct ht_trust *trust = ht_gov_trust(governance);
    struct ht_trust_person person = {.has_address = false};
    bool is_known = trust != NULL && trust->address(trust->self, address, &person);
    char text[HT_ADDRESS_TEXT_SIZE];
    ht_address_checksum(text, address);
    bool has_name = is_known && person.name[0] != '\0';
    ht_gov_text_line(out, WHO_MAX, ht_bytes_str(has_name ? person.name : text));
}

static const char *support_words(uint8_t support) {
    switch (support) {
    case 0: return "against";
    case 1: return "for";
    case 2: return "to abstain";
    default: return "with a split vote";
    }
}

static void write_title(char out[static TITLE_MAX + 1], const struct ht_gov_item *item) {
    const char *title = item->has_text ? item->title : "a proposal";
    ht_gov_text_line(out, TITLE_MAX, ht_bytes_str(title));
}

static void tell_vote(struct ht_gov_item *item, const struct ht_gov_vote *vote) {
    char name[WHO_MAX + 1], title[TITLE_MAX + 1], reason[REASON_MAX + 1] = "", text[400];
    write_name(name, item->community->governance, &vote->voter);
    write_title(title, item);
    ht_gov_text_line(reason, REASON_MAX, vote->reason);
    bool has_reason = reason[0] != '\0';
    (void)snprintf(text, sizeof text, "Your delegate %s voted %s on %s%s%s%s", name,
                   support_words(vote->support), title, has_reason ? ", saying: \"" : ".", reason,
                   has_reason ? "\"" : "");
    ht_gov_notice_vote(item, &vote->voter, text, true);
}

void ht_gov_tell_delegate_mark(struct ht_gov_item *item, const ht_addr20 *voter,
                               const struct ht_gov_mark *mark) {
    char name[WHO_MAX + 1], title[TITLE_MAX + 1], text[400];
    write_name(name, item->community->governance, voter);
    write_title(title, item);
    if (mark->has_support) {
        (void)snprintf(text, sizeof text, "Your delegate %s voted %s on %s.", name,
                       support_words(mark->support), title);
    } else {
        (void)snprintf(text, sizeof text,
                       "Your delegate %s has voted on %s. How, is known once the votes are "
                       "counted.",
                       name, title);
    }
    ht_gov_notice_vote(item, voter, text, false);
}

/* --- which ------------------------------------------------------------------------------------ */

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
            tell_vote(item, &votes[i]);
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
        if (is_among(list, n, &delegates[i]) || is_own(community->governance, &delegates[i]))
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
