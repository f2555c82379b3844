/* Watching: at each new head what may still change is looked at again, and the owner is told of
 * states that changed, of deadlines (a day and an hour before), and of alerts. Loop thread. */
#ifndef HT_GOVERNANCE_WATCH_WATCH_H
#define HT_GOVERNANCE_WATCH_WATCH_H

#include "governance/community/notices.h"

enum ht_err ht_gov_watch_new(struct ht_governance *governance, struct ht_why *why) HT_MUST_USE;
void ht_gov_watch_on_head(struct ht_governance *governance);
void ht_gov_watch_quit(struct ht_governance *governance);
void ht_gov_watch_free(struct ht_governance *governance);

/* The bits (notices.h) after telling an item that was just looked at; notice is called for each
 * thing to be told, in words. left_s: until voting ends, by the item's block; negative: it is over.
 * is_asked: the owner could vote and has not. Pure. */
typedef void (*ht_gov_tell)(void *user, const char *kind, const char *text);
unsigned ht_gov_watch_told(unsigned told, enum ht_gov_state state, int64_t left_s, bool is_asked,
                           ht_gov_tell tell, void *user);

#endif
