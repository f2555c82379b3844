/* Votes that a look proves on the way: a delegate's of the owner, told as soon as the governor's
 * storage has it, without any log; and near the end the owner's own, so that nobody is reminded of
 * what was done. One slot for each, in the same proof as the proposal's words (two calls where no
 * layout is known). Only look*.c and watch.c include this. Loop thread. */
#ifndef HT_GOVERNANCE_LOOK_LOOK_MARKS_H
#define HT_GOVERNANCE_LOOK_LOOK_MARKS_H

#include "governance/look/look_impl.h"

/* Whether a look would prove what the owner is to be told of: a delegate's vote not told yet, in a
 * proposal that is open, or was, since the last such look, until not long ago. */
bool ht_gov_wants_marks(const struct ht_gov_item *item);
/* Whether it is known, as of the last look, if the owner has voted; true as well when there is
 * nobody who could. */
bool ht_gov_knows_own_vote(const struct ht_gov_item *item);

/* Of a look that begins: whose votes it is to prove. */
void ht_gov_look_choose(struct ht_gov_look *look);
/* Their slots; returns how many. */
size_t ht_gov_look_mark_slots(ht_hash32 out[static LOOK_MARKS_MAX], const struct ht_gov_look *look);
/* The values proven of them. A word that no mark can be is logged, and says nothing. */
void ht_gov_look_take_slots(struct ht_gov_look *look, const uint8_t (*values)[32]);
/* The same by calls: hasVoted and getReceipt of each; returns how many views were set. */
size_t ht_gov_look_mark_views(struct ht_gov_view *out, const struct ht_gov_look *look);
void ht_gov_look_take_views(struct ht_gov_look *look, const struct ht_gov_view *views);
/* The look has succeeded, and the item has what it said. */
void ht_gov_look_tell(struct ht_gov_look *look);

#endif
