/* The simulator's scenario TAIL, see sim.h. */
#ifndef HT_P2P_SIM_TAIL_H
#define HT_P2P_SIM_TAIL_H

#include "node/p2p/sim.h"
#include "node/p2p/sim_report.h"

/* Fills the report. HT_EINPUT, HT_ENOMEM. */
enum ht_err ht_sim_tail(struct ht_sim_report *report, const struct ht_sim_options *options,
                        struct ht_why *why) HT_MUST_USE;

#endif
