/* Layouts as JSON, and the texts with which governors and tokens say how they count. Pure. */
#ifndef HT_GOVERNANCE_GOVERNOR_LAYOUT_JSON_H
#define HT_GOVERNANCE_GOVERNOR_LAYOUT_JSON_H

#include <jansson.h>

#include "governance/governor/layout.h"

/* {"kind": "oz" | "oz-up" | "oz-enum" | "oz4" | "bravo", "layout": {"proposals": hex32, …},
 * "clockMode": "blocknumber" | "timestamp"} as audit bundles have it. What those do not say by
 * themselves follows from them, or is said besides: "counting": "simple" | "fractional" |
 * "overridable" | "flexible" | "compatible" ("oz-enum" is fractional, others simple),
 * "timelockKind": "controller" | "compound" | "none" (by the slots that there are), "windowEarly"
 * and "countsNext": true. Members of "layout" that are not known here are left aside. HT_EINPUT
 * "bad_layout". */
enum ht_err ht_gov_layout_read(struct ht_gov_layout *out, const json_t *target,
                               struct ht_why *why) HT_MUST_USE;
/* The same, a new reference; NULL without memory. */
json_t *ht_gov_layout_json(const struct ht_gov_layout *layout);
/* What CLOCK_MODE and COUNTING_MODE say ("mode=blocknumber&from=default",
 * "support=bravo&quorum=for,abstain&params=fractional"). HT_EINPUT "bad_clock_mode" (another mode,
 * another chain's blocks), "bad_counting_mode" (choices or a quorum that are not counted here). An
 * empty text is what contracts without the function mean: blocks; simple, quorum of For and Abstain
 * with OpenZeppelin's. */
enum ht_err ht_gov_clock_read(enum ht_gov_clock *out, ht_bytes mode,
                              struct ht_why *why) HT_MUST_USE;
enum ht_err ht_gov_counting_read(enum ht_gov_counting *out, bool *quorum_counts_abstain,
                                 ht_bytes mode, struct ht_why *why) HT_MUST_USE;
/* {"kind": "token" | "token-up" | "token4" | "comp", "layout": {"checkpoints", "total",
 * "balances"?, "nonces"?, "delegatee"?}, "clockMode"?}. HT_EINPUT "bad_layout". */
enum ht_err ht_gov_token_read(struct ht_gov_token_layout *out, const json_t *target,
                              struct ht_why *why) HT_MUST_USE;
json_t *ht_gov_token_json(const struct ht_gov_token_layout *layout);

#endif
