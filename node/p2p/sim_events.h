/* The simulator's events: made once, shared by all nodes by reference.
 *
 * Each is a whole Nostr event whose id is its hash, of about HT_SIM_EVENT_SIZE bytes of JSON; its
 * signature is a stub unless real ones are asked for, by one key of the seed then. One thread at a
 * time. */
#ifndef HT_P2P_SIM_EVENTS_H
#define HT_P2P_SIM_EVENTS_H

#include "node/nostr/event.h"
#include "node/p2p/sim_world.h"

#define HT_SIM_EVENT_SIZE 780U /* of the model (facts/social.md 4.3) */
#define HT_SIM_EVENTS_MAX 4096U

struct ht_sim_event {
    struct ht_event event;
    ht_bytes push; /* ["PUSH",{…}] */
    unsigned index;
    int64_t published_us; /* -1: not yet */
    unsigned author;      /* the node that published it */
};

struct ht_sim_events {
    struct ht_arena arena;
    struct ht_sim_event *list;
    unsigned count, room;
    uint16_t *slots; /* by id; 0: free, else index + 1 */
    size_t slot_count;
    bool is_signed;
    uint8_t secret[32];
    ht_hash32 pubkey;
};

/* HT_ELIMIT, HT_ENOMEM. */
enum ht_err ht_sim_events_init(struct ht_sim_events *events, struct ht_sim_world *world,
                               unsigned max, bool is_signed, struct ht_why *why) HT_MUST_USE;
void ht_sim_events_fini(struct ht_sim_events *events);
/* Makes one more; NULL when there are max, or without memory. */
struct ht_sim_event *ht_sim_events_make(struct ht_sim_events *events, struct ht_sim_world *world,
                                        int64_t created_at);
/* NULL: none of ours has that id. */
const struct ht_sim_event *ht_sim_events_find(const struct ht_sim_events *events,
                                              const ht_hash32 *id);
/* The stub of a verifier: is it one of ours, to the byte? */
bool ht_sim_events_is_good(const struct ht_sim_events *events, const struct ht_event *event);
/* Appends ["PUSH",{…}] of an event that nobody signed: its id is not its hash. */
enum ht_err ht_sim_events_forge(struct ht_buf *out, struct ht_sim_world *world,
                                int64_t created_at) HT_MUST_USE;

#endif
