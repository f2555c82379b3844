/* What a peer may ask at /eth of this node's door: paths of the Beacon API's light-client part, and
 * of our own by hash. Pure; any thread.
 *
 *   GET  /eth/v1/beacon/light_client/bootstrap/{block_root}
 *   GET  /eth/v1/beacon/light_client/updates?start_period=N&count=N
 *   GET  /eth/v1/beacon/light_client/finality_update, …/optimistic_update
 *   GET  /eth/v1/beacon/headers/{block_root}
 *   GET  /eth/v1/beacon/states/{head|finalized}/finality_checkpoints
 *   GET  /eth/v1/beacon/genesis, /eth/v1/config/spec
 *   GET  /eth/header/{block_hash}, /eth/receipts/{block_hash}     execution blocks
 *   POST /eth/execution                                           JSON-RPC */
#ifndef HT_APP_NEAR_REQUEST_H
#define HT_APP_NEAR_REQUEST_H

#include <jansson.h>

#include "node/base/bytes.h"

#define HT_NEAR_BATCH_MAX 64U                         /* as many as our own questions have */
#define HT_NEAR_BODY_MAX (((size_t)256 << 10) + 1024) /* a transaction of 128 KiB, in hex */

enum ht_near_what {
    HT_NEAR_BOOTSTRAP,
    HT_NEAR_UPDATES,
    HT_NEAR_FINALITY,
    HT_NEAR_OPTIMISTIC,
    HT_NEAR_BEACON_HEADER,
    HT_NEAR_CHECKPOINTS,
    HT_NEAR_GENESIS,
    HT_NEAR_SPEC,
    HT_NEAR_HEADER,
    HT_NEAR_RECEIPTS,
    HT_NEAR_EXECUTION,
};

struct ht_near_request {
    enum ht_near_what what;
    ht_hash32 root;               /* of those with one in their path */
    uint64_t first_period, count; /* of updates; count is from 1 to 128 */
    bool wants_bytes;             /* application/octet-stream rather than JSON */
};

/* is_post: POST, else GET. HT_ENOTFOUND "no_such_path"; HT_EINPUT "bad_root", "bad_query",
 * "bad_method". */
enum ht_err ht_near_request_read(struct ht_near_request *out, bool is_post, ht_bytes path,
                                 ht_bytes query, ht_bytes accept, struct ht_why *why) HT_MUST_USE;

/* Whether anybody may ask it, not only peers: what all light clients serve each other. */
bool ht_near_is_public(enum ht_near_what what);

/* A body of JSON-RPC: an object, or an array of at most HT_NEAR_BATCH_MAX. */
struct ht_near_batch {
    json_t *json; /* owned; requests point into it */
    bool is_list;
    size_t count;
    struct {
        const json_t *id;
        const char *method;
        const json_t *params; /* an array */
    } requests[HT_NEAR_BATCH_MAX];
};

/* Form alone: each has "jsonrpc": "2.0", an id (integer or a text of at most 64 bytes), a method of
 * at most 64 bytes and an array of params. HT_EINPUT "bad_request", HT_ELIMIT "too_large", and the
 * reasons of ht_json_parse. Nothing is owned on failure. */
enum ht_err ht_near_batch_read(struct ht_near_batch *out, ht_bytes body,
                               struct ht_why *why) HT_MUST_USE;
void ht_near_batch_fini(struct ht_near_batch *batch);

#endif
