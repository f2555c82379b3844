/* How much goes out to peers: a bucket for each and one for all. Pure; one thread at a time. */
#ifndef HT_P2P_SWARM_UPLOAD_H
#define HT_P2P_SWARM_UPLOAD_H

#include "node/p2p/peer_score.h"

struct ht_upload_limits {
    uint64_t bytes_per_s;      /* of all together; 0: no bound */
    uint64_t peer_bytes_per_s; /* of each; 0: no bound */
    unsigned at_once;          /* of all together */
};
#define HT_UPLOAD_PIECE_MAX ((uint64_t)1 << 30)
#define HT_UPLOAD_WAIT_MAX_MS 30000

/* Promises n bytes (at most HT_UPLOAD_PIECE_MAX) to whoever asks and says after how many
 * milliseconds they may go: 0 now. -1: not at all, so many wait that it would take longer than
 * HT_UPLOAD_WAIT_MAX_MS; nothing is promised then. at_once is the caller's to count. */
int64_t ht_upload_wait(struct ht_bucket *all, struct ht_bucket *peer,
                       const struct ht_upload_limits *limits, uint64_t n, int64_t mono_ms);

#endif
