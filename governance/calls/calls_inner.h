/* The calls that a known call makes. */
#ifndef HT_GOVERNANCE_CALLS_CALLS_INNER_H
#define HT_GOVERNANCE_CALLS_CALLS_INNER_H

#include "governance/calls/calls.h"

/* Adds them behind all that are there. What is packed and cannot be taken apart is alarmed of.
 * HT_ENOMEM. */
enum ht_err ht_gov_calls_inner(struct ht_gov_calls *calls, size_t i) HT_MUST_USE;

#endif
