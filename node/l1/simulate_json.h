/* The answer to one call of a simulation, as simulate.h has it. Inside of simulations. */
#ifndef HT_L1_SIMULATE_JSON_H
#define HT_L1_SIMULATE_JSON_H

#include "node/l1/simulate_changes.h"
#include "node/l1/simulate_record.h"

/* What a call came to. */
struct ht_sim_outcome {
    bool is_refused; /* no block would take it: refusal says why, and nothing ran */
    struct ht_why refusal;
    struct ht_evm_outcome outcome;
    uint64_t gas_limit;
    const struct ht_sim_record *record;
    const struct ht_sim_before *before;
    struct ht_evm_world *world; /* after it */
    struct ht_arena *arena;     /* for what is needed meanwhile */
};

/* A new reference, without "block" and "provenance". HT_ENOMEM, HT_ELIMIT "no_room". */
enum ht_err ht_sim_json(json_t **out, const struct ht_sim_outcome *outcome,
                        struct ht_why *why) HT_MUST_USE;

#endif
