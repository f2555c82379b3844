/* Votes of the owner's delegates in words. Which were told before is the database's to know. */
#include "governance/community/notices_votes.h"

#include <stdio.h>

#include "governance/text.h"
#include "node/codec/address.h"

#define WHO_MAX 80U
#define TITLE_MAX 100U
#define REASON_MAX 120U

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

void ht_gov_tell_delegate_vote(struct ht_gov_item *item, const struct ht_gov_vote *vote) {
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
