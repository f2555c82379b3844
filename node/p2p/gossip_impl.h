/* What the parts of gossip share: gossip.c (peers, time, faults), gossip_seen.c (what was seen),
 * gossip_want.c (what is waited for), gossip_out.c (pushes, announcements), gossip_in.c (what peers
 * say). Included by these alone. */
#ifndef HT_P2P_GOSSIP_IMPL_H
#define HT_P2P_GOSSIP_IMPL_H

#include "node/p2p/gossip.h"
#include "node/p2p/id_index.h"

#define HT_GOSSIP_NOBODY 0xffU
#define HT_GOSSIP_EPHEMERAL_SHARE 8 /* of the ring: as many ephemeral ids by this */

/* Peers as bits, by their slot. */
typedef uint64_t ht_gossip_set;

struct ht_gossip_seen_id {
    ht_hash32 id;        /* first: id_index.h */
    ht_gossip_set told;  /* it was told to these, whole or by its id: each may ask for it once */
    ht_gossip_set given; /* it went whole to these, or they gave or announced it */
    ht_gossip_set asked; /* asked for it, silent, and may still answer */
    int64_t at_ms;       /* monotonic */
};

/* The newest ids that were seen: a ring, and an index over it. */
struct ht_gossip_ring {
    struct ht_gossip_seen_id *ids;
    uint32_t size, count, next; /* next: where the next goes, over the oldest */
    struct ht_id_index index;
};

enum ht_gossip_wish {
    HT_WISH_FREE,
    HT_WISH_ASKED,  /* of `asking`, or of nobody for now; due at due_ms */
    HT_WISH_TAKING, /* it came, from `asking`, and is being verified */
};

/* An id that somebody has and we have not. */
struct ht_gossip_wanted {
    ht_hash32 id;         /* first: id_index.h */
    ht_gossip_set has;    /* these announced it or gave it */
    ht_gossip_set asked;  /* of these */
    ht_gossip_set silent; /* asked, and did not answer in time */
    int64_t due_ms;
    uint64_t serial;
    uint32_t next, previous; /* by due_ms; of the free ones: next */
    enum ht_gossip_wish wish;
    uint8_t asking;
    uint8_t owner; /* slot of who announced it first: it counts there */
    uint8_t tries;
    uint8_t waits;    /* turns of HT_GOSSIP_ASK_MS since the last was asked */
    bool was_asked;   /* of the one that gave it */
    bool was_put_off; /* it came before, so that who gives it only once is not to blame */
};

struct ht_gossip_ids {
    ht_hash32 *p;
    uint32_t count, cap;
};

struct ht_gossip_peer {
    struct ht_gossip *gossip;
    void *link;
    const struct ht_scope *scope;
    struct ht_peer_score *score;
    unsigned slot;
    bool is_over;                    /* io.fault said so; nothing of it counts any more */
    struct ht_gossip_ids have, want; /* to be sent; have: at have_due_ms */
    int64_t have_due_ms, have_sent_ms;
    struct ht_bucket pushes;            /* that we may send without being asked */
    unsigned wishes;                    /* ids that it owns */
    int64_t answered_ms;                /* when it last gave what was asked for; 0: never */
    unsigned not_had, withheld, echoes; /* towards a fault */
    int64_t flood_at_ms;                /* of the last fault for a flood */
    struct ht_gossip_counts counts;
};

struct ht_gossip {
    const struct ht_clock *clock;
    const struct ht_random *random;
    struct ht_gossip_io io;
    const struct ht_scope *scope;
    int64_t scope_at_ms; /* when it was set anew */
    struct ht_peer_budget budget;
    struct ht_gossip_peer *peers[HT_GOSSIP_PEERS_MAX];
    struct ht_gossip_ring seen, ephemeral;
    struct ht_gossip_wanted *wanted;
    uint32_t wanted_size, wanted_count, free_first, due_first, due_last;
    struct ht_id_index wanted_index;
    uint64_t serial;
    struct ht_gossip_counts counts;
};

static inline ht_gossip_set ht_gossip_bit(unsigned slot) {
    return (ht_gossip_set)1 << slot;
}

static inline int64_t ht_gossip_now(const struct ht_gossip *gossip) {
    return ht_mono_ms(gossip->clock);
}

/* gossip.c */
/* Keeps a fault and tells it; about: the event's id, or NULL. */
void ht_gossip_fault(struct ht_gossip_peer *peer, enum ht_peer_fault_kind kind,
                     const ht_hash32 *about);
/* A fault once in a second at most: who floods does so many times. */
void ht_gossip_fault_flood(struct ht_gossip_peer *peer);
/* Appends; false: it is full or there is no memory. */
bool ht_gossip_ids_add(struct ht_gossip_ids *ids, const ht_hash32 *id);

#endif
