/* Proposals in the list of a community. Only community*.c include this. Loop thread. */
#ifndef HT_GOVERNANCE_COMMUNITY_COMMUNITY_ITEM_H
#define HT_GOVERNANCE_COMMUNITY_COMMUNITY_ITEM_H

#include "governance/community/community_impl.h"

/* What was proven of an item, as it is kept; a new reference, NULL when there is nothing to keep or
 * no memory. */
json_t *ht_gov_item_seen_json(const struct ht_gov_item *item);
/* Back into the item; what does not fit is left out. */
void ht_gov_item_seen_read(struct ht_gov_item *item, const char *text);

/* The item of what was proposed: title, actions, times. */
void ht_gov_item_set(struct ht_gov_item *item, const struct ht_gov_proposal *proposal);

/* Out of the database, after the communities. */
enum ht_err ht_gov_items_load(struct ht_governance *governance, sqlite3 *db,
                              struct ht_why *why) HT_MUST_USE;

#endif
