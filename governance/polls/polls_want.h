/* Polls that are of interest now: what relays are to tell of them by themselves, and when they are
 * asked. Of interest is a poll for HT_POLLS_LOOKED_MS after the owner has looked at it, and one
 * that the owner made or voted in until its root is published and HT_POLLS_ROOTS_MS longer, for the
 * others' roots. Loop thread. */
#ifndef HT_GOVERNANCE_POLLS_POLLS_WANT_H
#define HT_GOVERNANCE_POLLS_POLLS_WANT_H

#include "governance/polls/polls_impl.h"

#define HT_POLLS_LOOKED_MS 3600000
#define HT_POLLS_ROOTS_MS 86400000
#define HT_POLLS_ASK_MS 60000 /* one poll is asked for by itself once in so long */

/* The owner looks at it: it is of interest from now on, and relays are asked for it unless they
 * were not long ago; topic "polls.changed" tells that they have answered. */
void ht_polls_look_at(struct ht_gov_polls *polls, const ht_hash32 *id);
/* Relays have been asked for it. */
void ht_polls_was_asked(struct ht_gov_polls *polls, const ht_hash32 *id,
                        const struct ht_feed_source *source);
/* {"asked", "answered", "is_cut", "at_s"} of the last time, null: not asked since the start; a new
 * reference. */
json_t *ht_polls_asked_json(const struct ht_gov_polls *polls, const ht_hash32 *id);
/* Says to the feeds what is of interest, if that is something else than before. */
void ht_polls_want(struct ht_gov_polls *polls);

#endif
