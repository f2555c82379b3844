/* Watching: at each new head what may still change is looked at again, and the owner is told of
 * states that changed, of deadlines (a day and an hour before), and of alerts. Loop thread. */
#ifndef HT_GOVERNANCE_COMMUNITY_WATCH_H
#define HT_GOVERNANCE_COMMUNITY_WATCH_H

#include "governance/community/look.h"

enum ht_err ht_gov_watch_new(struct ht_governance *governance, struct ht_why *why) HT_MUST_USE;
void ht_gov_watch_on_head(struct ht_governance *governance);
void ht_gov_watch_quit(struct ht_governance *governance);
void ht_gov_watch_free(struct ht_governance *governance);

/* What the owner is to be told of an item that was just looked at; `told` bits are the item's. */
enum ht_gov_told {
    HT_GOV_TOLD_KNOWN = 1, /* it was there before: its states are news from now on */
    HT_GOV_TOLD_DAY = 2,
    HT_GOV_TOLD_HOUR = 4,
    HT_GOV_TOLD_WEIGHT = 8, /* a weight that differs (recount_weights.h) */
    HT_GOV_TOLD_STATE = 16, /* times the state's number plus one, in bits 4 to 8 */
};
/* The bits after telling; notice is called for each thing to be told, in words. left_s: until
 * voting ends, by the item's block; negative: it is over. is_asked: the owner could vote and has
 * not. Pure. */
typedef void (*ht_gov_tell)(void *user, const char *kind, const char *text);
unsigned ht_gov_watch_told(unsigned told, enum ht_gov_state state, int64_t left_s, bool is_asked,
                           ht_gov_tell tell, void *user);

#endif
