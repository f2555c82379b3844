/* Gossip: how new events get from node to node (facts: two eager links, announcements on the rest).
 *
 * An event that was verified and stored, and that is new, is pushed whole to two links of those
 * whose scope has it, and announced to the others by HAVE, ids batched for 50 ms (10 ms to who
 * was not told anything lately: it costs 3 % more bytes and takes a seventh of the delay); whoever
 * lacks one answers WANT, and asks another announcer after 1 s. What was seen is kept in a ring;
 * nothing goes back to where it came from or to who has announced it; nothing is sent on before it
 * is verified; ephemeral events are known for 60 s and go one hop; what is deleted or expired
 * counts as seen. Each peer has its budget and its score (peer_score.h).
 *
 * The core has no I/O, clock or randomness of its own and no global state: the same code runs in
 * the node and, thousands of times, in the simulator (sim.h). One thread at a time. */
#ifndef HT_P2P_GOSSIP_H
#define HT_P2P_GOSSIP_H

#include "node/p2p/peer_score.h"
#include "node/p2p/scope.h"

#define HT_GOSSIP_EAGER 2U
#define HT_GOSSIP_LINKS 8U      /* that a node aims at */
#define HT_GOSSIP_PEERS_MAX 64U /* that it takes */
#define HT_GOSSIP_BATCH_MS 50
#define HT_GOSSIP_QUIET_MS 10      /* of a batch when none went to that peer for BATCH_MS */
#define HT_GOSSIP_ASK_MS 1000      /* before another announcer is asked */
#define HT_GOSSIP_IDS_MAX 256U     /* of one HAVE or WANT */
#define HT_GOSSIP_WANTED_MAX 8192U /* ids that are waited for */
#define HT_GOSSIP_SEEN_MAX 65536U
#define HT_GOSSIP_EPHEMERAL_MS 60000

struct ht_gossip;
struct ht_gossip_peer;

/* What became of an event that a peer gave. */
enum ht_gossip_verdict {
    HT_GOSSIP_NEW,      /* verified, stored or ephemeral: to be sent on */
    HT_GOSSIP_KNOWN,    /* it was there, or it was deleted, replaced or has expired */
    HT_GOSSIP_UNWANTED, /* verified, and our policy does not take it */
    HT_GOSSIP_BAD,      /* its id or signature is wrong */
    HT_GOSSIP_PUT_OFF,  /* too busy, or the disk failed: it may come again */
};

/* All may be called from within any function below; none may call back into the core but where it
 * says so (ht_gossip_remove, too, waits until the function has returned). `link` is what
 * ht_gossip_add was given. */
struct ht_gossip_io {
    /* Sends to a peer; false: it takes no more now. ids: 32 bytes each. */
    bool (*push)(void *user, void *link, ht_bytes event_json);
    bool (*have)(void *user, void *link, const ht_hash32 *ids, size_t count);
    bool (*want)(void *user, void *link, const ht_hash32 *ids, size_t count);
    /* Says GONE: what was wanted is not to be had here. NULL: nothing is said. */
    bool (*gone)(void *user, void *link, const ht_hash32 *ids, size_t count);
    /* Events that a peer wants and that were announced to it: what of them may still be told (not
     * deleted, not expired) is to be pushed, now or later, and counted by ht_gossip_gave, from
     * within, too; of the rest GONE is to be said. */
    void (*give)(void *user, void *link, const ht_hash32 *ids, size_t count);
    /* An event that is new to us, its id checked to be the JSON's hash by nobody yet: verify and
     * store it, then call ht_gossip_taken once, now (from within) or later, with the same serial.
     * event and what it points to live for the call. */
    void (*take)(void *user, uint64_t serial, const struct ht_event *event);
    /* A fault; is_over: the link is to be closed, ht_gossip_remove comes from its owner. */
    void (*fault)(void *user, void *link, enum ht_peer_fault_kind kind, bool is_over);
    void *user;
};

struct ht_gossip_options {
    const struct ht_clock *clock;
    const struct ht_random *random;
    struct ht_gossip_io io;
    const struct ht_scope *scope; /* ours; may be set anew */
    size_t seen_max;              /* 0: HT_GOSSIP_SEEN_MAX */
    struct ht_peer_budget budget; /* zero: ht_peer_budget_usual */
};

