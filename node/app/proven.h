/* What the node proves of the execution chain, put together: providers and the evidence against
 * them, headers, blocks, state, runs of code over it, transactions on their way, and the database
 * of what can be fetched again. */
#ifndef HT_APP_PROVEN_H
#define HT_APP_PROVEN_H

#include "node/app/config.h"
#include "node/l1/evidence.h"
#include "node/l1/outbox.h"
#include "node/l1/run.h"

#define HT_NODE_CACHE "cache.db" /* may be deleted while the node is stopped: it is made again */

struct ht_proven_host {
    const struct ht_config *config;
    struct ht_loop *loop;
    struct ht_pool *pool;
    struct ht_http *http;
    struct ht_writer *writer; /* of the node's own database, at `path` */
    const char *path;         /* used by ht_proven_init only */
    struct ht_sync *sync;
    void (*on_change)(void *user, const char *topic); /* "l1.providers", "l1.outbox" */
    void *user;
};

struct ht_proven {
    struct ht_proven_host host;
    struct ht_writer *cache_writer;
    struct ht_reader *cache_reader;
    struct ht_reader *reader;
    struct ht_asker *asker;
    struct ht_evidence *evidence;
    struct ht_chain *chain;
    struct ht_blocks *blocks;
    struct ht_state *state;
    struct ht_runner *runner;
    struct ht_outbox *outbox;
};

/* Opens the cache and starts all parts; nothing is fetched yet. A cache that is damaged or newer is
 * replaced by an empty one. On an error ht_proven_free takes back what was done. */
enum ht_err ht_proven_init(struct ht_proven *proven, const struct ht_proven_host *host,
                           struct ht_why *why) HT_MUST_USE;

/* The light client has a new head. */
void ht_proven_on_head(struct ht_proven *proven);

/* Stopping, in this order: stop, while the pool still runs; end_writers, when it has ended; the
 * loop drains; end_questions, which tells all who still wait; free, when nobody reads any more. */
void ht_proven_stop(struct ht_proven *proven);
void ht_proven_end_writers(struct ht_proven *proven);
void ht_proven_end_questions(struct ht_proven *proven);
void ht_proven_free(struct ht_proven *proven);

#endif
