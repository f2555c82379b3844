/* What comes out of a run: figures, and assertions with what is and what it may be. Numbers are
 * whole; their units are in their names (ppm: parts of a million). */
#ifndef HT_P2P_SIM_REPORT_H
#define HT_P2P_SIM_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct ht_sim_report {
    json_t *figures, *assertions;
};

void ht_sim_report_init(struct ht_sim_report *report);
void ht_sim_figure(struct ht_sim_report *report, const char *name, uint64_t value);
/* Holds when `is` is at most, or at least, the bound. */
void ht_sim_at_most(struct ht_sim_report *report, const char *name, uint64_t is, uint64_t bound);
void ht_sim_at_least(struct ht_sim_report *report, const char *name, uint64_t is, uint64_t bound);
/* {"scenario", "seed", "figures": {…}, "assertions": […], "holds"}; NULL without memory. Ends the
 * report. */
json_t *ht_sim_report_take(struct ht_sim_report *report, const char *scenario, uint64_t seed);
void ht_sim_report_fini(struct ht_sim_report *report);

#endif
