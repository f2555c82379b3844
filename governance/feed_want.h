/* What relays are to tell of communities that are followed, whoever wrote it: proposals' texts,
 * signed ballots and talk, statements of delegates. Without it only what people write whom the
 * owner follows comes in, and what strangers put into this node's own relay.
 *
 * Of each community its topic of proposals and its statements; of each proposal that is not over
 * (and of those that the owner has looked at, for HT_FEED_LOOKED_MS) its ballots and its talk; at
 * most HT_FEED_THINGS_MAX of each, newest first. Who is told what is looked for: the owner's relays
 * for reading and nodes with links, nobody else (struct ht_feed). What comes is judged as anybody's
 * is: ballots by the ballot box, texts by their hash. Topic "dao.changed" tells of new talk.
 * Loop thread. */
#ifndef HT_GOVERNANCE_FEED_WANT_H
#define HT_GOVERNANCE_FEED_WANT_H

#include "governance/governance.h"

#define HT_FEED_LOOKED_MS 3600000
#define HT_FEED_LOOKED_MAX 32U
#define HT_FEED_ASKED_MS 60000 /* one thing is asked for once in so long */
#define HT_FEED_THINGS_MAX 200U

extern const struct ht_gov_part ht_gov_feed_part;

/* The owner looks at a proposal's talk or ballots, or (proposal NULL) at a community's statements:
 * relays are asked for them, unless they were not long ago. */
void ht_gov_feed_look_at(struct ht_governance *governance, const ht_addr20 *governor,
                         const ht_u256 *proposal);

#endif
