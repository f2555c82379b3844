/* What a transaction does while it runs, noted: frames, and wei that move. Inside of simulations.
 */
#ifndef HT_L1_SIMULATE_RECORD_H
#define HT_L1_SIMULATE_RECORD_H

#include "node/l1/simulate.h"

#define HT_SIMULATE_NO_FRAME UINT32_MAX

struct ht_sim_frame {
    uint32_t parent; /* index; HT_SIMULATE_NO_FRAME of the outermost */
    enum ht_evm_kind kind;
    ht_addr20 from, to; /* of a DELEGATECALL and a CALLCODE: who calls, and whose code */
    ht_u256 wei;
    uint64_t gas_used;
    ht_bytes input, output; /* the arena's, perhaps cut */
    enum ht_evm_status status;
};

struct ht_sim_ether {
    ht_addr20 from, to;
    ht_u256 wei;
    unsigned depth;
};

struct ht_sim_record {
    struct ht_arena *arena;
    struct ht_sim_frame frames[HT_SIMULATE_FRAMES_MAX]; /* callers before those that they call */
    uint32_t frame_count;
    struct ht_sim_ether ether[HT_SIMULATE_ROWS_MAX]; /* the first of those that were kept */
    size_t ether_count;                              /* all of them: perhaps more than are there */
    size_t data_left;                                /* of HT_SIMULATE_NOTES_MAX */
    bool is_frames_cut, is_data_cut;
    /* Frames that run, by depth. */
    struct {
        uint32_t frame;
        size_t ether_count;
    } open[HT_EVM_DEPTH_MAX + 2];
};

/* Forgets what it has; bytes are copied into the arena, which outlives it. */
void ht_sim_record_begin(struct ht_sim_record *record, struct ht_arena *arena);
/* What the machine tells it. */
struct ht_evm_observer ht_sim_record_observer(struct ht_sim_record *record);

#endif
