/* The simulator's world: one heap of what happens when, virtual time, randomness of a seed, and
 * wires.
 *
 * A wire carries text messages both ways as a websocket does: in order, after its latency and the
 * time that its rate takes, and not at all once it is cut; what is under way then is lost. Bytes
 * are counted with the frame's header and, from the dialler, its mask (RFC 6455 section 5.2). The
 * same seed gives the same run to the byte: nothing here looks at an address, a clock or the
 * system's randomness. One thread at a time. */
#ifndef HT_P2P_SIM_WORLD_H
#define HT_P2P_SIM_WORLD_H

#include "node/base/clock.h"

#define HT_SIM_WALL_MS INT64_C(1700000000000) /* wall time at which every run begins */

typedef void (*ht_sim_call)(void *user, void *what);

struct ht_sim_due {
    int64_t at_us;
    uint64_t order; /* what was planned first comes first */
    ht_sim_call call;
    void *user, *what;
};

struct ht_sim_world {
    int64_t now_us;
    uint64_t state, order;
    struct ht_sim_due *heap;
    size_t count, room;
    uint64_t done;  /* calls made */
    bool is_failed; /* there was no memory: the run is worth nothing */
    struct ht_random random;
};

void ht_sim_world_init(struct ht_sim_world *world, uint64_t seed);
/* What was planned and not done is dropped, messages under way too; the wires were cut before. */
void ht_sim_world_fini(struct ht_sim_world *world);
/* Below bound, bound > 0. */
uint64_t ht_sim_below(struct ht_sim_world *world, uint64_t bound);
/* Calls call(user, what) at that time, or now when it has passed. */
void ht_sim_at(struct ht_sim_world *world, int64_t at_us, ht_sim_call call, void *user, void *what);
/* Does what is due up to that time, which is then now. */
void ht_sim_run_until(struct ht_sim_world *world, int64_t until_us);

/* A node's own clock: off by skew_ms from the world's wall time; its monotonic time begins at 1. */
struct ht_sim_clock {
    const struct ht_sim_world *world;
    int64_t skew_ms;
};
struct ht_clock ht_sim_clock_of(struct ht_sim_clock *clock);

struct ht_sim_message;

struct ht_sim_end {
    /* A message has come; text lives for the call. shared: what the sender gave, or NULL. */
    void (*received)(void *user, ht_bytes text, const void *shared);
    void *user;
    uint64_t bytes_in, messages_in;
    int64_t busy_until_us; /* what it sends leaves one after the other */
};

struct ht_sim_wire {
    struct ht_sim_world *world;
    struct ht_sim_end ends[2]; /* the dialler's first */
    int64_t latency_us;
    uint32_t bytes_per_s;           /* each way */
    bool is_up;                     /* cut and joined by ht_sim_wire_cut and _join */
    struct ht_sim_message *flights; /* under way */
};

/* Bytes of a text message in a websocket's frame. */
size_t ht_sim_frame(size_t n, bool is_masked);
/* From one of its ends to the other. shared goes to the other end with it: what the text says, read
 * already, so that thousands need not read the same again. false: it is cut. */
bool ht_sim_wire_send(struct ht_sim_wire *wire, unsigned side, ht_bytes text, const void *shared);
void ht_sim_wire_cut(struct ht_sim_wire *wire);
void ht_sim_wire_join(struct ht_sim_wire *wire);
void ht_sim_wire_fini(struct ht_sim_wire *wire);

#endif
