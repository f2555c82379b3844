/* Is it proven that nobody was given a role of the treasury besides those that its maker gave?
 *
 * No slot says who all the members of a role are, but for communities of ours it follows:
 *  - the transaction that made it is proven to be in its block, and begins with our maker's
 *    creation code; treasury and governor stand where that maker's creations come to stand. So the
 *    treasury began with roles of its own, of its governor and, to execute, of everybody.
 *  - from then on only the treasury itself gives roles, and only its governor tells it what to do.
 *    The governor's storage counts all its proposals: all of them are here, and none that was, or
 *    may have been, carried out told the treasury to do anything to itself but change its delay, or
 *    the governor to speak for itself.
 * Loop thread. */
#ifndef HT_GOVERNANCE_POWER_POWER_MADE_H
#define HT_GOVERNANCE_POWER_POWER_MADE_H

#include "governance/community/preimage.h"
#include "governance/reads/reads.h"

#define HT_GOV_MADE_TEXTS_MAX 64U /* proposals that were carried out; with more nothing is said */

/* As in reads.h. Asked only where all code is ours (code.h). */
struct ht_gov_power_made {
    struct ht_community *community;
    struct ht_gov_as_of as_of; /* the block at which it is to be so */
    uint64_t created;          /* the block that is said to have the making transaction */
    bool is_made_known;        /* that was proven before: only the proposals are looked at */
    void (*done)(struct ht_gov_power_made *read);
    void *user;

    bool is_made;      /* the making is proven */
    bool is_complete;  /* and all the rest: no role but the maker's */
    struct ht_why why; /* why not; "" */
    /* Its own. */
    struct ht_block_read block;
    struct ht_gov_slots count;
    struct ht_gov_preimage text;
    size_t item, texts;
};
void ht_gov_power_made_start(struct ht_gov_power_made *read);

/* Whether that transaction is the one that made both: pure. */
bool ht_gov_power_made_by(const struct ht_transaction *tx, const ht_addr20 *sender,
                          const ht_addr20 *treasury, const ht_addr20 *governor);
/* Whether an action can do nothing to roles: pure. */
bool ht_gov_power_is_harmless(const struct ht_gov_action *action, const ht_addr20 *treasury,
                              const ht_addr20 *governor);

#endif
