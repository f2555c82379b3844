/* What was pasted of snapshot.org, as snapshot.read shows it: see snapshot.h. Pure; any thread. */
#ifndef HT_GOVERNANCE_SNAPSHOT_SNAPSHOT_READ_H
#define HT_GOVERNANCE_SNAPSHOT_SNAPSHOT_READ_H

#include "governance/snapshot/snapshot.h"

/* A new reference. Reasons of snapshot.h, HT_ENOMEM. */
enum ht_err ht_snapshot_read(json_t **out, const json_t *pasted, struct ht_why *why) HT_MUST_USE;

#endif
