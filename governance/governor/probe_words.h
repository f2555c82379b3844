/* The part of the governor's prober that looks at single words and lists; for probe.c only. */
#ifndef HT_GOVERNANCE_GOVERNOR_PROBE_WORDS_H
#define HT_GOVERNANCE_GOVERNOR_PROBE_WORDS_H

#include "governance/governor/probe.h"

/* All single words are there: what hangs on them, and which lists to look at. Reasons of probe.h.
 */
enum ht_err ht_gov_probe_words(struct ht_gov_probe *probe, struct ht_why *why) HT_MUST_USE;
/* The ends of those lists. */
enum ht_err ht_gov_probe_lists(struct ht_gov_probe *probe, const uint8_t (*values)[32],
                               struct ht_why *why) HT_MUST_USE;
/* Whether the layout is whole; then it is done. */
enum ht_err ht_gov_probe_finish(struct ht_gov_probe *probe, struct ht_why *why) HT_MUST_USE;

#endif
