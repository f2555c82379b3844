/* The other side of catch-up in the simulator: as much of a relay as answers NEG-OPEN, NEG-MSG,
 * NEG-CLOSE, REQ by ids or by time, and CLOSE. One of each link; one thread at a time. */
#ifndef HT_P2P_SIM_RELAY_H
#define HT_P2P_SIM_RELAY_H

#include "node/p2p/fingerprint_view.h"

struct ht_sim_relay;

/* What it has. */
struct ht_sim_shelf {
    /* Appends struct ht_neg_item of all events within, both ends included. HT_ENOMEM, HT_ELIMIT. */
    enum ht_err (*list)(void *user, struct ht_buf *items, int64_t since, int64_t until);
    /* Appends an event's JSON; false: it has none of that id. */
    bool (*json)(void *user, struct ht_buf *out, const uint8_t id[static 32]);
    void (*send)(void *user, ht_bytes text);
    const struct ht_fp_tree
        *tree; /* for NEG instead of the list; may be NULL, outlives the relay */
    void *user;
};

struct ht_sim_relay_counts {
    uint64_t neg_in, neg_out; /* bytes of messages of NEG */
    uint64_t req_in;          /* bytes of REQ */
    uint64_t events, rounds;  /* rounds: messages of NEG that it got */
};

/* NULL without memory. */
struct ht_sim_relay *ht_sim_relay_new(const struct ht_sim_shelf *shelf);
void ht_sim_relay_free(struct ht_sim_relay *relay);
/* A message of the client; what is none of the above is passed over. */
void ht_sim_relay_received(struct ht_sim_relay *relay, ht_bytes text);
struct ht_sim_relay_counts ht_sim_relay_counts(const struct ht_sim_relay *relay);

#endif
