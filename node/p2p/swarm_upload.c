/* Buckets of bytes that may go out. They are used beyond what is in them: what was promised to
 * those who wait is below zero, and comes back with time. */
#include "node/p2p/swarm_upload.h"

#define RATE_MAX (UINT64_C(1) << 40) /* bytes per second; more is no bound */
#define BURST_MS 1000                /* that a bucket which was not used has saved */

/* Fills up what has come back; a bucket is full at first. Its tokens may be below 0: bytes that
 * were promised. */
static void refill(struct ht_bucket *bucket, uint64_t bytes_per_s, int64_t mono_ms) {
    int64_t rate = (int64_t)bytes_per_s, full = rate * BURST_MS;
    int64_t elapsed_ms = mono_ms - bucket->at_ms;
    bool is_full = bucket->at_ms == 0 || bucket->milli > full ||
                   (elapsed_ms > 0 && elapsed_ms >= (full - bucket->milli) / rate + 1);
    if (is_full) {
        bucket->milli = full;
    } else if (elapsed_ms > 0) {
        bucket->milli += rate * elapsed_ms;
    }
    bucket->at_ms = mono_ms;
}

/* How long until it can give n; n beyond what it can save is lent. */
static int64_t wait_of(struct ht_bucket *bucket, uint64_t bytes_per_s, uint64_t n,
                       int64_t mono_ms) {
    if (bytes_per_s == 0 || bytes_per_s > RATE_MAX) return 0;
    refill(bucket, bytes_per_s, mono_ms);
    int64_t rate = (int64_t)bytes_per_s;
    uint64_t most = bytes_per_s < n ? bytes_per_s : n; /* what it has to have before */
    int64_t lack = (int64_t)most * 1000 - bucket->milli;
    return lack <= 0 ? 0 : (lack + rate - 1) / rate;
}

static void take(struct ht_bucket *bucket, uint64_t bytes_per_s, uint64_t n) {
    if (bytes_per_s == 0 || bytes_per_s > RATE_MAX) return;
    bucket->milli -= (int64_t)n * 1000;
}

int64_t ht_upload_wait(struct ht_bucket *all, struct ht_bucket *peer,
                       const struct ht_upload_limits *limits, uint64_t n, int64_t mono_ms) {
    ht_assert(n <= HT_UPLOAD_PIECE_MAX);
    int64_t of_all = wait_of(all, limits->bytes_per_s, n, mono_ms);
    int64_t of_peer = wait_of(peer, limits->peer_bytes_per_s, n, mono_ms);
    int64_t wait_ms = of_all > of_peer ? of_all : of_peer;
    if (wait_ms > HT_UPLOAD_WAIT_MAX_MS) return -1;
    take(all, limits->bytes_per_s, n);
    take(peer, limits->peer_bytes_per_s, n);
    return wait_ms;
}