struct ht_gossip_counts {
    uint64_t pushed, gave, announced, asked, asked_again; /* events and ids that went out */
    uint64_t received, duplicates, bad, unwanted, fresh;  /* events that came; fresh: were new */
    uint64_t wanted_in_vain;                              /* ids that nobody gave */
};

/* HT_ENOMEM. Everything given outlives it. */
enum ht_err ht_gossip_new(struct ht_gossip **out,
                          const struct ht_gossip_options *options) HT_MUST_USE;
void ht_gossip_free(struct ht_gossip *gossip);
void ht_gossip_set_scope(struct ht_gossip *gossip, const struct ht_scope *scope);

/* An authenticated link whose scope we know. scope and score outlive it and are the caller's; the
 * core writes the score. HT_ELIMIT "too_many_peers", HT_ENOMEM. */
enum ht_err ht_gossip_add(struct ht_gossip_peer **out, struct ht_gossip *gossip, void *link,
                          const struct ht_scope *scope, struct ht_peer_score *score) HT_MUST_USE;
void ht_gossip_set_peer_scope(struct ht_gossip_peer *peer, const struct ht_scope *scope);
/* What was asked of it is asked of others. */
void ht_gossip_remove(struct ht_gossip_peer *peer);

/* Messages of a peer. event was read, not verified. */
void ht_gossip_pushed(struct ht_gossip_peer *peer, const struct ht_event *event);
void ht_gossip_had(struct ht_gossip_peer *peer, const ht_hash32 *ids, size_t count);
void ht_gossip_wanted(struct ht_gossip_peer *peer, const ht_hash32 *ids, size_t count);
void ht_gossip_gone(struct ht_gossip_peer *peer, const ht_hash32 *ids, size_t count);
/* Bytes of what it said, for its budget, before it is read; false: it floods, io.fault was told,
 * and the message is to be passed over. Not for answers to what was asked elsewhere (catch-up,
 * blobs); events that gossip asked for are given back to the budget when they come. */
bool ht_gossip_spend(struct ht_gossip_peer *peer, size_t bytes);

/* Answers io.take. event as it was there; NULL but for HT_GOSSIP_NEW. */
void ht_gossip_taken(struct ht_gossip *gossip, uint64_t serial, enum ht_gossip_verdict verdict,
                     const struct ht_event *event);
/* An event that is new here by another way (our own post, a plain relay, catch-up): sent on unless
 * it was seen. from: the peer that gave it, or NULL. */
void ht_gossip_publish(struct ht_gossip *gossip, struct ht_gossip_peer *from,
                       const struct ht_event *event);
/* Ids that are here already, for the ring, oldest first: when the node starts. */
void ht_gossip_seen(struct ht_gossip *gossip, const ht_hash32 *ids, size_t count);
/* An event of ours that the peer lacks, as catch-up found: pushed, unless it is none for this link
 * (scope, private, expired) or the peer has it by now. false: not now, it had as many as it takes
 * without being asked (25/s, 250 at once), or its link is full; to be tried again later. */
bool ht_gossip_offer(struct ht_gossip_peer *peer, const struct ht_event *event) HT_MUST_USE;
/* Whether it gave, announced or got the event over this link, as far as the ring remembers. */
bool ht_gossip_peer_knows(const struct ht_gossip_peer *peer, const ht_hash32 *id);
/* One of give's events was pushed. */
void ht_gossip_gave(struct ht_gossip_peer *peer);

/* Does what is due. Returns milliseconds until it is to be called again, -1: nothing is due. Any
 * call above may make it sooner: ask ht_gossip_due after each. */
int64_t ht_gossip_tick(struct ht_gossip *gossip);
int64_t ht_gossip_due(const struct ht_gossip *gossip);

struct ht_gossip_counts ht_gossip_counts(const struct ht_gossip *gossip);
struct ht_gossip_counts ht_gossip_peer_counts(const struct ht_gossip_peer *peer);

#endif
