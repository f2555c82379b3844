/* What a peer is worth and what it may cost: budgets, faults, and when it is let go.
 *
 * Every peer has token buckets (events, bytes, signatures that were verified in vain) and a score
 * from -100 to 100 that starts at 0. Trust in a peer is apart from the right to write: whoever is
 * dropped here may still publish to the relay as its policy says. Faults are named and kept, the
 * newest last, so that people see why a peer was dropped. Pure; one thread at a time. */
#ifndef HT_P2P_PEER_SCORE_H
#define HT_P2P_PEER_SCORE_H

#include "node/base/clock.h"
#include "node/base/err.h"

#define HT_PEER_FAULTS_MAX 8U
#define HT_PEER_DROP_SCORE (-50)
#define HT_PEER_BAN_MS (INT64_C(24) * 3600 * 1000) /* for what cannot be a mistake */
#define HT_PEER_REST_MS (INT64_C(10) * 60 * 1000)  /* for having been too much */

enum ht_peer_fault_kind {
    HT_FAULT_SIGNATURE,    /* an event whose id or signature is wrong: banned at once */
    HT_FAULT_MALFORMED,    /* a message that is none */
    HT_FAULT_NOT_HAD,      /* announced by HAVE, not given when asked by WANT */
    HT_FAULT_WITHHELD,     /* asked for, kept quiet about, again and again */
    HT_FAULT_FLOOD,        /* more than its budget */
    HT_FAULT_OUT_OF_SCOPE, /* what neither of us said to carry */
    HT_FAULT_ECHO,         /* gave back what it was given */
    HT_FAULT_IDENTITY,     /* another node than its address or its record says; a replay: banned */
    HT_FAULT_CHUNK,        /* a piece of a blob that does not hash to what it should */
    HT_FAULT_PROOF,        /* chain data that does not hold */
};

struct ht_peer_fault {
    enum ht_peer_fault_kind kind;
    int64_t at_ms;  /* wall time */
    unsigned count; /* in a row */
    char what[96];  /* "event 3f2a…: signature" */
};

/* Tokens that come back with time. */
struct ht_bucket {
    int64_t at_ms; /* monotonic; 0: not used yet, full */
    int64_t milli; /* thousandths of tokens that are there */
};

struct ht_peer_score {
    int score;
    struct ht_bucket events, bytes, verifies;
    struct ht_peer_fault faults[HT_PEER_FAULTS_MAX];
    size_t fault_count;
    int64_t until_ms;    /* wall time; let go until then, 0: not */
    uint64_t first;      /* events that it was the first to give */
    uint64_t duplicates; /* that we had */
};

struct ht_peer_budget {
    unsigned events_per_s, event_burst;
    unsigned bytes_per_s, byte_burst;
    unsigned verifies_per_s, verify_burst; /* of signatures that were not good for anything */
};
extern const struct ht_peer_budget ht_peer_budget_usual; /* 50/500, 256 KiB/2 MiB, 2/20 */

void ht_peer_score_init(struct ht_peer_score *score);
/* Takes so many; false when it has not so many: nothing was taken, and it is a flood. */
bool ht_bucket_take(struct ht_bucket *bucket, unsigned per_s, unsigned burst, unsigned n,
                    int64_t mono_ms);
/* Gives back what was taken for something that turned out to be asked for. */
void ht_bucket_give(struct ht_bucket *bucket, unsigned burst, unsigned n);
/* It was the first to give something good. */
void ht_peer_score_first(struct ht_peer_score *score);
/* Keeps the fault and takes its cost from the score: 5 to 25 points, all of them for what cannot be
 * a mistake (bad signatures, a false identity: HT_PEER_BAN_MS). true: the peer is to be let go now,
 * until score->until_ms; who has rested (HT_PEER_REST_MS) begins again at -25. what: cut to fit;
 * NULL is fine. */
bool ht_peer_score_fault(struct ht_peer_score *score, enum ht_peer_fault_kind kind,
                         const char *what, int64_t wall_ms);
/* May it be connected now? */
bool ht_peer_score_may_come(const struct ht_peer_score *score, int64_t wall_ms);
/* The owner takes it back: faults stay on record, the score starts over. */
void ht_peer_score_forgive(struct ht_peer_score *score);
/* "bad_signature", "malformed", "not_had", "withheld", "flood", "out_of_scope", "echo",
 * "identity", "bad_chunk", "bad_proof". */
const char *ht_peer_fault_name(enum ht_peer_fault_kind kind);

#endif
