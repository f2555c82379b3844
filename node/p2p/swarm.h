/* A blob from many: which chunk to ask whom, so that all finish soonest.
 *
 * The scheduler of one blob: it knows which holder has which chunks (bitfields, told again as they
 * grow), asks the rarest first with a random choice among equals, a few at once of each holder,
 * gives a chunk that is late to another as well (endgame), checks every chunk against the manifest,
 * names whoever gave a bad one and asks it no more, and can go on from what is there after a stop.
 * It serves what it has: chunks count as held as soon as they are checked. Upload is bounded by
 * swarm_upload.h.
 *
 * Pure: time, randomness and I/O are given; the same code runs in the simulator. One thread at a
 * time. */
#ifndef HT_P2P_SWARM_H
#define HT_P2P_SWARM_H

#include "node/base/clock.h"
#include "node/p2p/blob_manifest.h"
#include "node/p2p/swarm_upload.h"

#define HT_SWARM_HOLDERS_MAX 64U
#define HT_SWARM_AT_ONCE 4U      /* chunks under way from one holder */
#define HT_SWARM_ALL_AT_ONCE 32U /* under way from all */
/* A chunk that takes longer is asked of another as well that has nothing else to give; of the last
 * ones, which takes three times as long as others did. */
#define HT_SWARM_LATE_MS 10000
#define HT_SWARM_BITS_BYTES (HT_BLOB_CHUNKS_MAX / 8)

struct ht_swarm;
struct ht_swarm_holder;

struct ht_swarm_io {
    /* Asks a holder for chunk i; ht_swarm_got comes later, or ht_swarm_lost, also from within. */
    void (*ask)(void *user, void *holder, size_t i);
    /* It is not needed any more; nothing that is said of it later counts. */
    void (*cancel)(void *user, void *holder, size_t i);
    /* Keeps a chunk that was checked. false: the disk failed, the swarm stops with HT_ESTORE. */
    bool (*keep)(void *user, size_t i, ht_bytes chunk);
    /* A holder gave what does not hash; it is asked no more, and may be removed from within. */
    void (*fault)(void *user, void *holder, size_t i);
    /* All chunks are there, or it cannot go on: HT_ENOTFOUND (no holder is left that could be
     * asked; told from a tick), HT_ESTORE. Once; from within ht_swarm_got or ht_swarm_tick, as the
     * last thing they do: the swarm may be freed from within. */
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
/* bits NULL: it has all; else a bit for each chunk, copied. The next tick asks it. HT_ELIMIT with
 * HT_SWARM_HOLDERS_MAX, HT_ENOMEM. */
enum ht_err ht_swarm_add(struct ht_swarm_holder **out, struct ht_swarm *swarm, void *holder,
                         const uint8_t *bits) HT_MUST_USE;
/* All that it has now; NULL: everything. */
void ht_swarm_holder_has(struct ht_swarm_holder *holder, const uint8_t *bits);
void ht_swarm_holder_has_one(struct ht_swarm_holder *holder, size_t i);
/* It is gone; what was asked of it is wanted again, and no cancel is called. Not from within ask.
 */
void ht_swarm_remove(struct ht_swarm_holder *holder);
/* Is anything of it still wanted from that holder? */
bool ht_swarm_is_useful(const struct ht_swarm_holder *holder);
/* What was asked for has come; not from within ask. What was not asked for is passed over. The next
 * tick asks for more: call it soon. */
void ht_swarm_got(struct ht_swarm_holder *holder, size_t i, ht_bytes chunk);
/* It did not come: the holder is left alone for a while, longer each time. */
void ht_swarm_lost(struct ht_swarm_holder *holder, size_t i);
/* Times in a row that a holder did not bring what it was asked for. */
unsigned ht_swarm_losses(const struct ht_swarm_holder *holder);
/* Bits of what is here, HT_SWARM_BITS_BYTES at most; borrowed. */
const uint8_t *ht_swarm_bits(const struct ht_swarm *swarm);
size_t ht_swarm_missing(const struct ht_swarm *swarm);
/* Asks for what can be asked for: after new holders, new chunks of theirs, and whatever came or was
 * lost. Milliseconds until the next call when nothing of that happens, -1: none. */
int64_t ht_swarm_tick(struct ht_swarm *swarm);

#endif
