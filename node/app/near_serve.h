/* Chain data for peers: what this node has verified, served at the door that a module keeps
 * (struct ht_host.chain_http; near_request.h says which paths).
 *
 * Light-client objects are everybody's, within HT_NEAR_PUBLIC_PER_S requests a second of an
 * address; the rest is for peers that have proven their key, within HT_NEAR_PEER_PER_S. What is
 * kept is answered from disk and memory; what is not is asked of this node's own providers, proven
 * first, and then given on, once for all who ask for the same. Nothing unproven is served. A peer's
 * transactions are passed on within HT_NEAR_SENDS_PER_S (near_send.h).
 *
 * Errors are JSON, {"code": status, "message"}: 400, 401 (not a peer), 404, 429 with Retry-After,
 * 503. All functions: loop thread. */
#ifndef HT_APP_NEAR_SERVE_H
#define HT_APP_NEAR_SERVE_H

#include "node/api/eth.h"
#include "node/l1/light_kept.h"
#include "node/p2p/door.h"

#define HT_NEAR_PUBLIC_PER_S 2U
#define HT_NEAR_PUBLIC_AT_ONCE 40U /* after a rest */
#define HT_NEAR_PEER_PER_S 25U
#define HT_NEAR_PEER_AT_ONCE 192U
#define HT_NEAR_SENDS_PER_S 1U /* of a peer's transactions that are passed on */
#define HT_NEAR_SENDS_AT_ONCE 4U
#define HT_NEAR_CALLS_MAX 32U /* requests under way, of all */

struct ht_near_serve;

struct ht_near_counts {
    uint64_t light;     /* light-client objects given */
    uint64_t execution; /* JSON-RPC requests and blocks by hash answered */
    uint64_t cached;    /* of them, out of memory */
    uint64_t refused;   /* over a limit, or not a peer */
    uint64_t bytes_out;
};

/* Everything outlives it. kept NULL: no light-client objects. HT_ENOMEM, HT_EBUG. */
struct ht_near_serve_host {
    struct ht_light_kept *kept;
    struct ht_eth *eth;      /* with sync, chain, blocks and state */
    struct ht_reader *cache; /* of the node's cache; NULL: nothing is kept there */
    const struct ht_clock *clock;
};
enum ht_err ht_near_serve_new(struct ht_near_serve **out,
                              const struct ht_near_serve_host *host) HT_MUST_USE;
/* When questions and reads have ended. NULL is fine. */
void ht_near_serve_free(struct ht_near_serve *serve);

/* As struct ht_host.chain_http: node NULL is anybody. true: it is answered, now or later; false:
 * the path is not below /eth/. */
bool ht_near_serve_http(struct ht_near_serve *serve, struct ht_door_http *http,
                        const ht_hash32 *node);

struct ht_near_counts ht_near_serve_counts(const struct ht_near_serve *serve);

#endif
