/* Proving what a run misses. Inside of the run service. */
#ifndef HT_L1_RUN_GATHER_H
#define HT_L1_RUN_GATHER_H

#include "node/l1/run.h"

/* Takes what the state service has in memory already; then asks for as much of the rest as one
 * question holds and proves it over one witness. `done` comes later on the loop, never from within:
 * HT_OK when something was proven, or why nothing could be. Only while something other than hashes
 * of blocks is missing. */
void ht_run_gather(struct ht_run *run, void (*done)(struct ht_run *run, enum ht_err err));

/* What is in memory already. Returns whether accounts, slots or code are missing still. */
bool ht_run_take_known(struct ht_run *run);

/* Asks for the provider's hint and wants what it names, up to a bound. `done` comes with HT_OK
 * whether there was a hint or not, perhaps from within. */
void ht_run_hint(struct ht_run *run, void (*done)(struct ht_run *run, enum ht_err err));

#endif
