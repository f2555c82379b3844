/* Profiling under way. Only profiling*.c include this. */
#ifndef HT_GOVERNANCE_DISCOVERY_PROFILING_IMPL_H
#define HT_GOVERNANCE_DISCOVERY_PROFILING_IMPL_H

#include "governance/discovery/hints.h"
#include "governance/discovery/profiling.h"
#include "governance/governor/probe.h"

#define PROFILING_CANDIDATES 6U /* proposals, then accounts, that are tried */

struct ht_gov_profiling {
    struct ht_governance *governance;
    ht_gov_profiling_done done;
    void *user;
    struct ht_gov_profiled found;
    struct ht_block_id block; /* by hash, from the first read on */
    const struct ht_gov_known *known;
    struct ht_gov_traits traits;
    struct ht_gov_slots read;
    ht_hash32 slots[HT_GOV_PROBE_SLOTS_MAX];
    struct ht_buf code; /* the governor's, behind a proxy the implementation's; later the token's */
    struct ht_gov_view view[HT_GOV_VIEWS_MAX];
    struct ht_gov_views views;
    bool has_layout, has_token_layout; /* of code of ours */
    /* Of the governor's probe. */
    struct ht_gov_hints hints;
    size_t candidate;
    struct ht_block_read block_read;
    struct ht_arena arena;
    struct ht_gov_proposal *proposal;
    struct ht_gov_called called;
    uint8_t clock_mode[128], counting_mode[256], name[128];
    struct ht_gov_probe *probe;
    bool is_ambiguous;
    /* Of the token's. */
    ht_addr20 accounts[PROFILING_CANDIDATES];
    size_t account_count;
    struct ht_gov_token_called token_called;
    uint8_t token_clock_mode[128];
    struct ht_gov_token_probe token_probe;
};

void ht_gov_profiling_end(struct ht_gov_profiling *profiling, enum ht_err err,
                          const struct ht_why *why);
/* Calls: those that are set in view[0 … count - 1]. */
void ht_gov_profiling_views(struct ht_gov_profiling *profiling, size_t count,
                            void (*done)(struct ht_gov_views *views));
/* Slots: those that are set in slots[0 … count - 1]; with code when wants_code. */
void ht_gov_profiling_slots(struct ht_gov_profiling *profiling, const ht_addr20 *address,
                            size_t count, bool wants_code, void (*done)(struct ht_gov_slots *read));

#endif
