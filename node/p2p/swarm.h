/* A blob from many: which chunk to ask whom, so that all finish soonest.
 *
 * The scheduler of one blob: it knows which holder has which chunks (bitfields, told again as they
 * grow), asks the rarest first with a random choice among equals, a few at once of each holder,
 * gives a chunk that is late to another as well (endgame), checks every chunk against the manifest,
 * names whoever gave a bad one and asks it no more, and can go on from what is there after a stop.
 * It serves what it has: chunks count as held as soon as they are checked. Upload is bounded by a
 * bucket per holder and one for all.
 *
 * Pure: time, randomness and I/O are given; the same code runs in the simulator. One thread at a
 * time. */
#ifndef HT_P2P_SWARM_H
#define HT_P2P_SWARM_H

#include "node/base/clock.h"
#include "node/p2p/blob_manifest.h"
#include "node/p2p/peer_score.h"

#define HT_SWARM_HOLDERS_MAX 64U
#define HT_SWARM_AT_ONCE 4U    /* chunks under way from one holder */
#define HT_SWARM_LATE_MS 10000 /* a chunk that takes longer is asked of another as well */
#define HT_SWARM_BITS_BYTES (HT_BLOB_CHUNKS_MAX / 8)

struct ht_swarm;
struct ht_swarm_holder;

struct ht_swarm_io {
    /* Asks a holder for chunk i; ht_swarm_got or ht_swarm_lost comes later. */
    void (*ask)(void *user, void *holder, size_t i);
    /* It is not needed any more. */
    void (*cancel)(void *user, void *holder, size_t i);
    /* Keeps a chunk that was checked. false: the disk failed, the swarm stops with HT_ESTORE. */
    bool (*keep)(void *user, size_t i, ht_bytes chunk);
    /* A holder gave what does not hash. */
    void (*fault)(void *user, void *holder, size_t i);
    /* All chunks are there, or it cannot go on: HT_ENOTFOUND "no_holder", HT_ESTORE. Once. */
    void (*done)(void *user, enum ht_err err);
    void *user;
};

struct ht_swarm_options {
    const struct ht_clock *clock;
    const struct ht_random *random;
    const struct ht_blob_manifest *manifest; /* outlives it */
    const uint8_t *have; /* bits of chunks that are there, lowest bit first; NULL: none. Copied */
    struct ht_swarm_io io;
};

/* HT_ENOMEM. */
enum ht_err ht_swarm_new(struct ht_swarm **out, const struct ht_swarm_options *options) HT_MUST_USE;
void ht_swarm_free(struct ht_swarm *swarm);
/* bits NULL: it has all. HT_ELIMIT, HT_ENOMEM. */
enum ht_err ht_swarm_add(struct ht_swarm_holder **out, struct ht_swarm *swarm, void *holder,
                         const uint8_t *bits) HT_MUST_USE;
void ht_swarm_holder_has(struct ht_swarm_holder *holder, const uint8_t *bits);
void ht_swarm_holder_has_one(struct ht_swarm_holder *holder, size_t i);
void ht_swarm_remove(struct ht_swarm_holder *holder);
/* Is anything of it still wanted from that holder? */
bool ht_swarm_is_useful(const struct ht_swarm_holder *holder);
void ht_swarm_got(struct ht_swarm_holder *holder, size_t i, ht_bytes chunk);
void ht_swarm_lost(struct ht_swarm_holder *holder, size_t i);
/* Bits of what is here, HT_SWARM_BITS_BYTES at most; borrowed. */
const uint8_t *ht_swarm_bits(const struct ht_swarm *swarm);
size_t ht_swarm_missing(const struct ht_swarm *swarm);
/* Asks for what can be asked for; milliseconds until the next call, -1: none. */
int64_t ht_swarm_tick(struct ht_swarm *swarm);

/* --- upload ----------------------------------------------------------------------------------- */

struct ht_upload_limits {
    uint64_t bytes_per_s;      /* of all together; 0: no bound */
    uint64_t peer_bytes_per_s; /* of each; 0: no bound */
    unsigned at_once;          /* of all together */
};
/* How long whoever asks has to wait before n bytes may go to it: 0 now, -1 not at all (too many
 * wait). */
int64_t ht_upload_wait(struct ht_bucket *all, struct ht_bucket *peer,
                       const struct ht_upload_limits *limits, uint64_t n, int64_t mono_ms);

#endif
