/* Inside of serving chain data, shared by near_*.c alone. */
#ifndef HT_APP_NEAR_IMPL_H
#define HT_APP_NEAR_IMPL_H

#include "node/app/near_methods.h"
#include "node/app/near_request.h"
#include "node/app/near_serve.h"

#define HT_NEAR_BUCKETS 64U
#define HT_NEAR_CACHE_ENTRIES 128U
#define HT_NEAR_CACHE_BYTES ((size_t)4 << 20)
#define HT_NEAR_CACHE_ONE ((size_t)256 << 10)
#define HT_NEAR_REPLY_MAX ((size_t)24 << 20) /* of all answers to one body */

/* What one caller has used up of what it may ask. */
struct ht_near_bucket {
    uint8_t key[33]; /* 'p' or 's' (what it sends) and a node's key, or 'a' and a hash of an
                        address; 0: free */
    int64_t spent_milli;
    int64_t at_ms; /* monotonic; when that was so */
};

/* An answer to one JSON-RPC request about a block by its hash: true for ever. */
struct ht_near_cached {
    ht_hash32 key;
    struct ht_buf text; /* of the result */
    uint64_t used;      /* when, by serve->uses; 0: free */
};

struct ht_near_question;

/* A request at the door on its way to its answer. */
struct ht_near_call {
    struct ht_near_serve *serve;
    struct ht_door_http *http; /* NULL: gone, nobody waits */
    struct ht_near_request request;
    ht_hash32 node; /* who asks, of what is not public */
    bool is_idle;   /* waits for its body; nothing else holds it */
    struct ht_buf body;
    struct ht_light_read light;
    struct ht_near_block block;
};

struct ht_near_serve {
    struct ht_near_serve_host host;
    struct ht_near_methods methods;
    struct ht_rpc *rpc;
    struct ht_near_bucket buckets[HT_NEAR_BUCKETS];
    struct ht_near_cached cache[HT_NEAR_CACHE_ENTRIES];
    size_t cache_bytes;
    uint64_t uses;
    struct ht_near_question *questions; /* under way */
    size_t calls;
    struct ht_near_counts counts;
};

/* near_serve.c. Each ends the call; after ht_near_end it is gone. */
void ht_near_answer(struct ht_near_call *call, const char *type, const char *fork, ht_bytes body);
void ht_near_answer_json(struct ht_near_call *call, json_t *json, const char *fork);
void ht_near_fail(struct ht_near_call *call, enum ht_err err, const struct ht_why *why);

/* Takes so much of what the caller may ask; false: too much. */
bool ht_near_spend(struct ht_near_serve *serve, const ht_hash32 *node, const char *address,
                   unsigned cost);
/* The same for one transaction. */
bool ht_near_spend_send(struct ht_near_serve *serve, const ht_hash32 *node);

#endif
