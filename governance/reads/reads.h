/* Proven reads that take more than one question: slots, calls, power in the past. Loop thread.
 *
 * Each read lives in its owner's struct, zeroed but for what is asked and done, and is left alone
 * until done, which comes once, perhaps before the function returns. A block of HT_BLOCK_LATEST
 * means: all of it at the block that the head then is, which `as_of` names. Errors: those of
 * ht_state_read and ht_run_start, HT_ENOMEM. */
#ifndef HT_GOVERNANCE_READS_READS_H
#define HT_GOVERNANCE_READS_READS_H

#include "governance/reads/reads_past.h"
#include "governance/reads/reads_slots.h"
#include "governance/reads/reads_view.h"

#endif
